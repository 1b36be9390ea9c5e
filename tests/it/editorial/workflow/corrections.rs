//! Corrections and retractions: what readers are told.

use serde_json::{Value, json};

use crate::support::newsroom::{bilingual_newsroom, desk};

#[actix_web::test]
async fn a_correction_is_told_on_the_article_and_in_the_list_of_corrections() {
    let (app, admin, section) = bilingual_newsroom().await;
    let (guest, id) = (app.guest(), admin.published("Le port", &section).await);
    app.clock.advance_seconds(60);
    let admin = admin.renewed();
    admin
        .edit(&id, json!({"title": "Le port de Cotonou"}))
        .await
        .expect(200);
    let notice = json!({"kind": "correction", "text": "Le titre ne disait pas où."});
    let corrected = admin.take(&id, "correct", notice).await.expect(200);
    assert_eq!(corrected.json["corrected_at"], "2026-11-23T08:01:00.000Z");
    assert_eq!(corrected.json["corrections"][0]["kind"], "correction");
    app.clock.advance_seconds(60);
    // The notice alone is enough.
    let note = json!({"kind": "editors_note", "text": "Article relu."});
    admin.take(&id, "correct", note).await.expect(200);
    let public = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json;
    assert_eq!(public["title"], "Le port de Cotonou");
    assert_eq!(public["corrected_at"], "2026-11-23T08:02:00.000Z");
    assert_eq!(public["published_at"], "2026-11-23T08:00:00.000Z");
    let texts = |list: &Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|item| item["text"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["Le titre ne disait pas où.", "Article relu."];
    assert_eq!(texts(&public["corrections"]), expected);
    let own = guest
        .get(&format!("/v1/articles/{id}/corrections?limit=1"))
        .await
        .expect(200);
    assert_eq!(texts(&own.json["items"]), [expected[0]]);
    let walked = guest.walk(&format!("/v1/articles/{id}/corrections"), 1).await;
    assert_eq!(walked.len(), 2);
    let all = guest.get("/v1/corrections").await.expect(200);
    assert_eq!(texts(&all.json["items"]), [expected[1], expected[0]]);
    assert_eq!(all.json["items"][0]["article"]["title"], "Le port de Cotonou");
    assert_eq!(guest.walk("/v1/corrections", 1).await.len(), 2);
    // They go with the article, and come back with it.
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(guest.get("/v1/corrections").await.json["items"], json!([]));
    guest
        .get(&format!("/v1/articles/{id}/corrections"))
        .await
        .problem(404, "not_found");
    admin.publish(&id).await.expect(200);
    assert_eq!(guest.get("/v1/corrections").await.items("id").len(), 2);
}

#[actix_web::test]
async fn what_a_notice_lacks_is_said() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    let table = [
        ("correct", json!({}), vec![("/kind", "required"), ("/text", "required")]),
        (
            "correct",
            json!({"kind": "retraction", "text": "X"}),
            vec![("/kind", "invalid_value")],
        ),
        (
            "correct",
            json!({"kind": "update", "text": " "}),
            vec![("/text", "blank")],
        ),
        (
            "correct",
            json!({"kind": "update", "text": "x".repeat(1001)}),
            vec![("/text", "too_long")],
        ),
        ("retract", json!({}), vec![("/notice", "required")]),
        ("kill", json!({"notice": "Retiré."}), vec![("/reason", "required")]),
        (
            "translate",
            json!({"locale": "de"}),
            vec![("/locale", "invalid_format")],
        ),
    ];
    for (name, body, expected) in table {
        admin.take(&id, name, body).await.invalid(&expected);
    }
    assert_eq!(admin.get(&desk(&id)).await.json["state"], "published");
}

#[actix_web::test]
async fn a_retracted_article_keeps_its_page_with_a_notice_and_is_in_no_list() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let id = admin.published("La rumeur", &section).await;
    let other = admin.published("Le port", &section).await;
    admin.edit(&id, json!({"title": "Pas encore public"})).await.expect(200);
    let retracted = admin
        .take(&id, "retract", json!({"notice": "Nous nous sommes trompés."}))
        .await
        .expect(200);
    assert_eq!(retracted.json["state"], "retracted");
    let page = guest
        .get("/v1/articles/by-path?path=/news/la-rumeur")
        .await
        .expect(200)
        .json;
    assert_eq!(page["retraction"]["notice"], "Nous nous sommes trompés.");
    assert_eq!(page["title"], "La rumeur", "a retraction publishes no change");
    assert_eq!(app.listed("").await, [other.as_str()]);
    assert_eq!(app.listed("section=/news").await, [other]);
    assert_eq!(
        guest.get("/v1/corrections").await.json["items"][0]["kind"],
        "retraction"
    );
    // Only a publish with a note ends it.
    admin
        .take(&id, "publish", json!({}))
        .await
        .invalid(&[("/note", "missing")]);
    admin
        .take(&id, "publish", json!({"note": "Confirmé depuis."}))
        .await
        .expect(200);
    let page = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json;
    assert_eq!(page["retraction"], Value::Null);
    let kinds: Vec<&str> = page["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["retraction", "editors_note"]);
    assert_eq!(app.listed("").await.len(), 2);
}
