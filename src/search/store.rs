//! Statements of search: the entries of live articles and of working copies, and the words that titles
//! are made of.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::fulltext::{
    self, FulltextEntry, FulltextIndex, FulltextPage, FulltextPart, FulltextQuery, FulltextTerm, HitSearch,
};
use crate::base::db::schema::{desk_search, search_words};
use crate::base::db::union_all::UnionSelect;
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::search::stem::SearchLanguage;
use crate::search::texts::SearchTexts;
use crate::{insert_each, on_each};

/// How entries are written. Raise it when the analyser changes, and keep what it was in [`former`](super::former):
/// after the start of a newer binary entries are written anew, and those of the format before are matched meanwhile.
pub const SEARCH_FORMAT: i32 = 2;

/// Makes live articles findable, each at its position.
pub fn put(conn: &mut Conn, entries: &[(i64, &FulltextEntry)]) -> Result<()> {
    fulltext::insert(conn, FulltextIndex::Published, entries)?;
    let mut counts = BTreeMap::new();
    for word in entries.iter().flat_map(|(_, entry)| headline_words(entry)) {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Ok(fulltext::count_words(conn, &counts)?)
}

/// Takes a live article out of the index: `texts` must be those that were put in, though its body is not needed.
pub fn remove(conn: &mut Conn, position: i64, texts: &SearchTexts) -> Result<()> {
    fulltext::delete(conn, FulltextIndex::Published, position)?;
    let entry = texts.entry(SearchLanguage::Other);
    let words = headline_words(&entry).into_iter();
    let counts = words.map(|word| (word.to_owned(), -1)).collect();
    Ok(fulltext::count_words(conn, &counts)?)
}

/// Takes a live article out of the index whose entry, if there is one, is of the format before: its words are not
/// counted.
pub fn remove_former(conn: &mut Conn, position: i64) -> Result<()> {
    Ok(fulltext::delete(conn, FulltextIndex::Published, position)?)
}

/// Forgets the words of titles.
pub fn forget_words(conn: &mut Conn) -> Result<()> {
    diesel::delete(search_words::table).execute(conn)?;
    Ok(())
}

/// Letters of the shortest word that is kept to be suggested for a misspelt one.
pub const SHORTEST_WORD: usize = 4;

/// The words around the headline, each once.
fn headline_words(entry: &FulltextEntry) -> BTreeSet<&str> {
    let words = entry.title.iter().chain(&entry.lead).map(|word| word.form.as_str());
    words.filter(|word| is_kept(word)).collect()
}

fn is_kept(word: &str) -> bool {
    word.chars().count() >= SHORTEST_WORD && word.chars().all(char::is_alphabetic)
}

/// Words that begin or end as `word` does, at most `limit` of each. In a word with one mistake, or with two letters
/// exchanged, one of the two halves is right.
pub fn words_like(conn: &mut Conn, word: &str, limit: i64) -> Result<Vec<(String, i64)>> {
    let half = word.chars().count().saturating_sub(1) / 2;
    let start: String = word.chars().take(half).collect();
    let end: String = word.chars().rev().take(half).collect();
    let mut found: Vec<(String, i64)> = search_words::table
        .filter(search_words::word.ge(&start))
        .filter(search_words::word.lt(end_of_prefix(&start)))
        .order(search_words::word)
        .limit(limit)
        .select((search_words::word, search_words::entries))
        .load(conn)?;
    let ending: Vec<(String, i64)> = search_words::table
        .filter(search_words::reversed.ge(&end))
        .filter(search_words::reversed.lt(end_of_prefix(&end)))
        .order(search_words::reversed)
        .limit(limit)
        .select((search_words::word, search_words::entries))
        .load(conn)?;
    found.extend(ending);
    Ok(found)
}

/// The words of titles that begin so, those in most titles first, at most `limit`.
pub fn title_words_from(conn: &mut Conn, start: &str, limit: i64) -> Result<Vec<String>> {
    Ok(search_words::table
        .filter(search_words::word.ge(start))
        .filter(search_words::word.lt(end_of_prefix(start)))
        .order((search_words::entries.desc(), search_words::word))
        .limit(limit)
        .select(search_words::word)
        .load(conn)?)
}

/// A text after all those that begin so.
fn end_of_prefix(start: &str) -> String {
    format!("{start}\u{10ffff}")
}

/// Forgets every word and every entry of live articles.
pub fn clear(conn: &mut Conn) -> Result<()> {
    fulltext::clear(conn, FulltextIndex::Published)?;
    forget_words(conn)
}

/// The positions of live articles that match.
pub fn hits(conn: &mut Conn, wanted: &FulltextQuery, span: FulltextPage) -> Result<Vec<i64>> {
    Ok(fulltext::hits(conn, FulltextIndex::Published, wanted, span)?)
}

/// The last of the hits in a span, where as many are there as it may have.
pub fn last_hit(conn: &mut Conn, wanted: &FulltextQuery, span: FulltextPage) -> Result<Option<i64>> {
    Ok(fulltext::last_hit(conn, FulltextIndex::Published, wanted, span)?)
}

/// The SELECT of the positions of live articles that match, as `number`, in order: where `in_head` is given, of those
/// that have one of its terms in the title, the kicker or the standfirst.
pub fn select_hits(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    in_head: Option<&[FulltextTerm]>,
    search: HitSearch,
    span: FulltextPage,
) -> Result<UnionSelect> {
    let index = FulltextIndex::Published;
    Ok(fulltext::select_hits(conn, index, wanted, in_head, search, span)?)
}

/// Of live articles that match, given by their positions, the newest first, those where a clause holds in one part, the
/// title or the lead; in the same order.
pub fn matching_in_part(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    within: (FulltextPart, &[FulltextTerm]),
    positions: &[i64],
) -> Result<Vec<i64>> {
    Ok(fulltext::matching_in_part(
        conn,
        FulltextIndex::Published,
        wanted,
        within,
        positions,
    )?)
}

/// A working copy, as the desk finds it.
pub struct DeskEntry {
    id: ArticleId,
    number: i64,
    entry: Arc<FulltextEntry>,
}

impl DeskEntry {
    /// The entry of an article that was last edited at `edited_at`.
    pub fn new(id: ArticleId, edited_at: Time, entry: Arc<FulltextEntry>) -> Self {
        Self {
            id,
            number: desk_number(id, edited_at),
            entry,
        }
    }
}

/// Makes working copies findable for the desk, in the order of their last changes.
pub fn index_working_copies(conn: &mut Conn, copies: &[DeskEntry]) -> Result<()> {
    let mut entries = Vec::with_capacity(copies.len());
    for DeskEntry { id, number, entry } in copies {
        unindex_working_copy(conn, *id)?;
        entries.push((take_number(conn, *id, *number)?, entry.as_ref()));
    }
    Ok(fulltext::insert(conn, FulltextIndex::Desk, &entries)?)
}

/// As [`index_working_copies`], for those that are new: none has an entry.
pub fn index_new_working_copies(conn: &mut Conn, copies: &[DeskEntry]) -> Result<()> {
    let row = |copy: &DeskEntry, number: i64| {
        (
            desk_search::article_id.eq(copy.id),
            desk_search::number.eq(number),
            desk_search::search_format.eq(SEARCH_FORMAT),
        )
    };
    let wanted: Vec<i64> = copies.iter().map(|copy| copy.number).collect();
    let taken: HashSet<i64> = desk_search::table
        .filter(desk_search::number.eq_any(wanted))
        .select(desk_search::number)
        .load::<Option<i64>>(conn)?
        .into_iter()
        .flatten()
        .collect();
    let (mut given, mut rows, mut entries) = (HashSet::new(), Vec::new(), Vec::with_capacity(copies.len()));
    let mut late = Vec::new();
    for copy in copies {
        if !taken.contains(&copy.number) && given.insert(copy.number) {
            rows.push(row(copy, copy.number));
            entries.push((copy.number, copy.entry.as_ref()));
        } else {
            late.push(copy);
        }
    }
    insert_each!(conn, desk_search::table, rows)?;
    for copy in late {
        entries.push((take_number(conn, copy.id, copy.number)?, copy.entry.as_ref()));
    }
    Ok(fulltext::insert(conn, FulltextIndex::Desk, &entries)?)
}

/// Numbers that are tried for a working copy.
const MAX_NUMBER_TRIES: i64 = 1_000;

/// The number of a working copy, or the next free one: ids of the same millisecond may have the same 20 bits.
fn take_number(conn: &mut Conn, id: ArticleId, wanted: i64) -> Result<i64> {
    for number in wanted..wanted.saturating_add(MAX_NUMBER_TRIES) {
        let row = (
            desk_search::article_id.eq(id),
            desk_search::number.eq(number),
            desk_search::search_format.eq(SEARCH_FORMAT),
        );
        let taken = on_each!(conn, c => diesel::insert_into(desk_search::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        if taken == 1 {
            return Ok(number);
        }
    }
    Err(Error::unavailable("a thousand working copies of one number"))
}

/// The millisecond of the last change, and 20 bits of the id.
fn desk_number(id: ArticleId, edited_at: Time) -> i64 {
    let text = id.as_str();
    let tail = text.get(text.len().saturating_sub(5)..).unwrap_or_default();
    let bits = i64::from_str_radix(tail, 16).unwrap_or(0);
    (edited_at.millis() << 20) | (bits & 0xf_ffff)
}

/// Takes a working copy out of what the desk finds. Call it before the article's row goes.
pub fn unindex_working_copy(conn: &mut Conn, id: ArticleId) -> Result<()> {
    let number: Option<Option<i64>> = desk_search::table
        .find(id)
        .select(desk_search::number)
        .first(conn)
        .optional()?;
    if let Some(number) = number.flatten() {
        fulltext::delete(conn, FulltextIndex::Desk, number)?;
    }
    diesel::delete(desk_search::table.find(id)).execute(conn)?;
    Ok(())
}

/// The entries of working copies that match, the last changed first, and whose they are.
pub fn desk_hits(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    below: i64,
    limit: i64,
) -> Result<Vec<(i64, Option<ArticleId>)>> {
    let span = FulltextPage {
        from: i64::MIN,
        below,
        ascending: false,
        limit,
    };
    let numbers = fulltext::hits(conn, FulltextIndex::Desk, wanted, span)?;
    let rows: Vec<(Option<i64>, ArticleId)> = desk_search::table
        .filter(desk_search::number.eq_any(numbers.clone()))
        .select((desk_search::number, desk_search::article_id))
        .load(conn)?;
    let whose: HashMap<i64, ArticleId> = rows
        .into_iter()
        .filter_map(|(number, id)| Some((number?, id)))
        .collect();
    Ok(numbers
        .into_iter()
        .map(|number| (number, whose.get(&number).copied()))
        .collect())
}

/// Working copies that the desk does not find yet, or by entries of the format before.
pub fn unindexed_working_copies(conn: &mut Conn, limit: i64) -> Result<Vec<ArticleId>> {
    let missing: Vec<ArticleId> = desk_search::table
        .filter(desk_search::number.is_null())
        .order(desk_search::article_id)
        .limit(limit)
        .select(desk_search::article_id)
        .load(conn)?;
    if !missing.is_empty() {
        return Ok(missing);
    }
    Ok(desk_search::table
        .filter(desk_search::search_format.lt(SEARCH_FORMAT))
        .order(desk_search::search_format)
        .limit(limit)
        .select(desk_search::article_id)
        .load(conn)?)
}

/// Whether entries of the desk were written in the format before.
pub fn desk_has_former(conn: &mut Conn) -> Result<bool> {
    let former = desk_search::table.filter(desk_search::search_format.lt(SEARCH_FORMAT));
    Ok(diesel::select(diesel::dsl::exists(former)).get_result(conn)?)
}
