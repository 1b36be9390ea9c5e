//! The words that entries are found by on SQLite, each once: what a word that is not typed to its end may become. FTS5
//! goes through the entries of each word in the order of their numbers as far as it is asked to; those of all words that
//! begin alike it would gather first, however many there are.
//!
//! Words are added with the first entry that has them and stay until the index is cleared: who looks for a word that no
//! entry has any more finds nothing. PostgreSQL's own index knows what begins alike.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::fulltext::{FulltextEntry, FulltextIndex, FulltextQuery, FulltextTerm};
use super::kept::kept;

/// Letters of the shortest word that is listed.
const SHORTEST_LISTED: usize = 4;

/// Words that one beginning may stand for. Where there are more, all their entries are gathered after all.
const MAX_BEGUN: usize = 500;

/// For the beginnings of a query the words that they may become.
#[derive(Debug, Default)]
pub(super) struct BegunWords(HashMap<String, Vec<String>>);

#[derive(QueryableByName)]
struct ListedWord {
    #[diesel(sql_type = Text)]
    word: String,
}

impl BegunWords {
    /// What the unfinished words of a query may become in an index.
    pub fn find(conn: &mut SqliteConnection, index: FulltextIndex, wanted: &FulltextQuery) -> QueryResult<Self> {
        let mut words = HashMap::new();
        for term in wanted.all.iter().chain(&wanted.none).flatten() {
            let FulltextTerm::Prefix(start) = term else { continue };
            if start.chars().count() < SHORTEST_LISTED || words.contains_key(start) {
                continue;
            }
            let begun = begun_with(conn, index, start)?;
            if begun.len() <= MAX_BEGUN {
                words.insert(start.clone(), begun);
            }
        }
        Ok(Self(words))
    }

    /// What a term may become; `None` where it is no beginning, or one of too many words.
    pub fn of(&self, term: &FulltextTerm) -> Option<&[String]> {
        match term {
            FulltextTerm::Prefix(start) => self.0.get(start).map(Vec::as_slice),
            _ => None,
        }
    }

    #[cfg(test)]
    pub fn known(start: &str, words: &[&str]) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self(HashMap::from([(start.to_owned(), words)]))
    }
}

fn begun_with(conn: &mut SqliteConnection, index: FulltextIndex, start: &str) -> QueryResult<Vec<String>> {
    let select = format!(
        "SELECT word FROM {} WHERE word >= ? AND word < ? LIMIT ?",
        index.word_table()
    );
    let words: Vec<ListedWord> = diesel::sql_query(select)
        .bind::<Text, _>(start)
        .bind::<Text, _>(format!("{start}\u{10ffff}"))
        .bind::<BigInt, _>(i64::try_from(MAX_BEGUN + 1).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok(words.into_iter().map(|listed| listed.word).collect())
}

/// Lists the words of these entries that are not listed yet.
pub(super) fn list_words<'e>(
    conn: &mut SqliteConnection,
    index: FulltextIndex,
    entries: impl Iterator<Item = &'e FulltextEntry>,
) -> QueryResult<()> {
    let long = |word: &&str| word.chars().nth(SHORTEST_LISTED - 1).is_some();
    let words: BTreeSet<&str> = entries.flat_map(FulltextEntry::words).filter(long).collect();
    let json =
        serde_json::to_string(&words).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let insert = format!(
        "INSERT OR IGNORE INTO {} SELECT value FROM json_each(?)",
        index.word_table()
    );
    kept(diesel::sql_query(insert).bind::<Text, _>(json))
        .execute(conn)
        .map(drop)
}
