//! Packages and series: made at the desk, read with what is live.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::newsroom::newsroom;

const PACKAGES: &str = "/v1/editorial/packages";

#[actix_web::test]
async fn readers_get_what_is_live_of_a_package_in_its_order() {
    let (app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for title in ["Un", "Deux", "Trois", "Quatre"] {
        ids.push(admin.draft(title, &section).await);
    }
    let order = json!([ids[3], ids[1], ids[0], ids[2]]);
    let body = json!({"kind": "series", "title": "Un an après", "article_ids": order});
    let made = admin.post(PACKAGES, body).await.expect(201);
    let (id, path) = (made.id(), made.header("location").to_owned());
    // What is only planned is nobody's.
    let public = format!("/v1/packages/{id}");
    app.guest().get(&public).await.problem(404, "not_found");
    for index in [0, 2, 3] {
        admin.publish(&ids[index]).await.expect(200);
    }
    let titles = |list: &Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|card| card["title"].as_str().unwrap().to_owned()).collect()
    };
    let package = app.guest().get(&public).await.expect(200).json;
    assert_eq!(titles(&package["items"]), ["Quatre", "Un", "Trois"]);
    let around = |id: &String| {
        let (guest, id) = (app.guest(), id.clone());
        async move {
            let article = guest
                .get(&format!("/v1/articles/{id}?include=packages"))
                .await
                .expect(200)
                .json;
            let package = article["packages"][0].clone();
            let title = |member: &str| package[member]["title"].as_str().unwrap_or("-").to_owned();
            format!(
                "{} < {}/{} < {}",
                title("previous"),
                package["position"],
                package["article_count"],
                title("next")
            )
        }
    };
    assert_eq!(around(&ids[3]).await, "- < 1/3 < Un");
    assert_eq!(around(&ids[0]).await, "Quatre < 2/3 < Trois");
    assert_eq!(around(&ids[2]).await, "Un < 3/3 < -");
    admin.take(&ids[0], "unpublish", json!({})).await.expect(200);
    assert_eq!(around(&ids[2]).await, "Quatre < 2/2 < -");
    // Killed: it is out of the package for good, and the package has a new version.
    admin
        .take(&ids[2], "kill", json!({"reason": "Diffamation"}))
        .await
        .expect(200);
    let desk = admin.get(&path).await.expect(200).json;
    assert_eq!(
        (&desk["article_ids"], &desk["version"]),
        (&json!([ids[3], ids[1], ids[0]]), &json!(2))
    );
    let stale = json!({"article_ids": []});
    admin.patch(&path, 1, stale.clone()).await.problem(412, "stale_version");
    admin.patch(&path, 2, stale).await.expect(200);
    app.guest().get(&public).await.problem(404, "not_found");
    let unknown = json!({"article_ids": [ids[0], section]});
    admin
        .patch(&path, 3, unknown)
        .await
        .invalid(&[("/article_ids/1", "unknown_reference")]);
    let twice = json!({"article_ids": [ids[0], ids[0]]});
    admin
        .patch(&path, 3, twice)
        .await
        .invalid(&[("/article_ids/1", "duplicate")]);
}

#[actix_web::test]
async fn packages_are_listed_by_title_page_by_page() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for (kind, title) in [
        ("series", "Étés"),
        ("package", "eau"),
        ("series", "Zones"),
        ("series", "Abris"),
    ] {
        admin
            .post(PACKAGES, json!({"kind": kind, "title": title}))
            .await
            .expect(201);
    }
    let mut titles = Vec::new();
    let mut next = format!("{PACKAGES}?limit=2");
    loop {
        let page = admin.get(&next).await.expect(200);
        titles.extend(page.items("title"));
        match page.json["page"]["next_cursor"].as_str() {
            Some(cursor) => next = format!("{PACKAGES}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(titles, ["Abris", "eau", "Étés", "Zones"]);
    let series = admin.get(&format!("{PACKAGES}?kind=series")).await.expect(200);
    assert_eq!(series.items("title"), ["Abris", "Étés", "Zones"]);
}
