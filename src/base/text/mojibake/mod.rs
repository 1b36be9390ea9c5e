//! Text that was read in the wrong encoding: what gives it away, and what it should be.
//!
//! Two kinds are known:
//!
//! - UTF-8 read as Windows-1252 or Latin-1, once or more often: `BÃ©nin`, `lâ€™Afrique`, `BÃƒÂ©nin`;
//! - the same with `Ã` turned into `à` on the way, by a lower-casing or a wrong table: `Tà¼rkiye`.
//!
//! Right text that is changed is worse than wrong text that is missed, so a sequence is judged by its place
//! ([`SequenceTrust`]). What is never in right text, as `Ã©` in a word, is repaired, and makes the rest of the text
//! suspect. What could be right, as `à©` at a word's end or `Â` before a no-break space, is repaired only in its
//! company. `à « Paris »`, `à ½ litre`, `voilà»`, `MANHÃ»` and `CAFÉ…` stay as they are.
//!
//! The table of Windows-1252 is html5ever's and the decoding the standard library's; the judgement is ours. The crate
//! plsfix, which has ftfy's rules, was tried first, and found all but two of the mangled paragraphs of a French corpus.
//! But it reads `à½ litre` as Tibetan, `voilà² puis` as Kannada and `”É` as Cyrillic, makes `MANHÃ»` of Portuguese into
//! `MANHû`, decodes references whatever its settings are, does not know `à` for `Ã`, does not say which part of a text
//! is wrong, and brings fifty crates, among them a second ICU and an unmaintained table of encodings.

mod sequence;
#[cfg(test)]
mod tests;

use super::glyphs;
use crate::base::text::glyphs::SourceGlyph;
use crate::base::text::mojibake::sequence::{MojibakeSequence, SequenceTrust, TextPosition};

/// How many readings in the wrong encoding, one upon the other, are undone.
const PASSES: usize = 3;

/// A text that was read in the wrong encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRepair {
    /// What it should be.
    pub text: String,
    /// The first place that is wrong, and the words around it.
    pub found: String,
    /// What should be there.
    pub suggestion: String,
}

/// Repairs plain text; `None` where nothing is wrong with it.
pub fn repair(text: &str) -> Option<TextRepair> {
    if !may_be_wrong(text) {
        return None;
    }
    repair_glyphs(text, glyphs::of_plain(text), |c| c.to_string())
}

/// Repairs the text of an HTML fragment; tags and references that are right stay as they are.
pub fn repair_html(html: &str) -> Option<TextRepair> {
    /// How sequences begin where somebody wrote references for all that is not ASCII.
    const REFERENCES: [&str; 3] = ["&Atilde;", "&Acirc;", "&acirc;"];
    if !may_be_wrong(html) && !REFERENCES.iter().any(|name| html.contains(name)) {
        return None;
    }
    repair_glyphs(html, glyphs::of_html(html), |c| match c {
        '\u{a0}' => "&nbsp;".to_owned(),
        c => c.to_string(),
    })
}

/// Whether a text has any sequence that could be wrong, from its bytes: most texts have none, and cost nothing more. A
/// `&` may begin a reference to the second character of a sequence.
pub fn may_be_wrong(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| match (byte, bytes.get(at + 1), bytes.get(at + 2)) {
            (0xC2, Some(0x80..=0x9F), _) => true,
            (0xC3, Some(0x82..=0xB4), Some(next)) => matches!(next, 0xC2 | 0xC5 | 0xC6 | 0xCB | 0xE2 | b'&'),
            _ => false,
        })
}

fn repair_glyphs(source: &str, original: Vec<SourceGlyph>, written: fn(char) -> String) -> Option<TextRepair> {
    let mut repaired = undo(&original)?;
    for _ in 1..PASSES {
        match undo(&repaired) {
            Some(again) => repaired = again,
            None => break,
        }
    }
    let (found, suggestion) = glyphs::excerpt(&original, &repaired)?;
    let mut text = String::with_capacity(source.len());
    for glyph in &repaired {
        if glyph.is_changed {
            text.push_str(&written(glyph.c));
        } else {
            text.push_str(&source[glyph.start..glyph.end]);
        }
    }
    Some(TextRepair {
        text,
        found,
        suggestion,
    })
}

/// Undoes one wrong reading; `None` where nothing shows that there was one.
fn undo(glyphs: &[SourceGlyph]) -> Option<Vec<SourceGlyph>> {
    let scripts = sequence::scripts(glyphs);
    let read = |lowest: SequenceTrust| {
        let mut reading = RepairPass::default();
        let mut at = 0;
        while let Some(glyph) = glyphs.get(at) {
            let place = TextPosition {
                before: &reading.glyphs,
                fixed: &reading.fixed,
                rest: &glyphs[at..],
                scripts: &scripts,
            };
            let sequence = place.sequence().filter(|sequence| sequence.trust >= lowest);
            at += sequence.map_or(1, |sequence| sequence.length);
            reading.push(glyph, sequence, glyphs.get(at - 1).unwrap_or(glyph).end);
        }
        reading
    };
    let reading = read(SequenceTrust::IfAllIsWrong);
    if !reading.fixed.contains(&Some(SequenceTrust::Sure)) {
        return None;
    }
    let is_right_letter = |(glyph, fixed): (&SourceGlyph, &Option<SequenceTrust>)| {
        fixed.is_none() && !glyph.c.is_ascii() && glyph.c.is_alphabetic()
    };
    let is_mixed = reading.glyphs.iter().zip(&reading.fixed).any(is_right_letter);
    Some(if is_mixed {
        read(SequenceTrust::InCompany).glyphs
    } else {
        reading.glyphs
    })
}

/// What was read so far.
#[derive(Default)]
struct RepairPass {
    glyphs: Vec<SourceGlyph>,
    /// For each character, whether it was repaired in this reading, and how far that was trusted.
    fixed: Vec<Option<SequenceTrust>>,
}

impl RepairPass {
    fn push(&mut self, glyph: &SourceGlyph, sequence: Option<MojibakeSequence>, end: usize) {
        self.fixed.push(sequence.map(|sequence| sequence.trust));
        self.glyphs.push(match sequence {
            None => *glyph,
            Some(sequence) => SourceGlyph {
                c: sequence.c,
                start: glyph.start,
                end,
                is_changed: true,
            },
        });
    }
}
