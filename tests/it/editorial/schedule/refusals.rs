//! What a schedule needs, and what is refused.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{Paper, revisions, today};
use crate::support::grant;
use crate::support::newsroom::action;

#[actix_web::test]
async fn what_publish_needs_is_asked_for_when_it_is_scheduled() {
    let paper = Paper::new().await;
    let empty = paper.admin().make(json!({"locale": "fr"})).await;
    paper
        .plan(&empty, "publish", "10:00")
        .await
        .invalid(&[("/title", "missing"), ("/section_id", "missing")]);
    let live = paper.published("Le sommet").await;
    paper
        .plan(&live, "publish", "10:00")
        .await
        .problem(409, "nothing_to_publish");
    let slug = json!({"locale": "fr", "title": "T", "section_id": paper.section, "slug": "enquete"});
    let (first, second) = (paper.admin().make(slug.clone()).await, paper.admin().make(slug).await);
    paper.admin().publish(&first).await.expect(200);
    paper.plan(&second, "publish", "10:00").await.problem(422, "slug_taken");
    paper
        .admin()
        .take(&live, "retract", json!({"notice": "Retiré."}))
        .await
        .expect(200);
    paper
        .plan(&live, "publish", "10:00")
        .await
        .problem(409, "invalid_state");
    let draft = paper.draft("Brouillon").await;
    paper
        .plan(&draft, "unpublish", "10:00")
        .await
        .problem(409, "invalid_state");
    paper.plan(&draft, "publish", "12:00").await.expect(200);
    // It would go off before it is live.
    for time in ["10:00", "12:00"] {
        paper
            .plan(&draft, "unpublish", time)
            .await
            .problem(409, "invalid_state");
    }
    paper.plan(&draft, "unpublish", "12:00:01").await.expect(200);
}

#[actix_web::test]
async fn where_the_site_asks_for_approval_so_does_a_schedule() {
    let site = masthead::site::settings::Site {
        requires_approval: true,
        ..masthead::site::settings::Site::default()
    };
    let app = crate::support::TestApp::with_site(&site).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let id = admin.draft("Le sommet", &section).await;
    let body = today("publish", "10:00");
    admin
        .take(&id, "schedule", body.clone())
        .await
        .problem(409, "not_approved");
    admin.take(&id, "submit", json!({})).await.expect(200);
    admin.take(&id, "approve", json!({})).await.expect(200);
    admin.take(&id, "schedule", body).await.expect(200);
}

#[actix_web::test]
async fn a_grant_in_a_section_schedules_there_and_nowhere_else() {
    let paper = Paper::new().await;
    let sport = paper.admin().section("Sport", None).await;
    let editor = paper.app.user_in(Role::SectionEditor, &sport);
    let (theirs, other) = (
        paper.admin().draft("Un match", &sport).await,
        paper.draft("Un sommet").await,
    );
    editor
        .take(&theirs, "schedule", today("publish", "10:00"))
        .await
        .expect(200);
    editor
        .act(&action(&other, "schedule"), 1, today("publish", "10:00"))
        .await
        .problem(404, "not_found");
    let reads = paper.app.user_with(vec![
        grant(
            Role::SectionEditor,
            Some(crate::support::newsroom::section_id(&sport)),
            None,
        ),
        grant(Role::Analyst, None, None),
    ]);
    reads
        .act(&action(&other, "schedule"), 1, today("publish", "10:00"))
        .await
        .problem(403, "forbidden");
    paper.plan(&other, "publish", "10:00").await.expect(200);
    reads
        .act(&action(&other, "unschedule"), 1, json!({}))
        .await
        .problem(403, "forbidden");
    // Frozen in News, the article now stands in Sport: what waits is not theirs to take back.
    paper
        .admin()
        .edit(&other, json!({"section_id": sport}))
        .await
        .expect(200);
    reads
        .act(&action(&other, "unschedule"), 2, json!({}))
        .await
        .problem(403, "forbidden");
    let journalist = paper.app.user(Role::Journalist);
    let own = journalist.draft("À moi", &sport).await;
    for (name, body) in [("schedule", today("publish", "10:00")), ("unschedule", json!({}))] {
        journalist.take(&own, name, body).await.problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn a_moment_that_cannot_be_is_told_by_pointer_and_nothing_is_frozen() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let before = revisions(&paper, &id);
    let table: &[(Value, &[(&str, &str)])] = &[
        (
            json!({"local_time": "2026-11-23T08:00", "time_zone": "UTC"}),
            &[("/local_time", "in_the_past")],
        ),
        (
            json!({"local_time": "2026-11-23T08:59", "time_zone": "Africa/Porto-Novo"}),
            &[("/local_time", "in_the_past")],
        ),
        (
            json!({"local_time": "2020-01-01T00:00", "time_zone": "UTC"}),
            &[("/local_time", "in_the_past")],
        ),
        (
            json!({"local_time": "2028-11-23T08:01", "time_zone": "UTC"}),
            &[("/local_time", "too_far_ahead")],
        ),
        (
            json!({"local_time": "9999-11-23T08:01", "time_zone": "UTC"}),
            &[("/local_time", "invalid_format")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00:00Z", "time_zone": "UTC"}),
            &[("/local_time", "invalid_format")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00Z", "time_zone": "UTC"}),
            &[("/local_time", "invalid_format")],
        ),
        (
            json!({"local_time": "2026-11-23 10:00", "time_zone": "UTC"}),
            &[("/local_time", "invalid_format")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00", "time_zone": "Paris"}),
            &[("/time_zone", "unknown_time_zone")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00", "time_zone": "europe/paris"}),
            &[("/time_zone", "unknown_time_zone")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00", "time_zone": "+01:00"}),
            &[("/time_zone", "unknown_time_zone")],
        ),
        (json!({}), &[("/local_time", "moment_missing")]),
        (json!({"time_zone": "UTC"}), &[("/local_time", "moment_missing")]),
        (json!({"at": "2026-11-23T10:00"}), &[("/at", "invalid_format")]),
        (json!({"at": "2026-11-23T08:00:00Z"}), &[("/at", "in_the_past")]),
        (json!({"at": "2028-11-23T08:01:00Z"}), &[("/at", "too_far_ahead")]),
        (
            json!({"at": "2026-11-23T10:00:00Z", "local_time": "2026-11-23T10:00", "time_zone": "UTC", "fold": "later"}),
            &[
                ("/local_time", "not_both"),
                ("/time_zone", "not_both"),
                ("/fold", "not_both"),
            ],
        ),
        (
            json!({"local_time": "2026-11-23T10:00", "time_zone": "UTC", "fold": 1}),
            &[("/fold", "wrong_type")],
        ),
        (
            json!({"local_time": "2026-11-23T10:00", "time_zone": "UTC", "fold": "first"}),
            &[("/fold", "invalid_value")],
        ),
        (
            json!({"kind": "kill", "local_time": "2026-11-23T10:00", "time_zone": "UTC"}),
            &[("/kind", "invalid_value")],
        ),
        (
            json!({"kind": "unpublish", "local_time": "2026-11-23T10:00", "time_zone": "UTC", "is_minor": true, "note": "Non."}),
            &[("/is_minor", "unknown_field"), ("/note", "unknown_field")],
        ),
    ];
    for (body, errors) in table {
        let mut body = body.clone();
        if body.get("kind").is_none() {
            body["kind"] = json!("publish");
        }
        paper.admin().take(&id, "schedule", body.clone()).await.invalid(errors);
    }
    assert_eq!(paper.rows(&id), []);
    assert_eq!(revisions(&paper, &id), before);
    // The edges of what can be.
    let edge = json!({"kind": "publish", "local_time": "2028-11-23T08:00", "time_zone": "UTC", "fold": "later"});
    paper.admin().take(&id, "schedule", edge).await.expect(200);
}
