//! How long an answer is kept: until something that it shows changes, or time alone changes it.

use actix_web::http::Method;
use futures_util::future::poll_immediate;
use serde_json::json;

use super::{ask, made};
use crate::support::newsroom::newsroom;
use crate::support::requests::together;

#[actix_web::test]
async fn a_write_leaves_alone_what_cannot_show_it() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let port = admin.published("Le port", &news).await;
    let stade = admin.published("Le stade", &sport).await;
    let comment = app.guest().comment(&port, "Merci.", None).await;
    let pages = [
        format!("/v1/articles/{port}"),
        format!("/v1/articles/{stade}"),
        "/v1/articles?section=/news".to_owned(),
        "/v1/articles?section=/sport".to_owned(),
        "/v1/articles".to_owned(),
        format!("/v1/articles/{stade}/comments"),
        "/v1/sections".to_owned(),
        "/v1/breaking".to_owned(),
    ];
    let warm = async || {
        let mut again = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            let before = made(&app);
            ask(&app, page, &[]).await;
            again.extend((made(&app) > before).then_some(index));
        }
        again
    };
    warm().await;
    assert_eq!(warm().await, [0_usize; 0]);

    // A comment on one article.
    admin.decide(&comment, "approve").await.expect(200);
    assert_eq!(warm().await, [0]);
    // A draft, and who works on it.
    let draft = admin.draft("Le marché", &news).await;
    assert_eq!(warm().await, [0_usize; 0]);
    // An article in one section: lists of the whole site, and of that section.
    admin.publish(&draft).await.expect(200);
    assert_eq!(warm().await, [2, 4]);
    // An edit that is not published.
    admin.edit(&port, json!({"title": "Le grand port"})).await.expect(200);
    assert_eq!(warm().await, [0_usize; 0]);
    admin.publish(&port).await.expect(200);
    assert_eq!(warm().await, [0, 2, 4]);
    admin
        .edit(&stade, json!({"breaking_until": "2026-11-23T12:00:00Z"}))
        .await
        .expect(200);
    admin.publish(&stade).await.expect(200);
    assert_eq!(warm().await, [1, 3, 4, 5, 7]);
    // What frames all of them.
    admin.section("Monde", None).await;
    assert_eq!(warm().await, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[actix_web::test]
async fn an_answer_ends_when_time_alone_changes_it_and_in_five_minutes_at_the_latest() {
    let (app, admin, news) = newsroom().await;
    let id = admin.published("Le port", &news).await;
    admin
        .edit(&id, json!({"breaking_until": "2026-11-23T08:02:00Z"}))
        .await
        .expect(200);
    admin.publish(&id).await.expect(200);
    let is_breaking = async || {
        let card = app.guest().get("/v1/articles").await.expect(200).json["items"][0].clone();
        card["is_breaking"].as_bool().unwrap()
    };
    assert!(is_breaking().await);
    app.clock.advance_seconds(119);
    let answer = ask(&app, "/v1/articles", &[]).await;
    assert!(
        answer
            .header("cache-control")
            .contains("s-maxage=1, stale-while-revalidate=0")
    );
    assert!(is_breaking().await);
    app.clock.advance_seconds(1);
    assert!(!is_breaking().await);
    let before = made(&app);
    app.clock.advance_seconds(299);
    ask(&app, "/v1/articles", &[]).await;
    assert_eq!(made(&app), before);
    app.clock.advance_seconds(1);
    ask(&app, "/v1/articles", &[]).await;
    assert_eq!(made(&app), before + 1);
}

#[actix_web::test]
async fn numbers_of_comments_on_cards_are_at_most_thirty_seconds_old() {
    let (app, admin, news) = newsroom().await;
    let id = admin.published("Le port", &news).await;
    let counts = async || {
        let guest = app.guest();
        let card = guest.get("/v1/articles").await.expect(200).json["items"][0]["comment_count"].clone();
        let whole = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json["comment_count"].clone();
        let page = guest.get("/v1/pages?path=/news/le-port").await.expect(200).json["article"]["comment_count"].clone();
        [card, whole, page].map(|count| count.as_i64().unwrap())
    };
    assert_eq!(counts().await, [0, 0, 0]);
    let comment = app.guest().comment(&id, "Merci.", None).await;
    admin.decide(&comment, "approve").await.expect(200);
    assert_eq!(counts().await, [0, 1, 1]);
    app.clock.advance_seconds(29);
    assert_eq!(counts().await, [0, 1, 1]);
    app.clock.advance_seconds(1);
    assert_eq!(counts().await, [1, 1, 1]);
}

#[actix_web::test]
async fn five_hundred_who_ask_at_once_wait_for_one_answer() {
    let (app, admin, news) = newsroom().await;
    admin.published("Le port", &news).await;
    let (before, url) = (made(&app), "/v1/pages/home");
    let asking = (0..500).map(|_| {
        let app = app.clone();
        async move { ask(&app, url, &[]).await }
    });
    let answers = together(asking.collect()).await;
    let first = &answers[0].body;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 && answer.body == *first)
    );
    assert_eq!(made(&app), before + 1);
}

#[actix_web::test]
async fn nobody_waits_for_somebody_elses_error() {
    let (app, admin, news) = newsroom().await;
    let draft = admin.draft("Le port", &news).await;
    let path = format!("/v1/articles/{draft}");
    let asking = (0..50).map(|_| {
        let (app, path) = (app.clone(), path.clone());
        async move { ask(&app, &path, &[]).await }
    });
    let answers = together(asking.collect()).await;
    assert!(answers.iter().all(|answer| answer.status == 404));
    let ids: std::collections::BTreeSet<&str> = answers.iter().map(|answer| answer.header("x-request-id")).collect();
    assert_eq!(ids.len(), 50);
}

#[actix_web::test]
async fn what_is_killed_is_nowhere_in_memory() {
    let (app, admin, news) = newsroom().await;
    let id = admin.published("Secret du port", &news).await;
    for page in [
        "/v1/pages/home".to_owned(),
        "/v1/articles".to_owned(),
        format!("/v1/articles/{id}"),
        "/v1/pages?path=/news".to_owned(),
        "/v1/search?q=secret".to_owned(),
        "/feeds/rss".to_owned(),
    ] {
        ask(&app, &page, &[]).await;
    }
    let sections = ask(&app, "/v1/sections", &[]).await;
    assert!(app.state.cache.holds("Secret du port") && app.state.fragments.holds("Secret du port"));
    admin
        .take(&id, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    app.state.cache.sweep();
    app.state.fragments.sweep(app.db().deaths(), app.now());
    assert!(!app.state.cache.holds("Secret du port") && !app.state.fragments.holds("Secret du port"));
    // The rest is still there.
    let before = made(&app);
    assert_eq!(ask(&app, "/v1/sections", &[]).await.body, sections.body);
    assert_eq!(made(&app), before);
}

#[actix_web::test]
async fn what_is_made_anew_reads_what_has_changed() {
    let (app, admin, news) = newsroom().await;
    for number in 0..5 {
        admin.published(&format!("Le port {number}"), &news).await;
    }
    let (id, below) = (
        admin.published("Le marché", &news).await,
        admin.section("Monde", Some(&news)).await,
    );
    let app = app.without_answers().await;
    // Of how many articles the card was read.
    let read = async |path: &str| {
        let (answer, asked) = app.statements_of(app.guest().get(path)).await;
        answer.expect(200);
        let of_cards = asked
            .iter()
            .filter(|sql| sql.contains("teaser_json") || sql.contains("card_json"));
        of_cards.map(|sql| sql.matches(&id).count().max(1)).sum::<usize>()
    };
    assert!(read("/v1/pages/home").await > 0);
    assert_eq!(read("/v1/pages/home").await, 0);
    // Another page of the same section shows the same.
    assert_eq!(read("/v1/pages?path=/news").await, 0);
    admin.published("Le stade", &below).await;
    assert_eq!(read("/v1/pages/home").await, 1);
    assert_eq!(read("/v1/pages?path=/news").await, 0);
    // A number of comments is part of a card.
    let comment = app.guest().comment(&id, "Merci.", None).await;
    assert_eq!(read("/v1/pages/home").await, 0);
    admin.decide(&comment, "approve").await.expect(200);
    assert_eq!(read("/v1/pages/home").await, 1);
    assert_eq!(read("/v1/articles?count=capped").await, 1);
    let counted = app.statements_of(app.guest().get("/v1/articles?count=capped")).await.1;
    assert!(
        !counted
            .iter()
            .any(|sql| sql.contains("COUNT(*)") || sql.contains("OFFSET")),
        "{counted:#?}"
    );
}

#[actix_web::test]
async fn what_is_killed_while_it_is_read_is_not_kept() {
    let (app, admin, news) = newsroom().await;
    for number in 0..5 {
        let title = format!("Secret {number} du port");
        let id = admin.published(&title, &news).await;
        let mut reading = Box::pin((app.call)(super::asking("/v1/pages/home", &[])));
        // It reads, on another thread; until it is asked again what it has read goes nowhere.
        let at_once = poll_immediate(&mut reading).await;
        admin
            .take(&id, "kill", json!({"reason": "Jugement."}))
            .await
            .expect(200);
        // What was kept before the act goes; what is still being read must not come after it.
        app.state.cache.sweep();
        if at_once.is_none() {
            assert_eq!(reading.await.unwrap().status(), 200);
        }
        assert!(!app.state.cache.holds(&title), "{number}");
    }
}

#[actix_web::test]
async fn what_one_instance_writes_the_other_does_not_keep() {
    let (app, admin, news) = newsroom().await;
    let port = admin.published("Le port", &news).await;
    let other = app.another_instance().await;
    assert_eq!(other.listed("").await, std::slice::from_ref(&port));
    let before = made(&other);
    assert_eq!(other.listed("").await, std::slice::from_ref(&port));
    assert_eq!(made(&other), before);
    let market = admin.published("Le marché", &news).await;
    assert_eq!(other.listed("").await, [market, port]);
    // What the other writes, this one does not keep either.
    let sections = ask(&app, "/v1/sections", &[]).await.body;
    other.admin().section("Sport", None).await;
    assert_ne!(ask(&app, "/v1/sections", &[]).await.body, sections);
}

#[actix_web::test]
async fn a_builder_who_leaves_is_followed_by_another() {
    let (app, admin, news) = newsroom().await;
    admin.published("Le port", &news).await;
    let call = (app.call)(super::asking("/v1/pages/home", &[]));
    let mut leaving = Box::pin(call);
    // It has begun, or on a fast machine is done, and its client is gone.
    let _begun = poll_immediate(&mut leaving).await;
    let waiting = {
        let app = app.clone();
        actix_web::rt::spawn(async move { ask(&app, "/v1/pages/home", &[]).await })
    };
    actix_web::rt::task::yield_now().await;
    drop(leaving);
    assert_eq!(waiting.await.unwrap().status, 200);
    let again = app.guest().request(Method::GET, "/v1/pages/home").send().await;
    assert_eq!(again.status, 200);
}
