//! What a validation says is what the publish then does, and what an editor should know before.

use masthead::access::auth::Role;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::newsroom::{article_in_state, desk, newsroom};
use crate::support::requests::query;
use crate::support::{Answer, Client, TestApp};

/// What the desk is told of an article.
async fn validate(client: &Client, id: &str) -> Value {
    client.get(&format!("{}/validate", desk(id))).await.expect(200).json
}

/// The pointers and codes of findings, in order.
fn found(findings: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap().to_owned();
    let findings = findings.as_array().unwrap().iter();
    findings
        .map(|finding| (text(finding, "pointer"), text(finding, "code")))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned()));
    owned.collect()
}

/// Publishes and holds the answer against what the validation said just before.
async fn publish_as_validated(client: &Client, id: &str, case: &str) -> (Value, Answer) {
    let said = validate(client, id).await;
    let answer = client.publish(id).await;
    assert_eq!(
        said["is_publishable"],
        answer.status == 200,
        "{case}: {said} {}",
        answer.text
    );
    let errors = found(&said["errors"]);
    assert_eq!(errors.is_empty(), answer.status == 200, "{case}: {said}");
    if answer.status == 422 {
        for error in found(&answer.json["errors"]) {
            assert!(errors.contains(&error), "{case}: {error:?} in {errors:?}");
        }
    } else if answer.status != 200 {
        assert_eq!(errors[0].1, answer.json["code"], "{case}");
    }
    (said, answer)
}

#[actix_web::test]
async fn an_article_is_publishable_exactly_when_it_can_be_published() {
    let (_app, admin, section) = newsroom().await;
    let other = admin.section("Sport", None).await;
    let taken = admin.make(json!({"locale": "fr", "title": "Pris", "slug": "pris", "section_id": section}));
    admin.publish(&taken.await).await.expect(200);
    let sound = || json!({"locale": "fr", "title": "Le port", "section_id": section});
    let cases: &[(Value, &[(&str, &str)])] = &[
        (json!({}), &[]),
        (json!({"title": null}), &[("/title", "missing")]),
        (
            json!({"title": null, "section_id": null}),
            &[("/title", "missing"), ("/section_id", "missing")],
        ),
        (
            json!({"title": null, "embargo_until": "2027-01-01T08:00:00Z"}),
            &[("/embargo_until", "embargoed"), ("/title", "missing")],
        ),
        (json!({"embargo_until": "2026-11-23T08:00:00Z"}), &[]),
        (json!({"slug": "libre"}), &[]),
        (json!({"title": "Pris"}), &[]),
        (json!({"slug": "pris", "section_id": other}), &[]),
    ];
    for (change, expected) in cases {
        let id = admin.make(sound()).await;
        admin.edit(&id, change.clone()).await.expect(200);
        let (said, _) = publish_as_validated(&admin, &id, &change.to_string()).await;
        assert_eq!(found(&said["errors"]), pairs(expected), "{change}");
    }
    for state in ArticleState::ALL {
        let id = article_in_state(&admin, &section, *state, ArticleReview::NotSubmitted).await;
        let (said, _) = publish_as_validated(&admin, &id, state.as_str()).await;
        let expected: &[(&str, &str)] = match state {
            ArticleState::Trashed | ArticleState::Killed => &[("/state", "invalid_state")],
            ArticleState::Retracted => &[("/note", "missing")],
            _ => &[],
        };
        assert_eq!(found(&said["errors"]), pairs(expected), "{state}");
        if *state == ArticleState::Draft {
            let (said, _) = publish_as_validated(&admin, &id, "again").await;
            let nothing = pairs(&[("/has_unpublished_changes", "nothing_to_publish")]);
            assert_eq!(found(&said["errors"]), nothing);
        }
    }
}

#[actix_web::test]
async fn a_slug_that_was_taken_meanwhile_is_told_and_refused() {
    let (_app, admin, section) = newsroom().await;
    let body = json!({"locale": "fr", "title": "Le port", "slug": "port", "section_id": section});
    let (first, second) = (admin.make(body.clone()).await, admin.make(body).await);
    assert_eq!(validate(&admin, &second).await["is_publishable"], true);
    admin.publish(&first).await.expect(200);
    let (said, answer) = publish_as_validated(&admin, &second, "taken").await;
    answer.problem(422, "slug_taken");
    assert_eq!(found(&said["errors"]), pairs(&[("/slug", "slug_taken")]));
    // A live article keeps its path, also where its section has another by now.
    let path = format!("/v1/editorial/sections/{section}");
    let version = admin.version_of(&path).await;
    admin
        .patch(&path, version, json!({"slug": "nouvelles"}))
        .await
        .expect(200);
    admin.edit(&first, json!({"kicker": "Mer"})).await.expect(200);
    publish_as_validated(&admin, &first, "kept").await.1.expect(200);
}

#[actix_web::test]
async fn approval_is_told_where_the_site_asks_for_it() {
    let site = Site {
        requires_approval: true,
        ..Site::default()
    };
    let app = TestApp::with_site(&site).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let id = admin.draft("Le port", &section).await;
    let (said, answer) = publish_as_validated(&admin, &id, "draft").await;
    answer.problem(409, "not_approved");
    assert_eq!(found(&said["errors"]), pairs(&[("/review", "not_approved")]));
    for action in ["submit", "approve"] {
        admin.take(&id, action, json!({})).await.expect(200);
    }
    publish_as_validated(&admin, &id, "ready").await.1.expect(200);
}

#[actix_web::test]
async fn warnings_point_at_what_an_editor_should_look_at() {
    let (_app, admin, section) = newsroom().await;
    let (live, draft) = (
        admin.published("En ligne", &section).await,
        admin.draft("Pas encore", &section).await,
    );
    let retracted = admin.published("Retiré", &section).await;
    admin
        .take(&retracted, "retract", json!({"notice": "Inexact."}))
        .await
        .expect(200);
    let silent = json!({"url": "https://images.example/a.jpg"});
    let told = json!({"url": "https://images.example/b.jpg", "alt": "Le quai"});
    let id = admin
        .make(
            json!({"locale": "fr", "title": "Le prÃ©sident", "section_id": section, "image": silent,
                "standfirst": "Deux jours.", "blocks": [
                {"type": "image", "image": silent}, {"type": "image", "image": told},
                {"type": "gallery", "images": [told, silent]},
                {"type": "video", "url": "https://videos.example/a.mp4", "poster": silent},
                {"type": "video", "url": "https://videos.example/b.mp4"},
                {"type": "interlink", "article_id": live}, {"type": "interlink", "article_id": draft},
                {"type": "interlink", "article_id": retracted}, {"type": "interlink", "article_id": draft},
            ]}),
        )
        .await;
    let before = admin.get(&desk(&id)).await.expect(200).json;
    let said = validate(&admin, &id).await;
    assert_eq!(said["is_publishable"], true);
    assert_eq!(said["version"], before["version"]);
    let expected = pairs(&[
        ("/tag_ids", "empty"),
        ("/contributors", "empty"),
        ("/blocks/6/article_id", "dead_interlink"),
        ("/blocks/7/article_id", "dead_interlink"),
        ("/blocks/8/article_id", "dead_interlink"),
        ("/image/alt", "alt_missing"),
        ("/blocks/0/image/alt", "alt_missing"),
        ("/blocks/2/images/1/alt", "alt_missing"),
        ("/blocks/3/poster/alt", "alt_missing"),
        ("/title", "mojibake"),
    ]);
    assert_eq!(found(&said["warnings"]), expected);
    assert_eq!(admin.get(&desk(&id)).await.json, before);
    let speaks = async |language: &str| {
        let asked = admin.request(actix_web::http::Method::GET, &format!("{}/validate", desk(&id)));
        let answer = asked.header("accept-language", language).send().await.expect(200);
        answer.json["warnings"][2]["message"].as_str().unwrap().to_owned()
    };
    assert!(speaks("fr").await.contains("n’est pas en ligne"));
    assert!(speaks("en").await.contains("is not live"));
    let bare = admin.make(json!({"locale": "fr"})).await;
    let empty = ["/standfirst", "/image", "/tag_ids", "/contributors", "/blocks"].map(|pointer| (pointer, "empty"));
    assert_eq!(found(&validate(&admin, &bare).await["warnings"]), pairs(&empty));
}

#[actix_web::test]
async fn who_may_read_an_article_may_validate_it_and_nobody_else() {
    let (app, admin, section) = newsroom().await;
    let other = admin.section("Sport", None).await;
    let id = admin.draft("Le port", &section).await;
    validate(&app.user_in(Role::SectionEditor, &section), &id).await;
    validate(&app.user(Role::Analyst), &id).await;
    let path = format!("{}/validate", desk(&id));
    for stranger in [app.user_in(Role::SectionEditor, &other), app.user(Role::Journalist)] {
        stranger.get(&path).await.problem(404, "not_found");
    }
    app.user(Role::Moderator).get(&path).await.problem(403, "forbidden");
    let asked = format!("{path}?{}", query(&[("strict", "1")]));
    admin.get(&asked).await.problem(400, "unknown_parameter");
}
