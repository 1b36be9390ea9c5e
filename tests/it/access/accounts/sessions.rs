//! Logging in, staying logged in, and one's own account.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{account, holder, is_alive, login, refresh};
use crate::support::{Answer, Client, PASSWORD, TestApp};

/// A problem without what differs from request to request.
fn timeless(answer: &Answer) -> Value {
    let mut json = answer.json.clone();
    json.as_object_mut().unwrap().remove("request_id");
    json
}

#[actix_web::test]
async fn a_login_answers_a_pair_of_tokens_that_works() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Publisher).await;
    let pair = login(&app, &email.to_uppercase(), PASSWORD).await.expect(200);
    assert_eq!(pair.json["token_type"], "Bearer");
    assert_eq!(pair.json["expires_in"], 900);
    assert_eq!(pair.header("cache-control"), "no-store");
    let me = holder(&app, &pair).get("/v1/editorial/me").await.expect(200);
    assert_eq!(me.json["email"], email);
    assert_eq!(me.json["session_id"], pair.json["session_id"]);
    assert_eq!(
        me.json["grants"],
        json!([{"role": "publisher", "section_id": null, "locale": null}])
    );
    let permissions = me.json["permissions"].to_string();
    assert!(permissions.contains("ManageSections") && !permissions.contains("ManageUsers"));
}

#[actix_web::test]
async fn nobody_learns_whether_an_account_exists() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Analyst).await;
    let (disabled, client) = account(&app, Role::Analyst).await;
    let path = format!("/v1/editorial/users/{}/actions/disable", client.user_id.unwrap());
    app.admin().post(&path, json!({})).await.expect(200);
    let table = [
        (email.as_str(), "un mauvais mot de passe"),
        ("personne@lefanal.test", PASSWORD),
        ("personne", PASSWORD),
        (disabled.as_str(), PASSWORD),
        (disabled.as_str(), "un mauvais mot de passe"),
    ];
    let mut answers = Vec::new();
    for (email, password) in table {
        let answer = login(&app, email, password).await.problem(401, "invalid_credentials");
        answers.push((timeless(&answer), answer.headers.len()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
}

#[actix_web::test]
async fn too_many_logins_wait_whether_the_account_exists_or_not() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Analyst).await;
    for email in [email.as_str(), "personne@lefanal.test"] {
        for _ in 0..10 {
            login(&app, email, "un mauvais mot de passe").await.expect(401);
        }
        let refused = login(&app, email, PASSWORD).await.problem(429, "too_many_requests");
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=31).contains(&wait), "{wait}");
        assert_eq!(refused.header("ratelimit-policy"), "\"login\";q=10;w=300");
        assert_eq!(refused.header("ratelimit"), format!("\"login\";r=0;t={wait}"));
        login(&app, &email.to_uppercase(), PASSWORD).await.expect(429);
        app.clock.advance_seconds(wait);
        let status = login(&app, email, PASSWORD).await.status;
        assert_eq!(status, if email.starts_with("personne") { 401 } else { 200 });
    }
}

#[actix_web::test]
async fn a_network_that_tries_many_accounts_waits() {
    let app = TestApp::new().await;
    for n in 0..60 {
        login(&app, &format!("u{n}@lefanal.test"), PASSWORD).await.expect(401);
    }
    let refused = login(&app, "another@lefanal.test", PASSWORD).await.expect(429);
    assert_eq!(refused.header("ratelimit-policy"), "\"login\";q=60;w=120");
    app.clock.advance_seconds(3);
    login(&app, "another@lefanal.test", PASSWORD).await.expect(401);
}

#[actix_web::test]
async fn a_refresh_uses_its_token_up() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let first = login(&app, &email, PASSWORD).await.expect(200);
    app.clock.advance_seconds(16 * 60);
    assert!(!is_alive(&holder(&app, &first)).await);
    let second = refresh(&app, first.member("refresh_token")).await.expect(200);
    assert_eq!(second.json["session_id"], first.json["session_id"]);
    assert_ne!(second.json["refresh_token"], first.json["refresh_token"]);
    assert!(is_alive(&holder(&app, &second)).await);
    refresh(&app, second.member("refresh_token")).await.expect(200);
    for unknown in ["", "x", first.member("access_token")] {
        let status = refresh(&app, unknown).await.status;
        assert_eq!(status, if unknown.is_empty() { 422 } else { 401 }, "{unknown}");
    }
}

#[actix_web::test]
async fn two_tabs_that_renew_at_once_stay_logged_in_both() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let first = login(&app, &email, PASSWORD).await.expect(200);
    let spent = first.member("refresh_token");
    let second = refresh(&app, spent).await.expect(200);
    app.clock.advance_seconds(29);
    let again = refresh(&app.another_instance().await, spent).await.expect(200);
    assert_eq!(again.json["refresh_token"], second.json["refresh_token"]);
    assert_ne!(again.json["access_token"], second.json["access_token"]);
    for pair in [&second, &again] {
        assert!(is_alive(&holder(&app, pair)).await);
    }
    let third = refresh(&app, second.member("refresh_token")).await.expect(200);
    assert!(is_alive(&holder(&app, &third)).await);
}

#[actix_web::test]
async fn a_refresh_token_that_comes_again_too_late_ends_the_session() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let first = login(&app, &email, PASSWORD).await.expect(200);
    let second = refresh(&app, first.member("refresh_token")).await.expect(200);
    app.clock.advance_seconds(30);
    refresh(&app, first.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
    assert!(!is_alive(&holder(&app, &second)).await);
}

#[actix_web::test]
async fn a_refresh_token_that_comes_again_revives_no_session_that_was_ended() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let first = login(&app, &email, PASSWORD).await.expect(200);
    let second = refresh(&app, first.member("refresh_token")).await.expect(200);
    holder(&app, &second)
        .post("/v1/editorial/auth/logout", serde_json::json!({}))
        .await;
    refresh(&app, first.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
    assert!(!is_alive(&holder(&app, &second)).await);
}

#[actix_web::test]
async fn a_refresh_token_used_twice_ends_the_whole_session() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let first = login(&app, &email, PASSWORD).await.expect(200);
    let other = login(&app, &email, PASSWORD).await.expect(200);
    let second = refresh(&app, first.member("refresh_token")).await.expect(200);
    let third = refresh(&app, second.member("refresh_token")).await.expect(200);
    assert!(is_alive(&holder(&app, &third)).await);
    refresh(&app, first.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
    refresh(&app, third.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
    for pair in [&first, &second, &third] {
        assert!(!is_alive(&holder(&app, pair)).await);
    }
    assert!(is_alive(&holder(&app, &other)).await, "another login is another family");
}

#[actix_web::test]
async fn a_refresh_token_that_nobody_used_expires() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let day = 24 * 3600;
    let kept = login(&app, &email, PASSWORD).await.expect(200);
    app.clock.advance_seconds(14 * day - 1);
    let kept = refresh(&app, kept.member("refresh_token")).await.expect(200);
    app.clock.advance_seconds(14 * day);
    refresh(&app, kept.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
    // However often it is used, the session itself ends after 90 days.
    let mut pair = login(&app, &email, PASSWORD).await.expect(200);
    for _ in 0..8 {
        app.clock.advance_seconds(10 * day);
        pair = refresh(&app, pair.member("refresh_token")).await.expect(200);
    }
    app.clock.advance_seconds(10 * day);
    refresh(&app, pair.member("refresh_token"))
        .await
        .problem(401, "invalid_refresh_token");
}

#[actix_web::test]
async fn eight_refreshes_at_once_answer_one_successor() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    for _ in 0..3 {
        let pair = login(&app, &email, PASSWORD).await.expect(200);
        let token = pair.member("refresh_token").to_owned();
        let answers = futures_util::future::join_all((0..8).map(|_| refresh(&app, &token))).await;
        let successor = answers[0].member("refresh_token").to_owned();
        assert_ne!(successor, token);
        for answer in answers {
            assert_eq!(answer.expect(200).member("refresh_token"), successor);
        }
        refresh(&app, &successor).await.expect(200);
        app.clock.advance_seconds(60);
    }
}

#[actix_web::test]
async fn logging_out_ends_the_session_at_once() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let (first, other) = (
        login(&app, &email, PASSWORD).await.expect(200),
        login(&app, &email, PASSWORD).await.expect(200),
    );
    holder(&app, &first)
        .request(Method::POST, "/v1/editorial/auth/logout")
        .send()
        .await
        .expect(204);
    assert!(!is_alive(&holder(&app, &first)).await);
    refresh(&app, first.member("refresh_token")).await.expect(401);
    assert!(is_alive(&holder(&app, &other)).await);
}

#[actix_web::test]
async fn changing_ones_password_ends_every_other_session() {
    let app = TestApp::new().await;
    let (email, mine) = account(&app, Role::Journalist).await;
    let other = login(&app, &email, PASSWORD).await.expect(200);
    let change = |current: &str, new: &str| {
        mine.put(
            "/v1/editorial/me/password",
            json!({"current_password": current, "new_password": new}),
        )
    };
    let new = "une autre phrase de passe";
    change("faux mot de passe", new)
        .await
        .problem(422, "wrong_password")
        .invalid(&[("/current_password", "wrong_password")]);
    change(PASSWORD, "trop court")
        .await
        .invalid(&[("/new_password", "too_short")]);
    change(PASSWORD, &"é".repeat(257))
        .await
        .invalid(&[("/new_password", "too_long")]);
    assert!(is_alive(&holder(&app, &other)).await, "nothing has changed yet");
    change(PASSWORD, new).await.expect(204);
    assert!(is_alive(&mine).await);
    assert!(!is_alive(&holder(&app, &other)).await);
    refresh(&app, other.member("refresh_token")).await.expect(401);
    login(&app, &email, PASSWORD).await.expect(401);
    login(&app, &email, new).await.expect(200);
}

#[actix_web::test]
async fn guessing_the_current_password_is_throttled_like_logging_in() {
    let app = TestApp::new().await;
    let (_, mine) = account(&app, Role::Journalist).await;
    let guess = json!({"current_password": "faux mot de passe", "new_password": "une autre phrase"});
    for _ in 0..10 {
        mine.put("/v1/editorial/me/password", guess.clone()).await.expect(422);
    }
    mine.put("/v1/editorial/me/password", guess)
        .await
        .problem(429, "too_many_requests");
}

#[actix_web::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let app = TestApp::new().await;
    let (email, mine) = account(&app, Role::Journalist).await;
    let stranger = app.user(Role::Journalist);
    let other = app
        .guest()
        .request(Method::POST, "/v1/editorial/auth/login")
        .header("user-agent", "Netscape 4")
        .json(json!({"email": email, "password": PASSWORD}))
        .send()
        .await
        .expect(200);
    let list = mine.get("/v1/editorial/me/sessions").await.expect(200);
    let items = list.json["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|session| session["is_current"] == true).count(), 1);
    let found = items
        .iter()
        .find(|session| session["id"] == other.json["session_id"])
        .unwrap();
    assert_eq!(found["user_agent"], "Netscape 4");
    let path = format!("/v1/editorial/me/sessions/{}", other.member("session_id"));
    let end = |client: &Client| client.request(Method::DELETE, &path).send();
    end(&stranger).await.problem(404, "not_found");
    assert!(is_alive(&holder(&app, &other)).await);
    end(&mine).await.expect(204);
    assert!(!is_alive(&holder(&app, &other)).await);
    end(&mine).await.problem(404, "not_found");
    let left = mine.get("/v1/editorial/me/sessions").await.expect(200);
    assert_eq!(left.json["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_token_and_a_session_end_at_their_exact_moment() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    let day = 24 * 3600;
    let mut pair = login(&app, &email, PASSWORD).await.expect(200);
    app.clock.advance_seconds(15 * 60 - 1);
    assert!(is_alive(&holder(&app, &pair)).await);
    app.clock.advance_seconds(1);
    assert!(!is_alive(&holder(&app, &pair)).await);
    for _ in 0..8 {
        app.clock.advance_seconds(11 * day);
        pair = refresh(&app, pair.member("refresh_token")).await.expect(200);
    }
    // A minute before the ninety days are over.
    app.clock.advance_seconds(2 * day - 16 * 60);
    pair = refresh(&app, pair.member("refresh_token")).await.expect(200);
    let other = holder(&app, &login(&app, &email, PASSWORD).await.expect(200));
    let known = async || {
        let list = other.get("/v1/editorial/me/sessions").await.expect(200);
        let items = list.json["items"].as_array().unwrap().iter();
        items.filter(|session| session["id"] == pair.json["session_id"]).count()
    };
    app.clock.advance_seconds(59);
    assert!(is_alive(&holder(&app, &pair)).await);
    assert_eq!(known().await, 1);
    app.clock.advance_seconds(1);
    assert!(!is_alive(&holder(&app, &pair)).await);
    assert_eq!(known().await, 0);
}
