//! Writing the indexes anew, in chunks: what they hold is derived from live articles and working copies.
//!
//! A restored backup and `masthead reindex` forget them first: what is not written yet is not found meanwhile. A
//! release whose analyser differs writes entry by entry in place of those of the format before, which are matched too
//! until the last is replaced.

use diesel::prelude::*;

use crate::articles::indexing::desk_entry;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::fulltext::{self, FulltextIndex};
use crate::base::db::schema::{articles as working_copies, desk_search, published_articles};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::on_each;
use crate::published::press::lock_presses;
use crate::search::stem::SearchLanguage;
use crate::search::store::{self, SEARCH_FORMAT};
use crate::search::texts::SearchTexts;

/// Articles that one transaction indexes.
const CHUNK: i64 = 50;

/// Forgets all that is found of live articles and working copies.
pub fn start_over(conn: &mut Conn) -> Result<()> {
    lock_presses(conn)?;
    forget_published(conn)?;
    forget_desk(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

fn forget_published(conn: &mut Conn) -> Result<()> {
    store::clear(conn)?;
    forget_formats(conn)?;
    Ok(())
}

fn forget_formats(conn: &mut Conn) -> Result<usize> {
    Ok(diesel::update(published_articles::table)
        .set(published_articles::search_format.eq(None::<i32>))
        .execute(conn)?)
}

/// Where entries of live articles are of the format before, notes that they are to be written anew; until they are,
/// they are matched too. Returns how many articles that are.
pub fn note_former(conn: &mut Conn) -> Result<usize> {
    lock_presses(conn)?;
    // One after the other: for both at once PostgreSQL may go through the whole index.
    let older = published_articles::table.filter(published_articles::search_format.lt(SEARCH_FORMAT));
    let newer = published_articles::table.filter(published_articles::search_format.gt(SEARCH_FORMAT));
    let has_older: bool = diesel::select(diesel::dsl::exists(older)).get_result(conn)?;
    let has_newer: bool = diesel::select(diesel::dsl::exists(newer)).get_result(conn)?;
    if !has_older && !has_newer {
        return Ok(0);
    }
    // Words are counted again with the entries: the analyser before read others.
    store::forget_words(conn)?;
    let noted = forget_formats(conn)?;
    raise_generations(conn, &mut [Generation::Articles])?;
    Ok(noted)
}

/// Whether live articles may still be found by entries of the format before.
pub fn has_former(conn: &mut Conn) -> Result<bool> {
    let unwritten = published_articles::table.filter(published_articles::search_format.is_null());
    Ok(diesel::select(diesel::dsl::exists(unwritten)).get_result(conn)?)
}

fn forget_desk(conn: &mut Conn) -> Result<()> {
    fulltext::clear(conn, FulltextIndex::Desk)?;
    diesel::delete(desk_search::table).execute(conn)?;
    on_each!(conn, c => diesel::insert_into(desk_search::table)
        .values(working_copies::table.select(working_copies::id))
        .into_columns(desk_search::article_id)
        .execute(c))?;
    Ok(())
}

/// A live article, as far as search needs it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = published_articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct UnindexedArticle {
    id: ArticleId,
    position: i64,
    locale: String,
    card_json: String,
    search_text: String,
    retracted_at: Option<Time>,
}

/// Makes the next live articles findable that are not yet, the newest first; returns how many.
pub fn index_next(conn: &mut Conn) -> Result<usize> {
    index_up_to(conn, CHUNK)
}

/// As [`index_next`], at most `limit` articles.
pub fn index_up_to(conn: &mut Conn, limit: i64) -> Result<usize> {
    lock_presses(conn)?;
    let rows: Vec<UnindexedArticle> = published_articles::table
        .filter(published_articles::search_format.is_null())
        .order(published_articles::position.desc())
        .limit(limit)
        .select(UnindexedArticle::as_select())
        .load(conn)?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.retracted_at.is_none()) {
        let texts = SearchTexts::of_pressed(&row.card_json, &row.search_text)?;
        entries.push((row.position, texts.entry(SearchLanguage::of(&row.locale))));
    }
    let entries: Vec<_> = entries.iter().map(|(position, entry)| (*position, entry)).collect();
    store::put(conn, &entries)?;
    let ids: Vec<ArticleId> = rows.iter().map(|row| row.id).collect();
    diesel::update(published_articles::table.filter(published_articles::id.eq_any(ids)))
        .set(published_articles::search_format.eq(SEARCH_FORMAT))
        .execute(conn)?;
    raise_generations(conn, &mut [Generation::Articles])?;
    Ok(rows.len())
}

/// Makes the next working copies findable for the desk that are not yet; returns how many.
pub fn index_next_for_desk(conn: &mut Conn) -> Result<usize> {
    let ids = store::unindexed_working_copies(conn, CHUNK)?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in &ids {
        let (article, content) = articles::get_locked(conn, *id)?;
        entries.push(desk_entry(&article, &content));
    }
    store::index_working_copies(conn, &entries)?;
    Ok(ids.len())
}
