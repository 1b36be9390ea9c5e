//! What a list promises to who walks it, and what each page costs in statements.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::json;

use crate::support::requests::together;
use crate::support::{Client, TestApp};

/// Filters that every article of [`paper`] passes, and some that choose it along several lanes.
const LISTS: [&str; 8] = [
    "locale=fr",
    "locale=*&sort=published_at",
    "section=/news",
    "tag=mali,sahel",
    "tag=mali,sahel&section=/news&sort=published_at",
    "contributor=awa,koffi&sort=published_at",
    "contributor=awa&tag=mali&type=article",
    "section=/news,/news/mali&type=article,opinion&published_after=2020-01-01T00:00:00Z",
];

struct Paper {
    app: TestApp,
    admin: Client,
    section: String,
    tags: [String; 2],
    people: [String; 2],
}

async fn paper() -> Paper {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    Paper {
        section: admin.section("Mali", Some(&news)).await,
        tags: [admin.tag("Mali").await, admin.tag("Sahel").await],
        people: [admin.contributor("Awa").await, admin.contributor("Koffi").await],
        app,
        admin,
    }
}

impl Paper {
    async fn published(&self, title: &str) -> String {
        let people: Vec<_> = self.people.iter().map(|id| json!({"contributor_id": id})).collect();
        let body = json!({"locale": "fr", "title": title, "section_id": self.section, "tag_ids": self.tags,
            "contributors": people, "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
        let id = self.admin.make(body).await;
        self.admin.publish(&id).await.expect(200);
        self.app.clock.advance_seconds(1);
        id
    }
}

#[actix_web::test]
async fn who_walks_misses_and_repeats_nothing_while_others_publish_and_withdraw() {
    let paper = Rc::new(paper().await);
    let (mut throughout, mut others) = (BTreeSet::new(), Vec::new());
    for number in 0..36 {
        let id = paper.published(&format!("T{number}")).await;
        if number % 3 == 0 {
            others.push(id);
        } else {
            throughout.insert(id);
        }
    }
    let walking = Rc::new(Cell::new(LISTS.len() * 2));
    let mut acts: Vec<std::pin::Pin<Box<dyn std::future::Future<Output = ()>>>> = Vec::new();
    for turn in others.chunks(6).map(<[String]>::to_vec) {
        let (paper, walking) = (paper.clone(), walking.clone());
        acts.push(Box::pin(async move {
            // New ones end at some time, or a walk towards the newest would not.
            let mut new = 4;
            while walking.get() > 0 {
                for id in &turn {
                    paper.admin.take(id, "unpublish", json!({})).await.expect(200);
                    if new > 0 {
                        paper.published("Nouveau").await;
                        new -= 1;
                    }
                    paper.admin.publish(id).await.expect(200);
                }
            }
        }));
    }
    for (list, limit) in LISTS.iter().flat_map(|list| [(list, 2), (list, 5)]) {
        let (app, throughout, walking) = (paper.app.clone(), throughout.clone(), walking.clone());
        acts.push(Box::pin(async move {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let address = format!("/v1/articles?{list}&limit={limit}{cursor}");
                let page = app.guest().get(&address).await.expect(200);
                seen.extend(page.items("id"));
                match page.json["page"]["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            walking.set(walking.get() - 1);
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "{list} limit {limit}: repeated");
            let missed: Vec<_> = throughout.difference(&distinct).collect();
            assert!(missed.is_empty(), "{list} limit {limit}: missed {missed:?}");
        }));
    }
    together(acts).await;
}

#[actix_web::test]
async fn a_page_takes_as_many_statements_for_one_article_as_for_a_hundred() {
    let paper = paper().await;
    for number in 0..100 {
        paper.published(&format!("T{number}")).await;
    }
    let app = paper.app.without_cache().await;
    let guest = app.guest();
    for route in [
        "/v1/articles?",
        "/v1/articles/full?",
        "/v1/articles/partial?fields=title,blocks&",
        "/v1/articles?tag=mali&",
        "/v1/articles?tag=mali,sahel&section=/news&count=capped&",
        "/v1/articles?sort=-updated_at&",
    ] {
        // The site's frame is read once and kept.
        guest.get(route).await.expect(200);
        let mut counts = Vec::new();
        for limit in [1, 20, 100] {
            let address = format!("{route}limit={limit}");
            let (answer, statements) = app.statements_of(guest.get(&address)).await;
            assert_eq!(answer.expect(200).items("title").len(), limit, "{route}");
            counts.push(statements.len());
        }
        assert!(counts[0] > 0 && counts[0] <= 8, "{route}: {counts:?}");
        assert!(counts.iter().all(|count| *count == counts[0]), "{route}: {counts:?}");
    }
}
