//! Whether a text holds what is looked for, and where: the same as the index says, but read from the text itself.

use std::ops::Range;

use super::analyse::{self, bytes_of_words, compound_at};
use super::stem::{SearchLanguage, first_letters, with_stem};
use crate::base::db::fulltext::FulltextTerm;

/// A text as its words. Most of them are told apart from what is looked for by their first letters, so each is folded
/// only when it is compared.
pub struct TextWords<'t> {
    text: &'t str,
    words: Vec<Range<usize>>,
    language: SearchLanguage,
}

impl<'t> TextWords<'t> {
    /// Reads a text of a language.
    pub fn of(text: &'t str, language: SearchLanguage) -> Self {
        Self {
            text,
            words: bytes_of_words(text),
            language,
        }
    }

    /// Whether one of these terms is in the text.
    pub fn hold(&self, any: &[FulltextTerm]) -> bool {
        let terms: Vec<&FulltextTerm> = any.iter().collect();
        self.matches(&terms).next().is_some()
    }

    /// The bytes of the text in which any of these terms is found, in order; those that overlap are one.
    pub fn found(&self, terms: &[&FulltextTerm]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for bytes in self.matches(terms) {
            match found.last_mut() {
                Some(last) if bytes.start < last.end => last.end = last.end.max(bytes.end),
                _ => found.push(bytes),
            }
        }
        found
    }

    /// The bytes of the longest match that begins with each word, where there is one.
    fn matches(&self, terms: &[&FulltextTerm]) -> impl Iterator<Item = Range<usize>> {
        let begin = PossibleBeginnings::of(terms, self.language);
        let may_match = move |bytes: &Range<usize>| begin.is_possible(self.text, bytes);
        let possible = self.words.iter().enumerate().filter(move |(_, bytes)| may_match(bytes));
        possible.filter_map(|(at, bytes)| {
            let folded = self.folded(at)?;
            let ends = terms.iter().filter_map(|term| self.end_of_match(term, at, &folded));
            Some(bytes.start..ends.max()?)
        })
    }

    fn folded(&self, at: usize) -> Option<String> {
        let bytes = self.words.get(at)?;
        Some(analyse::fold(self.text.get(bytes.clone())?))
    }

    /// The byte at which the match of a term ends that begins with this word.
    fn end_of_match(&self, term: &FulltextTerm, at: usize, folded: &str) -> Option<usize> {
        match term {
            FulltextTerm::Stem(wanted) => {
                self.end_in_any_form(at, folded, |word| with_stem(word, self.language, |stem| stem == wanted))
            }
            FulltextTerm::Prefix(start) => self.end_in_any_form(at, folded, |word| {
                word.starts_with(start) || with_stem(word, self.language, |stem| stem.starts_with(start))
            }),
            FulltextTerm::Form(form) => (folded == form).then(|| self.end_of(at))?,
            FulltextTerm::Phrase(phrase) => {
                let (first, others) = phrase.split_first()?;
                let is_same = first == folded
                    && others
                        .iter()
                        .zip(at + 1..)
                        .all(|(word, at)| self.folded(at).is_some_and(|folded| folded == *word));
                is_same.then(|| self.end_of(at + others.len()))?
            }
        }
    }

    /// Where the compound that begins with this word ends, or the word, if that is what is looked for.
    fn end_in_any_form(&self, at: usize, folded: &str, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let compound = compound_at(self.text, &self.words, at);
        if let Some(compound) = compound.filter(|compound| is_wanted(&compound.folded)) {
            return self.end_of(compound.words.end - 1);
        }
        is_wanted(folded).then(|| self.end_of(at))?
    }

    fn end_of(&self, at: usize) -> Option<usize> {
        self.words.get(at).map(|bytes| bytes.end)
    }
}

/// Which letters words may begin with that match.
struct PossibleBeginnings {
    letters: Vec<char>,
}

impl PossibleBeginnings {
    fn of(terms: &[&FulltextTerm], language: SearchLanguage) -> Self {
        let mut letters = Vec::new();
        for term in terms {
            match term {
                FulltextTerm::Stem(word) | FulltextTerm::Prefix(word) => {
                    word.chars()
                        .next()
                        .into_iter()
                        .for_each(|letter| letters.extend(first_letters(letter, language)));
                }
                FulltextTerm::Form(word) => letters.extend(word.chars().next()),
                FulltextTerm::Phrase(words) => letters.extend(words.first().and_then(|word| word.chars().next())),
            }
        }
        Self { letters }
    }

    /// What a letter that is not of ASCII folds to is not looked at.
    fn is_possible(&self, text: &str, word: &Range<usize>) -> bool {
        let first = text.as_bytes().get(word.start).map(u8::to_ascii_lowercase);
        first.is_none_or(|first| !first.is_ascii() || self.letters.contains(&char::from(first)))
    }
}
