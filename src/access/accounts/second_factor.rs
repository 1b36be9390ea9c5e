//! One's own second factor: setting it up, and what to do with it then.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::provisioning::save_user;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::password::{self, Passwords};
use crate::access::auth::second_factor::{self, AccountPolicy, AppSecret, SecondFactorCode, second_factor_code};
use crate::access::auth::store::{self, SessionsToEnd, User};
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::{Desk, DeskContext, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::client::Network;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::secrets::Secrets;
use crate::body_type;

/// One's own second factor.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorView {
    /// Since when a login needs it; null while it does not.
    pub enabled_at: Option<Time>,
    /// The recovery codes that have not been used.
    pub recovery_codes_left: i64,
    /// Whether the site asks one of the user.
    pub is_required: bool,
}

/// Read my second factor.
///
/// Whether a login needs it, whether the site asks for it, and how many recovery codes are left.
#[utoipa::path(tag = "accounts", operation_id = "getMySecondFactor",
    responses((status = 200, description = "The second factor.", body = SecondFactorView)))]
#[get("/v1/editorial/me/second-factor")]
pub async fn get_my_second_factor(desk: Desk<may::UseAccount>, _: Params<NoParams>) -> Result<Json<SecondFactorView>> {
    let view = desk.read(|conn, desk| {
        let user = desk.actor.user_id;
        let roles = desk.actor.grants.iter().map(|grant| grant.role);
        Ok(SecondFactorView {
            enabled_at: second_factor::confirmed_at(conn, user)?,
            recovery_codes_left: second_factor::count_recovery_codes(conn, user)?,
            is_required: AccountPolicy::load(conn)?.asks(roles),
        })
    });
    view.await.map(Json)
}

body_type! {
    /// Who wants to set up a second factor.
    pub struct SecondFactorSetup {
        /// The account's password.
        pub current_password: String = required(password::given_password()),
    }
}

/// What an authenticator app is given: a secret, shown this once.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorSecret {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as `otpauth://totp/…`, to be shown as a QR code.
    #[schema(
        max_length = 1000,
        example = "otpauth://totp/Le%20Fanal:awa%40example.org?secret=GEZDGNBVGY3TQOJQ&issuer=Le%20Fanal"
    )]
    pub otpauth_url: String,
}

/// Set up my second factor.
///
/// Answers the secret for an authenticator app. Nothing changes until a code of the app confirms it.
#[utoipa::path(tag = "accounts", operation_id = "setUpSecondFactor", request_body = SecondFactorSetup,
    responses((status = 200, description = "The secret.", body = SecondFactorSecret), Conflict, super::login::TooManyLogins))]
#[post("/v1/editorial/me/second-factor/actions/set-up")]
pub async fn set_up_second_factor(
    passwords: Data<Passwords>,
    throttle: Data<LoginThrottle>,
    secrets: Data<Secrets>,
    network: Network,
    desk: Desk<may::UseAccount>,
    body: Body<SecondFactorSetup>,
) -> Result<Json<SecondFactorSecret>> {
    let current = body.value.current_password;
    let known = check_password(&passwords, &throttle, network, &desk, current).await?;
    let secret = desk.write(move |conn, desk| {
        let user = lock_self(conn, desk)?;
        if user.password_digest != known.password_digest {
            return Err(wrong_password());
        }
        let act = AuditEvent::on("user.set_up_second_factor", TargetKind::User, user.id.as_str());
        audit::record(conn, desk.actor, act, desk.now)?;
        second_factor::begin(conn, &secrets, user.id, &user.email, desk.now)
    });
    let AppSecret { base_32, url } = secret.await?;
    Ok(Json(SecondFactorSecret {
        secret: base_32,
        otpauth_url: url,
    }))
}

body_type! {
    /// A code of the second factor.
    pub struct SecondFactorProof {
        /// A code of the app, or a recovery code.
        pub code: SecondFactorCode = required(second_factor_code()),
    }
}

/// Codes that stand for the authenticator app, each once; they are shown this once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// The codes.
    #[schema(max_items = 10)]
    pub recovery_codes: Vec<String>,
}

/// Confirm my second factor.
///
/// From now on a login needs a code. Answers recovery codes for the day on which the app is lost, and ends every other
/// session of the user. A recovery code confirms nothing.
#[utoipa::path(tag = "accounts", operation_id = "confirmSecondFactor", request_body = SecondFactorProof,
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodes), Conflict))]
#[post("/v1/editorial/me/second-factor/actions/confirm")]
pub async fn confirm_second_factor(
    secrets: Data<Secrets>,
    desk: Desk<may::UseAccount>,
    body: Body<SecondFactorProof>,
) -> Result<Json<RecoveryCodes>> {
    let code = body.value.code;
    let codes = desk.write(move |conn, desk| {
        let user = lock_self(conn, desk)?;
        if !second_factor::confirm(conn, &secrets, user.id, &code, desk.now)? {
            return Err(wrong_code());
        }
        second_factor::mark_session(conn, desk.actor.session_id()?, true)?;
        store::end_sessions(
            conn,
            user.id,
            SessionsToEnd::Others(desk.actor.session_id()?),
            "second_factor",
            desk.now,
        )?;
        note(conn, desk, "user.enable_second_factor", user)?;
        second_factor::renew_recovery_codes(conn, desk.actor.user_id)
    });
    let recovery_codes = codes.await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Renew my recovery codes.
///
/// The codes until now are good for nothing more.
#[utoipa::path(tag = "accounts", operation_id = "renewRecoveryCodes", request_body = SecondFactorProof,
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodes), Conflict, super::login::TooManyLogins))]
#[post("/v1/editorial/me/second-factor/actions/renew-recovery-codes")]
pub async fn renew_recovery_codes(
    throttle: Data<LoginThrottle>,
    secrets: Data<Secrets>,
    network: Network,
    desk: Desk<may::UseAccount>,
    body: Body<SecondFactorProof>,
) -> Result<Json<RecoveryCodes>> {
    let (id, code) = (desk.actor.user_id, body.value.code);
    let user = desk.read(move |conn, _| store::get(conn, id)).await?;
    throttle.attempt(&user.email, network)?;
    throttle.second_factor(&user.email, network)?;
    let codes = desk.write(move |conn, desk| {
        let user = lock_self(conn, desk)?;
        if !second_factor::take(conn, &secrets, user.id, &code, desk.now)? {
            return Err(wrong_code());
        }
        let act = AuditEvent::on("user.renew_recovery_codes", TargetKind::User, user.id.as_str());
        audit::record(conn, desk.actor, act, desk.now)?;
        second_factor::renew_recovery_codes(conn, user.id)
    });
    let recovery_codes = codes.await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

body_type! {
    /// Who wants to do without a second factor.
    pub struct SecondFactorEnd {
        /// The account's password.
        pub current_password: String = required(password::given_password()),
        /// A code of the app, or a recovery code.
        pub code: SecondFactorCode = required(second_factor_code()),
    }
}

/// Disable my second factor.
///
/// A login needs the password alone again. Where the site asks for one, another must be set up before anything else:
/// that is how to change to another phone.
#[utoipa::path(tag = "accounts", operation_id = "disableSecondFactor", request_body = SecondFactorEnd,
    responses((status = 204, description = "There is no second factor."), Conflict, super::login::TooManyLogins))]
#[post("/v1/editorial/me/second-factor/actions/disable")]
pub async fn disable_second_factor(
    passwords: Data<Passwords>,
    throttle: Data<LoginThrottle>,
    secrets: Data<Secrets>,
    network: Network,
    desk: Desk<may::UseAccount>,
    body: Body<SecondFactorEnd>,
) -> Result<HttpResponse> {
    let SecondFactorEnd { current_password, code } = body.value;
    let known = check_password(&passwords, &throttle, network, &desk, current_password).await?;
    throttle.second_factor(&known.email, network)?;
    let ended = desk.write(move |conn, desk| {
        let user = lock_self(conn, desk)?;
        if user.password_digest != known.password_digest {
            return Err(wrong_password());
        }
        if !second_factor::take(conn, &secrets, user.id, &code, desk.now)? {
            return Err(wrong_code());
        }
        second_factor::remove(conn, user.id)?;
        second_factor::mark_session(conn, desk.actor.session_id()?, false)?;
        note(conn, desk, "user.disable_second_factor", user)
    });
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Checks one's own password, as a login would; answers the account that has it.
async fn check_password(
    passwords: &Passwords,
    throttle: &LoginThrottle,
    network: Network,
    desk: &Desk<may::UseAccount>,
    password: String,
) -> Result<User> {
    let id = desk.actor.user_id;
    let user = desk.read(move |conn, _| store::get(conn, id)).await?;
    throttle.attempt(&user.email, network)?;
    if passwords.verify(password, Some(user.password_digest.clone())).await? {
        Ok(user)
    } else {
        Err(wrong_password())
    }
}

fn lock_self(conn: &mut Conn, desk: &DeskContext<'_>) -> Result<User> {
    store::lock_user(conn, desk.actor.user_id)
}

/// Writes down that the user has a second factor, or none, from now on.
fn note(conn: &mut Conn, desk: &DeskContext<'_>, action: &str, user: User) -> Result<()> {
    let id = user.id;
    save_user(conn, user, &["second_factor_enabled_at"], Some(id), desk.now)?;
    audit::record(
        conn,
        desk.actor,
        AuditEvent::on(action, TargetKind::User, id.as_str()),
        desk.now,
    )
}

fn wrong_password() -> Error {
    Error::field(FieldError::new("/current_password", FieldCode::WrongPassword))
}

fn wrong_code() -> Error {
    Error::field(FieldError::new("/code", FieldCode::WrongCode))
}
