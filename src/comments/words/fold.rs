//! Text as somebody means it to be read: `Ⓒ𝗈ñÑard` and `соnnаrd` with Cyrillic letters are `connard`.
//!
//! Case, accents, width and ligatures fold; letters of other scripts that look like Latin ones become them; what cannot
//! be seen goes. Every folded character knows which part of the text it stands for.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is between a character and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GlyphGap {
    /// Nothing that can be seen: they belong to one word.
    None,
    /// One of the signs that people put between the letters of a word to hide it.
    Joiner,
    /// At most three other characters that belong to no word.
    Narrow,
    /// More, or the beginning of the text.
    Wide,
}

/// A folded character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoldedGlyph {
    /// The character: a letter, a digit, or a sign that is used as a letter.
    pub(super) c: char,
    /// Where the part of the text that it stands for begins, in characters.
    pub(super) start: usize,
    /// The position after the end of that part.
    pub(super) end: usize,
    /// What is between it and the character before.
    pub(super) gap: GlyphGap,
}

/// Letters of other scripts, and signs, that look like a Latin letter: before case is folded, because the capital may
/// look like another letter than the small one.
const LOOKALIKES: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('ð', "d"),
    ('ø', "o"),
    ('đ', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ł', "l"),
    ('œ', "oe"),
    ('ŧ', "t"),
    ('ƒ', "f"),
    ('ɑ', "a"),
    ('ɡ', "g"),
    ('ɩ', "i"),
    ('ɪ', "i"),
    ('ʏ', "y"),
    ('Α', "a"),
    ('Β', "b"),
    ('Ε', "e"),
    ('Ζ', "z"),
    ('Η', "h"),
    ('Ι', "i"),
    ('Κ', "k"),
    ('Μ', "m"),
    ('Ν', "n"),
    ('Ο', "o"),
    ('Ρ', "p"),
    ('Τ', "t"),
    ('Υ', "y"),
    ('Χ', "x"),
    ('α', "a"),
    ('β', "b"),
    ('ε', "e"),
    ('η', "n"),
    ('ι', "i"),
    ('κ', "k"),
    ('μ', "u"),
    ('ν', "v"),
    ('ο', "o"),
    ('ρ', "p"),
    ('ς', "c"),
    ('τ', "t"),
    ('υ', "u"),
    ('χ', "x"),
    ('ω', "w"),
    ('ϲ', "c"),
    ('ϳ', "j"),
    ('а', "a"),
    ('в', "b"),
    ('е', "e"),
    ('к', "k"),
    ('м', "m"),
    ('н', "h"),
    ('о', "o"),
    ('р', "p"),
    ('с', "c"),
    ('т', "t"),
    ('у', "y"),
    ('х', "x"),
    ('ѕ', "s"),
    ('і', "i"),
    ('ј', "j"),
    ('ѵ', "v"),
    ('һ', "h"),
    ('ӏ', "l"),
    ('ԁ', "d"),
    ('ԛ', "q"),
    ('ԝ', "w"),
    ('ո', "n"),
    ('ս', "u"),
    ('օ', "o"),
];

/// The Latin letters that a letter of another script, or a ligature, looks like.
pub fn lookalike(c: char) -> Option<&'static str> {
    let found = LOOKALIKES.binary_search_by_key(&c, |(known, _)| *known).ok()?;
    LOOKALIKES.get(found).map(|(_, letters)| *letters)
}

/// Marks that sit on a letter without making it another one to somebody who reads fast: accents, the
/// points of Hebrew, the vowels of Arabic. Marks of Indic scripts count as letters.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// What shows nothing, or only turns the direction of what is around it.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Signs that are set between the letters of a word to hide it.
fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '.' | '-' | '_' | '*' | '·' | '•' | '|' | '/' | '\\' | '~' | '+' | '‐' | '‑' | '=' | '#'
    )
}

/// Signs that are used as letters.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '@' | '$')
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_sign(c)
}

/// One character folded: none, one, or several where it is a ligature.
fn folded(c: char, mut each: impl FnMut(char)) {
    for part in std::iter::once(c).nfkd().filter(|part| !is_accent(*part)) {
        match lookalike(part) {
            Some(letters) => letters.chars().for_each(&mut each),
            None => {
                for lower in part.to_lowercase().nfkd().filter(|lower| !is_accent(*lower)) {
                    match lookalike(lower) {
                        Some(letters) => letters.chars().for_each(&mut each),
                        None => each(lower),
                    }
                }
            }
        }
    }
}

/// The text as folded characters.
pub(super) fn glyphs(text: &str) -> Vec<FoldedGlyph> {
    let mut glyphs: Vec<FoldedGlyph> = Vec::with_capacity(text.len());
    let (mut gap, mut between) = (GlyphGap::Wide, usize::MAX);
    for (at, c) in text.chars().enumerate() {
        if is_unseen(c) {
            continue;
        }
        if is_accent(c) {
            // An accent belongs to the letter directly before it.
            if let Some(last) = glyphs.last_mut().filter(|last| last.end == at) {
                last.end = at + 1;
            }
            continue;
        }
        let before = glyphs.len();
        folded(c, |part| {
            if is_word_char(part) {
                let (start, end) = (at, at + 1);
                glyphs.push(FoldedGlyph {
                    c: part,
                    start,
                    end,
                    gap,
                });
                (gap, between) = (GlyphGap::None, 0);
            }
        });
        if glyphs.len() == before {
            between = between.saturating_add(1);
            gap = match (gap, between) {
                (GlyphGap::None, _) if is_joiner(c) => GlyphGap::Joiner,
                (_, 0..=3) if c != '\n' && gap != GlyphGap::Wide => GlyphGap::Narrow,
                _ => GlyphGap::Wide,
            };
        }
    }
    glyphs
}

/// The text folded: words of small letters without accents, single spaces between them.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for glyph in glyphs(text) {
        if glyph.gap != GlyphGap::None && !folded.is_empty() {
            folded.push(' ');
        }
        folded.push(glyph.c);
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_binary_search() {
        assert!(LOOKALIKES.is_sorted_by_key(|(c, _)| *c));
    }

    #[test]
    fn each_fold_folds() {
        let table = [
            ("Connard", "connard"),
            ("ÉÈÊËéàùçñ", "eeeeeaucn"),
            ("e\u{301}te\u{301}", "ete"),
            ("Œuf œuvre Æ ß ẞ", "oeuf oeuvre ae ss ss"),
            ("ｃｏｎｎａｒｄ", "connard"),
            ("𝕔𝓸𝔫ⓝ𝖆𝚛𝐝", "connard"),
            ("соnnаrd", "connard"),
            ("ΚΟΝ κον", "kon kov"),
            ("co\u{200b}nn\u{ad}a\u{202e}rd", "connard"),
            ("İstanbul ıI", "istanbul ii"),
            ("c.o-n", "c o n"),
            ("l’as-tu vu ?", "l as tu vu"),
            ("$alope p@tate", "$alope p@tate"),
            ("ﬁn ½", "fin 12"),
            ("हिन्दी", "हिन्दी"),
            ("كَلب", "كلب"),
            ("«»…  ", ""),
        ];
        for (text, expected) in table {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn a_gap_is_told_by_what_stands_in_it() {
        let table = [
            ("ab", GlyphGap::None),
            ("a\u{200b}b", GlyphGap::None),
            ("a.b", GlyphGap::Joiner),
            ("a b", GlyphGap::Narrow),
            ("a. b", GlyphGap::Narrow),
            ("a - b", GlyphGap::Narrow),
            ("a -- b", GlyphGap::Wide),
            ("a\nb", GlyphGap::Wide),
            ("a.\nb", GlyphGap::Wide),
        ];
        for (text, expected) in table {
            assert_eq!(glyphs(text)[1].gap, expected, "{text:?}");
        }
        assert_eq!(glyphs("a")[0].gap, GlyphGap::Wide);
        assert_eq!(glyphs(".a")[0].gap, GlyphGap::Wide);
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn what_a_character_stands_for_is_within_the_text_and_in_order(text in "(\\PC|[aé\u{301}œ\u{200b}.\n]){0,40}") {
            let count = text.chars().count();
            let glyphs = glyphs(&text);
            for pair in glyphs.windows(2) {
                prop_assert!(pair[0].start <= pair[1].start && pair[0].end <= pair[1].end);
                prop_assert!(pair[0].end <= pair[1].start || pair[0].start == pair[1].start);
            }
            for glyph in &glyphs {
                prop_assert!(glyph.start < glyph.end && glyph.end <= count);
            }
        }
    }
}
