//! Turns what somebody types into a search box into a query.
//!
//! Words are looked for in any of their forms, and all must be there; `"…"` and `« … »` mean exactly these words, side
//! by side; `-` in front of a word or a phrase excludes it. The last word may be half typed: where nothing follows it,
//! words that begin with it match too. Everything else is white space: no input is an error of syntax.

use super::analyse;
use crate::base::db::fulltext::{FulltextQuery, FulltextTerm};
use crate::base::error::{Error, Result};
use crate::base::http::query::{Query, invalid};
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::limits;
use crate::search::former::former_term;
use crate::search::stem::{SearchLanguage, stem};
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

/// How a query is read.
#[derive(Clone, Debug)]
pub struct QueryReading {
    /// The languages in which its words are stemmed.
    pub languages: Vec<SearchLanguage>,
    /// Letters from which on a last word may be the beginning of a longer one.
    pub prefix: usize,
    /// Whether entries of the format before are looked for too.
    pub also_former: bool,
}

impl QueryReading {
    /// In the language of the locale, or in all of the site's.
    pub fn of(site: &Site, locale: Option<&str>) -> Self {
        let locales = locale.map_or_else(
            || site.locales.iter().map(String::as_str).collect(),
            |locale| vec![locale],
        );
        let mut languages: Vec<SearchLanguage> = locales.into_iter().map(SearchLanguage::of).collect();
        languages.sort_unstable();
        languages.dedup();
        Self {
            languages,
            prefix: MIN_PREFIX_LETTERS,
            also_former: false,
        }
    }

    /// As written, in no language.
    fn as_written() -> Self {
        Self {
            languages: vec![SearchLanguage::Other],
            prefix: MIN_PREFIX_LETTERS,
            also_former: false,
        }
    }

    /// A word in any of its forms; where letters and digits meet in it, also apart: `covid19` is `Covid-19`.
    fn forms_of(&self, word: &str, folded: &str) -> Vec<FulltextTerm> {
        let mut forms = self.stems(folded);
        let apart = letters_and_digits(folded);
        if apart.len() > 1 {
            forms.push(FulltextTerm::Phrase(apart));
        }
        let former = self.languages.iter().filter(|_| self.also_former);
        for term in former.filter_map(|language| former_term(word, *language)) {
            if !forms.contains(&term) {
                forms.push(term);
            }
        }
        forms
    }

    fn stems(&self, folded: &str) -> Vec<FulltextTerm> {
        let mut stems: Vec<FulltextTerm> = Vec::new();
        for language in &self.languages {
            let stem = FulltextTerm::Stem(stem(folded, *language));
            if !stems.contains(&stem) {
                stems.push(stem);
            }
        }
        stems
    }

    /// Two words as one, which is how others write them: `week end` is `weekend`. Words that are in every text make none.
    fn joined(&self, one: &str, next: &str) -> Vec<FulltextTerm> {
        let letters = one.chars().count() + next.chars().count();
        if STOP_WORDS.contains(&one) || STOP_WORDS.contains(&next) || letters > limits::SEARCH_WORD {
            return Vec::new();
        }
        self.stems(&format!("{one}{next}"))
    }
}

/// The parameter `q`: with a word to look for.
///
/// # Errors
/// 400 where there is none, or too much.
pub fn read(query: &Query) -> Result<String> {
    let q = query.one("q")?.ok_or_else(invalid_search_query)?;
    let is_sound = q.chars().count() <= limits::SEARCH_QUERY && parse(q, &QueryReading::as_written()).is_some();
    is_sound.then(|| q.to_owned()).ok_or_else(invalid_search_query)
}

/// A parameter with a word to look for.
pub fn search_param() -> impl ParamReader<Value = String> {
    let query = param_reader(
        || ValueSchema::text(limits::SEARCH_QUERY).schema,
        |query, name| query.one(name)?.map(|_| read(query)).transpose(),
    );
    query.documented(|text| text.min_length = Some(1))
}

/// 400 saying what `q` must be.
pub fn invalid_search_query() -> Error {
    invalid("q", "1 to 200 characters with a word to look for")
}

/// What is looked for; `None` where no word is.
pub fn parse(text: &str, reading: &QueryReading) -> Option<FulltextQuery> {
    let pieces = pieces(text);
    let mut wanted = FulltextQuery::default();
    let mut before: Option<String> = None;
    for (index, piece) in pieces.iter().enumerate() {
        let words = analyse::words(piece.text);
        if words.is_empty() {
            continue;
        }
        if piece.is_excluded || piece.is_quoted {
            let clause = match words.as_slice() {
                [word] if !piece.is_quoted => reading.forms_of(piece.text, &word.folded),
                [word] if !piece.is_excluded => vec![FulltextTerm::Form(word.folded.clone())],
                words => vec![FulltextTerm::Phrase(
                    words.iter().map(|word| word.folded.clone()).collect(),
                )],
            };
            let clauses = if piece.is_excluded {
                &mut wanted.none
            } else {
                &mut wanted.all
            };
            clauses.push(clause);
            before = None;
            continue;
        }
        // Behind an apostrophe the word may go on: `aujourd’`.
        let typed = text.trim_end_matches(analyse::is_apostrophe);
        let is_last = index + 1 == pieces.len() && typed.ends_with(char::is_alphanumeric);
        let count = words.len();
        for (number, word) in words.into_iter().enumerate() {
            let as_typed = piece.text.get(word.bytes).unwrap_or_default();
            let mut any = reading.forms_of(as_typed, &word.folded);
            if is_last && number + 1 == count && word.folded.chars().count() >= reading.prefix {
                any.push(FulltextTerm::Prefix(word.folded.clone()));
            }
            let joined = before.map_or_else(Vec::new, |before| reading.joined(&before, &word.folded));
            wanted
                .all
                .last_mut()
                .into_iter()
                .for_each(|last| last.extend(joined.clone()));
            any.extend(joined);
            wanted.all.push(any);
            before = Some(word.folded);
        }
    }
    drop_stop_words(&mut wanted, reading);
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

/// The runs of letters and of digits in a word.
fn letters_and_digits(word: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut was_digit = None;
    for c in word.chars() {
        let is_digit = c.is_numeric();
        match runs.last_mut().filter(|_| was_digit == Some(is_digit)) {
            Some(run) => run.push(c),
            None => runs.push(c.to_string()),
        }
        was_digit = Some(is_digit);
    }
    runs
}

fn drop_stop_words(wanted: &mut FulltextQuery, reading: &QueryReading) {
    let stopped: Vec<Vec<FulltextTerm>> = STOP_WORDS.iter().map(|word| reading.forms_of(word, word)).collect();
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

    fn reading(languages: &[SearchLanguage]) -> QueryReading {
        QueryReading {
            languages: languages.to_vec(),
            ..QueryReading::as_written()
        }
    }

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
        let cases: [(&str, Clauses, Clauses); 18] = [
            ("l'Afrique", vec![vec![stem("afriqu"), prefix("afrique")]], vec![]),
            ("l’ISS", vec![vec![stem("iss")]], vec![]),
            ("mali ", vec![vec![stem("mali")]], vec![]),
            (
                "mali guerre ",
                vec![
                    vec![stem("mali"), stem("maliguerr")],
                    vec![stem("guerr"), stem("maliguerr")],
                ],
                vec![],
            ),
            ("aujourd’", vec![vec![stem("aujourd"), prefix("aujourd")]], vec![]),
            ("n’diaye ", vec![vec![stem("ndiay")]], vec![]),
            ("l’U.E. ", vec![vec![stem("ue")]], vec![]),
            (
                "covid19 ",
                vec![vec![stem("covid19"), phrase(&["covid", "19"])[0].clone()]],
                vec![],
            ),
            (
                "la covid-19 ",
                vec![vec![stem("covid"), stem("covid19")], vec![stem("19"), stem("covid19")]],
                vec![],
            ),
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
            (
                "Rio-Paris ",
                vec![vec![stem("rio"), stem("riopar")], vec![stem("paris"), stem("riopar")]],
                vec![],
            ),
            ("la langue de ", vec![vec![stem("langu")]], vec![]),
            ("le le ", vec![vec![stem("le")]], vec![]),
        ];
        for (text, all, none) in cases {
            let wanted = parse(text, &reading(&[SearchLanguage::French])).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((wanted.all, wanted.none), (all, none), "{text}");
        }
    }

    #[test]
    fn input_without_a_word_looks_for_nothing() {
        for text in ["", " ", "-", "--", "\"", "\"\"", "😀", "*", "-mali", "« »", "…"] {
            assert_eq!(parse(text, &reading(&[SearchLanguage::French])), None, "{text}");
        }
    }

    #[test]
    fn a_word_is_stemmed_in_every_language_asked_for() {
        let languages = [SearchLanguage::French, SearchLanguage::English, SearchLanguage::Other];
        let wanted = parse("nations ", &reading(&languages)).unwrap();
        assert_eq!(wanted.all, [[stem("nation"), stem("nations")]]);
    }

    proptest! {
        #[test]
        fn no_input_is_an_error(text in "[-\"«» *:()a-zé'’]{0,60}|.{0,100}") {
            if let Some(wanted) = parse(&text, &reading(&[SearchLanguage::French])) {
                prop_assert!(!wanted.all.is_empty());
                prop_assert!(wanted.all.iter().chain(&wanted.none).all(|any| !any.is_empty()));
            }
        }
    }
}
