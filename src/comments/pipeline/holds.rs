//! How often each phase held a comment, month by month. Counted as it happens, so that what is erased later is in it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::schema::comment_hold_counts as counts;
use crate::base::db::{Conn, kept};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::comments::pipeline::PipelineOutcome;
use crate::on_each;

/// Rows over which a count is spread, so that comments sent at once seldom wait for the same row.
const SHARDS: u32 = 16;

/// The month of a moment, in UTC: `2026-11`.
pub fn month_of(time: Time) -> String {
    time.naive().format("%Y-%m").to_string()
}

/// Counts the phases that held a comment. Call it late in a transaction: the rows stay locked until it ends.
pub fn count(conn: &mut Conn, comment: CommentId, outcome: &PipelineOutcome, now: Time) -> Result<()> {
    let (month, shard) = (month_of(now), shard_of(comment));
    // Always in the phases' order, so that two transactions never wait for each other.
    for phase in outcome.holding_phases() {
        on_each!(conn, c => kept(diesel::insert_into(counts::table)
            .values((
                counts::month.eq(&month),
                counts::phase.eq(phase),
                counts::shard.eq(shard),
                counts::held.eq(1_i64),
            ))
            .on_conflict((counts::month, counts::phase, counts::shard))
            .do_update()
            .set(counts::held.eq(counts::held + 1)))
            .execute(c))?;
    }
    Ok(())
}

fn shard_of(comment: CommentId) -> i32 {
    // The end of an id is random.
    let last = comment.to_string().chars().last().and_then(|digit| digit.to_digit(16));
    i32::try_from(last.unwrap_or(0) % SHARDS).unwrap_or(0)
}

/// By month and phase, since the month of `from`.
pub fn since(conn: &mut Conn, from: Time) -> Result<BTreeMap<(String, String), i64>> {
    let rows: Vec<(String, String, i64)> = counts::table
        .filter(counts::month.ge(month_of(from)))
        .select((counts::month, counts::phase, counts::held))
        .load(conn)?;
    let mut held = BTreeMap::new();
    for (month, phase, count) in rows {
        *held.entry((month, phase)).or_default() += count;
    }
    Ok(held)
}
