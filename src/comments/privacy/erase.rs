//! Comments without their text and their author, and without everything that shows either: versions, verdicts, reports,
//! moderators' notes, tokens, hashes, rows of `Idempotency-Key`. The comments' rows stay, so that threads keep their
//! shape.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{
    comment_claims, comment_counts, comment_reactions, comment_reports, comment_versions, comments, idempotency_keys,
    moderation_log, sanctions,
};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::comments::announcing;
use crate::comments::model::{Comment, CommentState};
use crate::comments::spam::store as spam;
use crate::comments::store::{forget_holds, outdate_comments, refresh_thread_visibility};
use crate::site::takedowns::ErasureMode;

/// Comments that one transaction erases at most.
pub const ERASURE_BATCH: usize = 500;

/// The name of an author whom nobody knows any more.
pub const ANONYMOUS_NAME: &str = "Anonyme";

/// Erases comments, or makes them anonymous; returns how many there were to do. Give it [`ERASURE_BATCH`] at most.
pub fn erase(conn: &mut Conn, ids: &[CommentId], mode: ErasureMode, now: Time) -> Result<usize> {
    lock_threads(conn, ids)?;
    let mut there = comments::table
        .filter(comments::id.eq_any(ids.to_vec()))
        .filter(comments::state.ne(CommentState::Erased))
        .order(comments::id)
        .select(Comment::as_select())
        .into_boxed();
    if mode == ErasureMode::Anonymise {
        let is_known = comments::reader_digest
            .is_not_null()
            .or(comments::email_hash.is_not_null())
            .or(comments::network_hash.is_not_null())
            .or(comments::author_name.ne(ANONYMOUS_NAME));
        there = there.filter(is_known);
    }
    let found: Vec<Comment> = there.load(conn)?;
    if found.is_empty() {
        return Ok(0);
    }
    let there: Vec<CommentId> = found.iter().map(|comment| comment.id).collect();
    forget_related(conn, &there)?;
    forget_notes(conn, &there)?;
    match mode {
        ErasureMode::Anonymise => {
            forget_authors(conn, &there)?;
        }
        ErasureMode::Erase => {
            empty(conn, &there)?;
            found
                .iter()
                .filter(|comment| comment.state != CommentState::Deleted)
                .try_for_each(|comment| announcing::announce_state(conn, comment, CommentState::Erased, now))?;
        }
    }
    unlearn_comments(conn, found, mode)?;
    Ok(there.len())
}

/// The spam model forgets what the comments taught; from anonymous ones it learns again without the author's name.
fn unlearn_comments(conn: &mut Conn, found: Vec<Comment>, mode: ErasureMode) -> Result<()> {
    for comment in found {
        spam::unlearn(conn, &comment)?;
        if mode == ErasureMode::Anonymise {
            let (state, decided_by) = (comment.state, comment.decided_by);
            let nobodys = Comment {
                author_name: ANONYMOUS_NAME.to_owned(),
                decided_by: None,
                ..comment
            };
            spam::relearn(conn, &nobodys, state, decided_by)?;
        }
    }
    Ok(())
}

/// Empties comments whose threads are locked, and works out anew what readers see of these threads.
fn empty(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    forget_reactions_and_reports(conn, ids)?;
    forget_authors(conn, ids)?;
    hide(conn, ids)?;
    forget_texts(conn, ids)?;
    for (article, root) in threads_of(conn, ids)? {
        refresh_thread_visibility(conn, article, root, None)?;
    }
    Ok(())
}

/// Locks the threads of comments, always in one order, so that two transactions never wait for each other; returns
/// which they are.
fn lock_threads(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<CommentId>> {
    let roots: BTreeSet<CommentId> = threads_of(conn, ids)?.into_iter().map(|(_, root)| root).collect();
    for root in &roots {
        lock(conn, LockableRow::Comment, root.as_str())?;
    }
    Ok(roots.into_iter().collect())
}

fn threads_of(conn: &mut Conn, ids: &[CommentId]) -> Result<BTreeSet<(ArticleId, CommentId)>> {
    let rows: Vec<(ArticleId, CommentId)> = comments::table
        .filter(comments::id.eq_any(ids.to_vec()))
        .select((comments::article_id, comments::root_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What is stored beside a comment and may quote it, or say whose it is.
fn forget_related(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    let ids = ids.to_vec();
    let versions = comment_versions::table.filter(comment_versions::comment_id.eq_any(ids.clone()));
    diesel::delete(versions).execute(conn)?;
    let claims = comment_claims::table.filter(comment_claims::comment_id.eq_any(ids.clone()));
    diesel::delete(claims).execute(conn)?;
    let reports = comment_reports::table
        .filter(comment_reports::comment_id.eq_any(ids.clone()))
        .filter(comment_reports::note.is_not_null());
    diesel::update(reports)
        .set(comment_reports::note.eq(None::<String>))
        .execute(conn)?;
    let keys: Vec<String> = ids.iter().map(ToString::to_string).collect();
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::resource_id.eq_any(keys))).execute(conn)?;
    Ok(())
}

/// What moderators wrote about a comment: it may quote the comment, or name its author.
fn forget_notes(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    let notes = moderation_log::table
        .filter(moderation_log::comment_id.eq_any(ids.to_vec()))
        .filter(moderation_log::note.is_not_null());
    diesel::update(notes)
        .set(moderation_log::note.eq(None::<String>))
        .execute(conn)?;
    let of_sanctions = sanctions::table.filter(sanctions::comment_id.eq_any(ids.to_vec()));
    diesel::update(of_sanctions)
        .set((
            sanctions::note.eq(None::<String>),
            sanctions::version.eq(sanctions::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// What other readers said of comments that are no more.
fn forget_reactions_and_reports(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    let reactions = comment_reactions::table.filter(comment_reactions::comment_id.eq_any(ids.to_vec()));
    diesel::delete(reactions).execute(conn)?;
    let reports = comment_reports::table.filter(comment_reports::comment_id.eq_any(ids.to_vec()));
    diesel::delete(reports).execute(conn)?;
    Ok(())
}

fn forget_authors(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    outdate_comments(conn, ids)?;
    diesel::update(comments::table.filter(comments::id.eq_any(ids.to_vec())))
        .set((
            comments::author_name.eq(ANONYMOUS_NAME),
            // They quote names, and show sanctions and what else the author wrote.
            comments::verdicts.eq("[]"),
            comments::reader_digest.eq(None::<String>),
            comments::edit_token_digest.eq(None::<String>),
            comments::email_hash.eq(None::<String>),
            comments::network_hash.eq(None::<String>),
            comments::hash_key.eq(None::<i32>),
            comments::user_id.eq(None::<String>),
            comments::contributor_id.eq(None::<String>),
        ))
        .execute(conn)?;
    forget_holds(conn, ids)
}

fn forget_texts(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    diesel::update(comments::table.filter(comments::id.eq_any(ids.to_vec())))
        .set((
            comments::erased_from.eq(comments::state.nullable()),
            comments::state.eq(CommentState::Erased),
            comments::author_name.eq(""),
            comments::body.eq(""),
            comments::body_html.eq(""),
            comments::body_digest.eq(None::<String>),
            comments::spam_score.eq(None::<f64>),
            comments::edited_at.eq(None::<Time>),
            comments::featured_at.eq(None::<Time>),
            comments::pinned_at.eq(None::<Time>),
            comments::reaction_count.eq(0),
            comments::report_count.eq(0),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes comments out of what readers see, and out of the counts.
fn hide(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    outdate_comments(conn, ids)?;
    let shown: Vec<(CommentId, ArticleId)> = comments::table
        .filter(comments::id.eq_any(ids.to_vec()))
        .filter(comments::state.eq(CommentState::Approved))
        .filter(comments::is_visible.eq(true))
        .select((comments::id, comments::article_id))
        .load(conn)?;
    let mut by_article: BTreeMap<ArticleId, i64> = BTreeMap::new();
    for (_, article) in &shown {
        *by_article.entry(*article).or_default() += 1;
    }
    for (article, count) in by_article {
        diesel::update(comment_counts::table.find(article))
            .set(comment_counts::approved.eq(comment_counts::approved - count))
            .execute(conn)?;
    }
    let ids: Vec<CommentId> = shown.into_iter().map(|(id, _)| id).collect();
    diesel::update(comments::table.filter(comments::id.eq_any(ids)))
        .set(comments::is_visible.eq(false))
        .execute(conn)?;
    Ok(())
}

/// Forgets what a reader did beside writing: reactions, reports, rows of `Idempotency-Key`.
pub fn forget_reader(conn: &mut Conn, reader: &str) -> Result<()> {
    let liked: Vec<CommentId> = comment_reactions::table
        .filter(comment_reactions::reader_digest.eq(reader))
        .select(comment_reactions::comment_id)
        .order(comment_reactions::comment_id)
        .load(conn)?;
    for ids in liked.chunks(ERASURE_BATCH) {
        diesel::update(comments::table.filter(comments::id.eq_any(ids.to_vec())))
            .set(comments::reaction_count.eq(comments::reaction_count - 1))
            .execute(conn)?;
        outdate_comments(conn, ids)?;
    }
    diesel::delete(comment_reactions::table.filter(comment_reactions::reader_digest.eq(reader))).execute(conn)?;
    let reported: Vec<CommentId> = comment_reports::table
        .filter(comment_reports::reader_digest.eq(reader))
        .filter(comment_reports::settled_at.is_null())
        .select(comment_reports::comment_id)
        .order(comment_reports::comment_id)
        .load(conn)?;
    for ids in reported.chunks(ERASURE_BATCH) {
        let counted = comments::table
            .filter(comments::id.eq_any(ids.to_vec()))
            .filter(comments::report_count.gt(0));
        diesel::update(counted)
            .set(comments::report_count.eq(comments::report_count - 1))
            .execute(conn)?;
    }
    diesel::delete(comment_reports::table.filter(comment_reports::reader_digest.eq(reader))).execute(conn)?;
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::scope.eq(reader))).execute(conn)?;
    Ok(())
}

/// Removes comments completely where that is possible: those that have replies are erased, the others deleted.
pub fn remove(conn: &mut Conn, ids: &[CommentId]) -> Result<()> {
    outdate_comments(conn, ids)?;
    let threads = lock_threads(conn, ids)?;
    let mut rows: Vec<(CommentId, Option<CommentId>, i32)> = comments::table
        .filter(comments::root_id.eq_any(threads))
        .select((comments::id, comments::parent_id, comments::depth))
        .load(conn)?;
    // Replies before what they reply to, which may then be deleted too.
    rows.sort_by_key(|(.., depth)| std::cmp::Reverse(*depth));
    let old: BTreeSet<CommentId> = ids.iter().copied().collect();
    let mut answered: BTreeSet<CommentId> = BTreeSet::new();
    let (mut erased, mut deleted) = (Vec::new(), Vec::new());
    for (id, parent, _) in rows {
        let is_answered = answered.contains(&id);
        if old.contains(&id) && !is_answered {
            deleted.push(id);
            continue;
        }
        answered.extend(parent);
        if old.contains(&id) {
            erased.push(id);
        }
    }
    forget_related(conn, ids)?;
    empty(conn, &erased)?;
    for id in deleted {
        diesel::delete(comments::table.find(id)).execute(conn)?;
    }
    Ok(())
}

/// The digests of readers who like or reported something.
pub fn readers(conn: &mut Conn) -> Result<BTreeSet<String>> {
    let liking: Vec<String> = comment_reactions::table
        .select(comment_reactions::reader_digest)
        .distinct()
        .load(conn)?;
    let reporting: Vec<String> = comment_reports::table
        .select(comment_reports::reader_digest)
        .distinct()
        .load(conn)?;
    Ok(liking.into_iter().chain(reporting).collect())
}
