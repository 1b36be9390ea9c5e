//! Statements on comments and their counts.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::CommentId;
use super::model::{Comment, CommentState, visible};
use crate::articles::ArticleId;
use crate::clock::Time;
use crate::db::Conn;
use crate::db::dialect::{Generation, Root, lock, raise};
use crate::db::schema::{comment_counts, comments};
use crate::error::Result;
use crate::on_each;

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

/// Works out anew what readers see of a thread, and adds the difference to the article's count.
///
/// # Errors
/// The database's.
pub(super) fn settle_thread(conn: &mut Conn, article: ArticleId, root: CommentId) -> Result<()> {
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
    for (id, _, _, was) in rows {
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
