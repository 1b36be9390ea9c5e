//! Reports: taken once, and enough of them hide a comment.

use diesel::prelude::*;
use masthead::base::db::schema::comment_reports;
use masthead::comments::model::CommentState;
use masthead::comments::privacy::key_rotation;
use serde_json::json;

use super::{Forum, thread_ids};

#[actix_web::test]
async fn a_report_is_taken_once_and_told_in_the_readers_language() {
    let forum = Forum::new().await;
    let reader = forum.reader().await;
    let comment = forum.write("Idiots.", None).await;
    let first = forum
        .report(&comment.id, &reader, json!({"reason": "abuse", "note": "Ligne 1."}))
        .await
        .expect(201);
    assert_eq!(
        first.json["message"],
        "Merci de votre signalement. Un modérateur va l’examiner."
    );
    assert_eq!(first.header("cache-control"), "no-store");
    let second = forum
        .report(&comment.id, &reader, json!({"reason": "hate"}))
        .await
        .expect(200);
    assert_eq!(second.json, first.json);
    assert_eq!(forum.row(&comment.id).report_count, 1);
    let missing = forum.report(&comment.id, &reader, json!({})).await;
    missing.invalid(&[("/reason", "required")]);
    let path = format!("/v1/comments/{}/reports", comment.id);
    let nameless = forum.app.guest().post(&path, json!({"reason": "abuse"})).await;
    nameless.problem(400, "reader_token_required");
    // Nothing of it comes out, and a moderator's decision settles it.
    assert!(!forum.flat("").await.text.contains("report"));
    for decision in ["restore", "approve"] {
        forum.admin.decide(&comment.id, decision).await.expect(200);
    }
    assert_eq!(forum.row(&comment.id).report_count, 0);
    let open: i64 = forum
        .app
        .db()
        .read_blocking(|conn| {
            let open = comment_reports::table.filter(comment_reports::settled_at.is_null());
            Ok(open.count().get_result(conn)?)
        })
        .unwrap();
    assert_eq!(open, 0);
    forum
        .report(&comment.id, &reader, json!({"reason": "hate"}))
        .await
        .expect(200);
    assert_eq!(
        forum.row(&comment.id).report_count,
        0,
        "decided, and reported by the same reader"
    );
}

#[actix_web::test]
async fn enough_reports_hide_a_comment_until_a_moderator_decides() {
    let forum = Forum::new().await;
    let comment = forum.write("Idiots.", None).await.id;
    let answer = forum.write("Vous-même.", Some(&comment)).await.id;
    for number in 1..=5 {
        assert_eq!(forum.count().await, 2, "before report {number}");
        let reader = forum.reader().await;
        forum
            .report(&comment, &reader, json!({"reason": "abuse"}))
            .await
            .expect(201);
    }
    assert_eq!((forum.count().await, thread_ids(&forum.threads("").await)), (0, vec![]));
    let row = forum.row(&comment);
    assert_eq!((row.state, row.report_count), (CommentState::Pending, 5));
    let expected = [("pending".to_owned(), "reports".to_owned(), true)];
    assert_eq!(forum.log(&comment).await, expected);
    assert_eq!(forum.row(&answer).state, CommentState::Approved);
    // A moderator approves it: from now on it stays, whatever is reported.
    forum.admin.decide(&comment, "approve").await.expect(200);
    assert_eq!((forum.count().await, forum.row(&comment).report_count), (2, 0));
    for _ in 0..6 {
        let reader = forum.reader().await;
        forum
            .report(&comment, &reader, json!({"reason": "spam"}))
            .await
            .expect(201);
    }
    assert_eq!((forum.count().await, forum.row(&comment).report_count), (2, 6));
}

#[actix_web::test]
async fn readers_of_one_network_count_once_towards_hiding_and_each_in_the_queue() {
    let forum = Forum::new().await;
    let comment = forum.write("Idiots.", None).await.id;
    let why = || json!({"reason": "abuse"});
    for _ in 0..9 {
        let reader = forum.reader().await;
        forum
            .report_from([192, 0, 2, 1], &comment, &reader, why())
            .await
            .expect(201);
    }
    // With those whose network was forgotten, who count as one more.
    let forgotten = |conn: &mut masthead::base::db::Conn| {
        let ids: Vec<String> = comment_reports::table.select(comment_reports::id).limit(4).load(conn)?;
        diesel::update(comment_reports::table.filter(comment_reports::id.eq_any(ids)))
            .set(comment_reports::network_hash.eq(None::<String>))
            .execute(conn)?;
        Ok(())
    };
    forum.app.db().write_blocking(forgotten).unwrap();
    for last in [2, 3, 2] {
        let reader = forum.reader().await;
        forum
            .report_from([192, 0, 2, last], &comment, &reader, why())
            .await
            .expect(201);
    }
    let row = forum.row(&comment);
    assert_eq!(
        (row.state, row.report_count, forum.count().await),
        (CommentState::Approved, 12, 1)
    );
    let queue = "/v1/editorial/moderation/queue?queue=reported";
    assert_eq!(
        forum.admin.get(queue).await.expect(200).items("id"),
        std::slice::from_ref(&comment)
    );
    // A new key for hashes does not make a second network of the same one.
    let now = forum.app.now();
    forum
        .app
        .db()
        .write_blocking(move |conn| key_rotation::rotate(conn, now))
        .unwrap();
    let reader = forum.reader().await;
    forum
        .report_from([192, 0, 2, 3], &comment, &reader, why())
        .await
        .expect(201);
    assert_eq!(forum.row(&comment).state, CommentState::Approved);
    let reader = forum.reader().await;
    forum
        .report_from([192, 0, 2, 4], &comment, &reader, why())
        .await
        .expect(201);
    assert_eq!(forum.row(&comment).state, CommentState::Pending);
}

#[actix_web::test]
async fn a_reader_reports_twenty_times_an_hour() {
    let forum = Forum::new().await;
    let reader = forum.reader().await;
    let placed: Vec<String> = (0..22)
        .map(|number| forum.place(&format!("n {number}"), None, |_| {}).id.to_string())
        .collect();
    let why = || json!({"reason": "other"});
    for id in &placed[..20] {
        forum.report(id, &reader, why()).await.expect(201);
        forum.app.clock.advance_seconds(1);
    }
    let refused = forum
        .report(&placed[20], &reader, why())
        .await
        .problem(429, "too_many_requests");
    assert_eq!(refused.header("ratelimit-policy"), "\"reports\";q=20;w=3600");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    forum.report(&placed[0], &reader, why()).await.expect(200);
    forum
        .report(&placed[20], &forum.reader().await, why())
        .await
        .expect(201);
    forum.app.clock.advance_seconds(wait);
    forum.report(&placed[20], &reader, why()).await.expect(201);
    forum
        .report(&placed[21], &reader, why())
        .await
        .problem(429, "too_many_requests");
}
