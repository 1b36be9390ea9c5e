//! A request that is sent again under its `Idempotency-Key` does nothing again.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::json;

use crate::support::newsroom::{ARTICLES, action, desk, newsroom};

#[actix_web::test]
async fn a_repeated_creation_answers_the_first_with_the_article_as_it_is_now() {
    let (_app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr", "title": "Une fois"});
    let first = admin.once(ARTICLES, None, "key-1", body.clone()).await.expect(201);
    admin.edit(&first.id(), json!({"kicker": "depuis"})).await.expect(200);
    let second = admin.once(ARTICLES, None, "key-1", body.clone()).await.expect(201);
    assert_eq!(second.id(), first.id());
    assert_eq!(second.header("location"), first.header("location"));
    assert_eq!(
        (&second.json["kicker"], second.header("etag")),
        (&json!("depuis"), "\"v2\"")
    );
    assert_eq!(admin.walk(ARTICLES, 10).await.len(), 1);
    // Another key is another request.
    let third = admin.once(ARTICLES, None, "key-2", body).await.expect(201);
    assert_ne!(third.id(), first.id());
}

#[actix_web::test]
async fn a_key_is_bound_to_its_user_its_route_and_its_body() {
    let (app, admin, section) = newsroom().await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section});
    let id = admin.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    let other = json!({"locale": "fr", "title": "Autre"});
    admin
        .once(ARTICLES, None, "key", other)
        .await
        .problem(422, "idempotency_key_reused");
    admin
        .once(&action(&id, "publish"), Some(1), "key", body.clone())
        .await
        .expect(422);
    admin
        .once(&action(&id, "trash"), Some(1), "key", json!({}))
        .await
        .problem(422, "idempotency_key_reused");
    let colleague = app.user(Role::Publisher);
    let theirs = colleague.once(ARTICLES, None, "key", body).await.expect(201).id();
    assert_ne!(theirs, id);
}

#[actix_web::test]
async fn a_failure_is_not_remembered() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.make(json!({"locale": "fr", "section_id": section})).await;
    admin
        .once(&action(&id, "publish"), Some(1), "key", json!({}))
        .await
        .invalid(&[("/title", "missing")]);
    admin.edit(&id, json!({"title": "T"})).await.expect(200);
    admin
        .once(&action(&id, "publish"), Some(2), "key", json!({}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_repeated_action_is_not_asked_for_the_version_again() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let path = action(&id, "publish");
    let first = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    admin.edit(&id, json!({"title": "Depuis"})).await.expect(200);
    let second = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    assert_eq!(second.json["title"], "Depuis");
    assert_eq!(second.json["live_revision_number"], first.json["live_revision_number"]);
    assert_eq!(second.json["has_unpublished_changes"], true);
    // Every action takes a key; the state has moved on meanwhile.
    for name in ["unpublish", "trash", "restore"] {
        let path = action(&id, name);
        let key = format!("key-{name}");
        admin.once(&path, Some(2), &key, json!({})).await.expect(200);
        let state = admin.get(&desk(&id)).await.json["state"].clone();
        let again = admin.once(&path, Some(2), &key, json!({})).await.expect(200);
        assert_eq!(again.json["state"], state, "{name}");
    }
    let late = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    assert_eq!(late.json["state"], "draft");
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_day() {
    let (app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr"});
    let first = admin.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    app.clock.advance_seconds(24 * 3600 - 1);
    let kept = admin
        .renewed()
        .once(ARTICLES, None, "key", body.clone())
        .await
        .expect(201)
        .id();
    assert_eq!(kept, first);
    app.clock.advance_seconds(1);
    let made = admin
        .renewed()
        .once(ARTICLES, None, "key", body.clone())
        .await
        .expect(201)
        .id();
    assert_ne!(made, first);
    let again = admin.renewed().once(ARTICLES, None, "key", body).await.expect(201).id();
    assert_eq!(again, made);
}

#[actix_web::test]
async fn a_repetition_needs_the_rights_of_the_first() {
    let (app, admin, section) = newsroom().await;
    let editor = app.user_in(Role::SectionEditor, &section);
    let body = json!({"locale": "fr", "title": "T", "section_id": section});
    let id = editor.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    let sport = admin.section("Sport", None).await;
    admin
        .edit(&id, json!({"section_id": sport, "kicker": "secret"}))
        .await
        .expect(200);
    editor.get(&desk(&id)).await.problem(404, "not_found");
    editor.once(ARTICLES, None, "key", body).await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_key_is_refused_where_it_would_do_nothing() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let keyed = |method: Method, path: String, key: &'static str| {
        admin
            .request(method, &path)
            .header("idempotency-key", key)
            .if_match(1)
            .json(json!({"title": "x"}))
            .send()
    };
    keyed(Method::PATCH, desk(&id), "k")
        .await
        .problem(400, "idempotency_unsupported");
    keyed(Method::DELETE, desk(&id), "k")
        .await
        .problem(400, "idempotency_unsupported");
    keyed(Method::POST, "/v1/editorial/tags".into(), "k")
        .await
        .problem(400, "idempotency_unsupported");
    for bad in ["", "a b"] {
        keyed(Method::POST, action(&id, "publish"), bad)
            .await
            .problem(400, "invalid_header");
    }
    let long: &'static str = Box::leak("k".repeat(101).into_boxed_str());
    keyed(Method::POST, action(&id, "publish"), long)
        .await
        .problem(400, "invalid_header");
    assert_eq!(admin.get(&desk(&id)).await.json["state"], "draft");
}
