//! What is read of a site: every operation that reads, and of those with filters the usual ones.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::growing::Named;
use crate::support::{Client, TestApp};

/// Who asks.
pub struct Askers {
    pub guest: Client,
    pub admin: Client,
    /// Somebody whose one role holds in one section alone.
    pub scoped: Client,
    /// A machine with the admin's token.
    pub machine: Client,
}

impl Askers {
    pub async fn of(app: &TestApp, named: &Named) -> Self {
        let admin = app.admin();
        let scopes = ["articles:read", "articles:read_full"].map(|permission| json!({"permission": permission}));
        let (_, machine) = admin.api_token(json!(scopes)).await;
        Self {
            guest: app.guest(),
            admin,
            machine,
            scoped: app.user_in(Role::SectionEditor, named.text("/section/id")),
        }
    }
}

/// What readers ask for.
pub fn of_readers(named: &Named) -> Vec<String> {
    let (id, path) = (named.text("/id"), named.text("/path"));
    let (section, section_path) = (named.text("/section/id"), named.text("/section/path"));
    let (tag, tag_path) = (named.text("/tags/0/slug"), named.text("/tags/0/path"));
    let (person, person_path) = (named.text("/contributors/0/slug"), named.text("/contributors/0/path"));
    let comment = &named.comment;
    let filters = [
        String::new(),
        format!("section={section}"),
        format!("section={section}&exact_section=true"),
        format!("tag={tag}"),
        format!("contributor={person}"),
        "type=live".to_owned(),
        "locale=*".to_owned(),
        "published_before=2026-11-09".to_owned(),
        format!("section={section}&tag={tag}"),
    ];
    let mut addresses: Vec<String> = vec!["/v1/changes?limit=5".to_owned(), "/v1/stream".to_owned()];
    for filter in &filters {
        addresses.push(format!("/v1/articles?{filter}&limit=5"));
        addresses.push(format!("/feeds/rss?{filter}&limit=5"));
        addresses.push(format!("/v1/search?q=accord&{filter}&limit=5"));
    }
    for rest in [
        "?view=teaser",
        "?sort=published_at",
        "?sort=-updated_at&limit=5",
        "?sort=-updated_at&type=live&limit=5",
        "/full?limit=5",
        "/partial?fields=title,path&limit=5",
        "/partial?fields=title,blocks&limit=5",
    ] {
        addresses.push(format!("/v1/articles{rest}"));
    }
    for rest in [
        "",
        "?include=related,translations,packages,comments,jsonld",
        "/corrections",
        "/related",
    ] {
        addresses.push(format!("/v1/articles/{id}{rest}"));
    }
    for sort in ["-created_at", "created_at", "top"] {
        addresses.push(format!("/v1/articles/{id}/comments?sort={sort}"));
        addresses.push(format!("/v1/articles/{id}/comments/flat?sort={sort}&limit=5"));
    }
    addresses.extend([
        format!("/v1/articles/{id}/comments?is_featured=true"),
        format!("/v1/articles/by-path?path={path}"),
        format!("/v1/resolve?path={path}"),
        format!("/v1/comments/{comment}/replies"),
        format!("/v1/comments/counts?article_id={id}"),
        format!("/v1/captcha?article_id={id}"),
        format!("/v1/sections/{section}"),
        format!("/v1/tags/{}", named.text("/tags/0/id")),
        format!("/v1/contributors/{}", named.text("/contributors/0/id")),
        format!("/v1/pages?path={path}"),
        format!("/v1/pages?path={section_path}"),
        format!("/v1/pages/article?path={path}&include=comments"),
        format!("/v1/pages/section?path={section_path}"),
        format!("/v1/pages/tag?path={tag_path}"),
        format!("/v1/pages/contributor?path={person_path}"),
        format!("/v1/most-read?section={section}"),
    ]);
    let plain = [
        "/feeds/atom",
        "/feeds/json",
        "/sitemap.xml",
        "/sitemap-news.xml",
        "/sitemaps/sections.xml",
        "/sitemaps/archives.xml",
        "/robots.txt",
        "/livez",
        "/readyz",
        "/problems/not_found",
        "/openapi/delivery.json",
        "/openapi/editorial.json",
        "/.well-known/jwks.json",
        "/v1/ad-slots",
        "/v1/breaking",
        "/v1/contributors?limit=5",
        "/v1/contributors?q=zz&limit=5",
        "/v1/corrections?limit=5",
        "/v1/corrections?locale=*&limit=5",
        "/v1/moderation-log",
        "/v1/most-read",
        "/v1/pages/home",
        "/v1/pages/search?q=accord",
        "/v1/search?q=accord&sort=relevance&limit=5",
        "/v1/search/suggest?q=acc",
        "/v1/sections",
        "/v1/site",
        "/v1/tags?limit=5",
        "/v1/tags?kind=topic&limit=5",
        "/v1/tags?q=zz&limit=5",
    ];
    addresses.extend(plain.map(str::to_owned));
    addresses
}

/// What the desk asks for.
pub async fn of_the_desk(admin: &Client, named: &Named) -> Vec<String> {
    let (id, comment) = (named.text("/id"), &named.comment);
    let (section, user) = (named.text("/section/id"), admin.user_id.unwrap());
    let articles = "/v1/editorial/articles";
    let tag = named.text("/tags/0/id");
    let person = named.text("/contributors/0/id");
    let mut addresses: Vec<String> = [
        String::new(),
        "state=published".to_owned(),
        "state=draft".to_owned(),
        "review=in_review".to_owned(),
        format!("section_id={section}"),
        "locale=fr".to_owned(),
        "type=live".to_owned(),
        format!("tag_id={tag}"),
        format!("assignee_id={user}"),
        format!("created_by={user}"),
        format!("leased_by={user}"),
        "has_unpublished_changes=true".to_owned(),
        "changed_after=2026-11-22T00:00:00Z".to_owned(),
        "sort=edited_at&changed_after=2026-11-22T00:00:00Z".to_owned(),
    ]
    .iter()
    .map(|filter| format!("{articles}?{filter}&limit=5"))
    .collect();
    for rest in [
        "",
        "/notes",
        "/revisions",
        "/revisions/1",
        "/revisions/2/diff",
        "/validate",
        "/preview-tokens",
    ] {
        addresses.push(format!("{articles}/{id}{rest}"));
    }
    for queue in [
        "queue=pending",
        "queue=approved",
        "queue=approved&sort=-created_at",
        "queue=rejected",
        "queue=spam",
        "queue=reported",
        "queue=pending&reason=pre_moderated",
        "queue=pending&claimed=mine",
        "queue=pending&claimed=none",
        "queue=approved&q=accord",
    ] {
        addresses.push(format!("/v1/editorial/moderation/queue?{queue}&limit=5"));
    }
    addresses.extend([
        format!("/v1/editorial/moderation/queue?queue=approved&article_id={id}&limit=5"),
        format!("/v1/editorial/moderation/queue?queue=approved&section_id={section}&limit=5"),
        format!("/v1/editorial/moderation/queue?queue=approved&same_author_as={comment}&limit=5"),
        format!("/v1/editorial/comments/{comment}"),
        format!("/v1/editorial/contributors/{person}"),
        format!("/v1/editorial/tags/{tag}"),
        format!("/v1/editorial/sections/{section}"),
        format!("/v1/editorial/users/{user}"),
        format!("/v1/editorial/users/{user}/sessions"),
        format!("/v1/editorial/audit?user_id={user}"),
        format!("/v1/editorial/audit?target_kind=article&target_id={id}"),
        format!("/v1/editorial/schedule?section_id={section}"),
        format!("/v1/editorial/schedule?article_id={id}"),
    ]);
    let plain = [
        "ad-slots",
        "audit?limit=5",
        "audit?action=article.publish&limit=5",
        "audit?recorded_after=2026-11-23&limit=5",
        "audit/export?recorded_before=2026-01-01",
        "contributors?limit=5",
        "me",
        "me/second-factor",
        "me/sessions",
        "tokens?limit=1",
        "jobs?limit=1",
        "jobs?state=waiting",
        "privacy-requests",
        "menus",
        "moderation/counts",
        "packages?limit=5",
        "packages?kind=package&limit=5",
        "redirects?limit=5",
        "redirects?origin=editor&limit=5",
        "redirects?http_status=302&limit=5",
        "redirects?path_prefix=/zz&limit=5",
        "redirects?location=/&limit=5",
        "sanctions?limit=5",
        "sanctions?is_active=true&limit=5",
        "sanctions?kind=ban&limit=5",
        "sanctions?target=email&limit=5",
        "schedule",
        "schedule?state=done",
        "schedule?kind=publish",
        "search?q=accord&limit=5",
        "sections",
        "site",
        "spam-model",
        "tags?limit=5",
        "text-suspects",
        "users",
        "word-lists",
    ];
    addresses.extend(plain.map(|rest| format!("/v1/editorial/{rest}")));
    addresses.extend(made_for_reading(admin, id).await);
    addresses
}

/// What somebody whose role holds in one section asks for.
pub fn of_one_section(named: &Named) -> Vec<String> {
    let section = named.text("/section/id");
    vec![
        "/v1/editorial/articles?limit=5".to_owned(),
        "/v1/editorial/articles?state=published&limit=5".to_owned(),
        format!("/v1/editorial/articles?section_id={section}&limit=5"),
        "/v1/editorial/search?q=accord&limit=5".to_owned(),
        "/v1/editorial/schedule".to_owned(),
        "/v1/editorial/text-suspects".to_owned(),
    ]
}

/// What a machine asks for with its token.
pub fn of_a_machine(named: &Named) -> Vec<String> {
    vec![
        "/v1/editorial/tokens/current".to_owned(),
        "/v1/editorial/articles?limit=5".to_owned(),
        format!("/v1/articles/{}", named.text("/id")),
    ]
}

/// Addresses of things that are made first.
async fn made_for_reading(admin: &Client, article: &str) -> Vec<String> {
    let desk = format!("/v1/editorial/articles/{article}");
    let version = admin.version_of(&desk).await;
    admin.put(&format!("{desk}/lease"), json!({})).await.expect(200);
    let typed = json!({"base_version": version, "title": "Le port"});
    admin.put(&format!("{desk}/autosave"), typed).await.expect(200);
    let made = async |path: &str, body: Value| admin.post(path, body).await.expect(201);
    let notes = format!("{desk}/notes");
    let note = made(&notes, json!({"body": "Vu."})).await.id();
    let preview = made(&format!("{desk}/preview-tokens"), json!({})).await;
    let (token, _) = admin.api_token(json!([{"permission": "articles:read"}])).await;
    let webhook = json!({"name": "Moteur", "url": "https://exemple.test/crochet", "events": ["site.changed"]});
    let webhook = made("/v1/editorial/webhooks", webhook).await;
    let webhook = format!(
        "/v1/editorial/webhooks/{}",
        webhook.json["info"]["id"].as_str().unwrap()
    );
    let tried = admin
        .post(&format!("{webhook}/actions/test"), json!({}))
        .await
        .expect(202);
    let mut addresses = vec![
        "/v1/editorial/webhooks".to_owned(),
        format!("{webhook}/deliveries?state=waiting&limit=5"),
        format!("{webhook}/deliveries/{}", tried.id()),
        webhook,
        format!("{desk}/lease"),
        format!("{desk}/autosave"),
        format!("{notes}/{note}"),
        preview.member("path").to_owned(),
        format!("/v1/editorial/tokens/{token}"),
    ];
    for (list, body) in [
        (
            "sanctions",
            json!({"kind": "premoderate", "target": "email", "email": "a@example.org"}),
        ),
        ("word-lists", json!({"name": "Insultes", "kind": "banned"})),
        ("privacy-requests", json!({"kind": "export", "email": "a@example.org"})),
        (
            "redirects",
            json!({"path": "/zz-ancien", "location": "/", "http_status": 302}),
        ),
        (
            "packages",
            json!({"kind": "series", "title": "Un an", "article_ids": [article]}),
        ),
        (
            "menus",
            json!({"key": "zz-pied", "label": "Pied", "items": [{"kind": "home"}]}),
        ),
    ] {
        let path = format!("/v1/editorial/{list}");
        let made = made(&path, body).await;
        let thing = made.header("location").to_owned();
        if ["packages", "menus"].contains(&list) {
            addresses.push(thing.replace("/editorial", ""));
        }
        addresses.push(thing);
    }
    let slots = admin.get("/v1/editorial/ad-slots").await.expect(200);
    let key = slots.json["items"][0]["key"].as_str().unwrap();
    addresses.push(format!("/v1/editorial/ad-slots/{key}"));
    addresses
}
