//! Lists of cards and of whole articles.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::query::{ArticleFilters, ListArticles, Ordering};
use crate::app::PublicUrl;
use crate::articles::published::{self, ArticleSort, CardPage, Composed, PublicArticlePage, Setting, Shape};
use crate::auth::secrets::Secrets;
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::error::{Error, Result};
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::PageRequest;
use crate::http::query::Params;
use crate::site::Frames;

/// List articles.
///
/// Cards of live articles, newest first. No card is repeated or left out while others are published
/// and withdrawn.
#[utoipa::path(tag = "articles", operation_id = "listArticles", params(ArticleFilters, Ordering, PageRequest),
    responses((status = 200, description = "A page of cards.", body = CardPage)))]
#[get("/v1/articles")]
async fn list_articles(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    public_url: Data<PublicUrl>,
    reader: Conditional,
    params: Params<ListArticles>,
) -> Result<HttpResponse> {
    let asked = Asked {
        frames,
        secrets,
        public_url,
        now: db.clock().now(),
        path: "/v1/articles",
        shape: Shape::Card,
    };
    let fresh = db.read(move |conn| asked.page(conn, &params.0)).await?;
    Ok(reader.respond(fresh))
}

/// List articles whole.
///
/// As `listArticles`, each with its body.
#[utoipa::path(tag = "articles", operation_id = "listFullArticles", params(ArticleFilters, Ordering, PageRequest),
    responses((status = 200, description = "A page of articles.", body = PublicArticlePage)))]
#[get("/v1/articles/full")]
async fn list_full_articles(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    public_url: Data<PublicUrl>,
    reader: Conditional,
    params: Params<ListArticles>,
) -> Result<HttpResponse> {
    let asked = Asked {
        frames,
        secrets,
        public_url,
        now: db.clock().now(),
        path: "/v1/articles/full",
        shape: Shape::Full,
    };
    let fresh = db.read(move |conn| asked.page(conn, &params.0)).await?;
    Ok(reader.respond(fresh))
}

/// What answering a list takes beside its parameters.
struct Asked {
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    public_url: Data<PublicUrl>,
    now: Time,
    path: &'static str,
    shape: Shape,
}

impl Asked {
    fn page(&self, conn: &mut Conn, list: &ListArticles) -> Result<Fresh> {
        let frame = self.frames.current(conn)?;
        let filter = list.filters.filter(conn, &frame)?;
        let Ordering { sort, page } = &list.ordering;
        let binding = list.ordering.binding(self.path, &filter);
        let after = list.ordering.after(&self.secrets, &binding)?;
        let lives = published::list(conn, self.shape, &filter, *sort, after.as_ref(), page.fetch())?;
        let (lives, page) = page.finish(lives, &self.secrets, &binding, |live| match sort {
            ArticleSort::UpdatedFirst => [live.updated_at.to_string(), live.id.to_string()],
            _ => [live.position.to_string(), String::new()],
        })?;
        let setting = Setting {
            frame: &frame,
            public_url: &self.public_url.0,
            now: self.now,
        };
        let mut composed = Composed {
            json: String::from("{\"items\":["),
            next_change: None,
        };
        match self.shape {
            Shape::Card => composed.push_cards(&setting, &lives),
            Shape::Full => composed.push_articles(conn, &setting, &lives)?,
        }
        let info = serde_json::to_string(&page).map_err(Error::internal)?;
        composed.json.push_str(&format!("],\"page\":{info}}}"));
        Ok(Fresh {
            body: composed.json,
            keys: vec!["articles".to_owned()],
            next_change: composed.next_change,
            next_cursor: page.next_cursor,
        })
    }
}

pub(in crate::articles) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_articles).service(list_full_articles);
}
