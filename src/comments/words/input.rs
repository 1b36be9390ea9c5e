//! What is sent about word lists.

use std::collections::HashSet;

use utoipa::ToSchema;

use super::model::{WordListKind, is_findable};
use crate::base::error::FieldCode;
use crate::base::http::body::{BodyMedia, FromBody};
use crate::base::http::fields::{At, Fields, Patch, boolean, exact_line, exact_text, list, one_of, parsed};
use crate::base::limits;
use crate::base::locale::read_locale;

/// A word list to be made.
#[derive(ToSchema)]
pub struct NewWordList {
    /// What moderators call it.
    pub name: String,
    /// What becomes of a comment in which one of its words stands.
    pub kind: WordListKind,
    /// Only for comments in this language; all where it is not given.
    pub locale: Option<String>,
    /// Whether it is used; yes, where it is not said.
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
    /// Words and phrases; `*` behind one is the rest of a word.
    #[schema(nullable = false)]
    pub entries: Option<Vec<String>>,
    /// What is not meant by them, written alike.
    #[schema(nullable = false)]
    pub exceptions: Option<Vec<String>>,
}

impl FromBody for NewWordList {
    const MAX_BYTES: usize = limits::WORD_LIST_BYTES;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", exact_line(limits::NAME));
        let kind = fields.required("kind", one_of(WordListKind::WORDS, WordListKind::parse));
        let locale = fields.optional("locale", read_locale);
        let is_active = fields.optional("is_active", boolean);
        let entries = fields.optional("entries", words);
        let exceptions = fields.optional("exceptions", words);
        Some(Self {
            name: name?,
            kind: kind?,
            locale,
            is_active,
            entries,
            exceptions,
        })
    }
}

/// A change of a word list.
#[derive(ToSchema)]
pub struct WordListPatch {
    /// Another name.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Another kind.
    #[schema(nullable = false)]
    pub kind: Option<WordListKind>,
    /// Only for comments in this language; null for all.
    #[schema(value_type = Option<String>)]
    pub locale: Patch<String>,
    /// Whether it is used.
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
    /// All its words and phrases, in place of those it has.
    #[schema(nullable = false)]
    pub entries: Option<Vec<String>>,
    /// All its exceptions, in place of those it has.
    #[schema(nullable = false)]
    pub exceptions: Option<Vec<String>>,
}

impl FromBody for WordListPatch {
    const MAX_BYTES: usize = limits::WORD_LIST_BYTES;
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            name: fields.change("name", exact_line(limits::NAME)),
            kind: fields.change("kind", one_of(WordListKind::WORDS, WordListKind::parse)),
            locale: fields.patch("locale", read_locale),
            is_active: fields.change("is_active", boolean),
            entries: fields.change("entries", words),
            exceptions: fields.change("exceptions", words),
        })
    }
}

/// A text to be held against the word lists.
#[derive(ToSchema)]
pub struct TestWordListsRequest {
    /// The text, as somebody would write it.
    pub text: String,
    /// Its language: the lists for it and those for all; where it is not given, every list.
    pub locale: Option<String>,
}

impl FromBody for TestWordListsRequest {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let text = fields.required("text", exact_text(limits::COMMENT));
        let locale = fields.optional("locale", read_locale);
        Some(Self { text: text?, locale })
    }
}

/// Entries: each can find something, and stands there once.
fn words(at: &mut At<'_>, value: serde_json::Value) -> Option<Vec<String>> {
    let word = |text: &str| is_findable(text).then(|| text.to_owned());
    let expected = "a word or a phrase, and at most a * behind it";
    let words = list(limits::WORDS, parsed(limits::WORD, expected, word))(at, value)?;
    let mut seen = HashSet::new();
    match words.iter().position(|word| !seen.insert(word)) {
        Some(twice) => at.child(&twice.to_string()).fail(FieldCode::Duplicate),
        None => Some(words),
    }
}
