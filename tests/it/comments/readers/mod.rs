//! What readers do with comments: lists in every order, counts, likes, reports, changes of their own; and what
//! the newsroom answers.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::db::schema::{comment_counts, comment_reactions, comment_reports, comment_versions, comments};
use masthead::base::ids::ArticleId;
use masthead::base::secrets::sha256;
use masthead::comments::model::{Comment, CommentState};
use masthead::comments::privacy::key_rotation;
use masthead::comments::store as rows;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::checks::assert_has_members_of;
use crate::support::newsroom::newsroom;
use crate::support::requests::together;
use crate::support::{Answer, Client, TestApp};

/// An article below which comments show at once.
struct Forum {
    app: TestApp,
    admin: Client,
    section: String,
    article: String,
}

/// A comment and the token of its author.
#[derive(Clone, Debug)]
struct Written {
    id: String,
    edit_token: String,
}

impl Forum {
    async fn new() -> Self {
        Self::with_policy(json!({"mode": "post_moderated"})).await
    }

    async fn with_policy(policy: Value) -> Self {
        let (app, admin, section) = newsroom().await;
        let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "comment_policy": policy});
        let article = admin.make(body).await;
        admin.publish(&article).await.expect(200);
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

    async fn reader(&self) -> String {
        self.app.reader_token().await
    }

    async fn write(&self, body: &str, parent: Option<&str>) -> Written {
        let sent = json!({"author_name": "Koffi", "body": body, "parent_id": parent});
        let taken = self.app.guest().post(&self.path(), sent).await;
        assert!([201, 202].contains(&taken.status), "{}", taken.text);
        Written {
            id: taken.id(),
            edit_token: taken.json["edit_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Puts a shown comment straight into the database, as `change` wants it.
    fn place(&self, body: &str, parent: Option<&Comment>, change: impl Fn(&mut Comment)) -> Comment {
        let article = ArticleId::parse(&self.article).unwrap();
        let mut comment = Comment::new(article, "Koffi".to_owned(), body.to_owned(), self.app.now());
        if let Some(parent) = parent {
            comment = comment.below(parent);
        }
        comment.state = CommentState::Approved;
        change(&mut comment);
        let placed = comment.clone();
        self.app
            .db()
            .write_blocking(move |conn| rows::insert(conn, &comment))
            .unwrap();
        placed
    }

    fn row(&self, id: &str) -> Comment {
        let id = masthead::base::ids::CommentId::parse(id).unwrap();
        self.app.db().read_blocking(|conn| rows::get(conn, id)).unwrap()
    }

    async fn react(&self, method: Method, id: &str, reader: &str) -> Answer {
        let path = format!("/v1/comments/{id}/reaction");
        let asking = self.app.guest().request(method, &path);
        asking.header("x-reader-token", reader).send().await
    }

    /// A report by a reader, each of whom has a network of their own.
    async fn report(&self, id: &str, reader: &str, body: Value) -> Answer {
        let digest = sha256(reader.as_bytes());
        let [a, b, c, ..] = digest.as_bytes() else {
            unreachable!()
        };
        self.report_from([10, *a, *b, *c], id, reader, body).await
    }

    async fn report_from(&self, address: [u8; 4], id: &str, reader: &str, body: Value) -> Answer {
        let path = format!("/v1/comments/{id}/reports");
        let asking = self.app.guest().request(Method::POST, &path).at_address(address);
        asking.header("x-reader-token", reader).json(body).send().await
    }

    async fn change(&self, id: &str, token: &str, body: Value) -> Answer {
        let asking = self
            .app
            .guest()
            .request(Method::PATCH, &format!("/v1/comments/{id}"))
            .header("x-edit-token", token);
        asking
            .bytes("application/merge-patch+json", body.to_string())
            .send()
            .await
    }

    async fn take_back(&self, id: &str, token: &str) -> Answer {
        let asking = self.app.guest().request(Method::DELETE, &format!("/v1/comments/{id}"));
        asking.header("x-edit-token", token).send().await
    }

    async fn threads(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}?limit=100&{query}", self.path()))
            .await
            .expect(200)
    }

    async fn flat(&self, query: &str) -> Answer {
        self.app
            .guest()
            .get(&format!("{}/flat?limit=100&{query}", self.path()))
            .await
            .expect(200)
    }

    /// The count, which the card, the article and the batch must tell alike.
    async fn count(&self) -> i64 {
        let guest = self.app.guest();
        let whole = guest.get(&format!("/v1/articles/{}", self.article)).await.expect(200);
        let batch = format!("/v1/comments/counts?article_id={}", self.article);
        let batch = guest.get(&batch).await.expect(200);
        assert_eq!(batch.json["counts"][0]["comment_count"], whole.json["comment_count"]);
        whole.json["comment_count"].as_i64().unwrap()
    }

    async fn log(&self, id: &str) -> Vec<(String, String, bool)> {
        let context = self
            .admin
            .get(&format!("/v1/editorial/comments/{id}"))
            .await
            .expect(200);
        let log = context.json["log"].as_array().unwrap().clone();
        log.iter()
            .map(|entry| {
                let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
                (text("to_state"), text("reason"), entry["moderator_id"].is_null())
            })
            .collect()
    }
}

fn thread_ids(page: &Answer) -> Vec<String> {
    let items = page.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|thread| thread["comment"]["id"].as_str().unwrap().to_owned())
        .collect()
}

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
        ("sort=top&featured=true", ids(&[3, 0, 6])),
        ("featured=false", ids(&[5, 2, 7, 4, 1])),
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
    for other in ["?sort=top&", "?featured=true&", "/flat?"] {
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
async fn a_threads_answers_go_on_where_the_list_of_threads_ends() {
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
        (&thread["reply_count"], &thread["comment"]["reply_count"]),
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
    assert_has_members_of("PublicCommentPage", &rest.json);
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
    assert_eq!(
        answer.header("surrogate-key"),
        format!("comments-{other} comments-{}", forum.article)
    );
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
    assert_eq!(shown["reply_count"], 1);
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
    assert_has_members_of("CommentThreadPage", &threads.json);
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

#[actix_web::test]
async fn the_newsroom_answers_at_once_under_its_badge() {
    let forum = Forum::new().await;
    let (signer, other) = (
        forum.admin.contributor("Awa Bah").await,
        forum.admin.contributor("Ali").await,
    );
    let byline =
        json!({"contributors": [{"contributor_id": signer}], "comment_policy": {"mode": "closed", "max_depth": 1}});
    let question = forum.write("Combien ?", None).await.id;
    forum.admin.edit(&forum.article, byline).await.expect(200);
    forum.admin.publish(&forum.article).await.expect(200);
    let path = format!("/v1/editorial/articles/{}/comments", forum.article);
    let moderator = forum.app.user(Role::Moderator);
    for (body, name, badges) in [
        (
            json!({"body": "Douze.", "parent_id": question}),
            "Awa Kossou",
            json!(["staff"]),
        ),
        (
            json!({"body": "Treize.", "parent_id": question, "contributor_id": other}),
            "Ali",
            json!(["staff"]),
        ),
        (
            json!({"body": "**Quatorze**.", "parent_id": question, "contributor_id": signer}),
            "Awa Bah",
            json!(["staff", "author"]),
        ),
    ] {
        let made = moderator.post(&path, body).await.expect(201);
        assert_eq!(made.json["state"], "approved");
        assert_eq!(made.header("location"), format!("/v1/editorial/comments/{}", made.id()));
        let shown = forum.flat("sort=created_at").await;
        let shown = shown.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["id"] == made.id().as_str());
        let shown = shown.unwrap();
        assert_eq!((&shown["author_name"], &shown["badges"]), (&json!(name), &badges));
        forum.app.clock.advance_seconds(1);
    }
    assert_eq!(forum.count().await, 4);
    let answered = forum.threads("").await.json["items"][0]["replies"][0]["id"].clone();
    let nobodys = ArticleId::new().to_string();
    for (body, pointer, code) in [
        (json!({"body": " "}), "/body", "blank"),
        (
            json!({"body": "X", "parent_id": nobodys}),
            "/parent_id",
            "unknown_reference",
        ),
        (json!({"body": "X", "parent_id": answered}), "/parent_id", "too_deep"),
        (
            json!({"body": "X", "contributor_id": nobodys}),
            "/contributor_id",
            "unknown_reference",
        ),
    ] {
        moderator.post(&path, body).await.invalid(&[(pointer, code)]);
    }
    let once = || moderator.once(&path, None, "cle", json!({"body": "Une fois."}));
    let (first, second) = (once().await.expect(201), once().await.expect(201));
    assert_eq!(first.id(), second.id());
    // Reports do not hide what the newsroom says.
    for _ in 0..6 {
        let reader = forum.reader().await;
        forum
            .report(&first.id(), &reader, json!({"reason": "spam"}))
            .await
            .expect(201);
    }
    assert_eq!(forum.count().await, 5);
    let draft = forum.admin.draft("Brouillon", &forum.section).await;
    let below_draft = format!("/v1/editorial/articles/{draft}/comments");
    moderator
        .post(&below_draft, json!({"body": "X"}))
        .await
        .problem(409, "invalid_state");
    let audit = forum
        .admin
        .get("/v1/editorial/audit?action=comment.create")
        .await
        .expect(200);
    assert_eq!(audit.json["items"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn a_journalist_answers_below_their_own_articles() {
    let forum = Forum::new().await;
    let journalist = forum.app.user_in(Role::Journalist, &forum.section);
    let own = journalist.draft("À moi", &forum.section).await;
    forum.admin.publish(&own).await.expect(200);
    let path = |id: &str| format!("/v1/editorial/articles/{id}/comments");
    journalist
        .post(&path(&own), json!({"body": "Merci."}))
        .await
        .expect(201);
    let refused = journalist.post(&path(&forum.article), json!({"body": "Merci."})).await;
    refused.problem(404, "not_found");
    let elsewhere = forum.admin.section("Sport", None).await;
    let moderator = forum.app.user_in(Role::Moderator, &elsewhere);
    let refused = moderator.post(&path(&own), json!({"body": "Merci."})).await;
    refused.problem(404, "not_found");
    let analyst = forum
        .app
        .user(Role::Analyst)
        .post(&path(&own), json!({"body": "X"}))
        .await;
    analyst.problem(403, "forbidden");
}

#[derive(Clone, Debug)]
enum Step {
    Write(Option<usize>),
    Decide(usize, &'static str),
    React(usize, usize, bool),
    Report(usize, usize),
    Edit(usize),
    TakeBack(usize),
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let decision = prop_oneof![Just("approve"), Just("reject"), Just("spam"), Just("restore")];
    let which = 0_usize..20;
    prop_oneof![
        4 => proptest::option::of(which.clone()).prop_map(Step::Write),
        4 => (which.clone(), decision).prop_map(|(which, decision)| Step::Decide(which, decision)),
        3 => (which.clone(), 0_usize..3, any::<bool>()).prop_map(|(which, reader, on)| Step::React(which, reader, on)),
        3 => (which.clone(), 0_usize..3).prop_map(|(which, reader)| Step::Report(which, reader)),
        2 => which.clone().prop_map(Step::Edit),
        3 => which.prop_map(Step::TakeBack),
        1 => Just(Step::Wait),
    ]
}

/// A forum in which anything may happen; two reports hide a comment.
struct Play {
    forum: Forum,
    readers: Vec<String>,
    written: Vec<Written>,
    texts: usize,
}

impl Play {
    async fn new() -> Self {
        let app = TestApp::with_site(&masthead::site::settings::Site {
            comment_report_threshold: 2,
            ..Default::default()
        })
        .await;
        let admin = app.admin();
        let section = admin.section("News", None).await;
        let policy = json!({"mode": "post_moderated", "max_links": 0});
        let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "comment_policy": policy});
        let article = admin.make(body).await;
        admin.publish(&article).await.expect(200);
        let forum = Forum {
            app,
            admin,
            section,
            article,
        };
        let mut readers = Vec::new();
        for _ in 0..3 {
            readers.push(forum.reader().await);
        }
        Self {
            forum,
            readers,
            written: Vec::new(),
            texts: 0,
        }
    }

    async fn play(&mut self, step: &Step) {
        let forum = &self.forum;
        self.texts += 1;
        // Every third text has a link, and is held for it.
        let link = if self.texts.is_multiple_of(3) {
            " https://example.org"
        } else {
            ""
        };
        let text = format!("Texte numéro {}.{link}", self.texts);
        let find = |which: &usize| (!self.written.is_empty()).then(|| &self.written[which % self.written.len()]);
        match step {
            Step::Write(parent) => {
                let parent = parent.as_ref().and_then(find).map(|written| written.id.clone());
                let sent = json!({"author_name": "Koffi", "body": text, "parent_id": parent});
                let taken = forum.app.guest().post(&forum.path(), sent).await;
                assert!([201, 202, 422].contains(&taken.status), "{}", taken.text);
                if taken.status < 300 {
                    let edit_token = taken.json["edit_token"].as_str().unwrap().to_owned();
                    self.written.push(Written {
                        id: taken.id(),
                        edit_token,
                    });
                }
            }
            Step::Wait => forum.app.clock.advance_seconds(4 * 60),
            Step::Decide(which, decision) => {
                let Some(written) = find(which) else { return };
                let answer = forum.admin.renewed().decide(&written.id, decision).await;
                assert!([200, 409].contains(&answer.status), "{}", answer.text);
            }
            Step::React(which, reader, on) => {
                let Some(written) = find(which) else { return };
                let method = if *on { Method::PUT } else { Method::DELETE };
                let answer = forum.react(method, &written.id, &self.readers[*reader]).await;
                assert!([200, 404].contains(&answer.status), "{}", answer.text);
            }
            Step::Report(which, reader) => {
                let Some(written) = find(which) else { return };
                let answer = forum
                    .report(&written.id, &self.readers[*reader], json!({"reason": "hate"}))
                    .await;
                assert!([200, 201, 404, 429].contains(&answer.status), "{}", answer.text);
            }
            Step::Edit(which) => {
                let Some(written) = find(which) else { return };
                let answer = forum
                    .change(&written.id, &written.edit_token, json!({"body": text}))
                    .await;
                assert!([200, 404, 409].contains(&answer.status), "{}", answer.text);
            }
            Step::TakeBack(which) => {
                let Some(written) = find(which) else { return };
                let answer = forum.take_back(&written.id, &written.edit_token).await;
                assert!([204, 409].contains(&answer.status), "{}", answer.text);
            }
        }
    }

    /// What every table and every list must say of the rows as they are.
    async fn check(&self, step: &Step) {
        type Likes = Vec<(masthead::base::ids::CommentId, String)>;
        let (all, likes, reports, count): (Vec<Comment>, Likes, Likes, Option<i64>) = self
            .forum
            .app
            .db()
            .read_blocking(|conn| {
                let reports = comment_reports::table.filter(comment_reports::settled_at.is_null());
                Ok((
                    comments::table.select(Comment::as_select()).load(conn)?,
                    comment_reactions::table
                        .select((comment_reactions::comment_id, comment_reactions::reader_digest))
                        .load(conn)?,
                    reports
                        .select((comment_reports::comment_id, comment_reports::reader_digest))
                        .load(conn)?,
                    comment_counts::table
                        .select(comment_counts::approved)
                        .first(conn)
                        .optional()?,
                ))
            })
            .unwrap();
        let of = |found: &Likes, comment: &Comment| {
            i64::try_from(found.iter().filter(|(id, _)| *id == comment.id).count()).unwrap()
        };
        for comment in &all {
            assert_eq!(comment.reaction_count, of(&likes, comment), "after {step:?}: likes");
            assert_eq!(comment.report_count, of(&reports, comment), "after {step:?}: reports");
            let gone = comment.state == CommentState::Deleted;
            assert_eq!(comment.body.is_empty(), gone, "after {step:?}: {comment:?}");
        }
        let hides = |comment: &&Comment| {
            [CommentState::Pending, CommentState::Rejected, CommentState::Spam].contains(&comment.state)
        };
        let is_hidden = |comment: &Comment| {
            let mut next = Some(comment.id);
            while let Some(comment) = next.and_then(|id| all.iter().find(|other| other.id == id)) {
                if hides(&comment) {
                    return true;
                }
                next = comment.parent_id;
            }
            false
        };
        let mut shown: Vec<&Comment> = all.iter().filter(|comment| !comment.body.is_empty()).collect();
        shown.retain(|comment| !is_hidden(comment));
        assert_eq!(
            count.unwrap_or(0),
            i64::try_from(shown.len()).unwrap(),
            "after {step:?}: the count"
        );
        let expected: BTreeSet<String> = shown.iter().map(|comment| comment.id.to_string()).collect();
        let flat = self.forum.flat("sort=created_at").await;
        assert_eq!(
            flat.items("id").into_iter().collect::<BTreeSet<_>>(),
            expected,
            "after {step:?}"
        );
        let threads = self.forum.threads("").await;
        let found: BTreeSet<String> = threads.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|thread| thread["replies"].as_array().unwrap().iter().chain([&thread["comment"]]))
            .filter(|comment| comment["state"] == "approved")
            .map(|comment| comment["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, expected, "after {step:?}: threads");
        for comment in all.iter().filter(|comment| !expected.contains(comment.id.as_str())) {
            let is_out =
                !comment.body.is_empty() && (flat.text.contains(&comment.body) || threads.text.contains(&comment.body));
            assert!(!is_out, "after {step:?}: {} is out", comment.body);
        }
    }
}

#[test]
fn counts_likes_and_lists_say_the_truth_after_any_sequence() {
    let config = Config {
        cases: 12,
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&proptest::collection::vec(step(), 10..50), |steps| {
        actix_web::rt::System::new().block_on(async {
            let mut play = Play::new().await;
            for step in &steps {
                play.play(step).await;
                play.check(step).await;
            }
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
