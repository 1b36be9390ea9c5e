//! Who wrote, what they wrote before, and what the public is told of it.

use actix_web::http::Method;
use masthead::comments::privacy::retention::{self, RetentionDays};
use serde_json::{Value, json};

use super::Discussion;

#[actix_web::test]
async fn a_post_moderated_article_shows_a_comment_at_once_and_counts_it() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let taken = here.write(None, "Enfin !").await.expect(201);
    assert_eq!(taken.json["message"], "Votre commentaire est publié.");
    let shown = here
        .app
        .guest()
        .get(&format!("/v1/articles/{}", here.article))
        .await
        .expect(200);
    assert_eq!(shown.json["comment_count"], 1);
}

#[actix_web::test]
async fn a_first_comment_is_held_until_one_of_the_reader_was_approved() {
    let here = Discussion::new(json!({"mode": "first_comment_held"})).await;
    let (awa, koffi) = (here.reader().await, here.reader().await);
    let first = here.write(Some(&awa), "Le premier").await.expect(202);
    assert_eq!(here.holds(&first.id()).await, [("mode".into(), "first_comment".into())]);
    here.write(Some(&awa), "Le deuxième").await.expect(202);
    here.admin.decide(&first.id(), "approve").await.expect(200);
    here.write(Some(&awa), "Le troisième").await.expect(201);
    // Another reader, and one without a token, are not known by that.
    here.write(Some(&koffi), "Un autre").await.expect(202);
    here.write(None, "Un inconnu").await.expect(202);
}

#[actix_web::test]
async fn a_reader_who_was_rejected_often_is_held_and_so_is_their_address() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    let email = "koffi@example.org";
    for number in 0..3 {
        let body = json!({"author_name": "K", "email": email, "body": format!("Numéro {number}")});
        let taken = here.send(Some(&reader), body).await.expect(201);
        here.admin.decide(&taken.id(), "restore").await.expect(200);
        let decision = if number == 0 { "approve" } else { "reject" };
        here.admin.decide(&taken.id(), decision).await.expect(200);
    }
    let held = here.write(Some(&reader), "Le suivant").await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("history".into(), "history".into())]);
    here.app.clock.advance_seconds(90 * 24 * 3_600);
    here.write(Some(&reader), "Longtemps après").await.expect(201);
}

#[actix_web::test]
async fn what_an_authors_history_counts_for_is_the_policys_to_say() {
    let here = Discussion::new(json!({"mode": "post_moderated", "history_percent": 100})).await;
    let section = here.admin.get("/v1/editorial/sections").await.expect(200).json["items"][0]["id"].clone();
    let section = format!("/v1/editorial/sections/{}", section.as_str().unwrap());
    let policy = json!({"comment_policy": {"history_decided": 1, "history_days": 7, "history_percent": 1}});
    here.admin.patch(&section, 1, policy).await.expect(200);
    let (reader, day) = (here.reader().await, 24 * 3_600);
    let mut admin = here.admin.clone();
    for (number, (decision, status)) in [("approve", 201), ("reject", 201), ("reject", 201)]
        .into_iter()
        .enumerate()
    {
        let taken = here
            .write(Some(&reader), &format!("Numéro {number}"))
            .await
            .expect(status);
        admin.decide(&taken.id(), "restore").await.expect(200);
        admin.decide(&taken.id(), decision).await.expect(200);
        here.app.clock.advance_seconds(3 * day);
        admin = admin.renewed();
    }
    // The one that was approved is nine days old and counts no more; all that counts was rejected.
    let held = here.write(Some(&reader), "Le suivant").await.expect(202);
    let card = admin
        .get(&format!("/v1/editorial/comments/{}", held.id()))
        .await
        .expect(200);
    assert!(card.text.contains("\"rejected_within_7_days\""), "{}", card.text);
    // The article says that nobody is held for what they wrote before.
    let policy = json!({"comment_policy": {"mode": "post_moderated", "history_percent": 0}});
    admin.edit(&here.article, policy).await.expect(200);
    admin.publish(&here.article).await.expect(200);
    here.write(Some(&reader), "Encore un").await.expect(201);
}

#[actix_web::test]
async fn a_policy_on_history_has_its_limits() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    for (member, refused) in [
        ("history_days", [0, 366]),
        ("history_decided", [0, 101]),
        ("history_percent", [-1, 101]),
    ] {
        for value in refused {
            let answer = here
                .admin
                .edit(&here.article, json!({"comment_policy": {member: value}}))
                .await;
            assert_eq!(answer.status, 422, "{member}: {value}");
            assert_eq!(answer.json["errors"][0]["pointer"], format!("/comment_policy/{member}"));
        }
    }
}

#[actix_web::test]
async fn the_public_is_told_how_often_each_phase_held_whatever_is_erased_since() {
    let here = Discussion::new(json!({"mode": "pre_moderated", "max_links": 0})).await;
    let reader = here.reader().await;
    for number in 0..3 {
        here.write(Some(&reader), &format!("Numéro {number}")).await.expect(202);
    }
    let linked = here.write(Some(&reader), "Voir https://example.org").await.expect(202);
    here.app.clock.advance_seconds(30 * 24 * 3_600);
    here.admin.renewed().decide(&linked.id(), "reject").await.expect(200);
    let changed = here.write(None, "En décembre").await.expect(202);
    let asking = here
        .app
        .guest()
        .request(Method::PATCH, &format!("/v1/comments/{}", changed.id()));
    let token = changed.json["edit_token"].as_str().unwrap();
    let body = json!({"body": "En décembre, https://example.org"});
    asking.header("x-edit-token", token).json(body).send().await.expect(200);
    let expected = json!([
        ["2026-12", [{"phase": "links", "count": 1}, {"phase": "mode", "count": 2}]],
        ["2026-11", [{"phase": "links", "count": 1}, {"phase": "mode", "count": 4}]]]);
    let told = || async {
        let log = here.app.guest().get("/v1/moderation-log?months=2").await.expect(200);
        assert!(!log.text.contains("example.org"), "{}", log.text);
        let months = log.json["months"].as_array().unwrap().clone();
        Value::from_iter(months.iter().map(|month| json!([month["month"], month["holds"]])))
    };
    assert_eq!(told().await, expected);
    here.app.clock.advance_seconds(100 * 24 * 3_600);
    retention::run(here.app.db(), RetentionDays(1)).await.unwrap();
    let gone = here
        .app
        .admin()
        .get(&format!("/v1/editorial/comments/{}", linked.id()))
        .await;
    gone.problem(404, "not_found");
    here.app.clock.advance_seconds(-100 * 24 * 3_600);
    assert_eq!(told().await, expected);
}

#[actix_web::test]
async fn what_the_phases_reject_is_counted_by_phase() {
    let here = Discussion::new(json!({"mode": "post_moderated", "max_length": 20})).await;
    let reader = here.reader().await;
    here.write(Some(&reader), "Une fois").await.expect(201);
    for _ in 0..2 {
        here.write(Some(&reader), "Une fois")
            .await
            .problem(422, "duplicate_comment");
    }
    here.write(Some(&reader), "Plus long que permis ici").await.expect(422);
    // A nudge is no rejection, and what says nothing never got to the phases.
    here.write(Some(&reader), "ABCDEFGHIJKLMNOPQRST").await.expect(422);
    here.write(Some(&reader), "").await.expect(422);
    let policy = json!({"comment_policy": {"mode": "closed"}});
    here.admin.edit(&here.article, policy).await.expect(200);
    here.admin.publish(&here.article).await.expect(200);
    here.write(Some(&reader), "Fermé").await.problem(403, "comments_closed");
    let text = String::from_utf8(here.app.state.metrics.to_text().unwrap()).unwrap();
    let counts: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("masthead_comments_rejected"))
        .collect();
    let line = |phase: &str, count| format!("masthead_comments_rejected_total{{phase=\"{phase}\"}} {count}");
    assert_eq!(counts, [line("duplicate", 2), line("length", 1), line("open", 1)]);
}

#[actix_web::test]
async fn somebodys_words_are_theirs_for_a_day_and_no_longer() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let (first, second) = (
        "Le pont sur le fleuve est ouvert depuis ce matin.",
        "La route du nord reste fermée jusqu’à la fin du mois.",
    );
    let author = here.reader().await;
    for text in [first, second] {
        here.write(Some(&author), text).await.expect(201);
    }
    here.app.clock.advance_seconds(24 * 3_600 - 1);
    here.write(Some(&here.reader().await), first).await.expect(202);
    here.app.clock.advance_seconds(1);
    here.write(Some(&here.reader().await), second).await.expect(201);
}
