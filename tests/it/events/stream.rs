//! The change feed as it happens.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use serde_json::Value;

use super::follower::Follower;
use crate::support::newsroom::newsroom;

type Told = Pin<Box<BoxBody>>;

/// The next piece; `None` at the end.
async fn piece(told: &mut Told) -> Option<String> {
    let piece = poll_fn(|context| told.as_mut().poll_next(context)).await?;
    Some(String::from_utf8(piece.unwrap().to_vec()).unwrap())
}

/// The events of a piece: their ids and what they say.
fn events(piece: &str) -> Vec<(String, Value)> {
    let event = |text: &str| {
        let line = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap()
                .to_owned()
        };
        assert_eq!(line("event: "), "change");
        (line("id: "), serde_json::from_str(&line("data: ")).unwrap())
    };
    piece.split("\n\n").filter(|text| !text.is_empty()).map(event).collect()
}

#[actix_web::test]
async fn what_changes_is_told_as_it_happens_and_goes_on_where_it_ended() {
    let (app, admin, section) = newsroom().await;
    let other = app.another_instance().await;
    let (status, mut told) = other.guest().follow(None).await;
    assert_eq!(status, 200);
    let hello = piece(&mut told).await.unwrap();
    assert!(
        hello.starts_with("retry: 2000\nid: ") && hello.ends_with("\n\n"),
        "{hello}"
    );
    let begun = hello
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();
    let first = admin.published("Le port", &section).await;
    let heard = events(&piece(&mut told).await.unwrap());
    assert_eq!(heard.len(), 1);
    assert_eq!(
        (&heard[0].1["id"], &heard[0].1["op"]),
        (&Value::from(first.as_str()), &Value::from("upsert"))
    );
    drop(told);
    let second = admin.published("Le phare", &section).await;
    // Behind the last event, and behind where it began; and page by page.
    for (id, expected) in [(&heard[0].0, vec![&second]), (&begun, vec![&first, &second])] {
        let (_, mut told) = app.guest().follow(Some(id)).await;
        piece(&mut told).await.unwrap();
        let heard = events(&piece(&mut told).await.unwrap());
        let heard: Vec<&str> = heard.iter().map(|(_, change)| change["id"].as_str().unwrap()).collect();
        assert_eq!(heard, expected);
        let mut follower = Follower {
            cursor: Some(id.clone()),
            ..Follower::default()
        };
        assert_eq!(follower.follow(&app.guest(), 100).await.len(), expected.len());
    }
}

#[actix_web::test]
async fn so_many_may_follow_and_a_place_is_free_when_one_goes() {
    let (app, ..) = newsroom().await;
    let guest = app.guest();
    let mut followers = Vec::new();
    for _ in 0..8 {
        let (status, mut told) = guest.follow(None).await;
        assert_eq!(status, 200);
        piece(&mut told).await.unwrap();
        followers.push(told);
    }
    let refused = guest
        .get("/v1/stream")
        .await
        .problem(503, "too_many_followers_of_network");
    assert!(
        refused.json["detail"].as_str().unwrap().contains(" 8 "),
        "{}",
        refused.json
    );
    assert_eq!(refused.header("retry-after"), "10");
    followers.pop();
    guest.get("/v1/stream").await.expect(200);
    guest.get("/v1/stream?cursor=abc").await.problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn what_is_no_cursor_is_refused_and_one_signed_elsewhere_has_expired() {
    let (app, ..) = newsroom().await;
    let mut follower = Follower::default();
    follower.follow(&app.guest(), 100).await;
    // Under another secret only the signature differs.
    let mut foreign = follower.cursor.unwrap();
    let last = foreign.pop().unwrap();
    foreign.pop();
    foreign.push_str(if last == 'A' { "BQ" } else { "AA" });
    for path in ["/v1/changes", "/v1/stream"] {
        let expired = app.guest().get(&format!("{path}?cursor={foreign}")).await;
        let expired = expired.problem(410, "cursor_expired");
        assert_eq!(expired.header("cache-control"), "no-store");
        let cut = &foreign[..40];
        app.guest()
            .get(&format!("{path}?cursor={cut}"))
            .await
            .problem(400, "invalid_cursor");
    }
    let not_text = HeaderValue::from_bytes(b"\xff\xfe").unwrap();
    let request = TestRequest::get()
        .uri("/v1/stream")
        .insert_header(("last-event-id", not_text));
    let response = (app.call)(request.to_request()).await.unwrap();
    assert_eq!(response.status(), 400);
}

#[actix_web::test]
async fn the_stream_ends_when_the_server_is_about_to_stop() {
    let (app, ..) = newsroom().await;
    let (_, mut told) = app.guest().follow(None).await;
    piece(&mut told).await.unwrap();
    app.state.drain.begin();
    assert_eq!(piece(&mut told).await, None);
    app.guest().get("/v1/stream").await.problem(503, "stopping");
}
