//! What goes with an article, and breaking news, as lists.

use actix_web::{HttpResponse, get};

use super::lookups;
use crate::base::error::Result;
use crate::base::http::conditional::PublicReply;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Withdrawn;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::locale::LocaleQuery;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::reader_request::ReaderRequest;
use crate::delivery::related::rank_related;
use crate::delivery::whole_list::answer_with_cards;
use crate::published::{self, CardList, NewestOf};

/// List related articles.
///
/// What goes with a live article, the nearest first, at most 20: first what an editor chose, then what shares most of
/// its tags, then what stands in its section; never the article itself.
#[utoipa::path(tag = "articles", operation_id = "listRelatedArticles",
    responses((status = 200, description = "The cards; the list is always whole.", body = CardList), Withdrawn))]
#[get("/v1/articles/{article_id}/related")]
pub async fn list_related_articles(
    reading: ReaderRequest,
    reply: PublicReply,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| {
            let live = published::get(conn, id.0)?;
            let (outline, section) = (live.outline(), live.section_id());
            let lookups = lookups(&outline, section);
            let found = setting.newest_of_each(conn, live.locale(), &lookups)?;
            let mut ids = rank_related(live.id, &outline, section, &found);
            ids.truncate(limits::RELATED);
            let mut keys = vec![SurrogateKey::Article(id.0)];
            keys.extend(lookups.iter().map(|(of, _)| of.surrogate_key()));
            answer_with_cards(conn, setting, &ids, limits::RELATED, keys)
        })
        .await?;
    Ok(reply.respond(answer))
}

/// List breaking news.
///
/// What is breaking news at this moment, the newest first, at most 100.
#[utoipa::path(tag = "articles", operation_id = "listBreakingArticles", params(LocaleQuery),
    responses((status = 200, description = "The cards; the list is always whole.", body = CardList)))]
#[get("/v1/breaking")]
pub async fn list_breaking_articles(
    reading: ReaderRequest,
    reply: PublicReply,
    params: Params<LocaleQuery>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| {
            let locale = setting.frame.locale_of(&params.0)?;
            let limit = i64::try_from(limits::PAGE).unwrap_or(i64::MAX);
            let found = setting.newest_of_each(conn, &locale, &[(NewestOf::Breaking, limit)])?;
            let ids: Vec<ArticleId> = found
                .values()
                .flat_map(|placed| placed.iter().map(|(id, _)| *id))
                .collect();
            answer_with_cards(conn, setting, &ids, limits::PAGE, vec![SurrogateKey::Breaking])
        })
        .await?;
    Ok(reply.respond(answer))
}
