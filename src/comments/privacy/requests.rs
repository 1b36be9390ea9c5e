//! People ask what is known about them, or that it is forgotten: readers by their token, others by the one that the
//! newsroom sent them.

use actix_web::post;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PrivacyRequestKind, store};
use crate::access::auth::throttle::LoginThrottle;
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::client::{MaybeReader, Network};
use crate::base::http::responses;
use crate::base::http::value_reader::{exact_line, word};
use crate::base::limits;
use crate::base::secrets::sha256;
use crate::body_type;
use crate::comments::guest::GuestHeaders;
use crate::comments::privacy::data_subject::{self, DataSubject, PersonalData};
use crate::comments::privacy::erase::ERASURE_BATCH;
use crate::site::takedowns::ErasureMode;

body_type! {
    /// What a reader asks about their own data.
    #[derive(Clone, Debug)]
    pub struct ReaderPrivacyRequest {
        /// What is asked for.
        pub kind: PrivacyRequestKind = required(word()),
        /// How to erase: required for `erase`, and for nothing else.
        pub mode: ErasureMode = optional(word()),
    }
}

/// `mode` is required for an erasure, and refused for anything else.
pub(super) fn check_mode(kind: PrivacyRequestKind, mode: Option<ErasureMode>) -> Result<()> {
    let code = match (kind, mode) {
        (PrivacyRequestKind::Erase, None) => FieldCode::Required,
        (PrivacyRequestKind::Export, Some(_)) => FieldCode::UnknownField,
        _ => return Ok(()),
    };
    Err(Error::field(FieldError::new("/mode", code)))
}

body_type! {
    /// The token of a request that the newsroom made.
    pub struct PrivacyVerification {
        /// The token.
        pub token: String = required(exact_line(limits::TOKEN)),
    }
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct PrivacyOutcome {
    /// What was asked.
    pub kind: PrivacyRequestKind,
    /// How it was erased; null for an export.
    pub mode: Option<ErasureMode>,
    /// How many comments it was about.
    pub comment_count: i64,
    /// What is known; null where it was erased.
    pub data: Option<PersonalData>,
}

/// Request your own data.
///
/// What was written, liked and reported with this reader token: all of it as `data`, or erased at once. `erase`
/// empties your comments, and their places in the threads stay; `anonymise` leaves the texts, and nobody can tell
/// whose they are. Neither can be undone.
#[utoipa::path(tag = "privacy", operation_id = "requestPrivacy", params(GuestHeaders), request_body = ReaderPrivacyRequest,
    responses((status = 200, description = "Done.", body = PrivacyOutcome), TooManyPrivacyRequests))]
#[post("/v1/privacy-requests")]
pub async fn request_privacy(
    db: Data<Db>,
    throttle: Data<LoginThrottle>,
    reader: MaybeReader,
    network: Network,
    body: Body<ReaderPrivacyRequest>,
) -> Result<Json<PrivacyOutcome>> {
    let reader = reader.0.ok_or_else(|| Error::new(Code::ReaderTokenRequired))?;
    throttle.attempt(&reader.digest, network)?;
    let (asked, now) = (body.value, db.clock().now());
    check_mode(asked.kind, asked.mode)?;
    let person = DataSubject::Reader(reader.digest);
    fulfil(&db, asked.kind, asked.mode, person, now).await.map(Json)
}

/// Verify a privacy request.
///
/// With the token that the newsroom sent you: all that is known is in `data`, or is erased at once. The token is good
/// for this once, and for seven days. 404 for any other.
#[utoipa::path(tag = "privacy", operation_id = "verifyPrivacyRequest", request_body = PrivacyVerification,
    responses((status = 200, description = "Done.", body = PrivacyOutcome), NoSuchToken))]
#[post("/v1/privacy-requests/verify")]
pub async fn verify_privacy_request(
    db: Data<Db>,
    throttle: Data<LoginThrottle>,
    network: Network,
    body: Body<PrivacyVerification>,
) -> Result<Json<PrivacyOutcome>> {
    let digest = sha256(body.value.token.as_bytes());
    throttle.attempt(&digest, network)?;
    let now = db.clock().now();
    let token = digest.clone();
    let request = db.read(move |conn| store::find(conn, &token, now)).await?;
    let id = request.id;
    if request.kind == PrivacyRequestKind::Export {
        // Used up before the answer: of two requests that come at once, only one gets the data.
        let is_first = db.write(move |conn| store::delete(conn, id)).await?;
        if !is_first {
            return Err(Error::not_found());
        }
    }
    let outcome = fulfil(&db, request.kind, request.mode, request.person, now).await?;
    // Deleted only now: an erasure that was cut short goes on with the same token.
    db.write(move |conn| store::delete(conn, id)).await?;
    Ok(Json(outcome))
}

async fn fulfil(
    db: &Db,
    kind: PrivacyRequestKind,
    mode: Option<ErasureMode>,
    person: DataSubject,
    now: Time,
) -> Result<PrivacyOutcome> {
    let Some(mode) = mode else {
        let (count, data) = db
            .read(move |conn| Ok((person.count(conn)?, data_subject::export(conn, &person)?)))
            .await?;
        return Ok(PrivacyOutcome {
            kind,
            mode: None,
            comment_count: count,
            data: Some(data),
        });
    };
    let mut comment_count = 0;
    loop {
        let whose = person.clone();
        let erased = db
            .write(move |conn| data_subject::erase_batch(conn, &whose, mode, now))
            .await?;
        comment_count += i64::try_from(erased).unwrap_or(i64::MAX);
        if erased < ERASURE_BATCH {
            break;
        }
    }
    Ok(PrivacyOutcome {
        kind,
        mode: Some(mode),
        comment_count,
        data: None,
    })
}

/// 429: asked too often.
pub struct TooManyPrivacyRequests;

impl utoipa::IntoResponses for TooManyPrivacyRequests {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[429])
    }
}

/// 404: this token is good for nothing. 429: asked too often.
pub struct NoSuchToken;

impl utoipa::IntoResponses for NoSuchToken {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[404, 429])
    }
}
