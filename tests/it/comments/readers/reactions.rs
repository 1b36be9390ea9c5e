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
    let tasks = readers.iter().chain(&readers).map(|reader| {
        let (guest, reader) = (forum.app.guest(), reader.clone());
        let path = format!("/v1/comments/{}/reaction", comment.id);
        async move {
            let asking = guest.request(Method::PUT, &path);
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
