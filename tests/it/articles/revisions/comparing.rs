//! Two revisions, compared by member, block and word.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{diff, members, revision};
use crate::support::newsroom::{action, desk, newsroom};

#[actix_web::test]
async fn two_revisions_are_told_apart_by_member_block_and_word() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let block = admin.get(&desk(&id)).await.json["blocks"][0]["id"].clone();
    let blocks = json!([{"type": "divider"}, {"type": "paragraph", "id": block, "html": "Un long paragraphe."}]);
    admin
        .edit(
            &id,
            json!({"title": "Le grand port", "blocks": blocks, "is_featured": true}),
        )
        .await
        .expect(200);
    let found = diff(&admin, &id, 2, "").await;
    assert_eq!(
        (
            &found["from"]["revision_number"],
            &found["to"]["revision_number"],
            &found["is_same"]
        ),
        (&json!(1), &json!(2), &json!(false))
    );
    assert_eq!(
        found["fields"],
        json!([
            {"pointer": "/is_featured", "old": "false", "new": "true", "spans": []},
            {"pointer": "/title", "old": "Le port", "new": "Le grand port", "spans": [
                {"kind": "equal", "text": "Le "}, {"kind": "inserted", "text": "grand "}, {"kind": "equal", "text": "port"}]},
        ])
    );
    let told = members(
        found["blocks"].as_array().unwrap(),
        &["kind", "old_position", "new_position", "is_moved", "members"],
    );
    assert_eq!(
        json!(told),
        json!([["added", null, 0, false, []], ["changed", 0, 1, false, ["html"]]])
    );
    assert_eq!(
        found["blocks"][1]["spans"][1],
        json!({"kind": "inserted", "text": "long "})
    );
    // The other way round what was inserted is removed.
    let back = diff(&admin, &id, 1, "2").await;
    assert_eq!(
        back["fields"][1]["spans"][1],
        json!({"kind": "removed", "text": "grand "})
    );
    // All of the first one is new.
    let first = diff(&admin, &id, 1, "").await;
    assert_eq!(
        (&first["from"], first["blocks"].as_array().unwrap().len()),
        (&Value::Null, 1)
    );
}

#[actix_web::test]
async fn a_revision_is_compared_with_the_working_copy_and_with_what_is_live() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    assert_eq!(diff(&admin, &id, 3, "working").await["is_same"], true);
    let live = diff(&admin, &id, 3, "live").await;
    assert_eq!(
        (&live["from"]["revision_number"], &live["fields"][0]["old"]),
        (&json!(2), &json!("Un"))
    );
    let working = diff(&admin, &id, 2, "working").await;
    assert_eq!(
        working["from"],
        json!({"revision_number": null, "version": 2, "is_working_copy": true})
    );
    assert_eq!(working["fields"][0]["new"], "Un");
    let draft = admin.draft("Trois", &section).await;
    let path = format!("{}/diff?against=", revision(&draft, 1));
    for none in ["live", "2"] {
        admin.get(&format!("{path}{none}")).await.problem(404, "not_found");
    }
    for bad in ["0", "-1", "Live", "%2B1"] {
        admin
            .get(&format!("{path}{bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn more_changes_than_can_be_listed_are_told_in_sum() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    let awa = app.user(Role::Publisher);
    awa.patch(&desk(&id), 1, json!({"kicker": "K"})).await.expect(200);
    for version in 2..=61 {
        admin
            .patch(&desk(&id), version, json!({"title": format!("T{version}")}))
            .await
            .expect(200);
    }
    let (publish, revert) = (action(&id, "publish"), format!("{}/revert", revision(&id, 1)));
    for (method, path) in [
        (Method::PATCH, desk(&id)),
        (Method::POST, publish),
        (Method::POST, revert),
    ] {
        let asking = admin.request(method, &path).if_match(1).json(json!({}));
        let refused = asking.send().await.problem(412, "stale_version").json;
        let changes = refused["changes"].as_array().unwrap();
        assert_eq!(
            (changes.len(), &changes[0]["version"], &changes[49]["version"]),
            (50, &json!(13), &json!(62))
        );
        let summary = &refused["change_summary"];
        assert_eq!(
            (&summary["count"], &summary["fields"]),
            (&json!(61), &json!(["kicker", "title"]))
        );
        let mut users: Vec<&str> = summary["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["user_id"].as_str().unwrap())
            .collect();
        users.sort_unstable();
        let mut expected = [admin.user_id.unwrap().to_string(), awa.user_id.unwrap().to_string()];
        expected.sort_unstable();
        assert_eq!(users, expected);
    }
    let last = admin
        .patch(&desk(&id), 61, json!({"title": "Z"}))
        .await
        .problem(412, "stale_version")
        .json;
    assert_eq!(
        (
            last["changes"].as_array().unwrap().len(),
            &last["change_summary"]["count"]
        ),
        (1, &json!(1))
    );
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 62);
}
