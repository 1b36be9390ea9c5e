//! Threads as readers see them, and their counts.

use diesel::prelude::*;
use masthead::base::db::Conn;
use masthead::base::db::schema::{comment_counts, comments, moderation_log};
use masthead::base::ids::{ArticleId, CommentId};
use masthead::comments::model::{Comment, CommentState};
use masthead::comments::store::insert_settled;
use serde_json::json;

use super::{QUEUE, Thread, texts};
use crate::support::newsroom::desk;

#[actix_web::test]
async fn counts_follow_what_readers_see() {
    let thread = Thread::new().await;
    let root = thread.approved("racine", None).await;
    let reply = thread.write("réponse", Some(&root)).await;
    let other = thread.approved("autre réponse", Some(&root)).await;
    let below = thread.approved("dessous", Some(&other)).await;
    assert_eq!(thread.count().await, 3);
    let steps: Vec<(&str, &String, i64, Vec<(&str, Vec<&str>)>)> = vec![
        ("restore", &root, 0, vec![]),
        ("reject", &root, 0, vec![]),
        // Approved below what is rejected: not seen, not counted.
        ("approve", &reply, 0, vec![]),
        ("restore", &root, 0, vec![]),
        (
            "approve",
            &root,
            4,
            vec![("racine", vec!["réponse", "autre réponse", "dessous"])],
        ),
        ("restore", &other, 2, vec![("racine", vec!["réponse"])]),
        ("spam", &other, 2, vec![("racine", vec!["réponse"])]),
        ("restore", &below, 2, vec![("racine", vec!["réponse"])]),
        ("restore", &other, 2, vec![("racine", vec!["réponse"])]),
        ("approve", &other, 3, vec![("racine", vec!["réponse", "autre réponse"])]),
        (
            "approve",
            &below,
            4,
            vec![("racine", vec!["réponse", "autre réponse", "dessous"])],
        ),
    ];
    for (decision, comment, count, shown) in steps {
        thread.admin.decide(comment, decision).await.expect(200);
        assert_eq!(thread.count().await, count, "after {decision}");
        let found = texts(&thread.threads("").await);
        let shown: Vec<(String, Vec<String>)> = shown
            .into_iter()
            .map(|(root, replies)| (root.to_owned(), replies.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(found, shown, "after {decision}");
    }
}

#[actix_web::test]
async fn threads_are_ordered_and_walked_in_both_directions() {
    let thread = Thread::new().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(thread.approved(&number.to_string(), None).await);
        thread.app.clock.advance_seconds(i64::from(number % 2));
    }
    let walk = |query: &'static str, limit: usize| {
        let thread = &thread;
        async move {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = thread.threads(&format!("{query}&limit={limit}{cursor}")).await;
                found.extend(
                    page.json["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| item["comment"]["id"].as_str().unwrap().to_owned()),
                );
                let Some(next) = page.json["page"]["next_cursor"].as_str() else {
                    return found;
                };
                cursor = format!("&cursor={next}");
            }
        }
    };
    for limit in 1..=7 {
        assert_eq!(walk("sort=created_at", limit).await, ids, "limit {limit}");
        let newest: Vec<String> = ids.iter().rev().cloned().collect();
        assert_eq!(walk("sort=-created_at", limit).await, newest, "limit {limit}");
    }
    let first = thread.threads("limit=2").await;
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    let other = thread
        .app
        .guest()
        .get(&format!("{}?limit=2&sort=created_at&cursor={cursor}", thread.path()))
        .await;
    other.problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn a_long_thread_shows_its_first_replies_and_says_how_many_there_are() {
    let thread = Thread::new().await;
    let root = thread.approved("racine", None).await;
    for number in 0..52 {
        thread.approved(&number.to_string(), Some(&root)).await;
    }
    let shown = thread.threads("").await.json["items"][0].clone();
    assert_eq!(shown["descendant_count"], 52);
    assert_eq!(shown["replies"].as_array().unwrap().len(), 50);
    assert_eq!(shown["replies"][49]["body"], "49");
    assert_eq!(thread.count().await, 53);
}

#[actix_web::test]
async fn threads_too_long_to_be_read_whole_show_the_same() {
    let thread = Thread::new().await;
    let short = thread.approved("courte", None).await;
    thread.approved("réponse", Some(&short)).await;
    let root = thread.approved("racine", None).await;
    let article = ArticleId::parse(&thread.article).unwrap();
    let root_id = CommentId::parse(&root).unwrap();
    let now = thread.app.now();
    // Below the first comment, and below the first reply to it, in turn.
    let mut replies: Vec<Comment> = Vec::new();
    for number in 0..520 {
        let parent = replies
            .first()
            .filter(|_| number % 2 == 1)
            .map_or(root_id, |first| first.id);
        replies.push(Comment {
            root_id,
            parent_id: Some(parent),
            depth: 1 + i32::from(parent != root_id),
            state: CommentState::Approved,
            is_visible: true,
            ..Comment::new(
                article,
                "Koffi".to_owned(),
                number.to_string(),
                now.plus_seconds(number),
            )
        });
    }
    let insert = move |conn: &mut Conn| insert_settled(conn, &replies);
    thread.app.db().write_blocking(insert).unwrap();
    let shown = thread.threads("sort=created_at").await.json;
    assert_eq!(shown["items"][0]["descendant_count"], 1);
    assert_eq!(shown["items"][0]["comment"]["reply_count"], 1);
    let long = &shown["items"][1];
    assert_eq!(long["descendant_count"], 520);
    assert_eq!(long["comment"]["reply_count"], 260);
    assert_eq!(long["replies"][0]["reply_count"], 260);
    let bodies: Vec<&str> = long["replies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reply| reply["body"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (0..50).map(|number: i32| number.to_string()).collect();
    assert_eq!(bodies, expected);
    let cursor = long["replies_cursor"].as_str().unwrap();
    let rest = thread
        .app
        .guest()
        .get(&format!("/v1/comments/{root}/replies?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(rest.expect(200).json["items"][0]["body"], "50");
}

#[actix_web::test]
async fn a_deleted_article_takes_its_comments_along_and_the_log_stays() {
    let thread = Thread::new().await;
    let root = thread.approved("racine", None).await;
    let reply = thread.approved("réponse", Some(&root)).await;
    thread.write("en attente", Some(&reply)).await;
    for name in ["unpublish", "trash"] {
        thread.admin.take(&thread.article, name, json!({})).await.expect(200);
    }
    thread.admin.delete(&desk(&thread.article), 1).await.expect(204);
    let (left, counts, log): (i64, i64, i64) = thread
        .app
        .db()
        .read_blocking(|conn| {
            Ok((
                comments::table.count().get_result(conn)?,
                comment_counts::table.count().get_result(conn)?,
                moderation_log::table.count().get_result(conn)?,
            ))
        })
        .unwrap();
    assert_eq!((left, counts, log), (0, 0, 2));
    thread
        .admin
        .get(&format!("/v1/editorial/comments/{root}"))
        .await
        .problem(404, "not_found");
    thread.admin.decide(&reply, "restore").await.problem(404, "not_found");
    assert!(thread.admin.walk(QUEUE, 10).await.is_empty());
}
