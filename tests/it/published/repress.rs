//! Work in the background: a rename that many live articles show.

use diesel::prelude::*;
use masthead::base::db::schema::jobs;
use masthead::base::jobs::{JobState, run_one};
use masthead::published::repress::RUNNERS;
use serde_json::json;

use crate::support::newsroom::{newsroom, spoil_revision};
use crate::support::{Client, TestApp};

/// A tag on more live articles than one transaction presses.
async fn renamed() -> (TestApp, Client, Vec<String>) {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let mut ids = Vec::new();
    for number in 0..120 {
        let id = admin
            .make(json!({"locale": "fr", "title": format!("T{number}"), "section_id": section, "tag_ids": [tag]}))
            .await;
        admin.publish(&id).await.expect(200);
        ids.push(id);
    }
    ids.sort();
    let answer = admin
        .patch(&format!("/v1/editorial/tags/{tag}"), 1, json!({"label": "Le Mali"}))
        .await;
    answer.expect(202);
    (app, admin, ids)
}

async fn showing(app: &TestApp, label: &str) -> usize {
    let mut count = 0;
    let mut cursor = String::new();
    loop {
        let page = app
            .guest()
            .get(&format!("/v1/articles?limit=100{cursor}"))
            .await
            .expect(200);
        count += page.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["tags"][0]["label"] == label)
            .count();
        let Some(next) = page.json["page"]["next_cursor"].as_str() else {
            return count;
        };
        cursor = format!("&cursor={next}");
    }
}

fn state(app: &TestApp) -> (JobState, i32, Option<String>) {
    app.db()
        .read_blocking(|conn| {
            Ok(jobs::table
                .select((jobs::state, jobs::attempts, jobs::last_error))
                .first(conn)?)
        })
        .unwrap()
}

#[actix_web::test]
async fn a_rename_on_many_articles_follows_chunk_by_chunk() {
    let (app, _admin, _) = renamed().await;
    for expected in [0, 50, 100, 120] {
        assert_eq!(showing(&app, "Le Mali").await, expected);
        assert!(run_one(app.db(), &RUNNERS).await.unwrap());
    }
    assert_eq!(state(&app), (JobState::Done, 0, None));
    assert!(!run_one(app.db(), &RUNNERS).await.unwrap());
}

#[actix_web::test]
async fn a_job_that_failed_goes_on_where_it_was() {
    let (app, _admin, ids) = renamed().await;
    let sound = spoil_revision(&app, &ids[60], 2, "nonsense");
    for _ in 0..2 {
        assert!(run_one(app.db(), &RUNNERS).await.unwrap());
    }
    let (now, attempts, error) = state(&app);
    assert_eq!((now, attempts), (JobState::Waiting, 1));
    assert!(error.is_some_and(|error| error.contains("stored content")));
    assert_eq!(
        showing(&app, "Le Mali").await,
        50,
        "a chunk is done whole or not at all"
    );
    assert!(
        !run_one(app.db(), &RUNNERS).await.unwrap(),
        "it waits before the next try"
    );
    spoil_revision(&app, &ids[60], 2, &sound);
    app.clock.advance_seconds(30);
    while run_one(app.db(), &RUNNERS).await.unwrap() {}
    assert_eq!(showing(&app, "Le Mali").await, 120);
    assert_eq!(state(&app).0, JobState::Done);
}

#[actix_web::test]
async fn a_job_that_cannot_be_done_is_given_up() {
    let (app, _admin, ids) = renamed().await;
    spoil_revision(&app, &ids[0], 2, "nonsense");
    for attempt in 1..=5 {
        assert!(run_one(app.db(), &RUNNERS).await.unwrap());
        assert_eq!(state(&app).1, attempt);
        app.clock.advance_seconds(30 * i64::from(attempt));
    }
    assert_eq!(state(&app).0, JobState::Failed);
    assert!(!run_one(app.db(), &RUNNERS).await.unwrap());
}

#[actix_web::test]
async fn two_instances_do_a_job_once() {
    let (app, _admin, _) = renamed().await;
    let other = app.another_instance().await;
    let workers: Vec<_> = [app.clone(), other]
        .into_iter()
        .map(|instance| actix_web::rt::spawn(async move { while run_one(instance.db(), &RUNNERS).await.unwrap() {} }))
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(showing(&app, "Le Mali").await, 120);
    assert_eq!(state(&app), (JobState::Done, 0, None));
}
