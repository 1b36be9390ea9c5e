//! RSS, Atom and JSON Feed: each is what its specification asks for.

use diesel::prelude::*;
use masthead::base::db::schema::published_articles;
use serde_json::json;

use super::{FORMATS, Paper, title};
use crate::support::PUBLIC_URL;
use crate::support::xml::{Element, parse};

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
