//! Statements on the audit's one table: lines are added and read.

use diesel::prelude::*;
use serde_json::Value;

use super::{AuditId, TargetKind, Via, Who};
use crate::access::audit::AuditEvent;
use crate::access::auth::SessionId;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{audit, users};
use crate::base::error::Result;
use crate::base::ids::UserId;

/// Adds a line.
pub(super) fn insert(conn: &mut Conn, who: &Who, act: AuditEvent<'_>, now: Time) -> Result<()> {
    let details = (!act.details.is_empty()).then(|| Value::Object(act.details).to_string());
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(AuditId::new()),
            audit::at.eq(now),
            audit::via.eq(who.via),
            audit::user_id.eq(who.user_id),
            audit::session_id.eq(who.session_id),
            audit::address.eq(&who.origin.address),
            audit::request_id.eq(&who.origin.request_id),
            audit::action.eq(act.action),
            audit::target_kind.eq(act.target.0),
            audit::target_id.eq(act.target.1),
            audit::before_digest.eq(act.before),
            audit::after_digest.eq(act.after),
            audit::details.eq(details),
        ))
        .execute(conn)?;
    Ok(())
}

/// Which lines.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct AuditFilter {
    /// Only what this user did.
    pub user_id: Option<UserId>,
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
