//! Webhooks that are turned off, and servers that stop: what happened before is not lost, and what was taken is not sent
//! again.

use std::time::Duration;

use masthead::base::db::Conn;
use masthead::base::ids::WebhookId;
use masthead::base::jobs::run_one;
use masthead::events::outbox::data::RedirectEventData;
use masthead::events::outbox::{Event, EventData, EventKind, announce};
use masthead::events::webhooks::WebhookOffReason;
use masthead::events::webhooks::store::{get, update};
use masthead::worker::RUNNERS;
use serde_json::{Value, json};

use super::receiver::{Receiver, dispatcher};
use super::webhooks::{deliveries, newsroom_with_receiver, send, webhook};
use crate::support::{Client, TestApp};

async fn turn(admin: &Client, id: &str, is_enabled: bool) {
    let path = format!("/v1/editorial/webhooks/{id}");
    let version = admin.version_of(&path).await;
    let body = json!({"is_enabled": is_enabled});
    admin.patch(&path, version, body).await.expect(200);
}

/// Writes an event of this path that happened so many seconds later than now: a transaction that ends late writes one from
/// before.
fn happened(app: &TestApp, path: &str, later: i64) {
    let data = EventData::Redirect(RedirectEventData { path: path.to_owned() });
    let event = Event::new(EventKind::RedirectChanged, data);
    let at = app.clock.now().plus_seconds(later);
    app.db().write_blocking(move |conn| announce(conn, &event, at)).unwrap();
}

fn paths(receiver: &Receiver) -> Vec<String> {
    let told = receiver.take();
    let mut paths: Vec<String> = told
        .iter()
        .map(|message| message.json["data"]["path"].as_str().unwrap().to_owned())
        .collect();
    paths.sort();
    paths
}

#[actix_web::test]
async fn what_happened_before_a_webhook_went_off_is_told_and_what_happened_meanwhile_is_replayed() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["redirect.changed"]).await;
    happened(&app, "/avant", -1);
    turn(&admin, &id, false).await;
    let off = webhook(&admin, &id).await["off_since"].clone();
    // Nobody had looked at the first; the others are written while it is off, one out of their order.
    happened(&app, "/pendant", 2);
    happened(&app, "/en-cours", -1);
    app.clock.advance_seconds(3);
    send(&app).await;
    assert_eq!(paths(&receiver), Vec::<String>::new());
    turn(&admin, &id, true).await;
    send(&app).await;
    assert_eq!(paths(&receiver), ["/avant", "/en-cours"]);
    let replay = format!("/v1/editorial/webhooks/{id}/actions/replay");
    admin.post(&replay, json!({"since": off})).await.expect(202);
    while run_one(app.db(), &RUNNERS).await.unwrap() {}
    send(&app).await;
    assert_eq!(paths(&receiver), ["/pendant"]);
}

#[actix_web::test]
async fn an_answer_that_comes_once_the_webhook_is_off_is_noted() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["redirect.changed"]).await;
    happened(&app, "/pris", 0);
    let (db, now, own) = (app.db().clone(), app.clock.now(), WebhookId::parse(&id).unwrap());
    receiver.answers(move |_| {
        let off = move |conn: &mut Conn| {
            let mut webhook = get(conn, own)?;
            webhook.condition.off_since = Some(now);
            webhook.condition.off_reason = Some(WebhookOffReason::ByHand);
            update(conn, &webhook)
        };
        db.write_blocking(off).unwrap();
        // Longer than its holder takes to renew the lease.
        std::thread::sleep(Duration::from_millis(1_300));
        200
    });
    assert_eq!(send(&app).await, 1);
    let taken = &deliveries(&admin, &id, "").await[0];
    assert_eq!(
        (&taken["state"], &taken["attempt_count"]),
        (&json!("delivered"), &json!(1))
    );
    turn(&admin, &id, true).await;
    receiver.take();
    assert_eq!(send(&app).await, 0);
}

#[actix_web::test]
async fn nothing_is_due_at_a_webhook_that_is_off() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["redirect.changed"]).await;
    receiver.answers(|_| 500);
    happened(&app, "/refus", 0);
    send(&app).await;
    let due = async || deliveries(&admin, &id, "").await[0]["due_at"].clone();
    assert_ne!(due().await, Value::Null);
    turn(&admin, &id, false).await;
    assert_eq!(due().await, Value::Null);
    turn(&admin, &id, true).await;
    assert_ne!(due().await, Value::Null);
}

#[actix_web::test]
async fn a_server_that_stops_waits_for_the_answers_on_their_way_and_sends_nothing_new() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["redirect.changed"]).await;
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    receiver.answers(move |_| {
        begun.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(400));
        200
    });
    happened(&app, "/dernier", 0);
    let sender = dispatcher(&app);
    let working = actix_web::rt::spawn(sender.clone().work());
    has_begun.recv().await.unwrap();
    sender.send_no_more();
    happened(&app, "/après", 0);
    sender.release(Duration::from_secs(5)).await.unwrap();
    let states: Vec<Value> = deliveries(&admin, &id, "").await;
    assert_eq!(states.len(), 1, "{states:?}");
    assert_eq!(states[0]["state"], json!("delivered"));
    working.abort();
    // What was not sent is sent by the next.
    assert_eq!(send(&app).await, 1);
    assert_eq!(paths(&receiver), ["/après", "/dernier"]);
}

#[actix_web::test]
async fn a_server_that_must_stop_now_does_not_wait() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    receiver.webhook(&admin, &["redirect.changed"]).await;
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    receiver.answers(move |_| {
        begun.send(()).unwrap();
        std::thread::sleep(Duration::from_secs(2));
        200
    });
    happened(&app, "/lent", 0);
    let sender = dispatcher(&app);
    let working = actix_web::rt::spawn(sender.clone().work());
    has_begun.recv().await.unwrap();
    let asked = std::time::Instant::now();
    sender.release(Duration::ZERO).await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(900), "{:?}", asked.elapsed());
    working.abort();
}
