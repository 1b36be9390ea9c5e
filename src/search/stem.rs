//! The stems of words, by their language.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use snowball_stemmers_rs::{Algorithm, Stemmer};

use crate::search::french_stem::french_stem;
use crate::search::french_words::IRREGULAR;

/// How the words of a language are stemmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchLanguage {
    /// By the rules of [`french_stem`], and Snowball's French.
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

/// Stems that a thread remembers: stemming word by word is most of the work of indexing.
const CACHED_STEMS: usize = 20_000;

thread_local! {
    /// French ones, and English ones.
    static STEMS: RefCell<[HashMap<String, String>; 2]> = RefCell::default();
}

/// The stem of a folded word; the word itself where its language has none.
pub fn stem(folded: &str, language: SearchLanguage) -> String {
    with_stem(folded, language, str::to_owned)
}

/// What is done with the stem of a folded word.
pub fn with_stem<T>(folded: &str, language: SearchLanguage, done: impl FnOnce(&str) -> T) -> T {
    let made: fn(&str) -> String = match language {
        SearchLanguage::French => |word| french_stem(word, &Stemmer::create(Algorithm::French)),
        SearchLanguage::English => |word| Stemmer::create(Algorithm::English).stem(word).into_owned(),
        SearchLanguage::Other => return done(folded),
    };
    STEMS.with_borrow_mut(|[french, english]| {
        let known = match language {
            SearchLanguage::French => french,
            _ => english,
        };
        if let Some(stem) = known.get(folded) {
            return done(stem);
        }
        let stem = made(folded);
        if known.len() >= CACHED_STEMS {
            known.clear();
        }
        let answer = done(&stem);
        known.insert(folded.to_owned(), stem);
        answer
    })
}

/// The letters that words may begin with whose stem begins with this one: rules change endings alone, but `yeux` is
/// `œil`.
pub fn first_letters(of_stem: char, language: SearchLanguage) -> Vec<char> {
    let mut letters = vec![of_stem];
    if language == SearchLanguage::French {
        letters.extend(
            OTHER_BEGINNINGS
                .iter()
                .filter(|(_, of)| *of == of_stem)
                .map(|(letter, _)| *letter),
        );
    }
    letters
}

/// The first letters of words and of their stems, where they are not the same.
static OTHER_BEGINNINGS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let begin = |word: &str| word.chars().next();
    let pairs = IRREGULAR
        .iter()
        .filter_map(|(form, regular)| Some((begin(form)?, begin(regular)?)));
    let mut others: Vec<(char, char)> = pairs.filter(|(form, regular)| form != regular).collect();
    // What an irregular form becomes may be irregular itself.
    for (form, between) in others.clone() {
        let further: Vec<char> = others
            .iter()
            .filter(|(of, _)| *of == between)
            .map(|(_, stem)| *stem)
            .collect();
        others.extend(further.into_iter().map(|stem| (form, stem)));
    }
    others.sort_unstable();
    others.dedup();
    others
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    fn a_stem_tells_the_first_letters_of_its_words() {
        assert!(first_letters('o', SearchLanguage::French).contains(&'y'));
        let known = IRREGULAR.iter().map(|(form, _)| *form);
        for word in known.chain(["skies", "dying", "only", "yelling", "quand", "œuvre", "ykz"]) {
            for language in [SearchLanguage::French, SearchLanguage::English, SearchLanguage::Other] {
                let first = stem(word, language).chars().next().unwrap();
                let letters = first_letters(first, language);
                assert!(letters.contains(&word.chars().next().unwrap()), "{word}");
            }
        }
    }

    proptest! {
        #[test]
        fn rules_change_endings_alone(word in "[a-z]{1,14}") {
            for language in [SearchLanguage::French, SearchLanguage::English] {
                let first = stem(&word, language).chars().next().unwrap();
                prop_assert!(first_letters(first, language).contains(&word.chars().next().unwrap()));
            }
        }
    }

    #[test]
    fn the_memory_of_stems_is_bounded() {
        for number in 0..CACHED_STEMS + 10 {
            stem(&format!("mot{number}"), SearchLanguage::French);
        }
        STEMS.with_borrow(|stems| assert!(stems[0].len() <= CACHED_STEMS));
        assert_eq!(stem("manifestations", SearchLanguage::French), "manifest");
    }
}
