//! Requests by e-mail address and on somebody's behalf.

use masthead::access::auth::Role;
use masthead::base::secrets::sha256;
use masthead::comments::identity::SanctionId;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{EMAIL, MARKER, NAME, comment_row, forget, live, reader, rotate, send, telling, visible_count};
use crate::support::backups::{back_up, restore};
use crate::support::{Answer, Client, DAY, TestApp};

async fn made(admin: &Client, body: Value) -> String {
    let made = admin.post("/v1/editorial/privacy-requests", body).await.expect(201);
    made.json["verification_token"].as_str().unwrap().to_owned()
}

async fn verify(app: &TestApp, token: &str) -> Answer {
    app.guest()
        .post("/v1/privacy-requests/verify", json!({"token": token}))
        .await
}

#[actix_web::test]
async fn whoever_has_the_address_gets_what_was_sent_with_it_once() {
    let reader = reader().await;
    let (app, admin) = (&reader.app, &reader.admin);
    rotate(app);
    let body = json!({"author_name": NAME, "body": "Sous la nouvelle clef", "email": "AWA@example.org"});
    send(app, &reader.article, body).await.expect(202);
    let made_for = admin
        .post(
            "/v1/editorial/privacy-requests",
            json!({"kind": "export", "email": EMAIL}),
        )
        .await
        .expect(201);
    assert_eq!(made_for.json["comment_count"], 4, "under both keys");
    let token = made_for.json["verification_token"].as_str().unwrap();
    assert!(
        telling(app, &[token, EMAIL]).is_empty(),
        "neither token nor address is kept"
    );
    for wrong in ["x", &format!("{token}x")] {
        verify(app, wrong).await.problem(404, "not_found");
    }
    let got = verify(app, token).await.expect(200);
    assert_eq!(got.json["data"]["comments"].as_array().unwrap().len(), 4);
    // What somebody did as a reader is not proved by an address.
    assert_eq!(got.json["data"]["reports"], json!([]));
    verify(app, token).await.problem(404, "not_found");
    let late = made(admin, json!({"kind": "export", "email": EMAIL})).await;
    app.clock.advance_seconds(7 * DAY);
    verify(app, &late).await.problem(404, "not_found");
    forget(app, 0).await;
    assert!(!app.rows().iter().any(|(table, _)| *table == "privacy_requests"));
}

#[actix_web::test]
async fn what_is_made_anonymous_keeps_its_text_and_nobody_can_tell_whose_it_is() {
    let reader = reader().await;
    let (app, admin, digest) = (&reader.app, &reader.admin, sha256(reader.token.as_bytes()));
    let dir = TempDir::new().unwrap();
    let older = dir.path().join("older");
    back_up(app, &older);
    let token = made(
        admin,
        json!({"kind": "erase", "mode": "anonymise", "comment_id": reader.comments[1]}),
    )
    .await;
    assert_eq!(
        comment_row(app, &reader.comments[1]).unwrap()["author_name"],
        NAME,
        "not before it is verified"
    );
    let done = verify(app, &token).await.expect(200);
    assert_eq!(
        (&done.json["comment_count"], &done.json["mode"]),
        (&json!(3), &json!("anonymise"))
    );
    verify(app, &token).await.problem(404, "not_found");
    let check = |app: &TestApp| {
        let left = telling(app, &[NAME, digest.as_str()]);
        assert!(left.is_empty(), "{left:?}");
        for (id, state) in reader.comments.iter().zip(["approved", "pending", "rejected"]) {
            let row = comment_row(app, id).unwrap();
            assert_eq!((&row["author_name"], &row["state"]), (&json!("Anonyme"), &json!(state)));
            assert!(
                row["body"].as_str().unwrap().contains(MARKER) && row["email_hash"].is_null(),
                "{row}"
            );
        }
    };
    check(app);
    assert_eq!(restore(app, &older, &[]).unwrap().erased, 3);
    check(app);
    assert_eq!(visible_count(app, &reader.article), json!(3));
}

#[actix_web::test]
async fn requests_on_somebodys_behalf_are_for_the_whole_site_and_say_what_they_mean() {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let path = "/v1/editorial/privacy-requests";
    let comment = app.guest().comment(&article, "Bravo", None).await;
    let table = [
        (json!({"email": EMAIL}), vec![("/kind", "required")]),
        (json!({"kind": "erase", "email": EMAIL}), vec![("/mode", "required")]),
        (
            json!({"kind": "export", "mode": "erase", "email": EMAIL}),
            vec![("/mode", "unknown_field")],
        ),
        (json!({"kind": "export"}), vec![("/email", "required")]),
        (
            json!({"kind": "export", "email": EMAIL, "comment_id": comment}),
            vec![("/comment_id", "unknown_field")],
        ),
        (
            json!({"kind": "export", "comment_id": SanctionId::new().to_string()}),
            vec![("/comment_id", "unknown_reference")],
        ),
    ];
    for (body, expected) in table {
        admin.post(path, body).await.invalid(&expected);
    }
    // A comment that tells nothing else is its author's only one.
    let token = made(&admin, json!({"kind": "erase", "mode": "erase", "comment_id": comment})).await;
    assert_eq!(verify(&app, &token).await.expect(200).json["comment_count"], 1);
    let erased = json!({"kind": "export", "comment_id": comment});
    admin
        .post(path, erased)
        .await
        .invalid(&[("/comment_id", "unknown_reference")]);
    let section = masthead::base::ids::SectionId::parse(&admin.section("Sport", None).await);
    let local = app.user_with(vec![crate::support::grant(Role::Publisher, section, None)]);
    local
        .post(path, json!({"kind": "export", "email": EMAIL}))
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn tokens_cannot_be_tried_without_end() {
    let app = TestApp::new().await;
    let mut last = 0;
    for number in 0..61 {
        last = verify(&app, &format!("essai-{number}")).await.status;
    }
    assert_eq!(last, 429);
}
