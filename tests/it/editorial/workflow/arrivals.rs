//! Articles that go live as they are made are what they would be if they were made and published one by one.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::{Access, Article, Byline, Content, RevisionKind, empty_article};
use masthead::articles::revisions::PackedContent;
use masthead::articles::revisions::store::{self as revisions, FrozenRevision, NewRevision};
use masthead::articles::store as articles;
use masthead::base::clock::Time;
use masthead::base::db::Conn;
use masthead::base::error::Result;
use masthead::base::ids::{ContributorId, SectionId, TagId};
use masthead::editorial::workflow::{Arrival, Publication, publish, publish_arrivals};
use masthead::published::press;
use masthead::site::frame::Frame;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::backups::{back_up, restore};
use crate::support::newsroom::newsroom;

/// What articles of the test are made of.
struct Things {
    sections: Vec<SectionId>,
    tags: Vec<TagId>,
    contributor: ContributorId,
    now: Time,
}

fn parsed<T>(id: &str, parse: impl Fn(&str) -> Option<T>) -> T {
    parse(id).unwrap()
}

/// The slug that an editor chose, for two articles.
const CHOSEN: &str = "choisi";

/// Articles whose slugs, moments and languages meet in every way.
fn made(things: &Things) -> Vec<(Article, Content)> {
    let titles = [
        "Le port",
        "Le port",
        "Le port",
        "Le marché",
        "Un autre",
        "Gardé",
        "Choisi",
        "Choisi",
    ];
    let one = |(number, title): (usize, &&str)| {
        let at = things.now.plus_seconds(-3_600 * i64::try_from(number / 3).unwrap());
        let content = Content {
            title: (*title).to_owned(),
            standfirst: (number % 2 == 0).then(|| "Sous la pluie".to_owned()),
            slug: title.starts_with("Choisi").then(|| CHOSEN.to_owned()),
            section_id: things.sections.get(usize::from(number == 3)).copied(),
            secondary_section_ids: things.sections.get(2 + number % 2).copied().into_iter().collect(),
            tag_ids: things.tags.iter().take(number % 3).copied().collect(),
            contributors: vec![Byline {
                contributor_id: things.contributor,
                role: (number == 3).then(|| "photos".to_owned()),
            }],
            access: if *title == "Gardé" {
                Access::Subscribers
            } else {
                Access::Free
            },
            is_featured: number == 4,
            blocks: serde_json::from_value(json!([
                {"type": "paragraph", "id": "b1", "html": format!("Le <b>texte</b> {number}")},
                {"type": "paragraph", "id": "b2", "html": "La suite"},
                {"type": "paragraph", "id": "b3", "html": "La fin"},
            ]))
            .unwrap(),
            ..Content::empty()
        };
        (empty_article("fr", None, at), content)
    };
    titles.iter().enumerate().map(one).collect()
}

fn one_by_one(conn: &mut Conn, made: &[(Article, Content)]) -> Result<()> {
    press::lock_presses(conn)?;
    let frame = Frame::load(conn)?;
    for (article, content) in made {
        articles::insert(conn, article, content)?;
        let save = NewRevision {
            kind: RevisionKind::Save,
            version: 1,
            author: None,
            note: Some("avant"),
            reverted_to: None,
            now: article.created_at,
        };
        let as_saved = Content {
            slug: content.slug.as_ref().map(|_| CHOSEN.to_owned()),
            ..content.clone()
        };
        revisions::insert(conn, article.id, &as_saved, &save)?;
        let (mut stored, content) = articles::get(conn, article.id)?;
        let publication = Publication {
            numbers_slug: true,
            published_at: Some(article.created_at),
            ..Publication::new(RevisionKind::Import, None, article.created_at)
        };
        publish(conn, &frame, &mut stored, &content, &publication)?;
    }
    Ok(())
}

fn at_once(conn: &mut Conn, made: &[(Article, Content)]) -> Result<Vec<Arrival>> {
    press::lock_presses(conn)?;
    let frame = Frame::load(conn)?;
    let arrival = |(article, content): &(Article, Content)| {
        let at = article.created_at;
        let arrival = Arrival::new(article.clone(), content.clone(), RevisionKind::Import, at, at)?;
        let save = FrozenRevision {
            article: article.id,
            number: 1,
            kind: RevisionKind::Save,
            version: 1,
            author: None,
            note: Some("avant".to_owned()),
            content: PackedContent::of(&content.to_json()?)?,
            at,
        };
        Ok(arrival.after(vec![save]))
    };
    let mut arrivals: Vec<Arrival> = made.iter().map(arrival).collect::<Result<_>>()?;
    publish_arrivals(conn, &frame, &mut arrivals)?;
    Ok(arrivals)
}

/// The rows, but for what is made anew each time, and what says how often something changed.
fn rows(app: &TestApp) -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&str, String)> = app
        .rows()
        .into_iter()
        .filter(|(table, _)| !["generations", "audit", "sessions", "refresh_tokens"].contains(table))
        .map(|(table, mut row)| {
            if table == "paths"
                && let Some(row) = row.as_object_mut()
            {
                row.insert("id".to_owned(), Value::Null);
            }
            (table, row.to_string())
        })
        .collect();
    rows.sort();
    rows
}

#[derive(diesel::QueryableByName)]
struct DeathKeys {
    #[diesel(sql_type = diesel::sql_types::Text)]
    keys: String,
}

/// What the last write put out of date, in this cache and in those of other processes.
fn last_deaths(app: &TestApp) -> BTreeSet<String> {
    let query = diesel::sql_query("SELECT keys FROM cache_deaths ORDER BY seq DESC LIMIT 1");
    let last: DeathKeys = app.db().read_blocking(|conn| Ok(query.get_result(conn)?)).unwrap();
    last.keys.split(' ').map(str::to_owned).collect()
}

#[actix_web::test]
async fn articles_that_go_live_as_they_are_made_are_as_if_each_was_published() {
    let (app, admin, news) = newsroom().await;
    let mut sections = vec![news.clone()];
    for (name, above) in [("Monde", None), ("Ville", Some(&news)), ("Sport", None)] {
        sections.push(admin.section(name, above.map(String::as_str)).await);
    }
    let (first, second) = (admin.tag("Pluie").await, admin.tag("Vent").await);
    let contributor = admin.contributor("Awa Kossou").await;
    let things = Things {
        sections: sections.iter().map(|id| parsed(id, SectionId::parse)).collect(),
        tags: [first, second].iter().map(|id| parsed(id, TagId::parse)).collect(),
        contributor: parsed(&contributor, ContributorId::parse),
        now: app.now(),
    };
    // A path of an article that is there already, and one of the same millisecond.
    admin.published("Le port", &news).await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&app, &path);
    let other = TestApp::new().await;
    restore(&other, &path, &[]).unwrap();
    // The chosen slug of two: it is the article's from then on where they come at once.
    let (mut made, expected) = (made(&things), "choisi-2");
    let arrived = {
        let made = made.clone();
        app.db().write_blocking(move |conn| at_once(conn, &made)).unwrap()
    };
    let last = arrived.last().unwrap();
    assert_eq!(last.content.slug.as_deref(), Some(expected));
    made.last_mut().unwrap().1.slug = Some(expected.to_owned());
    other.db().write_blocking(move |conn| one_by_one(conn, &made)).unwrap();
    assert_eq!(rows(&app), rows(&other));
    let deaths = last_deaths(&app);
    assert!(deaths.contains("featured") && deaths.contains("articles"), "{deaths:?}");
    assert_eq!(deaths, last_deaths(&other));
    for app in [&app, &other] {
        let found = app.guest().get("/v1/search?q=texte&limit=50").await.expect(200);
        assert_eq!(found.items("id").len(), 8);
        let desk = app
            .user(Role::Admin)
            .get("/v1/editorial/search?q=texte&limit=50")
            .await
            .expect(200);
        assert_eq!(desk.json["items"].as_array().unwrap().len(), 8);
        let hidden = app.guest().get("/v1/search?q=fin&limit=50").await.expect(200);
        assert_eq!(hidden.items("id").len(), 7, "the end of a gated article is not found");
    }
}
