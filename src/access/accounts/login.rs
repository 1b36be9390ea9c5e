//! Logging in, staying logged in, logging out, and the keys by which others verify our tokens.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind, Who};
use crate::access::auth::password::{self, DEMO_PASSWORD, Passwords};
use crate::access::auth::second_factor::{self, SecondFactorCode, second_factor_code};
use crate::access::auth::store::{self, RefreshOutcome, Session, SessionsToEnd, User};
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::token::{ACCESS_SECONDS, JwkSet, TokenKeys};
use crate::access::auth::{Desk, SessionId, may, origin_of};
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::Body;
use crate::base::http::client::Network;
use crate::base::http::origin::Origin;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses;
use crate::base::http::value_reader::exact_line;
use crate::base::ids::UserId;
use crate::base::limits;
use crate::base::secrets::{KeyPurpose, Secrets, opaque_token, sha256};
use crate::body_type;

/// Life of a refresh token that is not used, in seconds.
const REFRESH_SECONDS: i64 = 14 * 24 * 3600;
/// Life of a session at most, in seconds.
const SESSION_SECONDS: i64 = 90 * 24 * 3600;

body_type! {
    /// Who wants to log in.
    pub struct LoginRequest {
        /// The account's e-mail address.
        pub email: String = required(exact_line(limits::EMAIL)),
        /// Its password.
        pub password: String = required(password::given_password()),
        /// A code of the account's second factor, where it has one.
        pub code: SecondFactorCode = optional(second_factor_code()),
    }
}

body_type! {
    /// The refresh token to be used up.
    pub struct RefreshRequest {
        /// As the last login or refresh gave it.
        pub refresh_token: String = required(exact_line(limits::TOKEN)),
    }
}

/// What a client needs to go on: both tokens are secrets.
#[derive(Serialize, ToSchema)]
pub struct TokenPair {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// For the next refresh, once.
    pub refresh_token: String,
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
}

/// How the access token is sent (RFC 6750).
#[derive(Serialize, ToSchema)]
pub enum TokenType {
    /// In the `Authorization` header.
    Bearer,
}

/// Log in.
///
/// Answers an access token for 15 minutes and a refresh token for 14 days. An unknown address and a
/// wrong password get the same answer. An account with a second factor needs a code too: without one the right password is
/// 401 `second_factor_required`. Attempts are limited per account and per network.
#[utoipa::path(tag = "accounts", operation_id = "login", security(()), request_body = LoginRequest,
    responses((status = 401, description = ""), (status = 200, description = "The tokens of a new session.", body = TokenPair), TooManyLogins))]
#[post("/v1/editorial/auth/login")]
pub async fn login(
    db: Data<Db>,
    keys: Data<TokenKeys>,
    passwords: Data<Passwords>,
    throttle: Data<LoginThrottle>,
    network: Network,
    request: HttpRequest,
    body: Body<LoginRequest>,
) -> Result<Json<TokenPair>> {
    let LoginRequest { email, password, code } = body.value;
    throttle.attempt(&email, network)?;
    let user = db
        .read(move |conn| {
            let user = store::find_by_email(conn, &email)?;
            if user.is_none() && store::is_empty(conn)? {
                log::warn!("a login was refused: there is no user yet. Make the first with `masthead user create`");
            }
            Ok(user)
        })
        .await?;
    let active = user.filter(|user| user.disabled_at.is_none());
    let digest = active.as_ref().map(|user| user.password_digest.clone());
    let is_demo_login = password == DEMO_PASSWORD && active.as_ref().is_some_and(|user| user.is_demo);
    let matches = passwords.verify(password, digest).await?;
    let refused = || Error::new(Code::InvalidCredentials);
    let user = active.filter(|_| matches).ok_or_else(refused)?;
    if is_demo_login && !is_local(&request) {
        return Err(refused());
    }
    if code.is_some() {
        throttle.second_factor(&user.email, network)?;
    }
    keys.refresh(&db).await?;
    let email = user.email.clone();
    let checked = CheckedLogin {
        user,
        code,
        user_agent: header_text(&request, header::USER_AGENT),
        origin: origin_of(&request),
    };
    let started = begin_session(&db, keys.secrets(), checked).await?;
    throttle.recognise(&email, network);
    token_pair(&keys, started, db.clock().now()).map(Json)
}

/// Whether a request comes from this machine: only then does the demo's well-known password log in.
fn is_local(request: &HttpRequest) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
    let was_forwarded = forwarded.iter().any(|name| request.headers().contains_key(*name));
    let host = header_text(request, header::HOST).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    let is_loopback = |name: &str| {
        name.parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    !was_forwarded && (name.is_empty() || name == "localhost" || is_loopback(name))
}

fn header_text(request: &HttpRequest, name: header::HeaderName) -> Option<String> {
    let text = request.headers().get(name)?.to_str().ok()?;
    Some(text.chars().take(limits::CREDIT).collect())
}

struct StartedSession {
    user_id: UserId,
    session_id: SessionId,
    refresh_token: String,
}

/// A login whose password was right.
struct CheckedLogin {
    user: User,
    code: Option<SecondFactorCode>,
    user_agent: Option<String>,
    origin: Origin,
}

async fn begin_session(db: &Db, secrets: &Secrets, checked: CheckedLogin) -> Result<StartedSession> {
    let now = db.clock().now();
    let CheckedLogin {
        user: verified,
        code,
        user_agent,
        origin,
    } = checked;
    let (user_id, session_id, refresh_token) = (verified.id, SessionId::new(), opaque_token()?);
    let refresh_digest = sha256(refresh_token.as_bytes());
    let secrets = secrets.clone();
    let session = Session {
        id: session_id,
        user_id,
        user_agent,
        created_at: now,
        last_used_at: now,
        expires_at: now.plus_seconds(SESSION_SECONDS),
        ended_at: None,
        end_reason: None,
        has_second_factor: false,
    };
    let has_begun = db.write(move |conn| {
        // The password may have been changed, or the user disabled, while it was being verified.
        let user = store::lock_user(conn, user_id)?;
        if user.disabled_at.is_some() || user.password_digest != verified.password_digest {
            return Err(Error::new(Code::InvalidCredentials));
        }
        let who = Who::user(user_id, origin.clone());
        let mut session = session.clone();
        if second_factor::confirmed_at(conn, user_id)?.is_some() {
            let code = code.as_ref().ok_or_else(|| Error::new(Code::SecondFactorRequired))?;
            session.has_second_factor = second_factor::take(conn, &secrets, user_id, code, now)?;
            if !session.has_second_factor {
                // Somebody knows the password: the audit keeps it.
                let act = AuditEvent::on("user.wrong_second_factor", TargetKind::User, user_id.as_str());
                audit::record(conn, who, act, now)?;
                return Ok(false);
            }
        }
        let act = AuditEvent::on("user.login", TargetKind::User, user_id.as_str())
            .detail("session_id", session_id.as_str())
            .detail("has_second_factor", session.has_second_factor);
        audit::record(conn, who, act, now)?;
        store::insert_session(conn, &session, &refresh_digest, now.plus_seconds(REFRESH_SECONDS))?;
        Ok(true)
    });
    if !has_begun.await? {
        return Err(Error::new(Code::InvalidSecondFactor));
    }
    Ok(StartedSession {
        user_id,
        session_id,
        refresh_token,
    })
}

fn token_pair(keys: &TokenKeys, started: StartedSession, now: Time) -> Result<TokenPair> {
    let StartedSession {
        user_id,
        session_id,
        refresh_token,
    } = started;
    let access_token = keys.issue(user_id, session_id, now)?;
    let (token_type, expires_in) = (TokenType::Bearer, ACCESS_SECONDS);
    Ok(TokenPair {
        access_token,
        token_type,
        expires_in,
        refresh_token,
        user_id,
        session_id,
    })
}

/// Renew the tokens.
///
/// Uses the refresh token up and answers a new pair. Sent again within 30 seconds, by another tab or because the answer
/// was lost, it answers the same refresh token, as long as that one is not used up itself. Later, a refresh token that
/// was used up ends the whole session: somebody else may hold it.
#[utoipa::path(tag = "accounts", operation_id = "refreshTokens", security(()), request_body = RefreshRequest,
    responses((status = 401, description = ""), (status = 200, description = "The next tokens of the session.", body = TokenPair)))]
#[post("/v1/editorial/auth/refresh")]
pub async fn refresh_tokens(
    db: Data<Db>,
    keys: Data<TokenKeys>,
    secrets: Data<Secrets>,
    throttle: Data<LoginThrottle>,
    network: Network,
    body: Body<RefreshRequest>,
) -> Result<Json<TokenPair>> {
    keys.refresh(&db).await?;
    let now = db.clock().now();
    let used = sha256(body.value.refresh_token.as_bytes());
    let refresh_token = secrets.keyed_hash(KeyPurpose::RefreshTokens, 0, &body.value.refresh_token)?;
    let next = sha256(refresh_token.as_bytes());
    let until = now.plus_seconds(REFRESH_SECONDS);
    match db
        .write(move |conn| store::rotate_refresh_token(conn, &used, &next, now, until))
        .await?
    {
        RefreshOutcome::Yes(user, session_id) => {
            throttle.recognise(&user.email, network);
            let renewed = StartedSession {
                user_id: user.id,
                session_id,
                refresh_token,
            };
            token_pair(&keys, renewed, now).map(Json)
        }
        RefreshOutcome::Reused => {
            log::warn!("a refresh token was used twice: its session is revoked");
            Err(Error::new(Code::InvalidRefreshToken))
        }
        RefreshOutcome::No => Err(Error::new(Code::InvalidRefreshToken)),
    }
}

/// Log out.
///
/// Ends the session of the access token at once: neither of its tokens is good for anything more.
#[utoipa::path(tag = "accounts", operation_id = "logout",
    responses((status = 204, description = "The session has ended.")))]
#[post("/v1/editorial/auth/logout")]
pub async fn logout(desk: Desk<may::UseAccount>) -> Result<HttpResponse> {
    desk.write(move |conn, desk| {
        let (user, session) = (desk.actor.user_id, desk.actor.session_id()?);
        audit::record(
            conn,
            desk.actor,
            AuditEvent::on("user.logout", TargetKind::User, user.as_str()),
            desk.now,
        )?;
        store::end_sessions(conn, user, SessionsToEnd::Only(session), "logout", desk.now)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read the public keys.
///
/// The Ed25519 keys that verify access tokens, as a JWK set (RFC 7517). A new key stands here ten
/// minutes before it signs.
#[utoipa::path(tag = "accounts", operation_id = "getJwks", security(()),
    responses((status = 200, description = "The keys.", body = JwkSet)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(db: Data<Db>, keys: Data<TokenKeys>, _: Params<NoParams>) -> Result<HttpResponse> {
    keys.refresh(&db).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(keys.jwks()))
}

/// 429 of the login route.
pub struct TooManyLogins;

impl utoipa::IntoResponses for TooManyLogins {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[429])
    }
}
