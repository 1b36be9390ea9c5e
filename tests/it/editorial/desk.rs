//! Several at one desk: what they typed and did not save, who is at work on what, what they tell each
//! other, and the list in which they find it.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::{article_notes, autosaves as slots, edits};
use masthead::editorial::autosaves::{self, KEPT_DAYS};
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, desk, newsroom};
use crate::support::requests::together;
use crate::support::{Answer, Client};

fn autosave(id: &str) -> String {
    format!("{}/autosave", desk(id))
}

fn lock(id: &str) -> String {
    format!("{}/lock", desk(id))
}

fn notes(id: &str) -> String {
    format!("{}/notes", desk(id))
}

fn me(client: &Client) -> String {
    client.user_id.unwrap().to_string()
}

impl Client {
    async fn type_in(&self, id: &str, base_version: i64, mut typed: Value) -> Answer {
        typed["base_version"] = json!(base_version);
        self.put(&autosave(id), typed).await
    }

    async fn remove(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    async fn note(&self, id: &str, body: Value) -> String {
        self.post(&notes(id), body).await.expect(201).id()
    }
}

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

#[actix_web::test]
async fn a_lease_is_taken_renewed_and_given_back() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    assert_eq!(
        admin.get(&lock(&id)).await.expect(200).json,
        json!({"article_id": id, "lease": null})
    );
    let lease = |since: &str, until: &str| json!({"user_id": me(&admin), "user_name": "Awa Kossou", "since": since, "until": until});
    let taken = admin.request(Method::PUT, &lock(&id)).send().await.expect(200).json;
    assert_eq!(
        taken["lease"],
        lease("2026-11-23T08:00:00.000Z", "2026-11-23T08:05:00.000Z")
    );
    app.clock.advance_seconds(200);
    let renewed = admin
        .put(&lock(&id), json!({"ttl_seconds": 3600}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        renewed["lease"],
        lease("2026-11-23T08:00:00.000Z", "2026-11-23T09:03:20.000Z")
    );
    assert_eq!(admin.get(&desk(&id)).await.json["lease"], renewed["lease"]);
    assert_eq!(admin.get(ARTICLES).await.json["items"][0]["lease"], renewed["lease"]);
    for _ in 0..2 {
        admin.remove(&lock(&id)).await.expect(204);
    }
    assert_eq!(admin.get(&desk(&id)).await.json["lease"], Value::Null);
    for bad in [29, 3601] {
        admin
            .put(&lock(&id), json!({"ttl_seconds": bad}))
            .await
            .invalid(&[("/ttl_seconds", "out_of_range")]);
    }
}

#[actix_web::test]
async fn a_lease_ends_by_the_clock() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let other = app.user(Role::Publisher);
    admin.put(&lock(&id), json!({"ttl_seconds": 30})).await.expect(200);
    app.clock.advance_seconds(29);
    other.put(&lock(&id), json!({})).await.problem(409, "lease_held");
    app.clock.advance_seconds(1);
    for path in [lock(&id), desk(&id)] {
        assert_eq!(admin.get(&path).await.json["lease"], Value::Null, "{path}");
    }
    assert_eq!(admin.get(ARTICLES).await.json["items"][0]["lease"], Value::Null);
    assert!(
        admin
            .get(&format!("{ARTICLES}?leased_by={}", me(&admin)))
            .await
            .items("id")
            .is_empty()
    );
    let taken = other.put(&lock(&id), json!({})).await.expect(200).json;
    assert_eq!(taken["lease"]["since"], "2026-11-23T08:00:30.000Z");
    // One's own that has ended begins anew.
    app.clock.advance_seconds(300);
    let again = other.put(&lock(&id), json!({})).await.expect(200).json;
    assert_eq!(again["lease"]["since"], "2026-11-23T08:05:30.000Z");
}

#[actix_web::test]
async fn a_colleagues_lease_is_told_taken_over_and_stops_nobody() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let (awa, koffi) = (app.user(Role::Publisher), app.user(Role::SectionEditor));
    awa.put(&lock(&id), json!({})).await.expect(200);
    let held = koffi.put(&lock(&id), json!({})).await.problem(409, "lease_held");
    assert_eq!(
        (&held.json["holder_id"], &held.json["holder_name"], &held.json["until"]),
        (
            &json!(me(&awa)),
            &json!("Awa Kossou"),
            &json!("2026-11-23T08:05:00.000Z")
        )
    );
    koffi.remove(&lock(&id)).await.problem(409, "lease_held");
    // Advice: the work goes on.
    koffi.edit(&id, json!({"title": "Autre"})).await.expect(200);
    koffi.publish(&id).await.expect(200);
    assert_eq!(koffi.get(&lock(&id)).await.json["lease"]["user_id"], me(&awa));
    let taken = koffi.put(&lock(&id), json!({"take_over": true})).await.expect(200).json;
    assert_eq!(taken["lease"]["user_id"], me(&koffi));
    awa.put(&lock(&id), json!({})).await.problem(409, "lease_held");
    admin.remove(&lock(&id)).await.expect(204);
    assert_eq!(koffi.get(&lock(&id)).await.json["lease"], Value::Null);
    app.user(Role::Analyst).get(&lock(&id)).await.expect(200);
    app.user(Role::Journalist)
        .put(&lock(&id), json!({}))
        .await
        .problem(404, "not_found");
    admin.put(&lock(UNKNOWN_ID), json!({})).await.problem(404, "not_found");
}

#[actix_web::test]
async fn of_many_who_take_a_lease_at_once_one_has_it() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let taking = (0..8).map(|_| {
        let (client, path) = (app.user(Role::Publisher), lock(&id));
        async move { (me(&client), client.put(&path, json!({})).await) }
    });
    let answers = together(taking.collect()).await;
    let holder = admin.get(&lock(&id)).await.json["lease"]["user_id"].clone();
    for (user, answer) in answers {
        if holder == user {
            answer.expect(200);
        } else {
            assert_eq!(answer.problem(409, "lease_held").json["holder_id"], holder);
        }
    }
}

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
        admin.put(&lock(id), json!({})).await.expect(200);
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

async fn found(client: &Client, query: &str) -> BTreeSet<String> {
    client
        .walk(&format!("{ARTICLES}?{query}"), 2)
        .await
        .into_iter()
        .collect()
}

#[actix_web::test]
async fn the_desk_finds_articles_by_what_is_asked() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let tag = admin.tag("Mali").await;
    let awa = app.user(Role::Publisher);
    let make = async |client: &Client, title: &str, body: Value| {
        let id = client.draft(title, &section).await;
        client.edit(&id, body).await.expect(200);
        id
    };
    let plain = make(&admin, "Brouillon", json!({"section_id": sport})).await;
    let assigned = make(&awa, "Confié", json!({"assignee_id": me(&awa)})).await;
    let tagged = make(&admin, "Étiqueté", json!({"tag_ids": [tag]})).await;
    app.clock.advance_seconds(60);
    let submitted = make(&admin, "À relire", json!({"kicker": "K"})).await;
    admin.take(&submitted, "submit", json!({})).await.expect(200);
    let ready = make(&admin, "Prêt", json!({"kicker": "K"})).await;
    for name in ["submit", "approve"] {
        admin.take(&ready, name, json!({})).await.expect(200);
    }
    let live = make(&admin, "En ligne", json!({"kicker": "K"})).await;
    admin.publish(&live).await.expect(200);
    let trashed = make(&admin, "Jeté", json!({"kicker": "K"})).await;
    admin.take(&trashed, "trash", json!({})).await.expect(200);
    awa.put(&lock(&live), json!({"ttl_seconds": 3600})).await.expect(200);
    let (awa_id, admin_id) = (me(&awa), me(&admin));
    let cases: Vec<(String, Vec<&String>)> = vec![
        (
            String::new(),
            vec![&plain, &assigned, &tagged, &submitted, &ready, &live],
        ),
        ("state=trashed".to_owned(), vec![&trashed]),
        ("state=published&state=trashed".to_owned(), vec![&live, &trashed]),
        (
            "state=published,draft,published".to_owned(),
            vec![&plain, &assigned, &tagged, &submitted, &ready, &live],
        ),
        ("review=in_review".to_owned(), vec![&submitted]),
        ("review=ready,in_review".to_owned(), vec![&submitted, &ready]),
        (format!("assignee_id={awa_id}"), vec![&assigned]),
        (
            "assignee_id=none".to_owned(),
            vec![&plain, &tagged, &submitted, &ready, &live],
        ),
        (format!("leased_by={awa_id}"), vec![&live]),
        (format!("leased_by={admin_id}"), vec![]),
        (format!("created_by={awa_id}"), vec![&assigned]),
        (format!("section_id={sport}"), vec![&plain]),
        (format!("tag_id={tag}"), vec![&tagged]),
        ("has_unpublished_changes=false".to_owned(), vec![&live]),
        (
            "has_unpublished_changes=true".to_owned(),
            vec![&plain, &assigned, &tagged, &submitted, &ready],
        ),
        (
            "changed_since=2026-11-23T08:01:00Z".to_owned(),
            vec![&submitted, &ready, &live],
        ),
        (
            format!("state=draft&review=ready&created_by={admin_id}&assignee_id=none"),
            vec![&ready],
        ),
    ];
    for (query, expected) in cases {
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&admin, &query).await, expected, "{query}");
        assert_eq!(
            found(&admin, &format!("{query}&sort=edited_at")).await,
            expected,
            "{query}"
        );
    }
    for bad in [
        "state=draft,live",
        "review=done",
        "assignee_id=nobody",
        "leased_by=none",
        "sort=title",
        "state=",
    ] {
        admin
            .get(&format!("{ARTICLES}?{bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn the_desk_walks_in_either_order() {
    let (app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(admin.draft(&number.to_string(), &section).await);
        // Two at a time have the same moment.
        app.clock.advance_seconds(number % 2);
    }
    let oldest = admin.walk(&format!("{ARTICLES}?sort=edited_at"), 2).await;
    let newest = admin.walk(&format!("{ARTICLES}?sort=-edited_at"), 2).await;
    assert_eq!(oldest, ids);
    assert_eq!(newest, ids.into_iter().rev().collect::<Vec<_>>());
    let page = admin.get(&format!("{ARTICLES}?limit=2&sort=edited_at")).await.json;
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    for other in ["", "&sort=-edited_at", "&sort=edited_at&state=draft"] {
        let path = format!("{ARTICLES}?limit=2&cursor={cursor}{other}");
        admin.get(&path).await.problem(400, "invalid_cursor");
    }
}

#[actix_web::test]
async fn a_line_shows_who_works_on_it_and_what_is_open() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let awa = app.user(Role::Publisher);
    admin.edit(&id, json!({"assignee_id": me(&awa)})).await.expect(200);
    awa.put(&lock(&id), json!({})).await.expect(200);
    for _ in 0..3 {
        awa.note(&id, json!({"body": "À voir."})).await;
    }
    let note = awa.note(&id, json!({"body": "Vu."})).await;
    awa.post(&format!("{}/{note}/actions/resolve", notes(&id)), json!({}))
        .await
        .expect(200);
    admin.draft("Autre", &section).await;
    let items = admin.get(ARTICLES).await.expect(200).json["items"].clone();
    assert_eq!(
        (&items[1]["assignee_name"], &items[1]["open_note_count"]),
        (&json!("Awa Kossou"), &json!(3))
    );
    assert_eq!(items[1]["lease"]["user_id"], me(&awa));
    assert_eq!(
        (
            &items[0]["assignee_name"],
            &items[0]["lease"],
            &items[0]["open_note_count"]
        ),
        (&Value::Null, &Value::Null, &json!(0))
    );
}

#[actix_web::test]
async fn a_journalist_finds_their_own_alone() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let other = admin.draft("À d’autres", &section).await;
    admin
        .edit(&other, json!({"assignee_id": me(&journalist)}))
        .await
        .expect(200);
    for query in ["", "state=draft", "review=draft,ready", "has_unpublished_changes=true"] {
        assert_eq!(
            found(&journalist, query).await,
            BTreeSet::from([own.clone()]),
            "{query}"
        );
    }
    assert!(
        found(&journalist, &format!("assignee_id={}", me(&journalist)))
            .await
            .is_empty()
    );
    let by_admin = format!("created_by={}", me(&admin));
    assert!(found(&journalist, &by_admin).await.is_empty());
}
