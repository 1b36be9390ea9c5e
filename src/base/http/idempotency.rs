//! `Idempotency-Key`: a request that is sent twice takes effect once.
//!
//! The key is looked up once the caller is known ([`find`]), before any costly work, and again in the
//! writing transaction ([`once`]), which also stores it: the hash of the request, the status and the
//! id of the resource, never a body. A repetition answers the first status and the resource as it is
//! now. Only successes are stored, for [`KEPT_SECONDS`].

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::schema::idempotency_keys as keys;
use crate::base::db::{Conn, OnUnique, dialect};
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::base::secrets::sha256;

/// How long a key is remembered.
pub const KEPT_SECONDS: i64 = 24 * 3600;

/// The header's name.
pub const HEADER: &str = "Idempotency-Key";

/// The header of a request and the route it came to; absent where the client sent none.
pub struct IdempotencyKey(Option<(String, String)>);

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get(HEADER) else {
            return ready(Ok(Self(None)));
        };
        let key = header.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > limits::IDEMPOTENCY_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = "1 to 100 visible ASCII characters";
            return ready(Err(Error::new(Code::InvalidHeader)
                .with("name", HEADER)
                .with("expected", expected)));
        }
        ready(Ok(Self(Some((
            key.to_owned(),
            format!("{} {}", request.method(), request.path()),
        )))))
    }
}

impl utoipa::IntoParams for IdempotencyKey {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let description = "Makes a repetition harmless for 24 hours: 1 to 100 visible ASCII characters of your choice.";
        vec![super::conditional::header_parameter(
            HEADER,
            false,
            description,
            limits::IDEMPOTENCY_KEY,
        )]
    }
}

/// A key within its scope, bound to one request.
#[derive(Clone, Debug)]
pub struct RequestKey {
    scope: String,
    key: String,
    request_hash: String,
}

impl IdempotencyKey {
    /// Whether the client sent one.
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// The key in the scope of a user or a reader, bound to the body.
    pub fn within(self, scope: &str, body_digest: &str) -> Option<RequestKey> {
        let (key, route) = self.0?;
        let request_hash = sha256(format!("{route}\n{body_digest}").as_bytes());
        Some(RequestKey {
            scope: scope.to_owned(),
            key,
            request_hash,
        })
    }
}

/// What a request did: enough to answer its repetition.
#[derive(Clone, Debug)]
pub struct CompletedRequest {
    /// The status of the first answer.
    pub status: u16,
    /// The resource, to be rendered anew.
    pub resource_id: String,
}

/// What this key has done already.
///
/// # Errors
/// 422 `idempotency_key_reused` where it was another request.
pub fn find(conn: &mut Conn, key: &RequestKey, now: Time) -> Result<Option<CompletedRequest>> {
    let row: Option<(String, i32, String, Time)> = keys::table
        .find((&key.scope, &key.key))
        .select((keys::request_hash, keys::status, keys::resource_id, keys::created_at))
        .first(conn)
        .optional()?;
    match row {
        Some((.., created_at)) if created_at <= now.plus_seconds(-KEPT_SECONDS) => Ok(None),
        Some((hash, status, resource_id, _)) if hash == key.request_hash => Ok(Some(CompletedRequest {
            status: u16::try_from(status).unwrap_or(200),
            resource_id,
        })),
        Some(_) => Err(Error::new(Code::IdempotencyKeyReused)),
        None => Ok(None),
    }
}

/// Runs `act` unless this key has run before. Without a key it just runs.
///
/// # Errors
/// 409 `request_in_flight` while another transaction holds the key; what `act` returns.
pub fn once(
    conn: &mut Conn,
    key: Option<&RequestKey>,
    now: Time,
    act: impl FnOnce(&mut Conn) -> Result<CompletedRequest>,
) -> Result<CompletedRequest> {
    let Some(key) = key else { return act(conn) };
    if !dialect::try_lock_name(conn, &format!("{} {}", key.scope, key.key))? {
        return Err(Error::new(Code::RequestInFlight).header("Retry-After", "1"));
    }
    if let Some(done) = find(conn, key, now)? {
        return Ok(done);
    }
    let done = act(conn)?;
    diesel::delete(keys::table.find((&key.scope, &key.key))).execute(conn)?;
    diesel::insert_into(keys::table)
        .values((
            keys::scope.eq(&key.scope),
            keys::key.eq(&key.key),
            keys::request_hash.eq(&key.request_hash),
            keys::status.eq(i32::from(done.status)),
            keys::resource_id.eq(&done.resource_id),
            keys::created_at.eq(now),
        ))
        .execute(conn)
        .on_unique(|| Error::new(Code::RequestInFlight).header("Retry-After", "1"))?;
    Ok(done)
}

/// Forgets the keys of requests that made or changed a thing that no longer exists.
pub fn forget_resource(conn: &mut Conn, resource_id: &str) -> Result<()> {
    diesel::delete(keys::table.filter(keys::resource_id.eq(resource_id))).execute(conn)?;
    Ok(())
}

/// Forgets keys older than [`KEPT_SECONDS`]; how many.
pub fn forget_old(conn: &mut Conn, now: Time) -> Result<usize> {
    let old = keys::table.filter(keys::created_at.le(now.plus_seconds(-KEPT_SECONDS)));
    Ok(diesel::delete(old).execute(conn)?)
}
