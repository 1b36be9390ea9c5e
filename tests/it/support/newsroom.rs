//! A newsroom and its articles: what most tests begin with.
//!
//! ```ignore
//! let (app, admin, section) = newsroom().await; // the section is /news
//! let id = admin.draft("Le port", &section).await;
//! admin.edit(&id, json!({"kicker": "Économie"})).await.expect(200);
//! admin.take(&id, "publish", json!({})).await.expect(200);
//! assert_eq!(app.by_path("/news/le-port").await.expect(200).id(), id);
//! ```

use std::future::Future;

use diesel::prelude::*;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::articles::revisions::store::content_json;
use masthead::base::db::schema::article_revisions;
use masthead::base::ids::{ArticleId, SectionId};
use masthead::site::settings::Site;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::client::Client;
use super::requests::escaped;

/// The desk's address of all articles.
pub const ARTICLES: &str = "/v1/editorial/articles";
/// An id that nothing has.
pub const UNKNOWN_ID: &str = "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f";

/// A site, its admin, and the id of its one section, `/news`.
pub async fn newsroom() -> (TestApp, Client, String) {
    newsroom_of(&Site::default()).await
}

/// The same in French and English.
pub async fn bilingual_newsroom() -> (TestApp, Client, String) {
    newsroom_of(&bilingual()).await
}

async fn newsroom_of(settings: &Site) -> (TestApp, Client, String) {
    let app = TestApp::with_site(settings).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    (app, admin, section)
}

/// The settings of a site in French and English.
pub fn bilingual() -> Site {
    Site {
        locales: vec!["fr".to_owned(), "en".to_owned()],
        ..Site::default()
    }
}

/// The desk's address of an article.
pub fn desk(id: &str) -> String {
    format!("/v1/editorial/articles/{id}")
}

/// The desk's address of an action.
pub fn action(id: &str, action: &str) -> String {
    format!("/v1/editorial/articles/{id}/actions/{action}")
}

/// A section's id as its type.
pub fn section_id(id: &str) -> SectionId {
    SectionId::parse(id).unwrap()
}

impl TestApp {
    /// The ids in the public list of articles, in order.
    pub async fn listed(&self, query: &str) -> Vec<String> {
        self.guest()
            .get(&format!("/v1/articles?{query}"))
            .await
            .expect(200)
            .items("id")
    }

    /// What the public path of an article answers.
    pub async fn by_path(&self, path: &str) -> Answer {
        let address = format!("/v1/articles/by-path?path={}", escaped(path));
        self.guest().get(&address).await
    }

    /// What stands at a public path, or where it leads.
    pub async fn resolve(&self, path: &str) -> Answer {
        self.guest().get(&format!("/v1/resolve?path={}", escaped(path))).await
    }
}

impl Client {
    /// Makes a section; its id.
    pub async fn section(&self, label: &str, parent: Option<&str>) -> String {
        let body = json!({"label": label, "parent_id": parent});
        self.post("/v1/editorial/sections", body).await.expect(201).id()
    }

    /// Makes a tag; its id.
    pub async fn tag(&self, label: &str) -> String {
        self.post("/v1/editorial/tags", json!({"kind": "topic", "label": label}))
            .await
            .expect(201)
            .id()
    }

    /// Makes a contributor; the id.
    pub async fn contributor(&self, name: &str) -> String {
        self.post("/v1/editorial/contributors", json!({"name": name}))
            .await
            .expect(201)
            .id()
    }

    /// Makes a draft with a title in a section; its id.
    pub async fn draft(&self, title: &str, section: &str) -> String {
        let body = json!({"locale": "fr", "title": title, "section_id": section,
            "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
        self.post("/v1/editorial/articles", body).await.expect(201).id()
    }

    /// Makes an article of these members; its id.
    pub async fn make(&self, body: Value) -> String {
        self.post("/v1/editorial/articles", body).await.expect(201).id()
    }

    /// Changes the article as it stands.
    pub async fn edit(&self, id: &str, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.patch(&desk(id), version, body).await
    }

    /// Acts on the article as it stands.
    pub async fn take(&self, id: &str, name: &str, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.act(&action(id, name), version, body).await
    }

    /// Publishes an article as it stands; the answer.
    pub async fn publish(&self, id: &str) -> Answer {
        let version = self.version_of(&format!("/v1/editorial/articles/{id}")).await;
        self.act(
            &format!("/v1/editorial/articles/{id}/actions/publish"),
            version,
            json!({}),
        )
        .await
    }

    /// Makes an article and publishes it; its id.
    pub async fn published(&self, title: &str, section: &str) -> String {
        let id = self.draft(title, section).await;
        self.publish(&id).await.expect(200);
        id
    }

    /// Moves a section.
    pub async fn move_section(&self, id: &str, parent: Option<&str>) -> Answer {
        let path = format!("/v1/editorial/sections/{id}");
        let version = self.version_of(&path).await;
        self.act(&format!("{path}/actions/move"), version, json!({"parent_id": parent}))
            .await
    }
}

/// An article in this state whose working copy is at this review and differs from what is live.
pub async fn article_in_state(admin: &Client, section: &str, state: ArticleState, review: ArticleReview) -> String {
    let id = admin.draft("Le port", section).await;
    let take = async |name: &str, body: Value| admin.take(&id, name, body).await.expect(200);
    if ![ArticleState::Draft, ArticleState::Trashed].contains(&state) {
        take("publish", json!({})).await;
    }
    match state {
        ArticleState::Unpublished => drop(take("unpublish", json!({})).await),
        ArticleState::Retracted => drop(take("retract", json!({"notice": "Inexact."})).await),
        _ => {}
    }
    admin.edit(&id, json!({"kicker": "Économie"})).await.expect(200);
    if review != ArticleReview::NotSubmitted {
        take("submit", json!({})).await;
    }
    if review == ArticleReview::Ready {
        take("approve", json!({})).await;
    }
    match state {
        ArticleState::Trashed => drop(take("trash", json!({})).await),
        ArticleState::Killed => drop(take("kill", json!({"reason": "Jugement."})).await),
        _ => {}
    }
    id
}

/// A publish of what was read at this version, to be sent beside others.
pub fn publishing(admin: &Client, id: &str, version: i64) -> impl Future<Output = Answer> + 'static {
    let (admin, path) = (admin.clone(), action(id, "publish"));
    async move { admin.act(&path, version, json!({})).await }
}

/// Puts something into the content of an article's revision; what stood there.
pub fn spoil_revision(app: &TestApp, id: &str, number: i32, content: &str) -> String {
    let (id, content) = (ArticleId::parse(id).unwrap(), content.to_owned());
    app.db()
        .write_blocking(move |conn| {
            let old = content_json(conn, id, number)?;
            diesel::update(article_revisions::table.find((id, number)))
                .set((
                    article_revisions::content.eq(&content),
                    article_revisions::packed.eq(None::<Vec<u8>>),
                ))
                .execute(conn)?;
            Ok(old)
        })
        .unwrap()
}
