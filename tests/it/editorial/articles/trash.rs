//! The trash gives back what it holds, until an admin empties it.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::newsroom::{desk, newsroom};

#[actix_web::test]
async fn the_trash_gives_back_a_draft_until_an_admin_empties_it() {
    let (app, admin, section) = newsroom().await;
    let publisher = app.user(Role::Publisher);
    let id = publisher.draft("Titre", &section).await;
    publisher.delete(&desk(&id), 1).await.problem(403, "forbidden");
    admin.delete(&desk(&id), 1).await.problem(409, "invalid_state");
    let trashed = publisher.take(&id, "trash", json!({})).await.expect(200).json;
    assert_eq!(
        (&trashed["state"], &trashed["trashed_at"], &trashed["version"]),
        (&json!("trashed"), &json!("2026-11-23T08:00:00.000Z"), &json!(1))
    );
    publisher
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(409, "invalid_state");
    let restored = publisher.take(&id, "restore", json!({})).await.expect(200).json;
    assert_eq!(
        (&restored["state"], &restored["trashed_at"], &restored["title"]),
        (&json!("draft"), &Value::Null, &json!("Titre"))
    );
    publisher.take(&id, "trash", json!({})).await.expect(200);
    admin.delete(&desk(&id), 1).await.expect(204);
    admin.get(&desk(&id)).await.problem(404, "not_found");
    admin.delete(&desk(&id), 1).await.problem(404, "not_found");
}

#[actix_web::test]
async fn what_was_public_and_is_deleted_keeps_its_path() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    admin.take(&id, "trash", json!({})).await.problem(409, "invalid_state");
    for name in ["unpublish", "trash"] {
        admin.take(&id, name, json!({})).await.expect(200);
    }
    admin.delete(&desk(&id), 1).await.expect(204);
    let other = admin.published("Titre", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/titre-2");
    let gone = app.guest().get("/v1/resolve?path=/news/titre").await.expect(200).json;
    assert_eq!((&gone["kind"], &gone["http_status"]), (&json!("gone"), &json!(410)));
    app.guest()
        .get("/v1/articles/by-path?path=/news/titre")
        .await
        .problem(410, "gone");
}
