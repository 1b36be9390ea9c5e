//! What is sent about word lists.

use std::collections::HashSet;

use super::model::{WordListKind, is_findable};
use super::store::WordList;
use crate::base::error::FieldCode;
use crate::base::http::value_reader::{ValueReader, boolean, exact_line, exact_text, list, parsed, word};
use crate::base::limits;
use crate::base::locale::locale;
use crate::body_type;

body_type! {
    /// A word list to be made.
    pub struct NewWordList [max_bytes(limits::WORD_LIST_BYTES)] {
        /// What moderators call it.
        pub name: String = required(exact_line(limits::NAME)),
        /// What becomes of a comment in which one of its words stands.
        pub kind: WordListKind = required(word()),
        /// Only for comments in this language; all where it is not given.
        pub locale: String = optional(locale()),
        /// Whether it is used; yes, where it is not said.
        pub is_active: bool = defaulted(boolean()) or true,
        /// Words and phrases; `*` behind one is the rest of a word. One that is written as an address (`casino.example`) is
        /// found in addresses too, the others are not.
        pub entries: Vec<String> = defaulted(words()),
        /// What is not meant by them, written alike.
        pub exceptions: Vec<String> = defaulted(words()),
    }
}

body_type! {
    /// A change of a word list.
    pub struct WordListPatch of WordList [max_bytes(limits::WORD_LIST_BYTES)] {
        /// Another name.
        pub name: String = change(exact_line(limits::NAME)),
        /// Another kind.
        pub kind: WordListKind = change(word()),
        /// Only for comments in this language; null for all.
        pub locale: String = patch(locale()),
        /// Whether it is used.
        pub is_active: bool = change(boolean()),
        /// All its words and phrases, in place of those it has.
        pub entries: Vec<String> = change_elsewhere(words()),
        /// All its exceptions, in place of those it has.
        pub exceptions: Vec<String> = change_elsewhere(words()),
    }
}

body_type! {
    /// A text to be held against the word lists.
    pub struct TestWordListsRequest {
        /// The text, as somebody would write it.
        pub text: String = required(exact_text(limits::COMMENT)),
        /// Its language: the lists for it and those for all; where it is not given, every list.
        pub locale: String = optional(locale()),
    }
}

/// Reads entries: each can find something, and none is there twice.
fn words() -> impl ValueReader<Value = Vec<String>> {
    let word = |text: &str| is_findable(text).then(|| text.to_owned());
    let expected = "a word or a phrase, and at most a * behind it";
    list(limits::WORDS, parsed(limits::WORD, expected, word)).then(|at, words| {
        let mut seen = HashSet::new();
        match words.iter().position(|word| !seen.insert(word)) {
            Some(twice) => at.child(&twice.to_string()).fail(FieldCode::Duplicate),
            None => Some(words),
        }
    })
}
