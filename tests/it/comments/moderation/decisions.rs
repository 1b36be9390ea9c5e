//! Decisions on one and on many, taking them back, and what the public is told of them.

use diesel::prelude::*;
use masthead::base::clock::Time;
use masthead::base::db::schema::comments;
use masthead::base::ids::CommentId;
use masthead::comments::model::{Comment, CommentState};
use serde_json::{Value, json};

use super::{Desk, ids_of, waiting, written};

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
        desk.app.clock.advance_seconds(31);
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
async fn what_was_decided_is_decided_otherwise_in_one_call_and_taken_back_in_one() {
    let desk = Desk::new().await;
    let id = desk.waiting(1).remove(0);
    let shown = || async {
        desk.app.clock.advance_seconds(31);
        desk.app.guest().get("/v1/articles").await.json["items"][0]["comment_count"].clone()
    };
    desk.moderator.decide(&id, "approve").await.expect(200);
    desk.moderator.decide(&id, "pin").await.expect(200);
    desk.app.clock.advance_seconds(1);
    let gone = desk.admin.decide_with(&id, "reject", json!({"reason": "abuse"})).await;
    let gone = gone.expect(200).json;
    assert_eq!(
        (&gone["state"], &gone["pinned_at"], &gone["decided_by"]),
        (&json!("rejected"), &Value::Null, &json!(desk.admin.user_id.unwrap()))
    );
    assert_eq!(shown().await, 0);
    let entry = desk.context(&id).await["log"][2].clone();
    assert_eq!(
        (
            &entry["action"],
            &entry["from_state"],
            &entry["to_state"],
            &entry["reason"]
        ),
        (
            &json!("reject"),
            &json!("approved"),
            &json!("rejected"),
            &json!("abuse")
        )
    );
    let audit = desk.admin.get("/v1/editorial/audit?action=comment.reject").await.json;
    let before = json!({"name": "state_before", "value": "approved"});
    assert!(
        audit["items"][0]["details"].as_array().unwrap().contains(&before),
        "{audit}"
    );
    assert_eq!(
        desk.moderator.decide(&id, "undo").await.expect(200).json["state"],
        "approved"
    );
    assert_eq!(shown().await, 1);
    desk.moderator.decide(&id, "spam").await.expect(200);
    desk.moderator.decide(&id, "approve").await.expect(200);
    assert_eq!(shown().await, 1);
}

#[actix_web::test]
async fn a_moderator_who_says_what_they_saw_is_told_where_it_changed() {
    let desk = Desk::new().await;
    let ids = desk.waiting(4);
    let seen = |state: &str| json!({"expected_state": state});
    desk.moderator.decide(&ids[0], "approve").await.expect(200);
    for action in [
        "approve", "reject", "spam", "restore", "feature", "pin", "unpin", "undo",
    ] {
        let late = desk.admin.decide_with(&ids[0], action, seen("pending")).await;
        assert_eq!(
            late.problem(409, "already_decided").json["state"],
            "approved",
            "{action}"
        );
    }
    assert_eq!(desk.context(&ids[0]).await["log"].as_array().unwrap().len(), 1);
    for (action, state, next) in [
        ("pin", "approved", "approved"),
        ("reject", "approved", "rejected"),
        ("reject", "rejected", "rejected"),
        ("undo", "rejected", "approved"),
    ] {
        let taken = desk.admin.decide_with(&ids[0], action, seen(state)).await.expect(200);
        assert_eq!(taken.json["state"], next, "{action} on {state}");
    }
    let unknown = desk.admin.decide_with(&ids[0], "reject", seen("shown")).await;
    unknown.invalid(&[("/expected_state", "invalid_value")]);
    // Many at once: without it, what a colleague decided stays.
    desk.moderator.decide(&ids[1], "approve").await.expect(200);
    let outcomes = |answer: &Value| -> Vec<(Value, Value)> {
        let results = answer["results"].as_array().unwrap().iter();
        results
            .map(|one| (one["http_status"].clone(), one["problem"]["state"].clone()))
            .collect()
    };
    let all = json!({"action": "reject", "comment_ids": ids});
    let mut with_state = all.clone();
    with_state["expected_state"] = json!("approved");
    with_state["dry_run"] = json!(true);
    let (taken, approved) = ((json!(200), Value::Null), (json!(409), json!("approved")));
    let waits = (json!(409), json!("pending"));
    let rehearsed = desk.bulk(with_state).await.expect(200).json;
    assert_eq!(
        outcomes(&rehearsed),
        [taken.clone(), taken.clone(), waits.clone(), waits]
    );
    let done = desk.bulk(all).await.expect(200).json;
    assert_eq!(outcomes(&done), [approved.clone(), approved, taken.clone(), taken]);
    // A filter finds only what is in the state: nothing that it would be refused for again and again.
    let filter = json!({"action": "spam", "expected_state": "approved", "filter": {"queue": "pending"}});
    assert_eq!(
        ids_of(&desk.bulk(filter).await.expect(200), "results"),
        Vec::<String>::new()
    );
    // Its author took it back: that it is gone is said, not that it changed.
    let comment = CommentId::parse(&ids[0]).unwrap();
    let erased = move |conn: &mut masthead::base::db::Conn| {
        let row = diesel::update(comments::table.find(comment));
        row.set(comments::state.eq(CommentState::Deleted)).execute(conn)?;
        Ok(())
    };
    desk.app.db().write_blocking(erased).unwrap();
    let gone = desk.admin.decide_with(&ids[0], "reject", seen("approved")).await;
    gone.problem(409, "comment_erased");
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
            .map(|result| (&result["http_status"], &result["state"], &result["problem"]["code"]))
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
    let body = json!({"action": "reject", "filter": {"queue": "pending", "article_id": desk.article, "created_before": before}});
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

#[actix_web::test]
async fn the_public_is_told_how_much_was_decided_and_why_and_nothing_else() {
    let desk = Desk::new().await;
    let ids = desk.waiting(4);
    let decide = |id: &str, action: &'static str, body: Value| {
        let (moderator, id) = (desk.moderator.renewed(), id.to_owned());
        async move { moderator.decide_with(&id, action, body).await.expect(200) }
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

#[actix_web::test]
async fn what_is_decided_as_a_month_begins_is_of_that_month() {
    let desk = Desk::new().await;
    let ids = desk.waiting(1);
    desk.app.clock.advance_seconds((7 * 24 + 16) * 3_600);
    assert_eq!(desk.app.now().to_string(), "2026-12-01T00:00:00.000Z");
    desk.moderator.renewed().decide(&ids[0], "approve").await.expect(200);
    let log = desk.app.guest().get("/v1/moderation-log?months=2").await.expect(200);
    assert_eq!(
        log.json["months"],
        json!([
            {"month": "2026-12", "decisions": [{"action": "approve", "reason": null, "count": 1}], "holds": []},
            {"month": "2026-11", "decisions": [], "holds": []}])
    );
}
