//! The tree of sections: names, places, moves, deletions, and what follows them: paths, links of
//! live articles, cards.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

fn path(id: &str) -> String {
    format!("/v1/editorial/sections/{id}")
}

/// Checks where a path leads: to a section, or by a redirect to another path.
#[track_caller]
fn leads(answer: &Answer, kind: &str, to: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = match kind {
        "redirect" => &answer.json["location"],
        _ => &answer.json["id"],
    };
    assert_eq!(
        (&answer.json["kind"], found),
        (&json!(kind), &json!(to)),
        "{}",
        answer.text
    );
}

async fn move_to(client: &Client, id: &str, parent: Option<&str>) -> Answer {
    let version = client.version_of(&path(id)).await;
    client
        .act(
            &format!("{}/actions/move", path(id)),
            version,
            json!({"parent_id": parent}),
        )
        .await
}

async fn patch(client: &Client, id: &str, body: Value) -> Answer {
    let version = client.version_of(&path(id)).await;
    client.patch(&path(id), version, body).await
}

async fn delete(client: &Client, id: &str, to: Option<&str>) -> Answer {
    let version = client.version_of(&path(id)).await;
    let query = to.map(|to| format!("?move_to={to}")).unwrap_or_default();
    client
        .request(Method::DELETE, &format!("{}{query}", path(id)))
        .if_match(version)
        .send()
        .await
}

/// For every section: the articles that its list shows, and those that stand directly in it.
async fn lists(app: &TestApp) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let mut lists = BTreeMap::new();
    for id in app.guest().get("/v1/sections").await.expect(200).items("id") {
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        for (index, exact) in ["false", "true"].iter().enumerate() {
            let query = format!("/v1/articles?section={id}&exact_section={exact}&limit=100");
            found[index].extend(app.guest().get(&query).await.expect(200).items("id"));
        }
        let [below, direct] = found;
        lists.insert(id, (below, direct));
    }
    lists
}

/// Checks every section's list against a recomputation from the tree and the lists of what stands
/// directly in each section.
async fn lists_are_sound(app: &TestApp) {
    let lists = lists(app).await;
    let tree = app.guest().get("/v1/sections").await.expect(200);
    let parents: BTreeMap<String, Option<String>> = tree.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| {
            let text = |member: &str| section[member].as_str().map(str::to_owned);
            (text("id").unwrap(), text("parent_id"))
        })
        .collect();
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, (_, direct)) in &lists {
        let mut at = Some(id.clone());
        while let Some(id) = at {
            expected.entry(id.clone()).or_default().extend(direct.iter().cloned());
            at = parents[&id].clone();
        }
    }
    for (id, (below, _)) in &lists {
        assert_eq!(below, &expected.remove(id).unwrap_or_default(), "the list of {id}");
    }
}

/// A tree with live articles, some of them in two sections.
struct Tree {
    admin: Client,
    ids: BTreeMap<&'static str, String>,
    articles: BTreeMap<&'static str, String>,
}

impl Tree {
    async fn plant(app: &TestApp) -> Self {
        let admin = app.admin();
        let mut ids: BTreeMap<&'static str, String> = BTreeMap::new();
        let places = [
            ("News", None),
            ("Afrique", Some("News")),
            ("Bénin", Some("Afrique")),
            ("Cotonou", Some("Bénin")),
            ("Sport", None),
            ("Football", Some("Sport")),
            ("Culture", None),
        ];
        for (label, parent) in places {
            let parent = parent.map(|parent| ids[parent].clone());
            let id = admin.section(label, parent.as_deref()).await;
            ids.insert(label, id);
        }
        let mut articles = BTreeMap::new();
        let live: [(&str, &str, &[&str]); 7] = [
            ("Une", "News", &[]),
            ("Deux", "Afrique", &["Sport"]),
            ("Trois", "Bénin", &["Football"]),
            ("Quatre", "Cotonou", &["Afrique"]),
            ("Cinq", "Football", &["Cotonou"]),
            ("Six", "Culture", &["Bénin", "News"]),
            ("Sept", "Sport", &[]),
        ];
        for (title, section, others) in live {
            let others: Vec<&String> = others.iter().map(|label| &ids[label]).collect();
            let body =
                json!({"locale": "fr", "title": title, "section_id": ids[section], "secondary_section_ids": others});
            let id = admin.post("/v1/editorial/articles", body).await.expect(201).id();
            admin.publish(&id).await.expect(200);
            articles.insert(title, id);
        }
        Self { admin, ids, articles }
    }

    async fn article_path(&self, title: &str) -> String {
        let answer = self
            .admin
            .get(&format!("/v1/articles/{}", self.articles[title]))
            .await
            .expect(200);
        answer.json["path"].as_str().unwrap().to_owned()
    }
}

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
                "history_days": null, "history_decided": null, "history_percent": null}),
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
async fn a_moved_section_takes_the_paths_below_with_it_and_leaves_those_of_articles() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let before = tree.article_path("Quatre").await;
    assert_eq!(before, "/news/afrique/benin/cotonou/quatre");
    let moved = move_to(&tree.admin, &tree.ids["Afrique"], Some(&tree.ids["Sport"]))
        .await
        .expect(200);
    assert_eq!(moved.json["path"], "/sport/afrique");
    for (old, new, label) in [
        ("/news/afrique", "/sport/afrique", "Afrique"),
        ("/news/afrique/benin", "/sport/afrique/benin", "Bénin"),
        ("/news/afrique/benin/cotonou", "/sport/afrique/benin/cotonou", "Cotonou"),
    ] {
        leads(&app.resolve(old).await, "redirect", new);
        leads(&app.resolve(new).await, "section", &tree.ids[label]);
    }
    assert_eq!(tree.article_path("Quatre").await, before);
    leads(&app.resolve(&before).await, "article", &tree.articles["Quatre"]);
    let article = app
        .guest()
        .get(&format!("/v1/articles/{}", tree.articles["Quatre"]))
        .await
        .expect(200);
    assert_eq!(article.json["section"]["path"], "/sport/afrique/benin/cotonou");
    assert_eq!(article.json["breadcrumb"][1]["label"], "Sport");
    // A second move: every old path leads straight to where it stands now.
    patch(&tree.admin, &tree.ids["Sport"], json!({"slug": "sports"}))
        .await
        .expect(200);
    for old in ["/news/afrique/benin", "/sport/afrique/benin"] {
        leads(&app.resolve(old).await, "redirect", "/sports/afrique/benin");
    }
    // And back to where it was.
    move_to(&tree.admin, &tree.ids["Afrique"], Some(&tree.ids["News"]))
        .await
        .expect(200);
    leads(&app.resolve("/news/afrique/benin").await, "section", &tree.ids["Bénin"]);
    leads(
        &app.resolve("/sports/afrique/benin").await,
        "redirect",
        "/news/afrique/benin",
    );
}

#[actix_web::test]
async fn lists_of_sections_are_right_after_every_move() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    lists_are_sound(&app).await;
    let before = lists(&app).await;
    let moves = [
        ("Bénin", Some("Football")),
        ("Sport", Some("Culture")),
        ("Cotonou", None),
        ("Football", None),
        ("Bénin", Some("News")),
        ("Culture", Some("Bénin")),
        ("Afrique", Some("Sport")),
        ("Sport", None),
        ("Culture", None),
        ("Afrique", Some("News")),
        ("Bénin", Some("Afrique")),
        ("Cotonou", Some("Bénin")),
        ("Football", Some("Sport")),
    ];
    for (label, parent) in moves {
        let parent = parent.map(|parent| tree.ids[parent].as_str());
        move_to(&tree.admin, &tree.ids[label], parent).await.expect(200);
        lists_are_sound(&app).await;
    }
    assert_eq!(lists(&app).await, before, "all is where it was");
}

#[actix_web::test]
async fn a_section_cannot_stand_below_itself_nor_too_deep_nor_nowhere() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    for below in ["Afrique", "Bénin", "Cotonou"] {
        move_to(admin, &ids["Afrique"], Some(&ids[below]))
            .await
            .problem(409, "section_cycle");
    }
    let nothing = masthead::base::ids::SectionId::new().to_string();
    move_to(admin, &ids["Afrique"], Some(&nothing))
        .await
        .invalid(&[("/parent_id", "unknown_reference")]);
    let fifth = admin.section("Akpakpa", Some(&ids["Cotonou"])).await;
    let sixth = admin.section("Rue 12", Some(&fifth)).await;
    admin
        .post(
            "/v1/editorial/sections",
            json!({"label": "Trop bas", "parent_id": sixth}),
        )
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    move_to(admin, &ids["Sport"], Some(&fifth))
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    move_to(admin, &ids["News"], Some(&ids["Culture"]))
        .await
        .invalid(&[("/parent_id", "too_deep")]);
    let version = admin.version_of(&path(&ids["Sport"])).await;
    admin
        .act(&format!("{}/actions/move", path(&ids["Sport"])), version, json!({}))
        .await
        .invalid(&[("/parent_id", "required")]);
    leads(
        &app.resolve("/news/afrique/benin/cotonou").await,
        "section",
        &ids["Cotonou"],
    );
    lists_are_sound(&app).await;
}

#[actix_web::test]
async fn a_section_with_content_is_deleted_only_into_another() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    let refused = delete(admin, &ids["Bénin"], None)
        .await
        .problem(409, "section_not_empty");
    assert_eq!(refused.json["children_count"], 1);
    assert_eq!(refused.json["article_count"], 2, "one primary, one secondary");
    let draft = admin.draft("Brouillon", &ids["Culture"]).await;
    let refused = delete(admin, &ids["Culture"], None)
        .await
        .problem(409, "section_not_empty");
    assert_eq!(
        (&refused.json["children_count"], &refused.json["article_count"]),
        (&json!(0), &json!(2))
    );
    let nothing = masthead::base::ids::SectionId::new().to_string();
    for bad in [ids["Bénin"].as_str(), ids["Cotonou"].as_str(), nothing.as_str(), "x"] {
        delete(admin, &ids["Bénin"], Some(bad))
            .await
            .problem(400, "invalid_parameter");
    }
    lists_are_sound(&app).await;
    delete(admin, &ids["Bénin"], Some(&ids["Sport"])).await.expect(204);
    lists_are_sound(&app).await;
    admin.get(&path(&ids["Bénin"])).await.problem(404, "not_found");
    leads(&app.resolve("/news/afrique/benin").await, "redirect", "/sport");
    leads(
        &app.resolve("/news/afrique/benin/cotonou").await,
        "redirect",
        "/sport/cotonou",
    );
    let live = app
        .guest()
        .get(&format!("/v1/articles/{}", tree.articles["Trois"]))
        .await
        .expect(200);
    assert_eq!(live.json["section"]["id"], json!(ids["Sport"]));
    assert_eq!(live.json["path"], "/news/afrique/benin/trois", "its path stays");
    let desk = format!("/v1/editorial/articles/{}", tree.articles["Trois"]);
    assert_eq!(
        admin.get(&desk).await.expect(200).json["section_id"],
        json!(ids["Sport"])
    );
    let lists_now = lists(&app).await;
    let news = &lists_now[&ids["News"]].0;
    let expected: BTreeSet<String> = ["Une", "Deux", "Quatre", "Six"]
        .map(|title| tree.articles[title].clone())
        .into();
    assert_eq!(*news, expected);
    // Into a section above, and an article that stood in both.
    delete(admin, &ids["Football"], Some(&ids["Sport"])).await.expect(204);
    lists_are_sound(&app).await;
    delete(admin, &ids["Culture"], Some(&ids["News"])).await.expect(204);
    lists_are_sound(&app).await;
    let six = format!("/v1/editorial/articles/{}", tree.articles["Six"]);
    let six = admin.get(&six).await.expect(200);
    assert_eq!(
        (&six.json["section_id"], &six.json["secondary_section_ids"]),
        (&json!(ids["News"]), &json!([ids["Sport"]]))
    );
    let draft = admin.get(&format!("/v1/editorial/articles/{draft}")).await.expect(200);
    assert_eq!(draft.json["section_id"], json!(ids["News"]));
}

#[actix_web::test]
async fn what_was_moved_by_a_deletion_survives_a_press() {
    let app = TestApp::new().await;
    let tree = Tree::plant(&app).await;
    let (admin, ids) = (&tree.admin, &tree.ids);
    delete(admin, &ids["Bénin"], Some(&ids["Sport"])).await.expect(204);
    let before = lists(&app).await;
    app.db()
        .write_blocking(|conn| {
            masthead::published::repress::outdate_all(conn)?;
            masthead::published::repress::repress_outdated(conn)
        })
        .unwrap();
    assert_eq!(lists(&app).await, before);
    let article = format!("/v1/editorial/articles/{}", tree.articles["Trois"]);
    let version = admin.version_of(&article).await;
    admin
        .patch(&article, version, json!({"kicker": "Économie"}))
        .await
        .expect(200);
    admin.publish(&tree.articles["Trois"]).await.expect(200);
    lists_are_sound(&app).await;
}

#[actix_web::test]
async fn an_empty_section_that_is_deleted_is_gone_for_good() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("Éphémère", None).await;
    delete(&admin, &id, None).await.expect(204);
    let gone = app.resolve("/ephemere").await.expect(200);
    assert_eq!(
        (&gone.json["kind"], &gone.json["status"]),
        (&json!("gone"), &json!(410))
    );
    app.guest()
        .get(&format!("/v1/sections/{id}"))
        .await
        .problem(404, "not_found");
    admin
        .post("/v1/editorial/sections", json!({"label": "Éphémère"}))
        .await
        .problem(422, "slug_taken");
}

#[actix_web::test]
async fn a_grant_in_a_section_that_is_deleted_ends_with_it() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("Sport", None).await;
    let scope = masthead::base::ids::SectionId::parse(&id);
    let editor = app.user_with(vec![
        crate::support::grant(masthead::access::auth::Role::SectionEditor, scope, None),
        crate::support::grant(masthead::access::auth::Role::Analyst, None, None),
    ]);
    editor.draft("Un match", &id).await;
    delete(&admin, &id, None).await.problem(409, "section_not_empty");
    let other = admin.section("Autre", None).await;
    delete(&admin, &id, Some(&other)).await.expect(204);
    let me = editor.get("/v1/editorial/me").await.expect(200);
    assert_eq!(
        me.json["grants"],
        json!([{"role": "analyst", "section_id": null, "locale": null}])
    );
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
    for wrong in ["*", "v1", "\"v1\", \"v2\"", "W/\"v1\""] {
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

/// No section may be above itself, and all of them are reached from the top.
async fn is_a_tree(app: &TestApp, count: usize) {
    let list = app.guest().get("/v1/sections").await.expect(200);
    assert_eq!(list.items("id").len(), count, "{}", list.text);
}

#[actix_web::test]
async fn of_two_moves_that_would_make_a_circle_one_is_told() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for round in 0..10 {
        let a = admin.section(&format!("A {round}"), None).await;
        let b = admin.section(&format!("B {round}"), None).await;
        let go = |id: &str, parent: &str| {
            let body = json!({"parent_id": parent});
            let target = format!("{}/actions/move", path(id));
            let admin = admin.clone();
            async move { admin.act(&target, 1, body).await }
        };
        let (first, second) = futures_util::future::join(go(&a, &b), go(&b, &a)).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);
        let told = if first.status == 409 { first } else { second };
        told.problem(409, "section_cycle");
        is_a_tree(&app, 2 * (round + 1)).await;
    }
}

#[actix_web::test]
async fn of_two_sections_of_one_slug_at_once_one_is_made() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for round in 0..5 {
        let new = || {
            let (admin, body) = (admin.clone(), json!({"label": format!("Double {round}")}));
            async move { admin.post("/v1/editorial/sections", body).await }
        };
        let (first, second) = futures_util::future::join(new(), new()).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{} {}", first.text, second.text);
        is_a_tree(&app, round + 1).await;
    }
}

#[actix_web::test]
async fn of_two_changes_of_one_version_at_once_one_is_stale() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let id = admin.section("News", None).await;
    for version in 1..6 {
        let change = |label: &str| {
            let (admin, target, body) = (admin.clone(), path(&id), json!({"label": format!("{label} {version}")}));
            async move { admin.patch(&target, version, body).await }
        };
        let (first, second) = futures_util::future::join(change("Un"), change("Deux")).await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", first.text, second.text);
        assert_eq!(admin.version_of(&path(&id)).await, version + 1);
    }
}
