//! A text as characters that remember which part of the source they stand for: a reference is one character of many
//! bytes, a tag is a character that belongs to no word.

use super::entities;
use crate::base::text::entities::CharacterReference;

/// A character, or what stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceGlyph {
    /// The character; [`TAG`] for a tag.
    pub(super) c: char,
    /// Its first byte in the source.
    pub(super) start: usize,
    /// The end: just after its last byte.
    pub(super) end: usize,
    /// Whether it differs from what is in the source.
    pub(super) is_changed: bool,
}

/// What a tag reads as: a control character belongs to no word and to no broken one.
pub(super) const TAG: char = '\u{1}';

/// Characters that an excerpt has before and after what it shows, at most.
const EXCERPT_MARGIN: usize = 30;

/// The characters of plain text.
pub(super) fn of_plain(text: &str) -> Vec<SourceGlyph> {
    let mut glyphs = Vec::with_capacity(text.len());
    push_text(&mut glyphs, text, 0);
    glyphs
}

/// The characters of an HTML fragment, references decoded.
pub(super) fn of_html(html: &str) -> Vec<SourceGlyph> {
    let mut glyphs = Vec::with_capacity(html.len());
    let begins_tag = |at: usize| {
        let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
        html[at + 1..].starts_with(begins)
    };
    let last_close = html.rfind('>').unwrap_or(0);
    let (mut from, mut at) = (0, 0);
    while let Some(open) = html[at..]
        .find('<')
        .map(|found| at + found)
        .filter(|open| *open < last_close)
    {
        at = open + 1;
        if !begins_tag(open) {
            continue;
        }
        let Some(close) = html[open..].find('>') else { break };
        push_decoded(&mut glyphs, &html[from..open], from, entities::references);
        from = open + close + 1;
        at = from;
        glyphs.push(SourceGlyph {
            c: TAG,
            start: open,
            end: from,
            is_changed: false,
        });
    }
    push_decoded(&mut glyphs, &html[from..], from, entities::references);
    glyphs
}

/// The characters of plain text in which references are decoded, and so changed.
pub(super) fn decoded(text: &str) -> Vec<SourceGlyph> {
    let mut glyphs = Vec::with_capacity(text.len());
    push_decoded(&mut glyphs, text, 0, entities::closed_references);
    for glyph in &mut glyphs {
        glyph.is_changed = glyph.end - glyph.start != glyph.c.len_utf8();
    }
    glyphs
}

fn push_decoded<'t, I>(glyphs: &mut Vec<SourceGlyph>, text: &'t str, offset: usize, references: fn(&'t str) -> I)
where
    I: Iterator<Item = CharacterReference>,
{
    let mut from = 0;
    for reference in references(text) {
        push_text(glyphs, &text[from..reference.start], offset + from);
        // Where a reference gives two characters, the second has no bytes of its own in the source.
        let mut start = offset + reference.start;
        for c in reference.text.chars() {
            let end = offset + reference.end;
            glyphs.push(SourceGlyph {
                c,
                start,
                end,
                is_changed: false,
            });
            start = end;
        }
        from = reference.end;
    }
    push_text(glyphs, &text[from..], offset + from);
}

fn push_text(glyphs: &mut Vec<SourceGlyph>, text: &str, offset: usize) {
    glyphs.extend(text.char_indices().map(|(at, c)| SourceGlyph {
        c,
        start: offset + at,
        end: offset + at + c.len_utf8(),
        is_changed: false,
    }));
}

/// The words around the first change: as they are, and as they should be. Both are short.
pub(super) fn excerpt(source: &[SourceGlyph], glyphs: &[SourceGlyph]) -> Option<(String, String)> {
    let first = glyphs.iter().position(|glyph| glyph.is_changed)?;
    let ends_word = |glyph: &&SourceGlyph| glyph.c == TAG || glyph.c.is_whitespace();
    let before = glyphs[..first].iter().rev().take(EXCERPT_MARGIN);
    let start = before.take_while(|glyph| !ends_word(glyph)).last();
    let start = start.unwrap_or(&glyphs[first]).start;
    let behind = glyphs[first..].iter().take(EXCERPT_MARGIN);
    let end = behind.take_while(|glyph| glyph.is_changed || !ends_word(glyph)).last();
    let end = end.unwrap_or(&glyphs[first]).end;
    let between = |glyphs: &[SourceGlyph]| {
        let inside = glyphs.iter().filter(|glyph| glyph.start >= start && glyph.end <= end);
        inside.map(|glyph| glyph.c).collect::<String>()
    };
    Some((between(source), between(glyphs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(glyphs: &[SourceGlyph]) -> String {
        glyphs.iter().map(|glyph| glyph.c).collect()
    }

    #[test]
    fn tags_are_no_characters_and_references_are_one() {
        let html = "a < b &eacute;<b title=\"x\">c</b> &nbsp;&lt;<!-- d -->";
        let glyphs = of_html(html);
        assert_eq!(shown(&glyphs), format!("a < b é{TAG}c{TAG} \u{a0}<{TAG}"));
        let whole: String = glyphs.iter().map(|glyph| &html[glyph.start..glyph.end]).collect();
        assert_eq!(whole, html);
    }

    #[test]
    fn an_excerpt_shows_the_word_around_the_first_change() {
        let text = "Le caf&eacute;, puis &amp;";
        let (found, suggestion) = excerpt(&of_plain(text), &decoded(text)).unwrap();
        assert_eq!((found.as_str(), suggestion.as_str()), ("caf&eacute;,", "café,"));
        assert_eq!(excerpt(&of_plain("ici"), &decoded("ici")), None);
    }
}
