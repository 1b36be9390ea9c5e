//! Texts of an archive: sentences that a seeded generator makes of a few hundred French words.

use serde_json::json;

use super::words::{LINKS, OBJECTS, PLACES, SOURCES, SUBJECTS, VERBS, WHENS};
use crate::base::error::{Error, Result};
use crate::body::blocks::Block;

/// About 1.5 kB: three paragraphs, a quote, a heading.
pub(super) fn body(random: &mut SeededRandom) -> Result<Vec<Block>> {
    let text = |random: &mut SeededRandom, length| json!({"type": "paragraph", "html": paragraph(random, length)});
    let mut blocks = vec![text(random, 420), text(random, 380)];
    blocks.push(json!({"type": "heading", "level": 2, "text": title(random)}));
    blocks.push(json!({"type": "quote", "html": paragraph(random, 160), "attribution": null}));
    blocks.push(text(random, 380));
    for (index, block) in blocks.iter_mut().enumerate() {
        block["id"] = json!(format!("b{index}"));
    }
    blocks
        .into_iter()
        .map(|block| serde_json::from_value(block).map_err(Error::internal))
        .collect()
}

/// Sentences of so many characters at least.
pub(super) fn paragraph(random: &mut SeededRandom, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&sentence(random));
    }
    text
}

pub(super) fn title(random: &mut SeededRandom) -> String {
    let place = pick(random, PLACES);
    match random.below(3) {
        0 => format!("{place} : {} {}", pick(random, SUBJECTS), pick(random, VERBS)),
        1 => capitalised(&format!(
            "{} {} {}",
            pick(random, SUBJECTS),
            pick(random, VERBS),
            pick(random, OBJECTS)
        )),
        _ => format!(
            "À {place}, {} {} {}",
            pick(random, SUBJECTS),
            pick(random, VERBS),
            pick(random, WHENS)
        ),
    }
}

fn sentence(random: &mut SeededRandom) -> String {
    let (subject, verb, object) = (pick(random, SUBJECTS), pick(random, VERBS), pick(random, OBJECTS));
    let sentence = match random.below(4) {
        0 => format!("{} {verb} {object} à {}.", subject, pick(random, PLACES)),
        1 => format!("{}, {subject} {verb} {object}.", pick(random, WHENS)),
        2 => format!("selon {}, {subject} {verb} {object}.", pick(random, SOURCES)),
        _ => format!(
            "{subject} {verb} {object}, {} {}.",
            pick(random, LINKS),
            pick(random, SOURCES)
        ),
    };
    capitalised(&sentence)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

pub(super) fn pick<'w>(random: &mut SeededRandom, words: &'w [&'w str]) -> &'w str {
    random.one_of(words).copied().unwrap_or_default()
}

/// SplitMix64: small, quick and the same everywhere.
pub(super) struct SeededRandom(pub u64);

impl SeededRandom {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    pub fn one_of<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        let index = self.below(things.len());
        things.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_texts_of_about_one_and_a_half_kilobytes() {
        let text = |seed| -> String {
            let mut random = SeededRandom(seed);
            let blocks = body(&mut random).unwrap();
            crate::body::blocks::plain_text(&blocks)
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
        for seed in 0..50 {
            let length = text(seed).len();
            assert!((1_200..2_000).contains(&length), "{length}");
        }
    }
}
