//! Every list is walked page by page by a key, and what has the same key as another is told apart by its id: a page may
//! end between two equal keys. Every bound in time has an exact moment.

use diesel::prelude::*;
use masthead::access::auth::store::forget_sessions_before;
use masthead::base::clock::Time;
use masthead::base::db::Conn;
use masthead::base::db::schema::sessions;
use masthead::base::error::Result;
use masthead::base::http::idempotency;
use masthead::base::ids::ArticleId;
use masthead::editorial::leases;
use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::{Answer, Client, TestApp};

/// Things of each list.
const COUNT: usize = 4;

/// A newsroom in which everything happened in one moment, under one name.
struct Moment {
    app: TestApp,
    admin: Client,
    article: String,
    pinned_on: String,
    thread: String,
}

impl Moment {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let mut articles = Vec::new();
        for number in 0..COUNT {
            articles.push(admin.published(&format!("Titre {number}"), &section).await);
        }
        let (article, pinned_on) = (articles[0].clone(), articles[1].clone());
        for article in &articles {
            let notice = json!({"kind": "correction", "text": "Le titre ne disait pas où."});
            admin.take(article, "correct", notice).await.expect(200);
            let end = json!({"kind": "unpublish", "local_time": "2026-12-24T18:00", "time_zone": "UTC"});
            admin.take(article, "schedule", end).await.expect(200);
        }
        for number in 0..COUNT {
            for (list, thing) in [
                (
                    "tags",
                    json!({"kind": "topic", "label": "Mali", "slug": format!("mali-{number}")}),
                ),
                (
                    "contributors",
                    json!({"name": "Awa Bah", "slug": format!("awa-{number}")}),
                ),
                (
                    "packages",
                    json!({"kind": "series", "title": "Un an", "article_ids": [article]}),
                ),
                ("word-lists", json!({"name": "Insultes", "kind": "banned"})),
                (
                    "sanctions",
                    json!({"kind": "premoderate", "target": "email", "email": format!("m{number}@example.org")}),
                ),
            ] {
                let path = format!("/v1/editorial/{list}");
                admin.post(&path, thing).await.expect(201);
            }
        }
        let commented = async |article: &str, parent: Option<&str>, text: &str| {
            let id = app.guest().comment(article, text, parent).await;
            admin.decide(&id, "approve").await.expect(200);
            id
        };
        let mut thread = String::new();
        for number in 0..COUNT {
            thread = commented(&article, None, &format!("Un {number}")).await;
            let pinned = commented(&pinned_on, None, &format!("Deux {number}")).await;
            admin.decide(&pinned, "pin").await.expect(200);
        }
        for number in 0..COUNT {
            commented(&article, Some(&thread), &format!("Trois {number}")).await;
        }
        Self {
            app,
            admin,
            article,
            pinned_on,
            thread,
        }
    }

    /// The lists whose key need not be unique, each with the member in which everything is equal and how much there is.
    fn lists(&self) -> Vec<(String, &'static str, usize)> {
        let (article, pinned_on, thread) = (&self.article, &self.pinned_on, &self.thread);
        let of = |path: &str, member, count| (path.to_owned(), member, count);
        let mut lists = vec![
            of("/v1/articles?sort=-updated_at", "updated_at", COUNT),
            of("/v1/articles?sort=-published_at", "published_at", COUNT),
            of("/v1/articles?sort=published_at", "published_at", COUNT),
            of("/v1/corrections?", "at", COUNT),
            of(&format!("/v1/comments/{thread}/replies?"), "created_at", COUNT),
            of(&format!("/v1/articles/{pinned_on}/comments?"), "is_pinned", COUNT),
            of("/v1/tags?", "label", COUNT),
            of("/v1/contributors?", "name", COUNT),
            of("/v1/editorial/tags?", "label", COUNT),
            of("/v1/editorial/contributors?", "name", COUNT),
            of("/v1/editorial/packages?", "title", COUNT),
            of("/v1/editorial/word-lists?", "name", COUNT),
            of("/v1/editorial/sanctions?", "created_at", COUNT),
            of("/v1/editorial/schedule?", "at", COUNT),
        ];
        for sort in ["edited_at", "-edited_at"] {
            let desk = format!("/v1/editorial/articles?sort={sort}");
            lists.push((desk, "edited_at", COUNT));
        }
        for sort in ["created_at", "-created_at"] {
            let queue = format!("/v1/editorial/moderation/queue?queue=approved&sort={sort}");
            lists.push((queue, "created_at", 3 * COUNT));
        }
        for sort in ["created_at", "-created_at", "top"] {
            let threads = format!("/v1/articles/{article}/comments?sort={sort}");
            lists.push((threads, "created_at", COUNT));
            let flat = format!("/v1/articles/{article}/comments/flat?sort={sort}");
            lists.push((flat, "created_at", 2 * COUNT));
        }
        lists
    }
}

/// What a page lists; of a thread its first comment.
fn things(page: &Answer) -> Vec<&Value> {
    let items = page.json["items"].as_array().unwrap().iter();
    items.map(|item| item.get("comment").unwrap_or(item)).collect()
}

fn ids_of(page: &Answer) -> Vec<String> {
    let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
    things(page).into_iter().map(id).collect()
}

async fn walked(asking: &Client, path: &str, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let page = asking
            .get(&format!("{path}{joint}limit={limit}{cursor}"))
            .await
            .expect(200);
        ids.extend(ids_of(&page));
        match page.json["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
        assert!(ids.len() < 1_000, "{path} has no end");
    }
}

#[actix_web::test]
async fn a_page_of_any_list_may_end_between_two_equal_keys() {
    let moment = Moment::new().await;
    let mut faults = Vec::new();
    for (path, member, count) in moment.lists() {
        let asking = if path.starts_with("/v1/editorial") {
            moment.admin.clone()
        } else {
            moment.app.guest()
        };
        let whole = asking.get(&format!("{path}&limit=100")).await.expect(200);
        let items = things(&whole);
        let ids = ids_of(&whole);
        assert_eq!(ids.len(), count, "{path}: {}", whole.text);
        let keys: Vec<&Value> = items.iter().map(|item| &item[member]).collect();
        assert!(
            keys.iter().all(|key| *key == keys[0] && !key.is_null()),
            "{path}: {keys:?}"
        );
        let path = path.trim_end_matches('?');
        for limit in 1..=count {
            let walked = walked(&asking, path, limit).await;
            if walked != ids {
                faults.push(format!("{path}, {limit} a page: {walked:?} of {ids:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn a_bound_in_time_has_its_exact_moment() {
    let (app, admin, section) = newsroom().await;
    let (mut articles, mut moments) = (Vec::new(), Vec::new());
    for number in 0..3 {
        app.clock.advance_seconds(60);
        articles.push(admin.published(&format!("Titre {number}"), &section).await);
        moments.push(app.now());
    }
    let [_, second, _] = moments[..] else { panic!() };
    let behind = Time::from_millis(second.millis() + 1).unwrap();
    let pick = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|n| articles[*n].clone()).collect() };
    let bounds = |after: &str, before: &str| {
        [
            (format!("{after}={second}"), pick(&[1, 2])),
            (format!("{after}={behind}"), pick(&[2])),
            (format!("{before}={second}"), pick(&[0])),
            (format!("{before}={behind}"), pick(&[0, 1])),
            (format!("{after}={second}&{before}={behind}"), pick(&[1])),
            (format!("{after}={second}&{before}={second}"), pick(&[])),
        ]
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    // Lists, in both directions, and search; of retracted articles the feeds, which alone show them.
    for (query, expected) in bounds("published_after", "published_before") {
        for list in [
            "/v1/articles?sort=published_at",
            "/v1/articles?sort=-published_at",
            "/v1/search?q=titre",
        ] {
            let found = app.guest().get(&format!("{list}&{query}")).await.expect(200);
            assert_eq!(sorted(found.items("id")), sorted(expected.clone()), "{list}&{query}");
        }
    }
    for article in &articles {
        admin
            .take(article, "retract", json!({"notice": "Inexact."}))
            .await
            .expect(200);
    }
    for (query, expected) in bounds("published_after", "published_before") {
        let feed = app.guest().get(&format!("/feeds/json?{query}")).await.expect(200);
        let found = feed.items("id").into_iter();
        let found = found.map(|id| articles.iter().find(|article| id.contains(*article)).unwrap().clone());
        assert_eq!(sorted(found.collect()), sorted(expected), "{query}");
    }
    // What was done, by when.
    for (query, expected) in bounds("recorded_after", "recorded_before") {
        let path = format!("/v1/editorial/audit?action=article.publish&{query}");
        let found = admin.get(&path).await.expect(200);
        assert_eq!(sorted(found.items("target_id")), sorted(expected), "{query}");
    }
}

#[actix_web::test]
async fn what_is_due_and_what_changed_has_its_exact_moment() {
    let (app, admin, section) = newsroom().await;
    let mut articles = Vec::new();
    for number in 0..3 {
        app.clock.advance_seconds(60);
        let article = admin.published(&format!("Titre {number}"), &section).await;
        let end = format!("2026-12-24T18:0{number}");
        let end = json!({"kind": "unpublish", "local_time": end, "time_zone": "UTC"});
        admin.take(&article, "schedule", end).await.expect(200);
        articles.push(article);
    }
    let at = "2026-12-24T18:01:00";
    for (query, expected) in [
        (format!("planned_after={at}Z"), &articles[1..]),
        (format!("planned_after={at}.001Z"), &articles[2..]),
        (format!("planned_before={at}Z"), &articles[..1]),
        (format!("planned_before={at}.001Z"), &articles[..2]),
    ] {
        let schedule = admin.get(&format!("/v1/editorial/schedule?{query}")).await.expect(200);
        let found = schedule.json["items"].as_array().unwrap().iter();
        let found: Vec<&str> = found.map(|line| line["article"]["id"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
    let changed = admin
        .get("/v1/editorial/articles?sort=edited_at")
        .await
        .expect(200)
        .items("edited_at");
    for (query, expected) in [
        (format!("changed_after={}", changed[1]), &articles[1..]),
        (
            format!("changed_after={}", changed[1].replace(".000Z", ".001Z")),
            &articles[2..],
        ),
    ] {
        let desk = admin
            .get(&format!("/v1/editorial/articles?sort=edited_at&{query}"))
            .await
            .expect(200);
        assert_eq!(desk.items("id"), expected, "{query}");
    }
}

#[actix_web::test]
async fn what_was_done_is_walked_page_by_page() {
    let (_, admin, section) = newsroom().await;
    for number in 0..COUNT {
        admin.published(&format!("Titre {number}"), &section).await;
    }
    let whole = ids_of(&admin.get("/v1/editorial/audit?limit=100").await.expect(200));
    assert!(
        whole.len() > COUNT && whole.is_sorted_by(|one, next| one > next),
        "{whole:?}"
    );
    for limit in 1..=COUNT {
        assert_eq!(
            walked(&admin, "/v1/editorial/audit", limit).await,
            whole,
            "{limit} a page"
        );
    }
}

#[actix_web::test]
async fn what_is_forgotten_goes_at_its_exact_moment() {
    let (app, admin, section) = newsroom().await;
    let article = ArticleId::parse(&admin.draft("Titre", &section).await).unwrap();
    let (user, now) = (admin.user_id.unwrap(), app.now());
    app.db()
        .write_blocking(move |conn| leases::store::put(conn, article, user, now, now.plus_seconds(60)))
        .unwrap();
    let redirect = json!({"path": "/a", "location": "/b"});
    admin
        .once("/v1/editorial/redirects", None, "key", redirect)
        .await
        .expect(201);
    let session_ends: Vec<Time> = app
        .db()
        .read_blocking(|conn| Ok(sessions::table.select(sessions::expires_at).load(conn)?))
        .unwrap();
    let (first, last) = (session_ends.iter().min().unwrap(), session_ends.iter().max().unwrap());
    type Forget = fn(&mut Conn, Time) -> Result<()>;
    let sweeps: [(&str, Time, Time, Forget); 3] = [
        (
            "leases",
            now.plus_seconds(59),
            now.plus_seconds(60),
            leases::store::forget_ended,
        ),
        (
            "idempotency_keys",
            now.plus_seconds(24 * 3600 - 1),
            now.plus_seconds(24 * 3600),
            |conn, at| idempotency::forget_old(conn, at).map(|_| ()),
        ),
        ("sessions", *first, last.plus_seconds(1), |conn, at| {
            forget_sessions_before(conn, at).map(|_| ())
        }),
    ];
    for (table, kept, gone, forget) in sweeps {
        let count = || app.rows().iter().filter(|(name, _)| *name == table).count();
        let before = count();
        assert!(before > 0, "{table}");
        for (at, left) in [(kept, before), (gone, 0)] {
            app.db().write_blocking(move |conn| forget(conn, at)).unwrap();
            assert_eq!(count(), left, "{table} at {at}");
        }
    }
}
