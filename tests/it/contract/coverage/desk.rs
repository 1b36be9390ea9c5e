//! What editors do on that day.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::remove;
use crate::support::{Answer, Authenticator, Client, PASSWORD, TestApp};

async fn act(client: &Client, path: &str, action: &str, body: Value) -> Answer {
    let version = client.version_of(path).await;
    client
        .act(&format!("{path}/actions/{action}"), version, body)
        .await
        .expect(200)
}

/// The admin sets the house up: an account for Koffi, who logs in, renews and leaves again.
pub async fn accounts(app: &TestApp, admin: &Client) {
    let body = json!({"email": "koffi@lefanal.test", "name": "Koffi Ada", "password": PASSWORD,
        "grants": [{"role": "publisher"}]});
    let koffi = admin.post("/v1/editorial/users", body).await.expect(201).id();
    let path = format!("/v1/editorial/users/{koffi}");
    let credentials = json!({"email": "koffi@lefanal.test", "password": PASSWORD});
    let pair = app
        .guest()
        .post("/v1/editorial/auth/login", credentials.clone())
        .await
        .expect(200);
    let other = app
        .guest()
        .post("/v1/editorial/auth/login", credentials)
        .await
        .expect(200);
    let pair = app
        .guest()
        .post(
            "/v1/editorial/auth/refresh",
            json!({"refresh_token": pair.member("refresh_token")}),
        )
        .await
        .expect(200);
    let him = app.guest().with_token(pair.member("access_token"));
    him.get("/v1/editorial/me").await.expect(200);
    him.get("/v1/editorial/me/sessions").await.expect(200);
    let session = format!("/v1/editorial/me/sessions/{}", other.member("session_id"));
    him.request(Method::DELETE, &session).send().await.expect(204);
    him.put(
        "/v1/editorial/me/password",
        json!({"current_password": PASSWORD, "new_password": "une autre phrase de passe"}),
    )
    .await
    .expect(204);
    admin.get(&format!("{path}/sessions")).await.expect(200);
    second_factor(app, &him).await;
    api_token(&him).await;
    him.request(Method::POST, "/v1/editorial/auth/logout")
        .send()
        .await
        .expect(204);
    let version = admin.version_of(&path).await;
    admin
        .patch(&path, version, json!({"name": "Koffi Adda"}))
        .await
        .expect(200);
    for action in ["disable", "enable", "reset-password", "reset-second-factor"] {
        admin
            .request(Method::POST, &format!("{path}/actions/{action}"))
            .send()
            .await
            .expect(200);
    }
    admin
        .request(Method::DELETE, &format!("{path}/sessions"))
        .send()
        .await
        .expect(204);
    admin.get("/v1/editorial/users").await.expect(200);
    app.guest().get("/.well-known/jwks.json").await.expect(200);
}

/// What is done in the background, and told to others.
pub async fn jobs(app: &TestApp, admin: &Client) {
    let job = app.waiting_job();
    webhook(admin).await;
    admin.get("/v1/editorial/jobs").await.expect(200);
    admin.get(&format!("/v1/editorial/jobs/{job}")).await.expect(200);
}

/// A machine elsewhere is told what happens.
async fn webhook(admin: &Client) {
    let webhooks = "/v1/editorial/webhooks";
    let body = json!({"name": "Moteur", "url": "https://exemple.test/crochet", "events": ["article.published"]});
    let made = admin.post(webhooks, body).await.expect(201);
    let path = format!("{webhooks}/{}", made.json["info"]["id"].as_str().unwrap());
    admin.get(webhooks).await.expect(200);
    admin.get(&path).await.expect(200);
    admin
        .patch(&path, 1, json!({"events": ["article.killed"]}))
        .await
        .expect(200);
    admin
        .post(&format!("{path}/actions/rotate"), json!({}))
        .await
        .expect(200);
    let tried = admin.post(&format!("{path}/actions/test"), json!({})).await.expect(202);
    admin.get(&format!("{path}/deliveries")).await.expect(200);
    let delivery = format!("{path}/deliveries/{}", tried.id());
    admin.get(&delivery).await.expect(200);
    admin
        .post(&format!("{delivery}/actions/replay"), json!({}))
        .await
        .expect(202);
    let since = json!({"since": "2026-11-01T00:00:00Z"});
    admin.post(&format!("{path}/actions/replay"), since).await.expect(202);
    admin.delete(&path, 2).await.expect(204);
}

/// A machine of his is given a token, which is rotated and ended.
async fn api_token(him: &Client) {
    let (id, machine) = him.api_token(json!([{"permission": "articles:read"}])).await;
    machine.get("/v1/editorial/tokens/current").await.expect(200);
    him.get("/v1/editorial/tokens").await.expect(200);
    let path = format!("/v1/editorial/tokens/{id}");
    him.get(&path).await.expect(200);
    him.post(&format!("{path}/actions/rotate"), json!({})).await.expect(200);
    him.request(Method::DELETE, &path).send().await.expect(204);
}

/// Koffi takes a second factor, does without it, and takes another.
async fn second_factor(app: &TestApp, him: &Client) {
    const OWN: &str = "/v1/editorial/me/second-factor";
    let password = json!({"current_password": "une autre phrase de passe"});
    let path = format!("{OWN}/actions/set-up");
    let begun = him.post(&path, password.clone()).await.expect(200);
    let authenticator = Authenticator::new(begun.member("secret"));
    let proof = json!({"code": authenticator.code(app.now())});
    let path = format!("{OWN}/actions/confirm");
    let codes = him.post(&path, proof).await.expect(200).json["recovery_codes"].clone();
    him.get(OWN).await.expect(200);
    let path = format!("{OWN}/actions/renew-recovery-codes");
    let codes = him.post(&path, json!({"code": codes[0]})).await.expect(200).json["recovery_codes"].clone();
    let mut end = password.clone();
    end["code"] = codes[1].clone();
    him.post(&format!("{OWN}/actions/disable"), end).await.expect(204);
    let path = format!("{OWN}/actions/set-up");
    let begun = him.post(&path, password).await.expect(200);
    let code = Authenticator::new(begun.member("secret")).code(app.now());
    him.post(&format!("{OWN}/actions/confirm"), json!({"code": code}))
        .await
        .expect(200);
}

/// The publisher makes sections, a tag and a byline, and tidies up.
pub async fn taxonomy(publisher: &Client) -> (String, String, String) {
    let section = publisher.section("Actualités", None).await;
    let below = publisher.section("Diplomatie", None).await;
    let below_path = format!("/v1/editorial/sections/{below}");
    act(publisher, &below_path, "move", json!({"parent_id": section})).await;
    let version = publisher.version_of(&below_path).await;
    publisher
        .patch(&below_path, version, json!({"description": "Le monde se parle."}))
        .await
        .expect(200);
    let mistake = publisher.section("Erreur", None).await;
    remove(publisher, &format!("/v1/editorial/sections/{mistake}")).await;
    publisher.get("/v1/editorial/sections").await.expect(200);
    let (tag, mistake) = (publisher.tag("Élections").await, publisher.tag("Erreur").await);
    publisher
        .patch(
            &format!("/v1/editorial/tags/{tag}"),
            1,
            json!({"label": "Élections 2026"}),
        )
        .await
        .expect(200);
    remove(publisher, &format!("/v1/editorial/tags/{mistake}")).await;
    let same = format!("/v1/editorial/tags/{}", publisher.tag("Scrutins").await);
    act(publisher, &same, "merge", json!({"into_tag_id": tag})).await;
    publisher.get("/v1/editorial/tags").await.expect(200);
    let (awa, mistake) = (
        publisher.contributor("Awa Bah").await,
        publisher.contributor("Erreur").await,
    );
    publisher
        .patch(
            &format!("/v1/editorial/contributors/{awa}"),
            1,
            json!({"role": "Reporter"}),
        )
        .await
        .expect(200);
    remove(publisher, &format!("/v1/editorial/contributors/{mistake}")).await;
    publisher.get("/v1/editorial/contributors").await.expect(200);
    (below, tag, awa)
}

/// A journalist writes, the publisher publishes; another draft ends in the bin.
pub async fn articles(app: &TestApp, publisher: &Client, section: &str, tag: &str, awa: &str) -> String {
    let journalist = app.user(Role::Journalist);
    let id = journalist.draft("Le sommet", section).await;
    let path = format!("/v1/editorial/articles/{id}");
    let version = journalist.version_of(&path).await;
    let image = json!({"url": "https://images.example/sommet.jpg", "alt": "La salle"});
    let blocks = json!([
        {"type": "heading", "level": 2, "text": "Ce qui s’est dit"},
        {"type": "paragraph", "html": "<p>Un <strong>accord</strong>.</p>"},
        {"type": "quote", "html": "<p>Enfin.</p>", "attribution": "Un délégué"},
        {"type": "pullquote", "text": "Enfin."},
        {"type": "list", "is_ordered": true, "items": ["Un", "Deux"]},
        {"type": "image", "image": image}, {"type": "gallery", "images": [image, image]},
        {"type": "video", "url": "https://videos.example/sommet.mp4", "poster": image},
        {"type": "audio", "url": "https://sons.example/sommet.mp3"},
        {"type": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
        {"type": "table", "header": ["Pays"], "rows": [["Bénin"], ["Togo"]]},
        {"type": "fact_box", "title": "Repères", "html": "<p>Depuis 2020.</p>"},
        {"type": "ad_slot", "slot": "inline-1"}, {"type": "divider"},
    ]);
    let body = json!({"kicker": "Diplomatie", "standfirst": "Deux jours de travaux.", "tag_ids": [tag],
        "contributors": [{"contributor_id": awa, "role": "à Cotonou"}], "image": image, "blocks": blocks,
        "source": {"name": "Le Fanal", "url": "https://lefanal.test"}, "seo": {"title": "Sommet", "no_index": true}});
    journalist.patch(&path, version, body).await.expect(200);
    publisher.get("/v1/editorial/articles").await.expect(200);
    publisher.get("/v1/editorial/search?q=le").await.expect(200);
    publisher.get("/v1/editorial/text-suspects").await.expect(200);
    preview(app, &journalist, &path).await;
    publisher.get(&format!("{path}/validate")).await.expect(200);
    act(publisher, &path, "publish", json!({})).await;
    let moment = json!({"kind": "unpublish", "local_time": "2026-12-24T18:00", "time_zone": "Africa/Porto-Novo"});
    act(publisher, &path, "schedule", moment).await;
    publisher.get("/v1/editorial/schedule").await.expect(200);
    act(publisher, &path, "unschedule", json!({})).await;
    act(publisher, &path, "unpublish", json!({})).await;
    act(publisher, &path, "publish", json!({})).await;
    corrections(publisher, section).await;
    colleagues(app, publisher, &journalist, section).await;
    let binned = format!("/v1/editorial/articles/{}", journalist.draft("Rien", section).await);
    let version = journalist.version_of(&binned).await;
    let item = json!({"id": binned.rsplit('/').next(), "version": version});
    let body = json!({"action": "submit", "articles": [item]});
    journalist.post("/v1/editorial/articles/bulk", body).await.expect(200);
    act(&journalist, &binned, "trash", json!({})).await;
    act(&journalist, &binned, "restore", json!({})).await;
    act(&journalist, &binned, "trash", json!({})).await;
    remove(&app.admin(), &binned).await;
    id
}

/// Somebody without an account is shown an article.
async fn preview(app: &TestApp, journalist: &Client, path: &str) {
    let tokens = format!("{path}/preview-tokens");
    let made = journalist.post(&tokens, json!({})).await.expect(201);
    app.guest().get(made.member("path")).await.expect(200);
    journalist.get(&tokens).await.expect(200);
    journalist
        .request(Method::DELETE, &format!("{tokens}/{}", made.id()))
        .send()
        .await
        .expect(204);
}

/// Two work on one draft: they say so, type, leave notes, compare what was with what is, and go back.
async fn colleagues(app: &TestApp, publisher: &Client, journalist: &Client, section: &str) {
    let path = format!("/v1/editorial/articles/{}", journalist.draft("Le port", section).await);
    let (lock, autosave, notes) = (
        format!("{path}/lease"),
        format!("{path}/autosave"),
        format!("{path}/notes"),
    );
    journalist.put(&lock, json!({})).await.expect(200);
    publisher.put(&lock, json!({"take_over": true})).await.expect(200);
    publisher.get(&lock).await.expect(200);
    app.admin().request(Method::DELETE, &lock).send().await.expect(204);
    let typed = json!({"base_version": 1, "title": "Le port de"});
    journalist.put(&autosave, typed).await.expect(200);
    journalist.get(&autosave).await.expect(200);
    journalist.request(Method::DELETE, &autosave).send().await.expect(204);
    let note = publisher
        .post(&notes, json!({"body": "Quel port ?"}))
        .await
        .expect(201)
        .id();
    let note = format!("{notes}/{note}");
    publisher
        .patch(&note, 1, json!({"body": "Quel port, où ?"}))
        .await
        .expect(200);
    for action in ["resolve", "reopen"] {
        let path = format!("{note}/actions/{action}");
        journalist.request(Method::POST, &path).send().await.expect(200);
    }
    journalist.get(&notes).await.expect(200);
    publisher.get(&note).await.expect(200);
    remove(publisher, &note).await;
    journalist
        .patch(&path, 1, json!({"title": "Le port de Lomé"}))
        .await
        .expect(200);
    journalist.get(&format!("{path}/revisions")).await.expect(200);
    journalist.get(&format!("{path}/revisions/2")).await.expect(200);
    journalist.get(&format!("{path}/revisions/2/diff")).await.expect(200);
    let back = format!("{path}/revisions/1/revert");
    let reverted = journalist.act(&back, 2, json!({})).await.expect(200);
    assert_eq!(
        (&reverted.json["title"], &reverted.json["version"]),
        (&json!("Le port"), &json!(3))
    );
}

/// The publisher sees to it that old addresses lead somewhere.
pub async fn redirects(publisher: &Client) {
    let list = "/v1/editorial/redirects";
    let body = json!({"path": "/ancien", "location": "/actualites", "http_status": 302, "note": "Refonte"});
    let id = publisher.post(list, body).await.expect(201).id();
    let path = format!("{list}/{id}");
    let version = publisher.version_of(&path).await;
    publisher
        .patch(&path, version, json!({"http_status": 301}))
        .await
        .expect(200);
    let file = "path,location\n/ancien,/actualites\n/plus-ancien,/ancien\n";
    publisher
        .request(Method::POST, &format!("{list}/import"))
        .bytes("text/csv", file)
        .send()
        .await
        .expect(200);
    publisher.get(list).await.expect(200);
    remove(publisher, &path).await;
}

/// A story goes through the whole desk, is corrected and retracted; another is taken down for good.
async fn corrections(publisher: &Client, section: &str) {
    let id = publisher.draft("Les chiffres", section).await;
    let path = format!("/v1/editorial/articles/{id}");
    for action in ["submit", "approve", "publish"] {
        act(publisher, &path, action, json!({})).await;
    }
    let notice = json!({"kind": "correction", "text": "Un chiffre était faux."});
    act(publisher, &path, "correct", notice).await;
    act(publisher, &path, "retract", json!({"notice": "Tout était faux."})).await;
    let version = publisher.version_of(&path).await;
    let copy = publisher
        .act(&format!("{path}/actions/duplicate"), version, json!({}))
        .await
        .expect(201)
        .id();
    let copy = format!("/v1/editorial/articles/{copy}");
    let english = publisher
        .act(&format!("{copy}/actions/translate"), 1, json!({"locale": "en"}))
        .await
        .expect(201)
        .id();
    act(
        publisher,
        &format!("/v1/editorial/articles/{english}"),
        "kill",
        json!({"reason": "Erreur."}),
    )
    .await;
}

/// The publisher dresses the site; readers get it.
pub async fn site(app: &TestApp, admin: &Client, publisher: &Client, article: &str, section: &str) {
    let guest = app.guest();
    let version = admin.version_of("/v1/editorial/site").await;
    let change = json!({"tagline": "Toute l’actualité"});
    admin.patch("/v1/editorial/site", version, change).await.expect(200);
    let menu = json!({"key": "principal", "label": "Menu", "items": [{"kind": "home"}]});
    let slot = json!({"key": "pave", "label": "Pavé", "kind": "body", "rules": [{"kind": "after_block", "blocks": 1}]});
    let package = json!({"kind": "series", "title": "Un an", "article_ids": [article]});
    for (list, thing, change) in [
        ("menus", menu, json!({"label": "Menu principal"})),
        ("ad-slots", slot, json!({"is_active": false})),
        ("packages", package, json!({"title": "Un an après"})),
    ] {
        let made = publisher
            .post(&format!("/v1/editorial/{list}"), thing)
            .await
            .expect(201);
        let path = made.header("location").to_owned();
        publisher.patch(&path, 1, change).await.expect(200);
        publisher.get(&format!("/v1/editorial/{list}")).await.expect(200);
        if list != "ad-slots" {
            guest.get(&path.replace("/editorial", "")).await.expect(200);
        }
        remove(publisher, &path).await;
    }
    let most_read = json!({"window": "7d", "articles": [{"article_id": article}]});
    publisher.put("/v1/editorial/most-read", most_read).await.expect(200);
    let live = guest.get(&format!("/v1/articles/{article}")).await.expect(200);
    let tag_page = guest.get(&format!("/v1/tags/{}", admin.tag("Phare").await)).await;
    let person_page = admin.contributor("Awa Diop").await;
    let person_page = guest.get(&format!("/v1/contributors/{person_page}")).await;
    let (path, place) = (live.member("path"), guest.get(&format!("/v1/sections/{section}")).await);
    for url in [
        "/v1/site",
        "/v1/ad-slots",
        "/v1/breaking",
        &format!("/v1/articles/{article}/related"),
        "/v1/pages/home",
        &format!("/v1/pages?path={path}"),
        "/v1/pages/search?q=port",
        &format!("/v1/pages/tag?path={}", tag_page.member("path")),
        &format!("/v1/pages/contributor?path={}", person_page.member("path")),
        &format!("/v1/pages/article?path={path}"),
        &format!("/v1/pages/section?path={}", place.member("path")),
    ] {
        guest.get(url).await.expect(200);
    }
}
