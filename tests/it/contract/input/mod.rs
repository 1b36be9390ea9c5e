//! Bad input, made by machine from the documents: every member of every body and every parameter,
//! wrong in every way that its schema allows, answered by the exact problem, and nothing changed.

mod bodies;
mod parameters;
mod spoiling;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::contract::Operation;
use crate::support::newsroom::newsroom;
use crate::support::{Answer, Asking, Client, TestApp};

/// A newsroom with one of everything, each at version 1.
struct House {
    app: TestApp,
    admin: Client,
    ids: Ids,
}

struct Ids {
    article: String,
    live: String,
    note: String,
    preview: String,
    api_token: String,
    job: String,
    webhook: String,
    delivery: String,
    privacy_request: String,
    token: String,
    comment: String,
    shown: String,
    edit_token: String,
    reader: String,
    contributor: String,
    redirect: String,
    section: String,
    session: String,
    tag: String,
    user: String,
    word_list: String,
    sanction: String,
    package: String,
}

impl House {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let live = admin.published("En ligne", &section).await;
        let comment = app
            .guest()
            .post(
                &format!("/v1/articles/{live}/comments"),
                json!({"author_name": "Ada", "body": "Bravo."}),
            )
            .await
            .expect(202);
        let shown = app.guest().comment(&live, "Bien vu.", None).await;
        for id in [&comment.id(), &shown] {
            admin.decide(id, "approve").await.expect(200);
        }
        let (menu, slot) = (
            json!({"key": "principal", "label": "Menu"}),
            json!({"key": "principal", "label": "Bandeau", "kind": "body"}),
        );
        admin.post("/v1/editorial/menus", menu).await.expect(201);
        admin.post("/v1/editorial/ad-slots", slot).await.expect(201);
        let site = json!({"name": "Le Fanal"});
        admin.patch("/v1/editorial/site", 0, site).await.expect(200);
        let form = app.guest().get("/v1/captcha").await.expect(200);
        let me = admin.get("/v1/editorial/me").await.expect(200);
        let article = admin.draft("Brouillon", &section).await;
        let notes = format!("/v1/editorial/articles/{article}/notes");
        let note = admin.post(&notes, json!({"body": "À relire."})).await.expect(201).id();
        let previews = format!("/v1/editorial/articles/{article}/preview-tokens");
        let preview = admin.post(&previews, json!({})).await.expect(201);
        let (api_token, _) = admin.api_token(json!([{"permission": "articles:read"}])).await;
        let asked = json!({"kind": "export", "comment_id": comment.id()});
        let privacy_request = admin
            .post("/v1/editorial/privacy-requests", asked)
            .await
            .expect(201)
            .id();
        let webhook = json!({"name": "Moteur", "url": "https://exemple.test/crochet", "events": ["site.changed"]});
        let webhook = admin.post("/v1/editorial/webhooks", webhook).await.expect(201);
        let webhook = webhook.json["info"]["id"].as_str().unwrap().to_owned();
        let tried = format!("/v1/editorial/webhooks/{webhook}/actions/test");
        let delivery = admin.post(&tried, json!({})).await.expect(202).id();
        let ids = Ids {
            webhook,
            delivery,
            article,
            note,
            token: preview.json["token"].as_str().unwrap().to_owned(),
            preview: preview.id(),
            api_token,
            job: app.waiting_job().to_string(),
            privacy_request,
            live,
            comment: comment.id(),
            shown,
            edit_token: comment.json["edit_token"].as_str().unwrap().to_owned(),
            reader: form.json["reader_token"].as_str().unwrap().to_owned(),
            contributor: admin.contributor("Awa Bah").await,
            redirect: admin
                .post(
                    "/v1/editorial/redirects",
                    json!({"path": "/vieux", "location": "/news"}),
                )
                .await
                .expect(201)
                .id(),
            section,
            session: me.json["session_id"].as_str().unwrap().to_owned(),
            tag: admin.tag("Eau").await,
            user: app
                .user(masthead::access::auth::Role::Analyst)
                .user_id
                .unwrap()
                .to_string(),
            sanction: admin
                .post(
                    "/v1/editorial/sanctions",
                    json!({"kind": "ban", "target": "email", "email": "troll@example.org"}),
                )
                .await
                .expect(201)
                .id(),
            package: admin
                .post("/v1/editorial/packages", json!({"kind": "series", "title": "Un an"}))
                .await
                .expect(201)
                .id(),
            word_list: admin
                .post("/v1/editorial/word-lists", json!({"name": "Mots", "kind": "banned"}))
                .await
                .expect(201)
                .id(),
        };
        Self { app, admin, ids }
    }

    /// A thing of the kind that the path names, at which an operation may aim.
    fn target(&self, operation: &Operation) -> String {
        let ids = &self.ids;
        let mut names = operation.path.split(['{', '}']).skip(1).step_by(2);
        let id = match names.next().unwrap_or_default() {
            "article_id" if operation.needs_token() => &ids.article,
            "article_id" => &ids.live,
            // A changed one waits again, and is not there to be reported.
            "comment_id" if operation.path.starts_with("/v1/comments/") && operation.id != "updateComment" => {
                &ids.shown
            }
            "comment_id" => &ids.comment,
            "contributor_id" => &ids.contributor,
            "redirect_id" => &ids.redirect,
            "section_id" => &ids.section,
            "session_id" => &ids.session,
            "tag_id" => &ids.tag,
            "token" => &ids.token,
            "token_id" => &ids.api_token,
            "job_id" => &ids.job,
            "webhook_id" => &ids.webhook,
            "privacy_request_id" => &ids.privacy_request,
            "user_id" => &ids.user,
            "word_list_id" => &ids.word_list,
            "sanction_id" => &ids.sanction,
            "package_id" => &ids.package,
            "menu_key" | "ad_slot_key" => "principal",
            "code" => "not_found",
            "sitemap" => "sections.xml",
            "" => return operation.path.clone(),
            other => panic!("nothing is known of {other}"),
        };
        let below = match names.next() {
            Some("note_id") => &ids.note,
            Some("delivery_id") => &ids.delivery,
            Some("preview_token_id") => &ids.preview,
            Some("revision_number") => "1",
            None => "",
            Some(other) => panic!("nothing is known of {other}"),
        };
        operation.path_with(&[id, below])
    }

    fn asking(&self, operation: &Operation, path: &str) -> Asking {
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let client = if operation.needs_token() {
            self.admin.clone()
        } else {
            self.app.guest()
        };
        let mut asking = client.request(method, path);
        if operation.id == "requestPrivacy" {
            asking = asking.header("x-reader-token", &self.ids.reader);
        }
        if operation.path.starts_with("/v1/comments/") {
            asking = asking.header("x-reader-token", &self.ids.reader);
            asking = asking.header("x-edit-token", &self.ids.edit_token);
        }
        if operation.has_header("If-Match") {
            asking.if_match(1)
        } else {
            asking
        }
    }

    async fn send(&self, operation: &Operation, body: &Value) -> Answer {
        let (media, _) = operation.body().unwrap();
        let path = self.target(operation);
        self.asking(operation, &path)
            .bytes(media, body.to_string())
            .send()
            .await
    }

    /// Everything that a change could show in.
    async fn snapshot(&self) -> Vec<String> {
        let mut pages = Vec::new();
        for list in [
            "/v1/editorial/sections",
            "/v1/editorial/tags?limit=100",
            "/v1/editorial/contributors?limit=100",
            "/v1/editorial/word-lists?limit=100",
            "/v1/editorial/site",
            "/v1/editorial/menus",
            "/v1/editorial/ad-slots",
            "/v1/editorial/packages?limit=100",
            "/v1/editorial/articles?limit=100",
            "/v1/editorial/users?limit=100",
            "/v1/editorial/me",
            "/v1/editorial/me/sessions",
            "/v1/editorial/moderation/queue?limit=100",
            "/v1/editorial/redirects?limit=100",
            "/v1/editorial/schedule?state=pending,blocked,done,cancelled,failed&limit=100",
            "/v1/articles/full?limit=100",
        ] {
            pages.push(self.admin.get(list).await.expect(200).text);
        }
        for below in ["", "/revisions", "/notes", "/lease", "/preview-tokens"] {
            let path = format!("/v1/editorial/articles/{}{below}", self.ids.article);
            pages.push(self.admin.get(&path).await.expect(200).text);
        }
        pages
    }
}
