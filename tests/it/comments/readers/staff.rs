//! What the newsroom answers, under its badge.

use masthead::access::auth::Role;
use masthead::base::ids::ArticleId;
use serde_json::json;

use super::Forum;

#[actix_web::test]
async fn the_newsroom_answers_at_once_under_its_badge() {
    let forum = Forum::new().await;
    let (signer, other) = (
        forum.admin.contributor("Awa Bah").await,
        forum.admin.contributor("Ali").await,
    );
    let byline =
        json!({"contributors": [{"contributor_id": signer}], "comment_policy": {"mode": "closed", "max_depth": 1}});
    let question = forum.write("Combien ?", None).await.id;
    forum.admin.edit(&forum.article, byline).await.expect(200);
    forum.admin.publish(&forum.article).await.expect(200);
    let path = format!("/v1/editorial/articles/{}/comments", forum.article);
    let moderator = forum.app.user(Role::Moderator);
    for (body, name, badges) in [
        (
            json!({"body": "Douze.", "parent_id": question}),
            "Awa Kossou",
            json!(["staff"]),
        ),
        (
            json!({"body": "Treize.", "parent_id": question, "contributor_id": other}),
            "Ali",
            json!(["staff"]),
        ),
        (
            json!({"body": "**Quatorze**.", "parent_id": question, "contributor_id": signer}),
            "Awa Bah",
            json!(["staff", "author"]),
        ),
    ] {
        let made = moderator.post(&path, body).await.expect(201);
        assert_eq!(made.json["state"], "approved");
        assert_eq!(made.header("location"), format!("/v1/editorial/comments/{}", made.id()));
        let shown = forum.flat("sort=created_at").await;
        let shown = shown.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["id"] == made.id().as_str());
        let shown = shown.unwrap();
        assert_eq!((&shown["author_name"], &shown["badges"]), (&json!(name), &badges));
        forum.app.clock.advance_seconds(1);
    }
    assert_eq!(forum.count().await, 4);
    let answered = forum.threads("").await.json["items"][0]["replies"][0]["id"].clone();
    let nobodys = ArticleId::new().to_string();
    for (body, pointer, code) in [
        (json!({"body": " "}), "/body", "blank"),
        (
            json!({"body": "X", "parent_id": nobodys}),
            "/parent_id",
            "parent_not_shown",
        ),
        (json!({"body": "X", "parent_id": answered}), "/parent_id", "too_deep"),
        (
            json!({"body": "X", "contributor_id": nobodys}),
            "/contributor_id",
            "unknown_reference",
        ),
    ] {
        moderator.post(&path, body).await.invalid(&[(pointer, code)]);
    }
    let once = || moderator.once(&path, None, "cle", json!({"body": "Une fois."}));
    let (first, second) = (once().await.expect(201), once().await.expect(201));
    assert_eq!(first.id(), second.id());
    // Reports do not hide what the newsroom says.
    for _ in 0..6 {
        let reader = forum.reader().await;
        forum
            .report(&first.id(), &reader, json!({"reason": "spam"}))
            .await
            .expect(201);
    }
    assert_eq!(forum.count().await, 5);
    let draft = forum.admin.draft("Brouillon", &forum.section).await;
    let below_draft = format!("/v1/editorial/articles/{draft}/comments");
    moderator
        .post(&below_draft, json!({"body": "X"}))
        .await
        .problem(409, "invalid_state");
    let audit = forum
        .admin
        .get("/v1/editorial/audit?action=comment.create")
        .await
        .expect(200);
    assert_eq!(audit.json["items"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn a_journalist_answers_below_their_own_articles() {
    let forum = Forum::new().await;
    let journalist = forum.app.user_in(Role::Journalist, &forum.section);
    let own = journalist.draft("À moi", &forum.section).await;
    forum.admin.publish(&own).await.expect(200);
    let path = |id: &str| format!("/v1/editorial/articles/{id}/comments");
    journalist
        .post(&path(&own), json!({"body": "Merci."}))
        .await
        .expect(201);
    let refused = journalist.post(&path(&forum.article), json!({"body": "Merci."})).await;
    refused.problem(404, "not_found");
    let elsewhere = forum.admin.section("Sport", None).await;
    let moderator = forum.app.user_in(Role::Moderator, &elsewhere);
    let refused = moderator.post(&path(&own), json!({"body": "Merci."})).await;
    refused.problem(404, "not_found");
    let analyst = forum
        .app
        .user(Role::Analyst)
        .post(&path(&own), json!({"body": "X"}))
        .await;
    analyst.problem(403, "forbidden");
}
