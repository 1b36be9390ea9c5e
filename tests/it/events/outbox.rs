//! Every act that others are to be told of is told, with ids, versions and paths alone.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::base::db::schema::{cache_deaths, events};
use masthead::demo::fill;
use masthead::events::outbox::EventKind;
use serde_json::{Value, json};

use super::receiver::{Message, Receiver, dispatcher};
use crate::editorial::schedule::scheduler;
use crate::support::contract::both;
use crate::support::newsroom::{action, newsroom, spoil_revision};
use crate::support::{Client, TestApp};

/// The site with a receiver that is told of everything.
async fn told_of_everything() -> (TestApp, Client, String, Receiver) {
    let (app, _, section) = newsroom().await;
    let app = app.reaching(&["127.0.0.0/8"]).await;
    let (admin, receiver) = (app.admin(), Receiver::new());
    let all: Vec<&str> = EventKind::ALL
        .iter()
        .filter(|kind| kind.can_be_asked_for() && **kind != EventKind::CachePurge)
        .map(|kind| kind.as_str())
        .collect();
    receiver.webhook(&admin, &all).await;
    (app, admin, section, receiver)
}

async fn sent(app: &TestApp, receiver: &Receiver) -> Vec<Message> {
    dispatcher(app).run_due().await.unwrap();
    receiver.take()
}

/// What is wrong with a message by the document.
fn faults(message: &Message) -> Vec<String> {
    let editorial = &both()[1];
    let pointer = format!(
        "/webhooks/{}/post/requestBody/content/application~1json/schema",
        message.kind()
    );
    let schema = editorial.json.pointer(&pointer).unwrap();
    editorial.check(schema, &message.json, true)
}

#[actix_web::test]
async fn each_act_on_an_article_is_told_once_by_its_name() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = admin.draft("Le secret du titre", &section).await;
    let mut steps: Vec<(&str, Value, &[&str])> = vec![
        ("submit", json!({}), &["review.requested"]),
        ("publish", json!({}), &["article.published"]),
        (
            "correct",
            json!({"kind": "correction", "text": "Le secret du rectificatif"}),
            &["article.corrected"],
        ),
        ("unpublish", json!({}), &["article.unpublished"]),
        ("publish", json!({}), &["article.published"]),
        (
            "retract",
            json!({"notice": "Le secret du retrait"}),
            &["article.retracted"],
        ),
        ("kill", json!({"reason": "Le secret du motif"}), &["article.killed"]),
    ];
    let mut paths = Vec::new();
    for (name, body, expected) in steps.drain(..) {
        if ["correct"].contains(&name) {
            admin
                .edit(&id, json!({"title": "Le secret du second titre"}))
                .await
                .expect(200);
        }
        let answer = admin.take(&id, name, body).await;
        assert!(answer.status < 300, "{name}: {}", answer.json);
        let messages = sent(&app, &receiver).await;
        let kinds: Vec<&str> = messages.iter().map(Message::kind).collect();
        assert_eq!(kinds, expected, "{name}");
        for message in &messages {
            assert_eq!(faults(message), Vec::<String>::new(), "{name}");
            assert!(!message.body.contains("secret du"), "{}", message.body);
            assert_eq!(message.article(), id);
            paths.push(message.json["data"]["path"].clone());
        }
    }
    assert_eq!(paths[0], Value::Null, "a draft has no path, and its title is in none");
    assert!(paths[1..].iter().all(|path| *path == paths[1]), "{paths:?}");
}

#[actix_web::test]
async fn what_is_planned_is_told_and_what_comes_of_it() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let (now, later) = (app.clock.now(), app.clock.now().plus_seconds(3_600));
    let id = admin.draft("Titre", &section).await;
    admin
        .take(&id, "schedule", json!({"kind": "publish", "at": later.to_string()}))
        .await
        .expect(200);
    let told = sent(&app, &receiver).await;
    assert_eq!(told[0].kind(), "article.scheduled");
    assert_eq!(told[0].json["data"]["publish_at"], json!(later));
    assert_eq!(told[0].json["timestamp"], json!(now));
    admin
        .take(&id, "unschedule", json!({"kind": "publish"}))
        .await
        .expect(200);
    let told = sent(&app, &receiver).await;
    assert_eq!(
        (told[0].kind(), &told[0].json["data"]["publish_at"]),
        ("article.unscheduled", &Value::Null)
    );
    admin
        .take(&id, "schedule", json!({"kind": "publish", "at": later.to_string()}))
        .await
        .expect(200);
    app.clock.advance_seconds(3_601);
    scheduler(&app).run_due().await.unwrap();
    let told = sent(&app, &receiver).await;
    assert_eq!(
        told.iter().map(Message::kind).collect::<Vec<_>>(),
        ["article.scheduled", "article.published"]
    );
}

/// Plans both, and says nothing of it.
async fn planned(app: &TestApp, admin: &Client, section: &str, receiver: &Receiver) -> String {
    let id = admin.draft("Titre", section).await;
    for (kind, later) in [("publish", 3_600), ("unpublish", 7_200)] {
        let at = app.clock.now().plus_seconds(later).to_string();
        let plan = json!({"kind": kind, "at": at});
        admin.take(&id, "schedule", plan).await.expect(200);
    }
    sent(app, receiver).await;
    id
}

#[actix_web::test]
async fn a_plan_that_another_act_takes_back_is_told_once() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = planned(&app, &admin, &section, &receiver).await;
    admin.take(&id, "trash", json!({})).await.expect(200);
    let told = sent(&app, &receiver).await;
    let nothing = json!({"article_id": id, "publish_at": null, "unpublish_at": null});
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind(), &told[0].json["data"]),
        ("article.unscheduled", &nothing)
    );
    let id = planned(&app, &admin, &section, &receiver).await;
    let version = admin.version_of(&format!("/v1/editorial/articles/{id}")).await;
    let many = json!({"action": "trash", "articles": [{"id": id, "version": version}]});
    admin.post("/v1/editorial/articles/bulk", many).await.expect(200);
    let told = sent(&app, &receiver).await;
    assert_eq!(
        told.iter().map(Message::kind).collect::<Vec<_>>(),
        ["article.unscheduled"]
    );
    // What goes live by hand will not go live by plan; that it goes off is planned still.
    let id = planned(&app, &admin, &section, &receiver).await;
    admin.publish(&id).await.expect(200);
    let told = sent(&app, &receiver).await;
    let kinds: Vec<&str> = told.iter().map(Message::kind).collect();
    assert_eq!(kinds, ["article.unscheduled", "article.published"]);
    assert_ne!(told[0].json["data"]["unpublish_at"], Value::Null);
    admin.take(&id, "kill", json!({"reason": "Motif"})).await.expect(200);
    let told = sent(&app, &receiver).await;
    let kinds: Vec<&str> = told.iter().map(Message::kind).collect();
    assert_eq!(kinds, ["article.unscheduled", "article.killed"]);
}

#[actix_web::test]
async fn a_plan_whose_time_is_over_is_told_as_taken_back() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = planned(&app, &admin, &section, &receiver).await;
    let embargo = app.clock.now().plus_seconds(10_000).to_string();
    admin.edit(&id, json!({"embargo_until": embargo})).await.expect(200);
    app.clock.advance_seconds(7_201);
    scheduler(&app).run_due().await.unwrap();
    let told = sent(&app, &receiver).await;
    let nothing = json!({"article_id": id, "publish_at": null, "unpublish_at": null});
    let said: Vec<(&str, &Value)> = told
        .iter()
        .map(|message| (message.kind(), &message.json["data"]))
        .collect();
    assert_eq!(said, [("article.unscheduled", &nothing)]);
}

#[actix_web::test]
async fn what_is_not_live_has_no_live_revision() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let mut said = Vec::new();
    for acts in [["submit", "unpublish"], ["unpublish", "submit"]] {
        let id = admin.published("Titre", &section).await;
        admin.edit(&id, json!({"title": "Autre titre"})).await.expect(200);
        for name in acts {
            admin.take(&id, name, json!({})).await.expect(200);
        }
        said.extend(sent(&app, &receiver).await.into_iter().map(|message| {
            let is_null = message.json["data"]["revision_number"].is_null();
            (message.kind().to_owned(), is_null)
        }));
    }
    let expected = [
        ("article.published", false),
        ("review.requested", false),
        ("article.unpublished", true),
        ("article.published", false),
        ("article.unpublished", true),
        ("review.requested", true),
    ];
    assert_eq!(said, expected.map(|(kind, is_null)| (kind.to_owned(), is_null)));
}

#[actix_web::test]
async fn what_the_demo_made_is_told_by_no_replay() {
    let app = TestApp::new().await;
    fill(app.db(), &app.state.passwords).unwrap();
    let count = app
        .db()
        .read_blocking(|conn| Ok(events::table.count().get_result::<i64>(conn)?));
    assert_eq!(count.unwrap(), 0);
}

#[actix_web::test]
async fn a_plan_that_came_to_nothing_is_told_with_its_reason() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = admin.draft("Titre", &section).await;
    let at = app.clock.now().plus_seconds(60);
    admin
        .take(&id, "schedule", json!({"kind": "publish", "at": at.to_string()}))
        .await
        .expect(200);
    sent(&app, &receiver).await;
    let number = admin
        .renewed()
        .get(&format!("/v1/editorial/articles/{id}/revisions"))
        .await
        .json["items"][0]["revision_number"]
        .as_i64()
        .unwrap();
    spoil_revision(&app, &id, i32::try_from(number).unwrap(), "{");
    for _ in 0..6 {
        app.clock.advance_seconds(700);
        scheduler(&app).run_due().await.unwrap();
    }
    let told = sent(&app, &receiver).await;
    let said: Vec<(&str, &Value)> = told
        .iter()
        .map(|message| (message.kind(), &message.json["data"]))
        .collect();
    let expected = json!({"article_id": id, "planned_at": at, "reason": "internal_error"});
    assert_eq!(said, [("article.publish_failed", &expected)]);
    assert_eq!(faults(&told[0]), Vec::<String>::new());
}

#[actix_web::test]
async fn what_becomes_of_a_comment_is_told_and_never_what_it_says() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = admin.published("Titre", &section).await;
    sent(&app, &receiver).await;
    let comment = app.guest().comment(&id, "Un secret bien gardé.", None).await;
    for decision in ["approve", "reject", "restore", "spam", "undo"] {
        admin.decide(&comment, decision).await.expect(200);
    }
    let path = format!("/v1/editorial/articles/{id}/comments");
    let staff = admin
        .post(&path, json!({"body": "La rédaction répond."}))
        .await
        .expect(201);
    let told = sent(&app, &receiver).await;
    let last = told.last().unwrap();
    assert_eq!(
        last.json["data"],
        json!({"comment_id": staff.id(), "article_id": id, "is_approved": true})
    );
    // A second time changes nothing, and nobody is told.
    admin.decide(&comment, "restore").await.expect(200);
    assert!(sent(&app, &receiver).await.is_empty());
    let shown: Vec<(&str, bool)> = told
        .iter()
        .map(|message| (message.kind(), message.json["data"]["is_approved"].as_bool().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ("comment.submitted", false),
            ("comment.approved", true),
            ("comment.rejected", false),
            ("comment.restored", false),
            ("comment.rejected", false),
            ("comment.restored", false),
            ("comment.submitted", true),
        ]
    );
    for message in &told[..told.len() - 1] {
        assert_eq!(faults(message), Vec::<String>::new());
        assert!(!message.body.contains("secret"), "{}", message.body);
        assert_eq!(message.json["data"]["comment_id"], json!(comment));
    }
}

#[actix_web::test]
async fn what_frames_articles_is_told_when_it_changes() {
    let (app, admin, _, receiver) = told_of_everything().await;
    let (news, sport) = (
        admin.section("Actualité", None).await,
        admin.section("Sport", None).await,
    );
    admin.move_section(&sport, Some(&news)).await.expect(200);
    let redirect = json!({"path": "/fr/vieux", "location": "/fr/actualite", "http_status": 301});
    admin.post("/v1/editorial/redirects", redirect).await.expect(201);
    let menu = json!({"key": "principal", "label": "Menu", "items": []});
    admin.post("/v1/editorial/menus", menu).await.expect(201);
    let version = admin.version_of("/v1/editorial/site").await;
    admin
        .patch("/v1/editorial/site", version, json!({"name": "Le Secret"}))
        .await
        .expect(200);
    let told = sent(&app, &receiver).await;
    let said: Vec<(&str, &Value)> = told
        .iter()
        .map(|message| (message.kind(), &message.json["data"]))
        .collect();
    // Of different things they are told in any order.
    assert_eq!(said.len(), 4);
    for expected in [
        (
            "section.moved",
            &json!({"section_id": sport, "path_before": "/sport", "path": "/actualite/sport"}),
        ),
        ("redirect.changed", &json!({"path": "/fr/vieux"})),
        ("site.changed", &json!({"part": "menu", "key": "principal"})),
        ("site.changed", &json!({"part": "settings", "key": null})),
    ] {
        assert!(said.contains(&expected), "{expected:?}: {said:?}");
    }
    for message in &told {
        assert_eq!(faults(message), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn an_act_that_fails_is_not_told() {
    let (app, admin, section, receiver) = told_of_everything().await;
    let id = admin.draft("Titre", &section).await;
    admin.act(&action(&id, "publish"), 99, json!({})).await.expect(412);
    admin
        .take(&id, "unpublish", json!({}))
        .await
        .problem(409, "invalid_state");
    assert!(sent(&app, &receiver).await.is_empty());
}

#[actix_web::test]
async fn caches_elsewhere_are_told_what_to_forget_where_somebody_asks() {
    let (app, admin, section, _) = told_of_everything().await;
    let id = admin.published("Titre", &section).await;
    let waiting = |app: &TestApp| -> i64 {
        let noted = cache_deaths::table.filter(cache_deaths::purge_waits.is_not_null());
        app.db()
            .read_blocking(move |conn| Ok(noted.count().get_result(conn)?))
            .unwrap()
    };
    assert_eq!(waiting(&app), 0, "nobody asks");
    let receiver = Receiver::new();
    receiver.webhook(&admin, &["cache.purge"]).await;
    admin.take(&id, "kill", json!({"reason": "Motif"})).await.expect(200);
    app.guest().get("/v1/articles").await.expect(200);
    assert!(waiting(&app) > 0);
    let told = sent(&app, &receiver).await;
    assert_eq!((told.len(), waiting(&app)), (1, 0));
    let keys: BTreeSet<&str> = told[0].json["data"]["surrogate_keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_str().unwrap())
        .collect();
    for expected in [&format!("article-{id}"), &format!("section-{section}"), "articles"] {
        assert!(keys.contains(expected), "{expected}: {keys:?}");
    }
    assert_eq!(faults(&told[0]), Vec::<String>::new());
    assert!(sent(&app, &receiver).await.is_empty());
}
