//! What readers do on that day, and moderators for them.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::json;

use super::remove;
use crate::support::{Client, TestApp};

/// A moderator keeps the words that are not wanted.
pub async fn word_lists(app: &TestApp) {
    let (moderator, lists) = (app.user(Role::Moderator), "/v1/editorial/word-lists");
    let body = json!({"name": "Insultes", "kind": "banned", "entries": ["connard"]});
    let path = format!("{lists}/{}", moderator.post(lists, body).await.expect(201).id());
    let tested = moderator
        .post(&format!("{lists}/test"), json!({"text": "C0nnard !"}))
        .await;
    assert_eq!(tested.expect(200).json["matches"][0]["entry"], "connard");
    let version = moderator.version_of(&path).await;
    let change = json!({"kind": "suspect"});
    moderator.patch(&path, version, change).await.expect(200);
    moderator.get(lists).await.expect(200);
    moderator.get("/v1/editorial/spam-model").await.expect(200);
    remove(&moderator, &path).await;
}

/// Readers comment, a moderator decides.
pub async fn comments(app: &TestApp, article: &str) {
    let (guest, moderator) = (app.guest(), app.user(Role::Moderator));
    guest.get("/v1/captcha").await.expect(200);
    let list = format!("/v1/articles/{article}/comments");
    let mut ids = Vec::new();
    for body in ["Bravo.", "Achetez !", "Idiots."] {
        let sent = json!({"author_name": "Ada", "body": body});
        ids.push(guest.post(&list, sent).await.expect(202).id());
    }
    moderator.get("/v1/editorial/moderation/queue").await.expect(200);
    let decide = |id: &str, action: &str| {
        let path = format!("/v1/editorial/comments/{id}/actions/{action}");
        let moderator = moderator.clone();
        async move { moderator.post(&path, json!({"note": "Vu."})).await.expect(200) }
    };
    decide(&ids[0], "approve").await;
    decide(&ids[1], "spam").await;
    decide(&ids[2], "reject").await;
    decide(&ids[2], "restore").await;
    let reply = json!({"author_name": "Koffi", "body": "D’accord.", "parent_id": ids[0]});
    let reply = guest.post(&list, reply).await.expect(202).id();
    decide(&reply, "approve").await;
    moderator
        .get(&format!("/v1/editorial/comments/{}", ids[2]))
        .await
        .expect(200);
    let threads = guest.get(&list).await.expect(200);
    assert_eq!(threads.json["items"][0]["descendant_count"], 1);
    moderation(&moderator, &ids).await;
    sanctions(&moderator, &ids[1]).await;
    guest.get("/v1/moderation-log").await.expect(200);
    for format in ["rss", "atom", "json"] {
        guest.get(&format!("/feeds/{format}")).await.expect(200);
    }
    for sitemap in [
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-news.xml",
        "/sitemaps/sections.xml",
    ] {
        guest.get(sitemap).await.expect(200);
    }
    readers(app, article, &ids[0]).await;
}

/// The rest of a moderator's day; the first comment is approved, the last one waits.
async fn moderation(moderator: &Client, ids: &[String]) {
    moderator.get("/v1/editorial/moderation/counts").await.expect(200);
    let claimed = moderator.post("/v1/editorial/moderation/claim", json!({})).await;
    assert_eq!(claimed.expect(200).json["comments"].as_array().unwrap().len(), 1);
    moderator
        .post("/v1/editorial/moderation/release", json!({}))
        .await
        .expect(200);
    for action in ["feature", "unfeature", "pin", "unpin", "undo", "approve"] {
        let path = format!("/v1/editorial/comments/{}/actions/{action}", ids[0]);
        moderator.post(&path, json!({})).await.expect(200);
    }
    let body = json!({"action": "reject", "comment_ids": [ids[2]], "reason": "abuse"});
    moderator.post("/v1/editorial/comments/bulk", body).await.expect(200);
}

/// A moderator holds something against somebody, and then does not.
async fn sanctions(moderator: &Client, comment: &str) {
    let list = "/v1/editorial/sanctions";
    let body = json!({"kind": "premoderate", "target": "email", "email": "ada@example.org"});
    let path = format!("{list}/{}", moderator.post(list, body).await.expect(201).id());
    moderator.get(list).await.expect(200);
    let version = moderator.version_of(&path).await;
    let change = json!({"note": comment});
    moderator.patch(&path, version, change).await.expect(200);
    let lift = format!("{path}/actions/lift");
    moderator.request(Method::POST, &lift).send().await.expect(200);
}

/// Readers like and report a comment, change their own, and the newsroom answers.
async fn readers(app: &TestApp, article: &str, shown: &str) {
    let (guest, list) = (app.guest(), format!("/v1/articles/{article}/comments"));
    let form = guest.get("/v1/captcha").await.expect(200);
    let reader = form.member("reader_token");
    let comment = format!("/v1/comments/{shown}");
    for method in [Method::PUT, Method::DELETE] {
        let asking = guest.request(method, &format!("{comment}/reaction"));
        asking.header("x-reader-token", reader).send().await.expect(200);
    }
    let report = guest.request(Method::POST, &format!("{comment}/reports"));
    let report = report.header("x-reader-token", reader).json(json!({"reason": "abuse"}));
    report.send().await.expect(201);
    let answer = json!({"body": "Merci de votre lecture.", "parent_id": shown});
    let desk = format!("/v1/editorial/articles/{article}/comments");
    app.user(Role::Moderator).post(&desk, answer).await.expect(201);
    let sent = json!({"author_name": "Ada", "body": "Une coquile."});
    let own = guest.post(&list, sent).await.expect(202);
    let path = format!("/v1/comments/{}", own.id());
    let with_token = |method| {
        guest
            .request(method, &path)
            .header("x-edit-token", own.member("edit_token"))
    };
    let change = with_token(Method::PATCH).json(json!({"body": "Une coquille."}));
    change.send().await.expect(200);
    with_token(Method::DELETE).send().await.expect(204);
    for url in [
        format!("{list}/flat?sort=top"),
        format!("{comment}/replies"),
        format!("/v1/comments/counts?article_id={article}"),
    ] {
        guest.get(&url).await.expect(200);
    }
}

/// A reader wants to know what is kept; somebody else, without their token, that it is erased.
pub async fn privacy(app: &TestApp, publisher: &Client) {
    let token = app.guest().get("/v1/captcha").await.expect(200);
    let asking = app.guest().request(Method::POST, "/v1/privacy-requests");
    let asking = asking.header("x-reader-token", token.member("reader_token"));
    asking.json(json!({"kind": "export"})).send().await.expect(200);
    let body = json!({"kind": "erase", "mode": "erase", "email": "ada@example.org"});
    let made = publisher.post("/v1/editorial/privacy-requests", body).await.expect(201);
    publisher.get("/v1/editorial/privacy-requests").await.expect(200);
    publisher.get(made.header("location")).await.expect(200);
    let body = json!({"token": made.member("verification_token")});
    app.guest().post("/v1/privacy-requests/verify", body).await.expect(200);
}

/// A front end reads everything that there is.
pub async fn reading(app: &TestApp, article: &str, section: &str, tag: &str, awa: &str) {
    let guest = app.guest();
    let view = guest.request(Method::POST, &format!("/v1/articles/{article}/views"));
    view.send().await.expect(204);
    let live = guest.get(&format!("/v1/articles/{article}")).await.expect(200);
    let path = live.member("path");
    for url in [
        format!("/v1/articles/by-path?path={path}"),
        format!("/v1/resolve?path={path}"),
        format!("/v1/articles/{article}/corrections"),
        format!("/v1/sections/{section}"),
        format!("/v1/tags/{tag}"),
        format!("/v1/contributors/{awa}"),
        format!("/v1/articles?section={section}&tag={tag}&contributor={awa}&type=article&locale=*"),
    ] {
        guest.get(&url).await.expect(200);
    }
    for url in [
        "/v1/articles",
        "/v1/articles/full",
        "/v1/articles/partial?fields=title,path",
        "/v1/changes",
        "/v1/stream",
        "/v1/corrections",
        "/v1/search?q=le",
        "/v1/search/suggest?q=le",
        "/v1/most-read",
        "/v1/sections",
        "/v1/tags",
        "/v1/contributors",
        "/livez",
        "/readyz",
        "/problems/not_found",
        "/openapi/delivery.json",
        "/openapi/editorial.json",
    ] {
        guest.get(url).await.expect(200);
    }
}
