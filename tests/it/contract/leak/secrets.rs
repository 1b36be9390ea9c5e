//! A newsroom full of secrets: whatever readers must not see carries the mark.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{MARK, Paper};
use crate::support::Client;
use crate::support::newsroom::{UNKNOWN_ID, desk, newsroom};

fn secret(what: &str) -> String {
    format!("{MARK} {what}")
}

fn secret_article(section: &str, tag: &str, person: &str, what: &str) -> Value {
    let text = secret(what);
    json!({"locale": "fr", "title": text, "kicker": text, "standfirst": text, "section_id": section, "tag_ids": [tag],
        "contributors": [{"contributor_id": person, "role": text}], "source": {"name": text, "url": "https://a.test/zqxj"},
        "image": {"url": "https://a.test/zqxj.jpg", "caption": text}, "seo": {"title": text, "description": text, "no_index": false},
        "breaking_until": "2027-01-01T00:00:00Z",
        "blocks": [{"type": "paragraph", "html": text}, {"type": "ad_slot", "slot": "zqxj"}, {"type": "raw_html", "html": text}]})
}

/// What names articles that are not live: a menu, packages, a live article's related ones.
async fn beside(admin: &Client, hidden: &[String], live: &str) -> Vec<String> {
    let item = |id: &String| {
        json!({"kind": "article", "target_id": id, "label": secret("item of a menu"),
        "children": [{"kind": "home", "label": secret("below it")}]})
    };
    let items: Vec<Value> = hidden.iter().map(item).collect();
    let menu = json!({"key": "principal", "label": secret("name of a menu"), "items": items});
    admin.post("/v1/editorial/menus", menu).await.expect(201);
    let slot = json!({"key": "off", "label": secret("name of a slot"), "kind": "page", "is_active": false,
        "targeting": {"zone": secret("targeting")}});
    admin.post("/v1/editorial/ad-slots", slot).await.expect(201);
    let mut ids = Vec::new();
    let both: Vec<&str> = hidden.iter().map(String::as_str).chain([live]).collect();
    for package in [
        json!({"kind": "series", "title": secret("plan"), "description": secret("plan"), "article_ids": hidden}),
        json!({"kind": "package", "title": "Le Mali", "article_ids": both}),
    ] {
        ids.push(admin.post("/v1/editorial/packages", package).await.expect(201).id());
    }
    admin
        .edit(live, json!({"related_article_ids": hidden}))
        .await
        .expect(200);
    ids
}

pub async fn paper() -> Paper {
    let (app, admin, section) = newsroom().await;
    let below = admin.section("Mali", Some(&section)).await;
    let tag = admin
        .post(
            "/v1/editorial/tags",
            json!({"kind": "topic", "label": "Paix", "external_id": secret("external id")}),
        )
        .await
        .expect(201)
        .id();
    let person = admin.contributor("Koffi").await;
    let make = |what: &'static str| admin.make(secret_article(&below, &tag, &person, what));
    let mut article_ids = Vec::new();
    article_ids.push(make("draft").await);
    let down = make("unpublished").await;
    let renamed = json!({"slug": "zqxj-bis", "section_id": section});
    admin.publish(&down).await.expect(200);
    let comment = app
        .guest()
        .comment(&down, &secret("comment of an unpublished article"), None)
        .await;
    admin.decide(&comment, "approve").await.expect(200);
    admin.edit(&down, renamed).await.expect(200);
    admin.publish(&down).await.expect(200);
    for window in ["1h", "24h", "7d"] {
        let ranked = json!({"window": window, "articles": [{"article_id": down}]});
        admin.put("/v1/editorial/most-read", ranked).await.expect(200);
    }
    admin.take(&down, "unpublish", json!({})).await.expect(200);
    article_ids.push(down.clone());
    let trashed = make("trashed").await;
    admin.take(&trashed, "trash", json!({})).await.expect(200);
    let thrown = make("trashed after it was public").await;
    admin.publish(&thrown).await.expect(200);
    for name in ["unpublish", "trash"] {
        admin.take(&thrown, name, json!({})).await.expect(200);
    }
    article_ids.extend([trashed, thrown]);
    let embargoed = make("under embargo").await;
    admin
        .edit(&embargoed, json!({"embargo_until": "2027-01-01T00:00:00Z"}))
        .await
        .expect(200);
    article_ids.push(embargoed);
    let planned = make("to go live one day").await;
    let day = json!({"kind": "publish", "local_time": "2027-01-01T00:00", "time_zone": "UTC", "note": secret("note of a schedule")});
    admin.take(&planned, "schedule", day).await.expect(200);
    article_ids.push(planned);
    // Live, linked to all of those, with a part that not everybody may read, and changes that are not published.
    let links = article_ids.iter();
    let mut blocks: Vec<Value> = links.map(|id| json!({"type": "interlink", "article_id": id})).collect();
    let length = json!({"preview_blocks": blocks.len()});
    admin.patch("/v1/editorial/site", 0, length).await.expect(200);
    blocks.push(json!({"type": "paragraph", "html": secret("behind the gate")}));
    let live = admin
        .make(json!({"locale": "fr", "title": "Public", "section_id": below, "tag_ids": [tag], "contributors": [{"contributor_id": person}],
            "access": "subscribers", "blocks": blocks, "assignee_id": admin.user_id.unwrap().to_string()}))
        .await;
    admin.publish(&live).await.expect(200);
    let shown = app.guest().comment(&live, "Visible", None).await;
    admin.decide(&shown, "approve").await.expect(200);
    let mut comment_ids = vec![shown.clone(), "nonsense".to_owned()];
    let form = app.guest().get("/v1/captcha").await.expect(200);
    let report = app
        .guest()
        .request(Method::POST, &format!("/v1/comments/{shown}/reports"));
    let report = report.header("x-reader-token", form.json["reader_token"].as_str().unwrap());
    let why = json!({"reason": "other", "note": secret("reader's note")});
    report.json(why).send().await.expect(201);
    let taken_back = json!({"author_name": secret("author"), "body": secret("taken back"), "parent_id": shown});
    let taken_back = app
        .guest()
        .post(&format!("/v1/articles/{live}/comments"), taken_back)
        .await
        .expect(202);
    let path = format!("/v1/comments/{}", taken_back.id());
    let with_token = |method| {
        let token = taken_back.json["edit_token"].as_str().unwrap();
        app.guest().request(method, &path).header("x-edit-token", token)
    };
    let change = json!({"body": secret("changed")});
    with_token(Method::PATCH).json(change).send().await.expect(200);
    with_token(Method::DELETE).send().await.expect(204);
    comment_ids.push(taken_back.id());
    for (what, decision) in [("pending", None), ("rejected", Some("reject")), ("spam", Some("spam"))] {
        for parent in [None, Some(shown.as_str())] {
            let body = json!({"author_name": secret("author"), "body": secret(what), "parent_id": parent});
            let id = app
                .guest()
                .post(&format!("/v1/articles/{live}/comments"), body)
                .await
                .expect(202)
                .id();
            comment_ids.push(id.clone());
            if let Some(decision) = decision {
                let why = json!({"note": secret("moderator's note")});
                admin
                    .post(&format!("/v1/editorial/comments/{id}/actions/{decision}"), why)
                    .await
                    .expect(200);
            }
        }
    }
    let hidden = app
        .guest()
        .comment(&live, &secret("approved below rejected"), Some(&shown))
        .await;
    admin.decide(&hidden, "approve").await.expect(200);
    let below_hidden = app.guest().comment(&live, &secret("below it"), Some(&hidden)).await;
    admin.decide(&below_hidden, "approve").await.expect(200);
    admin.decide(&hidden, "restore").await.expect(200);
    let mut change = secret_article(&below, &tag, &person, "unpublished change");
    change["locale"] = json!("en");
    admin
        .edit(&live, change.clone())
        .await
        .invalid(&[("/locale", "read_only")]);
    change.as_object_mut().unwrap().remove("locale");
    admin.edit(&live, change).await.expect(200);
    for id in article_ids.iter().chain([&live]) {
        let (path, version) = (desk(id), admin.version_of(&desk(id)).await);
        let note = json!({"body": secret("note")});
        admin.post(&format!("{path}/notes"), note).await.expect(201);
        let typed = json!({"base_version": version, "title": secret("typed"), "kicker": secret("typed")});
        admin.put(&format!("{path}/autosave"), typed).await.expect(200);
        admin.put(&format!("{path}/lease"), json!({})).await.expect(200);
    }
    let package_ids = beside(&admin, &article_ids, &live).await;
    article_ids.push(live.clone());
    article_ids.extend([UNKNOWN_ID.to_owned(), "nonsense".to_owned()]);
    let paths = [
        "/",
        "/news",
        "/news/mali",
        "/tag/paix",
        "/auteur/koffi",
        "/news/mali/public",
        "/news/mali/zqxj-draft",
        "/news/mali/zqxj-unpublished",
        "/news/zqxj-bis",
        "/news/mali/zqxj-trashed-after-it-was-public",
        "/news/mali/zqxj-under-embargo",
        "/?p=1",
        "/rien",
        "/vers-rien",
        "/vers-public",
    ];
    for (path, location) in [
        ("/vers-rien", "/news/mali/zqxj-unpublished"),
        ("/vers-public", "/news/mali/public"),
    ] {
        let body = json!({"path": path, "location": location, "note": secret("note of a redirect")});
        admin.post("/v1/editorial/redirects", body).await.expect(201);
    }
    Paper {
        app,
        admin,
        article_ids,
        section_ids: vec![section, below],
        tag_ids: vec![tag],
        contributor_ids: vec![person],
        paths: paths.map(str::to_owned).to_vec(),
        comment_ids,
        package_ids,
        live,
    }
}
