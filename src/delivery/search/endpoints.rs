//! What readers find: cards of live articles with the words that were looked for, and suggestions while
//! they type.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;

use super::query::SearchArticles;
use super::suggest;
use super::views::{FoundCardList, Suggestions};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::PageRequest;
use crate::base::http::query::Params;
use crate::base::http::query_type::text_param;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::lists::ArticleFilters;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::{AnswerJson, ArticleShape, reindex};
use crate::query_type;
use crate::search::query::{QueryReading, search_param};
use crate::site::frame::FrameCache;

/// Search articles.
///
/// Cards of the live articles that match, newest first; with `sort=relevance` those with the words in the title first,
/// then those with them in the kicker or the standfirst: of all that have one there, the newest 300 are put in this
/// order, and all others that match follow, newest first. Each says where its words were found. A page looks at
/// 10,000 matches at most for those that pass the filters; where that is not enough it is short, and its
/// cursor leads on. Nothing is found of what is not live or was retracted.
#[utoipa::path(tag = "search", operation_id = "searchArticles", params(SearchArticles, ArticleFilters, PageRequest),
    responses((status = 200, description = "A page of what was found.", body = FoundCardList)))]
#[get("/v1/search")]
pub async fn search_articles(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<SearchArticles>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| {
            let found = params.0.find(conn, &secrets, setting, ArticleShape::Card)?;
            let mut composed = AnswerJson::opened(&FoundHead {
                did_you_mean: found.did_you_mean.as_deref(),
            })?;
            composed.json.push_str(",\"items\":[");
            found.push_items(&mut composed, setting)?;
            composed.json.push(']');
            composed.member("page", &found.page)?;
            composed.close();
            Ok(composed.answer(found.surrogate_keys()).page(&found.page))
        })
        .await?;
    Ok(reply.respond(answer))
}

/// What an answer begins with.
#[derive(Serialize)]
struct FoundHead<'f> {
    did_you_mean: Option<&'f str>,
}

query_type! {
    /// What is typed so far.
    #[derive(Debug)]
    pub struct SuggestSearch {
        /// What is typed so far; the last word may be the beginning of a longer one. Text without any word is
        /// refused.
        q: String = required(search_param()),
        /// In this language; `*` for all, the site's first where it is not given.
        locale: String = optional(text_param(limits::LOCALE)),
    }
}

/// Suggest as you type.
///
/// Up to five articles with the words in their titles, tags and sections whose names begin so: live
/// things only.
#[utoipa::path(tag = "search", operation_id = "suggestSearch", params(SuggestSearch),
    responses((status = 200, description = "What may be meant.", body = Suggestions)))]
#[get("/v1/search/suggest")]
pub async fn suggest_search(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    params: Params<SuggestSearch>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.site.asked_locale(params.0.locale.as_deref())?;
            let reading = QueryReading {
                also_former: reindex::has_former(conn)?,
                prefix: suggest::SUGGESTED_PREFIX_LETTERS,
                ..QueryReading::of(&frame.site, locale.as_deref())
            };
            let found = suggest::suggestions(conn, &frame, &params.0.q, locale.as_deref(), &reading)?;
            CacheableAnswer::json(&found, vec![SurrogateKey::Articles, SurrogateKey::Tags])
        })
        .await?;
    Ok(reply.respond(answer))
}
