//! Redirects: what editors make of paths, and what readers are told at them. [`chains`]: that one
//! step leads to the end. [`files`]: imports.

mod chains;
mod files;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::paths;
use serde_json::{Value, json};

use crate::support::newsroom::{bilingual_newsroom, desk, section_id};
use crate::support::requests::query;
use crate::support::{Answer, Client, TestApp, grant};

const LIST: &str = "/v1/editorial/redirects";

fn at(id: &str) -> String {
    format!("{LIST}/{id}")
}

/// Makes a redirect; its id.
async fn lead(client: &Client, path: &str, location: &str) -> String {
    let body = json!({"path": path, "location": location});
    client.post(LIST, body).await.expect(201).id()
}

/// Where a path leads and with which status; nothing where it is 404.
async fn led(app: &TestApp, path: &str) -> String {
    let answer = app.resolve(path).await;
    if answer.status == 404 {
        return String::new();
    }
    let json = answer.expect(200).json;
    let location = json["location"].as_str().unwrap_or(json["kind"].as_str().unwrap());
    format!("{location} {}", json["status"])
}

/// The redirect at a path, as the list shows it.
async fn listed(client: &Client, path: &str) -> Value {
    let list = client
        .get(&format!("{LIST}?{}", query(&[("path_prefix", path), ("limit", "1")])))
        .await
        .expect(200)
        .json;
    let first = list["items"][0].clone();
    assert_eq!(first["path"], path, "{list}");
    first
}

async fn remove(client: &Client, path: &str) -> Answer {
    let redirect = listed(client, path).await;
    let version = redirect["version"].as_i64().unwrap();
    client.delete(&at(redirect["id"].as_str().unwrap()), version).await
}

async fn change(client: &Client, path: &str, body: Value) -> Answer {
    let redirect = listed(client, path).await;
    let version = redirect["version"].as_i64().unwrap();
    client.patch(&at(redirect["id"].as_str().unwrap()), version, body).await
}

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
        json!({"id": id, "path": "/vieux", "status": "moved", "location": "/news", "http_status": 301,
            "origin": "editor", "kind": "redirect", "target_id": null, "locale": "fr", "note": "Refonte\n2019",
            "version": 1, "created_by": user, "created_at": crate::support::START, "updated_at": crate::support::START})
    );
    assert_eq!(admin.get(&at(&id)).await.expect(200).json, made.json);
    assert_eq!(
        app.resolve("/vieux").await.expect(200).json,
        json!({"kind": "redirect", "path": "/vieux", "locale": "fr", "id": null, "location": "/news", "status": 301})
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
        (&gone.json["status"], &gone.json["http_status"], &gone.json["location"]),
        (&json!("gone"), &json!(410), &Value::Null)
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
        app.by_path(path).await.problem(404, "not_found");
    }
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
async fn what_came_by_itself_is_listed_and_can_be_freed_or_taken_over() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    for slug in ["deux", "trois"] {
        admin.edit(&id, json!({"slug": slug})).await.expect(200);
        admin.publish(&id).await.expect(200);
    }
    let first = listed(&admin, "/news/un").await;
    for (member, value) in [
        ("origin", json!("automatic")),
        ("kind", json!("article")),
        ("target_id", json!(id)),
        ("location", json!("/news/trois")),
        ("created_by", Value::Null),
    ] {
        assert_eq!(first[member], value, "{member}");
    }
    // A note alone takes nothing over.
    let noted = change(&admin, "/news/un", json!({"note": "Vu."}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&noted["origin"], &noted["kind"]),
        (&json!("automatic"), &json!("article"))
    );
    // One is freed, and given to another article.
    remove(&admin, "/news/un").await.expect(204);
    assert_eq!(led(&app, "/news/un").await, "");
    let other = admin.published("Un", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/un");
    // The other is led elsewhere: the article lets go of it for good.
    let taken = change(&admin, "/news/deux", json!({"location": "/ailleurs"}))
        .await
        .expect(200)
        .json;
    for (member, value) in [
        ("origin", json!("editor")),
        ("kind", json!("redirect")),
        ("target_id", Value::Null),
        ("created_by", json!(admin.user_id.unwrap().to_string())),
    ] {
        assert_eq!(taken[member], value, "{member}");
    }
    admin.edit(&id, json!({"slug": "quatre"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/news/deux").await, "/ailleurs 301");
    assert_eq!(led(&app, "/news/trois").await, "/news/quatre 301");
    admin
        .edit(&id, json!({"slug": "deux"}))
        .await
        .problem(422, "slug_taken");
}

#[actix_web::test]
async fn paths_of_unpublished_articles_are_no_redirects() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let redirect = listed(&admin, "/news/un").await["id"].as_str().unwrap().to_owned();
    lead(&admin, "/vers-deux", "/news/deux").await;
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(admin.get(LIST).await.expect(200).items("path"), ["/vers-deux"]);
    admin.get(&at(&redirect)).await.problem(404, "not_found");
    admin
        .patch(&at(&redirect), 2, json!({"location": "/x"}))
        .await
        .problem(404, "not_found");
    admin.delete(&at(&redirect), 2).await.problem(404, "not_found");
    // A redirect stands for what it leads to.
    for path in ["/news/un", "/news/deux", "/vers-deux"] {
        assert_eq!(led(&app, path).await, "", "{path}");
        app.by_path(path).await.problem(404, "not_found");
    }
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/vers-deux").await, "/news/deux 301");
    assert_eq!(
        admin.get(LIST).await.expect(200).items("path"),
        ["/news/un", "/vers-deux"]
    );
}

#[actix_web::test]
async fn the_path_of_a_killed_article_is_sealed() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    lead(&admin, "/vers-deux", "/news/deux").await;
    let why = json!({"reason": "Jugement.", "notice": "Retiré."});
    admin.take(&id, "kill", why).await.expect(200);
    for path in ["/news/un", "/news/deux", "/vers-deux"] {
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
        let answer = app.by_path(path).await.problem(410, "gone");
        assert_eq!(answer.json["notice"], "Retiré.", "{path}");
    }
    for path in ["/news/un", "/news/deux"] {
        remove(&admin, path).await.problem(409, "path_sealed");
        for body in [json!({"location": "/news"}), json!({"note": "x"}), json!({})] {
            change(&admin, path, body).await.problem(409, "path_sealed");
        }
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
    }
    // What led there is the editor's still.
    change(&admin, "/vers-deux", json!({"location": "/news"}))
        .await
        .expect(200);
    assert_eq!(led(&app, "/vers-deux").await, "/news 301");
}

#[actix_web::test]
async fn what_is_left_of_a_deleted_article_is_gone_and_can_be_freed() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    lead(&admin, "/vers-un", "/news/un").await;
    for name in ["unpublish", "trash"] {
        admin.take(&id, name, json!({})).await.expect(200);
    }
    admin
        .delete(&desk(&id), admin.version_of(&desk(&id)).await)
        .await
        .expect(204);
    for path in ["/news/un", "/vers-un"] {
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
        app.by_path(path).await.problem(410, "gone");
    }
    let left = listed(&admin, "/news/un").await;
    assert_eq!(
        (&left["kind"], &left["target_id"], &left["origin"]),
        (&json!("redirect"), &Value::Null, &json!("automatic"))
    );
    remove(&admin, "/news/un").await.expect(204);
    let other = admin.published("Un", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/un");
    assert_eq!(led(&app, "/vers-un").await, "/news/un 301");
}

#[actix_web::test]
async fn the_list_is_filtered_and_walked() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for number in 0..7 {
        lead(&admin, &format!("/2019/{number}"), &format!("/news?page={number}")).await;
    }
    lead(&admin, "/2019", "https://archives.test/2019").await;
    lead(&admin, "/2019x", "/newsletter").await;
    admin.post(LIST, json!({"path": "/jeu"})).await.expect(201);
    let file = "path,location\n/2020/1,/news#x\n/2020/2,\n";
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    import.bytes("text/csv", file).send().await.expect(200);
    let ids = |filter: &'static str| {
        let admin = admin.clone();
        async move { admin.walk(&format!("{LIST}{filter}"), 3).await }
    };
    let table = [
        ("", 13),
        ("?path_prefix=/2019", 9),
        ("?path_prefix=/2019/", 7),
        ("?path_prefix=/", 13),
        ("?path_prefix=/NEWS", 0),
        ("?status=gone", 2),
        ("?status=moved&origin=editor", 9),
        ("?origin=automatic", 1),
        ("?origin=import", 2),
        ("?origin=import&status=gone&path_prefix=/2020/", 1),
        ("?location=/news/", 8),
        ("?location=/news?page=3", 1),
        ("?location=https://ARCHIVES.test/2019", 1),
        ("?location=/newsletter", 1),
        ("?location=/new", 0),
    ];
    for (filter, expected) in table {
        let found = ids(filter).await;
        assert_eq!(found.len(), expected, "{filter}");
    }
    let paths = admin.get(&format!("{LIST}?limit=100")).await.expect(200).items("path");
    assert!(paths.is_sorted(), "{paths:?}");
    // A walk misses and repeats nothing while others are made and deleted.
    let first = admin.get(&format!("{LIST}?limit=5")).await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap().to_owned();
    lead(&admin, "/0", "/news").await;
    remove(&admin, &first.items("path")[4]).await.expect(204);
    let rest = admin
        .get(&format!("{LIST}?limit=100&cursor={cursor}"))
        .await
        .expect(200)
        .items("path");
    assert_eq!(rest, paths[5..]);
    let elsewhere = format!("{LIST}?status=gone&cursor={cursor}");
    admin.get(&elsewhere).await.problem(400, "invalid_cursor");
    for bad in [
        "status=live",
        "origin=moi",
        "path_prefix=2019",
        "location=x",
        "limit=101",
        "count=exact",
    ] {
        assert_eq!(admin.get(&format!("{LIST}?{bad}")).await.status, 400, "{bad}");
    }
    drop(app);
}

#[actix_web::test]
async fn only_whoever_manages_everything_manages_redirects() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = lead(&admin, "/vieux", "/news").await;
    let publishers = [
        grant(Role::Publisher, Some(section_id(&section)), None),
        grant(Role::Publisher, None, Some("fr")),
        grant(Role::Admin, Some(section_id(&section)), None),
    ];
    for publisher in publishers.map(|grant| app.user_with(vec![grant])) {
        let body = json!({"path": "/autre", "location": "/news"});
        publisher.post(LIST, body).await.problem(403, "forbidden");
        publisher
            .patch(&at(&id), 1, json!({"note": "x"}))
            .await
            .problem(403, "forbidden");
        publisher.delete(&at(&id), 1).await.problem(403, "forbidden");
        for query in ["", "?dry_run=true"] {
            let import = publisher.request(Method::POST, &format!("{LIST}/import{query}"));
            let import = import.bytes("text/csv", "path,location\n/x,/news\n");
            import.send().await.problem(403, "forbidden");
        }
        publisher.get(LIST).await.expect(200);
        publisher.get(&at(&id)).await.expect(200);
    }
    let publisher = app.user(Role::Publisher);
    publisher.patch(&at(&id), 1, json!({"note": "x"})).await.expect(200);
    assert_eq!(admin.get(LIST).await.expect(200).items("path"), ["/vieux"]);
}

#[actix_web::test]
async fn a_stale_version_is_told_what_changed_also_by_itself() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    let id = lead(&admin, "/vieux", "/news/un").await;
    admin.patch(&at(&id), 1, json!({"note": "Vu."})).await.expect(200);
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for answer in [
        admin.patch(&at(&id), 1, json!({"location": "/x"})).await,
        admin.delete(&at(&id), 1).await,
    ] {
        let answer = answer.problem(412, "stale_version");
        assert_eq!(answer.header("etag"), "\"v3\"");
        let changes = answer.json["changes"].as_array().unwrap();
        let told: Vec<_> = changes
            .iter()
            .map(|change| (&change["fields"], &change["user_id"]))
            .collect();
        let user = json!(admin.user_id.unwrap().to_string());
        let (note, location) = (json!(["note"]), json!(["location"]));
        assert_eq!(told, [(&note, &user), (&location, &Value::Null)]);
    }
    for method in [Method::PATCH, Method::DELETE] {
        let asking = admin.request(method, &at(&id)).json(json!({"note": "x"}));
        asking.send().await.problem(428, "precondition_required");
    }
    assert_eq!(admin.get(&at(&id)).await.expect(200).json["location"], "/news/deux");
}

#[actix_web::test]
async fn a_redirect_that_is_sent_twice_is_made_once() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let body = json!({"path": "/vieux", "location": "/news"});
    let first = admin.once(LIST, None, "cle", body.clone()).await.expect(201);
    let again = admin.once(LIST, None, "cle", body.clone()).await.expect(201);
    assert_eq!(
        (again.id(), again.header("location")),
        (first.id(), first.header("location"))
    );
    let other = json!({"path": "/autre", "location": "/news"});
    admin
        .once(LIST, None, "cle", other)
        .await
        .problem(422, "idempotency_key_reused");
    admin
        .once(LIST, None, "autre", body.clone())
        .await
        .problem(409, "redirect_exists");
    admin.delete(&at(&first.id()), 1).await.expect(204);
    admin.once(LIST, None, "cle", body).await.problem(404, "not_found");
}

#[actix_web::test]
async fn every_act_stands_in_the_audit() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let id = lead(&admin, "/vieux", "/news").await;
    admin.patch(&at(&id), 1, json!({"note": "Secret."})).await.expect(200);
    admin.patch(&at(&id), 2, json!({})).await.expect(200);
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    let file = "path,location\n/vieux,/autre\n";
    import.bytes("text/csv", file).send().await.expect(200);
    admin.delete(&at(&id), 3).await.expect(204);
    let audit = admin
        .get(&format!("/v1/editorial/audit?target_kind=redirect&target_id={id}"))
        .await
        .expect(200);
    let mut acts = audit.items("action");
    acts.reverse();
    assert_eq!(
        acts,
        ["redirect.create", "redirect.edit", "redirect.import", "redirect.delete"]
    );
    let entries = audit.json["items"].as_array().unwrap();
    let digests = |entry: &Value| (entry["before_digest"].clone(), entry["after_digest"].clone());
    for pair in entries.windows(2) {
        assert_eq!(
            digests(&pair[0]).0,
            digests(&pair[1]).1,
            "each begins where the other ended"
        );
    }
    assert!(!audit.text.contains("Secret") && !audit.text.contains("/vieux"));
}

#[actix_web::test]
async fn rows_of_the_release_before_are_completed() {
    let (app, admin, _) = bilingual_newsroom().await;
    app.db()
        .write_blocking(|conn| {
            let old = |path: &'static str, location: Option<&'static str>| {
                (
                    paths::path.eq(path),
                    paths::kind.eq("tag"),
                    paths::target_id.eq("0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f"),
                    paths::locale.eq("fr"),
                    paths::status.eq(if location.is_some() { "moved" } else { "gone" }),
                    paths::location.eq(location),
                    paths::http_status.eq(if location.is_some() { 301 } else { 410 }),
                    paths::created_at.eq(masthead::base::clock::Time::from_millis(0).unwrap()),
                )
            };
            for row in [
                old("/tag/a", Some("/tag/b")),
                old("/tag/b", Some("/news")),
                old("/tag/c", None),
            ] {
                diesel::insert_into(paths::table).values(row).execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
    // Readers do not wait for it, and not even a chain leads them astray.
    assert_eq!(led(&app, "/tag/a").await, "/news 301");
    assert_eq!(admin.get(LIST).await.expect(200).json["items"], json!([]));
    lead(&admin, "/vers-c", "/tag/c").await;
    remove(&admin, "/vers-c").await.expect(204);
    let list = admin.get(LIST).await.expect(200);
    assert_eq!(list.items("path"), ["/tag/a", "/tag/b", "/tag/c"]);
    for item in list.json["items"].as_array().unwrap() {
        assert_eq!((&item["version"], &item["origin"]), (&json!(1), &json!("automatic")));
        assert_eq!(item["updated_at"], item["created_at"]);
    }
}

#[actix_web::test]
async fn the_migration_completes_what_stood_in_the_table() {
    use diesel::connection::SimpleConnection;
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    let folder = if crate::support::database::postgres_server().is_some() {
        "migrations/postgres/0009_redirects"
    } else {
        "migrations/sqlite/0009_redirects"
    };
    let rows = format!(
        "INSERT INTO paths (path, kind, target_id, locale, status, location, http_status, created_at) VALUES
         ('/s1', 'section', '{article}', 'fr', 'moved', '/s2', 301, '2026-01-01 00:00:00.000'),
         ('/s2', 'section', '{article}', 'fr', 'moved', '/s3', 301, '2026-01-01 00:00:00.000'),
         ('/s3', 'section', '{article}', 'fr', 'moved', '/news', 301, '2026-01-01 00:00:00.000'),
         ('/old', 'article', '{article}', 'fr', 'moved', '/news/un', 301, '2026-01-01 00:00:00.000'),
         ('/purged', 'article', '{section}', 'fr', 'hidden', NULL, 200, '2026-01-01 00:00:00.000')"
    );
    app.db()
        .write_blocking(move |conn| {
            for name in ["down.sql", "up.sql"] {
                conn.batch_execute(&std::fs::read_to_string(format!("{folder}/{name}")).unwrap())?;
                if name == "down.sql" {
                    conn.batch_execute(&rows)?;
                }
            }
            Ok(())
        })
        .unwrap();
    let list = admin.get(LIST).await.expect(200).json;
    let found: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (&item["path"], &item["location"], &item["kind"], &item["version"]))
        .collect();
    let row = |path: &str, location: Value, kind: &str| (json!(path), location, json!(kind), json!(1));
    let expected = [
        row("/old", json!("/news/un"), "article"),
        row("/purged", Value::Null, "redirect"),
        row("/s1", json!("/news"), "section"),
        row("/s2", json!("/news"), "section"),
        row("/s3", json!("/news"), "section"),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, b, c, d)| (a, b, c, d)).collect();
    assert_eq!(found, expected);
    for item in list["items"].as_array().unwrap() {
        assert_eq!(item["updated_at"], item["created_at"]);
        let path = at(item["id"].as_str().unwrap());
        assert_eq!(admin.get(&path).await.expect(200).json["path"], item["path"]);
    }
    assert_eq!(led(&app, "/news/un").await, "article 200");
}
