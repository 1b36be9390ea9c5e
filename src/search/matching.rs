//! Whether a text holds what is looked for, and where: the same as the index says, but read from the text itself.

use std::ops::Range;

use super::analyse;
use super::stem::{SearchLanguage, is_stem, stem};
use crate::base::db::fulltext::FulltextTerm;
use crate::search::analyse::{CompoundWord, FoldedWord};

/// A text as its words.
pub struct TextWords {
    words: Vec<FoldedWord>,
    compounds: Vec<CompoundWord>,
    language: SearchLanguage,
}

impl TextWords {
    /// Reads a text of a language.
    pub fn of(text: &str, language: SearchLanguage) -> Self {
        let words = analyse::words(text);
        Self {
            compounds: analyse::compounds(text, &words),
            words,
            language,
        }
    }

    /// Whether one of these terms is in the text.
    pub fn hold(&self, any: &[FulltextTerm]) -> bool {
        (0..self.words.len()).any(|at| any.iter().any(|term| self.end_of_match(term, at).is_some()))
    }

    /// The bytes of the text in which any of these terms is found, in order; those that overlap are one.
    pub fn found(&self, terms: &[&FulltextTerm]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let ends = terms.iter().filter_map(|term| self.end_of_match(term, at));
            let Some(end) = ends.max() else { continue };
            match found.last_mut() {
                Some(last) if word.bytes.start < last.end => last.end = last.end.max(end),
                _ => found.push(word.bytes.start..end),
            }
        }
        found
    }

    /// The byte at which the match of a term ends that begins with this word.
    fn end_of_match(&self, term: &FulltextTerm, at: usize) -> Option<usize> {
        let rest = self.words.get(at..)?;
        let word = rest.first()?;
        let found = match term {
            FulltextTerm::Stem(wanted) => {
                return self.end_in_any_form(at, |folded| is_stem(wanted, folded, self.language));
            }
            FulltextTerm::Prefix(start) => {
                let begins = |folded: &str| folded.starts_with(start) || stem(folded, self.language).starts_with(start);
                return self.end_in_any_form(at, begins);
            }
            FulltextTerm::Form(form) => rest.get(..1).filter(|_| word.folded == *form),
            FulltextTerm::Phrase(phrase) => {
                let side_by_side = rest.get(..phrase.len())?;
                let is_same = side_by_side.iter().zip(phrase).all(|(word, form)| word.folded == *form);
                Some(side_by_side).filter(|_| is_same)
            }
        };
        Some(found?.last()?.bytes.end)
    }

    /// Where the compound that begins with this word ends, or the word, if that is what is looked for.
    fn end_in_any_form(&self, at: usize, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let compound = self.compounds.iter().find(|compound| compound.words.start == at);
        if let Some(compound) = compound.filter(|compound| is_wanted(&compound.folded)) {
            return Some(self.words.get(compound.words.clone())?.last()?.bytes.end);
        }
        self.words
            .get(at)
            .filter(|word| is_wanted(&word.folded))
            .map(|word| word.bytes.end)
    }
}
