//! Writing the indexes anew: what they hold is derived from live articles and working copies, so a
//! release whose analyser differs, a restored backup and `masthead reindex` all forget them and write
//! them again, in chunks. What is not written yet is not found meanwhile.

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
use crate::search::analyse::SearchLanguage;
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
    diesel::update(published_articles::table)
        .set(published_articles::search_format.eq(None::<i32>))
        .execute(conn)?;
    Ok(())
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
        return start_over_outdated(conn);
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

/// Forgets the entries of live articles where some are of another format.
fn start_over_outdated(conn: &mut Conn) -> Result<usize> {
    let outdated = published_articles::table.filter(published_articles::search_format.ne(SEARCH_FORMAT));
    let is_outdated: bool = diesel::select(diesel::dsl::exists(outdated)).get_result(conn)?;
    if is_outdated {
        forget_published(conn)?;
    }
    Ok(usize::from(is_outdated))
}

/// Makes the next working copies findable for the desk that are not yet; returns how many.
pub fn index_next_for_desk(conn: &mut Conn) -> Result<usize> {
    let ids = store::unindexed_working_copies(conn, CHUNK)?;
    if ids.is_empty() {
        let is_outdated = store::desk_is_outdated(conn)?;
        if is_outdated {
            forget_desk(conn)?;
        }
        return Ok(usize::from(is_outdated));
    }
    let mut entries = Vec::with_capacity(ids.len());
    for id in &ids {
        let (article, content) = articles::get_locked(conn, *id)?;
        entries.push(desk_entry(&article, &content));
    }
    store::index_working_copies(conn, &entries)?;
    Ok(ids.len())
}
