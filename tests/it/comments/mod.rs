//! Comments: submitted, decided on, shown and counted. [`Thread`] is an article whose comments wait for a moderator.

mod captcha;
mod deciding;
mod moderation;
mod pipeline;
mod privacy;
mod readers;
mod repetitions;
mod sanctions;
mod spam;
mod submitting;
mod threads;
mod words;

use serde_json::Value;

use crate::support::newsroom::newsroom;
use crate::support::{Answer, Client, TestApp};

const QUEUE: &str = "/v1/editorial/moderation/queue";

/// An article and what is written below it.
struct Thread {
    app: TestApp,
    admin: Client,
    section: String,
    article: String,
}

impl Thread {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let article = admin.published("Titre", &section).await;
        Self {
            app,
            admin,
            section,
            article,
        }
    }

    fn path(&self) -> String {
        format!("/v1/articles/{}/comments", self.article)
    }

    async fn post(&self, body: Value) -> Answer {
        self.app.guest().post(&self.path(), body).await
    }

    async fn write(&self, body: &str, parent: Option<&str>) -> String {
        self.app.guest().comment(&self.article, body, parent).await
    }

    async fn approved(&self, body: &str, parent: Option<&str>) -> String {
        let id = self.write(body, parent).await;
        self.admin.decide(&id, "approve").await.expect(200);
        id
    }

    /// The count on the card, once it may be kept no longer, which the article must repeat.
    async fn count(&self) -> i64 {
        self.app.clock.advance_seconds(31);
        let card = self.app.guest().get("/v1/articles").await.expect(200).json["items"][0]["comment_count"].clone();
        let whole = self
            .app
            .guest()
            .get(&format!("/v1/articles/{}", self.article))
            .await
            .expect(200);
        assert_eq!(card, whole.json["comment_count"]);
        card.as_i64().unwrap()
    }

    async fn threads(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}?{query}", self.path()))
            .await
            .expect(200)
    }

    async fn log(&self, comment: &str) -> Vec<Value> {
        let context = self
            .admin
            .get(&format!("/v1/editorial/comments/{comment}"))
            .await
            .expect(200);
        context.json["log"].as_array().unwrap().clone()
    }
}

/// The text of each thread's first comment, with those of its answers.
fn texts(threads: &Answer) -> Vec<(String, Vec<String>)> {
    let text = |comment: &Value| comment["body"].as_str().unwrap().to_owned();
    threads.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|thread| {
            (
                text(&thread["comment"]),
                thread["replies"].as_array().unwrap().iter().map(text).collect(),
            )
        })
        .collect()
}
