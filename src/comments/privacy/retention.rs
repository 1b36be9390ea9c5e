//! What is forgotten by itself: comments that readers were never to see, networks, hashes under old keys, requests that
//! were never taken up. It works in chunks, each a transaction of its own; what is left over waits for the next time.

use diesel::prelude::*;

use super::{erase, store};
use crate::base::clock::Time;
use crate::base::db::schema::{comment_reports, comments};
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::comments::model::CommentState;
use crate::comments::privacy::key_rotation;
use crate::comments::readers::ReportId;
use crate::comments::readers::store::forget_networks_of_reports;
use crate::comments::store::is_in_state;

/// How long the hash of a network is kept: for rates and for sanctions, which have an end.
const NETWORK_DAYS: i64 = 30;
const DAY: i64 = 24 * 3_600;
/// Comments that a chunk takes up.
const CHUNK: i64 = 200;
/// Chunks of one kind that are done at a time.
const CHUNKS: usize = 100;

/// For how many days rejected comments and spam are kept; 0 for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionDays(pub u32);

impl Default for RetentionDays {
    fn default() -> Self {
        Self(90)
    }
}

/// Forgets what is due.
pub async fn run(db: &Db, days: RetentionDays) -> Result<()> {
    let now = db.clock().now();
    db.write(move |conn| {
        store::forget_ended(conn, now)?;
        key_rotation::retire_old(conn, now)
    })
    .await?;
    if days.0 > 0 {
        let before = now.plus_seconds(-DAY * i64::from(days.0));
        in_chunks(db, move |conn| remove_rejected(conn, before)).await?;
    }
    let before = now.plus_seconds(-DAY * NETWORK_DAYS);
    in_chunks(db, move |conn| forget_networks(conn, before)).await?;
    in_chunks(db, move |conn| forget_networks_of_readers(conn, before)).await?;
    in_chunks(db, key_rotation::forget_retired).await
}

async fn in_chunks(db: &Db, chunk: impl Fn(&mut Conn) -> Result<usize> + Copy + Send + Sync + 'static) -> Result<()> {
    for _ in 0..CHUNKS {
        if db.write(chunk).await? == 0 {
            break;
        }
    }
    Ok(())
}

/// Removes some of the comments that have been rejected, or spam, since before then; returns how many.
fn remove_rejected(conn: &mut Conn, before: Time) -> Result<usize> {
    let mut ids: Vec<CommentId> = Vec::new();
    for state in [CommentState::Rejected, CommentState::Spam] {
        let of_state: Vec<CommentId> = comments::table
            .filter(is_in_state(state))
            .filter(comments::created_at.lt(before))
            .filter(
                comments::decided_at
                    .is_null()
                    .or(comments::decided_at.assume_not_null().lt(before)),
            )
            .order((comments::created_at, comments::id))
            .limit(CHUNK - i64::try_from(ids.len()).unwrap_or(CHUNK))
            .select(comments::id)
            .load(conn)?;
        ids.extend(of_state);
    }
    erase::remove(conn, &ids)?;
    Ok(ids.len())
}

/// Drops some hashes of networks from which readers reported before then; returns how many.
fn forget_networks_of_readers(conn: &mut Conn, before: Time) -> Result<usize> {
    let ids: Vec<ReportId> = comment_reports::table
        .filter(comment_reports::network_hash.is_not_null())
        .filter(comment_reports::at.lt(before))
        .order(comment_reports::at)
        .limit(CHUNK)
        .select(comment_reports::id)
        .load(conn)?;
    forget_networks_of_reports(conn, &ids)
}

/// Drops some hashes of networks from which comments came before then; returns how many.
fn forget_networks(conn: &mut Conn, before: Time) -> Result<usize> {
    let ids: Vec<CommentId> = comments::table
        .filter(comments::network_hash.is_not_null())
        .filter(comments::created_at.lt(before))
        .order(comments::created_at)
        .limit(CHUNK)
        .select(comments::id)
        .load(conn)?;
    diesel::update(comments::table.filter(comments::id.eq_any(ids.clone())))
        .set(comments::network_hash.eq(None::<String>))
        .execute(conn)?;
    Ok(ids.len())
}
