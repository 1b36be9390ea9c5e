//! Who works on which article: an editor of a section, a journalist.

use masthead::access::auth::Role;
use serde_json::json;

use crate::support::newsroom::{ARTICLES, action, desk, newsroom};

#[actix_web::test]
async fn an_editor_of_a_section_acts_in_it_only() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    editor
        .post(ARTICLES, json!({"locale": "fr", "section_id": news}))
        .await
        .problem(403, "forbidden");
    let own = editor.draft("Match", &sport).await;
    editor
        .edit(&own, json!({"section_id": news}))
        .await
        .problem(403, "forbidden");
    editor.publish(&own).await.expect(200);
    let others = admin.draft("Coup d’État", &news).await;
    editor.get(&desk(&others)).await.problem(404, "not_found");
    editor
        .patch(&desk(&others), 1, json!({"title": "X"}))
        .await
        .problem(404, "not_found");
    for name in ["publish", "unpublish", "trash", "restore"] {
        editor
            .act(&action(&others, name), 1, json!({}))
            .await
            .problem(404, "not_found");
    }
    editor.delete(&desk(&others), 1).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn a_journalist_works_on_their_own_drafts_until_they_are_public() {
    let (app, admin, section) = newsroom().await;
    let (journalist, colleague) = (app.user(Role::Journalist), app.user(Role::Journalist));
    let id = journalist.draft("Titre", &section).await;
    journalist.edit(&id, json!({"title": "Autre"})).await.expect(200);
    journalist
        .take(&id, "publish", json!({}))
        .await
        .problem(403, "forbidden");
    colleague.get(&desk(&id)).await.problem(404, "not_found");
    colleague
        .patch(&desk(&id), 2, json!({"title": "X"}))
        .await
        .problem(404, "not_found");
    colleague
        .act(&action(&id, "trash"), 2, json!({}))
        .await
        .problem(404, "not_found");
    journalist.take(&id, "trash", json!({})).await.expect(200);
    journalist.take(&id, "restore", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
    journalist.get(&desk(&id)).await.expect(200);
    assert_eq!(journalist.walk(ARTICLES, 5).await, std::slice::from_ref(&id));
    journalist
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(403, "forbidden");
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    journalist
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(403, "forbidden");
    journalist.take(&id, "trash", json!({})).await.problem(403, "forbidden");
    for role in [Role::Moderator, Role::Analyst] {
        app.user(role)
            .post(ARTICLES, json!({"locale": "fr"}))
            .await
            .problem(403, "forbidden");
    }
    app.guest().get(ARTICLES).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_grant_must_cover_every_section_that_a_change_adds_and_all_of_them_to_make_it_public() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    let id = editor.draft("Finale", &sport).await;
    // Nowhere else may it be listed, neither now nor when it is made.
    let added = editor.edit(&id, json!({"secondary_section_ids": [news]})).await;
    added.problem(403, "forbidden");
    let body = json!({"locale": "fr", "title": "F", "section_id": sport, "secondary_section_ids": [news]});
    editor.post(ARTICLES, body).await.problem(403, "forbidden");
    // Where a colleague lists it, theirs is the decision to publish; everything else goes on.
    admin
        .edit(&id, json!({"secondary_section_ids": [news]}))
        .await
        .expect(200);
    editor.edit(&id, json!({"title": "Grande finale"})).await.expect(200);
    let seen = editor.get(&desk(&id)).await.expect(200);
    let allowed = seen.json["allowed_actions"].as_array().unwrap();
    assert!(
        !allowed.contains(&json!("publish")) && allowed.contains(&json!("edit")),
        "{allowed:?}"
    );
    editor.take(&id, "publish", json!({})).await.problem(403, "forbidden");
    let later = json!({"kind": "publish", "local_time": "2030-01-01T08:00:00", "time_zone": "UTC"});
    editor.take(&id, "schedule", later).await.problem(403, "forbidden");
    let until = app.now().plus_seconds(3600).to_string();
    let breaking = editor.edit(&id, json!({"breaking_until": until})).await;
    breaking.problem(403, "forbidden");
    // Taking it out again needs nothing there.
    editor.edit(&id, json!({"secondary_section_ids": []})).await.expect(200);
    editor.edit(&id, json!({"breaking_until": until})).await.expect(200);
    editor.take(&id, "publish", json!({})).await.expect(200);
}
