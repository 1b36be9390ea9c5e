//! What readers get of one article, by id or by path, and where any path leads.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::at_path::{self, Moved};
use crate::access::entitlements::ReaderAccess;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, ConditionalRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::delivery::at_path::{PathAnswer, PathMatch, PathQuery};
use crate::delivery::extras::{self, RequestedExtras};
use crate::delivery::gate::{self, GatedAnswer};
use crate::delivery::public_article::PublicArticle;
use crate::delivery::reader_request::ReaderRequest;
use crate::import::store;
use crate::published::{self, AnswerContext, PublishedArticle};
use crate::query_type;
use crate::site::frame::{Frame, FrameCache};
use crate::site::paths::{self, PathKind, PathRow, PathStatus, PathStep, address};

/// Read an article.
///
/// A live article by its id: whole where everybody may read it, or whoever sends an entitlement that reaches; else its
/// preview.
#[utoipa::path(tag = "articles", operation_id = "getArticle", params(GetArticle), security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The article.", body = PublicArticle), Withdrawn))]
#[get("/v1/articles/{article_id}")]
pub async fn get_article(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    reader: ConditionalRequest,
    id: PathId<ArticleId>,
    params: Params<GetArticle>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| {
            let mut live = published::get(conn, id.0)?;
            one(conn, setting, &secrets, &mut live, access, params.0.include)
        })
        .await?;
    Ok(answer.respond(&reader))
}

query_type! {
    /// What is answered beside an article.
    #[derive(Debug)]
    pub struct GetArticle {
        /// What is answered beside it: cards of what goes with it (`related`), of its `translations`, the `packages` in which
        /// it stands, the first page of its `comments`, what search engines are told (`jsonld`).
        include: RequestedExtras = defaulted(RequestedExtras::reader()),
    }
}

query_type! {
    /// A path, and what is answered beside its article.
    #[derive(Debug)]
    pub struct GetArticleByPath {
        at: PathQuery = part(),
        beside: GetArticle = part(),
    }
}

fn one(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    secrets: &Secrets,
    live: &mut PublishedArticle,
    access: ReaderAccess,
    include: RequestedExtras,
) -> Result<GatedAnswer> {
    let audience = gate::open(conn, access, std::slice::from_mut(live))?;
    let mut keys = vec![format!("article-{}", live.id)];
    keys.extend(include.keys(live.id));
    let composed = extras::compose_article(conn, setting, secrets, live, include)?;
    let answer = CacheableAnswer {
        body: composed.json,
        keys,
        next_change: composed.next_change,
        next_cursor: None,
    };
    Ok(GatedAnswer::new(answer, audience))
}

/// Read an article by its path.
///
/// A live article by its path, as `getArticle` gives it. A path that leads to an article's answers 308, or 307 where an
/// editor made it do so for now only. One that leads elsewhere, to a section or another site, is 404 here:
/// `resolvePath` says where.
#[utoipa::path(tag = "articles", operation_id = "getArticleByPath", params(PathQuery, GetArticle),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The article.", body = PublicArticle), Moved, Withdrawn))]
#[get("/v1/articles/by-path")]
pub async fn get_article_by_path(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    reader: ConditionalRequest,
    params: Params<GetArticleByPath>,
) -> Result<HttpResponse> {
    let GetArticleByPath { at, beside } = params.0;
    let answer = reading
        .read(move |conn, setting| match at_path::find(conn, &at)? {
            PathMatch::Article(mut live) => {
                one(conn, setting, &secrets, &mut live, access, beside.include).map(PathAnswer::Content)
            }
            PathMatch::Moved(step) => Ok(PathAnswer::Redirect(step)),
        })
        .await?;
    Ok(answer.respond(&reader, "/v1/articles/by-path"))
}

/// Where a path leads.
#[derive(Serialize, ToSchema)]
pub struct Resolved {
    /// What stands there.
    pub kind: ResolvedKind,
    /// The path that was asked for.
    pub path: String,
    /// In which language.
    pub locale: String,
    /// The thing's id: an article's, a section's, a tag's, a contributor's.
    pub id: Option<String>,
    /// With `redirect`: where to go, in one step. A path of the site, decoded, with a query and a
    /// fragment where an editor gave it some; or, where it begins with `http`, the URL of another site.
    #[schema(max_length = 2048)]
    pub location: Option<String>,
    /// The status that a page at this path should have: 200, 301, 302, 307, 308 or 410.
    pub http_status: i32,
}

/// What stands at a path.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolvedKind {
    /// The home page.
    Home,
    /// An article.
    Article,
    /// A section.
    Section,
    /// A tag.
    Tag,
    /// A contributor.
    Contributor,
    /// Something that has another path now.
    Redirect,
    /// Something that was withdrawn for good.
    Gone,
}

/// Resolve a path.
///
/// Says as data what stands at a path that is or was public: a thing with its id, a redirect with
/// its location, or that it is gone. Percent-encoding, a closing slash and Unicode's forms make no
/// difference; capitals lead to the path without them. No redirect leads to another one, and none to a page that readers do not
/// get: one to an article that is unpublished is 404 as long as that is, one to what is gone is gone.
/// `/?p=N` of an imported site is understood. A path that was never public is 404.
#[utoipa::path(tag = "pages", operation_id = "resolvePath", params(PathQuery),
    responses((status = 404, description = ""), (status = 200, description = "What stands there.", body = Resolved)))]
#[get("/v1/resolve")]
pub async fn resolve_path(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reader: ConditionalRequest,
    params: Params<PathQuery>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let resolved = resolve(conn, &frame, &params.0)?;
            CacheableAnswer::json(&resolved, vec!["paths".to_owned()])
        })
        .await?;
    Ok(reader.respond(answer))
}

fn resolve(conn: &mut Conn, frame: &Frame, at: &PathQuery) -> Result<Resolved> {
    if let Some(number) = at.post_number() {
        let id = store::article_of_post(conn, number)?.ok_or_else(Error::not_found)?;
        let (location, locale) = published::path_of(conn, id)?;
        let path = at.path().to_owned();
        return Ok(Resolved {
            kind: ResolvedKind::Redirect,
            path,
            locale,
            id: None,
            location: Some(location),
            http_status: 301,
        });
    }
    let key = address::key(at.path());
    if let Some(row) = paths::find_by_query(conn, at.path())? {
        return resolved(conn, row);
    }
    if let Some(locale) = home_locale(frame, &key) {
        return Ok(Resolved {
            kind: ResolvedKind::Home,
            path: key,
            locale,
            id: None,
            location: None,
            http_status: 200,
        });
    }
    let row = paths::find_as_written(conn, at.path())?.ok_or_else(Error::not_found)?;
    resolved(conn, row)
}

fn resolved(conn: &mut Conn, row: PathRow) -> Result<Resolved> {
    match row.step() {
        Some(step) => resolved_step(conn, row, step),
        None => resolved_row(row),
    }
}

/// A redirect answers for what it leads to: hidden there is 404 here, gone there is gone here.
fn resolved_step(conn: &mut Conn, row: PathRow, step: PathStep) -> Result<Resolved> {
    let (step, end) = paths::follow(conn, &row.path, step)?;
    let (kind, location, status) = match end.map(|end| end.status) {
        Some(PathStatus::Hidden) => return Err(Error::not_found()),
        Some(PathStatus::Gone) => (ResolvedKind::Gone, None, 410),
        _ => (ResolvedKind::Redirect, Some(step.location), step.http_status),
    };
    Ok(Resolved {
        kind,
        path: row.path,
        locale: row.locale,
        id: None,
        location,
        http_status: status,
    })
}

fn home_locale(frame: &Frame, path: &str) -> Option<String> {
    let site = &frame.site;
    site.locales
        .iter()
        .find(|locale| site.localised(locale, "/").trim_end_matches('/') == path.trim_end_matches('/'))
        .cloned()
}

fn resolved_row(row: PathRow) -> Result<Resolved> {
    let kind = match (row.status, row.kind) {
        (PathStatus::Gone, _) => ResolvedKind::Gone,
        (PathStatus::Live, PathKind::Article) => ResolvedKind::Article,
        (PathStatus::Live, PathKind::Section) => ResolvedKind::Section,
        (PathStatus::Live, PathKind::Tag) => ResolvedKind::Tag,
        (PathStatus::Live, PathKind::Contributor) => ResolvedKind::Contributor,
        (PathStatus::Live, PathKind::Redirect) | (PathStatus::Hidden | PathStatus::Moved, _) => {
            return Err(Error::not_found());
        }
    };
    Ok(Resolved {
        id: row.target_id.filter(|_| row.status == PathStatus::Live),
        kind,
        path: row.path,
        locale: row.locale,
        location: None,
        http_status: row.http_status,
    })
}
