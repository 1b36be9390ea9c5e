//! The table of actions: what is possible, for whom, in every state.

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
            if *state == ArticleState::Killed && *review != ArticleReview::NotSubmitted {
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
    assert_eq!(edited.json["review"], "not_submitted");
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
    assert_eq!(admin.edit(&id, both).await.expect(200).json["review"], "not_submitted");
    admin.take(&id, "submit", json!({})).await.expect(200);
    let embargo = json!({"embargo_until": "2027-01-01T08:00:00Z"});
    assert_eq!(
        admin.edit(&id, embargo).await.expect(200).json["review"],
        "not_submitted"
    );
}
