//! Articles by their path: the article that is live there, where it went, or what became of it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::ConditionalRequest;
use crate::base::http::query::invalid;
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::ArticleId;
use crate::base::limits::PATH;
use crate::delivery::gate::GatedAnswer;
use crate::published::{self, PublishedArticle};
use crate::query_type;
use crate::site::paths::{self, PathKind, PathRow, PathStatus, PathStep, address};
use crate::site::takedowns;

query_type! {
    /// A public path.
    #[derive(Debug)]
    pub struct PathQuery {
        /// A path of the site, such as `/news/diplomatie/un-titre`; what follows `?` counts as `?p=N` and where a redirect
        /// is from a path with that query. Capitals lead to the path without them.
        path: String = required(site_path()),
    }
}

fn site_path() -> impl ParamReader<Value = String> {
    const EXPECTED: &str = "a path that begins with /";
    param_reader(
        || ValueSchema::text(PATH).schema,
        |query, name| {
            let sound = |path: &str| path.starts_with('/') && path.chars().count() <= PATH;
            let path = query.parsed(name, EXPECTED, |path| sound(path).then(|| path.to_owned()))?;
            path.map(Some).ok_or_else(|| invalid(name, EXPECTED))
        },
    )
}

impl PathQuery {
    /// The path as it was sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The post that an old WordPress link names: `/?p=123`.
    pub fn post_number(&self) -> Option<&str> {
        let (path, query) = self.path.split_once('?')?;
        let number = query.strip_prefix("p=")?.split('&').next()?;
        let sound = path == "/" && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(number)
    }
}

/// What a path leads to.
pub enum PathMatch {
    /// The article that is live there.
    Article(Box<PublishedArticle>),
    /// Another path, at which an article is live.
    Moved(PathStep),
}

/// Looks for the article at a path.
///
/// # Errors
/// 404; 410 for what was withdrawn for good.
pub fn find(conn: &mut Conn, at: &PathQuery) -> Result<PathMatch> {
    if let Some(live) = published::find_at(conn, &address::key(&at.path))? {
        return Ok(PathMatch::Article(Box::new(live)));
    }
    let row = paths::find_as_written(conn, &at.path)?.ok_or_else(Error::not_found)?;
    let Some(step) = row.step() else {
        let id = article_at(conn, &row)?;
        return published::get(conn, id).map(Box::new).map(PathMatch::Article);
    };
    let (step, end) = paths::follow(conn, &row.path, step)?;
    article_at(conn, &end.ok_or_else(Error::not_found)?)?;
    Ok(PathMatch::Moved(step))
}

/// The id of the live article at a path; where there is none, the error says what became of it.
fn article_at(conn: &mut Conn, row: &PathRow) -> Result<ArticleId> {
    let id = row.target_id.as_deref().and_then(ArticleId::parse);
    match (row.kind, row.status, id) {
        (PathKind::Article, PathStatus::Live, Some(id)) => Ok(id),
        (PathKind::Article, PathStatus::Gone, Some(id)) => Err(takedowns::not_live_error(conn, id)),
        (PathKind::Redirect, PathStatus::Gone, _) => Err(takedowns::gone(None)),
        _ => Err(Error::not_found()),
    }
}

/// The answer of an operation by path.
pub enum PathAnswer {
    /// The thing that is there.
    Content(GatedAnswer),
    /// Where it is now.
    Redirect(PathStep),
}

impl PathAnswer {
    /// The response of an operation: the thing, or a redirect to the same operation at its other path.
    pub fn respond(self, reader: &ConditionalRequest, operation: &str) -> HttpResponse {
        match self {
            Self::Content(answer) => answer.respond(reader),
            Self::Redirect(step) => redirect_to_operation(&step, operation),
        }
    }
}

fn redirect_to_operation(step: &PathStep, operation: &str) -> HttpResponse {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("path", &step.location)
        .finish();
    let status = match step.http_status {
        302 | 307 => StatusCode::TEMPORARY_REDIRECT,
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    HttpResponse::build(status)
        .insert_header((header::LOCATION, format!("{operation}?{query}")))
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, s-maxage=30"))
        .finish()
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
