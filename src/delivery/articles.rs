//! What readers get of one article, by id or by path.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::at_path::{self, Moved};
use crate::access::entitlements::ReaderAccess;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::conditional::PublicReply;
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::query_type::word_params;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::delivery::at_path::{PathAnswer, PathMatch, PathQuery, ResolvedKind, ThingAtPath};
use crate::delivery::extras::{self, RequestedExtras};
use crate::delivery::gate::{self, GatedAnswer};
use crate::delivery::public_article::PublicArticle;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::{self, AnswerContext, BodyFormat, PublishedArticle};
use crate::query_type;

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
    reply: PublicReply,
    id: PathId<ArticleId>,
    params: Params<GetArticle>,
) -> Result<HttpResponse> {
    let answer = reading
        .read_as(params.0.is_brief(), move |conn, setting| {
            let mut live = published::get(conn, id.0)?;
            one(conn, setting, &secrets, &mut live, access, params.0)
        })
        .await?;
    Ok(answer.respond(&reply))
}

query_type! {
    /// What is answered beside an article.
    #[derive(Debug)]
    pub struct GetArticle {
        /// What is answered beside it: cards of what goes with it (`related`), of its `translations`, the `packages` in which
        /// it stands, the first page of its `comments`, what search engines are told (`jsonld`).
        include: RequestedExtras = defaulted(RequestedExtras::reader_or(&[])),
        /// In which forms the body is given beside its blocks: `body_html`, `body_text`, `body_markdown`.
        body_format: Vec<BodyFormat> = defaulted(word_params()),
    }
}

impl GetArticle {
    /// Whether the article alone is asked for, which a few point reads answer.
    fn is_brief(&self) -> bool {
        self.include.is_empty() && self.body_format.is_empty()
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
    asked: GetArticle,
) -> Result<GatedAnswer> {
    let GetArticle { include, body_format } = asked;
    let audience = gate::open(conn, access, std::slice::from_mut(live))?;
    let answer = extras::compose_article(conn, setting, secrets, live, include, &body_format)?;
    Ok(GatedAnswer::new(answer, audience))
}

/// Read an article by its path.
///
/// A live article by its path, as `getArticle` gives it. A path that leads to an article's answers 308, or 307 where an
/// editor made it do so for now only. One that leads elsewhere, to a section or another site, is 404 `other_kind` here,
/// with `kind` and `location`.
#[utoipa::path(tag = "articles", operation_id = "getArticleByPath", params(PathQuery, GetArticle),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The article.", body = PublicArticle), Moved, Withdrawn))]
#[get("/v1/articles/by-path")]
pub async fn get_article_by_path(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<GetArticleByPath>,
) -> Result<HttpResponse> {
    let GetArticleByPath { at, beside } = params.0;
    let answer = reading
        .read_as(beside.is_brief(), move |conn, setting| {
            let found = at_path::find(conn, setting.frame, &at)?;
            match found.thing {
                ThingAtPath::Article(mut live) => {
                    one(conn, setting, &secrets, &mut live, access, beside).map(PathAnswer::Content)
                }
                thing => PathMatch { thing, ..found }.redirect_within(conn, ResolvedKind::Article),
            }
        })
        .await?;
    Ok(answer.respond(&reply, "/v1/articles/by-path"))
}
