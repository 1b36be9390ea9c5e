//! Moves, and the paths and lists that follow.

use serde_json::json;

use super::{Tree, leads, lists, lists_are_sound, move_to, patch, path};
use crate::support::TestApp;

#[actix_web::test]
async fn a_moved_section_takes_the_paths_below_with_it_and_leaves_those_of_articles() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let before = tree.article_path("Quatre").await;
    assert_eq!(before, "/news/afrique/benin/cotonou/quatre");
    let moved = move_to(&tree.admin, &tree.ids["Afrique"], Some(&tree.ids["Sport"]))
        .await
        .expect(200);
    assert_eq!(moved.json["path"], "/sport/afrique");
    for (old, new, label) in [
        ("/news/afrique", "/sport/afrique", "Afrique"),
        ("/news/afrique/benin", "/sport/afrique/benin", "Bénin"),
        ("/news/afrique/benin/cotonou", "/sport/afrique/benin/cotonou", "Cotonou"),
    ] {
        leads(&app.resolve(old).await, "redirect", new);
        leads(&app.resolve(new).await, "section", &tree.ids[label]);
    }
    assert_eq!(tree.article_path("Quatre").await, before);
    leads(&app.resolve(&before).await, "article", &tree.articles["Quatre"]);
    let article = app
        .guest()
        .get(&format!("/v1/articles/{}", tree.articles["Quatre"]))
        .await
        .expect(200);
    assert_eq!(article.json["section"]["path"], "/sport/afrique/benin/cotonou");
    assert_eq!(article.json["breadcrumb"][1]["label"], "Sport");
    // A second move: every old path leads straight to where it stands now.
    patch(&tree.admin, &tree.ids["Sport"], json!({"slug": "sports"}))
        .await
        .expect(200);
    for old in ["/news/afrique/benin", "/sport/afrique/benin"] {
        leads(&app.resolve(old).await, "redirect", "/sports/afrique/benin");
    }
    // And back to where it was.
    move_to(&tree.admin, &tree.ids["Afrique"], Some(&tree.ids["News"]))
        .await
        .expect(200);
    leads(&app.resolve("/news/afrique/benin").await, "section", &tree.ids["Bénin"]);
    leads(
        &app.resolve("/sports/afrique/benin").await,
        "redirect",
        "/news/afrique/benin",
    );
}

#[actix_web::test]
async fn lists_of_sections_are_right_after_every_move() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    lists_are_sound(&app).await;
    let before = lists(&app).await;
    let moves = [
        ("Bénin", Some("Football")),
        ("Sport", Some("Culture")),
        ("Cotonou", None),
        ("Football", None),
        ("Bénin", Some("News")),
        ("Culture", Some("Bénin")),
        ("Afrique", Some("Sport")),
        ("Sport", None),
        ("Culture", None),
        ("Afrique", Some("News")),
        ("Bénin", Some("Afrique")),
        ("Cotonou", Some("Bénin")),
        ("Football", Some("Sport")),
    ];
    for (label, parent) in moves {
        let parent = parent.map(|parent| tree.ids[parent].as_str());
        move_to(&tree.admin, &tree.ids[label], parent).await.expect(200);
        lists_are_sound(&app).await;
    }
    assert_eq!(lists(&app).await, before, "all is where it was");
}

#[actix_web::test]
async fn a_section_cannot_stand_below_itself_nor_too_deep_nor_nowhere() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    for below in ["Afrique", "Bénin", "Cotonou"] {
        move_to(admin, &ids["Afrique"], Some(&ids[below]))
            .await
            .problem(409, "section_cycle");
    }
    let nothing = masthead::base::ids::SectionId::new().to_string();
    move_to(admin, &ids["Afrique"], Some(&nothing))
        .await
        .invalid(&[("/parent_id", "unknown_reference")]);
    let fifth = admin.section("Akpakpa", Some(&ids["Cotonou"])).await;
    let sixth = admin.section("Rue 12", Some(&fifth)).await;
    admin
        .post(
            "/v1/editorial/sections",
            json!({"label": "Trop bas", "parent_id": sixth}),
        )
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    move_to(admin, &ids["Sport"], Some(&fifth))
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    move_to(admin, &ids["News"], Some(&ids["Culture"]))
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    let version = admin.version_of(&path(&ids["Sport"])).await;
    admin
        .act(&format!("{}/actions/move", path(&ids["Sport"])), version, json!({}))
        .await
        .invalid(&[("/parent_id", "required")]);
    leads(
        &app.resolve("/news/afrique/benin/cotonou").await,
        "section",
        &ids["Cotonou"],
    );
    lists_are_sound(&app).await;
}
