//! Lists of comments: every order, page by page, while others write.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::base::db::schema::comments;
use masthead::base::ids::ArticleId;
use serde_json::json;

use super::Forum;
use crate::support::Client;
use crate::support::checks::assert_has_members_of;

/// The ids of every page of a list of threads, or of comments.
async fn walk(client: &Client, path: &str, limit: usize, mut between: impl FnMut()) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}&limit={limit}{cursor}")).await.expect(200);
        let items = page.json["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        found.extend(items.iter().map(|item| {
            let id = item["comment"]["id"].as_str().or(item["id"].as_str());
            id.unwrap().to_owned()
        }));
        let Some(next) = page.json["page"]["next_cursor"].as_str() else {
            return found;
        };
        cursor = format!("&cursor={next}");
        between();
    }
}

#[actix_web::test]
async fn every_order_puts_what_is_pinned_first_and_walks_without_a_gap() {
    let forum = Forum::new().await;
    let mut placed = Vec::new();
    for number in 0..8_i64 {
        placed.push(forum.place(&format!("n {number}"), None, |comment| {
            comment.reaction_count = [3, 0, 3, 7, 0, 3, 1, 0][usize::try_from(number).unwrap()];
            comment.featured_at = (number % 3 == 0).then_some(comment.created_at);
        }));
        forum.app.clock.advance_seconds(number % 2);
    }
    let pinned_at = forum.app.now();
    for number in [2_usize, 5] {
        let id = placed[number].id;
        forum
            .app
            .db()
            .write_blocking(move |conn| {
                let pinned = comments::pinned_at.eq(pinned_at.plus_seconds(i64::try_from(number).unwrap()));
                diesel::update(comments::table.find(id)).set(pinned).execute(conn)?;
                Ok(())
            })
            .unwrap();
    }
    let ids = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|n| placed[*n].id.to_string()).collect() };
    for (query, expected) in [
        ("sort=-created_at", ids(&[5, 2, 7, 6, 4, 3, 1, 0])),
        ("sort=created_at", ids(&[5, 2, 0, 1, 3, 4, 6, 7])),
        ("sort=top", ids(&[5, 2, 3, 0, 6, 7, 4, 1])),
        ("sort=top&is_featured=true", ids(&[3, 0, 6])),
        ("is_featured=false", ids(&[5, 2, 7, 4, 1])),
    ] {
        for below in ["", "/flat"] {
            let path = format!("{}{below}?{query}", forum.path());
            for limit in [1, 2, 3, 7, 8, 100] {
                let found = walk(&forum.app.guest(), &path, limit, || {}).await;
                assert_eq!(found, expected, "{path} limit {limit}");
            }
        }
    }
    let first = forum.app.guest().get(&format!("{}?limit=1", forum.path())).await.json["items"][0]["comment"].clone();
    assert_eq!(
        (&first["is_pinned"], &first["is_featured"], &first["reaction_count"]),
        (&json!(true), &json!(false), &json!(3))
    );
    // A cursor is good for its own list.
    let page = forum.app.guest().get(&format!("{}?limit=1", forum.path())).await;
    let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
    for other in ["?sort=top&", "?is_featured=true&", "/flat?"] {
        let path = format!("{}{other}cursor={cursor}", forum.path());
        forum.app.guest().get(&path).await.problem(400, "invalid_cursor");
    }
}

#[actix_web::test]
async fn pages_repeat_and_skip_nothing_while_others_write() {
    let forum = Forum::new().await;
    let mut throughout = BTreeSet::new();
    for number in 0..12_i64 {
        let placed = forum.place(&format!("n {number}"), None, |comment| {
            comment.reaction_count = number % 4;
            comment.pinned_at = (number == 5).then_some(comment.created_at);
        });
        throughout.insert(placed.id.to_string());
        forum.app.clock.advance_seconds(number % 2);
    }
    for below in ["", "/flat"] {
        for sort in ["-created_at", "created_at", "top"] {
            for limit in [1, 3, 5] {
                let path = format!("{}{below}?sort={sort}", forum.path());
                let mut written = 0;
                let found = walk(&forum.app.guest(), &path, limit, || {
                    written += 1;
                    if written < 8 {
                        forum.app.clock.advance_seconds(written % 2);
                        forum.place(&format!("{below} {sort} {limit} {written}"), None, |comment| {
                            comment.reaction_count = written % 4;
                        });
                    }
                })
                .await;
                let distinct: BTreeSet<String> = found.iter().cloned().collect();
                assert_eq!(distinct.len(), found.len(), "{path} limit {limit}: repeated");
                assert!(distinct.is_superset(&throughout), "{path} limit {limit}: skipped");
            }
        }
    }
}

#[actix_web::test]
async fn a_threads_replies_go_on_where_the_list_of_threads_ends() {
    let forum = Forum::new().await;
    let root = forum.place("racine", None, |_| {});
    let mut replies = Vec::new();
    for number in 0..53 {
        replies.push(forum.place(&format!("r {number}"), Some(&root), |_| {}).id.to_string());
        forum.app.clock.advance_seconds(number % 2);
    }
    let below = forum.place("dessous", Some(&forum.row(&replies[0])), |_| {});
    replies.push(below.id.to_string());
    let thread = forum.threads("").await.json["items"][0].clone();
    assert_eq!(
        (&thread["descendant_count"], &thread["comment"]["reply_count"]),
        (&json!(54), &json!(53))
    );
    let shown = thread["replies"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[0]["reply_count"]), (50, &json!(1)));
    let path = format!("/v1/comments/{}/replies", root.id);
    let cursor = thread["replies_cursor"].as_str().unwrap();
    let guest = forum.app.guest();
    let rest = guest.get(&format!("{path}?cursor={cursor}")).await.expect(200);
    assert_eq!(rest.items("id"), replies[50..]);
    for limit in [7, 53, 54, 100] {
        assert_eq!(guest.walk(&path, limit).await, replies, "limit {limit}");
    }
    assert_has_members_of("PublicCommentList", &rest.json);
    let not_first = format!("/v1/comments/{}/replies", replies[0]);
    guest.get(&not_first).await.problem(404, "not_found");
    forum.admin.decide(root.id.as_str(), "restore").await.expect(200);
    guest.get(&path).await.problem(404, "not_found");
}

#[actix_web::test]
async fn many_articles_are_counted_at_once() {
    let forum = Forum::new().await;
    let other = forum.admin.published("Autre", &forum.section).await;
    let draft = forum.admin.draft("Brouillon", &forum.section).await;
    forum.write("Un.", None).await;
    forum.write("Deux.", None).await;
    let guest = forum.app.guest();
    let nobodys = ArticleId::new();
    let asked = format!("{other},{draft},{},{nobodys},{other}", forum.article);
    let answer = guest
        .get(&format!("/v1/comments/counts?article_id={asked}"))
        .await
        .expect(200);
    assert_eq!(
        answer.json,
        json!({"counts": [{"article_id": other, "comment_count": 0}, {"article_id": forum.article, "comment_count": 2}]})
    );
    let keys = answer.header("surrogate-key");
    for key in [
        format!("comments-{other}"),
        format!("comments-{}", forum.article),
        format!("article-{other}"),
    ] {
        assert!(keys.split(' ').any(|found| found == key), "{keys}");
    }
    assert!(answer.header("cache-control").starts_with("public"));
    let hundred = vec![forum.article.clone(); 100].join(",");
    guest
        .get(&format!("/v1/comments/counts?article_id={hundred}"))
        .await
        .expect(200);
    for bad in [
        "",
        "?article_id=",
        "?article_id=x",
        &format!("?article_id={hundred},{other}"),
    ] {
        let refused = guest.get(&format!("/v1/comments/counts{bad}")).await;
        refused.problem(400, "invalid_parameter");
    }
}
