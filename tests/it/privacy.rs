//! Who comments is forgotten: by itself when time is up, and when they ask.

use diesel::prelude::*;
use masthead::clock::Time;
use masthead::comments::identity::{SanctionId, SanctionTarget, hash};
use masthead::comments::privacy::keys;
use masthead::comments::privacy::retention::{self, RetentionDays};
use masthead::db::dump::{TABLES, read_table};
use masthead::db::schema::{comments, hash_keys, sanctions};
use masthead::error::Error;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const DAY: i64 = 24 * 3_600;

/// Every row of every table, with the table's name.
fn rows(app: &TestApp) -> Vec<(&'static str, Value)> {
    let mut rows = Vec::new();
    app.db()
        .read_blocking(|conn| {
            for table in TABLES {
                read_table::<Error>(conn, table, |row| {
                    rows.push((table.name, serde_json::from_str(row).unwrap()));
                    Ok(())
                })?;
            }
            Ok(())
        })
        .unwrap();
    rows
}

fn comment_row(app: &TestApp, id: &str) -> Option<Value> {
    let of = |(table, row): &(&str, Value)| *table == "comments" && row["id"] == id;
    rows(app).into_iter().find(of).map(|(_, row)| row)
}

async fn live(app: &TestApp) -> (Client, String) {
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let article = admin.published("Le port", &section).await;
    (admin, article)
}

async fn send(app: &TestApp, article: &str, body: Value) -> Answer {
    app.guest()
        .post(&format!("/v1/articles/{article}/comments"), body)
        .await
}

async fn forget(app: &TestApp, days: u32) {
    retention::run(app.db(), RetentionDays(days)).await.unwrap();
}

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
    app.clock.advance_seconds(89 * DAY);
    // Decided only now: its time begins now.
    let late = guest.comment(&article, "Rejeté plus tard", None).await;
    app.clock.advance_seconds(DAY + 1);
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
    let quoting: Vec<_> = rows(&app)
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
    app.clock.advance_seconds(29 * DAY);
    let young = send(&app, &article, json!({"author_name": "Awa", "body": "Encore"}))
        .await
        .expect(202)
        .id();
    forget(&app, 90).await;
    assert!(!comment_row(&app, &old).unwrap()["network_hash"].is_null());
    app.clock.advance_seconds(DAY + 1);
    forget(&app, 90).await;
    let row = comment_row(&app, &old).unwrap();
    assert!(row["network_hash"].is_null(), "{row}");
    assert!(!row["email_hash"].is_null(), "{row}");
    assert!(!comment_row(&app, &young).unwrap()["network_hash"].is_null());
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

fn rotate(app: &TestApp) -> i32 {
    let now = app.now();
    app.db().write_blocking(move |conn| keys::rotate(conn, now)).unwrap()
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
