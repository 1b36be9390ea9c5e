//! Statements of the moderators' desk: [`queue`], [`claims`], decisions here, the [`log_entries`], and what stands
//! [`around`] a comment.

pub mod around;
pub mod claims;
pub mod log_entries;
pub mod queue;

use diesel::prelude::*;

pub use self::around::{CommentVersionRow, ReportRow, author_counts, author_recent, reports_of, thread, versions_of};
pub use self::claims::{claim, claims_of, release};
use self::log_entries::note;
pub use self::log_entries::{NewModerationLogEntry, last_decision, log_counts, log_of, note_settled};
pub use self::queue::{
    AuthorKeys, QueueText, QueuedComment, ScopedQueueFilter, count, get_many_queued, get_queued, queue, queue_ids,
    queue_texts,
};
use crate::base::clock::Time;
use crate::base::db::schema::{comment_claims, comment_reports, comments};
use crate::base::db::{Conn, kept, outdate};
use crate::base::error::Result;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::announcing;
use crate::comments::model::{Comment, CommentState, Decision};
use crate::comments::spam::store as spam;
use crate::comments::store::{refresh_thread_visibility, settle_reports};

/// Writes a decision: the state, the log, what the thread shows, the article's count. It settles the reports, and
/// whoever held the card holds it no more; what is not shown is neither featured nor pinned. The caller holds the
/// thread's lock.
pub fn decide(conn: &mut Conn, comment: &Comment, to: CommentState, entry: &NewModerationLogEntry<'_>) -> Result<()> {
    settle_reports(conn, comment.id, entry.at)?;
    change_state(conn, comment, to, 0, entry)
}

/// As [`decide`], by the house: its rules, not a moderator. Reports stay open until a moderator has decided.
pub fn decide_by_rule(conn: &mut Conn, comment: &Comment, decision: Decision, reason: &str, now: Time) -> Result<()> {
    let entry = NewModerationLogEntry {
        moderator: None,
        action: decision.into(),
        reason: Some(reason),
        note: None,
        at: now,
    };
    change_state(conn, comment, decision.resulting_state(), comment.report_count, &entry)
}

/// Takes back the decision that was made at `decided_at`: the comment gets its state from before, and the reports that
/// the decision settled are open again. The caller holds the thread's lock.
pub fn undo(
    conn: &mut Conn,
    comment: &Comment,
    to: CommentState,
    decided_at: Time,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    let of_comment = || comment_reports::table.filter(comment_reports::comment_id.eq(comment.id));
    diesel::update(of_comment().filter(comment_reports::settled_at.eq(decided_at)))
        .set(comment_reports::settled_at.eq(None::<Time>))
        .execute(conn)?;
    let open: i64 = of_comment()
        .filter(comment_reports::settled_at.is_null())
        .count()
        .get_result(conn)?;
    change_state(conn, comment, to, open, entry)
}

fn change_state(
    conn: &mut Conn,
    comment: &Comment,
    to: CommentState,
    reports: i64,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    let unmarked = (
        comments::featured_at.eq(None::<Time>),
        comments::pinned_at.eq(None::<Time>),
    );
    let changed = (
        comments::state.eq(to),
        comments::decided_at.eq(entry.at),
        comments::decided_by.eq(entry.moderator),
        comments::report_count.eq(reports),
        (to != CommentState::Approved).then_some(unmarked),
    );
    kept(diesel::update(comments::table.find(comment.id)).set(changed)).execute(conn)?;
    note(conn, comment, to, entry)?;
    diesel::delete(comment_claims::table.find(comment.id)).execute(conn)?;
    refresh_thread_visibility(
        conn,
        comment.article_id,
        comment.root_id,
        Some((comment.id, comment.state)),
    )?;
    spam::relearn(conn, comment, to, entry.moderator)?;
    announcing::announce_state(conn, comment, to, entry.at)
}

/// A mark that sets a comment apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentMark {
    /// Shown as one of the best.
    Featured,
    /// Above the others.
    Pinned,
}

impl CommentMark {
    /// Since when a comment has it.
    pub fn since(self, comment: &Comment) -> Option<Time> {
        match self {
            Self::Featured => comment.featured_at,
            Self::Pinned => comment.pinned_at,
        }
    }
}

/// Gives a comment a mark, or takes it away, and notes it.
pub fn mark(
    conn: &mut Conn,
    comment: &Comment,
    mark: CommentMark,
    since: Option<Time>,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    outdate([SurrogateKey::Comments(comment.article_id)]);
    let row = diesel::update(comments::table.find(comment.id));
    match mark {
        CommentMark::Featured => row.set(comments::featured_at.eq(since)).execute(conn)?,
        CommentMark::Pinned => row.set(comments::pinned_at.eq(since)).execute(conn)?,
    };
    note(conn, comment, comment.state, entry)?;
    Ok(())
}
