//! Who may do what, for every operation of the document that needs a token: the table below is
//! written by hand, and an operation that is missing from it fails.

mod table;
mod tokens;

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use masthead::access::auth::api_token::{ApiToken, TokenPermission};
use masthead::access::auth::token::TokenKeys;
use masthead::access::auth::{Role, SessionId};
use masthead::base::secrets::Secrets;
use serde_json::json;
use table::{EVERYBODY, TABLE};

use crate::support::contract::{Operation, operations};
use crate::support::{Answer, Client, TestApp};

fn guarded() -> impl Iterator<Item = &'static Operation> {
    operations().iter().filter(|operation| operation.needs_token())
}

/// Calls an operation with an id that nothing has and the body of the document's example.
async fn call(client: &Client, operation: &Operation) -> Answer {
    let nothing = SessionId::new().to_string();
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let below = if operation.path.contains("{revision_number}") {
        "1"
    } else {
        &nothing
    };
    let mut asking = client.request(method, &operation.path_with(&[&nothing, below]));
    if operation.has_header("If-Match") {
        asking = asking.if_match(1);
    }
    if let Some((media, body)) = operation.sample_body() {
        asking = asking.bytes(media, body);
    }
    asking.send().await
}

#[test]
fn the_table_names_every_operation_that_needs_a_token() {
    let mut documented: Vec<&str> = guarded().map(|operation| operation.id.as_str()).collect();
    let mut listed: Vec<&str> = TABLE.iter().map(|(id, _)| *id).collect();
    documented.sort_unstable();
    listed.sort_unstable();
    assert_eq!(documented, listed);
}

#[actix_web::test]
async fn every_role_may_what_the_table_says_and_nothing_else() {
    let app = TestApp::new().await;
    for (id, permitted) in TABLE {
        let operation = crate::support::contract::operation(id);
        for role in EVERYBODY {
            let answer = call(&app.user(*role), operation).await;
            if permitted.contains(role) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{id} as {role:?}: {}",
                    answer.text
                );
                assert!(answer.status < 500, "{id} as {role:?}: {}", answer.text);
            } else {
                assert_eq!(answer.status, 403, "{id} as {role:?}: {}", answer.text);
                answer.problem(403, "forbidden");
            }
        }
    }
}

#[actix_web::test]
async fn a_user_without_any_grant_may_nothing() {
    let app = TestApp::new().await;
    let nobody = app.user_with(Vec::new());
    for operation in guarded() {
        let answer = call(&nobody, operation).await;
        assert_eq!(answer.status, 403, "{}: {}", operation.id, answer.text);
    }
}

#[actix_web::test]
async fn a_missing_permission_is_told_before_anything_about_the_body() {
    let app = TestApp::new().await;
    let nobody = app.user_with(Vec::new());
    let nothing = SessionId::new().to_string();
    let with_bodies = guarded().filter_map(|operation| Some((operation, operation.sample_body()?.0)));
    for (operation, media) in with_bodies {
        for body in ["", "[", "{\"\u{1}\":1}", "[]"] {
            let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
            let below = if operation.path.contains("{revision_number}") {
                "1"
            } else {
                &nothing
            };
            let mut asking = nobody.request(method, &operation.path_with(&[&nothing, below]));
            if operation.has_header("If-Match") {
                asking = asking.if_match(1);
            }
            let answer = asking.bytes(media, body.to_owned()).send().await;
            assert_eq!(answer.status, 403, "{} with {body:?}: {}", operation.id, answer.text);
        }
    }
}

fn base64_json(value: &serde_json::Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Clients whose token is good for nothing, each with what is wrong with it.
async fn rejected(app: &TestApp) -> Vec<(&'static str, Client)> {
    let good = app.admin();
    let token = good.token.clone().unwrap();
    let (head, claims, signature) = {
        let mut parts = token.split('.');
        let mut next = || parts.next().unwrap().to_owned();
        (next(), next(), next())
    };
    let (user, session) = (good.user_id.unwrap(), SessionId::new());
    let now = app.now();
    let foreign = TestApp::new().await;
    let foreign_token = foreign.state.keys.issue(user, session, now).unwrap();
    let other_issuer =
        TokenKeys::load(app.db(), app.state.secrets.clone(), "http://elsewhere.test".to_owned()).unwrap();
    let foreign_secret = TokenKeys::load(
        app.db(),
        Secrets::generate().unwrap(),
        "http://masthead.test".to_owned(),
    )
    .unwrap();
    let kid: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&head).unwrap()).unwrap();
    let none = base64_json(&json!({"alg": "none", "typ": "JWT", "kid": kid["kid"]}));
    let hmac = base64_json(&json!({"alg": "HS256", "typ": "JWT", "kid": kid["kid"]}));
    let with = |token: String| app.guest().with_token(&token);
    let ended = app.admin();
    ended.post("/v1/editorial/auth/logout", json!({})).await.expect(204);
    let disabled = app.admin();
    let (_, orphaned) = disabled.api_token(json!([{"permission": "articles:read"}])).await;
    let path = format!("/v1/editorial/users/{}/actions/disable", disabled.user_id.unwrap());
    good.post(&path, json!({})).await.expect(200);
    let all: Vec<_> = TokenPermission::WORDS
        .iter()
        .map(|word| json!({"permission": word}))
        .collect();
    let (revoked_id, revoked) = good.api_token(json!(all)).await;
    let (replaced_id, replaced) = good.api_token(json!(all)).await;
    let path = |id: &str| format!("/v1/editorial/tokens/{id}");
    good.request(Method::DELETE, &path(&revoked_id))
        .send()
        .await
        .expect(204);
    let at_once = json!({"overlap_seconds": 0});
    good.post(&format!("{}/actions/rotate", path(&replaced_id)), at_once)
        .await
        .expect(200);
    vec![
        ("none", app.guest()),
        ("garbage", with("garbage".to_owned())),
        ("empty", with(String::new())),
        ("three dots", with("a.b.c".to_owned())),
        ("signature cut off", with(format!("{head}.{claims}."))),
        (
            "signature of other claims",
            with(format!("{head}.{}.{signature}", base64_json(&json!({"sub": user})))),
        ),
        ("alg none", with(format!("{none}.{claims}."))),
        ("alg HS256", with(format!("{hmac}.{claims}.{signature}"))),
        ("another house's key", with(foreign_token)),
        ("another issuer", with(other_issuer.issue(user, session, now).unwrap())),
        (
            "a session that is not there",
            with(app.state.keys.issue(user, session, now).unwrap()),
        ),
        (
            "a key made with another secret, not loaded yet",
            with(foreign_secret.issue(user, session, now).unwrap()),
        ),
        ("too long", with("x".repeat(3000))),
        ("an ended session", ended),
        ("a disabled user", disabled),
        (
            "an API token that nobody made",
            with(ApiToken::generate().unwrap().reveal()),
        ),
        (
            "an API token with a wrong checksum",
            with(format!("mht_{}", "0".repeat(49))),
        ),
        ("a revoked API token", revoked),
        ("an API token of a disabled user", orphaned),
        ("a replaced API token", replaced),
    ]
}

#[actix_web::test]
async fn without_a_good_token_every_operation_is_401() {
    let app = TestApp::new().await;
    for (what, client) in rejected(&app).await {
        for operation in guarded() {
            let answer = call(&client, operation).await;
            assert_eq!(answer.status, 401, "{} with {what}: {}", operation.id, answer.text);
            let answer = answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[actix_web::test]
async fn an_access_token_is_good_for_fifteen_minutes() {
    let app = TestApp::new().await;
    let admin = app.admin();
    app.clock.advance_seconds(15 * 60 - 1);
    admin.get("/v1/editorial/me").await.expect(200);
    app.clock.advance_seconds(1);
    for operation in guarded() {
        let answer = call(&admin, operation).await;
        assert_eq!(answer.status, 401, "{}: {}", operation.id, answer.text);
    }
}

#[actix_web::test]
async fn only_the_scheme_bearer_counts() {
    let app = TestApp::new().await;
    let token = app.admin().token.unwrap();
    let with = |value: String| {
        app.guest()
            .request(Method::GET, "/v1/editorial/me")
            .header("authorization", &value)
            .send()
    };
    with(format!("Bearer {token}")).await.expect(200);
    with(format!("bearer {token}")).await.expect(200);
    for wrong in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        "Bearer".to_owned(),
    ] {
        with(wrong).await.problem(401, "unauthenticated");
    }
    let query = format!("/v1/editorial/me?access_token={token}");
    app.guest().get(&query).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_stranger_is_told_nothing_about_the_body() {
    let app = TestApp::new().await;
    for client in [app.guest(), app.guest().with_token("garbage")] {
        for operation in guarded().filter(|operation| operation.body().is_some()) {
            let path = operation.path_with(&["no-id", "no-id"]);
            let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
            for body in ["{", "[]", r#"{"surprise":1}"#] {
                let asking = client.request(method.clone(), &path).bytes("text/plain", body);
                asking.send().await.problem(401, "unauthenticated");
            }
        }
    }
}

#[actix_web::test]
async fn a_grant_in_a_section_reaches_no_further() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (sport, news) = (admin.section("Sport", None).await, admin.section("News", None).await);
    let scope = masthead::base::ids::SectionId::parse(&sport);
    let publisher = app.user_with(vec![crate::support::grant(Role::Publisher, scope, None)]);
    let path = |id: &str| format!("/v1/editorial/sections/{id}");
    publisher
        .post("/v1/editorial/sections", json!({"label": "En haut"}))
        .await
        .problem(403, "forbidden");
    publisher.section("Football", Some(&sport)).await;
    let version = admin.version_of(&path(&news)).await;
    publisher
        .patch(&path(&news), version, json!({"label": "À moi"}))
        .await
        .problem(403, "forbidden");
    publisher.delete(&path(&news), version).await.problem(403, "forbidden");
    let sport_path = format!("{}/actions/move", path(&sport));
    for parent in [json!(null), json!(news)] {
        publisher
            .act(&sport_path, 1, json!({"parent_id": parent}))
            .await
            .problem(403, "forbidden");
    }
    let local_admin = app.user_with(vec![crate::support::grant(Role::Admin, scope, None)]);
    local_admin.get("/v1/editorial/users").await.problem(403, "forbidden");
}
