//! The months of a section, a tag, a contributor; the page of a search.

use serde_json::{Value, json};

use super::{demo, page_at, texts};
use crate::support::newsroom::desk;
use crate::support::requests::escaped;
use crate::support::{Client, TestApp};

/// Publishes an article at a moment of the past.
async fn published_at(admin: &Client, title: &str, section: &str, at: &str) -> String {
    let id = admin.draft(title, section).await;
    let version = admin.version_of(&desk(&id)).await;
    let path = format!("{}/actions/publish", desk(&id));
    admin.act(&path, version, json!({"published_at": at})).await.expect(200);
    id
}

/// A newsroom in Porto-Novo, an hour before UTC, with articles of four months.
async fn newsroom_with_a_past() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let admin = app.admin();
    admin
        .patch("/v1/editorial/site", 0, json!({"time_zone": "Africa/Porto-Novo"}))
        .await
        .expect(200);
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    for (title, section, at) in [
        ("Janvier", &news, "2025-01-15T12:00:00Z"),
        ("Veille", &mali, "2026-03-31T22:59:59.999Z"),
        ("Avril", &mali, "2026-03-31T23:00:00Z"),
        ("Avril encore", &news, "2026-04-30T22:59:59Z"),
        ("Novembre", &news, "2026-11-02T08:00:00Z"),
    ] {
        published_at(&admin, title, section, at).await;
    }
    (app, admin)
}

async fn month(app: &TestApp, path: &str, month: &str) -> Value {
    let path = format!("/v1/pages?path={}&month={month}", escaped(path));
    app.guest().get(&path).await.expect(200).json
}

#[actix_web::test]
async fn a_month_is_a_page_whose_address_stays_and_leads_to_the_months_around_it() {
    let (app, _) = newsroom_with_a_past().await;
    let base = page_at(&app, "/news").await.expect(200).json["site"]["public_url"].clone();
    let base = base.as_str().unwrap();
    for (path, asked, titles, previous, next) in [
        ("/news", "2026-11", vec!["Novembre"], Some("2026-04"), None),
        (
            "/news",
            "2026-04",
            vec!["Avril encore", "Avril"],
            Some("2026-03"),
            Some("2026-11"),
        ),
        ("/news", "2026-03", vec!["Veille"], Some("2025-01"), Some("2026-04")),
        ("/news", "2026-02", vec![], Some("2025-01"), Some("2026-03")),
        ("/news", "2025-01", vec!["Janvier"], None, Some("2026-03")),
        ("/news/mali", "2026-04", vec!["Avril"], Some("2026-03"), None),
        ("/news", "9999-12", vec![], None, None),
    ] {
        let page = month(&app, path, asked).await;
        assert_eq!(texts(&page["articles"]["items"], "title"), titles, "{path} {asked}");
        let expected = json!({"month": asked, "previous_month": previous, "next_month": next});
        assert_eq!(page["archive"], expected, "{path} {asked}");
        let head = &page["head"];
        assert_eq!(head["canonical_url"], format!("{base}{path}?month={asked}"));
        let robots = if titles.is_empty() {
            "noindex, follow"
        } else {
            "index, follow, max-image-preview:large"
        };
        assert_eq!(head["robots"], robots, "{path} {asked}");
    }
    let all = page_at(&app, "/news").await.expect(200).json;
    assert_eq!(
        all["archive"],
        json!({"month": null, "previous_month": "2026-11", "next_month": null})
    );
    assert_eq!(all["head"]["canonical_url"], format!("{base}/news"));
    for bad in ["2026", "2026-13", "nov", "2026-1", ""] {
        app.guest()
            .get(&format!("/v1/pages?path=/news&month={bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
    for path in ["/", "/news/novembre"] {
        app.guest()
            .get(&format!("/v1/pages?path={path}&month=2026-11"))
            .await
            .problem(400, "parameter_not_for_kind");
    }
}

#[actix_web::test]
async fn a_month_goes_on_within_itself() {
    let (app, admin) = newsroom_with_a_past().await;
    let news = page_at(&app, "/news").await.expect(200).json["section"]["id"].clone();
    for number in 0..21 {
        published_at(
            &admin,
            &format!("Mai {number}"),
            news.as_str().unwrap(),
            "2026-05-10T10:00:00Z",
        )
        .await;
    }
    let mut next = Some("/v1/pages?path=/news&month=2026-05".to_owned());
    let mut titles = Vec::new();
    while let Some(url) = next {
        let page = app.guest().get(&url).await.expect(200).json;
        assert_eq!(page["archive"]["month"], "2026-05");
        titles.extend(texts(&page["articles"]["items"], "title"));
        next = page["articles"]["page"]["next_url"].as_str().map(str::to_owned);
        assert!(titles.len() < 50, "it has no end");
    }
    assert_eq!(titles.len(), 21);
    assert!(titles.iter().all(|title| title.starts_with("Mai ")), "{titles:?}");
}

#[actix_web::test]
async fn a_sitemap_has_the_months_of_sections_each_of_them_a_page() {
    let (app, _) = newsroom_with_a_past().await;
    let index = app.guest().get("/sitemap.xml").await.expect(200);
    assert!(index.text.contains("/sitemaps/archives.xml"), "{}", index.text);
    let file = app.guest().get("/sitemaps/archives.xml").await.expect(200);
    let locations = file.text.split("<loc>").skip(1);
    let locations: Vec<&str> = locations.filter_map(|rest| rest.split("</loc>").next()).collect();
    let base = page_at(&app, "/news").await.expect(200).json["site"]["public_url"].clone();
    let base = base.as_str().unwrap();
    let paths: Vec<&str> = locations.iter().map(|url| url.strip_prefix(base).unwrap()).collect();
    assert_eq!(
        paths,
        [
            "/news?month=2026-11",
            "/news/mali?month=2026-04",
            "/news?month=2026-04",
            "/news/mali?month=2026-03",
            "/news?month=2026-03",
            "/news?month=2025-01"
        ]
    );
    for path in paths {
        let (path, asked) = path.split_once("?month=").unwrap();
        let page = month(&app, path, asked).await;
        assert_eq!(page["head"]["canonical_url"], format!("{base}{path}?month={asked}"));
        assert!(page["head"]["robots"].as_str().unwrap().starts_with("index"));
    }
}

#[actix_web::test]
async fn the_page_of_a_search_shows_what_search_finds_and_the_frame() {
    let app = demo().await;
    let found = app.guest().get("/v1/search?q=port&limit=5").await.expect(200).json;
    let page = app
        .guest()
        .get("/v1/pages/search?q=port&limit=5")
        .await
        .expect(200)
        .json;
    assert_eq!((&page["kind"], &page["q"]), (&json!("search"), &json!("port")));
    assert_eq!(texts(&page["articles"]["items"], "id"), texts(&found["items"], "id"));
    let (hit, card) = (&page["articles"]["items"][0], &found["items"][0]);
    assert_eq!(hit["highlights"], card["highlights"]);
    assert_eq!(hit["standfirst"], Value::Null, "a teaser");
    assert_eq!(page["site"], app.guest().get("/v1/site").await.expect(200).json);
    assert_eq!(page["head"]["robots"], "noindex, follow");
    assert_eq!(
        (&page["head"]["canonical_url"], &page["head"]["feeds"]),
        (&Value::Null, &json!([]))
    );
    let whole = app
        .guest()
        .get("/v1/pages/search?q=port&limit=5&cards=full&frame=none")
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&whole["articles"]["items"], &whole["site"]),
        (&found["items"], &Value::Null)
    );

    let mut next = Some("/v1/pages/search?q=le+port&limit=3&section=/news&sort=relevance".to_owned());
    let mut walked = Vec::new();
    while let Some(url) = next {
        let answer = app.guest().get(&url).await.expect(200);
        walked.extend(texts(&answer.json["articles"]["items"], "id"));
        next = answer.json["articles"]["page"]["next_url"].as_str().map(str::to_owned);
        assert!(walked.len() < 100, "it has no end");
    }
    let all = app
        .guest()
        .get("/v1/search?q=le+port&limit=100&section=/news&sort=relevance")
        .await
        .expect(200);
    assert!(walked.len() > 3);
    assert_eq!(walked, all.items("id"));

    let nothing = app.guest().get("/v1/pages/search?q=beteravez").await.expect(200).json;
    assert_eq!(nothing["articles"]["items"], json!([]));
    let alone = app.guest().get("/v1/search?q=beteravez").await.expect(200).json;
    assert_eq!(nothing["did_you_mean"], alone["did_you_mean"]);
    app.guest()
        .get("/v1/pages/search")
        .await
        .problem(400, "invalid_parameter");
    let lists = json!({"pages": {"search": [{"key": "tout", "source": "latest", "limit": 4}]}});
    app.admin().patch("/v1/editorial/site", 1, lists).await.expect(200);
    let page = app.guest().get("/v1/pages/search?q=port").await.expect(200).json;
    let (found, beside) = (
        texts(&page["articles"]["items"], "id"),
        texts(&page["lists"][0]["items"], "id"),
    );
    assert_eq!(beside.len(), 4);
    assert!(beside.iter().all(|id| !found.contains(id)));
}
