//! Merging a tag into another: whatever carried the first carries the second, and nothing leads nowhere.

use diesel::connection::SimpleConnection;
use masthead::base::jobs::run_one;
use masthead::worker::RUNNERS;
use serde_json::{Value, json};

use super::schedule::scheduler;
use crate::support::newsroom::{UNKNOWN_ID, desk, newsroom};
use crate::support::{Answer, Client};

fn tag(id: &str) -> String {
    format!("/v1/editorial/tags/{id}")
}

async fn merge(client: &Client, from: &str, into: &str) -> Answer {
    let version = client.version_of(&tag(from)).await;
    let path = format!("{}/actions/merge", tag(from));
    client.act(&path, version, json!({"into_tag_id": into})).await
}

async fn tagged(client: &Client, section: &str, title: &str, tags: &[&String]) -> String {
    let body = json!({"locale": "fr", "title": title, "section_id": section, "tag_ids": tags,
        "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
    client.make(body).await
}

#[actix_web::test]
async fn whatever_carried_a_tag_carries_the_other_and_old_paths_lead_there() {
    let (app, admin, section) = newsroom().await;
    let (old, new, other) = (
        admin.tag("Ports").await,
        admin.tag("Port").await,
        admin.tag("Mer").await,
    );
    let draft = tagged(&admin, &section, "Brouillon", &[&old]).await;
    let live = tagged(&admin, &section, "En ligne", &[&other, &old]).await;
    let both = tagged(&admin, &section, "Les deux", &[&old, &new]).await;
    let changed = tagged(&admin, &section, "Modifié", &[&old]).await;
    let retracted = tagged(&admin, &section, "Rétracté", &[&old]).await;
    let trashed = tagged(&admin, &section, "Jeté", &[&old]).await;
    for id in [&live, &both, &changed, &retracted] {
        admin.publish(id).await.expect(200);
    }
    admin
        .edit(&changed, json!({"title": "Modifié encore"}))
        .await
        .expect(200);
    admin
        .take(&retracted, "retract", json!({"notice": "Inexact."}))
        .await
        .expect(200);
    admin.take(&trashed, "trash", json!({})).await.expect(200);
    let menu = json!({"key": "principal", "label": "Menu", "items": [
        {"kind": "heading", "label": "Dossiers", "children": [{"kind": "tag", "target_id": old, "label": "Ports"}]}]});
    admin.post("/v1/editorial/menus", menu).await.expect(201);
    let lists = json!({"pages": {"home": [{"key": "ports", "source": "tags", "tag_ids": [old, other]}]}});
    let version = admin.version_of("/v1/editorial/site").await;
    admin.patch("/v1/editorial/site", version, lists).await.expect(200);
    let before = admin.get(&desk(&changed)).await.expect(200);

    let merged = merge(&admin, &old, &new).await.expect(200);
    assert_eq!(merged.id(), new);
    admin.get(&tag(&old)).await.expect(404);
    for (id, expected) in [
        (&draft, vec![&new]),
        (&live, vec![&other, &new]),
        (&both, vec![&new]),
        (&changed, vec![&new]),
        (&retracted, vec![&new]),
        (&trashed, vec![&new]),
    ] {
        let shown = admin.get(&desk(id)).await.expect(200);
        assert_eq!(shown.json["tag_ids"], json!(expected), "{}", shown.member("title"));
        let differs = id == &changed;
        let expects = differs || [&draft, &trashed].contains(&id);
        assert_eq!(
            shown.json["has_unpublished_changes"],
            json!(expects),
            "{}",
            shown.member("title")
        );
    }
    let after = admin.get(&desk(&changed)).await.expect(200);
    assert_eq!(after.member("title"), "Modifié encore");
    assert_eq!(
        after.json["version"],
        json!(before.json["version"].as_i64().unwrap() + 1)
    );
    let guest = app.guest();
    let shown = guest.get(&format!("/v1/articles/{changed}")).await.expect(200);
    assert_eq!(
        (shown.member("title"), &shown.json["tags"][0]["id"]),
        ("Modifié", &json!(new))
    );
    let mut listed = app.listed("tag=port").await;
    listed.sort();
    let mut expected = [live.clone(), both.clone(), changed.clone()];
    expected.sort();
    assert_eq!(listed, expected);
    let resolved = app.resolve("/tag/ports").await;
    assert_eq!(resolved.json["location"], json!("/tag/port"), "{}", resolved.json);
    let menu = admin.get("/v1/editorial/menus/principal").await.expect(200);
    assert_eq!(menu.json["items"][0]["children"][0]["target_id"], json!(new));
    let site = admin.get("/v1/editorial/site").await.expect(200);
    assert_eq!(site.json["pages"]["home"][0]["tag_ids"], json!([new, other]));

    // The history says why, and an older text comes back with the tag that there is.
    let revisions = admin.get(&format!("{}/revisions", desk(&live))).await.expect(200);
    assert_eq!(revisions.json["items"][0]["note"], json!("Ports → Port"));
    let revert = format!("{}/revisions/1/revert", desk(&live));
    let version = admin.version_of(&desk(&live)).await;
    admin.edit(&live, json!({"tag_ids": []})).await.expect(200);
    let back = admin.act(&revert, version + 1, json!({})).await.expect(200);
    assert_eq!(back.json["tag_ids"], json!([other, new]));
    // And so it goes on, where that one becomes another.
    merge(&admin, &new, &other).await.expect(200);
    let version = admin.version_of(&desk(&live)).await;
    let back = admin.act(&revert, version, json!({})).await.expect(200);
    assert_eq!(back.json["tag_ids"], json!([other]));
}

#[actix_web::test]
async fn many_articles_are_brought_over_one_after_the_other_by_a_job() {
    let (app, admin, section) = newsroom().await;
    let (old, new, third) = (
        admin.tag("Ports").await,
        admin.tag("Port").await,
        admin.tag("Mer").await,
    );
    for number in 0..60 {
        let id = tagged(&admin, &section, &format!("Titre {number}"), &[&old]).await;
        admin.publish(&id).await.expect(200);
    }
    merge(&admin, &old, &new).await.expect(202);
    admin.get(&tag(&old)).await.expect(200);
    for (from, into) in [(&old, &third), (&third, &old)] {
        merge(&admin, from, into).await.problem(409, "tag_merging");
    }
    // Nor does the one that it becomes become another meanwhile: those that are still to come would have nowhere to go.
    merge(&admin, &new, &third).await.problem(409, "tag_merging");
    let draft = tagged(&admin, &section, "Venu entre-temps", &[&old]).await;
    while run_one(app.db(), &RUNNERS).await.unwrap() {}
    admin.get(&tag(&old)).await.expect(404);
    let shown = admin.get(&desk(&draft)).await.expect(200);
    assert_eq!(shown.json["tag_ids"], json!([new]));
    let count = app
        .guest()
        .get("/v1/articles?tag=port&count=capped&limit=1")
        .await
        .expect(200);
    assert_eq!(count.json["page"]["total_count"], json!(60), "{}", count.json["page"]);
    let last: Value = app.guest().get("/v1/changes?limit=100").await.expect(200).json;
    let gone = last["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|entry| entry["id"] == json!(old));
    assert!(!gone, "who comes new has never met it");
}

#[actix_web::test]
async fn a_merge_that_was_given_up_can_be_begun_again() {
    let (app, admin, section) = newsroom().await;
    let (old, new, third) = (
        admin.tag("Ports").await,
        admin.tag("Port").await,
        admin.tag("Mer").await,
    );
    for number in 0..51 {
        tagged(&admin, &section, &format!("Titre {number}"), &[&old]).await;
    }
    merge(&admin, &old, &new).await.expect(202);
    merge(&admin, &old, &third).await.problem(409, "tag_merging");
    let given_up = "UPDATE jobs SET state = 'failed' WHERE kind = 'merge_tag'";
    app.db().write(|conn| Ok(conn.batch_execute(given_up)?)).await.unwrap();
    merge(&admin, &old, &third).await.expect(200);
    admin.get(&tag(&old)).await.expect(404);
    let resolved = app.resolve("/tag/ports").await;
    assert_eq!(resolved.json["location"], json!("/tag/mer"), "{}", resolved.json);
}

#[actix_web::test]
async fn what_was_frozen_for_its_time_goes_live_with_the_tag_that_there_is() {
    let (app, admin, section) = newsroom().await;
    let (old, new) = (admin.tag("Ports").await, admin.tag("Port").await);
    let id = tagged(&admin, &section, "Demain", &[&old]).await;
    let at = app.clock.now().plus_seconds(60);
    let plan = json!({"kind": "publish", "at": at.to_string()});
    admin.take(&id, "schedule", plan).await.expect(200);
    merge(&admin, &old, &new).await.expect(200);
    app.clock.advance_seconds(61);
    scheduler(&app).run_due().await.unwrap();
    let shown = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200);
    assert_eq!(shown.json["tags"][0]["id"], json!(new));
}

#[actix_web::test]
async fn what_cannot_be_merged_is_refused() {
    let (app, admin, _) = newsroom().await;
    let (old, new) = (admin.tag("Ports").await, admin.tag("Port").await);
    merge(&admin, &old, &old).await.invalid(&[("/into_tag_id", "same_tag")]);
    merge(&admin, &old, UNKNOWN_ID)
        .await
        .invalid(&[("/into_tag_id", "unknown_reference")]);
    let path = format!("{}/actions/merge", tag(&old));
    admin.act(&path, 9, json!({"into_tag_id": new})).await.expect(412);
    let analyst = app.user(masthead::access::auth::Role::Analyst);
    analyst
        .act(&path, 1, json!({"into_tag_id": new}))
        .await
        .problem(403, "forbidden");
    admin.get(&tag(&old)).await.expect(200);
}
