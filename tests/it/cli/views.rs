//! Views that a server has counted when it is told to stop.

use diesel::prelude::*;
use masthead::base::clock::Clock;
use masthead::base::db::schema::article_views;
use masthead::base::db::{Db, PoolSizes};
use masthead::base::ids::ArticleId;
use serde_json::json;
use tempfile::TempDir;

use super::serving::call;
use super::{Server, create_user, on};
use crate::support::PASSWORD;
use crate::support::database::TestDatabase;

#[test]
fn a_server_that_is_told_to_stop_writes_the_views_that_it_has_counted() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    create_user(on(&database, dir.path()), &["--role", "admin"]);
    let mut server = Server::start(on(&database, dir.path()));
    let credentials = json!({"email": "chef@lefanal.test", "password": PASSWORD});
    let (_, session) = call(&server, "", "POST", "/v1/editorial/auth/login", 0, Some(&credentials));
    let access = session["access_token"].as_str().unwrap();
    let (_, section) = call(
        &server,
        access,
        "POST",
        "/v1/editorial/sections",
        0,
        Some(&json!({"label": "News"})),
    );
    let draft = json!({"locale": "fr", "title": "Le port", "section_id": section["id"],
        "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
    let (_, article) = call(&server, access, "POST", "/v1/editorial/articles", 0, Some(&draft));
    let id = article["id"].as_str().unwrap();
    let publish = format!("/v1/editorial/articles/{id}/actions/publish");
    assert_eq!(call(&server, access, "POST", &publish, 1, Some(&json!({}))).0, 200);
    let views = format!("/v1/articles/{id}/views");
    assert_eq!(call(&server, "", "POST", &views, 0, None).0, 204);
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    let db = Db::open(&database.url, PoolSizes::default(), Clock::system()).unwrap();
    let rows: Vec<(ArticleId, i64)> = db
        .read_blocking(|conn| {
            let columns = (article_views::article_id, article_views::view_count);
            Ok(article_views::table.select(columns).load(conn)?)
        })
        .unwrap();
    assert_eq!(rows, [(ArticleId::parse(id).unwrap(), 1)]);
}
