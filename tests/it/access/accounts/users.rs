//! Everybody's accounts: what an admin makes of them, and that the last admin stays.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema;
use masthead::base::ids::UserId;
use serde_json::json;

use super::{account, holder, is_alive, login, new_user, refresh};
use crate::support::{Client, PASSWORD, TestApp};

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
    assert_eq!(stale.json["current_values"], json!({"name": "Une autre"}));
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
            .invalid(&[("/email", "invalid_email")]);
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
