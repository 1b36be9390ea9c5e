//! What the audit is told of API tokens.

use serde_json::{Value, json};

use super::store::{self, ApiTokenRow};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::DeskContext;
use crate::access::auth::api_token::TokenScope;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::UserId;

/// Notes what was done to a token; its scopes with their limits, where it was made.
///
/// # Errors
/// The database's.
pub fn record(
    conn: &mut Conn,
    desk: &DeskContext<'_>,
    action: &str,
    row: &ApiTokenRow,
    scopes: Option<&[TokenScope]>,
) -> Result<()> {
    let mut act = AuditEvent::on(action, TargetKind::ApiToken, row.id.as_str())
        .detail("owner", row.user_id.as_str())
        .detail("expires_at", row.expires_at.to_string());
    if let Some(scopes) = scopes {
        act = act.detail("scopes", scopes.iter().map(written).collect::<Vec<Value>>());
    }
    audit::record(conn, desk.actor, act, desk.now)
}

/// A scope as its owner wrote it.
fn written(scope: &TokenScope) -> Value {
    let limits = [
        ("section_id", scope.section_id.map(|id| id.to_string())),
        ("locale", scope.locale.clone()),
    ];
    let mut written = json!({"permission": scope.permission.as_str()});
    for (name, limit) in limits {
        if let Some(limit) = limit {
            written[name] = limit.into();
        }
    }
    written
}

/// Ends all tokens of a user that are good.
///
/// # Errors
/// The database's.
pub fn revoke_all(conn: &mut Conn, desk: &DeskContext<'_>, user_id: UserId) -> Result<()> {
    for row in store::good_of(conn, user_id, desk.now)? {
        store::revoke(conn, row.id, desk.now)?;
        record(conn, desk, "api_token.revoke", &row, None)?;
    }
    Ok(())
}
