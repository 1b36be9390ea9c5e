//! What is forgotten by itself when time is up, and what outlives a new key.

use diesel::prelude::*;
use masthead::base::clock::Time;
use masthead::base::db::schema::{comments, hash_keys, sanctions};
use masthead::comments::identity::{SanctionId, SanctionTarget, hash};
use masthead::comments::privacy::key_rotation;
use serde_json::{Value, json};

use super::{as_reader, comment_row, forget, live, rotate, send};
use crate::support::{DAY, TestApp};

#[actix_web::test]
async fn what_was_rejected_is_erased_when_its_time_is_up() {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let guest = app.guest();
    let kept = guest.comment(&article, "Bravo", None).await;
    admin.decide(&kept, "approve").await.expect(200);
    let answered = guest.comment(&article, "Zinzolin en haut", None).await;
    admin.decide(&answered, "approve").await.expect(200);
    let answer = guest.comment(&article, "Une réponse", Some(&answered)).await;
    admin.decide(&answer, "approve").await.expect(200);
    for decision in ["restore", "reject"] {
        admin.decide(&answered, decision).await.expect(200);
    }
    let mut gone = Vec::new();
    for (body, decision) in [("Zinzolin rejeté", "reject"), ("Zinzolin vendu", "spam")] {
        let id = guest.comment(&article, body, None).await;
        admin.decide(&id, decision).await.expect(200);
        gone.push(id);
    }
    app.clock.advance_seconds(90 * DAY);
    // Decided only now: its time begins now.
    let late = guest.comment(&article, "Rejeté plus tard", None).await;
    forget(&app, 90).await;
    assert!(gone.iter().all(|id| comment_row(&app, id).is_some()), "not yet");
    app.clock.advance_seconds(1);
    let admin = app.admin();
    admin.decide(&late, "reject").await.expect(200);
    let waiting = guest.comment(&article, "En attente", None).await;
    forget(&app, 0).await;
    assert!(gone.iter().all(|id| comment_row(&app, id).is_some()), "0 keeps them");
    forget(&app, 90).await;
    assert!(gone.iter().all(|id| comment_row(&app, id).is_none()));
    for id in [&kept, &late, &waiting, &answer] {
        assert_ne!(comment_row(&app, id).unwrap()["state"], "erased", "{id}");
    }
    let place = comment_row(&app, &answered).unwrap();
    assert_eq!((&place["state"], &place["body"]), (&json!("erased"), &json!("")));
    assert_eq!((&place["author_name"], &place["verdicts"]), (&json!(""), &json!("[]")));
    assert_eq!(place["erased_from"], "rejected");
    let quoting: Vec<_> = app
        .rows()
        .into_iter()
        .filter(|(_, row)| row.to_string().contains("Zinzolin"))
        .collect();
    assert!(quoting.is_empty(), "{quoting:?}");
    // What hid its answer hides it still.
    let shown = guest.get(&format!("/v1/articles/{article}/comments")).await.expect(200);
    assert_eq!(shown.json["items"].as_array().unwrap().len(), 1, "{}", shown.text);
    // Once more: nothing is left to do, and the place stays.
    forget(&app, 90).await;
    assert!(comment_row(&app, &answered).is_some());
}

#[actix_web::test]
async fn a_network_is_forgotten_after_a_month_and_an_address_is_not() {
    let app = TestApp::new().await;
    let (_, article) = live(&app).await;
    let body = json!({"author_name": "Awa", "body": "Bravo", "email": "awa@example.org"});
    let old = send(&app, &article, body.clone()).await.expect(202).id();
    app.clock.advance_seconds(30 * DAY);
    let young = send(&app, &article, json!({"author_name": "Awa", "body": "Encore"}))
        .await
        .expect(202)
        .id();
    forget(&app, 90).await;
    assert!(!comment_row(&app, &old).unwrap()["network_hash"].is_null());
    app.clock.advance_seconds(1);
    forget(&app, 90).await;
    let row = comment_row(&app, &old).unwrap();
    assert!(row["network_hash"].is_null(), "{row}");
    assert!(!row["email_hash"].is_null(), "{row}");
    assert!(!comment_row(&app, &young).unwrap()["network_hash"].is_null());
}

/// How many reports tell the network that they came from.
fn networks_of_reports(app: &TestApp) -> usize {
    let tells = |(table, row): &(&str, Value)| *table == "comment_reports" && !row["network_hash"].is_null();
    app.rows().iter().filter(|row| tells(row)).count()
}

#[actix_web::test]
async fn the_network_of_a_report_is_forgotten_after_a_month_and_with_its_key() {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let comment = send(&app, &article, json!({"author_name": "Awa", "body": "Bravo"}))
        .await
        .expect(202)
        .id();
    admin.decide(&comment, "approve").await.expect(200);
    let report = || async {
        let token = app.reader_token().await;
        let path = format!("/v1/comments/{comment}/reports");
        as_reader(&app, &token, &path, json!({"reason": "abuse"}))
            .await
            .expect(201);
    };
    report().await;
    app.clock.advance_seconds(30 * DAY);
    report().await;
    forget(&app, 90).await;
    assert_eq!(networks_of_reports(&app), 2);
    app.clock.advance_seconds(1);
    forget(&app, 90).await;
    assert_eq!(networks_of_reports(&app), 1);
    rotate(&app);
    app.clock.advance_seconds(400 * DAY + 1);
    let now = app.now();
    let forgotten = move |conn: &mut masthead::base::db::Conn| {
        key_rotation::retire_old(conn, now)?;
        key_rotation::forget_retired(conn)
    };
    assert!(app.db().write_blocking(forgotten).unwrap() > 0);
    assert_eq!(networks_of_reports(&app), 0);
    assert_eq!(
        app.db().write_blocking(forgotten).unwrap(),
        0,
        "nothing is left to forget"
    );
}

/// Bans an address for ever, under the first key.
fn ban(app: &TestApp, email: &str) {
    let (secrets, now) = (app.state.secrets.clone(), app.now());
    let key = hash(&secrets, 1, SanctionTarget::Email, email).unwrap();
    app.db()
        .write_blocking(move |conn| {
            diesel::insert_into(sanctions::table)
                .values((
                    sanctions::id.eq(SanctionId::new()),
                    sanctions::kind.eq("ban"),
                    sanctions::target.eq("email"),
                    sanctions::target_key.eq(key.as_str()),
                    sanctions::hash_key.eq(1),
                    sanctions::created_at.eq(now),
                    sanctions::version.eq(1_i64),
                ))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
}

#[actix_web::test]
async fn a_ban_outlives_a_new_hash_key_until_its_own_is_retired() {
    let app = TestApp::new().await;
    let (_, article) = live(&app).await;
    let from = |email: &str, body: &str| json!({"author_name": "Awa", "body": body, "email": email});
    let before = send(&app, &article, from("zoe@example.org", "Avant"))
        .await
        .expect(202)
        .id();
    ban(&app, "awa@example.org");
    send(&app, &article, from("awa@example.org", "Un"))
        .await
        .problem(403, "author_banned");
    assert_eq!(rotate(&app), 2);
    send(&app, &article, from("Awa@Example.org", "Deux"))
        .await
        .problem(403, "author_banned");
    let after = send(&app, &article, from("zoe@example.org", "Après"))
        .await
        .expect(202)
        .id();
    let key = |id: &str| comment_row(&app, id).unwrap()["hash_key"].clone();
    assert_eq!((key(&before), key(&after)), (json!(1), json!(2)));
    app.clock.advance_seconds(400 * DAY);
    forget(&app, 0).await;
    assert_eq!(key(&before), json!(1), "not yet");
    send(&app, &article, from("awa@example.org", "Trois"))
        .await
        .problem(403, "author_banned");
    app.clock.advance_seconds(1);
    forget(&app, 0).await;
    let old = comment_row(&app, &before).unwrap();
    assert!(old["hash_key"].is_null() && old["email_hash"].is_null(), "{old}");
    assert_eq!(key(&after), json!(2));
    assert!(!comment_row(&app, &after).unwrap()["email_hash"].is_null());
    let (numbers, held): (Vec<Option<i32>>, Vec<(String, Option<i32>, Option<Time>)>) = app
        .db()
        .read_blocking(|conn| {
            let numbers = comments::table.select(comments::hash_key).load(conn)?;
            let held = sanctions::table
                .select((sanctions::target_key, sanctions::hash_key, sanctions::ends_at))
                .load(conn)?;
            Ok((numbers, held))
        })
        .unwrap();
    assert!(!numbers.contains(&Some(1)), "{numbers:?}");
    assert_eq!(held, [(String::new(), None, Some(app.now()))]);
    send(&app, &article, from("awa@example.org", "Quatre"))
        .await
        .expect(202);
    // The number of a retired key is never given again.
    assert_eq!(rotate(&app), 3);
    let retired: Vec<i32> = app
        .db()
        .read_blocking(|conn| {
            let retired = hash_keys::table.filter(hash_keys::retired_at.is_not_null());
            Ok(retired.select(hash_keys::number).load(conn)?)
        })
        .unwrap();
    assert_eq!(retired, [1]);
}
