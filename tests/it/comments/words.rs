//! Word lists: made, changed, deleted, and tried on a text as the next comment would meet them.

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::base::ids::SectionId;
use masthead::base::limits;
use masthead::comments::words::WordLists;
use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::{Answer, Client, TestApp, grant};

const LISTS: &str = "/v1/editorial/word-lists";

fn path(id: &str) -> String {
    format!("{LISTS}/{id}")
}

async fn test(client: &Client, text: &str) -> Answer {
    let tested = client.post(&format!("{LISTS}/test"), json!({"text": text})).await;
    tested.expect(200)
}

async fn found(client: &Client, text: &str) -> Vec<String> {
    let tested = test(client, text).await;
    let matches = tested.json["matches"].as_array().unwrap();
    matches
        .iter()
        .map(|found| found["text"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_list_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let moderator = app.user(Role::Moderator);
    let body = json!({"name": "Insultes", "kind": "banned", "locale": "fr", "entries": ["connard", "encul*"],
        "exceptions": ["Enculade"]});
    let made = moderator.post(LISTS, body).await.expect(201);
    let id = made.id();
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (path(&id).as_str(), "\"v1\"")
    );
    assert_eq!(made.json["is_active"], true);
    assert_eq!(moderator.get(&path(&id)).await.expect(200).json, made.json);
    let listed = moderator.get(LISTS).await.expect(200);
    assert_eq!(listed.json["items"][0]["entry_count"], 2);
    assert!(listed.json["items"][0].get("entries").is_none());
    let change = json!({"locale": null, "kind": "suspect", "entries": ["salaud"], "is_active": false});
    let changed = moderator.patch(&path(&id), 1, change.clone()).await.expect(200);
    assert_eq!(
        (
            &changed.json["locale"],
            &changed.json["kind"],
            &changed.json["entries"],
            &changed.json["exceptions"]
        ),
        (
            &json!(null),
            &json!("suspect"),
            &json!(["salaud"]),
            &json!(["Enculade"])
        )
    );
    let same = moderator.patch(&path(&id), 2, change).await.expect(200);
    assert_eq!(same.json["version"], 2);
    let stale = moderator.patch(&path(&id), 1, json!({"name": "Gros mots"})).await;
    let stale = stale.problem(412, "stale_version");
    assert_eq!(
        stale.json["changes"][0]["fields"],
        json!(["kind", "locale", "is_active", "entries"])
    );
    let asking = moderator.request(Method::DELETE, &path(&id));
    asking.send().await.problem(428, "precondition_required");
    moderator.delete(&path(&id), 2).await.expect(204);
    moderator.get(&path(&id)).await.problem(404, "not_found");
    let audit = app
        .admin()
        .get("/v1/editorial/audit?target_kind=word_list")
        .await
        .expect(200);
    assert_eq!(
        audit.items("action"),
        ["word_list.delete", "word_list.edit", "word_list.create"]
    );
    assert!(!audit.text.contains("salaud"), "the audit quotes: {}", audit.text);
}

#[actix_web::test]
async fn what_can_find_nothing_is_refused_where_it_stands() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let list = |entries: Value| json!({"name": "Mots", "kind": "banned", "entries": entries});
    let long = "a".repeat(limits::WORD + 1);
    let many = vec!["mot"; limits::WORDS + 1];
    for (body, pointer, code) in [
        (list(json!(["ok", "!?"])), "/entries/1", "invalid_format"),
        (list(json!(["*"])), "/entries/0", "invalid_format"),
        (list(json!(["ok", "mot", "ok"])), "/entries/2", "duplicate"),
        (list(json!([long])), "/entries/0", "too_long"),
        (list(json!(many)), "/entries", "too_many"),
        (json!({"name": "Mots", "kind": "rude"}), "/kind", "invalid_value"),
        (json!({"name": " ", "kind": "banned"}), "/name", "blank"),
        (
            json!({"name": "Mots", "kind": "banned", "exceptions": ["…"]}),
            "/exceptions/0",
            "invalid_format",
        ),
    ] {
        admin.post(LISTS, body).await.invalid(&[(pointer, code)]);
    }
    admin
        .post(
            &format!("{LISTS}/test"),
            json!({"text": "a".repeat(limits::COMMENT + 1)}),
        )
        .await
        .invalid(&[("/text", "too_long")]);
    let whole: Vec<String> = (0..limits::WORDS).map(|number| format!("{number:0>80}")).collect();
    admin.post(LISTS, list(json!(whole))).await.expect(201);
    for _ in 1..limits::WORD_LISTS {
        admin.post(LISTS, list(json!(["mot"]))).await.expect(201);
    }
    admin
        .post(LISTS, list(json!(["mot"])))
        .await
        .invalid(&[("", "too_many_word_lists")]);
}

#[actix_web::test]
async fn a_test_shows_what_the_next_comment_would_meet_on_every_instance() {
    let app = TestApp::new().await;
    let elsewhere = app.another_instance().await;
    let moderator = app.user(Role::Moderator);
    let other = elsewhere.guest().with_token(moderator.token.as_deref().unwrap());
    assert_eq!(found(&other, "Quel connard").await, Vec::<String>::new());
    let banned = json!({"name": "Insultes", "kind": "banned", "entries": ["connard"]});
    let banned = moderator.post(LISTS, banned).await.expect(201).id();
    let suspect = json!({"name": "Soupçons", "kind": "suspect", "locale": "en", "entries": ["pill*"]});
    moderator.post(LISTS, suspect).await.expect(201);
    // 👩 is one scalar value, é is composed: positions are those of the text as it is kept.
    let text = " e\u{301} 👩 Quel C0nnnnard, pilleur !";
    let tested = test(&other, text).await;
    assert_eq!(
        tested.json["matches"][0],
        json!({"list_id": banned, "list_name": "Insultes", "kind": "banned", "entry": "connard", "start": 9, "end": 18,
            "text": "C0nnnnard"})
    );
    assert_eq!(found(&other, text).await, ["C0nnnnard", "pilleur"]);
    let french = json!({"text": text, "locale": "fr"});
    let french = other.post(&format!("{LISTS}/test"), french).await.expect(200);
    assert_eq!(french.json["matches"].as_array().unwrap().len(), 1);
    moderator
        .patch(&path(&banned), 1, json!({"is_active": false}))
        .await
        .expect(200);
    assert_eq!(found(&other, text).await, ["pilleur"]);
    moderator
        .patch(&path(&banned), 2, json!({"is_active": true}))
        .await
        .expect(200);
    assert_eq!(found(&other, text).await, ["C0nnnnard", "pilleur"]);
    moderator.delete(&path(&banned), 3).await.expect(204);
    assert_eq!(found(&other, text).await, ["pilleur"]);
}

#[actix_web::test]
async fn lists_are_the_sites_and_not_a_sections() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = SectionId::parse(&admin.section("Sport", None).await);
    let local = app.user_with(vec![grant(Role::Moderator, section, None)]);
    let body = json!({"name": "Insultes", "kind": "banned", "entries": ["connard"]});
    local.post(LISTS, body.clone()).await.problem(403, "forbidden");
    let id = admin.post(LISTS, body).await.expect(201).id();
    local.get(&path(&id)).await.expect(200);
    assert_eq!(found(&local, "connard").await, ["connard"]);
    local
        .patch(&path(&id), 1, json!({"name": "À moi"}))
        .await
        .problem(403, "forbidden");
    local.delete(&path(&id), 1).await.problem(403, "forbidden");
    app.user(Role::Publisher)
        .patch(&path(&id), 1, json!({"name": "Gros mots"}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn lists_come_by_name_page_by_page() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for (name, kind) in [
        ("Élections", "suspect"),
        ("alcool", "banned"),
        ("Zinzins", "suspect"),
        ("Écrans", "banned"),
    ] {
        admin.post(LISTS, json!({"name": name, "kind": kind})).await.expect(201);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{LISTS}?limit=3{cursor}")).await.expect(200);
        names.extend(page.items("name"));
        match page.json["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["alcool", "Écrans", "Élections", "Zinzins"]);
    let suspects = admin.get(&format!("{LISTS}?kind=suspect")).await.expect(200);
    assert_eq!(suspects.items("name"), ["Élections", "Zinzins"]);
    admin
        .get(&format!("{LISTS}?kind=rude"))
        .await
        .problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn the_matcher_is_made_once_for_each_change() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let lists = WordLists::default();
    let current = || {
        let lists = lists.clone();
        app.db().read(move |conn| lists.current(conn))
    };
    let (first, again) = (current().await.unwrap(), current().await.unwrap());
    assert!(std::sync::Arc::ptr_eq(&first, &again));
    let body = json!({"name": "Insultes", "kind": "banned", "entries": ["connard"]});
    admin.post(LISTS, body).await.expect(201);
    let changed = current().await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &changed));
    assert_eq!(changed.matches("Connard !", Some("fr")).len(), 1);
}

#[actix_web::test]
async fn an_address_is_not_read_as_words_and_what_is_seen_of_a_link_is() {
    let (app, admin, section) = newsroom().await;
    let article = admin.published("Titre", &section).await;
    let banned = json!({"name": "Insultes", "kind": "banned", "entries": ["con", "casino.example"]});
    admin.post(LISTS, banned).await.expect(201);
    let path = format!("/v1/articles/{article}/comments");
    let send = |name: &str, body: &str| {
        let (guest, path) = (app.guest(), path.clone());
        let comment = json!({"author_name": name, "body": body});
        async move { guest.post(&path, comment).await }
    };
    send("Koffi", "Lire https://fr.wikipedia.org/wiki/Con")
        .await
        .expect(202);
    for (name, body, pointer) in [
        ("Koffi", "Lire [con](https://fr.wikipedia.org/wiki/Conseil)", "/body"),
        ("Koffi", "Voir https://casino.example/gains", "/body"),
        // A name is no place for addresses.
        ("www.con.example", "Bravo", "/author_name"),
    ] {
        send(name, body).await.invalid(&[(pointer, "banned_word")]);
    }
    let tested = "Con https://fr.wikipedia.org/wiki/Con";
    assert_eq!(found(&admin, tested).await, ["Con"]);
}
