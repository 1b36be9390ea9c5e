//! What an action asks of the database.

use actix_web::http::Method;
use serde_json::json;

use crate::support::newsroom::{action, desk, newsroom};

/// What the database is asked from the request to the answer, who asks and the desk's view of the article included.
#[actix_web::test]
async fn a_publish_and_an_edit_take_so_many_statements() {
    let (app, admin, section) = newsroom().await;
    let (tag, person) = (admin.tag("Port").await, admin.contributor("Awa Kossou").await);
    let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "tag_ids": [tag],
        "contributors": [{"contributor_id": person}], "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
    let id = admin.make(body).await;
    let edit = json!({"blocks": [{"type": "paragraph", "html": "Deux paragraphes."}]});
    for (step, body, count) in [
        // One of them says when the change feed's row changed, and where it stands.
        ("publish", json!({}), 38),
        ("edit", edit, 33),
        // Besides the first, one asks in which sections it is live, for those who follow one.
        ("publish", json!({}), 48),
    ] {
        let version = admin.version_of(&desk(&id)).await;
        let (answer, asked) = match step {
            "edit" => app.statements_of(admin.patch(&desk(&id), version, body)).await,
            _ => app.statements_of(admin.act(&action(&id, step), version, body)).await,
        };
        answer.expect(200);
        let texts = asked.iter().filter(|sql| sql.contains("`articles`.`content`"));
        if step == "publish" && app.db().is_sqlite() {
            assert_eq!(texts.count(), 1, "{asked:#?}");
        }
        // PostgreSQL is asked for locks besides.
        if app.db().is_sqlite() {
            assert_eq!(asked.len(), count, "{step}: {asked:#?}");
        }
    }
}

/// Settings, sections, menus and advertisements are loaded once after a change, whoever needs them first.
#[actix_web::test]
async fn writes_that_nobody_reads_after_load_the_frame_once() {
    let (app, admin, section) = newsroom().await;
    let draft = |title: &str| {
        json!({"locale": "fr", "title": title, "section_id": section,
        "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]})
    };
    let (first, second) = (admin.make(draft("Le port")).await, admin.make(draft("Le marché")).await);
    let versions = (
        admin.version_of(&desk(&first)).await,
        admin.version_of(&desk(&second)).await,
    );
    let site = "/v1/editorial/site";
    let version = admin.version_of(site).await;
    let changed = admin.patch(site, version, json!({"name": "Le Quotidien"})).await;
    changed.expect(200);
    let (first, second) = (action(&first, "publish"), action(&second, "publish"));
    admin.act(&first, versions.0, json!({})).await.expect(200);
    let (answer, asked) = app.statements_of(admin.act(&second, versions.1, json!({}))).await;
    answer.expect(200);
    assert!(asked.iter().all(|sql| !sql.contains("menus")), "{asked:#?}");
}

/// What is prepared anew each time costs a plan each time.
#[actix_web::test]
async fn what_is_written_often_is_kept_prepared() {
    let (app, admin, section) = newsroom().await;
    let policy = json!({"mode": "post_moderated"});
    let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "comment_policy": policy,
        "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
    let id = admin.make(body).await;
    admin.take(&id, "publish", json!({})).await.expect(200);
    let (guest, reader) = (app.guest(), app.reader_token().await);
    let comments = format!("/v1/articles/{id}/comments");
    // The second time everything has been prepared once.
    for round in 0..2 {
        let mut unkept = Vec::new();
        let mut note = |act: &str, statements: Vec<String>| {
            unkept.extend(statements.into_iter().map(|sql| format!("{act}: {sql}")));
        };
        let sent = json!({"author_name": "Awa", "body": format!("Bonjour {round}")});
        let (answer, asked) = app.statements_not_kept(guest.post(&comments, sent)).await;
        let comment = answer.expect(201).id();
        note("comment", asked);
        let liking = guest.request(Method::PUT, &format!("/v1/comments/{comment}/reaction"));
        let liking = liking.header("x-reader-token", &reader).send();
        let (answer, asked) = app.statements_not_kept(liking).await;
        answer.expect(200);
        note("reaction", asked);
        for decision in ["reject", "approve"] {
            let (answer, asked) = app.statements_not_kept(admin.decide(&comment, decision)).await;
            answer.expect(200);
            note(decision, asked);
        }
        let version = admin.version_of(&desk(&id)).await;
        let typed = json!({"title": format!("Le port {round}")});
        let (answer, asked) = app.statements_not_kept(admin.type_in(&id, version, typed)).await;
        answer.expect(200);
        note("autosave", asked);
        let edit = json!({"blocks": [{"type": "paragraph", "html": format!("Paragraphe {round}.")}]});
        let (answer, asked) = app.statements_not_kept(admin.patch(&desk(&id), version, edit)).await;
        answer.expect(200);
        note("edit", asked);
        for (name, body) in [("publish", json!({})), ("unpublish", json!({})), ("publish", json!({}))] {
            let (version, path) = (admin.version_of(&desk(&id)).await, action(&id, name));
            let (answer, asked) = app.statements_not_kept(admin.act(&path, version, body)).await;
            answer.expect(200);
            note(name, asked);
        }
        if round == 1 {
            // PostgreSQL plans what asks several lists at once for its values; sections are inserted together.
            let is_meant =
                |sql: &String| sql.contains("SELECT 0 AS term") || sql.contains("INTO \"published_sections\"");
            let unkept: Vec<_> = unkept
                .iter()
                .filter(|sql| app.db().is_sqlite() || !is_meant(sql))
                .collect();
            assert_eq!(unkept, Vec::<&String>::new());
        }
    }
}
