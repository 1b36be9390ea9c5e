//! Sections that change while articles are published in them. On SQLite the one writer puts it in order; on PostgreSQL
//! the transactions meet.

use serde_json::json;

use super::path;
use crate::support::checks::assert_links_are_sound;
use crate::support::newsroom::{desk, newsroom, publishing};
use crate::support::requests::{statuses, together};
use crate::support::{Answer, TestApp};

#[actix_web::test]
async fn a_publish_beside_a_move_of_its_section_leaves_no_wrong_link() {
    let (app, admin, news) = newsroom().await;
    let world = admin.section("Monde", None).await;
    let below = admin.section("Mali", Some(&news)).await;
    for round in 0..12 {
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(admin.draft(&format!("Titre {round}"), &below).await);
        }
        let parent = if round % 2 == 0 { world.clone() } else { news.clone() };
        let moving = {
            let (admin, below) = (admin.clone(), below.clone());
            actix_web::rt::spawn(async move { admin.move_section(&below, Some(&parent)).await })
        };
        let answers = together(ids.iter().map(|id| publishing(&admin, id, 1)).collect()).await;
        moving.await.unwrap().expect(200);
        assert_eq!(statuses(&answers), [200; 4]);
        assert_links_are_sound(&app);
        let at = if round % 2 == 0 { "/monde" } else { "/news" };
        let query = format!("section={at}&limit=100");
        assert_eq!(app.listed(&query).await.len(), (round + 1) * 4, "round {round}");
    }
}

#[actix_web::test]
async fn a_publish_beside_a_deletion_of_its_section_goes_where_the_articles_go() {
    let (app, admin, news) = newsroom().await;
    for round in 0..12 {
        let doomed = admin.section(&format!("Passage {round}"), None).await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(admin.draft(&format!("Titre {round}"), &doomed).await);
        }
        let deleting = {
            let (admin, path) = (admin.clone(), format!("/v1/editorial/sections/{doomed}?move_to={news}"));
            actix_web::rt::spawn(async move { admin.delete(&path, 1).await })
        };
        let answers = together(ids.iter().map(|id| publishing(&admin, id, 1)).collect()).await;
        deleting.await.unwrap().expect(204);
        assert_eq!(statuses(&answers), [200; 4]);
        assert_links_are_sound(&app);
        for id in &ids {
            let article = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json;
            assert_eq!(article["section"]["id"], news.as_str(), "round {round}");
            assert_eq!(admin.get(&desk(id)).await.json["section_id"], news.as_str());
        }
    }
}

#[actix_web::test]
async fn edits_publishes_and_renames_beside_each_other_all_succeed() {
    let (app, admin, news) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let person = admin.contributor("Awa").await;
    let mut ids = Vec::new();
    for number in 0..10 {
        let body = json!({"locale": "fr", "title": format!("T{number}"), "section_id": news, "tag_ids": [tag], "contributors": [{"contributor_id": person}]});
        let id = admin.make(body).await;
        admin.publish(&id).await.expect(200);
        ids.push(id);
    }
    for round in 1..=8 {
        let mut acts: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> = Vec::new();
        for (path, member) in [
            (format!("/v1/editorial/tags/{tag}"), "label"),
            (format!("/v1/editorial/contributors/{person}"), "name"),
            (format!("/v1/editorial/sections/{news}"), "label"),
        ] {
            let (admin, body) = (admin.clone(), json!({member: format!("Nom {round}")}));
            acts.push(Box::pin(async move { admin.patch(&path, round, body).await }));
        }
        for id in &ids {
            let (admin, id) = (admin.clone(), id.clone());
            acts.push(Box::pin(async move {
                admin
                    .edit(
                        &id,
                        json!({"kicker": format!("K{round}"), "tag_ids": [], "contributors": []}),
                    )
                    .await
                    .expect(200);
                admin.publish(&id).await.expect(200);
                admin.edit(&id, json!({"tag_ids": null})).await
            }));
        }
        for answer in together(acts).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        for id in &ids {
            let body = json!({"tag_ids": [tag], "contributors": [{"contributor_id": person}]});
            admin.edit(id, body).await.expect(200);
            admin.publish(id).await.expect(200);
        }
        for item in app.guest().get("/v1/articles").await.json["items"].as_array().unwrap() {
            assert_eq!(item["tags"][0]["label"], format!("Nom {round}"));
            assert_eq!(item["contributors"][0]["name"], format!("Nom {round}"));
            assert_eq!(item["section"]["label"], format!("Nom {round}"));
        }
    }
    assert_links_are_sound(&app);
}

#[actix_web::test]
async fn a_rename_beside_a_publish_shows_in_every_article() {
    let (app, admin, news) = newsroom().await;
    let tag = admin.tag("Nom 0").await;
    for round in 1..=10 {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(
                admin
                    .make(json!({"locale": "fr", "title": "T", "section_id": news, "tag_ids": [tag]}))
                    .await,
            );
        }
        let renaming = {
            let (admin, path) = (admin.clone(), format!("/v1/editorial/tags/{tag}"));
            actix_web::rt::spawn(async move {
                admin
                    .patch(&path, round, json!({"label": format!("Nom {round}")}))
                    .await
            })
        };
        let answers = together(ids.iter().map(|id| publishing(&admin, id, 1)).collect()).await;
        renaming.await.unwrap().expect(200);
        assert_eq!(statuses(&answers), [200; 3]);
        for item in app.guest().get("/v1/articles?limit=100").await.json["items"]
            .as_array()
            .unwrap()
        {
            assert_eq!(item["tags"][0]["label"], format!("Nom {round}"));
        }
    }
}

/// No section may be above itself, and all of them are reached from the top.
async fn is_a_tree(app: &TestApp, count: usize) {
    let list = app.guest().get("/v1/sections").await.expect(200);
    assert_eq!(list.items("id").len(), count, "{}", list.text);
}

#[actix_web::test]
async fn of_two_moves_that_would_make_a_circle_one_is_told() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for round in 0..10 {
        let a = admin.section(&format!("A {round}"), None).await;
        let b = admin.section(&format!("B {round}"), None).await;
        let go = |id: &str, parent: &str| {
            let body = json!({"parent_id": parent});
            let target = format!("{}/actions/move", path(id));
            let admin = admin.clone();
            async move { admin.act(&target, 1, body).await }
        };
        let (first, second) = futures_util::future::join(go(&a, &b), go(&b, &a)).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);
        let told = if first.status == 409 { first } else { second };
        told.problem(409, "section_cycle");
        is_a_tree(&app, 2 * (round + 1)).await;
    }
}

#[actix_web::test]
async fn of_two_sections_of_one_slug_at_once_one_is_made() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for round in 0..5 {
        let new = || {
            let (admin, body) = (admin.clone(), json!({"label": format!("Double {round}")}));
            async move { admin.post("/v1/editorial/sections", body).await }
        };
        let (first, second) = futures_util::future::join(new(), new()).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{} {}", first.text, second.text);
        is_a_tree(&app, round + 1).await;
    }
}

#[actix_web::test]
async fn of_two_changes_of_one_version_at_once_one_is_stale() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("News", None).await;
    for version in 1..6 {
        let change = |label: &str| {
            let (admin, target, body) = (admin.clone(), path(&id), json!({"label": format!("{label} {version}")}));
            async move { admin.patch(&target, version, body).await }
        };
        let (first, second) = futures_util::future::join(change("Un"), change("Deux")).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", first.text, second.text);
        assert_eq!(admin.version_of(&path(&id)).await, version + 1);
    }
}
