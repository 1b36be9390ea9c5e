//! Reader tokens, and a comment that is sent again.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::comments;
use serde_json::{Value, json};

use super::{QUEUE, Thread};
use crate::support::requests::together;
use crate::support::{Answer, Client};

#[actix_web::test]
async fn a_reader_token_is_genuine_or_refused() {
    let thread = Thread::new().await;
    let captcha = thread.app.guest().get("/v1/captcha").await.expect(200);
    assert_eq!(captcha.header("cache-control"), "no-store");
    let token = captcha.json["reader_token"].as_str().unwrap().to_owned();
    let other = thread.app.guest().get("/v1/captcha").await.json["reader_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(token, other);
    let send = |token: String| {
        let body = json!({"author_name": "K", "body": "B"});
        thread
            .app
            .guest()
            .request(Method::POST, &thread.path())
            .header("x-reader-token", &token)
            .json(body)
            .send()
    };
    let taken = send(token.clone()).await.expect(202);
    let digest: Option<String> = thread
        .app
        .db()
        .read_blocking(move |conn| {
            Ok(comments::table
                .filter(comments::id.eq(taken.id()))
                .select(comments::reader_digest)
                .first(conn)?)
        })
        .unwrap();
    assert!(digest.is_some_and(|digest| !token.contains(&digest)));
    let mut forged = token.clone();
    forged.replace_range(0..1, if token.starts_with('A') { "B" } else { "A" });
    for bad in [
        forged,
        token[1..].to_owned(),
        "x".to_owned(),
        String::new(),
        format!("{token}x"),
    ] {
        send(bad).await.problem(400, "invalid_header");
    }
}

async fn keyed(client: &Client, path: &str, reader: Option<&str>, key: &str, body: Value) -> Answer {
    let asking = client.request(Method::POST, path).header("idempotency-key", key);
    let asking = match reader {
        Some(token) => asking.header("x-reader-token", token),
        None => asking,
    };
    asking.json(body).send().await
}

#[actix_web::test]
async fn a_repeated_comment_is_one_comment() {
    let thread = Thread::new().await;
    let (guest, path, body) = (
        thread.app.guest(),
        thread.path(),
        json!({"author_name": "K", "body": "B"}),
    );
    let token = thread.app.reader_token().await;
    keyed(&guest, &path, None, "key", body.clone())
        .await
        .problem(400, "reader_token_required");
    let first = keyed(&guest, &path, Some(&token), "key", body.clone())
        .await
        .expect(202);
    assert!(first.json["edit_token"].is_string());
    thread.admin.decide(&first.id(), "approve").await.expect(200);
    let second = keyed(&guest, &path, Some(&token), "key", body.clone())
        .await
        .expect(202);
    assert_eq!(
        (second.id(), &second.json["edit_token"], &second.json["state"]),
        (first.id(), &Value::Null, &json!("approved"))
    );
    keyed(
        &guest,
        &path,
        Some(&token),
        "key",
        json!({"author_name": "K", "body": "C"}),
    )
    .await
    .problem(422, "idempotency_key_reused");
    let another = keyed(&guest, &path, Some(&thread.app.reader_token().await), "key", body)
        .await
        .expect(202);
    assert_ne!(another.id(), first.id());
}

#[actix_web::test]
async fn fifty_at_once_with_one_key_are_one_comment() {
    let thread = Thread::new().await;
    let token = thread.app.reader_token().await;
    let tasks = (0..50).map(|_| {
        let (guest, path, token) = (thread.app.guest(), thread.path(), token.clone());
        async move {
            keyed(
                &guest,
                &path,
                Some(&token),
                "key",
                json!({"author_name": "K", "body": "B"}),
            )
            .await
        }
    });
    let answers = together(tasks.collect()).await;
    let mut taken = Vec::new();
    for answer in answers {
        match answer.status {
            202 => taken.push(answer),
            _ => {
                let refused = answer.problem(409, "request_in_flight");
                assert_eq!(refused.header("retry-after"), "1");
            }
        }
    }
    assert!(!taken.is_empty());
    assert!(taken.iter().all(|answer| answer.id() == taken[0].id()));
    assert_eq!(
        taken
            .iter()
            .filter(|answer| answer.json["edit_token"].is_string())
            .count(),
        1
    );
    assert_eq!(thread.admin.walk(QUEUE, 100).await.len(), 1);
}
