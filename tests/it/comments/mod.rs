//! Comments: submitting, moderating, threads, counts, readers and repetitions.

mod captcha;
mod moderation;
mod pipeline;
mod privacy;
mod readers;
mod sanctions;
mod spam;
mod words;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::{comment_counts, comments, moderation_log};
use serde_json::{Value, json};

use crate::support::newsroom::{bilingual, desk, newsroom, section_id};
use crate::support::requests::together;
use crate::support::{Answer, Client, TestApp, grant};

/// Levels below the first comment where no policy says otherwise.
const MAX_DEPTH: i32 = 4;

/// The phases that every comment passes, in their order.
const PHASES: [&str; 13] = [
    "length",
    "open",
    "sanitise",
    "sanctions",
    "rate",
    "honeypot",
    "captcha",
    "duplicate",
    "words",
    "links",
    "spam",
    "history",
    "mode",
];

const QUEUE: &str = "/v1/editorial/moderation/queue";

struct Thread {
    app: TestApp,
    admin: Client,
    section: String,
    article: String,
}

impl Thread {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let article = admin.published("Titre", &section).await;
        Self {
            app,
            admin,
            section,
            article,
        }
    }

    fn path(&self) -> String {
        format!("/v1/articles/{}/comments", self.article)
    }

    async fn post(&self, body: Value) -> Answer {
        self.app.guest().post(&self.path(), body).await
    }

    async fn write(&self, body: &str, parent: Option<&str>) -> String {
        self.app.guest().comment(&self.article, body, parent).await
    }

    async fn approved(&self, body: &str, parent: Option<&str>) -> String {
        let id = self.write(body, parent).await;
        self.admin.decide(&id, "approve").await.expect(200);
        id
    }

    /// The count on the card, which the article must repeat.
    async fn count(&self) -> i64 {
        let card = self.app.guest().get("/v1/articles").await.expect(200).json["items"][0]["comment_count"].clone();
        let whole = self
            .app
            .guest()
            .get(&format!("/v1/articles/{}", self.article))
            .await
            .expect(200);
        assert_eq!(card, whole.json["comment_count"]);
        card.as_i64().unwrap()
    }

    async fn threads(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}?{query}", self.path()))
            .await
            .expect(200)
    }

    async fn log(&self, comment: &str) -> Vec<Value> {
        let context = self
            .admin
            .get(&format!("/v1/editorial/comments/{comment}"))
            .await
            .expect(200);
        context.json["log"].as_array().unwrap().clone()
    }
}

fn texts(threads: &Answer) -> Vec<(String, Vec<String>)> {
    let text = |comment: &Value| comment["body"].as_str().unwrap().to_owned();
    threads.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|thread| {
            (
                text(&thread["comment"]),
                thread["replies"].as_array().unwrap().iter().map(text).collect(),
            )
        })
        .collect()
}

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
async fn an_answer_needs_a_comment_that_readers_see() {
    let thread = Thread::new().await;
    let elsewhere = thread.admin.published("Autre", &thread.section).await;
    let foreign = thread.app.guest().comment(&elsewhere, "Là", None).await;
    thread.admin.decide(&foreign, "approve").await.expect(200);
    let pending = thread.write("En attente", None).await;
    let rejected = thread.write("Refusé", None).await;
    thread.admin.decide(&rejected, "reject").await.expect(200);
    for parent in [
        &foreign,
        &pending,
        &rejected,
        &"0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f".to_owned(),
    ] {
        let answer = thread
            .post(json!({"author_name": "K", "body": "B", "parent_id": parent}))
            .await;
        answer.invalid(&[("/parent_id", "unknown_reference")]);
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
    assert_eq!(shown.json["items"][0]["reply_count"], 4);
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
    let form = guest.get(&format!("/v1/articles/{}", thread.article)).await.json["comments"].clone();
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

#[actix_web::test]
async fn the_queue_is_oldest_first_and_walked_without_a_gap() {
    let thread = Thread::new().await;
    let mut written = Vec::new();
    for number in 0..7 {
        written.push(thread.write(&number.to_string(), None).await);
        thread.app.clock.advance_seconds(i64::from(number % 2));
    }
    let moderator = thread.app.user(Role::Moderator);
    for limit in [1, 2, 3, 7, 8] {
        assert_eq!(moderator.walk(QUEUE, limit).await, written, "limit {limit}");
    }
    thread.admin.decide(&written[0], "approve").await.expect(200);
    thread.admin.decide(&written[1], "spam").await.expect(200);
    for (query, expected) in [
        ("queue=pending".to_owned(), &written[2..]),
        ("queue=approved".to_owned(), &written[..1]),
        ("queue=spam".to_owned(), &written[1..2]),
        ("queue=reported".to_owned(), &written[..0]),
        (format!("article_id={}", thread.article), &written[2..]),
        (
            "article_id=0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f".to_owned(),
            &written[..0],
        ),
    ] {
        assert_eq!(
            moderator.get(&format!("{QUEUE}?{query}")).await.expect(200).items("id"),
            expected,
            "{query}"
        );
    }
    let waiting = moderator.get(&format!("{QUEUE}?limit=1")).await.json["items"][0].clone();
    assert_eq!(
        (&waiting["article_title"], &waiting["article_path"]),
        (&json!("Titre"), &json!("/news/titre"))
    );
    assert_eq!(
        waiting["verdicts"],
        json!(PHASES.map(|phase| match phase {
            "mode" => json!({"phase": phase, "verdict": "hold", "reason": "pre_moderated", "matched": []}),
            _ => json!({"phase": phase, "verdict": "pass", "reason": null, "matched": []}),
        }))
    );
    for bad in ["queue=nonsense", "limit=0", "article_id=x", "cursor=x", "colour=red"] {
        assert_eq!(moderator.get(&format!("{QUEUE}?{bad}")).await.status, 400, "{bad}");
    }
    for role in [Role::Publisher, Role::SectionEditor, Role::Journalist] {
        thread.app.user(role).get(QUEUE).await.problem(403, "forbidden");
    }
    thread.app.user(Role::Analyst).get(QUEUE).await.expect(200);
    thread
        .app
        .user(Role::Analyst)
        .decide(&written[2], "approve")
        .await
        .problem(403, "forbidden");
    thread.app.guest().get(QUEUE).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn every_state_answers_every_decision() {
    let thread = Thread::new().await;
    let decisions = ["approve", "reject", "spam", "restore"];
    let states = ["approved", "rejected", "spam", "pending"];
    for (first, state) in decisions.iter().zip(states) {
        for (second, next) in decisions.iter().zip(states) {
            let id = thread.write(&format!("{first}, {second}"), None).await;
            thread.admin.decide(&id, first).await.expect(200);
            let answer = thread.admin.decide(&id, second).await;
            let context = format!("{second} after {first}: {}", answer.text);
            if next == state || state == "pending" || *second == "restore" {
                assert_eq!(
                    (answer.status, answer.json["state"].as_str()),
                    (200, Some(next)),
                    "{context}"
                );
            } else {
                let answer = answer.problem(409, "already_decided");
                assert_eq!(answer.json["state"], state, "{context}");
            }
            let decided = usize::from(state != "pending") + usize::from(answer_changed(state, next, second));
            assert_eq!(thread.log(&id).await.len(), decided, "{context}");
            assert_eq!(
                thread.count().await,
                i64::from(
                    thread.admin.get(&format!("/v1/editorial/comments/{id}")).await.json["comment"]["state"]
                        == "approved"
                )
            );
            // Leave none behind: the next round counts from nothing.
            thread.admin.decide(&id, "restore").await.expect(200);
        }
    }
    thread
        .admin
        .decide("0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "approve")
        .await
        .problem(404, "not_found");
    thread
        .admin
        .decide("nonsense", "approve")
        .await
        .problem(404, "not_found");
}

fn answer_changed(state: &str, next: &str, second: &str) -> bool {
    next != state && (state == "pending" || second == "restore")
}

#[actix_web::test]
async fn the_log_says_who_did_what_and_why_and_only_grows() {
    let thread = Thread::new().await;
    let moderator = thread.app.user(Role::Moderator);
    let id = thread.write("B", None).await;
    let path = |decision: &str| format!("/v1/editorial/comments/{id}/actions/{decision}");
    let why = json!({"reason": "abuse", "note": "deuxième fois"});
    let unknown = moderator.post(&path("reject"), json!({"reason": "nonsense"})).await;
    unknown.invalid(&[("/reason", "invalid_value")]);
    moderator.post(&path("reject"), why.clone()).await.expect(200);
    let reasons = moderator
        .get(&format!("/v1/editorial/comments/{id}"))
        .await
        .expect(200)
        .json;
    thread.app.clock.advance_seconds(60);
    thread.admin.decide(&id, "restore").await.expect(200);
    thread.admin.decide(&id, "restore").await.expect(200);
    thread.app.clock.advance_seconds(60);
    thread.admin.decide(&id, "approve").await.expect(200);
    let log = thread.log(&id).await;
    let entries: Vec<_> = log
        .iter()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap(),
                entry["from_state"].as_str().unwrap(),
                entry["to_state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("reject", "pending", "rejected"),
            ("restore", "rejected", "pending"),
            ("approve", "pending", "approved")
        ]
    );
    assert_eq!(log[0], reasons["log"][0]);
    assert_eq!(
        (&log[0]["reason"], &log[0]["note"], &log[0]["moderator_name"]),
        (&why["reason"], &why["note"], &json!("Awa Kossou"))
    );
    assert_eq!(log[0]["moderator_id"], moderator.user_id.unwrap().to_string());
    assert_eq!(log[1]["at"], "2026-11-23T08:01:00.000Z");
}

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
async fn a_long_thread_shows_its_first_answers_and_says_how_many_there_are() {
    let thread = Thread::new().await;
    let root = thread.approved("racine", None).await;
    for number in 0..52 {
        thread.approved(&number.to_string(), Some(&root)).await;
    }
    let shown = thread.threads("").await.json["items"][0].clone();
    assert_eq!(shown["reply_count"], 52);
    assert_eq!(shown["replies"].as_array().unwrap().len(), 50);
    assert_eq!(shown["replies"][49]["body"], "49");
    assert_eq!(thread.count().await, 53);
}

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

#[actix_web::test]
async fn a_moderator_sees_and_decides_where_a_grant_reaches() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    let sport = admin.section("Sport", None).await;
    let mut all = Vec::new();
    for section in [&news, &mali, &sport] {
        for locale in ["fr", "en"] {
            let article = admin
                .make(json!({"locale": locale, "title": "T", "section_id": section}))
                .await;
            admin.publish(&article).await.expect(200);
            all.push((app.guest().comment(&article, "B", None).await, section.clone(), locale));
        }
    }
    let everything = |role| vec![grant(role, None, None)];
    type Rule = Box<dyn Fn(&String, &str) -> bool>;
    let in_news = {
        let (news, mali) = (news.clone(), mali.clone());
        move |section: &String| *section == news || *section == mali
    };
    let (a, b, c, d) = (in_news.clone(), in_news.clone(), in_news, sport.clone());
    let table: Vec<(&str, Vec<masthead::access::auth::Grant>, Rule)> = vec![
        ("everywhere", everything(Role::Moderator), Box::new(|_, _| true)),
        (
            "in news",
            vec![grant(Role::Moderator, Some(section_id(&news)), None)],
            Box::new(move |s, _| a(s)),
        ),
        (
            "in French",
            vec![grant(Role::Moderator, None, Some("fr"))],
            Box::new(|_, l| l == "fr"),
        ),
        (
            "in news, journalist in English",
            vec![
                grant(Role::Journalist, None, Some("en")),
                grant(Role::Moderator, Some(section_id(&news)), Some("fr")),
            ],
            Box::new(move |s, l| b(s) && l == "fr"),
        ),
        (
            "French in news, English in sport",
            vec![
                grant(Role::Moderator, Some(section_id(&news)), Some("fr")),
                grant(Role::Moderator, Some(section_id(&sport)), Some("en")),
            ],
            Box::new(move |s, l| c(s) && l == "fr" || *s == d && l == "en"),
        ),
    ];
    for (who, grants, covers) in table {
        let moderator = app.user_with(grants);
        let expected: Vec<&String> = all.iter().filter(|(_, s, l)| covers(s, l)).map(|(id, ..)| id).collect();
        assert_eq!(
            moderator.walk(QUEUE, 2).await.iter().collect::<Vec<_>>(),
            expected,
            "{who}"
        );
        for (id, section, locale) in &all {
            let status = if covers(section, locale) { 200 } else { 404 };
            let read = moderator.get(&format!("/v1/editorial/comments/{id}")).await;
            // A repeated decision changes nothing: it waits still.
            let decided = moderator.decide(id, "restore").await;
            assert_eq!(
                (read.status, decided.status),
                (status, status),
                "{who} {section} {locale}"
            );
        }
    }
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
