//! What readers get of one article, by id or by path, and where any path leads.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::ArticleId;
use super::published::{self, Composed, PublicArticle, Setting};
use crate::app::PublicUrl;
use crate::db::{Conn, Db};
use crate::error::{Error, Result};
use crate::http::conditional::{Conditional, Fresh};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query, invalid};
use crate::paths::{self, PathKind, PathRow, PathStatus, Step, address};
use crate::site::{Frame, Frames};
use crate::takedowns;

/// Read an article.
///
/// A live article whole, by its id.
#[utoipa::path(tag = "articles", operation_id = "getArticle",
    responses((status = 200, description = "The article.", body = PublicArticle), crate::openapi::Withdrawn))]
#[get("/v1/articles/{article_id}")]
async fn get_article(
    db: Data<Db>,
    frames: Data<Frames>,
    public_url: Data<PublicUrl>,
    reader: Conditional,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            one(
                conn,
                &Setting {
                    frame: &frame,
                    public_url: &public_url.0,
                    now,
                },
                id.0,
            )
        })
        .await?;
    Ok(reader.respond(fresh))
}

fn one(conn: &mut Conn, setting: &Setting<'_>, id: ArticleId) -> Result<Fresh> {
    let live = published::get(conn, id)?;
    let mut composed = Composed::default();
    composed.push_articles(conn, setting, &[live])?;
    let keys = vec![format!("article-{id}")];
    Ok(Fresh {
        body: composed.json,
        keys,
        next_change: composed.next_change,
        next_cursor: None,
    })
}

/// A public path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtPath {
    /// A path of the site, such as `/news/diplomatie/un-titre`; what follows `?` counts only as `?p=N`.
    #[param(max_length = 700)]
    path: String,
}

impl FromQuery for AtPath {
    const NAMES: &'static [&'static str] = &["path"];

    fn read(query: &Query) -> Result<Self> {
        let sound = |path: &str| path.starts_with('/') && path.chars().count() <= crate::limits::PATH;
        let path = query.parsed("path", "a path that begins with /", |path| {
            sound(path).then(|| path.to_owned())
        })?;
        path.map(|path| Self { path })
            .ok_or_else(|| invalid("path", "a path that begins with /"))
    }
}

impl AtPath {
    /// The post that an old WordPress link names: `/?p=123`.
    fn post_number(&self) -> Option<&str> {
        let (path, query) = self.path.split_once('?')?;
        let number = query.strip_prefix("p=")?.split('&').next()?;
        let sound = path == "/" && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(number)
    }
}

/// What became of a request by path.
enum ByPath {
    Article(Fresh),
    Moved(Step),
}

/// Read an article by its path.
///
/// A live article whole. A path that leads to an article's answers 308, or 307 where an editor made
/// it do so for now only. One that leads elsewhere, to a section or another site, is 404 here:
/// `resolvePath` says where.
#[utoipa::path(tag = "articles", operation_id = "getArticleByPath", params(AtPath),
    responses((status = 200, description = "The article.", body = PublicArticle), Moved, crate::openapi::Withdrawn))]
#[get("/v1/articles/by-path")]
async fn get_article_by_path(
    db: Data<Db>,
    frames: Data<Frames>,
    public_url: Data<PublicUrl>,
    reader: Conditional,
    params: Params<AtPath>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let found = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let setting = Setting {
                frame: &frame,
                public_url: &public_url.0,
                now,
            };
            by_path(conn, &setting, &params.0)
        })
        .await?;
    Ok(match found {
        ByPath::Article(fresh) => reader.respond(fresh),
        ByPath::Moved(step) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("path", &step.location)
                .finish();
            let status = match step.http_status {
                302 | 307 => StatusCode::TEMPORARY_REDIRECT,
                _ => StatusCode::PERMANENT_REDIRECT,
            };
            HttpResponse::build(status)
                .insert_header((header::LOCATION, format!("/v1/articles/by-path?{query}")))
                .insert_header((header::CACHE_CONTROL, "public, max-age=0, s-maxage=30"))
                .finish()
        }
    })
}

fn by_path(conn: &mut Conn, setting: &Setting<'_>, at: &AtPath) -> Result<ByPath> {
    let row = paths::find_asked(conn, &at.path)?.ok_or_else(Error::not_found)?;
    let Some(step) = row.step() else {
        let id = article_at(conn, &row)?;
        return one(conn, setting, id).map(ByPath::Article);
    };
    let (step, end) = paths::follow(conn, &row.path, step)?;
    article_at(conn, &end.ok_or_else(Error::not_found)?)?;
    Ok(ByPath::Moved(step))
}

/// The live article that stands at a path; else what became of it.
fn article_at(conn: &mut Conn, row: &PathRow) -> Result<ArticleId> {
    let id = row.target_id.as_deref().and_then(ArticleId::parse);
    match (row.kind, row.status, id) {
        (PathKind::Article, PathStatus::Live, Some(id)) => Ok(id),
        (PathKind::Article, PathStatus::Gone, Some(id)) => Err(takedowns::absence(conn, id)),
        (PathKind::Redirect, PathStatus::Gone, _) => Err(takedowns::gone(None)),
        _ => Err(Error::not_found()),
    }
}

/// 307 and 308: the article has another path.
pub struct Moved;

impl utoipa::IntoResponses for Moved {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        let response = |description: &str| {
            let response = utoipa::openapi::ResponseBuilder::new().description(description);
            response.build().into()
        };
        let (for_now, for_good) = (
            "The article has another path for now: see `Location`.",
            "The article has another path now: see `Location`.",
        );
        [
            ("307".to_owned(), response(for_now)),
            ("308".to_owned(), response(for_good)),
        ]
        .into()
    }
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
    pub status: i32,
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
/// difference, case does. No redirect leads to another one, and none to a page that readers do not
/// get: one to an article that is unpublished is 404 as long as that is, one to what is gone is gone.
/// `/?p=N` of an imported site is understood. A path that was never public is 404.
#[utoipa::path(tag = "articles", operation_id = "resolvePath", params(AtPath),
    responses((status = 200, description = "What stands there.", body = Resolved)))]
#[get("/v1/resolve")]
async fn resolve_path(
    db: Data<Db>,
    frames: Data<Frames>,
    reader: Conditional,
    params: Params<AtPath>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let resolved = resolve(conn, &frame, &params.0)?;
            Fresh::json(&resolved, vec!["paths".to_owned()])
        })
        .await?;
    Ok(reader.respond(fresh))
}

fn resolve(conn: &mut Conn, frame: &Frame, at: &AtPath) -> Result<Resolved> {
    if let Some(number) = at.post_number() {
        let id = crate::import::store::article_of_post(conn, number)?.ok_or_else(Error::not_found)?;
        let (location, locale) = published::path_of(conn, id)?;
        let path = at.path.clone();
        return Ok(Resolved {
            kind: ResolvedKind::Redirect,
            path,
            locale,
            id: None,
            location: Some(location),
            status: 301,
        });
    }
    let key = address::key(&at.path);
    if let Some(locale) = home_locale(frame, &key) {
        return Ok(Resolved {
            kind: ResolvedKind::Home,
            path: key,
            locale,
            id: None,
            location: None,
            status: 200,
        });
    }
    let row = paths::find_asked(conn, &at.path)?.ok_or_else(Error::not_found)?;
    match row.step() {
        Some(step) => resolved_step(conn, row, step),
        None => resolved_row(row),
    }
}

/// A redirect stands for what it leads to: where that is not there, neither is the redirect.
fn resolved_step(conn: &mut Conn, row: PathRow, step: Step) -> Result<Resolved> {
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
        status,
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
        status: row.http_status,
    })
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(get_article_by_path)
        .service(get_article)
        .service(resolve_path);
}
