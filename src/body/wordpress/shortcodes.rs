//! Finds WordPress shortcodes in text: `[caption width="300"]`, `[/caption]`.
//!
//! WordPress knows which shortcodes are registered; we do not. A bracket is one of the
//! [`KNOWN_SHORTCODES`], or has an attribute or an end tag. `[sic]` and `[Mise à jour]` are an editor's words.

use std::collections::{HashMap, HashSet};

use crate::base::text::entities;

/// Shortcodes that mean something to us.
const KNOWN_SHORTCODES: &[&str] = &[
    "audio",
    "caption",
    "dailymotion",
    "embed",
    "facebook",
    "gallery",
    "instagram",
    "playlist",
    "soundcloud",
    "spotify",
    "tiktok",
    "tweet",
    "twitter",
    "video",
    "vimeo",
    "wp_caption",
    "youtube",
];

/// A shortcode's opening or closing tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortcode<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is between the name and the bracket.
    pub attributes: &'a str,
    /// Whether it is `[/name]`.
    pub closes: bool,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShortcodePiece<'a> {
    /// Text.
    Text(&'a str),
    /// A shortcode.
    Code(Shortcode<'a>),
}

impl Shortcode<'_> {
    /// Whether we know what it means.
    pub fn is_known(&self) -> bool {
        KNOWN_SHORTCODES.contains(&self.name)
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<String> {
        attributes(self.attributes)
            .into_iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    /// The first address in it, wherever it is.
    pub fn address(&self) -> Option<String> {
        let is_address = |value: &String| value.starts_with("http://") || value.starts_with("https://");
        attributes(self.attributes)
            .into_iter()
            .map(|(_, value)| value)
            .find(is_address)
    }

    /// The first attribute without a name: `[vimeo 123]`.
    pub fn unnamed(&self) -> Option<String> {
        attributes(self.attributes)
            .into_iter()
            .find(|(name, _)| name.is_empty())
            .map(|(_, value)| value)
    }
}

/// Names and values; the name is empty where a value has none. Editors paste curly quotes.
fn attributes(source: &str) -> Vec<(String, String)> {
    let source = entities::decode(source)
        .replace(['“', '”', '«', '»', '″'], "\"")
        .replace(['‘', '’'], "'");
    let mut found = Vec::new();
    let mut rest = source.trim_start_matches(is_separator);
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''))
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        let (name, value) = match after.trim_start().strip_prefix('=') {
            Some(value) if is_name => (name.to_ascii_lowercase(), value.trim_start()),
            _ => (String::new(), rest),
        };
        let (value, after) = value_of(value);
        found.push((name, value.to_owned()));
        rest = after.trim_start_matches(is_separator);
    }
    found
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == '='
}

fn value_of(source: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = source.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    source.split_at(source.find(char::is_whitespace).unwrap_or(source.len()))
}

/// The shortcodes of one source.
pub struct ShortcodeFinder<'a> {
    start: usize,
    /// Where the last `[/name]` of each name is.
    last_close: HashMap<&'a str, usize>,
    opened: HashSet<&'a str>,
}

impl<'a> ShortcodeFinder<'a> {
    /// Looks for the end tags of `source` once.
    pub fn new(source: &'a str) -> Self {
        let closes = source.match_indices("[/").filter_map(|(at, _)| {
            let code = parse(&source[at..])?.0;
            Some((code.name, at))
        });
        Self {
            start: source.as_ptr() as usize,
            last_close: closes.collect(),
            opened: HashSet::new(),
        }
    }

    /// The pieces of `text`, a part of the source.
    pub fn pieces(&mut self, text: &'a str) -> Vec<ShortcodePiece<'a>> {
        let mut pieces = Vec::new();
        let mut start = 0;
        let mut search = 0;
        while let Some(found) = text[search..].find('[') {
            let at = search + found;
            let piece = self.piece(&text[at..]);
            let Some((piece, length)) = piece else {
                search = at + 1;
                continue;
            };
            push_text(&mut pieces, &text[start..at]);
            pieces.push(piece);
            search = at + length;
            start = search;
        }
        push_text(&mut pieces, &text[start..]);
        pieces
    }

    fn piece(&mut self, source: &'a str) -> Option<(ShortcodePiece<'a>, usize)> {
        if source.starts_with("[[") {
            // `[[name]]` is how an author writes `[name]`.
            let (_, length) = parse(&source[1..])?;
            let escaped = source[1 + length..].starts_with(']');
            return escaped.then(|| (ShortcodePiece::Text(&source[1..=length]), length + 2));
        }
        let (code, length) = parse(source)?;
        self.is_shortcode(&code).then_some((ShortcodePiece::Code(code), length))
    }

    fn is_shortcode(&mut self, code: &Shortcode<'a>) -> bool {
        if code.closes {
            return self.opened.contains(code.name);
        }
        let is_one = code.is_known() || code.attributes.contains('=') || self.closes_later(code);
        if is_one {
            self.opened.insert(code.name);
        }
        is_one
    }

    /// Whether an end tag of this shortcode follows it.
    pub fn closes_later(&self, code: &Shortcode<'a>) -> bool {
        let at = (code.name.as_ptr() as usize).saturating_sub(self.start);
        self.last_close.get(code.name).is_some_and(|close| *close > at)
    }
}

fn push_text<'a>(pieces: &mut Vec<ShortcodePiece<'a>>, text: &'a str) {
    if !text.is_empty() {
        pieces.push(ShortcodePiece::Text(text));
    }
}

/// The shortcode at the start of `source` and its length. Its end is looked for up to the next
/// bracket outside quotes, so that a flood of brackets takes linear time.
fn parse(source: &str) -> Option<(Shortcode<'_>, usize)> {
    let closes = source.as_bytes().get(1) == Some(&b'/');
    let name_at = 1 + usize::from(closes);
    let length = source[name_at..]
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        .count();
    let name = &source[name_at..name_at + length];
    let after = &source[name_at + length..];
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && after.starts_with(|c: char| matches!(c, ']' | '/' | '=') || c.is_whitespace());
    if !fits {
        return None;
    }
    let end = bracket(after)?;
    let attributes = after[..end].strip_suffix('/').unwrap_or(&after[..end]);
    Some((
        Shortcode {
            name,
            attributes,
            closes,
        },
        name_at + length + end + 1,
    ))
}

fn bracket(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b']' => return Some(at),
            b'[' | b'<' => return None,
            quote @ (b'"' | b'\'') if at > 0 && bytes[at - 1] == b'=' => {
                at += 2 + bytes[at + 1..].iter().position(|b| b == quote)?;
            }
            _ => at += 1,
        }
    }
}
