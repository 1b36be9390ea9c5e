//! What is listed as read most.

use diesel::prelude::*;
use masthead::base::clock::Time;
use masthead::base::db::schema::most_read_windows;
use masthead::published::most_read::{MostReadWindow, RankRefresh};
use serde_json::json;

use super::{ids, most_read, put_views, rank, read_from, written};
use crate::support::TestApp;
use crate::support::newsroom::{UNKNOWN_ID, bilingual_newsroom, newsroom};

#[actix_web::test]
async fn what_was_read_is_listed_the_most_read_first() {
    let (app, admin, section) = newsroom().await;
    assert_eq!(ids(&app, "").await, Vec::<String>::new());
    let (some, most, unread) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
        admin.published("La pluie", &section).await,
    );
    read_from(&app, &some, 2).await;
    read_from(&app, &most, 5).await;
    written(&app).await;
    assert_eq!(ids(&app, "").await, Vec::<String>::new(), "nothing is ranked yet");
    rank(&app).await;
    for window in ["1h", "24h", "7d"] {
        assert_eq!(
            ids(&app, &format!("window={window}")).await,
            [most.clone(), some.clone()]
        );
    }
    assert_eq!(ids(&app, "limit=1").await, std::slice::from_ref(&most));
    let listed = most_read(&app, "").await;
    assert_eq!(listed.json["page"]["has_more"], false);
    // Each is a card like any other: no number of views is in it.
    let cards = app.guest().get("/v1/articles").await.expect(200);
    let card = cards.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|card| card["id"] == most);
    assert_eq!(listed.json["items"][0], *card.unwrap());
    assert!(!listed.items("id").contains(&unread));
}

#[actix_web::test]
async fn each_window_counts_as_far_back_as_it_says() {
    let (app, admin, section) = newsroom().await;
    let (now, today, week) = (
        admin.published("Maintenant", &section).await,
        admin.published("Hier", &section).await,
        admin.published("Lundi", &section).await,
    );
    put_views(&app, &now, "2026-11-23T08:00:00Z", 1);
    put_views(&app, &today, "2026-11-22T09:00:00Z", 10);
    put_views(&app, &week, "2026-11-16T09:00:00Z", 100);
    put_views(&app, &now, "2026-11-16T07:00:00Z", 1_000);
    rank(&app).await;
    assert_eq!(ids(&app, "window=1h").await, std::slice::from_ref(&now));
    assert_eq!(ids(&app, "window=24h").await, [today.clone(), now.clone()]);
    assert_eq!(ids(&app, "window=7d").await, [week, today, now]);
}

#[actix_web::test]
async fn the_hour_in_which_a_window_begins_counts_by_its_part() {
    let (app, admin, section) = newsroom().await;
    let (before, now) = (
        admin.published("Avant", &section).await,
        admin.published("Maintenant", &section).await,
    );
    put_views(&app, &before, "2026-11-23T08:00:00Z", 10);
    put_views(&app, &now, "2026-11-23T09:00:00Z", 5);
    // At 9:20 two thirds of the hour before lie in the last hour, at 9:40 one.
    app.clock.advance_seconds(80 * 60);
    rank(&app).await;
    assert_eq!(ids(&app, "window=1h").await, [before.clone(), now.clone()]);
    app.clock.advance_seconds(20 * 60);
    rank(&app).await;
    assert_eq!(ids(&app, "window=1h").await, [now, before]);
}

#[actix_web::test]
async fn a_section_lists_what_is_read_in_it_and_below_in_each_language() {
    let (app, admin, news) = bilingual_newsroom().await;
    let (mali, sport) = (
        admin.section("Mali", Some(&news)).await,
        admin.section("Sport", None).await,
    );
    let (in_news, in_mali, in_sport) = (
        admin.published("Le port", &news).await,
        admin.published("Bamako", &mali).await,
        admin.published("Le match", &sport).await,
    );
    let english = json!({"locale": "en", "title": "The port", "section_id": news,
        "blocks": [{"type": "paragraph", "html": "A paragraph."}]});
    let english = admin.make(english).await;
    admin.publish(&english).await.expect(200);
    for (id, readers) in [(&in_news, 2), (&in_mali, 3), (&in_sport, 4), (&english, 5)] {
        read_from(&app, id, readers).await;
    }
    written(&app).await;
    rank(&app).await;
    for (query, expected) in [
        ("", vec![&in_sport, &in_mali, &in_news]),
        ("locale=en", vec![&english]),
        ("locale=*", vec![&english, &in_sport, &in_mali, &in_news]),
        ("section=/news", vec![&in_mali, &in_news]),
        ("section=/news&locale=*", vec![&english, &in_mali, &in_news]),
        ("section=/news/mali", vec![&in_mali]),
        (&format!("section={sport}"), vec![&in_sport]),
        ("section=/rien", vec![]),
        (&format!("section={UNKNOWN_ID}"), vec![]),
    ] {
        assert_eq!(ids(&app, query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let wrong = app.guest().get("/v1/most-read?locale=de").await;
    wrong.problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn what_is_taken_off_is_listed_no_more_at_once() {
    let (app, admin, section) = newsroom().await;
    let stays = admin.published("Reste", &section).await;
    read_from(&app, &stays, 1).await;
    for (action, body) in [
        ("unpublish", json!({})),
        ("retract", json!({"notice": "Inexact."})),
        ("kill", json!({"reason": "Jugement."})),
    ] {
        let id = admin.published(&format!("À {action}"), &section).await;
        read_from(&app, &id, 3).await;
        written(&app).await;
        app.clock.advance_seconds(60);
        rank(&app).await;
        assert_eq!(ids(&app, "").await, [id.clone(), stays.clone()]);
        admin.take(&id, action, body).await.expect(200);
        assert_eq!(ids(&app, "").await, std::slice::from_ref(&stays), "{action}");
        app.clock.advance_seconds(60);
        rank(&app).await;
        assert_eq!(ids(&app, "").await, std::slice::from_ref(&stays), "{action}");
    }
}

#[actix_web::test]
async fn reading_costs_as_many_statements_however_much_was_read() {
    let (app, admin, section) = newsroom().await;
    let app = app.without_cache().await;
    let mut counts = Vec::new();
    for number in 0..12_u8 {
        let id = admin.published(&format!("Article {number}"), &section).await;
        read_from(&app, &id, 3 + number).await;
        written(&app).await;
        app.clock.advance_seconds(60);
        rank(&app).await;
        most_read(&app, "section=/news").await;
        let (listed, asked) = app.statements_of(most_read(&app, "section=/news&limit=5")).await;
        assert_eq!(listed.items("id").len(), usize::from(number + 1).min(5));
        assert!(asked.iter().all(|sql| !sql.contains("article_views")), "{asked:#?}");
        counts.push(asked.len());
    }
    assert!(counts.iter().all(|count| *count == 4), "{counts:?}");
}

/// When the ranks of the day were counted.
fn counted_at(app: &TestApp) -> Option<Time> {
    app.db()
        .read_blocking(|conn| {
            let of_day = most_read_windows::table.find(MostReadWindow::Day);
            let at: Option<Option<Time>> = of_day.select(most_read_windows::counted_at).first(conn).optional()?;
            Ok(at.flatten())
        })
        .unwrap()
}

#[actix_web::test]
async fn ranks_are_counted_once_a_minute_by_all_instances_together_and_written_where_they_change() {
    let (app, admin, section) = newsroom().await;
    let (first, second) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
    );
    let other = app.another_instance().await;
    let (mut ours, mut theirs) = (RankRefresh::default(), RankRefresh::default());
    ours.step(app.db()).await.unwrap();
    assert_eq!(counted_at(&app), None, "nothing was read");
    put_views(&app, &first, "2026-11-23T08:00:00Z", 1);
    theirs.step(other.db()).await.unwrap();
    let start = app.now();
    assert_eq!(
        (counted_at(&app), ids(&app, "").await),
        (Some(start), vec![first.clone()])
    );
    put_views(&app, &second, "2026-11-23T08:00:00Z", 2);
    for seconds in [30, 29] {
        app.clock.advance_seconds(seconds);
        ours.step(app.db()).await.unwrap();
        theirs.step(other.db()).await.unwrap();
        rank(&app).await;
        assert_eq!(
            (counted_at(&app), ids(&app, "").await),
            (Some(start), vec![first.clone()])
        );
    }
    app.clock.advance_seconds(1);
    ours.step(app.db()).await.unwrap();
    let (minute, both) = (app.now(), vec![second.clone(), first.clone()]);
    assert_eq!((counted_at(&app), ids(&app, "").await), (Some(minute), both.clone()));
    // Nothing has changed: nothing is written.
    app.clock.advance_seconds(60);
    ours.step(app.db()).await.unwrap();
    assert_eq!((counted_at(&app), ids(&app, "").await), (Some(minute), both));
}

#[actix_web::test]
async fn the_list_is_kept_by_caches_until_its_order_changes() {
    let (app, admin, section) = newsroom().await;
    let (first, second) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
    );
    put_views(&app, &first, "2026-11-23T08:00:00Z", 5);
    put_views(&app, &second, "2026-11-23T08:00:00Z", 1);
    rank(&app).await;
    let listed = most_read(&app, "").await;
    assert_eq!(listed.header("surrogate-key"), "frame most-read");
    assert!(listed.header("cache-control").contains("s-maxage=30"));
    let again = async || {
        let asking = app.guest().request(actix_web::http::Method::GET, "/v1/most-read?");
        asking.header("if-none-match", listed.header("etag")).send().await
    };
    for (views, status) in [(3, 304), (3, 200)] {
        put_views(&app, &second, "2026-11-23T08:00:00Z", views);
        app.clock.advance_seconds(60);
        rank(&app).await;
        again().await.expect(status);
    }
}

#[actix_web::test]
async fn every_page_can_carry_what_is_read_most() {
    let (app, admin, section) = newsroom().await;
    let (first, second) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
    );
    read_from(&app, &first, 2).await;
    read_from(&app, &second, 1).await;
    written(&app).await;
    rank(&app).await;
    let list = json!([{"key": "lus", "source": "most_read", "limit": 2, "dedupe": "none"}]);
    let pages = json!({"pages": {"article": list, "section": list, "home": list}});
    admin.patch("/v1/editorial/site", 0, pages).await.expect(200);
    for (path, expected) in [
        ("/v1/pages/home", vec![&first, &second]),
        ("/v1/pages/section?path=/news", vec![&first, &second]),
        ("/v1/pages/article?path=/news/le-port", vec![&second]),
    ] {
        let page = app.guest().get(path).await.expect(200);
        assert!(page.header("surrogate-key").contains("most-read"), "{path}");
        let list = &page.json["lists"][0];
        assert_eq!((&list["key"], &list["source"]), (&json!("lus"), &json!("most_read")));
        let items = list["items"].as_array().unwrap().iter();
        let shown: Vec<_> = items.map(|card| card["id"].as_str().unwrap()).collect();
        assert_eq!(shown, expected, "{path}");
    }
}

#[derive(QueryableByName)]
struct PlanStep {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[actix_web::test]
async fn a_window_is_summed_up_from_its_own_hours_alone() {
    let app = TestApp::new().await;
    if !app.db().is_sqlite() {
        return;
    }
    let ((), asked) = app.statements_of(rank(&app)).await;
    let sums: Vec<_> = asked.iter().filter(|sql| sql.contains("article_views")).collect();
    assert_eq!(sums.len(), 3, "{asked:#?}");
    for sum in sums {
        // No plan depends on a value.
        let (sql, _values) = sum.split_once(" -- binds").unwrap();
        let explained = format!("EXPLAIN QUERY PLAN {}", sql.replace('?', "1"));
        let plan: Vec<PlanStep> = app
            .db()
            .read_blocking(|conn| Ok(diesel::sql_query(explained).load(conn)?))
            .unwrap();
        let uses_hours = |step: &PlanStep| step.detail.contains("COVERING INDEX article_views_by_hour (hour>?)");
        let steps: Vec<&String> = plan.iter().map(|step| &step.detail).collect();
        assert!(plan.iter().any(uses_hours), "{steps:#?}");
    }
}
