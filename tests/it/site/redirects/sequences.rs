//! Any sequence of what may be done to paths: no way is longer than one step, and nothing public is lost.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::base::db::schema::paths;
use masthead::site::paths::address;
use proptest::prelude::*;
use serde_json::json;

use super::{LIST, at};
use crate::support::database::postgres_server;
use crate::support::newsroom::{bilingual, desk};
use crate::support::requests::escaped;
use crate::support::sequences::for_any_sequence;
use crate::support::{Answer, Client, TestApp};

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Publish(usize, usize),
    Take(usize, &'static str),
    Purge(usize),
    RenameSection(usize),
    RenameTag(usize),
    Make(usize, Option<usize>, i32),
    Change(usize, Option<usize>),
    Delete(usize),
}

const SLUGS: [&str; 4] = ["a", "b", "c", "d"];

/// Paths that redirects lead from and to; things have some of them.
const PLACES: [&str; 13] = [
    "/news/a",
    "/news/b",
    "/news/c",
    "/news/d",
    "/rubrique-a",
    "/rubrique-b",
    "/tag/a",
    "/tag/b",
    "/x",
    "/y",
    "/z",
    "/news/a#fin",
    "https://ailleurs.test/",
];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let (article, slug, place) = (0..3_usize, 0..SLUGS.len(), 0..PLACES.len());
    let to = prop::option::weighted(0.85, place.clone());
    let status = prop::sample::select(vec![301, 302, 308]);
    let deed = prop_oneof![
        5 => (article.clone(), slug.clone()).prop_map(|(article, slug)| Deed::Publish(article, slug)),
        2 => (article.clone(), prop::sample::select(vec!["unpublish", "unpublish", "kill"]))
            .prop_map(|(article, action)| Deed::Take(article, action)),
        1 => article.prop_map(Deed::Purge),
        1 => (0..2_usize).prop_map(Deed::RenameSection),
        1 => (0..2_usize).prop_map(Deed::RenameTag),
        8 => (0..11_usize, to.clone(), status).prop_map(|(from, to, status)| Deed::Make(from, to, status)),
        3 => (0..11_usize, to).prop_map(|(from, to)| Deed::Change(from, to)),
        2 => (0..11_usize).prop_map(Deed::Delete),
    ];
    prop::collection::vec(deed, 1..16)
}

/// A newsroom to which deeds are done, and every path that it ever showed.
struct World {
    app: TestApp,
    admin: Client,
    articles: Vec<String>,
    section: String,
    tag: String,
    public: BTreeSet<String>,
}

/// A path's row: where it leads, if it is a redirect, and its status.
type Row = (String, String, Option<String>, Option<String>);

impl World {
    async fn new() -> Self {
        let app = TestApp::with_site(&bilingual()).await;
        let admin = app.admin();
        let news = admin.section("News", None).await;
        let mut articles = Vec::new();
        for slug in ["a", "b", "c"] {
            articles.push(
                admin
                    .make(json!({"locale": "fr", "title": slug, "slug": slug, "section_id": news}))
                    .await,
            );
        }
        let section = admin.section("Rubrique a", None).await;
        let tag = admin.tag("A").await;
        Self {
            app,
            admin,
            articles,
            section,
            tag,
            public: BTreeSet::new(),
        }
    }

    async fn patch(&self, path: &str, body: serde_json::Value) -> Answer {
        let version = self.admin.version_of(path).await;
        self.admin.patch(path, version, body).await
    }

    /// The id and the version of the redirect at a path.
    async fn redirect_at(&self, path: &str) -> Option<(String, i64)> {
        let address = format!("{LIST}?limit=1&path_prefix={}", escaped(path));
        let list = self.admin.get(&address).await.expect(200).json;
        let first = &list["items"][0];
        let id = first["id"].as_str().filter(|_| first["path"] == path)?.to_owned();
        Some((id, first["version"].as_i64()?))
    }

    /// What is not possible is refused, and nothing fails.
    async fn run(&mut self, deed: &Deed) {
        let id = |index: &usize| self.articles[*index].clone();
        if let Deed::Publish(index, _) | Deed::Take(index, _) | Deed::Purge(index) = deed
            && self.admin.get(&desk(&id(index))).await.status == 404
        {
            return;
        }
        let answer = match deed {
            Deed::Publish(index, slug) => {
                let edit = self.admin.edit(&id(index), json!({"slug": SLUGS[*slug]})).await;
                assert!(edit.status < 500, "{}", edit.text);
                self.admin.publish(&id(index)).await
            }
            Deed::Take(index, action) => {
                let reason = if *action == "kill" {
                    json!({"reason": "x"})
                } else {
                    json!({})
                };
                self.admin.take(&id(index), action, reason).await
            }
            Deed::Purge(index) => {
                if self.admin.take(&id(index), "trash", json!({})).await.status != 200 {
                    return;
                }
                let version = self.admin.version_of(&desk(&id(index))).await;
                self.admin.delete(&desk(&id(index)), version).await.expect(204)
            }
            Deed::RenameSection(slug) => {
                let path = format!("/v1/editorial/sections/{}", self.section);
                self.patch(&path, json!({"slug": format!("rubrique-{}", SLUGS[*slug])}))
                    .await
            }
            Deed::RenameTag(slug) => {
                let path = format!("/v1/editorial/tags/{}", self.tag);
                self.patch(&path, json!({"slug": SLUGS[*slug]})).await
            }
            Deed::Make(from, to, status) => {
                let status = to.map_or(410, |_| *status);
                let body = json!({"path": PLACES[*from], "location": to.map(|to| PLACES[to]), "http_status": status});
                self.admin.post(LIST, body).await
            }
            Deed::Change(from, to) => {
                let Some((id, version)) = self.redirect_at(PLACES[*from]).await else {
                    return;
                };
                let body = json!({"location": to.map(|to| PLACES[to])});
                self.admin.patch(&at(&id), version, body).await
            }
            Deed::Delete(from) => {
                let Some((id, version)) = self.redirect_at(PLACES[*from]).await else {
                    return;
                };
                let answer = self.admin.delete(&at(&id), version).await;
                if answer.status == 204 {
                    self.public.remove(PLACES[*from]);
                }
                answer
            }
        };
        let expected = [200, 201, 202, 204, 409, 422];
        assert!(expected.contains(&answer.status), "{deed:?}: {}", answer.text);
    }

    async fn check(&mut self) {
        let rows: Vec<Row> = self
            .app
            .db()
            .read_blocking(|conn| {
                let columns = (paths::path, paths::status, paths::location, paths::id);
                Ok(paths::table.select(columns).load(conn)?)
            })
            .unwrap();
        let status = |path: &str| rows.iter().find(|row| row.0 == path).map(|row| row.1.as_str());
        for (path, own, location, id) in &rows {
            assert!(id.is_some(), "{path} has no id");
            if own != "hidden" {
                self.public.insert(path.clone());
            }
            let key = location
                .as_deref()
                .filter(|_| own == "moved")
                .and_then(address::site_key);
            assert_eq!(
                own == "moved",
                location.is_some() && own != "hidden",
                "{path} {own} {location:?}"
            );
            if let Some(key) = key {
                assert_ne!(
                    status(key),
                    Some("moved"),
                    "{path} leads to {key}, which leads on: {rows:#?}"
                );
                assert_ne!(key, path);
            }
        }
        for path in &self.public {
            let answer = self.app.resolve(path).await;
            if answer.status == 404 {
                let row = rows
                    .iter()
                    .find(|row| row.0 == *path)
                    .unwrap_or_else(|| panic!("{path} is lost"));
                let end = row
                    .2
                    .as_deref()
                    .and_then(address::site_key)
                    .filter(|_| row.1 == "moved");
                assert_eq!(status(end.unwrap_or(path)), Some("hidden"), "{path}: {rows:#?}");
                continue;
            }
            let json = answer.expect(200).json;
            let end = json["location"].as_str().and_then(address::site_key);
            if let Some(end) = end.filter(|end| status(end).is_some()) {
                assert_eq!(status(end), Some("live"), "{path} leads to {end}: {rows:#?}");
            }
            let is_redirect = json["kind"] == "redirect";
            assert_eq!(is_redirect, json["location"].is_string(), "{json}");
        }
    }
}

#[test]
fn whatever_is_done_no_way_is_longer_than_one_step_and_nothing_public_is_lost() {
    let cases = if postgres_server().is_some() { 12 } else { 48 };
    for_any_sequence(cases, 40, deeds(), async |deeds| {
        let mut world = World::new().await;
        for deed in &deeds {
            world.run(deed).await;
            world.check().await;
        }
    });
}
