//! A newsroom's day: every operation of both documents is called, and succeeds.

use std::collections::BTreeSet;

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::contract::operations;
use crate::support::newsroom::bilingual;
use crate::support::{Answer, Client, PASSWORD, TestApp};

async fn remove(client: &Client, path: &str) {
    let version = client.version_of(path).await;
    client.delete(path, version).await.expect(204);
}

async fn act(client: &Client, path: &str, action: &str, body: Value) -> Answer {
    let version = client.version_of(path).await;
    client
        .act(&format!("{path}/actions/{action}"), version, body)
        .await
        .expect(200)
}

/// The admin sets the house up: an account for Koffi, who logs in, renews and leaves again.
async fn accounts(app: &TestApp, admin: &Client) {
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
    him.request(Method::POST, "/v1/editorial/auth/logout")
        .send()
        .await
        .expect(204);
    let version = admin.version_of(&path).await;
    admin
        .patch(&path, version, json!({"name": "Koffi Adda"}))
        .await
        .expect(200);
    for action in ["disable", "enable", "reset-password"] {
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

/// The publisher makes sections, a tag and a byline, and tidies up.
async fn taxonomy(publisher: &Client) -> (String, String, String) {
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
async fn articles(app: &TestApp, publisher: &Client, section: &str, tag: &str, awa: &str) -> String {
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
        {"type": "list", "ordered": true, "items": ["Un", "Deux"]},
        {"type": "image", "image": image}, {"type": "gallery", "images": [image, image]},
        {"type": "video", "url": "https://videos.example/sommet.mp4", "poster": image},
        {"type": "audio", "url": "https://sons.example/sommet.mp3"},
        {"type": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
        {"type": "table", "header": ["Pays"], "rows": [["Bénin"], ["Togo"]]},
        {"type": "fact_box", "title": "Repères", "html": "<p>Depuis 2020.</p>"},
        {"type": "ad_slot", "slot": "inline-1"}, {"type": "divider"},
    ]);
    let body = json!({"kicker": "Diplomatie", "standfirst": "Deux jours de travaux.", "tag_ids": [tag],
        "contributors": [{"contributor_id": awa, "role": "à Cotonou"}], "lead_image": image, "blocks": blocks,
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
        format!("{path}/lock"),
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
async fn redirects(publisher: &Client) {
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

/// What stands in the audit after the day.
async fn audit(admin: &Client) {
    admin.get("/v1/editorial/audit").await.expect(200);
    let export = admin.get("/v1/editorial/audit/export").await.expect(200);
    let mut acts: BTreeSet<String> = BTreeSet::new();
    for line in export.text.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        acts.insert(entry["action"].as_str().unwrap().to_owned());
    }
    let changing = operations().iter().filter(|operation| operation.method != "GET");
    for operation in changing.filter(|operation| operation.path.starts_with("/v1/editorial/")) {
        let id = operation.id.as_str();
        let known = AUDITED.iter().find(|(known, _)| *known == id);
        let (_, act) = known.unwrap_or_else(|| panic!("{id}: which act does the audit note?"));
        assert!(
            act.is_empty() || acts.contains(*act),
            "{id}: there is no {act} in the audit"
        );
    }
}

/// The act that the audit notes for each operation that changes something.
const AUDITED: &[(&str, &str)] = &[
    ("login", "user.login"),
    // Each session renews its tokens every quarter of an hour: the login stands for all of them.
    ("refreshTokens", ""),
    ("logout", "user.logout"),
    ("changeMyPassword", "user.set_password"),
    ("endMySession", "user.end_sessions"),
    ("createUser", "user.create"),
    ("updateUser", "user.edit"),
    ("disableUser", "user.disable"),
    ("enableUser", "user.enable"),
    ("resetUserPassword", "user.set_password"),
    ("endUserSessions", "user.end_sessions"),
    ("revertArticle", "article.revert"),
    // Typing and saying that one types is no act; taking it from a colleague is.
    ("saveAutosave", ""),
    ("deleteAutosave", ""),
    ("takeLease", "article.take_over"),
    ("releaseLease", "article.break_lease"),
    ("createArticleNote", "article.add_note"),
    ("updateArticleNote", "article.edit_note"),
    ("deleteArticleNote", "article.delete_note"),
    ("resolveArticleNote", "article.resolve_note"),
    ("reopenArticleNote", "article.reopen_note"),
    ("createSection", "section.create"),
    ("updateSection", "section.edit"),
    ("moveSection", "section.move"),
    ("deleteSection", "section.delete"),
    ("createTag", "tag.create"),
    ("updateTag", "tag.edit"),
    ("deleteTag", "tag.delete"),
    ("createContributor", "contributor.create"),
    ("updateContributor", "contributor.edit"),
    ("deleteContributor", "contributor.delete"),
    ("createRedirect", "redirect.create"),
    ("updateRedirect", "redirect.edit"),
    ("deleteRedirect", "redirect.delete"),
    ("importRedirects", "redirect.import"),
    ("createWordList", "word_list.create"),
    ("updateWordList", "word_list.edit"),
    ("deleteWordList", "word_list.delete"),
    // A question.
    ("testWordLists", ""),
    ("createArticle", "article.create"),
    ("updateArticle", "article.edit"),
    ("performBulkAction", "article.submit"),
    ("deleteArticle", "article.delete"),
    ("submitArticle", "article.submit"),
    ("approveArticle", "article.approve"),
    ("publishArticle", "article.publish"),
    ("correctArticle", "article.correct"),
    ("unpublishArticle", "article.unpublish"),
    ("retractArticle", "article.retract"),
    ("killArticle", "article.kill"),
    ("scheduleArticle", "article.schedule"),
    ("unscheduleArticle", "article.unschedule"),
    ("trashArticle", "article.trash"),
    ("restoreArticle", "article.restore"),
    ("duplicateArticle", "article.duplicate"),
    ("translateArticle", "article.translate"),
    ("createPreviewToken", "preview.create"),
    ("deletePreviewToken", "preview.delete"),
    ("approveComment", "comment.approve"),
    ("rejectComment", "comment.reject"),
    ("markCommentAsSpam", "comment.spam"),
    ("restoreComment", "comment.restore"),
    ("createStaffComment", "comment.create"),
    ("createPrivacyRequest", "privacy.request"),
    ("updateSite", "site.edit"),
    ("createMenu", "menu.create"),
    ("updateMenu", "menu.edit"),
    ("deleteMenu", "menu.delete"),
    ("createAdSlot", "ad_slot.create"),
    ("updateAdSlot", "ad_slot.edit"),
    ("deleteAdSlot", "ad_slot.delete"),
    ("createPackage", "package.create"),
    ("updatePackage", "package.edit"),
    ("deletePackage", "package.delete"),
    // Who holds which card is no act: what they decide is.
    ("claimComments", ""),
    ("releaseComments", ""),
    ("featureComment", "comment.feature"),
    ("unfeatureComment", "comment.unfeature"),
    ("pinComment", "comment.pin"),
    ("unpinComment", "comment.unpin"),
    ("undoDecision", "comment.undo"),
    ("performBulkModeration", "comment.reject"),
    ("createSanction", "sanction.create"),
    ("updateSanction", "sanction.edit"),
    ("liftSanction", "sanction.lift"),
];

/// The publisher dresses the site; readers get it.
async fn site(app: &TestApp, admin: &Client, publisher: &Client, article: &str, section: &str) {
    let guest = app.guest();
    let version = admin.version_of("/v1/editorial/site").await;
    let change = json!({"tagline": "Toute l’actualité"});
    admin.patch("/v1/editorial/site", version, change).await.expect(200);
    let menu = json!({"key": "principal", "label": "Menu", "items": [{"kind": "home"}]});
    let slot =
        json!({"key": "pave", "label": "Pavé", "place": "body", "rules": [{"kind": "after_block", "blocks": 1}]});
    let package = json!({"kind": "series", "title": "Un an", "article_ids": [article]});
    for (list, thing, change) in [
        ("menus", menu, json!({"label": "Menu principal"})),
        ("ad-slots", slot, json!({"is_on": false})),
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
    let live = guest.get(&format!("/v1/articles/{article}")).await.expect(200);
    let (path, place) = (live.member("path"), guest.get(&format!("/v1/sections/{section}")).await);
    for url in [
        "/v1/site",
        "/v1/ad-slots",
        "/v1/breaking",
        &format!("/v1/articles/{article}/related"),
        "/v1/pages/home",
        &format!("/v1/pages/article?path={path}"),
        &format!("/v1/pages/section?path={}", place.member("path")),
    ] {
        guest.get(url).await.expect(200);
    }
}

/// A moderator keeps the words that are not wanted.
async fn word_lists(app: &TestApp) {
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
async fn comments(app: &TestApp, article: &str) {
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
    assert_eq!(threads.json["items"][0]["reply_count"], 1);
    moderation(&moderator, &ids).await;
    sanctions(&moderator, &ids[1]).await;
    guest.get("/v1/moderation-log").await.expect(200);
    for format in ["rss", "atom", "json"] {
        guest.get(&format!("/feeds/{format}")).await.expect(200);
    }
    for sitemap in ["/sitemap.xml", "/sitemap-news.xml", "/sitemaps/sections.xml"] {
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
async fn privacy(app: &TestApp, publisher: &Client) {
    let token = app.guest().get("/v1/captcha").await.expect(200);
    let asking = app.guest().request(Method::POST, "/v1/privacy-requests");
    let asking = asking.header("x-reader-token", token.member("reader_token"));
    asking.json(json!({"kind": "export"})).send().await.expect(200);
    let body = json!({"kind": "erase", "mode": "erase", "email": "ada@example.org"});
    let made = publisher.post("/v1/editorial/privacy-requests", body).await.expect(201);
    let body = json!({"token": made.member("verification_token")});
    app.guest().post("/v1/privacy-requests/verify", body).await.expect(200);
}

/// A front end reads everything that there is.
async fn reading(app: &TestApp, article: &str, section: &str, tag: &str, awa: &str) {
    let guest = app.guest();
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
        "/v1/corrections",
        "/v1/search?q=le",
        "/v1/search/suggest?q=le",
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

#[actix_web::test]
async fn a_newsrooms_day_calls_every_operation() {
    let app = TestApp::with_site(&bilingual()).await;
    let (admin, publisher) = (app.admin(), app.user(Role::Publisher));
    accounts(&app, &admin).await;
    let (section, tag, awa) = taxonomy(&publisher).await;
    let article = articles(&app, &publisher, &section, &tag, &awa).await;
    comments(&app, &article).await;
    word_lists(&app).await;
    privacy(&app, &publisher).await;
    site(&app, &admin, &publisher, &article, &section).await;
    redirects(&publisher).await;
    reading(&app, &article, &section, &tag, &awa).await;
    audit(&admin).await;
    let documented: BTreeSet<String> = operations().iter().map(|operation| operation.id.clone()).collect();
    assert_eq!(*app.called.borrow(), documented);
}

#[actix_web::test]
async fn every_read_answers_head_as_get() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = operation.path_with(&["0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "1"]);
        let get = admin.get(&path).await;
        let head = admin.request(Method::HEAD, &path).send().await;
        assert_eq!(head.status, get.status, "{}", operation.id);
        for header in ["content-type", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{} {header}", operation.id);
        }
    }
}
