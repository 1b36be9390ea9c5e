//! Finding an article at the desk, and what its line in the list says.

use std::collections::BTreeSet;

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::editorial::{lease_of, me, notes};
use crate::support::Client;
use crate::support::newsroom::{ARTICLES, newsroom};

async fn found(client: &Client, query: &str) -> BTreeSet<String> {
    client
        .walk(&format!("{ARTICLES}?{query}"), 2)
        .await
        .into_iter()
        .collect()
}

#[actix_web::test]
async fn the_desk_finds_articles_by_what_is_asked() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let tag = admin.tag("Mali").await;
    let awa = app.user(Role::Publisher);
    let make = async |client: &Client, title: &str, body: Value| {
        let id = client.draft(title, &section).await;
        client.edit(&id, body).await.expect(200);
        id
    };
    let plain = make(&admin, "Brouillon", json!({"section_id": sport})).await;
    let assigned = make(&awa, "Confié", json!({"assignee_id": me(&awa)})).await;
    let tagged = make(&admin, "Étiqueté", json!({"tag_ids": [tag]})).await;
    app.clock.advance_seconds(60);
    let submitted = make(&admin, "À relire", json!({"kicker": "K"})).await;
    admin.take(&submitted, "submit", json!({})).await.expect(200);
    let ready = make(&admin, "Prêt", json!({"kicker": "K"})).await;
    for name in ["submit", "approve"] {
        admin.take(&ready, name, json!({})).await.expect(200);
    }
    let live = make(&admin, "En ligne", json!({"kicker": "K"})).await;
    admin.publish(&live).await.expect(200);
    let trashed = make(&admin, "Jeté", json!({"kicker": "K"})).await;
    admin.take(&trashed, "trash", json!({})).await.expect(200);
    awa.put(&lease_of(&live), json!({"ttl_seconds": 3600}))
        .await
        .expect(200);
    let (awa_id, admin_id) = (me(&awa), me(&admin));
    let cases: Vec<(String, Vec<&String>)> = vec![
        (
            String::new(),
            vec![&plain, &assigned, &tagged, &submitted, &ready, &live],
        ),
        ("state=trashed".to_owned(), vec![&trashed]),
        ("state=published&state=trashed".to_owned(), vec![&live, &trashed]),
        (
            "state=published,draft,published".to_owned(),
            vec![&plain, &assigned, &tagged, &submitted, &ready, &live],
        ),
        ("review=in_review".to_owned(), vec![&submitted]),
        ("review=ready,in_review".to_owned(), vec![&submitted, &ready]),
        (format!("assignee_id={awa_id}"), vec![&assigned]),
        (
            "assignee_id=none".to_owned(),
            vec![&plain, &tagged, &submitted, &ready, &live],
        ),
        (format!("leased_by={awa_id}"), vec![&live]),
        (format!("leased_by={admin_id}"), vec![]),
        (format!("created_by={awa_id}"), vec![&assigned]),
        (format!("section_id={sport}"), vec![&plain]),
        (format!("tag_id={tag}"), vec![&tagged]),
        ("has_unpublished_changes=false".to_owned(), vec![&live]),
        (
            "has_unpublished_changes=true".to_owned(),
            vec![&plain, &assigned, &tagged, &submitted, &ready],
        ),
        (
            "changed_after=2026-11-23T08:01:00Z".to_owned(),
            vec![&submitted, &ready, &live],
        ),
        (
            format!("state=draft&review=ready&created_by={admin_id}&assignee_id=none"),
            vec![&ready],
        ),
    ];
    for (query, expected) in cases {
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&admin, &query).await, expected, "{query}");
        assert_eq!(
            found(&admin, &format!("{query}&sort=edited_at")).await,
            expected,
            "{query}"
        );
    }
    for bad in [
        "state=draft,live",
        "review=done",
        "assignee_id=nobody",
        "leased_by=none",
        "sort=title",
        "state=",
    ] {
        admin
            .get(&format!("{ARTICLES}?{bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn the_desk_walks_in_either_order() {
    let (app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(admin.draft(&number.to_string(), &section).await);
        // Two at a time have the same moment.
        app.clock.advance_seconds(number % 2);
    }
    let oldest = admin.walk(&format!("{ARTICLES}?sort=edited_at"), 2).await;
    let newest = admin.walk(&format!("{ARTICLES}?sort=-edited_at"), 2).await;
    assert_eq!(oldest, ids);
    assert_eq!(newest, ids.into_iter().rev().collect::<Vec<_>>());
    let page = admin.get(&format!("{ARTICLES}?limit=2&sort=edited_at")).await.json;
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    for other in ["", "&sort=-edited_at", "&sort=edited_at&state=draft"] {
        let path = format!("{ARTICLES}?limit=2&cursor={cursor}{other}");
        admin.get(&path).await.problem(400, "invalid_cursor");
    }
}

#[actix_web::test]
async fn a_line_shows_who_works_on_it_and_what_is_open() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let awa = app.user(Role::Publisher);
    admin.edit(&id, json!({"assignee_id": me(&awa)})).await.expect(200);
    awa.put(&lease_of(&id), json!({})).await.expect(200);
    for _ in 0..3 {
        awa.note(&id, json!({"body": "À voir."})).await;
    }
    let note = awa.note(&id, json!({"body": "Vu."})).await;
    awa.post(&format!("{}/{note}/actions/resolve", notes(&id)), json!({}))
        .await
        .expect(200);
    admin.draft("Autre", &section).await;
    let items = admin.get(ARTICLES).await.expect(200).json["items"].clone();
    assert_eq!(
        (&items[1]["assignee_name"], &items[1]["open_note_count"]),
        (&json!("Awa Kossou"), &json!(3))
    );
    assert_eq!(items[1]["lease"]["user_id"], me(&awa));
    assert_eq!(
        (
            &items[0]["assignee_name"],
            &items[0]["lease"],
            &items[0]["open_note_count"]
        ),
        (&Value::Null, &Value::Null, &json!(0))
    );
}

#[actix_web::test]
async fn a_journalist_finds_their_own_alone() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let other = admin.draft("À d’autres", &section).await;
    admin
        .edit(&other, json!({"assignee_id": me(&journalist)}))
        .await
        .expect(200);
    for query in [
        "",
        "state=draft",
        "review=not_submitted,ready",
        "has_unpublished_changes=true",
    ] {
        assert_eq!(
            found(&journalist, query).await,
            BTreeSet::from([own.clone()]),
            "{query}"
        );
    }
    assert!(
        found(&journalist, &format!("assignee_id={}", me(&journalist)))
            .await
            .is_empty()
    );
    let by_admin = format!("created_by={}", me(&admin));
    assert!(found(&journalist, &by_admin).await.is_empty());
}
