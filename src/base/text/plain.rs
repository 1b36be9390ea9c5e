//! The rules of plain text, wherever it comes from: a request, a file, a form.

use std::borrow::Cow;

use super::entities;

/// The text on one line: white space and control characters fold to single spaces. No-break spaces
/// stay, for French typography needs them.
pub fn one_line(text: &str) -> String {
    let breaks = |c: char| (c.is_whitespace() || c.is_control()) && !matches!(c, '\u{a0}' | '\u{202f}');
    let words: Vec<&str> = text.split(breaks).filter(|word| !word.is_empty()).collect();
    words.join(" ").trim().to_owned()
}

/// The text with `\n` line ends.
pub fn with_unix_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The text with character references decoded, once: `&amp;eacute;` becomes `&eacute;`.
pub fn without_references(text: &str) -> Cow<'_, str> {
    entities::decode_closed(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Whether a reader would see nothing of the text.
pub fn is_blank(text: &str) -> bool {
    without_references(text).trim().is_empty()
}

/// The first character that no text may hold: control characters other than tab and line ends.
pub fn forbidden(text: &str) -> Option<char> {
    let is_forbidden = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    text.chars().find(is_forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_keeps_no_break_spaces_within_it() {
        let cases = [
            (" Un\n\t été ", "Un été"),
            ("«\u{a0}Oui\u{202f}!\u{a0}»", "«\u{a0}Oui\u{202f}!\u{a0}»"),
            ("\u{a0}bord\u{a0}", "bord"),
            ("a\u{0}b\u{7f}c\u{85}d", "a b c d"),
        ];
        for (text, expected) in cases {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }
}
