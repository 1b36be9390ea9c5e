//! Pages in one answer: that of an article of the demo, element by element, sections', the home page.

use masthead::demo::{DemoOutcome, fill};
use serde_json::{Value, json};

use crate::support::newsroom::bilingual;
use crate::support::requests::escaped;
use crate::support::{Answer, TestApp};

/// The demo's newsroom.
async fn demo() -> TestApp {
    let app = TestApp::new().await;
    let filled = fill(app.db(), &app.state.passwords).unwrap();
    assert_eq!(filled, DemoOutcome::Populated);
    app
}

async fn article_page(app: &TestApp, path: &str) -> Answer {
    app.guest()
        .get(&format!("/v1/pages/article?path={}", escaped(path)))
        .await
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    items
        .iter()
        .map(|item| item[member].as_str().unwrap().to_owned())
        .collect()
}

const SUMMIT: &str = "/news/diplomatie/sommet-des-ports-cotonou-escale-unique";

/// Each element of a news portal's article page, in French.
#[actix_web::test]
async fn the_page_of_an_article_has_all_that_a_portal_shows() {
    let app = demo().await;
    let page = article_page(&app, SUMMIT).await.expect(200).json;
    let article = &page["article"];

    assert_eq!(
        texts(&article["breadcrumb"], "label"),
        ["Accueil", "News", "Diplomatie"]
    );
    assert_eq!(
        texts(&article["breadcrumb"], "path"),
        ["/", "/news", "/news/diplomatie"]
    );
    assert_eq!(
        article["title"],
        "Sept ports s’entendent à Cotonou sur un dossier d’escale unique"
    );
    assert_eq!(article["kicker"], "Golfe de Guinée");
    assert!(article["standfirst"].as_str().unwrap().starts_with("Après trois jours"));
    assert_eq!(texts(&article["contributors"], "slug"), ["rosine-hounkpe"]);
    assert_eq!(article["published_at"], "2026-11-23T05:00:00.000Z");
    assert_eq!(article["lead_image"], Value::Null, "the card's name is `image`");
    assert!(article["image"]["alt"].as_str().unwrap().starts_with("Des délégués"));
    let kinds = texts(&article["blocks"], "type");
    assert!(
        kinds.contains(&"quote".to_owned()) && !kinds.contains(&"ad_slot".to_owned()),
        "{kinds:?}"
    );
    assert_eq!(texts(&article["ad_placements"], "slot"), ["pave", "pave"]);
    let ids = texts(&article["blocks"], "id");
    for placement in article["ad_placements"].as_array().unwrap() {
        let after = placement["after_block_id"].as_str().unwrap();
        let place = ids.iter().position(|id| id == after).unwrap();
        assert!(kinds[place] != "heading" && place + 1 < ids.len(), "{placement}");
    }

    let lists = page["lists"].as_array().unwrap();
    let sections: Vec<&str> = lists
        .iter()
        .filter_map(|list| list["section"]["label"].as_str())
        .collect();
    assert_eq!(
        sections,
        ["News", "Économie", "Sport", "Culture", "Opinions", "Sciences"]
    );
    for list in lists.iter().filter(|list| list["source"] == "top_sections") {
        let items = list["items"].as_array().unwrap();
        assert!(!items.is_empty() && items.len() <= 5, "{}", list["section"]);
        for card in items {
            assert!(card["section"]["label"].is_string(), "{card}");
            assert_ne!(card["id"], article["id"]);
        }
    }
    let related = &lists[0];
    assert_eq!(
        (&related["key"], &related["source"]),
        (&json!("related"), &json!("related"))
    );
    let titles = texts(&related["items"], "title");
    assert_eq!(titles.len(), 5);
    // What an editor chose comes first; the third of these is a draft.
    assert_eq!(
        titles[..2],
        [
            "Frontières ouvertes, guichets fermés",
            "Une carte étudiante pour voyager d’un campus à l’autre, de Dakar à Calabar"
        ]
    );
    assert!(titles.iter().all(|title| !title.contains("Sept ports")), "{titles:?}");
    assert_eq!(texts(&article["related"], "title")[..5], titles);

    let site = &page["site"];
    assert_eq!(texts(&site["logos"], "role"), ["primary", "square", "favicon"]);
    assert_eq!(texts(&site["menus"], "key"), ["pied", "principal"]);
    let main = &site["menus"][1]["items"];
    assert_eq!(
        texts(main, "label"),
        [
            "Accueil",
            "News",
            "Économie",
            "Sport",
            "Culture",
            "Sciences",
            "Opinions"
        ]
    );
    assert_eq!(
        main[1]["children"][0]["url"],
        "https://www.lefanal.test/news/diplomatie"
    );
    let foot = &site["menus"][0]["items"][0]["children"];
    assert_eq!(
        texts(foot, "path"),
        ["/tag/sommet-des-ports", "/tag/carnets-de-lagune", SUMMIT]
    );
    assert_eq!(texts(&site["ad_slots"], "key"), ["haut", "pave"]);
    assert_eq!(texts(&site["social_links"], "network"), ["mastodon", "facebook", "rss"]);

    let form = &article["comments"];
    assert_eq!((&form["is_open"], &form["open_until"]), (&json!(true), &Value::Null));
    assert_eq!(form["required"], json!(["author_name", "body"]));
    assert_eq!(form["body_max_length"], 5_000);
    assert_eq!(page["captcha"], json!({"kind": "none", "site_key": null}));
    let threads = &article["comment_threads"];
    let alone = app
        .guest()
        .get(&format!("/v1/articles/{}/comments", article["id"].as_str().unwrap()))
        .await;
    assert_eq!(*threads, alone.expect(200).json);
    assert!(!threads["items"].as_array().unwrap().is_empty());
    assert_eq!(article["canonical_url"], format!("https://www.lefanal.test{SUMMIT}"));
    assert_eq!(
        (&article["alternates"], &article["translations"]),
        (&json!([]), &json!([]))
    );
    let told = &article["jsonld"];
    assert_eq!(told["article"]["@type"], "NewsArticle");
    assert_eq!(told["article"]["author"][0]["name"], article["contributors"][0]["name"]);
    assert_eq!(
        texts(&told["breadcrumbs"]["itemListElement"], "name"),
        ["Accueil", "News", "Diplomatie"]
    );
    assert_eq!(site["jsonld"]["@type"], "WebSite");
    let package = &article["packages"][0];
    assert_eq!(package["title"], "Le Sommet des ports");
    assert_eq!(
        (&package["place"], &package["article_count"], &package["previous"]),
        (&json!(1), &json!(3), &Value::Null)
    );
    assert_eq!(package["next"]["title"], "Frontières ouvertes, guichets fermés");
    let breaking = &page["breaking"];
    assert_eq!(breaking[0]["breaking"], true);
    assert!(breaking[0]["title"].as_str().unwrap().starts_with("Pluies à Cotonou"));
}

/// What an article has beside it comes only where it is asked for, and then alike everywhere.
#[actix_web::test]
async fn include_says_what_comes_beside_an_article() {
    let app = demo().await;
    let page = article_page(&app, SUMMIT).await.expect(200).json;
    let id = page["article"]["id"].as_str().unwrap();
    let all = "include=related,translations&include=packages,comments,jsonld";
    for base in [
        format!("/v1/articles/{id}?"),
        format!("/v1/articles/by-path?path={SUMMIT}&"),
    ] {
        let article = app.guest().get(&format!("{base}{all}")).await.expect(200).json;
        assert_eq!(article, page["article"], "{base}");
    }
    let plain = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json;
    for name in ["related", "translations", "packages", "comment_threads", "jsonld"] {
        assert_eq!(plain[name], Value::Null, "{name}");
    }
    let refused = app.guest().get(&format!("/v1/articles/{id}?include=drafts")).await;
    let detail = refused.problem(400, "invalid_parameter").json["detail"].to_string();
    assert!(
        detail.contains("related, translations, packages, comments, jsonld"),
        "{detail}"
    );
}

/// Related articles and breaking news are lists of their own too.
#[actix_web::test]
async fn related_articles_and_breaking_news_are_lists() {
    let app = demo().await;
    let page = article_page(&app, SUMMIT).await.expect(200).json;
    let id = page["article"]["id"].as_str().unwrap();
    let related = app.guest().get(&format!("/v1/articles/{id}/related")).await.expect(200);
    assert_eq!(related.json["items"], page["article"]["related"]);
    assert_eq!(
        related.json["page"],
        json!({"next_cursor": null, "has_more": false, "total_count": null, "total_is_capped": null})
    );
    let breaking = app.guest().get("/v1/breaking").await.expect(200);
    assert_eq!(breaking.json["items"], page["breaking"]);
    app.clock.advance_seconds(2 * 3_600);
    assert_eq!(
        app.guest().get("/v1/breaking").await.expect(200).json["items"],
        json!([])
    );
    let admin = app.admin();
    let section = admin.section("Ailleurs", None).await;
    let alone = admin.published("Seul", &section).await;
    let none = app
        .guest()
        .get(&format!("/v1/articles/{alone}/related"))
        .await
        .expect(200);
    assert_eq!(none.json["items"], json!([]));
    // Retracted, it goes with nothing any more.
    let chosen = page["article"]["related"][0]["id"].as_str().unwrap();
    admin
        .take(chosen, "retract", json!({"notice": "Rétracté."}))
        .await
        .expect(200);
    let related = app.guest().get(&format!("/v1/articles/{id}/related")).await.expect(200);
    assert!(!related.items("id").contains(&chosen.to_owned()));
}

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
        .get(&format!("/v1/articles?section={id}"))
        .await
        .expect(200)
        .json;
    assert_eq!(page["articles"], list);
    let cursor = page["articles"]["page"]["next_cursor"].as_str().unwrap();
    let rest = app
        .guest()
        .get(&format!("/v1/articles?section={id}&cursor={cursor}"))
        .await;
    assert!(!rest.expect(200).items("id").is_empty());
    let lists = page["lists"].as_array().unwrap();
    assert_eq!(lists.len(), below.len());
    assert!(lists.iter().all(|list| list["key"] == "subsections"));
    app.guest()
        .get("/v1/pages/section?path=/rien")
        .await
        .problem(404, "not_found");
    // An article is no section.
    app.guest()
        .get(&format!("/v1/pages/section?path={SUMMIT}"))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn the_home_page_has_what_stands_out_and_the_latest_of_every_section() {
    let app = demo().await;
    let page = app.guest().get("/v1/pages/home").await.expect(200).json;
    let list = app.guest().get("/v1/articles").await.expect(200).json;
    assert_eq!(page["articles"], list);
    let lists = page["lists"].as_array().unwrap();
    assert_eq!(lists[0]["source"], "featured");
    assert!(
        lists[0]["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|card| card["featured"] == true)
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
    make("Deux", &sport, json!({"featured": true})).await;
    app.clock.advance_seconds(1);
    make(
        "Trois",
        &mali,
        json!({"tag_ids": [tag], "featured": true, "breaking_until": "2026-11-23T10:00:00Z"}),
    )
    .await;
    app.clock.advance_seconds(1);
    let own = make("Quatre", &mali, json!({"tag_ids": [tag]})).await;
    let list = |key: &str, source: &str, more: Value| {
        let mut list = json!({"key": key, "source": source, "label": key, "limit": 2});
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
    for (path, most) in [
        (format!("/v1/pages/article?path={SUMMIT}"), 12),
        ("/v1/pages/section?path=/news".to_owned(), 12),
        ("/v1/pages/home".to_owned(), 12),
        (format!("/v1/articles/{id}"), 5),
        (format!("/v1/articles/{id}/comments"), 9),
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
        page["article"]["comment_threads"]["items"][0]["replies"][0]["badges"],
        json!(["staff", "author"])
    );
}

/// Moved things answer with where they are, withdrawn ones with what became of them.
#[actix_web::test]
async fn a_page_that_moved_says_where_it_is() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let article = admin.published("Le sommet", &news).await;
    let version = admin.version_of(&format!("/v1/editorial/sections/{news}")).await;
    let renamed = json!({"slug": "actualites", "labels": {"en": "News in English"}});
    admin
        .patch(&format!("/v1/editorial/sections/{news}"), version, renamed)
        .await
        .expect(200);
    for (old, new) in [("/news", "/actualites"), ("/en/news", "/en/actualites")] {
        let moved = app
            .guest()
            .get(&format!("/v1/pages/section?path={old}"))
            .await
            .expect(308);
        assert_eq!(
            moved.header("location"),
            format!("/v1/pages/section?path={}", escaped(new))
        );
    }
    let english = app
        .guest()
        .get("/v1/pages/section?path=/en/actualites")
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&english["section"]["label"], &english["site"]["locale"]),
        (&json!("News in English"), &json!("en"))
    );
    assert_eq!(english["articles"]["items"], json!([]));
    admin.edit(&article, json!({"slug": "la-fin"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    let moved = article_page(&app, "/news/le-sommet").await.expect(308);
    assert_eq!(
        moved.header("location"),
        format!("/v1/pages/article?path={}", escaped("/actualites/la-fin"))
    );
    admin.take(&article, "unpublish", json!({})).await.expect(200);
    article_page(&app, "/actualites/la-fin").await.problem(404, "not_found");
    admin.publish(&article).await.expect(200);
    admin
        .take(&article, "kill", json!({"reason": "Diffamation"}))
        .await
        .expect(200);
    article_page(&app, "/actualites/la-fin").await.problem(410, "gone");
}
