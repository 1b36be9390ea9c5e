//! Statements on revisions.

use diesel::prelude::*;

use super::{PackedContent, RevisionInfo, packing};
use crate::access::auth::store as accounts;
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::revisions::retention::StoredRevision;
use crate::articles::revisions::store;
use crate::articles::schedules::store as schedules;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{article_revisions as revisions, articles};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, UserId};
use crate::insert_each;

/// What is written down with a revision.
#[derive(Clone, Copy, Debug)]
pub struct NewRevision<'r> {
    /// Why it is written.
    pub kind: RevisionKind,
    /// The version of the working copy that it holds.
    pub version: i64,
    /// Who writes it; `None` for an import.
    pub author: Option<UserId>,
    /// What is said with it.
    pub note: Option<&'r str>,
    /// The revision whose content it takes up again.
    pub reverted_to: Option<i32>,
    /// When.
    pub now: Time,
}

/// Freezes a content of an article as its next revision; its number.
pub fn insert(conn: &mut Conn, id: ArticleId, content: &Content, new: &NewRevision<'_>) -> Result<i32> {
    let last: Option<i32> = revisions::table
        .filter(revisions::article_id.eq(id))
        .order(revisions::number.desc())
        .select(revisions::number)
        .first(conn)
        .optional()?;
    let number = last.unwrap_or(0) + 1;
    let packed = PackedContent::of(&content.to_json()?)?;
    diesel::insert_into(revisions::table)
        .values((
            revisions::article_id.eq(id),
            revisions::number.eq(number),
            revisions::kind.eq(new.kind),
            revisions::author_id.eq(new.author),
            revisions::note.eq(new.note),
            revisions::created_at.eq(new.now),
            revisions::version.eq(new.version),
            revisions::size.eq(packed.size),
            revisions::reverted_to.eq(new.reverted_to),
            revisions::content.eq(""),
            revisions::packed.eq(packed.bytes),
        ))
        .execute(conn)?;
    Ok(number)
}

/// Saves the working copy as a revision, and now and then deletes saves that are not kept.
pub fn save(
    conn: &mut Conn,
    article: &Article,
    content: &Content,
    author: Option<UserId>,
    reverted_to: Option<i32>,
    now: Time,
) -> Result<()> {
    let new = NewRevision {
        kind: RevisionKind::Save,
        version: article.version,
        author,
        note: None,
        reverted_to,
        now,
    };
    let number = insert(conn, article.id, content, &new)?;
    if number % super::thinning::SAVES_PER_THINNING == 0 {
        super::thinning::thin(conn, article.id, now)?;
    }
    Ok(())
}

/// A revision of a new article, which is added as it is.
#[derive(Clone)]
pub struct FrozenRevision {
    /// Of which article.
    pub article: ArticleId,
    /// Its number.
    pub number: i32,
    /// Why it was written.
    pub kind: RevisionKind,
    /// The version of the working copy that it holds.
    pub version: i64,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// What is said with it.
    pub note: Option<String>,
    /// What it holds.
    pub content: PackedContent,
    /// When.
    pub at: Time,
}

/// Adds revisions of new articles.
pub fn insert_frozen(conn: &mut Conn, frozen: &[FrozenRevision]) -> Result<()> {
    let rows = frozen.iter().map(|one| {
        (
            revisions::article_id.eq(one.article),
            revisions::number.eq(one.number),
            revisions::kind.eq(one.kind),
            revisions::author_id.eq(one.author),
            revisions::note.eq(one.note.clone()),
            revisions::created_at.eq(one.at),
            revisions::version.eq(one.version),
            revisions::size.eq(one.content.size),
            revisions::content.eq(""),
            revisions::packed.eq(one.content.bytes.as_slice()),
        )
    });
    let rows: Vec<_> = rows.collect();
    Ok(insert_each!(conn, revisions::table, rows)?)
}

/// A revision's row, but for its content.
#[derive(Queryable, Selectable)]
#[diesel(table_name = revisions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct RevisionRow {
    number: i32,
    kind: RevisionKind,
    version: Option<i64>,
    reverted_to: Option<i32>,
    author_id: Option<UserId>,
    note: Option<String>,
    created_at: Time,
    sealed_at: Option<Time>,
    size: Option<i32>,
}

/// Revisions of an article, the newest first, below the number `below`. Sealed ones only where they
/// may be read.
pub fn list(
    conn: &mut Conn,
    article: &Article,
    with_sealed: bool,
    below: Option<i32>,
    limit: i64,
) -> Result<Vec<RevisionInfo>> {
    let mut query = revisions::table
        .filter(revisions::article_id.eq(article.id))
        .order(revisions::number.desc())
        .limit(limit)
        .select(RevisionRow::as_select())
        .into_boxed();
    if !with_sealed {
        query = query.filter(revisions::sealed_at.is_null());
    }
    if let Some(below) = below {
        query = query.filter(revisions::number.lt(below));
    }
    let rows: Vec<RevisionRow> = query.load(conn)?;
    let names = accounts::names(conn, rows.iter().filter_map(|row| row.author_id).collect())?;
    let info = |row: RevisionRow| RevisionInfo {
        revision_number: row.number,
        kind: row.kind,
        version: row.version,
        reverted_to: row.reverted_to,
        author_name: row.author_id.and_then(|id| names.get(&id).cloned()),
        author_id: row.author_id,
        note: row.note,
        created_at: row.created_at,
        is_live: article.live_revision_number == Some(row.number),
        is_sealed: row.sealed_at.is_some(),
        size: row.size.unwrap_or(0),
    };
    Ok(rows.into_iter().map(info).collect())
}

/// A revision of an article and its content.
///
/// # Errors
/// 404; also where it is sealed and may not be read.
pub fn get(conn: &mut Conn, article: &Article, with_sealed: bool, number: i32) -> Result<(RevisionInfo, Content)> {
    let below = number.saturating_add(1);
    let info = list(conn, article, with_sealed, Some(below), 1)?
        .into_iter()
        .find(|info| info.revision_number == number)
        .ok_or_else(crate::base::error::Error::not_found)?;
    let content = store::revision(conn, article.id, number)?;
    Ok((info, content))
}

/// The number of the revision before another one; `None` where there is none any more.
pub fn before(conn: &mut Conn, id: ArticleId, number: i32) -> Result<Option<i32>> {
    Ok(revisions::table
        .filter(revisions::article_id.eq(id))
        .filter(revisions::number.lt(number))
        .order(revisions::number.desc())
        .select(revisions::number)
        .first(conn)
        .optional()?)
}

/// All revisions of an article, as far as it matters to which are kept.
pub fn kept(conn: &mut Conn, id: ArticleId, pinned: &[i32]) -> Result<Vec<StoredRevision>> {
    let rows: Vec<(i32, RevisionKind, Time, Option<i32>)> = revisions::table
        .filter(revisions::article_id.eq(id))
        .order(revisions::number)
        .select((
            revisions::number,
            revisions::kind,
            revisions::created_at,
            revisions::size,
        ))
        .load(conn)?;
    let kept = |(number, kind, created_at, size): (i32, RevisionKind, Time, Option<i32>)| StoredRevision {
        number,
        kind,
        created_at,
        size: i64::from(size.unwrap_or(0)),
        is_pinned: pinned.contains(&number),
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// Deletes revisions.
pub fn delete(conn: &mut Conn, id: ArticleId, numbers: &[i32]) -> Result<()> {
    // A statement of PostgreSQL and of SQLite takes many values, but not any number.
    for chunk in numbers.chunks(1_000) {
        let gone = revisions::table
            .filter(revisions::article_id.eq(id))
            .filter(revisions::number.eq_any(chunk.to_vec()));
        diesel::delete(gone).execute(conn)?;
    }
    Ok(())
}

/// Articles that were changed since `since`, after `after` in the order of their last change. Killed ones are left out:
/// they keep their revisions, sealed.
pub fn changed_since(
    conn: &mut Conn,
    since: Time,
    after: Option<(Time, ArticleId)>,
    limit: i64,
) -> Result<Vec<(Time, ArticleId)>> {
    let mut query = articles::table
        .filter(articles::edited_at.ge(since))
        .filter(articles::state.ne(ArticleState::Killed))
        .order((articles::edited_at, articles::id))
        .limit(limit)
        .select((articles::edited_at, articles::id))
        .into_boxed();
    if let Some((time, id)) = after {
        query = query
            .filter(articles::edited_at.ge(time))
            .filter(articles::edited_at.gt(time).or(articles::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// The revisions of an article that must stay whatever their age: the live one, and those that wait to go live. `None`
/// where the article is killed, since none of its revisions may go.
///
/// # Errors
/// 404.
pub fn pinned_revisions(conn: &mut Conn, id: ArticleId) -> Result<Option<Vec<i32>>> {
    let (state, live): (ArticleState, Option<i32>) = articles::table
        .find(id)
        .select((articles::state, articles::live_revision_number))
        .first(conn)?;
    let waiting = schedules::protected_revisions(conn, id)?;
    Ok((state != ArticleState::Killed).then(|| live.into_iter().chain(waiting).collect()))
}

/// The note of a revision.
///
/// # Errors
/// 404.
pub fn revision_note(conn: &mut Conn, id: ArticleId, number: i32) -> Result<Option<String>> {
    Ok(revisions::table
        .find((id, number))
        .select(revisions::note)
        .first(conn)?)
}

/// The content of a revision.
///
/// # Errors
/// 404.
pub fn revision(conn: &mut Conn, id: ArticleId, number: i32) -> Result<Content> {
    Content::from_json(&content_json(conn, id, number)?)
}

/// The same as JSON.
///
/// # Errors
/// 404.
pub fn content_json(conn: &mut Conn, id: ArticleId, number: i32) -> Result<String> {
    let (json, packed): (String, Option<Vec<u8>>) = revisions::table
        .find((id, number))
        .select((revisions::content, revisions::packed))
        .first(conn)?;
    packed.map_or(Ok(json), |packed| packing::unpack(&packed))
}

/// What is, or was last, live of these articles, as JSON.
pub fn live_contents(conn: &mut Conn, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(ArticleId, String, Option<Vec<u8>>)> = revisions::table
        .inner_join(articles::table.on(articles::id.eq(revisions::article_id)))
        .filter(articles::id.eq_any(ids.to_vec()))
        .filter(articles::live_revision_number.eq(revisions::number.nullable()))
        .select((articles::id, revisions::content, revisions::packed))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, json, packed)| Ok((id, packed.map_or(Ok(json), |packed| packing::unpack(&packed))?)))
        .collect()
}

/// Revisions that one transaction packs.
const PACKED_AT_ONCE: i64 = 100;

/// Packs the next revisions that a release before has written; returns how many.
pub fn pack_next(conn: &mut Conn) -> Result<usize> {
    let unpacked: Vec<(ArticleId, i32, String)> = revisions::table
        .filter(revisions::packed.is_null())
        .order((revisions::article_id, revisions::number))
        .limit(PACKED_AT_ONCE)
        .select((revisions::article_id, revisions::number, revisions::content))
        .load(conn)?;
    for (id, number, json) in &unpacked {
        let packed = PackedContent::of(json)?;
        diesel::update(revisions::table.find((id, number)))
            .set((revisions::content.eq(""), revisions::packed.eq(packed.bytes)))
            .execute(conn)?;
    }
    Ok(unpacked.len())
}
