//! Redirects at the desk: list, make, read, change, delete.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::auth::{Actor, Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Language, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::{ParamReader, number_params, parsed_param, word_param};
use crate::base::http::responses::Conflict;
use crate::base::ids::UserId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::base::text::warnings::{TextFinding, TextWarning, TextWarningCode, in_language};
use crate::site::paths::{self, PathKind, PathStatus, RedirectId, RedirectOrigin, address};
use crate::site::redirects::change::{self, RedirectMaker};
use crate::site::redirects::input::{NewRedirect, REDIRECT_STATUSES, RedirectPatch, parse_location};
use crate::site::redirects::model::Redirect;
use crate::site::redirects::store::{self, RedirectFilter};
use crate::site::settings;
use crate::{list_type, query_type};

/// A path that leads elsewhere or is gone.
#[derive(Serialize, ToSchema)]
pub struct RedirectView {
    /// The redirect's id.
    pub id: RedirectId,
    /// The path, decoded.
    pub path: String,
    /// Where it leads: a path of the site, or the URL of another one; null when gone. It leads there
    /// in one step: what was given may have led on.
    pub location: Option<String>,
    /// 301, 302, 307, 308 or 410.
    #[schema(minimum = 301, maximum = 410)]
    pub http_status: i32,
    /// How it came to be.
    pub origin: RedirectOrigin,
    /// What it is, or was, the path of; `redirect` for nothing.
    pub kind: PathKind,
    /// The id of that thing.
    #[schema(format = "uuid")]
    pub target_id: Option<String>,
    /// In which language.
    pub locale: String,
    /// Why it is there.
    pub note: Option<String>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// Who made it, or made it lead elsewhere; null where it came by itself or by a command.
    pub created_by: Option<UserId>,
    /// When the path became known.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// What to look at in what this request wrote; empty where it wrote nothing.
    pub warnings: Vec<TextWarning>,
}

impl RedirectView {
    fn with_warnings(mut self, findings: Vec<TextFinding>, language: Language) -> Self {
        self.warnings = in_language(findings, language);
        self
    }
}

impl From<Redirect> for RedirectView {
    fn from(redirect: Redirect) -> Self {
        Self {
            id: redirect.id,
            path: redirect.path,
            location: redirect.location,
            http_status: redirect.http_status,
            origin: redirect.origin,
            kind: redirect.kind,
            target_id: redirect.target_id,
            locale: redirect.locale,
            note: redirect.note,
            version: redirect.version,
            created_by: redirect.created_by,
            created_at: redirect.created_at,
            updated_at: redirect.updated_at,
            warnings: Vec::new(),
        }
    }
}

list_type! {
    /// A page of redirects, in the order of their paths.
    RedirectList {
        /// The redirects.
        items: Vec<RedirectView>,
    }
}

query_type! {
    /// Which redirects.
    #[derive(Debug)]
    pub struct ListRedirects {
        /// Only redirects whose path begins so: `/2019/`.
        path_prefix: String = optional(path_prefix()),
        /// Only redirects with one of these statuses.
        http_status: Vec<i32> = defaulted(number_params(&REDIRECT_STATUSES)),
        /// Only redirects of this origin.
        origin: RedirectOrigin = optional(word_param()),
        /// Only redirects to this target: a path of the site, with any query and fragment, or a URL.
        location: String = optional(redirect_location()),
        page: PageRequest = part(),
    }
}

fn path_prefix() -> impl ParamReader<Value = String> {
    parsed_param(limits::PATH, "a path that begins with /", |text| {
        let is_path = text.starts_with('/') && text.chars().count() <= limits::PATH;
        is_path.then(|| prefix(text))
    })
}

fn redirect_location() -> impl ParamReader<Value = String> {
    parsed_param(limits::URL, "a path of the site, or an http or https URL", |text| {
        parse_location(text).filter(|_| text.chars().count() <= limits::URL)
    })
}

/// The form of the beginning of a path: its closing slash counts.
fn prefix(text: &str) -> String {
    match address::source(text) {
        root if root == "/" => root,
        key if text.ends_with('/') && !key.ends_with('/') => key + "/",
        key => key,
    }
}

/// List redirects.
///
/// Everything that leads elsewhere or is gone, in the order of the paths: what editors made, what
/// came from files, and what came by itself as things moved, were renamed or deleted; `origin` says
/// which. Paths of unpublished articles are not among them.
#[utoipa::path(tag = "redirects", operation_id = "listRedirects", params(ListRedirects, PageRequest),
    responses((status = 200, description = "A page of redirects.", body = RedirectList)))]
#[get("/v1/editorial/redirects")]
pub async fn list_redirects(
    secrets: Data<Secrets>,
    desk: Desk<may::ReadTaxonomy>,
    params: Params<ListRedirects>,
) -> Result<RedirectList> {
    let ListRedirects {
        path_prefix,
        http_status: http_statuses,
        origin,
        location,
        page,
    } = params.0;
    let filter = RedirectFilter {
        path_prefix,
        http_statuses,
        origin,
        location,
    };
    let binding = CursorBinding::new("redirects", &filter);
    let after = page.after::<1>(&secrets, &binding)?;
    let fetch = page.fetch();
    let redirects = desk
        .read(move |conn, _| {
            let after = after.as_ref().map(|[path]| path.as_str());
            store::list(conn, &filter, after, fetch)
        })
        .await?;
    let (redirects, page) = page.finish(redirects, &secrets, &binding, |redirect| [redirect.path.clone()])?;
    Ok(RedirectList {
        items: redirects.into_iter().map(RedirectView::from).collect(),
        page,
    })
}

/// Create a redirect.
///
/// From a path where nothing is public to a place, or to nowhere (410). A path where a redirect
/// stands is 409 `redirect_exists`. Redirects to redirects become one step, whichever was made first;
/// one that would lead back to where it begins is 422 `redirect_loop` with the chain. It may lead to
/// a path that Masthead does not know, for the site may have pages of its own: `warnings` says so.
#[utoipa::path(tag = "redirects", operation_id = "createRedirect", params(IdempotencyKey), request_body = NewRedirect,
    responses((status = 201, description = "The redirect.", body = RedirectView, headers(("ETag"))), Conflict))]
#[post("/v1/editorial/redirects")]
pub async fn create_redirect(
    public_url: Data<PublicUrl>,
    desk: Desk<may::ManageRedirects>,
    key: IdempotencyKey,
    body: Body<NewRedirect>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageRedirects)?;
    let key = key.within(desk.actor.user_id.as_str(), &body.digest);
    let wish = body.value.wish(public_url.as_str());
    let maker = by_hand(&desk.actor, desk.now());
    let (redirect, findings) = desk
        .write(move |conn, _| {
            let done = idempotency::once(conn, key.as_ref(), maker.now, |conn| {
                let redirect = change::create(conn, &wish, &maker)?;
                Ok(CompletedRequest {
                    status: 201,
                    resource_id: redirect.id.to_string(),
                })
            })?;
            let id = RedirectId::parse(&done.resource_id);
            let id = id.ok_or_else(|| Error::internal("a stored key names no redirect"))?;
            let redirect = store::get(conn, id)?;
            with_dead_location(conn, redirect)
        })
        .await?;
    let location = format!("/v1/editorial/redirects/{}", redirect.id);
    let view = RedirectView::from(redirect).with_warnings(findings, desk.language);
    Ok(created(&location, view.version, &view))
}

/// The redirect, and whether it leads to a path of the site where nothing is.
fn with_dead_location(conn: &mut Conn, redirect: Redirect) -> Result<(Redirect, Vec<TextFinding>)> {
    let is_dead = match &redirect.location {
        Some(location) if address::site_key(location).is_some() => is_dead(conn, location)?,
        _ => false,
    };
    let found = redirect.location.clone().filter(|_| is_dead);
    let finding = found.map(|found| TextFinding::new("/location", TextWarningCode::DeadLocation, found));
    Ok((redirect, finding.into_iter().collect()))
}

fn is_dead(conn: &mut Conn, location: &str) -> Result<bool> {
    let is_kept = settings::load(conn)?.keeps(&address::key(location));
    Ok(!is_kept && paths::find_as_written(conn, location)?.is_none_or(|row| row.status != PathStatus::Live))
}

fn by_hand(actor: &Actor, now: Time) -> RedirectMaker {
    RedirectMaker {
        who: actor.into(),
        origin: RedirectOrigin::Editor,
        now,
    }
}

/// Read a redirect.
///
/// The redirect with its ETag for changing it.
#[utoipa::path(tag = "redirects", operation_id = "getRedirect",
    responses((status = 200, description = "The redirect.", body = RedirectView, headers(("ETag")))))]
#[get("/v1/editorial/redirects/{redirect_id}")]
pub async fn get_redirect(
    desk: Desk<may::ReadTaxonomy>,
    id: PathId<RedirectId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let redirect = desk.read(move |conn, _| store::get(conn, id.0)).await?;
    Ok(versioned(redirect.version, &RedirectView::from(redirect)))
}

/// Change a redirect.
///
/// One that came by itself is a redirect of its own once it leads elsewhere: the article, section,
/// tag or contributor that had the path lets go of it, and does not come back to it. Redirects that
/// once led here were made to lead to the end, and stay. The path of a killed article is 409
/// `path_sealed`.
#[utoipa::path(tag = "redirects", operation_id = "updateRedirect", params(IfMatch), request_body = RedirectPatch,
    responses((status = 200, description = "The redirect.", body = RedirectView), Conflict))]
#[patch("/v1/editorial/redirects/{redirect_id}")]
pub async fn update_redirect(
    public_url: Data<PublicUrl>,
    desk: Desk<may::ManageRedirects>,
    id: PathId<RedirectId>,
    if_match: IfMatch,
    body: Body<RedirectPatch>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageRedirects)?;
    let (maker, patch) = (by_hand(&desk.actor, desk.now()), body.value);
    let (redirect, findings) = desk
        .write(move |conn, _| {
            let redirect = change::update(conn, id.0, if_match, &patch, public_url.as_str(), &maker)?;
            with_dead_location(conn, redirect)
        })
        .await?;
    let view = RedirectView::from(redirect).with_warnings(findings, desk.language);
    Ok(versioned(view.version, &view))
}

/// Delete a redirect.
///
/// Its path is 404 from now on, and free for other things: also one that came by itself. The path of
/// a killed article is 409 `path_sealed`.
#[utoipa::path(tag = "redirects", operation_id = "deleteRedirect", params(IfMatch),
    responses((status = 204, description = "The path is free."), Conflict))]
#[delete("/v1/editorial/redirects/{redirect_id}")]
pub async fn delete_redirect(
    desk: Desk<may::ManageRedirects>,
    id: PathId<RedirectId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageRedirects)?;
    let maker = by_hand(&desk.actor, desk.now());
    desk.write(move |conn, _| change::delete(conn, id.0, if_match, &maker))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
