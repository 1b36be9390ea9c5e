//! What is taken down stays down: nothing of a killed article is left where somebody could read it, and no backup
//! brings it back.

use actix_web::http::Method;
use masthead::base::ids::ArticleId;
use masthead::site::takedowns;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::backups::{back_up, restore};
use crate::support::contract::operations;
use crate::support::newsroom::{action, desk, newsroom};
use crate::support::{Client, TestApp};

/// A word that stands in every text of the article.
const MARKER: &str = "zinzolin";

fn marked(name: &str) -> String {
    format!("{name} {MARKER}")
}

fn body() -> Value {
    let image = json!({"url": "https://images.example/a.jpg", "alt": marked("alt"), "caption": marked("caption")});
    json!({
        "title": marked("titre"), "kicker": marked("surtitre"), "standfirst": marked("chapeau"), "image": image,
        "blocks": [{"type": "paragraph", "html": format!("<p>{}</p>", marked("texte"))},
                   {"type": "quote", "html": "<p>Dit.</p>", "attribution": marked("qui")}],
        "source": {"name": marked("source")}, "seo": {"title": marked("seo")},
    })
}

/// An article with the marker everywhere a text can stand, live, corrected, and changed since.
async fn marked_article(admin: &Client, section: &str) -> String {
    let mut new = body();
    new["locale"] = json!("fr");
    new["section_id"] = json!(section);
    new["slug"] = json!("adresse");
    let created = admin
        .once("/v1/editorial/articles", None, "creation", new)
        .await
        .expect(201);
    let id = created.id();
    admin
        .once(&action(&id, "publish"), Some(1), "publication", json!({}))
        .await
        .expect(200);
    let notice = json!({"kind": "update", "text": marked("avis")});
    admin.take(&id, "correct", notice).await.expect(200);
    admin
        .edit(&id, json!({"kicker": marked("jamais paru")}))
        .await
        .expect(200);
    let version = admin.version_of(&desk(&id)).await;
    let typed = json!({"base_version": version, "title": marked("pas encore")});
    admin.put(&format!("{}/autosave", desk(&id)), typed).await.expect(200);
    id
}

async fn kill(admin: &Client, id: &str) {
    admin.take(id, "kill", json!({"reason": "Jugement."})).await.expect(200);
}

/// Every answer that a guest or an editor gets about an article, by every operation that reads.
async fn answers(app: &TestApp, editor: &Client, id: &str) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let client = if operation.needs_token() {
            editor.clone()
        } else {
            app.guest()
        };
        let path = operation.path_with(&[id, "1", "2"]);
        let query = match operation.id.as_str() {
            "getArticleByPath" | "resolvePath" => "?path=/news/adresse",
            _ => "",
        };
        let answer = client.get(&format!("{path}{query}")).await;
        answers.push((operation.id.clone(), answer.text));
    }
    answers
}

#[actix_web::test]
async fn nothing_of_a_killed_article_is_left_but_its_sealed_revisions() {
    let app = TestApp::new().await;
    let (admin, publisher) = (app.admin(), app.user(masthead::access::auth::Role::Publisher));
    let section = admin.section("News", None).await;
    let id = marked_article(&admin, &section).await;
    let preview = admin
        .post(&format!("{}/preview-tokens", desk(&id)), json!({}))
        .await
        .expect(201);
    let preview = preview.json["path"].as_str().unwrap();
    assert!(app.guest().get(preview).await.expect(200).text.contains(MARKER));
    let seen = answers(&app, &publisher, &id).await;
    assert!(
        seen.iter().filter(|(_, text)| text.contains(MARKER)).count() >= 5,
        "the marker is seen before"
    );
    kill(&admin, &id).await;
    for (operation, text) in answers(&app, &publisher, &id).await {
        assert!(!text.contains(MARKER), "{operation}: {text}");
    }
    app.guest().get(preview).await.problem(404, "not_found");
    let mut sealed = 0;
    for (table, row) in app.rows().iter().filter(|(_, row)| row.to_string().contains(MARKER)) {
        assert_eq!(*table, "article_revisions", "{row}");
        assert!(!row["sealed_at"].is_null(), "{row}");
        sealed += 1;
    }
    assert!(
        sealed >= 3,
        "what was published and what was last written lies under seal"
    );
    let keys = app
        .rows()
        .into_iter()
        .filter(|(table, row)| *table == "idempotency_keys" && row["resource_id"] == id);
    // The kill's own request had no key, so none is left.
    assert_eq!(keys.count(), 0);
}

#[actix_web::test]
async fn what_was_never_published_goes_under_seal_too() {
    let (app, admin, section) = newsroom().await;
    let id = marked_article(&admin, &section).await;
    kill(&admin, &id).await;
    let last = app
        .rows()
        .into_iter()
        .filter(|(table, row)| *table == "article_revisions" && row["article_id"] == id)
        .max_by_key(|(_, row)| row["number"].as_i64());
    assert!(last.unwrap().1["content"].as_str().unwrap().contains("jamais paru"));
}

#[actix_web::test]
async fn an_older_backup_does_not_bring_back_what_was_taken_down_since() {
    let (app, admin, section) = newsroom().await;
    let killed = marked_article(&admin, &section).await;
    let purged = admin.published("Effacé ensuite", &section).await;
    let dir = TempDir::new().unwrap();
    let older = dir.path().join("older");
    back_up(&app, &older);
    kill(&admin, &killed).await;
    admin.take(&purged, "unpublish", json!({})).await.expect(200);
    admin.take(&purged, "trash", json!({})).await.expect(200);
    let version = admin.version_of(&desk(&purged)).await;
    admin.delete(&desk(&purged), version).await.expect(204);
    let ledger = back_up(&app, &dir.path().join("newer"));
    let check = async |app: &TestApp| {
        let guest = app.guest();
        guest.get(&format!("/v1/articles/{killed}")).await.problem(410, "gone");
        guest
            .get("/v1/articles/by-path?path=/news/adresse")
            .await
            .problem(410, "gone");
        guest
            .get(&format!("/v1/articles/{purged}"))
            .await
            .problem(404, "not_found");
        for (table, row) in app.rows().iter().filter(|(_, row)| row.to_string().contains(MARKER)) {
            assert!(
                *table == "article_revisions" && !row["sealed_at"].is_null(),
                "{table}: {row}"
            );
        }
        admin.get(&desk(&killed)).await.problem(401, "unauthenticated");
    };
    // On the database that knows of the takedowns, and on an empty one that is told of them.
    assert_eq!(restore(&app, &older, &[]).unwrap().replayed, 2);
    check(&app).await;
    let other = TestApp::new().await;
    assert_eq!(restore(&other, &older, &ledger).unwrap().replayed, 2);
    check(&other).await;
    // Once more, over what is there now.
    assert_eq!(restore(&other, &older, &[]).unwrap().replayed, 2);
    check(&other).await;
}

#[actix_web::test]
async fn restoring_loses_no_line_of_audit_or_ledger_and_says_that_it_happened() {
    let (app, admin, section) = newsroom().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&app, &path);
    let id = admin.published("Depuis", &section).await;
    kill(&admin, &id).await;
    restore(&app, &path, &[]).unwrap();
    let acts: Vec<String> = app
        .rows()
        .into_iter()
        .filter(|(table, _)| *table == "audit")
        .map(|(_, row)| row["action"].as_str().unwrap().to_owned())
        .collect();
    for act in ["section.create", "article.publish", "article.kill", "server.restore"] {
        assert_eq!(acts.iter().filter(|known| *known == act).count(), 1, "{act}");
    }
    let known = ArticleId::parse(&id).unwrap();
    let line = app
        .db()
        .read_blocking(|conn| takedowns::find_kill(conn, known))
        .unwrap();
    assert!(line.is_some());
}

#[actix_web::test]
async fn a_backup_gives_no_life_back_to_a_token_that_has_ended_since() {
    let (app, admin, _) = newsroom().await;
    let scopes = || json!([{"permission": "articles:read"}]);
    let (revoked_id, revoked) = admin.api_token(scopes()).await;
    let (rotated_id, rotated) = admin.api_token(scopes()).await;
    let (_, kept) = admin.api_token(scopes()).await;
    let dir = TempDir::new().unwrap();
    let older = dir.path().join("older");
    back_up(&app, &older);
    let path = |id: &str| format!("/v1/editorial/tokens/{id}");
    admin
        .request(Method::DELETE, &path(&revoked_id))
        .send()
        .await
        .expect(204);
    let at_once = json!({"overlap_seconds": 0});
    let rotation = format!("{}/actions/rotate", path(&rotated_id));
    admin.post(&rotation, at_once).await.expect(200);
    let statuses = async |app: &TestApp| {
        let mut statuses = Vec::new();
        for client in [&revoked, &rotated, &kept] {
            let machine = app.guest().with_token(client.token.as_deref().unwrap());
            statuses.push(machine.get("/v1/editorial/tokens/current").await.status);
        }
        statuses
    };
    restore(&app, &older, &[]).unwrap();
    assert_eq!(statuses(&app).await, [401, 401, 200]);
    // A database that has never heard of them has them as the backup does.
    let other = TestApp::new().await;
    restore(&other, &older, &[]).unwrap();
    assert_eq!(statuses(&other).await, [200, 200, 200]);
}
