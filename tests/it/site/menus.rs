//! Menus lead only where readers may go.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::newsroom::bilingual;

#[actix_web::test]
async fn a_menu_leads_only_where_readers_may_go() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let (tag, person) = (admin.tag("Paix").await, admin.contributor("Awa Bah").await);
    let article = admin.draft("Le sommet", &news).await;
    let items = json!([
        {"kind": "home", "children": [{"kind": "section", "target_id": news}]},
        {"kind": "article", "target_id": article, "label": "Le sommet", "children": [{"kind": "home"}]},
        {"kind": "tag", "target_id": tag, "label": "Paix", "labels": {"en": "Peace"}},
        {"kind": "contributor", "target_id": person, "label": "Awa"},
        {"kind": "heading", "label": "Ailleurs", "children": [
            {"kind": "url", "url": "https://radio.example/", "label": "Radio"}]},
    ]);
    let menu = json!({"key": "principal", "label": "Menu principal", "items": items});
    let made = admin.post("/v1/editorial/menus", menu.clone()).await.expect(201);
    assert_eq!(made.header("location"), "/v1/editorial/menus/principal");
    admin
        .post("/v1/editorial/menus", menu)
        .await
        .invalid(&[("/key", "key_taken")]);
    let labels = |menu: &Value| -> Vec<String> {
        let items = menu["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect()
    };
    let read = |query: &'static str| {
        let guest = app.guest();
        async move { guest.get(&format!("/v1/menus/principal{query}")).await.expect(200).json }
    };
    assert_eq!(labels(&read("").await), ["Accueil", "Paix", "Awa", "Ailleurs"]);
    admin.publish(&article).await.expect(200);
    let menu = read("").await;
    assert_eq!(labels(&menu), ["Accueil", "Le sommet", "Paix", "Awa", "Ailleurs"]);
    assert_eq!(menu["items"][1]["path"], "/news/le-sommet");
    assert_eq!(menu["items"][4]["children"][0]["url"], "https://radio.example/");
    let english = read("?locale=en").await;
    assert_eq!(labels(&english)[2], "Peace");
    assert_eq!(english["items"][2]["path"], "/en/tag/paix");
    assert_eq!(english["items"][0]["children"][0]["path"], "/en/news");
    // What is taken down for good leaves its name nowhere.
    admin
        .take(&article, "kill", json!({"reason": "Diffamation"}))
        .await
        .expect(200);
    let desk = admin.get("/v1/editorial/menus/principal").await.expect(200);
    assert!(
        !desk.text.contains("Le sommet") && desk.json["version"] == 2,
        "{}",
        desk.text
    );
    admin
        .patch("/v1/editorial/menus/principal", 1, json!({"items": []}))
        .await
        .problem(412, "stale_version");
    let unknown = json!({"items": [{"kind": "heading", "label": "x", "children": [
        {"kind": "tag", "target_id": news, "label": "x"}]}]});
    admin
        .patch("/v1/editorial/menus/principal", 2, unknown)
        .await
        .invalid(&[("/items/0/children/0/target_id", "unknown_reference")]);
    admin.delete("/v1/editorial/menus/principal", 2).await.expect(204);
    app.guest().get("/v1/menus/principal").await.problem(404, "not_found");
}
