//! The pages of sections and the home page: their lists, and what they cost.

use serde_json::{Value, json};

use super::{SUMMIT, article_page, demo, texts};
use crate::support::TestApp;

#[actix_web::test]
async fn the_page_of_a_section_goes_on_where_the_list_does() {
    let app = demo().await;
    let page = app.guest().get("/v1/pages/section?path=/news").await.expect(200).json;
    assert_eq!(page["section"]["label"], "News");
    let below = ["Diplomatie", "Bénin", "Nigeria", "Monde", "Mali", "Société"];
    assert_eq!(texts(&page["subsections"], "label"), below);
    let id = page["section"]["id"].as_str().unwrap();
    let list = app
        .guest()
        .get(&format!("/v1/articles?section={id}&view=teaser"))
        .await
        .expect(200)
        .json;
    assert_eq!(page["articles"]["items"], list["items"]);
    let cursor = page["articles"]["page"]["next_cursor"].as_str().unwrap();
    assert_eq!(list["page"]["next_cursor"], cursor);
    let rest = app
        .guest()
        .get(&format!("/v1/articles?section={id}&cursor={cursor}&view=teaser"))
        .await
        .expect(200);
    let next = page["articles"]["page"]["next_url"].as_str().unwrap();
    let next = app.guest().get(next).await.expect(200).json;
    assert_eq!(next["articles"]["items"], rest.json["items"]);
    let lists = page["lists"].as_array().unwrap();
    assert!(!lists.is_empty() && lists.iter().all(|list| list["key"] == "subsections"));
    app.guest()
        .get("/v1/pages/section?path=/rien")
        .await
        .problem(404, "not_found");
    // An article is no section.
    let other = app.guest().get(&format!("/v1/pages/section?path={SUMMIT}")).await;
    let other = other.problem(404, "other_kind").json;
    assert_eq!(
        (&other["kind"], &other["location"]),
        (&json!("article"), &json!(SUMMIT))
    );
}

#[actix_web::test]
async fn the_home_page_has_what_stands_out_and_the_latest_of_every_section() {
    let app = demo().await;
    let page = app.guest().get("/v1/pages/home?cards=full").await.expect(200).json;
    let list = app.guest().get("/v1/articles").await.expect(200).json;
    assert_eq!(page["articles"]["items"], list["items"]);
    let next = page["articles"]["page"]["next_url"].as_str().unwrap();
    assert!(!app.guest().get(next).await.expect(200).items("id").is_empty());
    let lists = page["lists"].as_array().unwrap();
    assert_eq!(lists[0]["source"], "featured");
    assert!(
        lists[0]["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|card| card["is_featured"] == true)
    );
    let dates = texts(&lists[0]["items"], "published_at");
    assert!(dates.windows(2).all(|pair| pair[0] >= pair[1]), "{dates:?}");
    let sections: Vec<&str> = lists
        .iter()
        .filter_map(|list| list["section"]["path"].as_str())
        .collect();
    assert_eq!(
        sections,
        ["/news", "/economie", "/sport", "/culture", "/opinions", "/sciences"]
    );
    // An empty site has a home page too.
    let empty = TestApp::new()
        .await
        .guest()
        .get("/v1/pages/home")
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&empty["articles"]["items"], &empty["breaking"]),
        (&json!([]), &json!([]))
    );
}

/// Each source of lists shows what it says; the page's own article stands in none.
#[actix_web::test]
async fn the_settings_say_which_lists_a_page_carries() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    let sport = admin.section("Sport", None).await;
    let tag = admin.tag("Paix").await;
    let make = |title: &'static str, section: &String, more: Value| {
        let mut body = json!({"locale": "fr", "title": title, "section_id": section});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let admin = admin.clone();
        async move {
            let id = admin.make(body).await;
            admin.publish(&id).await.expect(200);
            id
        }
    };
    make("Un", &mali, json!({"tag_ids": [tag]})).await;
    app.clock.advance_seconds(1);
    make("Deux", &sport, json!({"is_featured": true})).await;
    app.clock.advance_seconds(1);
    make(
        "Trois",
        &mali,
        json!({"tag_ids": [tag], "is_featured": true, "breaking_until": "2026-11-23T10:00:00Z"}),
    )
    .await;
    app.clock.advance_seconds(1);
    let own = make("Quatre", &mali, json!({"tag_ids": [tag]})).await;
    let list = |key: &str, source: &str, more: Value| {
        let mut list = json!({"key": key, "source": source, "label": key, "limit": 2, "dedupe": "none",
            "is_shown_empty": true});
        list.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        list
    };
    let lists = json!({"pages": {"article": [
        list("latest", "latest", json!({})),
        list("sections", "latest", json!({"section_ids": [sport, news]})),
        list("same", "same_section", json!({})),
        list("tags", "tags", json!({"tag_ids": [tag]})),
        list("featured", "featured", json!({"limit": 1})),
        list("breaking", "breaking", json!({})),
        list("related", "related", json!({})),
    ]}});
    admin.patch("/v1/editorial/site", 0, lists).await.expect(200);
    let page = article_page(&app, "/news/mali/quatre").await.expect(200).json;
    let shown: Vec<(String, Vec<String>)> = page["lists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| {
            let of = list["section"]["label"].as_str().or(list["tag"]["label"].as_str());
            let name = format!("{} {}", list["key"].as_str().unwrap(), of.unwrap_or("-"));
            (name, texts(&list["items"], "title"))
        })
        .collect();
    let expected = [
        ("latest -", vec!["Trois", "Deux"]),
        ("sections Sport", vec!["Deux"]),
        ("sections News", vec!["Trois", "Un"]),
        ("same Mali", vec!["Trois", "Un"]),
        ("tags Paix", vec!["Trois", "Un"]),
        ("featured -", vec!["Trois"]),
        ("breaking -", vec!["Trois"]),
        ("related -", vec!["Trois", "Un"]),
    ];
    let shown: Vec<(&str, Vec<&str>)> = shown
        .iter()
        .map(|(name, titles)| (name.as_str(), titles.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(shown, expected);
    // When breaking news ends, caches must ask again.
    assert!(page["article"]["id"] == own.as_str());
    app.clock.advance_seconds(2 * 3_600 - 13);
    let answer = article_page(&app, "/news/mali/quatre").await.expect(200);
    assert!(
        answer.header("cache-control").contains("s-maxage=10,"),
        "{}",
        answer.header("cache-control")
    );
    app.clock.advance_seconds(10);
    let page = article_page(&app, "/news/mali/quatre").await.expect(200).json;
    assert_eq!(
        (&page["lists"][6]["items"], &page["breaking"]),
        (&json!([]), &json!([]))
    );
}

/// A page asks the database at most twelve things, whatever it shows: comments with answers by the newsroom, lists by
/// tag, packages, menus that lead to articles.
#[actix_web::test]
async fn a_page_takes_at_most_twelve_statements() {
    let app = demo().await;
    let admin = app.admin();
    let page = article_page(&app, SUMMIT).await.expect(200).json;
    let (id, person) = (
        page["article"]["id"].as_str().unwrap(),
        &page["article"]["contributors"][0]["id"],
    );
    for _ in 0..12 {
        let body = json!({"body": "Merci de votre lecture.", "contributor_id": person});
        let staff = format!("/v1/editorial/articles/{id}/comments");
        let root = admin.post(&staff, body.clone()).await.expect(201).id();
        let mut answer = body;
        answer["parent_id"] = json!(root);
        admin.post(&staff, answer).await.expect(201);
    }
    let tag = &page["article"]["tags"][0]["id"];
    let section = &page["article"]["section"]["id"];
    let every = json!([
        {"key": "latest", "source": "latest"}, {"key": "some", "source": "latest", "section_ids": [section]},
        {"key": "top", "source": "top_sections"}, {"key": "tags", "source": "tags", "tag_ids": [tag]},
        {"key": "featured", "source": "featured"}, {"key": "breaking", "source": "breaking"},
        {"key": "most_read", "source": "most_read"},
    ]);
    let with = |more: Value| {
        let mut lists = every.as_array().unwrap().clone();
        lists.extend(more.as_array().unwrap().clone());
        lists
    };
    let related = json!([{"key": "related", "source": "related"}, {"key": "same", "source": "same_section"}]);
    let below = json!([{"key": "below", "source": "subsections"}]);
    let pages = json!({"pages": {"article": with(related), "section": with(below), "home": every}});
    admin.patch("/v1/editorial/site", 1, pages).await.expect(200);
    let app = app.without_cache().await;
    for (path, most) in [
        (format!("/v1/pages/article?path={SUMMIT}"), 12),
        ("/v1/pages/section?path=/news".to_owned(), 12),
        ("/v1/pages/home".to_owned(), 12),
        (format!("/v1/pages?path={SUMMIT}"), 12),
        ("/v1/pages?path=/news/diplomatie".to_owned(), 12),
        ("/v1/pages?path=/".to_owned(), 12),
        ("/v1/pages?path=/news&month=2026-11".to_owned(), 12),
        ("/v1/pages/search?q=port".to_owned(), 12),
        ("/v1/pages?path=/tag/cedeao".to_owned(), 12),
        ("/v1/pages?path=/auteur/rosine-hounkpe".to_owned(), 12),
        (format!("/v1/articles/{id}"), 5),
        (format!("/v1/articles/{id}/comments"), 5),
        ("/v1/site".to_owned(), 2),
    ] {
        // The first reading takes settings and sections into memory.
        app.guest().get(&path).await.expect(200);
        let (answer, asked) = app.statements_of(app.guest().get(&path)).await;
        answer.expect(200);
        let asked: Vec<&String> = asked
            .iter()
            .filter(|sql| !sql.starts_with("BEGIN") && *sql != "COMMIT")
            .collect();
        assert!(
            !asked.is_empty() && asked.len() <= most,
            "{path}: {} {asked:#?}",
            asked.len()
        );
    }
    let page = article_page(&app, SUMMIT).await.expect(200).json;
    assert_eq!(
        page["article"]["comments"]["items"][0]["replies"][0]["badges"],
        json!(["staff", "author"])
    );
}
