//! What an edit of a thing writes beside the thing itself: who changed which members, for the answer to a stale
//! `If-Match`, and who did what, for the audit.

use serde::Serialize;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::DeskContext;
use crate::access::change_log::{self, EditableKind};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::conditional::IfMatch;

/// A thing that the desk makes, edits and deletes as a whole, under its version.
pub trait Editable {
    /// Its kind in the change log, and the first word of its acts in the audit.
    const KIND: EditableKind;
    /// Its kind in the audit.
    const TARGET: TargetKind;

    /// Its id, or the key that it has instead.
    fn id(&self) -> &str;

    /// Its version.
    fn version(&self) -> i64;

    /// It as clients see it.
    fn shown(&self) -> Result<impl Serialize>;

    /// The digest of that: [`audit::digest`].
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    fn digest(&self) -> Result<String> {
        audit::digest(&self.shown()?)
    }
}

/// Checks that the client read the current version of `thing`.
///
/// # Errors
/// As [`change_log::check`].
pub fn check_version<T: Editable>(conn: &mut Conn, if_match: IfMatch, thing: &T) -> Result<()> {
    let place = (T::KIND, thing.id(), thing.version());
    change_log::check(conn, if_match, place, |_| thing.shown())
}

/// Records that `new` was made with these members, beside what has a default.
pub fn record_new<T: Editable>(conn: &mut Conn, desk: &DeskContext<'_>, new: &T, fields: &[&str]) -> Result<()> {
    log_change(conn, desk, new, fields)?;
    let action = action::<T>("create");
    let act = AuditEvent::on(&action, T::TARGET, new.id()).after(new.digest()?);
    audit::record(conn, desk.actor, act, desk.now)
}

/// Records that these members of `old` were changed, which made it `new`.
pub fn record_edit<T: Editable>(
    conn: &mut Conn,
    desk: &DeskContext<'_>,
    old: &T,
    new: &T,
    fields: &[&str],
) -> Result<()> {
    log_change(conn, desk, new, fields)?;
    let action = action::<T>("edit");
    let act = AuditEvent::on(&action, T::TARGET, new.id()).detail("fields", fields.to_vec());
    audit::record(
        conn,
        desk.actor,
        act.before(old.digest()?).after(new.digest()?),
        desk.now,
    )
}

/// Records that `old` was deleted, and forgets its changes.
pub fn record_deletion<T: Editable>(conn: &mut Conn, desk: &DeskContext<'_>, old: &T) -> Result<()> {
    let action = action::<T>("delete");
    let act = AuditEvent::on(&action, T::TARGET, old.id()).before(old.digest()?);
    audit::record(conn, desk.actor, act, desk.now)?;
    change_log::forget(conn, T::KIND, old.id())
}

fn log_change<T: Editable>(conn: &mut Conn, desk: &DeskContext<'_>, new: &T, fields: &[&str]) -> Result<()> {
    let user = Some(desk.actor.user_id);
    change_log::record(conn, T::KIND, new.id(), new.version(), user, fields, desk.now)
}

fn action<T: Editable>(verb: &str) -> String {
    format!("{}.{verb}", T::KIND.key())
}
