//! Likes.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::comment_reactions;
use serde_json::json;

use super::Forum;
use crate::support::requests::together;

#[actix_web::test]
async fn a_reader_likes_a_comment_once_and_takes_it_back() {
    let forum = Forum::new().await;
    let (one, other) = (forum.reader().await, forum.reader().await);
    let comment = forum.write("Bravo.", None).await;
    let steps = [
        (Method::PUT, &one, 1),
        (Method::PUT, &one, 1),
        (Method::PUT, &other, 2),
        (Method::DELETE, &one, 1),
        (Method::DELETE, &one, 1),
        (Method::PUT, &one, 2),
    ];
    for (method, reader, count) in steps {
        let answer = forum.react(method.clone(), &comment.id, reader).await.expect(200);
        let liked = method == Method::PUT;
        assert_eq!(
            answer.json,
            json!({"comment_id": comment.id, "has_reacted": liked, "reaction_count": count}),
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(forum.flat("").await.json["items"][0]["reaction_count"], count);
    }
    let path = format!("/v1/comments/{}/reaction", comment.id);
    for method in [Method::PUT, Method::DELETE] {
        let refused = forum.app.guest().request(method, &path).send().await;
        refused.problem(400, "reader_token_required");
    }
    let forged = forum.react(Method::PUT, &comment.id, "forged").await;
    forged.problem(400, "invalid_header");
}

#[actix_web::test]
async fn of_the_likes_of_one_network_five_count_a_day() {
    let forum = Forum::new().await;
    let comment = forum.write("Bravo.", None).await;
    let count = async || forum.flat("").await.json["items"][0]["reaction_count"].clone();
    let mut readers = Vec::new();
    for number in 1..=7 {
        let reader = forum.reader().await;
        let answer = forum.react(Method::PUT, &comment.id, &reader).await.expect(200);
        assert_eq!(answer.json["has_reacted"], true);
        assert_eq!(answer.json["reaction_count"], number.min(5));
        readers.push(reader);
    }
    // One that is not counted takes nothing away when it goes.
    forum.react(Method::DELETE, &comment.id, &readers[6]).await.expect(200);
    assert_eq!(count().await, 5);
    forum.react(Method::DELETE, &comment.id, &readers[0]).await.expect(200);
    assert_eq!(count().await, 4);
    // Another comment has an allowance of its own, and so has another day.
    let second = forum.write("Merci.", None).await;
    let answer = forum.react(Method::PUT, &second.id, &readers[0]).await.expect(200);
    assert_eq!(answer.json["reaction_count"], 1);
    forum.app.clock.advance_seconds(24 * 3600);
    let reader = forum.reader().await;
    let answer = forum.react(Method::PUT, &comment.id, &reader).await.expect(200);
    assert_eq!(answer.json["reaction_count"], 5);
}

#[actix_web::test]
async fn the_network_of_a_like_is_kept_for_a_day_and_as_a_hash_of_that_day_and_comment() {
    let forum = Forum::new().await;
    let (one, two) = (forum.write("Bravo.", None).await, forum.write("Merci.", None).await);
    let reader = forum.reader().await;
    for comment in [&one, &two] {
        forum.react(Method::PUT, &comment.id, &reader).await.expect(200);
    }
    let hashes = || -> Vec<Option<String>> {
        let load = |conn: &mut _| {
            Ok(comment_reactions::table
                .select(comment_reactions::network_hash)
                .load(conn)?)
        };
        forum.app.db().read_blocking(load).unwrap()
    };
    let kept = hashes();
    assert!(kept.iter().all(Option::is_some) && kept[0] != kept[1]);
    let sweep = |seconds| {
        let now = forum.app.now().plus_seconds(seconds);
        let forget = move |conn: &mut _| masthead::comments::readers::store::forget_networks_of_reactions(conn, now);
        forum.app.db().write_blocking(forget).unwrap();
    };
    sweep(24 * 3600);
    assert_eq!(hashes(), kept);
    sweep(24 * 3600 + 1);
    assert_eq!(hashes(), [None, None]);
}

#[actix_web::test]
async fn what_is_not_shown_and_what_is_ones_own_is_not_liked() {
    let forum = Forum::new().await;
    let reader = forum.reader().await;
    let sent = forum
        .app
        .guest()
        .request(Method::POST, &forum.path())
        .header("x-reader-token", &reader)
        .json(json!({"author_name": "K", "body": "À moi."}));
    let own = sent.send().await.expect(201).id();
    let refused = forum
        .react(Method::PUT, &own, &reader)
        .await
        .problem(403, "own_comment");
    assert_eq!(
        refused.json["detail"],
        "Vous ne pouvez pas aimer votre propre commentaire."
    );
    let rejected = forum.write("Refusé.", None).await.id;
    let below = forum.write("Dessous.", Some(&rejected)).await.id;
    for decision in ["restore", "reject"] {
        forum.admin.decide(&rejected, decision).await.expect(200);
    }
    for id in [&rejected, &below, &masthead::base::ids::CommentId::new().to_string()] {
        for method in [Method::PUT, Method::DELETE] {
            forum.react(method, id, &reader).await.problem(404, "not_found");
        }
        let report = forum.report(id, &reader, json!({"reason": "abuse"})).await;
        report.problem(404, "not_found");
    }
    let shown = forum.write("Vu.", None).await.id;
    forum
        .admin
        .take(&forum.article, "unpublish", json!({}))
        .await
        .expect(200);
    forum
        .react(Method::PUT, &shown, &reader)
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn fifty_readers_at_once_are_fifty_likes() {
    let forum = Forum::new().await;
    let comment = forum.write("Bravo.", None).await;
    let mut readers = Vec::new();
    for _ in 0..25 {
        readers.push(forum.reader().await);
    }
    // Each of them twice: a double tap.
    let tasks = (1..=25)
        .zip(&readers)
        .chain((1..=25).zip(&readers))
        .map(|(network, reader)| {
            let (guest, reader) = (forum.app.guest(), reader.clone());
            let path = format!("/v1/comments/{}/reaction", comment.id);
            async move {
                let asking = guest.request(Method::PUT, &path);
                let asking = asking.at_address([192, 0, 2, network]);
                asking.header("x-reader-token", &reader).send().await.status
            }
        });
    let statuses = together(tasks.collect()).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(forum.row(&comment.id).reaction_count, 25);
    let likes: i64 = forum
        .app
        .db()
        .read_blocking(|conn| Ok(comment_reactions::table.count().get_result(conn)?))
        .unwrap();
    assert_eq!(likes, 25);
}
