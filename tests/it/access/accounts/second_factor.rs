//! The second factor: codes of an authenticator app, recovery codes, and roles that must have one.

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::{audit, second_factors};
use serde_json::{Value, json};

use super::{account, holder, is_alive, login};
use crate::support::{Answer, Authenticator, Client, PASSWORD, TestApp};

const OWN: &str = "/v1/editorial/me/second-factor";

async fn login_with(app: &TestApp, email: &str, code: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "code": code});
    app.guest().post("/v1/editorial/auth/login", body).await
}

/// Sets a second factor up; gives the authenticator and the recovery codes.
async fn set_up(app: &TestApp, client: &Client) -> (Authenticator, Vec<String>) {
    let begun = client
        .post(&format!("{OWN}/actions/set-up"), json!({"current_password": PASSWORD}))
        .await
        .expect(200);
    let authenticator = Authenticator::new(begun.member("secret"));
    let confirmed = client
        .post(
            &format!("{OWN}/actions/confirm"),
            json!({"code": authenticator.code(app.now())}),
        )
        .await
        .expect(200);
    let codes = confirmed.json["recovery_codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    (authenticator, codes.collect())
}

async fn require_of(admin: &Client, roles: Value) {
    let version = admin.version_of("/v1/editorial/site").await;
    admin
        .patch("/v1/editorial/site", version, json!({"second_factor_roles": roles}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_login_needs_a_code_that_was_not_used() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Publisher).await;
    let (authenticator, _) = set_up(&app, &client).await;
    login(&app, &email, PASSWORD)
        .await
        .problem(401, "second_factor_required");
    login(&app, &email, "un mauvais mot de passe")
        .await
        .problem(401, "invalid_credentials");
    // The code that confirmed it has been used.
    let used = authenticator.code(app.now());
    login_with(&app, &email, &used)
        .await
        .problem(401, "invalid_second_factor");
    app.clock.advance_seconds(30);
    let next = authenticator.code(app.now());
    let pair = login_with(&app, &email, &next).await.expect(200);
    assert!(is_alive(&holder(&app, &pair)).await);
    login_with(&app, &email, &next)
        .await
        .problem(401, "invalid_second_factor");
    app.clock.advance_seconds(3600);
    login_with(&app, &email, &next)
        .await
        .problem(401, "invalid_second_factor");
    for malformed in ["12345", "abc", ""] {
        login_with(&app, &email, malformed).await.expect(422);
    }
    let wrong: i64 = app
        .db()
        .read_blocking(|conn| {
            let wrong = audit::table.filter(audit::action.eq("user.wrong_second_factor"));
            Ok(wrong.count().get_result(conn)?)
        })
        .unwrap();
    assert_eq!(wrong, 3, "the audit says that somebody knows the password");
}

#[actix_web::test]
async fn nothing_changes_until_a_code_confirms_the_app() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Journalist).await;
    let begin = json!({"current_password": PASSWORD});
    let set_up = format!("{OWN}/actions/set-up");
    let confirm = format!("{OWN}/actions/confirm");
    let (right, wrong) = (
        json!({"code": "000000"}),
        json!({"current_password": "un mauvais mot de passe"}),
    );
    client
        .post(&confirm, right)
        .await
        .problem(409, "second_factor_not_set_up");
    client
        .post(&set_up, wrong)
        .await
        .invalid(&[("/current_password", "wrong_password")]);
    let first = client.post(&set_up, begin.clone()).await.expect(200);
    let url = first.member("otpauth_url");
    let query = format!("secret={}&issuer=Masthead", first.member("secret"));
    assert!(
        url.starts_with("otpauth://totp/Masthead:") && url.ends_with(&query),
        "{url}"
    );
    login(&app, &email, PASSWORD).await.expect(200);
    // Asked again, the first secret is good for nothing.
    let second = client.post(&set_up, begin.clone()).await.expect(200);
    let stale = Authenticator::new(first.member("secret")).code(app.now());
    client
        .post(&confirm, json!({"code": stale}))
        .await
        .invalid(&[("/code", "wrong_code")]);
    client
        .post(&confirm, json!({"code": "ABCD-EFGH-JKLM-2345"}))
        .await
        .invalid(&[("/code", "wrong_code")]);
    let shown = Authenticator::new(second.member("secret")).code(app.now());
    client.post(&confirm, json!({"code": shown})).await.expect(200);
    client.post(&set_up, begin).await.problem(409, "second_factor_set_up");
    let own = client.get(OWN).await.expect(200);
    assert_eq!(own.json["recovery_codes_left"], 10);
    assert!(own.json["enabled_at"].is_string());
}

#[actix_web::test]
async fn confirming_ends_the_sessions_that_showed_no_second_factor() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Publisher).await;
    let other = holder(&app, &login(&app, &email, PASSWORD).await.expect(200));
    set_up(&app, &client).await;
    assert!(is_alive(&client).await);
    assert!(!is_alive(&other).await);
}

#[actix_web::test]
async fn a_recovery_code_stands_for_the_app_once() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Publisher).await;
    let (authenticator, codes) = set_up(&app, &client).await;
    let [first, second, ..] = codes.as_slice() else {
        panic!("{codes:?}")
    };
    assert_eq!(codes.len(), 10);
    login_with(&app, &email, &first.to_lowercase().replace('-', " "))
        .await
        .expect(200);
    login_with(&app, &email, first)
        .await
        .problem(401, "invalid_second_factor");
    assert_eq!(client.get(OWN).await.json["recovery_codes_left"], 9);
    // Renewed, the older ones are good for nothing.
    app.clock.advance_seconds(30);
    let renew = format!("{OWN}/actions/renew-recovery-codes");
    client
        .post(&renew, json!({"code": first}))
        .await
        .invalid(&[("/code", "wrong_code")]);
    client
        .post(&renew, json!({"code": authenticator.code(app.now())}))
        .await
        .expect(200);
    login_with(&app, &email, second)
        .await
        .problem(401, "invalid_second_factor");
    assert_eq!(client.get(OWN).await.json["recovery_codes_left"], 10);
}

#[actix_web::test]
async fn codes_are_not_guessed_by_who_has_the_password() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Publisher).await;
    let (authenticator, _) = set_up(&app, &client).await;
    let mut guesses = 0;
    for _ in 0..40 {
        app.clock.advance_seconds(31);
        match login_with(&app, &email, "000000").await.status {
            401 => guesses += 1,
            status => assert_eq!(status, 429),
        }
    }
    // Ten at once, and one each five minutes of the twenty.
    assert!((10..=14).contains(&guesses), "{guesses}");
    app.clock.advance_seconds(301);
    login_with(&app, &email, &authenticator.code(app.now()))
        .await
        .expect(200);
    // Where the owner is known, strangers take nothing from them.
    app.clock.advance_seconds(31);
    login_with(&app, &email, &authenticator.code(app.now()))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_role_that_must_have_one_sets_it_up_before_anything_else() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (email, client) = account(&app, Role::Publisher).await;
    let journalist = app.user(Role::Journalist);
    require_of(&admin, json!(["publisher"])).await;
    let articles = "/v1/editorial/articles";
    client.get(articles).await.problem(403, "second_factor_missing");
    journalist.get(articles).await.expect(200);
    admin.get(articles).await.expect(200);
    let me = client.get("/v1/editorial/me").await.expect(200);
    assert_eq!(me.json["lacks_second_factor"], true);
    assert_eq!(client.get(OWN).await.json["is_required"], true);
    let pair = login(&app, &email, PASSWORD).await.expect(200);
    holder(&app, &pair)
        .get(articles)
        .await
        .problem(403, "second_factor_missing");
    let (authenticator, _) = set_up(&app, &client).await;
    client.get(articles).await.expect(200);
    assert_eq!(client.get("/v1/editorial/me").await.json["lacks_second_factor"], false);
    app.clock.advance_seconds(30);
    let pair = login_with(&app, &email, &authenticator.code(app.now()))
        .await
        .expect(200);
    holder(&app, &pair).get(articles).await.expect(200);
    // Who does without it must set up another.
    app.clock.advance_seconds(30);
    let end = json!({"current_password": PASSWORD, "code": authenticator.code(app.now())});
    client.post(&format!("{OWN}/actions/disable"), end).await.expect(204);
    client.get(articles).await.problem(403, "second_factor_missing");
    login(&app, &email, PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn a_grant_in_one_section_asks_for_it_too() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let editor = app.user_in(Role::SectionEditor, &news);
    require_of(&admin, json!(["section_editor", "admin"])).await;
    editor
        .get("/v1/editorial/articles")
        .await
        .problem(403, "second_factor_missing");
    admin
        .get("/v1/editorial/site")
        .await
        .problem(403, "second_factor_missing");
    // The admin is not locked out: they set one up.
    set_up(&app, &admin).await;
    require_of(&admin, json!([])).await;
    editor.get("/v1/editorial/articles").await.expect(200);
}

#[actix_web::test]
async fn disabling_takes_the_password_and_a_code() {
    let app = TestApp::new().await;
    let (email, client) = account(&app, Role::Analyst).await;
    let (authenticator, codes) = set_up(&app, &client).await;
    let disable = format!("{OWN}/actions/disable");
    app.clock.advance_seconds(30);
    let right = authenticator.code(app.now());
    let with = |password: &str, code: &str| json!({"current_password": password, "code": code});
    client
        .post(&disable, with("un mauvais mot de passe", &right))
        .await
        .invalid(&[("/current_password", "wrong_password")]);
    client
        .post(&disable, with(PASSWORD, "000000"))
        .await
        .invalid(&[("/code", "wrong_code")]);
    client.post(&disable, with(PASSWORD, &codes[0])).await.expect(204);
    client
        .post(&disable, with(PASSWORD, &right))
        .await
        .problem(409, "second_factor_not_set_up");
    login(&app, &email, PASSWORD).await.expect(200);
    assert_eq!(client.get(OWN).await.json["recovery_codes_left"], 0);
}

#[actix_web::test]
async fn an_admin_resets_what_was_lost() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (email, client) = account(&app, Role::Publisher).await;
    set_up(&app, &client).await;
    let path = format!("/v1/editorial/users/{}", client.user_id.unwrap());
    let before = admin.get(&path).await.expect(200);
    assert!(before.json["second_factor_enabled_at"].is_string());
    let reset = format!("{path}/actions/reset-second-factor");
    let after = admin.request(Method::POST, &reset).send().await.expect(200);
    assert!(after.json["second_factor_enabled_at"].is_null());
    assert_ne!(after.header("etag"), before.header("etag"));
    assert!(!is_alive(&client).await);
    login(&app, &email, PASSWORD).await.expect(200);
    let again = admin.request(Method::POST, &reset).send().await.expect(200);
    assert_eq!(again.header("etag"), after.header("etag"), "nothing was there to reset");
}

#[actix_web::test]
async fn no_secret_of_it_stands_in_a_row() {
    let app = TestApp::new().await;
    let (_, client) = account(&app, Role::Publisher).await;
    let begun = client
        .post(&format!("{OWN}/actions/set-up"), json!({"current_password": PASSWORD}))
        .await
        .expect(200);
    let sealed: String = app
        .db()
        .read_blocking(|conn| {
            Ok(second_factors::table
                .select(second_factors::sealed_secret)
                .first(conn)?)
        })
        .unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
    let secret = totp_rs::Secret::try_from_base32(begun.member("secret")).unwrap();
    assert_eq!(secret.as_bytes().len(), 20);
    assert!(!bytes.windows(20).any(|window| window == secret.as_bytes()));
}
