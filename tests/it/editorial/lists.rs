//! What all lists at the desk have in common, and what is in the background.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::contract::operations;
use crate::support::newsroom::{UNKNOWN_ID, newsroom};
use crate::support::{Client, DAY};

#[actix_web::test]
async fn a_page_of_any_list_leads_to_the_next_one_by_its_header_too() {
    let (app, admin, section) = newsroom().await;
    for number in 0..3 {
        admin.draft(&format!("Titre {number}"), &section).await;
        admin.tag(&format!("Sujet {number}")).await;
        admin.contributor(&format!("Awa {number}")).await;
        app.waiting_job();
    }
    let lists = operations().iter().filter(|operation| {
        let is_list = operation.method == "GET" && operation.id.starts_with("list") && !operation.path.contains('{');
        is_list && operation.needs_token()
    });
    let mut led = Vec::new();
    for operation in lists {
        let path = format!("{}?limit=1", operation.path);
        let answer = admin.get(&path).await;
        if answer.status == 400 {
            continue;
        }
        match answer.json["page"]["next_cursor"].as_str() {
            Some(cursor) => {
                let expected = format!("<{path}&cursor={cursor}>; rel=\"next\"");
                assert_eq!(answer.header("link"), expected, "{}", operation.id);
                led.push(operation.id.as_str());
            }
            None => assert_eq!(answer.header("link"), "", "{}", operation.id),
        }
    }
    for expected in [
        "listArticlesForEditing",
        "listTagsForEditing",
        "listContributorsForEditing",
        "listAudit",
        "listJobs",
    ] {
        assert!(led.contains(&expected), "{expected}: {led:?}");
    }
}

#[actix_web::test]
async fn the_desk_counts_what_it_lists_where_it_is_asked_to() {
    let (app, admin, section) = newsroom().await;
    for number in 0..7 {
        admin.draft(&format!("Titre {number}"), &section).await;
    }
    let journalist = app.user(Role::Journalist);
    journalist.draft("À moi", &section).await;
    let count = async |client: &Client, query: &str| {
        let page = client
            .get(&format!("/v1/editorial/articles?limit=2{query}"))
            .await
            .expect(200);
        assert_eq!(
            page.json["items"].as_array().unwrap().len().min(2),
            page.json["items"].as_array().unwrap().len()
        );
        (
            page.json["page"]["total_count"].clone(),
            page.json["page"]["total_is_capped"].clone(),
        )
    };
    let all = (json!(8), json!(false));
    assert_eq!(count(&admin, "&count=exact").await, all);
    assert_eq!(count(&admin, "&count=capped").await, all);
    assert_eq!(count(&admin, "").await, (Value::Null, Value::Null));
    assert_eq!(count(&admin, "&count=exact&state=published").await.0, json!(0));
    // What one may not read is not counted.
    assert_eq!(count(&journalist, "&count=exact").await.0, json!(1));
    admin.tag("Mali").await;
    for (list, expected) in [("tags", 1), ("contributors", 0)] {
        let page = admin
            .get(&format!("/v1/editorial/{list}?count=exact"))
            .await
            .expect(200);
        assert_eq!(page.json["page"]["total_count"], json!(expected), "{list}");
        // Readers are told 10,000 at most.
        app.guest()
            .get(&format!("/v1/{list}?count=exact"))
            .await
            .problem(400, "invalid_parameter");
    }
    admin
        .get("/v1/editorial/articles?count=all")
        .await
        .problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn what_is_done_in_the_background_is_told_to_admins() {
    let (app, admin, _) = newsroom().await;
    assert_eq!(
        admin.get("/v1/editorial/jobs").await.expect(200).json["items"],
        json!([])
    );
    let id = app.waiting_job();
    let listed = admin.get("/v1/editorial/jobs?state=waiting").await.expect(200);
    let read = admin.get(&format!("/v1/editorial/jobs/{id}")).await.expect(200);
    assert_eq!(listed.json["items"], json!([read.json]));
    assert_eq!(
        (&read.json["kind"], &read.json["attempt_count"]),
        (&json!("repress_gated"), &json!(0))
    );
    assert_eq!(
        admin.get("/v1/editorial/jobs?state=failed").await.expect(200).json["items"],
        json!([])
    );
    admin
        .get(&format!("/v1/editorial/jobs/{UNKNOWN_ID}"))
        .await
        .problem(404, "not_found");
    app.user(Role::Publisher)
        .get("/v1/editorial/jobs")
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn a_request_about_somebodys_data_is_listed_while_it_waits_and_says_not_who() {
    let (app, admin, section) = newsroom().await;
    let live = admin.published("Le port", &section).await;
    let comment = app.guest().comment(&live, "Bravo.", None).await;
    let path = "/v1/editorial/privacy-requests";
    let asked = json!({"kind": "erase", "mode": "anonymise", "email": "ada@example.org"});
    let made = admin.post(path, asked).await.expect(201);
    let one = admin
        .post(path, json!({"kind": "export", "comment_id": comment}))
        .await
        .expect(201);
    let listed = admin.get(path).await.expect(200);
    let subjects: Vec<&Value> = listed.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["subject"])
        .collect();
    assert_eq!(subjects, ["comment", "email"]);
    let read = admin.get(made.header("location")).await.expect(200);
    assert_eq!(read.json["created_by"], admin.user_id.unwrap().to_string());
    for secret in ["ada@example.org", made.member("verification_token")] {
        assert!(!listed.text.contains(secret) && !read.text.contains(secret));
    }
    // Taken up, or too late.
    let token = json!({"token": one.member("verification_token")});
    app.guest()
        .request(Method::POST, "/v1/privacy-requests/verify")
        .json(token)
        .send()
        .await
        .expect(200);
    admin.get(one.header("location")).await.problem(404, "not_found");
    app.clock.advance_seconds(7 * DAY);
    let admin = admin.renewed();
    admin.get(made.header("location")).await.problem(404, "not_found");
    assert_eq!(admin.get(path).await.expect(200).json["items"], json!([]));
}
