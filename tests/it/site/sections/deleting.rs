//! Deletions, and where what stood in a section goes.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::json;

use super::{Tree, leads, lists, lists_are_sound, path};
use crate::support::{Answer, Client, TestApp};

async fn delete(client: &Client, id: &str, to: Option<&str>) -> Answer {
    let version = client.version_of(&path(id)).await;
    let query = to.map(|to| format!("?move_to={to}")).unwrap_or_default();
    client
        .request(Method::DELETE, &format!("{}{query}", path(id)))
        .if_match(version)
        .send()
        .await
}

#[actix_web::test]
async fn a_section_with_content_is_deleted_only_into_another() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    let refused = delete(admin, &ids["Bénin"], None)
        .await
        .problem(409, "section_not_empty");
    assert_eq!(refused.json["children_count"], 1);
    assert_eq!(refused.json["article_count"], 2, "one primary, one secondary");
    let draft = admin.draft("Brouillon", &ids["Culture"]).await;
    let refused = delete(admin, &ids["Culture"], None)
        .await
        .problem(409, "section_not_empty");
    assert_eq!(
        (&refused.json["children_count"], &refused.json["article_count"]),
        (&json!(0), &json!(2))
    );
    let nothing = masthead::base::ids::SectionId::new().to_string();
    for bad in [ids["Bénin"].as_str(), ids["Cotonou"].as_str(), nothing.as_str(), "x"] {
        delete(admin, &ids["Bénin"], Some(bad))
            .await
            .problem(400, "invalid_parameter");
    }
    lists_are_sound(&app).await;
    delete(admin, &ids["Bénin"], Some(&ids["Sport"])).await.expect(204);
    lists_are_sound(&app).await;
    admin.get(&path(&ids["Bénin"])).await.problem(404, "not_found");
    leads(&app.resolve("/news/afrique/benin").await, "redirect", "/sport");
    leads(
        &app.resolve("/news/afrique/benin/cotonou").await,
        "redirect",
        "/sport/cotonou",
    );
    let live = app
        .guest()
        .get(&format!("/v1/articles/{}", tree.articles["Trois"]))
        .await
        .expect(200);
    assert_eq!(live.json["section"]["id"], json!(ids["Sport"]));
    assert_eq!(live.json["path"], "/news/afrique/benin/trois", "its path stays");
    let desk = format!("/v1/editorial/articles/{}", tree.articles["Trois"]);
    assert_eq!(
        admin.get(&desk).await.expect(200).json["section_id"],
        json!(ids["Sport"])
    );
    let lists_now = lists(&app).await;
    let news = &lists_now[&ids["News"]].0;
    let expected: BTreeSet<String> = ["Une", "Deux", "Quatre", "Six"]
        .map(|title| tree.articles[title].clone())
        .into();
    assert_eq!(*news, expected);
    // Into a section above, and an article that stood in both.
    delete(admin, &ids["Football"], Some(&ids["Sport"])).await.expect(204);
    lists_are_sound(&app).await;
    delete(admin, &ids["Culture"], Some(&ids["News"])).await.expect(204);
    lists_are_sound(&app).await;
    let six = format!("/v1/editorial/articles/{}", tree.articles["Six"]);
    let six = admin.get(&six).await.expect(200);
    assert_eq!(
        (&six.json["section_id"], &six.json["secondary_section_ids"]),
        (&json!(ids["News"]), &json!([ids["Sport"]]))
    );
    let draft = admin.get(&format!("/v1/editorial/articles/{draft}")).await.expect(200);
    assert_eq!(draft.json["section_id"], json!(ids["News"]));
}

#[actix_web::test]
async fn what_was_moved_by_a_deletion_survives_a_press() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    delete(admin, &ids["Bénin"], Some(&ids["Sport"])).await.expect(204);
    let before = lists(&app).await;
    app.db()
        .write_blocking(|conn| {
            masthead::published::repress::outdate_all(conn)?;
            masthead::published::repress::repress_outdated(conn)
        })
        .unwrap();
    assert_eq!(lists(&app).await, before);
    let article = format!("/v1/editorial/articles/{}", tree.articles["Trois"]);
    let version = admin.version_of(&article).await;
    admin
        .patch(&article, version, json!({"kicker": "Économie"}))
        .await
        .expect(200);
    admin.publish(&tree.articles["Trois"]).await.expect(200);
    lists_are_sound(&app).await;
}

#[actix_web::test]
async fn an_empty_section_that_is_deleted_is_gone_for_good() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("Éphémère", None).await;
    delete(&admin, &id, None).await.expect(204);
    let gone = app.resolve("/ephemere").await.expect(200);
    assert_eq!(
        (&gone.json["kind"], &gone.json["http_status"]),
        (&json!("gone"), &json!(410))
    );
    app.guest()
        .get(&format!("/v1/sections/{id}"))
        .await
        .problem(404, "not_found");
    admin
        .post("/v1/editorial/sections", json!({"label": "Éphémère"}))
        .await
        .problem(422, "slug_taken");
}

#[actix_web::test]
async fn a_grant_in_a_section_that_is_deleted_ends_with_it() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("Sport", None).await;
    let scope = masthead::base::ids::SectionId::parse(&id);
    let editor = app.user_with(vec![
        crate::support::grant(masthead::access::auth::Role::SectionEditor, scope, None),
        crate::support::grant(masthead::access::auth::Role::Analyst, None, None),
    ]);
    editor.draft("Un match", &id).await;
    delete(&admin, &id, None).await.problem(409, "section_not_empty");
    let other = admin.section("Autre", None).await;
    delete(&admin, &id, Some(&other)).await.expect(204);
    let me = editor.get("/v1/editorial/me").await.expect(200);
    assert_eq!(
        me.json["grants"],
        json!([{"role": "analyst", "section_id": null, "locale": null}])
    );
}
