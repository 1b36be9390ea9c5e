//! What readers get of corrections: those of one article, and those of the whole site.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::corrections::{Correction, CorrectionId, CorrectionKind};
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::query_type::text_param;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::{self, AnswerJson, Card};
use crate::{list_type, query_type};

list_type! {
    /// A page of the notices on one article.
    ArticleCorrectionList {
        /// The notices, the oldest first.
        items: Vec<Correction>,
    }
}

/// A notice in the list of all the site.
#[derive(Serialize, ToSchema)]
pub struct CorrectionEntry {
    /// The notice's id.
    pub id: CorrectionId,
    /// What kind of notice it is.
    pub kind: CorrectionKind,
    /// What it says.
    pub text: String,
    /// When it was published.
    pub at: Time,
    /// The article on which it stands.
    pub article: Card,
}

list_type! {
    /// A page of notices.
    CorrectionList {
        /// The notices.
        items: Vec<CorrectionEntry>,
    }
}

query_type! {
    /// Which notices.
    #[derive(Debug)]
    pub struct ListCorrections {
        /// On articles in this language; `*` for all, the site's first where it is not given.
        locale: String = optional(text_param(limits::LOCALE)),
        page: PageRequest = part(),
    }
}

/// List an article's corrections.
///
/// Every notice on a live article, the oldest first. The article holds the same ones.
#[utoipa::path(tag = "articles", operation_id = "listArticleCorrections", params(PageRequest),
    responses((status = 200, description = "A page of notices.", body = ArticleCorrectionList), Withdrawn))]
#[get("/v1/articles/{article_id}/corrections")]
pub async fn list_article_corrections(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    id: PathId<ArticleId>,
    params: Params<PageRequest>,
) -> Result<HttpResponse> {
    let (id, page) = (id.0, params.0);
    let answer = db
        .read(move |conn| {
            published::must_be_live(conn, id)?;
            let binding = CursorBinding::new("/v1/articles/corrections", &id);
            let after = page.after::<1>(&secrets, &binding)?;
            let after = after.and_then(|[id]| CorrectionId::parse(&id));
            let notices = published::corrections_of(conn, id, after, page.fetch())?;
            let (items, info) = page.finish(notices, &secrets, &binding, |notice| [notice.id.to_string()])?;
            let page = ArticleCorrectionList { items, page: info };
            Ok(CacheableAnswer::json(&page, vec![SurrogateKey::Article(id)])?.page(&page.page))
        })
        .await?;
    Ok(reply.respond(answer))
}

/// List corrections.
///
/// What the desk has put right on live articles, and what it has withdrawn, the newest first.
#[utoipa::path(tag = "articles", operation_id = "listCorrections", params(ListCorrections, PageRequest),
    responses((status = 200, description = "A page of notices.", body = CorrectionList)))]
#[get("/v1/corrections")]
pub async fn list_corrections(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListCorrections>,
) -> Result<HttpResponse> {
    let ListCorrections { locale, page } = params.0;
    let answer = reading
        .read(move |conn, setting| {
            let locale = setting.frame.site.asked_locale(locale.as_deref())?;
            let binding = CursorBinding::new("/v1/corrections", &locale);
            let after = page.after::<2>(&secrets, &binding)?;
            let after = after.and_then(|[at, id]| Time::parse(&at).zip(CorrectionId::parse(&id)));
            let notices = published::list_corrections(conn, locale.as_deref(), after, page.fetch())?;
            let (notices, info) = page.finish(notices, &secrets, &binding, |(notice, _)| {
                [notice.at.to_string(), notice.id.to_string()]
            })?;
            let mut composed = AnswerJson {
                json: String::from("{\"items\":["),
                ..AnswerJson::default()
            };
            composed.push_corrections(conn, setting, &notices)?;
            let json = serde_json::to_string(&info).map_err(Error::internal)?;
            composed.json.push_str(&format!("],\"page\":{json}}}"));
            Ok(composed.answer(vec![SurrogateKey::Corrections]).page(&info))
        })
        .await?;
    Ok(reply.respond(answer))
}
