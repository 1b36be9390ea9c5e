//! The moment: never early, exactly once, in order, through restarts, downtimes and clock changes.

use actix_web::rt::spawn;
use serde_json::json;

use super::{Paper, row, scheduler, today};
use crate::support::newsroom::action;
use crate::support::requests::together;

#[actix_web::test]
async fn a_revision_goes_live_at_its_moment_and_not_before() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let body = json!({"kind": "publish", "local_time": "2026-11-23T18:00", "time_zone": "Africa/Porto-Novo"});
    let answer = paper.admin().take(&id, "schedule", body).await.expect(200);
    let planned = &answer.json["schedules"][0];
    assert_eq!(planned["at"], "2026-11-23T17:00:00.000Z");
    assert_eq!(planned["local_time"], "2026-11-23T18:00:00");
    assert_eq!(
        (&answer.json["state"], &planned["fold"]),
        (&json!("draft"), &json!(null))
    );
    for early in ["08:00:00", "16:59:59"] {
        paper.clock_at(early);
        assert_eq!(paper.run().await, 0, "{early}");
        assert_eq!(paper.public_title(&id).await, None, "{early}");
    }
    paper.clock_at("17:00:00");
    assert_eq!(paper.public_title(&id).await, None, "nobody has run it yet");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("Le sommet"));
    assert_eq!(paper.run().await, 0);
    let view = paper.view(&id).await;
    assert_eq!(view["state"], "published");
    assert_eq!(view["published_by"], json!(paper.admin().user_id.unwrap()));
    assert_eq!(
        (&view["schedules"], &view["has_unpublished_changes"]),
        (&json!([]), &json!(false))
    );
    assert_eq!(paper.rows(&id), [row("publish", "done", None)]);
    assert_eq!(paper.publishes(&id), 1);
}

#[actix_web::test]
async fn however_late_the_date_is_the_planned_one() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    paper.clock_at("13:20:07");
    assert_eq!(paper.run().await, 1);
    let view = paper.view(&id).await;
    for member in ["published_at", "first_published_at", "updated_at"] {
        assert_eq!(view[member], "2026-11-23T10:00:00.000Z", "{member}");
    }
    let line = &paper.listed("state=done").await.json["items"][0];
    assert_eq!(line["late_seconds"], 3 * 3600 + 20 * 60 + 7);
    assert_eq!(line["decided_at"], "2026-11-23T13:20:07.000Z");
    // A schedule sets the date at first publish; a later one does not move it.
    paper
        .admin()
        .edit(&id, json!({"title": "Le sommet, suite"}))
        .await
        .expect(200);
    paper.plan(&id, "publish", "15:00").await.expect(200);
    paper.clock_at("15:00:01");
    assert_eq!(paper.run().await, 1);
    let view = paper.view(&id).await;
    assert_eq!(view["published_at"], "2026-11-23T10:00:00.000Z");
    assert_eq!(view["updated_at"], "2026-11-23T15:00:01.000Z");
}

#[actix_web::test]
async fn a_minor_publish_leaves_the_date_of_update_alone() {
    let paper = Paper::new().await;
    let id = paper.published("Le sommet").await;
    paper
        .admin()
        .edit(&id, json!({"title": "Le sommet "}))
        .await
        .expect(200);
    paper
        .admin()
        .edit(&id, json!({"kicker": "Diplomatie"}))
        .await
        .expect(200);
    let mut body = today("publish", "10:00");
    body["is_minor"] = json!(true);
    paper.admin().take(&id, "schedule", body).await.expect(200);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    let view = paper.view(&id).await;
    assert_eq!(view["updated_at"], "2026-11-23T08:00:00.000Z");
    assert_eq!(view["kicker"], "Diplomatie");
}

#[actix_web::test]
async fn an_article_goes_off_at_its_moment_and_not_before() {
    let paper = Paper::new().await;
    let id = paper.published("Le sommet").await;
    paper.plan(&id, "unpublish", "12:00").await.expect(200);
    paper.clock_at("11:59:59");
    assert_eq!(paper.run().await, 0);
    assert!(paper.public_title(&id).await.is_some());
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.public_title(&id).await, None);
    assert_eq!(paper.view(&id).await["state"], "unpublished");
    assert_eq!(paper.rows(&id), [row("unpublish", "done", None)]);
}

#[actix_web::test]
async fn exactly_the_frozen_revision_goes_live_whatever_was_edited_since() {
    let paper = Paper::new().await;
    let id = paper.draft("Version une").await;
    let answer = paper.plan(&id, "publish", "10:00").await.expect(200);
    let frozen = answer.json["schedules"][0]["revision_number"].as_i64().unwrap();
    assert_eq!(answer.json["schedules"][0]["has_later_changes"], false);
    paper
        .admin()
        .edit(&id, json!({"assignee_id": paper.admin().user_id.unwrap()}))
        .await
        .expect(200);
    assert_eq!(paper.view(&id).await["schedules"][0]["has_later_changes"], false);
    paper
        .admin()
        .edit(&id, json!({"title": "Version deux"}))
        .await
        .expect(200);
    let planned = &paper.view(&id).await["schedules"][0];
    assert_eq!(
        (&planned["has_later_changes"], &planned["revision_number"]),
        (&json!(true), &json!(frozen))
    );
    assert_eq!(paper.listed("").await.json["items"][0]["has_later_changes"], true);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("Version une"));
    let view = paper.view(&id).await;
    assert_eq!(
        (&view["title"], &view["has_unpublished_changes"]),
        (&json!("Version deux"), &json!(true))
    );
    // Edited back to what is live, it says so at the next publish that is planned.
    paper.admin().publish(&id).await.expect(200);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("Version deux"));
}

#[actix_web::test]
async fn what_was_edited_back_is_no_later_change() {
    let paper = Paper::new().await;
    let id = paper.draft("Version une").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    for title in ["Version deux", "Version une"] {
        paper.admin().edit(&id, json!({"title": title})).await.expect(200);
    }
    assert_eq!(paper.view(&id).await["schedules"][0]["has_later_changes"], false);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&id).await["has_unpublished_changes"], false);
}

#[actix_web::test]
async fn of_several_instances_one_acts() {
    let paper = Paper::new().await;
    let mut ids = Vec::new();
    for number in 0..20 {
        let id = paper.draft(&format!("Titre {number}")).await;
        paper.plan(&id, "publish", "10:00").await.expect(200);
        if number % 2 == 0 {
            paper.plan(&id, "unpublish", "11:00").await.expect(200);
        }
        ids.push(id);
    }
    let others = [paper.app.another_instance().await, paper.app.another_instance().await];
    paper.clock_at("11:30:00");
    let schedulers = [&paper.app, &others[0], &others[1]].map(scheduler);
    let runs = schedulers.map(|scheduler| async move { scheduler.run_due().await.unwrap() });
    let done = together(runs.into_iter().collect()).await;
    assert_eq!(done.iter().sum::<usize>(), 30, "{done:?}");
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(paper.publishes(id), 1, "{number}");
        assert!(paper.rows(id).iter().all(|(_, state, _)| state == "done"), "{number}");
        assert_eq!(paper.public_title(id).await.is_some(), number % 2 == 1, "{number}");
    }
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"publish\",outcome=\"done\"}"),
        "20"
    );
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"unpublish\",outcome=\"done\"}"),
        "10"
    );
    let count = |kind: &str| paper.metric(&format!("masthead_schedule_lateness_seconds_count{{kind=\"{kind}\"}}"));
    assert_eq!(
        (count("publish"), count("unpublish")),
        ("20".to_owned(), "10".to_owned())
    );
}

#[actix_web::test]
async fn a_restart_in_the_middle_loses_nothing_and_does_nothing_twice() {
    let paper = Paper::new().await;
    let mut ids = Vec::new();
    for number in 0..12 {
        let id = paper.draft(&format!("Titre {number}")).await;
        paper.plan(&id, "publish", &format!("10:{number:02}")).await.expect(200);
        ids.push(id);
    }
    paper.clock_at("10:30:00");
    for _ in 0..3 {
        // Each instance is stopped at another point of what it was doing.
        let instance = paper.app.another_instance().await;
        let task = spawn(async move { scheduler(&instance).run_due().await.map(drop) });
        for _ in 0..40 {
            actix_web::rt::task::yield_now().await;
        }
        task.abort();
        let _ended = task.await;
    }
    let last = paper.app.another_instance().await;
    scheduler(&last).run_due().await.unwrap();
    for id in &ids {
        assert_eq!(paper.publishes(id), 1);
        assert!(paper.public_title(id).await.is_some());
    }
    let dates: Vec<String> = paper
        .app
        .guest()
        .get("/v1/articles?limit=100")
        .await
        .items("published_at");
    let planned: Vec<String> = (0..12)
        .rev()
        .map(|minute| format!("2026-11-23T10:{minute:02}:00.000Z"))
        .collect();
    assert_eq!(dates, planned);
}

#[actix_web::test]
async fn a_clock_that_steps_back_publishes_neither_early_nor_twice() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    for (time, done) in [
        ("09:59:59", 0),
        ("07:00:00", 0),
        ("09:30:00", 0),
        ("10:00:00", 1),
        ("09:00:00", 0),
        ("10:00:00", 0),
        ("12:00:00", 0),
    ] {
        paper.clock_at(time);
        assert_eq!(paper.run().await, done, "{time}");
    }
    assert_eq!(paper.publishes(&id), 1);
    assert_eq!(paper.view(&id).await["published_at"], "2026-11-23T10:00:00.000Z");
}

#[actix_web::test]
async fn after_a_downtime_everything_is_made_up_for_in_its_order() {
    let paper = Paper::new().await;
    let passing = paper.draft("Un direct").await;
    paper
        .plan(&passing, "unpublish", "11:00")
        .await
        .problem(409, "invalid_state");
    paper.plan(&passing, "publish", "10:00").await.expect(200);
    paper.plan(&passing, "unpublish", "11:00").await.expect(200);
    let returning = paper.published("Une enquête").await;
    paper
        .plan(&returning, "publish", "11:00")
        .await
        .problem(409, "nothing_to_publish");
    paper.plan(&returning, "unpublish", "10:00").await.expect(200);
    paper.plan(&returning, "publish", "11:00").await.expect(200);
    paper.clock_at("20:00:00");
    assert_eq!(paper.run().await, 4);
    assert_eq!(paper.public_title(&passing).await, None);
    assert_eq!(paper.view(&passing).await["published_at"], "2026-11-23T10:00:00.000Z");
    assert!(paper.public_title(&returning).await.is_some());
    assert_eq!(paper.publishes(&returning), 2);
    for id in [&passing, &returning] {
        assert!(paper.rows(id).iter().all(|(_, state, _)| state == "done"));
    }
}

#[actix_web::test]
async fn an_act_by_hand_at_the_very_moment_comes_before_or_after_and_never_between() {
    let paper = Paper::new().await;
    let mut ids = Vec::new();
    for name in ["publish", "unpublish", "trash"].repeat(5) {
        let id = match name {
            "unpublish" => paper.published("Le sommet").await,
            _ => paper.draft("Le sommet").await,
        };
        paper.admin().edit(&id, json!({"title": "Suite"})).await.expect(200);
        paper.plan(&id, "publish", "10:00").await.expect(200);
        ids.push((name, id));
    }
    paper.clock_at("10:00:00");
    let scheduler = scheduler(&paper.app);
    let run = spawn(async move { scheduler.run_due().await.map(drop) });
    let acts = ids.iter().map(|(name, id)| {
        let (admin, path) = (paper.admin(), action(id, name));
        async move { admin.act(&path, 2, json!({})).await }
    });
    let answers = together(acts.collect()).await;
    run.await.unwrap().unwrap();
    for ((name, id), answer) in ids.iter().zip(answers) {
        let states: Vec<String> = paper.rows(id).into_iter().map(|(_, state, _)| state).collect();
        let (cancelled, state) = (states == ["cancelled"], paper.view(id).await["state"].clone());
        let case = format!("{name}: {} {states:?} {state}", answer.status);
        match (*name, answer.status) {
            ("publish", 200) => assert!(cancelled && paper.publishes(id) == 1, "{case}"),
            ("publish", 409) => assert!(!cancelled && paper.publishes(id) == 1, "{case}"),
            ("unpublish", 200) => {
                assert_eq!(state, "unpublished", "{case}");
                assert_eq!(paper.publishes(id), if cancelled { 1 } else { 2 }, "{case}");
            }
            ("trash", 200) => assert!(cancelled && state == "trashed" && paper.publishes(id) == 0, "{case}"),
            ("trash", 409) => assert!(!cancelled && state == "published", "{case}"),
            _ => panic!("{case}: {}", answer.text),
        }
        assert_eq!(paper.public_title(id).await.is_some(), state == "published", "{case}");
    }
}
