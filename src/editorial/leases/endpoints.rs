//! Take, renew, see and give back the lease of an article.

use actix_web::web::Json;
use actix_web::{HttpResponse, delete, get, put};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Lease, store};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Permission, may};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::LateBody;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, boolean, integer};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::editorial::articles::view::{action_facts, check_may_read};
use crate::editorial::workflow::{Action, check_permitted};
use crate::site::framed_desk::{FramedContext, FramedDesk};

body_type! {
    /// How long the lease is wanted.
    #[derive(Clone, Copy, Debug)]
    pub struct LeaseRequest [may_be_empty] {
        /// Seconds from now; 300 where it is not given.
        pub ttl_seconds: i64 = defaulted(ttl()) or limits::LEASE_SECONDS_DEFAULT,
        /// Whether to take it from a colleague who holds it.
        pub take_over: bool = defaulted(boolean()),
    }
}

fn ttl() -> impl ValueReader<Value = i64> {
    integer(limits::LEASE_SECONDS_MIN, limits::LEASE_SECONDS_MAX)
}

/// Who is at work on an article, if anybody says so.
#[derive(Serialize, ToSchema)]
pub struct ArticleLease {
    /// The article's id.
    pub article_id: ArticleId,
    /// The lease; null where nobody holds it.
    pub lease: Option<Lease>,
}

/// Take the lease of an article.
///
/// Says that you are at work on it, or goes on saying so: call it again before it ends. While a
/// colleague holds it, it is 409 `lease_held` unless you take it over. It is advice and stops no
/// change.
#[utoipa::path(tag = "articles", operation_id = "takeLease", request_body = LeaseRequest,
    responses((status = 200, description = "Your lease.", body = ArticleLease), Conflict))]
#[put("/v1/editorial/articles/{article_id}/lease")]
pub async fn take_lease(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    body: LateBody<LeaseRequest>,
) -> Result<Json<ArticleLease>> {
    let lease = desk
        .write(move |conn, desk| {
            let (article, content) = articles::get_locked(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            let action_facts = action_facts(conn, desk.frame, &article, &content)?;
            check_permitted(desk.actor, Action::Edit, &action_facts)?;
            take(conn, desk, id.0, *body.value()?)
        })
        .await?;
    Ok(Json(lease))
}

fn take(conn: &mut Conn, desk: &FramedContext<'_>, id: ArticleId, asked: LeaseRequest) -> Result<ArticleLease> {
    let (actor, now) = (desk.actor, desk.now);
    let held = store::find(conn, id, now)?;
    let (mine, others) = match held {
        Some(lease) if lease.user_id == actor.user_id => (Some(lease), None),
        other => (None, other),
    };
    if let Some(lease) = others {
        if !asked.take_over {
            return Err(lease_held(&lease, desk.frame.site.zone()));
        }
        let entry = AuditEvent::on("article.take_over", TargetKind::Article, id.as_str());
        audit::record(conn, actor, entry.detail("from_user_id", lease.user_id.as_str()), now)?;
    }
    let since = mine.map_or(now, |lease| lease.since);
    store::put(conn, id, actor.user_id, since, now.plus_seconds(asked.ttl_seconds))?;
    read(conn, id, now)
}

fn read(conn: &mut Conn, article_id: ArticleId, now: Time) -> Result<ArticleLease> {
    let lease = store::find(conn, article_id, now)?;
    Ok(ArticleLease { article_id, lease })
}

/// 409: a colleague holds it, and until when.
fn lease_held(lease: &Lease, zone: Tz) -> Error {
    Error::new(Code::LeaseHeld)
        .with("name", &lease.user_name)
        .with_moment("until", lease.until, zone)
        .extra("holder_id", lease.user_id.as_str())
        .extra("holder_name", lease.user_name.as_str())
        .extra("until", lease.until.to_string())
}

/// Read the lease of an article.
///
/// Who is at work on it and until when, as they say.
#[utoipa::path(tag = "articles", operation_id = "getLease",
    responses((status = 200, description = "The lease, or none.", body = ArticleLease)))]
#[get("/v1/editorial/articles/{article_id}/lease")]
pub async fn get_lease(
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<Json<ArticleLease>> {
    let lease = desk
        .read(move |conn, desk| {
            let (article, _) = articles::get(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            read(conn, id.0, desk.now)
        })
        .await?;
    Ok(Json(lease))
}

/// Release the lease of an article.
///
/// Says that you are done. Where nobody holds it nothing happens; a colleague's is 409 `lease_held`
/// for all but administrators: take it over instead.
#[utoipa::path(tag = "articles", operation_id = "releaseLease",
    responses((status = 204, description = "Nobody holds it."), Conflict))]
#[delete("/v1/editorial/articles/{article_id}/lease")]
pub async fn release_lease(desk: FramedDesk<may::WriteArticles>, id: PathId<ArticleId>) -> Result<HttpResponse> {
    desk.write(move |conn, desk| {
        let (article, _) = articles::get_locked(conn, id.0)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        let Some(lease) = store::find(conn, id.0, desk.now)? else {
            return Ok(());
        };
        if lease.user_id != desk.actor.user_id {
            let subject = article.subject(&desk.frame.tree, article.section_id, desk.actor);
            if !desk.actor.may(Permission::BreakLeases, &subject) {
                return Err(lease_held(&lease, desk.frame.site.zone()));
            }
            let entry = AuditEvent::on("article.break_lease", TargetKind::Article, id.0.as_str());
            audit::record(
                conn,
                desk.actor,
                entry.detail("from_user_id", lease.user_id.as_str()),
                desk.now,
            )?;
        }
        store::delete(conn, id.0)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
