//! What editors make of paths: what is answered there, and what is refused.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::paths;
use serde_json::{Value, json};

use super::{LIST, at, change, lead, led, listed, remove};
use crate::support::newsroom::{bilingual_newsroom, desk};

#[actix_web::test]
async fn an_editor_makes_changes_and_deletes_a_redirect() {
    let (app, admin, section) = bilingual_newsroom().await;
    let body = json!({"path": "/vieux/", "location": "/news/", "note": "  Refonte\n2019 "});
    let made = admin.post(LIST, body).await.expect(201);
    let id = made.id();
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (at(&id).as_str(), "\"v1\"")
    );
    let user = admin.user_id.unwrap().to_string();
    assert_eq!(
        made.json,
        json!({"id": id, "path": "/vieux", "location": "/news", "http_status": 301,
            "origin": "editor", "kind": "redirect", "target_id": null, "locale": "fr", "note": "Refonte\n2019",
            "version": 1, "created_by": user, "created_at": crate::support::START, "updated_at": crate::support::START,
            "warnings": []})
    );
    assert_eq!(admin.get(&at(&id)).await.expect(200).json, made.json);
    assert_eq!(
        app.resolve("/vieux").await.expect(200).json,
        json!({"kind": "redirect", "path": "/vieux", "locale": "fr", "id": null, "location": "/news", "http_status": 301})
    );
    app.clock.advance_seconds(60);
    let body = json!({"location": "https://ailleurs.test/x", "http_status": 307, "note": null});
    let changed = admin.patch(&at(&id), 1, body).await.expect(200);
    assert_eq!(changed.header("etag"), "\"v2\"");
    for (member, value) in [
        ("location", json!("https://ailleurs.test/x")),
        ("http_status", json!(307)),
        ("note", Value::Null),
        ("version", json!(2)),
        ("updated_at", json!("2026-11-23T08:01:00.000Z")),
    ] {
        assert_eq!(changed.json[member], value, "{member}");
    }
    assert_eq!(led(&app, "/vieux").await, "https://ailleurs.test/x 307");
    let gone = admin
        .patch(&at(&id), 2, json!({"clear": ["location"]}))
        .await
        .expect(200);
    assert_eq!(
        (&gone.json["http_status"], &gone.json["location"]),
        (&json!(410), &Value::Null)
    );
    assert_eq!(led(&app, "/vieux").await, "gone 410");
    app.by_path("/vieux").await.problem(410, "gone");
    let same = admin.patch(&at(&id), 3, json!({"http_status": 410})).await.expect(200);
    assert_eq!(same.json["version"], 3);
    admin.delete(&at(&id), 3).await.expect(204);
    admin.get(&at(&id)).await.problem(404, "not_found");
    assert_eq!(led(&app, "/vieux").await, "");
    // The path is free, for a section too.
    let vieux = admin
        .post("/v1/editorial/sections", json!({"label": "Vieux"}))
        .await
        .expect(201)
        .id();
    assert_eq!(app.resolve("/vieux").await.expect(200).json["id"], vieux);
    let english = json!({"path": "/en/old", "location": format!("/{section}")});
    assert_eq!(admin.post(LIST, english).await.expect(201).json["locale"], "en");
}

#[actix_web::test]
async fn each_status_is_answered_as_it_was_made() {
    let (app, admin, section) = bilingual_newsroom().await;
    admin.published("Titre", &section).await;
    for (status, by_path_status) in [(301, 308), (302, 307), (307, 307), (308, 308)] {
        let path = format!("/vers-{status}");
        let body = json!({"path": path, "location": "/news/titre#fin", "http_status": status});
        admin.post(LIST, body).await.expect(201);
        assert_eq!(led(&app, &path).await, format!("/news/titre#fin {status}"));
        let answer = app.by_path(&path).await.expect(by_path_status);
        assert_eq!(
            answer.header("location"),
            "/v1/articles/by-path?path=%2Fnews%2Ftitre%23fin"
        );
        app.guest().get(answer.header("location")).await.expect(200);
    }
    for (path, location) in [
        ("/vers-rubrique", "/news"),
        ("/vers-inconnu", "/contact"),
        ("/vers-ailleurs", "https://ailleurs.test/"),
    ] {
        lead(&admin, path, location).await;
        assert_eq!(led(&app, path).await, format!("{location} 301"));
        let elsewhere = app.by_path(path).await.problem(404, "other_kind").json;
        let kind = if location == "/news" { "section" } else { "redirect" };
        assert_eq!(
            (&elsewhere["kind"], &elsewhere["location"]),
            (&json!(kind), &json!(location))
        );
    }
}

#[actix_web::test]
async fn an_old_address_with_a_query_leads_to_its_own_place() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    for (path, location) in [
        ("/article.php3?id_article=123", "/news"),
        ("/article.php3?id_article=12", "/news/un"),
        ("/?q=node/12", "/news/un#fin"),
        ("/index.php?option=com_content&id=3", "https://b.test/x"),
        ("/index.php", "/opinions"),
        ("/direct", "/article.php3?id_article=12"),
    ] {
        lead(&admin, path, location).await;
    }
    for (path, expected) in [
        ("/article.php3?id_article=123", "/news 301"),
        ("/article.php3?id_article=12&utm_source=x", "/news/un 301"),
        ("/article.php3?fbclid=y&id_article=12#forum", "/news/un 301"),
        ("/article.php3?id_article=1", ""),
        ("/article.php3", ""),
        ("/Article.php3?id_article=12", ""),
        ("/?q=node/12", "/news/un#fin 301"),
        ("/?q=node/1", "home 200"),
        ("/index.php?option=com_content&id=3", "https://b.test/x 301"),
        ("/index.php?option=com_content", "/opinions 301"),
        ("/direct", "/news/un 301"),
    ] {
        assert_eq!(led(&app, path).await, expected, "{path}");
    }
    let by_path = app.by_path("/article.php3?id_article=12").await;
    assert_eq!(
        by_path.expect(308).header("location"),
        "/v1/articles/by-path?path=%2Fnews%2Fun"
    );
    // They are led on and found as others are.
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    for path in ["/article.php3?id_article=12", "/direct"] {
        assert_eq!(led(&app, path).await, "/news/deux 301", "{path}");
    }
    change(&admin, "/article.php3?id_article=123", json!({"location": "/opinions"}))
        .await
        .expect(200);
    assert_eq!(led(&app, "/article.php3?id_article=123").await, "/opinions 301");
    let circle = json!({"path": "/opinions-2?x=1", "location": "/opinions-2?x=1#y"});
    admin.post(LIST, circle).await.problem(422, "redirect_loop");
    remove(&admin, "/article.php3?id_article=123").await.expect(204);
    assert_eq!(led(&app, "/article.php3?id_article=123").await, "");
    assert_eq!(led(&app, "/article.php3?id_article=12").await, "/news/deux 301");
}

#[actix_web::test]
async fn a_path_with_capitals_leads_to_the_one_without() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    lead(&admin, "/vieux", "/news").await;
    lead(&admin, "/Ancien", "/news").await;
    for (path, expected) in [
        ("/NEWS/UN", "/news/un 301"),
        ("/News", "/news 301"),
        ("/NEWS/?page=2", "/news 301"),
        ("/VIEUX", ""),
        ("/Ancien", "/news 301"),
        ("/NEWS/DEUX", ""),
        ("/news/un", "article 200"),
    ] {
        assert_eq!(led(&app, path).await, expected, "{path}");
    }
    assert_eq!(
        app.by_path("/NEWS/Un").await.expect(308).header("location"),
        "/v1/articles/by-path?path=%2Fnews%2Fun"
    );
    let page = app.guest().get("/v1/pages/section?path=/News").await.expect(308);
    assert_eq!(page.header("location"), "/v1/pages/section?path=%2Fnews");
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(led(&app, "/NEWS/UN").await, "");
}

#[actix_web::test]
async fn what_is_wrong_with_a_redirect_is_told_by_pointer() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let table = [
        (json!({}), vec![("/path", "required")]),
        (json!({"path": ""}), vec![("/path", "blank")]),
        (
            json!({"path": "a", "location": "b"}),
            vec![("/path", "invalid_format"), ("/location", "invalid_format")],
        ),
        (
            json!({"path": "//evil.test/x", "location": "/b"}),
            vec![("/path", "invalid_format")],
        ),
        (
            json!({"path": "/?p=12", "location": "/b"}),
            vec![("/path", "invalid_format")],
        ),
        (
            json!({"path": "/a/../b", "location": "/b"}),
            vec![("/path", "invalid_format")],
        ),
        (
            json!({"path": "/a", "location": "//evil.test"}),
            vec![("/location", "invalid_format")],
        ),
        (
            json!({"path": "/a", "location": "javascript:alert(1)"}),
            vec![("/location", "invalid_format")],
        ),
        (
            json!({"path": "/a", "location": "https://u:p@a.test/"}),
            vec![("/location", "invalid_format")],
        ),
        (
            json!({"path": "/a\nb", "location": "/b"}),
            vec![("/path", "forbidden_character")],
        ),
        (
            json!({"path": "/a", "location": "/b", "http_status": 410}),
            vec![("/location", "location_mismatch")],
        ),
        (
            json!({"path": "/a", "http_status": 302}),
            vec![("/location", "location_mismatch")],
        ),
        (
            json!({"path": "/a", "location": "/b", "http_status": 303}),
            vec![("/http_status", "invalid_value")],
        ),
        (
            json!({"path": "/a", "location": "/b", "http_status": 200}),
            vec![("/http_status", "out_of_range")],
        ),
        (
            json!({"path": "/a", "location": "/b", "origin": "editor"}),
            vec![("/origin", "unknown_field")],
        ),
        (
            json!({"path": "/a", "location": "/b", "note": "x".repeat(1001)}),
            vec![("/note", "too_long")],
        ),
        (
            json!({"path": format!("/{}", "😀".repeat(600)), "location": "/b"}),
            vec![("/path", "too_long")],
        ),
        (json!({"path": "/", "location": "/b"}), vec![("/path", "path_reserved")]),
        (
            json!({"path": "/en/", "location": "/b"}),
            vec![("/path", "path_reserved")],
        ),
        (
            json!({"path": "/v1/articles", "location": "/b"}),
            vec![("/path", "path_reserved")],
        ),
        (
            json!({"path": "/docs", "location": "/b"}),
            vec![("/path", "path_reserved")],
        ),
        (
            json!({"path": "/news", "location": "/b"}),
            vec![("/path", "path_taken")],
        ),
        (
            json!({"path": "/en/news/", "location": "/b"}),
            vec![("/path", "path_taken")],
        ),
        (
            json!({"path": "/a", "location": "/a/"}),
            vec![("/location", "redirect_loop")],
        ),
        (
            json!({"path": "/a", "location": "https://www.lefanal.test/a?x=1"}),
            vec![("/location", "redirect_loop")],
        ),
    ];
    for (body, expected) in table {
        admin.post(LIST, body).await.invalid(&expected);
    }
    assert_eq!(admin.get(LIST).await.expect(200).json["items"], json!([]));
    let english = admin
        .request(Method::POST, LIST)
        .header("accept-language", "en")
        .json(json!({"path": "/news", "location": "/b"}))
        .send()
        .await
        .problem(422, "path_taken");
    let expected = "Something is public at /news, or is kept for an unpublished article.";
    assert_eq!(english.json["detail"], expected);
    let french = admin
        .post(LIST, json!({"path": "/a", "location": "/a"}))
        .await
        .problem(422, "redirect_loop");
    assert_eq!(
        french.json["detail"],
        "Cette redirection ramènerait à son point de départ\u{a0}: /a → /a."
    );
    assert_eq!(french.json["chain"], json!(["/a", "/a"]));
}

#[actix_web::test]
async fn a_path_that_is_anothers_is_not_taken() {
    let (app, admin, section) = bilingual_newsroom().await;
    admin.published("En ligne", &section).await;
    let down = admin.published("Dépublié", &section).await;
    admin.take(&down, "unpublish", json!({})).await.expect(200);
    let killed = admin.published("Tué", &section).await;
    admin
        .take(&killed, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    let tag = admin.tag("Eau").await;
    let there = lead(&admin, "/vieux", "/news").await;
    for (path, status, code) in [
        ("/news/en-ligne", 422, "path_taken"),
        ("/news/depublie", 422, "path_taken"),
        ("/tag/eau", 422, "path_taken"),
        ("/news/tue", 409, "path_sealed"),
        ("/vieux", 409, "redirect_exists"),
    ] {
        let answer = admin.post(LIST, json!({"path": path, "location": "/autre"})).await;
        let answer = answer.problem(status, code);
        let named = (code == "redirect_exists").then_some(there.as_str());
        assert_eq!(answer.json["redirect_id"].as_str(), named, "{path}");
    }
    // Nor does a thing take the path of a redirect.
    let slug = json!({"label": "Vieux"});
    admin
        .post("/v1/editorial/sections", slug)
        .await
        .problem(422, "slug_taken");
    lead(&admin, "/news/reserve", "/news").await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section, "slug": "reserve"});
    admin
        .post("/v1/editorial/articles", body)
        .await
        .problem(422, "slug_taken");
    let numbered = admin.published("Réserve", &section).await;
    assert_eq!(admin.get(&desk(&numbered)).await.json["path"], "/news/reserve-2");
    // What was only kept, and is nobody's now, may lead elsewhere.
    let version = admin.version_of(&format!("/v1/editorial/tags/{tag}")).await;
    admin
        .delete(&format!("/v1/editorial/tags/{tag}"), version)
        .await
        .expect(204);
    assert_eq!(led(&app, "/tag/eau").await, "gone 410");
    change(&admin, "/tag/eau", json!({"location": "/news"}))
        .await
        .expect(200);
    assert_eq!(led(&app, "/tag/eau").await, "/news 301");
}

#[actix_web::test]
async fn a_path_is_found_however_it_is_written() {
    let (app, admin, _) = bilingual_newsroom().await;
    lead(&admin, "/caf%c3%a9 du coin/", "/news").await;
    assert_eq!(listed(&admin, "/café%20du%20coin").await["location"], "/news");
    for path in [
        "/café du coin",
        "/café%20du%20coin",
        "/caf%C3%A9%20du%20coin/",
        "/cafe\u{301} du coin?utm_source=x",
        "/caf%C3%A9+du coin#fin".replace('+', " ").as_str(),
    ] {
        assert_eq!(led(&app, path).await, "/news 301", "{path}");
    }
    for path in ["/Café du coin", "/cafe du coin", "/café", "/café%2520du%2520coin"] {
        assert_eq!(led(&app, path).await, "", "{path}");
    }
    lead(&admin, "/latin-%e9", "/news").await;
    assert_eq!(led(&app, "/latin-%E9").await, "/news 301");
    // As an import of the release before wrote it.
    app.db()
        .write_blocking(|conn| {
            let raw = paths::table.find("/latin-%E9");
            diesel::update(raw).set(paths::path.eq("/latin-%e9")).execute(conn)?;
            Ok(())
        })
        .unwrap();
    assert_eq!(led(&app, "/latin-%e9").await, "/news 301");
    // `/?p=N` is a post's number before it is the home page.
    app.resolve("/?p=12").await.problem(404, "not_found");
    assert_eq!(app.resolve("/?q=12").await.expect(200).json["kind"], "home");
}

#[actix_web::test]
async fn a_redirect_to_a_path_where_nothing_is_is_made_with_a_warning() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let told = |json: &Value| json["warnings"][0]["code"].as_str().map(str::to_owned);
    for (path, location, expected) in [
        ("/a", "/nulle-part", Some("dead_location")),
        ("/b", "/news?page=2", None),
        ("/c", "/", None),
        ("/d", "https://ailleurs.test/x", None),
        ("/e", "/v1/articles", None),
    ] {
        let made = admin
            .post(LIST, json!({"path": path, "location": location}))
            .await
            .expect(201);
        assert_eq!(told(&made.json).as_deref(), expected, "{location}");
        let read = admin.get(&at(&made.id())).await.expect(200);
        assert_eq!(read.json["warnings"], json!([]));
        let changed = admin
            .patch(&at(&made.id()), 1, json!({"location": "/disparu"}))
            .await
            .expect(200);
        assert_eq!(told(&changed.json).as_deref(), Some("dead_location"));
        assert_eq!(changed.json["warnings"][0]["pointer"], "/location");
    }
}
