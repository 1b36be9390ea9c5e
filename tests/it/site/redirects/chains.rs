//! One step leads to the end, whatever was made first and whatever moves later, and nothing that was
//! ever public is lost.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::paths;
use masthead::site::paths::address;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::{LIST, at, change, lead, led, listed, remove};
use crate::support::database::postgres_server;
use crate::support::newsroom::{bilingual, bilingual_newsroom, desk};
use crate::support::requests::{escaped, together};
use crate::support::{Answer, Client, TestApp};

#[actix_web::test]
async fn two_steps_are_one_whichever_was_made_first() {
    let (app, admin, _) = bilingual_newsroom().await;
    lead(&admin, "/a", "/b").await;
    lead(&admin, "/b", "/c").await;
    lead(&admin, "/d", "/a").await;
    lead(&admin, "/c", "https://ailleurs.test/").await;
    for path in ["/a", "/b", "/c", "/d"] {
        assert_eq!(led(&app, path).await, "https://ailleurs.test/ 301", "{path}");
        assert_eq!(
            listed(&admin, path).await["location"],
            "https://ailleurs.test/",
            "{path}"
        );
    }
    // Changing one later leaves the others where they lead.
    change(&admin, "/c", json!({"location": "/e"})).await.expect(200);
    assert_eq!(led(&app, "/c").await, "/e 301");
    assert_eq!(led(&app, "/a").await, "https://ailleurs.test/ 301");
    // What leads to something gone is gone, until that leads elsewhere.
    admin.post(LIST, json!({"path": "/jeu"})).await.expect(201);
    lead(&admin, "/vers-jeu", "/jeu").await;
    assert_eq!(led(&app, "/vers-jeu").await, "gone 410");
    change(&admin, "/jeu", json!({"location": "/a"})).await.expect(200);
    assert_eq!(led(&app, "/vers-jeu").await, "https://ailleurs.test/ 301");
    assert_eq!(listed(&admin, "/vers-jeu").await["location"], "https://ailleurs.test/");
}

#[actix_web::test]
async fn a_step_for_now_makes_the_whole_for_now() {
    let (app, admin, _) = bilingual_newsroom().await;
    let make = |path: &'static str, location: &'static str, status: i32| {
        let admin = admin.clone();
        async move {
            let body = json!({"path": path, "location": location, "http_status": status});
            admin.post(LIST, body).await.expect(201)
        }
    };
    make("/a", "/x", 301).await;
    make("/b", "/x", 308).await;
    make("/c", "/x", 302).await;
    make("/x", "/y", 307).await;
    make("/d", "/x", 301).await;
    for (path, expected) in [
        ("/a", "/y 302"),
        ("/b", "/y 307"),
        ("/c", "/y 302"),
        ("/x", "/y 307"),
        ("/d", "/y 302"),
    ] {
        assert_eq!(led(&app, path).await, expected, "{path}");
    }
}

#[actix_web::test]
async fn a_query_and_a_fragment_go_along() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    lead(&admin, "/dossier", "/news/un#chapitre-2").await;
    lead(&admin, "/liste", "/news/un?page=2").await;
    lead(&admin, "/unique", "/news/unique").await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/dossier").await, "/news/deux#chapitre-2 301");
    assert_eq!(led(&app, "/liste").await, "/news/deux?page=2 301");
    assert_eq!(led(&app, "/unique").await, "/news/unique 301");
    lead(&admin, "/encore", "/news/un#fin").await;
    assert_eq!(led(&app, "/encore").await, "/news/deux#fin 301");
}

#[actix_web::test]
async fn a_circle_is_refused_with_the_way_round() {
    let (app, admin, section) = bilingual_newsroom().await;
    lead(&admin, "/a", "/b").await;
    lead(&admin, "/b", "/c").await;
    for (path, location, chain) in [
        ("/c", "/a", json!(["/c", "/a", "/c"])),
        ("/c", "/b?x=1", json!(["/c", "/b", "/c"])),
        ("/c", "https://www.lefanal.test/a", json!(["/c", "/a", "/c"])),
    ] {
        let body = json!({"path": path, "location": location});
        let answer = admin.post(LIST, body).await.problem(422, "redirect_loop");
        assert_eq!(answer.json["chain"], chain, "{location}");
    }
    let answer = change(&admin, "/b", json!({"location": "/b#x"})).await;
    assert_eq!(answer.problem(422, "redirect_loop").json["chain"], json!(["/b", "/b"]));
    // What led over /b leads to its end by now: no circle.
    change(&admin, "/b", json!({"location": "/a"})).await.expect(200);
    assert_eq!(led(&app, "/b").await, "/c 301");
    assert_eq!(led(&app, "/a").await, "/c 301");
    // An article that comes back to a path of its own makes none.
    let id = admin.published("Un", &section).await;
    for slug in ["deux", "un", "deux"] {
        admin.edit(&id, json!({"slug": slug})).await.expect(200);
        admin.publish(&id).await.expect(200);
    }
    assert_eq!(led(&app, "/news/un").await, "/news/deux 301");
    assert_eq!(led(&app, "/news/deux").await, "article 200");
}

#[actix_web::test]
async fn what_leads_to_a_thing_follows_it() {
    let (app, admin, section) = bilingual_newsroom().await;
    let sport = admin.section("Sport", None).await;
    let article = admin.published("Un", &section).await;
    let tag = admin.tag("Eau").await;
    for (path, location) in [
        ("/vers-article", "/news/un"),
        ("/vers-rubrique", "/sport"),
        ("/vers-etiquette", "/tag/eau"),
    ] {
        lead(&admin, path, location).await;
    }
    let publish = async |slug: &str| {
        admin.edit(&article, json!({"slug": slug})).await.expect(200);
        admin.publish(&article).await.expect(200);
    };
    publish("deux").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/deux 301");
    // Away, and back elsewhere.
    admin.take(&article, "unpublish", json!({})).await.expect(200);
    assert_eq!(led(&app, "/vers-article").await, "");
    publish("trois").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/trois 301");
    publish("un").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/un 301");
    let patch = async |path: String, body: serde_json::Value| {
        let version = admin.version_of(&path).await;
        admin.patch(&path, version, body).await.expect(200);
    };
    patch(format!("/v1/editorial/sections/{sport}"), json!({"slug": "sports"})).await;
    assert_eq!(led(&app, "/vers-rubrique").await, "/sports 301");
    admin.move_section(&sport, Some(&section)).await.expect(200);
    assert_eq!(led(&app, "/vers-rubrique").await, "/news/sports 301");
    patch(format!("/v1/editorial/tags/{tag}"), json!({"slug": "eaux"})).await;
    assert_eq!(led(&app, "/vers-etiquette").await, "/tag/eaux 301");
    // A section that takes another's place takes what led there; and so does the next.
    let next = admin.section("Monde", None).await;
    let after = admin.section("Afrique", None).await;
    for (from, to) in [(&sport, &next), (&next, &after)] {
        let path = format!("/v1/editorial/sections/{from}");
        let version = admin.version_of(&path).await;
        let path = format!("{path}?move_to={to}");
        admin
            .request(Method::DELETE, &path)
            .if_match(version)
            .send()
            .await
            .expect(204);
    }
    for path in ["/vers-rubrique", "/sport", "/sports", "/news/sports", "/monde"] {
        assert_eq!(led(&app, path).await, "/afrique 301", "{path}");
        assert_eq!(listed(&admin, path).await["location"], "/afrique", "{path}");
    }
    let path = format!("/v1/editorial/tags/{tag}");
    admin.delete(&path, admin.version_of(&path).await).await.expect(204);
    assert_eq!(led(&app, "/vers-etiquette").await, "gone 410");
}

#[actix_web::test]
async fn many_that_lead_to_one_follow_at_once() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    let rows: String = (0..700)
        .map(|n| format!("/vieux/{n},/news/un,\n/vieux/{n}/fin,/news/un#fin,\n"))
        .collect();
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    let import = import.bytes("text/csv", format!("path,location,note\n{rows}"));
    assert_eq!(import.send().await.expect(200).json["created_count"], 1400);
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for (path, expected) in [
        ("/vieux/0", "/news/deux 301"),
        ("/vieux/699", "/news/deux 301"),
        ("/vieux/350/fin", "/news/deux#fin 301"),
    ] {
        assert_eq!(led(&app, path).await, expected);
    }
    let left = admin.get(&format!("{LIST}?location=/news/un")).await.expect(200);
    assert_eq!(left.json["items"], json!([]));
    assert_eq!(listed(&admin, "/vieux/12").await["version"], 2);
}

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
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let run = |deeds: Vec<Deed>| {
        actix_web::rt::System::new().block_on(async {
            let mut world = World::new().await;
            for deed in &deeds {
                world.run(deed).await;
                world.check().await;
            }
        });
        Ok(())
    };
    TestRunner::new(config).run(&deeds(), run).unwrap();
}

fn sorted(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

fn making(admin: &Client, path: &str, location: &str) -> impl Future<Output = Answer> + 'static {
    let (admin, body) = (admin.clone(), json!({"path": path, "location": location}));
    async move { admin.post(LIST, body).await }
}

#[actix_web::test]
async fn of_two_redirects_from_one_path_one_is_made() {
    let (app, admin, _) = bilingual_newsroom().await;
    for round in 0..20 {
        let path = format!("/vieux-{round}");
        let answers = together(vec![making(&admin, &path, "/un"), making(&admin, &path, "/deux")]).await;
        assert_eq!(sorted(&answers), [201, 409], "round {round}");
        let made = answers.iter().find(|answer| answer.status == 201).unwrap();
        let location = made.json["location"].as_str().unwrap();
        assert_eq!(led(&app, &path).await, format!("{location} 301"));
    }
}

#[actix_web::test]
async fn steps_that_are_made_at_once_are_one_and_never_a_circle() {
    let (app, admin, _) = bilingual_newsroom().await;
    for round in 0..20 {
        let name = |letter: &str| format!("/{round}/{letter}");
        let (a, b, c, d) = (name("a"), name("b"), name("c"), name("d"));
        let answers = together(vec![
            making(&admin, &a, &b),
            making(&admin, &b, &c),
            making(&admin, &c, &d),
        ])
        .await;
        assert_eq!(sorted(&answers), [201, 201, 201], "round {round}");
        for path in [&a, &b, &c] {
            assert_eq!(listed(&admin, path).await["location"], d, "round {round}");
        }
        let (x, y, z) = (name("x"), name("y"), name("z"));
        let answers = together(vec![
            making(&admin, &x, &y),
            making(&admin, &y, &z),
            making(&admin, &z, &x),
        ])
        .await;
        assert_eq!(sorted(&answers), [201, 201, 422], "round {round}");
    }
    drop(app);
}

#[actix_web::test]
async fn a_redirect_and_the_move_of_what_it_leads_to_meet() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Titre", &section).await;
    for round in 0..15 {
        let before = format!(
            "/news/{}",
            if round == 0 {
                "titre".to_owned()
            } else {
                format!("titre-{round}")
            }
        );
        let slug = format!("titre-{}", round + 1);
        admin.edit(&article, json!({"slug": slug})).await.expect(200);
        let publishing = {
            let (admin, article) = (admin.clone(), article.clone());
            async move { admin.publish(&article).await }
        };
        let path = format!("/vieux-{round}");
        let moved = actix_web::rt::spawn(publishing);
        let made = actix_web::rt::spawn(making(&admin, &path, &before));
        moved.await.unwrap().expect(200);
        made.await.unwrap().expect(201);
        for old in [&path, &before] {
            assert_eq!(
                listed(&admin, old).await["location"],
                format!("/news/{slug}"),
                "round {round}"
            );
        }
    }
    // And of a redirect and an article that want the same path, one has it.
    for round in 0..15 {
        let body = json!({"locale": "fr", "title": "T", "section_id": section, "slug": format!("voulu-{round}")});
        let wanting = admin.make(body).await;
        let publishing = {
            let admin = admin.clone();
            async move { admin.publish(&wanting).await }
        };
        let path = format!("/news/voulu-{round}");
        let published = actix_web::rt::spawn(publishing);
        let made = actix_web::rt::spawn(making(&admin, &path, "/news"));
        let statuses = (published.await.unwrap().status, made.await.unwrap().status);
        assert!(
            [(200, 422), (422, 201)].contains(&statuses),
            "round {round}: {statuses:?}"
        );
        let kind = if statuses.0 == 200 { "article 200" } else { "/news 301" };
        assert_eq!(led(&app, &path).await, kind, "round {round}");
    }
    remove(&admin, "/vieux-0").await.expect(204);
}
