//! What came by itself: of moved, withdrawn, killed and deleted things, and of earlier releases.

use diesel::prelude::*;
use masthead::base::db::schema::paths;
use serde_json::{Value, json};

use super::{LIST, at, change, lead, led, listed, remove};
use crate::support::newsroom::{UNKNOWN_ID, bilingual_newsroom, desk};

#[actix_web::test]
async fn what_came_by_itself_is_listed_and_can_be_freed_or_taken_over() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    for slug in ["deux", "trois"] {
        admin.edit(&id, json!({"slug": slug})).await.expect(200);
        admin.publish(&id).await.expect(200);
    }
    let first = listed(&admin, "/news/un").await;
    for (member, value) in [
        ("origin", json!("automatic")),
        ("kind", json!("article")),
        ("target_id", json!(id)),
        ("location", json!("/news/trois")),
        ("created_by", Value::Null),
    ] {
        assert_eq!(first[member], value, "{member}");
    }
    // A note alone takes nothing over.
    let noted = change(&admin, "/news/un", json!({"note": "Vu."}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&noted["origin"], &noted["kind"]),
        (&json!("automatic"), &json!("article"))
    );
    // One is freed, and given to another article.
    remove(&admin, "/news/un").await.expect(204);
    assert_eq!(led(&app, "/news/un").await, "");
    let other = admin.published("Un", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/un");
    // The other is led elsewhere: the article lets go of it for good.
    let taken = change(&admin, "/news/deux", json!({"location": "/ailleurs"}))
        .await
        .expect(200)
        .json;
    for (member, value) in [
        ("origin", json!("editor")),
        ("kind", json!("redirect")),
        ("target_id", Value::Null),
        ("created_by", json!(admin.user_id.unwrap().to_string())),
    ] {
        assert_eq!(taken[member], value, "{member}");
    }
    admin.edit(&id, json!({"slug": "quatre"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/news/deux").await, "/ailleurs 301");
    assert_eq!(led(&app, "/news/trois").await, "/news/quatre 301");
    admin
        .edit(&id, json!({"slug": "deux"}))
        .await
        .problem(422, "slug_taken");
}

#[actix_web::test]
async fn paths_of_unpublished_articles_are_no_redirects() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let redirect = listed(&admin, "/news/un").await["id"].as_str().unwrap().to_owned();
    lead(&admin, "/vers-deux", "/news/deux").await;
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(admin.get(LIST).await.expect(200).items("path"), ["/vers-deux"]);
    admin.get(&at(&redirect)).await.problem(404, "not_found");
    admin
        .patch(&at(&redirect), 2, json!({"location": "/x"}))
        .await
        .problem(404, "not_found");
    admin.delete(&at(&redirect), 2).await.problem(404, "not_found");
    // A redirect stands for what it leads to.
    for path in ["/news/un", "/news/deux", "/vers-deux"] {
        assert_eq!(led(&app, path).await, "", "{path}");
        app.by_path(path).await.problem(404, "not_found");
    }
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/vers-deux").await, "/news/deux 301");
    assert_eq!(
        admin.get(LIST).await.expect(200).items("path"),
        ["/news/un", "/vers-deux"]
    );
}

#[actix_web::test]
async fn the_path_of_a_killed_article_is_sealed() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    lead(&admin, "/vers-deux", "/news/deux").await;
    let why = json!({"reason": "Jugement.", "notice": "Retiré."});
    admin.take(&id, "kill", why).await.expect(200);
    for path in ["/news/un", "/news/deux", "/vers-deux"] {
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
        let answer = app.by_path(path).await.problem(410, "gone");
        assert_eq!(answer.json["notice"], "Retiré.", "{path}");
    }
    for path in ["/news/un", "/news/deux"] {
        remove(&admin, path).await.problem(409, "path_sealed");
        for body in [json!({"location": "/news"}), json!({"note": "x"}), json!({})] {
            change(&admin, path, body).await.problem(409, "path_sealed");
        }
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
    }
    // What led there is the editor's still.
    change(&admin, "/vers-deux", json!({"location": "/news"}))
        .await
        .expect(200);
    assert_eq!(led(&app, "/vers-deux").await, "/news 301");
}

#[actix_web::test]
async fn what_is_left_of_a_deleted_article_is_gone_and_can_be_freed() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    lead(&admin, "/vers-un", "/news/un").await;
    for name in ["unpublish", "trash"] {
        admin.take(&id, name, json!({})).await.expect(200);
    }
    admin
        .delete(&desk(&id), admin.version_of(&desk(&id)).await)
        .await
        .expect(204);
    for path in ["/news/un", "/vers-un"] {
        assert_eq!(led(&app, path).await, "gone 410", "{path}");
        app.by_path(path).await.problem(410, "gone");
    }
    let left = listed(&admin, "/news/un").await;
    assert_eq!(
        (&left["kind"], &left["target_id"], &left["origin"]),
        (&json!("redirect"), &Value::Null, &json!("automatic"))
    );
    remove(&admin, "/news/un").await.expect(204);
    let other = admin.published("Un", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/un");
    assert_eq!(led(&app, "/vers-un").await, "/news/un 301");
}

#[actix_web::test]
async fn rows_of_the_release_before_are_completed() {
    let (app, admin, _) = bilingual_newsroom().await;
    app.db()
        .write_blocking(|conn| {
            let old = |path: &'static str, location: Option<&'static str>| {
                (
                    paths::path.eq(path),
                    paths::kind.eq("tag"),
                    paths::target_id.eq(UNKNOWN_ID),
                    paths::locale.eq("fr"),
                    paths::status.eq(if location.is_some() { "moved" } else { "gone" }),
                    paths::location.eq(location),
                    paths::http_status.eq(if location.is_some() { 301 } else { 410 }),
                    paths::created_at.eq(masthead::base::clock::Time::from_millis(0).unwrap()),
                )
            };
            for row in [
                old("/tag/a", Some("/tag/b")),
                old("/tag/b", Some("/news")),
                old("/tag/c", None),
            ] {
                diesel::insert_into(paths::table).values(row).execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
    // Readers do not wait for it, and not even a chain leads them astray.
    assert_eq!(led(&app, "/tag/a").await, "/news 301");
    assert_eq!(admin.get(LIST).await.expect(200).json["items"], json!([]));
    lead(&admin, "/vers-c", "/tag/c").await;
    remove(&admin, "/vers-c").await.expect(204);
    let list = admin.get(LIST).await.expect(200);
    assert_eq!(list.items("path"), ["/tag/a", "/tag/b", "/tag/c"]);
    for item in list.json["items"].as_array().unwrap() {
        assert_eq!((&item["version"], &item["origin"]), (&json!(1), &json!("automatic")));
        assert_eq!(item["updated_at"], item["created_at"]);
    }
}
