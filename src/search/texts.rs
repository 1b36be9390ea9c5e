//! The texts of an article that search knows: what is indexed, and what excerpts are cut from.

use serde::Deserialize;

use super::analyse;
use crate::base::db::fulltext::{FulltextEntry, IndexedWord};
use crate::base::error::{Error, Result};
use crate::base::limits;
use crate::search::analyse::FoldedWord;
use crate::search::stem::{SearchLanguage, stem};

/// The texts of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTexts {
    /// Its headline.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// Its body as plain text, a line for each paragraph.
    pub body: String,
}

/// What a pressed card says of itself.
#[derive(Deserialize)]
struct CardTexts {
    title: String,
    kicker: Option<String>,
    standfirst: Option<String>,
}

impl SearchTexts {
    /// The texts, with the body cut where all together reach what search takes.
    pub fn new(title: String, kicker: Option<String>, standfirst: Option<String>, body: String) -> Self {
        let mut texts = Self {
            title,
            kicker,
            standfirst,
            body,
        };
        let mut end = limits::SEARCH_TEXT_BYTES.saturating_sub(texts.head().len() + 1);
        if end < texts.body.len() {
            while !texts.body.is_char_boundary(end) {
                end -= 1;
            }
            texts.body.truncate(end);
        }
        texts
    }

    /// The texts of a live article, from its pressed card without the closing brace and the text that
    /// was [joined](Self::joined) for it.
    ///
    /// # Errors
    /// 500 when the card is none.
    pub fn of_pressed(card_json: &str, joined: &str) -> Result<Self> {
        let head: CardTexts = serde_json::from_str(&format!("{card_json}}}")).map_err(Error::internal)?;
        let mut texts = Self {
            title: head.title,
            kicker: head.kicker,
            standfirst: head.standfirst,
            body: String::new(),
        };
        texts.body = joined.get(texts.head().len() + 1..).unwrap_or_default().to_owned();
        Ok(texts)
    }

    /// All the texts, each on a new line.
    pub fn joined(&self) -> String {
        let mut joined = self.head();
        joined.push('\n');
        joined.push_str(&self.body);
        joined
    }

    fn head(&self) -> String {
        let lines = [Some(&self.title), self.kicker.as_ref(), self.standfirst.as_ref()];
        lines
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What the index takes from them.
    pub fn entry(&self, language: SearchLanguage) -> FulltextEntry {
        let lead = [&self.kicker, &self.standfirst].into_iter().flatten();
        FulltextEntry {
            title: indexed_words(&self.title, language),
            lead: lead.flat_map(|text| indexed_words(text, language)).collect(),
            body: indexed_words(&self.body, language),
        }
    }
}

fn indexed_words(text: &str, language: SearchLanguage) -> Vec<IndexedWord> {
    let words = analyse::words(text);
    let mut compounds = analyse::compounds(text, &words).into_iter().peekable();
    let word = |(index, word): (usize, FoldedWord)| IndexedWord {
        stem: stem(&word.folded, language),
        compound: compounds
            .next_if(|compound| compound.words.end == index + 1)
            .map(|compound| stem(&compound.folded, language)),
        form: word.folded,
    };
    words.into_iter().enumerate().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressed_texts_come_apart_again() {
        let texts = SearchTexts {
            title: "Mali : « l’armée »".to_owned(),
            kicker: None,
            standfirst: Some("Deux lignes\nne sont qu’une.".to_owned()),
            body: "Un.\nDeux.".to_owned(),
        };
        let card = serde_json::json!({"id": 1, "title": texts.title, "kicker": null, "standfirst": texts.standfirst});
        let card = card.to_string();
        let open = card.strip_suffix('}').unwrap();
        assert_eq!(SearchTexts::of_pressed(open, &texts.joined()).unwrap(), texts);
    }

    #[test]
    fn a_long_body_is_cut_between_characters() {
        let joined = SearchTexts::new("é".to_owned(), None, None, "é".repeat(150_000)).joined();
        assert!(joined.len() <= limits::SEARCH_TEXT_BYTES && joined.len() > limits::SEARCH_TEXT_BYTES - 4);
    }
}
