//! Scheduling and taking back by hand.

use diesel::prelude::*;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::articles::schedules::store::protected_revisions;
use masthead::base::db::schema::article_revisions;
use masthead::base::ids::ArticleId;
use masthead::editorial::workflow::Action;
use masthead::editorial::workflow::table::RULES;
use masthead::site::settings::Site;
use serde_json::{Value, json};

use super::{Paper, kinds, row, today};
use crate::support::TestApp;
use crate::support::newsroom::{action, article_in_state};

#[actix_web::test]
async fn scheduling_freezes_the_working_copy_and_changes_nothing_else() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let before = paper.view(&id).await;
    let mut body = today("publish", "10:00");
    body["note"] = json!("Après la conférence.");
    let answer = paper.admin().take(&id, "schedule", body).await.expect(200);
    for member in [
        "version",
        "state",
        "review",
        "has_unpublished_changes",
        "path",
        "published_at",
    ] {
        assert_eq!(answer.json[member], before[member], "{member}");
    }
    let frozen = answer.json["schedules"][0]["revision_number"].as_i64().unwrap();
    let (article, frozen) = (ArticleId::parse(&id).unwrap(), i32::try_from(frozen).unwrap());
    let (kind, note, protected) = paper
        .app
        .db()
        .read_blocking(move |conn| {
            let (kind, note): (String, Option<String>) = article_revisions::table
                .find((article, frozen))
                .select((article_revisions::kind, article_revisions::note))
                .first(conn)?;
            Ok((kind, note, protected_revisions(conn, article)?))
        })
        .unwrap();
    assert_eq!((kind.as_str(), note.as_deref()), ("save", Some("Après la conférence.")));
    assert_eq!(protected, [frozen]);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    let protected = paper
        .app
        .db()
        .read_blocking(move |conn| protected_revisions(conn, article))
        .unwrap();
    assert_eq!(protected, Vec::<i32>::new(), "what went live has a revision of its own");
}

#[actix_web::test]
async fn a_moment_is_said_with_its_offset_or_on_the_clock_of_the_site() {
    let site = Site {
        time_zone: "Africa/Porto-Novo".to_owned(),
        ..Site::default()
    };
    let app = TestApp::with_site(&site).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    for (moment, at, local, zone) in [
        (
            json!({"at": "2027-01-05T07:00:00+01:00"}),
            "2027-01-05T06:00:00.000Z",
            "2027-01-05T07:00:00",
            "Africa/Porto-Novo",
        ),
        (
            json!({"at": "2027-01-05T07:00:00.000Z"}),
            "2027-01-05T07:00:00.000Z",
            "2027-01-05T08:00:00",
            "Africa/Porto-Novo",
        ),
        (
            json!({"local_time": "2027-01-05T07:00"}),
            "2027-01-05T06:00:00.000Z",
            "2027-01-05T07:00:00",
            "Africa/Porto-Novo",
        ),
        (
            json!({"local_time": "2027-01-05T07:00", "time_zone": "Europe/Moscow"}),
            "2027-01-05T04:00:00.000Z",
            "2027-01-05T07:00:00",
            "Europe/Moscow",
        ),
    ] {
        let id = admin.draft("Le sommet", &section).await;
        let mut body = moment.clone();
        body["kind"] = json!("publish");
        let answer = admin.take(&id, "schedule", body).await.expect(200);
        let planned = &answer.json["schedules"][0];
        let found = ["at", "local_time", "time_zone"].map(|name| planned[name].as_str().unwrap());
        assert_eq!(found, [at, local, zone], "{moment}");
    }
    let id = admin.draft("Le sommet", &section).await;
    for (name, said) in [
        ("local_time", json!({"local_time": "2027-01-05T07:00:00+01:00"})),
        (
            "time_zone",
            json!({"local_time": "2027-01-05T07:00", "time_zone": "Africa/Cotonou"}),
        ),
    ] {
        let mut body = said.clone();
        body["kind"] = json!("publish");
        let refused = admin.take(&id, "schedule", body).await.expect(422);
        let error = &refused.json["errors"][0];
        assert_eq!(error["pointer"], format!("/{name}"));
        let message = error["message"].as_str().unwrap();
        let hint = if name == "time_zone" { "Africa/Porto-Novo" } else { "at" };
        assert!(message.contains(hint), "{message}");
    }
}

#[actix_web::test]
async fn one_of_each_kind_waits_and_a_second_is_told_of_the_first() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let first = paper.plan(&id, "publish", "10:00").await.expect(200);
    paper.plan(&id, "unpublish", "12:00").await.expect(200);
    for (kind, at) in [("publish", "10:00"), ("unpublish", "12:00")] {
        let refused = paper.plan(&id, kind, "14:00").await.problem(409, "already_scheduled");
        let existing = &refused.json["schedule"];
        assert_eq!(existing["at"], format!("2026-11-23T{at}:00.000Z"));
        assert_eq!(existing["kind"], kind);
    }
    assert_eq!(paper.rows(&id).len(), 2);
    let planned = paper.view(&id).await["schedules"].clone();
    assert_eq!(planned[0]["id"], first.json["schedules"][0]["id"]);
    assert_eq!(
        (&planned[0]["kind"], &planned[1]["kind"]),
        (&json!("publish"), &json!("unpublish"))
    );
    assert_eq!(planned[1]["revision_number"], Value::Null);
}

#[actix_web::test]
async fn what_waits_is_taken_back_by_kind_or_all_together() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let back = |body: Value| {
        let (admin, id) = (paper.admin(), id.clone());
        async move { admin.take(&id, "unschedule", body).await }
    };
    back(json!({})).await.problem(409, "not_scheduled");
    paper.plan(&id, "publish", "10:00").await.expect(200);
    back(json!({"kind": "unpublish"})).await.problem(409, "not_scheduled");
    paper.plan(&id, "unpublish", "12:00").await.expect(200);
    let answer = back(json!({"kind": "publish"})).await.expect(200);
    assert_eq!(kinds(&answer, "cancelled_schedules"), ["publish"]);
    assert_eq!(kinds(&answer, "schedules"), ["unpublish"]);
    let cancelled = &answer.json["cancelled_schedules"][0];
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(cancelled["decided_by"], json!(paper.admin().user_id.unwrap()));
    // A change is taking back and scheduling again.
    paper.plan(&id, "publish", "11:00").await.expect(200);
    let answer = back(json!({})).await.expect(200);
    assert_eq!(kinds(&answer, "cancelled_schedules"), ["publish", "unpublish"]);
    assert_eq!(answer.json["schedules"], json!([]));
    paper.clock_at("20:00:00");
    assert_eq!(paper.run().await, 0);
    assert_eq!(paper.public_title(&id).await, None);
    assert_eq!(paper.view(&id).await["cancelled_schedules"], json!([]));
}

#[actix_web::test]
async fn both_actions_ask_for_the_version_that_was_read_and_are_repeated_harmlessly() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let (schedule, unschedule) = (action(&id, "schedule"), action(&id, "unschedule"));
    let body = today("publish", "10:00");
    paper
        .admin()
        .post(&schedule, body.clone())
        .await
        .problem(428, "precondition_required");
    paper
        .admin()
        .act(&schedule, 7, body.clone())
        .await
        .problem(412, "stale_version");
    for _ in 0..2 {
        let answer = paper
            .admin()
            .once(&schedule, Some(1), "un", body.clone())
            .await
            .expect(200);
        assert_eq!(kinds(&answer, "schedules"), ["publish"]);
    }
    paper
        .admin()
        .act(&unschedule, 7, json!({}))
        .await
        .problem(412, "stale_version");
    let first = paper
        .admin()
        .once(&unschedule, Some(1), "deux", json!({}))
        .await
        .expect(200);
    assert_eq!(kinds(&first, "cancelled_schedules"), ["publish"]);
    let again = paper
        .admin()
        .once(&unschedule, Some(1), "deux", json!({}))
        .await
        .expect(200);
    assert_eq!(kinds(&again, "cancelled_schedules"), Vec::<String>::new());
    assert_eq!(paper.rows(&id), [row("publish", "cancelled", None)]);
}

#[actix_web::test]
async fn the_audit_has_a_line_for_each_step() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    paper.admin().take(&id, "unschedule", json!({})).await.expect(200);
    paper.plan(&id, "publish", "11:00").await.expect(200);
    let until = json!({"embargo_until": "2026-11-23T12:00:00Z"});
    paper.admin().edit(&id, until).await.expect(200);
    for time in ["11:00:00", "12:00:00"] {
        paper.clock_at(time);
        paper.run().await;
    }
    paper.plan(&id, "unpublish", "13:00").await.expect(200);
    paper.clock_at("13:00:00");
    paper.run().await;
    let mut actions = paper
        .admin()
        .get(&format!("/v1/editorial/audit?target_id={id}&limit=100"))
        .await
        .expect(200)
        .items("action");
    actions.reverse();
    let expected = [
        "article.create",
        "article.schedule",
        "article.unschedule",
        "article.schedule",
        "article.edit",
        "schedule.blocked",
        "article.publish",
        "article.schedule",
        "article.unpublish",
    ];
    assert_eq!(actions, expected);
}

#[actix_web::test]
async fn both_lines_of_the_table_hold_in_every_state_and_review() {
    let paper = Paper::new().await;
    let admin = paper.admin();
    for state in ArticleState::ALL {
        for review in ArticleReview::ALL {
            if *state == ArticleState::Killed && *review != ArticleReview::NotSubmitted {
                continue;
            }
            let id = article_in_state(&admin, &paper.section, *state, *review).await;
            for (what, body) in [
                (Action::Schedule, today("publish", "10:00")),
                (Action::Schedule, today("unpublish", "11:00")),
                (Action::Unschedule, json!({})),
            ] {
                let answer = admin.take(&id, what.as_str(), body).await;
                let rule = RULES.iter().find(|rule| rule.action == what).unwrap();
                let case = format!("{what} in {state}, {review}: {}", answer.text);
                if rule.is_possible(*state, *review) {
                    // Where nothing can be scheduled there is nothing to take back.
                    let waits = *state != ArticleState::Retracted;
                    assert_eq!(answer.status, if waits { 200 } else { 409 }, "{case}");
                    assert!(waits || answer.json["code"] == "not_scheduled", "{case}");
                } else {
                    let problem = answer.problem(409, "invalid_state");
                    assert_eq!(problem.json["state"], state.as_str(), "{case}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn of_two_schedules_at_once_one_is_accepted() {
    let paper = Paper::new().await;
    for _ in 0..10 {
        let id = paper.draft("Le sommet").await;
        let asks = ["10:00", "11:00", "12:00"].map(|time| {
            let (admin, path) = (paper.admin(), action(&id, "schedule"));
            async move { admin.act(&path, 1, today("publish", time)).await.status }
        });
        let mut statuses = crate::support::requests::together(asks.into_iter().collect()).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409]);
        assert_eq!(paper.rows(&id).len(), 1);
    }
}
