//! One's own account: who am I, my password, my sessions.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use serde::Serialize;
use utoipa::ToSchema;

use super::provisioning::save_user;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::password::{self, Passwords};
use crate::access::auth::store::{self, Session, SessionsToEnd};
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::{Desk, Grant, Permission, SessionId, may};
use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::client::Network;
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::UserId;
use crate::{body_type, list_type};

/// The user of the access token.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address.
    pub email: String,
    /// The name that colleagues see.
    pub name: String,
    /// What the user is, and where.
    pub grants: Vec<Grant>,
    /// Everything that some grant permits somewhere.
    pub permissions: Vec<String>,
    /// The session of the access token.
    pub session_id: SessionId,
    /// Whether the site asks a second factor of the user, and this session has not shown one. Until it has, everything
    /// but the own account is 403 `second_factor_missing`.
    pub lacks_second_factor: bool,
}

/// Read my account.
///
/// The user of the access token, with their grants and what these permit.
#[utoipa::path(tag = "accounts", operation_id = "getMe",
    responses((status = 200, description = "The user.", body = Me)))]
#[get("/v1/editorial/me")]
pub async fn get_me(desk: Desk<may::UseAccount>, _: Params<NoParams>) -> Result<Json<Me>> {
    let id = desk.actor.user_id;
    let user = desk.read(move |conn, _| store::get(conn, id)).await?;
    let permitted = Permission::ALL
        .iter()
        .filter(|permission| desk.actor.may_somewhere(**permission));
    let permissions = permitted.map(|permission| format!("{permission:?}")).collect();
    let (session_id, grants) = (desk.actor.session_id()?, desk.actor.grants.clone());
    Ok(Json(Me {
        id,
        email: user.email,
        name: user.name,
        grants,
        permissions,
        session_id,
        lacks_second_factor: desk.actor.lacks_second_factor,
    }))
}

body_type! {
    /// A change of one's password.
    pub struct PasswordChange {
        /// The password until now.
        pub current_password: String = required(password::given_password()),
        /// The password from now on: at least 12 characters.
        pub new_password: String = required(password::new_password()),
    }
}

/// Change my password.
///
/// Ends every other session of the user.
#[utoipa::path(tag = "accounts", operation_id = "changeMyPassword", request_body = PasswordChange,
    responses((status = 204, description = "The password is changed."), super::login::TooManyLogins))]
#[put("/v1/editorial/me/password")]
pub async fn change_my_password(
    passwords: Data<Passwords>,
    throttle: Data<LoginThrottle>,
    network: Network,
    desk: Desk<may::UseAccount>,
    body: Body<PasswordChange>,
) -> Result<HttpResponse> {
    let (id, session) = (desk.actor.user_id, desk.actor.session_id()?);
    let user = desk.read(move |conn, _| store::get(conn, id)).await?;
    throttle.attempt(&user.email, network)?;
    let wrong = || Error::field(FieldError::new("/current_password", FieldCode::WrongPassword));
    let known = user.password_digest.clone();
    if !passwords
        .verify(body.value.current_password, Some(known.clone()))
        .await?
    {
        return Err(wrong());
    }
    let digest = passwords.digest(body.value.new_password).await?;
    desk.write(move |conn, desk| {
        let mut user = store::lock_user(conn, id)?;
        if user.password_digest != known {
            return Err(wrong());
        }
        user.password_digest.clone_from(&digest);
        save_user(conn, user, &["password"], Some(id), desk.now)?;
        audit::record(
            conn,
            desk.actor,
            AuditEvent::on("user.set_password", TargetKind::User, id.as_str()),
            desk.now,
        )?;
        store::end_sessions(conn, id, SessionsToEnd::Others(session), "password", desk.now)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A living session.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// The session's id.
    pub id: SessionId,
    /// The client that logged in, as it named itself.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Time,
    /// When its tokens were renewed last.
    pub last_used_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
    /// Whether it is the session of this request.
    pub is_current: bool,
}

list_type! {
    /// The living sessions of a user, newest first; at most 100.
    SessionList [whole] {
        /// The sessions.
        items: Vec<SessionView>,
    }
}

impl SessionList {
    /// The view of these rows, for a request of session `current`.
    pub fn new(sessions: Vec<Session>, current: SessionId) -> Self {
        let view = |session: Session| SessionView {
            is_current: session.id == current,
            id: session.id,
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        };
        Self {
            items: sessions.into_iter().map(view).collect(),
            page: PageInfo::whole(),
        }
    }
}

/// List my sessions.
///
/// Every session of mine that is alive, newest first.
#[utoipa::path(tag = "accounts", operation_id = "listMySessions",
    responses((status = 200, description = "The sessions.", body = SessionList)))]
#[get("/v1/editorial/me/sessions")]
pub async fn list_my_sessions(desk: Desk<may::UseAccount>, _: Params<NoParams>) -> Result<SessionList> {
    let id = desk.actor.user_id;
    let sessions = desk
        .read(move |conn, desk| store::active_sessions(conn, id, desk.now))
        .await?;
    Ok(SessionList::new(sessions, desk.actor.session_id()?))
}

/// End one of my sessions.
///
/// Its tokens are good for nothing from now on. Ending one that has ended is 404.
#[utoipa::path(tag = "accounts", operation_id = "endMySession",
    responses((status = 204, description = "The session has ended.")))]
#[delete("/v1/editorial/me/sessions/{session_id}")]
pub async fn end_my_session(desk: Desk<may::UseAccount>, session: PathId<SessionId>) -> Result<HttpResponse> {
    let session = session.0;
    desk.write(move |conn, desk| {
        let id = desk.actor.user_id;
        if store::end_sessions(conn, id, SessionsToEnd::Only(session), "revoked", desk.now)? == 0 {
            return Err(Error::not_found());
        }
        let act = AuditEvent::on("user.end_sessions", TargetKind::User, id.as_str());
        audit::record(conn, desk.actor, act.detail("session_id", session.as_str()), desk.now)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
