//! Who holds which card.

use diesel::prelude::*;

use super::queue::{ScopedQueueFilter, queue_ids};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::{comment_claims, users};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::{CommentId, UserId};
use crate::comments::moderation::model::ClaimedBy;
use crate::insert_many;

/// A card that is held: the comment, by whom, their name, until when.
pub type ClaimRow = (CommentId, UserId, String, Time);

/// Who holds which of these at this moment.
pub fn claims_of(conn: &mut Conn, ids: &[CommentId], now: Time) -> Result<Vec<ClaimRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(comment_claims::table
        .inner_join(users::table.on(users::id.eq(comment_claims::user_id)))
        .filter(among(comment_claims::comment_id, ids.to_vec()))
        .filter(comment_claims::until.gt(now))
        .select((
            comment_claims::comment_id,
            comment_claims::user_id,
            users::name,
            comment_claims::until,
        ))
        .load(conn)?)
}

/// Hands the moderator the next cards and notes until when they hold them: those that they hold already, then those
/// that nobody holds. Only one transaction at a time hands out cards.
pub fn claim(conn: &mut Conn, which: &ScopedQueueFilter, limit: i64, until: Time) -> Result<Vec<CommentId>> {
    take_advisory_lock(conn, AdvisoryLock::Claims)?;
    diesel::delete(comment_claims::table.filter(comment_claims::until.le(which.now))).execute(conn)?;
    let of = |claimed| ScopedQueueFilter {
        claimed: Some(claimed),
        ..which.clone()
    };
    let mut ids = queue_ids(conn, &of(ClaimedBy::Mine), limit)?;
    let free = limit - i64::try_from(ids.len()).unwrap_or(limit);
    if free > 0 {
        ids.extend(queue_ids(conn, &of(ClaimedBy::Nobody), free)?);
    }
    if ids.is_empty() {
        return Ok(ids);
    }
    diesel::delete(comment_claims::table.filter(comment_claims::comment_id.eq_any(ids.clone()))).execute(conn)?;
    let row = |id: &CommentId| {
        (
            comment_claims::comment_id.eq(*id),
            comment_claims::user_id.eq(which.moderator),
            comment_claims::until.eq(until),
        )
    };
    insert_many!(conn, comment_claims::table, ids.iter().map(row))?;
    Ok(ids)
}

/// Gives back the cards that the moderator holds: these, or all; returns how many.
pub fn release(conn: &mut Conn, moderator: UserId, ids: Option<&[CommentId]>) -> Result<usize> {
    let mine = comment_claims::table.filter(comment_claims::user_id.eq(moderator));
    Ok(match ids {
        None => diesel::delete(mine).execute(conn)?,
        Some(ids) => diesel::delete(mine.filter(comment_claims::comment_id.eq_any(ids.to_vec()))).execute(conn)?,
    })
}
