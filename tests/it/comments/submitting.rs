//! Submitting a comment: what it needs, what becomes of its text, and where none is taken.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{Thread, texts};
use crate::support::newsroom::UNKNOWN_ID;

/// Levels below the first comment where no policy says otherwise.
const MAX_DEPTH: i32 = 4;

#[actix_web::test]
async fn a_comment_is_taken_and_waits() {
    let thread = Thread::new().await;
    let taken = thread
        .post(json!({"author_name": " Koffi  A. ", "body": " Bravo !\r\nEncore. "}))
        .await
        .expect(202);
    assert_eq!(taken.json["message"], "Votre commentaire est en attente de modération.");
    assert_eq!(taken.header("content-language"), "fr");
    assert_eq!(
        (&taken.json["author_name"], &taken.json["body"]),
        (&json!("Koffi A."), &json!("Bravo !\nEncore."))
    );
    assert_eq!(
        (&taken.json["state"], &taken.json["parent_id"]),
        (&json!("pending"), &Value::Null)
    );
    assert!(taken.json["edit_token"].as_str().unwrap().len() >= 32);
    assert_eq!(taken.header("cache-control"), "no-store");
    let english = thread
        .app
        .guest()
        .request(Method::POST, &thread.path())
        .header("accept-language", "en")
        .json(json!({"author_name": "K", "body": "Hi"}))
        .send()
        .await
        .expect(202);
    assert_eq!(english.json["message"], "Your comment is awaiting moderation.");
    assert_eq!((thread.count().await, texts(&thread.threads("").await)), (0, vec![]));
}

#[actix_web::test]
async fn what_is_missing_is_told_in_the_readers_language() {
    let thread = Thread::new().await;
    let (name, comment) = (json!("Koffi"), json!("Bravo"));
    let missing = [Value::Null, json!(""), json!(" \n\u{a0} "), json!("\u{200b}\u{2060}")];
    for blank in missing {
        for (body, code, french, english) in [
            (
                json!({"author_name": name, "body": blank}),
                "comment_missing",
                "Veuillez écrire un commentaire.",
                "Please write a comment.",
            ),
            (
                json!({"author_name": blank, "body": comment}),
                "name_missing",
                "Veuillez indiquer votre nom.",
                "Please give your name.",
            ),
        ] {
            let refused = thread.post(body.clone()).await.problem(422, code);
            assert_eq!(
                (&refused.json["detail"], &refused.json["errors"][0]["message"]),
                (&json!(french), &json!(french)),
                "{body}"
            );
            assert_eq!(refused.json["errors"].as_array().unwrap().len(), 1);
            let refused = thread
                .app
                .guest()
                .request(Method::POST, &thread.path())
                .header("accept-language", "en-GB")
                .json(body)
                .send()
                .await
                .problem(422, code);
            assert_eq!(
                (&refused.json["detail"], refused.header("content-language")),
                (&json!(english), "en")
            );
        }
    }
    for both in [json!({}), json!({"author_name": "", "body": null})] {
        let refused = thread.post(both).await.problem(422, "validation_failed");
        refused.invalid(&[("/author_name", "name_missing"), ("/body", "comment_missing")]);
    }
}

#[actix_web::test]
async fn what_is_wrong_is_told_by_pointer() {
    let thread = Thread::new().await;
    let with = |member: &str, value: Value| {
        let mut body = json!({"author_name": "Koffi", "body": "Bravo"});
        body[member] = value;
        body
    };
    for (body, pointer, code) in [
        (with("author_name", json!("x".repeat(81))), "/author_name", "too_long"),
        (with("body", json!("x".repeat(5001))), "/body", "too_long"),
        (with("body", json!(5)), "/body", "wrong_type"),
        (with("body", json!("a\u{7}b")), "/body", "forbidden_character"),
        (with("parent_id", json!("x")), "/parent_id", "invalid_format"),
        (with("state", json!("approved")), "/state", "unknown_field"),
    ] {
        thread.post(body).await.invalid(&[(pointer, code)]);
    }
    thread.post(with("body", json!("é".repeat(5000)))).await.expect(202);
    thread
        .app
        .guest()
        .request(Method::POST, &thread.path())
        .bytes("text/plain", "x")
        .send()
        .await
        .problem(415, "unsupported_media_type");
    thread
        .app
        .guest()
        .request(Method::POST, &thread.path())
        .bytes("application/json", "{")
        .send()
        .await
        .problem(400, "malformed_json");
    thread
        .post(with("body", json!("x".repeat(70_000))))
        .await
        .problem(413, "payload_too_large");
}

#[actix_web::test]
async fn markdown_is_markup_and_html_is_text() {
    let thread = Thread::new().await;
    let text = "**Bravo** & <b>merci</b> <script>x</script>\n\n1 < 2 [ici](https://example.org)";
    let taken = thread
        .post(json!({"author_name": "<i>Koffi</i>", "body": text}))
        .await
        .expect(202);
    assert_eq!(
        (&taken.json["author_name"], &taken.json["body"]),
        (&json!("‹i›Koffi‹/i›"), &json!(text))
    );
    thread.admin.decide(&taken.id(), "approve").await.expect(200);
    let shown = thread.threads("").await.json["items"][0]["comment"].clone();
    assert_eq!(
        shown["body_html"],
        "<p><strong>Bravo</strong> &amp; &lt;b&gt;merci&lt;/b&gt; &lt;script&gt;x&lt;/script&gt;</p>\
         <p>1 &lt; 2 <a href=\"https://example.org/\" rel=\"nofollow ugc noopener\">ici</a></p>"
    );
}

#[actix_web::test]
async fn a_reply_needs_a_comment_that_readers_see() {
    let thread = Thread::new().await;
    let elsewhere = thread.admin.published("Autre", &thread.section).await;
    let foreign = thread.app.guest().comment(&elsewhere, "Là", None).await;
    thread.admin.decide(&foreign, "approve").await.expect(200);
    let pending = thread.write("En attente", None).await;
    let rejected = thread.write("Refusé", None).await;
    thread.admin.decide(&rejected, "reject").await.expect(200);
    for parent in [&foreign, &pending, &rejected, &UNKNOWN_ID.to_owned()] {
        let answer = thread
            .post(json!({"author_name": "K", "body": "B", "parent_id": parent}))
            .await;
        answer.invalid(&[("/parent_id", "parent_not_shown")]);
    }
    let mut parent = thread.approved("0", None).await;
    for depth in 1..=MAX_DEPTH {
        parent = thread.approved(&depth.to_string(), Some(&parent)).await;
    }
    let deeper = thread
        .post(json!({"author_name": "K", "body": "B", "parent_id": parent}))
        .await;
    deeper.invalid(&[("/parent_id", "too_deep")]);
    let shown = thread.threads("").await;
    assert_eq!(
        texts(&shown),
        [("0".to_owned(), ["1", "2", "3", "4"].map(str::to_owned).to_vec())]
    );
    assert_eq!(shown.json["items"][0]["descendant_count"], 4);
}

#[actix_web::test]
async fn comments_follow_the_policy_and_the_life_of_their_article() {
    let thread = Thread::new().await;
    let sent = std::cell::Cell::new(0);
    let body = || {
        sent.set(sent.get() + 1);
        json!({"author_name": "K", "body": format!("B {}", sent.get())})
    };
    let shown = thread.approved("Avant", None).await;
    let guest = thread.app.guest();
    let draft = thread.admin.draft("Brouillon", &thread.section).await;
    for path in [
        format!("/v1/articles/{draft}/comments"),
        "/v1/articles/0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f/comments".into(),
    ] {
        guest.post(&path, body()).await.problem(404, "not_found");
        guest.get(&path).await.problem(404, "not_found");
    }
    // Closed by the article itself, once that is published; what is there stays.
    thread
        .admin
        .edit(&thread.article, json!({"comment_policy": {"mode": "closed"}}))
        .await
        .expect(200);
    thread.post(body()).await.expect(202);
    thread.admin.publish(&thread.article).await.expect(200);
    thread.post(body()).await.problem(403, "comments_closed");
    assert_eq!(
        thread.threads("").await.json["items"][0]["comment"]["id"],
        shown.as_str()
    );
    // Its own word counts before that of its section.
    let section = format!("/v1/editorial/sections/{}", thread.section);
    thread
        .admin
        .patch(&section, 1, json!({"comment_policy": {"mode": "closed"}}))
        .await
        .expect(200);
    thread
        .admin
        .edit(&thread.article, json!({"comment_policy": {"mode": "pre_moderated"}}))
        .await
        .expect(200);
    thread.admin.publish(&thread.article).await.expect(200);
    thread.post(body()).await.expect(202);
    thread
        .admin
        .edit(&thread.article, json!({"comment_policy": null}))
        .await
        .expect(200);
    thread.admin.publish(&thread.article).await.expect(200);
    thread.post(body()).await.problem(403, "comments_closed");
    let form = guest.get(&format!("/v1/articles/{}", thread.article)).await.json["comment_policy"].clone();
    assert_eq!(
        form,
        json!({"mode": "closed", "is_open": false, "open_until": null, "required": ["author_name", "body"],
            "author_name_max_length": 80, "body_max_length": 5000, "max_depth": 4, "max_links": 2})
    );
    thread
        .admin
        .take(&thread.article, "unpublish", json!({}))
        .await
        .expect(200);
    thread.post(body()).await.problem(404, "not_found");
    guest.get(&thread.path()).await.problem(404, "not_found");
    thread.admin.publish(&thread.article).await.expect(200);
    assert_eq!(thread.count().await, 1, "comments outlive an unpublish");
}
