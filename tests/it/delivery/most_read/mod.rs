//! What is read: views are counted, and what is read most is listed.

mod counting;
mod listing;
mod writing;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::clock::Time;
use masthead::base::db::schema::article_views;
use masthead::base::ids::ArticleId;
use masthead::published::most_read::{HourlyViews, RankRefresh, store};

use crate::support::{Answer, Asking, TestApp};

/// A view that is not sent yet, from an address.
fn viewing(app: &TestApp, article: &str, address: [u8; 4]) -> Asking {
    let path = format!("/v1/articles/{article}/views");
    app.guest().request(Method::POST, &path).at_address(address)
}

/// Reads an article from so many addresses.
async fn read_from(app: &TestApp, article: &str, addresses: u8) {
    for last in 0..addresses {
        viewing(app, article, [192, 0, 2, last]).send().await.expect(204);
    }
}

/// Writes what was counted; the rows: article, hour, views.
async fn written(app: &TestApp) -> Vec<(String, String, i64)> {
    app.state.views.write(app.db()).await.unwrap();
    rows(app)
}

fn rows(app: &TestApp) -> Vec<(String, String, i64)> {
    let rows: Vec<(ArticleId, Time, i64)> = app
        .db()
        .read_blocking(|conn| {
            Ok(article_views::table
                .order((article_views::hour, article_views::article_id))
                .select((
                    article_views::article_id,
                    article_views::hour,
                    article_views::view_count,
                ))
                .load(conn)?)
        })
        .unwrap();
    let shown = rows.into_iter();
    shown
        .map(|(id, hour, views)| (id.to_string(), hour.to_string(), views))
        .collect()
}

/// Puts views of an hour into the table.
fn put_views(app: &TestApp, article: &str, hour: &str, view_count: i64) {
    let views = HourlyViews {
        article_id: ArticleId::parse(article).unwrap(),
        hour: Time::parse(hour).unwrap(),
        view_count,
    };
    app.db()
        .write_blocking(move |conn| store::add_views(conn, &[views]))
        .unwrap();
}

/// Sums up the ranks, as the background work of an instance that has just started.
async fn rank(app: &TestApp) {
    RankRefresh::default().step(app.db()).await.unwrap();
}

async fn most_read(app: &TestApp, query: &str) -> Answer {
    app.guest().get(&format!("/v1/most-read?{query}")).await.expect(200)
}

/// The ids of what is read most.
async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    most_read(app, query).await.items("id")
}
