//! Statements on comments, their log and their counts.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::CommentId;
use super::model::{Comment, CommentState, Decision, visible};
use crate::articles::ArticleId;
use crate::articles::store::covered_by;
use crate::auth::{Scope, UserId};
use crate::clock::Time;
use crate::db::Conn;
use crate::db::dialect::{Generation, Root, lock, raise};
use crate::db::schema::{articles, comment_counts, comments, moderation_log, users};
use crate::error::Result;
use crate::on_each;

crate::id_type! {
    /// The id of an entry of the moderation log.
    LogEntryId
}

/// The comment of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: CommentId) -> Result<Comment> {
    Ok(comments::table.find(id).select(Comment::as_select()).first(conn)?)
}

/// As [`get`], with its thread locked until the transaction ends: its visibility hangs together.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: CommentId) -> Result<Comment> {
    let root: CommentId = comments::table.find(id).select(comments::root_id).first(conn)?;
    lock(conn, Root::Comment, root.as_str())?;
    get(conn, id)
}

/// Adds a comment.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, comment: &Comment) -> Result<()> {
    diesel::insert_into(comments::table).values(comment).execute(conn)?;
    if comment.state == CommentState::Approved {
        settle_thread(conn, comment.article_id, comment.root_id)?;
        raise(conn, &mut [Generation::Comments])?;
    }
    Ok(())
}

/// Adds comments that were written elsewhere, each behind the one it answers, and works out what readers see of
/// their threads. The caller holds the article's lock.
///
/// # Errors
/// The database's.
pub fn insert_all(conn: &mut Conn, new: &[Comment]) -> Result<()> {
    let mut threads = BTreeSet::new();
    for comment in new {
        diesel::insert_into(comments::table).values(comment).execute(conn)?;
        threads.insert((comment.article_id, comment.root_id));
    }
    for (_, root) in &threads {
        lock(conn, Root::Comment, root.as_str())?;
    }
    for (article, root) in threads {
        settle_thread(conn, article, root)?;
    }
    if new.iter().any(|comment| comment.state == CommentState::Approved) {
        raise(conn, &mut [Generation::Comments])?;
    }
    Ok(())
}

/// The comments of these ids.
///
/// # Errors
/// The database's.
pub fn get_many(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<Comment>> {
    Ok(comments::table
        .filter(comments::id.eq_any(ids.to_vec()))
        .select(Comment::as_select())
        .load(conn)?)
}

/// An entry of the moderation log.
pub struct LogEntry<'e> {
    /// Who decided; `None` where it was the house.
    pub moderator: Option<UserId>,
    /// What.
    pub decision: Decision,
    /// Why, as a code.
    pub reason: Option<&'e str>,
    /// Why, in words.
    pub note: Option<&'e str>,
    /// When.
    pub at: Time,
}

/// Writes a decision: the state, the log, what the thread shows, the article's count.
///
/// # Errors
/// The database's.
pub fn decide(conn: &mut Conn, comment: &Comment, to: CommentState, entry: &LogEntry<'_>) -> Result<()> {
    diesel::update(comments::table.find(comment.id))
        .set((
            comments::state.eq(to),
            comments::decided_at.eq(entry.at),
            comments::decided_by.eq(entry.moderator),
        ))
        .execute(conn)?;
    diesel::insert_into(moderation_log::table)
        .values((
            moderation_log::id.eq(LogEntryId::new()),
            moderation_log::comment_id.eq(comment.id),
            moderation_log::article_id.eq(comment.article_id),
            moderation_log::moderator_id.eq(entry.moderator),
            moderation_log::action.eq(entry.decision),
            moderation_log::from_state.eq(comment.state),
            moderation_log::to_state.eq(to),
            moderation_log::reason.eq(entry.reason),
            moderation_log::note.eq(entry.note),
            moderation_log::at.eq(entry.at),
        ))
        .execute(conn)?;
    settle_thread(conn, comment.article_id, comment.root_id)?;
    Ok(raise(conn, &mut [Generation::Comments])?)
}

/// Works out anew what readers see of a thread, and adds the difference to the article's count.
///
/// # Errors
/// The database's.
pub fn settle_thread(conn: &mut Conn, article: ArticleId, root: CommentId) -> Result<()> {
    type Row = (CommentId, Option<CommentId>, CommentState, Option<CommentState>, bool);
    let rows: Vec<Row> = comments::table
        .filter(comments::root_id.eq(root))
        .select((
            comments::id,
            comments::parent_id,
            comments::state,
            comments::erased_from,
            comments::is_visible,
        ))
        .load(conn)?;
    // What hid its answers hides them still, erased as it is.
    let hides = |from: &CommentState| !matches!(from, CommentState::Approved | CommentState::Deleted);
    let thread: Vec<_> = rows
        .iter()
        .map(|(id, parent, state, from, _)| (*id, *parent, from.filter(hides).unwrap_or(*state)))
        .collect();
    let now_visible = visible(&thread);
    let mut difference = 0_i64;
    for (id, _, _, _, was) in rows {
        let is = now_visible.get(&id).copied().unwrap_or(false);
        if is != was {
            diesel::update(comments::table.find(id))
                .set(comments::is_visible.eq(is))
                .execute(conn)?;
            difference += if is { 1 } else { -1 };
        }
    }
    if difference == 0 {
        return Ok(());
    }
    on_each!(conn, c => diesel::insert_into(comment_counts::table)
        .values((comment_counts::article_id.eq(article), comment_counts::approved.eq(difference)))
        .on_conflict(comment_counts::article_id)
        .do_update()
        .set(comment_counts::approved.eq(comment_counts::approved + difference))
        .execute(c))?;
    Ok(())
}

crate::word_type! {
    /// How an article's threads are ordered.
    CommentSort {
        /// Newest first.
        NewestFirst = "-created_at",
        /// Oldest first.
        OldestFirst = "created_at",
    }
}

/// A page of an article's visible first comments, behind `after`.
///
/// # Errors
/// The database's.
pub fn visible_roots(
    conn: &mut Conn,
    article: ArticleId,
    sort: CommentSort,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let mut query = comments::table
        .filter(comments::article_id.eq(article))
        .filter(comments::depth.eq(0))
        .filter(comments::is_visible.eq(true))
        .limit(limit)
        .select(Comment::as_select())
        .into_boxed();
    query = match sort {
        CommentSort::NewestFirst => query.order((comments::created_at.desc(), comments::id.desc())),
        CommentSort::OldestFirst => query.order((comments::created_at.asc(), comments::id.asc())),
    };
    if let Some((time, id)) = after {
        query = match sort {
            CommentSort::NewestFirst => query
                .filter(comments::created_at.le(time))
                .filter(comments::created_at.lt(time).or(comments::id.lt(id))),
            CommentSort::OldestFirst => query
                .filter(comments::created_at.ge(time))
                .filter(comments::created_at.gt(time).or(comments::id.gt(id))),
        };
    }
    Ok(query.load(conn)?)
}

/// The visible replies of a thread, oldest first.
///
/// # Errors
/// The database's.
pub fn visible_replies(conn: &mut Conn, root: CommentId, limit: i64) -> Result<Vec<Comment>> {
    let replies = comments::table
        .filter(comments::root_id.eq(root))
        .filter(comments::depth.gt(0))
        .filter(comments::is_visible.eq(true))
        .order((comments::created_at, comments::id))
        .limit(limit)
        .select(Comment::as_select());
    Ok(replies.load(conn)?)
}

/// How many visible replies these threads have.
///
/// # Errors
/// The database's.
pub fn reply_counts(conn: &mut Conn, roots: &[CommentId]) -> Result<Vec<(CommentId, i64)>> {
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    Ok(comments::table
        .filter(comments::root_id.eq_any(roots.to_vec()))
        .filter(comments::depth.gt(0))
        .filter(comments::is_visible.eq(true))
        .group_by(comments::root_id)
        .select((comments::root_id, diesel::dsl::count_star()))
        .load(conn)?)
}

/// A comment with what a moderator sees of its article.
pub type Queued = (Comment, String, Option<String>);

/// A page of comments in a state, oldest first, behind `after`; only those of articles that one of
/// `scopes` covers, where given.
///
/// # Errors
/// The database's.
pub fn queue(
    conn: &mut Conn,
    state: CommentState,
    article: Option<ArticleId>,
    scopes: Option<&[Scope]>,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<Queued>> {
    let mut query = comments::table
        .inner_join(articles::table)
        .filter(comments::state.eq(state))
        .order((comments::created_at, comments::id))
        .limit(limit)
        .select((Comment::as_select(), articles::title, articles::path))
        .into_boxed();
    if let Some(article) = article {
        query = query.filter(comments::article_id.eq(article));
    }
    if let Some(scopes) = scopes {
        query = query.filter(covered_by(scopes));
    }
    if let Some((time, id)) = after {
        query = query
            .filter(comments::created_at.ge(time))
            .filter(comments::created_at.gt(time).or(comments::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// The comment with what a moderator sees of its article.
///
/// # Errors
/// 404.
pub fn get_queued(conn: &mut Conn, id: CommentId) -> Result<Queued> {
    Ok(comments::table
        .inner_join(articles::table)
        .filter(comments::id.eq(id))
        .select((Comment::as_select(), articles::title, articles::path))
        .first(conn)?)
}

/// A row of the moderation log, with the moderator's name.
pub type LogRow = (
    Option<UserId>,
    Option<String>,
    Decision,
    CommentState,
    CommentState,
    Option<String>,
    Option<String>,
    Time,
);

/// Every decision on a comment, oldest first.
///
/// # Errors
/// The database's.
pub fn log_of(conn: &mut Conn, id: CommentId) -> Result<Vec<LogRow>> {
    Ok(moderation_log::table
        .left_join(users::table.on(users::id.nullable().eq(moderation_log::moderator_id)))
        .filter(moderation_log::comment_id.eq(id))
        .order((moderation_log::at, moderation_log::id))
        .select((
            moderation_log::moderator_id,
            users::name.nullable(),
            moderation_log::action,
            moderation_log::from_state,
            moderation_log::to_state,
            moderation_log::reason,
            moderation_log::note,
            moderation_log::at,
        ))
        .load(conn)?)
}

/// The thread around a comment, oldest first; at most 100.
///
/// # Errors
/// The database's.
pub fn thread(conn: &mut Conn, root: CommentId) -> Result<Vec<Comment>> {
    let thread = comments::table
        .filter(comments::root_id.eq(root))
        .order((comments::created_at, comments::id));
    Ok(thread.limit(100).select(Comment::as_select()).load(conn)?)
}

/// Deletes every comment of an article that is deleted; the log stays.
///
/// # Errors
/// The database's.
pub fn delete_all_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    // Answers before what they answer.
    for depth in (0..=super::policy::MAX_DEPTH).rev() {
        let rows = comments::table
            .filter(comments::article_id.eq(article))
            .filter(comments::depth.eq(depth));
        diesel::delete(rows).execute(conn)?;
    }
    Ok(())
}
