//! What colleagues tell each other about an article.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::{article_notes, edits};
use serde_json::{Value, json};

use super::{lease_of, me, notes};
use crate::support::newsroom::{desk, newsroom};

#[actix_web::test]
async fn notes_are_written_changed_settled_and_deleted() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let awa = app.user(Role::SectionEditor);
    let made = awa
        .post(&notes(&id), json!({"body": " Qui a dit cela ? "}))
        .await
        .expect(201);
    let path = format!("{}/{}", notes(&id), made.id());
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (path.as_str(), "\"v1\"")
    );
    assert_eq!(
        made.json,
        json!({"id": made.id(), "article_id": id, "block_id": null, "is_orphaned": false, "body": "Qui a dit cela ?",
            "author_id": me(&awa), "author_name": "Awa Kossou", "version": 1, "created_at": "2026-11-23T08:00:00.000Z",
            "updated_at": "2026-11-23T08:00:00.000Z", "resolved_at": null, "resolved_by": null, "resolved_by_name": null})
    );
    app.clock.advance_seconds(60);
    let changed = awa.patch(&path, 1, json!({"body": "Qui l’a dit ?"})).await.expect(200);
    assert_eq!(
        (changed.header("etag"), &changed.json["updated_at"]),
        ("\"v2\"", &json!("2026-11-23T08:01:00.000Z"))
    );
    let same = awa.patch(&path, 2, json!({"body": "Qui l’a dit ?"})).await.expect(200);
    assert_eq!(same.header("etag"), "\"v2\"");
    // Others settle it; what it says is its author's.
    admin
        .patch(&path, 2, json!({"body": "Moi"}))
        .await
        .problem(403, "forbidden");
    admin.delete(&path, 2).await.problem(403, "forbidden");
    let stale = awa
        .patch(&path, 1, json!({"body": "x"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["body"]));
    assert_eq!(stale.json["current_values"], json!({"body": "Qui l’a dit ?"}));
    for _ in 0..2 {
        let resolved = admin
            .post(&format!("{path}/actions/resolve"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&resolved["resolved_at"], &resolved["resolved_by"]),
            (&json!("2026-11-23T08:01:00.000Z"), &json!(me(&admin)))
        );
        assert_eq!(
            (&resolved["resolved_by_name"], &resolved["version"]),
            (&json!("Awa Kossou"), &json!(3))
        );
    }
    assert_eq!(admin.get(&desk(&id)).await.json["open_note_count"], 0);
    for _ in 0..2 {
        let reopened = awa
            .post(&format!("{path}/actions/reopen"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&reopened["resolved_at"], &reopened["version"]),
            (&Value::Null, &json!(4))
        );
    }
    assert_eq!(admin.get(&desk(&id)).await.json["open_note_count"], 1);
    assert_eq!(admin.get(&path).await.expect(200).header("etag"), "\"v4\"");
    awa.remove(&path).await.problem(428, "precondition_required");
    awa.delete(&path, 4).await.expect(204);
    admin.get(&path).await.problem(404, "not_found");
    assert_eq!(
        admin.get(&desk(&id)).await.json["version"],
        1,
        "notes are no change of the article"
    );
}

#[actix_web::test]
async fn a_note_is_about_a_block_that_is_there_and_outlives_it() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let block = admin.get(&desk(&id)).await.json["blocks"][0]["id"].clone();
    admin
        .post(&notes(&id), json!({"body": "x", "block_id": "ailleurs"}))
        .await
        .invalid(&[("/block_id", "unknown_reference")]);
    let note = admin.note(&id, json!({"body": "Source ?", "block_id": block})).await;
    let path = format!("{}/{note}", notes(&id));
    admin.edit(&id, json!({"blocks": []})).await.expect(200);
    assert_eq!(admin.get(&path).await.json["is_orphaned"], true);
    assert_eq!(admin.get(&notes(&id)).await.json["items"][0]["is_orphaned"], true);
    admin
        .patch(&path, 1, json!({"body": "Source ?", "block_id": block}))
        .await
        .invalid(&[("/block_id", "unknown_reference")]);
    let freed = admin.patch(&path, 1, json!({"block_id": null})).await.expect(200).json;
    assert_eq!(
        (&freed["is_orphaned"], &freed["block_id"]),
        (&json!(false), &Value::Null)
    );
    // Back with the block, so is the anchor of one that kept it.
    let back = admin
        .act(&format!("{}/revisions/1/revert", desk(&id)), 2, json!({}))
        .await
        .expect(200)
        .json;
    assert_eq!(back["blocks"][0]["id"], block);
    admin.patch(&path, 2, json!({"block_id": block})).await.expect(200);
}

#[actix_web::test]
async fn notes_are_listed_oldest_first_open_or_not() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let mut all = Vec::new();
    for number in 0..5 {
        all.push(admin.note(&id, json!({"body": format!("Note {number}")})).await);
    }
    for note in &all[..2] {
        admin
            .post(&format!("{}/{note}/actions/resolve", notes(&id)), json!({}))
            .await
            .expect(200);
    }
    assert_eq!(admin.walk(&notes(&id), 2).await, all);
    assert_eq!(admin.walk(&format!("{}?state=open", notes(&id)), 2).await, all[2..]);
    assert_eq!(admin.walk(&format!("{}?state=resolved", notes(&id)), 1).await, all[..2]);
    let other = admin.draft("Autre", &section).await;
    assert!(admin.walk(&notes(&other), 2).await.is_empty());
    // A note is its article's.
    for path in ["", "/actions/resolve"] {
        let path = format!("{}/{}{path}", notes(&other), all[0]);
        let method = if path.ends_with("resolve") {
            Method::POST
        } else {
            Method::GET
        };
        admin.request(method, &path).send().await.problem(404, "not_found");
    }
}

#[actix_web::test]
async fn who_reads_an_article_writes_notes_on_it_but_for_analysts() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let other = admin.draft("À d’autres", &section).await;
    admin.publish(&own).await.expect(200);
    // Once public it is no longer theirs to change, but theirs to talk about.
    let note = journalist.note(&own, json!({"body": "Merci."})).await;
    journalist
        .patch(&format!("{}/{note}", notes(&own)), 1, json!({"body": "Merci !"}))
        .await
        .expect(200);
    journalist
        .post(&notes(&other), json!({"body": "x"}))
        .await
        .problem(404, "not_found");
    journalist.get(&notes(&other)).await.problem(404, "not_found");
    let analyst = app.user(Role::Analyst);
    analyst.get(&notes(&own)).await.expect(200);
    analyst
        .post(&notes(&own), json!({"body": "x"}))
        .await
        .problem(403, "forbidden");
    app.user(Role::Moderator)
        .get(&notes(&own))
        .await
        .problem(403, "forbidden");
    let sport = admin.section("Sport", None).await;
    let elsewhere = app.user_in(Role::SectionEditor, &sport);
    elsewhere.get(&notes(&own)).await.problem(404, "not_found");
    elsewhere
        .post(&format!("{}/{note}/actions/resolve", notes(&own)), json!({}))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn one_key_writes_one_note() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let body = json!({"body": "Une fois"});
    let first = admin.once(&notes(&id), None, "key", body.clone()).await.expect(201);
    let again = admin.once(&notes(&id), None, "key", body).await.expect(201);
    assert_eq!(
        (first.id(), first.header("location")),
        (again.id(), again.header("location"))
    );
    assert_eq!(admin.walk(&notes(&id), 9).await.len(), 1);
}

#[actix_web::test]
async fn notes_go_with_their_article() {
    let (app, admin, section) = newsroom().await;
    let ids = [admin.draft("Un", &section).await, admin.draft("Deux", &section).await];
    for id in &ids {
        admin.note(id, json!({"body": "Zqxj"})).await;
        admin.put(&lease_of(id), json!({})).await.expect(200);
    }
    admin
        .take(&ids[0], "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    admin.take(&ids[1], "trash", json!({})).await.expect(200);
    admin.delete(&desk(&ids[1]), 1).await.expect(204);
    let (left, told): (i64, i64) = app
        .db()
        .read_blocking(|conn| {
            let told = edits::table.filter(edits::kind.eq("article_note"));
            Ok((
                article_notes::table.count().get_result(conn)?,
                told.count().get_result(conn)?,
            ))
        })
        .unwrap();
    assert_eq!((left, told), (0, 0));
    let killed = admin.get(&desk(&ids[0])).await.json;
    assert_eq!(
        (&killed["lease"], &killed["open_note_count"]),
        (&Value::Null, &json!(0))
    );
}
