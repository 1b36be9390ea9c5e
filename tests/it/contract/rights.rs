//! Who may do what with which article: every role × every operation of the document on an article ×
//! one's own or another's × in the section of the grant or outside it.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::contract::{Operation, operations};
use crate::support::newsroom::{desk, section_id};
use crate::support::{Answer, Client, TestApp, grant};

/// What an operation takes, beyond being able to read the article.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Read,
    Write,
    Publish,
    Kill,
    Purge,
    Comment,
}

/// Every operation on one article; one that is missing fails the test.
const TABLE: &[(&str, Needs)] = &[
    ("getArticleForEditing", Needs::Read),
    ("listRevisions", Needs::Read),
    ("getRevision", Needs::Read),
    ("diffRevisions", Needs::Read),
    ("getLease", Needs::Read),
    ("listArticleNotes", Needs::Read),
    ("getArticleNote", Needs::Read),
    ("validateArticle", Needs::Read),
    ("updateArticle", Needs::Write),
    ("submitArticle", Needs::Write),
    ("trashArticle", Needs::Write),
    ("restoreArticle", Needs::Write),
    ("duplicateArticle", Needs::Write),
    ("translateArticle", Needs::Write),
    ("revertArticle", Needs::Write),
    ("saveAutosave", Needs::Write),
    ("getAutosave", Needs::Write),
    ("deleteAutosave", Needs::Write),
    ("takeLease", Needs::Write),
    ("releaseLease", Needs::Write),
    ("createArticleNote", Needs::Write),
    ("updateArticleNote", Needs::Write),
    ("deleteArticleNote", Needs::Write),
    ("resolveArticleNote", Needs::Write),
    ("reopenArticleNote", Needs::Write),
    ("createPreviewToken", Needs::Write),
    ("listPreviewTokens", Needs::Read),
    ("deletePreviewToken", Needs::Write),
    ("approveArticle", Needs::Publish),
    ("publishArticle", Needs::Publish),
    ("scheduleArticle", Needs::Publish),
    ("unscheduleArticle", Needs::Publish),
    ("correctArticle", Needs::Publish),
    ("unpublishArticle", Needs::Publish),
    ("retractArticle", Needs::Publish),
    ("killArticle", Needs::Kill),
    ("deleteArticle", Needs::Purge),
    // Below a live one: a draft is refused by its state.
    ("createStaffComment", Needs::Comment),
];

/// Operations on a thing that an article has, whose id the test would have to make first: whoever may
/// not touch the article is refused before that, which is tested; what comes behind has its own tests.
fn has_a_part(operation: &Operation) -> bool {
    operation.path.contains("{note_id}") || operation.path.contains("{preview")
}

fn roles(needs: Needs) -> &'static [Role] {
    match needs {
        Needs::Read => &[
            Role::Admin,
            Role::Publisher,
            Role::SectionEditor,
            Role::Journalist,
            Role::Analyst,
        ],
        Needs::Write => &[Role::Admin, Role::Publisher, Role::SectionEditor, Role::Journalist],
        Needs::Publish => &[Role::Admin, Role::Publisher, Role::SectionEditor],
        Needs::Kill => &[Role::Admin, Role::Publisher],
        Needs::Purge => &[Role::Admin],
        Needs::Comment => &[
            Role::Admin,
            Role::Publisher,
            Role::SectionEditor,
            Role::Journalist,
            Role::Moderator,
        ],
    }
}

/// What becomes of a request: refused with this status, or not refused.
fn expected(role: Role, needs: Needs, is_own: bool, is_inside: bool) -> Option<u16> {
    // Who comments reads the article where every reader does.
    let first = if needs == Needs::Comment { needs } else { Needs::Read };
    let reads = is_inside && roles(first).contains(&role) && (is_own || role != Role::Journalist);
    match (roles(needs).contains(&role), reads) {
        (false, _) => Some(403),
        (true, false) => Some(404),
        (true, true) => None,
    }
}

/// What is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Sound,
    Unsound,
}

async fn call(client: &Client, operation: &Operation, id: &str, version: i64, sent: Sent) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let part = if operation.path.contains("{revision_number}") {
        "1"
    } else {
        id
    };
    let mut asking = client.request(method, &operation.path_with(&[id, part]));
    if operation.has_header("If-Match") {
        asking = asking.if_match(version);
    }
    let body = match operation.id.as_str() {
        _ if sent == Sent::Unsound => Some(json!({"gibberish": 1})),
        "updateArticle" => Some(json!({"kicker": "Autre"})),
        "saveAutosave" => Some(json!({"base_version": version, "kicker": "Autre"})),
        "translateArticle" => Some(json!({"locale": "en"})),
        _ => None,
    };
    let sample = operation.sample_body();
    asking = match (body, sample) {
        (Some(body), _) => asking.json(body),
        (None, Some((media, sample))) => asking.bytes(media, sample),
        (None, None) => asking,
    };
    asking.send().await
}

#[actix_web::test]
async fn every_role_may_what_the_table_says_on_ones_own_and_on_others_inside_and_outside() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (sport, news) = (
        admin.section("Sport", None).await,
        admin.section("Diplomatie", None).await,
    );
    let on_articles: Vec<&Operation> = operations()
        .iter()
        .filter(|operation| operation.path.starts_with("/v1/editorial/articles/{article_id}"))
        .collect();
    for role in Role::ALL {
        let client = app.user_in(*role, &sport);
        for (is_own, is_inside) in [(true, true), (false, true), (true, false), (false, false)] {
            let make = async || {
                let id = if is_own && roles(Needs::Write).contains(role) {
                    client.draft("Titre", &sport).await
                } else {
                    admin.draft("Titre", &sport).await
                };
                if !is_inside {
                    admin.edit(&id, json!({"section_id": news})).await.expect(200);
                }
                id
            };
            let is_own = is_own && roles(Needs::Write).contains(role);
            let mut id = make().await;
            for operation in &on_articles {
                let needs = TABLE.iter().find(|(known, _)| *known == operation.id);
                let (_, needs) = needs.unwrap_or_else(|| panic!("{}: who may?", operation.id));
                let expected = expected(*role, *needs, is_own, is_inside);
                let version = admin.version_of(&desk(&id)).await;
                let answer = call(&client, operation, &id, version, Sent::Sound).await;
                let case = format!(
                    "{role} {} own={is_own} inside={is_inside}: {}",
                    operation.id, answer.text
                );
                match expected {
                    Some(status) => {
                        assert_eq!(answer.status, status, "{case}");
                        if operation.sample_body().is_some() {
                            let answer = call(&client, operation, &id, version, Sent::Unsound).await;
                            assert_eq!(answer.status, status, "with an unsound body: {case} {}", answer.text);
                        }
                    }
                    // There is no such part: not refused, but not found.
                    None if has_a_part(operation) || operation.id == "getAutosave" => {
                        assert_ne!(answer.status, 403, "{case}");
                    }
                    None => assert!(![403, 404].contains(&answer.status), "{case}"),
                }
                if answer.status < 300 && operation.method != "GET" {
                    id = make().await;
                } else {
                    assert_eq!(admin.version_of(&desk(&id)).await, version, "{case}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn nobody_moves_an_article_into_or_out_of_what_is_not_theirs() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (sport, news) = (
        admin.section("Sport", None).await,
        admin.section("Diplomatie", None).await,
    );
    let football = admin.section("Football", Some(&sport)).await;
    for role in [Role::Publisher, Role::SectionEditor, Role::Journalist] {
        let client = app.user_in(role, &sport);
        let theirs = client.draft("Le match", &sport).await;
        let foreign = admin.draft("Le sommet", &news).await;
        client.edit(&theirs, json!({"section_id": football})).await.expect(200);
        client
            .edit(&theirs, json!({"section_id": news}))
            .await
            .problem(403, "forbidden");
        let into = client.patch(&desk(&foreign), 1, json!({"section_id": sport})).await;
        into.problem(404, "not_found");
        let new = json!({"locale": "fr", "title": "Le sommet", "section_id": news});
        client
            .post("/v1/editorial/articles", new)
            .await
            .problem(403, "forbidden");
        assert_eq!(admin.get(&desk(&theirs)).await.json["section_id"], football, "{role}");
        assert_eq!(admin.get(&desk(&foreign)).await.json["section_id"], news, "{role}");
    }
}

#[actix_web::test]
async fn a_journalist_keeps_reading_what_was_theirs_and_changes_it_no_more() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = admin.section("Sport", None).await;
    let journalist = app.user_in(Role::Journalist, &section);
    let id = journalist.draft("Le match", &section).await;
    journalist.take(&id, "submit", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let seen = journalist.get(&desk(&id)).await.expect(200);
    assert_eq!(seen.json["state"], "published");
    journalist
        .edit(&id, json!({"title": "Autre"}))
        .await
        .problem(403, "forbidden");
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    journalist
        .edit(&id, json!({"title": "Autre"}))
        .await
        .problem(403, "forbidden");
    assert_eq!(admin.get(&desk(&id)).await.json["title"], Value::from("Le match"));
}

#[actix_web::test]
async fn who_may_read_an_article_and_no_more_is_refused_whatever_the_body_is() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (sport, news) = (
        admin.section("Sport", None).await,
        admin.section("Diplomatie", None).await,
    );
    let reader = app.user_with(vec![
        grant(Role::Analyst, None, None),
        grant(Role::Publisher, Some(section_id(&sport)), None),
    ]);
    let id = admin.draft("Titre", &news).await;
    let (inside, version) = (admin.draft("Titre", &sport).await, 1);
    for (name, needs) in TABLE {
        let operation = crate::support::contract::operation(name);
        // One's own slot, and a lease that nobody holds, are no part of the article.
        let is_beside = ["releaseLease", "getAutosave", "deleteAutosave"].contains(name);
        if is_beside || !matches!(needs, Needs::Write | Needs::Publish | Needs::Kill) {
            continue;
        }
        let answer = call(&reader, operation, &id, version, Sent::Sound).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.text);
        if operation.sample_body().is_none() {
            continue;
        }
        let answer = call(&reader, operation, &id, version, Sent::Unsound).await;
        assert_eq!(answer.status, 403, "with an unsound body: {name}: {}", answer.text);
        let answer = call(&reader, operation, &inside, version, Sent::Unsound).await;
        let expected = if has_a_part(operation) { 404 } else { 422 };
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
    }
}
