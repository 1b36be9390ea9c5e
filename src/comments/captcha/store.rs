//! Statements on solutions that were taken.

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::captcha_solutions as solutions;
use crate::base::error::Result;

/// Adds a solution; `false` when it is there already. On PostgreSQL it waits for another transaction that is adding the
/// same one.
pub fn insert(conn: &mut Conn, digest: &str, expires_at: Time) -> Result<bool> {
    let added = crate::on_each!(conn, c => diesel::insert_into(solutions::table)
        .values((solutions::digest.eq(digest), solutions::expires_at.eq(expires_at)))
        .on_conflict(solutions::digest)
        .do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Forgets solutions that are no longer valid anyway; returns how many.
pub fn forget_expired(conn: &mut Conn, now: Time) -> Result<usize> {
    Ok(diesel::delete(solutions::table.filter(solutions::expires_at.le(now))).execute(conn)?)
}
