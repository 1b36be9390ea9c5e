//! Cuts HTML into tags, text and comments. Never fails, borrows from the source, and takes linear
//! time whatever the source: a tag or comment without end costs one search, not one for each start.
//! It decides nothing about safety; that is `sanitise`'s work.

use std::borrow::Cow;

use crate::base::text::entities;

/// The elements whose content is text and never markup.
const RAW_TEXT: &[&str] = &[
    "iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp",
];

/// How many tags with a quote that nobody closes are looked for to the end of the source; after
/// these, quotes count no more.
const STRAY_QUOTES: usize = 16;

/// A piece of the source.
#[derive(Clone, Debug, PartialEq)]
pub enum HtmlToken<'a> {
    /// Text, its character references not yet decoded.
    Text(&'a str),
    /// The content of a script, a style, an iframe, and the like.
    Raw(&'a str),
    /// A start tag.
    Open(ElementTag<'a>),
    /// An end tag, its name in lower case.
    Close(Cow<'a, str>),
    /// A comment, without its delimiters.
    Comment(&'a str),
}

/// A start tag.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementTag<'a> {
    /// The name in lower case.
    pub name: Cow<'a, str>,
    /// The whole tag as it is in the source.
    pub source: &'a str,
    attributes: &'a str,
}

impl ElementTag<'_> {
    /// The attributes as (name, value), as they are in the source.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        attributes(self.attributes)
    }

    /// The attribute's value, decoded and trimmed; the first where there are several.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(entities::decode(value).trim().to_owned())
    }

    /// Whether one of the element's classes satisfies `matches`.
    pub fn has_class(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_whitespace().any(matches))
    }
}

/// The attributes in the inside of a tag, as (name, undecoded value).
fn attributes(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        // A `=` may begin a name: the standard says so, and it makes every step advance.
        let mut ends = rest.char_indices().skip(1);
        let end = ends.find(|(_, c)| c.is_ascii_whitespace() || matches!(c, '=' | '/'));
        let (name, after) = rest.split_at(end.map_or(rest.len(), |(end, _)| end));
        let trimmed = after.trim_ascii_start();
        let Some(value) = trimmed.strip_prefix('=') else {
            rest = after;
            return Some((name, ""));
        };
        let (value, after) = attribute_value(value.trim_ascii_start());
        rest = after;
        Some((name, value))
    })
}

fn attribute_value(source: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = source.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    source.split_at(source.find(|c: char| c.is_ascii_whitespace()).unwrap_or(source.len()))
}

/// The tokens of a source.
pub struct HtmlTokens<'a> {
    source: &'a str,
    at: usize,
    raw: Option<Cow<'a, str>>,
    stray_quotes: usize,
    /// There is no `>` at or after this place.
    last_end: usize,
    /// There is no `-->` at or after this place.
    last_comment_end: usize,
}

impl<'a> HtmlTokens<'a> {
    /// The tokens of `source`.
    pub fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            raw: None,
            stray_quotes: 0,
            last_end: source.rfind('>').map_or(0, |at| at + 1),
            last_comment_end: source.rfind("-->").map_or(0, |at| at + 1),
        }
    }

    /// Where the next token begins, in bytes.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The content of a raw text element, to its end tag or the end of the source.
    fn raw_text(&mut self, name: &str) -> &'a str {
        let rest = &self.source[self.at..];
        let closes = |at: &usize| {
            let after = &rest.as_bytes()[at + 2..];
            after
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && after
                    .get(name.len())
                    .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        };
        let end = rest
            .match_indices("</")
            .map(|(at, _)| at)
            .find(closes)
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The markup that begins with the `<` at `at`, and where it ends; `None` where it is text.
    fn markup(&mut self, at: usize) -> Option<(HtmlToken<'a>, usize)> {
        let rest = &self.source[at..];
        match rest.as_bytes().get(1)? {
            b'!' if rest.starts_with("<!--") => self.comment(at),
            b'!' | b'?' => self.until_end(at, at + 2).map(|end| (HtmlToken::Comment(""), end)),
            b'/' if rest.as_bytes().get(2)?.is_ascii_alphabetic() => {
                let end = self.until_end(at, at + 2)?;
                Some((HtmlToken::Close(name_of(&self.source[at + 2..end - 1])), end))
            }
            first if first.is_ascii_alphabetic() => {
                let end = self.tag_end(at)?;
                let inside = &self.source[at + 1..end - 1];
                let name = name_of(inside);
                let attributes = &inside[name.len()..];
                Some((
                    HtmlToken::Open(ElementTag {
                        name,
                        source: &self.source[at..end],
                        attributes,
                    }),
                    end,
                ))
            }
            _ => None,
        }
    }

    fn comment(&self, at: usize) -> Option<(HtmlToken<'a>, usize)> {
        let start = at + 4;
        let rest = &self.source[start..];
        if rest.starts_with('>') || rest.starts_with("->") {
            return Some((HtmlToken::Comment(""), start + rest.find('>')? + 1));
        }
        if start >= self.last_comment_end {
            // Nobody closes it. A browser would hide all that follows; we keep it.
            return Some((HtmlToken::Comment(""), start));
        }
        let length = rest.find("-->")?;
        Some((HtmlToken::Comment(&rest[..length]), start + length + 3))
    }

    /// The place just after the first `>` at or after `from`.
    fn until_end(&self, at: usize, from: usize) -> Option<usize> {
        if at >= self.last_end {
            return None;
        }
        self.source.get(from..)?.find('>').map(|length| from + length + 1)
    }

    /// The place just after the `>` of the start tag at `at`; a `>` in a quoted value does not count.
    fn tag_end(&mut self, at: usize) -> Option<usize> {
        if at >= self.last_end {
            return None;
        }
        if self.stray_quotes < STRAY_QUOTES {
            if let Some(end) = quoted_tag_end(self.source.as_bytes(), at + 1) {
                return Some(end);
            }
            self.stray_quotes += 1;
        }
        self.until_end(at, at + 1)
    }
}

fn quoted_tag_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'>' => return Some(at + 1),
            b'=' => {
                at += 1 + bytes[at + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
                if let Some(quote @ (b'"' | b'\'')) = bytes.get(at) {
                    at += 2 + bytes[at + 1..].iter().position(|b| b == quote)?;
                }
            }
            _ => at += 1,
        }
    }
}

fn name_of(inside: &str) -> Cow<'_, str> {
    let end = inside.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let name = &inside[..end.unwrap_or(inside.len())];
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

impl<'a> Iterator for HtmlTokens<'a> {
    type Item = HtmlToken<'a>;

    fn next(&mut self) -> Option<HtmlToken<'a>> {
        if let Some(name) = self.raw.take() {
            let text = self.raw_text(&name);
            if !text.is_empty() {
                return Some(HtmlToken::Raw(text));
            }
        }
        let start = self.at;
        let mut search = start;
        while let Some(found) = self.source.get(search..)?.find('<') {
            let at = search + found;
            let Some((token, end)) = self.markup(at) else {
                search = at + 1;
                continue;
            };
            if at > start {
                // The text before it comes first; the markup is found again at once.
                self.at = at;
                return Some(HtmlToken::Text(&self.source[start..at]));
            }
            self.at = end;
            if let HtmlToken::Open(tag) = &token
                && RAW_TEXT.contains(&&*tag.name)
            {
                self.raw = Some(tag.name.clone());
            }
            return Some(token);
        }
        self.at = self.source.len();
        (start < self.at).then(|| HtmlToken::Text(&self.source[start..]))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn show(source: &str) -> Vec<String> {
        let show = |token| match token {
            HtmlToken::Text(text) => format!("text {text}"),
            HtmlToken::Raw(text) => format!("raw {text}"),
            HtmlToken::Open(tag) => format!("open {}", tag.name),
            HtmlToken::Close(name) => format!("close {name}"),
            HtmlToken::Comment(text) => format!("comment {text}"),
        };
        HtmlTokens::new(source).map(show).collect()
    }

    #[test]
    fn a_source_is_cut_into_tags_text_and_comments() {
        let cases: [(&str, &[&str]); 9] = [
            ("a<B>b</B >c", &["text a", "open b", "text b", "close b", "text c"]),
            ("1 < 2 <3", &["text 1 < 2 <3"]),
            ("<a title=\"x>y\">z", &["open a", "text z"]),
            ("<a title=\"x>y", &["open a", "text y"]),
            (
                "<!-- wp:x {\"a\":1} -->t<!--->",
                &["comment  wp:x {\"a\":1} ", "text t", "comment "],
            ),
            (
                "<!-- never closed <b>x",
                &["comment ", "text  never closed ", "open b", "text x"],
            ),
            (
                "<script>if (a<b) '</b>'</SCRIPT>x",
                &["open script", "raw if (a<b) '</b>'", "close script", "text x"],
            ),
            ("<!doctype html><?php x ?>y", &["comment ", "comment ", "text y"]),
            ("<p", &["text <p"]),
        ];
        for (source, expected) in cases {
            assert_eq!(show(source), expected, "{source}");
        }
    }

    #[test]
    fn attributes_are_read_in_every_quoting() {
        let source = "<a HREF=x?a=1&amp;b=2 title='d\"e' class = \"one two\" checked data-x=>";
        let Some(HtmlToken::Open(tag)) = HtmlTokens::new(source).next() else {
            panic!("a tag")
        };
        let read = |name| tag.attribute(name);
        assert_eq!(read("href").as_deref(), Some("x?a=1&b=2"));
        assert_eq!(read("title").as_deref(), Some("d\"e"));
        assert_eq!(read("checked").as_deref(), Some(""));
        assert_eq!(read("data-x").as_deref(), Some(""));
        assert_eq!(read("alt"), None);
        assert!(tag.has_class(|class| class == "two"));
        let Some(HtmlToken::Open(tag)) = HtmlTokens::new("<a é=1 ≯ =x>").next() else {
            panic!("a tag")
        };
        assert_eq!(tag.attributes().collect::<Vec<_>>(), [("é", "1"), ("≯", "x")]);
    }

    #[test]
    fn floods_take_linear_time() {
        let start = Instant::now();
        for unit in [
            "<",
            "<a ",
            "<!--",
            "<a x=\"",
            "</",
            "<script>",
            "<a x='><a x=\"",
            "<p>",
            "&",
            "<a =",
        ] {
            let flood = unit.repeat(1_000_000 / unit.len());
            assert!(HtmlTokens::new(&flood).count() > 0, "{unit}");
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}
