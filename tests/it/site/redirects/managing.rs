//! The list of redirects, who manages it, and what is told of changes.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{LIST, at, lead, remove};
use crate::support::grant;
use crate::support::newsroom::{bilingual_newsroom, section_id};

#[actix_web::test]
async fn the_list_is_filtered_and_walked() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for number in 0..7 {
        lead(&admin, &format!("/2019/{number}"), &format!("/news?page={number}")).await;
    }
    lead(&admin, "/2019", "https://archives.test/2019").await;
    lead(&admin, "/2019x", "/newsletter").await;
    admin.post(LIST, json!({"path": "/jeu"})).await.expect(201);
    let file = "path,location\n/2020/1,/news#x\n/2020/2,\n";
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    import.bytes("text/csv", file).send().await.expect(200);
    let ids = |filter: &'static str| {
        let admin = admin.clone();
        async move { admin.walk(&format!("{LIST}{filter}"), 3).await }
    };
    let table = [
        ("", 13),
        ("?path_prefix=/2019", 9),
        ("?path_prefix=/2019/", 7),
        ("?path_prefix=/", 13),
        ("?path_prefix=/NEWS", 0),
        ("?http_status=410", 2),
        ("?http_status=301,302&origin=editor", 9),
        ("?origin=automatic", 1),
        ("?origin=import", 2),
        ("?origin=import&http_status=410&path_prefix=/2020/", 1),
        ("?location=/news/", 8),
        ("?location=/news?page=3", 1),
        ("?location=https://ARCHIVES.test/2019", 1),
        ("?location=/newsletter", 1),
        ("?location=/new", 0),
    ];
    for (filter, expected) in table {
        let found = ids(filter).await;
        assert_eq!(found.len(), expected, "{filter}");
    }
    let paths = admin.get(&format!("{LIST}?limit=100")).await.expect(200).items("path");
    assert!(paths.is_sorted(), "{paths:?}");
    // A walk misses and repeats nothing while others are made and deleted.
    let first = admin.get(&format!("{LIST}?limit=5")).await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap().to_owned();
    lead(&admin, "/0", "/news").await;
    remove(&admin, &first.items("path")[4]).await.expect(204);
    let rest = admin
        .get(&format!("{LIST}?limit=100&cursor={cursor}"))
        .await
        .expect(200)
        .items("path");
    assert_eq!(rest, paths[5..]);
    let elsewhere = format!("{LIST}?http_status=410&cursor={cursor}");
    admin.get(&elsewhere).await.problem(400, "invalid_cursor");
    for bad in [
        "http_status=200",
        "origin=moi",
        "path_prefix=2019",
        "location=x",
        "limit=101",
        "count=exact",
    ] {
        assert_eq!(admin.get(&format!("{LIST}?{bad}")).await.status, 400, "{bad}");
    }
    drop(app);
}

#[actix_web::test]
async fn only_whoever_manages_everything_manages_redirects() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = lead(&admin, "/vieux", "/news").await;
    let publishers = [
        grant(Role::Publisher, Some(section_id(&section)), None),
        grant(Role::Publisher, None, Some("fr")),
        grant(Role::Admin, Some(section_id(&section)), None),
    ];
    for publisher in publishers.map(|grant| app.user_with(vec![grant])) {
        let body = json!({"path": "/autre", "location": "/news"});
        publisher.post(LIST, body).await.problem(403, "forbidden");
        publisher
            .patch(&at(&id), 1, json!({"note": "x"}))
            .await
            .problem(403, "forbidden");
        publisher.delete(&at(&id), 1).await.problem(403, "forbidden");
        for query in ["", "?dry_run=true"] {
            let import = publisher.request(Method::POST, &format!("{LIST}/import{query}"));
            let import = import.bytes("text/csv", "path,location\n/x,/news\n");
            import.send().await.problem(403, "forbidden");
        }
        publisher.get(LIST).await.expect(200);
        publisher.get(&at(&id)).await.expect(200);
    }
    let publisher = app.user(Role::Publisher);
    publisher.patch(&at(&id), 1, json!({"note": "x"})).await.expect(200);
    assert_eq!(admin.get(LIST).await.expect(200).items("path"), ["/vieux"]);
}

#[actix_web::test]
async fn a_stale_version_is_told_what_changed_also_by_itself() {
    let (_app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    let id = lead(&admin, "/vieux", "/news/un").await;
    admin.patch(&at(&id), 1, json!({"note": "Vu."})).await.expect(200);
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for answer in [
        admin.patch(&at(&id), 1, json!({"location": "/x"})).await,
        admin.delete(&at(&id), 1).await,
    ] {
        let answer = answer.problem(412, "stale_version");
        assert_eq!(answer.header("etag"), "\"v3\"");
        let changes = answer.json["changes"].as_array().unwrap();
        let told: Vec<_> = changes
            .iter()
            .map(|change| (&change["fields"], &change["user_id"]))
            .collect();
        let user = json!(admin.user_id.unwrap().to_string());
        let (note, location) = (json!(["note"]), json!(["location"]));
        assert_eq!(told, [(&note, &user), (&location, &Value::Null)]);
    }
    for method in [Method::PATCH, Method::DELETE] {
        let asking = admin.request(method, &at(&id)).json(json!({"note": "x"}));
        asking.send().await.problem(428, "precondition_required");
    }
    assert_eq!(admin.get(&at(&id)).await.expect(200).json["location"], "/news/deux");
}

#[actix_web::test]
async fn a_redirect_that_is_sent_twice_is_made_once() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let body = json!({"path": "/vieux", "location": "/news"});
    let first = admin.once(LIST, None, "cle", body.clone()).await.expect(201);
    let again = admin.once(LIST, None, "cle", body.clone()).await.expect(201);
    assert_eq!(
        (again.id(), again.header("location")),
        (first.id(), first.header("location"))
    );
    let other = json!({"path": "/autre", "location": "/news"});
    admin
        .once(LIST, None, "cle", other)
        .await
        .problem(422, "idempotency_key_reused");
    admin
        .once(LIST, None, "autre", body.clone())
        .await
        .problem(409, "redirect_exists");
    admin.delete(&at(&first.id()), 1).await.expect(204);
    admin.once(LIST, None, "cle", body).await.problem(404, "not_found");
}

#[actix_web::test]
async fn every_act_stands_in_the_audit() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let id = lead(&admin, "/vieux", "/news").await;
    admin.patch(&at(&id), 1, json!({"note": "Secret."})).await.expect(200);
    admin.patch(&at(&id), 2, json!({})).await.expect(200);
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    let file = "path,location\n/vieux,/autre\n";
    import.bytes("text/csv", file).send().await.expect(200);
    admin.delete(&at(&id), 3).await.expect(204);
    let audit = admin
        .get(&format!("/v1/editorial/audit?target_kind=redirect&target_id={id}"))
        .await
        .expect(200);
    let mut acts = audit.items("action");
    acts.reverse();
    assert_eq!(
        acts,
        ["redirect.create", "redirect.edit", "redirect.import", "redirect.delete"]
    );
    let entries = audit.json["items"].as_array().unwrap();
    let digests = |entry: &Value| (entry["before_digest"].clone(), entry["after_digest"].clone());
    for pair in entries.windows(2) {
        assert_eq!(
            digests(&pair[0]).0,
            digests(&pair[1]).1,
            "each begins where the other ended"
        );
    }
    assert!(!audit.text.contains("Secret") && !audit.text.contains("/vieux"));
}
