//! The change feed tells what shows a thing that changed, and in an order in which it can be applied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::follower::{Follower, there};
use crate::support::Client;
use crate::support::newsroom::{bilingual_newsroom, newsroom};

/// The articles that an act tells anew, by their ids; each is told once.
async fn articles_told(follower: &mut Follower, client: &Client) -> BTreeSet<(String, String)> {
    let entries = follower.follow(client, 100).await;
    let articles = entries.iter().filter(|entry| entry["kind"] == "article");
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    articles.map(|entry| (text(entry, "op"), text(entry, "id"))).collect()
}

fn told_of(entries: &[(&str, &String)]) -> BTreeSet<(String, String)> {
    let pair = |(op, id): &(&str, &String)| ((*op).to_owned(), (*id).clone());
    entries.iter().map(pair).collect()
}

#[actix_web::test]
async fn whoever_interlinks_an_article_is_told_when_what_they_show_of_it_changes() {
    let (app, admin, section) = newsroom().await;
    let guest = app.guest();
    let target = admin.draft("Le port", &section).await;
    let linking = |title: &str, access: &str, before: usize| {
        let mut blocks = vec![json!({"type": "paragraph", "html": "Un paragraphe."}); before];
        blocks.push(json!({"type": "interlink", "article_id": target}));
        json!({"locale": "fr", "title": title, "section_id": section, "access": access, "blocks": blocks})
    };
    let free = admin.make(linking("Libre", "free", 1)).await;
    // Only its whole form shows the link.
    let gated = admin.make(linking("Réservé", "subscribers", 30)).await;
    let cut = admin.make(linking("Coupé", "free", 1)).await;
    for id in [&free, &gated, &cut] {
        admin.publish(id).await.expect(200);
    }
    let unlinked = json!({"blocks": [{"type": "paragraph", "html": "Plus de lien."}]});
    admin.edit(&cut, unlinked).await.expect(200);
    admin.publish(&cut).await.expect(200);
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;

    let both = told_of(&[("upsert", &target), ("upsert", &free), ("upsert", &gated)]);
    admin.publish(&target).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it went live");
    admin
        .edit(&target, json!({"title": "Le port rouvre"}))
        .await
        .expect(200);
    admin.publish(&target).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it has another title");
    let mut gone = both.clone();
    gone.remove(&("upsert".to_owned(), target.clone()));
    gone.insert(("delete".to_owned(), target.clone()));
    admin.take(&target, "unpublish", json!({})).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, gone, "it went");
    admin.publish(&target).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it came again");
    let notice = json!({"notice": "Inexact."});
    admin.take(&target, "retract", notice).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it was retracted");
    let reason = json!({"reason": "Jugement."});
    admin.take(&target, "kill", reason).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, gone, "it was killed");
    assert_eq!(follower.things, there(&app));

    admin.take(&free, "unpublish", json!({})).await.expect(200);
    assert_eq!(
        articles_told(&mut follower, &guest).await,
        told_of(&[("delete", &free)])
    );
}

#[actix_web::test]
async fn translations_are_told_when_one_comes_moves_or_goes() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let french = admin.published("Le port", &section).await;
    let english = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201)
        .id();
    let another = admin.published("Autre chose", &section).await;
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    let both = told_of(&[("upsert", &french), ("upsert", &english)]);
    let title = json!({"title": "The harbour"});
    admin.edit(&english, title).await.expect(200);
    admin.publish(&english).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it came");
    let title = json!({"title": "The port", "slug": "the-port"});
    admin.edit(&english, title).await.expect(200);
    admin.publish(&english).await.expect(200);
    assert_eq!(articles_told(&mut follower, &guest).await, both, "it moved");
    let body = json!({"blocks": [{"type": "paragraph", "html": "Nothing that others show."}]});
    admin.edit(&english, body).await.expect(200);
    admin.publish(&english).await.expect(200);
    let alone = told_of(&[("upsert", &english)]);
    assert_eq!(articles_told(&mut follower, &guest).await, alone, "its text changed");
    admin.take(&english, "unpublish", json!({})).await.expect(200);
    let gone = told_of(&[("delete", &english), ("upsert", &french)]);
    assert_eq!(articles_told(&mut follower, &guest).await, gone, "it went");
    admin.publish(&another).await;
    assert_eq!(follower.things, there(&app));
}

#[actix_web::test]
async fn articles_are_told_when_their_section_is_deleted_under_them() {
    let (app, admin, section) = newsroom().await;
    let (guest, old) = (app.guest(), admin.section("Sport", None).await);
    let (first, second) = (admin.published("Un", &old).await, admin.published("Deux", &old).await);
    admin.published("Ailleurs", &section).await;
    let mut follower = Follower::default();
    follower.follow(&guest, 100).await;
    let path = format!("/v1/editorial/sections/{old}?move_to={section}");
    admin.delete(&path, 1).await.expect(204);
    let moved = told_of(&[("upsert", &first), ("upsert", &second)]);
    assert_eq!(articles_told(&mut follower, &guest).await, moved);
    assert_eq!(follower.things, there(&app));
}

/// What stands at each path for who keeps pages by their paths and applies the entries in order.
fn by_path(pages: &mut BTreeMap<String, String>, entries: &[Value]) {
    for entry in entries {
        let Some(path) = entry["path"].as_str() else { continue };
        let kind = entry["kind"].as_str().unwrap();
        if entry["op"] == "upsert" {
            pages.insert(path.to_owned(), kind.to_owned());
        } else {
            pages.remove(path);
        }
    }
}

#[actix_web::test]
async fn what_is_deleted_is_told_where_it_was_last_and_before_what_stands_there_now() {
    let (app, admin, section) = newsroom().await;
    let guest = app.guest();
    let (tag, merged, into) = (admin.tag("TT").await, admin.tag("Ports").await, admin.tag("Port").await);
    let (person, other) = (admin.contributor("Awa").await, admin.section("Sport", None).await);
    let article = admin.published("Le port", &section).await;
    let at = |kind: &str, id: &str| format!("/v1/editorial/{kind}/{id}");
    for (path, slug) in [
        (at("tags", &tag), "tt-neuf"),
        (at("tags", &merged), "les-ports"),
        (at("contributors", &person), "awa-kossou"),
        (at("sections", &other), "les-sports"),
    ] {
        let version = admin.version_of(&path).await;
        admin.patch(&path, version, json!({"slug": slug})).await.expect(200);
    }
    let (mut follower, mut pages) = (Follower::default(), BTreeMap::new());
    by_path(&mut pages, &follower.follow(&guest, 100).await);
    for path in [at("tags", &tag), at("contributors", &person), at("sections", &other)] {
        admin.delete(&path, admin.version_of(&path).await).await.expect(204);
    }
    let merge = format!("{}/actions/merge", at("tags", &merged));
    let version = admin.version_of(&at("tags", &merged)).await;
    admin
        .act(&merge, version, json!({"into_tag_id": into}))
        .await
        .expect(200);
    admin
        .take(&article, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    let entries = follower.follow(&guest, 100).await;
    let deletions = entries.iter().filter(|entry| entry["op"] == "delete");
    let mut paths: Vec<&str> = deletions.map(|entry| entry["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    let expected = [
        "/auteur/awa-kossou",
        "/les-sports",
        "/news/le-port",
        "/tag/les-ports",
        "/tag/tt-neuf",
    ];
    assert_eq!(paths, expected);
    by_path(&mut pages, &entries);
    let mut anew = BTreeMap::new();
    by_path(&mut anew, &Follower::default().follow(&guest, 100).await);
    assert_eq!(pages, anew);
    assert!(expected.iter().all(|path| pages[*path] == "redirect"), "{pages:?}");
}
