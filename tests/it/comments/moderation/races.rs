//! Moderators at the same time.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::moderation_log;
use masthead::base::ids::CommentId;
use serde_json::{Value, json};

use super::{BULK, CLAIM, COUNTS, Desk, ids_of, waiting, written};
use crate::support::newsroom::newsroom;
use crate::support::requests::together;
use crate::support::{Answer, Client};

/// Clears the queue by claim and bulk until nothing is left; what was decided.
async fn clear(moderator: Client, action: &'static str) -> Vec<String> {
    let mut decided = Vec::new();
    loop {
        let cards = moderator.post(CLAIM, json!({"limit": 50})).await.expect(200);
        let ids = ids_of(&cards, "comments");
        if ids.is_empty() {
            return decided;
        }
        let body = json!({"action": action, "comment_ids": ids});
        let answer = moderator.post(BULK, body).await.expect(200);
        assert_eq!(answer.json["failed_count"], 0, "{}", answer.text);
        decided.extend(ids);
    }
}

/// With `MASTHEAD_TEST_QUEUE=10000` the queue is as long as that.
#[actix_web::test]
async fn moderators_who_clear_a_queue_never_decide_one_twice() {
    #[expect(
        clippy::disallowed_methods,
        reason = "settings of tests are no settings of the server"
    )]
    let asked = std::env::var("MASTHEAD_TEST_QUEUE");
    let count: usize = asked.map_or(1_000, |count| count.parse().unwrap());
    let desk = Desk::new().await;
    let began = std::time::Instant::now();
    for chunk in (0..count).collect::<Vec<_>>().chunks(500) {
        let new = chunk.iter().map(|n| waiting(&desk.article, i64::try_from(*n).unwrap()));
        written(&desk.app, new.collect());
    }
    if count >= 10_000 {
        let counts = desk.moderator.get(COUNTS).await.expect(200).json;
        assert_eq!(counts["pending"]["count"], 10_000);
        assert_eq!(counts["pending"]["is_capped"], json!(count > 10_000));
    }
    let written_in = began.elapsed();
    let moderators = if desk.app.db().is_sqlite() { 2 } else { 8 };
    let clearing: Vec<_> = (0..moderators)
        .map(|number| {
            let moderator = desk.app.user(Role::Moderator);
            // They disagree: a comment that two of them decided would be told as a conflict.
            clear(moderator, ["reject", "spam"][number % 2])
        })
        .collect();
    let decided = together(clearing).await;
    println!(
        "{count} written in {written_in:?}, cleared in {:?}",
        began.elapsed() - written_in
    );
    assert!(
        decided.iter().filter(|ids| !ids.is_empty()).count() > 1,
        "one did it all"
    );
    let all: Vec<&String> = decided.iter().flatten().collect();
    let each: BTreeSet<&String> = all.iter().copied().collect();
    assert_eq!((all.len(), each.len()), (count, count));
    let logged: Vec<CommentId> = desk
        .app
        .db()
        .read_blocking(|conn| Ok(moderation_log::table.select(moderation_log::comment_id).load(conn)?))
        .unwrap();
    let once: BTreeSet<String> = logged.iter().map(ToString::to_string).collect();
    assert_eq!((logged.len(), once.len()), (count, count));
}

#[actix_web::test]
async fn of_contrary_decisions_at_once_the_first_counts_where_it_was_seen_to_wait_and_else_the_last() {
    let (app, admin, section) = newsroom().await;
    let article = admin.published("Titre", &section).await;
    let mut approved = 0;
    for round in 0..20 {
        let id = app.guest().comment(&article, &format!("B {round}"), None).await;
        let is_seen = round % 2 == 0;
        let body = if is_seen {
            json!({"expected_state": "pending"})
        } else {
            json!({})
        };
        let deciding = ["approve", "reject", "approve", "spam"].map(|decision| {
            let (admin, id, body) = (admin.clone(), id.clone(), body.clone());
            async move { admin.decide_with(&id, decision, body).await }
        });
        let answers = together(deciding.into_iter().collect()).await;
        let context = admin.get(&format!("/v1/editorial/comments/{id}")).await.json;
        let state = context["comment"]["state"].as_str().unwrap().to_owned();
        let log = context["log"].as_array().unwrap();
        if is_seen {
            assert_eq!(log.len(), 1);
            let (taken, late): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
            assert_eq!((taken.len(), &taken[0].json["state"]), (1, &json!(state)));
            for answer in late {
                assert_eq!(answer.problem(409, "already_decided").json["state"], state);
            }
        } else {
            for answer in answers {
                answer.expect(200);
            }
            // Each that changed something is noted, from what the one before it made of the comment.
            assert!((3..=4).contains(&log.len()), "{log:?}");
            let made = |entry: &Value| entry["to_state"].clone();
            let before: Vec<_> = log.iter().map(|entry| entry["from_state"].clone()).collect();
            let after = [json!("pending")].into_iter().chain(log.iter().map(made));
            assert_eq!(before, after.take(log.len()).collect::<Vec<_>>());
            assert_eq!(made(log.last().unwrap()), state);
        }
        approved += i64::from(state == "approved");
        app.clock.advance_seconds(31);
        let card = app.guest().get("/v1/articles").await.json["items"][0].clone();
        assert_eq!(card["comment_count"], approved);
    }
}

#[actix_web::test]
async fn decisions_all_over_a_thread_leave_the_right_count() {
    let (app, admin, section) = newsroom().await;
    let article = admin.published("Titre", &section).await;
    let root = app.guest().comment(&article, "racine", None).await;
    admin.decide(&root, "approve").await.expect(200);
    let mut replies = Vec::new();
    for _ in 0..12 {
        let text = format!("réponse {}", replies.len());
        replies.push(app.guest().comment(&article, &text, Some(&root)).await);
    }
    let other = app.guest().comment(&article, "à côté", None).await;
    let all: Vec<String> = replies.iter().chain([&other]).cloned().collect();
    let deciding = all.into_iter().map(|id| {
        let admin = admin.clone();
        async move { admin.decide(&id, "approve").await }
    });
    for answer in together(deciding.collect()).await {
        answer.expect(200);
    }
    let count = || async {
        app.clock.advance_seconds(31);
        app.guest().get("/v1/articles").await.json["items"][0]["comment_count"].clone()
    };
    assert_eq!(count().await, 14);
    let mut acts: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> = Vec::new();
    for (id, decision) in replies
        .iter()
        .take(5)
        .map(|id| (id, "restore"))
        .chain([(&root, "restore")])
    {
        let (admin, id) = (admin.clone(), id.clone());
        acts.push(Box::pin(async move { admin.decide(&id, decision).await }));
    }
    for answer in together(acts).await {
        answer.expect(200);
    }
    assert_eq!(count().await, 1);
    admin.decide(&root, "approve").await.expect(200);
    assert_eq!(count().await, 9);
}
