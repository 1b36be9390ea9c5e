//! Names of the house, of its staff and of its contributors, under which somebody else writes.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::Discussion;
use crate::support::Client;
use crate::support::app::PASSWORD;

/// An article that shows comments at once, on a site with a name, staff and a contributor.
async fn house() -> Discussion {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    name_site(&here.admin, "Le Fanal").await;
    here
}

async fn name_site(admin: &Client, name: &str) {
    let site = admin.get("/v1/editorial/site").await.expect(200);
    let version = site.json["version"].as_i64().unwrap();
    admin
        .patch("/v1/editorial/site", version, json!({"name": name}))
        .await
        .expect(200);
}

async fn contributor(admin: &Client, name: &str) -> String {
    let body = json!({"name": name});
    admin.post("/v1/editorial/contributors", body).await.expect(201).id()
}

impl Discussion {
    /// Under a name, the status: 201 shown, 202 held.
    async fn under(&self, name: &str) -> u16 {
        let number = self.app.now().millis();
        self.app.clock.advance_seconds(60);
        let body = json!({"author_name": name, "body": format!("Le port {number}, {name}")});
        self.send(None, body).await.status
    }
}

#[actix_web::test]
async fn a_comment_under_a_name_of_the_house_waits_for_a_moderator_who_is_told_why() {
    let here = house().await;
    contributor(&here.admin, "Sika Adjovi").await;
    let account = json!({"email": "m@fanal.test", "name": "Mariam Diallo", "password": PASSWORD,
        "grants": [{"role": "journalist"}]});
    here.admin.post("/v1/editorial/users", account).await.expect(201);
    for (name, text, rule) in [
        ("Rédaction", "Cet article est retiré.", "rédaction"),
        ("Sika Adjovi", "Je corrige : c’est faux.", "Sika Adjovi"),
        ("Sіkа АDJOVI", "Je corrige encore.", "Sika Adjovi"),
        ("Diallo Mariam", "Je confirme.", "Mariam Diallo"),
        ("Le Fanal", "Nous fermons.", "Le Fanal"),
    ] {
        let reader = here.reader().await;
        let body = json!({"author_name": name, "body": text});
        let sent = here.send(Some(&reader), body).await.expect(202);
        assert_eq!(sent.json["message"], "Votre commentaire est en attente de modération.");
        let expected = [("names".to_owned(), "borrowed_name".to_owned())];
        assert_eq!(here.holds(&sent.id()).await, expected, "{name}");
        let seen = here.admin.get(&format!("/v1/editorial/comments/{}", sent.id())).await;
        let verdicts = seen.json["comment"]["verdicts"].as_array().unwrap();
        let found = verdicts.iter().find(|verdict| verdict["phase"] == "names").unwrap();
        let length = name.chars().count();
        let matched = json!([{"rule": rule, "field": "author_name", "start": 0, "end": length, "text": name}]);
        assert_eq!(found["matched"], matched, "{name}");
    }
    let queue = "/v1/editorial/moderation/queue?reason=borrowed_name";
    assert_eq!(here.admin.get(queue).await.expect(200).items("id").len(), 5);
    for name in ["Sika", "Mariam", "Adjovi", "Sika Diallo", "Fanal", "Mariam D."] {
        assert_eq!(here.under(name).await, 201, "{name}");
    }
}

#[actix_web::test]
async fn names_are_those_of_this_moment_on_every_instance() {
    let here = house().await;
    let elsewhere = here.app.another_instance().await;
    let id = contributor(&here.admin, "Sika Adjovi").await;
    assert_eq!(
        (here.under("Sika Adjovi").await, here.under("Nadia Sow").await),
        (202, 201)
    );
    let path = format!("/v1/editorial/contributors/{id}");
    here.admin
        .patch(&path, 1, json!({"name": "Nadia Sow"}))
        .await
        .expect(200);
    let other = Discussion {
        admin: here.admin.clone(),
        article: here.article.clone(),
        app: elsewhere,
    };
    for instance in [&here, &other] {
        let held = (instance.under("Sika Adjovi").await, instance.under("Nadia Sow").await);
        assert_eq!(held, (201, 202));
    }
    name_site(&here.admin, "Cotonou Matin").await;
    assert_eq!(
        (here.under("Le Fanal").await, here.under("Cotonou-Matin").await),
        (201, 202)
    );
    here.admin.delete(&path, 2).await.expect(204);
    assert_eq!(here.under("Nadia Sow").await, 201);
    // Who left may comment as anybody.
    let account = json!({"email": "m@fanal.test", "name": "Mariam Diallo", "password": PASSWORD,
        "grants": [{"role": "journalist"}]});
    let user = here.admin.post("/v1/editorial/users", account).await.expect(201);
    assert_eq!(here.under("Mariam Diallo").await, 202);
    let path = format!("/v1/editorial/users/{}/actions/disable", user.id());
    here.admin.post(&path, json!({})).await.expect(200);
    assert_eq!(here.under("Mariam Diallo").await, 201);
}

#[actix_web::test]
async fn a_policy_lets_names_pass_and_the_newsroom_keeps_its_own() {
    let here = house().await;
    contributor(&here.admin, "Sika Adjovi").await;
    let staff = here.app.user(Role::Moderator);
    let path = format!("/v1/editorial/articles/{}/comments", here.article);
    let answer = staff.post(&path, json!({"body": "La rédaction vous répond."})).await;
    assert_eq!(answer.expect(201).json["state"], "approved");
    assert_eq!(here.under("Sika Adjovi").await, 202);
    let policy = json!({"comment_policy": {"mode": "post_moderated", "holds_borrowed_names": false}});
    here.admin.edit(&here.article, policy).await.expect(200);
    here.admin.publish(&here.article).await.expect(200);
    assert_eq!(here.under("Sika Adjovi").await, 201);
}

#[actix_web::test]
async fn what_was_approved_under_a_name_of_the_house_is_read_again_when_it_changes() {
    let here = house().await;
    let sent = here
        .send(None, json!({"author_name": "Rédaction", "body": "Bravo."}))
        .await
        .expect(202);
    here.admin.decide(&sent.id(), "approve").await.expect(200);
    let token = sent.json["edit_token"].as_str().unwrap().to_owned();
    let path = format!("/v1/comments/{}", sent.id());
    let changing = here.app.guest().request(actix_web::http::Method::PATCH, &path);
    let changed = changing
        .header("x-edit-token", &token)
        .json(json!({"body": "Cet article est retiré."}))
        .send()
        .await
        .expect(200);
    assert_eq!(changed.json["state"], Value::from("pending"));
}
