//! What a reader is given of their own, and what is erased of it.

use masthead::base::secrets::sha256;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{MARKER, NAME, as_reader, comment_row, reader, telling, visible_count};
use crate::support::TestApp;
use crate::support::backups::{back_up, restore};

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
        let shown = app.rows().into_iter().filter(|(table, row)| {
            *table == "comments" && row["state"] == "approved" && [json!(true), json!(1)].contains(&row["is_visible"])
        });
        assert_eq!(visible_count(app, &reader.article), json!(shown.count()));
        let of = |(table, row): &(&str, Value)| *table == "comments" && row["reaction_count"] != 0;
        assert!(
            !app.rows().iter().any(of),
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
