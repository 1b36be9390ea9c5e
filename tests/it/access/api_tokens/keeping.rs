//! They are made, told once, listed, rotated and revoked.

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::access::auth::api_token::ApiToken;
use serde_json::{Value, json};

use super::{TOKENS, create, is_good, one, path, rotate};
use crate::support::newsroom::newsroom;
use crate::support::{Client, DAY, TestApp};

#[actix_web::test]
async fn a_token_is_told_once_and_stands_nowhere() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let made = create(
        &editor,
        json!({"name": "Site statique", "scopes": one("articles:read")}),
    )
    .await
    .expect(201);
    let token = made.member("token").to_owned();
    assert!(token.starts_with("mht_") && token.len() == 53 && ApiToken::parse(&token).is_some());
    let info = &made.json["info"];
    assert_eq!(info["prefix"], token[..12]);
    assert_eq!(
        info["scopes"],
        json!([{"permission": "articles:read", "section_id": null, "locale": null}])
    );
    assert_eq!(info["expires_at"], app.now().plus_seconds(90 * DAY).to_string());
    assert_eq!(made.header("location"), path(info["id"].as_str().unwrap()));
    let listed = editor.get(TOKENS).await.expect(200);
    let read = editor.get(made.header("location")).await.expect(200);
    assert_eq!(&listed.json["items"][0], info);
    assert_eq!(&read.json, info);
    // Neither in a row, nor in the bytes of the file, nor in the audit.
    for text in [
        listed.text,
        read.text,
        app.rows().iter().map(|(_, row)| row.to_string()).collect(),
    ] {
        assert!(!text.contains(&token[12..]), "the token is told again");
    }
    if let Some(bytes) = app.database_bytes() {
        assert!(!bytes.windows(41).any(|window| window == &token.as_bytes()[12..]));
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_new_token_is_said_at_its_place() {
    let (app, admin, section) = newsroom().await;
    let editor = app.user(Role::SectionEditor);
    let scope = |scope: Value| json!({"name": "Robot", "scopes": [scope]});
    let until = |at: &str| json!({"name": "Robot", "scopes": one("articles:read"), "expires_at": at});
    let unknown = admin.user_id.unwrap();
    for (body, pointer, code) in [
        (json!({"scopes": one("articles:read")}), "/name", "required"),
        (json!({"name": " ", "scopes": one("articles:read")}), "/name", "blank"),
        (json!({"name": "Robot"}), "/scopes", "required"),
        (json!({"name": "Robot", "scopes": []}), "/scopes", "too_few"),
        (
            scope(json!({"permission": "articles:delete"})),
            "/scopes/0/permission",
            "invalid_value",
        ),
        (scope(json!({})), "/scopes/0/permission", "required"),
        (
            scope(json!({"permission": "articles:read", "section_id": unknown})),
            "/scopes/0/section_id",
            "unknown_reference",
        ),
        (
            scope(json!({"permission": "articles:read_full", "section_id": section})),
            "/scopes/0/section_id",
            "not_limitable",
        ),
        (
            scope(json!({"permission": "articles:read_full", "locale": "fr"})),
            "/scopes/0/locale",
            "not_limitable",
        ),
        (
            scope(json!({"permission": "webhooks:manage", "section_id": section})),
            "/scopes/0/section_id",
            "not_limitable",
        ),
        (
            json!({"name": "Robot", "scopes": [{"permission": "audit:read"}, {"permission": "audit:read"}]}),
            "/scopes/1",
            "duplicate",
        ),
        (until("2026-01-01T00:00:00Z"), "/expires_at", "in_the_past"),
        (until("2036-01-01T00:00:00Z"), "/expires_at", "too_far_ahead"),
    ] {
        let refused = create(&editor, body.clone()).await.problem(422, "validation_failed");
        let errors = &refused.json["errors"];
        assert_eq!(
            (&errors[0]["pointer"], &errors[0]["code"]),
            (&json!(pointer), &json!(code)),
            "{body}"
        );
    }
    assert_eq!(editor.get(TOKENS).await.json["items"], json!([]));
}

#[actix_web::test]
async fn a_user_has_no_more_than_so_many_good_ones() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let body = || json!({"name": "Robot", "scopes": one("articles:read")});
    let mut last = String::new();
    for _ in 0..50 {
        let made = create(&editor, body()).await.expect(201);
        last = made.json["info"]["id"].as_str().unwrap().to_owned();
    }
    let refused = create(&editor, body()).await.problem(422, "validation_failed");
    assert_eq!(refused.json["errors"][0]["code"], "too_many_tokens");
    editor.request(Method::DELETE, &path(&last)).send().await.expect(204);
    create(&editor, body()).await.expect(201);
}

#[actix_web::test]
async fn a_token_ends_when_it_expires_is_revoked_or_its_owner_is_disabled_and_never_lives_again() {
    let app = TestApp::new().await;
    let (admin, editor) = (app.admin(), app.user(Role::Publisher));
    let hour = app.now().plus_seconds(3_600).to_string();
    let short = create(
        &editor,
        json!({"name": "Une heure", "scopes": one("articles:read"), "expires_at": hour}),
    )
    .await;
    let short = app.guest().with_token(short.member("token"));
    let (revoked, revoked_machine) = editor.api_token(one("articles:read")).await;
    let (kept, kept_machine) = editor.api_token(one("articles:read")).await;
    assert!(is_good(&short).await && is_good(&revoked_machine).await && is_good(&kept_machine).await);

    for _ in 0..2 {
        editor.request(Method::DELETE, &path(&revoked)).send().await.expect(204);
        assert!(!is_good(&revoked_machine).await);
    }
    assert_eq!(editor.get(&path(&revoked)).await.json["is_active"], false);
    rotate(&editor, &revoked, json!({})).await.problem(409, "token_ended");

    let owner = format!("/v1/editorial/users/{}", editor.user_id.unwrap());
    admin
        .post(&format!("{owner}/actions/disable"), json!({}))
        .await
        .expect(200);
    assert!(!is_good(&kept_machine).await);
    admin
        .post(&format!("{owner}/actions/enable"), json!({}))
        .await
        .expect(200);
    assert!(!is_good(&kept_machine).await, "what ended never lives again");
    assert!(!admin.get(&path(&kept)).await.expect(200).json["revoked_at"].is_null());

    let (_, other) = admin.api_token(one("articles:read")).await;
    app.clock.advance_seconds(3_599);
    assert!(is_good(&other).await);
    assert!(!is_good(&short).await);
    app.clock.advance_seconds(90 * DAY);
    assert!(!is_good(&other).await);
}

#[actix_web::test]
async fn a_rotation_lets_the_one_before_live_for_a_while_and_none_before_that() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let (id, first) = editor.api_token(one("articles:read")).await;
    // A number that is whole, however it is written.
    let hour = json!({"overlap_seconds": 3_600.0});
    let second = rotate(&editor, &id, hour.clone()).await.expect(200);
    assert_eq!(
        second.json["info"]["previous_until"],
        app.now().plus_seconds(3_600).to_string()
    );
    let second = app.guest().with_token(second.member("token"));
    assert!(is_good(&first).await && is_good(&second).await);
    let third = rotate(&editor, &id, hour).await.expect(200);
    let third = app.guest().with_token(third.member("token"));
    assert_eq!(
        [is_good(&first).await, is_good(&second).await, is_good(&third).await],
        [false, true, true]
    );
    app.clock.advance_seconds(3_600);
    assert_eq!([is_good(&second).await, is_good(&third).await], [false, true]);
    let editor = editor.renewed();
    assert_eq!(editor.get(&path(&id)).await.json["previous_until"], Value::Null);
    // After a leak: nothing of the one before.
    let last = rotate(&editor, &id, json!({"overlap_seconds": 0})).await.expect(200);
    assert_eq!(
        [
            is_good(&third).await,
            is_good(&app.guest().with_token(last.member("token"))).await
        ],
        [false, true]
    );
    for overlap in [-1, 7 * DAY + 1] {
        rotate(&editor, &id, json!({"overlap_seconds": overlap}))
            .await
            .problem(422, "validation_failed");
    }
}

#[actix_web::test]
async fn a_rotation_lets_none_live_longer_than_it_would_have() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let hour = app.now().plus_seconds(3_600).to_string();
    let body = json!({"name": "Une heure", "scopes": one("articles:read"), "expires_at": hour});
    let made = create(&editor, body).await.expect(201);
    let id = made.json["info"]["id"].as_str().unwrap();
    let first = app.guest().with_token(made.member("token"));
    let minute = app.now().plus_seconds(60).to_string();
    // The new one may end before the one told before would have: then both do.
    for (asked, until) in [(json!({}), &hour), (json!({"expires_at": minute}), &minute)] {
        let rotated = rotate(&editor, id, asked).await.expect(200);
        assert_eq!(rotated.json["info"]["previous_until"], json!(until));
        assert!(!is_good(&first).await || *until == hour);
    }
    app.clock.advance_seconds(60);
    let editor = editor.renewed();
    let ended = editor.get(&path(id)).await.expect(200);
    assert_eq!(
        (&ended.json["is_active"], &ended.json["previous_until"]),
        (&json!(false), &Value::Null)
    );
    editor.request(Method::DELETE, &path(id)).send().await.expect(204);
    let same = editor.get(&path(id)).await.expect(200);
    assert_eq!(same.json["revoked_at"], Value::Null, "what has ended is not revoked");
}

#[actix_web::test]
async fn everybody_keeps_their_own_and_admins_see_and_revoke_all() {
    let app = TestApp::new().await;
    let (admin, one_editor, other) = (app.admin(), app.user(Role::Journalist), app.user(Role::Analyst));
    let (id, machine) = one_editor.api_token(one("articles:write")).await;
    other.api_token(one("articles:read")).await;
    other.get(&path(&id)).await.problem(404, "not_found");
    other
        .request(Method::DELETE, &path(&id))
        .send()
        .await
        .problem(404, "not_found");
    rotate(&other, &id, json!({})).await.problem(404, "not_found");
    let theirs = format!("{TOKENS}?user_id={}", one_editor.user_id.unwrap());
    other.get(&theirs).await.problem(403, "forbidden");
    let names = async |client: &Client, path: &str| {
        client.get(path).await.expect(200).json["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(names(&other, TOKENS).await, 1);
    assert_eq!((names(&admin, TOKENS).await, names(&admin, &theirs).await), (2, 1));
    // Nobody is told a token that acts as somebody else.
    rotate(&admin, &id, json!({})).await.problem(403, "forbidden");
    assert!(is_good(&machine).await);
    admin.request(Method::DELETE, &path(&id)).send().await.expect(204);
    assert!(!is_good(&machine).await);
}
