//! Statements on requests that wait for somebody to prove who they are.

use diesel::prelude::*;

use super::{PrivacyRequestId, PrivacyRequestKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::privacy_requests as requests;
use crate::base::error::{Error, Result};
use crate::base::ids::{CommentId, UserId};
use crate::comments::privacy::data_subject::DataSubject;
use crate::site::takedowns::ErasureMode;

/// A request that waits.
#[derive(Clone, Debug)]
pub struct PrivacyRequest {
    /// Its id.
    pub id: PrivacyRequestId,
    /// What is asked.
    pub kind: PrivacyRequestKind,
    /// How to erase; `None` for an export.
    pub mode: Option<ErasureMode>,
    /// Whose data it is about.
    pub person: DataSubject,
}

/// Adds a request: for whoever has the token of this digest, until its end.
pub fn insert(
    conn: &mut Conn,
    request: &PrivacyRequest,
    token_digest: &str,
    by: UserId,
    (now, end): (Time, Time),
) -> Result<()> {
    let (reader, emails, comment) = match &request.person {
        DataSubject::Reader(digest) => (Some(digest.as_str()), [].as_slice(), None),
        DataSubject::Email(hashes) => (None, hashes.as_slice(), None),
        DataSubject::Comment(id) => (None, [].as_slice(), Some(*id)),
    };
    diesel::insert_into(requests::table)
        .values((
            requests::id.eq(request.id),
            requests::kind.eq(request.kind),
            requests::mode.eq(request.mode),
            requests::reader_digest.eq(reader),
            requests::email_hashes.eq(serde_json::to_string(emails).map_err(Error::internal)?),
            requests::comment_id.eq(comment),
            requests::token_digest.eq(token_digest),
            requests::created_by.eq(by),
            requests::created_at.eq(now),
            requests::expires_at.eq(end),
        ))
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct PrivacyRequestRow {
    id: PrivacyRequestId,
    kind: PrivacyRequestKind,
    mode: Option<ErasureMode>,
    reader_digest: Option<String>,
    email_hashes: String,
    comment_id: Option<CommentId>,
}

/// The request of a token, while it is good.
///
/// # Errors
/// 404.
pub fn find(conn: &mut Conn, token_digest: &str, now: Time) -> Result<PrivacyRequest> {
    let row: PrivacyRequestRow = requests::table
        .filter(requests::token_digest.eq(token_digest))
        .filter(requests::expires_at.gt(now))
        .select(PrivacyRequestRow::as_select())
        .first(conn)?;
    let person = match (row.reader_digest, row.comment_id) {
        (Some(digest), _) => DataSubject::Reader(digest),
        (None, Some(comment)) => DataSubject::Comment(comment),
        (None, None) => DataSubject::Email(serde_json::from_str(&row.email_hashes).map_err(Error::internal)?),
    };
    Ok(PrivacyRequest {
        id: row.id,
        kind: row.kind,
        mode: row.mode,
        person,
    })
}

/// A request that waits, as the newsroom sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = requests, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct WaitingRequest {
    /// Its id.
    pub id: PrivacyRequestId,
    /// What is asked.
    pub kind: PrivacyRequestKind,
    /// How to erase; `None` for an export.
    pub mode: Option<ErasureMode>,
    /// The reader whose comments it is about, where it is a reader's.
    pub reader_digest: Option<String>,
    /// The one comment that it is about, where it is one.
    pub comment_id: Option<CommentId>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Time,
    /// From when on its token is good for nothing.
    pub expires_at: Time,
}

/// The requests whose tokens are good, the newest first, after `after`.
pub fn waiting(conn: &mut Conn, now: Time, after: Option<PrivacyRequestId>, limit: i64) -> Result<Vec<WaitingRequest>> {
    let mut query = requests::table
        .filter(requests::expires_at.gt(now))
        .order(requests::id.desc())
        .limit(limit)
        .select(WaitingRequest::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(requests::id.lt(after));
    }
    Ok(query.load(conn)?)
}

/// A request whose token is good.
///
/// # Errors
/// 404.
pub fn get_waiting(conn: &mut Conn, id: PrivacyRequestId, now: Time) -> Result<WaitingRequest> {
    let found = requests::table
        .find(id)
        .filter(requests::expires_at.gt(now))
        .select(WaitingRequest::as_select());
    found.first(conn).optional()?.ok_or_else(Error::not_found)
}

/// Forgets a request that is done; returns whether it was still there.
pub fn delete(conn: &mut Conn, id: PrivacyRequestId) -> Result<bool> {
    Ok(diesel::delete(requests::table.find(id)).execute(conn)? > 0)
}

/// Forgets requests that nobody took up in time.
pub fn forget_ended(conn: &mut Conn, now: Time) -> Result<()> {
    diesel::delete(requests::table.filter(requests::expires_at.le(now))).execute(conn)?;
    Ok(())
}
