//! Translations and duplicates.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::newsroom::{action, bilingual_newsroom, desk};

#[actix_web::test]
async fn a_translation_is_linked_and_has_a_life_of_its_own() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let french = admin.published("Le port", &section).await;
    let made = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201);
    let english = made.id();
    assert_eq!(made.header("location"), desk(&english));
    assert_eq!(
        (&made.json["locale"], &made.json["state"]),
        (&json!("en"), &json!("draft"))
    );
    assert_eq!(
        guest.get(&format!("/v1/articles/{french}")).await.json["alternates"],
        json!([])
    );
    let again = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .problem(409, "translation_exists");
    assert_eq!(again.json["article_id"], english);
    admin
        .take(&english, "translate", json!({"locale": "fr"}))
        .await
        .problem(409, "translation_exists");
    admin.edit(&english, json!({"title": "The port"})).await.expect(200);
    admin.publish(&english).await.expect(200);
    let page = guest.get(&format!("/v1/articles/{french}")).await.expect(200).json;
    let expected = json!([{"id": english, "locale": "en", "path": "/en/news/the-port",
        "url": "https://www.lefanal.test/en/news/the-port"}]);
    assert_eq!(page["alternates"], expected);
    assert_eq!(page["path"], "/news/le-port");
    admin.take(&french, "unpublish", json!({})).await.expect(200);
    let page = guest
        .get("/v1/articles/by-path?path=/en/news/the-port")
        .await
        .expect(200)
        .json;
    assert_eq!(page["alternates"], json!([]));
    // One that is thrown away makes room; it cannot come back while another is there.
    admin.take(&english, "unpublish", json!({})).await.expect(200);
    admin.take(&english, "trash", json!({})).await.expect(200);
    admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201);
    admin
        .take(&english, "restore", json!({}))
        .await
        .problem(409, "translation_exists");
    assert_eq!(admin.get(&desk(&english)).await.json["state"], "trashed");
}

#[actix_web::test]
async fn two_translations_at_once_make_one_article() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    let tries = (0..6).map(|_| {
        let (admin, path) = (admin.clone(), action(&id, "translate"));
        async move { admin.act(&path, 1, json!({"locale": "en"})).await.status }
    });
    let mut statuses = crate::support::requests::together(tries.collect()).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    drop(app);
}

#[actix_web::test]
async fn a_duplicate_is_the_actors_own_draft_without_ties() {
    let (app, admin, section) = bilingual_newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("Le port", &section).await;
    let raw = json!({"type": "raw_html", "html": "<p>Brut</p>"});
    admin
        .edit(&own, json!({"slug": "port", "blocks": [raw]}))
        .await
        .expect(200);
    admin.publish(&own).await.expect(200);
    let copy = journalist.take(&own, "duplicate", json!({})).await.expect(201).json;
    assert_eq!(copy["created_by"], journalist.user_id.unwrap().to_string());
    assert_eq!(
        (&copy["title"], &copy["slug"], &copy["state"]),
        (&json!("Le port"), &Value::Null, &json!("draft"))
    );
    assert_eq!(
        copy["blocks"][0]["type"], "raw_html",
        "what stood there may be taken over unchanged"
    );
    assert_ne!(
        copy["translation_key"],
        journalist.get(&desk(&own)).await.json["translation_key"]
    );
    let first = journalist
        .once(&action(&own, "duplicate"), Some(2), "copie", json!({}))
        .await
        .expect(201);
    let second = journalist
        .once(&action(&own, "duplicate"), Some(2), "copie", json!({}))
        .await
        .expect(201);
    assert_eq!(first.id(), second.id());
}
