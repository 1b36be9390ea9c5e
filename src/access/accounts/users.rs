//! Everybody's accounts, kept by admins.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::me::SessionList;
use super::provisioning::{new_user, reset_second_factor, save_user, set_password};
use crate::access::api_tokens;
use crate::access::audit::{self, AuditEvent, TargetKind, Who};
use crate::access::auth::password::{self, Passwords};
use crate::access::auth::store::{self, SessionsToEnd, User};
use crate::access::auth::{Actor, Desk, Grant, Permission, Role, may, second_factor};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::email::email;
use crate::base::error::Result;
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, component, filled_list, id, line, word};
use crate::base::ids::{SectionId, UserId};
use crate::base::secrets::{Secrets, opaque_token};
use crate::base::{limits, locale};
use crate::{body_type, list_type};

/// A user, as admins see one.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address by which they log in.
    pub email: String,
    /// The name that colleagues see.
    pub name: String,
    /// What they are, and where.
    pub grants: Vec<Grant>,
    /// Since when they may not log in; null while they may.
    pub disabled_at: Option<Time>,
    /// Since when their logins need a second factor; null while they do not.
    pub second_factor_enabled_at: Option<Time>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When the user was made.
    pub created_at: Time,
    /// When the user was changed last.
    pub updated_at: Time,
}

fn view(conn: &mut Conn, user: User) -> Result<UserView> {
    Ok(UserView {
        grants: store::grants_of(conn, user.id)?,
        second_factor_enabled_at: second_factor::confirmed_at(conn, user.id)?,
        id: user.id,
        email: user.email,
        name: user.name,
        disabled_at: user.disabled_at,
        version: user.version,
        created_at: user.created_at,
        updated_at: user.updated_at,
    })
}

list_type! {
    /// A page of users, newest first.
    UserList {
        /// The users.
        items: Vec<UserView>,
    }
}

body_type! {
    /// A user to be made.
    pub struct NewUser {
        /// The e-mail address by which they log in.
        pub email: String = required(email()),
        /// The name that colleagues see.
        pub name: String = required(line(limits::NAME)),
        /// The first password: at least 12 characters.
        pub password: String = required(password::new_password()),
        /// What they are, and where: at least one grant.
        pub grants: Vec<GrantInput> = required(grants()),
    }
}

/// A grant to be given.
#[derive(Clone, ToSchema)]
pub struct GrantInput {
    /// What the user is.
    pub role: Role,
    /// Only in this section and those below it.
    pub section_id: Option<SectionId>,
    /// Only in this locale.
    pub locale: Option<String>,
}

body_type! {
    /// A change of a user.
    pub struct UserPatch of User {
        /// Another e-mail address.
        pub email: String = change(email()),
        /// Another name.
        pub name: String = change(line(limits::NAME)),
        /// Other grants, in place of all they have.
        pub grants: Vec<GrantInput> = change_elsewhere(grants()),
    }
}

fn grants() -> impl ValueReader<Value = Vec<GrantInput>> {
    let grant = component(|fields| {
        let role = fields.required("role", word());
        let section_id = fields.optional("section_id", id());
        let locale = fields.optional("locale", locale::locale());
        Some(GrantInput {
            role: role?,
            section_id,
            locale,
        })
    });
    filled_list(limits::GRANTS, grant)
}

/// Whether two lists give the same roles, in the same sections and locales; the sections' paths are not compared.
fn are_same(grants: &[Grant], others: &[Grant]) -> bool {
    let given = |grant: &Grant| (grant.role, grant.section_id, grant.locale.clone());
    grants.iter().map(given).eq(others.iter().map(given))
}

fn to_grants(inputs: &[GrantInput]) -> Vec<Grant> {
    let grant = |input: &GrantInput| Grant {
        role: input.role,
        section_id: input.section_id,
        locale: input.locale.clone(),
        section_path: None,
    };
    inputs.iter().map(grant).collect()
}

/// List users.
///
/// Every user, newest first.
#[utoipa::path(tag = "accounts", operation_id = "listUsers", params(PageRequest),
    responses((status = 200, description = "A page of users.", body = UserList)))]
#[get("/v1/editorial/users")]
pub async fn list_users(
    secrets: Data<Secrets>,
    desk: Desk<may::ManageUsers>,
    params: Params<PageRequest>,
) -> Result<UserList> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let page = params.0;
    let binding = CursorBinding::new("users", &());
    let after = page.after::<1>(&secrets, &binding)?.and_then(|[id]| UserId::parse(&id));
    let fetch = page.fetch();
    let views = desk
        .read(move |conn, _| {
            let users = store::list(conn, after, fetch)?;
            users
                .into_iter()
                .map(|user| view(conn, user))
                .collect::<Result<Vec<_>>>()
        })
        .await?;
    let (items, page) = page.finish(views, &secrets, &binding, |user| [user.id.to_string()])?;
    Ok(UserList { items, page })
}

/// Create a user.
///
/// The user can log in at once with this password and change it.
#[utoipa::path(tag = "accounts", operation_id = "createUser", request_body = NewUser,
    responses((status = 201, description = "The user.", body = UserView, headers(("ETag")))))]
#[post("/v1/editorial/users")]
pub async fn create_user(
    passwords: Data<Passwords>,
    desk: Desk<may::ManageUsers>,
    body: Body<NewUser>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let NewUser {
        email,
        name,
        password,
        grants,
    } = body.value;
    let password_digest = passwords.digest(password).await?;
    let user = new_user(&email, &name, password_digest, desk.now());
    let view = desk
        .write(move |conn, desk| {
            store::insert(conn, &user, &to_grants(&grants))?;
            let fields = ["email", "name", "password", "grants"];
            change_log::record(
                conn,
                EditableKind::User,
                user.id.as_str(),
                user.version,
                Some(desk.actor.user_id),
                &fields,
                desk.now,
            )?;
            let view = view(conn, user.clone())?;
            let act = AuditEvent::on("user.create", TargetKind::User, user.id.as_str());
            audit::record(conn, desk.actor, act.after(audit::digest(&view)?), desk.now)?;
            Ok(view)
        })
        .await?;
    Ok(created(
        &format!("/v1/editorial/users/{}", view.id),
        view.version,
        &view,
    ))
}

/// Read a user.
///
/// The user and their grants; the ETag is for changing them.
#[utoipa::path(tag = "accounts", operation_id = "getUser",
    responses((status = 200, description = "The user.", body = UserView, headers(("ETag")))))]
#[get("/v1/editorial/users/{user_id}")]
pub async fn get_user(desk: Desk<may::ManageUsers>, id: PathId<UserId>, _: Params<NoParams>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let view = desk
        .read(move |conn, _| {
            let user = store::get(conn, id.0)?;
            view(conn, user)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change a user.
///
/// Other grants take effect with the user's next request. The last admin's role cannot be removed (409 `last_admin`).
#[utoipa::path(tag = "accounts", operation_id = "updateUser", params(IfMatch), request_body = UserPatch,
    responses((status = 200, description = "The user.", body = UserView), Conflict))]
#[patch("/v1/editorial/users/{user_id}")]
pub async fn update_user(
    desk: Desk<may::ManageUsers>,
    id: PathId<UserId>,
    if_match: IfMatch,
    body: Body<UserPatch>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let patch = body.value;
    let view = desk
        .write(move |conn, desk| apply_patch(conn, id.0, if_match, &patch, desk.actor, desk.now))
        .await?;
    Ok(versioned(view.version, &view))
}

fn apply_patch(
    conn: &mut Conn,
    id: UserId,
    if_match: IfMatch,
    patch: &UserPatch,
    actor: &Actor,
    now: Time,
) -> Result<UserView> {
    let old = store::lock_user(conn, id)?;
    let place = (EditableKind::User, id.as_str(), old.version);
    change_log::check(conn, if_match, place, |conn| view(conn, old.clone()))?;
    let current = store::grants_of(conn, id)?;
    let (mut user, mut changed) = patch.apply(&old);
    user.email_key = store::email_key(&user.email);
    let given = patch.grants.as_ref().map(|grants| to_grants(grants));
    if let Some(grants) = given.filter(|grants| !are_same(grants, current.as_slice())) {
        store::set_grants(conn, id, &grants)?;
        store::check_admin_remains(conn)?;
        changed.push("grants");
    }
    save(conn, user, "user.edit", &changed, actor, now)
}

/// Writes a changed user as its next version; nothing where nothing changed.
fn save(conn: &mut Conn, mut user: User, action: &str, changed: &[&str], actor: &Actor, now: Time) -> Result<UserView> {
    if !changed.is_empty() {
        user = save_user(conn, user, changed, Some(actor.user_id), now)?;
        let act = AuditEvent::on(action, TargetKind::User, user.id.as_str()).detail("fields", changed);
        audit::record(conn, actor, act, now)?;
    }
    view(conn, user)
}

/// Disable a user.
///
/// Ends all their sessions and API tokens at once, for good; they cannot log in until they are enabled. The last admin
/// cannot be disabled.
#[utoipa::path(tag = "accounts", operation_id = "disableUser",
    responses((status = 200, description = "The user.", body = UserView), Conflict))]
#[post("/v1/editorial/users/{user_id}/actions/disable")]
pub async fn disable_user(desk: Desk<may::ManageUsers>, id: PathId<UserId>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    let view = desk
        .write(move |conn, desk| {
            let mut user = store::lock_user(conn, id)?;
            if user.disabled_at.is_some() {
                return view(conn, user);
            }
            user.disabled_at = Some(desk.now);
            let view = save(conn, user, "user.disable", &["disabled_at"], desk.actor, desk.now)?;
            store::check_admin_remains(conn)?;
            store::end_sessions(conn, id, SessionsToEnd::All, "disabled", desk.now)?;
            api_tokens::acts::revoke_all(conn, desk, id)?;
            Ok(view)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Enable a user.
///
/// They can log in again with the password they had.
#[utoipa::path(tag = "accounts", operation_id = "enableUser",
    responses((status = 200, description = "The user.", body = UserView)))]
#[post("/v1/editorial/users/{user_id}/actions/enable")]
pub async fn enable_user(desk: Desk<may::ManageUsers>, id: PathId<UserId>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    let view = desk
        .write(move |conn, desk| {
            let mut user = store::lock_user(conn, id)?;
            let changed: &[&str] = if user.disabled_at.take().is_some() {
                &["disabled_at"]
            } else {
                &[]
            };
            save(conn, user, "user.enable", changed, desk.actor, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// A password that was just made; it is shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewPassword {
    /// The password.
    pub password: String,
}

/// Reset a user's password.
///
/// Makes a random password, shown this once, and ends all their sessions.
#[utoipa::path(tag = "accounts", operation_id = "resetUserPassword",
    responses((status = 200, description = "The new password.", body = NewPassword)))]
#[post("/v1/editorial/users/{user_id}/actions/reset-password")]
pub async fn reset_user_password(
    passwords: Data<Passwords>,
    desk: Desk<may::ManageUsers>,
    id: PathId<UserId>,
) -> Result<Json<NewPassword>> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    desk.read(move |conn, _| store::get(conn, id)).await?;
    let password: String = opaque_token()?.chars().take(24).collect();
    let digest = passwords.digest(password.clone()).await?;
    desk.write(move |conn, desk| set_password(conn, id, &digest, &Who::from(desk.actor), desk.now))
        .await?;
    Ok(Json(NewPassword { password }))
}

/// Reset a user's second factor.
///
/// For who has lost the authenticator app and the recovery codes: takes the second factor away and ends all their
/// sessions. The password stays.
#[utoipa::path(tag = "accounts", operation_id = "resetUserSecondFactor",
    responses((status = 200, description = "The user.", body = UserView)))]
#[post("/v1/editorial/users/{user_id}/actions/reset-second-factor")]
pub async fn reset_user_second_factor(desk: Desk<may::ManageUsers>, id: PathId<UserId>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    let view = desk
        .write(move |conn, desk| {
            reset_second_factor(conn, id, &Who::from(desk.actor), desk.now)?;
            let user = store::get(conn, id)?;
            view(conn, user)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// List a user's sessions.
///
/// Every session of theirs that is alive, newest first.
#[utoipa::path(tag = "accounts", operation_id = "listUserSessions",
    responses((status = 200, description = "The sessions.", body = SessionList)))]
#[get("/v1/editorial/users/{user_id}/sessions")]
pub async fn list_user_sessions(
    desk: Desk<may::ManageUsers>,
    id: PathId<UserId>,
    _: Params<NoParams>,
) -> Result<SessionList> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    let sessions = desk
        .read(move |conn, desk| {
            store::get(conn, id)?;
            store::active_sessions(conn, id, desk.now)
        })
        .await?;
    Ok(SessionList::new(sessions, desk.actor.session_id()?))
}

/// End a user's sessions.
///
/// Ends every session at once, for example after a theft.
#[utoipa::path(tag = "accounts", operation_id = "endUserSessions",
    responses((status = 204, description = "No session of theirs is alive.")))]
#[delete("/v1/editorial/users/{user_id}/sessions")]
pub async fn end_user_sessions(desk: Desk<may::ManageUsers>, id: PathId<UserId>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageUsers)?;
    let id = id.0;
    desk.write(move |conn, desk| {
        store::get(conn, id)?;
        let act = AuditEvent::on("user.end_sessions", TargetKind::User, id.as_str());
        audit::record(conn, desk.actor, act, desk.now)?;
        store::end_sessions(conn, id, SessionsToEnd::All, "revoked", desk.now)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
