//! Somebody who keeps a copy of the site by the change feed alone, and what the site has.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead::base::db::schema::{contributors, paths, published_articles, sections, site, tags};
use serde_json::Value;

use crate::support::{Client, TestApp};

pub const CHANGES: &str = "/v1/changes";

/// A thing, by its kind and id.
pub type Thing = (String, String);

/// Somebody who keeps a copy of the site by the feed alone.
#[derive(Default)]
pub struct Follower {
    pub cursor: Option<String>,
    pub things: BTreeMap<Thing, (Option<String>, i64)>,
    /// What was read of each article when the feed told of it.
    pub articles: BTreeMap<String, Value>,
}

impl Follower {
    /// Asks for a page; returns the entries and whether there are more.
    pub async fn page(&mut self, client: &Client, limit: usize) -> (Vec<Value>, bool) {
        let cursor = self
            .cursor
            .as_ref()
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let page = client
            .get(&format!("{CHANGES}?limit={limit}{cursor}"))
            .await
            .expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        self.cursor = Some(page.json["page"]["next_cursor"].as_str().unwrap().to_owned());
        let has_more = page.json["page"]["has_more"].as_bool().unwrap();
        (page.json["items"].as_array().unwrap().clone(), has_more)
    }

    /// Follows to the end.
    pub async fn follow(&mut self, client: &Client, limit: usize) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let (entries, has_more) = self.page(client, limit).await;
            for entry in &entries {
                self.take(client, entry).await;
            }
            all.extend(entries);
            if !has_more {
                return all;
            }
        }
    }

    pub async fn take(&mut self, client: &Client, entry: &Value) {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let (kind, id) = (text("kind"), text("id"));
        if text("op") == "delete" {
            self.articles.remove(&id);
            self.things.remove(&(kind, id));
            return;
        }
        if kind == "article" {
            // It may be gone again meanwhile: then the feed says so further on.
            let read = client.get(&format!("/v1/articles/{id}")).await;
            self.articles.insert(id.clone(), pressed(&read.json));
        }
        let path = entry["path"].as_str().map(str::to_owned);
        self.things
            .insert((kind, id), (path, entry["version"].as_i64().unwrap()));
    }
}

/// What belongs to an article itself, and not to its sections or its comments.
pub fn pressed(article: &Value) -> Value {
    let names = [
        "id",
        "path",
        "title",
        "blocks",
        "tags",
        "contributors",
        "updated_at",
        "corrections",
    ];
    names
        .iter()
        .map(|name| ((*name).to_owned(), article[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What readers see, as the tables say.
pub fn there(app: &TestApp) -> BTreeMap<Thing, (Option<String>, i64)> {
    app.db()
        .read_blocking(|conn| {
            let mut all = BTreeMap::new();
            let mut add = |kind: &str, rows: Vec<(String, Option<String>, i64)>| {
                all.extend(
                    rows.into_iter()
                        .map(|(id, path, version)| ((kind.to_owned(), id), (path, version))),
                );
            };
            let articles: Vec<(String, String, i32)> = published_articles::table
                .select((
                    published_articles::id,
                    published_articles::path,
                    published_articles::revision_number,
                ))
                .load(conn)?;
            let articles = articles
                .into_iter()
                .map(|(id, path, number)| (id, Some(path), i64::from(number)));
            add("article", articles.collect());
            let rows: Vec<(String, String, i64)> = sections::table
                .select((sections::id, sections::path, sections::version))
                .load(conn)?;
            add(
                "section",
                rows.into_iter()
                    .map(|(id, path, version)| (id, Some(path), version))
                    .collect(),
            );
            let live: Vec<(Option<String>, String)> = paths::table
                .filter(paths::status.eq("live"))
                .select((paths::target_id, paths::path))
                .load(conn)?;
            let path = |id: &str| {
                let own = live.iter().filter(|(target, _)| target.as_deref() == Some(id));
                own.map(|(_, path)| path.clone()).min_by_key(String::len)
            };
            let rows: Vec<(String, i64)> = tags::table.select((tags::id, tags::version)).load(conn)?;
            add(
                "tag",
                rows.into_iter()
                    .map(|(id, version)| (id.clone(), path(&id), version))
                    .collect(),
            );
            let rows: Vec<(String, i64)> = contributors::table
                .select((contributors::id, contributors::version))
                .load(conn)?;
            add(
                "contributor",
                rows.into_iter()
                    .map(|(id, version)| (id.clone(), path(&id), version))
                    .collect(),
            );
            let rows: Vec<(String, Option<i64>)> = paths::table
                .filter(paths::status.eq_any(["moved", "gone"]))
                .select((paths::path, paths::version))
                .load(conn)?;
            let rows = rows
                .into_iter()
                .map(|(path, version)| (path.clone(), Some(path), version.unwrap_or(1)));
            add("redirect", rows.collect());
            let version: Option<i64> = site::table.select(site::version).first(conn).optional()?;
            add(
                "site",
                version
                    .map(|version| ("site".to_owned(), Some("/".to_owned()), version))
                    .into_iter()
                    .collect(),
            );
            Ok(all)
        })
        .unwrap()
}
