//! Every change leaves a revision; who may read them.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::revisions::store as stored;
use masthead::base::db::schema::{article_revisions, articles};
use masthead::base::ids::ArticleId;
use serde_json::json;

use super::{listed, revision, revisions};
use crate::support::TestApp;
use crate::support::newsroom::{UNKNOWN_ID, action, desk, newsroom, spoil_revision};

#[actix_web::test]
async fn every_save_and_every_publish_is_a_revision_the_newest_first() {
    let (app, admin, section) = newsroom().await;
    let awa = app.user(Role::Publisher);
    let id = admin.draft("Un", &section).await;
    app.clock.advance_seconds(60);
    awa.edit(&id, json!({"title": "Deux"})).await.expect(200);
    // What readers do not see is no new content.
    awa.edit(&id, json!({"embargo_until": "2026-11-22T00:00:00Z"}))
        .await
        .expect(200);
    awa.edit(&id, json!({"title": "Deux"})).await.expect(200);
    awa.publish(&id).await.expect(200);
    admin.edit(&id, json!({"title": "Trois"})).await.expect(200);
    let rows = listed(
        &admin,
        &id,
        &[
            "revision_number",
            "kind",
            "version",
            "is_live",
            "is_sealed",
            "reverted_to",
        ],
    )
    .await;
    let expected = json!([
        [4, "save", 4, false, false, null],
        [3, "publish", 3, true, false, null],
        [2, "save", 2, false, false, null],
        [1, "save", 1, false, false, null],
    ]);
    assert_eq!(json!(rows), expected);
    let first = admin.get(&format!("{}?limit=1", revisions(&id))).await.expect(200).json["items"][0].clone();
    assert_eq!(
        (&first["author_id"], &first["created_at"]),
        (
            &json!(admin.user_id.unwrap().to_string()),
            &json!("2026-11-23T08:01:00.000Z")
        )
    );
    assert_eq!(listed(&admin, &id, &["author_name"]).await[1], json!(["Awa Kossou"]));
    let read = admin.get(&revision(&id, 2)).await.expect(200).json;
    assert_eq!(
        (&read["content"]["title"], &read["article_id"]),
        (&json!("Deux"), &json!(id))
    );
    let size = read["content"].to_string().len();
    assert_eq!(read["revision"]["size"], size);
    // The members are those of the article.
    let article = admin.get(&desk(&id)).await.json;
    for (name, value) in admin.get(&revision(&id, 4)).await.json["content"].as_object().unwrap() {
        assert_eq!(&article[name], value, "{name}");
    }
    for bad in ["0", "5", "-1", "01x", "99999999999"] {
        admin
            .get(&format!("{}/{bad}", revisions(&id)))
            .await
            .problem(404, "not_found");
    }
}

#[actix_web::test]
async fn the_list_is_walked_page_by_page_while_somebody_saves() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("0", &section).await;
    for number in 1..6 {
        admin.edit(&id, json!({"title": number.to_string()})).await.expect(200);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin
            .get(&format!("{}?limit=2{cursor}", revisions(&id)))
            .await
            .expect(200)
            .json;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["revision_number"].as_i64().unwrap()),
        );
        let Some(next) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        admin
            .edit(&id, json!({"kicker": seen.len().to_string()}))
            .await
            .expect(200);
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
    let other = admin.draft("Autre", &section).await;
    admin
        .get(&format!("{}?limit=2{cursor}", revisions(&other)))
        .await
        .problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn the_newest_revision_is_always_the_working_copy() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let id = admin.draft("Un", &section).await;
    let check = async || {
        let key = ArticleId::parse(&id).unwrap();
        let (working, newest) = app
            .db()
            .read_blocking(|conn| {
                let (_, working) = masthead::articles::store::get(conn, key)?;
                let newest: i32 = article_revisions::table
                    .filter(article_revisions::article_id.eq(key))
                    .order(article_revisions::number.desc())
                    .select(article_revisions::number)
                    .first(conn)?;
                Ok((working, stored::revision(conn, key, newest)?))
            })
            .unwrap();
        assert_eq!(working, newest);
    };
    check().await;
    for patch in [
        json!({"title": "Deux", "tag_ids": [tag]}),
        json!({"assignee_id": admin.user_id.unwrap().to_string()}),
        json!({"slug": "deux"}),
    ] {
        admin.edit(&id, patch).await.expect(200);
        check().await;
    }
    for (name, body) in [
        ("publish", json!({})),
        ("unpublish", json!({})),
        ("trash", json!({})),
        ("restore", json!({})),
    ] {
        admin.take(&id, name, body).await.expect(200);
        check().await;
    }
    admin.revert(&id, 1, json!({})).await.expect(200);
    check().await;
    admin
        .take(&id, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    // The killed text is not in the working copy; under seal it is.
    assert_eq!(admin.get(&desk(&id)).await.json["title"], "");
}

#[actix_web::test]
async fn a_killed_articles_revisions_are_for_those_who_may() {
    let (app, admin, section) = newsroom().await;
    let publisher = app.user(Role::Publisher);
    let id = publisher.published("Scandale", &section).await;
    publisher
        .edit(&id, json!({"title": "Scandale, suite"}))
        .await
        .expect(200);
    publisher
        .take(&id, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    assert_eq!(listed(&publisher, &id, &[]).await.len(), 0);
    for path in ["", "/diff", "/diff?against=working"] {
        publisher
            .get(&format!("{}{path}", revision(&id, 1)))
            .await
            .problem(404, "not_found");
    }
    let path = format!("{}/revert", revision(&id, 1));
    let version = publisher.version_of(&desk(&id)).await;
    publisher
        .act(&path, version, json!({}))
        .await
        .problem(409, "invalid_state");
    let sealed = listed(&admin, &id, &["is_sealed"]).await;
    assert!(
        sealed.len() >= 3 && sealed.iter().all(|item| item == &json!([true])),
        "{sealed:?}"
    );
    assert_eq!(
        admin.get(&revision(&id, 1)).await.expect(200).json["content"]["title"],
        "Scandale"
    );
    admin.act(&path, version, json!({})).await.problem(409, "invalid_state");
}

#[actix_web::test]
async fn who_reads_an_article_reads_what_it_was() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let other = admin.draft("À d’autres", &section).await;
    for path in ["", "/1", "/1/diff"] {
        journalist.get(&format!("{}{path}", revisions(&own))).await.expect(200);
        journalist
            .get(&format!("{}{path}", revisions(&other)))
            .await
            .problem(404, "not_found");
        app.user(Role::Analyst)
            .get(&format!("{}{path}", revisions(&own)))
            .await
            .expect(200);
        admin
            .get(&format!("{}{path}", revisions(UNKNOWN_ID)))
            .await
            .problem(404, "not_found");
    }
    admin.publish(&own).await.expect(200);
    journalist.get(&revision(&own, 2)).await.expect(200);
}

#[actix_web::test]
async fn a_revision_is_never_written_over() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    let before = admin.get(&revision(&id, 1)).await.expect(200).text;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    admin.revert(&id, 1, json!({})).await.expect(200);
    assert_eq!(admin.get(&revision(&id, 1)).await.expect(200).text, before);
    let key = ArticleId::parse(&id).unwrap();
    let versions: Vec<(i32, Option<i64>)> = app
        .db()
        .read_blocking(move |conn| {
            let own =
                article_revisions::table.inner_join(articles::table.on(articles::id.eq(article_revisions::article_id)));
            let rows = own.filter(articles::id.eq(key)).order(article_revisions::number);
            Ok(rows
                .select((article_revisions::number, article_revisions::version))
                .load(conn)?)
        })
        .unwrap();
    assert_eq!(versions, [(1, Some(1)), (2, Some(2)), (3, Some(2)), (4, Some(3))]);
}

/// The row of a revision, without what it holds.
fn packed_and_plain(app: &TestApp, id: &str) -> Vec<(i32, String, bool)> {
    let key = ArticleId::parse(id).unwrap();
    app.db()
        .read_blocking(|conn| {
            let rows: Vec<(i32, String, Option<Vec<u8>>)> = article_revisions::table
                .filter(article_revisions::article_id.eq(key))
                .order(article_revisions::number)
                .select((
                    article_revisions::number,
                    article_revisions::content,
                    article_revisions::packed,
                ))
                .load(conn)?;
            Ok(rows
                .into_iter()
                .map(|(number, plain, packed)| (number, plain, packed.is_some()))
                .collect())
        })
        .unwrap()
}

#[actix_web::test]
async fn what_a_release_before_wrote_is_read_the_same_before_and_after_it_is_packed() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    let read = async || {
        let mut read = Vec::new();
        for number in 1..=3 {
            read.push(admin.get(&revision(&id, number)).await.expect(200).json["content"].clone());
        }
        read
    };
    let before = read().await;
    assert!(
        packed_and_plain(&app, &id)
            .iter()
            .all(|(_, plain, is_packed)| plain.is_empty() && *is_packed)
    );
    for (number, content) in (1..).zip(&before) {
        spoil_revision(&app, &id, number, &content.to_string());
    }
    assert!(
        packed_and_plain(&app, &id)
            .iter()
            .all(|(_, plain, is_packed)| !plain.is_empty() && !is_packed)
    );
    assert_eq!(read().await, before);
    assert_eq!(app.db().write_blocking(stored::pack_next).unwrap(), 3);
    assert_eq!(app.db().write_blocking(stored::pack_next).unwrap(), 0);
    assert!(
        packed_and_plain(&app, &id)
            .iter()
            .all(|(_, plain, is_packed)| plain.is_empty() && *is_packed)
    );
    assert_eq!(read().await, before);
}

/// The column of an article's working copy.
fn stored_copy(app: &TestApp, id: &str) -> String {
    let key = ArticleId::parse(id).unwrap();
    let row = articles::table.find(key).select(articles::content);
    app.db().read_blocking(|conn| Ok(row.first(conn)?)).unwrap()
}

#[actix_web::test]
async fn a_working_copy_that_is_live_is_kept_once() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    assert!(stored_copy(&app, &id).contains("Un"));
    admin.publish(&id).await.expect(200);
    assert_eq!(stored_copy(&app, &id), "");
    let title = async || admin.get(&desk(&id)).await.expect(200).json["title"].clone();
    assert_eq!(title().await, "Un");
    let found = admin.get("/v1/editorial/search?q=un").await.expect(200);
    assert!(found.text.contains(&id), "{}", found.text);
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    assert!(stored_copy(&app, &id).contains("Deux"));
    assert_eq!(title().await, "Deux");
    // What somebody writes is stored as they wrote it, also where it is what is live.
    admin.edit(&id, json!({"title": "Un"})).await.expect(200);
    assert!(stored_copy(&app, &id).contains("\"Un\""));
    assert_eq!(title().await, "Un");
    let version = admin.version_of(&desk(&id)).await;
    admin
        .act(&action(&id, "unpublish"), version, json!({}))
        .await
        .expect(200);
    assert_eq!((stored_copy(&app, &id).as_str(), title().await), ("", json!("Un")));
}
