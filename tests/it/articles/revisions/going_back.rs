//! Going back to what an article was.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::json;

use super::{listed, members, revision};
use crate::support::newsroom::{desk, newsroom};

#[actix_web::test]
async fn going_back_is_a_new_version_that_readers_do_not_see() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let reverted = admin.revert(&id, 1, json!({})).await.expect(200);
    assert_eq!(reverted.header("etag"), "\"v3\"");
    assert_eq!(
        members(
            &[reverted.json],
            &[
                "title",
                "review",
                "has_unpublished_changes",
                "state",
                "live_revision_number"
            ]
        ),
        [json!(["Un", "not_submitted", true, "published", 4])]
    );
    assert_eq!(
        app.guest().get(&format!("/v1/articles/{id}")).await.json["title"],
        "Deux"
    );
    assert_eq!(
        listed(&admin, &id, &["revision_number", "kind", "reverted_to", "version"]).await[0],
        json!([5, "save", 1, 3])
    );
    // Forward again: what is live is what it is now.
    let forth = admin.revert(&id, 4, json!({})).await.expect(200);
    assert_eq!(
        (&forth.json["title"], &forth.json["has_unpublished_changes"]),
        (&json!("Deux"), &json!(false))
    );
    // Nothing to go back to: nothing happens.
    let same = admin.revert(&id, 4, json!({})).await.expect(200);
    assert_eq!(
        (&same.json["version"], listed(&admin, &id, &[]).await.len()),
        (&json!(4), 6)
    );
}

#[actix_web::test]
async fn going_back_needs_what_an_edit_needs() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let id = admin.draft("Un", &section).await;
    let raw = json!({"blocks": [{"type": "raw_html", "id": "r", "html": "<b>x</b>"}]});
    admin.edit(&id, raw).await.expect(200);
    admin.edit(&id, json!({"blocks": []})).await.expect(200);
    let editor = app.user(Role::SectionEditor);
    editor.revert(&id, 2, json!({})).await.problem(403, "forbidden");
    editor.revert(&id, 1, json!({})).await.expect(200);
    // Out of another's section, and into it.
    admin.edit(&id, json!({"section_id": sport})).await.expect(200);
    let of_sport = app.user_in(Role::SectionEditor, &sport);
    of_sport.revert(&id, 1, json!({})).await.problem(403, "forbidden");
    let of_news = app.user_in(Role::SectionEditor, &section);
    let path = format!("{}/revert", revision(&id, 1));
    of_news.act(&path, 5, json!({})).await.problem(404, "not_found");
    for (role, status) in [(Role::Analyst, 403), (Role::Moderator, 403), (Role::Journalist, 404)] {
        let answer = app.user(role).act(&path, 5, json!({})).await;
        assert_eq!(answer.status, status, "{role:?}");
    }
    admin
        .request(Method::POST, &path)
        .json(json!({}))
        .send()
        .await
        .problem(428, "precondition_required");
    let stale = admin.act(&path, 4, json!({})).await.problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["section_id"]));
    assert_eq!(
        stale.json["change_summary"]["users"][0]["user_id"],
        admin.user_id.unwrap().to_string()
    );
    admin
        .act(&format!("{}/revert", revision(&id, 99)), 5, json!({}))
        .await
        .problem(404, "not_found");
    admin.take(&id, "trash", json!({})).await.expect(200);
    admin.act(&path, 5, json!({})).await.problem(409, "invalid_state");
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 5);
}

#[actix_web::test]
async fn what_is_gone_is_named_or_left_out() {
    let (_app, admin, section) = newsroom().await;
    let (tag, kept) = (admin.tag("Mali").await, admin.tag("Bénin").await);
    let person = admin.contributor("Awa").await;
    let doomed = admin.section("Passage", None).await;
    let body = json!({"locale": "fr", "title": "Un", "section_id": section, "secondary_section_ids": [doomed],
        "tag_ids": [tag, kept], "contributors": [{"contributor_id": person}], "slug": "pris"});
    let id = admin.make(body).await;
    let emptied = json!({"tag_ids": null, "contributors": null, "secondary_section_ids": null, "slug": null});
    admin.edit(&id, emptied).await.expect(200);
    for path in [
        format!("tags/{tag}"),
        format!("contributors/{person}"),
        format!("sections/{doomed}"),
    ] {
        let path = format!("/v1/editorial/{path}");
        let version = admin.version_of(&path).await;
        admin.delete(&path, version).await.expect(204);
    }
    admin.revert(&id, 1, json!({})).await.invalid(&[
        ("/secondary_section_ids/0", "unknown_reference"),
        ("/tag_ids/0", "unknown_reference"),
        ("/contributors/0/contributor_id", "unknown_reference"),
    ]);
    let other = admin
        .make(json!({"locale": "fr", "title": "Autre", "section_id": section, "slug": "pris"}))
        .await;
    admin.publish(&other).await.expect(200);
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 2);
    let reverted = admin
        .revert(&id, 1, json!({"drop_unusable": true}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        members(
            &[reverted],
            &[
                "tag_ids",
                "contributors",
                "secondary_section_ids",
                "slug",
                "section_id",
                "version"
            ]
        ),
        [json!([[kept], [], [], null, section, 3])]
    );
    // Only the slug is in the way.
    let mine = admin
        .make(json!({"locale": "fr", "title": "Un", "section_id": section, "slug": "libre"}))
        .await;
    admin.edit(&mine, json!({"slug": null})).await.expect(200);
    let taker = admin
        .make(json!({"locale": "fr", "title": "Autre", "section_id": section, "slug": "libre"}))
        .await;
    admin.publish(&taker).await.expect(200);
    admin.revert(&mine, 1, json!({})).await.problem(422, "slug_taken");
}

#[actix_web::test]
async fn going_back_twice_with_one_key_goes_back_once() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    let path = format!("{}/revert", revision(&id, 1));
    for _ in 0..2 {
        let answer = admin.once(&path, Some(2), "key", json!({})).await.expect(200);
        assert_eq!((answer.header("etag"), &answer.json["title"]), ("\"v3\"", &json!("Un")));
    }
    assert_eq!(listed(&admin, &id, &[]).await.len(), 3);
}
