//! The change feed: whoever follows it has what the site has.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead::base::db::schema::changes;
use masthead::events::changes::store::forget_deletions;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::follower::{CHANGES, Follower, pressed, there};
use crate::delivery::cache::plays::{Play, act};
use crate::support::newsroom::{bilingual_newsroom, desk, newsroom};
use crate::support::sequences::for_any_sequence;
use crate::support::{Client, DAY};

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
    assert_eq!(told(&mut follower, &guest).await, moved);

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

#[actix_web::test]
async fn a_cursor_of_what_an_older_copy_has_undone_is_gone_for_good() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let guest = app.guest();
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    let cursor = follower.cursor.unwrap();
    let asked = format!("{CHANGES}?cursor={cursor}");
    app.clock.advance_seconds(59);
    let admin = admin.renewed();
    // Time alone, and what changes behind it, leave it as good as it was.
    admin.edit(&id, json!({"title": "Le quai"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    guest.get(&asked).await.expect(200);
    // In the copy, others acts have got the places that were told.
    let later = app.now().plus_seconds(60);
    app.db()
        .write_blocking(move |conn| {
            Ok(diesel::update(changes::table)
                .set(changes::at.eq(later))
                .execute(conn)?)
        })
        .unwrap();
    guest.get(&asked).await.problem(410, "cursor_expired");
}

/// Writes the same few articles again and again beside others who do.
async fn write_on(admin: &Client, articles: &[String], seed: usize) {
    for round in 0..12 {
        let article = &articles[(seed + round * 3) % articles.len()];
        admin
            .edit(article, json!({"title": format!("Titre {seed} {round}")}))
            .await;
        let action = if (seed + round).is_multiple_of(5) {
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
