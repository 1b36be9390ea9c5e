//! Users, grants, sessions and refresh tokens: every statement on their tables.

use std::collections::HashMap;

use diesel::prelude::*;

use super::second_factor::AccountPolicy;
use super::{Actor, Credential, Grant, Permission, Role, SessionId};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, Generation, LockableRow, lock, raise_generations, take_advisory_lock};
use crate::base::db::schema::{grants, refresh_tokens, sections, sessions, site, users};
use crate::base::db::{Conn, OnUnique};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::origin::Origin;
use crate::base::ids::{SectionId, UserId};

/// A user's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The address as it was given.
    pub email: String,
    /// The address by which it is looked up: lower case.
    pub email_key: String,
    /// The name that colleagues see.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_digest: String,
    /// Made by `--demo`.
    pub is_demo: bool,
    /// Since when the user may not log in.
    pub disabled_at: Option<Time>,
    /// Counts changes.
    pub version: i64,
    /// When the user was made.
    pub created_at: Time,
    /// When the user was changed last.
    pub updated_at: Time,
}

/// The form of an e-mail address that two accounts may not share.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The user of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: UserId) -> Result<User> {
    Ok(users::table.find(id).select(User::as_select()).first(conn)?)
}

/// The names of these users.
pub fn names(conn: &mut Conn, mut ids: Vec<UserId>) -> Result<HashMap<UserId, String>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named = users::table.filter(users::id.eq_any(ids));
    let rows: Vec<(UserId, String)> = named.select((users::id, users::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The names of the users who may log in, the newest first.
pub fn active_names(conn: &mut Conn, limit: i64) -> Result<Vec<String>> {
    let active = users::table.filter(users::disabled_at.is_null());
    let newest = active.order(users::id.desc()).limit(limit);
    Ok(newest.select(users::name).load(conn)?)
}

/// The user of this address.
pub fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<User>> {
    let found = users::table
        .filter(users::email_key.eq(email_key(email)))
        .select(User::as_select());
    Ok(found.first(conn).optional()?)
}

/// A page of users, newest first, starting after `after`.
pub fn list(conn: &mut Conn, after: Option<UserId>, limit: i64) -> Result<Vec<User>> {
    let mut query = users::table
        .order(users::id.desc())
        .limit(limit)
        .select(User::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.lt(after));
    }
    Ok(query.load(conn)?)
}

/// Every demo user.
pub fn demo_users(conn: &mut Conn) -> Result<Vec<User>> {
    Ok(users::table
        .filter(users::is_demo.eq(true))
        .order(users::id)
        .select(User::as_select())
        .load(conn)?)
}

/// Whether there is any user.
pub fn is_empty(conn: &mut Conn) -> Result<bool> {
    Ok(users::table
        .select(users::id)
        .first::<UserId>(conn)
        .optional()?
        .is_none())
}

/// Adds a user and their grants.
///
/// # Errors
/// 422 `email_taken`; 422 for a section that does not exist.
pub fn insert(conn: &mut Conn, user: &User, user_grants: &[Grant]) -> Result<()> {
    diesel::insert_into(users::table)
        .values(user)
        .execute(conn)
        .on_unique(email_taken)?;
    set_grants(conn, user.id, user_grants)?;
    Ok(raise_generations(conn, &mut [Generation::Names])?)
}

fn email_taken() -> Error {
    Error::field(FieldError::new("/email", FieldCode::EmailTaken))
}

/// Writes the changeable columns of a user, if nobody else has written a new version meanwhile.
///
/// # Errors
/// 422 `email_taken`; 412 when another write came first.
pub fn update(conn: &mut Conn, user: &User) -> Result<()> {
    let target = users::table
        .filter(users::id.eq(user.id))
        .filter(users::version.eq(user.version - 1));
    let changed = diesel::update(target)
        .set((
            users::email.eq(&user.email),
            users::email_key.eq(&user.email_key),
            users::name.eq(&user.name),
            users::password_digest.eq(&user.password_digest),
            users::disabled_at.eq(user.disabled_at),
            users::version.eq(user.version),
            users::updated_at.eq(user.updated_at),
        ))
        .execute(conn)
        .on_unique(email_taken)?;
    if changed == 1 {
        Ok(raise_generations(conn, &mut [Generation::Names])?)
    } else {
        Err(Error::new(Code::StaleVersion))
    }
}

/// Locks a user's row, and the set of administrators, before a change of either.
///
/// # Errors
/// 404.
pub fn lock_user(conn: &mut Conn, id: UserId) -> Result<User> {
    take_advisory_lock(conn, AdvisoryLock::Admins)?;
    lock(conn, LockableRow::User, id.as_str())?;
    get(conn, id)
}

/// Refuses to leave the house without an active administrator. Call it after the change.
///
/// # Errors
/// 409 `last_admin`.
pub fn check_admin_remains(conn: &mut Conn) -> Result<()> {
    let admin: Option<UserId> = grants::table
        .inner_join(users::table)
        .filter(grants::role.eq(Role::Admin))
        .filter(grants::section_id.is_null())
        .filter(grants::locale.is_null())
        .filter(users::disabled_at.is_null())
        .select(users::id)
        .first(conn)
        .optional()?;
    if admin.is_some() {
        Ok(())
    } else {
        Err(Error::new(Code::LastAdmin))
    }
}

/// Replaces a user's grants.
///
/// # Errors
/// 422 for a section that does not exist.
pub fn set_grants(conn: &mut Conn, id: UserId, user_grants: &[Grant]) -> Result<()> {
    diesel::delete(grants::table.filter(grants::user_id.eq(id))).execute(conn)?;
    for (ordinal, grant) in (0_i32..).zip(user_grants) {
        if let Some(section) = grant.section_id {
            let known = sections::table
                .find(section)
                .select(sections::id)
                .first::<SectionId>(conn)
                .optional()?;
            if known.is_none() {
                let pointer = format!("/grants/{ordinal}/section_id");
                return Err(Error::field(FieldError::new(pointer, FieldCode::UnknownReference)));
            }
        }
        diesel::insert_into(grants::table)
            .values((
                grants::user_id.eq(id),
                grants::ordinal.eq(ordinal),
                grants::role.eq(grant.role),
                grants::section_id.eq(grant.section_id),
                grants::locale.eq(&grant.locale),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The grants of a user, each with the present path of its section.
pub fn grants_of(conn: &mut Conn, id: UserId) -> Result<Vec<Grant>> {
    type GrantRow = (Role, Option<SectionId>, Option<String>, Option<String>);
    let rows: Vec<GrantRow> = grants::table
        .left_join(sections::table.on(sections::id.nullable().eq(grants::section_id)))
        .filter(grants::user_id.eq(id))
        .order(grants::ordinal)
        .select((
            grants::role,
            grants::section_id,
            grants::locale,
            sections::path.nullable(),
        ))
        .load(conn)?;
    let grant = |(role, section_id, locale, section_path)| Grant {
        role,
        section_id,
        locale,
        section_path,
    };
    Ok(rows.into_iter().map(grant).collect())
}

/// The user of a living session, with the grants of this moment.
///
/// # Errors
/// 401 when the session has ended or the user is disabled.
pub fn actor(conn: &mut Conn, user_id: UserId, session_id: SessionId, now: Time) -> Result<Actor> {
    let alive: Option<(bool, Option<String>)> = sessions::table
        .inner_join(users::table)
        .left_join(site::table.on(site::id.eq(1)))
        .filter(sessions::id.eq(session_id))
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .select((sessions::has_second_factor, site::settings.nullable()))
        .first(conn)
        .optional()?;
    let (has_second_factor, settings) = alive.ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let grants = grants_of(conn, user_id)?;
    if grants.is_empty() {
        return Err(super::forbidden(Permission::UseAccount));
    }
    let roles = grants.iter().map(|grant| grant.role);
    let lacks_second_factor = !has_second_factor && AccountPolicy::read(settings.as_deref())?.asks(roles);
    Ok(Actor {
        user_id,
        credential: Credential::Session(session_id),
        grants,
        lacks_second_factor,
        origin: Origin::default(),
    })
}

/// A session's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The client that logged in.
    pub user_agent: Option<String>,
    /// When.
    pub created_at: Time,
    /// When its refresh token was used last.
    pub last_used_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Why: `logout`, `password`, `disabled`, `reuse`, `revoked`.
    pub end_reason: Option<String>,
    /// Whether its user has shown a second factor.
    pub has_second_factor: bool,
}

/// Begins a session with its first refresh token.
pub fn insert_session(conn: &mut Conn, session: &Session, refresh_digest: &str, refresh_until: Time) -> Result<()> {
    diesel::insert_into(sessions::table).values(session).execute(conn)?;
    insert_refresh_token(conn, session.id, refresh_digest, session.created_at, refresh_until)
}

fn insert_refresh_token(conn: &mut Conn, session: SessionId, digest: &str, now: Time, until: Time) -> Result<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::digest.eq(digest),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::created_at.eq(now),
            refresh_tokens::expires_at.eq(until),
        ))
        .execute(conn)?;
    Ok(())
}

/// What became of a refresh token that somebody sent.
pub enum RefreshOutcome {
    /// It was good and is used up now, or it was used up a moment ago and its successor is not: by another tab, or by an
    /// answer that was lost.
    Yes(Box<User>, SessionId),
    /// It was used before that: the whole family is revoked.
    Reused,
    /// Unknown, expired, or of a session that has ended.
    No,
}

/// How long a refresh token that is used up still answers its successor.
const REPEAT_SECONDS: i64 = 30;

/// Uses up a refresh token and puts `next_digest` in its place; always the same one for the same token.
pub fn rotate_refresh_token(
    conn: &mut Conn,
    digest: &str,
    next_digest: &str,
    now: Time,
    until: Time,
) -> Result<RefreshOutcome> {
    let session: Option<SessionId> = refresh_tokens::table
        .find(digest)
        .select(refresh_tokens::session_id)
        .first(conn)
        .optional()?;
    let Some(session) = session else {
        return Ok(RefreshOutcome::No);
    };
    lock(conn, LockableRow::Session, session.as_str())?;
    let (expires_at, used_at): (Time, Option<Time>) = refresh_tokens::table
        .find(digest)
        .select((refresh_tokens::expires_at, refresh_tokens::used_at))
        .first(conn)?;
    let row: Session = sessions::table.find(session).select(Session::as_select()).first(conn)?;
    let user = get(conn, row.user_id)?;
    // No token outlives its session.
    let is_dead = expires_at <= now || row.ended_at.is_some() || user.disabled_at.is_some();
    if let Some(used_at) = used_at {
        let successor: Option<Option<Time>> = refresh_tokens::table
            .find(next_digest)
            .select(refresh_tokens::used_at)
            .first(conn)
            .optional()?;
        let is_repeat = used_at.plus_seconds(REPEAT_SECONDS) > now && successor == Some(None);
        return match (is_repeat, is_dead) {
            (true, false) => Ok(RefreshOutcome::Yes(Box::new(user), session)),
            (true, true) => Ok(RefreshOutcome::No),
            (false, _) => {
                end_sessions(conn, row.user_id, SessionsToEnd::Only(session), "reuse", now)?;
                Ok(RefreshOutcome::Reused)
            }
        };
    }
    if is_dead {
        return Ok(RefreshOutcome::No);
    }
    diesel::update(refresh_tokens::table.find(digest))
        .set(refresh_tokens::used_at.eq(now))
        .execute(conn)?;
    insert_refresh_token(conn, session, next_digest, now, until.min(row.expires_at))?;
    diesel::update(sessions::table.find(session))
        .set(sessions::last_used_at.eq(now))
        .execute(conn)?;
    Ok(RefreshOutcome::Yes(Box::new(user), session))
}

/// Which of a user's sessions to end.
#[derive(Clone, Copy, Debug)]
pub enum SessionsToEnd {
    /// All of them.
    All,
    /// All but this one.
    Others(SessionId),
    /// This one.
    Only(SessionId),
}

/// Ends living sessions of a user; returns how many.
pub fn end_sessions(conn: &mut Conn, user: UserId, which: SessionsToEnd, reason: &str, now: Time) -> Result<usize> {
    let living = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null());
    let set = (sessions::ended_at.eq(now), sessions::end_reason.eq(reason));
    Ok(match which {
        SessionsToEnd::All => diesel::update(living).set(set).execute(conn)?,
        SessionsToEnd::Others(kept) => diesel::update(living.filter(sessions::id.ne(kept)))
            .set(set)
            .execute(conn)?,
        SessionsToEnd::Only(one) => diesel::update(living.filter(sessions::id.eq(one)))
            .set(set)
            .execute(conn)?,
    })
}

/// The living sessions of a user, newest first.
pub fn active_sessions(conn: &mut Conn, user: UserId, now: Time) -> Result<Vec<Session>> {
    let living = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .limit(100)
        .select(Session::as_select());
    Ok(living.load(conn)?)
}

/// Forgets sessions that ended or expired long ago, with their tokens.
pub fn forget_sessions_before(conn: &mut Conn, moment: Time) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(moment))).execute(conn)?)
}
