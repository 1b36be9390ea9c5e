//! What is behind a gate: an article that not everybody may read whole, and who gets what of it.

mod entitlements;
mod previews;
mod published_keys;

use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::requests::escaped;
use crate::support::{Client, TestApp};

/// What is told of an article at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// As much of its body as whoever asks may read.
    Article,
    /// Its body, where everybody may read it.
    Feed,
    /// Something else.
    Beside,
}

/// What only those may read who may read it all.
const HIDDEN: &str = "zephyr aurochs quincaille";
const PATH: &str = "/news/la-grue";

/// A newsroom whose one article in the section has this access: two blocks and an advertisement, then what is hidden.
struct Gate {
    app: TestApp,
    admin: Client,
    id: String,
}

impl Gate {
    async fn new(access: &str) -> Self {
        let (app, admin, section) = newsroom().await;
        let elsewhere = admin.section("Ailleurs", None).await;
        let linked = admin.published("Le phare", &elsewhere).await;
        let blocks = json!([
            {"type": "paragraph", "html": "Premier."}, {"type": "ad_slot", "slot": "inline-1"},
            {"type": "paragraph", "html": "Second."}, {"type": "paragraph", "html": format!("Le {HIDDEN} final.")},
            {"type": "interlink", "article_id": linked},
        ]);
        let id = admin
            .make(
                json!({"locale": "fr", "title": "La grue", "standfirst": "Debout.", "section_id": section,
                "access": access, "blocks": blocks}),
            )
            .await;
        admin.publish(&id).await.expect(200);
        Self { app, admin, id }
    }

    /// Every door at which the article is told of.
    fn doors(&self) -> Vec<(String, Door)> {
        let (id, path) = (&self.id, escaped(PATH));
        let all = "related,translations,packages,comments,jsonld";
        let forms = "body_format=html,text,markdown";
        let doors = [
            (format!("/v1/articles/{id}"), Door::Article),
            (format!("/v1/articles/{id}?include={all}"), Door::Article),
            (format!("/v1/articles/by-path?path={path}"), Door::Article),
            ("/v1/articles/full?section=/news".to_owned(), Door::Article),
            (
                "/v1/articles/partial?section=/news&fields=blocks,id".to_owned(),
                Door::Article,
            ),
            (format!("/v1/pages/article?path={path}"), Door::Article),
            (format!("/v1/pages?path={path}"), Door::Article),
            (format!("/v1/pages?path={path}&cards=full&include={all}"), Door::Article),
            (format!("/v1/articles/{id}?{forms}"), Door::Article),
            (format!("/v1/articles/by-path?path={path}&{forms}"), Door::Article),
            (format!("/v1/articles/full?section=/news&{forms}"), Door::Article),
            (format!("/v1/pages/article?path={path}&{forms}"), Door::Article),
            (format!("/v1/pages?path={path}&{forms}"), Door::Article),
            ("/v1/pages?path=/news&cards=full".to_owned(), Door::Beside),
            ("/v1/pages?path=/".to_owned(), Door::Beside),
            ("/v1/articles?section=/news&view=teaser".to_owned(), Door::Beside),
            ("/feeds/rss?section=/news&content=full".to_owned(), Door::Feed),
            ("/feeds/atom?section=/news&content=full".to_owned(), Door::Feed),
            ("/feeds/json?section=/news&content=full".to_owned(), Door::Feed),
            ("/feeds/json?section=/news".to_owned(), Door::Beside),
            ("/v1/articles?section=/news".to_owned(), Door::Beside),
            (
                "/v1/articles/partial?fields=title,seo,source,ad_placements".to_owned(),
                Door::Beside,
            ),
            ("/v1/pages/section?path=/news".to_owned(), Door::Beside),
            ("/v1/pages/home".to_owned(), Door::Beside),
            ("/v1/search?q=grue".to_owned(), Door::Beside),
            ("/v1/search?q=premier".to_owned(), Door::Beside),
            ("/v1/search/suggest?q=grue".to_owned(), Door::Beside),
            ("/sitemap-news.xml".to_owned(), Door::Beside),
            ("/sitemaps/articles-2026-11.xml".to_owned(), Door::Beside),
            (format!("/v1/articles/{id}/corrections"), Door::Beside),
        ];
        doors.to_vec()
    }

    async fn article(&self) -> Value {
        self.app
            .guest()
            .get(&format!("/v1/articles/{}", self.id))
            .await
            .expect(200)
            .json
    }
}
