//! What stands in a feed: what was chosen, corrections, and no text that not everybody may read.

use actix_web::http::Method;
use serde_json::json;

use super::{FORMATS, Paper};
use crate::support::PUBLIC_URL;
use crate::support::xml::parse;

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
async fn what_others_add_to_the_address_of_a_feed_makes_no_other_feed() {
    let paper = Paper::new().await;
    for (format, _) in FORMATS {
        let plain = paper.answer(format, "limit=5&section=/news").await.expect(200).text;
        for query in [
            "utm_source=x&limit=5&section=/news",
            "limit=5&section=/news&fbclid=a%20b&v=2",
            "v&limit=5&section=/news&=",
        ] {
            assert_eq!(
                paper.answer(format, query).await.expect(200).text,
                plain,
                "{format} {query}"
            );
        }
    }
}

#[actix_web::test]
async fn an_article_without_a_standfirst_has_its_first_sentences_where_everybody_may_read_it() {
    let paper = Paper::new().await;
    let first = "La pluie tombe < depuis mardi. ".repeat(4);
    let text = |html: &str| json!([{"type": "paragraph", "html": html.replace('<', "&lt;")}]);
    let blocks = text(&format!("{first}La suite & fin."));
    paper.next(json!({"title": "Ouvert", "blocks": blocks})).await;
    paper
        .next(json!({"title": "Fermé", "access": "subscribers", "blocks": text("Zqxj.")}))
        .await;
    paper.next(json!({"title": "Sans texte"})).await;
    for (format, _) in FORMATS {
        let feed = paper.read(format, "").await;
        let said = |title: &str| {
            let entry = feed.entries.iter().find(|entry| super::title(entry) == title).unwrap();
            let content = entry.content.as_ref().and_then(|content| content.body.clone());
            entry.summary.as_ref().map(|text| text.content.clone()).or(content)
        };
        let opening = said("Ouvert").unwrap();
        let escaped = first.trim_end().replace('<', "&lt;");
        assert!(
            opening.contains(&escaped) || opening.contains(first.trim_end()),
            "{format}: {opening}"
        );
        assert!(!opening.contains("suite"), "{format}: {opening}");
        let closed = paper.answer(format, "").await.expect(200).text;
        assert!(!closed.contains("Zqxj"), "{format}: {closed}");
        // With the whole text the first sentences are not said twice.
        let whole = paper.answer("json", "content=full").await.expect(200);
        let items = whole.json["items"].as_array().unwrap().iter();
        let open = items.clone().find(|item| item["title"] == "Ouvert").unwrap();
        assert_eq!(open["content_html"].as_str().unwrap().matches("La suite").count(), 1);
        assert_eq!(open["content_html"].as_str().unwrap().matches("La pluie").count(), 4);
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
        for (name, expected) in [("surrogate-key", "articles frame"), ("vary", "Accept-Encoding")] {
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
