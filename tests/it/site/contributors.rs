//! Contributors: made, changed, deactivated, deleted, and the cards that they sign.

use actix_web::http::Method;
use masthead::base::jobs;
use masthead::published::repress::RUNNERS;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

fn path(id: &str) -> String {
    format!("/v1/editorial/contributors/{id}")
}

/// Publishes articles that somebody signed.
async fn sign(admin: &Client, contributor: &str, section: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let body = json!({"locale": "fr", "title": format!("Article {number}"), "section_id": section,
            "contributors": [{"contributor_id": contributor}]});
        let id = admin.post("/v1/editorial/articles", body).await.expect(201).id();
        admin.publish(&id).await.expect(200);
        ids.push(id);
    }
    ids
}

/// What the cards of live articles say of who signed first.
async fn shown(app: &TestApp, member: &str) -> Vec<Value> {
    let cards = app.guest().get("/v1/articles?limit=100").await.expect(200);
    let items = cards.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|card| card["contributors"][0][member].clone())
        .collect()
}

#[actix_web::test]
async fn a_contributor_is_made_read_changed_and_cleared() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let image = json!({"url": "https://images.example/awa.jpg", "alt": "Awa Kossou", "width": 400, "height": 400});
    let body = json!({"name": "Awa Kossou", "role": "Grand reporter", "bio": "Suit la diplomatie.", "image": image});
    let made = admin.post("/v1/editorial/contributors", body).await.expect(201);
    let id = made.id();
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (path(&id).as_str(), "\"v1\"")
    );
    assert_eq!(
        (&made.json["slug"], &made.json["is_active"]),
        (&json!("awa-kossou"), &json!(true))
    );
    assert_eq!(made.json["image"]["url"], image["url"]);
    assert_eq!(admin.get(&path(&id)).await.expect(200).json, made.json);
    let public = app.guest().get(&format!("/v1/contributors/{id}")).await.expect(200);
    assert_eq!(public.json["path"], "/auteur/awa-kossou");
    let cleared = admin
        .patch(&path(&id), 1, json!({"clear": ["image", "role"], "bio": null}))
        .await
        .expect(200);
    for member in ["image", "role", "bio"] {
        assert_eq!(cleared.json[member], json!(null), "{member}");
    }
    let same = admin.patch(&path(&id), 2, json!({"is_active": true})).await.expect(200);
    assert_eq!(same.json["version"], 2);
    for (body, pointer, code) in [
        (json!({"name": null}), "/name", "not_clearable"),
        (json!({"is_active": "oui"}), "/is_active", "wrong_type"),
        (
            json!({"image": {"url": "http://images.example/a.jpg"}}),
            "/image/url",
            "invalid_format",
        ),
        (json!({"image": {"alt": "Awa"}}), "/image/url", "required"),
    ] {
        admin.patch(&path(&id), 2, body).await.invalid(&[(pointer, code)]);
    }
}

#[actix_web::test]
async fn contributors_are_listed_by_name_page_by_page() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for name in ["Zoé Amoussou", "élodie Bah", "Eric Adjovi", "Koffi Ada"] {
        admin.contributor(name).await;
    }
    let expected = ["élodie Bah", "Eric Adjovi", "Koffi Ada", "Zoé Amoussou"];
    for list in ["/v1/contributors", "/v1/editorial/contributors"] {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{list}?limit=3{cursor}")).await.expect(200);
            names.extend(page.items("name"));
            match page.json["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(names, expected, "{list}");
    }
}

#[actix_web::test]
async fn a_slug_is_one_persons_for_ever() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (awa, other) = (admin.contributor("Awa Bah").await, admin.contributor("Koffi Ada").await);
    admin
        .post("/v1/editorial/contributors", json!({"name": "AWA BAH"}))
        .await
        .problem(422, "slug_taken")
        .invalid(&[("/slug", "slug_taken")]);
    admin.patch(&path(&awa), 1, json!({"slug": "awa"})).await.expect(200);
    let moved = app.resolve("/auteur/awa-bah").await.expect(200);
    assert_eq!(
        (&moved.json["kind"], &moved.json["location"]),
        (&json!("redirect"), &json!("/auteur/awa"))
    );
    admin
        .patch(&path(&other), 1, json!({"slug": "awa-bah"}))
        .await
        .problem(422, "slug_taken");
}

#[actix_web::test]
async fn one_who_signed_is_kept_and_one_who_did_not_is_gone() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (section, awa) = (admin.section("News", None).await, admin.contributor("Awa Bah").await);
    let article = sign(&admin, &awa, &section, 1).await.remove(0);
    let refused = admin.delete(&path(&awa), 1).await.problem(409, "in_use");
    assert_eq!(refused.json["article_count"], 1);
    let left = admin
        .patch(&path(&awa), 1, json!({"is_active": false}))
        .await
        .expect(200);
    assert_eq!(left.json["is_active"], false);
    assert_eq!(shown(&app, "name").await, ["Awa Bah"], "what was signed stays signed");
    let desk = format!("/v1/editorial/articles/{article}");
    let version = admin.version_of(&desk).await;
    admin
        .patch(&desk, version, json!({"contributors": []}))
        .await
        .expect(200);
    admin.delete(&path(&awa), 2).await.problem(409, "in_use");
    admin.publish(&article).await.expect(200);
    admin.delete(&path(&awa), 2).await.expect(204);
    assert_eq!(app.resolve("/auteur/awa-bah").await.expect(200).json["kind"], "gone");
    admin.get(&path(&awa)).await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_stale_change_is_told_what_changed_and_by_whom() {
    let app = TestApp::new().await;
    let (admin, colleague) = (app.admin(), app.user(masthead::access::auth::Role::Publisher));
    let id = admin.contributor("Awa Bah").await;
    for method in [Method::PATCH, Method::DELETE] {
        let asking = admin.request(method, &path(&id)).json(json!({"name": "A"}));
        asking.send().await.problem(428, "precondition_required");
    }
    colleague
        .patch(&path(&id), 1, json!({"role": "Rédactrice"}))
        .await
        .expect(200);
    let stale = admin
        .patch(&path(&id), 1, json!({"name": "Awa"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["role"]));
    assert_eq!(
        stale.json["changes"][0]["user_id"],
        colleague.user_id.unwrap().to_string()
    );
    admin.delete(&path(&id), 1).await.problem(412, "stale_version");
}

#[actix_web::test]
async fn fifty_cards_follow_a_changed_name_at_once_and_fifty_one_by_a_job() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (section, awa) = (admin.section("News", None).await, admin.contributor("Awa Bah").await);
    sign(&admin, &awa, &section, 50).await;
    let elsewhere = app.another_instance().await;
    admin
        .patch(&path(&awa), 1, json!({"name": "Awa Kossou", "role": "Reporter"}))
        .await
        .expect(200);
    for instance in [&app, &elsewhere] {
        assert_eq!(shown(instance, "name").await, ["Awa Kossou"; 50]);
        assert_eq!(shown(instance, "role").await, ["Reporter"; 50]);
    }
    sign(&admin, &awa, &section, 1).await;
    admin
        .patch(&path(&awa), 2, json!({"name": "Awa Ada"}))
        .await
        .expect(202);
    let mut runs = 0;
    while jobs::run_one(app.db(), &RUNNERS).await.unwrap() {
        runs += 1;
        assert!(runs < 10, "the job never ends");
    }
    for instance in [&app, &elsewhere] {
        assert_eq!(shown(instance, "name").await, ["Awa Ada"; 51]);
    }
}
