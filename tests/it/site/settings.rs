//! The site's settings: what editors set, what readers get.

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::newsroom::UNKNOWN_ID;
use crate::support::{Client, TestApp};

const SITE: &str = "/v1/editorial/site";

async fn change(admin: &Client, body: Value) -> crate::support::Answer {
    let version = admin.version_of(SITE).await;
    admin.patch(SITE, version, body).await
}

#[actix_web::test]
async fn settings_are_changed_under_their_version_and_hold_at_once() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let before = admin.get(SITE).await.expect(200);
    assert_eq!((before.header("etag"), &before.json["version"]), ("\"v0\"", &json!(0)));
    let logo = json!({"role": "primary", "image": {"url": "https://images.example/logo.svg", "alt": "Le Fanal"}});
    let body = json!({
        "name": "Le Fanal", "tagline": "Au large et à quai", "root_label": "À la une", "time_zone": "Africa/Porto-Novo",
        "logos": [logo], "social_links": [{"network": "mastodon", "url": "https://social.example/@lefanal"}],
        "comment_policy": {"mode": "closed"}, "comment_report_threshold": 3, "requires_approval": true,
        "embed_hosts": ["Video.Example.FR"],
    });
    let after = admin.patch(SITE, 0, body).await.expect(200);
    assert_eq!(
        (after.header("etag"), &after.json["embed_hosts"]),
        ("\"v1\"", &json!(["video.example.fr"]))
    );
    admin
        .patch(SITE, 0, json!({"name": "Autre"}))
        .await
        .problem(412, "stale_version");
    let stale = admin.patch(SITE, 0, json!({"name": "Autre"})).await;
    assert!(
        stale.json["change_summary"]["fields"]
            .as_array()
            .unwrap()
            .contains(&json!("tagline"))
    );
    let site = app.guest().get("/v1/site").await.expect(200);
    for (member, expected) in [
        ("name", json!("Le Fanal")),
        ("tagline", json!("Au large et à quai")),
        ("root", json!({"label": "À la une", "path": "/"})),
        ("public_url", json!("https://www.lefanal.test")),
        ("time_zone", json!("Africa/Porto-Novo")),
    ] {
        assert_eq!(site.json[member], expected, "{member}");
    }
    // The comment policy of the site is the last word of every article's.
    let section = admin.section("News", None).await;
    let id = admin.draft("Un titre", &section).await;
    admin.publish(&id).await.problem(409, "not_approved");
    change(&admin, json!({"requires_approval": false})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let form = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json["comment_policy"].clone();
    assert_eq!(form["mode"], "closed");
    // Null gives back what a new site has.
    let cleared = change(&admin, json!({"comment_policy": null, "tagline": null, "pages": null}))
        .await
        .expect(200);
    assert_eq!(cleared.json["tagline"], Value::Null);
    let form = app.guest().get(&format!("/v1/articles/{id}")).await.expect(200).json["comment_policy"].clone();
    assert_eq!(form["mode"], "pre_moderated");
    let unchanged = change(&admin, json!({"name": "Le Fanal"})).await.expect(200);
    assert_eq!(unchanged.json["version"], cleared.json["version"]);
}

#[actix_web::test]
async fn bad_settings_are_told_by_pointer() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let logo = json!({"role": "primary", "image": {"url": "https://a.test/logo.svg"}});
    let nothing = UNKNOWN_ID;
    for (body, pointer, code) in [
        (
            json!({"time_zone": "Afrique/Cotonou"}),
            "/time_zone",
            "unknown_time_zone",
        ),
        (json!({"logos": [logo, logo]}), "/logos/1", "duplicate"),
        (json!({"locales": []}), "/locales", "too_few"),
        (json!({"locales": ["fr", "fr"]}), "/locales/1", "duplicate"),
        (json!({"locales": ["fr", "français"]}), "/locales/1", "invalid_format"),
        (
            json!({"embed_hosts": ["https://a.fr/"]}),
            "/embed_hosts/0",
            "invalid_format",
        ),
        (json!({"name": null}), "/name", "not_clearable"),
        (
            json!({"pages": {"home": [{"key": "a", "source": "latest", "section_ids": [nothing]}]}}),
            "/pages/home/0/section_ids/0",
            "unknown_reference",
        ),
        (
            json!({"pages": {"home": [{"key": "a", "source": "tags", "tag_ids": [nothing]}]}}),
            "/pages/home/0/tag_ids/0",
            "unknown_reference",
        ),
    ] {
        admin.patch(SITE, 0, body.clone()).await.invalid(&[(pointer, code)]);
    }
    assert_eq!(admin.version_of(SITE).await, 0);
    let scoped = app.user_with(vec![crate::support::grant(Role::Admin, None, Some("fr"))]);
    scoped
        .patch(SITE, 0, json!({"name": "x"}))
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn a_language_comes_with_paths_and_stays_while_it_is_used() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let (tag, person) = (admin.tag("Paix").await, admin.contributor("Awa Bah").await);
    let resolve = |path: &'static str| {
        let guest = app.guest();
        async move { guest.get(&format!("/v1/resolve?path={path}")).await }
    };
    resolve("/en/news").await.problem(404, "not_found");
    change(&admin, json!({"locales": ["fr", "en"], "root_labels": {"en": "Home"}}))
        .await
        .expect(200);
    for (path, id) in [
        ("/en/news", &news),
        ("/en/tag/paix", &tag),
        ("/en/auteur/awa-bah", &person),
    ] {
        assert_eq!(resolve(path).await.expect(200).json["id"], id.as_str(), "{path}");
    }
    let section = app
        .guest()
        .get(&format!("/v1/sections/{news}?locale=en"))
        .await
        .expect(200)
        .json;
    assert_eq!(section["breadcrumb"][0], json!({"label": "Home", "path": "/en/"}));
    change(&admin, json!({"locales": ["en", "fr"]}))
        .await
        .invalid(&[("/locales/0", "first_locale")]);
    let draft = admin.make(json!({"locale": "en", "title": "Draft"})).await;
    change(&admin, json!({"locales": ["fr"]}))
        .await
        .invalid(&[("/locales", "locale_in_use")]);
    let path = format!("/v1/editorial/articles/{draft}");
    let version = admin.version_of(&path).await;
    admin
        .act(&format!("{path}/actions/trash"), version, json!({}))
        .await
        .expect(200);
    let version = admin.version_of(&path).await;
    admin.delete(&path, version).await.expect(204);
    change(&admin, json!({"locales": ["fr"]})).await.expect(200);
    resolve("/en/news").await.problem(404, "not_found");
    resolve("/news").await.expect(200);
    // And back again.
    change(&admin, json!({"locales": ["fr", "en"]})).await.expect(200);
    resolve("/en/news").await.expect(200);
    // A section that stands where a language would.
    admin.section("De", None).await;
    change(&admin, json!({"locales": ["fr", "en", "de"]}))
        .await
        .invalid(&[("/locales/2", "slug_taken")]);
}
