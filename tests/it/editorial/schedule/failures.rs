//! What cannot be done at its moment.

use diesel::prelude::*;
use masthead::articles::schedules::model::ScheduleKind;
use masthead::base::db::schema::schedules;
use masthead::base::ids::ArticleId;

use super::{Paper, row};
use crate::support::newsroom::spoil_revision;

/// Makes the frozen revision of an article unreadable, or sound again.
fn spoil(paper: &Paper, id: &str, content: Option<String>) -> String {
    let article = ArticleId::parse(id).unwrap();
    let frozen: Option<i32> = paper
        .app
        .db()
        .read_blocking(move |conn| {
            Ok(schedules::table
                .filter(schedules::article_id.eq(article))
                .filter(schedules::kind.eq(ScheduleKind::Publish))
                .select(schedules::revision_number)
                .first(conn)?)
        })
        .unwrap();
    spoil_revision(
        &paper.app,
        id,
        frozen.unwrap(),
        content.as_deref().unwrap_or("nonsense"),
    )
}

#[actix_web::test]
async fn one_that_fails_stops_no_other_and_is_tried_again() {
    let paper = Paper::new().await;
    let (broken, sound) = (paper.draft("Cassé").await, paper.draft("Intact").await);
    paper.plan(&broken, "publish", "10:00").await.expect(200);
    paper.plan(&sound, "publish", "10:01").await.expect(200);
    let content = spoil(&paper, &broken, None);
    paper.clock_at("10:02:00");
    assert_eq!(paper.run().await, 1);
    assert!(paper.public_title(&sound).await.is_some());
    assert_eq!(paper.rows(&broken), [row("publish", "pending", Some("internal_error"))]);
    assert_eq!(paper.run().await, 0, "it waits before the next try");
    spoil(&paper, &broken, Some(content));
    paper.clock_at("10:02:05");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.rows(&broken), [row("publish", "done", None)]);
    assert_eq!(paper.view(&broken).await["published_at"], "2026-11-23T10:00:00.000Z");
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"publish\",outcome=\"retried\"}"),
        "1"
    );
}

#[actix_web::test]
async fn one_that_cannot_be_done_is_given_up_and_the_schedule_says_why() {
    let paper = Paper::new().await;
    let id = paper.draft("Cassé").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    spoil(&paper, &id, None);
    paper.clock_at("10:00:00");
    for seconds in [5, 30, 120, 600] {
        assert_eq!(paper.run().await, 0);
        assert_eq!(paper.rows(&id), [row("publish", "pending", Some("internal_error"))]);
        paper.app.clock.advance_seconds(seconds - 1);
        assert_eq!(paper.run().await, 0, "not before {seconds} s");
        paper.app.clock.advance_seconds(1);
    }
    assert_eq!(paper.run().await, 0);
    assert_eq!(paper.listed("").await.items("id"), Vec::<String>::new());
    let failed = paper.listed("state=failed").await;
    assert_eq!(failed.json["items"][0]["reason"], "internal_error");
    assert_eq!(failed.json["items"][0]["article"]["title"], "Cassé");
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"publish\",outcome=\"retried\"}"),
        "4"
    );
    assert_eq!(
        paper.metric("masthead_schedules_total{kind=\"publish\",outcome=\"failed\"}"),
        "1"
    );
    paper.plan(&id, "publish", "20:00").await.expect(200);
}

#[actix_web::test]
async fn what_should_have_come_first_does_not_come_after() {
    let paper = Paper::new().await;
    // Publish fails, and its end has come before the next try: it has missed its time.
    let passing = paper.draft("Un direct").await;
    paper.plan(&passing, "publish", "10:00").await.expect(200);
    paper.plan(&passing, "unpublish", "11:00").await.expect(200);
    let content = spoil(&paper, &passing, None);
    paper.clock_at("12:00:00");
    assert_eq!(paper.run().await, 0);
    spoil(&paper, &passing, Some(content));
    paper.clock_at("13:00:00");
    assert_eq!(paper.run().await, 0);
    let expected = [
        row("publish", "cancelled", Some("superseded")),
        row("unpublish", "cancelled", Some("not_live")),
    ];
    assert_eq!(paper.rows(&passing), expected);
    assert_eq!(paper.public_title(&passing).await, None);
}
