//! Two people at one article: what the second is told, and when both changes are taken.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::newsroom::{action, desk, newsroom};
use crate::support::{Answer, Client};

/// A change of version 1 that is to be made over what others changed.
async fn merging(client: &Client, id: &str, body: Value) -> Answer {
    client.patch(&format!("{}?merge=disjoint", desk(id)), 1, body).await
}

#[actix_web::test]
async fn a_stale_version_is_told_what_the_changed_members_hold_now() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let change = json!({"kicker": "K", "embargo_until": "2026-11-25T00:00:00Z",
        "blocks": [{"type": "paragraph", "id": "b1", "html": "x"}, {"type": "divider", "id": "b2"}]});
    app.user(Role::Publisher).patch(&desk(&id), 1, change).await.expect(200);
    let values = json!({"kicker": "K", "embargo_until": "2026-11-25T00:00:00.000Z", "blocks": ["b1", "b2"]});
    for answer in [
        admin.patch(&desk(&id), 1, json!({"title": "Z"})).await,
        admin.act(&action(&id, "publish"), 1, json!({})).await,
        admin.patch(&desk(&id), 9, json!({"title": "Z"})).await,
    ] {
        let refused = answer.problem(412, "stale_version");
        let expected = if refused.json["changes"] == json!([]) {
            json!({})
        } else {
            values.clone()
        };
        assert_eq!(refused.json["current_values"], expected);
    }
    // Things of the site say it as well.
    let tag = admin.tag("Mali").await;
    let path = format!("/v1/editorial/tags/{tag}");
    admin.patch(&path, 1, json!({"description": "Pays"})).await.expect(200);
    let refused = admin
        .patch(&path, 1, json!({"label": "M"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(refused.json["current_values"], json!({"description": "Pays"}));
}

#[actix_web::test]
async fn values_that_are_too_long_for_an_answer_are_left_out() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let blocks = vec![json!({"type": "divider"}); 1_000];
    let ids: Vec<String> = (0..1_000).map(|n| format!("{n:040}")).collect();
    let named = blocks.into_iter().zip(&ids).map(|(mut block, id)| {
        block["id"] = json!(id);
        block
    });
    let blocks: Vec<Value> = named.collect();
    admin
        .edit(&id, json!({"blocks": blocks, "kicker": "K"}))
        .await
        .expect(200);
    let refused = admin
        .patch(&desk(&id), 1, json!({"title": "Z"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(refused.json["current_values"]["kicker"], "K");
    assert_eq!(refused.json["current_values"]["blocks"], json!(ids));
    let long: Vec<Value> = (0..400)
        .map(|n| json!({"type": "paragraph", "id": format!("{n}"), "html": "x".repeat(200)}))
        .collect();
    admin.edit(&id, json!({"blocks": long})).await.expect(200);
    let refused = admin
        .patch(&desk(&id), 1, json!({"title": "Z"}))
        .await
        .problem(412, "stale_version");
    assert!(refused.text.len() < 64 * 1024, "{}", refused.text.len());
}

#[actix_web::test]
async fn changes_of_different_members_are_merged_where_the_client_asks_for_it() {
    let (app, admin, section) = newsroom().await;
    let other = app.user(Role::Publisher);
    let secondary = admin.section("Sport", None).await;
    let table: &[(Value, Value, Option<&[&str]>)] = &[
        (json!({"kicker": "K"}), json!({"standfirst": "S"}), Some(&["kicker"])),
        (json!({"kicker": "K"}), json!({"kicker": "L"}), None),
        (json!({"kicker": "K"}), json!({"clear": ["kicker"]}), None),
        (json!({"title": "T"}), json!({"slug": "s"}), None),
        (json!({"slug": "s"}), json!({"title": "T"}), None),
        (
            json!({"secondary_section_ids": [secondary]}),
            json!({"section_id": null}),
            None,
        ),
        (
            json!({"embargo_until": "2026-11-25T00:00:00Z"}),
            json!({"breaking_until": "2026-11-25T00:00:00Z"}),
            None,
        ),
        (
            json!({"blocks": [{"type": "divider", "id": "a"}]}),
            json!({"blocks": [{"type": "divider", "id": "b"}]}),
            None,
        ),
        (
            json!({"blocks": [{"type": "divider", "id": "a"}]}),
            json!({"title": "T", "tag_ids": []}),
            Some(&["blocks"]),
        ),
    ];
    for (first, second, merged) in table {
        let id = admin.draft("Titre", &section).await;
        other.patch(&desk(&id), 1, first.clone()).await.expect(200);
        // Nobody's change is merged unasked.
        admin
            .patch(&desk(&id), 1, second.clone())
            .await
            .problem(412, "stale_version");
        let answer = merging(&admin, &id, second.clone()).await;
        let Some(merged) = merged else {
            answer.problem(412, "stale_version");
            continue;
        };
        let answer = answer.expect(200);
        assert_eq!(answer.json["merged_over"], json!(merged), "{second}");
        assert_eq!((answer.header("etag"), &answer.json["version"]), ("\"v3\"", &json!(3)));
        for (member, value) in first.as_object().unwrap().iter().chain(second.as_object().unwrap()) {
            assert_eq!(&answer.json[member], value, "{member}");
        }
    }
    let id = admin.draft("Titre", &section).await;
    let current = merging(&admin, &id, json!({"kicker": "K"})).await.expect(200);
    assert_eq!(current.json["merged_over"], json!([]));
    admin
        .patch(&format!("{}?merge=all", desk(&id)), 2, json!({}))
        .await
        .problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn a_merged_change_is_permitted_and_checked_as_a_whole() {
    let (app, admin, section) = newsroom().await;
    let other = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &section);
    let id = editor.draft("Titre", &section).await;
    let version = editor.get(&desk(&id)).await.json["version"].clone();
    assert_eq!(version, 1);
    admin
        .patch(&desk(&id), 1, json!({"section_id": other}))
        .await
        .expect(200);
    // By now it is in a section where this editor has no rights.
    let refused = merging(&editor, &id, json!({"kicker": "K"})).await;
    assert!([403, 404].contains(&refused.status), "{}", refused.text);
    assert_eq!(admin.get(&desk(&id)).await.json["kicker"], Value::Null);
}

#[actix_web::test]
async fn what_was_read_can_be_sent_back_and_nothing_else_that_cannot_be_changed() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    app.clock.advance_seconds(60);
    let mut read = admin.get(&desk(&id)).await.expect(200).json;
    let version = read["version"].as_i64().unwrap();
    let same = admin.patch(&desk(&id), version, read.clone()).await.expect(200);
    assert_eq!(same.json["version"], version);
    read["kicker"] = json!("K");
    // What is so for the one who asks is not compared.
    read["allowed_actions"] = json!(["edit"]);
    let changed = admin.patch(&desk(&id), version, read.clone()).await.expect(200);
    assert_eq!(
        (&changed.json["kicker"], &changed.json["version"]),
        (&json!("K"), &json!(version + 1))
    );
    admin.patch(&desk(&id), version + 1, read.clone()).await.invalid(&[
        ("/edited_at", "read_only"),
        ("/has_unpublished_changes", "read_only"),
        ("/version", "read_only"),
    ]);
    for (member, value) in [
        ("state", json!("draft")),
        ("path", json!("/autre")),
        ("published_at", json!("2020-01-01T00:00:00.000Z")),
        ("schedules", json!([{"kind": "publish"}])),
        ("locale", json!("en")),
    ] {
        admin
            .edit(&id, json!({member: value}))
            .await
            .invalid(&[(&format!("/{member}"), "read_only")]);
    }
    admin
        .edit(&id, json!({"nonsense": 1}))
        .await
        .invalid(&[("/nonsense", "unknown_field")]);
}
