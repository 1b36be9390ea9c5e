//! Lists of cards, of whole articles and of some of their members.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::partial::{Fields, ListPartialArticles, PartialArticlePage};
use super::query::{ArticleFilters, ListArticles, Ordering};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{Conditional, Fresh};
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::http::query::Params;
use crate::base::secrets::Secrets;
use crate::delivery::public_article::PublicArticlePage;
use crate::delivery::reading::Reading;
use crate::published::{CardPage, Composed, Setting, Shape};

/// List articles.
///
/// Cards of live articles, newest first. No card is repeated or left out while others are published
/// and withdrawn.
#[utoipa::path(tag = "articles", operation_id = "listArticles", params(ArticleFilters, Ordering, CountRequest, PageRequest),
    responses((status = 200, description = "A page of cards.", body = CardPage)))]
#[get("/v1/articles")]
pub async fn list_articles(
    reading: Reading,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListArticles>,
) -> Result<HttpResponse> {
    let asked = Asked {
        secrets,
        path: "/v1/articles",
        shape: Shape::Card,
    };
    let fresh = reading
        .read(move |conn, setting| asked.page(conn, setting, &params.0, None))
        .await?;
    Ok(reader.respond(fresh))
}

/// List articles whole.
///
/// As `listArticles`, each with its body.
#[utoipa::path(tag = "articles", operation_id = "listFullArticles", params(ArticleFilters, Ordering, CountRequest, PageRequest),
    responses((status = 200, description = "A page of articles.", body = PublicArticlePage)))]
#[get("/v1/articles/full")]
pub async fn list_full_articles(
    reading: Reading,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListArticles>,
) -> Result<HttpResponse> {
    let asked = Asked {
        secrets,
        path: "/v1/articles/full",
        shape: Shape::Full,
    };
    let fresh = reading
        .read(move |conn, setting| asked.page(conn, setting, &params.0, None))
        .await?;
    Ok(reader.respond(fresh))
}

/// List some members of articles.
///
/// As `listFullArticles`, each with the members that `fields` names and no others. Bodies are read
/// only where a member needs them.
#[utoipa::path(tag = "articles", operation_id = "listPartialArticles",
    params(Fields, ArticleFilters, Ordering, CountRequest, PageRequest),
    responses((status = 200, description = "A page of articles.", body = PartialArticlePage)))]
#[get("/v1/articles/partial")]
pub async fn list_partial_articles(
    reading: Reading,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListPartialArticles>,
) -> Result<HttpResponse> {
    let ListPartialArticles { list, fields } = params.0;
    let asked = Asked {
        secrets,
        path: "/v1/articles/partial",
        shape: fields.shape(),
    };
    let fresh = reading
        .read(move |conn, setting| asked.page(conn, setting, &list, Some(&fields)))
        .await?;
    Ok(reader.respond(fresh))
}

/// What answering a list takes beside its parameters.
struct Asked {
    secrets: Data<Secrets>,
    path: &'static str,
    shape: Shape,
}

impl Asked {
    fn page(
        &self,
        conn: &mut Conn,
        setting: &Setting<'_>,
        list: &ListArticles,
        fields: Option<&Fields>,
    ) -> Result<Fresh> {
        let filter = list.filters.filter(conn, setting.frame)?;
        let (lives, page) = list
            .ordering
            .page_of(conn, &self.secrets, self.path, self.shape, &filter)?;
        let mut composed = Composed::default();
        match self.shape {
            Shape::Card => composed.push_cards(setting, &lives),
            Shape::Full => composed.push_articles(conn, setting, &lives)?,
        }
        let items = match fields {
            Some(fields) => fields.pick(&composed.json)?,
            None => composed.json,
        };
        let info = serde_json::to_string(&page).map_err(Error::internal)?;
        Ok(Fresh {
            body: format!("{{\"items\":[{items}],\"page\":{info}}}"),
            keys: vec!["articles".to_owned()],
            next_change: composed.next_change,
            next_cursor: page.next_cursor,
        })
    }
}
