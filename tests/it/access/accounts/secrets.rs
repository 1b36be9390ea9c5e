//! Keys, passwords and tokens: what they open, and that none of them is stored.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::{Role, store, token};
use masthead::base::db::{Conn, schema};
use serde_json::{Value, json};

use super::{account, holder, is_alive, login, new_user, refresh};
use crate::support::{Client, PASSWORD, TestApp};

#[actix_web::test]
async fn a_demo_password_opens_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let digest = app.state.passwords.digest_blocking("masthead-demo").unwrap();
    let mut user = masthead::access::accounts::provisioning::new_user("awa@demo.test", "Awa", digest, app.now());
    user.is_demo = true;
    app.db()
        .write_blocking(move |conn| store::insert(conn, &user, &[crate::support::grant(Role::Admin, None, None)]))
        .unwrap();
    let with = |headers: &'static [(&'static str, &'static str)]| {
        let body = json!({"email": "awa@demo.test", "password": "masthead-demo"});
        let asking = app.guest().request(Method::POST, "/v1/editorial/auth/login").json(body);
        let asking = headers
            .iter()
            .fold(asking, |asking, (name, value)| asking.header(name, value));
        asking.send()
    };
    let local: [&[(&str, &str)]; 4] = [
        &[("host", "localhost:8080")],
        &[("host", "127.0.0.1:8080")],
        &[("host", "[::1]:8080")],
        &[("host", "localhost")],
    ];
    for headers in local {
        with(headers).await.expect(200);
    }
    app.clock.advance_seconds(600);
    let foreign: [&[(&str, &str)]; 6] = [
        &[("host", "cms.example.org")],
        &[("host", "192.0.2.7:8080")],
        &[("host", "localhost.example.org")],
        &[("host", "localhost:8080"), ("x-forwarded-for", "203.0.113.9")],
        &[("host", "localhost:8080"), ("forwarded", "for=203.0.113.9")],
        &[("host", "127.0.0.1:8080"), ("x-real-ip", "203.0.113.9")],
    ];
    for headers in foreign {
        with(headers).await.problem(401, "invalid_credentials");
        app.clock.advance_seconds(60);
    }
}

fn kid(client: &Client) -> String {
    use base64::Engine;
    let head = client.token.as_ref().unwrap().split('.').next().unwrap().to_owned();
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    assert_eq!(head["alg"], "EdDSA");
    head["kid"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_new_key_is_published_ten_minutes_before_it_signs_and_old_tokens_stay_good() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Analyst).await;
    let keys = || async { app.guest().get("/.well-known/jwks.json").await.expect(200) };
    let before = keys().await;
    let old_kid = before.json["keys"][0]["kid"].as_str().unwrap().to_owned();
    assert_eq!(before.json["keys"].as_array().unwrap().len(), 1);
    assert_eq!(before.header("cache-control"), "public, max-age=300");
    for (member, expected) in [("kty", "OKP"), ("crv", "Ed25519"), ("use", "sig"), ("alg", "EdDSA")] {
        assert_eq!(before.json["keys"][0][member], expected);
    }
    assert_eq!(before.json["keys"][0]["x"].as_str().unwrap().len(), 43);
    let private: Vec<&String> = before.json["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        private,
        ["alg", "crv", "kid", "kty", "use", "x"],
        "and nothing of the private key"
    );
    let (secrets, now) = (app.state.secrets.clone(), app.now());
    app.db()
        .write_blocking(move |conn| token::rotate(conn, &secrets, now).map(drop))
        .unwrap();
    app.clock.advance_seconds(61);
    assert_eq!(keys().await.json["keys"].as_array().unwrap().len(), 2, "published soon");
    app.clock.advance_seconds(530);
    let during = holder(&app, &login(&app, &email, PASSWORD).await.expect(200));
    assert_eq!(kid(&during), old_kid, "9 min 51 s after the rotation");
    app.clock.advance_seconds(70);
    let after = holder(&app, &login(&app, &email, PASSWORD).await.expect(200));
    assert_ne!(kid(&after), old_kid, "11 min after the rotation");
    assert!(is_alive(&during).await && is_alive(&after).await);
    let elsewhere = app.another_instance().await;
    assert!(is_alive(&elsewhere.guest().with_token(after.token.as_ref().unwrap())).await);
}

/// Every text of the tables that have to do with secrets.
fn texts(conn: &mut Conn) -> Vec<String> {
    let mut texts = Vec::new();
    let mut push = |rows: Vec<Vec<Option<String>>>| texts.extend(rows.into_iter().flatten().flatten());
    let users: Vec<(String, String, String, String, String)> = schema::users::table
        .select((
            schema::users::id,
            schema::users::email,
            schema::users::email_key,
            schema::users::name,
            schema::users::password_digest,
        ))
        .load(conn)
        .unwrap();
    push(
        users
            .into_iter()
            .map(|(a, b, c, d, e)| [a, b, c, d, e].map(Some).to_vec())
            .collect(),
    );
    let sessions: Vec<(String, Option<String>, Option<String>)> = schema::sessions::table
        .select((
            schema::sessions::id,
            schema::sessions::user_agent,
            schema::sessions::end_reason,
        ))
        .load(conn)
        .unwrap();
    push(sessions.into_iter().map(|(a, b, c)| vec![Some(a), b, c]).collect());
    let tokens: Vec<String> = schema::refresh_tokens::table
        .select(schema::refresh_tokens::digest)
        .load(conn)
        .unwrap();
    push(tokens.into_iter().map(|digest| vec![Some(digest)]).collect());
    let keys: Vec<(String, String, String, String)> = schema::idempotency_keys::table
        .select((
            schema::idempotency_keys::scope,
            schema::idempotency_keys::key,
            schema::idempotency_keys::request_hash,
            schema::idempotency_keys::resource_id,
        ))
        .load(conn)
        .unwrap();
    push(
        keys.into_iter()
            .map(|(a, b, c, d)| [a, b, c, d].map(Some).to_vec())
            .collect(),
    );
    let signing: Vec<String> = schema::signing_keys::table
        .select(schema::signing_keys::sealed_private_key)
        .load(conn)
        .unwrap();
    push(signing.into_iter().map(|sealed| vec![Some(sealed)]).collect());
    texts
}

#[actix_web::test]
async fn no_row_holds_a_password_or_a_token() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (email, user) = account(&app, Role::Journalist).await;
    let mut secrets = vec![PASSWORD.to_owned(), "une autre phrase de passe".to_owned()];
    let pair = login(&app, &email, PASSWORD).await.expect(200);
    let next = refresh(&app, pair.member("refresh_token")).await.expect(200);
    for answer in [&pair, &next] {
        secrets.push(answer.member("access_token").to_owned());
        secrets.push(answer.member("refresh_token").to_owned());
    }
    user.put(
        "/v1/editorial/me/password",
        json!({"current_password": PASSWORD, "new_password": "une autre phrase de passe"}),
    )
    .await
    .expect(204);
    let path = format!("/v1/editorial/users/{}/actions/reset-password", user.user_id.unwrap());
    let reset = admin.post(&path, json!({})).await.expect(200);
    secrets.push(reset.member("password").to_owned());
    admin
        .post("/v1/editorial/users", new_user("koffi@lefanal.test"))
        .await
        .expect(201);
    let section = admin.section("News", None).await;
    let article = admin.published("Un titre", &section).await;
    let captcha = app.guest().get("/v1/captcha").await.expect(200);
    let comment = app
        .guest()
        .request(Method::POST, &format!("/v1/articles/{article}/comments"))
        .header("x-reader-token", captcha.member("reader_token"))
        .header("idempotency-key", "mon-commentaire")
        .json(json!({"author_name": "Ada", "body": "Bravo."}))
        .send()
        .await
        .expect(202);
    secrets.push(captcha.member("reader_token").to_owned());
    secrets.push(comment.member("edit_token").to_owned());
    assert!(secrets.iter().all(|secret| secret.len() >= 12));
    let rows = app.db().read_blocking(|conn| Ok(texts(conn))).unwrap();
    assert!(rows.len() > 20, "{rows:#?}");
    for secret in &secrets {
        let found = rows.iter().find(|row| row.contains(secret.as_str()));
        assert!(found.is_none(), "{secret} stands in a row: {found:?}");
    }
    for row in rows.iter().filter(|row| row.starts_with('$')) {
        assert!(row.starts_with("$argon2id$v=19$"), "{row}");
    }
    // The same once more on the bytes of the files, where there are files.
    if let Some(bytes) = app.database_bytes() {
        let text = String::from_utf8_lossy(&bytes);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} stands in the file");
        }
    }
}
