//! The paths of articles: slugs, moves, languages, and what is asked for that is none.

use serde_json::{Value, json};

use super::whole;
use crate::support::checks::assert_links_are_sound;
use crate::support::newsroom::{bilingual, desk, newsroom};
use crate::support::requests::query;
use crate::support::{Client, TestApp};

async fn path_of(admin: &Client, id: &str) -> String {
    admin.get(&desk(id)).await.json["path"].as_str().unwrap().to_owned()
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
        (&state["state"], &state["path"], &state["live_revision_number"]),
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
                &resolved["http_status"],
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
