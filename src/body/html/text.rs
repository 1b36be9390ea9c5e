//! The text of an HTML fragment as a reader sees it.

use super::is_block_level;
use crate::base::text::entities;
use crate::body::html::tokens::{HtmlToken, HtmlTokens};

/// The elements whose content nobody reads.
const HIDDEN: &[&str] = &["iframe", "noembed", "noframes", "script", "style"];

/// The text with references decoded. Line breaks and block-level tags end a line, other white space
/// folds to one space, empty lines go; no-break spaces stay, for French typography needs them.
pub fn of_html(html: &str) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for token in HtmlTokens::new(html) {
        match token {
            HtmlToken::Text(part) => push_folded(&mut text, part),
            HtmlToken::Raw(part) if !hidden => push_folded(&mut text, part),
            HtmlToken::Raw(_) | HtmlToken::Comment(_) => {}
            HtmlToken::Open(tag) => {
                hidden = HIDDEN.contains(&&*tag.name);
                break_line(&mut text, &tag.name);
            }
            HtmlToken::Close(name) => break_line(&mut text, &name),
        }
    }
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

fn push_folded(text: &mut String, part: &str) {
    for c in entities::decode(part).chars() {
        match c {
            c if !c.is_ascii_whitespace() => text.push(c),
            _ if text.ends_with([' ', '\n']) => {}
            _ => text.push(' '),
        }
    }
}

fn break_line(text: &mut String, name: &str) {
    if (name == "br" || is_block_level(name)) && !text.is_empty() {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_glued_and_references_are_decoded() {
        let cases = [
            ("<p>Un</p><p>deux<br>trois</p>", "Un\ndeux\ntrois"),
            ("l’<b>É</b>tat &amp;  co\n de", "l’État & co de"),
            ("<ul><li>a<ul><li>b</li></ul></li></ul>", "a\nb"),
            ("a<script>alert(1)</script>b", "ab"),
            ("&laquo;&nbsp;x&nbsp;&raquo;", "«\u{a0}x\u{a0}»"),
        ];
        for (html, expected) in cases {
            assert_eq!(of_html(html), expected, "{html}");
        }
    }
}
