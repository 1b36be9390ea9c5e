//! The page of an article: that of an article of the demo, element by element, and what may come beside one.

use serde_json::{Value, json};

use super::{SUMMIT, article_page, demo, texts};
use crate::support::TestApp;
use crate::support::newsroom::bilingual;
use crate::support::requests::escaped;

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
    assert_eq!(article["image"], Value::Null);
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
    // What goes with it stands once.
    assert_eq!(article["related"], Value::Null);
    assert_eq!(related["label"], "À lire aussi");

    let site = &page["site"];
    assert_eq!(site["logos"], json!([]));
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
    assert_eq!(texts(&site["social_links"], "network"), ["mastodon", "facebook"]);

    let form = &article["comment_policy"];
    assert_eq!((&form["is_open"], &form["open_until"]), (&json!(true), &Value::Null));
    assert_eq!(form["required"], json!(["author_name", "body"]));
    assert_eq!(form["body_max_length"], 5_000);
    assert_eq!(page["captcha"], json!({"kind": "none", "site_key": null}));
    let threads = &article["comments"];
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
    let head = &page["head"];
    assert_eq!(head["canonical_url"], article["canonical_url"]);
    assert_eq!(head["robots"], "index, follow, max-image-preview:large");
    assert_eq!(
        texts(&head["feeds"], "url")[0],
        "https://www.lefanal.test/feeds/rss?section=%2Fnews%2Fdiplomatie"
    );
    assert_eq!((&head["alternates"], &article["jsonld"]), (&json!([]), &Value::Null));
    let told = &head["jsonld"];
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
        (&package["position"], &package["article_count"], &package["previous"]),
        (&json!(1), &json!(3), &Value::Null)
    );
    assert_eq!(package["next"]["title"], "Frontières ouvertes, guichets fermés");
    let breaking = &page["breaking"];
    assert_eq!(breaking[0]["is_breaking"], true);
    assert_eq!((&page["is_preview"], &page["state"]), (&json!(false), &Value::Null));
    assert!(breaking[0]["title"].as_str().unwrap().starts_with("Pluies à Cotonou"));
}

/// What an article has beside it comes only where it is asked for, and then alike everywhere.
#[actix_web::test]
async fn include_says_what_comes_beside_an_article() {
    let app = demo().await;
    let all = "include=related,translations&include=packages,comments";
    let page = app
        .guest()
        .get(&format!("/v1/pages/article?path={SUMMIT}&cards=full&{all}"))
        .await
        .expect(200)
        .json;
    let id = page["article"]["id"].as_str().unwrap();
    // Where it is in the article, it is no list of the page.
    assert!(texts(&page["lists"], "source").iter().all(|source| source != "related"));
    assert_eq!(page["head"]["jsonld"], json!({"article": null, "breadcrumbs": null}));
    let alone = app.guest().get(&format!("/v1/articles/{id}?include=jsonld")).await;
    let page_alone = article_page(&app, SUMMIT).await.expect(200).json;
    assert_eq!(alone.expect(200).json["jsonld"], page_alone["head"]["jsonld"]);
    for base in [
        format!("/v1/articles/{id}?"),
        format!("/v1/articles/by-path?path={SUMMIT}&"),
    ] {
        let article = app.guest().get(&format!("{base}{all}")).await.expect(200).json;
        assert_eq!(article, page["article"], "{base}");
    }
    let plain = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json;
    for name in ["related", "translations", "packages", "comments", "jsonld"] {
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
    let page = app
        .guest()
        .get(&format!("/v1/pages/article?path={SUMMIT}&cards=full&include=related"))
        .await
        .expect(200)
        .json;
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

#[actix_web::test]
async fn the_demo_links_to_nothing_that_is_not_there() {
    let app = demo().await;
    for path in ["/v1/articles/full?limit=100", "/v1/site", "/v1/contributors?limit=100"] {
        let answer = app.guest().get(path).await.expect(200);
        assert!(!answer.text.contains(".example"), "{path}: {}", answer.text);
    }
}
