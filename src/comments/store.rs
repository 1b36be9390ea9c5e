//! Statements on comments and their counts.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;

use super::model::{Comment, CommentState};
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, ROWS_PER_INSERT, lock};
use crate::base::db::schema::{comment_counts, comment_holds, comment_reports, comments};
use crate::base::db::{Conn, among, kept, outdate};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::ids::{ArticleId, CommentId};
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::model::thread_visibility;
use crate::{insert_each, on_each};

/// That a comment is in this state. It is written out, and the indexes of comments by their age are partial, one for each
/// state: so such an index serves those who ask for all comments in a state, and lures nobody else.
pub fn is_in_state(state: CommentState) -> SqlLiteral<Bool> {
    sql(match state {
        CommentState::Pending => "comments.state = 'pending'",
        CommentState::Approved => "comments.state = 'approved'",
        CommentState::Rejected => "comments.state = 'rejected'",
        CommentState::Spam => "comments.state = 'spam'",
        CommentState::Deleted => "comments.state = 'deleted'",
        CommentState::Erased => "comments.state = 'erased'",
    })
}

/// The comment of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: CommentId) -> Result<Comment> {
    Ok(comments::table.find(id).select(Comment::as_select()).first(conn)?)
}

/// As [`get`], with its thread locked until the transaction ends: which comments of a thread are visible depends on
/// all.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: CommentId) -> Result<Comment> {
    let root: CommentId = comments::table.find(id).select(comments::root_id).first(conn)?;
    lock(conn, LockableRow::Comment, root.as_str())?;
    get(conn, id)
}

/// The comment that another one replies to, its thread locked until the transaction ends: readers see it, below this
/// article, and not on the last level.
///
/// # Errors
/// 422 at `/parent_id`.
pub fn get_parent_locked(conn: &mut Conn, article: ArticleId, parent: CommentId, max_depth: i32) -> Result<Comment> {
    let refused = |code| Error::field(FieldError::new("/parent_id", code).with("max", max_depth));
    let found = match get_locked(conn, parent) {
        Err(error) if error.code() == Code::NotFound => None,
        found => Some(found?),
    };
    let parent = found.filter(|parent| parent.article_id == article && parent.is_shown());
    let parent = parent.ok_or_else(|| refused(FieldCode::ParentNotShown))?;
    if parent.depth >= max_depth {
        return Err(refused(FieldCode::TooDeep));
    }
    Ok(parent)
}

/// Adds a comment at the end of its thread, and returns it as it was written. What it replies to is shown and locked
/// ([`get_parent_locked`]): so it is seen where it is approved, and changes nothing about what readers see of the others.
pub fn insert(conn: &mut Conn, comment: Comment) -> Result<Comment> {
    let comment = Comment {
        is_visible: comment.state == CommentState::Approved,
        ..comment
    };
    insert_row(conn, &comment)?;
    if comment.is_visible {
        outdate([SurrogateKey::Comments(comment.article_id)]);
        add_to_count(conn, comment.article_id, 1)?;
    }
    Ok(comment)
}

/// Adds comments that were written elsewhere, each after the one it replies to, and works out what readers see of their
/// threads. The caller holds the article's lock.
pub fn insert_all(conn: &mut Conn, new: &[Comment]) -> Result<()> {
    let mut threads = BTreeSet::new();
    for comment in new {
        insert_row(conn, comment)?;
        threads.insert((comment.article_id, comment.root_id));
    }
    for (_, root) in &threads {
        lock(conn, LockableRow::Comment, root.as_str())?;
    }
    for (article, root) in threads {
        refresh_thread_visibility(conn, article, root, None)?;
    }
    Ok(())
}

/// Adds comments as they are, with what readers see of each worked out already, in a few statements; each comes after
/// the one that it replies to. Nobody else writes to their threads.
pub fn insert_settled(conn: &mut Conn, settled: &[Comment]) -> Result<()> {
    insert_each!(conn, comments::table, settled)?;
    let mut shown: BTreeMap<ArticleId, i64> = BTreeMap::new();
    for comment in settled.iter().filter(|comment| comment.is_shown()) {
        *shown.entry(comment.article_id).or_default() += 1;
    }
    outdate(shown.keys().copied().map(SurrogateKey::Comments));
    let count = |(article, count): (ArticleId, i64)| {
        (
            comment_counts::article_id.eq(article),
            comment_counts::approved.eq(count),
        )
    };
    let counts: Vec<_> = shown.into_iter().map(count).collect();
    for rows in counts.chunks(ROWS_PER_INSERT) {
        on_each!(conn, c => diesel::insert_into(comment_counts::table)
            .values(rows)
            .on_conflict(comment_counts::article_id)
            .do_update()
            .set(comment_counts::approved.eq(comment_counts::approved + excluded(comment_counts::approved)))
            .execute(c))?;
    }
    Ok(())
}

fn insert_row(conn: &mut Conn, comment: &Comment) -> Result<()> {
    diesel::insert_into(comments::table).values(comment).execute(conn)?;
    insert_holds(conn, comment)
}

/// Writes the reasons for which phases held a comment, so that it can be found by them.
fn insert_holds(conn: &mut Conn, comment: &Comment) -> Result<()> {
    for reason in comment.hold_reasons() {
        let row = (
            comment_holds::comment_id.eq(comment.id),
            comment_holds::reason.eq(reason),
        );
        diesel::insert_into(comment_holds::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// As when a comment is inserted, for one whose text was changed: these holds replace those of the old text.
pub fn replace_holds(conn: &mut Conn, comment: &Comment) -> Result<()> {
    forget_holds(conn, &[comment.id])?;
    insert_holds(conn, comment)
}

/// Says that these comments, and how many there are on their articles, are out of date.
pub fn outdate_comments(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    let of = comments::table.filter(among(comments::id, ids.to_vec()));
    let articles: Vec<ArticleId> = of.select(comments::article_id).distinct().load(conn)?;
    outdate(articles.into_iter().map(SurrogateKey::Comments));
    Ok(())
}

/// Forgets the reasons for which phases held these comments.
pub fn forget_holds(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    diesel::delete(comment_holds::table.filter(comment_holds::comment_id.eq_any(ids.to_vec()))).execute(conn)?;
    Ok(())
}

/// The comments of these ids.
pub fn get_many(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<Comment>> {
    Ok(comments::table
        .filter(comments::id.eq_any(ids.to_vec()))
        .select(Comment::as_select())
        .load(conn)?)
}

/// The columns of a comment that decide what readers see of its thread.
#[derive(Queryable, Selectable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct ThreadRow {
    id: CommentId,
    parent_id: Option<CommentId>,
    state: CommentState,
    erased_from: Option<CommentState>,
    is_visible: bool,
}

/// Works out anew what readers see of a thread, and adds the difference to the article's count of comments whose text
/// they see. `before` is the comment whose state was just changed, with its old state; the others have kept theirs.
pub fn refresh_thread_visibility(
    conn: &mut Conn,
    article: ArticleId,
    root: CommentId,
    before: Option<(CommentId, CommentState)>,
) -> Result<()> {
    let rows: Vec<ThreadRow> = comments::table
        .filter(comments::root_id.eq(root))
        .select(ThreadRow::as_select())
        .load(conn)?;
    // An erased comment that hid its replies before still hides them.
    let hides = |from: &CommentState| !matches!(from, CommentState::Approved | CommentState::Deleted);
    let thread: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.id,
                row.parent_id,
                row.erased_from.filter(hides).unwrap_or(row.state),
            )
        })
        .collect();
    let now_visible = thread_visibility(&thread);
    if rows.iter().any(|row| row.is_visible) || now_visible.values().any(|is_visible| *is_visible) {
        outdate([SurrogateKey::Comments(article)]);
    }
    let mut difference = 0_i64;
    for row in rows {
        let (id, state, was) = (row.id, row.state, row.is_visible);
        let is = now_visible.get(&id).copied().unwrap_or(false);
        if is != was {
            kept(diesel::update(comments::table.find(id)).set(comments::is_visible.eq(is))).execute(conn)?;
        }
        let state_before = before
            .filter(|(changed, _)| *changed == id)
            .map_or(state, |(_, state)| state);
        let counts = |visible: bool, state: CommentState| i64::from(visible && state == CommentState::Approved);
        difference += counts(is, state) - counts(was, state_before);
    }
    if difference == 0 {
        return Ok(());
    }
    add_to_count(conn, article, difference)
}

/// Adds to the number of an article's comments whose text readers see.
fn add_to_count(conn: &mut Conn, article: ArticleId, difference: i64) -> Result<()> {
    on_each!(conn, c => kept(diesel::insert_into(comment_counts::table)
        .values((comment_counts::article_id.eq(article), comment_counts::approved.eq(difference)))
        .on_conflict(comment_counts::article_id)
        .do_update()
        .set(comment_counts::approved.eq(comment_counts::approved + difference)))
        .execute(c))?;
    Ok(())
}

/// Settles what readers reported of a comment: it is decided, or gone. The caller sets its `report_count`.
pub fn settle_reports(conn: &mut Conn, comment: CommentId, now: Time) -> Result<()> {
    let open = comment_reports::table
        .filter(comment_reports::comment_id.eq(comment))
        .filter(comment_reports::settled_at.is_null());
    kept(diesel::update(open).set(comment_reports::settled_at.eq(now))).execute(conn)?;
    Ok(())
}
