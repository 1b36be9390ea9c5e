//! Logging in and staying logged in, one's own account, everybody's accounts, keys and secrets.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::{Role, store, token};
use masthead::base::db::{Conn, schema};
use masthead::base::ids::UserId;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestApp};

/// A user who can log in, and their e-mail address.
async fn account(app: &TestApp, role: Role) -> (String, Client) {
    let client = app.user(role);
    let me = client.get("/v1/editorial/me").await.expect(200);
    (me.json["email"].as_str().unwrap().to_owned(), client)
}

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest()
        .post(
            "/v1/editorial/auth/login",
            json!({"email": email, "password": password}),
        )
        .await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.guest()
        .post("/v1/editorial/auth/refresh", json!({"refresh_token": token}))
        .await
}

/// The client of a pair of tokens.
fn holder(app: &TestApp, pair: &Answer) -> Client {
    app.guest().with_token(pair.member("access_token"))
}

async fn is_alive(client: &Client) -> bool {
    client.get("/v1/editorial/me").await.status == 200
}

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
async fn of_eight_refreshes_at_once_one_wins() {
    let app = TestApp::new().await;
    let (email, _) = account(&app, Role::Journalist).await;
    for _ in 0..3 {
        let pair = login(&app, &email, PASSWORD).await.expect(200);
        let token = pair.member("refresh_token").to_owned();
        let answers = futures_util::future::join_all((0..8).map(|_| refresh(&app, &token))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1);
        for answer in answers {
            if answer.status == 200 {
                assert!(
                    !is_alive(&holder(&app, &answer)).await,
                    "somebody else held the token too"
                );
            } else {
                answer.problem(401, "invalid_refresh_token");
            }
        }
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

fn new_user(email: &str) -> Value {
    json!({"email": email, "name": "Koffi Ada", "password": PASSWORD, "grants": [{"role": "journalist"}]})
}

#[actix_web::test]
async fn an_admin_makes_reads_changes_and_lists_users() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let made = admin
        .post("/v1/editorial/users", new_user("Koffi@Lefanal.test"))
        .await
        .expect(201);
    let path = format!("/v1/editorial/users/{}", made.id());
    assert_eq!(made.header("location"), path);
    assert_eq!(made.header("etag"), "\"v1\"");
    assert_eq!(made.json["email"], "Koffi@Lefanal.test");
    assert!(!made.text.contains("password"), "{}", made.text);
    login(&app, "koffi@lefanal.test", PASSWORD).await.expect(200);
    assert_eq!(admin.get(&path).await.expect(200).json, made.json);
    let section = admin.section("Sport", None).await;
    let grants = json!([{"role": "section_editor", "section_id": section, "locale": "fr"}, {"role": "moderator", "section_id": null, "locale": null}]);
    let changed = admin
        .patch(&path, 1, json!({"name": "Koffi Adda", "grants": grants}))
        .await
        .expect(200);
    assert_eq!(changed.json["grants"], grants);
    assert_eq!(
        (&changed.json["version"], changed.header("etag")),
        (&json!(2), "\"v2\"")
    );
    let same = admin
        .patch(&path, 2, json!({"name": "Koffi Adda", "grants": grants}))
        .await
        .expect(200);
    assert_eq!(same.json["version"], 2, "nothing changed, so no version");
    let page = admin.get("/v1/editorial/users?limit=1").await.expect(200);
    assert_eq!(page.items("id"), [made.id()], "newest first");
    let cursor = page.json["page"]["next_cursor"].as_str().unwrap().to_owned();
    let rest = admin
        .get(&format!("/v1/editorial/users?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(rest.items("id"), [admin.user_id.unwrap().to_string()]);
    assert_eq!(
        rest.json["page"],
        json!({"next_cursor": null, "has_more": false, "total_count": null, "total_is_capped": null})
    );
}

#[actix_web::test]
async fn a_stale_change_of_a_user_is_told_who_changed_what() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let path = format!("/v1/editorial/users/{}", app.user(Role::Analyst).user_id.unwrap());
    admin
        .request(Method::PATCH, &path)
        .json(json!({"name": "A"}))
        .send()
        .await
        .problem(428, "precondition_required");
    admin.patch(&path, 1, json!({"name": "Une autre"})).await.expect(200);
    let stale = admin
        .patch(&path, 1, json!({"name": "Encore une"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(stale.header("etag"), "\"v2\"");
    assert_eq!(stale.json["current_etag"], "\"v2\"");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["name"]));
    assert_eq!(stale.json["changes"][0]["user_id"], admin.user_id.unwrap().to_string());
    assert_eq!(stale.json["changes"][0]["user_name"], "Awa Kossou");
}

#[actix_web::test]
async fn an_address_belongs_to_one_user_whatever_its_case() {
    let app = TestApp::new().await;
    let admin = app.admin();
    admin
        .post("/v1/editorial/users", new_user("koffi@lefanal.test"))
        .await
        .expect(201);
    for taken in ["koffi@lefanal.test", "KOFFI@Lefanal.TEST", "  Koffi@lefanal.test "] {
        admin
            .post("/v1/editorial/users", new_user(taken))
            .await
            .problem(422, "email_taken")
            .invalid(&[("/email", "email_taken")]);
    }
    let path = format!("/v1/editorial/users/{}", app.user(Role::Analyst).user_id.unwrap());
    admin
        .patch(&path, 1, json!({"email": "Koffi@LEFANAL.test"}))
        .await
        .problem(422, "email_taken");
    assert_eq!(admin.version_of(&path).await, 1);
    for bad in [
        "koffi",
        "koffi@",
        "@lefanal.test",
        "koffi@lefanal",
        "ko ffi@lefanal.test",
        "k@.test",
    ] {
        admin
            .post("/v1/editorial/users", new_user(bad))
            .await
            .invalid(&[("/email", "invalid_format")]);
    }
}

#[actix_web::test]
async fn grants_name_sections_that_are_there() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let nothing = UserId::new().to_string();
    let mut body = new_user("koffi@lefanal.test");
    body["grants"] = json!([{"role": "analyst"}, {"role": "section_editor", "section_id": nothing}]);
    admin
        .post("/v1/editorial/users", body)
        .await
        .invalid(&[("/grants/1/section_id", "unknown_reference")]);
    assert_eq!(
        admin.get("/v1/editorial/users").await.items("id").len(),
        1,
        "nobody was made"
    );
    let path = format!("/v1/editorial/users/{}", app.user(Role::Analyst).user_id.unwrap());
    let grants = json!([{"role": "section_editor", "section_id": nothing}]);
    admin
        .patch(&path, 1, json!({"grants": grants}))
        .await
        .invalid(&[("/grants/0/section_id", "unknown_reference")]);
    let kept = admin.get(&path).await.expect(200);
    assert_eq!(
        (&kept.json["version"], &kept.json["grants"][0]["role"]),
        (&json!(1), &json!("analyst"))
    );
    admin
        .patch(&path, 1, json!({"grants": []}))
        .await
        .invalid(&[("/grants", "too_few")]);
}

#[actix_web::test]
async fn the_last_admin_stays_one() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = admin.section("Sport", None).await;
    let path = |client: &Client| format!("/v1/editorial/users/{}", client.user_id.unwrap());
    let mine = path(&admin);
    for grants in [
        json!([{"role": "publisher"}]),
        json!([{"role": "admin", "section_id": section}]),
        json!([{"role": "admin", "locale": "fr"}]),
    ] {
        admin
            .patch(&mine, 1, json!({"grants": grants}))
            .await
            .problem(409, "last_admin");
    }
    admin
        .post(&format!("{mine}/actions/disable"), json!({}))
        .await
        .problem(409, "last_admin");
    let me = admin.get(&mine).await.expect(200);
    assert_eq!(
        (&me.json["version"], &me.json["disabled_at"]),
        (&json!(1), &json!(null))
    );
    let second = app.admin();
    admin
        .post(&format!("{}/actions/disable", path(&second)), json!({}))
        .await
        .expect(200);
    admin
        .post(&format!("{mine}/actions/disable"), json!({}))
        .await
        .problem(409, "last_admin");
    admin
        .post(&format!("{}/actions/enable", path(&second)), json!({}))
        .await
        .expect(200);
    admin
        .patch(&mine, 1, json!({"grants": [{"role": "publisher"}]}))
        .await
        .expect(200);
    admin.get("/v1/editorial/users").await.problem(403, "forbidden");
}

#[actix_web::test]
async fn of_two_admins_who_disable_each_other_one_stays() {
    let app = TestApp::new().await;
    for _ in 0..5 {
        let (one, other) = (app.admin(), app.admin());
        let disable = |by: &Client, whom: &Client| {
            let path = format!("/v1/editorial/users/{}/actions/disable", whom.user_id.unwrap());
            let by = by.clone();
            async move { by.post(&path, json!({})).await }
        };
        // Nobody else is admin: those of the rounds before are disabled or disabled here.
        let (first, second) = futures_util::future::join(disable(&one, &other), disable(&other, &one)).await;
        let statuses = [first.status, second.status];
        assert!(statuses.contains(&200), "{statuses:?}");
        assert!(
            statuses.iter().any(|status| [401, 409].contains(status)),
            "{statuses:?}"
        );
        let alive = [is_alive(&one).await, is_alive(&other).await];
        assert_eq!(alive.iter().filter(|alive| **alive).count(), 1, "{statuses:?}");
        let left = if alive[0] { &one } else { &other };
        let id = left.user_id.unwrap();
        app.db()
            .write_blocking(move |conn| {
                diesel::delete(schema::grants::table.filter(schema::grants::user_id.eq(id))).execute(conn)?;
                Ok(())
            })
            .unwrap();
    }
}

#[actix_web::test]
async fn disabling_a_user_acts_at_once_on_every_instance() {
    let app = TestApp::new().await;
    let elsewhere = app.another_instance().await;
    let admin = app.admin();
    let (email, _) = account(&app, Role::Publisher).await;
    let pair = login(&app, &email, PASSWORD).await.expect(200);
    let there = holder(&elsewhere, &pair);
    assert!(is_alive(&there).await);
    let path = format!("/v1/editorial/users/{}", pair.member("user_id"));
    let disabled = admin
        .post(&format!("{path}/actions/disable"), json!({}))
        .await
        .expect(200);
    assert_eq!(disabled.json["disabled_at"], app.now().to_string());
    assert!(!is_alive(&there).await);
    refresh(&app, pair.member("refresh_token")).await.expect(401);
    login(&app, &email, PASSWORD).await.expect(401);
    let again = admin
        .post(&format!("{path}/actions/disable"), json!({}))
        .await
        .expect(200);
    assert_eq!(again.json, disabled.json, "a repetition changes nothing");
    let enabled = admin
        .post(&format!("{path}/actions/enable"), json!({}))
        .await
        .expect(200);
    assert_eq!(enabled.json["disabled_at"], json!(null));
    assert!(!is_alive(&there).await, "the sessions stay ended");
    login(&app, &email, PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn other_grants_take_effect_with_the_next_request() {
    let app = TestApp::new().await;
    let (admin, user) = (app.admin(), app.user(Role::Analyst));
    let new_tag = json!({"kind": "topic", "label": "Élections"});
    user.post("/v1/editorial/tags", new_tag.clone())
        .await
        .problem(403, "forbidden");
    let path = format!("/v1/editorial/users/{}", user.user_id.unwrap());
    admin
        .patch(&path, 1, json!({"grants": [{"role": "publisher"}]}))
        .await
        .expect(200);
    user.post("/v1/editorial/tags", new_tag).await.expect(201);
}

#[actix_web::test]
async fn a_reset_password_is_shown_once_and_ends_every_session() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (email, user) = account(&app, Role::Analyst).await;
    let path = format!("/v1/editorial/users/{}", user.user_id.unwrap());
    let reset = admin
        .post(&format!("{path}/actions/reset-password"), json!({}))
        .await
        .expect(200);
    let password = reset.member("password");
    assert!(password.len() >= 20, "{password}");
    assert!(!is_alive(&user).await);
    login(&app, &email, PASSWORD).await.expect(401);
    login(&app, &email, password).await.expect(200);
    assert!(!admin.get(&path).await.text.contains(password));
}

#[actix_web::test]
async fn an_admin_sees_and_ends_the_sessions_of_others() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (email, user) = account(&app, Role::Analyst).await;
    login(&app, &email, PASSWORD).await.expect(200);
    let path = format!("/v1/editorial/users/{}/sessions", user.user_id.unwrap());
    let list = admin.get(&path).await.expect(200);
    let current = list.json["items"].as_array().unwrap();
    assert_eq!(current.len(), 2);
    assert!(current.iter().all(|session| session["is_current"] == false));
    admin.request(Method::DELETE, &path).send().await.expect(204);
    assert!(!is_alive(&user).await);
    assert_eq!(admin.get(&path).await.expect(200).json["items"], json!([]));
    let nobody = format!("/v1/editorial/users/{}/sessions", UserId::new());
    admin.get(&nobody).await.problem(404, "not_found");
    admin
        .request(Method::DELETE, &nobody)
        .send()
        .await
        .problem(404, "not_found");
}

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
