//! Previews: a link shows what was chosen of an article, for as long as was said, and nothing else.

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::base::db::dump::{TABLES, read_table};
use masthead::base::error::Error;
use serde_json::{Value, json};

use crate::support::checks::assert_has_members_of;
use crate::support::newsroom::{desk, newsroom};
use crate::support::{Answer, Client, TestApp};

fn tokens(id: &str) -> String {
    format!("{}/preview-tokens", desk(id))
}

/// Makes a preview; the id of its token and its path.
async fn preview(client: &Client, id: &str, body: Value) -> (String, String) {
    let made = client.post(&tokens(id), body).await.expect(201);
    (made.id(), made.json["path"].as_str().unwrap().to_owned())
}

async fn end(client: &Client, id: &str, token_id: &str) -> Answer {
    let path = format!("{}/{token_id}", tokens(id));
    client.request(Method::DELETE, &path).send().await
}

async fn title(app: &TestApp, path: &str) -> Value {
    app.guest().get(path).await.expect(200).json["article"]["title"].clone()
}

#[actix_web::test]
async fn a_preview_is_the_article_as_it_would_be_live() {
    let (app, admin, section) = newsroom().await;
    let (tag, awa) = (admin.tag("Eau").await, admin.contributor("Awa Bah").await);
    let linked = admin.published("Avant", &section).await;
    let id = admin.draft("Le port", &section).await;
    let blocks = json!([
        {"type": "paragraph", "html": "<p>Un <strong>port</strong>.</p>"}, {"type": "ad_slot", "slot": "inline-1"},
        {"type": "interlink", "article_id": linked},
    ]);
    let body = json!({"tag_ids": [tag], "contributors": [{"contributor_id": awa}], "blocks": blocks,
        "breaking_until": "2026-11-23T09:00:00Z", "comment_policy": {"mode": "closed"}, "seo": {"title": "Port"}});
    let edited = admin.edit(&id, body).await;
    if edited.status == 422 {
        panic!("{}", edited.text);
    }
    let (_, path) = preview(&admin, &id, json!({})).await;
    let path = format!("{path}?cards=full");
    let before = app.guest().get(&path).await.expect(200).json;
    assert_has_members_of("PublicArticle", &before["article"]);
    assert_eq!(
        (&before["is_preview"], &before["state"]),
        (&json!(true), &json!("draft"))
    );
    assert_eq!(
        (&before["head"]["robots"], &before["head"]["canonical_url"]),
        (&json!("noindex, nofollow"), &Value::Null)
    );
    admin.publish(&id).await.expect(200);
    assert_eq!(before["article"], public(&app, &id).await);
    let after = app.guest().get(&path).await.expect(200).json;
    assert_eq!(
        (&after["is_preview"], &after["state"]),
        (&json!(true), &json!("published"))
    );
}

/// A live article with what its page has beside it.
async fn public(app: &TestApp, id: &str) -> Value {
    let path = format!("/v1/articles/{id}?include=translations,packages,comments");
    app.guest().get(&path).await.expect(200).json
}

#[actix_web::test]
async fn a_preview_of_a_live_article_keeps_its_path_and_shows_what_is_not_public_yet() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let live = public(&app, &id).await;
    admin.edit(&id, json!({"title": "Le nouveau port"})).await.expect(200);
    let (_, path) = preview(&admin, &id, json!({})).await;
    let mut shown = app.guest().get(&path).await.expect(200).json;
    assert_eq!(shown["article"]["title"], "Le nouveau port");
    shown["article"]["title"] = live["title"].clone();
    assert_eq!(shown["article"], live);
    admin.edit(&id, json!({"slug": "ailleurs"})).await.expect(200);
    let moved = app.guest().get(&path).await.expect(200).json;
    assert_eq!(moved["article"]["path"], "/news/ailleurs");
    assert_eq!(public(&app, &id).await, live);
}

#[actix_web::test]
async fn one_of_the_working_copy_follows_its_saves_and_one_of_a_revision_does_not() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    let (_, following) = preview(&admin, &id, json!({})).await;
    let (_, frozen) = preview(&admin, &id, json!({"revision_number": 1})).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    assert_eq!(title(&app, &following).await, "Deux");
    assert_eq!(title(&app, &frozen).await, "Un");
    admin.publish(&id).await.expect(200);
    let version = admin.version_of(&desk(&id)).await;
    let revert = format!("{}/revisions/1/revert", desk(&id));
    admin.act(&revert, version, json!({})).await.expect(200);
    assert_eq!(title(&app, &following).await, "Un");
    // Without a section there is nothing to show, until it has one again.
    admin.edit(&id, json!({"section_id": null})).await.expect(200);
    app.guest().get(&following).await.problem(404, "not_found");
    assert_eq!(title(&app, &frozen).await, "Un");
    admin.edit(&id, json!({"section_id": section})).await.expect(200);
    assert_eq!(title(&app, &following).await, "Un");
}

#[actix_web::test]
async fn a_preview_expires_when_it_was_said_and_after_a_day_otherwise() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let (_, minute) = preview(&admin, &id, json!({"ttl_seconds": 60})).await;
    let (day_id, day) = preview(&admin, &id, json!({})).await;
    let (_, month) = preview(&admin, &id, json!({"ttl_seconds": 30 * 86_400})).await;
    app.clock.advance_seconds(59);
    app.guest().get(&minute).await.expect(200);
    app.clock.advance_seconds(1);
    app.guest().get(&minute).await.problem(404, "not_found");
    app.guest().get(&day).await.expect(200);
    app.clock.advance_seconds(86_400 - 60);
    app.guest().get(&day).await.problem(404, "not_found");
    app.guest().get(&month).await.expect(200);
    let admin = admin.renewed();
    assert_eq!(admin.get(&tokens(&id)).await.expect(200).items("id").len(), 1);
    end(&admin, &id, &day_id).await.problem(404, "not_found");
    app.db()
        .write_blocking({
            let now = app.now();
            move |conn| masthead::published::previews::store::forget_ended(conn, now)
        })
        .unwrap();
    assert_eq!(rows(&app).len(), 1);
    app.clock.advance_seconds(29 * 86_400);
    app.guest().get(&month).await.problem(404, "not_found");
}

#[actix_web::test]
async fn an_embargo_closes_previews_but_those_made_for_it() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let (_, closed) = preview(&admin, &id, json!({})).await;
    let (_, frozen) = preview(&admin, &id, json!({"revision_number": 1})).await;
    let (_, open) = preview(&admin, &id, json!({"during_embargo": true})).await;
    admin
        .edit(&id, json!({"embargo_until": "2026-11-23T08:10:00Z"}))
        .await
        .expect(200);
    let (_, later) = preview(&admin, &id, json!({})).await;
    for path in [&closed, &frozen, &later] {
        app.guest().get(path).await.problem(404, "not_found");
    }
    app.guest().get(&open).await.expect(200);
    app.clock.advance_seconds(600);
    for path in [&closed, &frozen, &later, &open] {
        app.guest().get(path).await.expect(200);
    }
    admin
        .edit(&id, json!({"embargo_until": "2026-11-23T12:00:00Z"}))
        .await
        .expect(200);
    app.guest().get(&closed).await.problem(404, "not_found");
    admin.edit(&id, json!({"embargo_until": null})).await.expect(200);
    app.guest().get(&closed).await.expect(200);
}

#[actix_web::test]
async fn nothing_keeps_or_passes_on_a_previews_address() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let (token_id, path) = preview(&admin, &id, json!({})).await;
    let check = |answer: &Answer| {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert_eq!(answer.header("etag"), "");
    };
    check(&app.guest().get(&path).await.expect(200));
    end(&admin, &id, &token_id).await.expect(204);
    check(&app.guest().get(&path).await.problem(404, "not_found"));
    end(&admin, &id, &token_id).await.problem(404, "not_found");
    for token in ["x", &"a".repeat(43), &"a".repeat(300), "%00", "%C3%A9"] {
        let path = format!("/v1/preview/{token}");
        app.guest().get(&path).await.problem(404, "not_found");
    }
    app.guest()
        .get(&format!("{path}?token=1"))
        .await
        .problem(400, "unknown_parameter");
}

/// Every row of the previews.
fn rows(app: &TestApp) -> Vec<String> {
    table(app, "preview_articles")
}

fn table(app: &TestApp, name: &str) -> Vec<String> {
    let table = TABLES.iter().find(|table| table.name == name).unwrap();
    let mut rows = Vec::new();
    app.db()
        .read_blocking(|conn| {
            read_table::<Error>(conn, table, |row| {
                rows.push(row.to_owned());
                Ok(())
            })
        })
        .unwrap();
    rows
}

#[actix_web::test]
async fn a_token_is_told_once_and_stored_nowhere() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let made = admin.post(&tokens(&id), json!({})).await.expect(201);
    let token = made.json["token"].as_str().unwrap();
    assert_eq!(made.json["path"], format!("/v1/preview/{token}"));
    assert_eq!(made.header("cache-control"), "no-store");
    end(&admin, &id, &made.id()).await.expect(204);
    let made = admin
        .post(&tokens(&id), json!({"revision_number": 1}))
        .await
        .expect(201);
    let token = made.json["token"].as_str().unwrap();
    let list = admin.get(&tokens(&id)).await.expect(200);
    assert!(!list.text.contains(token));
    for member in [
        "id",
        "article_id",
        "revision_number",
        "during_embargo",
        "created_by",
        "created_at",
        "expires_at",
    ] {
        assert_eq!(list.json["items"][0][member], made.json[member], "{member}");
    }
    assert_eq!(rows(&app).len(), 1);
    for name in TABLES.iter().map(|table| table.name) {
        assert!(
            table(&app, name).iter().all(|row| !row.contains(token)),
            "{name} holds it"
        );
    }
    let acts = table(&app, "audit");
    for act in ["preview.create", "preview.delete"] {
        assert!(acts.iter().any(|row| row.contains(act)), "{act}");
    }
}

#[actix_web::test]
async fn killing_or_throwing_away_an_article_ends_its_previews() {
    let (app, admin, section) = newsroom().await;
    for (action, body) in [("trash", json!({})), ("kill", json!({"reason": "Jugement."}))] {
        let id = admin.draft("Le port", &section).await;
        let (_, following) = preview(&admin, &id, json!({"during_embargo": true})).await;
        let (_, frozen) = preview(&admin, &id, json!({"revision_number": 1})).await;
        admin.take(&id, action, body).await.expect(200);
        for path in [&following, &frozen] {
            app.guest().get(path).await.problem(404, "not_found");
        }
        assert_eq!(rows(&app).len(), 0, "{action}");
        admin.post(&tokens(&id), json!({})).await.problem(409, "invalid_state");
        let sealed = json!({"revision_number": 1});
        admin.post(&tokens(&id), sealed).await.problem(409, "invalid_state");
    }
}

#[actix_web::test]
async fn who_may_not_read_an_article_makes_sees_and_ends_no_preview_of_it() {
    let (app, admin, section) = newsroom().await;
    let other = admin.section("Sport", None).await;
    let id = admin.draft("Le port", &section).await;
    let (token_id, path) = preview(&admin, &id, json!({})).await;
    let stranger = app.user_in(Role::SectionEditor, &other);
    stranger.post(&tokens(&id), json!({})).await.problem(404, "not_found");
    stranger.get(&tokens(&id)).await.problem(404, "not_found");
    end(&stranger, &id, &token_id).await.problem(404, "not_found");
    app.guest()
        .post(&tokens(&id), json!({}))
        .await
        .problem(401, "unauthenticated");
    // A token is ended under its own article alone.
    let elsewhere = admin.draft("Autre", &section).await;
    end(&admin, &elsewhere, &token_id).await.problem(404, "not_found");
    app.guest().get(&path).await.expect(200);
    let colleague = app.user_in(Role::SectionEditor, &section);
    end(&colleague, &id, &token_id).await.expect(204);
}

#[actix_web::test]
async fn what_cannot_be_shown_is_refused_with_the_reason() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let bad = [
        (json!({"revision_number": 99}), "/revision_number", "unknown_reference"),
        (json!({"revision_number": 0}), "/revision_number", "out_of_range"),
        (json!({"ttl_seconds": 59}), "/ttl_seconds", "out_of_range"),
        (json!({"ttl_seconds": 2_592_001}), "/ttl_seconds", "out_of_range"),
        (json!({"during_embargo": "oui"}), "/during_embargo", "wrong_type"),
        (json!({"token": "x"}), "/token", "unknown_field"),
    ];
    for (body, pointer, code) in bad {
        admin.post(&tokens(&id), body).await.invalid(&[(pointer, code)]);
    }
    let bare = admin.make(json!({"locale": "fr", "title": "Sans rubrique"})).await;
    let missing = [("/section_id", "missing")];
    admin.post(&tokens(&bare), json!({})).await.invalid(&missing);
    admin.edit(&bare, json!({"section_id": section})).await.expect(200);
    admin
        .post(&tokens(&bare), json!({"revision_number": 1}))
        .await
        .invalid(&missing);
    for _ in 0..50 {
        preview(&admin, &id, json!({})).await;
    }
    admin.post(&tokens(&id), json!({})).await.invalid(&[("", "too_many")]);
    assert_eq!(admin.walk(&tokens(&id), 20).await.len(), 50);
    app.clock.advance_seconds(86_400);
    preview(&admin.renewed(), &id, json!({})).await;
}

#[actix_web::test]
async fn a_preview_is_listed_to_its_last_second() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    preview(&admin, &id, json!({"ttl_seconds": 60})).await;
    for (passed, count) in [(59, 1), (1, 0)] {
        app.clock.advance_seconds(passed);
        assert_eq!(
            admin.get(&tokens(&id)).await.expect(200).items("id").len(),
            count,
            "{passed}"
        );
    }
}
