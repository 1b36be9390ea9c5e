//! An article's life: the table of actions, and what each action does that readers and the desk see.

mod bulk;
mod races;

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::editorial::workflow::Action;
use masthead::editorial::workflow::table::RULES;
use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::newsroom::{action, article_in_state, bilingual, bilingual_newsroom, desk, newsroom};
use crate::support::{Answer, Client, TestApp};

async fn perform(client: &Client, id: &str, what: Action) -> Answer {
    let body = match what {
        Action::Edit => return client.edit(id, json!({"kicker": "Autre"})).await,
        Action::Delete => {
            let version = client.version_of(&desk(id)).await;
            return client.delete(&desk(id), version).await;
        }
        Action::Publish => json!({"note": "Vérifié."}),
        Action::Correct => json!({"kind": "correction", "text": "Le chiffre était faux."}),
        Action::Retract => json!({"notice": "Inexact."}),
        Action::Kill => json!({"reason": "Jugement."}),
        Action::Translate => json!({"locale": "en"}),
        _ => json!({}),
    };
    client.take(id, what.as_str(), body).await
}

/// What the table lets an admin do.
fn possible(state: ArticleState, review: ArticleReview) -> Vec<&'static str> {
    RULES
        .iter()
        .filter(|rule| rule.is_possible(state, review))
        .map(|rule| rule.action.as_str())
        .collect()
}

#[actix_web::test]
async fn every_line_of_the_table_holds_in_every_state_and_review() {
    let (_app, admin, section) = bilingual_newsroom().await;
    for state in ArticleState::ALL {
        for review in ArticleReview::ALL {
            // What is killed has no working copy left to review.
            if *state == ArticleState::Killed && *review != ArticleReview::Draft {
                continue;
            }
            for rule in RULES.iter().filter(|rule| !IN_SCHEDULE.contains(&rule.action)) {
                let id = article_in_state(&admin, &section, *state, *review).await;
                let before = admin.get(&desk(&id)).await.expect(200).json;
                assert_eq!(
                    before["allowed_actions"],
                    json!(possible(*state, *review)),
                    "{state} {review}"
                );
                let answer = perform(&admin, &id, rule.action).await;
                let case = format!("{} in {state}, {review}: {}", rule.action, answer.text);
                if rule.is_possible(*state, *review) {
                    assert!((200..300).contains(&answer.status), "{case}");
                    continue;
                }
                let problem = answer.problem(409, "invalid_state");
                assert_eq!(problem.json["state"], state.as_str(), "{case}");
                assert_eq!(problem.json["review"], review.as_str(), "{case}");
                assert_eq!(problem.json["allowed_actions"], before["allowed_actions"], "{case}");
                assert_eq!(admin.get(&desk(&id)).await.json, before, "{case}");
            }
        }
    }
}

/// Actions that depend on what waits in the schedule too: tested in `schedule::actions`.
const IN_SCHEDULE: &[Action] = &[Action::Schedule, Action::Unschedule];

#[actix_web::test]
async fn what_somebody_may_not_do_is_not_among_their_actions_and_is_403() {
    let (app, admin, section) = bilingual_newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let actions = journalist.get(&desk(&own)).await.json["allowed_actions"].clone();
    assert_eq!(actions, json!(["edit", "submit", "trash", "duplicate", "translate"]));
    for what in [
        Action::Approve,
        Action::Publish,
        Action::Correct,
        Action::Unpublish,
        Action::Retract,
        Action::Kill,
    ] {
        perform(&journalist, &own, what).await.problem(403, "forbidden");
    }
    admin.publish(&own).await.expect(200);
    let actions = journalist.get(&desk(&own)).await.json["allowed_actions"].clone();
    assert_eq!(actions, json!(["duplicate", "translate"]));
    journalist
        .edit(&own, json!({"kicker": "Plus à moi"}))
        .await
        .problem(403, "forbidden");
    let editor = app.user_in(Role::SectionEditor, &section);
    let actions = editor.get(&desk(&own)).await.json["allowed_actions"].clone();
    assert!(!actions.as_array().unwrap().contains(&json!("kill")), "{actions}");
    perform(&editor, &own, Action::Kill).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn an_action_in_the_section_where_it_is_live_needs_the_right_there_too() {
    let (app, admin, sport) = bilingual_newsroom().await;
    let news = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &news);
    let id = admin.published("Le match", &sport).await;
    admin.edit(&id, json!({"section_id": news})).await.expect(200);
    // The working copy is theirs; what is live is not, and publishing would take it away from there.
    let seen = editor.get(&desk(&id)).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!(["duplicate", "translate"]));
    for what in [Action::Publish, Action::Unpublish, Action::Edit] {
        perform(&editor, &id, what).await.problem(403, "forbidden");
    }
    admin.publish(&id).await.expect(200);
    perform(&editor, &id, Action::Unpublish).await.expect(200);
}

#[actix_web::test]
async fn an_edit_takes_a_submitted_article_back_to_draft() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = article_in_state(&admin, &section, ArticleState::Draft, ArticleReview::Ready).await;
    assert_eq!(admin.get(&desk(&id)).await.json["review"], "ready");
    let edited = admin.edit(&id, json!({"title": "Autre"})).await.expect(200);
    assert_eq!(edited.json["review"], "draft");
}

#[actix_web::test]
async fn a_site_that_asks_for_approval_publishes_nothing_else() {
    let settings = Site {
        requires_approval: true,
        ..bilingual()
    };
    let app = TestApp::with_site(&settings).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let id = admin.draft("Le port", &section).await;
    admin.publish(&id).await.problem(409, "not_approved");
    admin.take(&id, "submit", json!({})).await.expect(200);
    admin.publish(&id).await.problem(409, "not_approved");
    admin.take(&id, "approve", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
    admin.edit(&id, json!({"title": "Autre"})).await.expect(200);
    let correction = json!({"kind": "update", "text": "Suite."});
    admin
        .take(&id, "correct", correction)
        .await
        .problem(409, "not_approved");
}

#[actix_web::test]
async fn an_edit_that_is_taken_back_leaves_nothing_to_publish() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    let changed = admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    assert_eq!(changed.json["has_unpublished_changes"], true);
    let back = admin.edit(&id, json!({"title": "Un"})).await.expect(200);
    assert_eq!(back.json["has_unpublished_changes"], false);
    admin.publish(&id).await.problem(409, "nothing_to_publish");
}

#[actix_web::test]
async fn who_made_it_live_is_said() {
    let (app, admin, section) = bilingual_newsroom().await;
    let publisher = app.user(Role::Publisher);
    let id = admin.draft("Le port", &section).await;
    assert_eq!(admin.get(&desk(&id)).await.json["published_by"], Value::Null);
    let live = publisher.publish(&id).await.expect(200);
    assert_eq!(live.json["published_by"], publisher.user_id.unwrap().to_string());
}

#[actix_web::test]
async fn a_correction_is_told_on_the_article_and_in_the_list_of_corrections() {
    let (app, admin, section) = bilingual_newsroom().await;
    let (guest, id) = (app.guest(), admin.published("Le port", &section).await);
    app.clock.advance_seconds(60);
    let admin = admin.renewed();
    admin
        .edit(&id, json!({"title": "Le port de Cotonou"}))
        .await
        .expect(200);
    let notice = json!({"kind": "correction", "text": "Le titre ne disait pas où."});
    let corrected = admin.take(&id, "correct", notice).await.expect(200);
    assert_eq!(corrected.json["corrected_at"], "2026-11-23T08:01:00.000Z");
    assert_eq!(corrected.json["corrections"][0]["kind"], "correction");
    app.clock.advance_seconds(60);
    // The notice alone is enough.
    let note = json!({"kind": "editors_note", "text": "Article relu."});
    admin.take(&id, "correct", note).await.expect(200);
    let public = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json;
    assert_eq!(public["title"], "Le port de Cotonou");
    assert_eq!(public["corrected_at"], "2026-11-23T08:02:00.000Z");
    assert_eq!(public["published_at"], "2026-11-23T08:00:00.000Z");
    let texts = |list: &Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|item| item["text"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["Le titre ne disait pas où.", "Article relu."];
    assert_eq!(texts(&public["corrections"]), expected);
    let own = guest
        .get(&format!("/v1/articles/{id}/corrections?limit=1"))
        .await
        .expect(200);
    assert_eq!(texts(&own.json["items"]), [expected[0]]);
    let walked = guest.walk(&format!("/v1/articles/{id}/corrections"), 1).await;
    assert_eq!(walked.len(), 2);
    let all = guest.get("/v1/corrections").await.expect(200);
    assert_eq!(texts(&all.json["items"]), [expected[1], expected[0]]);
    assert_eq!(all.json["items"][0]["article"]["title"], "Le port de Cotonou");
    assert_eq!(guest.walk("/v1/corrections", 1).await.len(), 2);
    // They go with the article, and come back with it.
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(guest.get("/v1/corrections").await.json["items"], json!([]));
    guest
        .get(&format!("/v1/articles/{id}/corrections"))
        .await
        .problem(404, "not_found");
    admin.publish(&id).await.expect(200);
    assert_eq!(guest.get("/v1/corrections").await.items("id").len(), 2);
}

#[actix_web::test]
async fn what_a_notice_lacks_is_said() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    let table = [
        ("correct", json!({}), vec![("/kind", "required"), ("/text", "required")]),
        (
            "correct",
            json!({"kind": "retraction", "text": "X"}),
            vec![("/kind", "invalid_value")],
        ),
        (
            "correct",
            json!({"kind": "update", "text": " "}),
            vec![("/text", "blank")],
        ),
        (
            "correct",
            json!({"kind": "update", "text": "x".repeat(1001)}),
            vec![("/text", "too_long")],
        ),
        ("retract", json!({}), vec![("/notice", "required")]),
        ("kill", json!({"notice": "Retiré."}), vec![("/reason", "required")]),
        (
            "translate",
            json!({"locale": "de"}),
            vec![("/locale", "invalid_format")],
        ),
    ];
    for (name, body, expected) in table {
        admin.take(&id, name, body).await.invalid(&expected);
    }
    assert_eq!(admin.get(&desk(&id)).await.json["state"], "published");
}

#[actix_web::test]
async fn a_retracted_article_keeps_its_page_with_a_notice_and_is_in_no_list() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let id = admin.published("La rumeur", &section).await;
    let other = admin.published("Le port", &section).await;
    admin.edit(&id, json!({"title": "Pas encore public"})).await.expect(200);
    let retracted = admin
        .take(&id, "retract", json!({"notice": "Nous nous sommes trompés."}))
        .await
        .expect(200);
    assert_eq!(retracted.json["state"], "retracted");
    let page = guest
        .get("/v1/articles/by-path?path=/news/la-rumeur")
        .await
        .expect(200)
        .json;
    assert_eq!(page["retraction"]["notice"], "Nous nous sommes trompés.");
    assert_eq!(page["title"], "La rumeur", "a retraction publishes no change");
    assert_eq!(app.listed("").await, [other.as_str()]);
    assert_eq!(app.listed("section=/news").await, [other]);
    assert_eq!(
        guest.get("/v1/corrections").await.json["items"][0]["kind"],
        "retraction"
    );
    // Only a publish with a note ends it.
    admin
        .take(&id, "publish", json!({}))
        .await
        .invalid(&[("/note", "missing")]);
    admin
        .take(&id, "publish", json!({"note": "Confirmé depuis."}))
        .await
        .expect(200);
    let page = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json;
    assert_eq!(page["retraction"], Value::Null);
    let kinds: Vec<&str> = page["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["retraction", "editors_note"]);
    assert_eq!(app.listed("").await.len(), 2);
}

#[actix_web::test]
async fn a_translation_is_linked_and_has_a_life_of_its_own() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let french = admin.published("Le port", &section).await;
    let made = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201);
    let english = made.id();
    assert_eq!(made.header("location"), desk(&english));
    assert_eq!(
        (&made.json["locale"], &made.json["state"]),
        (&json!("en"), &json!("draft"))
    );
    assert_eq!(
        guest.get(&format!("/v1/articles/{french}")).await.json["alternates"],
        json!([])
    );
    let again = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .problem(409, "translation_exists");
    assert_eq!(again.json["article_id"], english);
    admin
        .take(&english, "translate", json!({"locale": "fr"}))
        .await
        .problem(409, "translation_exists");
    admin.edit(&english, json!({"title": "The port"})).await.expect(200);
    admin.publish(&english).await.expect(200);
    let page = guest.get(&format!("/v1/articles/{french}")).await.expect(200).json;
    let expected = json!([{"id": english, "locale": "en", "path": "/en/news/the-port",
        "url": "https://www.lefanal.test/en/news/the-port"}]);
    assert_eq!(page["alternates"], expected);
    assert_eq!(page["path"], "/news/le-port");
    admin.take(&french, "unpublish", json!({})).await.expect(200);
    let page = guest
        .get("/v1/articles/by-path?path=/en/news/the-port")
        .await
        .expect(200)
        .json;
    assert_eq!(page["alternates"], json!([]));
    // One that is thrown away makes room; it cannot come back while another is there.
    admin.take(&english, "unpublish", json!({})).await.expect(200);
    admin.take(&english, "trash", json!({})).await.expect(200);
    admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201);
    admin
        .take(&english, "restore", json!({}))
        .await
        .problem(409, "translation_exists");
    assert_eq!(admin.get(&desk(&english)).await.json["state"], "trashed");
}

#[actix_web::test]
async fn two_translations_at_once_make_one_article() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    let tries = (0..6).map(|_| {
        let (admin, path) = (admin.clone(), action(&id, "translate"));
        async move { admin.act(&path, 1, json!({"locale": "en"})).await.status }
    });
    let mut statuses = crate::support::requests::together(tries.collect()).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    drop(app);
}

#[actix_web::test]
async fn a_duplicate_is_the_actors_own_draft_without_ties() {
    let (app, admin, section) = bilingual_newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("Le port", &section).await;
    let raw = json!({"type": "raw_html", "html": "<p>Brut</p>"});
    admin
        .edit(&own, json!({"slug": "port", "blocks": [raw]}))
        .await
        .expect(200);
    admin.publish(&own).await.expect(200);
    let copy = journalist.take(&own, "duplicate", json!({})).await.expect(201).json;
    assert_eq!(copy["created_by"], journalist.user_id.unwrap().to_string());
    assert_eq!(
        (&copy["title"], &copy["slug"], &copy["state"]),
        (&json!("Le port"), &Value::Null, &json!("draft"))
    );
    assert_eq!(
        copy["blocks"][0]["type"], "raw_html",
        "what stood there may be taken over unchanged"
    );
    assert_ne!(
        copy["translation_key"],
        journalist.get(&desk(&own)).await.json["translation_key"]
    );
    let first = journalist
        .once(&action(&own, "duplicate"), Some(2), "copie", json!({}))
        .await
        .expect(201);
    let second = journalist
        .once(&action(&own, "duplicate"), Some(2), "copie", json!({}))
        .await
        .expect(201);
    assert_eq!(first.id(), second.id());
}

#[actix_web::test]
async fn a_killed_article_answers_410_with_its_tombstone() {
    let (app, admin, section) = bilingual_newsroom().await;
    let guest = app.guest();
    let id = admin.published("Le secret", &section).await;
    admin.edit(&id, json!({"slug": "autre-adresse"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let body = json!({"reason": "Jugement du 3 mars.", "notice": "Retiré par décision de justice."});
    let killed = admin.take(&id, "kill", body).await.expect(200).json;
    assert_eq!(
        (&killed["state"], &killed["title"], &killed["blocks"]),
        (&json!("killed"), &json!(""), &json!([]))
    );
    assert_eq!(killed["allowed_actions"], json!([]));
    assert_eq!(killed["tombstone"]["reason"], "Jugement du 3 mars.");
    for url in [
        format!("/v1/articles/{id}"),
        format!("/v1/articles/{id}/comments"),
        format!("/v1/articles/{id}/corrections"),
        "/v1/articles/by-path?path=/news/le-secret".to_owned(),
        "/v1/articles/by-path?path=/news/autre-adresse".to_owned(),
    ] {
        let gone = guest.get(&url).await.problem(410, "gone");
        assert_eq!(gone.json["notice"], "Retiré par décision de justice.", "{url}");
        assert_eq!(gone.json["killed_at"], "2026-11-23T08:00:00.000Z", "{url}");
        assert_eq!(gone.header("cache-control"), "no-cache");
        assert!(!gone.text.contains("Jugement"), "{url}");
    }
    let resolved = guest.get("/v1/resolve?path=/news/le-secret").await.expect(200).json;
    assert_eq!((&resolved["kind"], &resolved["status"]), (&json!("gone"), &json!(410)));
    guest
        .post(
            &format!("/v1/articles/{id}/comments"),
            json!({"author_name": "A", "body": "B"}),
        )
        .await
        .problem(410, "gone");
    assert!(app.listed("").await.is_empty());
}

#[actix_web::test]
async fn a_killed_draft_was_never_public_and_stays_unknown() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.draft("Jamais paru", &section).await;
    admin
        .take(&id, "kill", json!({"reason": "Plainte.", "notice": "Retiré."}))
        .await
        .expect(200);
    app.guest()
        .get(&format!("/v1/articles/{id}"))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn a_repetition_of_an_action_answers_as_the_first_one_did() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Le port", &section).await;
    let body = json!({"notice": "Inexact."});
    for _ in 0..2 {
        let answer = admin
            .once(&action(&id, "retract"), Some(1), "retrait", body.clone())
            .await
            .expect(200);
        assert_eq!(answer.json["corrections"].as_array().unwrap().len(), 1);
    }
    admin
        .request(Method::POST, &action(&id, "kill"))
        .json(json!({"reason": "X"}))
        .send()
        .await
        .problem(428, "precondition_required");
}

#[actix_web::test]
async fn another_assignee_alone_leaves_the_review_as_it_is() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let reader = admin.user_id.unwrap().to_string();
    let mut assignee = json!(reader);
    for (action, review) in [("submit", "in_review"), ("approve", "ready")] {
        let handed_in = admin.take(&id, action, json!({})).await.expect(200).json;
        let change = json!({"assignee_id": assignee});
        let assigned = admin.edit(&id, change).await.expect(200).json;
        assert_eq!(
            (&assigned["review"], &assigned["assignee_id"]),
            (&json!(review), &assignee)
        );
        // It is an edit all the same: whoever read the version before is told.
        let version = handed_in["version"].as_i64().unwrap();
        assert_eq!(assigned["version"], version + 1);
        let late = admin.patch(&desk(&id), version, json!({"kicker": "Port"})).await;
        late.problem(412, "stale_version");
        assignee = Value::Null;
    }
    let both = json!({"assignee_id": reader, "kicker": "Port"});
    assert_eq!(admin.edit(&id, both).await.expect(200).json["review"], "draft");
    admin.take(&id, "submit", json!({})).await.expect(200);
    let embargo = json!({"embargo_until": "2027-01-01T08:00:00Z"});
    assert_eq!(admin.edit(&id, embargo).await.expect(200).json["review"], "draft");
}
