//! What an author changes or takes back.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::clock::Time;
use masthead::base::db::schema::comment_versions;
use serde_json::{Value, json};

use super::{Forum, thread_ids};
use crate::support::checks::assert_has_members_of;

#[actix_web::test]
async fn an_author_changes_a_comment_for_a_quarter_of_an_hour() {
    let forum = Forum::new().await;
    let comment = forum.write("Bravo a tous.", None).await;
    forum.write("Merci.", Some(&comment.id)).await;
    forum.app.clock.advance_seconds(60);
    let text = json!({"body": "Bravo **à tous**."});
    let changed = forum
        .change(&comment.id, &comment.edit_token, text.clone())
        .await
        .expect(200);
    assert_eq!(
        (&changed.json["state"], &changed.json["message"]),
        (&json!("approved"), &json!("Votre commentaire est modifié."))
    );
    assert_eq!(changed.json["editable_until"], "2026-11-23T08:15:00.000Z");
    assert_eq!(changed.header("cache-control"), "no-store");
    let shown = forum.threads("").await.json["items"][0].clone();
    assert_eq!(
        (&shown["comment"]["body_html"], &shown["comment"]["edited_at"]),
        (
            &json!("<p>Bravo <strong>à tous</strong>.</p>"),
            &json!("2026-11-23T08:01:00.000Z")
        )
    );
    assert_eq!(shown["descendant_count"], 1);
    // The same once more is no change.
    forum
        .change(&comment.id, &comment.edit_token, text.clone())
        .await
        .expect(200);
    forum
        .change(&comment.id, &comment.edit_token, json!({}))
        .await
        .expect(200);
    let id = comment.id.clone();
    let kept: Vec<(i32, String, Time)> = forum
        .app
        .db()
        .read_blocking(move |conn| {
            let versions = comment_versions::table.filter(comment_versions::comment_id.eq(&id));
            let columns = (
                comment_versions::number,
                comment_versions::body,
                comment_versions::written_at,
            );
            Ok(versions.select(columns).load(conn)?)
        })
        .unwrap();
    let start = Time::parse(crate::support::START).unwrap();
    assert_eq!(kept, [(1, "Bravo a tous.".to_owned(), start)]);
    for (body, pointer, code) in [
        (json!({"body": " "}), "/body", "comment_missing"),
        (json!({"body": null}), "/body", "not_clearable"),
        (json!({"body": "x".repeat(5001)}), "/body", "too_long"),
        (json!({"author_name": "K"}), "/author_name", "unknown_field"),
    ] {
        let refused = forum.change(&comment.id, &comment.edit_token, body).await;
        refused.invalid(&[(pointer, code)]);
    }
    forum.app.clock.advance_seconds(14 * 60 - 1);
    forum
        .change(&comment.id, &comment.edit_token, json!({"body": "À tous."}))
        .await
        .expect(200);
    forum.app.clock.advance_seconds(1);
    let closed = forum
        .change(&comment.id, &comment.edit_token, json!({"body": "Trop tard."}))
        .await;
    closed.problem(409, "edit_window_closed");
    let closed = forum.take_back(&comment.id, &comment.edit_token).await;
    closed.problem(409, "edit_window_closed");
}

#[actix_web::test]
async fn a_comment_is_changed_twenty_times_at_most() {
    let forum = Forum::new().await;
    let comment = forum.write("Zéro.", None).await;
    for number in 0..20 {
        let text = json!({"body": format!("Texte {number}.")});
        forum.change(&comment.id, &comment.edit_token, text).await.expect(200);
    }
    let refused = forum
        .change(&comment.id, &comment.edit_token, json!({"body": "Encore."}))
        .await;
    refused.problem(409, "edit_window_closed");
    forum.take_back(&comment.id, &comment.edit_token).await.expect(204);
}

#[actix_web::test]
async fn only_its_token_changes_a_comment() {
    let forum = Forum::new().await;
    let (comment, other) = (forum.write("Un.", None).await, forum.write("Deux.", None).await);
    let hidden = forum.write("Trois.", None).await;
    forum.admin.decide(&hidden.id, "restore").await.expect(200);
    let nobodys = masthead::base::ids::CommentId::new().to_string();
    let path = format!("/v1/comments/{}", comment.id);
    let guest = forum.app.guest();
    let bare = guest.request(Method::PATCH, &path);
    let bare = bare.bytes("application/merge-patch+json", "{\"body\":\"X\"}");
    bare.send().await.problem(400, "edit_token_required");
    let bare = guest.request(Method::DELETE, &path).send().await;
    bare.problem(400, "edit_token_required");
    for (id, token, status, code) in [
        (&comment.id, &other.edit_token, 403, "edit_token_wrong"),
        (&comment.id, &"x".to_owned(), 403, "edit_token_wrong"),
        // What readers do not see is not there for a stranger.
        (&hidden.id, &other.edit_token, 404, "not_found"),
        (&nobodys, &other.edit_token, 404, "not_found"),
    ] {
        let text = json!({"body": "À moi."});
        forum.change(id, token, text).await.problem(status, code);
        forum.take_back(id, token).await.problem(status, code);
    }
    assert_eq!(forum.row(&comment.id).body, "Un.");
    // It waits, and its author may change it all the same; it waits on.
    let changed = forum
        .change(&hidden.id, &hidden.edit_token, json!({"body": "Quatre."}))
        .await
        .expect(200);
    assert_eq!(changed.json["state"], "pending");
    forum.admin.decide(&hidden.id, "reject").await.expect(200);
    let refused = forum
        .change(&hidden.id, &hidden.edit_token, json!({"body": "Cinq."}))
        .await;
    refused.problem(409, "comment_decided");
    let refused = forum.take_back(&hidden.id, &hidden.edit_token).await;
    refused.problem(409, "comment_decided");
    forum
        .admin
        .take(&forum.article, "unpublish", json!({}))
        .await
        .expect(200);
    let gone = forum
        .change(&comment.id, &comment.edit_token, json!({"body": "Six."}))
        .await;
    gone.problem(404, "not_found");
}

#[actix_web::test]
async fn a_change_passes_the_phases_again() {
    let forum = Forum::with_policy(json!({"mode": "post_moderated", "max_links": 0, "max_length": 40})).await;
    let comment = forum.write("Voyez le port.", None).await;
    let too_long = forum
        .change(&comment.id, &comment.edit_token, json!({"body": "x".repeat(41)}))
        .await;
    too_long.invalid(&[("/body", "too_long")]);
    assert_eq!(
        (forum.count().await, forum.row(&comment.id).body.as_str()),
        (1, "Voyez le port.")
    );
    let link = json!({"body": "Voyez https://example.org/"});
    let held = forum.change(&comment.id, &comment.edit_token, link).await.expect(200);
    assert_eq!(
        (&held.json["state"], &held.json["message"]),
        (
            &json!("pending"),
            &json!("Votre commentaire est modifié et en attente de modération.")
        )
    );
    assert_eq!(forum.count().await, 0);
    let expected = [("pending".to_owned(), "edited".to_owned(), true)];
    assert_eq!(forum.log(&comment.id).await, expected);
    // Nothing frees what waits but a moderator.
    let plain = json!({"body": "Voyez le port."});
    let still = forum.change(&comment.id, &comment.edit_token, plain).await.expect(200);
    assert_eq!(still.json["state"], "pending");
    // What a moderator approved waits again where all is read before.
    let strict = Forum::with_policy(json!({"mode": "pre_moderated"})).await;
    let comment = strict.write("Oui.", None).await;
    strict.admin.decide(&comment.id, "approve").await.expect(200);
    let held = strict
        .change(&comment.id, &comment.edit_token, json!({"body": "Non."}))
        .await
        .expect(200);
    assert_eq!((&held.json["state"], strict.count().await), (&json!("pending"), 0));
}

#[actix_web::test]
async fn what_is_taken_back_leaves_its_place_and_nothing_else() {
    let forum = Forum::new().await;
    let comment = forum.write("Zqxj bravo.", None).await;
    let answer = forum.write("Merci.", Some(&comment.id)).await;
    let alone = forum.write("Zqxj seul.", None).await;
    forum
        .change(&comment.id, &comment.edit_token, json!({"body": "Zqxj encore."}))
        .await
        .expect(200);
    let reader = forum.reader().await;
    forum.react(Method::PUT, &comment.id, &reader).await.expect(200);
    forum
        .report(&comment.id, &reader, json!({"reason": "other"}))
        .await
        .expect(201);
    assert_eq!(forum.count().await, 3);
    for written in [&comment, &alone, &comment] {
        forum.take_back(&written.id, &written.edit_token).await.expect(204);
    }
    assert_eq!(forum.count().await, 1);
    let threads = forum.threads("").await;
    assert_has_members_of("CommentThreadList", &threads.json);
    assert_eq!(thread_ids(&threads), std::slice::from_ref(&comment.id));
    let stub = threads.json["items"][0]["comment"].clone();
    for (member, expected) in [
        ("state", json!("deleted")),
        ("author_name", Value::Null),
        ("body", Value::Null),
        ("body_html", Value::Null),
        ("badges", json!([])),
        ("reaction_count", json!(0)),
        ("edited_at", Value::Null),
        ("reply_count", json!(1)),
    ] {
        assert_eq!(stub[member], expected, "{member}");
    }
    assert_eq!(threads.json["items"][0]["replies"][0]["id"], answer.id.as_str());
    assert_eq!(forum.flat("").await.items("id"), std::slice::from_ref(&answer.id));
    // Nothing of the text is left in any table.
    for (table, row) in forum.app.rows() {
        assert!(!row.to_string().contains("Zqxj"), "{table}: {row}");
    }
    forum
        .react(Method::PUT, &comment.id, &reader)
        .await
        .problem(404, "not_found");
    let late = forum
        .change(&comment.id, &comment.edit_token, json!({"body": "Si."}))
        .await;
    late.problem(404, "not_found");
    forum
        .admin
        .decide(&comment.id, "approve")
        .await
        .problem(409, "comment_erased");
    // The last answer goes: so does the place.
    forum.take_back(&answer.id, &answer.edit_token).await.expect(204);
    assert_eq!((forum.count().await, thread_ids(&forum.threads("").await)), (0, vec![]));
}
