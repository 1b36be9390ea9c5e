//! Who comments is forgotten: by itself when time is up, and when they ask.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::db::schema::{
    comment_reactions, comment_reports, comment_versions, comments, hash_keys, sanctions,
};
use masthead::base::ids::CommentId;
use masthead::base::secrets::sha256;
use masthead::comments::identity::{SanctionId, SanctionTarget, hash};
use masthead::comments::privacy::key_rotation;
use masthead::comments::privacy::retention::{self, RetentionDays};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::backups::{back_up, restore};
use crate::support::{Answer, Client, DAY, TestApp};

fn rows(app: &TestApp) -> Vec<(&'static str, Value)> {
    app.rows()
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

/// How many reports tell the network that they came from.
fn networks_of_reports(app: &TestApp) -> usize {
    let tells = |(table, row): &(&str, Value)| *table == "comment_reports" && !row["network_hash"].is_null();
    rows(app).iter().filter(|row| tells(row)).count()
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
    app.clock.advance_seconds(29 * DAY);
    report().await;
    forget(&app, 90).await;
    assert_eq!(networks_of_reports(&app), 2);
    app.clock.advance_seconds(DAY + 1);
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

fn rotate(app: &TestApp) -> i32 {
    let now = app.now();
    app.db()
        .write_blocking(move |conn| key_rotation::rotate(conn, now))
        .unwrap()
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

/// A word that stands in every text of the person, and their name.
const MARKER: &str = "zinzolin";

const NAME: &str = "Awa Sowolé";
const EMAIL: &str = "awa@example.org";

/// Somebody with a reader token, who writes, answers, likes and reports.
struct Reader {
    app: TestApp,
    admin: Client,
    article: String,
    token: String,
    /// Their comments: one that is shown and answered, one that waits, one that was rejected.
    comments: Vec<String>,
    answer: String,
}

async fn as_reader(app: &TestApp, token: &str, path: &str, body: Value) -> Answer {
    let asking = app.guest().request(Method::POST, path).header("x-reader-token", token);
    asking.json(body).send().await
}

async fn reader() -> Reader {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let token = app.reader_token().await;
    let list = format!("/v1/articles/{article}/comments");
    let other = app.guest().comment(&article, "Quelqu’un d’autre", None).await;
    admin.decide(&other, "approve").await.expect(200);
    let mut comments = Vec::new();
    for (number, decision) in [(1, Some("approve")), (2, None), (3, Some("reject"))] {
        let body = json!({"author_name": NAME, "body": format!("Mot {MARKER} {number} connard"), "email": EMAIL});
        let asking = app
            .guest()
            .request(Method::POST, &list)
            .header("x-reader-token", &token);
        let asking = asking.header("idempotency-key", &format!("clef-{number}"));
        let id = asking.json(body).send().await.expect(202).id();
        if let Some(decision) = decision {
            let note = json!({"note": format!("{NAME} a écrit {MARKER}")});
            let path = format!("/v1/editorial/comments/{id}/actions/{decision}");
            admin.post(&path, note).await.expect(200);
        }
        comments.push(id);
    }
    let answer = app.guest().comment(&article, "Je réponds", Some(&comments[0])).await;
    admin.decide(&answer, "approve").await.expect(200);
    let (digest, mine, others) = (sha256(token.as_bytes()), comments[0].clone(), other.clone());
    let now = app.now();
    app.db()
        .write_blocking(move |conn| {
            let (mine, others) = (CommentId::parse(&mine).unwrap(), CommentId::parse(&others).unwrap());
            diesel::insert_into(comment_versions::table)
                .values((
                    comment_versions::comment_id.eq(mine),
                    comment_versions::number.eq(1),
                    comment_versions::body.eq(format!("Avant {MARKER}")),
                    comment_versions::state.eq("pending"),
                    comment_versions::verdicts.eq("[]"),
                    comment_versions::written_at.eq(now),
                ))
                .execute(conn)?;
            diesel::update(comments::table.find(mine))
                .set(comments::edited_at.eq(now))
                .execute(conn)?;
            for (comment, by, note) in [
                (mine, "autre", "Il dit zinzolin"),
                (others, digest.as_str(), "Moi zinzolin"),
            ] {
                diesel::insert_into(comment_reactions::table)
                    .values((
                        comment_reactions::comment_id.eq(comment),
                        comment_reactions::reader_digest.eq(by),
                        comment_reactions::at.eq(now),
                    ))
                    .execute(conn)?;
                diesel::insert_into(comment_reports::table)
                    .values((
                        comment_reports::id.eq(SanctionId::new().to_string()),
                        comment_reports::comment_id.eq(comment),
                        comment_reports::reader_digest.eq(by),
                        comment_reports::reason.eq("abuse"),
                        comment_reports::note.eq(note),
                        comment_reports::at.eq(now),
                    ))
                    .execute(conn)?;
                diesel::update(comments::table.find(comment))
                    .set((comments::reaction_count.eq(1_i64), comments::report_count.eq(1_i64)))
                    .execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
    Reader {
        app,
        admin,
        article,
        token,
        comments,
        answer,
    }
}

/// Rows in which one of these texts stands.
fn telling(app: &TestApp, texts: &[&str]) -> Vec<(&'static str, Value)> {
    let tells = |row: &Value| texts.iter().any(|text| row.to_string().contains(text));
    rows(app).into_iter().filter(|(_, row)| tells(row)).collect()
}

fn visible_count(app: &TestApp, article: &str) -> Value {
    let of = |(table, row): &(&str, Value)| *table == "comment_counts" && row["article_id"] == article;
    rows(app)
        .into_iter()
        .find(of)
        .map_or(json!(0), |(_, row)| row["approved"].clone())
}

#[actix_web::test]
async fn a_reader_gets_all_that_is_known_about_them_and_nothing_of_others() {
    let reader = reader().await;
    let ask = json!({"kind": "export"});
    let got = as_reader(&reader.app, &reader.token, "/v1/privacy-requests", ask.clone())
        .await
        .expect(200);
    assert_eq!(
        (&got.json["comment_count"], &got.json["mode"]),
        (&json!(3), &json!(null))
    );
    let data = &got.json["data"];
    assert_eq!(data["is_complete"], true);
    let ids: Vec<&str> = data["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(reader.comments.iter().all(|id| ids.contains(&id.as_str())));
    let shown = &data["comments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == reader.comments[0])
        .unwrap();
    assert_eq!(
        (&shown["author_name"], &shown["has_email"]),
        (&json!(NAME), &json!(true))
    );
    assert_eq!(shown["versions"][0]["body"], format!("Avant {MARKER}"));
    assert_eq!(data["reports"][0]["note"], "Moi zinzolin");
    assert_eq!(data["reactions"].as_array().unwrap().len(), 1);
    assert!(
        !got.text.contains("Je réponds") && !got.text.contains("Il dit"),
        "{}",
        got.text
    );
    let stranger = reader.app.reader_token().await;
    let other = as_reader(&reader.app, &stranger, "/v1/privacy-requests", ask.clone())
        .await
        .expect(200);
    assert_eq!(
        (&other.json["comment_count"], &other.json["data"]["comments"]),
        (&json!(0), &json!([]))
    );
    reader
        .app
        .guest()
        .post("/v1/privacy-requests", ask)
        .await
        .problem(400, "reader_token_required");
}

#[actix_web::test]
async fn what_a_reader_has_erased_is_in_no_table_and_no_older_backup_brings_it_back() {
    let reader = reader().await;
    let (app, digest) = (&reader.app, sha256(reader.token.as_bytes()));
    let tells = [MARKER, NAME, digest.as_str()];
    assert!(telling(app, &tells).len() >= 7, "it is there before");
    assert_eq!(visible_count(app, &reader.article), json!(3));
    let dir = TempDir::new().unwrap();
    let older = dir.path().join("older");
    back_up(app, &older);
    let learned = |app: &TestApp| app.db().read_blocking(masthead::comments::spam::store::totals).unwrap();
    assert_eq!(learned(app).ham, 3, "the model learned from what was approved");
    let ask = json!({"kind": "erase", "mode": "erase"});
    let done = as_reader(app, &reader.token, "/v1/privacy-requests", ask.clone())
        .await
        .expect(200);
    assert_eq!(
        (&done.json["comment_count"], &done.json["data"]),
        (&json!(3), &json!(null))
    );
    let ledger = back_up(app, &dir.path().join("newer"));
    let check = |app: &TestApp| {
        let left = telling(app, &tells);
        assert!(left.is_empty(), "{left:?}");
        for id in &reader.comments {
            let row = comment_row(app, id).unwrap();
            assert_eq!(
                (&row["state"], &row["body"], &row["body_html"]),
                (&json!("erased"), &json!(""), &json!(""))
            );
            for member in [
                "reader_digest",
                "email_hash",
                "network_hash",
                "edit_token_digest",
                "body_digest",
                "hash_key",
            ] {
                assert!(row[member].is_null(), "{member}: {row}");
            }
        }
        assert_eq!(learned(app).ham, 2);
        // The thread keeps its shape.
        let answer = comment_row(app, &reader.answer).unwrap();
        assert_eq!(
            (&answer["parent_id"], &answer["state"]),
            (&json!(reader.comments[0]), &json!("approved"))
        );
        let shown = rows(app).into_iter().filter(|(table, row)| {
            *table == "comments" && row["state"] == "approved" && [json!(true), json!(1)].contains(&row["is_visible"])
        });
        assert_eq!(visible_count(app, &reader.article), json!(shown.count()));
        let of = |(table, row): &(&str, Value)| *table == "comments" && row["reaction_count"] != 0;
        assert!(
            !rows(app).iter().any(of),
            "the likes of the reader are gone from the counts"
        );
    };
    check(app);
    let public = app
        .guest()
        .get(&format!("/v1/articles/{}/comments", reader.article))
        .await
        .expect(200);
    assert!(!public.text.contains(MARKER) && !public.text.contains(NAME));
    // On the database that knows of it, and on an empty one that is told.
    assert_eq!(restore(app, &older, &[]).unwrap().erased, 3);
    check(app);
    let other = TestApp::new().await;
    assert_eq!(restore(&other, &older, &ledger).unwrap().erased, 3);
    check(&other);
    assert_eq!(restore(&other, &older, &[]).unwrap().erased, 3);
    check(&other);
    let again = as_reader(app, &reader.token, "/v1/privacy-requests", ask)
        .await
        .expect(200);
    assert_eq!(again.json["comment_count"], 0);
}

async fn made(admin: &Client, body: Value) -> String {
    let made = admin.post("/v1/editorial/privacy-requests", body).await.expect(201);
    made.json["verification_token"].as_str().unwrap().to_owned()
}

async fn verify(app: &TestApp, token: &str) -> Answer {
    app.guest()
        .post("/v1/privacy-requests/verify", json!({"token": token}))
        .await
}

#[actix_web::test]
async fn whoever_has_the_address_gets_what_was_sent_with_it_once() {
    let reader = reader().await;
    let (app, admin) = (&reader.app, &reader.admin);
    rotate(app);
    let body = json!({"author_name": NAME, "body": "Sous la nouvelle clef", "email": "AWA@example.org"});
    send(app, &reader.article, body).await.expect(202);
    let made_for = admin
        .post(
            "/v1/editorial/privacy-requests",
            json!({"kind": "export", "email": EMAIL}),
        )
        .await
        .expect(201);
    assert_eq!(made_for.json["comment_count"], 4, "under both keys");
    let token = made_for.json["verification_token"].as_str().unwrap();
    assert!(
        telling(app, &[token, EMAIL]).is_empty(),
        "neither token nor address is kept"
    );
    for wrong in ["x", &format!("{token}x")] {
        verify(app, wrong).await.problem(404, "not_found");
    }
    let got = verify(app, token).await.expect(200);
    assert_eq!(got.json["data"]["comments"].as_array().unwrap().len(), 4);
    // What somebody did as a reader is not proved by an address.
    assert_eq!(got.json["data"]["reports"], json!([]));
    verify(app, token).await.problem(404, "not_found");
    let late = made(admin, json!({"kind": "export", "email": EMAIL})).await;
    app.clock.advance_seconds(7 * DAY);
    verify(app, &late).await.problem(404, "not_found");
    forget(app, 0).await;
    assert!(!rows(app).iter().any(|(table, _)| *table == "privacy_requests"));
}

#[actix_web::test]
async fn what_is_made_anonymous_keeps_its_text_and_nobody_can_tell_whose_it_is() {
    let reader = reader().await;
    let (app, admin, digest) = (&reader.app, &reader.admin, sha256(reader.token.as_bytes()));
    let dir = TempDir::new().unwrap();
    let older = dir.path().join("older");
    back_up(app, &older);
    let token = made(
        admin,
        json!({"kind": "erase", "mode": "anonymise", "comment_id": reader.comments[1]}),
    )
    .await;
    assert_eq!(
        comment_row(app, &reader.comments[1]).unwrap()["author_name"],
        NAME,
        "not before it is verified"
    );
    let done = verify(app, &token).await.expect(200);
    assert_eq!(
        (&done.json["comment_count"], &done.json["mode"]),
        (&json!(3), &json!("anonymise"))
    );
    verify(app, &token).await.problem(404, "not_found");
    let check = |app: &TestApp| {
        let left = telling(app, &[NAME, digest.as_str()]);
        assert!(left.is_empty(), "{left:?}");
        for (id, state) in reader.comments.iter().zip(["approved", "pending", "rejected"]) {
            let row = comment_row(app, id).unwrap();
            assert_eq!((&row["author_name"], &row["state"]), (&json!("Anonyme"), &json!(state)));
            assert!(
                row["body"].as_str().unwrap().contains(MARKER) && row["email_hash"].is_null(),
                "{row}"
            );
        }
    };
    check(app);
    assert_eq!(restore(app, &older, &[]).unwrap().erased, 3);
    check(app);
    assert_eq!(visible_count(app, &reader.article), json!(3));
}

#[actix_web::test]
async fn requests_on_somebodys_behalf_are_for_the_whole_site_and_say_what_they_mean() {
    let app = TestApp::new().await;
    let (admin, article) = live(&app).await;
    let path = "/v1/editorial/privacy-requests";
    let comment = app.guest().comment(&article, "Bravo", None).await;
    let table = [
        (json!({"email": EMAIL}), vec![("/kind", "required")]),
        (json!({"kind": "erase", "email": EMAIL}), vec![("/mode", "required")]),
        (
            json!({"kind": "export", "mode": "erase", "email": EMAIL}),
            vec![("/mode", "unknown_field")],
        ),
        (json!({"kind": "export"}), vec![("/email", "required")]),
        (
            json!({"kind": "export", "email": EMAIL, "comment_id": comment}),
            vec![("/comment_id", "unknown_field")],
        ),
        (
            json!({"kind": "export", "comment_id": SanctionId::new().to_string()}),
            vec![("/comment_id", "unknown_reference")],
        ),
    ];
    for (body, expected) in table {
        admin.post(path, body).await.invalid(&expected);
    }
    // A comment that tells nothing else is its author's only one.
    let token = made(&admin, json!({"kind": "erase", "mode": "erase", "comment_id": comment})).await;
    assert_eq!(verify(&app, &token).await.expect(200).json["comment_count"], 1);
    let erased = json!({"kind": "export", "comment_id": comment});
    admin
        .post(path, erased)
        .await
        .invalid(&[("/comment_id", "unknown_reference")]);
    let section = masthead::base::ids::SectionId::parse(&admin.section("Sport", None).await);
    let local = app.user_with(vec![crate::support::grant(Role::Publisher, section, None)]);
    local
        .post(path, json!({"kind": "export", "email": EMAIL}))
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn tokens_cannot_be_tried_without_end() {
    let app = TestApp::new().await;
    let mut last = 0;
    for number in 0..61 {
        last = verify(&app, &format!("essai-{number}")).await.status;
    }
    assert_eq!(last, 429);
}
