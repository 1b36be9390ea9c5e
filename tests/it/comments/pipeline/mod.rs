//! What the phases need of the database and of the request: who wrote, what they wrote before, what holds
//! against them. The phases themselves have a table beside them, in `src`.

mod captchas;
mod holds;
mod names;
mod payloads;
mod sending;

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// An article that shows comments at once, and a reader's way to it.
struct Discussion {
    app: TestApp,
    admin: Client,
    article: String,
}

impl Discussion {
    async fn new(policy: Value) -> Self {
        let app = TestApp::new().await;
        let admin = app.user(Role::Admin);
        let section = admin.section("News", None).await;
        let article = admin.draft("Le port", &section).await;
        admin
            .edit(&article, json!({"comment_policy": policy}))
            .await
            .expect(200);
        admin.publish(&article).await.expect(200);
        Self { app, admin, article }
    }

    async fn reader(&self) -> String {
        self.app.reader_token().await
    }

    async fn send(&self, reader: Option<&str>, body: Value) -> Answer {
        let path = format!("/v1/articles/{}/comments", self.article);
        let asking = self.app.guest().request(Method::POST, &path);
        let asking = match reader {
            Some(token) => asking.header("x-reader-token", token),
            None => asking,
        };
        asking.json(body).send().await
    }

    async fn write(&self, reader: Option<&str>, text: &str) -> Answer {
        self.send(reader, json!({"author_name": "Koffi", "body": text})).await
    }

    /// Why a comment waits, by phase.
    async fn holds(&self, id: &str) -> Vec<(String, String)> {
        let seen = self
            .admin
            .get(&format!("/v1/editorial/comments/{id}"))
            .await
            .expect(200);
        let verdicts = seen.json["comment"]["verdicts"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        verdicts
            .iter()
            .filter(|verdict| verdict["verdict"] == "hold")
            .map(|verdict| (text(&verdict["phase"]), text(&verdict["reason"])))
            .collect()
    }
}
