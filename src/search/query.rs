//! Turns what somebody types into a search box into a query.
//!
//! Words are looked for in any of their forms, and all must be there; `"…"` and `« … »` mean exactly these words, side
//! by side; `-` in front of a word or a phrase excludes it. The last word may be half typed: where nothing follows it,
//! words that begin with it match too. Everything else is white space: no input is an error of syntax.

use super::analyse;
use crate::base::db::fulltext::{FulltextQuery, FulltextTerm};
use crate::base::error::{Error, Result};
use crate::base::http::query::{Query, invalid};
use crate::base::limits;
use crate::search::analyse::SearchLanguage;
use crate::site::settings::Site;

/// Letters of a last word that may be the beginning of a longer one. With three, too many words match.
pub const MIN_PREFIX_LETTERS: usize = 4;

/// Words that are in every text: they are looked for only where there are no others.
const STOP_WORDS: [&str; 20] = [
    "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "un", "une", "and", "in", "of",
    "the", "to",
];

/// A piece of the input.
struct QueryPiece<'q> {
    text: &'q str,
    is_quoted: bool,
    is_excluded: bool,
}

/// The languages in which a query is stemmed: that of the locale, or all of the site's.
pub fn languages(site: &Site, locale: Option<&str>) -> Vec<SearchLanguage> {
    let mut languages: Vec<SearchLanguage> = match locale {
        Some(locale) => vec![SearchLanguage::of(locale)],
        None => site.locales.iter().map(|locale| SearchLanguage::of(locale)).collect(),
    };
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// The parameter `q`: with a word to look for.
///
/// # Errors
/// 400 where there is none, or too much.
pub fn read(query: &Query) -> Result<String> {
    let q = query.one("q")?.ok_or_else(invalid_search_query)?;
    let is_sound =
        q.chars().count() <= limits::SEARCH_QUERY && parse(q, &[SearchLanguage::Other], MIN_PREFIX_LETTERS).is_some();
    is_sound.then(|| q.to_owned()).ok_or_else(invalid_search_query)
}

/// 400 saying what `q` must be.
pub fn invalid_search_query() -> Error {
    invalid("q", "1 to 200 characters with a word to look for")
}

/// What is looked for, a last word of at least `prefix` letters also as a beginning; `None` where no
/// word is looked for.
pub fn parse(text: &str, languages: &[SearchLanguage], prefix: usize) -> Option<FulltextQuery> {
    let pieces = pieces(text);
    let mut wanted = FulltextQuery::default();
    for (index, piece) in pieces.iter().enumerate() {
        let words: Vec<String> = analyse::words(piece.text).into_iter().map(|word| word.folded).collect();
        if words.is_empty() {
            continue;
        }
        if piece.is_excluded {
            wanted.none.push(match words.as_slice() {
                [word] if !piece.is_quoted => stems(word, languages),
                _ => vec![FulltextTerm::Phrase(words)],
            });
            continue;
        }
        if piece.is_quoted {
            wanted.all.push(match words.as_slice() {
                [word] => vec![FulltextTerm::Form(word.clone())],
                _ => vec![FulltextTerm::Phrase(words)],
            });
            continue;
        }
        let is_last = index + 1 == pieces.len() && text.ends_with(char::is_alphanumeric);
        let count = words.len();
        for (number, word) in words.iter().enumerate() {
            let mut any = stems(word, languages);
            if is_last && number + 1 == count && word.chars().count() >= prefix {
                any.push(FulltextTerm::Prefix(word.clone()));
            }
            wanted.all.push(any);
        }
    }
    drop_stop_words(&mut wanted, languages);
    // The order of what is looked for does not matter.
    let mut kept: Vec<Vec<FulltextTerm>> = Vec::new();
    for any in wanted.all {
        if !kept.contains(&any) {
            kept.push(any);
        }
    }
    wanted.all = kept;
    (!wanted.all.is_empty()).then_some(wanted)
}

fn stems(word: &str, languages: &[SearchLanguage]) -> Vec<FulltextTerm> {
    let mut stems: Vec<FulltextTerm> = Vec::new();
    for language in languages {
        let stem = FulltextTerm::Stem(analyse::stem(word, *language));
        if !stems.contains(&stem) {
            stems.push(stem);
        }
    }
    stems
}

fn drop_stop_words(wanted: &mut FulltextQuery, languages: &[SearchLanguage]) {
    let stopped: Vec<Vec<FulltextTerm>> = STOP_WORDS.iter().map(|word| stems(word, languages)).collect();
    if wanted.all.iter().any(|any| !stopped.contains(any)) {
        wanted.all.retain(|any| !stopped.contains(any));
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '‟')
}

/// Quoted pieces and those between white space. A quote that is not closed reaches to the end.
fn pieces(text: &str) -> Vec<QueryPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let mut is_excluded = false;
        if let Some(excluded) = rest
            .strip_prefix('-')
            .filter(|rest| !rest.starts_with(char::is_whitespace))
        {
            (rest, is_excluded) = (excluded, true);
        }
        let Some(first) = rest.chars().next() else { break };
        let is_quoted = is_quote(first);
        let (text, behind) = if is_quoted {
            let inner = rest.get(first.len_utf8()..).unwrap_or_default();
            let end = inner.find(is_quote).unwrap_or(inner.len());
            let quote = inner.get(end..).and_then(|rest| rest.chars().next());
            (inner.get(..end), inner.get(end + quote.map_or(0, char::len_utf8)..))
        } else {
            let end = rest
                .find(|c| char::is_whitespace(c) || is_quote(c))
                .unwrap_or(rest.len());
            (rest.get(..end), rest.get(end..))
        };
        pieces.push(QueryPiece {
            text: text.unwrap_or_default(),
            is_quoted,
            is_excluded,
        });
        rest = behind.unwrap_or_default();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stem(word: &str) -> FulltextTerm {
        FulltextTerm::Stem(word.to_owned())
    }

    fn phrase(words: &[&str]) -> Vec<FulltextTerm> {
        vec![FulltextTerm::Phrase(
            words.iter().map(|word| (*word).to_owned()).collect(),
        )]
    }

    #[test]
    fn what_is_typed_is_understood() {
        let prefix = |word: &str| FulltextTerm::Prefix(word.to_owned());
        type Clauses = Vec<Vec<FulltextTerm>>;
        let cases: [(&str, Clauses, Clauses); 13] = [
            ("l'Afrique", vec![vec![stem("afriqu"), prefix("afrique")]], vec![]),
            ("l’ISS", vec![vec![stem("iss")]], vec![]),
            ("mali ", vec![vec![stem("mal")]], vec![]),
            ("mali guerre ", vec![vec![stem("mal")], vec![stem("guerr")]], vec![]),
            ("\"premier étage\"", vec![phrase(&["premier", "etage"])], vec![]),
            (
                "« l’Assemblée nationale »",
                vec![phrase(&["assemblee", "nationale"])],
                vec![],
            ),
            ("\"mali\"", vec![vec![FulltextTerm::Form("mali".to_owned())]], vec![]),
            ("\"pas fermé", vec![phrase(&["pas", "ferme"])], vec![]),
            ("rio -paris ", vec![vec![stem("rio")]], vec![vec![stem("paris")]]),
            (
                "rio -\"air france\"",
                vec![vec![stem("rio")]],
                vec![phrase(&["air", "france"])],
            ),
            ("Rio-Paris ", vec![vec![stem("rio")], vec![stem("paris")]], vec![]),
            ("la langue de ", vec![vec![stem("langu")]], vec![]),
            ("le le ", vec![vec![stem("le")]], vec![]),
        ];
        for (text, all, none) in cases {
            let wanted = parse(text, &[SearchLanguage::French], MIN_PREFIX_LETTERS).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((wanted.all, wanted.none), (all, none), "{text}");
        }
    }

    #[test]
    fn input_without_a_word_looks_for_nothing() {
        for text in ["", " ", "-", "--", "\"", "\"\"", "😀", "*", "-mali", "« »", "…"] {
            assert_eq!(
                parse(text, &[SearchLanguage::French], MIN_PREFIX_LETTERS),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_is_stemmed_in_every_language_asked_for() {
        let wanted = parse(
            "nations ",
            &[SearchLanguage::French, SearchLanguage::English, SearchLanguage::Other],
            MIN_PREFIX_LETTERS,
        )
        .unwrap();
        assert_eq!(wanted.all, [[stem("nation"), stem("nations")]]);
    }

    proptest! {
        #[test]
        fn no_input_is_an_error(text in "[-\"«» *:()a-zé'’]{0,60}|.{0,100}") {
            if let Some(wanted) = parse(&text, &[SearchLanguage::French], MIN_PREFIX_LETTERS) {
                prop_assert!(!wanted.all.is_empty());
                prop_assert!(wanted.all.iter().chain(&wanted.none).all(|any| !any.is_empty()));
            }
        }
    }
}
