//! Text: how references are decoded, how an element's text is gathered, and how text is shown in messages.

use std::borrow::Cow;

use quick_xml::escape::resolve_xml_entity;

use crate::base::text::xml::legal;

/// The white space of XML, which is less than that of Unicode: a no-break space is text.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What an entity stands for, in text and in attributes: only XML's own five, as a file with a DOCTYPE, which could
/// declare others, is refused.
pub(super) fn resolve_entity(name: &str) -> Option<&'static str> {
    resolve_xml_entity(name)
}

/// Where the text of an element is gathered, up to a limit.
pub(super) struct TextSink {
    text: String,
    limit: usize,
    is_full: bool,
    /// Characters that XML forbids and that were left out.
    pub(super) dropped: u64,
}

impl TextSink {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
            is_full: false,
            dropped: 0,
        }
    }

    /// Takes a piece of text, its references decoded and its line ends made `\n`.
    pub(super) fn push(&mut self, piece: &str) {
        self.is_full |= self.text.len() + piece.len() > self.limit;
        if self.is_full {
            return;
        }
        let kept = legal(piece);
        self.text.push_str(&kept);
        if let Cow::Owned(kept) = kept {
            self.dropped += (piece.chars().count() - kept.chars().count()) as u64;
        }
    }

    /// The text; none when it is beyond the limit.
    pub(super) fn into_text(self) -> Option<String> {
        (!self.is_full).then_some(self.text)
    }
}

/// A piece of the file fit for an error message: short, on one line.
pub(super) fn shortened(text: &str) -> String {
    shortened_to(text, 40)
}

/// As [`shortened`], to another length in characters.
pub(super) fn shortened_to(text: &str, longest: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(longest)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_is_short() {
        assert_eq!(shortened("a\nb"), "a b");
        assert_eq!(shortened(&"x".repeat(50)).chars().count(), 41);
    }
}
