//! Sections made, read, changed and cleared; their names in every language.

use actix_web::http::Method;
use masthead::site::settings::Site;
use serde_json::{Value, json};

use super::{Tree, leads, move_to, patch, path};
use crate::support::TestApp;

#[actix_web::test]
async fn a_section_is_made_read_changed_and_cleared() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let body = json!({"label": "Œuvres d’art", "description": "Ce qui se crée.", "colour": "#B3261E",
        "position": 3, "comment_policy": {"mode": "closed", "max_links": 0}, "labels": {"en": "Art"}});
    let made = admin.post("/v1/editorial/sections", body).await.expect(201);
    let id = made.id();
    assert_eq!(
        (made.header("location"), made.header("etag")),
        (path(&id).as_str(), "\"v1\"")
    );
    for (member, expected) in [
        ("slug", json!("oeuvres-d-art")),
        ("path", json!("/oeuvres-d-art")),
        ("colour", json!("#b3261e")),
        ("parent_id", json!(null)),
        ("labels", json!({"en": "Art"})),
        (
            "comment_policy",
            json!({"mode": "closed", "open_for_days": null, "max_depth": null, "max_length": null, "max_links": 0,
                "history_days": null, "history_decided": null, "history_percent": null, "holds_borrowed_names": null}),
        ),
        ("version", json!(1)),
    ] {
        assert_eq!(made.json[member], expected, "{member}");
    }
    let read = admin.get(&path(&id)).await.expect(200);
    assert_eq!((&read.json, read.header("etag")), (&made.json, "\"v1\""));
    let cleared = admin
        .patch(
            &path(&id),
            1,
            json!({"clear": ["colour", "labels"], "description": null, "comment_policy": null}),
        )
        .await
        .expect(200);
    for member in ["colour", "description", "comment_policy"] {
        assert_eq!(cleared.json[member], json!(null), "{member}");
    }
    assert_eq!(
        (&cleared.json["labels"], &cleared.json["version"]),
        (&json!({}), &json!(2))
    );
    let same = admin.patch(&path(&id), 2, json!({"position": 3})).await.expect(200);
    assert_eq!(same.json["version"], 2, "nothing changed, so no version");
    for (body, pointer, code) in [
        (json!({"clear": ["label"]}), "/label", "not_clearable"),
        (json!({"slug": null}), "/slug", "not_clearable"),
        (json!({"clear": ["nonsense"]}), "/clear", "invalid_format"),
        (
            json!({"clear": ["colour"], "colour": "#000000"}),
            "/colour",
            "contradictory_clear",
        ),
        (json!({"colour": "rouge"}), "/colour", "invalid_format"),
        (
            json!({"labels": {"anglais": "Art"}}),
            "/labels/anglais",
            "invalid_format",
        ),
    ] {
        admin.patch(&path(&id), 2, body).await.invalid(&[(pointer, code)]);
    }
    assert_eq!(admin.get(&path(&id)).await.json, cleared.json);
}

#[actix_web::test]
async fn the_tree_is_listed_in_the_order_of_a_table_of_contents() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    for (label, position) in [("Zoo", 1), ("Afrique", 2), ("Monde", 1)] {
        let body = json!({"label": label, "parent_id": news, "position": position});
        admin.post("/v1/editorial/sections", body).await.expect(201);
    }
    admin.section("Agenda", None).await;
    let expected = ["Agenda", "News", "Monde", "Zoo", "Afrique"];
    for list in ["/v1/sections", "/v1/editorial/sections"] {
        let answer = admin.get(list).await.expect(200);
        assert_eq!(answer.items("label"), expected, "{list}");
        assert_eq!(
            answer.json["page"],
            json!({"next_cursor": null, "has_more": false, "total_count": null, "total_is_capped": null})
        );
    }
}

#[actix_web::test]
async fn a_section_has_a_breadcrumb_and_names_in_every_language() {
    let site = Site {
        locales: vec!["fr".to_owned(), "en".to_owned()],
        root_label: "Accueil".to_owned(),
        ..Site::default()
    };
    let app = TestApp::with_site(&site).await;
    let admin = app.admin();
    let news = admin.section("Actualités", None).await;
    let body = json!({"label": "Diplomatie", "parent_id": news, "labels": {"en": "Diplomacy"}});
    let id = admin.post("/v1/editorial/sections", body).await.expect(201).id();
    let french = admin.get(&format!("/v1/sections/{id}")).await.expect(200);
    assert_eq!(
        (&french.json["label"], &french.json["depth"]),
        (&json!("Diplomatie"), &json!(1))
    );
    let crumbs = json!([{"label": "Accueil", "path": "/"}, {"label": "Actualités", "path": "/actualites"},
        {"label": "Diplomatie", "path": "/actualites/diplomatie"}]);
    assert_eq!(french.json["breadcrumb"], crumbs);
    let english = admin.get(&format!("/v1/sections/{id}?locale=en")).await.expect(200);
    let crumbs = json!([{"label": "Accueil", "path": "/en/"}, {"label": "Actualités", "path": "/en/actualites"},
        {"label": "Diplomacy", "path": "/en/actualites/diplomatie"}]);
    assert_eq!(
        (&english.json["label"], &english.json["breadcrumb"]),
        (&json!("Diplomacy"), &crumbs)
    );
    for place in ["/actualites/diplomatie", "/en/actualites/diplomatie"] {
        leads(&app.resolve(place).await, "section", &id);
    }
    move_to(&admin, &id, None).await.expect(200);
    leads(&app.resolve("/actualites/diplomatie").await, "redirect", "/diplomatie");
    leads(
        &app.resolve("/en/actualites/diplomatie").await,
        "redirect",
        "/en/diplomatie",
    );
    admin
        .get(&format!("/v1/sections/{id}?locale=de"))
        .await
        .problem(400, "invalid_parameter");
    admin
        .post("/v1/editorial/sections", json!({"label": "En", "slug": "en"}))
        .await
        .problem(422, "slug_reserved");
}

#[actix_web::test]
async fn slugs_differ_among_siblings_and_some_are_reserved() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let new = |label: &str, parent: Option<&str>| {
        admin.post("/v1/editorial/sections", json!({"label": label, "parent_id": parent}))
    };
    new("NEWS", None)
        .await
        .problem(422, "slug_taken")
        .invalid(&[("/slug", "slug_taken")]);
    new("News", Some(&news)).await.expect(201);
    for reserved in [
        "fr", "tag", "auteur", "v1", "docs", "openapi", "problems", "livez", "readyz", "metrics", "feeds", "media",
    ] {
        new(reserved, None)
            .await
            .problem(422, "slug_reserved")
            .invalid(&[("/slug", "slug_reserved")]);
        new(reserved, Some(&news)).await.expect(201);
    }
    let below = admin.get("/v1/editorial/sections").await.items("id");
    let docs = below.last().unwrap();
    move_to(&admin, docs, None).await.problem(422, "slug_reserved");
    let other = new("Autre", None).await.expect(201).id();
    patch(&admin, &other, json!({"slug": "news"}))
        .await
        .problem(422, "slug_taken");
    patch(&admin, &other, json!({"slug": "tag"}))
        .await
        .problem(422, "slug_reserved");
    for bad in ["Majuscule", "é", "a--b", "-a", "a b", "a/b", ""] {
        patch(&admin, &other, json!({"slug": bad}))
            .await
            .invalid(&[("/slug", "invalid_format")]);
    }
    // A path that once led to a section is never given to another.
    patch(&admin, &other, json!({"slug": "ailleurs"})).await.expect(200);
    new("Autre", None).await.problem(422, "slug_taken");
    patch(&admin, &other, json!({"slug": "autre"})).await.expect(200);
    leads(&app.resolve("/ailleurs").await, "redirect", "/autre");
    leads(&app.resolve("/autre").await, "section", &other);
}

#[actix_web::test]
async fn a_stale_change_is_told_what_changed_and_by_whom() {
    let app = TestApp::new().await;
    let (admin, colleague) = (app.admin(), app.user(masthead::access::auth::Role::Publisher));
    let id = admin.section("News", None).await;
    let sent = |method: Method, end: &str| {
        admin
            .request(method, &format!("{}{end}", path(&id)))
            .json(json!({"parent_id": null}))
    };
    for (method, end) in [
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/actions/move"),
    ] {
        sent(method.clone(), end)
            .send()
            .await
            .problem(428, "precondition_required");
    }
    for wrong in ["*", "v1", "\"v1\", \"v2\"", "W/v1"] {
        let answer = sent(Method::DELETE, "").header("if-match", wrong).send().await;
        answer.problem(400, "invalid_header");
    }
    colleague
        .patch(&path(&id), 1, json!({"label": "Actualités"}))
        .await
        .expect(200);
    app.clock.advance_seconds(60);
    colleague
        .patch(&path(&id), 2, json!({"slug": "actualites", "colour": "#000000"}))
        .await
        .expect(200);
    let stale = admin
        .patch(&path(&id), 1, json!({"label": "Infos"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(
        (stale.header("etag"), &stale.json["current_etag"]),
        ("\"v3\"", &json!("\"v3\""))
    );
    let changes = stale.json["changes"].as_array().unwrap();
    let fields: Vec<&Value> = changes.iter().map(|change| &change["fields"]).collect();
    assert_eq!(fields, [&json!(["label"]), &json!(["slug", "colour"])]);
    for change in changes {
        assert_eq!(change["user_id"], colleague.user_id.unwrap().to_string());
        assert_eq!(change["user_name"], "Awa Kossou");
    }
    admin.delete(&path(&id), 2).await.problem(412, "stale_version");
    admin.delete(&path(&id), 9).await.problem(412, "stale_version");
    assert_eq!(admin.get(&path(&id)).await.expect(200).json["label"], "Actualités");
    admin.patch(&path(&id), 3, json!({"label": "Infos"})).await.expect(200);
}

#[actix_web::test]
async fn a_renamed_section_shows_at_once_on_every_card_and_every_instance() {
    let app = TestApp::new().await;
    let elsewhere = app.another_instance().await;
    let tree = Tree::plant(&app).await;
    let query = "/v1/articles?limit=100";
    for instance in [&app, &elsewhere] {
        instance.guest().get(query).await.expect(200);
    }
    patch(
        &tree.admin,
        &tree.ids["News"],
        json!({"label": "Actualités", "colour": "#123456", "slug": "actualites"}),
    )
    .await
    .expect(200);
    for instance in [&app, &elsewhere] {
        let cards = instance.guest().get(query).await.expect(200);
        let card = |title: &str| {
            let items = cards.json["items"].as_array().unwrap();
            items.iter().find(|card| card["title"] == title).unwrap().clone()
        };
        let section =
            json!({"id": tree.ids["News"], "label": "Actualités", "path": "/actualites", "colour": "#123456"});
        assert_eq!(card("Une")["section"], section);
        assert_eq!(card("Quatre")["breadcrumb"][1]["label"], "Actualités");
        assert_eq!(card("Quatre")["path"], "/news/afrique/benin/cotonou/quatre");
        let by_path = instance
            .guest()
            .get("/v1/articles?section=/actualites/afrique&limit=100")
            .await
            .expect(200);
        assert_eq!(by_path.items("title").len(), 5, "{}", by_path.text);
    }
}

#[actix_web::test]
async fn an_etag_that_a_compressing_proxy_changed_still_says_the_version() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("News", None).await;
    for (version, sent) in ["W/\"v1\"", "\"v2-gzip\"", "W/\"v3-br\"", "\"v4;zstd\""]
        .iter()
        .enumerate()
    {
        let label = format!("News {version}");
        let change = admin.request(Method::PATCH, &path(&id)).json(json!({"label": label}));
        change.header("if-match", sent).send().await.expect(200);
        let stale = admin.request(Method::PATCH, &path(&id)).json(json!({"label": "x"}));
        stale
            .header("if-match", sent)
            .send()
            .await
            .problem(412, "stale_version");
    }
}
