//! Sites that differ in nothing but how much there is beside what is asked for.

use diesel::connection::SimpleConnection;
use masthead::base::db::{Conn, DatabaseUrl, statistics};
use masthead::{demo, on_each};
use serde_json::Value;

use crate::support::TestApp;
use crate::support::replays::{PlanFor, Replayer};

/// Things that a newsroom makes as it goes on, one for each article or comment. What is read of each list first is the
/// demo's, whose names and moments come before these.
const GROWING: &[&str] = &[
    "INSERT INTO article_notes (id, article_id, body, version, created_at, updated_at, resolved_at) \
     SELECT id, id, 'Vu.', 1, created_at, created_at, created_at FROM articles",
    "INSERT INTO schedules (id, article_id, kind, state, at, local_time, time_zone, article_version, is_minor, attempts, \
     created_at, decided_at) SELECT id, id, 'unpublish', 'done', created_at, '2026-01-01T00:00', 'UTC', 1, FALSE, 0, \
     created_at, created_at FROM articles",
    "INSERT INTO paths (path, kind, locale, status, location, http_status, created_at, id, origin, version, updated_at) \
     SELECT '/zz/' || id, 'redirect', 'fr', 'moved', '/', 301, created_at, id, 'import', 1, created_at FROM articles",
    "INSERT INTO article_views (article_id, hour, view_count) SELECT id, '2026-11-23 07:00:00', 3 FROM articles",
    "INSERT INTO tags (id, kind, slug, label, sort_key, version, created_at, updated_at) \
     SELECT id, 'topic', 'zz-' || id, 'Zz ' || id, 'zz ' || id, 1, created_at, created_at FROM articles",
    "INSERT INTO contributors (id, slug, name, sort_key, is_active, version, created_at, updated_at) \
     SELECT id, 'zz-' || id, 'Zz ' || id, 'zz ' || id, TRUE, 1, created_at, created_at FROM articles",
    "INSERT INTO packages (id, kind, title, sort_key, version, created_at, updated_at) \
     SELECT id, 'series', 'Zz', 'zz', 1, created_at, created_at FROM articles",
    "INSERT INTO package_articles (package_id, article_id, ordinal) SELECT id, id, 0 FROM articles",
    "INSERT INTO comment_reports (id, comment_id, reader_digest, reason, at, settled_at) \
     SELECT id, id, 'r', 'abuse', created_at, created_at FROM comments",
    "INSERT INTO comment_holds (comment_id, reason) \
     SELECT id, 'pre_moderated' FROM comments WHERE reader_digest IS NOT NULL AND state <> 'pending'",
    "INSERT INTO comment_reactions (comment_id, reader_digest, at) SELECT id, 'r', created_at FROM comments",
    "INSERT INTO moderation_log (id, comment_id, article_id, action, from_state, to_state, at) \
     SELECT id, id, article_id, 'approve', 'pending', 'approved', created_at FROM comments",
    "INSERT INTO sanctions (id, kind, target, target_key, created_at, ends_at, version) \
     SELECT id, 'suspend', 'reader', id, created_at, created_at, 1 FROM articles",
];

/// The demo with so many articles behind it, and everything else in proportion.
pub async fn grown_site(articles: usize) -> TestApp {
    let app = TestApp::new().await;
    demo::fill(app.db(), &app.state.passwords).unwrap();
    demo::archive::fill(app.db(), articles, 1, |_| ()).unwrap();
    app.db()
        .write_blocking(|conn: &mut Conn| {
            for statement in GROWING {
                on_each!(conn, c => c.batch_execute(statement))?;
            }
            Ok(())
        })
        .unwrap();
    app
}

/// Connections on which the site's database goes about a statement in the ways that it may, each with its name. SQLite
/// with statistics and without. PostgreSQL with a plan for the values at hand and with one for all values, as it makes
/// after a few uses of a prepared statement; both with statistics: without, it believes that few rows meet any condition
/// and sorts those, whatever index there is, so an instance sees to it that there are some ([`statistics`]).
pub fn ways(app: &TestApp) -> Vec<(&'static str, Replayer)> {
    match app.database_url() {
        DatabaseUrl::Sqlite(path) => {
            let original = rusqlite::Connection::open(path).unwrap();
            let copy = path.with_extension("analyzed");
            original.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
            let mut with = Replayer::sqlite(&copy);
            with.analyze();
            vec![
                ("without statistics", Replayer::sqlite(path)),
                ("with statistics", with),
            ]
        }
        DatabaseUrl::Postgres(url) => {
            statistics::gather(app.db()).unwrap();
            vec![
                ("planned for its values", Replayer::postgres(url, PlanFor::Values)),
                ("planned for any values", Replayer::postgres(url, PlanFor::Any)),
            ]
        }
    }
}

/// What the addresses of a site name: things of the demo, which are the same however many articles are behind them.
pub struct Named {
    pub article: Value,
    pub comment: String,
}

impl Named {
    /// The article with most comments among the demo's, and the first comment on it.
    pub async fn of(app: &TestApp) -> Self {
        let cards = app.guest().get("/v1/articles?limit=40").await.expect(200);
        let cards = cards.json["items"].as_array().unwrap();
        let article = cards.iter().max_by_key(|card| card["comment_count"].as_i64()).unwrap();
        let comments = format!("/v1/articles/{}/comments", article["id"].as_str().unwrap());
        let comments = app.guest().get(&comments).await.expect(200);
        Self {
            article: article.clone(),
            comment: comments.json["items"][0]["comment"]["id"].as_str().unwrap().to_owned(),
        }
    }

    pub fn text(&self, member: &str) -> &str {
        self.article.pointer(member).unwrap().as_str().unwrap()
    }
}
