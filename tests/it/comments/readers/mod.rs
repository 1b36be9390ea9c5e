//! What readers do with comments. [`Forum`] is an article below which comments show at once.

mod lists;
mod own_comments;
mod reactions;
mod reports;
mod sequences;
mod staff;

use actix_web::http::Method;
use masthead::base::ids::ArticleId;
use masthead::base::secrets::sha256;
use masthead::comments::model::{Comment, CommentState};
use masthead::comments::store as rows;
use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::{Answer, Client, TestApp};

/// An article below which comments show at once.
struct Forum {
    app: TestApp,
    admin: Client,
    section: String,
    article: String,
}

/// A comment and the token of its author.
#[derive(Clone, Debug)]
struct Written {
    id: String,
    edit_token: String,
}

impl Forum {
    async fn new() -> Self {
        Self::with_policy(json!({"mode": "post_moderated"})).await
    }

    async fn with_policy(policy: Value) -> Self {
        let (app, admin, section) = newsroom().await;
        let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "comment_policy": policy});
        let article = admin.make(body).await;
        admin.publish(&article).await.expect(200);
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

    async fn reader(&self) -> String {
        self.app.reader_token().await
    }

    async fn write(&self, body: &str, parent: Option<&str>) -> Written {
        let sent = json!({"author_name": "Koffi", "body": body, "parent_id": parent});
        let taken = self.app.guest().post(&self.path(), sent).await;
        assert!([201, 202].contains(&taken.status), "{}", taken.text);
        Written {
            id: taken.id(),
            edit_token: taken.json["edit_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Puts a shown comment straight into the database, as `change` wants it.
    fn place(&self, body: &str, parent: Option<&Comment>, change: impl Fn(&mut Comment)) -> Comment {
        let article = ArticleId::parse(&self.article).unwrap();
        let mut comment = Comment::new(article, "Koffi".to_owned(), body.to_owned(), self.app.now());
        if let Some(parent) = parent {
            comment = comment.below(parent);
        }
        comment.state = CommentState::Approved;
        change(&mut comment);
        self.app
            .db()
            .write_blocking(move |conn| rows::insert(conn, comment.clone()))
            .unwrap()
    }

    fn row(&self, id: &str) -> Comment {
        let id = masthead::base::ids::CommentId::parse(id).unwrap();
        self.app.db().read_blocking(|conn| rows::get(conn, id)).unwrap()
    }

    async fn react(&self, method: Method, id: &str, reader: &str) -> Answer {
        let path = format!("/v1/comments/{id}/reaction");
        let asking = self.app.guest().request(method, &path);
        asking.header("x-reader-token", reader).send().await
    }

    /// A report by a reader, each of whom has a network of their own.
    async fn report(&self, id: &str, reader: &str, body: Value) -> Answer {
        let digest = sha256(reader.as_bytes());
        let [a, b, c, ..] = digest.as_bytes() else {
            unreachable!()
        };
        self.report_from([10, *a, *b, *c], id, reader, body).await
    }

    async fn report_from(&self, address: [u8; 4], id: &str, reader: &str, body: Value) -> Answer {
        let path = format!("/v1/comments/{id}/reports");
        let asking = self.app.guest().request(Method::POST, &path).at_address(address);
        asking.header("x-reader-token", reader).json(body).send().await
    }

    async fn change(&self, id: &str, token: &str, body: Value) -> Answer {
        let asking = self
            .app
            .guest()
            .request(Method::PATCH, &format!("/v1/comments/{id}"))
            .header("x-edit-token", token);
        asking
            .bytes("application/merge-patch+json", body.to_string())
            .send()
            .await
    }

    async fn take_back(&self, id: &str, token: &str) -> Answer {
        let asking = self.app.guest().request(Method::DELETE, &format!("/v1/comments/{id}"));
        asking.header("x-edit-token", token).send().await
    }

    async fn threads(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}?limit=100&{query}", self.path()))
            .await
            .expect(200)
    }

    async fn flat(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}/flat?limit=100&{query}", self.path()))
            .await
            .expect(200)
    }

    /// The count, which the card, the article and the batch must tell alike.
    async fn count(&self) -> i64 {
        let guest = self.app.guest();
        let whole = guest.get(&format!("/v1/articles/{}", self.article)).await.expect(200);
        let batch = format!("/v1/comments/counts?article_id={}", self.article);
        let batch = guest.get(&batch).await.expect(200);
        assert_eq!(batch.json["counts"][0]["comment_count"], whole.json["comment_count"]);
        whole.json["comment_count"].as_i64().unwrap()
    }

    async fn log(&self, id: &str) -> Vec<(String, String, bool)> {
        let context = self
            .admin
            .get(&format!("/v1/editorial/comments/{id}"))
            .await
            .expect(200);
        let log = context.json["log"].as_array().unwrap().clone();
        log.iter()
            .map(|entry| {
                let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
                (text("to_state"), text("reason"), entry["moderator_id"].is_null())
            })
            .collect()
    }
}

fn thread_ids(page: &Answer) -> Vec<String> {
    let items = page.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|thread| thread["comment"]["id"].as_str().unwrap().to_owned())
        .collect()
}
