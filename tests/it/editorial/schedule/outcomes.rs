//! What becomes of what was scheduled: cancelled by an act by hand, or done though things changed.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::ArticleState;
use masthead::articles::revisions::thinning::ThinningSweep;
use masthead::base::db::Conn;
use masthead::base::db::schema::articles;
use masthead::base::ids::ArticleId;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Paper, kinds, revisions, row, today};
use crate::support::backups::{back_up, restore};
use crate::support::newsroom::desk;

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
async fn what_waits_survives_the_thinning_of_revisions() {
    let paper = Paper::new().await;
    let id = paper.draft("Version une").await;
    let later = json!({"kind": "publish", "local_time": "2026-11-28T10:00", "time_zone": "UTC"});
    let answer = paper.admin().take(&id, "schedule", later).await.expect(200);
    let frozen = i32::try_from(answer.json["schedules"][0]["revision_number"].as_i64().unwrap()).unwrap();
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
