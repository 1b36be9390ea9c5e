//! Text hygiene: what is put right or refused on the way in, what is warned of, and the list of what
//! is left.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::{Content, empty_article};
use masthead::articles::store;
use masthead::base::db::schema::articles;
use masthead::comments::privacy::retention::RetentionDays;
use masthead::editorial::articles::suspects::store::look_at_next;
use masthead::events::changes::ChangeRetention;
use masthead::worker::work;
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, desk, newsroom};
use crate::support::{Answer, Client, TestApp, grant};

const SUSPECTS: &str = "/v1/editorial/text-suspects";

/// Warnings as (pointer, code, found, suggestion).
fn warnings(of: &Value) -> Vec<[String; 4]> {
    let warnings = of["warnings"].as_array().unwrap().iter();
    let member = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    warnings
        .map(|warning| ["pointer", "code", "found", "suggestion"].map(|name| member(warning, name)))
        .collect()
}

#[actix_web::test]
async fn a_write_warns_of_suspect_text_and_stops_nothing() {
    let (_app, admin, section) = newsroom().await;
    let image = json!({"url": "https://x.test/Ã©.jpg", "alt": "Ã‰tat &amp; roi"});
    let body = json!({"locale": "fr", "title": "Le prÃ©sident du BÃ©nin", "kicker": "Tà¼rkiye", "section_id": section,
        "standfirst": "à « Paris », à 30°, voilà», à½ litre", "source": {"name": "L&eacute;quipe"},
        "seo": {"description": "lâ€™Afrique"}, "image": image,
        "blocks": [{"type": "paragraph", "html": "L’été &amp; <a href=\"https://x.test/Ã©\">l’hiver</a>&nbsp;: oui."},
                   {"type": "paragraph", "html": "Un <b>communiquÃ©</b> franà§ais"}]});
    let made = admin.post(ARTICLES, body).await.expect(201);
    let mut found = warnings(&made.json);
    found.sort();
    let line = |pointer: &str, code: &str, found: &str, suggestion: &str| {
        [pointer, code, found, suggestion].map(str::to_owned)
    };
    let expected = [
        line("/blocks/1/html", "mojibake", "communiquÃ©", "communiqué"),
        line("/image/alt", "html_entity", "&amp;", "&"),
        line("/image/alt", "mojibake", "Ã‰tat", "État"),
        line("/kicker", "mojibake", "Tà¼rkiye", "Türkiye"),
        line("/seo/description", "mojibake", "lâ€™Afrique", "l’Afrique"),
        line("/source/name", "html_entity", "L&eacute;quipe", "Léquipe"),
        line("/title", "mojibake", "prÃ©sident", "président"),
    ];
    assert_eq!(found, expected);
    // Entities are decoded; what only looks wrong stays until somebody decides.
    assert_eq!(made.json["source"]["name"], "Léquipe");
    assert_eq!(made.json["image"]["alt"], "Ã‰tat & roi");
    assert_eq!(made.json["image"]["url"], "https://x.test/Ã©.jpg");
    assert_eq!(made.json["title"], "Le prÃ©sident du BÃ©nin");
    let read = admin.get(&desk(&made.id())).await.expect(200);
    assert_eq!(warnings(&read.json), Vec::<[String; 4]>::new());
    let right = admin.edit(&made.id(), json!({"title": "Le président du Bénin"})).await;
    assert_eq!(warnings(&right.expect(200).json), Vec::<[String; 4]>::new());
    let wrong = admin.edit(&made.id(), json!({"title": "BÃ©nin"})).await.expect(200);
    assert_eq!(warnings(&wrong.json), [line("/title", "mojibake", "BÃ©nin", "Bénin")]);
}

#[actix_web::test]
async fn a_warning_speaks_the_language_asked_for() {
    let (_app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr", "title": "BÃ©nin &amp; Togo"});
    for (language, mojibake, entity) in [
        ("fr", "mauvais encodage", "entité HTML"),
        ("en", "wrong encoding", "HTML entity"),
    ] {
        let asking = admin.request(actix_web::http::Method::POST, ARTICLES);
        let answer = asking
            .header("accept-language", language)
            .json(body.clone())
            .send()
            .await;
        let messages = answer.expect(201).json["warnings"].to_string();
        assert!(messages.contains(mojibake) && messages.contains(entity), "{messages}");
    }
}

#[actix_web::test]
async fn a_repetition_warns_as_the_first_answer_did() {
    let (_app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr", "title": "BÃ©nin &amp; Togo"});
    let first = admin.once(ARTICLES, None, "k", body.clone()).await.expect(201);
    let again = admin.once(ARTICLES, None, "k", body).await.expect(201);
    assert_eq!(first.id(), again.id());
    assert_eq!(warnings(&first.json), warnings(&again.json));
    assert_eq!(warnings(&first.json).len(), 2);
}

#[actix_web::test]
async fn sections_tags_and_contributors_warn_too() {
    let (_app, admin, _) = newsroom().await;
    let cases = [
        (
            "sections",
            json!({"label": "SociÃ©tÃ©"}),
            json!({"labels": {"en": "CafÃ©"}}),
            "/label",
            "/labels/en",
        ),
        (
            "tags",
            json!({"kind": "topic", "label": "SociÃ©tÃ©"}),
            json!({"description": "Ã‰tat"}),
            "/label",
            "/description",
        ),
        (
            "contributors",
            json!({"name": "ZoÃ© Ba"}),
            json!({"image": {"url": "https://x.test/1.jpg", "credit": "RÃ©a"}}),
            "/name",
            "/image/credit",
        ),
    ];
    for (things, new, patch, first, second) in cases {
        let made = admin.post(&format!("/v1/editorial/{things}"), new).await.expect(201);
        let path = format!("/v1/editorial/{things}/{}", made.id());
        let changed = admin.patch(&path, 1, patch).await.expect(200);
        let read = admin.get(&path).await.expect(200);
        let pointers = |answer: &Answer| -> Vec<String> {
            let warnings = warnings(&answer.json).into_iter();
            warnings.map(|[pointer, ..]| pointer).collect()
        };
        assert_eq!(pointers(&made), [first]);
        assert_eq!(pointers(&changed), [second]);
        assert_eq!(pointers(&read), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn plain_text_has_no_entities_and_no_control_characters() {
    let (app, admin, section) = newsroom().await;
    let tag = json!({"kind": "topic", "label": "Q&amp;A &#233;t&#xE9; &copy 2026 AT&T;", "external_id": "a&amp;b",
        "description": "&amp;eacute; s’écrit\né"});
    let made = admin.post("/v1/editorial/tags", tag).await.expect(201);
    assert_eq!(made.json["label"], "Q&A été &copy 2026 AT&T;");
    assert_eq!(
        made.json["external_id"], "a&amp;b",
        "an identifier is meant to the letter"
    );
    assert_eq!(made.json["description"], "&eacute; s’écrit\né", "decoded once");
    for bad in ["a\u{7}b", "a\u{9d}b", "a&#7;b", "a&#x1B;b"] {
        let body = json!({"kind": "topic", "label": bad});
        let answer = admin.post("/v1/editorial/tags", body).await;
        answer.invalid(&[("/label", "forbidden_character")]);
    }
    let blank = json!({"locale": "fr", "title": "&nbsp;", "image": {"url": "https://x.test/?a=1&amp;b=2", "caption": "&nbsp;"}});
    let made = admin.post(ARTICLES, blank).await.expect(201);
    assert_eq!(made.json["title"], "");
    assert_eq!(made.json["image"]["caption"], Value::Null);
    assert_eq!(made.json["image"]["url"], "https://x.test/?a=1&amp;b=2");
    // A reader's name is plain text; what a reader writes is theirs, to the letter.
    let live = admin.published("En ligne", &section).await;
    let comment =
        json!({"author_name": "Ze\u{301}lie &amp; &lt;b&gt;Ada", "body": "Écrivez &amp;eacute; ou &lt;b&gt;."});
    let comment = app
        .guest()
        .post(&format!("/v1/articles/{live}/comments"), comment)
        .await;
    let comment = comment.expect(202);
    assert_eq!(comment.json["author_name"], "Zélie & ‹b›Ada");
    assert_eq!(comment.json["body"], "Écrivez &amp;eacute; ou &lt;b&gt;.");
}

/// Every article of the list, page by page, oldest first.
async fn suspects(client: &Client, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{SUSPECTS}?limit={limit}{cursor}"))
            .await
            .expect(200);
        found.extend(page.items("article_id"));
        let Some(next) = page.json["page"]["next_cursor"].as_str() else {
            return found;
        };
        cursor = format!("&cursor={next}");
    }
}

#[actix_web::test]
async fn the_list_shows_what_is_left_to_repair() {
    let (_app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(admin.draft(&format!("Le prÃ©sident {number}"), &section).await);
        admin.draft("Le président, à « Paris »", &section).await;
    }
    assert_eq!(suspects(&admin, 100).await, ids);
    assert_eq!(suspects(&admin, 2).await, ids);
    let page = admin.request(actix_web::http::Method::GET, &format!("{SUSPECTS}?limit=1"));
    let page = page.header("accept-language", "en").send().await.expect(200);
    let first = &page.json["items"][0];
    assert_eq!(
        (
            first["article_id"].as_str(),
            first["title"].as_str(),
            first["version"].as_i64()
        ),
        (Some(ids[0].as_str()), Some("Le prÃ©sident 0"), Some(1))
    );
    assert_eq!(warnings(first)[0][..2], ["/title", "mojibake"]);
    let message = first["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("wrong encoding"), "{message}");
    // Repaired, thrown away, killed: not there any more. Live: still there.
    admin
        .edit(&ids[0], json!({"title": "Le président 0"}))
        .await
        .expect(200);
    admin.take(&ids[1], "trash", json!({})).await.expect(200);
    admin.publish(&ids[2]).await.expect(200);
    admin
        .take(&ids[3], "kill", json!({"reason": "Plainte"}))
        .await
        .expect(200);
    assert_eq!(suspects(&admin, 100).await, [ids[2].as_str(), ids[4].as_str()]);
    let entity = json!({"locale": "fr", "title": "Écrire &amp;eacute;"});
    let entity = admin.make(entity).await;
    let page = admin.get(SUSPECTS).await.expect(200);
    assert_eq!(page.json["items"][2]["article_id"], entity);
    assert_eq!(warnings(&page.json["items"][2])[0][1..3], ["html_entity", "&eacute;"]);
}

#[actix_web::test]
async fn the_list_is_of_what_one_may_read() {
    let (app, admin, sport) = newsroom().await;
    let world = admin.section("Monde", None).await;
    let in_sport = admin.draft("CAN au BÃ©nin", &sport).await;
    let in_world = admin.draft("Le prÃ©sident", &world).await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("Ma journÃ©e", &world).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    let arabic = app.user_with(vec![grant(Role::Publisher, None, Some("ar"))]);
    let all = [in_sport.as_str(), in_world.as_str(), own.as_str()];
    let cases: [(&Client, &[&str]); 5] = [
        (&admin, &all),
        (&app.user(Role::Analyst), &all),
        (&editor, &all[..1]),
        (&journalist, &all[2..]),
        (&arabic, &[]),
    ];
    for (client, expected) in cases {
        assert_eq!(suspects(client, 1).await, expected);
    }
    app.user(Role::Moderator).get(SUSPECTS).await.problem(403, "forbidden");
}

/// Rows as a release wrote them that did not look at texts.
fn unseen(app: &TestApp, titles: Vec<String>) -> Vec<String> {
    let now = app.now();
    app.db()
        .write_blocking(move |conn| {
            let mut ids = Vec::new();
            for title in &titles {
                let article = empty_article("fr", None, now);
                let content = Content {
                    title: title.clone(),
                    ..Content::empty()
                };
                store::insert(conn, &article, &content)?;
                ids.push(article.id.to_string());
            }
            diesel::update(articles::table)
                .set(articles::has_suspect_text.eq(None::<bool>))
                .execute(conn)?;
            Ok(ids)
        })
        .unwrap()
}

fn look(app: &TestApp) -> usize {
    app.db().write_blocking(look_at_next).unwrap()
}

#[actix_web::test]
async fn the_worker_looks_at_them_by_itself() {
    let app = TestApp::new().await;
    let ids = unseen(&app, vec!["Bénin".to_owned(), "BÃ©nin".to_owned()]);
    let worker = actix_web::rt::spawn(work(
        app.db().clone(),
        app.state.throttle.clone(),
        app.state.token_uses.clone(),
        RetentionDays::default(),
        ChangeRetention::default(),
    ));
    let admin = app.admin();
    let look = async { while suspects(&admin, 100).await != ids[1..] {} };
    let looked = tokio::time::timeout(std::time::Duration::from_secs(20), look).await;
    worker.abort();
    assert!(looked.is_ok());
}

#[actix_web::test]
async fn rows_of_a_release_that_did_not_look_are_looked_at_in_chunks() {
    let app = TestApp::new().await;
    let title = |number| format!("{} {number}", if number % 2 == 0 { "Bénin" } else { "BÃ©nin" });
    let ids = unseen(&app, (0..130).map(title).collect());
    let admin = app.admin();
    assert_eq!(suspects(&admin, 100).await, Vec::<String>::new());
    // What is written in the meantime is looked at then.
    admin.edit(&ids[129], json!({"title": "Bénin 129"})).await.expect(200);
    assert_eq!((look(&app), look(&app), look(&app)), (100, 29, 0));
    let odd: Vec<String> = ids
        .iter()
        .skip(1)
        .step_by(2)
        .filter(|id| **id != ids[129])
        .cloned()
        .collect();
    assert_eq!(suspects(&admin, 100).await, odd);
    let (looked_at, all): (i64, i64) = app
        .db()
        .read_blocking(|conn| {
            let looked_at = articles::table.filter(articles::has_suspect_text.is_not_null());
            Ok((
                looked_at.count().get_result(conn)?,
                articles::table.count().get_result(conn)?,
            ))
        })
        .unwrap();
    assert_eq!(looked_at, all);
}
