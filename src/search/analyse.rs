//! The analyser: what a text and a query are made of, the same for both and on both databases.
//!
//! A text falls into words at whatever is neither letter nor digit; both apostrophes end a word, and
//! what French elides before one (`l’`, `d'`, `qu’`) is none. A word is *folded* (no case, no accents,
//! no ligatures, no soft hyphens: `Cœur` and `coeur` are one) and *stemmed* from its folded form, so
//! that a query without accents finds what a text with them says. Every word knows the bytes of the
//! text that it was made of.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use crate::base::limits;

/// How the words of a language are stemmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchLanguage {
    /// Snowball's French, after a few plurals that it does not know.
    French,
    /// Snowball's English.
    English,
    /// Not at all.
    Other,
}

impl SearchLanguage {
    /// The language of a locale such as `fr` or `fr-CA`.
    pub fn of(locale: &str) -> Self {
        match locale.split('-').next() {
            Some("fr") => Self::French,
            Some("en") => Self::English,
            _ => Self::Other,
        }
    }
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedWord {
    /// Without case, accents and ligatures: letters and digits only.
    pub folded: String,
    /// The bytes of the text that it was made of.
    pub bytes: Range<usize>,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<FoldedWord> {
    let mut words = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match &mut open {
            None if c.is_alphanumeric() => open = Some(at..end),
            Some(word) if c.is_alphanumeric() || is_mark(c) => word.end = end,
            Some(_) if is_invisible(c) => {}
            Some(_) => {
                let follows = text.get(end..).and_then(|rest| rest.chars().next());
                close(text, open.take(), before, Some(c), follows, &mut words);
                before = Some(c);
            }
            None => before = Some(c),
        }
    }
    close(text, open, before, None, None, &mut words);
    words
}

/// Adds a word, except what an apostrophe leaves: `l’` before a word, `’s` after one.
fn close(
    text: &str,
    open: Option<Range<usize>>,
    before: Option<char>,
    after: Option<char>,
    follows: Option<char>,
    words: &mut Vec<FoldedWord>,
) {
    let Some(bytes) = open else { return };
    let folded = fold(text.get(bytes.clone()).unwrap_or_default());
    let elides = after.is_some_and(is_apostrophe) && follows.is_some_and(char::is_alphanumeric);
    let is_possessive = folded == "s" && bytes.start > 0 && before.is_some_and(is_apostrophe);
    let is_elided = elides && ELIDED.contains(&folded.as_str());
    if !(folded.is_empty() || is_elided || is_possessive) {
        words.push(FoldedWord { folded, bytes });
    }
}

/// What French elides before a vowel, folded.
const ELIDED: [&str; 13] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
];

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '’' | '‘' | 'ʼ' | 'ʹ' | '′' | '´' | '`' | '＇' | '\u{2bb}' | '\u{a78c}'
    )
}

/// Accents that are characters of their own, after their letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// What may be inside a word unseen: soft hyphens, joiners, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// A word without case, accents, ligatures and soft hyphens, cut where it is longer than any word.
pub fn fold(word: &str) -> String {
    if word.len() <= limits::SEARCH_WORD && word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(word.len());
    let letters = word.nfkd().filter(|c| !is_accent(*c) && !is_invisible(*c));
    for c in letters.flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ς' => folded.push('σ'),
            c if c.is_alphanumeric() || is_mark(c) && !is_accent(c) => folded.push(c),
            _ => {}
        }
    }
    if let Some((end, _)) = folded.char_indices().nth(limits::SEARCH_WORD) {
        folded.truncate(end);
    }
    folded
}

/// Plurals that Snowball does not bring together with their singulars, folded.
const FRENCH_PLURALS: [(&str, &str); 22] = [
    ("adieux", "adieu"),
    ("aveux", "aveu"),
    ("baux", "bail"),
    ("bijoux", "bijou"),
    ("cailloux", "caillou"),
    ("cheveux", "cheveu"),
    ("choux", "chou"),
    ("cieux", "ciel"),
    ("coraux", "corail"),
    ("dieux", "dieu"),
    ("enjeux", "enjeu"),
    ("feux", "feu"),
    ("genoux", "genou"),
    ("jeux", "jeu"),
    ("lieux", "lieu"),
    ("milieux", "milieu"),
    ("neveux", "neveu"),
    ("poux", "pou"),
    ("travaux", "travail"),
    ("vitraux", "vitrail"),
    ("voeux", "voeu"),
    ("yeux", "oeil"),
];

/// Stems that a thread remembers: stemming word by word is most of the work of indexing.
const CACHED_STEMS: usize = 20_000;

thread_local! {
    static STEMS: RefCell<HashMap<SearchLanguage, HashMap<String, String>>> = RefCell::default();
}

/// The stem of a folded word; the word itself where its language has none.
pub fn stem(folded: &str, language: SearchLanguage) -> String {
    with_stem(folded, language, str::to_owned)
}

/// Whether this is the stem of a folded word.
pub fn is_stem(stem: &str, folded: &str, language: SearchLanguage) -> bool {
    with_stem(folded, language, |its| its == stem)
}

fn with_stem<T>(folded: &str, language: SearchLanguage, done: impl FnOnce(&str) -> T) -> T {
    let algorithm = match language {
        SearchLanguage::French => Algorithm::French,
        SearchLanguage::English => Algorithm::English,
        SearchLanguage::Other => return done(folded),
    };
    STEMS.with_borrow_mut(|stems| {
        let known = stems.entry(language).or_default();
        if let Some(stem) = known.get(folded) {
            return done(stem);
        }
        let singular = FRENCH_PLURALS
            .iter()
            .find(|(plural, _)| language == SearchLanguage::French && *plural == folded);
        let word = singular.map_or(folded, |(_, singular)| singular);
        let stem = Stemmer::create(algorithm).stem(word).into_owned();
        if known.len() >= CACHED_STEMS {
            known.clear();
        }
        let answer = done(&stem);
        known.insert(folded.to_owned(), stem);
        answer
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn a_text_falls_into_folded_words() {
        let cases: [(&str, &[&str]); 17] = [
            ("Bénin", &["benin"]),
            ("Be\u{301}nin", &["benin"]),
            ("Türkiye TÜRKİYE Kılıç", &["turkiye", "turkiye", "kilic"]),
            ("Cœur, ŒUVRE, Lætitia", &["coeur", "oeuvre", "laetitia"]),
            ("Straße ẞ", &["strasse", "ss"]),
            ("l'Afrique l’Afrique L’AFRIQUE", &["afrique", "afrique", "afrique"]),
            ("jusqu’à qu’elle d'Évian", &["a", "elle", "evian"]),
            ("aujourd'hui, presqu’île", &["aujourd", "hui", "presqu", "ile"]),
            ("Moody’s Cléac'h Cléac´h", &["moody", "cleac", "h", "cleac", "h"]),
            ("pre\u{ad}mier lan\u{ad}ceur", &["premier", "lanceur"]),
            ("Noyal-sur-Vilaine", &["noyal", "sur", "vilaine"]),
            ("« 7,2 milliards »", &["7", "2", "milliards"]),
            ("ﬁn ２０１２ Łódź Ærø", &["fin", "2012", "lodz", "aero"]),
            ("\"*NEAR( col:", &["near", "col"]),
            ("😀 — …", &[]),
            ("l' d’", &["l", "d"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn inflected_words_share_a_stem() {
        let cases = [
            (SearchLanguage::French, "manifestation", "manifestations"),
            (SearchLanguage::French, "augmenter", "augmenteront"),
            (SearchLanguage::French, "hopital", "hopitaux"),
            (SearchLanguage::French, "voeu", "voeux"),
            (SearchLanguage::French, "travail", "travaux"),
            (SearchLanguage::French, "rebelle", "rebelles"),
            (SearchLanguage::English, "election", "elections"),
        ];
        for (language, one, other) in cases {
            assert_eq!(stem(one, language), stem(other, language), "{one} {other}");
        }
        assert_eq!(stem("augmenteront", SearchLanguage::Other), "augmenteront");
    }

    #[test]
    fn the_memory_of_stems_is_bounded() {
        for number in 0..CACHED_STEMS + 10 {
            stem(&format!("mot{number}"), SearchLanguage::French);
        }
        STEMS.with_borrow(|stems| assert!(stems[&SearchLanguage::French].len() <= CACHED_STEMS));
        assert_eq!(stem("manifestations", SearchLanguage::French), "manifest");
    }

    proptest! {
        #[test]
        fn words_know_the_bytes_they_were_made_of(text in ".{0,200}") {
            let mut last = 0;
            for word in words(&text) {
                let slice = text.get(word.bytes.clone());
                prop_assert!(word.bytes.start >= last, "{text:?}");
                last = word.bytes.end;
                prop_assert_eq!(slice.map(fold), Some(word.folded.clone()), "{:?}", text);
                prop_assert!(word.folded.chars().all(|c| c.is_alphanumeric() || is_mark(c)), "{:?}", word);
                prop_assert!(word.folded.chars().count() <= limits::SEARCH_WORD);
                for language in [SearchLanguage::French, SearchLanguage::English, SearchLanguage::Other] {
                    let stem = stem(&word.folded, language);
                    prop_assert!(!stem.is_empty() && !stem.contains([' ', '\'', '"', '\\']), "{:?}", stem);
                }
            }
        }

        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,60}") {
            for word in folded(&text) {
                prop_assert_eq!(&fold(&word), &word);
            }
        }
    }
}
