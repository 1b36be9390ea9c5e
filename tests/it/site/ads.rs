//! Ad slots, and the rules by which they stand in articles.

use serde_json::{Value, json};

use crate::support::TestApp;

#[actix_web::test]
async fn a_rule_places_advertisements_in_every_article_and_presses_none() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (news, sport) = (admin.section("News", None).await, admin.section("Sport", None).await);
    let block = |text: &str| json!({"type": "paragraph", "html": text});
    let blocks = json!([block("Un deux trois."), block("Quatre cinq."), {"type": "ad_slot", "slot": "main"}, block("Six."), block("Sept.")]);
    let mut ids = Vec::new();
    for section in [&news, &sport] {
        let body = json!({"locale": "fr", "title": "Un titre", "section_id": section, "blocks": blocks});
        let id = admin.make(body).await;
        admin.publish(&id).await.expect(200);
        ids.push(id);
    }
    let slots = |id: String| {
        let guest = app.guest();
        async move {
            let article = guest.get(&format!("/v1/articles/{id}")).await.expect(200).json;
            let blocks: Vec<Value> = article["blocks"]
                .as_array()
                .unwrap()
                .iter()
                .map(|block| block["id"].clone())
                .collect();
            let placements = article["ad_placements"].as_array().unwrap().iter();
            let place = |at: &Value| blocks.iter().position(|id| *id == at["after_block_id"]).unwrap() + 1;
            placements
                .map(|at| format!("{}:{}", place(at), at["slot"].as_str().unwrap()))
                .collect::<Vec<String>>()
        }
    };
    assert_eq!(slots(ids[0].clone()).await, ["2:main"]);
    let pressed = |rows: Vec<(&'static str, Value)>| -> Vec<Value> {
        rows.into_iter()
            .filter(|(table, _)| *table == "published_articles")
            .map(|(_, row)| row)
            .collect()
    };
    let before = pressed(app.rows());
    let slot = json!({"key": "pave", "label": "Pavé", "kind": "body",
        "rules": [{"kind": "every_blocks", "blocks": 1, "section_ids": [news]}]});
    admin.post("/v1/editorial/ad-slots", slot).await.expect(201);
    assert_eq!(slots(ids[0].clone()).await, ["1:pave", "2:main", "3:pave"]);
    assert_eq!(slots(ids[1].clone()).await, ["2:main"]);
    let list = app.guest().get("/v1/ad-slots").await.expect(200);
    assert_eq!(
        list.json["items"],
        json!([{"key": "pave", "kind": "body", "sizes": [], "targeting": {}}])
    );
    let until = json!({"ends_at": "2026-11-23T08:00:20Z"});
    admin.patch("/v1/editorial/ad-slots/pave", 1, until).await.expect(200);
    let article = app.guest().get(&format!("/v1/articles/{}", ids[0])).await.expect(200);
    assert!(
        article.header("cache-control").contains("s-maxage=20,"),
        "{}",
        article.header("cache-control")
    );
    app.clock.advance_seconds(20);
    assert_eq!(slots(ids[0].clone()).await, ["2:main"]);
    assert_eq!(pressed(app.rows()), before);
    let late = json!({"starts_at": "2026-11-24T08:00:20Z"});
    admin
        .patch("/v1/editorial/ad-slots/pave", 2, late)
        .await
        .invalid(&[("/ends_at", "ends_before_start")]);
    let page = json!({"kind": "page"});
    admin
        .patch("/v1/editorial/ad-slots/pave", 2, page)
        .await
        .invalid(&[("/rules", "too_many")]);
    admin.edit(&ids[0], json!({"is_ad_free": true})).await.expect(200);
    admin.publish(&ids[0]).await.expect(200);
    assert!(slots(ids[0].clone()).await.is_empty());
}
