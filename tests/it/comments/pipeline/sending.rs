//! What a comment is told by as it is sent: repeated, too often, by a robot, with certain words, too late.

use actix_web::http::Method;
use masthead::base::secrets::sha256;
use masthead::site::comment_policy::CommentPolicy;
use serde_json::json;

use super::Discussion;
use crate::support::requests::together;

#[actix_web::test]
async fn the_same_words_are_told_apart_by_author_and_place() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let (awa, koffi) = (here.reader().await, here.reader().await);
    let first = here.write(Some(&awa), "Merci !").await.expect(201);
    here.write(Some(&awa), " MERCI ")
        .await
        .problem(422, "duplicate_comment");
    here.write(Some(&koffi), "Merci !").await.expect(201);
    let answer = json!({"author_name": "Koffi", "body": "Merci !", "parent_id": first.id()});
    here.send(Some(&awa), answer).await.expect(201);
    let campaign = "Tous au port samedi à dix heures, faites tourner !";
    here.write(Some(&awa), campaign).await.expect(201);
    let held = here.write(Some(&koffi), campaign).await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("duplicate".into(), "duplicate".into())]);
    here.app.clock.advance_seconds(24 * 3_600 + 1);
    here.write(Some(&koffi), campaign).await.expect(201);
}

#[actix_web::test]
async fn the_same_comment_sent_twice_at_once_is_taken_once() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    let path = format!("/v1/articles/{}/comments", here.article);
    let tasks = (0..8).map(|_| {
        let (guest, path, reader) = (here.app.guest(), path.clone(), reader.clone());
        async move {
            let asking = guest.request(Method::POST, &path).header("x-reader-token", &reader);
            asking
                .json(json!({"author_name": "K", "body": "Une fois"}))
                .send()
                .await
        }
    });
    let statuses: Vec<u16> = together(tasks.collect())
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| matches!(status, 201 | 422)),
        "{statuses:?}"
    );
}

#[actix_web::test]
async fn a_reader_who_sends_too_much_is_told_when_to_come_back() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    for number in 0..5 {
        here.write(Some(&reader), &format!("Numéro {number}")).await.expect(201);
    }
    let refused = here
        .write(Some(&reader), "Numéro 6")
        .await
        .problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "60");
    here.app.clock.advance_seconds(60);
    here.write(Some(&reader), "Numéro 6").await.expect(201);
}

#[actix_web::test]
async fn a_robot_is_known_by_the_trap_and_by_its_haste() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let form = here.app.guest().get("/v1/captcha").await.expect(200);
    let token = form.json["form_token"].as_str().unwrap();
    let with = |name: &str, text: &str, value: &str| json!({"author_name": "K", "body": text, name: value});
    let trapped = here
        .send(None, with("website", "Casino", "https://casino.example"))
        .await
        .expect(202);
    // Its author is told what everybody is told; nobody has to read it.
    assert_eq!(
        (&trapped.json["message"], &trapped.json["state"]),
        (
            &json!("Votre commentaire est en attente de modération."),
            &json!("pending")
        )
    );
    // Nor does a change tell it.
    let path = format!("/v1/comments/{}", trapped.id());
    let changing = here.app.guest().request(Method::PATCH, &path);
    let changing = changing.header("x-edit-token", trapped.json["edit_token"].as_str().unwrap());
    let changed = changing.json(json!({"body": "Casino !"})).send().await.expect(200);
    assert_eq!(changed.json["state"], "pending");
    let seen = here
        .admin
        .get(&format!("/v1/editorial/comments/{}", trapped.id()))
        .await;
    assert_eq!(seen.json["comment"]["state"], "spam");
    let hasty = here.send(None, with("form_token", "Vite", token)).await.expect(202);
    assert_eq!(here.holds(&hasty.id()).await, [("honeypot".into(), "too_fast".into())]);
    here.app.clock.advance_seconds(3);
    here.send(None, with("form_token", "Posément", token)).await.expect(201);
    // A token that nobody gave says nothing.
    here.send(None, with("form_token", "Sans jeton", "AAAA"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn words_links_and_capitals_are_told_with_their_place() {
    let here = Discussion::new(json!({"mode": "post_moderated", "max_links": 1})).await;
    for (name, kind, word) in [("Insultes", "banned", "zozo"), ("À voir", "suspect", "casino")] {
        let list = json!({"name": name, "kind": kind, "entries": [word]});
        here.admin.post("/v1/editorial/word-lists", list).await.expect(201);
    }
    here.write(None, "Quel z0z0 !").await.problem(422, "banned_word");
    here.send(None, json!({"author_name": "Zozo", "body": "Bonjour"}))
        .await
        .problem(422, "banned_word");
    let held = here
        .write(None, "Le casíno : https://a.example et https://b.example")
        .await
        .expect(202);
    let seen = here.admin.get(&format!("/v1/editorial/comments/{}", held.id())).await;
    let verdicts = seen.json["comment"]["verdicts"].as_array().unwrap();
    let verdict = |phase: &str| verdicts.iter().find(|verdict| verdict["phase"] == phase).unwrap();
    let matched = |phase: &str| verdict(phase)["matched"][0].clone();
    assert_eq!(
        matched("words"),
        json!({"rule": "casino", "field": "body", "start": 3, "end": 9, "text": "casíno"})
    );
    assert_eq!(matched("links")["text"], "https://a.example");
    let shout = json!({"author_name": "K", "body": "C’EST UNE HONTE POUR TOUT LE PAYS"});
    let nudged = here.send(None, shout.clone()).await.problem(422, "shouting");
    assert_eq!(nudged.json["is_confirmable"], true);
    let mut confirmed = shout;
    confirmed["is_confirmed"] = json!(true);
    let held = here.send(None, confirmed).await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("sanitise".into(), "shouting".into())]);
}

#[actix_web::test]
async fn an_address_stands_nowhere_in_plain_words() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let body = json!({"author_name": "K", "body": "Bonjour", "email": "Koffi.Secret@Example.org"});
    here.send(None, body).await.expect(201);
    let rows = format!("{:?}", here.app.rows()).to_lowercase();
    assert!(rows.contains("bonjour"));
    assert!(!rows.contains("koffi.secret"), "the address is in a row");
    assert!(!rows.contains(&sha256(b"koffi.secret@example.org").to_lowercase()));
}

#[actix_web::test]
async fn comments_end_with_their_days_and_the_form_says_when() {
    let here =
        Discussion::new(json!({"mode": "post_moderated", "open_for_days": 2, "max_length": 10, "max_depth": 0})).await;
    let form = || async {
        let path = format!("/v1/articles/{}", here.article);
        here.app.guest().get(&path).await.expect(200).json["comment_policy"].clone()
    };
    let open = form().await;
    assert_eq!(
        (&open["is_open"], &open["open_until"], &open["body_max_length"]),
        (&json!(true), &json!("2026-11-25T08:00:00.000Z"), &json!(10))
    );
    let refused = here.write(None, "Onze lettres").await.problem(422, "validation_failed");
    assert_eq!(refused.json["errors"][0]["code"], "too_long");
    let first = here.write(None, "Un").await.expect(201);
    let answer = json!({"author_name": "K", "body": "Non", "parent_id": first.id()});
    here.send(None, answer).await.problem(422, "validation_failed");
    here.app.clock.advance_seconds(2 * 24 * 3_600);
    here.write(None, "Tard").await.problem(403, "comments_closed");
    assert_eq!(form().await["is_open"], false);
    assert_eq!(CommentPolicy::default().settled().open_for_days, 0);
}
