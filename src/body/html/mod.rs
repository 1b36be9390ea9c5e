//! HTML as text: what both the body's sanitiser and the WordPress import need.
//!
//! - [`tokens`] cuts a source into tags, text and comments, in linear time;
//! - [`text`] gives the text that a reader sees;
//! - [`render`] makes HTML of a whole body, [`written`] Markdown or text of that;
//! - [`sanitise`] leaves nothing but permitted markup: the one authority on what is safe.

pub mod render;
pub mod sanitise;
pub mod text;
pub mod tokens;
pub mod written;

/// The elements that HTML sets on lines of their own.
const BLOCK_LEVEL: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "xmp",
];

/// The elements that have no content and no end tag.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Whether the element is on lines of its own, so that the words before and after its tags are apart.
pub fn is_block_level(name: &str) -> bool {
    BLOCK_LEVEL.binary_search(&name).is_ok()
}

/// Whether the element has no content.
pub fn is_void(name: &str) -> bool {
    VOID.binary_search(&name).is_ok()
}

/// Escapes text for a place between tags or in a double-quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

/// Appends `text` as [`escape`] gives it.
pub fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_element_tables_are_sorted_for_the_binary_search() {
        assert!(BLOCK_LEVEL.is_sorted());
        assert!(VOID.is_sorted());
    }
}
