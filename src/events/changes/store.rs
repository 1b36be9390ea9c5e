//! Statements on the change feed. Its rows are written by triggers (migration 0124).

use diesel::prelude::*;

use super::{ChangeOp, ChangedKind};
use crate::base::clock::Time;
use crate::base::db::schema::{change_feeds, changes};
use crate::base::db::{Conn, dialect};
use crate::base::error::Result;

/// A row of the feed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = changes, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ChangeRow {
    /// Its place in the order of changes.
    pub position: Option<i64>,
    /// What kind of thing.
    pub kind: ChangedKind,
    /// Which.
    pub target_id: String,
    /// Where it is or was, as far as its own row says.
    pub path: Option<String>,
    /// What became of it.
    pub op: ChangeOp,
    /// Its version; of an article the number of its live revision.
    pub version: i64,
    /// When.
    pub at: Option<Time>,
}

/// What follows a place. What is there no more is left out up to `walked_until`: who walks from the beginning has never
/// met it.
pub fn after(conn: &mut Conn, place: i64, walked_until: i64, limit: i64) -> Result<Vec<ChangeRow>> {
    let following = changes::table
        .filter(changes::position.gt(place))
        .filter(changes::op.eq(ChangeOp::Upsert).or(changes::position.gt(walked_until)));
    Ok(following
        .order(changes::position)
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(conn)?)
}

/// The last place: who begins here is told what changes from now on.
pub fn end(conn: &mut Conn) -> Result<i64> {
    let last: Option<Option<i64>> = changes::table
        .filter(changes::position.is_not_null())
        .order(changes::position.desc())
        .select(changes::position)
        .first(conn)
        .optional()?;
    Ok(last.flatten().unwrap_or(0))
}

/// When what stands last up to a place changed.
pub fn last_told(conn: &mut Conn, place: i64) -> Result<Option<Time>> {
    let last: Option<Option<Time>> = changes::table
        .filter(changes::position.le(place))
        .order(changes::position.desc())
        .select(changes::at)
        .first(conn)
        .optional()?;
    Ok(last.flatten())
}

/// Whether something changed that has no place yet.
pub fn has_unplaced(conn: &mut Conn) -> Result<bool> {
    let unplaced = changes::table.filter(changes::position.is_null());
    // In the order of the index of just these: whatever is believed of how many they are, nothing else is looked through.
    let first = unplaced.order(changes::seq).select(changes::seq).first(conn);
    let first: Option<i64> = first.optional()?;
    Ok(first.is_some())
}

/// Gives what has changed its places; how many. Called by whoever reads and finds some without.
pub fn place(conn: &mut Conn) -> Result<usize> {
    Ok(dialect::place_changes(conn)?)
}

/// The name of this database's feed, by which its places are told from another's.
pub fn feed_id(conn: &mut Conn) -> Result<String> {
    Ok(change_feeds::table.select(change_feeds::id).first(conn)?)
}

/// Deletions that one write forgets.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Forgets deletions from before a moment, so many at a time; how many.
pub fn forget_deletions(conn: &mut Conn, before: Time) -> Result<usize> {
    let end = end(conn)?;
    let old: Vec<i64> = changes::table
        .filter(changes::op.eq(ChangeOp::Delete))
        .filter(changes::at.lt(before))
        // The last place stays: nobody's cursor lies behind the end.
        .filter(changes::position.ne(end))
        .select(changes::seq)
        .limit(FORGOTTEN_AT_ONCE)
        .load(conn)?;
    Ok(diesel::delete(changes::table.filter(changes::seq.eq_any(old))).execute(conn)?)
}
