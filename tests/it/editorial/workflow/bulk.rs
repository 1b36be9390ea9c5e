//! One action on many articles: each as if it were asked for alone, and a dry run that changes nothing.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::newsroom::{desk, newsroom};
use crate::support::requests::together;
use crate::support::{Answer, Client};

const BULK: &str = "/v1/editorial/articles/bulk";

async fn bulk(client: &Client, action: &str, items: &[(String, i64)], dry_run: bool) -> Answer {
    let items: Vec<Value> = items
        .iter()
        .map(|(id, version)| json!({"id": id, "version": version}))
        .collect();
    client
        .post(BULK, json!({"action": action, "articles": items, "dry_run": dry_run}))
        .await
}

/// The id, status and code of each result, in order.
fn told(answer: &Answer) -> Vec<(String, u64, Option<String>)> {
    let items = answer.json["results"].as_array().unwrap().iter();
    items
        .map(|item| {
            let code = item["problem"]["code"].as_str().map(str::to_owned);
            assert_eq!(code.is_none(), item["version"].is_i64(), "{item}");
            (
                item["id"].as_str().unwrap().to_owned(),
                item["http_status"].as_u64().unwrap(),
                code,
            )
        })
        .collect()
}

#[actix_web::test]
async fn a_dry_run_tells_what_the_run_does_and_changes_nothing() {
    let (app, admin, section) = newsroom().await;
    let other = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &section);
    let make = async |title: &str| editor.draft(title, &section).await;
    let (first, stale, held, live) = (
        make("Un").await,
        make("Deux").await,
        make("Trois").await,
        make("Quatre").await,
    );
    let hidden = admin.draft("Cinq", &other).await;
    let untitled = admin.make(json!({"locale": "fr", "section_id": section})).await;
    editor.edit(&stale, json!({"kicker": "Port"})).await.expect(200);
    editor
        .edit(&held, json!({"embargo_until": "2027-01-01T08:00:00Z"}))
        .await
        .expect(200);
    editor.publish(&live).await.expect(200);
    let moment = json!({"kind": "publish", "local_time": "2026-12-24T18:00", "time_zone": "Africa/Porto-Novo"});
    editor.take(&first, "schedule", moment).await.expect(200);
    let nothing = masthead::base::ids::ArticleId::new().to_string();
    let mut items = Vec::new();
    for id in [&first, &held, &live, &untitled] {
        items.push((id.clone(), admin.version_of(&desk(id)).await));
    }
    items.extend([(stale.clone(), 1), (hidden.clone(), 1), (nothing.clone(), 1)]);
    let expected = [
        (&first, 200, None),
        (&held, 409, Some("embargoed")),
        (&live, 409, Some("nothing_to_publish")),
        (&untitled, 422, Some("validation_failed")),
        (&stale, 412, Some("stale_version")),
        (&hidden, 404, Some("not_found")),
        (&nothing, 404, Some("not_found")),
    ]
    .map(|(id, status, code)| (id.clone(), status, code.map(str::to_owned)));
    let before = app.rows();
    let dry = bulk(&editor, "publish", &items, true).await.expect(200);
    assert!(app.rows() == before, "a dry run has changed something");
    assert_eq!(told(&dry), expected);
    let real = bulk(&editor, "publish", &items, false).await.expect(200);
    assert_eq!(told(&real), expected);
    for (dry, real) in [(&dry.json, &real.json)] {
        assert_eq!((&dry["dry_run"], &real["dry_run"]), (&json!(true), &json!(false)));
        for member in ["version", "state", "status"] {
            for index in 0..items.len() {
                assert_eq!(
                    dry["results"][index][member], real["results"][index][member],
                    "{index} {member}"
                );
            }
        }
        assert_eq!(
            (&real["succeeded_count"], &real["failed_count"]),
            (&json!(1), &json!(6))
        );
    }
    assert_eq!(real.json["results"][0]["state"], "published");
    assert_eq!(real.json["results"][3]["problem"]["errors"][0]["pointer"], "/title");
    assert_eq!(real.json["results"][4]["problem"]["current_etag"], "\"v2\"");
    // What waited is cancelled, and the audit has the act, as for the action alone.
    let desk = admin.get(&desk(&first)).await.json;
    assert_eq!(desk["schedules"], json!([]));
    let acts = admin
        .get(&format!("/v1/editorial/audit?target_id={first}&action=article.publish"))
        .await
        .expect(200);
    assert_eq!(acts.json["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn every_action_does_what_it_does_alone() {
    let (_app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for title in ["Un", "Deux", "Trois"] {
        ids.push(admin.draft(title, &section).await);
    }
    for (action, member, value) in [
        ("submit", "review", "in_review"),
        ("approve", "review", "ready"),
        ("publish", "state", "published"),
        ("unpublish", "state", "unpublished"),
        ("trash", "state", "trashed"),
        ("restore", "state", "draft"),
    ] {
        let mut items = Vec::new();
        for id in &ids {
            items.push((id.clone(), admin.version_of(&desk(id)).await));
        }
        let answer = bulk(&admin, action, &items, false).await.expect(200);
        assert_eq!(answer.json["succeeded_count"], 3, "{action}: {}", answer.text);
        for id in &ids {
            assert_eq!(admin.get(&desk(id)).await.json[member], value, "{action}");
        }
        let again = bulk(&admin, action, &items, false).await.expect(200);
        assert_eq!(again.json["succeeded_count"], 0, "{action}: {}", again.text);
    }
}

#[actix_web::test]
async fn each_article_asks_for_its_own_permission() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let foreign = admin.draft("Pas à moi", &section).await;
    let items = [(own.clone(), 1), (foreign.clone(), 1)];
    let submitted = bulk(&journalist, "submit", &items, false).await.expect(200);
    let expected = |status, code: Option<&str>| {
        [
            (own.clone(), status, code.map(str::to_owned)),
            (foreign.clone(), 404, Some("not_found".to_owned())),
        ]
    };
    assert_eq!(told(&submitted), expected(200, None));
    let approved = bulk(&journalist, "approve", &items, false).await.expect(200);
    assert_eq!(told(&approved), expected(403, Some("forbidden")));
    bulk(&app.user(Role::Analyst), "submit", &items, false)
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn two_hundred_are_taken_and_no_more() {
    let (_app, admin, section) = newsroom().await;
    let mut items = Vec::new();
    for _ in 0..201 {
        items.push((admin.draft("Le port", &section).await, 1));
    }
    bulk(&admin, "publish", &items, false)
        .await
        .invalid(&[("/articles", "too_many")]);
    let answer = bulk(&admin, "publish", &items[..200], false).await.expect(200);
    assert_eq!(answer.json["succeeded_count"], 200, "{}", answer.text);
    let order: Vec<String> = items[..200].iter().map(|(id, _)| id.clone()).collect();
    let told: Vec<String> = told(&answer).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(told, order);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_as_a_whole() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let item = || json!({"id": id, "version": 1});
    let before = app.rows();
    let cases: &[(Value, &[(&str, &str)])] = &[
        (json!({}), &[("/action", "required"), ("/articles", "required")]),
        (
            json!({"action": "kill", "articles": [item()]}),
            &[("/action", "invalid_value")],
        ),
        (json!({"action": "trash", "articles": []}), &[("/articles", "too_few")]),
        (
            json!({"action": "trash", "articles": item()}),
            &[("/articles", "wrong_type")],
        ),
        (
            json!({"action": "trash", "articles": [item(), item(), item()]}),
            &[("/articles/1/id", "duplicate"), ("/articles/2/id", "duplicate")],
        ),
        (
            json!({"action": "trash", "articles": [{"id": "x", "version": 0, "note": ""}, {}]}),
            &[
                ("/articles/0/id", "invalid_format"),
                ("/articles/0/version", "out_of_range"),
                ("/articles/0/note", "unknown_field"),
                ("/articles/1/id", "required"),
                ("/articles/1/version", "required"),
            ],
        ),
        (
            json!({"action": "trash", "articles": [item()], "dry_run": "yes"}),
            &[("/dry_run", "wrong_type")],
        ),
    ];
    for (body, expected) in cases {
        admin.post(BULK, body.clone()).await.invalid(expected);
    }
    let keyed = admin.request(Method::POST, BULK).header("idempotency-key", "k");
    keyed
        .json(json!({"action": "trash", "articles": [item()]}))
        .send()
        .await
        .problem(400, "idempotency_unsupported");
    assert!(app.rows() == before, "a refused request has changed something");
}

#[actix_web::test]
async fn of_a_bulk_and_a_single_action_at_once_one_wins() {
    let (app, admin, section) = newsroom().await;
    for _ in 0..5 {
        let id = admin.draft("Le port", &section).await;
        let single = {
            let (admin, id) = (admin.clone(), id.clone());
            Box::pin(async move {
                admin
                    .act(&format!("{}/actions/trash", desk(&id)), 1, json!({}))
                    .await
                    .status
            }) as std::pin::Pin<Box<dyn Future<Output = u16>>>
        };
        let many = {
            let (admin, id) = (admin.clone(), id.clone());
            Box::pin(async move {
                let answer = bulk(&admin, "trash", &[(id, 1)], false).await.expect(200);
                u16::try_from(answer.json["results"][0]["http_status"].as_u64().unwrap()).unwrap()
            }) as std::pin::Pin<Box<dyn Future<Output = u16>>>
        };
        let mut statuses = together(vec![single, many]).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(admin.get(&desk(&id)).await.json["state"], "trashed");
    }
    let acts = app.admin().get("/v1/editorial/audit?action=article.trash").await;
    assert_eq!(acts.expect(200).json["items"].as_array().unwrap().len(), 5);
}
