//! The moderators' desk.

mod decisions;
mod queue;
mod races;
mod rights;
mod search;

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::ids::ArticleId;
use masthead::comments::model::Comment;
use masthead::comments::store;
use serde_json::Value;

use super::QUEUE;
use crate::support::newsroom::newsroom;
use crate::support::{Answer, Client, TestApp};

const COUNTS: &str = "/v1/editorial/moderation/counts";
const CLAIM: &str = "/v1/editorial/moderation/claim";
const BULK: &str = "/v1/editorial/comments/bulk";

fn comment_path(id: &str) -> String {
    format!("/v1/editorial/comments/{id}")
}

fn article_id(id: &str) -> ArticleId {
    ArticleId::parse(id).unwrap()
}

/// A comment that waits, written `seconds` after the beginning.
fn waiting(article: &str, seconds: i64) -> Comment {
    let at = Time::parse(crate::support::START).unwrap().plus_seconds(seconds);
    Comment::new(article_id(article), "Koffi".to_owned(), format!("Numéro {seconds}"), at)
}

/// Writes comments as they are; their ids.
fn written(app: &TestApp, new: Vec<Comment>) -> Vec<String> {
    let ids = new.iter().map(|comment| comment.id.to_string()).collect();
    app.db()
        .write_blocking(move |conn| store::insert_all(conn, &new))
        .unwrap();
    ids
}

/// A moderator, and an article with comments that wait.
struct Desk {
    app: TestApp,
    admin: Client,
    moderator: Client,
    section: String,
    article: String,
}

impl Desk {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let article = admin.published("Titre", &section).await;
        let moderator = app.user(Role::Moderator);
        Self {
            app,
            admin,
            moderator,
            section,
            article,
        }
    }

    fn waiting(&self, count: i64) -> Vec<String> {
        written(&self.app, (0..count).map(|n| waiting(&self.article, n)).collect())
    }

    async fn queue(&self, query: &str) -> Vec<String> {
        self.moderator.walk(&format!("{QUEUE}?{query}"), 3).await
    }

    async fn context(&self, id: &str) -> Value {
        self.moderator.get(&comment_path(id)).await.expect(200).json
    }

    async fn bulk(&self, body: Value) -> Answer {
        self.moderator.post(BULK, body).await
    }

    /// How SQLite goes about the first statement of an answer that contains this.
    async fn plan_of(&self, path: &str, part: &str) -> Vec<String> {
        let (answer, asked) = self.app.statements_of(self.moderator.get(path)).await;
        answer.expect(200);
        let statement = asked.iter().find(|sql| sql.contains(part)).unwrap();
        let (sql, _values) = statement.split_once(" -- binds: ").unwrap();
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let plan = |conn: &mut _| Ok(diesel::sql_query(explained).load::<PlanStep>(conn)?);
        let plan: Vec<PlanStep> = self.app.db().read_blocking(plan).unwrap();
        plan.into_iter().map(|step| step.detail).collect()
    }
}

#[derive(QueryableByName)]
struct PlanStep {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

fn ids_of(answer: &Answer, member: &str) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    answer.json[member].as_array().unwrap().iter().map(id).collect()
}
