//! What a draft needs, and how everything that is wrong with one is told.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, desk, newsroom};

#[actix_web::test]
async fn a_locale_is_enough_for_a_draft() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let made = admin.post(ARTICLES, json!({"locale": "fr"})).await.expect(201);
    assert_eq!(made.header("location"), desk(&made.id()));
    assert_eq!(made.header("etag"), "\"v1\"");
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.json["title"], "");
    assert_eq!(made.json["state"], "draft");
    assert_eq!(made.json["review"], "not_submitted");
    assert_eq!(made.json["has_unpublished_changes"], true);
    let read = admin.get(&desk(&made.id())).await.expect(200);
    assert_eq!((read.header("etag"), &read.json), ("\"v1\"", &made.json));
}

#[actix_web::test]
async fn a_draft_without_a_known_locale_is_refused() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for (body, code) in [
        (json!({}), "required"),
        (json!({"locale": null}), "required"),
        (json!({"locale": "en"}), "invalid_format"),
        (json!({"locale": "FR"}), "invalid_format"),
        (json!({"locale": 1}), "wrong_type"),
    ] {
        admin.post(ARTICLES, body).await.invalid(&[("/locale", code)]);
    }
}

#[actix_web::test]
async fn text_is_plain_nfc_and_on_one_line() {
    let (_app, admin, _) = newsroom().await;
    let made = admin
        .post(
            ARTICLES,
            json!({"locale": "fr", "title": "  Un\n  e\u{301}te\u{301} &amp; <b>demi</b>\u{a0}! ", "kicker": " \t "}),
        )
        .await
        .expect(201);
    assert_eq!(made.json["title"], "Un été & <b>demi</b>\u{a0}!");
    assert_eq!(made.json["kicker"], Value::Null);
}

#[actix_web::test]
async fn every_error_is_told_at_once() {
    let (_app, admin, _) = newsroom().await;
    let answer = admin
        .post(
            ARTICLES,
            json!({"locale": "xx", "title": "x".repeat(301), "slug": "Été", "tag_ids": [UNKNOWN_ID, UNKNOWN_ID],
                "blocks": [{"type": "heading", "level": 9, "text": "x"}, {"type": "x"}], "surprise": 1}),
        )
        .await;
    answer.problem(422, "validation_failed").invalid(&[
        ("/locale", "invalid_format"),
        ("/title", "too_long"),
        ("/slug", "invalid_format"),
        ("/tag_ids/1", "duplicate"),
        ("/blocks/0/level", "out_of_range"),
        ("/blocks/1/type", "invalid_value"),
        ("/surprise", "unknown_field"),
    ]);
}

#[actix_web::test]
async fn an_unknown_reference_is_told_at_its_place() {
    let (_app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let table: Vec<(Value, &str)> = vec![
        (json!({"section_id": UNKNOWN_ID}), "/section_id"),
        (
            json!({"section_id": section, "secondary_section_ids": [UNKNOWN_ID]}),
            "/secondary_section_ids/0",
        ),
        (json!({"tag_ids": [tag, UNKNOWN_ID]}), "/tag_ids/1"),
        (
            json!({"contributors": [{"contributor_id": UNKNOWN_ID}]}),
            "/contributors/0/contributor_id",
        ),
        (json!({"assignee_id": UNKNOWN_ID}), "/assignee_id"),
    ];
    let id = admin.make(json!({"locale": "fr"})).await;
    for (body, pointer) in table {
        admin
            .edit(&id, body.clone())
            .await
            .invalid(&[(pointer, "unknown_reference")]);
        let mut new = body;
        new["locale"] = json!("fr");
        admin
            .post(ARTICLES, new)
            .await
            .invalid(&[(pointer, "unknown_reference")]);
    }
    assert_eq!(admin.version_of(&desk(&id)).await, 1);
}

#[actix_web::test]
async fn the_primary_section_is_no_secondary_one() {
    let (_app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let body = json!({"locale": "fr", "section_id": section, "secondary_section_ids": [sport, section]});
    let made = admin.post(ARTICLES, body).await.expect(201);
    assert_eq!(made.json["secondary_section_ids"], json!([sport]));
}
