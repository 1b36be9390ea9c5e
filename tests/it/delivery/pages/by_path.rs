//! Pages by their path alone: whatever stands there, wherever it went.

use std::fs::File;

use masthead::import::run::{ImportOptions, WxrSurvey, start};
use serde_json::json;

use super::{SUMMIT, demo, page_at};
use crate::support::TestApp;
use crate::support::newsroom::bilingual;

/// Imports these WordPress exports.
fn import(app: &TestApp, files: &[&str]) {
    let open = |name: &str| File::open(format!("tests/it/data/wxr/{name}")).unwrap();
    let mut survey = WxrSurvey::of_types(&[]);
    for name in files {
        survey.read(open(name), &|_| ()).map_err(|error| error.message).unwrap();
    }
    let mut import = start(app.db(), &survey, &ImportOptions::default()).unwrap();
    for name in files {
        import.read(open(name), &|_| ()).unwrap();
    }
    import.finish();
}

/// Asks for every path that the table of paths knows; how many stand there, lead on, and are taken down.
async fn walk(app: &TestApp) -> (usize, usize, usize) {
    let (mut live, mut moved, mut gone) = (0, 0, 0);
    let rows = app.rows().into_iter().filter(|(table, _)| *table == "paths");
    for (_, row) in rows {
        let path = row["path"].as_str().unwrap();
        let answer = page_at(app, path).await;
        match row["status"].as_str().unwrap() {
            "live" => {
                live += 1;
                let page = answer.expect(200).json;
                let kind = row["kind"].as_str().unwrap();
                assert_eq!(page["kind"], kind, "{path}");
                assert_eq!(page[kind]["id"], row["target_id"], "{path}");
                assert_eq!(page[kind]["path"], path);
                assert_eq!(page["site"]["locale"], row["locale"], "{path}");
            }
            "moved" => {
                moved += 1;
                let location = row["location"].as_str().unwrap();
                if answer.status != 200 {
                    // It answers for what it leads to.
                    assert_eq!(page_at(app, location).await.status, answer.status, "{path}");
                    continue;
                }
                let page = answer.json;
                assert_eq!(page["kind"], "redirect", "{path}");
                let location = page["location"].as_str().unwrap();
                if location.starts_with('/') {
                    let end = page_at(app, location).await.expect(200).json;
                    assert_ne!(end["kind"], "redirect", "{path} takes more than one step: {location}");
                }
            }
            "gone" => {
                gone += 1;
                answer.problem(410, "gone");
            }
            _ => {
                answer.problem(404, "not_found");
            }
        }
    }
    (live, moved, gone)
}

#[actix_web::test]
async fn every_path_of_the_demo_is_a_page() {
    let app = demo().await;
    let (live, ..) = walk(&app).await;
    assert!(live > 100, "{live}");
    let home = page_at(&app, "/").await.expect(200).json;
    assert_eq!(
        (&home["kind"], &home["head"]["robots"]),
        (&json!("home"), &json!("index, follow, max-image-preview:large"))
    );
    assert_eq!(home, app.guest().get("/v1/pages/home").await.expect(200).json);
    let article = page_at(&app, SUMMIT).await.expect(200).json;
    assert_eq!(
        article,
        app.guest()
            .get(&format!("/v1/pages/article?path={SUMMIT}"))
            .await
            .expect(200)
            .json
    );
    page_at(&app, "/rien/du/tout").await.problem(404, "not_found");
    app.guest()
        .get("/v1/pages?path=news")
        .await
        .problem(400, "invalid_parameter");
    app.guest().get("/v1/pages").await.problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn every_address_of_an_imported_site_is_a_page_or_leads_to_one() {
    let app = TestApp::with_site(&bilingual()).await;
    import(
        &app,
        &[
            "archive-addresses.xml",
            "renamed-post.xml",
            "two-languages.xml",
            "search-texts.xml",
        ],
    );
    let (live, moved, _) = walk(&app).await;
    assert!(live > 10 && moved > 3, "{live} {moved}");
    let old = page_at(&app, "/?p=31").await.expect(200).json;
    let location = old["location"].as_str().unwrap();
    assert_eq!((&old["kind"], &old["http_status"]), (&json!("redirect"), &json!(301)));
    assert_eq!(
        page_at(&app, location).await.expect(200).json["article"]["title"],
        "Eau coupée"
    );
}

#[actix_web::test]
async fn what_moved_is_told_as_data_and_what_is_gone_as_a_problem() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let (tag, awa) = (admin.tag("Paix").await, admin.contributor("Awa Bah").await);
    let article = admin.published("Le sommet", &news).await;
    let killed = admin.published("Faux", &news).await;
    let hidden = admin.published("Plus tard", &news).await;
    for (path, version, change) in [
        (format!("sections/{news}"), 1, json!({"slug": "actualites"})),
        (format!("tags/{tag}"), 1, json!({"slug": "la-paix"})),
        (format!("contributors/{awa}"), 1, json!({"slug": "awa"})),
    ] {
        admin
            .patch(&format!("/v1/editorial/{path}"), version, change)
            .await
            .expect(200);
    }
    admin.edit(&article, json!({"slug": "la-fin"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    admin
        .take(&killed, "kill", json!({"reason": "Diffamation", "notice": "Retiré."}))
        .await
        .expect(200);
    admin.take(&hidden, "unpublish", json!({})).await.expect(200);
    for (path, location, http_status) in [
        ("/ailleurs", "https://www.exemple.test/a?b=c", 302),
        ("/article.php3?id_article=12", "/actualites/la-fin", 301),
        ("/accueil", "/", 301),
        ("/vers-la-rubrique", "/news", 308),
        ("/vers-le-faux", "/news/faux", 301),
        ("/vers-plus-tard", "/news/plus-tard", 301),
    ] {
        let redirect = json!({"path": path, "location": location, "http_status": http_status});
        admin.post("/v1/editorial/redirects", redirect).await.expect(201);
    }
    let (live, moved, gone) = walk(&app).await;
    assert_eq!((live, moved > 8, gone), (7, true, 1));
    for (path, location, http_status) in [
        ("/news", "/actualites", 301),
        ("/en/news", "/en/actualites", 301),
        ("/news/le-sommet", "/actualites/la-fin", 301),
        ("/NEWS/Le-Sommet", "/actualites/la-fin", 301),
        ("/tag/paix", "/tag/la-paix", 301),
        ("/auteur/awa-bah", "/auteur/awa", 301),
        ("/ailleurs", "https://www.exemple.test/a?b=c", 302),
        ("/article.php3?id_article=12&utm_source=x", "/actualites/la-fin", 301),
        ("/accueil", "/", 301),
        ("/vers-la-rubrique", "/actualites", 308),
    ] {
        let page = page_at(&app, path).await.expect(200).json;
        let expected = json!({"kind": "redirect", "location": location, "http_status": http_status});
        assert_eq!(page, expected, "{path}");
    }
    for path in ["/news/faux", "/vers-le-faux"] {
        let problem = page_at(&app, path).await.problem(410, "gone").json;
        assert_eq!(problem["notice"], "Retiré.", "{path}");
    }
    for path in ["/news/plus-tard", "/vers-plus-tard"] {
        page_at(&app, path).await.problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_page_of_one_kind_says_what_else_stands_there() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    admin.tag("Paix").await;
    admin.contributor("Awa Bah").await;
    admin.published("Le sommet", &news).await;
    let redirect = |path: &str, location: &str, http_status: i32| json!({"path": path, "location": location, "http_status": http_status});
    for body in [
        redirect("/au-sommet", "/news/le-sommet", 302),
        redirect("/ailleurs", "https://www.exemple.test/", 301),
    ] {
        admin.post("/v1/editorial/redirects", body).await.expect(201);
    }
    let places = [
        ("/", "home"),
        ("/news/le-sommet", "article"),
        ("/news", "section"),
        ("/tag/paix", "tag"),
        ("/auteur/awa-bah", "contributor"),
    ];
    for kind in ["article", "section", "tag", "contributor"] {
        let base = format!("/v1/pages/{kind}?path=");
        for (path, stands) in places {
            let answer = app.guest().get(&format!("{base}{path}")).await;
            if stands == kind {
                assert_eq!(
                    answer.expect(200).json,
                    page_at(&app, path).await.expect(200).json,
                    "{kind} {path}"
                );
            } else {
                let problem = answer.problem(404, "other_kind").json;
                assert_eq!(
                    (&problem["kind"], &problem["location"]),
                    (&json!(stands), &json!(path)),
                    "{kind} {path}"
                );
            }
        }
        let led = app.guest().get(&format!("{base}/au-sommet")).await;
        if kind == "article" {
            let location = led.expect(307).header("location").to_owned();
            assert_eq!(location, "/v1/pages/article?path=%2Fnews%2Fle-sommet");
        } else {
            let problem = led.problem(404, "other_kind").json;
            assert_eq!(
                (&problem["kind"], &problem["location"]),
                (&json!("article"), &json!("/news/le-sommet"))
            );
        }
        let away = app
            .guest()
            .get(&format!("{base}/ailleurs"))
            .await
            .problem(404, "other_kind")
            .json;
        assert_eq!(
            (&away["kind"], &away["location"]),
            (&json!("redirect"), &json!("https://www.exemple.test/"))
        );
    }
    for (kind, slug, path) in [
        ("tag", "paix", "/tag/paix"),
        ("contributor", "awa-bah", "/auteur/awa-bah"),
    ] {
        let base = format!("/v1/pages/{kind}");
        let by_slug = app.guest().get(&format!("{base}?slug={slug}")).await.expect(200).json;
        assert_eq!(by_slug, page_at(&app, path).await.expect(200).json);
        app.guest()
            .get(&format!("{base}?slug=rien"))
            .await
            .problem(404, "not_found");
        for bad in [
            "",
            "?slug=Pas+un",
            "?slug=a&path=/a",
            "?path=/tag/paix&locale=fr",
            "?slug=paix&locale=xx",
        ] {
            app.guest()
                .get(&format!("{base}{bad}"))
                .await
                .problem(400, "invalid_parameter");
        }
    }
    let by_path = app.guest().get("/v1/articles/by-path?path=/news").await;
    assert_eq!(by_path.problem(404, "other_kind").json["kind"], "section");
}

#[actix_web::test]
async fn what_a_page_does_not_have_is_ignored_but_a_cursor_is_refused() {
    let app = demo().await;
    for path in ["/", SUMMIT] {
        let refused = app.guest().get(&format!("/v1/pages?path={path}&cursor=x")).await;
        let detail = refused.problem(400, "parameter_not_for_kind").json["detail"].to_string();
        assert!(detail.contains("cursor"), "{detail}");
    }
    app.guest()
        .get("/v1/pages?path=/news&cursor=x")
        .await
        .problem(400, "invalid_cursor");
    // A cursor is good for the list that it is of.
    let page = page_at(&app, "/news").await.expect(200).json;
    let cursor = page["articles"]["page"]["next_cursor"].as_str().unwrap();
    let elsewhere = app.guest().get(&format!("/v1/pages?path=/sport&cursor={cursor}")).await;
    elsewhere.problem(400, "invalid_cursor");
    app.guest()
        .get("/v1/pages?path=/news&include=comments")
        .await
        .expect(200);
    app.guest()
        .get("/v1/pages?path=/news&frame=half")
        .await
        .problem(400, "invalid_parameter");
    app.guest()
        .get("/v1/pages/section?path=/news&include=comments")
        .await
        .problem(400, "unknown_parameter");
}
