//! The keys of the hashes come and go. A new one hashes from now on; the one before still serves for comparing for
//! [`KEPT_DAYS`], so that sanctions outlive it, and is then retired: what was hashed under it is forgotten.

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::lock_name;
use crate::base::db::schema::{comment_reports, comments, hash_keys, sanctions};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::comments::identity::HashKeys;
use crate::comments::readers::ReportId;
use crate::comments::readers::store::forget_networks_of_reports;
use crate::on_each;

/// Days for which a key still serves for comparing after another took its place.
const KEPT_DAYS: i64 = 400;
/// Rows that a chunk takes up.
const CHUNK: i64 = 500;

/// Makes a new key, which hashes from now on; returns its number.
pub fn rotate(conn: &mut Conn, now: Time) -> Result<i32> {
    lock_name(conn, "hash keys")?;
    let last: Option<i32> = hash_keys::table
        .select(diesel::dsl::max(hash_keys::number))
        .first(conn)?;
    let last = match last {
        Some(last) => last,
        // The first key has no row until there is a second one.
        None => {
            let first = HashKeys::load(conn)?.newest();
            insert(conn, first, now)?;
            first
        }
    };
    insert(conn, last + 1, now)?;
    Ok(last + 1)
}

fn insert(conn: &mut Conn, number: i32, now: Time) -> Result<()> {
    diesel::insert_into(hash_keys::table)
        .values((
            hash_keys::number.eq(number),
            hash_keys::created_at.eq(now),
            hash_keys::retired_at.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Retires the keys that another replaced long ago. Sanctions under them end: nobody can be compared with them any
/// more.
pub fn retire_old(conn: &mut Conn, now: Time) -> Result<()> {
    let before = now.plus_seconds(-KEPT_DAYS * 24 * 3_600);
    // The newest key that is old enough: it replaced all keys before it more than `KEPT_DAYS` ago.
    let successor: Option<i32> = hash_keys::table
        .filter(hash_keys::created_at.lt(before))
        .select(diesel::dsl::max(hash_keys::number))
        .first(conn)?;
    let Some(successor) = successor else { return Ok(()) };
    let old = hash_keys::table
        .filter(hash_keys::number.lt(successor))
        .filter(hash_keys::retired_at.is_null());
    let retired: Vec<i32> = old.select(hash_keys::number).load(conn)?;
    if retired.is_empty() {
        return Ok(());
    }
    diesel::update(hash_keys::table.filter(hash_keys::number.eq_any(retired.clone())))
        .set(hash_keys::retired_at.eq(now))
        .execute(conn)?;
    let still = sanctions::ends_at
        .is_null()
        .or(sanctions::ends_at.assume_not_null().gt(now));
    let in_force = sanctions::table
        .filter(sanctions::hash_key.eq_any(retired.clone()))
        .filter(still);
    diesel::update(in_force).set(sanctions::ends_at.eq(now)).execute(conn)?;
    diesel::update(sanctions::table.filter(sanctions::hash_key.eq_any(retired)))
        .set((
            sanctions::target_key.eq(""),
            sanctions::hash_key.eq(None::<i32>),
            sanctions::version.eq(sanctions::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets some of the hashes under keys that are retired; returns how many comments and reports had one.
pub fn forget_retired(conn: &mut Conn) -> Result<usize> {
    let retired: Vec<i32> = hash_keys::table
        .filter(hash_keys::retired_at.is_not_null())
        .select(hash_keys::number)
        .load(conn)?;
    if retired.is_empty() {
        return Ok(0);
    }
    let of_reports: Vec<ReportId> = comment_reports::table
        .filter(comment_reports::hash_key.eq_any(retired.clone()))
        .limit(CHUNK)
        .select(comment_reports::id)
        .load(conn)?;
    let ids: Vec<CommentId> = comments::table
        .filter(comments::hash_key.eq_any(retired))
        .limit(CHUNK)
        .select(comments::id)
        .load(conn)?;
    on_each!(conn, c => diesel::update(comments::table.filter(comments::id.eq_any(ids.clone())))
        .set((
            comments::email_hash.eq(None::<String>),
            comments::network_hash.eq(None::<String>),
            comments::hash_key.eq(None::<i32>),
        ))
        .execute(c))?;
    Ok(ids.len() + forget_networks_of_reports(conn, &of_reports)?)
}
