//! Walking a list: cursors, the next page, and articles that come and go meanwhile.

use std::collections::BTreeSet;

use serde_json::json;

use super::shelf;
use crate::support::newsroom::newsroom;

#[actix_web::test]
async fn a_cursor_is_good_for_its_list_only() {
    let shelf = shelf().await;
    let first = shelf.app.guest().get("/v1/articles?limit=2").await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    for query in [
        "/v1/articles?tag=a",
        "/v1/articles?sort=published_at",
        "/v1/articles?locale=*",
        "/v1/articles/full?limit=2",
        "/v1/tags?limit=2",
    ] {
        let joint = if query.contains('?') { '&' } else { '?' };
        shelf
            .app
            .guest()
            .get(&format!("{query}{joint}cursor={cursor}"))
            .await
            .problem(400, "invalid_cursor");
    }
    // Another limit is no other list.
    shelf
        .app
        .guest()
        .get(&format!("/v1/articles?limit=3&cursor={cursor}"))
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_next_page_stands_in_a_header_too() {
    let shelf = shelf().await;
    let comments = format!("/v1/articles/{}/comments", shelf.articles[0].0);
    for text in ["Un", "Deux", "Trois"] {
        let comment = shelf.app.guest().comment(&shelf.articles[0].0, text, None).await;
        shelf.admin.decide(&comment, "approve").await.expect(200);
    }
    let lists = [
        "/v1/articles?limit=2&section=/news,/sport&type=article&type=opinion&published_after=2020-01-01T00:00:00Z&sort=published_at".to_owned(),
        "/v1/articles/full?limit=2&tag=a&tag=b&exact_section=true&contributor=awa,koffi".to_owned(),
        "/v1/articles?limit=3&sort=-updated_at&locale=*".to_owned(),
        "/v1/tags?limit=1".to_owned(),
        "/v1/tags?kind=topic&limit=1".to_owned(),
        "/v1/contributors?limit=1".to_owned(),
        format!("{comments}?limit=1&sort=created_at"),
    ];
    for list in lists {
        let page = shelf.app.guest().get(&list).await.expect(200);
        let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
        let link = page.header("link");
        let target = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .unwrap_or_else(|| panic!("{list}: {link}"));
        assert!(target.contains(&format!("cursor={cursor}")), "{target}");
        let next = shelf.app.guest().get(target).await.expect(200);
        let by_cursor = shelf
            .app
            .guest()
            .get(&format!("{list}&cursor={cursor}"))
            .await
            .expect(200);
        assert_eq!(next.text, by_cursor.text, "{list}");
        assert_ne!(next.json["items"], page.json["items"]);
        // And on, to the end.
        let mut page = next;
        while page.json["page"]["has_more"] == true {
            let link = page.header("link").to_owned();
            page = shelf
                .app
                .guest()
                .get(link[1..].split('>').next().unwrap())
                .await
                .expect(200);
        }
        assert_eq!(page.header("link"), "", "{list}");
    }
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[actix_web::test]
async fn a_walk_misses_and_repeats_nothing_while_articles_come_and_go() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("mali").await;
    let mut dice = Dice(7);
    let mut live: BTreeSet<String> = BTreeSet::new();
    let mut down: BTreeSet<String> = BTreeSet::new();
    for number in 0..14 {
        let id = admin
            .make(json!({"locale": "fr", "title": format!("T{number}"), "section_id": section, "tag_ids": [tag]}))
            .await;
        admin.publish(&id).await.expect(200);
        live.insert(id);
        // Several in the same millisecond.
        app.clock.advance_seconds(i64::from(number % 3 == 0));
    }
    for limit in 1..=7 {
        for list in [
            "sort=-published_at",
            "sort=published_at",
            "sort=-published_at&section=/news",
            "sort=published_at&tag=mali",
        ] {
            let mut seen: Vec<String> = Vec::new();
            let mut throughout = live.clone();
            let mut cursor = String::new();
            loop {
                let page = app
                    .guest()
                    .get(&format!("/v1/articles?{list}&limit={limit}{cursor}"))
                    .await
                    .expect(200);
                seen.extend(page.items("id"));
                let Some(next) = page.json["page"]["next_cursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
                match dice.roll(3) {
                    0 if live.len() > 6 => {
                        let id = live.iter().nth(dice.roll(live.len())).unwrap().clone();
                        admin.take(&id, "unpublish", json!({})).await.expect(200);
                        live.remove(&id);
                        throughout.remove(&id);
                        down.insert(id);
                    }
                    1 if !down.is_empty() => {
                        let id = down.iter().nth(dice.roll(down.len())).unwrap().clone();
                        admin.publish(&id).await.expect(200);
                        down.remove(&id);
                        live.insert(id);
                    }
                    // Never a new one behind each page of a walk towards the newest: it would not end.
                    _ if dice.roll(4) == 0 => {
                        let id = admin.published("Nouveau", &section).await;
                        live.insert(id);
                    }
                    _ => {}
                }
            }
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "{list} limit {limit}: repeated");
            if list.contains("tag=") {
                continue; // Newer ones carry no tag.
            }
            assert!(distinct.is_superset(&throughout), "{list} limit {limit}: missed");
        }
    }
}
