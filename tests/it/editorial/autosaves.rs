//! What somebody typed and did not save.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::autosaves as slots;
use masthead::editorial::autosaves::{self, KEPT_DAYS};
use serde_json::{Value, json};

use super::{autosave, me};
use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, desk, newsroom};

#[actix_web::test]
async fn what_is_typed_is_kept_and_changes_nothing() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    let before = admin.get(&desk(&id)).await.json;
    let list = admin.get(ARTICLES).await.json;
    app.clock.advance_seconds(60);
    let kept = admin
        .type_in(&id, 1, json!({"title": "Titre de", "kicker": ""}))
        .await
        .expect(200);
    assert_eq!(
        kept.json,
        json!({"article_id": id, "base_version": 1, "current_version": 1, "is_stale": false, "saved_at": "2026-11-23T08:01:00.000Z"})
    );
    let mut after = admin.get(&desk(&id)).await.json;
    let unsaved = after["autosaves"].take();
    assert_eq!(
        unsaved,
        json!([{"user_id": me(&admin), "user_name": "Awa Kossou", "saved_at": "2026-11-23T08:01:00.000Z"}])
    );
    after["autosaves"] = json!([]);
    assert_eq!(after, before);
    assert_eq!(admin.get(ARTICLES).await.json, list);
    let typed = admin.get(&autosave(&id)).await.expect(200).json;
    assert_eq!(
        (&typed["content"]["title"], &typed["changes"], &typed["change_summary"]),
        (&json!("Titre de"), &json!([]), &Value::Null)
    );
    // What was left out stands as in the working copy.
    assert_eq!(typed["content"]["section_id"], section);
    assert_eq!(typed["content"]["blocks"], before["blocks"]);
    // The next one takes its place.
    admin.type_in(&id, 1, json!({"title": ""})).await.expect(200);
    assert_eq!(admin.get(&autosave(&id)).await.json["content"]["title"], "");
    assert_eq!(
        app.guest().get(&format!("/v1/articles/{id}")).await.json["title"],
        "Titre"
    );
}

#[actix_web::test]
async fn everybody_has_a_slot_of_their_own() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let other = app.user(Role::Publisher);
    admin.type_in(&id, 1, json!({"title": "A"})).await.expect(200);
    app.clock.advance_seconds(1);
    other.type_in(&id, 1, json!({"title": "B"})).await.expect(200);
    assert_eq!(admin.get(&autosave(&id)).await.json["content"]["title"], "A");
    let unsaved = admin.get(&desk(&id)).await.json["autosaves"].clone();
    assert_eq!(
        (&unsaved[0]["user_id"], &unsaved[1]["user_id"]),
        (&json!(me(&other)), &json!(me(&admin)))
    );
    // Saving empties one's own.
    admin.edit(&id, json!({"title": "A"})).await.expect(200);
    admin.get(&autosave(&id)).await.problem(404, "not_found");
    let stale = other.get(&autosave(&id)).await.expect(200).json;
    assert_eq!(
        (
            &stale["content"]["title"],
            &stale["is_stale"],
            &stale["current_version"]
        ),
        (&json!("B"), &json!(true), &json!(2))
    );
    assert_eq!(
        (&stale["changes"][0]["fields"], &stale["changes"][0]["user_id"]),
        (&json!(["title"]), &json!(me(&admin)))
    );
    assert_eq!(stale["change_summary"]["count"], 1);
    for _ in 0..2 {
        other.remove(&autosave(&id)).await.expect(204);
    }
    assert_eq!(admin.get(&desk(&id)).await.json["autosaves"], json!([]));
}

#[actix_web::test]
async fn a_refused_save_keeps_what_was_typed() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let other = app.user(Role::Publisher);
    admin.type_in(&id, 1, json!({"title": "A"})).await.expect(200);
    other.edit(&id, json!({"title": "B"})).await.expect(200);
    admin
        .patch(&desk(&id), 1, json!({"title": "A"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(
        admin.get(&autosave(&id)).await.expect(200).json["content"]["title"],
        "A"
    );
}

#[actix_web::test]
async fn half_typed_is_taken_as_far_as_its_types_go() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let id = journalist.draft("Titre", &section).await;
    let typed = json!({"title": null, "section_id": null, "slug": "en-cours", "tag_ids": [UNKNOWN_ID], "assignee_id": me(&admin),
        "embargo_until": "2027-01-01T00:00:00Z",
        "blocks": [{"type": "paragraph", "html": "<b>à moit<script>x</script>"}, {"type": "raw_html", "html": "<i>x</i>"}]});
    journalist.type_in(&id, 1, typed).await.expect(200);
    let kept = journalist.get(&autosave(&id)).await.expect(200).json;
    assert_eq!(kept["content"]["blocks"][0]["html"], "<b>à moit</b>");
    assert_eq!(
        (&kept["content"]["tag_ids"], &kept["assignee_id"]),
        (&json!([UNKNOWN_ID]), &json!(me(&admin)))
    );
    journalist
        .type_in(&id, 1, json!({"title": "x".repeat(301)}))
        .await
        .invalid(&[("/title", "too_long")]);
    journalist
        .put(&autosave(&id), json!({"title": "x"}))
        .await
        .invalid(&[("/base_version", "required")]);
    // Saving it is another matter.
    let body = json!({"blocks": kept["content"]["blocks"]});
    journalist.patch(&desk(&id), 1, body).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn only_those_who_may_write_have_a_slot() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    let sport = admin.section("Sport", None).await;
    for (client, status) in [
        (app.user(Role::Analyst), 403),
        (app.user(Role::Journalist), 404),
        (app.user_in(Role::SectionEditor, &sport), 404),
    ] {
        assert_eq!(client.type_in(&id, 1, json!({"title": "x"})).await.status, status);
    }
    let own = app.user(Role::Journalist);
    let public = own.draft("À moi", &section).await;
    admin.publish(&public).await.expect(200);
    own.type_in(&public, 1, json!({"title": "x"}))
        .await
        .problem(403, "forbidden");
    assert_eq!(admin.get(&desk(&id)).await.json["autosaves"], json!([]));
}

#[actix_web::test]
async fn slots_go_with_their_article_and_with_their_time() {
    let (app, admin, section) = newsroom().await;
    let ids = [admin.draft("Un", &section).await, admin.draft("Deux", &section).await];
    for id in &ids {
        admin.type_in(id, 1, json!({"title": "Zqxj"})).await.expect(200);
    }
    let count = || -> i64 {
        app.db()
            .read_blocking(|conn| Ok(slots::table.count().get_result(conn)?))
            .unwrap()
    };
    admin.take(&ids[0], "trash", json!({})).await.expect(200);
    // From the trash it may still be saved.
    admin.type_in(&ids[0], 1, json!({"title": "Zqxj"})).await.expect(200);
    admin
        .take(&ids[0], "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    assert_eq!(count(), 1);
    admin
        .type_in(&ids[0], 2, json!({"title": "Zqxj"}))
        .await
        .problem(409, "invalid_state");
    assert_eq!(count(), 1);
    let sweep = |seconds: i64| {
        let now = app.now().plus_seconds(seconds);
        app.db()
            .write_blocking(move |conn| autosaves::store::forget_old(conn, now))
            .unwrap();
    };
    sweep(KEPT_DAYS * 24 * 3600 - 1);
    assert_eq!(count(), 1);
    sweep(KEPT_DAYS * 24 * 3600);
    assert_eq!(count(), 0);
}
