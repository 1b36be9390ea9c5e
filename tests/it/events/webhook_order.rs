//! Whatever happens on the way: nothing is lost, and of an article everything is told in its order.

use std::collections::HashMap;
use std::time::Duration;

use masthead::base::db::Conn;
use masthead::base::ids::WebhookId;
use masthead::events::webhooks::DeliveryId;
use masthead::events::webhooks::deliveries::get;
use masthead::events::webhooks::queue::{forget_old, resend};
use proptest::prelude::*;
use serde_json::json;

use super::receiver::{Message, dispatcher};
use super::webhooks::{deliveries, newsroom_with_receiver, send};
use crate::support::sequences::for_any_sequence;

#[actix_web::test]
async fn a_replay_of_what_came_before_goes_before_what_failed_meanwhile() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver
        .webhook(&admin, &["article.published", "article.unpublished"])
        .await;
    let article = admin.published("Titre", &section).await;
    send(&app).await;
    admin.take(&article, "unpublish", json!({})).await.expect(200);
    let first = deliveries(&admin, &id, "?state=delivered").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // While the second is being sent, the first is replayed; then the second fails.
    let (replayed, state) = (id.clone(), app.state.db.clone());
    receiver.answers(move |message| {
        if message.kind() == "article.published" {
            return 200;
        }
        let (webhook, delivery) = (WebhookId::parse(&replayed).unwrap(), DeliveryId::parse(&first).unwrap());
        let again = move |conn: &mut Conn| {
            let row = get(conn, webhook, delivery)?;
            let now = row.at;
            resend(conn, &row, now)
        };
        state.write_blocking(again).unwrap();
        500
    });
    receiver.take();
    send(&app).await;
    assert_eq!(receiver.told(), ["article.unpublished"]);
    app.clock.advance_seconds(7);
    receiver.answers(|_| 200);
    send(&app).await;
    assert_eq!(receiver.told(), ["article.published", "article.unpublished"]);
}

#[actix_web::test]
async fn what_waited_behind_a_forgotten_event_is_told_all_the_same() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    receiver
        .webhook(&admin, &["article.published", "article.unpublished"])
        .await;
    receiver.answers(|_| 500);
    let article = admin.published("Vieux", &section).await;
    send(&app).await;
    app.clock.advance_seconds(60);
    let later = app.clock.now();
    admin.take(&article, "unpublish", json!({})).await.expect(200);
    send(&app).await;
    receiver.answers(|_| 200);
    receiver.take();
    app.db()
        .write_blocking(move |conn| forget_old(conn, later, later))
        .unwrap();
    send(&app).await;
    assert_eq!(receiver.told(), ["article.unpublished"]);
}

/// One step of a property.
#[derive(Clone, Debug)]
enum Step {
    /// An act on the article of this number.
    Act(usize),
    /// What the receiver answers the next times.
    Answer(u16),
    /// An instance sends, after so many seconds.
    Send(usize, i64),
    /// An instance dies after so many milliseconds of sending: somebody else goes on when its lease has run out.
    Die(usize, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_usize).prop_map(Step::Act),
        2 => prop_oneof![Just(200_u16), Just(500), Just(302), Just(404)].prop_map(Step::Answer),
        3 => (0..2_usize, prop_oneof![Just(0_i64), Just(6), Just(70)]).prop_map(|(who, later)| Step::Send(who, later)),
        2 => (0..2_usize, 0..40_u64).prop_map(|(who, life)| Step::Die(who, life)),
    ]
}

/// Whatever the receiver answers, and whoever sends: nothing is lost, and of an article each event is taken first after
/// those before it.
#[test]
fn nothing_is_lost_and_an_article_is_told_in_its_order() {
    for_any_sequence(4, 40, prop::collection::vec(step(), 30..60), async |steps| {
        let (app, admin, section, receiver) = newsroom_with_receiver().await;
        let other = app.another_instance().await;
        let kinds = ["article.published", "article.unpublished"];
        receiver.webhook(&admin, &kinds).await;
        let mut articles = Vec::new();
        for number in 0..4 {
            articles.push(admin.draft(&format!("Titre {number}"), &section).await);
        }
        let mut senders = [dispatcher(&app), dispatcher(&other)];
        let (mut expected, mut messages): (HashMap<String, Vec<String>>, Vec<Message>) = Default::default();
        let mut taken: Vec<(String, String, String)> = Vec::new();
        for step in steps {
            match step {
                Step::Act(number) => {
                    let id = &articles[number];
                    let acts = expected.entry(id.clone()).or_default();
                    let name = ["publish", "unpublish"][acts.len() % 2];
                    admin.take(id, name, json!({})).await.expect(200);
                    acts.push(format!("article.{name}ed"));
                }
                Step::Answer(status) => receiver.answers(move |_| status),
                Step::Send(who, later) => {
                    app.clock.advance_seconds(later);
                    senders[who].run_due().await.unwrap();
                }
                Step::Die(who, milliseconds) => {
                    let life = Duration::from_millis(milliseconds);
                    let _ended = tokio::time::timeout(life, senders[who].run_due()).await;
                    senders[who] = dispatcher(if who == 0 { &app } else { &other });
                    app.clock.advance_seconds(6);
                }
            }
            messages.extend(receiver.take());
        }
        receiver.answers(|_| 200);
        for _ in 0..12 {
            app.clock.advance_seconds(13 * 3_600);
            senders[0].run_due().await.unwrap();
        }
        messages.extend(receiver.take());
        for message in messages {
            let entry = (
                message.article().to_owned(),
                message.kind().to_owned(),
                message.id().to_owned(),
            );
            if !taken.contains(&entry) {
                taken.push(entry);
            }
        }
        for (article, acts) in expected {
            let told: Vec<&String> = taken
                .iter()
                .filter(|(of, ..)| *of == article)
                .map(|(_, kind, _)| kind)
                .collect();
            assert_eq!(told, acts.iter().collect::<Vec<_>>(), "{article}");
        }
    });
}
