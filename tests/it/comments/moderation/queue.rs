//! The queue: narrowed, counted, handed out, and a card with all that is needed to decide.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::db::schema::{comment_reports, comment_versions, comments};
use masthead::base::ids::CommentId;
use masthead::comments::model::Comment;
use serde_json::{Value, json};

use super::{CLAIM, COUNTS, Desk, QUEUE, ids_of, waiting, written};
use crate::support::TestApp;

const RELEASE: &str = "/v1/editorial/moderation/release";

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
    // A second colleague, who saw it wait, is told that it is decided.
    let seen = json!({"expected_state": "pending"});
    let late = desk.admin.decide_with(&ids[0], "reject", seen).await;
    assert_eq!(late.problem(409, "already_decided").json["state"], "approved");
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
    let seen = json!({"expected_state": "pending"});
    let late = desk.moderator.decide_with(&ids[0], "approve", seen).await;
    late.problem(409, "already_decided");
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

/// A reason is looked up for each comment on the way through the queue: nobody lists all that were ever held for it.
#[actix_web::test]
async fn a_queue_narrowed_by_reason_is_walked_in_its_order() {
    let desk = Desk::new().await;
    if !desk.app.db().is_sqlite() {
        return;
    }
    let plan = desk
        .plan_of(&format!("{QUEUE}?reason=duplicate"), "comment_holds")
        .await;
    assert_eq!(plan[0], "SCAN comments USING INDEX comments_pending");
    let looks_up = |step: &String| step.ends_with("(comment_id=? AND reason=?)");
    assert!(plan.iter().any(looks_up), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
}

#[actix_web::test]
async fn a_claim_is_over_at_its_exact_moment() {
    let desk = Desk::new().await;
    let ids = desk.waiting(1);
    let other = desk.app.user(Role::Moderator);
    desk.moderator.post(CLAIM, json!({"seconds": 60})).await.expect(200);
    for (passed, mine, nobodys, others) in [(59, 1, 0, 0), (1, 0, 1, 1)] {
        desk.app.clock.advance_seconds(passed);
        assert_eq!(desk.queue("claimed=mine").await.len(), mine, "{passed}");
        assert_eq!(desk.queue("claimed=none").await.len(), nobodys, "{passed}");
        let claimed = other.post(CLAIM, json!({"limit": 1})).await.expect(200);
        assert_eq!(ids_of(&claimed, "comments"), ids[..others], "{passed}");
    }
}
