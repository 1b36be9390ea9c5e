//! Statements on comments, their log and their counts.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::CommentId;
use super::model::{Comment, CommentState, Decision, visible};
use super::readers::store as readers;
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
        settle_thread(conn, comment.article_id, comment.root_id, None)?;
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
        settle_thread(conn, article, root, None)?;
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

/// Writes a decision: the state, the log, what the thread shows, the article's count. A moderator's
/// settles what readers reported; the house's leaves that to a moderator.
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
    if entry.moderator.is_some() {
        readers::settle_reports(conn, comment.id, entry.at)?;
    }
    settle_thread(conn, comment.article_id, comment.root_id, Some((comment.id, comment.state)))?;
    Ok(raise(conn, &mut [Generation::Comments])?)
}

/// Works out anew what readers see of a thread, and adds the difference to the article's count of comments
/// whose text they see. `before` is the state that a comment had until now; the others have theirs still.
///
/// # Errors
/// The database's.
pub fn settle_thread(
    conn: &mut Conn,
    article: ArticleId,
    root: CommentId,
    before: Option<(CommentId, CommentState)>,
) -> Result<()> {
    type Row = (CommentId, Option<CommentId>, CommentState, bool);
    let rows: Vec<Row> = comments::table
        .filter(comments::root_id.eq(root))
        .select((comments::id, comments::parent_id, comments::state, comments::is_visible))
        .load(conn)?;
    let thread: Vec<_> = rows
        .iter()
        .map(|(id, parent, state, _)| (*id, *parent, *state))
        .collect();
    let now_visible = visible(&thread);
    let mut difference = 0_i64;
    for (id, _, state, was) in rows {
        let is = now_visible.get(&id).copied().unwrap_or(false);
        if is != was {
            diesel::update(comments::table.find(id))
                .set(comments::is_visible.eq(is))
                .execute(conn)?;
        }
        let state_before = before.filter(|(changed, _)| *changed == id).map_or(state, |(_, state)| state);
        let counts = |visible: bool, state: CommentState| i64::from(visible && state == CommentState::Approved);
        difference += counts(is, state) - counts(was, state_before);
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
