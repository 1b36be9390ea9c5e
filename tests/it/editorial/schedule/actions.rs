//! Scheduling and taking back by hand: what is accepted, who may, and what cancels what.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::articles::revisions::thinning::ThinningSweep;
use masthead::articles::schedules::store::protected_revisions;
use masthead::base::db::Conn;
use masthead::base::db::schema::{article_revisions, articles};
use masthead::base::ids::ArticleId;
use masthead::editorial::workflow::Action;
use masthead::editorial::workflow::table::RULES;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Paper, row, today};
use crate::support::backups::{back_up, restore};
use crate::support::newsroom::{action, article_in_state, desk};
use crate::support::{Answer, grant};

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
    let frozen = answer.json["schedules"][0]["revision"].as_i64().unwrap();
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
    assert_eq!(planned[1]["revision"], Value::Null);
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

fn kinds(answer: &Answer, member: &str) -> Vec<String> {
    let all = answer.json[member].as_array().unwrap();
    all.iter()
        .map(|schedule| schedule["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn an_act_by_hand_cancels_what_it_makes_pointless() {
    let table: &[(&str, Value, bool, &[&str])] = &[
        ("publish", json!({}), true, &["publish"]),
        (
            "correct",
            json!({"kind": "correction", "text": "Une erreur."}),
            true,
            &["publish"],
        ),
        ("unpublish", json!({}), true, &["publish", "unpublish"]),
        ("retract", json!({"notice": "Retiré."}), true, &["publish", "unpublish"]),
        (
            "kill",
            json!({"reason": "Une décision de justice."}),
            true,
            &["publish", "unpublish"],
        ),
        ("trash", json!({}), false, &["publish", "unpublish"]),
        ("submit", json!({}), true, &[]),
        ("duplicate", json!({}), true, &[]),
    ];
    for (name, body, is_live, expected) in table {
        let paper = Paper::new().await;
        let id = if *is_live {
            paper.published("Le sommet").await
        } else {
            paper.draft("Le sommet").await
        };
        paper.admin().edit(&id, json!({"title": "Suite"})).await.expect(200);
        paper.plan(&id, "publish", "10:00").await.expect(200);
        paper.plan(&id, "unpublish", "12:00").await.expect(200);
        let answer = paper.admin().take(&id, name, body.clone()).await;
        assert!([200, 201].contains(&answer.status), "{name}: {}", answer.text);
        assert_eq!(kinds(&answer, "cancelled_schedules"), *expected, "{name}");
        let waiting = paper
            .rows(&id)
            .iter()
            .filter(|(_, state, _)| state == "pending")
            .count();
        assert_eq!(waiting, 2 - expected.len(), "{name}");
        let publishes = paper.publishes(&id);
        paper.clock_at("20:00:00");
        paper.run().await;
        if expected.contains(&"publish") {
            assert_eq!(paper.publishes(&id), publishes, "{name}");
        }
    }
}

#[actix_web::test]
async fn a_deleted_article_takes_its_schedules_with_it() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    paper.admin().take(&id, "trash", json!({})).await.expect(200);
    paper.plan(&id, "publish", "10:00").await.problem(409, "invalid_state");
    paper.admin().delete(&desk(&id), 1).await.expect(204);
    assert_eq!(paper.rows(&id), []);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 0);
}

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
async fn a_slug_that_is_taken_meanwhile_gets_a_number_and_the_audit_says_so() {
    let paper = Paper::new().await;
    let slug = json!({"locale": "fr", "title": "T", "section_id": paper.section, "slug": "enquete"});
    let chosen = paper.admin().make(slug.clone()).await;
    let generated = paper.draft("Le sommet").await;
    for id in [&chosen, &generated] {
        paper.plan(id, "publish", "10:00").await.expect(200);
    }
    let other = paper.admin().make(slug).await;
    paper.admin().publish(&other).await.expect(200);
    paper.published("Le sommet").await;
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 2);
    let free = paper.draft("Autre chose").await;
    paper.plan(&free, "publish", "11:00").await.expect(200);
    paper.clock_at("11:00:00");
    assert_eq!(paper.run().await, 1);
    for (id, path, is_taken) in [
        (&chosen, "/news/enquete-2", true),
        (&generated, "/news/le-sommet-2", true),
        (&free, "/news/autre-chose", false),
    ] {
        assert_eq!(paper.view(id).await["path"], path);
        let query = format!("/v1/editorial/audit?target_id={id}&action=article.publish");
        let line = &paper.admin().get(&query).await.expect(200).json["items"][0];
        assert_eq!(line["via"], "scheduler");
        let user = json!(paper.admin().user_id.unwrap());
        assert_eq!(line["user_id"], user, "for whom it acts");
        let details = line["details"].as_array().unwrap();
        let taken = json!({"name": "slug_taken", "value": "true"});
        assert_eq!(details.contains(&taken), is_taken, "{details:?}");
    }
}

#[actix_web::test]
async fn what_the_frozen_revision_refers_to_may_go_meanwhile() {
    let paper = Paper::new().await;
    let admin = paper.admin();
    let (old, new) = (
        admin.section("Monde", None).await,
        admin.section("International", None).await,
    );
    let (tag, person) = (admin.tag("Mali").await, admin.contributor("Awa Bah").await);
    let id = admin
        .make(
            json!({"locale": "fr", "title": "Le sommet", "section_id": old, "secondary_section_ids": [paper.section],
            "tag_ids": [tag], "contributors": [{"contributor_id": person}]}),
        )
        .await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    // The working copy lets go of all of them.
    let lets_go = json!({"section_id": paper.section, "secondary_section_ids": [], "tag_ids": [], "contributors": []});
    admin.edit(&id, lets_go).await.expect(200);
    let path = format!("/v1/editorial/sections/{old}");
    admin.delete(&path, 1).await.problem(409, "section_not_empty");
    admin.delete(&format!("{path}?move_to={new}"), 1).await.expect(204);
    admin.delete(&format!("/v1/editorial/tags/{tag}"), 1).await.expect(204);
    admin
        .delete(&format!("/v1/editorial/contributors/{person}"), 1)
        .await
        .expect(204);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    let live = paper.app.guest().get(&format!("/v1/articles/{id}")).await.expect(200);
    assert_eq!(live.json["path"], "/international/le-sommet");
    assert_eq!(
        (&live.json["tags"], &live.json["contributors"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        paper.app.listed(&format!("section={}", paper.section)).await,
        [id.as_str()]
    );
    assert_eq!(paper.view(&id).await["has_unpublished_changes"], true);
}

#[actix_web::test]
async fn whoever_scheduled_it_need_not_be_there_when_it_happens() {
    let paper = Paper::new().await;
    let editor = paper.app.user(Role::Publisher);
    let id = paper.draft("Le sommet").await;
    editor
        .take(&id, "schedule", today("publish", "10:00"))
        .await
        .expect(200);
    let user = editor.user_id.unwrap();
    let path = format!("/v1/editorial/users/{user}/actions/disable");
    paper.admin().post(&path, json!({})).await.expect(200);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.view(&id).await["published_by"], json!(user));
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

/// The numbers of an article's revisions.
fn revisions(paper: &Paper, id: &str) -> Vec<i32> {
    let article = ArticleId::parse(id).unwrap();
    paper
        .app
        .db()
        .read_blocking(move |conn| {
            Ok(article_revisions::table
                .filter(article_revisions::article_id.eq(article))
                .order(article_revisions::number)
                .select(article_revisions::number)
                .load(conn)?)
        })
        .unwrap()
}

#[actix_web::test]
async fn what_waits_survives_the_thinning_of_revisions() {
    let paper = Paper::new().await;
    let id = paper.draft("Version une").await;
    let later = json!({"kind": "publish", "local_time": "2026-11-28T10:00", "time_zone": "UTC"});
    let answer = paper.admin().take(&id, "schedule", later).await.expect(200);
    let frozen = i32::try_from(answer.json["schedules"][0]["revision"].as_i64().unwrap()).unwrap();
    for number in 2..6 {
        let title = json!({"title": format!("Version {number}")});
        paper.admin().edit(&id, title).await.expect(200);
    }
    let before = revisions(&paper, &id);
    paper.clock_to("2026-11-28T09:00:00Z");
    assert_eq!(ThinningSweep::default().step(paper.app.db()).await.unwrap(), 1);
    let left = revisions(&paper, &id);
    assert!(
        left.len() < before.len() && left.contains(&frozen),
        "{before:?} {left:?}"
    );
    paper.clock_to("2026-11-28T10:00:00Z");
    assert_eq!(paper.run().await, 1);
    assert_eq!(paper.public_title(&id).await.as_deref(), Some("Version une"));
}

#[actix_web::test]
async fn nothing_goes_live_that_was_withdrawn_by_other_ways() {
    let paper = Paper::new().await;
    let mut ids = Vec::new();
    for state in [ArticleState::Killed, ArticleState::Retracted, ArticleState::Trashed] {
        let id = paper.draft("Le sommet").await;
        paper.plan(&id, "publish", "10:00").await.expect(200);
        // As an import or a replayed takedown does it, which cancel nothing.
        let article = ArticleId::parse(&id).unwrap();
        let withdraw = move |conn: &mut Conn| {
            diesel::update(articles::table.find(article))
                .set(articles::state.eq(state))
                .execute(conn)?;
            Ok(())
        };
        paper.app.db().write_blocking(withdraw).unwrap();
        ids.push(id);
    }
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 0);
    for id in &ids {
        assert_eq!(paper.rows(id), [row("publish", "cancelled", Some("not_publishable"))]);
        assert_eq!(paper.publishes(id), 0);
    }
}

#[actix_web::test]
async fn a_restored_backup_brings_no_schedule_back_to_life() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    paper.plan(&id, "publish", "10:00").await.expect(200);
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&paper.app, &path);
    paper.clock_at("09:00:00");
    restore(&paper.app, &path, &[]).unwrap();
    assert_eq!(paper.rows(&id), [row("publish", "cancelled", Some("restored"))]);
    paper.clock_at("10:00:00");
    assert_eq!(paper.run().await, 0);
    assert_eq!(paper.publishes(&id), 0);
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
            &[("/local_time", "too_long")],
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
        (json!({"local_time": "2026-11-23T10:00"}), &[("/time_zone", "required")]),
        (json!({"time_zone": "UTC"}), &[("/local_time", "required")]),
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
            json!({"kind": "unpublish", "local_time": "2026-11-23T10:00", "time_zone": "UTC", "minor": true, "note": "Non."}),
            &[("/minor", "unknown_field"), ("/note", "unknown_field")],
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
            if *state == ArticleState::Killed && *review != ArticleReview::Draft {
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
