//! The embargo: a gate of its own before every publish, now, deferred or at its time.

use serde_json::json;

use super::{Paper, row, today};

async fn under_embargo(paper: &Paper, until: &str) -> String {
    let id = paper.draft("Sous embargo").await;
    set(paper, &id, Some(until)).await;
    id
}

async fn set(paper: &Paper, id: &str, until: Option<&str>) {
    let until = until.map(|time| format!("2026-11-23T{time}:00Z"));
    paper
        .admin()
        .edit(id, json!({"embargo_until": until}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn publish_is_refused_before_its_end_and_possible_from_it_on() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    for time in ["08:00:00", "11:59:59"] {
        paper.clock_at(time);
        let refused = paper.admin().publish(&id).await.problem(409, "embargoed");
        assert_eq!(refused.json["embargo_until"], "2026-11-23T12:00:00.000Z");
    }
    assert_eq!(paper.public_title(&id).await, None);
    paper.clock_at("12:00:00");
    paper.admin().publish(&id).await.expect(200);
}

#[actix_web::test]
async fn it_takes_nothing_off_and_refuses_what_would_be_published_again() {
    let paper = Paper::new().await;
    let id = paper.published("En ligne").await;
    paper
        .admin()
        .edit(&id, json!({"embargo_until": "2026-11-23T12:00:00Z", "title": "Suite"}))
        .await
        .expect(200);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("En ligne"));
    paper.admin().publish(&id).await.problem(409, "embargoed");
    let notice = json!({"kind": "correction", "text": "Une erreur."});
    paper
        .admin()
        .take(&id, "correct", notice)
        .await
        .problem(409, "embargoed");
    paper.plan(&id, "unpublish", "09:00").await.expect(200);
    paper.clock_at("09:00:00");
    assert_eq!(paper.run().await, 1, "taking off needs no gate");
}

#[actix_web::test]
async fn nothing_is_scheduled_before_its_end() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    let refused = paper.plan(&id, "publish", "11:59:59").await.problem(409, "embargoed");
    assert_eq!(refused.json["embargo_until"], "2026-11-23T12:00:00.000Z");
    assert_eq!(paper.rows(&id), []);
    paper.plan(&id, "publish", "12:00").await.expect(200);
}

#[actix_web::test]
async fn one_that_is_set_later_blocks_and_its_end_lets_go() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    set(&paper, &id, Some("12:00")).await;
    paper.clock_at("10:00:00");
    for _ in 0..2 {
        assert_eq!(paper.run().await, 0);
        assert_eq!(paper.rows(&id), [row("publish", "blocked", Some("embargoed"))]);
    }
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"publish\",outcome=\"blocked\"}"),
        "1"
    );
    assert_eq!(paper.view(&id).await["schedules"][0]["state"], "blocked");
    paper.clock_at("11:00:00");
    let line = &paper.listed("").await.json["items"][0];
    assert_eq!(
        (&line["state"], &line["reason"]),
        (&json!("blocked"), &json!("embargoed"))
    );
    assert_eq!(
        (&line["late_seconds"], &line["article"]["embargo_until"]),
        (&json!(3600), &json!("2026-11-23T12:00:00.000Z"))
    );
    paper.clock_at("11:59:59");
    assert_eq!(paper.run().await, 0);
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 1);
    let view = paper.view(&id).await;
    assert_eq!(
        view["published_at"], "2026-11-23T12:00:00.000Z",
        "not before it was allowed"
    );
    assert_eq!(paper.publishes(&id), 1);
}

#[actix_web::test]
async fn one_that_is_lifted_lets_go_at_once_and_one_that_is_raised_goes_on_holding() {
    let paper = Paper::new().await;
    let (lifted, raised) = (paper.draft("Levé").await, paper.draft("Prolongé").await);
    for id in [&lifted, &raised] {
        paper.plan(id, "publish", "10:00").await.expect(200);
        set(&paper, id, Some("12:00")).await;
    }
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 0);
    paper.clock_at("10:30:00");
    set(&paper, &lifted, None).await;
    set(&paper, &raised, Some("14:00")).await;
    assert_eq!(paper.public_title(&lifted).await, None, "an edit publishes nothing");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&lifted).await["published_at"], "2026-11-23T10:30:00.000Z");
    paper.clock_at("13:59:59");
    assert_eq!(paper.run().await, 0);
    paper.clock_at("14:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&raised).await["published_at"], "2026-11-23T14:00:00.000Z");
}

#[actix_web::test]
async fn lowering_or_raising_it_moves_no_schedule() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    paper.plan(&id, "publish", "12:00").await.expect(200);
    for until in [Some("09:00"), Some("15:00"), None] {
        set(&paper, &id, until).await;
        let planned = &paper.view(&id).await["schedules"][0];
        assert_eq!(
            (&planned["at"], &planned["state"]),
            (&json!("2026-11-23T12:00:00.000Z"), &json!("pending"))
        );
        paper.clock_at("09:30:00");
        assert_eq!(paper.run().await, 0);
    }
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 1);
}

#[actix_web::test]
async fn one_that_ended_during_a_downtime_dates_what_it_held() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    set(&paper, &id, Some("12:00")).await;
    paper.clock_at("20:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&id).await["published_at"], "2026-11-23T12:00:00.000Z");
}

#[actix_web::test]
async fn what_was_to_be_off_by_its_end_never_goes_live() {
    let paper = Paper::new().await;
    let id = paper.draft("Un direct").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    paper.plan(&id, "unpublish", "11:00").await.expect(200);
    set(&paper, &id, Some("12:00")).await;
    for time in ["10:00:00", "11:00:00", "12:00:00", "13:00:00"] {
        paper.clock_at(time);
        assert_eq!(paper.run().await, 0, "{time}");
    }
    let expected = [
        row("publish", "cancelled", Some("superseded")),
        row("unpublish", "cancelled", Some("not_live")),
    ];
    assert_eq!(paper.rows(&id), expected);
    assert_eq!(paper.publishes(&id), 0);
}

#[actix_web::test]
async fn a_publish_that_may_wait_for_its_end_does() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    let how = json!({"defer": true, "note": "Dès la levée."});
    let answer = paper.admin().take(&id, "publish", how.clone()).await.expect(202);
    let planned = &answer.json["schedules"][0];
    assert_eq!(
        (&answer.json["state"], &planned["kind"]),
        (&json!("draft"), &json!("publish"))
    );
    assert_eq!(
        (&planned["at"], &planned["time_zone"]),
        (&json!("2026-11-23T12:00:00.000Z"), &json!("UTC"))
    );
    paper
        .admin()
        .take(&id, "publish", how)
        .await
        .problem(409, "already_scheduled");
    paper.admin().edit(&id, json!({"title": "Retouché"})).await.expect(200);
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("Sous embargo"));
    assert_eq!(paper.view(&id).await["published_at"], "2026-11-23T12:00:00.000Z");
}

#[actix_web::test]
async fn one_that_need_not_wait_is_published_at_once() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    paper.clock_at("12:00:00");
    let answer = paper
        .admin()
        .take(&id, "publish", json!({"defer": true}))
        .await
        .expect(200);
    assert_eq!(
        (&answer.json["state"], &answer.json["schedules"]),
        (&json!("published"), &json!([]))
    );
}

#[actix_web::test]
async fn a_deferred_publish_keeps_the_date_that_was_asked_for_and_is_repeated_harmlessly() {
    let paper = Paper::new().await;
    let id = under_embargo(&paper, "12:00").await;
    let path = crate::support::newsroom::action(&id, "publish");
    let how = json!({"defer": true, "published_at": "2026-11-20T09:00:00Z"});
    for _ in 0..2 {
        let answer = paper
            .admin()
            .once(&path, Some(2), "une-cle", how.clone())
            .await
            .expect(202);
        assert_eq!(answer.json["schedules"].as_array().unwrap().len(), 1);
        assert_eq!(answer.json["cancelled_schedules"], json!([]));
    }
    assert_eq!(paper.rows(&id).len(), 1);
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&id).await["published_at"], "2026-11-20T09:00:00.000Z");
}

#[actix_web::test]
async fn an_embargo_without_a_near_end_cannot_be_waited_for() {
    let paper = Paper::new().await;
    let id = paper.draft("Pour plus tard").await;
    paper
        .admin()
        .edit(&id, json!({"embargo_until": "2031-01-01T00:00:00Z"}))
        .await
        .expect(200);
    paper
        .admin()
        .take(&id, "publish", json!({"defer": true}))
        .await
        .invalid(&[("/defer", "too_far_ahead")]);
    paper
        .admin()
        .take(&id, "schedule", today("publish", "10:00"))
        .await
        .problem(409, "embargoed");
    assert_eq!(paper.rows(&id), []);
}
