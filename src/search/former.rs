//! The analyser of the format before, by which entries are matched until they are written anew: it knew fewer forms of
//! French words, and ended words at every apostrophe and point. Where the analyser changes again, this becomes what
//! [`stem`](super::stem) and [`analyse`] are now.

use snowball_stemmers_rs::{Algorithm, Stemmer};

use crate::base::db::fulltext::FulltextTerm;
use crate::search::analyse::{self, FoldedWord};
use crate::search::stem::SearchLanguage;

/// The words of a text, in order.
pub fn former_words(text: &str) -> Vec<FoldedWord> {
    analyse::words_joined_by(text, |_, _, _| false)
}

/// What a word of a query was in entries of the format before, in any of its forms.
pub fn former_term(word: &str, language: SearchLanguage) -> Option<FulltextTerm> {
    let words = former_words(word);
    match words.as_slice() {
        [] => None,
        [word] => Some(FulltextTerm::Stem(former_stem(&word.folded, language))),
        words => Some(FulltextTerm::Phrase(
            words.iter().map(|word| word.folded.clone()).collect(),
        )),
    }
}

fn former_stem(folded: &str, language: SearchLanguage) -> String {
    let algorithm = match language {
        SearchLanguage::French => Algorithm::French,
        SearchLanguage::English => Algorithm::English,
        SearchLanguage::Other => return folded.to_owned(),
    };
    let known = FORMER_PLURALS.iter().find(|(plural, _)| *plural == folded);
    let singular = known.filter(|_| language == SearchLanguage::French);
    let word = singular.map_or(folded, |(_, singular)| singular);
    Stemmer::create(algorithm).stem(word).into_owned()
}

/// Plurals that Snowball does not bring together with their singulars, folded.
const FORMER_PLURALS: [(&str, &str); 22] = [
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_it_was_in_entries_of_the_format_before() {
        let stem = |stem: &str| Some(FulltextTerm::Stem(stem.to_owned()));
        let phrase = |words: &[&str]| {
            Some(FulltextTerm::Phrase(
                words.iter().map(|word| (*word).to_owned()).collect(),
            ))
        };
        for (word, language, term) in [
            ("lois", SearchLanguage::French, stem("lois")),
            ("Mali", SearchLanguage::French, stem("mal")),
            ("yeux", SearchLanguage::French, stem("oeil")),
            ("lois", SearchLanguage::Other, stem("lois")),
            ("N’Diaye", SearchLanguage::French, stem("diay")),
            ("aujourd'hui", SearchLanguage::French, phrase(&["aujourd", "hui"])),
            ("U.E.", SearchLanguage::French, phrase(&["u", "e"])),
            ("…", SearchLanguage::French, None),
        ] {
            assert_eq!(former_term(word, language), term, "{word}");
        }
    }
}
