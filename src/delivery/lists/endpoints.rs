//! Lists of cards, of whole articles and of some of their members.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::partial::{ListPartialArticles, PartialArticleList};
use super::query::{ArticleFilters, FullArticleOptions, ListArticles, ListArticlesInView, ListFullArticles, ListView};
use crate::access::entitlements::ReaderAccess;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::PublicReply;
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::http::query::Params;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::gate::{self, Audience, GatedAnswer};
use crate::delivery::lists::partial::FieldSelection;
use crate::delivery::lists::query::ArticleOrdering;
use crate::delivery::public_article::PublicArticleList;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::{AnswerContext, AnswerJson, ArticleShape, BodyFormat, ListedArticleList, PublishedArticle};

/// List articles.
///
/// Live articles, newest first: cards, or teasers with `view=teaser`. None is repeated or left out while others are
/// published and withdrawn.
#[utoipa::path(tag = "articles", operation_id = "listArticles",
    params(ListView, ArticleFilters, ArticleOrdering, CountRequest, PageRequest),
    responses((status = 200, description = "A page of articles.", body = ListedArticleList)))]
#[get("/v1/articles")]
pub async fn list_articles(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListArticlesInView>,
) -> Result<HttpResponse> {
    let ListArticlesInView { view, list } = params.0;
    let operation = ListOperation {
        secrets,
        path: "/v1/articles",
        shape: view.shape(),
        access: ReaderAccess::default(),
        formats: Vec::new(),
    };
    let answer = reading
        .read_as(list.is_brief(), move |conn, setting| {
            operation.page(conn, setting, &list, None)
        })
        .await?;
    Ok(answer.respond(&reply))
}

/// List full articles.
///
/// As `listArticles`, each with its body, as `getArticle` gives it.
#[utoipa::path(tag = "articles", operation_id = "listFullArticles",
    params(FullArticleOptions, ArticleFilters, ArticleOrdering, CountRequest, PageRequest),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "A page of articles.", body = PublicArticleList)))]
#[get("/v1/articles/full")]
pub async fn list_full_articles(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListFullArticles>,
) -> Result<HttpResponse> {
    let ListFullArticles { options, list } = params.0;
    let operation = ListOperation {
        secrets,
        path: "/v1/articles/full",
        shape: ArticleShape::Full,
        access,
        formats: options.body_format,
    };
    let answer = reading
        .read(move |conn, setting| operation.page(conn, setting, &list, None))
        .await?;
    Ok(answer.respond(&reply))
}

/// List articles with selected fields.
///
/// As `listFullArticles`, each with the members that `fields` names and no others. Bodies are read
/// only where a member needs them.
#[utoipa::path(tag = "articles", operation_id = "listPartialArticles",
    params(FieldSelection, ArticleFilters, ArticleOrdering, CountRequest, PageRequest),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "A page of articles.", body = PartialArticleList)))]
#[get("/v1/articles/partial")]
pub async fn list_partial_articles(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListPartialArticles>,
) -> Result<HttpResponse> {
    let ListPartialArticles { list, fields } = params.0;
    let operation = ListOperation {
        secrets,
        path: "/v1/articles/partial",
        shape: fields.shape(),
        access,
        formats: Vec::new(),
    };
    let is_brief = list.is_brief() && operation.shape == ArticleShape::Card;
    let answer = reading
        .read_as(is_brief, move |conn, setting| {
            operation.page(conn, setting, &list, Some(&fields))
        })
        .await?;
    Ok(answer.respond(&reply))
}

/// What answering a list takes beside its parameters.
struct ListOperation {
    secrets: Data<Secrets>,
    path: &'static str,
    shape: ArticleShape,
    access: ReaderAccess,
    formats: Vec<BodyFormat>,
}

impl ListOperation {
    fn page(
        &self,
        conn: &mut Conn,
        setting: &AnswerContext<'_>,
        list: &ListArticles,
        fields: Option<&FieldSelection>,
    ) -> Result<GatedAnswer> {
        let filter = list.filters.filter(conn, setting.frame)?;
        let (mut articles, page) =
            list.ordering
                .page_of(conn, setting, &self.secrets, self.path, self.shape, &filter)?;
        let audience = match self.shape {
            ArticleShape::Teaser | ArticleShape::Card => Audience::Everybody,
            ArticleShape::Full => gate::open(conn, self.access, &mut articles)?,
        };
        let mut composed = AnswerJson::default();
        let items = match (self.shape, fields) {
            (ArticleShape::Full, fields) => {
                composed.push_articles(conn, setting, &articles, &self.formats)?;
                match fields {
                    Some(fields) => fields.pick(&composed.json)?,
                    None => std::mem::take(&mut composed.json),
                }
            }
            (_, None) => {
                composed.push_cards(setting, &articles);
                std::mem::take(&mut composed.json)
            }
            (_, Some(fields)) => picked_of_cards(setting, &mut composed, &articles, fields)?,
        };
        let info = serde_json::to_string(&page).map_err(Error::internal)?;
        let mut keys = list.filters.surrogate_keys(&filter);
        if self.shape == ArticleShape::Full {
            // What they link to, and where they are in other languages, may be anywhere.
            keys.push(SurrogateKey::Articles);
        }
        composed.json = format!("{{\"items\":[{items}],\"page\":{info}}}");
        Ok(GatedAnswer::new(composed.answer(keys).page(&page), audience))
    }
}

/// What is chosen of each card. They are composed one after the other in the same place, and each is read only as far as
/// its last chosen member.
fn picked_of_cards(
    setting: &AnswerContext<'_>,
    composed: &mut AnswerJson,
    articles: &[PublishedArticle],
    fields: &FieldSelection,
) -> Result<String> {
    let mut items = String::new();
    for article in articles {
        if !items.is_empty() {
            items.push(',');
        }
        composed.json.clear();
        composed.push_cards(setting, std::slice::from_ref(article));
        fields.pick_of(&composed.json, &mut items)?;
    }
    Ok(items)
}
