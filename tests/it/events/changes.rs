//! The change feed: whoever follows it has what the site has.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead::base::db::schema::{changes, contributors, paths, published_articles, sections, site, tags};
use masthead::events::changes::store::forget_deletions;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::delivery::cache::plays::{Play, act};
use crate::support::newsroom::{bilingual_newsroom, desk, newsroom};
use crate::support::sequences::for_any_sequence;
use crate::support::{Client, DAY, TestApp};

const CHANGES: &str = "/v1/changes";

/// A thing, by its kind and id.
type Thing = (String, String);

/// Somebody who keeps a copy of the site by the feed alone.
#[derive(Default)]
struct Follower {
    cursor: Option<String>,
    things: BTreeMap<Thing, (Option<String>, i64)>,
    /// What was read of each article when the feed told of it.
    articles: BTreeMap<String, Value>,
}

impl Follower {
    /// Asks for a page; returns the entries and whether there are more.
    async fn page(&mut self, client: &Client, limit: usize) -> (Vec<Value>, bool) {
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
    async fn follow(&mut self, client: &Client, limit: usize) -> Vec<Value> {
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

    async fn take(&mut self, client: &Client, entry: &Value) {
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
fn pressed(article: &Value) -> Value {
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
fn there(app: &TestApp) -> BTreeMap<Thing, (Option<String>, i64)> {
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

#[test]
fn whoever_follows_the_feed_alone_has_what_the_site_has() {
    for_any_sequence(
        3,
        330,
        prop::collection::vec((act(), 1_usize..8), 300..340),
        async |acts| {
            let mut play = Play::new().await;
            let (mut follower, mut late) = (Follower::default(), Follower::default());
            for (number, (act, limit)) in acts.into_iter().enumerate() {
                play.act(act).await;
                // Now here, now there, and seldom to the end.
                let instance = if number % 3 == 0 { &play.other } else { &play.app };
                let (entries, _) = follower.page(&instance.guest(), limit).await;
                for entry in &entries {
                    follower.take(&instance.guest(), entry).await;
                }
            }
            let guest = play.app.guest();
            follower.follow(&guest, 7).await;
            late.follow(&guest, 100).await;
            let expected = there(&play.app);
            for (who, follower) in [("who followed", &follower), ("who came late", &late)] {
                assert_eq!(follower.things, expected, "{who}");
                for (id, kept) in &follower.articles {
                    let now = guest.get(&format!("/v1/articles/{id}")).await.expect(200);
                    assert_eq!(*kept, pressed(&now.json), "{who}: {id}");
                }
            }
        },
    );
}

/// The entries that tell of an act, without ids and moments.
async fn told(follower: &mut Follower, client: &Client) -> Vec<(String, String, Value)> {
    let entries = follower.follow(client, 100).await;
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| (text(entry, "kind"), text(entry, "op"), entry["path"].clone()))
        .collect()
}

#[actix_web::test]
async fn every_act_tells_what_changed_and_not_why() {
    let (app, admin, section) = newsroom().await;
    let guest = app.guest();
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    assert!(told(&mut follower, &guest).await.is_empty(), "nothing has changed");
    let upsert = |kind: &str, path: &str| (kind.to_owned(), "upsert".to_owned(), json!(path));
    let delete = |kind: &str, path: &str| (kind.to_owned(), "delete".to_owned(), json!(path));

    let id = admin.draft("Le port", &section).await;
    admin.edit(&id, json!({"kicker": "Économie"})).await.expect(200);
    assert_eq!(told(&mut follower, &guest).await, [], "a draft is nobody's business");
    admin.publish(&id).await.expect(200);
    assert_eq!(told(&mut follower, &guest).await, [upsert("article", "/news/le-port")]);
    admin
        .edit(&id, json!({"title": "Le port rouvre", "slug": "le-port-rouvre"}))
        .await
        .expect(200);
    assert_eq!(told(&mut follower, &guest).await, []);
    admin.publish(&id).await.expect(200);
    let moved = [
        upsert("article", "/news/le-port-rouvre"),
        upsert("redirect", "/news/le-port"),
    ];
    let mut after = told(&mut follower, &guest).await;
    after.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(after, moved);

    let mut gone = Vec::new();
    for (action, body) in [("unpublish", json!({})), ("kill", json!({"reason": "Jugement."}))] {
        if action == "kill" {
            admin.publish(&id).await.expect(200);
            told(&mut follower, &guest).await;
        }
        admin.take(&id, action, body).await.expect(200);
        let mut told = follower.follow(&guest, 100).await;
        told.retain(|entry| entry["kind"] == "article");
        let mut entry = told.pop().unwrap();
        entry["at"].take();
        entry["version"].take();
        gone.push(entry);
    }
    assert_eq!(gone[0], gone[1], "one withdrawn looks like one killed");
    assert_eq!(gone[0]["op"], "delete");

    let tag = admin.tag("Pêche").await;
    let person = admin.contributor("Awa").await;
    let other = admin.section("Sport", None).await;
    let mut made = told(&mut follower, &guest).await;
    made.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        made,
        [
            upsert("contributor", "/auteur/awa"),
            upsert("section", "/sport"),
            upsert("tag", "/tag/peche")
        ]
    );
    for path in [
        format!("tags/{tag}"),
        format!("contributors/{person}"),
        format!("sections/{other}"),
    ] {
        let path = format!("/v1/editorial/{path}");
        admin.delete(&path, admin.version_of(&path).await).await.expect(204);
    }
    let mut deleted = told(&mut follower, &guest).await;
    deleted.retain(|(_, op, _)| op == "delete");
    deleted.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        deleted,
        [
            delete("contributor", "/auteur/awa"),
            delete("section", "/sport"),
            delete("tag", "/tag/peche")
        ]
    );

    let version = admin.version_of("/v1/editorial/site").await;
    admin
        .patch("/v1/editorial/site", version, json!({"name": "Le Phare"}))
        .await
        .expect(200);
    admin
        .post("/v1/editorial/menus", json!({"key": "pied", "label": "Pied"}))
        .await
        .expect(201);
    assert_eq!(told(&mut follower, &guest).await, [upsert("site", "/")]);
}

#[actix_web::test]
async fn every_row_says_when() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    app.clock.advance_seconds(60);
    let admin = admin.renewed();
    admin.edit(&id, json!({"title": "Autre"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let entries = Follower::default().follow(&app.guest(), 100).await;
    let article = entries.iter().find(|entry| entry["kind"] == "article").unwrap();
    assert_eq!(article["at"], app.now().to_string());
    let undated: i64 = app
        .db()
        .read_blocking(|conn| Ok(changes::table.filter(changes::at.is_null()).count().get_result(conn)?))
        .unwrap();
    assert_eq!(undated, 0);
}

#[actix_web::test]
async fn a_cursor_that_may_have_missed_deletions_is_gone() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let other = admin.published("Le phare", &section).await;
    let guest = app.guest();
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    let old = follower.cursor.clone().unwrap();
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    let version = admin.version_of(&desk(&other)).await;
    assert!(version > 0);
    app.clock.advance_seconds(30 * DAY);
    guest.get(&format!("{CHANGES}?cursor={old}")).await.expect(200);
    app.clock.advance_seconds(1);
    guest
        .get(&format!("{CHANGES}?cursor={old}"))
        .await
        .problem(410, "cursor_expired");
    // The deletion is the last row, which stays; once something follows it, it is forgotten.
    let (now, before) = (app.now(), app.now());
    app.db()
        .write_blocking(move |conn| forget_deletions(conn, before))
        .unwrap();
    let admin = admin.renewed();
    admin.edit(&other, json!({"title": "Autre"})).await.expect(200);
    admin.publish(&other).await.expect(200);
    Follower::default().follow(&guest, 100).await;
    assert_eq!(
        app.db()
            .write_blocking(move |conn| forget_deletions(conn, now))
            .unwrap(),
        1
    );
    let mut anew = Follower::default();
    let entries = anew.follow(&guest, 100).await;
    assert!(entries.iter().all(|entry| entry["op"] == "upsert"), "{entries:?}");
    assert_eq!(anew.things, there(&app));
}

#[actix_web::test]
async fn a_cursor_that_is_none_or_of_another_database_leads_nowhere() {
    let (app, ..) = newsroom().await;
    let guest = app.guest();
    guest
        .get(&format!("{CHANGES}?cursor=abc"))
        .await
        .problem(400, "invalid_cursor");
    guest
        .get(&format!("{CHANGES}?limit=101"))
        .await
        .problem(400, "invalid_parameter");
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    let cursor = follower.cursor.unwrap();
    app.db()
        .write_blocking(|conn| {
            use masthead::base::db::schema::change_feeds;
            diesel::update(change_feeds::table)
                .set(change_feeds::id.eq("another"))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
    guest
        .get(&format!("{CHANGES}?cursor={cursor}"))
        .await
        .problem(410, "cursor_expired");
}

/// Writes the same few articles again and again beside others who do.
async fn write_on(admin: &Client, articles: &[String], seed: usize) {
    for round in 0..12 {
        let article = &articles[(seed + round * 3) % articles.len()];
        admin
            .edit(article, json!({"title": format!("Titre {seed} {round}")}))
            .await;
        let action = if (seed + round) % 5 == 0 {
            "unpublish"
        } else {
            "publish"
        };
        // Somebody else may have been first: then it is refused, and nothing changes.
        drop(admin.take(article, action, json!({})).await);
    }
}

#[actix_web::test]
async fn followers_beside_many_writers_miss_nothing_and_go_never_back() {
    let (app, admin, section) = newsroom().await;
    let mut articles = Vec::new();
    for number in 0..5 {
        articles.push(admin.published(&format!("Titre {number}"), &section).await);
    }
    let writers = (0..8).map(|seed| write_on(&admin, &articles, seed));
    let is_over = std::cell::Cell::new(false);
    let writing = async {
        futures_util::future::join_all(writers).await;
        is_over.set(true);
    };
    let other = app.another_instance().await;
    let followers = [(&app, 1), (&other, 3), (&app, 100)].map(async |(app, limit)| {
        let (guest, mut follower) = (app.guest(), Follower::default());
        let mut versions: BTreeMap<String, i64> = BTreeMap::new();
        loop {
            let was_over = is_over.get();
            for entry in follower.follow(&guest, limit).await {
                let (id, version) = (
                    entry["id"].as_str().unwrap().to_owned(),
                    entry["version"].as_i64().unwrap(),
                );
                let before = versions.insert(id, version).unwrap_or(0);
                assert!(before <= version, "{entry} after version {before}");
            }
            if was_over {
                return follower.things;
            }
        }
    });
    let (followed, ()) = futures_util::future::join(futures_util::future::join_all(followers), writing).await;
    let expected = there(&app);
    for things in followed {
        assert_eq!(things, expected);
    }
}
