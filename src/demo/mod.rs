//! The demo: a small French newsroom, « Le Fanal », whose texts are in `newsroom.json`. It is read
//! and checked by the same code as what editors send, and written in one transaction. [`archive`] adds as many
//! articles as a trial needs.

pub mod archive;
mod newsroom;
mod write;

use crate::access::auth::password::{DEMO_PASSWORD, Passwords};
use crate::access::auth::store;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::events::outbox::store as outbox;
use crate::site::frame::Frame;
use crate::site::sections::SectionTree;

/// What became of a database that was asked to be the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoOutcome {
    /// It was empty and is the demo now.
    Populated,
    /// It was the demo already.
    AlreadyPopulated,
    /// It holds something else, and was left as it is.
    Refused,
}

/// Fills an empty database.
pub fn fill(db: &Db, passwords: &Passwords) -> Result<DemoOutcome> {
    let known = db.read_blocking(inspect)?;
    if known != DemoOutcome::Populated {
        return Ok(known);
    }
    // Everything that takes time is done here, outside the transaction.
    let frame = db.read_blocking(Frame::load)?;
    let digest = passwords.digest_blocking(DEMO_PASSWORD)?;
    let newsroom = newsroom::read(&frame, digest, db.clock().now())?;
    db.write_blocking(move |conn| {
        take_advisory_lock(conn, AdvisoryLock::Sections)?;
        let known = inspect(conn)?;
        if known == DemoOutcome::Populated {
            write::write(conn, &newsroom)?;
            // Nobody is told of what never happened, not by a replay either.
            outbox::forget_all(conn)?;
        }
        Ok(known)
    })
}

/// What the database holds: nothing, the demo, or something else.
fn inspect(conn: &mut Conn) -> Result<DemoOutcome> {
    if !store::demo_users(conn)?.is_empty() {
        return Ok(DemoOutcome::AlreadyPopulated);
    }
    let is_empty = store::is_empty(conn)? && SectionTree::load(conn)?.is_empty();
    Ok(if is_empty {
        DemoOutcome::Populated
    } else {
        DemoOutcome::Refused
    })
}

/// A defect of `newsroom.json`, which a test would have found.
fn defect(what: impl std::fmt::Display) -> Error {
    Error::internal(format!("the demo’s newsroom: {what}"))
}
