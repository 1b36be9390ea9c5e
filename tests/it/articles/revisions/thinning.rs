//! Old revisions are thinned, and what was live is kept.

use diesel::prelude::*;
use masthead::articles::model::{Content, RevisionKind};
use masthead::articles::revisions::thinning::ThinningSweep;
use masthead::base::clock::Time;
use masthead::base::db::schema::article_revisions;
use masthead::base::ids::ArticleId;
use serde_json::json;

use super::{diff, listed, revisions};
use crate::support::TestApp;
use crate::support::newsroom::{desk, newsroom};

/// Writes saves into the past, each a minute after the one before, `hours` ago.
fn age(app: &TestApp, id: &str, hours: i64, count: i32, size: i32) {
    let (id, now) = (ArticleId::parse(id).unwrap(), app.now());
    app.db()
        .write_blocking(move |conn| {
            let last: Option<i32> = article_revisions::table
                .filter(article_revisions::article_id.eq(id))
                .select(diesel::dsl::max(article_revisions::number))
                .first(conn)?;
            for step in 0..count {
                let at: Time = now.plus_seconds(-hours * 3600 + i64::from(step) * 60);
                diesel::insert_into(article_revisions::table)
                    .values((
                        article_revisions::article_id.eq(id),
                        article_revisions::number.eq(last.unwrap_or(0) + 1 + step),
                        article_revisions::kind.eq(RevisionKind::Save),
                        article_revisions::content.eq(Content::empty().to_json()?),
                        article_revisions::created_at.eq(at),
                        article_revisions::size.eq(size),
                    ))
                    .execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
}

fn count(app: &TestApp, id: &str) -> i64 {
    let id = ArticleId::parse(id).unwrap();
    let own = article_revisions::table.filter(article_revisions::article_id.eq(id));
    app.db()
        .read_blocking(|conn| Ok(own.count().get_result(conn)?))
        .unwrap()
}

#[actix_web::test]
async fn saving_thins_what_an_article_was_and_keeps_what_was_live() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    age(&app, &id, 48, 50, 100);
    app.clock.advance_seconds(7 * 3600);
    let admin = admin.renewed();
    for number in 0..8 {
        admin.edit(&id, json!({"title": number.to_string()})).await.expect(200);
    }
    // Fifty minutes of two days ago lie in one hour or two; the first save is of the last 24 hours.
    let left = listed(&admin, &id, &["revision_number", "kind"]).await;
    assert!((11..=12).contains(&left.len()), "{left:?}");
    assert!(left.contains(&json!([2, "publish"])));
    assert_eq!(left[0], json!([60, "save"]));
    assert_eq!(diff(&admin, &id, 60, "working").await["is_same"], true);
}

#[actix_web::test]
async fn an_articles_saves_are_bounded_in_number_and_bytes() {
    let (app, admin, section) = newsroom().await;
    let many = admin.draft("Un", &section).await;
    age(&app, &many, 5, 250, 100);
    let large = admin.draft("Deux", &section).await;
    age(&app, &large, 5, 30, 1024 * 1024);
    let mut walk = ThinningSweep::default();
    assert_eq!(walk.step(app.db()).await.unwrap(), 2);
    assert_eq!(count(&app, &many), 200);
    assert!((19..=21).contains(&count(&app, &large)), "{}", count(&app, &large));
}

#[actix_web::test]
async fn the_sweep_thins_articles_that_nobody_saves_any_more() {
    let (app, admin, section) = newsroom().await;
    let ids = [admin.draft("Un", &section).await, admin.draft("Deux", &section).await];
    for id in &ids {
        for number in 0..5 {
            admin.edit(id, json!({"title": number.to_string()})).await.expect(200);
        }
        assert_eq!(count(&app, id), 6);
    }
    let dead = admin.draft("Trois", &section).await;
    admin.edit(&dead, json!({"title": "Quatre"})).await.expect(200);
    admin
        .take(&dead, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    let sealed = count(&app, &dead);
    let mut walk = ThinningSweep::default();
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    app.clock.advance_seconds(25 * 3600);
    // Round and round: the step after the last begins again.
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    assert_eq!(walk.step(app.db()).await.unwrap(), 2);
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    for id in &ids {
        assert_eq!(count(&app, id), 1);
    }
    assert_eq!(count(&app, &dead), sealed);
    let admin = admin.renewed();
    admin.edit(&ids[0], json!({"title": "Plus tard"})).await.expect(200);
    assert_eq!(
        listed(&admin, &ids[0], &["revision_number"]).await,
        [json!([7]), json!([6])]
    );
}

#[actix_web::test]
async fn a_deleted_article_takes_its_revisions_along() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    admin.take(&id, "trash", json!({})).await.expect(200);
    admin.delete(&desk(&id), 1).await.expect(204);
    assert_eq!(count(&app, &id), 0);
    admin.get(&revisions(&id)).await.problem(404, "not_found");
}
