//! Tags: made, changed, deleted, and the cards that show them.

use actix_web::http::Method;
use masthead::base::jobs;
use masthead::published::repress::RUNNERS;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

fn path(id: &str) -> String {
    format!("/v1/editorial/tags/{id}")
}

/// Publishes articles that carry a tag.
async fn carry(admin: &Client, tag: &str, section: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let body =
            json!({"locale": "fr", "title": format!("Article {number}"), "section_id": section, "tag_ids": [tag]});
        let id = admin.post("/v1/editorial/articles", body).await.expect(201).id();
        admin.publish(&id).await.expect(200);
        ids.push(id);
    }
    ids
}

/// What the cards of live articles say of their first tag.
async fn shown(app: &TestApp, member: &str) -> Vec<String> {
    let cards = app.guest().get("/v1/articles?limit=100").await.expect(200);
    let items = cards.json["items"].as_array().unwrap();
    let first = |card: &Value| card["tags"][0][member].as_str().unwrap_or_default().to_owned();
    items.iter().map(first).collect()
}

#[actix_web::test]
async fn a_tag_is_made_read_changed_and_cleared() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let body =
        json!({"kind": "person", "label": "Angélique Kidjo", "description": "Chanteuse.", "external_id": "Q239131"});
    let made = admin.post("/v1/editorial/tags", body).await.expect(201);
    let id = made.id();
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (path(&id).as_str(), "\"v1\"")
    );
    assert_eq!(made.json["slug"], "angelique-kidjo");
    assert_eq!(admin.get(&path(&id)).await.expect(200).json, made.json);
    let public = app.guest().get(&format!("/v1/tags/{id}")).await.expect(200);
    assert_eq!(public.json["path"], "/tag/angelique-kidjo");
    assert!(public.json.get("external_id").is_none());
    let cleared = admin
        .patch(
            &path(&id),
            1,
            json!({"clear": ["external_id"], "description": null, "kind": "topic"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (
            &cleared.json["external_id"],
            &cleared.json["description"],
            &cleared.json["kind"]
        ),
        (&json!(null), &json!(null), &json!("topic"))
    );
    let same = admin.patch(&path(&id), 2, json!({"kind": "topic"})).await.expect(200);
    assert_eq!(same.json["version"], 2);
    for (body, pointer, code) in [
        (json!({"label": null}), "/label", "not_clearable"),
        (json!({"clear": ["kind"]}), "/kind", "not_clearable"),
        (json!({"kind": "colour"}), "/kind", "invalid_value"),
        (json!({"slug": "Pas un slug"}), "/slug", "invalid_format"),
        (json!({"label": "\t "}), "/label", "blank"),
    ] {
        admin.patch(&path(&id), 2, body).await.invalid(&[(pointer, code)]);
    }
}

#[actix_web::test]
async fn tags_are_listed_by_name_without_accents_and_case_page_by_page() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for (kind, label) in [
        ("topic", "Élections"),
        ("place", "bénin"),
        ("topic", "eau"),
        ("person", "Zinsou"),
        ("topic", "École"),
    ] {
        admin
            .post("/v1/editorial/tags", json!({"kind": kind, "label": label}))
            .await
            .expect(201);
    }
    let expected = ["bénin", "eau", "École", "Élections", "Zinsou"];
    for list in ["/v1/tags", "/v1/editorial/tags"] {
        let (mut labels, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{list}?limit=2{cursor}")).await.expect(200);
            labels.extend(page.items("label"));
            match page.json["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(labels, expected, "{list}");
        let topics = admin.get(&format!("{list}?kind=topic")).await.expect(200);
        assert_eq!(topics.items("label"), ["eau", "École", "Élections"]);
        let first = admin.get(&format!("{list}?kind=topic&limit=1")).await.expect(200);
        let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
        admin
            .get(&format!("{list}?kind=place&limit=1&cursor={cursor}"))
            .await
            .problem(400, "invalid_cursor");
    }
}

#[actix_web::test]
async fn a_slug_is_one_tags_for_ever() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (eau, feu) = (admin.tag("Eau").await, admin.tag("Feu").await);
    admin
        .post("/v1/editorial/tags", json!({"kind": "place", "label": "EAU"}))
        .await
        .problem(422, "slug_taken")
        .invalid(&[("/slug", "slug_taken")]);
    admin
        .patch(&path(&feu), 1, json!({"slug": "eau"}))
        .await
        .problem(422, "slug_taken");
    admin.patch(&path(&eau), 1, json!({"slug": "eaux"})).await.expect(200);
    let moved = app.resolve("/tag/eau").await.expect(200);
    assert_eq!(
        (&moved.json["kind"], &moved.json["location"]),
        (&json!("redirect"), &json!("/tag/eaux"))
    );
    admin
        .patch(&path(&feu), 1, json!({"slug": "eau"}))
        .await
        .problem(422, "slug_taken");
    admin.patch(&path(&eau), 2, json!({"slug": "eau"})).await.expect(200);
    let back = app.resolve("/tag/eau").await.expect(200);
    assert_eq!((&back.json["kind"], &back.json["id"]), (&json!("tag"), &json!(eau)));
}

#[actix_web::test]
async fn a_tag_in_use_is_kept_and_one_that_is_not_is_gone() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (section, tag) = (admin.section("News", None).await, admin.tag("Eau").await);
    let article = carry(&admin, &tag, &section, 1).await.remove(0);
    let refused = admin.delete(&path(&tag), 1).await.problem(409, "in_use");
    assert_eq!(refused.json["article_count"], 1);
    // Still in use while only what is live carries it.
    let desk = format!("/v1/editorial/articles/{article}");
    let version = admin.version_of(&desk).await;
    admin.patch(&desk, version, json!({"tag_ids": []})).await.expect(200);
    admin.delete(&path(&tag), 1).await.problem(409, "in_use");
    assert_eq!(shown(&app, "label").await, ["Eau"]);
    admin.publish(&article).await.expect(200);
    admin.delete(&path(&tag), 1).await.expect(204);
    assert_eq!(app.resolve("/tag/eau").await.expect(200).json["kind"], "gone");
    admin.get(&path(&tag)).await.problem(404, "not_found");
    app.guest()
        .get(&format!("/v1/tags/{tag}"))
        .await
        .problem(404, "not_found");
    admin.delete(&path(&tag), 1).await.problem(404, "not_found");
    assert_eq!(
        app.guest()
            .get("/v1/articles?tag=eau")
            .await
            .expect(200)
            .items("id")
            .len(),
        0
    );
}

#[actix_web::test]
async fn a_stale_change_is_told_what_changed_and_by_whom() {
    let app = TestApp::new().await;
    let (admin, colleague) = (app.admin(), app.user(masthead::access::auth::Role::Publisher));
    let id = admin.tag("Eau").await;
    for method in [Method::PATCH, Method::DELETE] {
        let asking = admin.request(method, &path(&id)).json(json!({"label": "A"}));
        asking.send().await.problem(428, "precondition_required");
    }
    colleague
        .patch(&path(&id), 1, json!({"label": "Eaux", "description": "Rivières."}))
        .await
        .expect(200);
    let stale = admin
        .patch(&path(&id), 1, json!({"label": "Mers"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["label", "description"]));
    assert_eq!(
        stale.json["changes"][0]["user_id"],
        colleague.user_id.unwrap().to_string()
    );
    admin.delete(&path(&id), 1).await.problem(412, "stale_version");
    assert_eq!(admin.get(&path(&id)).await.expect(200).json["label"], "Eaux");
}

#[actix_web::test]
async fn fifty_cards_follow_a_changed_tag_at_once_and_fifty_one_by_a_job() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (section, tag) = (admin.section("News", None).await, admin.tag("Eau").await);
    carry(&admin, &tag, &section, 50).await;
    let elsewhere = app.another_instance().await;
    admin
        .patch(&path(&tag), 1, json!({"label": "Eaux", "slug": "eaux"}))
        .await
        .expect(200);
    for instance in [&app, &elsewhere] {
        assert_eq!(shown(instance, "label").await, ["Eaux"; 50]);
        assert_eq!(shown(instance, "path").await, ["/tag/eaux"; 50]);
    }
    assert!(!jobs::run_one(app.db(), &RUNNERS).await.unwrap(), "no job was needed");
    carry(&admin, &tag, &section, 1).await;
    let later = admin.patch(&path(&tag), 2, json!({"label": "Mers"})).await.expect(202);
    assert_eq!((later.header("etag"), &later.json["label"]), ("\"v3\"", &json!("Mers")));
    let mut runs = 0;
    while jobs::run_one(app.db(), &RUNNERS).await.unwrap() {
        runs += 1;
        assert!(runs < 10, "the job never ends");
    }
    for instance in [&app, &elsewhere] {
        assert_eq!(shown(instance, "label").await, ["Mers"; 51]);
    }
    let found = app.guest().get("/v1/articles?tag=eaux&limit=100").await.expect(200);
    assert_eq!(found.items("id").len(), 51);
}

#[actix_web::test]
async fn a_press_keeps_what_an_editor_has_not_published() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (section, tag) = (admin.section("News", None).await, admin.tag("Eau").await);
    let article = carry(&admin, &tag, &section, 1).await.remove(0);
    let desk = format!("/v1/editorial/articles/{article}");
    let version = admin.version_of(&desk).await;
    admin
        .patch(&desk, version, json!({"title": "Pas encore"}))
        .await
        .expect(200);
    admin.patch(&path(&tag), 1, json!({"label": "Eaux"})).await.expect(200);
    let live = app.guest().get(&format!("/v1/articles/{article}")).await.expect(200);
    assert_eq!(
        (&live.json["title"], &live.json["tags"][0]["label"]),
        (&json!("Article 0"), &json!("Eaux"))
    );
}
