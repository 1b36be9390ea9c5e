//! Statements on word lists, and the matcher of the active ones, kept in memory.

use std::sync::Arc;

use diesel::prelude::*;

use super::WordListId;
use super::model::WordListKind;
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, Generation, LockableRow, lock, raise_generations, take_advisory_lock};
use crate::base::db::schema::word_lists;
use crate::base::db::{Conn, GenerationCache, folded};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::limits;
use crate::comments::words::model::{ActiveWordList, WordMatcher};

/// A word list's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = word_lists, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct WordList {
    /// The list's id.
    pub id: WordListId,
    /// What moderators call it.
    pub name: String,
    /// Its name as lists sort it: no accents, no case.
    pub sort_key: String,
    /// What its words do.
    pub kind: WordListKind,
    /// Only for comments in this language.
    pub locale: Option<String>,
    /// Whether it is used.
    pub is_active: bool,
    /// Words and phrases, as a JSON array.
    pub entries: String,
    /// What is not meant by them, as a JSON array.
    pub exceptions: String,
    /// How many entries it has.
    pub entry_count: i32,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

/// A word list without its words.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = word_lists, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct WordListHeader {
    /// The list's id.
    pub id: WordListId,
    /// What moderators call it.
    pub name: String,
    /// Its name as lists sort it.
    pub sort_key: String,
    /// What its words do.
    pub kind: WordListKind,
    /// Only for comments in this language.
    pub locale: Option<String>,
    /// Whether it is used.
    pub is_active: bool,
    /// How many entries it has.
    pub entry_count: i32,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl WordList {
    /// Sets its words, and the columns that follow from its name and its words.
    ///
    /// # Errors
    /// 500 when they cannot be written as JSON.
    pub fn set_words(&mut self, entries: &[String], exceptions: &[String]) -> Result<()> {
        self.sort_key = folded(&self.name);
        self.entries = serde_json::to_string(entries).map_err(Error::internal)?;
        self.exceptions = serde_json::to_string(exceptions).map_err(Error::internal)?;
        self.entry_count = i32::try_from(entries.len()).map_err(Error::internal)?;
        Ok(())
    }

    /// Its entries and its exceptions.
    ///
    /// # Errors
    /// 500 when the row does not hold them.
    pub fn words(&self) -> Result<(Vec<String>, Vec<String>)> {
        let read = |json: &str| serde_json::from_str(json).map_err(Error::internal);
        Ok((read(&self.entries)?, read(&self.exceptions)?))
    }
}

/// The list of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: WordListId) -> Result<WordList> {
    Ok(word_lists::table.find(id).select(WordList::as_select()).first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: WordListId) -> Result<WordList> {
    lock(conn, LockableRow::WordList, id.as_str())?;
    get(conn, id)
}

/// A page of lists in the order of their names, starting after `after` (sort key, id).
pub fn list(
    conn: &mut Conn,
    kind: Option<WordListKind>,
    after: Option<[String; 2]>,
    limit: i64,
) -> Result<Vec<WordListHeader>> {
    let mut query = word_lists::table
        .order((word_lists::sort_key, word_lists::id))
        .limit(limit)
        .select(WordListHeader::as_select())
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(word_lists::kind.eq(kind));
    }
    if let Some([key, id]) = after {
        query = query
            .filter(word_lists::sort_key.ge(key.clone()))
            .filter(word_lists::sort_key.gt(key).or(word_lists::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// The names of lists, by their ids.
pub fn names(conn: &mut Conn) -> Result<Vec<(WordListId, String)>> {
    Ok(word_lists::table
        .select((word_lists::id, word_lists::name))
        .load(conn)?)
}

/// Adds a list.
///
/// # Errors
/// 422 `too_many_word_lists`.
pub fn insert(conn: &mut Conn, list: &WordList) -> Result<()> {
    take_advisory_lock(conn, AdvisoryLock::WordLists)?;
    let count: i64 = word_lists::table.count().get_result(conn)?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= limits::WORD_LISTS {
        let error = FieldError::new("", FieldCode::TooManyWordLists);
        return Err(Error::field(error.with("max", limits::WORD_LISTS)));
    }
    diesel::insert_into(word_lists::table).values(list).execute(conn)?;
    Ok(())
}

/// Writes a changed list.
pub fn update(conn: &mut Conn, list: &WordList) -> Result<()> {
    diesel::update(word_lists::table.find(list.id))
        .set(list)
        .execute(conn)?;
    Ok(())
}

/// Deletes a list.
pub fn delete(conn: &mut Conn, id: WordListId) -> Result<()> {
    diesel::delete(word_lists::table.find(id)).execute(conn)?;
    Ok(())
}

/// Makes the matcher of every instance out of date. Call it last in a transaction: the row stays locked until the end.
pub fn raise_generation(conn: &mut Conn) -> Result<()> {
    Ok(raise_generations(conn, &mut [Generation::WordLists])?)
}

/// The matcher of the active lists. Clones share it.
#[derive(Clone, Default)]
pub struct WordLists(GenerationCache<WordMatcher>);

impl WordLists {
    /// The matcher of the lists as this snapshot has them, made once after each change.
    pub fn current(&self, conn: &mut Conn) -> Result<Arc<WordMatcher>> {
        self.0
            .current(conn, Generation::WordLists, |conn| Ok(WordMatcher::new(&active(conn)?)))
    }
}

fn active(conn: &mut Conn) -> Result<Vec<ActiveWordList>> {
    let rows: Vec<WordList> = word_lists::table
        .filter(word_lists::is_active.eq(true))
        .order(word_lists::id)
        .select(WordList::as_select())
        .load(conn)?;
    let listed = |row: WordList| {
        let (entries, exceptions) = row.words()?;
        Ok(ActiveWordList {
            id: row.id,
            kind: row.kind,
            locale: row.locale,
            entries,
            exceptions,
        })
    };
    rows.into_iter().map(listed).collect()
}
