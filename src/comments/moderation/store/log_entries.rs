//! The moderation log, which only grows.

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{moderation_log, users};
use crate::base::error::Result;
use crate::base::ids::{CommentId, UserId};
use crate::comments::model::{Comment, CommentState};
use crate::comments::moderation::model::{self, ModerationAction, ModerationLogEntry};
use crate::insert_each;

crate::id_type! {
    /// The id of an entry of the moderation log.
    LogEntryId
}

/// An entry of the moderation log.
pub struct NewModerationLogEntry<'e> {
    /// Who decided; `None` where it was the house.
    pub moderator: Option<UserId>,
    /// What was decided.
    pub action: ModerationAction,
    /// Why it was decided, as a code.
    pub reason: Option<&'e str>,
    /// Why, in words.
    pub note: Option<&'e str>,
    /// When it was decided.
    pub at: Time,
}

pub(super) fn note(
    conn: &mut Conn,
    comment: &Comment,
    to: CommentState,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    diesel::insert_into(moderation_log::table)
        .values((
            moderation_log::id.eq(LogEntryId::new()),
            moderation_log::comment_id.eq(comment.id),
            moderation_log::article_id.eq(comment.article_id),
            moderation_log::moderator_id.eq(entry.moderator),
            moderation_log::action.eq(entry.action),
            moderation_log::from_state.eq(comment.state),
            moderation_log::to_state.eq(to),
            moderation_log::reason.eq(entry.reason),
            moderation_log::note.eq(entry.note),
            moderation_log::at.eq(entry.at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that the house decided on those of these comments, written as they are, that say when.
pub fn note_settled(conn: &mut Conn, settled: &[Comment]) -> Result<()> {
    let decided: Vec<_> = settled
        .iter()
        .filter_map(|comment| {
            let action = match comment.state {
                CommentState::Approved => ModerationAction::Approve,
                CommentState::Rejected => ModerationAction::Reject,
                CommentState::Spam => ModerationAction::Spam,
                _ => return None,
            };
            Some((
                moderation_log::id.eq(LogEntryId::new()),
                moderation_log::comment_id.eq(comment.id),
                moderation_log::article_id.eq(comment.article_id),
                moderation_log::action.eq(action),
                moderation_log::from_state.eq(CommentState::Pending),
                moderation_log::to_state.eq(comment.state),
                moderation_log::at.eq(comment.decided_at?),
            ))
        })
        .collect();
    Ok(insert_each!(conn, moderation_log::table, decided)?)
}

/// Entries of one comment's log that are looked at for the last decision.
const MAX_LOG_ENTRIES: i64 = 1_000;

/// The last decision on a comment that was not taken back: the state before, the state after, when.
pub fn last_decision(conn: &mut Conn, id: CommentId) -> Result<Option<(CommentState, CommentState, Time)>> {
    type DecisionRow = (ModerationAction, CommentState, CommentState, Time);
    // Ordered by id: ids are made under the lock, times before it.
    let rows: Vec<DecisionRow> = moderation_log::table
        .filter(moderation_log::comment_id.eq(id))
        .order(moderation_log::id.desc())
        .limit(MAX_LOG_ENTRIES)
        .select((
            moderation_log::action,
            moderation_log::from_state,
            moderation_log::to_state,
            moderation_log::at,
        ))
        .load(conn)?;
    let steps: Vec<model::LoggedAction> = rows.iter().map(|(action, from, to, _)| (*action, *from, *to)).collect();
    let last = model::last_valid_decision(&steps).and_then(|index| rows.get(index));
    Ok(last.map(|(_, from, to, at)| (*from, *to, *at)))
}

/// Everything done with a comment, oldest first.
pub fn log_of(conn: &mut Conn, id: CommentId) -> Result<Vec<ModerationLogEntry>> {
    Ok(moderation_log::table
        .left_join(users::table.on(users::id.nullable().eq(moderation_log::moderator_id)))
        .filter(moderation_log::comment_id.eq(id))
        .order((moderation_log::at, moderation_log::id))
        .limit(MAX_LOG_ENTRIES)
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

/// How often something was done for a reason: what, why, how often.
pub type ModerationLogCount = (ModerationAction, Option<String>, i64);

/// What was done from one moment to before another, counted.
pub fn log_counts(conn: &mut Conn, from: Time, before: Time) -> Result<Vec<ModerationLogCount>> {
    Ok(moderation_log::table
        .filter(moderation_log::at.ge(from))
        .filter(moderation_log::at.lt(before))
        .group_by((moderation_log::action, moderation_log::reason))
        .select((
            moderation_log::action,
            moderation_log::reason,
            diesel::dsl::count_star(),
        ))
        .load(conn)?)
}
