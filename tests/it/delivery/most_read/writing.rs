//! How counted views are written.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::Conn;
use masthead::on_each;
use masthead::published::most_read::store;

use super::{put_views, read_from, rows, viewing, written};
use crate::support::TestApp;
use crate::support::newsroom::{UNKNOWN_ID, newsroom};

#[actix_web::test]
async fn all_articles_are_written_in_one_statement_and_nothing_where_nothing_was_read() {
    let (app, admin, section) = newsroom().await;
    for number in 0..6 {
        let id = admin.published(&format!("Article {number}"), &section).await;
        read_from(&app, &id, 2).await;
    }
    let (wrote, asked) = app.statements_of(app.state.views.write(app.db())).await;
    wrote.unwrap();
    let inserts: Vec<_> = asked.iter().filter(|sql| sql.starts_with("INSERT")).collect();
    assert_eq!((inserts.len(), asked.len()), (1, 2), "{asked:#?}");
    assert_eq!(rows(&app).iter().map(|(_, _, views)| views).sum::<i64>(), 12);
    let (wrote, asked) = app.statements_of(app.state.views.write(app.db())).await;
    wrote.unwrap();
    assert_eq!(asked, Vec::<String>::new());
}

fn rename(app: &TestApp, from: &str, to: &str) {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    let renamed = app.db().write_blocking(move |conn: &mut Conn| {
        on_each!(conn, c => diesel::sql_query(&statement).execute(c))?;
        Ok(())
    });
    renamed.unwrap();
}

#[actix_web::test]
async fn views_that_cannot_be_written_are_kept_and_written_with_those_that_come_after() {
    let (app, admin, section) = newsroom().await;
    let (first, second) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
    );
    read_from(&app, &first, 3).await;
    rename(&app, "article_views", "elsewhere");
    assert!(app.state.views.write(app.db()).await.is_err());
    read_from(&app, &second, 2).await;
    viewing(&app, &first, [192, 0, 2, 200]).send().await.expect(204);
    app.clock.advance_seconds(3_600);
    assert!(app.state.views.write(app.db()).await.is_err());
    rename(&app, "elsewhere", "article_views");
    let hour = "2026-11-23T08:00:00.000Z".to_owned();
    let mut expected = [(first, hour.clone(), 4), (second, hour, 2)];
    expected.sort();
    assert_eq!(written(&app).await, expected);
    assert_eq!(written(&app).await, expected);
}

#[actix_web::test]
async fn instances_that_write_at_once_add_up() {
    let (app, admin, section) = newsroom().await;
    let mut articles = Vec::new();
    for number in 0..10 {
        articles.push(admin.published(&format!("Article {number}"), &section).await);
    }
    let mut instances = vec![app.clone()];
    for _ in 0..3 {
        instances.push(app.another_instance().await);
    }
    for _ in 0..3 {
        for instance in &instances {
            for id in &articles {
                read_from(instance, id, 2).await;
            }
        }
        let writes = instances
            .iter()
            .map(|instance| instance.state.views.write(instance.db()));
        for wrote in futures_util::future::join_all(writes).await {
            wrote.unwrap();
        }
        app.clock.advance_seconds(1_801);
    }
    let total: i64 = rows(&app).iter().map(|(_, _, views)| views).sum();
    assert_eq!(total, 3 * 4 * 10 * 2);
}

#[actix_web::test]
async fn views_of_what_is_taken_off_before_they_are_written_are_dropped() {
    let (app, admin, section) = newsroom().await;
    let (kept, gone) = (
        admin.published("Le port", &section).await,
        admin.published("Le marché", &section).await,
    );
    for id in [kept.as_str(), gone.as_str(), UNKNOWN_ID] {
        read_from(&app, id, 2).await;
    }
    admin.take(&gone, "unpublish", serde_json::json!({})).await.expect(200);
    assert_eq!(written(&app).await, [(kept, "2026-11-23T08:00:00.000Z".to_owned(), 2)]);
}

#[actix_web::test]
async fn an_article_that_is_deleted_for_good_takes_its_views_along() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    read_from(&app, &id, 2).await;
    assert_eq!(written(&app).await.len(), 1);
    for action in ["unpublish", "trash"] {
        admin.take(&id, action, serde_json::json!({})).await.expect(200);
    }
    let path = crate::support::newsroom::desk(&id);
    let version = admin.version_of(&path).await;
    let deleted = admin.request(Method::DELETE, &path).if_match(version).send().await;
    deleted.expect(204);
    assert_eq!(rows(&app), []);
}

#[actix_web::test]
async fn hours_older_than_eight_days_are_forgotten_one_at_a_time() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    for hour in [
        "2026-11-15T06:00:00Z",
        "2026-11-15T07:00:00Z",
        "2026-11-15T08:00:00Z",
        "2026-11-23T08:00:00Z",
    ] {
        put_views(&app, &id, hour, 1);
    }
    let forget = || {
        let now = app.now();
        app.db()
            .write_blocking(move |conn| store::forget_old_hour(conn, now))
            .unwrap();
        rows(&app).into_iter().map(|(_, hour, _)| hour).collect::<Vec<_>>()
    };
    let (second, third, last) = (
        "2026-11-15T07:00:00.000Z",
        "2026-11-15T08:00:00.000Z",
        "2026-11-23T08:00:00.000Z",
    );
    assert_eq!(forget(), [second, third, last]);
    assert_eq!(forget(), [third, last]);
    assert_eq!(forget(), [third, last]);
}
