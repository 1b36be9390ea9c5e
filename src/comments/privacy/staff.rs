//! The newsroom makes a request for somebody who has no reader token any more: it gets a token, sends it to them by its
//! own mail, and they prove with it that the address is theirs.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};

use super::store::{self, PrivacyRequest};
use super::{PrivacyRequestId, PrivacyRequestKind};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::email::email;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::value_reader::{ValueReader, id, word};
use crate::base::ids::CommentId;
use crate::base::secrets::{Secrets, opaque_token, sha256};
use crate::body_type;
use crate::comments::identity::{HashKeys, SanctionTarget};
use crate::comments::model::CommentState;
use crate::comments::privacy::data_subject::DataSubject;
use crate::comments::privacy::requests::check_mode;
use crate::comments::store as comments;
use crate::site::takedowns::ErasureMode;

/// For how long the token of a request is good.
const GOOD_SECONDS: i64 = 7 * 24 * 3_600;

body_type! {
    /// A request on somebody's behalf.
    #[derive(Clone, Debug)]
    pub struct NewPrivacyRequest {
        /// What they ask.
        pub kind: PrivacyRequestKind = required(word()),
        /// How to erase: required for `erase`, and for nothing else.
        pub mode: ErasureMode = optional(word()),
        /// Their e-mail address: about the comments that were sent with it. Or else `comment_id`.
        pub email: String = optional(reader_email()),
        /// A comment of theirs: about those of the same reader, of the same e-mail address where the reader is not known,
        /// or about this one alone. Or else `email`.
        pub comment_id: CommentId = optional(id()),
    }
}

fn reader_email() -> impl ValueReader<Value = String> {
    email().documented(|text| text.format = Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
}

/// A request that waits for the person. The token is told this once.
#[derive(Serialize, ToSchema)]
pub struct PrivacyRequestView {
    /// The request's id, as the audit has it.
    pub id: PrivacyRequestId,
    /// What is asked.
    pub kind: PrivacyRequestKind,
    /// How to erase; null for an export.
    pub mode: Option<ErasureMode>,
    /// How many comments it is about as of now.
    pub comment_count: i64,
    /// The token, for the person alone: send it to the address that they wrote from.
    pub verification_token: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on the token is good for nothing.
    pub expires_at: Time,
}

/// Create a privacy request.
///
/// On behalf of somebody who wants to know what is kept about them, or to have it erased. Nothing happens before they
/// prove who they are with the token, which you send them. Only grants on the whole site permit this.
#[utoipa::path(tag = "privacy", operation_id = "createPrivacyRequest", request_body = NewPrivacyRequest,
    responses((status = 201, description = "The request, and its token.", body = PrivacyRequestView, headers(("Location")))))]
#[post("/v1/editorial/privacy-requests")]
pub async fn create_privacy_request(
    secrets: Data<Secrets>,
    desk: Desk<may::ManagePrivacy>,
    body: Body<NewPrivacyRequest>,
) -> Result<HttpResponse> {
    let asked = body.value;
    desk.actor.check_everywhere(Permission::ManagePrivacy)?;
    check_mode(asked.kind, asked.mode)?;
    let (token, id, now) = (opaque_token()?, PrivacyRequestId::new(), desk.now());
    let (digest, expires_at) = (sha256(token.as_bytes()), now.plus_seconds(GOOD_SECONDS));
    let (kind, mode) = (asked.kind, asked.mode);
    let comment_count = desk
        .write(move |conn, desk| {
            let person = person_of(conn, &secrets, &asked)?;
            let count = person.count(conn)?;
            let request = PrivacyRequest { id, kind, mode, person };
            store::insert(conn, &request, &digest, desk.actor.user_id, (now, expires_at))?;
            let act = AuditEvent::on("privacy.request", TargetKind::PrivacyRequest, id.as_str())
                .detail("kind", kind.as_str())
                .detail("mode", mode.map(ErasureMode::as_str))
                .detail("comment_id", asked.comment_id.map(|id| id.to_string()));
            audit::record(conn, desk.actor, act, desk.now)?;
            Ok(count)
        })
        .await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/v1/editorial/privacy-requests/{id}")));
    Ok(response.json(PrivacyRequestView {
        id,
        kind,
        mode,
        comment_count,
        verification_token: token,
        created_at: now,
        expires_at,
    }))
}

fn person_of(conn: &mut Conn, secrets: &Secrets, asked: &NewPrivacyRequest) -> Result<DataSubject> {
    let wrong = |pointer, code| Err(Error::field(FieldError::new(pointer, code)));
    let unknown = || Error::field(FieldError::new("/comment_id", FieldCode::UnknownReference));
    let id = match (&asked.email, asked.comment_id) {
        (Some(email), None) => {
            let keys = HashKeys::load(conn)?;
            return Ok(DataSubject::Email(keys.hashes(
                secrets,
                SanctionTarget::Email,
                email,
            )?));
        }
        (None, Some(id)) => id,
        (None, None) => return wrong("/email", FieldCode::Required),
        (Some(_), Some(_)) => return wrong("/comment_id", FieldCode::UnknownField),
    };
    match comments::get(conn, id) {
        Ok(comment) if comment.state != CommentState::Erased => Ok(DataSubject::author_of(&comment)),
        Ok(_) => Err(unknown()),
        Err(error) if error.code() == Code::NotFound => Err(unknown()),
        Err(error) => Err(error),
    }
}
