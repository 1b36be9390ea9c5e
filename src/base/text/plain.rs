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

/// Characters from which on enough of a text is told to say what it is about.
const TOLD: usize = 120;
/// Characters of the longest opening.
const LONGEST_OPENING: usize = 300;

/// The first sentences of a text, on one line: as many as say what it is about. One that is too long is cut between
/// words, and ends with `…`. `None` where there is no text.
pub fn first_sentences(text: &str) -> Option<String> {
    let mut told = String::new();
    for word in text.split_whitespace() {
        let ends = told.ends_with(['.', '!', '?', '…', '»']);
        let length = told.chars().count();
        if ends && length >= TOLD && word.starts_with(char::is_uppercase) {
            return Some(told);
        }
        if length + word.chars().count() >= LONGEST_OPENING {
            let begun = if told.is_empty() { word } else { &told };
            let cut: String = begun.chars().take(LONGEST_OPENING).collect();
            return Some(format!("{}…", cut.trim_end_matches(|c: char| !c.is_alphanumeric())));
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.push_str(word);
    }
    Some(told).filter(|told| !told.is_empty())
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
    fn an_opening_is_whole_sentences_or_cut_between_words() {
        let (short, long) = ("Le vote est clos. ".repeat(7), "mot ".repeat(100));
        let cases = [
            ("", None),
            (" \n ", None),
            ("Le vote\nest clos.", Some("Le vote est clos.".to_owned())),
            (&format!("{short}Suite."), Some(short.trim_end().to_owned())),
            (&format!("{short}5 sièges."), Some(format!("{short}5 sièges."))),
            (&long, Some(format!("{}…", "mot ".repeat(75).trim_end()))),
            (&"x".repeat(400), Some(format!("{}…", "x".repeat(300)))),
        ];
        for (text, expected) in cases {
            assert_eq!(first_sentences(text), expected, "{text}");
        }
    }

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
