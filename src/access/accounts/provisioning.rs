//! Making a user and setting a password, whoever asks for it: an admin, a command, the demo.

use crate::access::audit::{self, AuditEvent, TargetKind, Who};
use crate::access::auth::second_factor;
use crate::access::auth::store::{self, SessionsToEnd, User};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::UserId;

/// A user's first row.
pub fn new_user(email: &str, name: &str, password_digest: String, now: Time) -> User {
    User {
        id: UserId::new(),
        email: email.to_owned(),
        email_key: store::email_key(email),
        name: name.to_owned(),
        password_digest,
        is_demo: false,
        disabled_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a changed user as its next version.
///
/// # Errors
/// As [`store::update`].
pub fn save_user(conn: &mut Conn, mut user: User, changed: &[&str], by: Option<UserId>, now: Time) -> Result<User> {
    user.version += 1;
    user.updated_at = now;
    store::update(conn, &user)?;
    change_log::record(
        conn,
        EditableKind::User,
        user.id.as_str(),
        user.version,
        by,
        changed,
        now,
    )?;
    Ok(user)
}

/// Takes a user's second factor away and ends their sessions, for who has lost the app and the recovery codes; whether
/// there was one.
///
/// # Errors
/// 404.
pub fn reset_second_factor(conn: &mut Conn, id: UserId, who: &Who, now: Time) -> Result<bool> {
    let user = store::lock_user(conn, id)?;
    if !second_factor::remove(conn, id)? {
        return Ok(false);
    }
    save_user(conn, user, &["second_factor_enabled_at"], who.user_id(), now)?;
    let act = AuditEvent::on("user.reset_second_factor", TargetKind::User, id.as_str());
    audit::record(conn, who.clone(), act, now)?;
    store::end_sessions(conn, id, SessionsToEnd::All, "second_factor", now)?;
    Ok(true)
}

/// Gives a user another password and ends their sessions.
///
/// # Errors
/// 404.
pub fn set_password(conn: &mut Conn, id: UserId, digest: &str, who: &Who, now: Time) -> Result<()> {
    let mut user = store::lock_user(conn, id)?;
    digest.clone_into(&mut user.password_digest);
    save_user(conn, user, &["password"], who.user_id(), now)?;
    audit::record(
        conn,
        who.clone(),
        AuditEvent::on("user.set_password", TargetKind::User, id.as_str()),
        now,
    )?;
    store::end_sessions(conn, id, SessionsToEnd::All, "password", now)?;
    Ok(())
}
