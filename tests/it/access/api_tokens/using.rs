//! What a token opens, where, how often, and what is noted of it.

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::access::auth::api_token::ApiToken;
use masthead::access::auth::token_uses::TokenUses;
use serde_json::{Value, json};

use super::{CURRENT, create, one, path};
use crate::support::newsroom::{bilingual_newsroom, desk, newsroom};
use crate::support::{TestApp, grant};

#[actix_web::test]
async fn a_scope_holds_in_its_section_and_locale_and_so_do_its_owners_grants() {
    let (app, admin, news) = bilingual_newsroom().await;
    let sport = admin.section("Sport", None).await;
    let football = admin.section("Football", Some(&sport)).await;
    let make = async |section: &str, locale: &str| {
        admin
            .make(json!({"locale": locale, "title": "Titre", "section_id": section}))
            .await
    };
    let articles = [
        ("news fr", make(&news, "fr").await),
        ("sport fr", make(&sport, "fr").await),
        ("sport en", make(&sport, "en").await),
        ("football fr", make(&football, "fr").await),
    ];
    let in_sport = app.user_in(Role::SectionEditor, &sport);
    let french = app.user_with(vec![grant(Role::Publisher, None, Some("fr"))]);
    let journalist = app.user(Role::Journalist);
    let all = || json!({"permission": "articles:write"});
    let within = |section: &str| json!({"permission": "articles:write", "section_id": section});
    let spoken = |locale: &str| json!({"permission": "articles:write", "locale": locale});
    let both = json!({"permission": "articles:write", "section_id": sport, "locale": "fr"});
    for (owner, scopes, expected) in [
        (
            &admin,
            json!([all()]),
            vec!["news fr", "sport fr", "sport en", "football fr"],
        ),
        (
            &admin,
            json!([within(&sport)]),
            vec!["sport fr", "sport en", "football fr"],
        ),
        (&admin, json!([within(&football)]), vec!["football fr"]),
        (&admin, json!([spoken("en")]), vec!["sport en"]),
        (&admin, json!([both]), vec!["sport fr", "football fr"]),
        (
            &admin,
            json!([within(&football), spoken("en")]),
            vec!["sport en", "football fr"],
        ),
        (&in_sport, json!([all()]), vec!["sport fr", "sport en", "football fr"]),
        (&in_sport, json!([within(&news)]), vec![]),
        (&in_sport, json!([within(&football)]), vec!["football fr"]),
        (&in_sport, json!([spoken("fr")]), vec!["sport fr", "football fr"]),
        (&french, json!([within(&sport)]), vec!["sport fr", "football fr"]),
        (&french, json!([spoken("en")]), vec![]),
        (&journalist, json!([all()]), vec![]),
    ] {
        let (_, machine) = owner.api_token(scopes.clone()).await;
        let mut listed = machine.walk("/v1/editorial/articles", 100).await;
        let mut editable = Vec::new();
        for (name, id) in &articles {
            let version = admin.version_of(&desk(id)).await;
            let answer = machine
                .patch(&desk(id), version, json!({"kicker": format!("v{version}")}))
                .await;
            assert!([200, 404].contains(&answer.status), "{scopes}: {}", answer.text);
            if answer.status == 200 {
                editable.push(*name);
            }
        }
        assert_eq!(editable, expected, "{scopes}");
        let mut ids: Vec<String> = articles
            .iter()
            .filter(|(name, _)| expected.contains(name))
            .map(|(_, id)| id.clone())
            .collect();
        ids.sort();
        listed.sort();
        assert_eq!(listed, ids, "a list shows what may be edited: {scopes}");
    }
}

#[actix_web::test]
async fn who_is_refused_is_told_whether_it_is_the_token_or_its_owner() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let in_sport = app.user_in(Role::SectionEditor, &sport);
    for (owner, scope, code) in [
        (
            &admin,
            json!([{"permission": "articles:write", "section_id": sport}]),
            "token_scope_missing",
        ),
        (&in_sport, json!([{"permission": "articles:write"}]), "forbidden"),
        (
            &in_sport,
            json!([{"permission": "articles:write", "section_id": sport}]),
            "forbidden",
        ),
    ] {
        let (_, machine) = owner.api_token(scope).await;
        let body = json!({"locale": "fr", "title": "Titre", "section_id": news});
        machine.post("/v1/editorial/articles", body).await.problem(403, code);
    }
}

#[actix_web::test]
async fn a_bulk_action_needs_the_scope_of_its_action() {
    let (_, admin, news) = newsroom().await;
    let id = admin
        .make(json!({"locale": "fr", "title": "Titre", "section_id": news,
            "blocks": [{"type": "paragraph", "html": "Texte."}]}))
        .await;
    let version = admin.version_of(&desk(&id)).await;
    let bulk = |action: &str| json!({"action": action, "articles": [{"id": id, "version": version}]});
    let (_, publisher) = admin.api_token(one("articles:publish")).await;
    let (_, reader) = admin.api_token(one("articles:read")).await;
    let path = "/v1/editorial/articles/bulk";
    reader
        .post(path, bulk("publish"))
        .await
        .problem(403, "token_scope_missing");
    publisher
        .post(path, bulk("trash"))
        .await
        .problem(403, "token_scope_missing");
    let done = publisher.post(path, bulk("publish")).await.expect(200);
    assert_eq!(done.json["succeeded_count"], json!(1), "{}", done.text);
}

#[actix_web::test]
async fn no_token_says_whose_role_needs_a_second_factor() {
    let (_, admin, _) = newsroom().await;
    let (_, machine) = admin.api_token(one("site:write")).await;
    let site = "/v1/editorial/site";
    let version = machine.version_of(site).await;
    machine
        .patch(site, version, json!({"second_factor_roles": ["publisher"]}))
        .await
        .problem(403, "token_not_accepted");
    machine
        .patch(site, version, json!({"name": "Le Fanal du soir"}))
        .await
        .expect(200);
    let version = admin.version_of(site).await;
    let asked = json!({"second_factor_roles": ["publisher"]});
    admin.patch(site, version, asked.clone()).await.expect(200);
    // What it already is may stand in what a token sends.
    machine.patch(site, version + 1, asked).await.expect(200);
}

#[actix_web::test]
async fn the_audit_tells_the_limits_of_a_token_and_that_it_ended_with_its_owner() {
    let (app, admin, news) = newsroom().await;
    let editor = app.user(Role::Publisher);
    let scopes = json!([{"permission": "articles:publish", "section_id": news, "locale": "fr"}, {"permission": "articles:read"}]);
    let (id, _) = editor.api_token(scopes.clone()).await;
    let owner = format!("/v1/editorial/users/{}", editor.user_id.unwrap());
    admin
        .post(&format!("{owner}/actions/disable"), json!({}))
        .await
        .expect(200);
    let told = admin
        .get(&format!("/v1/editorial/audit?target_id={id}"))
        .await
        .expect(200);
    let acts: Vec<&str> = told.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["action"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["api_token.revoke", "api_token.create"]);
    let details = told.json["items"][1]["details"].as_array().unwrap().iter();
    let told = details
        .filter(|detail| detail["name"] == "scopes")
        .map(|detail| detail["value"].as_str().unwrap());
    let told: Vec<Value> = told.map(|value| serde_json::from_str(value).unwrap()).collect();
    assert_eq!(told, [scopes]);
}

#[actix_web::test]
async fn the_audit_names_the_token_and_its_owner() {
    let (app, admin, section) = newsroom().await;
    let editor = app.user(Role::Publisher);
    let (id, machine) = editor
        .api_token(json!([{"permission": "articles:write"}, {"permission": "articles:publish"}]))
        .await;
    let article = machine.draft("Le port", &section).await;
    machine.publish(&article).await.expect(200);
    editor.take(&article, "unpublish", json!({})).await.expect(200);
    let entries = admin
        .get(&format!("/v1/editorial/audit?token_id={id}"))
        .await
        .expect(200);
    let done: Vec<(&str, &str)> = entries.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["user_id"].as_str().unwrap()))
        .collect();
    let owner = editor.user_id.unwrap().to_string();
    assert_eq!(
        done,
        [("article.publish", owner.as_str()), ("article.create", owner.as_str())]
    );
    assert_eq!(entries.json["items"][0]["session_id"], Value::Null);
    let all = admin.get("/v1/editorial/audit?target_kind=api_token").await.expect(200);
    assert_eq!(all.json["items"][0]["action"], "api_token.create");
    assert_eq!(all.json["items"][0]["target_id"], id.as_str());
}

#[actix_web::test]
async fn requests_are_counted_and_written_once_a_minute() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let (id, machine) = editor.api_token(one("articles:read")).await;
    let uses = &app.state.token_uses;
    uses.step(app.db()).await.unwrap();
    for _ in 0..3 {
        machine.get("/v1/editorial/articles").await.expect(200);
    }
    // On delivery too: asked once, of this instance alone.
    app.statements_of(machine.get("/v1/articles")).await.0.expect(200);
    uses.step(app.db()).await.unwrap();
    assert_eq!(
        editor.get(&path(&id)).await.json["request_count"],
        0,
        "not before the minute is over"
    );
    let used_at = app.now();
    app.clock.advance_seconds(60);
    uses.step(app.db()).await.unwrap();
    let info = editor.get(&path(&id)).await.expect(200).json;
    assert_eq!(
        (&info["request_count"], &info["last_used_at"]),
        (&json!(4), &json!(used_at.to_string()))
    );
    let (_, statements) = app.statements_of(machine.get("/v1/editorial/tags")).await;
    assert!(
        !statements.iter().any(|statement| statement.starts_with("UPDATE")),
        "{statements:?}"
    );
}

#[actix_web::test]
async fn a_token_may_send_so_many_requests_a_minute_and_is_told_what_is_left() {
    let app = TestApp::new().await;
    let editor = app.user(Role::Publisher);
    let uses = TokenUses::new(3.try_into().unwrap(), &app.clock);
    let app = app.limiting_tokens(uses).await;
    let (_, machine) = editor.api_token(one("articles:read")).await;
    let (_, other) = editor.api_token(one("articles:read")).await;
    let machine = app.guest().with_token(machine.token.as_deref().unwrap());
    // What is refused is counted too.
    for (left, path, status) in [
        ("2", "articles", 200),
        ("1", "moderation/queue", 403),
        ("0", "articles", 200),
    ] {
        let answer = machine.get(&format!("/v1/editorial/{path}")).await.expect(status);
        assert_eq!(answer.header("ratelimit-policy"), "\"token\";q=3;w=60");
        assert!(
            answer
                .header("ratelimit")
                .starts_with(&format!("\"token\";r={left};t=")),
            "{}",
            answer.header("ratelimit")
        );
    }
    let refused = machine
        .get("/v1/editorial/articles")
        .await
        .problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "21");
    app.guest()
        .with_token(other.token.as_deref().unwrap())
        .get("/v1/editorial/articles")
        .await
        .expect(200);
    // What readers may ask as often as they like, machines may too.
    let listed = machine.get("/v1/articles").await.expect(200);
    assert_eq!(listed.header("ratelimit"), "");
    app.clock.advance_seconds(20);
    machine.get("/v1/editorial/articles").await.expect(200);
}

#[actix_web::test]
async fn a_token_is_worth_what_its_owners_login_would_be() {
    let app = TestApp::new().await;
    let (admin, editor) = (app.admin(), app.user(Role::Publisher));
    let (_, machine) = editor.api_token(one("articles:read")).await;
    let site = "/v1/editorial/site";
    let version = admin.version_of(site).await;
    admin
        .patch(site, version, json!({"second_factor_roles": ["publisher"]}))
        .await
        .expect(200);
    machine
        .get("/v1/editorial/articles")
        .await
        .problem(403, "second_factor_missing");
    create(&editor, json!({"name": "Robot", "scopes": one("articles:read")}))
        .await
        .problem(403, "second_factor_missing");
}

#[actix_web::test]
async fn who_shows_no_token_has_no_current_one() {
    let app = TestApp::new().await;
    app.admin().get(CURRENT).await.problem(404, "not_found");
    app.guest().get(CURRENT).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn on_delivery_a_token_that_is_good_no_more_is_refused_whatever_is_kept() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    admin.publish(&id).await.expect(200);
    let (token_id, machine) = admin.api_token(one("articles:read")).await;
    let unknown = app.guest().with_token(&ApiToken::generate().unwrap().reveal());
    let spoilt = app.guest().with_token("mht_abc");
    let reader = app.guest().with_token("eyJhbGciOiJub25lIn0.e30.");
    for path in [
        "/v1/site",
        "/v1/articles",
        "/v1/articles/by-path?path=/news/le-port",
        "/feeds/rss",
    ] {
        for _ in 0..2 {
            for client in [&app.guest(), &machine, &reader] {
                client.get(path).await.expect(200);
            }
            for client in [&unknown, &spoilt] {
                client.get(path).await.problem(401, "unauthenticated");
            }
        }
    }
    admin.request(Method::DELETE, &path(&token_id)).send().await.expect(204);
    machine.get("/v1/articles").await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_token_whose_owner_has_no_grant_left_is_nobodys_on_delivery() {
    let (app, admin, _) = newsroom().await;
    let section = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &section);
    let (_, machine) = editor.api_token(json!([{"permission": "articles:read_full"}])).await;
    machine.get("/v1/articles").await.expect(200);
    let path = format!("/v1/editorial/sections/{section}");
    admin.delete(&path, admin.version_of(&path).await).await.expect(204);
    machine.get("/v1/articles").await.problem(401, "unauthenticated");
}
