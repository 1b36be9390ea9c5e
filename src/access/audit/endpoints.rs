//! The audit as administrators read it: page by page, or whole as a file.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use futures_util::stream::try_unfold;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::store::{self, AuditFilter, AuditRow};
use super::{AuditId, TargetKind, Via};
use crate::access::audit::store::AuditOrder;
use crate::access::auth::api_token::ApiTokenId;
use crate::access::auth::{Desk, Permission, SessionId, may};
use crate::base::clock::Time;
use crate::base::error::{Error, Result};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::query::Params;
use crate::base::http::query_type::{id_param, parsed_param, time_param, word_param};
use crate::base::ids::UserId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::{list_type, query_type};

/// One act: who did what, when and from where.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    /// The entry's id; later ones sort after earlier ones.
    pub id: AuditId,
    /// When the act was done.
    pub at: Time,
    /// By which way the act came.
    pub via: Via,
    /// Who acted; null where it was the server.
    pub user_id: Option<UserId>,
    /// Their name now.
    pub user_name: Option<String>,
    /// The session in which they acted.
    pub session_id: Option<SessionId>,
    /// The API token by which they acted, where it was one.
    pub token_id: Option<ApiTokenId>,
    /// The network address from which the request came.
    pub address: Option<String>,
    /// The request's id, as the log has it.
    pub request_id: Option<String>,
    /// What was done, such as `article.publish`.
    pub action: String,
    /// What kind of thing it was done to.
    pub target_kind: TargetKind,
    /// The thing's id; null where there is no single one.
    pub target_id: Option<String>,
    /// SHA-256 of the thing before, where it was there.
    pub before_digest: Option<String>,
    /// SHA-256 of the thing after, where it is there.
    pub after_digest: Option<String>,
    /// More of the act: names, numbers and words, never a text that somebody wrote.
    pub details: Vec<AuditDetail>,
}

/// A detail of an act.
#[derive(Serialize, ToSchema)]
pub struct AuditDetail {
    /// What it says.
    pub name: String,
    /// The value; what is no text stands as JSON.
    pub value: String,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            via: row.via,
            user_id: row.user_id,
            user_name: row.user_name,
            session_id: row.session_id,
            token_id: row.token_id,
            address: row.address,
            request_id: row.request_id,
            action: row.action,
            target_kind: row.target_kind,
            target_id: row.target_id,
            before_digest: row.before_digest,
            after_digest: row.after_digest,
            details: details(row.details.as_deref()),
        }
    }
}

fn details(json: Option<&str>) -> Vec<AuditDetail> {
    let members = json.and_then(|json| serde_json::from_str::<serde_json::Map<String, Value>>(json).ok());
    let detail = |(name, value)| AuditDetail {
        name,
        value: match value {
            Value::String(text) => text,
            other => other.to_string(),
        },
    };
    members.unwrap_or_default().into_iter().map(detail).collect()
}

list_type! {
    /// A page of the audit.
    AuditList {
        /// The entries, the newest first.
        items: Vec<AuditEntry>,
    }
}

query_type! {
    /// Which acts.
    #[derive(Debug)]
    pub struct AuditQuery {
        /// Only what this user did.
        user_id: UserId = optional(id_param()),
        /// Only what was done by this API token.
        token_id: ApiTokenId = optional(id_param()),
        /// Only acts of this name, such as `article.publish`.
        action: String = optional(parsed_param(limits::ACTION, "the name of an act such as article.publish", parse_action)),
        /// Only acts on things of this kind.
        target_kind: TargetKind = optional(word_param()),
        /// Only acts on this thing.
        target_id: AuditId = optional(id_param()),
        /// Only at or after this moment.
        recorded_after: Time = optional(time_param()),
        /// Only before this moment.
        recorded_before: Time = optional(time_param()),
    }
}

impl AuditQuery {
    fn filter(&self) -> AuditFilter {
        AuditFilter {
            user_id: self.user_id,
            token_id: self.token_id,
            action: self.action.clone(),
            target_kind: self.target_kind,
            target_id: self.target_id.map(|id| id.to_string()),
            recorded_after: self.recorded_after,
            recorded_before: self.recorded_before,
        }
    }
}

/// The name of an act: `thing.verb`.
fn parse_action(text: &str) -> Option<String> {
    let (thing, verb) = text.split_once('.')?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (text.len() <= limits::ACTION && is_word(thing) && is_word(verb)).then(|| text.to_owned())
}

query_type! {
    /// Which acts, and which page of them.
    pub struct AuditListQuery {
        query: AuditQuery = part(),
        page: PageRequest = part(),
    }
}

/// List the audit.
///
/// Every act that changed something, the newest first: who, what, when, from where.
#[utoipa::path(tag = "audit", operation_id = "listAudit", params(AuditQuery, PageRequest),
    responses((status = 200, description = "A page of entries.", body = AuditList)))]
#[get("/v1/editorial/audit")]
pub async fn list_audit(
    secrets: Data<Secrets>,
    desk: Desk<may::ReadAudit>,
    params: Params<AuditListQuery>,
) -> Result<AuditList> {
    desk.actor.check_everywhere(Permission::ReadAudit)?;
    let AuditListQuery { query, page } = params.0;
    let binding = CursorBinding::new("audit", &query);
    let after = page.after::<2>(&secrets, &binding)?;
    let after = after.and_then(|[at, id]| Time::parse(&at).zip(AuditId::parse(&id)));
    let fetch = page.fetch();
    let rows = desk
        .read(move |conn, _| store::list(conn, &query.filter(), AuditOrder::NewestFirst, after, fetch))
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |row| [row.at.to_string(), row.id.to_string()])?;
    Ok(AuditList {
        items: rows.into_iter().map(AuditEntry::from).collect(),
        page,
    })
}

/// Lines that one step of an export reads.
const EXPORT_PAGE_ROWS: i64 = 500;

/// Export the audit.
///
/// The same entries as a file, the oldest first, one JSON object a line (NDJSON). It is read in
/// steps, so a long one holds up nobody; what is added meanwhile stands at its end.
#[utoipa::path(tag = "audit", operation_id = "exportAudit", params(AuditQuery),
    responses((status = 200, description = "One entry a line.", body = AuditEntry, content_type = "application/x-ndjson")))]
#[get("/v1/editorial/audit/export")]
pub async fn export_audit(desk: Desk<may::ReadAudit>, params: Params<AuditQuery>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ReadAudit)?;
    let filter = params.0.filter();
    let desk = std::sync::Arc::new(desk);
    let lines = try_unfold(Some(None), move |after: Option<Option<(Time, AuditId)>>| {
        let (desk, filter) = (desk.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let rows = desk
                .read(move |conn, _| store::list(conn, &filter, AuditOrder::OldestFirst, after, EXPORT_PAGE_ROWS))
                .await?;
            let last = rows.last().map(|row| Some((row.at, row.id)));
            if rows.is_empty() {
                return Ok(None);
            }
            let mut text = String::new();
            for row in rows {
                text.push_str(&serde_json::to_string(&AuditEntry::from(row)).map_err(Error::internal)?);
                text.push('\n');
            }
            Ok::<_, Error>(Some((Bytes::from(text), last)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header(("Content-Disposition", "attachment; filename=\"audit.ndjson\""))
        .streaming(Box::pin(lines)))
}
