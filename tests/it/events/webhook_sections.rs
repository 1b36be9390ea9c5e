//! Who follows a section alone: what arrives there, what leaves it, and the end of the section itself.

use serde_json::{Value, json};

use super::receiver::{Message, Receiver};
use super::webhooks::{newsroom_with_receiver, send, webhook};
use crate::editorial::schedule::scheduler;

const ENDS: [(&str, &str); 4] = [
    ("publish", "article.updated"),
    ("unpublish", "article.unpublished"),
    ("retract", "article.retracted"),
    ("kill", "article.killed"),
];

#[actix_web::test]
async fn an_article_that_leaves_a_secondary_section_is_told_there_whatever_takes_it_away() {
    let (app, admin, culture, receiver) = newsroom_with_receiver().await;
    let sport = admin.section("Sport", None).await;
    let football = admin.section("Football", Some(&sport)).await;
    let elsewhere = admin.section("Économie", None).await;
    let kinds = ENDS.map(|(_, kind)| kind);
    receiver
        .webhook_of(&admin, json!({"events": kinds, "section_id": sport}))
        .await;
    for (name, kind) in ENDS {
        let id = admin.draft(name, &culture).await;
        let both = json!({"secondary_section_ids": [football]});
        admin.edit(&id, both).await.expect(200);
        admin.publish(&id).await.expect(200);
        let away = json!({"section_id": elsewhere, "secondary_section_ids": []});
        admin.edit(&id, away).await.expect(200);
        let body = match name {
            "retract" => json!({"notice": "Retiré."}),
            "kill" => json!({"reason": "Motif"}),
            _ => json!({}),
        };
        admin.take(&id, name, body).await.expect(200);
        send(&app).await;
        let told = receiver.take();
        let said: Vec<(&str, &Value)> = told
            .iter()
            .map(|message| (message.kind(), &message.json["data"]["section_ids"]))
            .collect();
        let sections = match name {
            "publish" => json!([elsewhere]),
            _ => json!([culture, football]),
        };
        assert_eq!(said, [(kind, &sections)], "{name}");
    }
}

#[actix_web::test]
async fn what_goes_live_by_plan_is_told_with_the_sections_of_what_was_frozen() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    receiver.webhook(&admin, &["article.published"]).await;
    let elsewhere = admin.section("Ailleurs", None).await;
    let id = admin.draft("Titre", &section).await;
    let at = app.clock.now().plus_seconds(60).to_string();
    let plan = json!({"kind": "publish", "at": at});
    admin.take(&id, "schedule", plan).await.expect(200);
    admin.edit(&id, json!({"section_id": elsewhere})).await.expect(200);
    app.clock.advance_seconds(61);
    scheduler(&app).run_due().await.unwrap();
    send(&app).await;
    let told = receiver.take();
    assert_eq!(told[0].json["data"]["section_ids"], json!([section]));
}

#[actix_web::test]
async fn a_section_that_is_deleted_turns_its_webhooks_off_and_says_so() {
    let (app, admin, section, receiver) = newsroom_with_receiver().await;
    let other = Receiver::new();
    other.webhook(&admin, &["webhook.disabled"]).await;
    let sport = admin.section("Sport", None).await;
    let (id, _) = receiver
        .webhook_of(&admin, json!({"events": ["article.published"], "section_id": sport}))
        .await;
    let article = admin.published("Titre", &sport).await;
    app.clock.advance_seconds(1);
    let path = format!("/v1/editorial/sections/{sport}");
    let version = admin.version_of(&path).await;
    admin
        .delete(&format!("{path}?move_to={section}"), version)
        .await
        .expect(204);
    let shown = webhook(&admin, &id).await;
    assert_eq!(
        (&shown["is_enabled"], &shown["off_reason"]),
        (&json!(false), &json!("section_gone"))
    );
    send(&app).await;
    assert_eq!(other.told(), ["webhook.disabled"]);
    // It needs a section that is there.
    let path = format!("/v1/editorial/webhooks/{id}");
    let version = admin.version_of(&path).await;
    let on = json!({"is_enabled": true});
    admin
        .patch(&path, version, on)
        .await
        .invalid(&[("/section_id", "unknown_reference")]);
    let on = json!({"is_enabled": true, "section_id": section});
    admin.patch(&path, version, on).await.expect(200);
    send(&app).await;
    let told = receiver.take();
    let articles: Vec<&str> = told.iter().map(Message::article).collect();
    assert_eq!(articles, [article], "what happened before waited");
}
