//! Webhooks: what is sent, in which order, how often, and to whom no more.

use masthead::access::auth::Role;
use masthead::base::jobs::run_one;
use masthead::events::webhooks::queue::forget_old;
use masthead::worker::RUNNERS;
use serde_json::{Value, json};

use super::receiver::{Message, Receiver, dispatcher};
use crate::support::backups::{back_up, restore};
use crate::support::newsroom::{UNKNOWN_ID, newsroom};
use crate::support::{Client, DAY, TestApp};

const WEBHOOKS: &str = "/v1/editorial/webhooks";

/// A newsroom that may send to this machine, and a receiver in it.
pub async fn newsroom_with_receiver() -> (TestApp, Client, String, Receiver) {
    let (app, _, section) = newsroom().await;
    let app = app.reaching(&["127.0.0.0/8"]).await;
    let admin = app.admin();
    (app, admin, section, Receiver::new())
}

pub async fn send(app: &TestApp) -> usize {
    dispatcher(app).run_due().await.unwrap()
}

pub async fn webhook(admin: &Client, id: &str) -> Value {
    admin.renewed().get(&format!("{WEBHOOKS}/{id}")).await.expect(200).json
}

pub async fn deliveries(admin: &Client, id: &str, query: &str) -> Vec<Value> {
    let page = admin
        .renewed()
        .get(&format!("{WEBHOOKS}/{id}/deliveries{query}"))
        .await
        .expect(200);
    page.json["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_message_is_signed_with_each_secret_that_is_good() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, first) = receiver.webhook(&admin, &["article.published"]).await;
    let rotate = async |body: Value| {
        let told = admin
            .post(&format!("{WEBHOOKS}/{id}/actions/rotate"), body)
            .await
            .expect(200);
        told.json["signing_secret"].as_str().unwrap().to_owned()
    };
    let signed_by = async |title: &str, secrets: &[&String]| {
        admin.published(title, &section).await;
        assert_eq!(send(&app).await, 1);
        let message = receiver.take().remove(0);
        secrets
            .iter()
            .map(|secret| message.is_signed_by(secret))
            .collect::<Vec<_>>()
    };
    assert_eq!(signed_by("Un", &[&first]).await, [true]);
    let second = rotate(json!({"overlap_seconds": 60})).await;
    assert_eq!(signed_by("Deux", &[&first, &second]).await, [true, true]);
    let third = rotate(json!({"overlap_seconds": 60})).await;
    assert_eq!(
        signed_by("Trois", &[&first, &second, &third]).await,
        [false, true, true]
    );
    app.clock.advance_seconds(61);
    assert_eq!(signed_by("Quatre", &[&second, &third]).await, [false, true]);
    let shown = webhook(&admin, &id).await.to_string();
    let rows = format!("{:?}", app.rows());
    for secret in [&first, &second, &third] {
        let bare = secret.trim_start_matches("whsec_");
        assert!(
            !shown.contains(bare) && !rows.contains(bare),
            "a secret is stored as it is"
        );
    }
}

#[actix_web::test]
async fn what_fails_is_sent_again_and_given_up_and_the_next_of_the_article_passes() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver
        .webhook(&admin, &["article.published", "article.unpublished"])
        .await;
    let (bad, good) = (
        admin.published("Mal", &section).await,
        admin.published("Bien", &section).await,
    );
    admin.take(&bad, "unpublish", json!({})).await.expect(200);
    let failing = bad.clone();
    receiver.answers(move |message| {
        let fails = message.article() == failing && message.kind() == "article.published";
        if fails { 500 } else { 200 }
    });
    assert_eq!(send(&app).await, 2, "one of each article");
    assert_eq!(receiver.take().len(), 2);
    let mut waited = Vec::new();
    for _ in 0..7 {
        assert_eq!(send(&app).await, 0, "nothing is due before its time");
        let waiting = deliveries(&admin, &id, "?state=waiting").await;
        let due = waiting
            .iter()
            .find_map(|delivery| delivery["due_at"].as_str())
            .unwrap()
            .to_owned();
        let due = masthead::base::clock::Time::parse(&due).unwrap();
        waited.push((due.millis() - app.clock.now().millis()) / 1_000);
        app.clock.advance_seconds(waited[waited.len() - 1] + 1);
        assert!(send(&app).await >= 1);
    }
    let asked = [5, 60, 300, 1_800, 7_200, 21_600, 43_200];
    for (waited, asked) in waited.iter().zip(asked) {
        assert!((asked..=asked * 6 / 5).contains(waited), "{waited} for {asked}");
    }
    // The eighth was the last, and what waited behind it is next.
    assert_eq!(send(&app).await, 1);
    let told: Vec<(String, String)> = receiver
        .take()
        .iter()
        .map(|message| (message.article().to_owned(), message.kind().to_owned()))
        .collect();
    assert_eq!(told.len(), 8);
    assert_eq!(told[7], (bad.clone(), "article.unpublished".to_owned()));
    assert!(told.iter().all(|(article, _)| *article != good));
    let failed = deliveries(&admin, &id, "?state=failed").await;
    assert_eq!((failed.len(), &failed[0]["attempt_count"]), (1, &json!(8)));
    assert_eq!(
        (&failed[0]["failure"], &failed[0]["last_status"]),
        (&json!("status"), &json!(500))
    );
    assert_eq!(webhook(&admin, &id).await["failed_count"], json!(1));
    // Replayed, it is told again under the same id.
    receiver.answers(|_| 200);
    let one = failed[0]["id"].as_str().unwrap();
    let path = format!("{WEBHOOKS}/{id}/deliveries/{one}/actions/replay");
    let again = admin.renewed().post(&path, json!({})).await.expect(202);
    assert_eq!(
        (again.member("state"), &again.json["attempt_count"]),
        ("waiting", &json!(0))
    );
    send(&app).await;
    let message = receiver.take().remove(0);
    assert_eq!(json!(message.id()), failed[0]["event_id"]);
    assert!(deliveries(&admin, &id, "?state=failed").await.is_empty());
}

#[actix_web::test]
async fn a_webhook_that_fails_for_72_hours_is_off_and_the_others_are_told() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["article.published"]).await;
    let other = Receiver::new();
    other.webhook(&admin, &["webhook.disabled"]).await;
    receiver.answers(|_| 503);
    for (number, is_enabled) in [(0, true), (1, true), (2, true), (3, false)] {
        admin.renewed().published(&format!("Titre {number}"), &section).await;
        send(&app).await;
        let shown = webhook(&admin, &id).await;
        assert_eq!(shown["is_enabled"], json!(is_enabled), "after {number} days");
        app.clock.advance_seconds(DAY);
    }
    let admin = admin.renewed();
    let shown = webhook(&admin, &id).await;
    assert_eq!(shown["off_reason"], json!("failing"));
    send(&app).await;
    let told = other.take();
    assert_eq!((told.len(), &told[0].json["data"]["webhook_id"]), (1, &json!(id)));
    let audit = admin
        .get("/v1/editorial/audit?action=webhook.disable")
        .await
        .expect(200);
    assert_eq!(audit.json["items"][0]["via"], json!("webhooks"));
    // What happens while it is off is not on its way; turned on it is told what waited, and by a replay what it missed.
    receiver.take();
    let missed = admin.published("Manqué", &section).await;
    assert_eq!(send(&app).await, 0);
    let test = format!("{WEBHOOKS}/{id}/actions/test");
    admin.post(&test, json!({})).await.problem(409, "webhook_off");
    receiver.answers(|_| 200);
    let version = admin.version_of(&format!("{WEBHOOKS}/{id}")).await;
    let on = json!({"is_enabled": true});
    let on = admin.patch(&format!("{WEBHOOKS}/{id}"), version, on).await.expect(200);
    assert_eq!(
        (&on.json["off_since"], &on.json["failing_since"]),
        (&Value::Null, &Value::Null)
    );
    app.clock.advance_seconds(DAY);
    let admin = admin.renewed();
    send(&app).await;
    assert!(receiver.take().iter().all(|message| message.article() != missed));
    let replay = json!({"since": shown["off_since"]});
    admin
        .post(&format!("{WEBHOOKS}/{id}/actions/replay"), replay)
        .await
        .expect(202);
    while run_one(app.db(), &RUNNERS).await.unwrap() {}
    send(&app).await;
    let told = receiver.take();
    assert!(told.iter().any(|message| message.article() == missed), "{told:?}");
}

#[actix_web::test]
async fn a_receiver_that_is_away_is_tried_with_one_event_and_then_told_the_rest() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    receiver.webhook(&admin, &["article.published"]).await;
    receiver.answers(|_| 503);
    for number in 0..12 {
        admin.published(&format!("Titre {number}"), &section).await;
    }
    assert_eq!(send(&app).await, 8, "as many as go at once");
    for _ in 0..3 {
        assert_eq!(send(&app).await, 1);
    }
    receiver.answers(|_| 200);
    receiver.take();
    app.clock.advance_seconds(7);
    assert_eq!(send(&app).await, 12);
    assert_eq!(receiver.take().len(), 12);
}

#[actix_web::test]
async fn a_webhook_that_says_410_is_sent_nothing_more() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["article.published"]).await;
    receiver.answers(|_| 410);
    admin.published("Titre", &section).await;
    assert_eq!(send(&app).await, 1);
    assert_eq!(webhook(&admin, &id).await["off_reason"], json!("gone"));
    admin.published("Autre", &section).await;
    app.clock.advance_seconds(DAY);
    assert_eq!(send(&app).await, 0);
}

#[actix_web::test]
async fn a_webhook_of_a_section_is_told_of_what_is_in_it_or_leaves_it() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let below = admin.section("Diplomatie", Some(&section)).await;
    let sport = admin.section("Sport", None).await;
    let asked = json!({"events": ["article.published", "article.updated", "comment.submitted", "site.changed"],
        "section_id": section});
    receiver.webhook_of(&admin, asked).await;
    let inside = admin.published("Dedans", &below).await;
    let outside = admin.published("Dehors", &sport).await;
    let said = app.guest().comment(&inside, "Bien vu.", None).await;
    app.guest().comment(&outside, "Mal vu.", None).await;
    send(&app).await;
    admin.edit(&inside, json!({"section_id": sport})).await.expect(200);
    admin.publish(&inside).await.expect(200);
    let version = admin.version_of("/v1/editorial/site").await;
    admin
        .patch("/v1/editorial/site", version, json!({"name": "Autre"}))
        .await
        .expect(200);
    send(&app).await;
    let messages = receiver.take();
    assert_eq!(messages[1].json["data"]["comment_id"], json!(said));
    let told: Vec<(String, String)> = messages
        .iter()
        .map(|message| (message.kind().to_owned(), message.article().to_owned()))
        .collect();
    let expected = [
        ("article.published", &inside),
        ("comment.submitted", &inside),
        ("article.updated", &inside),
    ];
    assert_eq!(
        told,
        expected.map(|(kind, id)| (kind.to_owned(), id.clone())),
        "not {outside}"
    );
}

#[actix_web::test]
async fn what_cannot_be_a_webhook_is_refused_with_its_reason() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let outside = newsroom().await.1;
    let refused = async |client: &Client, body: Value, expected: &[(&str, &str)]| {
        client.post(WEBHOOKS, body).await.invalid(expected);
    };
    let of = |url: &str| json!({"name": "Robot", "url": url, "events": ["cache.purge"]});
    for url in [
        "http://127.0.0.1:9/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "http://exemple.test/",
        "https://169.254.169.254/x",
    ] {
        refused(&outside, of(url), &[("/url", "target_refused")]).await;
    }
    for url in [
        "ftp://exemple.test/",
        "https://anna:secret@exemple.test/",
        "exemple",
        "javascript:alert(1)",
    ] {
        refused(&outside, of(url), &[("/url", "invalid_format")]).await;
    }
    let named = outside.post(WEBHOOKS, of("https://anna@exemple.test/")).await;
    assert!(named.text.contains("ne nomme pas d’utilisateur"), "{}", named.text);
    let made = outside.post(WEBHOOKS, of("https://exemple.test/crochet/é")).await;
    let url = made.expect(201).json["info"]["url"].clone();
    assert_eq!(url, json!("https://exemple.test/crochet/%C3%A9"));
    let body = |events: Value| json!({"name": "Robot", "url": receiver.url, "events": events});
    refused(&admin, body(json!([])), &[("/events", "too_few")]).await;
    refused(
        &admin,
        body(json!(["article.eaten"])),
        &[("/events/0", "invalid_value")],
    )
    .await;
    let test = admin.post(WEBHOOKS, body(json!(["webhook.test"]))).await;
    assert!(!test.text.contains("webhook.test"), "{}", test.text);
    test.invalid(&[("/events/0", "invalid_value")]);
    let mut elsewhere = body(json!(["cache.purge"]));
    elsewhere["section_id"] = json!(UNKNOWN_ID);
    refused(&admin, elsewhere, &[("/section_id", "unknown_reference")]).await;
    for _ in 0..20 {
        receiver.webhook(&admin, &["cache.purge"]).await;
    }
    refused(&admin, body(json!(["cache.purge"])), &[("", "too_many_webhooks")]).await;
    let publisher = app.user(Role::Publisher);
    publisher.get(WEBHOOKS).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn a_machine_keeps_webhooks_with_a_token_of_an_administrator() {
    let (app, admin, _, receiver) = newsroom_with_receiver().await;
    let (_, machine) = admin.api_token(json!([{"permission": "webhooks:manage"}])).await;
    let (id, _) = receiver.webhook(&machine, &["article.published"]).await;
    let tried = machine
        .post(&format!("{WEBHOOKS}/{id}/actions/test"), json!({}))
        .await
        .expect(202);
    send(&app).await;
    assert_eq!(receiver.told(), ["webhook.test"]);
    let path = format!("{WEBHOOKS}/{id}/deliveries/{}", tried.id());
    let after = machine.get(&path).await.expect(200);
    assert_eq!(
        (after.member("state"), &after.json["last_status"]),
        ("delivered", &json!(204))
    );
    let version = machine.version_of(&format!("{WEBHOOKS}/{id}")).await;
    machine.delete(&format!("{WEBHOOKS}/{id}"), version).await.expect(204);
    machine.get(&path).await.problem(404, "not_found");
}

#[actix_web::test]
async fn old_events_are_forgotten_with_what_became_of_them() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, _) = receiver.webhook(&admin, &["article.published"]).await;
    admin.published("Vieux", &section).await;
    send(&app).await;
    app.clock.advance_seconds(31 * DAY);
    admin.renewed().published("Neuf", &section).await;
    let now = app.clock.now();
    let before = now.plus_seconds(-30 * DAY);
    app.db()
        .write_blocking(move |conn| forget_old(conn, before, now))
        .unwrap();
    send(&app).await;
    assert_eq!(deliveries(&admin, &id, "").await.len(), 1);
}

#[actix_web::test]
async fn a_restored_backup_tells_nobody_until_somebody_says_so() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let (id, secret) = receiver.webhook(&admin, &["article.published"]).await;
    admin.published("Avant", &section).await;
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&app, &path);
    restore(&app, &path, &[]).unwrap();
    let admin = app.admin();
    let shown = webhook(&admin, &id).await;
    assert_eq!(
        (&shown["is_enabled"], &shown["off_reason"]),
        (&json!(false), &json!("restored"))
    );
    admin.published("Après", &section).await;
    assert_eq!(send(&app).await, 0);
    let on = json!({"is_enabled": true});
    let path = format!("{WEBHOOKS}/{id}");
    admin.patch(&path, admin.version_of(&path).await, on).await.expect(200);
    let last = admin.published("Enfin", &section).await;
    send(&app).await;
    let told = receiver.take();
    let articles: Vec<&str> = told.iter().map(Message::article).collect();
    assert!(articles == [last] && told[0].is_signed_by(&secret));
}
