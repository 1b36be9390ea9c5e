//! Killed articles.

use actix_web::http::Method;
use serde_json::json;

use crate::support::newsroom::{action, bilingual_newsroom, desk};

#[actix_web::test]
async fn a_killed_article_answers_410_with_its_tombstone() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let id = admin.published("Le secret", &section).await;
    admin.edit(&id, json!({"slug": "autre-adresse"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let body = json!({"reason": "Jugement du 3 mars.", "notice": "Retiré par décision de justice."});
    let killed = admin.take(&id, "kill", body).await.expect(200).json;
    assert_eq!(
        (&killed["state"], &killed["title"], &killed["blocks"]),
        (&json!("killed"), &json!(""), &json!([]))
    );
    assert_eq!(killed["allowed_actions"], json!([]));
    assert_eq!(killed["tombstone"]["reason"], "Jugement du 3 mars.");
    for url in [
        format!("/v1/articles/{id}"),
        format!("/v1/articles/{id}/comments"),
        format!("/v1/articles/{id}/corrections"),
        "/v1/articles/by-path?path=/news/le-secret".to_owned(),
        "/v1/articles/by-path?path=/news/autre-adresse".to_owned(),
    ] {
        let gone = guest.get(&url).await.problem(410, "gone");
        assert_eq!(gone.json["notice"], "Retiré par décision de justice.", "{url}");
        assert_eq!(gone.json["killed_at"], "2026-11-23T08:00:00.000Z", "{url}");
        assert_eq!(gone.header("cache-control"), "no-cache");
        assert!(!gone.text.contains("Jugement"), "{url}");
    }
    let resolved = guest.get("/v1/resolve?path=/news/le-secret").await.expect(200).json;
    assert_eq!(
        (&resolved["kind"], &resolved["http_status"]),
        (&json!("gone"), &json!(410))
    );
    guest
        .post(
            &format!("/v1/articles/{id}/comments"),
            json!({"author_name": "A", "body": "B"}),
        )
        .await
        .problem(410, "gone");
    assert!(app.listed("").await.is_empty());
}

#[actix_web::test]
async fn a_killed_draft_was_never_public_and_stays_unknown() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.draft("Jamais paru", &section).await;
    admin
        .take(&id, "kill", json!({"reason": "Plainte.", "notice": "Retiré."}))
        .await
        .expect(200);
    app.guest()
        .get(&format!("/v1/articles/{id}"))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn who_kills_or_corrects_without_saying_what_is_told_what_is_missing() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le secret", &section).await;
    let version = admin.version_of(&desk(&id)).await;
    let without_body = async |name: &str| {
        let asking = admin.request(Method::POST, &action(&id, name));
        asking.if_match(version).send().await
    };
    without_body("kill").await.invalid(&[("/reason", "required")]);
    let refused = without_body("correct")
        .await
        .invalid(&[("/kind", "required"), ("/text", "required")]);
    let kind = refused.json["errors"][0]["message"].as_str().unwrap();
    assert!(kind.contains("correction") && kind.contains("update"), "{kind}");
    let text = refused.json["errors"][1]["message"].as_str().unwrap();
    assert!(!text.contains("correction"), "{text}");
    // A body that is something else is still refused by its type.
    let asking = admin.request(Method::POST, &action(&id, "kill")).if_match(version);
    asking
        .bytes("text/plain", "")
        .send()
        .await
        .problem(415, "unsupported_media_type");
}
