//! Who comments is forgotten: by itself when time is up, and when they ask.

mod forgetting;
mod own_data;
mod requests;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::{comment_reactions, comment_reports, comment_versions, comments};
use masthead::base::ids::CommentId;
use masthead::base::secrets::sha256;
use masthead::comments::identity::SanctionId;
use masthead::comments::privacy::key_rotation;
use masthead::comments::privacy::retention::{self, RetentionDays};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

fn comment_row(app: &TestApp, id: &str) -> Option<Value> {
    let of = |(table, row): &(&str, Value)| *table == "comments" && row["id"] == id;
    app.rows().into_iter().find(of).map(|(_, row)| row)
}

async fn live(app: &TestApp) -> (Client, String) {
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let article = admin.published("Le port", &section).await;
    (admin, article)
}

async fn send(app: &TestApp, article: &str, body: Value) -> Answer {
    app.guest()
        .post(&format!("/v1/articles/{article}/comments"), body)
        .await
}

async fn forget(app: &TestApp, days: u32) {
    retention::run(app.db(), RetentionDays(days)).await.unwrap();
}

fn rotate(app: &TestApp) -> i32 {
    let now = app.now();
    app.db()
        .write_blocking(move |conn| key_rotation::rotate(conn, now))
        .unwrap()
}

/// A word that stands in every text of the person.
const MARKER: &str = "zinzolin";
const NAME: &str = "Awa Sowolé";
const EMAIL: &str = "awa@example.org";

/// Somebody with a reader token, who writes, answers, likes and reports.
struct Reader {
    app: TestApp,
    admin: Client,
    article: String,
    token: String,
    /// Their comments: one that is shown and answered, one that waits, one that was rejected.
    comments: Vec<String>,
    answer: String,
}

async fn as_reader(app: &TestApp, token: &str, path: &str, body: Value) -> Answer {
    let asking = app.guest().request(Method::POST, path).header("x-reader-token", token);
    asking.json(body).send().await
}

async fn reader() -> Reader {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let token = app.reader_token().await;
    let list = format!("/v1/articles/{article}/comments");
    let other = app.guest().comment(&article, "Quelqu’un d’autre", None).await;
    admin.decide(&other, "approve").await.expect(200);
    let mut comments = Vec::new();
    for (number, decision) in [(1, Some("approve")), (2, None), (3, Some("reject"))] {
        let body = json!({"author_name": NAME, "body": format!("Mot {MARKER} {number} connard"), "email": EMAIL});
        let asking = app
            .guest()
            .request(Method::POST, &list)
            .header("x-reader-token", &token);
        let asking = asking.header("idempotency-key", &format!("clef-{number}"));
        let id = asking.json(body).send().await.expect(202).id();
        if let Some(decision) = decision {
            let note = json!({"note": format!("{NAME} a écrit {MARKER}")});
            let path = format!("/v1/editorial/comments/{id}/actions/{decision}");
            admin.post(&path, note).await.expect(200);
        }
        comments.push(id);
    }
    let answer = app.guest().comment(&article, "Je réponds", Some(&comments[0])).await;
    admin.decide(&answer, "approve").await.expect(200);
    let (digest, mine, others) = (sha256(token.as_bytes()), comments[0].clone(), other.clone());
    let now = app.now();
    app.db()
        .write_blocking(move |conn| {
            let (mine, others) = (CommentId::parse(&mine).unwrap(), CommentId::parse(&others).unwrap());
            diesel::insert_into(comment_versions::table)
                .values((
                    comment_versions::comment_id.eq(mine),
                    comment_versions::number.eq(1),
                    comment_versions::body.eq(format!("Avant {MARKER}")),
                    comment_versions::state.eq("pending"),
                    comment_versions::verdicts.eq("[]"),
                    comment_versions::written_at.eq(now),
                ))
                .execute(conn)?;
            diesel::update(comments::table.find(mine))
                .set(comments::edited_at.eq(now))
                .execute(conn)?;
            for (comment, by, note) in [
                (mine, "autre", "Il dit zinzolin"),
                (others, digest.as_str(), "Moi zinzolin"),
            ] {
                diesel::insert_into(comment_reactions::table)
                    .values((
                        comment_reactions::comment_id.eq(comment),
                        comment_reactions::reader_digest.eq(by),
                        comment_reactions::at.eq(now),
                    ))
                    .execute(conn)?;
                diesel::insert_into(comment_reports::table)
                    .values((
                        comment_reports::id.eq(SanctionId::new().to_string()),
                        comment_reports::comment_id.eq(comment),
                        comment_reports::reader_digest.eq(by),
                        comment_reports::reason.eq("abuse"),
                        comment_reports::note.eq(note),
                        comment_reports::at.eq(now),
                    ))
                    .execute(conn)?;
                diesel::update(comments::table.find(comment))
                    .set((comments::reaction_count.eq(1_i64), comments::report_count.eq(1_i64)))
                    .execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
    Reader {
        app,
        admin,
        article,
        token,
        comments,
        answer,
    }
}

/// Rows in which one of these texts stands.
fn telling(app: &TestApp, texts: &[&str]) -> Vec<(&'static str, Value)> {
    let tells = |row: &Value| texts.iter().any(|text| row.to_string().contains(text));
    app.rows().into_iter().filter(|(_, row)| tells(row)).collect()
}

fn visible_count(app: &TestApp, article: &str) -> Value {
    let of = |(table, row): &(&str, Value)| *table == "comment_counts" && row["article_id"] == article;
    app.rows()
        .into_iter()
        .find(of)
        .map_or(json!(0), |(_, row)| row["approved"].clone())
}
