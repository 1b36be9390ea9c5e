//! What pages show: their frame, their head, teasers in lists, no story twice.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{SUMMIT, demo, page_at, texts};
use crate::support::TestApp;
use crate::support::newsroom::bilingual;

#[actix_web::test]
async fn the_frame_can_be_left_out_and_its_version_says_when_to_fetch_it_again() {
    let app = demo().await;
    let with = page_at(&app, "/news").await.expect(200).json;
    let without = app
        .guest()
        .get("/v1/pages?path=/news&frame=none")
        .await
        .expect(200)
        .json;
    assert_eq!(with["site"], app.guest().get("/v1/site").await.expect(200).json);
    assert_eq!(without["site"], Value::Null);
    let mut filled = without.clone();
    filled["site"] = with["site"].clone();
    let next = |page: &Value| page["articles"]["page"]["next_url"].as_str().unwrap().to_owned();
    assert_eq!(next(&without).replace("&frame=none", ""), next(&with));
    filled["articles"]["page"]["next_url"] = with["articles"]["page"]["next_url"].clone();
    assert_eq!(filled, with);
    let version = |page: &Value| page["frame_version"].as_str().unwrap().to_owned();
    assert_eq!(version(&page_at(&app, SUMMIT).await.expect(200).json), version(&with));
    let admin = app.admin();
    let menu = admin.get("/v1/editorial/menus/pied").await.expect(200);
    let items = json!({"items": [{"kind": "heading", "label": "Nous"}]});
    let at = menu.json["version"].as_i64().unwrap();
    admin.patch("/v1/editorial/menus/pied", at, items).await.expect(200);
    assert_ne!(version(&page_at(&app, SUMMIT).await.expect(200).json), version(&with));
}

#[actix_web::test]
async fn lists_show_teasers_or_whole_cards() {
    let app = demo().await;
    let cards = app.guest().get("/v1/articles?limit=1").await.expect(200).json;
    let card = &cards["items"][0];
    for query in ["/v1/articles?limit=1&view=teaser", "/v1/pages/home"] {
        let answer = app.guest().get(query).await.expect(200).json;
        let items = answer.get("articles").unwrap_or(&answer);
        let teaser = items["items"][0].as_object().unwrap();
        for (name, value) in teaser {
            if name != "section" && name != "image" {
                assert_eq!(*value, card[name], "{query} {name}");
            }
        }
        let names: Vec<&str> = teaser.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "access",
                "comment_count",
                "id",
                "image",
                "is_breaking",
                "kicker",
                "path",
                "published_at",
                "section",
                "title",
                "type"
            ]
        );
        let section = teaser["section"].as_object().unwrap();
        assert_eq!(section.keys().collect::<Vec<_>>(), ["colour", "label", "path"]);
    }
    let whole = app.guest().get("/v1/pages/home?cards=full").await.expect(200).json;
    assert_eq!(whole["articles"]["items"][0], *card);
    assert_eq!(
        app.guest().get("/v1/articles?limit=1&view=card").await.expect(200).json,
        cards
    );
    app.guest()
        .get("/v1/articles?view=full")
        .await
        .problem(400, "invalid_parameter");
    app.guest()
        .get("/v1/pages/home?cards=card")
        .await
        .problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn a_picture_in_a_list_has_the_members_that_media_will_fill() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let image = json!({"url": "https://m.test/a.jpg", "alt": "Un port", "caption": "Le port", "credit": "AFP", "width": 8, "height": 6});
    let id = admin
        .make(json!({"locale": "fr", "title": "Le port", "section_id": news, "image": image}))
        .await;
    admin.publish(&id).await.expect(200);
    let media = json!({"media_id": null, "widths": [], "template": null, "thumbhash": null});
    let mut expected = json!({"url": "https://m.test/a.jpg", "alt": "Un port", "width": 8, "height": 6});
    expected
        .as_object_mut()
        .unwrap()
        .extend(media.as_object().unwrap().clone());
    let home = app.guest().get("/v1/pages/home").await.expect(200).json;
    assert_eq!(home["articles"]["items"][0]["image"], expected);
    expected["caption"] = json!("Le port");
    expected["credit"] = json!("AFP");
    let cards = app.guest().get("/v1/articles").await.expect(200).json;
    assert_eq!(cards["items"][0]["image"], expected);
    let article = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json;
    assert_eq!(article["image"], expected);
}

#[actix_web::test]
async fn a_pages_own_list_goes_on_to_its_end_without_repeating_or_leaving_out() {
    let app = demo().await;
    for (path, list) in [
        ("/news", "section=/news"),
        ("/tag/cedeao", "tag=cedeao"),
        ("/auteur/rosine-hounkpe", "contributor=rosine-hounkpe"),
    ] {
        let mut next = Some(format!("/v1/pages?path={path}&frame=none"));
        let (mut walked, mut parts) = (Vec::new(), 0);
        while let Some(url) = next {
            let answer = app.guest().get(&url).await.expect(200);
            let page = &answer.json;
            walked.extend(texts(&page["articles"]["items"], "id"));
            let head = &page["head"];
            if parts > 0 {
                assert_eq!(
                    (&head["robots"], &head["canonical_url"]),
                    (&json!("noindex, follow"), &Value::Null)
                );
            } else {
                assert_eq!(head["canonical_url"], format!("https://www.lefanal.test{path}"));
            }
            let page = &page["articles"]["page"];
            assert_eq!(page["has_more"], page["next_url"].is_string());
            assert_eq!(
                answer.header("link").contains("rel=\"next\""),
                page["next_url"].is_string()
            );
            next = page["next_url"].as_str().map(str::to_owned);
            parts += 1;
            assert!(parts < 20, "{path} has no end");
        }
        assert_eq!(
            walked,
            app.guest().walk(&format!("/v1/articles?{list}"), 100).await,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_page_in_several_languages_names_them_and_its_feeds_answer() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    admin.tag("Paix").await;
    admin.contributor("Awa Bah").await;
    let id = admin.published("Le sommet", &news).await;
    let translated = admin.take(&id, "translate", json!({"locale": "en"})).await;
    let other = translated.expect(201).id();
    admin
        .edit(&other, json!({"title": "The summit", "section_id": news}))
        .await
        .expect(200);
    admin.publish(&other).await.expect(200);
    for (path, paths) in [
        ("/news/le-sommet", ["/en/news/the-summit", "/news/le-sommet"]),
        ("/en/news/the-summit", ["/en/news/the-summit", "/news/le-sommet"]),
        ("/news", ["/news", "/en/news"]),
        ("/en/tag/paix", ["/tag/paix", "/en/tag/paix"]),
        ("/auteur/awa-bah", ["/auteur/awa-bah", "/en/auteur/awa-bah"]),
        ("/en", ["/", "/en/"]),
    ] {
        let page = page_at(&app, path).await.expect(200).json;
        let base = page["site"]["public_url"].as_str().unwrap();
        let urls: Vec<String> = paths.iter().map(|path| format!("{base}{path}")).collect();
        assert_eq!(texts(&page["head"]["alternates"], "url"), urls, "{path}");
        for alternate in page["head"]["alternates"].as_array().unwrap() {
            let at = alternate["url"].as_str().unwrap().strip_prefix(base).unwrap();
            let there = page_at(&app, at).await.expect(200).json;
            assert_eq!(there["site"]["locale"], alternate["locale"], "{at}");
        }
        let feeds = page["head"]["feeds"].as_array().unwrap();
        assert_eq!(feeds.len(), 3, "{path}");
        for feed in feeds {
            let at = feed["url"].as_str().unwrap().strip_prefix(base).unwrap();
            let answer = app.guest().get(at).await.expect(200);
            assert!(
                answer
                    .header("content-type")
                    .starts_with(feed["media_type"].as_str().unwrap()),
                "{at}"
            );
            let has_it = answer.text.contains("Le sommet") || answer.text.contains("The summit");
            assert_eq!(has_it, !path.contains("tag") && !path.contains("auteur"), "{at}");
        }
    }
    // A page without articles is nothing to be found.
    let empty = page_at(&app, "/tag/paix").await.expect(200).json;
    assert_eq!(empty["head"]["robots"], "noindex, follow");
    let id = admin
        .make(json!({"locale": "fr", "title": "Caché", "section_id": news, "seo": {"no_index": true}}))
        .await;
    admin.publish(&id).await.expect(200);
    let hidden = page_at(&app, "/news/cache").await.expect(200).json;
    assert_eq!(hidden["head"]["robots"], "noindex, follow");
}

/// Whatever the settings are, and a list is full where there are stories for it.
#[actix_web::test]
async fn no_story_stands_twice_on_a_page() {
    let app = demo().await;
    let admin = app.admin();
    let news = page_at(&app, "/news").await.expect(200).json["section"]["id"].clone();
    let tag = page_at(&app, "/tag/cedeao").await.expect(200).json["tag"]["id"].clone();
    let list = |key: &str, source: &str, limit: i64| json!({"key": key, "source": source, "limit": limit});
    let every = vec![
        list("featured", "featured", 4),
        list("all", "latest", 7),
        json!({"key": "some", "source": "latest", "section_ids": [news], "limit": 6}),
        list("top", "top_sections", 3),
        json!({"key": "tags", "source": "tags", "tag_ids": [tag], "limit": 2}),
        list("breaking", "breaking", 2),
        list("more", "latest", 5),
    ];
    let mut of_article = vec![list("related", "related", 5), list("same", "same_section", 4)];
    of_article.extend(every.clone());
    let pages =
        json!({"pages": {"article": of_article, "section": every, "home": every, "tag": every, "contributor": every}});
    admin.patch("/v1/editorial/site", 1, pages).await.expect(200);
    let mut full = 0;
    for path in [
        SUMMIT,
        "/",
        "/news",
        "/sport/football",
        "/tag/cedeao",
        "/auteur/rosine-hounkpe",
    ] {
        let page = page_at(&app, path).await.expect(200).json;
        let mut shown: Vec<String> = Vec::new();
        if page["articles"].is_object() {
            shown.extend(texts(&page["articles"]["items"], "id"));
        } else {
            shown.push(page["article"]["id"].as_str().unwrap().to_owned());
        }
        for list in page["lists"].as_array().unwrap() {
            let ids = texts(&list["items"], "id");
            assert!(!ids.is_empty(), "{path} {list}");
            full += usize::from(list["key"] == "all" && ids.len() == 7);
            shown.extend(ids);
        }
        let distinct: HashSet<&String> = shown.iter().collect();
        assert_eq!(distinct.len(), shown.len(), "{path}");
    }
    assert_eq!(full, 6, "a list of the whole site is always full");
}
