//! Statements on the audit's one table: lines are added and read.

use diesel::prelude::*;
use serde_json::Value;

use super::{AuditId, TargetKind, Via, Who};
use crate::access::audit::AuditEvent;
use crate::access::auth::SessionId;
use crate::access::auth::api_token::ApiTokenId;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{audit, users};
use crate::base::error::Result;
use crate::base::ids::UserId;
use crate::insert_each;

/// A line as it is written.
#[derive(Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct AuditLine<'a> {
    id: AuditId,
    at: Time,
    via: Via,
    user_id: Option<UserId>,
    session_id: Option<SessionId>,
    address: Option<String>,
    request_id: Option<String>,
    action: &'a str,
    target_kind: TargetKind,
    target_id: Option<&'a str>,
    before_digest: Option<String>,
    after_digest: Option<String>,
    details: Option<String>,
    token_id: Option<ApiTokenId>,
}

impl<'a> AuditLine<'a> {
    fn new(who: &Who, act: AuditEvent<'a>, at: Time) -> Self {
        let details = (!act.details.is_empty()).then(|| Value::Object(act.details).to_string());
        Self {
            id: AuditId::new(),
            at,
            via: who.via,
            user_id: who.user_id,
            session_id: who.session_id,
            address: who.origin.address.clone(),
            request_id: who.origin.request_id.clone(),
            action: act.action,
            target_kind: act.target.0,
            target_id: act.target.1,
            before_digest: act.before,
            after_digest: act.after,
            details,
            token_id: who.token_id,
        }
    }
}

/// Adds a line.
pub(super) fn insert(conn: &mut Conn, who: &Who, act: AuditEvent<'_>, now: Time) -> Result<()> {
    let line = AuditLine::new(who, act, now);
    diesel::insert_into(audit::table).values(line).execute(conn)?;
    Ok(())
}

/// Adds many lines.
pub(super) fn insert_all(conn: &mut Conn, acts: Vec<(Who, AuditEvent<'_>, Time)>) -> Result<()> {
    let lines = acts.into_iter().map(|(who, act, at)| AuditLine::new(&who, act, at));
    let lines: Vec<AuditLine<'_>> = lines.collect();
    Ok(insert_each!(conn, audit::table, lines)?)
}

/// Which lines.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct AuditFilter {
    /// Only what this user did.
    pub user_id: Option<UserId>,
    /// Only what was done by this token.
    pub token_id: Option<ApiTokenId>,
    /// Only acts of this name.
    pub action: Option<String>,
    /// Only acts on things of this kind.
    pub target_kind: Option<TargetKind>,
    /// Only acts on this thing.
    pub target_id: Option<String>,
    /// Only at or after this moment.
    pub recorded_after: Option<Time>,
    /// Only before this moment.
    pub recorded_before: Option<Time>,
}

/// A line, with the name that its user has now.
#[derive(Clone, Debug, Queryable)]
pub struct AuditRow {
    /// The line's id.
    pub id: AuditId,
    /// When.
    pub at: Time,
    /// By which way.
    pub via: Via,
    /// Who.
    pub user_id: Option<UserId>,
    /// Their name.
    pub user_name: Option<String>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// By which API token.
    pub token_id: Option<ApiTokenId>,
    /// From which address.
    pub address: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: TargetKind,
    /// To which.
    pub target_id: Option<String>,
    /// What it was before.
    pub before_digest: Option<String>,
    /// What it is after.
    pub after_digest: Option<String>,
    /// More, as JSON.
    pub details: Option<String>,
}

/// The order in which lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOrder {
    /// The newest first, for pages.
    NewestFirst,
    /// The oldest first, for a file.
    OldestFirst,
}

/// The lines that follow `after`.
pub fn list(
    conn: &mut Conn,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<(Time, AuditId)>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    let mut query = audit::table
        .left_join(users::table.on(users::id.nullable().eq(audit::user_id)))
        .select((
            audit::id,
            audit::at,
            audit::via,
            audit::user_id,
            users::name.nullable(),
            audit::session_id,
            audit::token_id,
            audit::address,
            audit::request_id,
            audit::action,
            audit::target_kind,
            audit::target_id,
            audit::before_digest,
            audit::after_digest,
            audit::details,
        ))
        .limit(limit)
        .into_boxed();
    if let Some(user_id) = filter.user_id {
        query = query.filter(audit::user_id.eq(user_id));
    }
    if let Some(token_id) = filter.token_id {
        query = query.filter(audit::token_id.eq(token_id));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit::action.eq(action.clone()));
    }
    if let Some(kind) = filter.target_kind {
        query = query.filter(audit::target_kind.eq(kind));
    }
    if let Some(id) = &filter.target_id {
        query = query.filter(audit::target_id.eq(id.clone()));
    }
    if let Some(moment) = filter.recorded_after {
        query = query.filter(audit::at.ge(moment));
    }
    if let Some(moment) = filter.recorded_before {
        query = query.filter(audit::at.lt(moment));
    }
    query = match (order, after) {
        (AuditOrder::NewestFirst, Some((at, id))) => query
            .filter(audit::at.le(at))
            .filter(audit::at.lt(at).or(audit::id.lt(id))),
        (AuditOrder::OldestFirst, Some((at, id))) => query
            .filter(audit::at.ge(at))
            .filter(audit::at.gt(at).or(audit::id.gt(id))),
        (_, None) => query,
    };
    query = match order {
        AuditOrder::NewestFirst => query.order((audit::at.desc(), audit::id.desc())),
        AuditOrder::OldestFirst => query.order((audit::at.asc(), audit::id.asc())),
    };
    Ok(query.load(conn)?)
}
