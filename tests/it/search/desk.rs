//! Editors find their working copies, and nobody what they may not read.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::desk_search;
use serde_json::json;

use super::{paragraph, publish};
use crate::support::newsroom::{desk, newsroom};
use crate::support::{Answer, Client};

async fn search(client: &Client, q: &str) -> Answer {
    client.get(&format!("/v1/editorial/search?{q}")).await.expect(200)
}

fn titles(answer: &Answer) -> Vec<String> {
    let items = answer.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["article"]["title"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn working_copies_are_found_as_they_are_saved() {
    let (app, admin, section) = newsroom().await;
    let id = admin
        .make(json!({"locale": "fr", "title": "Alpha", "section_id": section, "blocks": paragraph("Les élections.")}))
        .await;
    let live = publish(&admin, &section, json!({"title": "Alpha aussi"})).await;
    app.clock.advance_seconds(1);
    admin
        .edit(&live, json!({"title": "Alpha encore, élection"}))
        .await
        .expect(200);
    let found = search(&admin, "q=election").await;
    assert_eq!(titles(&found), ["Alpha encore, élection", "Alpha"]);
    assert_eq!(found.header("cache-control"), "no-store");
    let highlights = json!([{"field": "body", "text": "Les élections.", "ranges": [{"start": 4, "end": 13}]}]);
    assert_eq!(found.json["items"][1]["highlights"], highlights);
    assert_eq!(titles(&search(&admin, "q=aussi").await), Vec::<String>::new());
    let page = search(&admin, "q=alpha&limit=1").await;
    assert_eq!(titles(&page), ["Alpha encore, élection"]);
    let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
    let next = search(&admin, &format!("q=alpha&limit=1&cursor={cursor}")).await;
    assert_eq!(
        (titles(&next), &next.json["page"]["has_more"]),
        (vec!["Alpha".to_owned()], &json!(false))
    );
    assert_eq!(titles(&search(&admin, "q=alpha&locale=en").await), Vec::<String>::new());
    // In the trash it is not found; out of it again it is; purged it is gone from the index too.
    admin.take(&id, "trash", json!({})).await.expect(200);
    assert_eq!(titles(&search(&admin, "q=alpha").await), ["Alpha encore, élection"]);
    admin.take(&id, "restore", json!({})).await.expect(200);
    assert_eq!(titles(&search(&admin, "q=alpha").await).len(), 2);
    admin.take(&id, "trash", json!({})).await.expect(200);
    let version = admin.version_of(&desk(&id)).await;
    admin.delete(&desk(&id), version).await.expect(204);
    let left = app.rows().into_iter().filter(|(table, _)| *table == "desk_search");
    assert_eq!(left.count(), 1);
    let end = json!({"notice": "Retiré.", "reason": "Plainte."});
    admin.take(&live, "kill", end).await.expect(200);
    assert_eq!(titles(&search(&admin, "q=alpha").await), Vec::<String>::new());
}

#[actix_web::test]
async fn what_somebody_may_not_read_is_not_found() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let journalist = app.user(Role::Journalist);
    let editor = app.user_in(Role::SectionEditor, &sport);
    admin.draft("Secret de la rédaction", &section).await;
    admin.draft("Secret du sport", &sport).await;
    journalist.draft("Secret du journaliste", &section).await;
    let found = |answer: Answer| {
        let mut titles = titles(&answer);
        titles.sort();
        titles
    };
    assert_eq!(found(search(&admin, "q=secret").await).len(), 3);
    assert_eq!(found(search(&editor, "q=secret").await), ["Secret du sport"]);
    assert_eq!(found(search(&journalist, "q=secret").await), ["Secret du journaliste"]);
    app.guest()
        .get("/v1/editorial/search?q=secret")
        .await
        .problem(401, "unauthenticated");
    assert_eq!(app.found("secret").await, Vec::<String>::new());
}

#[actix_web::test]
async fn two_working_copies_that_would_have_one_number_are_both_saved_and_found() {
    let (app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for title in ["Alpha", "Alpha aussi"] {
        ids.push(admin.draft(title, &section).await);
    }
    app.clock.advance_seconds(1);
    let (first, second) = (ids[0].clone(), ids[1].clone());
    let wanted = app
        .db()
        .write_blocking(move |conn| {
            let number_of = |id: &String| desk_search::table.find(id.clone()).select(desk_search::number);
            let number: Option<i64> = number_of(&second).first(conn)?;
            let wanted = number.unwrap() + (1000 << 20);
            diesel::update(desk_search::table.find(first.clone()))
                .set(desk_search::number.eq(wanted))
                .execute(conn)?;
            Ok(wanted)
        })
        .unwrap();
    admin.edit(&ids[1], json!({"title": "Alpha encore"})).await.expect(200);
    let second = ids[1].clone();
    let number: Option<i64> = app
        .db()
        .read_blocking(|conn| {
            Ok(desk_search::table
                .find(second)
                .select(desk_search::number)
                .first(conn)?)
        })
        .unwrap();
    assert_eq!(number, Some(wanted + 1));
    assert_eq!(titles(&search(&admin, "q=encore").await), ["Alpha encore"]);
}
