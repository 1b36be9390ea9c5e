//! The moderators' desk: queues and their filters, cards handed out, context, decisions on one and on many, taking
//! them back, and what the public may know.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::db::schema::{comment_reports, comment_versions, comments, moderation_log};
use masthead::base::ids::{ArticleId, CommentId};
use masthead::comments::model::{Comment, CommentState};
use masthead::comments::store;
use serde_json::{Value, json};

use crate::support::newsroom::{newsroom, section_id};
use crate::support::requests::together;
use crate::support::{Answer, Client, TestApp, grant};

const QUEUE: &str = "/v1/editorial/moderation/queue";
const COUNTS: &str = "/v1/editorial/moderation/counts";
const CLAIM: &str = "/v1/editorial/moderation/claim";
const RELEASE: &str = "/v1/editorial/moderation/release";
const BULK: &str = "/v1/editorial/comments/bulk";

fn comment_path(id: &str) -> String {
    format!("/v1/editorial/comments/{id}")
}

fn article_id(id: &str) -> ArticleId {
    ArticleId::parse(id).unwrap()
}

/// A comment that waits, written `seconds` after the beginning.
fn waiting(article: &str, seconds: i64) -> Comment {
    let at = Time::parse(crate::support::START).unwrap().plus_seconds(seconds);
    Comment::new(article_id(article), "Koffi".to_owned(), format!("Numéro {seconds}"), at)
}

/// Writes comments as they are; their ids.
fn written(app: &TestApp, new: Vec<Comment>) -> Vec<String> {
    let ids = new.iter().map(|comment| comment.id.to_string()).collect();
    app.db()
        .write_blocking(move |conn| store::insert_all(conn, &new))
        .unwrap();
    ids
}

/// What readers report, as a row each.
fn reported(app: &TestApp, comment: &str, reasons: &[&'static str]) {
    let id = CommentId::parse(comment).unwrap();
    let (now, reasons) = (app.now(), reasons.to_vec());
    app.db()
        .write_blocking(move |conn| {
            for (number, reason) in reasons.iter().enumerate() {
                diesel::insert_into(comment_reports::table)
                    .values((
                        comment_reports::id.eq(CommentId::new().to_string()),
                        comment_reports::comment_id.eq(id),
                        comment_reports::reader_digest.eq(format!("reader {number} {}", CommentId::new())),
                        comment_reports::reason.eq(*reason),
                        comment_reports::note.eq("Regardez."),
                        comment_reports::at.eq(now),
                    ))
                    .execute(conn)?;
            }
            let count = i64::try_from(reasons.len()).unwrap();
            diesel::update(comments::table.find(id))
                .set(comments::report_count.eq(count))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
}

struct Desk {
    app: TestApp,
    admin: Client,
    moderator: Client,
    section: String,
    article: String,
}

impl Desk {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let article = admin.published("Titre", &section).await;
        let moderator = app.user(Role::Moderator);
        Self {
            app,
            admin,
            moderator,
            section,
            article,
        }
    }

    fn waiting(&self, count: i64) -> Vec<String> {
        written(&self.app, (0..count).map(|n| waiting(&self.article, n)).collect())
    }

    async fn queue(&self, query: &str) -> Vec<String> {
        self.moderator.walk(&format!("{QUEUE}?{query}"), 3).await
    }

    async fn context(&self, id: &str) -> Value {
        self.moderator.get(&comment_path(id)).await.expect(200).json
    }

    async fn bulk(&self, body: Value) -> Answer {
        self.moderator.post(BULK, body).await
    }
}

fn ids_of(answer: &Answer, member: &str) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    answer.json[member].as_array().unwrap().iter().map(id).collect()
}

#[actix_web::test]
async fn a_queue_is_narrowed_by_place_author_reason_and_claim_and_walked_both_ways() {
    let desk = Desk::new().await;
    let below = desk.admin.section("Mali", Some(&desk.section)).await;
    let sport = desk.admin.section("Sport", None).await;
    let in_mali = desk.admin.published("Mali", &below).await;
    let in_sport = desk.admin.published("Sport", &sport).await;
    let held = r#"[{"phase":"links","verdict":"hold","reason":"too_many_links","matched":[]}]"#;
    let said = r#"[{"phase":"words","verdict":"pass","reason":null,"matched":[{"rule":"\"verdict\":\"hold\",\"reason\":\"too_many_links\""}]}]"#;
    let ids = written(
        &desk.app,
        vec![
            Comment {
                reader_digest: Some("r1".to_owned()),
                verdicts: held.to_owned(),
                ..waiting(&desk.article, 0)
            },
            Comment {
                reader_digest: Some("r2".to_owned()),
                email_hash: Some("e1".to_owned()),
                verdicts: said.to_owned(),
                ..waiting(&in_mali, 1)
            },
            Comment {
                reader_digest: Some("r3".to_owned()),
                email_hash: Some("e1".to_owned()),
                network_hash: Some("n1".to_owned()),
                ..waiting(&in_sport, 2)
            },
            Comment {
                reader_digest: Some("r1".to_owned()),
                network_hash: Some("n1".to_owned()),
                ..waiting(&in_sport, 3)
            },
            waiting(&in_sport, 4),
        ],
    );
    let pick = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|n| ids[*n].clone()).collect() };
    let body = json!({"limit": 1, "article_id": in_mali});
    desk.moderator.post(CLAIM, body).await.expect(200);
    for (query, expected) in [
        (String::new(), pick(&[0, 1, 2, 3, 4])),
        ("sort=-created_at".to_owned(), pick(&[4, 3, 2, 1, 0])),
        (format!("section_id={}", desk.section), pick(&[0, 1])),
        (format!("section_id={below}"), pick(&[1])),
        (format!("article_id={in_sport}"), pick(&[2, 3, 4])),
        (format!("same_author_as={}", ids[0]), pick(&[0, 3])),
        (format!("same_author_as={}", ids[1]), pick(&[1, 2])),
        (format!("same_author_as={}", ids[4]), pick(&[4])),
        (
            format!("same_author_as={}&section_id={}", ids[0], desk.section),
            pick(&[0]),
        ),
        ("reason=too_many_links".to_owned(), pick(&[0])),
        ("reason=duplicate".to_owned(), pick(&[])),
        ("claimed=mine".to_owned(), pick(&[1])),
        ("claimed=none".to_owned(), pick(&[0, 2, 3, 4])),
        ("queue=approved".to_owned(), pick(&[])),
    ] {
        assert_eq!(desk.queue(&query).await, expected, "{query}");
    }
    let unknown = CommentId::new();
    for bad in [
        "queue=erased".to_owned(),
        "state=pending".to_owned(),
        "sort=created".to_owned(),
        "claimed=me".to_owned(),
        "reason=A%25".to_owned(),
        "section_id=x".to_owned(),
        format!("same_author_as={unknown}"),
    ] {
        assert_eq!(desk.moderator.get(&format!("{QUEUE}?{bad}")).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn what_readers_report_waits_until_a_moderator_decides_anew() {
    let desk = Desk::new().await;
    let ids = desk.waiting(4);
    for id in &ids[..3] {
        desk.moderator.decide(id, "approve").await.expect(200);
        reported(&desk.app, id, &["abuse", "other"]);
    }
    assert_eq!(desk.queue("queue=reported").await, ids[..3]);
    // Kept: it stays approved, and is reported no more.
    let kept = desk.moderator.decide(&ids[0], "approve").await.expect(200);
    assert_eq!(
        (&kept.json["state"], &kept.json["report_count"]),
        (&json!("approved"), &json!(0))
    );
    // Taken off: that it was approved before is no contradiction.
    let off = desk.moderator.decide(&ids[1], "reject").await.expect(200);
    assert_eq!(off.json["state"], "rejected");
    assert_eq!(desk.queue("queue=reported").await, ids[2..3]);
    let context = desk.context(&ids[0]).await;
    let reports = context["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 2);
    assert!(
        reports
            .iter()
            .all(|report| report["settled_at"].is_string() && report["note"] == "Regardez.")
    );
    assert!(!context.to_string().contains("reader 0"), "who reported is told");
    let log: Vec<&Value> = context["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(log, ["approve", "approve"]);
    // A second colleague is told that it is decided.
    let late = desk
        .admin
        .decide(&ids[0], "reject")
        .await
        .problem(409, "already_decided");
    assert_eq!(late.json["state"], "approved");
    // Who takes the decision back has the reports back, too.
    let undone = desk.moderator.decide(&ids[1], "undo").await.expect(200);
    assert_eq!(
        (&undone.json["state"], &undone.json["report_count"]),
        (&json!("approved"), &json!(2))
    );
    assert_eq!(desk.queue("queue=reported").await, ids[1..3]);
    let off = desk.moderator.decide(&ids[3], "restore").await.expect(200);
    assert_eq!(off.json["state"], "pending");
}

#[actix_web::test]
async fn counts_say_how_much_waits_and_since_when() {
    let desk = Desk::new().await;
    let ids = desk.waiting(5);
    desk.moderator.decide(&ids[0], "approve").await.expect(200);
    desk.moderator.decide(&ids[1], "spam").await.expect(200);
    reported(&desk.app, &ids[0], &["abuse"]);
    let counts = desk.moderator.get(COUNTS).await.expect(200).json;
    let at = |n: i64| json!(Time::parse(crate::support::START).unwrap().plus_seconds(n));
    for (queue, count, oldest) in [
        ("pending", 3, at(2)),
        ("reported", 1, at(0)),
        ("approved", 1, at(0)),
        ("rejected", 0, Value::Null),
        ("spam", 1, at(1)),
    ] {
        let expected = json!({"count": count, "is_capped": false, "oldest_at": oldest});
        assert_eq!(counts[queue], expected, "{queue}");
    }
}

#[actix_web::test]
async fn no_two_moderators_hold_one_card() {
    let desk = Desk::new().await;
    let ids = desk.waiting(5);
    let other = desk.app.user(Role::Moderator);
    let first = desk.moderator.post(CLAIM, json!({"limit": 2})).await.expect(200);
    assert_eq!(ids_of(&first, "comments"), ids[..2]);
    let claim = &first.json["comments"][0]["claim"];
    assert_eq!(claim["user_id"], json!(desk.moderator.user_id.unwrap()));
    assert_eq!(claim["until"], json!(desk.app.now().plus_seconds(600)));
    let second = other.post(CLAIM, json!({"limit": 2, "seconds": 60})).await.expect(200);
    assert_eq!(ids_of(&second, "comments"), ids[2..4]);
    // One's own come again, and are held anew.
    desk.app.clock.advance_seconds(30);
    let again = desk.moderator.post(CLAIM, json!({"limit": 3})).await.expect(200);
    assert_eq!(
        ids_of(&again, "comments"),
        [&ids[0], &ids[1], &ids[4]].map(Clone::clone)
    );
    assert_eq!(again.json["until"], json!(desk.app.now().plus_seconds(600)));
    let none = other.post(CLAIM, json!({"limit": 3})).await.expect(200);
    assert_eq!(ids_of(&none, "comments"), ids[2..4]);
    // A decision by somebody else stands, and takes the card away.
    other.decide(&ids[0], "reject").await.expect(200);
    desk.moderator
        .decide(&ids[0], "approve")
        .await
        .problem(409, "already_decided");
    assert_eq!(desk.queue("claimed=mine").await, [&ids[1], &ids[4]].map(Clone::clone));
    // Given back: those named, of one's own; then all.
    let released = desk
        .moderator
        .post(RELEASE, json!({"comment_ids": [ids[1], ids[2]]}))
        .await
        .expect(200);
    assert_eq!(released.json["released_count"], 1);
    desk.moderator.post(RELEASE, json!({})).await.expect(200);
    assert_eq!(desk.queue("claimed=mine").await, Vec::<String>::new());
    assert_eq!(desk.queue("claimed=none").await, [&ids[1], &ids[4]].map(Clone::clone));
    // What is over is anybody's.
    desk.app.clock.advance_seconds(601);
    let all = desk.moderator.renewed().post(CLAIM, json!({"limit": 50})).await;
    assert_eq!(ids_of(&all.expect(200), "comments"), ids[1..]);
    for (body, pointer, code) in [
        (json!({"limit": 0}), "/limit", "out_of_range"),
        (json!({"limit": 51}), "/limit", "out_of_range"),
        (json!({"seconds": 29}), "/seconds", "out_of_range"),
        (json!({"queue": "spam"}), "/queue", "invalid_value"),
        (
            json!({"same_author_as": CommentId::new()}),
            "/same_author_as",
            "unknown_reference",
        ),
    ] {
        desk.moderator
            .renewed()
            .post(CLAIM, body)
            .await
            .invalid(&[(pointer, code)]);
    }
}

#[actix_web::test]
async fn a_moderator_sees_all_that_is_needed_in_one_answer() {
    let desk = Desk::new().await;
    let by = |digest: &str, seconds| Comment {
        reader_digest: Some(digest.to_owned()),
        ..waiting(&desk.article, seconds)
    };
    let mut new: Vec<Comment> = (0..12).map(|n| by("r1", n)).collect();
    new.push(by("r2", 20));
    new.push(Comment {
        created_at: desk.app.now().plus_seconds(-91 * 24 * 3_600),
        ..by("r1", 0)
    });
    let verdicts = json!([{"phase": "words", "verdict": "hold", "reason": "suspect_words",
        "matched": [{"rule": "idiot", "field": "body", "start": 0, "end": 5, "text": "1d1ot"}]}]);
    new[11].verdicts = verdicts.to_string();
    let ids = written(&desk.app, new);
    for (number, decision) in [(0, "approve"), (1, "reject"), (2, "reject")] {
        desk.moderator.decide(&ids[number], decision).await.expect(200);
    }
    let body = json!({"kind": "premoderate", "target": "reader", "comment_id": ids[0]});
    let sanction = desk.admin.post("/v1/editorial/sanctions", body).await.expect(201).id();
    let id = CommentId::parse(&ids[11]).unwrap();
    let now = desk.app.now();
    desk.app
        .db()
        .write_blocking(move |conn| {
            diesel::insert_into(comment_versions::table)
                .values((
                    comment_versions::comment_id.eq(id),
                    comment_versions::number.eq(1),
                    comment_versions::body.eq("Avant"),
                    comment_versions::state.eq("approved"),
                    comment_versions::verdicts.eq("[]"),
                    comment_versions::written_at.eq(now),
                ))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
    let answer = desk.context(&ids[11]).await;
    let article = &answer["article"];
    assert_eq!(
        (&article["title"], &article["path"], &article["section"]["label"]),
        (&json!("Titre"), &json!("/news/titre"), &json!("News"))
    );
    assert_eq!(answer["comment"]["verdicts"], verdicts);
    assert_eq!(
        answer["author"]["counts"],
        json!([{"state": "pending", "count": 9}, {"state": "approved", "count": 1}, {"state": "rejected", "count": 2}])
    );
    let recent = answer["author"]["recent"].as_array().unwrap();
    assert_eq!(recent.len(), 10);
    assert_eq!(recent[0]["id"], json!(ids[11]));
    assert_eq!(answer["sanctions"][0]["id"], json!(sanction));
    assert_eq!(answer["versions"][0]["body"], "Avant");
    let stranger = desk.context(&ids[12]).await;
    assert_eq!(
        (&stranger["sanctions"], &stranger["author"]["counts"]),
        (&json!([]), &json!([{"state": "pending", "count": 1}]))
    );
}

#[actix_web::test]
async fn only_an_approved_comment_stands_out_and_no_longer_than_it_is() {
    let desk = Desk::new().await;
    let id = desk.waiting(1).remove(0);
    for (give, take, member) in [("feature", "unfeature", "featured_at"), ("pin", "unpin", "pinned_at")] {
        let refused = desk
            .moderator
            .decide(&id, give)
            .await
            .problem(409, "comment_not_approved");
        assert_eq!(refused.json["state"], "pending");
        desk.moderator.decide(&id, take).await.expect(200);
        desk.moderator.decide(&id, "approve").await.expect(200);
        let given = desk.moderator.decide(&id, give).await.expect(200);
        let since = json!(desk.app.now());
        assert_eq!(given.json[member], since);
        desk.app.clock.advance_seconds(1);
        assert_eq!(desk.moderator.decide(&id, give).await.expect(200).json[member], since);
        desk.moderator.decide(&id, take).await.expect(200);
        let taken = desk.moderator.decide(&id, take).await.expect(200);
        assert_eq!(taken.json[member], Value::Null);
        desk.moderator.decide(&id, give).await.expect(200);
        let back = desk.moderator.decide(&id, "restore").await.expect(200);
        assert_eq!(back.json[member], Value::Null, "{member} outlives the approval");
    }
    let log = desk.context(&id).await["log"].clone();
    let actions: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "approve",
            "feature",
            "unfeature",
            "feature",
            "restore",
            "approve",
            "pin",
            "unpin",
            "pin",
            "restore"
        ]
    );
}

#[actix_web::test]
async fn undo_takes_decisions_back_one_by_one_and_says_so() {
    let desk = Desk::new().await;
    let id = desk.waiting(1).remove(0);
    desk.moderator.decide(&id, "undo").await.problem(409, "nothing_to_undo");
    for decision in ["approve", "restore", "spam"] {
        desk.app.clock.advance_seconds(1);
        desk.moderator.decide(&id, decision).await.expect(200);
    }
    for state in ["pending", "approved", "pending"] {
        // Another moderator may take it back.
        let undone = desk.admin.decide(&id, "undo").await.expect(200);
        assert_eq!(undone.json["state"], state);
        let count = desk.app.guest().get("/v1/articles").await.json["items"][0]["comment_count"].clone();
        assert_eq!(count, i64::from(state == "approved"));
    }
    desk.admin.decide(&id, "undo").await.problem(409, "nothing_to_undo");
    let log = desk.context(&id).await["log"].clone();
    let log = log.as_array().unwrap();
    assert_eq!(log.len(), 6);
    assert_eq!(
        (&log[3]["action"], &log[3]["from_state"], &log[3]["to_state"]),
        (&json!("undo"), &json!("spam"), &json!("pending"))
    );
    // Its author took it back: nothing is left to decide.
    desk.moderator.decide(&id, "approve").await.expect(200);
    let comment = CommentId::parse(&id).unwrap();
    let turned = move |state: CommentState| {
        move |conn: &mut masthead::base::db::Conn| {
            diesel::update(comments::table.find(comment))
                .set(comments::state.eq(state))
                .execute(conn)?;
            Ok(())
        }
    };
    desk.app.db().write_blocking(turned(CommentState::Deleted)).unwrap();
    desk.moderator.decide(&id, "undo").await.problem(409, "comment_erased");
    // It became something else by itself: the decision did not make it what it is.
    desk.app.db().write_blocking(turned(CommentState::Pending)).unwrap();
    desk.moderator.decide(&id, "undo").await.problem(409, "nothing_to_undo");
}

#[actix_web::test]
async fn many_are_decided_at_once_each_with_its_result() {
    let desk = Desk::new().await;
    let ids = desk.waiting(4);
    desk.moderator.decide(&ids[1], "reject").await.expect(200);
    desk.moderator.decide(&ids[2], "approve").await.expect(200);
    let unknown = CommentId::new().to_string();
    let body = |dry_run: bool| json!({"action": "approve", "note": "Vu.", "comment_ids": [ids[0], ids[1], ids[2], unknown], "dry_run": dry_run});
    for dry_run in [true, false, false] {
        let answer = desk.bulk(body(dry_run)).await.expect(200).json;
        assert_eq!(answer["dry_run"], json!(dry_run));
        let results: Vec<_> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| (&result["status"], &result["state"], &result["problem"]["code"]))
            .collect();
        let (approved, null) = (json!("approved"), Value::Null);
        assert_eq!(
            results,
            [
                (&json!(200), &approved, &null),
                (&json!(409), &null, &json!("already_decided")),
                (&json!(200), &approved, &null),
                (&json!(404), &null, &json!("not_found")),
            ]
        );
        assert_eq!(
            (&answer["succeeded_count"], &answer["failed_count"], &answer["has_more"]),
            (&json!(2), &json!(2), &json!(false))
        );
        let state = if dry_run { "pending" } else { "approved" };
        assert_eq!(desk.context(&ids[0]).await["comment"]["state"], state);
    }
    // Once, though it was sent twice.
    assert_eq!(desk.context(&ids[0]).await["log"].as_array().unwrap().len(), 1);
    assert_eq!(desk.context(&ids[0]).await["log"][0]["note"], "Vu.");
    // With a filter, those of them that it finds.
    let both =
        json!({"action": "reject", "comment_ids": [ids[0], ids[3]], "filter": {"queue": "pending"}, "dry_run": true});
    assert_eq!(ids_of(&desk.bulk(both).await.expect(200), "results"), ids[3..]);
    let twice = json!({"action": "approve", "comment_ids": [ids[3], ids[3]]});
    for (body, pointer, code) in [
        (json!({"action": "approve"}), "/comment_ids", "required"),
        (
            json!({"action": "approve", "comment_ids": []}),
            "/comment_ids",
            "too_few",
        ),
        (twice, "/comment_ids/1", "duplicate"),
        (
            json!({"action": "keep", "comment_ids": [ids[3]]}),
            "/action",
            "invalid_value",
        ),
        (
            json!({"action": "approve", "filter": {"queue": "rejected"}}),
            "/filter/queue",
            "invalid_value",
        ),
        (
            json!({"action": "restore", "filter": {"queue": "pending"}}),
            "/filter/queue",
            "invalid_value",
        ),
        (json!({"action": "spam", "filter": {}}), "/filter/queue", "required"),
        (
            json!({"action": "spam", "filter": {"queue": "pending", "same_author_as": unknown}}),
            "/filter/same_author_as",
            "unknown_reference",
        ),
    ] {
        desk.bulk(body).await.invalid(&[(pointer, code)]);
    }
}

#[actix_web::test]
async fn a_filter_decides_200_at_a_time_and_says_that_there_are_more() {
    let desk = Desk::new().await;
    let mut new: Vec<Comment> = (0..205).map(|n| waiting(&desk.article, n)).collect();
    for comment in new.iter_mut().skip(203) {
        comment.reader_digest = Some("spammer".to_owned());
    }
    let ids = written(&desk.app, new);
    let body =
        json!({"action": "spam", "reason": "advertising", "filter": {"queue": "pending", "same_author_as": ids[204]}});
    let answer = desk.bulk(body).await.expect(200);
    assert_eq!(ids_of(&answer, "results"), ids[203..]);
    let before = Time::parse(crate::support::START).unwrap().plus_seconds(202);
    let body =
        json!({"action": "reject", "filter": {"queue": "pending", "article_id": desk.article, "older_than": before}});
    let first = desk.bulk(body.clone()).await.expect(200);
    assert_eq!(
        (ids_of(&first, "results").len(), &first.json["has_more"]),
        (200, &json!(true))
    );
    let second = desk.bulk(body.clone()).await.expect(200);
    assert_eq!(ids_of(&second, "results"), ids[200..202]);
    assert_eq!(second.json["has_more"], false);
    assert_eq!(desk.queue("").await, ids[202..203]);
    assert!(
        desk.bulk(body).await.expect(200).json["results"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let back = json!({"action": "restore", "filter": {"queue": "spam"}});
    assert_eq!(desk.bulk(back).await.expect(200).json["succeeded_count"], 2);
}

/// Operations on one comment: method and path, with a body that is good.
const ON_ONE: &[(&str, &str)] = &[
    ("approve", "approved"),
    ("reject", "rejected"),
    ("spam", "spam"),
    ("restore", "pending"),
    ("undo", "pending"),
    ("feature", "approved"),
    ("unfeature", "approved"),
    ("pin", "approved"),
    ("unpin", "approved"),
];

#[actix_web::test]
async fn a_moderator_of_a_section_reaches_no_further_by_any_operation() {
    let desk = Desk::new().await;
    let below = desk.admin.section("Mali", Some(&desk.section)).await;
    let sport = desk.admin.section("Sport", None).await;
    let in_mali = desk.admin.published("Mali", &below).await;
    let in_sport = desk.admin.published("Sport", &sport).await;
    let local = desk.app.user_in(Role::Moderator, &desk.section);
    let french = desk
        .app
        .user_with(vec![grant(Role::Moderator, Some(section_id(&sport)), Some("en"))]);
    for (article, reached) in [(&desk.article, true), (&in_mali, true), (&in_sport, false)] {
        let id = written(
            &desk.app,
            vec![Comment {
                reader_digest: Some("r1".to_owned()),
                ..waiting(article, 0)
            }],
        )
        .remove(0);
        let by_article = format!("{QUEUE}?article_id={article}");
        for (who, reached) in [(&local, reached), (&french, false)] {
            let status = if reached { 200 } else { 404 };
            assert_eq!(who.walk(&by_article, 5).await.len(), usize::from(reached));
            assert_eq!(who.get(&comment_path(&id)).await.status, status);
            let body = json!({"article_id": article});
            let claimed = who.post(CLAIM, body).await.expect(200);
            assert_eq!(ids_of(&claimed, "comments").len(), usize::from(reached));
            let body = json!({"action": "restore", "comment_ids": [id]});
            let result = who.post(BULK, body).await.expect(200).json["results"][0]["status"].clone();
            assert_eq!(result, status);
            let body =
                json!({"action": "reject", "filter": {"queue": "pending", "article_id": article}, "dry_run": true});
            let found = who.post(BULK, body).await.expect(200);
            assert_eq!(ids_of(&found, "results").len(), usize::from(reached));
            let same = who.get(&format!("{QUEUE}?same_author_as={id}")).await;
            assert_eq!(same.status, if reached { 200 } else { 400 });
            for (action, _) in ON_ONE {
                let answer = who.decide(&id, action).await;
                let told = if reached {
                    answer.status != 404
                } else {
                    answer.status == 404
                };
                assert!(told, "{action}: {}", answer.text);
            }
        }
    }
    // One author wrote in all three; the moderator of a section is told what was written there.
    let own = desk.queue(&format!("queue=pending&article_id={in_sport}")).await;
    let history = |who: Client, id: String| async move {
        let context = who.get(&comment_path(&id)).await.expect(200).json;
        context["author"]["recent"].as_array().unwrap().len()
    };
    assert_eq!(history(desk.moderator.clone(), own[0].clone()).await, 3);
    let theirs = local.walk(QUEUE, 5).await;
    let of_local = local.get(COUNTS).await.expect(200).json;
    let counted: i64 = ["pending", "approved", "rejected", "spam"]
        .iter()
        .map(|queue| of_local[*queue]["count"].as_i64().unwrap())
        .sum();
    assert_eq!(counted, 2);
    if let Some(id) = theirs.first() {
        assert_eq!(history(local.clone(), id.clone()).await, 2);
    }
}

/// Clears the queue by claim and bulk until nothing is left; what was decided.
async fn clear(moderator: Client, action: &'static str) -> Vec<String> {
    let mut decided = Vec::new();
    loop {
        let cards = moderator.post(CLAIM, json!({"limit": 50})).await.expect(200);
        let ids = ids_of(&cards, "comments");
        if ids.is_empty() {
            return decided;
        }
        let body = json!({"action": action, "comment_ids": ids});
        let answer = moderator.post(BULK, body).await.expect(200);
        assert_eq!(answer.json["failed_count"], 0, "{}", answer.text);
        decided.extend(ids);
    }
}

/// With `MASTHEAD_TEST_QUEUE=10000` the queue is as long as that.
#[actix_web::test]
async fn moderators_who_clear_a_queue_never_decide_one_twice() {
    #[expect(
        clippy::disallowed_methods,
        reason = "settings of tests are no settings of the server"
    )]
    let asked = std::env::var("MASTHEAD_TEST_QUEUE");
    let count: usize = asked.map_or(1_000, |count| count.parse().unwrap());
    let desk = Desk::new().await;
    let began = std::time::Instant::now();
    for chunk in (0..count).collect::<Vec<_>>().chunks(500) {
        let new = chunk.iter().map(|n| waiting(&desk.article, i64::try_from(*n).unwrap()));
        written(&desk.app, new.collect());
    }
    if count >= 10_000 {
        let counts = desk.moderator.get(COUNTS).await.expect(200).json;
        assert_eq!(counts["pending"]["count"], 10_000);
        assert_eq!(counts["pending"]["is_capped"], json!(count > 10_000));
    }
    let written_in = began.elapsed();
    let moderators = if desk.app.db().is_sqlite() { 2 } else { 8 };
    let clearing: Vec<_> = (0..moderators)
        .map(|number| {
            let moderator = desk.app.user(Role::Moderator);
            // They disagree: a comment that two of them decided would be told as a conflict.
            clear(moderator, ["reject", "spam"][number % 2])
        })
        .collect();
    let decided = together(clearing).await;
    println!(
        "{count} written in {written_in:?}, cleared in {:?}",
        began.elapsed() - written_in
    );
    assert!(
        decided.iter().filter(|ids| !ids.is_empty()).count() > 1,
        "one did it all"
    );
    let all: Vec<&String> = decided.iter().flatten().collect();
    let each: BTreeSet<&String> = all.iter().copied().collect();
    assert_eq!((all.len(), each.len()), (count, count));
    let logged: Vec<CommentId> = desk
        .app
        .db()
        .read_blocking(|conn| Ok(moderation_log::table.select(moderation_log::comment_id).load(conn)?))
        .unwrap();
    let once: BTreeSet<String> = logged.iter().map(ToString::to_string).collect();
    assert_eq!((logged.len(), once.len()), (count, count));
}

#[actix_web::test]
async fn the_public_is_told_how_much_was_decided_and_why_and_nothing_else() {
    let desk = Desk::new().await;
    let ids = desk.waiting(4);
    let decide = |id: &str, action: &str, body: Value| {
        let path = format!("{}/actions/{action}", comment_path(id));
        let moderator = desk.moderator.renewed();
        async move { moderator.post(&path, body).await.expect(200) }
    };
    let why = json!({"reason": "abuse", "note": "Zqxj"});
    decide(&ids[0], "reject", why.clone()).await;
    decide(&ids[1], "reject", why).await;
    decide(&ids[2], "approve", json!({})).await;
    desk.app.clock.advance_seconds(10 * 24 * 3_600);
    decide(&ids[3], "spam", json!({})).await;
    let log = desk.app.guest().get("/v1/moderation-log?months=3").await.expect(200);
    assert_eq!(
        log.json,
        json!({"months": [
            {"month": "2026-12", "decisions": [{"action": "spam", "reason": null, "count": 1}], "holds": []},
            {"month": "2026-11", "decisions": [
                {"action": "approve", "reason": null, "count": 1},
                {"action": "reject", "reason": "abuse", "count": 2}], "holds": []},
            {"month": "2026-10", "decisions": [], "holds": []}]})
    );
    assert!(log.header("cache-control").contains("s-maxage=30"));
    let whole = desk.app.guest().get("/v1/moderation-log").await.expect(200);
    assert_eq!(whole.json["months"].as_array().unwrap().len(), 12);
    // The month is about to turn.
    desk.app.clock.advance_seconds(29 * 24 * 3_600 - 8 * 3_600 - 10);
    let late = desk.app.guest().get("/v1/moderation-log").await.expect(200);
    assert!(
        late.header("cache-control").contains("s-maxage=10"),
        "{}",
        late.header("cache-control")
    );
    for bad in ["months=0", "months=25", "months=x", "months=-1"] {
        let path = format!("/v1/moderation-log?{bad}");
        desk.app.guest().get(&path).await.problem(400, "invalid_parameter");
    }
}
