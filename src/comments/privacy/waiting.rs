//! The requests that wait for somebody to prove who they are, as the newsroom sees them: never who it is.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, WaitingRequest};
use super::{PrivacyRequestId, PrivacyRequestKind};
use crate::access::auth::{Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::{CommentId, UserId};
use crate::base::secrets::Secrets;
use crate::list_type;
use crate::site::takedowns::ErasureMode;

crate::word_type! {
    /// By what the comments of a request are found.
    PrivacySubject [open] {
        /// By their reader.
        Reader = "reader",
        /// By the e-mail address that they were sent with.
        Email = "email",
        /// It is one comment alone.
        Comment = "comment",
    }
}

/// A request that waits for the person. Whoever did what they asked is not listed any more; the audit has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingPrivacyRequest {
    /// The request's id.
    pub id: PrivacyRequestId,
    /// What is asked.
    pub kind: PrivacyRequestKind,
    /// How to erase; null for an export.
    pub mode: Option<ErasureMode>,
    /// By what the comments are found.
    pub subject: PrivacySubject,
    /// The comment, where it is one alone; null elsewhere.
    pub comment_id: Option<CommentId>,
    /// Who made the request for the person.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Time,
    /// From when on the person's token is good for nothing.
    pub expires_at: Time,
}

impl From<WaitingRequest> for WaitingPrivacyRequest {
    fn from(request: WaitingRequest) -> Self {
        let subject = match (request.reader_digest, request.comment_id) {
            (Some(_), _) => PrivacySubject::Reader,
            (None, Some(_)) => PrivacySubject::Comment,
            (None, None) => PrivacySubject::Email,
        };
        Self {
            subject,
            id: request.id,
            kind: request.kind,
            mode: request.mode,
            comment_id: request.comment_id,
            created_by: request.created_by,
            created_at: request.created_at,
            expires_at: request.expires_at,
        }
    }
}

list_type! {
    /// A page of requests that wait, the newest first.
    PrivacyRequestList {
        /// The requests.
        items: Vec<WaitingPrivacyRequest>,
    }
}

/// List privacy requests.
///
/// Those that the newsroom made and the person has not taken up yet, while their tokens are good.
#[utoipa::path(tag = "privacy", operation_id = "listPrivacyRequests", params(PageRequest),
    responses((status = 200, description = "A page of requests.", body = PrivacyRequestList)))]
#[get("/v1/editorial/privacy-requests")]
pub async fn list_privacy_requests(
    secrets: Data<Secrets>,
    desk: Desk<may::ManagePrivacy>,
    params: Params<PageRequest>,
) -> Result<PrivacyRequestList> {
    desk.actor.check_everywhere(Permission::ManagePrivacy)?;
    let page = params.0;
    let binding = CursorBinding::new("privacy-requests", &());
    let after = page.after::<1>(&secrets, &binding)?;
    let (after, fetch) = (after.and_then(|[id]| PrivacyRequestId::parse(&id)), page.fetch());
    let rows = desk
        .read(move |conn, desk| store::waiting(conn, desk.now, after, fetch))
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |request| [request.id.to_string()])?;
    Ok(PrivacyRequestList {
        items: rows.into_iter().map(WaitingPrivacyRequest::from).collect(),
        page,
    })
}

/// Read a privacy request.
///
/// One that waits; 404 once the person has taken it up, or its time is over.
#[utoipa::path(tag = "privacy", operation_id = "getPrivacyRequest",
    responses((status = 200, description = "The request.", body = WaitingPrivacyRequest)))]
#[get("/v1/editorial/privacy-requests/{privacy_request_id}")]
pub async fn get_privacy_request(
    desk: Desk<may::ManagePrivacy>,
    id: PathId<PrivacyRequestId>,
    _: Params<NoParams>,
) -> Result<Json<WaitingPrivacyRequest>> {
    desk.actor.check_everywhere(Permission::ManagePrivacy)?;
    let request = desk
        .read(move |conn, desk| store::get_waiting(conn, id.0, desk.now))
        .await?;
    Ok(Json(request.into()))
}
