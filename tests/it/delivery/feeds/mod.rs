//! Feeds: read back by a parser that is not ours, held against the formats, and true to what is live.

use actix_web::http::Method;
use diesel::prelude::*;
use feed_rs::model::{Entry, Feed};
use masthead::base::db::schema::published_articles;
use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::xml::{Element, parse};
use crate::support::{Answer, Client, PUBLIC_URL, TestApp};

const FORMATS: [(&str, &str); 3] = [
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("json", "application/feed+json"),
];

/// A newsroom with one article that has everything.
struct Paper {
    app: TestApp,
    admin: Client,
    section: String,
    below: String,
    tag: String,
    person: String,
    /// The article that has everything.
    rich: String,
}

impl Paper {
    async fn new() -> Self {
        let site = Site {
            name: "Le Fanal & Cie".to_owned(),
            locales: vec!["fr".to_owned(), "en".to_owned()],
            ..Site::default()
        };
        let app = TestApp::with_site(&site).await;
        let admin = app.admin();
        let section = admin.section("News", None).await;
        let below = admin.section("Mali", Some(&section)).await;
        let (tag, person) = (admin.tag("Paix & armes").await, admin.contributor("Awa Bah").await);
        let image = json!({"url": "https://i.test/a.jpg?a=1&b=2", "alt": "Le \"port\"", "caption": "Vu <d’en haut>",
            "credit": "AFP", "width": 800, "height": 600});
        let blocks = json!([
            {"type": "paragraph", "html": "Le <b>port</b> rouvre, <a href=\"/news\">enfin</a> ]]&gt; &amp; là."},
            {"type": "raw_html", "html": "<p>Brut</p>"}]);
        let rich = admin
            .make(
                json!({"locale": "fr", "title": "Tom & <Jerry> « au port »", "standfirst": "Un < deux & trois",
                "section_id": below, "tag_ids": [tag], "contributors": [{"contributor_id": person}],
                "lead_image": image, "blocks": blocks}),
            )
            .await;
        admin.publish(&rich).await.expect(200);
        Self {
            app,
            admin,
            section,
            below,
            tag,
            person,
            rich,
        }
    }

    async fn answer(&self, format: &str, query: &str) -> Answer {
        self.app.guest().get(&format!("/feeds/{format}?{query}")).await
    }

    /// A feed as a parser reads it, which must find nothing wrong.
    async fn read(&self, format: &str, query: &str) -> Feed {
        let answer = self.answer(format, query).await.expect(200);
        feed_rs::parser::parse(answer.text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
    }

    /// The headlines of a feed, the same in every format.
    async fn titles(&self, query: &str) -> Vec<String> {
        let mut all = Vec::new();
        for (format, _) in FORMATS {
            let feed = self.read(format, query).await;
            all.push(feed.entries.iter().map(title).collect::<Vec<_>>());
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{query}: {all:?}");
        all.remove(0)
    }

    /// An article that is published some seconds later than the one before.
    async fn next(&self, body: Value) -> String {
        self.app.clock.advance_seconds(60);
        let mut whole = json!({"locale": "fr", "section_id": self.section});
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let id = self.admin.make(whole).await;
        self.admin.publish(&id).await.expect(200);
        id
    }
}

fn title(entry: &Entry) -> String {
    entry.title.as_ref().unwrap().content.clone()
}

#[actix_web::test]
async fn every_format_is_read_back_and_says_the_same() {
    let paper = Paper::new().await;
    for (format, media_type) in FORMATS {
        let answer = paper.answer(format, "").await.expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        let feed = paper.read(format, "").await;
        assert_eq!(feed.title.unwrap().content, "Le Fanal & Cie", "{format}");
        assert_eq!(feed.language.as_deref(), Some("fr"), "{format}");
        let links: Vec<&str> = feed.links.iter().map(|link| link.href.as_str()).collect();
        assert!(
            links.contains(&format!("{PUBLIC_URL}/").as_str()),
            "{format}: {links:?}"
        );
        assert!(
            links.contains(&format!("{PUBLIC_URL}/feeds/{format}").as_str()),
            "{format}: {links:?}"
        );
        let [entry] = feed.entries.as_slice() else {
            panic!("{format}")
        };
        assert_eq!(title(entry), "Tom & <Jerry> « au port »", "{format}");
        assert_eq!(entry.id, format!("urn:uuid:{}", paper.rich), "{format}");
        let page = format!("{PUBLIC_URL}/news/mali/tom-jerry-au-port");
        assert!(
            entry.links.iter().any(|link| link.href == page),
            "{format}: {:?}",
            entry.links
        );
        let published = entry.published.unwrap().to_rfc3339();
        assert_eq!(published, "2026-11-23T08:00:00+00:00", "{format}");
        assert_eq!(entry.authors[0].name.as_deref(), Some("Awa Bah"), "{format}");
        let labels: Vec<&str> = entry
            .categories
            .iter()
            .map(|category| category.label.as_deref().unwrap_or(&category.term))
            .collect();
        assert_eq!(labels, ["Mali", "Paix & armes"], "{format}");
        assert!(
            !answer.text.contains("Le <b>port</b>") && !answer.text.contains("rouvre"),
            "{format}: a body"
        );
    }
}

#[actix_web::test]
async fn rss_is_what_its_specification_asks_for() {
    let paper = Paper::new().await;
    let rss = parse(&paper.answer("rss", "content=full").await.expect(200).text);
    assert_eq!((rss.name.as_str(), rss.attribute("version")), ("rss", "2.0"));
    let channel = rss.one("channel");
    for (member, expected) in [
        ("title", "Le Fanal & Cie"),
        ("link", "https://www.lefanal.test/"),
        ("description", "Le Fanal & Cie"),
        ("language", "fr"),
        ("lastBuildDate", "Mon, 23 Nov 2026 08:00:00 GMT"),
    ] {
        assert_eq!(channel.say(member), expected, "{member}");
    }
    let link = channel.one("atom:link");
    assert_eq!(link.attribute("href"), format!("{PUBLIC_URL}/feeds/rss?content=full"));
    assert_eq!(
        (link.attribute("rel"), link.attribute("type")),
        ("self", "application/rss+xml")
    );
    let item = channel.one("item");
    assert_eq!(item.one("guid").attribute("isPermaLink"), "false");
    let date = chrono::DateTime::parse_from_rfc2822(item.say("pubDate")).unwrap();
    assert_eq!(date.to_rfc3339(), "2026-11-23T08:00:00+00:00");
    assert_eq!(item.say("dc:creator"), "Awa Bah");
    assert_eq!(item.say("description"), "<p>Un &lt; deux &amp; trois</p>");
    let content = item.say("content:encoded");
    for part in [
        "<p>Un &lt; deux &amp; trois</p><figure><img src=\"https://i.test/a.jpg?a=1&amp;b=2\"",
        "<p>Le <b>port</b> rouvre, <a href=\"https://www.lefanal.test/news\"",
        "]]&gt; &amp; là.</p><p>Brut</p>",
    ] {
        assert!(content.contains(part), "{part} in {content}");
    }
    let media = item.one("media:content");
    let attributes = ["url", "medium", "type", "width", "height"].map(|name| media.attribute(name));
    assert_eq!(
        attributes,
        ["https://i.test/a.jpg?a=1&b=2", "image", "image/jpeg", "800", "600"]
    );
    assert_eq!(
        (media.say("media:description"), media.say("media:credit")),
        ("Vu <d’en haut>", "AFP")
    );
    assert!(item.all("enclosure").is_empty(), "nobody knows its length");
    // Each element of a channel and an item stands there once, but for those that may be repeated.
    for element in [channel, item] {
        for child in &element.children {
            let may_repeat = ["item", "category", "dc:creator"].contains(&child.name.as_str());
            assert!(may_repeat || element.all(&child.name).len() == 1, "{}", child.name);
        }
    }
}

#[actix_web::test]
async fn atom_is_what_its_specification_asks_for() {
    let paper = Paper::new().await;
    paper.next(json!({"title": "Sans auteur"})).await;
    let query = "tag=paix-armes&limit=5&content=full";
    let feed = parse(&paper.answer("atom", query).await.expect(200).text);
    assert_eq!(feed.attribute("xmlns"), "http://www.w3.org/2005/Atom");
    assert_eq!(feed.attribute("xml:lang"), "fr");
    // The id is the same however many are asked for, and however much of them.
    assert_eq!(feed.say("id"), format!("{PUBLIC_URL}/feeds/atom?tag=paix-armes"));
    assert_eq!(feed.say("title"), "Le Fanal & Cie – Paix & armes");
    let whole = parse(&paper.answer("atom", "").await.expect(200).text);
    assert_eq!(whole.say("id"), format!("{PUBLIC_URL}/feeds/atom"));
    let dated = |element: &Element| {
        let date = chrono::DateTime::parse_from_rfc3339(element.say("updated"));
        date.unwrap_or_else(|error| panic!("{error}: {}", element.say("updated")));
    };
    let links = |element: &Element| -> Vec<(String, String)> {
        let links = element.all("link").into_iter();
        links
            .map(|link| (link.attribute("rel").to_owned(), link.attribute("href").to_owned()))
            .collect()
    };
    let expected = [
        ("self", format!("/feeds/atom?{query}")),
        ("alternate", "/tag/paix-armes".to_owned()),
    ];
    let expected = expected.map(|(rel, path)| (rel.to_owned(), format!("{PUBLIC_URL}{path}")));
    assert_eq!(links(&feed), expected);
    assert_eq!(
        feed.one("author").say("name"),
        "Le Fanal & Cie",
        "entries without an author have the feed’s"
    );
    dated(&feed);
    let entry = feed.one("entry");
    dated(entry);
    for (member, expected) in [
        ("id", format!("urn:uuid:{}", paper.rich)),
        ("published", "2026-11-23T08:00:00.000Z".to_owned()),
        ("summary", "<p>Un &lt; deux &amp; trois</p>".to_owned()),
    ] {
        assert_eq!(entry.say(member), expected, "{member}");
    }
    assert_eq!(entry.attribute("xml:lang"), "fr");
    assert_eq!(
        (
            entry.one("summary").attribute("type"),
            entry.one("content").attribute("type")
        ),
        ("html", "html")
    );
    assert_eq!(entry.one("author").say("uri"), format!("{PUBLIC_URL}/auteur/awa-bah"));
    let categories = entry.all("category").into_iter();
    let categories: Vec<_> = categories
        .map(|one| (one.attribute("term"), one.attribute("label")))
        .collect();
    assert_eq!(categories, [("mali", "Mali"), ("paix-armes", "Paix & armes")]);
    let enclosures: Vec<_> = entry
        .all("link")
        .into_iter()
        .filter(|link| link.attribute("rel") == "enclosure")
        .collect();
    assert_eq!(enclosures[0].attribute("type"), "image/jpeg");
    assert_eq!(whole.all("entry").len(), 2);
    assert!(whole.all("entry")[0].all("author").is_empty());
}

#[actix_web::test]
async fn json_feed_is_what_its_specification_asks_for() {
    let paper = Paper::new().await;
    paper.next(json!({"title": "Rien que le titre"})).await;
    let feed = paper.answer("json", "content=full").await.expect(200).json;
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["home_page_url"], format!("{PUBLIC_URL}/"));
    assert_eq!(feed["feed_url"], format!("{PUBLIC_URL}/feeds/json?content=full"));
    assert_eq!(
        feed["authors"],
        json!([{"name": "Le Fanal & Cie", "url": format!("{PUBLIC_URL}/")}])
    );
    let [bare, rich] = feed["items"].as_array().unwrap().as_slice() else {
        panic!("{feed}")
    };
    assert_eq!(
        (&rich["summary"], &rich["image"]),
        (&json!("Un < deux & trois"), &json!("https://i.test/a.jpg?a=1&b=2"))
    );
    assert_eq!(rich["tags"], json!(["Mali", "Paix & armes"]));
    assert_eq!(
        rich["authors"],
        json!([{"name": "Awa Bah", "url": format!("{PUBLIC_URL}/auteur/awa-bah")}])
    );
    assert!(rich["content_html"].as_str().unwrap().contains("<p>Brut</p>"));
    // What there is nothing to say of is left out, and never null.
    for member in ["summary", "image"] {
        assert!(bare.get(member).is_none(), "{bare}");
    }
    assert!(!feed.to_string().contains("null"), "{feed}");
    let summary = paper.answer("json", "limit=1").await.expect(200).json;
    assert_eq!(summary["items"][0]["content_html"], "<p>Rien que le titre</p>");
}

#[actix_web::test]
async fn a_feed_is_of_what_the_filters_choose() {
    let paper = Paper::new().await;
    paper.next(json!({"title": "Deux", "type": "opinion"})).await;
    paper.next(json!({"title": "Three", "locale": "en"})).await;
    let rich = "Tom & <Jerry> « au port »";
    let (person, tag) = (format!("contributor={}", paper.person), format!("tag={}", paper.tag));
    let below = format!("section={}", paper.below);
    for (query, expected) in [
        ("", vec!["Deux", rich]),
        ("limit=1", vec!["Deux"]),
        ("section=/news", vec!["Deux", rich]),
        ("section=/news&exact_section=true", vec!["Deux"]),
        ("section=/news/mali", vec![rich]),
        (&below, vec![rich]),
        (&tag, vec![rich]),
        ("tag=paix-armes", vec![rich]),
        (&person, vec![rich]),
        ("contributor=awa-bah&type=opinion", vec![]),
        ("type=opinion", vec!["Deux"]),
        ("type=opinion,article", vec!["Deux", rich]),
        ("locale=en", vec!["Three"]),
        ("locale=*", vec!["Three", "Deux", rich]),
        ("tag=inconnu", vec![]),
        ("published_before=2026-11-23T08:00:30Z", vec![rich]),
    ] {
        assert_eq!(paper.titles(query).await, expected, "{query}");
    }
    for (query, name, page) in [
        ("section=/news/mali", "Mali", "/news/mali"),
        ("section=/news/mali&locale=en", "Mali", "/en/news/mali"),
        ("contributor=awa-bah", "Awa Bah", "/auteur/awa-bah"),
    ] {
        let channel = parse(&paper.answer("rss", query).await.expect(200).text);
        let channel = channel.one("channel");
        assert_eq!(channel.say("title"), format!("Le Fanal & Cie – {name}"), "{query}");
        assert_eq!(channel.say("link"), format!("{PUBLIC_URL}{page}"), "{query}");
    }
    let all = parse(&paper.answer("rss", "locale=*").await.expect(200).text);
    assert!(
        all.one("channel").all("language").is_empty(),
        "several languages are none"
    );
    for bad in ["limit=0", "limit=101", "content=tout", "locale=xx", "section=news"] {
        paper.answer("atom", bad).await.problem(400, "invalid_parameter");
    }
    for bad in ["sort=published_at", "cursor=x", "q=x"] {
        paper.answer("rss", bad).await.problem(400, "unknown_parameter");
    }
}

#[actix_web::test]
async fn what_not_everybody_may_read_is_never_told_in_full() {
    let paper = Paper::new().await;
    for access in ["registered", "subscribers"] {
        let blocks = json!([{"type": "paragraph", "html": "Zqxj"}]);
        paper
            .next(json!({"title": access, "standfirst": "Ouvert", "access": access, "blocks": blocks}))
            .await;
    }
    for (format, _) in FORMATS {
        let text = paper.answer(format, "content=full").await.expect(200).text;
        assert!(!text.contains("Zqxj") && text.contains("Ouvert"), "{format}: {text}");
        assert!(text.contains("Brut"), "{format}: what everybody may read is there");
    }
}

#[actix_web::test]
async fn corrections_and_withdrawals_are_told() {
    let paper = Paper::new().await;
    let ids = [
        paper
            .next(json!({"title": "Corrigé", "standfirst": "Texte corrigé"}))
            .await,
        paper
            .next(json!({"title": "Retiré", "standfirst": "Zqxj", "tag_ids": [paper.tag],
            "blocks": [{"type": "paragraph", "html": "Zqxj"}]}))
            .await,
        paper.next(json!({"title": "Parti", "standfirst": "Zqxj"})).await,
        paper.next(json!({"title": "Tué", "standfirst": "Zqxj"})).await,
    ];
    paper.app.clock.advance_seconds(60);
    let correction = json!({"kind": "correction", "text": "C’était <mardi>."});
    paper.admin.take(&ids[0], "correct", correction).await.expect(200);
    paper
        .admin
        .take(&ids[1], "retract", json!({"notice": "Rien n’est vrai."}))
        .await
        .expect(200);
    paper.admin.take(&ids[2], "unpublish", json!({})).await.expect(200);
    paper
        .admin
        .take(&ids[3], "kill", json!({"notice": "Retiré.", "reason": "legal"}))
        .await
        .expect(200);
    let rich = "Tom & <Jerry> « au port »";
    let withdrawn = "Article retiré\u{a0}: Retiré";
    for content in ["summary", "full"] {
        let query = format!("content={content}");
        assert_eq!(paper.titles(&query).await, [withdrawn, "Corrigé", rich]);
        for (format, _) in FORMATS {
            let text = paper.answer(format, &query).await.expect(200).text;
            assert!(!text.contains("Zqxj"), "{format} {content}: {text}");
        }
        let feed = parse(&paper.answer("atom", &query).await.expect(200).text);
        let entries = feed.all("entry");
        let expected = "<p><strong>Article retiré</strong>\u{a0}: Rien n’est vrai.</p>";
        assert_eq!(entries[0].say("summary"), expected);
        let expected = "<p><strong>Correction</strong>\u{a0}: C’était &lt;mardi&gt;.</p><p>Texte corrigé</p>";
        assert_eq!(entries[1].say("summary"), expected);
        for (entry, published) in [(entries[0], "08:02"), (entries[1], "08:01")] {
            assert_eq!(entry.say("published"), format!("2026-11-23T{published}:00.000Z"));
            assert_eq!(entry.say("updated"), "2026-11-23T08:05:00.000Z", "the change is told");
        }
        assert_eq!(feed.say("updated"), "2026-11-23T08:05:00.000Z");
    }
    // A withdrawn article is in the feeds in which it was, and takes the place that it had.
    for (query, expected) in [
        ("tag=paix-armes", vec![withdrawn, rich]),
        ("section=/news&exact_section=true", vec![withdrawn, "Corrigé"]),
        ("section=/news/mali", vec![rich]),
        ("contributor=awa-bah", vec![rich]),
        ("locale=en", vec![]),
        ("type=opinion", vec![]),
        ("limit=1", vec![withdrawn]),
        ("limit=2", vec![withdrawn, "Corrigé"]),
        ("published_before=2026-11-23T08:01:30Z", vec!["Corrigé", rich]),
    ] {
        assert_eq!(paper.titles(query).await, expected, "{query}");
    }
    // Beyond what the feed shows it is not told of.
    for number in 0..3 {
        paper.next(json!({"title": format!("Neuf {number}")})).await;
    }
    assert_eq!(paper.titles("limit=3").await, ["Neuf 2", "Neuf 1", "Neuf 0"]);
}

#[actix_web::test]
async fn a_feed_that_has_not_changed_is_not_sent_again() {
    let paper = Paper::new().await;
    for (format, _) in FORMATS {
        let path = format!("/feeds/{format}");
        let first = paper.app.guest().get(&path).await.expect(200);
        let changed_at = first.header("last-modified");
        assert_eq!(changed_at.len(), "Mon, 23 Nov 2026 08:00:00 GMT".len(), "{changed_at}");
        assert!(changed_at.starts_with("Mon, 23 Nov 2026 08:0"), "{changed_at}");
        for (name, expected) in [("surrogate-key", "feeds articles"), ("vary", "Accept-Encoding")] {
            assert_eq!(first.header(name), expected);
        }
        assert!(first.header("cache-control").contains("s-maxage=30"));
        let ask = |tag: &str| {
            paper
                .app
                .guest()
                .request(Method::GET, &path)
                .header("if-none-match", tag)
        };
        let same = ask(first.header("etag")).send().await.expect(304);
        assert_eq!((same.text.as_str(), same.header("etag")), ("", first.header("etag")));
        // A date decides nothing.
        let dated = paper.app.guest().request(Method::GET, &path);
        let dated = dated.header("if-modified-since", "Mon, 23 Nov 2026 08:00:00 GMT");
        dated.send().await.expect(200);
        paper.next(json!({"title": format!("Neuf en {format}")})).await;
        let changed = ask(first.header("etag")).send().await.expect(200);
        assert_ne!(changed.header("etag"), first.header("etag"));
    }
}

#[actix_web::test]
async fn what_no_xml_can_hold_is_left_out() {
    let paper = Paper::new().await;
    paper
        .next(json!({"title": "Avant§après", "standfirst": "Un§deux"}))
        .await;
    paper
        .app
        .db()
        .write_blocking(|conn| {
            let rows: Vec<(String, String)> = published_articles::table
                .select((published_articles::id, published_articles::card_json))
                .load(conn)?;
            for (id, json) in rows {
                diesel::update(published_articles::table.find(id))
                    .set(published_articles::card_json.eq(json.replace('§', "\\u000b\\uffff\\u001b")))
                    .execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
    for format in ["rss", "atom"] {
        let feed = paper.read(format, "limit=1").await;
        assert_eq!(title(&feed.entries[0]), "Avantaprès", "{format}");
        parse(&paper.answer(format, "").await.expect(200).text);
    }
    let news = parse(&paper.app.guest().get("/sitemap-news.xml").await.expect(200).text);
    assert_eq!(news.children[0].one("news:news").say("news:title"), "Avantaprès");
}
