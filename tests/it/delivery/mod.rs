//! What readers get: paths, dates, lists, cursors, caches, and the form of it all.

mod feeds;
mod lists;
mod pages;
mod sitemaps;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::checks::{assert_has_members_of, assert_links_are_sound};
use crate::support::newsroom::{bilingual, desk, newsroom};
use crate::support::requests::{escaped, query};
use crate::support::{Answer, Client, TestApp};

async fn whole(app: &TestApp, id: &str) -> Answer {
    app.guest().get(&format!("/v1/articles/{id}")).await
}

async fn path_of(admin: &Client, id: &str) -> String {
    admin.get(&desk(id)).await.json["path"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_published_article_is_everywhere_at_once() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un titre", &section).await;
    let nowhere = || async {
        whole(&app, &id).await.problem(404, "not_found");
        app.by_path("/news/un-titre").await.problem(404, "not_found");
        app.resolve("/news/un-titre").await.problem(404, "not_found");
        assert!(app.listed("").await.is_empty());
        assert!(app.guest().get("/v1/articles/full").await.items("id").is_empty());
    };
    nowhere().await;
    let published = admin.publish(&id).await.expect(200);
    assert_eq!(
        (&published.json["state"], &published.json["path"]),
        (&json!("published"), &json!("/news/un-titre"))
    );
    assert_eq!(
        (published.header("etag"), &published.json["live_revision"]),
        ("\"v1\"", &json!(2))
    );
    let article = whole(&app, &id).await.expect(200);
    assert_eq!(article.json["canonical_url"], "https://www.lefanal.test/news/un-titre");
    assert_eq!(
        article.json["breadcrumb"],
        json!([{"label": "Accueil", "path": "/"}, {"label": "News", "path": "/news"}])
    );
    assert_eq!(
        article.json["section"],
        json!({"id": section, "label": "News", "path": "/news", "colour": null})
    );
    assert_eq!(article.json["published_at"], "2026-11-23T08:00:00.000Z");
    assert_eq!(article.json["comments"]["is_open"], true);
    assert_eq!(app.by_path("/news/un-titre").await.expect(200).json, article.json);
    assert_eq!(
        app.by_path("/news/un-titre/?utm_source=x#y").await.expect(200).json,
        article.json
    );
    assert_eq!(
        app.guest().get("/v1/articles/full").await.json["items"],
        json!([article.json])
    );
    assert_eq!(app.listed("").await, std::slice::from_ref(&id));
    let resolved = app.resolve("/news/un-titre").await.expect(200).json;
    assert_eq!(
        resolved,
        json!({"kind": "article", "path": "/news/un-titre", "locale": "fr", "id": id, "location": null, "status": 200})
    );
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    nowhere().await;
}

#[actix_web::test]
async fn what_is_published_needs_a_title_and_a_section() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.make(json!({"locale": "fr"})).await;
    let future = json!({"published_at": "2026-11-23T08:00:00.001Z"});
    admin.take(&id, "publish", future).await.invalid(&[
        ("/title", "missing"),
        ("/section_id", "missing"),
        ("/published_at", "in_the_future"),
    ]);
    admin.edit(&id, json!({"title": "T"})).await.expect(200);
    admin.publish(&id).await.invalid(&[("/section_id", "missing")]);
    admin.edit(&id, json!({"section_id": section})).await.expect(200);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn an_embargo_refuses_until_its_time() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("T", &section).await;
    admin
        .edit(&id, json!({"embargo_until": "2026-11-23T08:01:00Z"}))
        .await
        .expect(200);
    let refused = admin.publish(&id).await.problem(409, "embargoed");
    assert_eq!(refused.json["embargo_until"], "2026-11-23T08:01:00.000Z");
    assert!(app.listed("").await.is_empty());
    app.clock.advance_seconds(60);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn publishing_what_is_live_and_unchanged_is_refused() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.published("T", &section).await;
    admin.publish(&id).await.problem(409, "nothing_to_publish");
    admin
        .take(&id, "publish", json!({"minor": true}))
        .await
        .problem(409, "nothing_to_publish");
    admin
        .take(&id, "publish", json!({"published_at": "2026-11-22T00:00:00Z"}))
        .await
        .expect(200);
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn a_generated_slug_gets_a_number_where_it_is_taken() {
    let (_app, admin, section) = newsroom().await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let id = admin.published("L’été à Lomé !", &section).await;
        paths.push(path_of(&admin, &id).await);
    }
    assert_eq!(
        paths,
        ["/news/l-ete-a-lome", "/news/l-ete-a-lome-2", "/news/l-ete-a-lome-3"]
    );
    // A section's path is taken too.
    admin.section("Sport", Some(&section)).await;
    let id = admin.published("Sport", &section).await;
    assert_eq!(path_of(&admin, &id).await, "/news/sport-2");
    let id = admin.published("…", &section).await;
    assert_eq!(path_of(&admin, &id).await, format!("/news/{}", &id[28..]));
}

#[actix_web::test]
async fn a_given_slug_that_is_taken_is_refused_at_save_and_at_publish() {
    let (app, admin, section) = newsroom().await;
    let slugged = |title: &str| json!({"locale": "fr", "title": title, "section_id": section, "slug": "mali"});
    let first = admin.make(slugged("Un")).await;
    let second = admin.make(slugged("Deux")).await;
    admin.publish(&first).await.expect(200);
    let refused = admin
        .publish(&second)
        .await
        .problem(422, "slug_taken")
        .invalid(&[("/slug", "slug_taken")]);
    assert!(
        refused.json["detail"].as_str().unwrap().contains("/news/mali"),
        "{}",
        refused.text
    );
    let third = admin.post("/v1/editorial/articles", slugged("Trois")).await;
    third.problem(422, "slug_taken");
    let fourth = admin.draft("Quatre", &section).await;
    admin
        .edit(&fourth, json!({"slug": "mali"}))
        .await
        .invalid(&[("/slug", "slug_taken")]);
    let state = admin.get(&desk(&second)).await.json;
    assert_eq!(
        (&state["state"], &state["path"], &state["live_revision"]),
        (&json!("draft"), &Value::Null, &Value::Null)
    );
    assert_eq!(app.listed("").await, [first]);
    // What does not touch the slug is saved all the same.
    admin.edit(&second, json!({"kicker": "K"})).await.expect(200);
    admin.edit(&second, json!({"slug": "mali-encore"})).await.expect(200);
    admin.publish(&second).await.expect(200);
}

#[actix_web::test]
async fn another_slug_or_section_moves_the_path_at_the_next_publish() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let id = admin.published("Un titre", &news).await;
    admin.edit(&id, json!({"title": "Tout autre titre"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(
        path_of(&admin, &id).await,
        "/news/un-titre",
        "a title alone moves nothing"
    );
    admin.edit(&id, json!({"slug": "autre"})).await.expect(200);
    assert_eq!(
        whole(&app, &id).await.json["path"],
        "/news/un-titre",
        "not before the publish"
    );
    admin.publish(&id).await.expect(200);
    admin.edit(&id, json!({"section_id": sport})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(whole(&app, &id).await.json["path"], "/sport/autre");
    for old in ["/news/un-titre", "/news/autre"] {
        let moved = app.by_path(old).await.expect(308);
        assert_eq!(moved.header("location"), "/v1/articles/by-path?path=%2Fsport%2Fautre");
        app.guest().get(moved.header("location")).await.expect(200);
        let resolved = app.resolve(old).await.expect(200).json;
        assert_eq!(
            (
                &resolved["kind"],
                &resolved["location"],
                &resolved["status"],
                &resolved["id"]
            ),
            (&json!("redirect"), &json!("/sport/autre"), &json!(301), &Value::Null)
        );
    }
    // Back to where it was: the path is its own.
    admin.edit(&id, json!({"section_id": news})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(app.by_path("/news/autre").await.expect(200).json["path"], "/news/autre");
    assert_eq!(app.resolve("/sport/autre").await.json["location"], "/news/autre");
}

#[actix_web::test]
async fn an_unpublished_article_keeps_its_paths_for_itself() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    admin.edit(&id, json!({"slug": "autre"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    for path in ["/news/titre", "/news/autre"] {
        app.by_path(path).await.problem(404, "not_found");
        app.resolve(path).await.problem(404, "not_found");
    }
    let other = admin.published("Titre", &section).await;
    assert_eq!(path_of(&admin, &other).await, "/news/titre-2");
    let third = admin
        .make(json!({"locale": "fr", "title": "T", "section_id": section}))
        .await;
    admin
        .edit(&third, json!({"slug": "autre"}))
        .await
        .problem(422, "slug_taken");
    admin.publish(&id).await.expect(200);
    assert_eq!(path_of(&admin, &id).await, "/news/autre");
    app.by_path("/news/titre").await.expect(308);
}

#[actix_web::test]
async fn article_paths_survive_moves_and_renames_of_their_section() {
    let (app, admin, news) = newsroom().await;
    let world = admin.section("Monde", None).await;
    let generated = admin.published("Généré", &news).await;
    let given = admin
        .make(json!({"locale": "fr", "title": "Donné", "section_id": news, "slug": "choisi"}))
        .await;
    admin.publish(&given).await.expect(200);
    let section = format!("/v1/editorial/sections/{news}");
    admin
        .patch(&section, 1, json!({"slug": "actu", "label": "Actu"}))
        .await
        .expect(200);
    admin.move_section(&news, Some(&world)).await.expect(200);
    assert_links_are_sound(&app);
    for (id, path) in [(&generated, "/news/genere"), (&given, "/news/choisi")] {
        let article = app.by_path(path).await.expect(200).json;
        assert_eq!(
            (&article["path"], &article["section"]["path"]),
            (&json!(path), &json!("/monde/actu"))
        );
        assert_eq!(article["breadcrumb"][1]["label"], "Monde");
        admin.edit(id, json!({"kicker": "K"})).await.expect(200);
        admin.publish(id).await.expect(200);
        assert_eq!(
            path_of(&admin, id).await,
            path,
            "published again with the same slug and section"
        );
    }
    assert_eq!(app.listed("section=/monde").await.len(), 2);
    let id = admin.published("Nouveau", &news).await;
    assert_eq!(path_of(&admin, &id).await, "/monde/actu/nouveau");
    assert_links_are_sound(&app);
}

async fn world_in_two_languages() -> (TestApp, Client, String) {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let body = json!({"label": "Monde", "labels": {"en": "World"}});
    let section = admin.post("/v1/editorial/sections", body).await.expect(201).id();
    (app, admin, section)
}

#[actix_web::test]
async fn every_language_but_the_first_has_a_prefix() {
    let (app, admin, section) = world_in_two_languages().await;
    let tag = admin.tag("Mali").await;
    let french = admin
        .make(json!({"locale": "fr", "title": "Mali", "section_id": section, "tag_ids": [tag]}))
        .await;
    let english = admin
        .make(json!({"locale": "en", "title": "Mali", "section_id": section, "tag_ids": [tag]}))
        .await;
    for id in [&french, &english] {
        admin.publish(id).await.expect(200);
    }
    let card = whole(&app, &english).await.expect(200).json;
    assert_eq!(card["path"], "/en/monde/mali");
    assert_eq!(card["section"]["path"], "/en/monde");
    assert_eq!(card["section"]["label"], "World");
    assert_eq!(card["breadcrumb"][0]["path"], "/en/");
    assert_eq!(card["tags"][0]["path"], "/en/tag/mali");
    assert_eq!(card["canonical_url"], "https://www.lefanal.test/en/monde/mali");
    assert_eq!(path_of(&admin, &french).await, "/monde/mali");
    for (query, expected) in [
        ("", vec![&french]),
        ("locale=fr", vec![&french]),
        ("locale=en", vec![&english]),
        ("locale=*", vec![&english, &french]),
        ("locale=en&section=/monde", vec![&english]),
        ("locale=en&section=/en/monde", vec![&english]),
        ("locale=*&tag=mali", vec![&english, &french]),
        ("locale=en&tag=mali", vec![&english]),
        ("sort=-updated_at&locale=en", vec![&english]),
    ] {
        assert_eq!(app.listed(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    app.guest()
        .get("/v1/articles?locale=de")
        .await
        .problem(400, "invalid_parameter");
    for (path, kind, locale) in [
        ("/", "home", "fr"),
        ("/en", "home", "en"),
        ("/en/", "home", "en"),
        ("/monde", "section", "fr"),
        ("/en/monde", "section", "en"),
        ("/tag/mali", "tag", "fr"),
        ("/en/tag/mali", "tag", "en"),
        ("/en/monde/mali", "article", "en"),
    ] {
        let resolved = app.resolve(path).await.expect(200).json;
        assert_eq!(
            (&resolved["kind"], &resolved["locale"]),
            (&json!(kind), &json!(locale)),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn the_date_shown_is_set_once_and_changed_only_on_demand() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("A", &section).await;
    app.clock.advance_seconds(60);
    let other = admin.published("B", &section).await;
    assert_eq!(app.listed("").await, [other.clone(), id.clone()]);
    app.clock.advance_seconds(60);
    let times = |answer: Answer| {
        let time = |member: &str| answer.json[member].as_str().unwrap()[14..19].to_owned();
        [time("published_at"), time("updated_at"), time("first_published_at")]
    };
    admin.edit(&id, json!({"kicker": "1"})).await.expect(200);
    admin.take(&id, "publish", json!({"minor": true})).await.expect(200);
    assert_eq!(times(whole(&app, &id).await), ["00:00", "00:00", "00:00"], "minor");
    admin.edit(&id, json!({"kicker": "2"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(times(whole(&app, &id).await), ["00:00", "02:00", "00:00"], "an update");
    assert_eq!(
        app.listed("").await,
        [other.clone(), id.clone()],
        "an update moves nothing in the list by date"
    );
    assert_eq!(app.listed("sort=-updated_at").await, [id.clone(), other.clone()]);
    let late = json!({"published_at": "2026-11-23T08:01:30.000Z"});
    admin.take(&id, "publish", late).await.expect(200);
    assert_eq!(
        times(whole(&app, &id).await),
        ["01:30", "02:00", "00:00"],
        "another date"
    );
    assert_eq!(app.listed("").await, [id.clone(), other.clone()]);
    admin
        .take(&id, "publish", json!({"published_at": "2020-01-01T00:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(app.listed("").await, [other.clone(), id.clone()]);
    assert_eq!(app.listed("sort=published_at").await, [id.clone(), other.clone()]);
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    app.clock.advance_seconds(60);
    admin.publish(&id).await.expect(200);
    let article = whole(&app, &id).await;
    assert_eq!(
        article.json["published_at"], "2020-01-01T00:00:00.000Z",
        "a second first time keeps the date"
    );
    assert_eq!(article.json["first_published_at"], "2026-11-23T08:00:00.000Z");
    admin
        .take(&id, "publish", json!({"published_at": "2026-11-23T08:03:00.001Z"}))
        .await
        .invalid(&[("/published_at", "in_the_future")]);
}

#[actix_web::test]
async fn edits_of_a_live_article_are_invisible_until_it_is_published() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let tag = admin.tag("Mali").await;
    let id = admin.published("Titre", &section).await;
    let pages = [
        "/v1/articles",
        "/v1/articles/full",
        "/v1/articles?section=/news",
        "/v1/articles?tag=mali",
        "/v1/articles?section=/sport",
        "/v1/articles?type=opinion",
    ];
    let mut before = Vec::new();
    for page in pages {
        before.push(app.guest().get(page).await.expect(200).text);
    }
    admin
        .edit(
            &id,
            json!({"title": "Autre", "section_id": sport, "tag_ids": [tag], "type": "opinion", "comment_policy": {"mode": "closed"},
            "breaking_until": "2026-11-24T00:00:00Z", "featured": true, "blocks": []}),
        )
        .await
        .expect(200);
    for (page, before) in pages.iter().zip(before) {
        assert_eq!(app.guest().get(page).await.expect(200).text, before, "{page}");
    }
    admin.publish(&id).await.expect(200);
    for (query, count) in [
        ("section=/news", 0),
        ("section=/sport", 1),
        ("tag=mali", 1),
        ("type=opinion", 1),
        ("type=article", 0),
    ] {
        assert_eq!(app.listed(query).await.len(), count, "{query}");
    }
    let article = whole(&app, &id).await.json;
    assert_eq!(
        (&article["breaking"], &article["comments"]["is_open"]),
        (&json!(true), &json!(false))
    );
    assert_links_are_sound(&app);
}

#[actix_web::test]
async fn an_interlink_has_a_card_while_its_target_is_live() {
    let (app, admin, section) = newsroom().await;
    let target = admin.draft("Cible", &section).await;
    let body = json!({"locale": "fr", "title": "Source", "section_id": section, "blocks": [
        {"type": "interlink", "article_id": target}, {"type": "interlink", "article_id": section}, {"type": "interlink", "article_id": target}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    let linked = || async { whole(&app, &id).await.expect(200).json["linked_articles"].clone() };
    assert_eq!(linked().await, json!([]));
    admin.publish(&target).await.expect(200);
    let cards = app.guest().get("/v1/articles").await.json["items"].clone();
    assert_eq!(
        linked().await,
        json!([cards
            .as_array()
            .unwrap()
            .iter()
            .find(|card| card["id"] == target.as_str())
            .unwrap()])
    );
    admin.take(&target, "unpublish", json!({})).await.expect(200);
    assert_eq!(linked().await, json!([]));
}

#[actix_web::test]
async fn advertisements_stand_beside_the_body_and_not_in_it() {
    let (app, admin, section) = newsroom().await;
    let ad = |slot: &str| json!({"type": "ad_slot", "slot": slot});
    let text = |id: &str| json!({"type": "paragraph", "id": id, "html": "x"});
    let blocks = json!([ad("top"), text("a"), ad("one"), ad("two"), text("b"), ad("end")]);
    let id = admin
        .make(json!({"locale": "fr", "title": "T", "section_id": section, "blocks": blocks}))
        .await;
    admin.publish(&id).await.expect(200);
    let place = |after: Option<&str>, slot: &str| json!({"after_block_id": after, "slot": slot});
    let article = whole(&app, &id).await.json;
    assert_eq!(
        article["ad_placements"],
        json!([
            place(None, "top"),
            place(Some("a"), "one"),
            place(Some("a"), "two"),
            place(Some("b"), "end")
        ])
    );
    assert_eq!(article["blocks"], json!([text("a"), text("b")]));
    admin.edit(&id, json!({"hide_ads": true})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let article = whole(&app, &id).await.json;
    assert_eq!(
        (&article["ad_placements"], &article["hide_ads"]),
        (&json!([]), &json!(true))
    );
}

#[actix_web::test]
async fn breaking_news_ends_by_itself_and_no_cache_keeps_it_longer() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Flash", &section).await;
    admin
        .edit(&id, json!({"breaking_until": "2026-11-23T08:00:40Z"}))
        .await
        .expect(200);
    admin.publish(&id).await.expect(200);
    let shared = |answer: &Answer| {
        let header = answer.header("cache-control").to_owned();
        header
            .split("s-maxage=")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .parse::<i64>()
            .unwrap()
    };
    for (wait, breaking, seconds) in [(0, true, 30), (20, true, 20), (19, true, 1), (1, false, 30)] {
        app.clock.advance_seconds(wait);
        let list = app.guest().get("/v1/articles").await.expect(200);
        let article = whole(&app, &id).await.expect(200);
        assert_eq!(list.json["items"][0]["breaking"], breaking);
        assert_eq!(article.json["breaking"], breaking);
        assert_eq!((shared(&list), shared(&article)), (seconds, seconds));
    }
}

#[actix_web::test]
async fn answers_say_how_they_may_be_kept() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    let keyed = [
        ("/v1/articles".to_owned(), "articles".to_owned()),
        ("/v1/articles/full".to_owned(), "articles".to_owned()),
        (format!("/v1/articles/{id}"), format!("article-{id}")),
        (
            "/v1/articles/by-path?path=/news/titre".to_owned(),
            format!("article-{id}"),
        ),
        ("/v1/resolve?path=/news/titre".to_owned(), "paths".to_owned()),
        (format!("/v1/articles/{id}/comments"), format!("comments-{id}")),
        ("/v1/sections".to_owned(), "sections".to_owned()),
    ];
    for (path, key) in keyed {
        let answer = app.guest().get(&path).await.expect(200);
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, s-maxage=30, stale-while-revalidate=30, stale-if-error=300",
            "{path}"
        );
        assert_eq!(answer.header("vary"), "Accept-Encoding", "{path}");
        assert_eq!(answer.header("surrogate-key"), key, "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let tag = answer.header("etag").to_owned();
        let inner = tag.trim_matches('"').to_owned();
        assert_eq!(tag, format!("\"{inner}\""), "{path}");
        for given in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            format!("\"{inner}-gz\""),
            format!("W/\"{inner}-br\""),
            "*".to_owned(),
        ] {
            let same = app
                .guest()
                .request(Method::GET, &path)
                .header("if-none-match", &given)
                .send()
                .await
                .expect(304);
            assert_eq!(same.text, "", "{path} {given}");
            for name in ["etag", "cache-control", "vary", "surrogate-key"] {
                assert_eq!(same.header(name), answer.header(name), "{path} {name}");
            }
        }
        app.guest()
            .request(Method::GET, &path)
            .header("if-none-match", "\"x\"")
            .send()
            .await
            .expect(200);
        let head = app.guest().request(Method::HEAD, &path).send().await.expect(200);
        assert_eq!(
            (head.header("etag"), head.header("cache-control")),
            (tag.as_str(), answer.header("cache-control")),
            "{path}"
        );
        let english = app
            .guest()
            .request(Method::GET, &path)
            .header("accept-language", "en")
            .send()
            .await;
        assert_eq!(english.text, answer.text, "{path} depends on Accept-Language");
    }
    let missing = app
        .guest()
        .get("/v1/articles/by-path?path=/rien")
        .await
        .problem(404, "not_found");
    assert_eq!(missing.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn an_etag_changes_with_everything_that_the_answer_shows() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let person = admin.contributor("Awa").await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section, "tag_ids": [tag], "contributors": [{"contributor_id": person}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    let comment = app.guest().comment(&id, "Bravo", None).await;
    let pages = [
        "/v1/articles".to_owned(),
        format!("/v1/articles/{id}"),
        "/v1/articles/full".to_owned(),
    ];
    let tags = || async {
        let mut tags = Vec::new();
        for page in &pages {
            tags.push(app.guest().get(page).await.expect(200).header("etag").to_owned());
        }
        tags
    };
    let mut before = tags().await;
    let steps: Vec<(&str, String, Value)> = vec![
        (
            "section",
            format!("/v1/editorial/sections/{section}"),
            json!({"label": "Actualité"}),
        ),
        ("tag", format!("/v1/editorial/tags/{tag}"), json!({"label": "Le Mali"})),
        (
            "contributor",
            format!("/v1/editorial/contributors/{person}"),
            json!({"name": "Awa K."}),
        ),
        (
            "comment",
            format!("/v1/editorial/comments/{comment}/actions/approve"),
            json!({}),
        ),
    ];
    for (what, path, body) in steps {
        let answer = if what == "comment" {
            admin.post(&path, body).await
        } else {
            admin.patch(&path, 1, body).await
        };
        answer.expect(200);
        let after = tags().await;
        for (page, (old, new)) in pages.iter().zip(before.iter().zip(&after)) {
            assert_ne!(old, new, "{page} after a change of the {what}");
        }
        let again = app
            .guest()
            .request(Method::GET, &pages[0])
            .header("if-none-match", &before[0])
            .send()
            .await;
        assert_eq!(again.status, 200, "{what}");
        before = after;
    }
    let card = app.guest().get("/v1/articles").await.json["items"][0].clone();
    assert_eq!(
        (
            &card["section"]["label"],
            &card["tags"][0]["label"],
            &card["contributors"][0]["name"],
            &card["comment_count"]
        ),
        (&json!("Actualité"), &json!("Le Mali"), &json!("Awa K."), &json!(1))
    );
    assert_eq!(before, tags().await, "and with nothing else");
}

#[actix_web::test]
async fn another_instance_shows_what_this_one_has_acknowledged() {
    let (app, admin, section) = newsroom().await;
    let other = app.another_instance().await;
    assert!(other.listed("").await.is_empty());
    let id = admin.published("Titre", &section).await;
    assert_eq!(other.listed("section=/news").await, [id]);
    admin
        .patch(
            &format!("/v1/editorial/sections/{section}"),
            1,
            json!({"label": "Actu"}),
        )
        .await
        .expect(200);
    assert_eq!(
        other.guest().get("/v1/articles").await.json["items"][0]["section"]["label"],
        "Actu"
    );
}

/// Articles with every combination that the filters tell apart.
struct Shelf {
    app: TestApp,
    admin: Client,
    sections: BTreeMap<&'static str, String>,
    tags: BTreeMap<&'static str, String>,
    people: BTreeMap<&'static str, String>,
    /// Newest first: id, sections (primary first), tags, people, type.
    articles: Vec<(
        String,
        Vec<&'static str>,
        Vec<&'static str>,
        Vec<&'static str>,
        &'static str,
        String,
    )>,
}

async fn shelf() -> Shelf {
    let app = TestApp::new().await;
    let admin = app.admin();
    let mut sections = BTreeMap::new();
    sections.insert("news", admin.section("News", None).await);
    sections.insert("mali", admin.section("Mali", Some(&sections["news"])).await);
    sections.insert("sport", admin.section("Sport", None).await);
    sections.insert("vide", admin.section("Vide", None).await);
    let mut tags = BTreeMap::new();
    for tag in ["a", "b", "c"] {
        tags.insert(tag, admin.tag(tag).await);
    }
    let mut people = BTreeMap::new();
    for person in ["awa", "koffi"] {
        people.insert(person, admin.contributor(person).await);
    }
    let mut articles = Vec::new();
    let plan: [(&[&str], &[&str], &[&str], &str); 7] = [
        (&["news"], &["a"], &["awa"], "article"),
        (&["mali"], &["a", "b"], &["koffi"], "opinion"),
        (&["sport"], &["b"], &["awa", "koffi"], "article"),
        (&["sport", "mali"], &[], &[], "video"),
        (&["news", "mali"], &["a"], &["koffi"], "article"),
        (&["mali", "news"], &["b"], &["awa"], "opinion"),
        (&["sport"], &["a", "b"], &["koffi"], "opinion"),
    ];
    for (number, (places, labels, signed, type_)) in plan.into_iter().enumerate() {
        let body = json!({
            "locale": "fr", "title": format!("Article {number}"), "type": type_, "section_id": sections[places[0]],
            "secondary_section_ids": places[1..].iter().map(|place| &sections[place]).collect::<Vec<_>>(),
            "tag_ids": labels.iter().map(|label| &tags[label]).collect::<Vec<_>>(),
            "contributors": signed.iter().map(|name| json!({"contributor_id": people[name]})).collect::<Vec<_>>(),
        });
        let id = admin.make(body).await;
        admin.publish(&id).await.expect(200);
        articles.insert(
            0,
            (
                id,
                places.to_vec(),
                labels.to_vec(),
                signed.to_vec(),
                type_,
                app.now().to_string(),
            ),
        );
        app.clock.advance_seconds(60);
    }
    assert_links_are_sound(&app);
    Shelf {
        app,
        admin,
        sections,
        tags,
        people,
        articles,
    }
}

#[actix_web::test]
async fn filters_find_what_they_name_alone_and_together() {
    let shelf = shelf().await;
    let times: Vec<&String> = shelf.articles.iter().map(|article| &article.5).collect();
    let (from, to) = (times[5].clone(), times[1].clone());
    // Each filter: as a query, and as the rule that it means.
    type Rule = Box<
        dyn Fn(
            &(
                String,
                Vec<&'static str>,
                Vec<&'static str>,
                Vec<&'static str>,
                &'static str,
                String,
            ),
        ) -> bool,
    >;
    let below =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.1.iter().any(|place| names.contains(place))) };
    let tagged =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.2.iter().any(|tag| names.contains(tag))) };
    let signed =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.3.iter().any(|name| names.contains(name))) };
    let typed = |names: &'static [&'static str]| -> Rule { Box::new(move |a| names.contains(&a.4)) };
    let no: fn() -> Rule = || Box::new(|_| false);
    let unknown = "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f";
    let (ids, tag_ids, person_ids) = (&shelf.sections, &shelf.tags, &shelf.people);
    let all = || -> Rule { Box::new(|_| true) };
    let sections: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("section=/news".into(), below(&["news", "mali"])),
        (format!("section={}", ids["news"]), below(&["news", "mali"])),
        ("section=/news&exact_section=true".into(), below(&["news"])),
        ("section=/news/mali/".into(), below(&["mali"])),
        (
            "section=/news/mali,/sport&exact_section=true".into(),
            below(&["mali", "sport"]),
        ),
        ("section=/news&section=/sport".into(), below(&["news", "mali", "sport"])),
        ("section=/news,/rien".into(), below(&["news", "mali"])),
        ("section=/vide".into(), no()),
        ("section=/rien".into(), no()),
        (format!("section={unknown}"), no()),
    ];
    let tags: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("tag=a".into(), tagged(&["a"])),
        (format!("tag={}", tag_ids["b"]), tagged(&["b"])),
        ("tag=a,b".into(), tagged(&["a", "b"])),
        ("tag=a&tag=c".into(), tagged(&["a"])),
        ("tag=c".into(), no()),
        (format!("tag={unknown}"), no()),
        ("tag=rien".into(), no()),
    ];
    let people: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("contributor=awa".into(), signed(&["awa"])),
        (
            format!("contributor={},awa", person_ids["koffi"]),
            signed(&["awa", "koffi"]),
        ),
        ("contributor=rien".into(), no()),
    ];
    let types: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("type=opinion".into(), typed(&["opinion"])),
        ("type=article,video".into(), typed(&["article", "video"])),
        ("type=gallery".into(), no()),
    ];
    let dates: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        (
            format!("published_after={}&published_before={}", escaped(&from), escaped(&to)),
            { Box::new(move |a| a.5 >= from && a.5 < to) },
        ),
    ];
    let mut checked = 0;
    for (q1, r1) in &sections {
        for (q2, r2) in &tags {
            for (q3, r3) in &people {
                for (q4, r4) in &types {
                    for (q5, r5) in &dates {
                        // All of each filter alone, and a spread of the combinations.
                        checked += 1;
                        let set = [q1, q2, q3, q4, q5].iter().filter(|q| !q.is_empty()).count();
                        if set > 1 && checked % 11 != 0 {
                            continue;
                        }
                        let query = [q1, q2, q3, q4, q5]
                            .iter()
                            .filter(|q| !q.is_empty())
                            .map(|q| q.as_str())
                            .collect::<Vec<_>>()
                            .join("&");
                        let expected: Vec<&String> = shelf
                            .articles
                            .iter()
                            .filter(|a| r1(a) && r2(a) && r3(a) && r4(a) && r5(a))
                            .map(|a| &a.0)
                            .collect();
                        let found = shelf.app.listed(&query).await;
                        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
                        if set > 2 {
                            let joint = if query.is_empty() { "" } else { "&" };
                            let walked = shelf
                                .app
                                .guest()
                                .walk(&format!("/v1/articles?{query}{joint}sort=published_at"), 1)
                                .await;
                            assert_eq!(
                                walked.iter().rev().collect::<Vec<_>>(),
                                expected,
                                "{query} page by page"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_bad_filter_is_refused_and_says_why() {
    let app = TestApp::new().await;
    let eleven = (0..11).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
    let many = format!("tag={eleven}");
    let table = [
        ("colour=red", "unknown_parameter"),
        ("section=news", "invalid_parameter"),
        ("section=", "invalid_parameter"),
        ("tag=%C3%89t%C3%A9", "invalid_parameter"),
        ("tag=a,,b", "invalid_parameter"),
        (many.as_str(), "invalid_parameter"),
        ("contributor=A%20B", "invalid_parameter"),
        ("type=nonsense", "invalid_parameter"),
        ("type=article,nonsense", "invalid_parameter"),
        ("locale=xx", "invalid_parameter"),
        ("locale=fr&locale=fr", "invalid_parameter"),
        ("exact_section=1", "invalid_parameter"),
        ("published_after=hier", "invalid_parameter"),
        ("sort=title", "invalid_parameter"),
        ("limit=0", "invalid_parameter"),
        ("limit=101", "invalid_parameter"),
        ("limit=1&limit=1", "invalid_parameter"),
        ("cursor=x", "invalid_cursor"),
        ("tag=a%00", "invalid_parameter"),
        ("sort=-updated_at&section=/news", "sort_not_combinable"),
        ("sort=-updated_at&tag=a", "sort_not_combinable"),
        ("sort=-updated_at&contributor=a", "sort_not_combinable"),
        (
            "sort=-updated_at&published_after=2026-01-01T00:00:00Z",
            "sort_not_combinable",
        ),
    ];
    for (query, code) in table {
        for list in ["/v1/articles", "/v1/articles/full"] {
            let answer = app.guest().get(&format!("{list}?{query}")).await;
            assert_eq!(
                (answer.status, answer.json["code"].as_str()),
                (400, Some(code)),
                "{list}?{query}: {}",
                answer.text
            );
        }
    }
    app.guest()
        .get("/v1/articles?sort=-updated_at&type=article&locale=*")
        .await
        .expect(200);
    for path in [
        "/v1/articles/by-path",
        "/v1/resolve",
        "/v1/resolve?path=news",
        "/v1/resolve?path=",
        "/v1/articles/by-path?path=/a&path=/b",
    ] {
        app.guest().get(path).await.problem(400, "invalid_parameter");
    }
    for path in ["/v1/articles/nonsense", "/v1/articles/nonsense/comments"] {
        app.guest().get(path).await.problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_list_only() {
    let shelf = shelf().await;
    let first = shelf.app.guest().get("/v1/articles?limit=2").await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    for query in [
        "/v1/articles?tag=a",
        "/v1/articles?sort=published_at",
        "/v1/articles?locale=*",
        "/v1/articles/full?limit=2",
        "/v1/tags?limit=2",
    ] {
        let joint = if query.contains('?') { '&' } else { '?' };
        shelf
            .app
            .guest()
            .get(&format!("{query}{joint}cursor={cursor}"))
            .await
            .problem(400, "invalid_cursor");
    }
    // Another limit is no other list.
    shelf
        .app
        .guest()
        .get(&format!("/v1/articles?limit=3&cursor={cursor}"))
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_next_page_stands_in_a_header_too() {
    let shelf = shelf().await;
    let comments = format!("/v1/articles/{}/comments", shelf.articles[0].0);
    for text in ["Un", "Deux", "Trois"] {
        let comment = shelf.app.guest().comment(&shelf.articles[0].0, text, None).await;
        shelf.admin.decide(&comment, "approve").await.expect(200);
    }
    let lists = [
        "/v1/articles?limit=2&section=/news,/sport&type=article&type=opinion&published_after=2020-01-01T00:00:00Z&sort=published_at".to_owned(),
        "/v1/articles/full?limit=2&tag=a&tag=b&exact_section=true&contributor=awa,koffi".to_owned(),
        "/v1/articles?limit=3&sort=-updated_at&locale=*".to_owned(),
        "/v1/tags?limit=1".to_owned(),
        "/v1/tags?kind=topic&limit=1".to_owned(),
        "/v1/contributors?limit=1".to_owned(),
        format!("{comments}?limit=1&sort=created_at"),
    ];
    for list in lists {
        let page = shelf.app.guest().get(&list).await.expect(200);
        let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
        let link = page.header("link");
        let target = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .unwrap_or_else(|| panic!("{list}: {link}"));
        assert!(target.contains(&format!("cursor={cursor}")), "{target}");
        let next = shelf.app.guest().get(target).await.expect(200);
        let by_cursor = shelf
            .app
            .guest()
            .get(&format!("{list}&cursor={cursor}"))
            .await
            .expect(200);
        assert_eq!(next.text, by_cursor.text, "{list}");
        assert_ne!(next.json["items"], page.json["items"]);
        // And on, to the end.
        let mut page = next;
        while page.json["page"]["has_more"] == true {
            let link = page.header("link").to_owned();
            page = shelf
                .app
                .guest()
                .get(link[1..].split('>').next().unwrap())
                .await
                .expect(200);
        }
        assert_eq!(page.header("link"), "", "{list}");
    }
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[actix_web::test]
async fn a_walk_misses_and_repeats_nothing_while_articles_come_and_go() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("mali").await;
    let mut dice = Dice(7);
    let mut live: BTreeSet<String> = BTreeSet::new();
    let mut down: BTreeSet<String> = BTreeSet::new();
    for number in 0..14 {
        let id = admin
            .make(json!({"locale": "fr", "title": format!("T{number}"), "section_id": section, "tag_ids": [tag]}))
            .await;
        admin.publish(&id).await.expect(200);
        live.insert(id);
        // Several in the same millisecond.
        app.clock.advance_seconds(i64::from(number % 3 == 0));
    }
    for limit in 1..=7 {
        for list in [
            "sort=-published_at",
            "sort=published_at",
            "sort=-published_at&section=/news",
            "sort=published_at&tag=mali",
        ] {
            let mut seen: Vec<String> = Vec::new();
            let mut throughout = live.clone();
            let mut cursor = String::new();
            loop {
                let page = app
                    .guest()
                    .get(&format!("/v1/articles?{list}&limit={limit}{cursor}"))
                    .await
                    .expect(200);
                seen.extend(page.items("id"));
                let Some(next) = page.json["page"]["next_cursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
                match dice.roll(3) {
                    0 if live.len() > 6 => {
                        let id = live.iter().nth(dice.roll(live.len())).unwrap().clone();
                        admin.take(&id, "unpublish", json!({})).await.expect(200);
                        live.remove(&id);
                        throughout.remove(&id);
                        down.insert(id);
                    }
                    1 if !down.is_empty() => {
                        let id = down.iter().nth(dice.roll(down.len())).unwrap().clone();
                        admin.publish(&id).await.expect(200);
                        down.remove(&id);
                        live.insert(id);
                    }
                    // Never a new one behind each page of a walk towards the newest: it would not end.
                    _ if dice.roll(4) == 0 => {
                        let id = admin.published("Nouveau", &section).await;
                        live.insert(id);
                    }
                    _ => {}
                }
            }
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "{list} limit {limit}: repeated");
            if list.contains("tag=") {
                continue; // Newer ones carry no tag.
            }
            assert!(distinct.is_superset(&throughout), "{list} limit {limit}: missed");
        }
    }
}

#[actix_web::test]
async fn answers_have_exactly_the_members_of_the_document() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let person = admin
        .post(
            "/v1/editorial/contributors",
            json!({"name": "Awa", "role": "reporter", "image": {"url": "https://a.test/1.jpg"}}),
        )
        .await
        .expect(201)
        .id();
    let target = admin.published("Cible", &section).await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section, "tag_ids": [tag], "contributors": [{"contributor_id": person, "role": "texte"}],
        "lead_image": {"url": "https://a.test/2.jpg"}, "source": {"name": "AFP", "url": null}, "blocks": [
        {"type": "paragraph", "html": "x"}, {"type": "image", "image": {"url": "https://a.test/3.jpg"}}, {"type": "ad_slot", "slot": "a"},
        {"type": "interlink", "article_id": target}, {"type": "table", "rows": [["x"]]}, {"type": "raw_html", "html": "x"}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    for text in ["Un", "Deux"] {
        let comment = app.guest().comment(&id, text, None).await;
        admin.decide(&comment, "approve").await.expect(200);
        let reply = app.guest().comment(&id, "Réponse", Some(&comment)).await;
        admin.decide(&reply, "approve").await.expect(200);
    }
    let empty = admin
        .make(json!({"locale": "fr", "title": "Vide", "section_id": section}))
        .await;
    admin.publish(&empty).await.expect(200);
    let table = [
        ("CardPage", "/v1/articles".to_owned()),
        ("PublicArticlePage", "/v1/articles/full".to_owned()),
        ("PublicArticle", format!("/v1/articles/{id}")),
        ("PublicArticle", format!("/v1/articles/{empty}")),
        ("Resolved", "/v1/resolve?path=/news/t".to_owned()),
        ("Resolved", "/v1/resolve?path=/".to_owned()),
        ("CommentThreadPage", format!("/v1/articles/{id}/comments?limit=1")),
        ("PublicSectionList", "/v1/sections".to_owned()),
        ("PublicTagPage", "/v1/tags".to_owned()),
        ("PublicContributorPage", "/v1/contributors".to_owned()),
        ("CaptchaForm", "/v1/captcha".to_owned()),
    ];
    for (schema, path) in table {
        let answer = app.guest().get(&path).await.expect(200);
        assert_has_members_of(schema, &answer.json);
    }
}

#[actix_web::test]
async fn a_query_may_name_a_path_with_anything_in_it() {
    let (app, _admin, _) = newsroom().await;
    for path in ["/é", "/a b", "/%", "/a\"b", "/a'b--", "/news/../news", "/\u{202e}"] {
        app.resolve(path).await.problem(404, "not_found");
        app.by_path(path).await.problem(404, "not_found");
    }
    // Closing slashes say nothing.
    assert_eq!(app.resolve("/news//").await.expect(200).json["path"], "/news");
    let long = format!("/{}", "x".repeat(700));
    app.resolve(&long).await.problem(400, "invalid_parameter");
    app.guest()
        .get(&format!("/v1/resolve?{}", query(&[("path", "/news"), ("x", "1")])))
        .await
        .problem(400, "unknown_parameter");
}
