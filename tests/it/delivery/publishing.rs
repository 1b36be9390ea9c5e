//! What readers get of what is published: all of it at once, and nothing of what is not.

use serde_json::json;

use super::whole;
use crate::support::Answer;
use crate::support::checks::assert_links_are_sound;
use crate::support::newsroom::newsroom;

#[actix_web::test]
async fn a_published_article_is_everywhere_at_once() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un titre", &section).await;
    let nowhere = || async {
        whole(&app, &id).await.problem(404, "not_found");
        app.by_path("/news/un-titre").await.problem(404, "not_found");
        app.resolve("/news/un-titre").await.problem(404, "not_found");
        assert!(app.listed("").await.is_empty());
        assert!(app.guest().get("/v1/articles/full").await.items("id").is_empty());
    };
    nowhere().await;
    let published = admin.publish(&id).await.expect(200);
    assert_eq!(
        (&published.json["state"], &published.json["path"]),
        (&json!("published"), &json!("/news/un-titre"))
    );
    assert_eq!(
        (published.header("etag"), &published.json["live_revision_number"]),
        ("\"v1\"", &json!(2))
    );
    let article = whole(&app, &id).await.expect(200);
    assert_eq!(article.json["canonical_url"], "https://www.lefanal.test/news/un-titre");
    assert_eq!(
        article.json["breadcrumb"],
        json!([{"label": "Accueil", "path": "/"}, {"label": "News", "path": "/news"}])
    );
    assert_eq!(
        article.json["section"],
        json!({"id": section, "label": "News", "path": "/news", "colour": null})
    );
    assert_eq!(article.json["published_at"], "2026-11-23T08:00:00.000Z");
    assert_eq!(article.json["comment_policy"]["is_open"], true);
    assert_eq!(app.by_path("/news/un-titre").await.expect(200).json, article.json);
    assert_eq!(
        app.by_path("/news/un-titre/?utm_source=x#y").await.expect(200).json,
        article.json
    );
    assert_eq!(
        app.guest().get("/v1/articles/full").await.json["items"],
        json!([article.json])
    );
    assert_eq!(app.listed("").await, std::slice::from_ref(&id));
    let resolved = app.resolve("/news/un-titre").await.expect(200).json;
    assert_eq!(
        resolved,
        json!({"kind": "article", "path": "/news/un-titre", "locale": "fr", "id": id, "location": null, "http_status": 200})
    );
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    nowhere().await;
}

#[actix_web::test]
async fn what_is_published_needs_a_title_and_a_section() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.make(json!({"locale": "fr"})).await;
    let future = json!({"published_at": "2026-11-23T08:00:00.001Z"});
    admin.take(&id, "publish", future).await.invalid(&[
        ("/title", "missing"),
        ("/section_id", "missing"),
        ("/published_at", "in_the_future"),
    ]);
    admin.edit(&id, json!({"title": "T"})).await.expect(200);
    admin.publish(&id).await.invalid(&[("/section_id", "missing")]);
    admin.edit(&id, json!({"section_id": section})).await.expect(200);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn an_embargo_refuses_until_its_time() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("T", &section).await;
    admin
        .edit(&id, json!({"embargo_until": "2026-11-23T08:01:00Z"}))
        .await
        .expect(200);
    let refused = admin.publish(&id).await.problem(409, "embargoed");
    assert_eq!(refused.json["embargo_until"], "2026-11-23T08:01:00.000Z");
    assert!(app.listed("").await.is_empty());
    app.clock.advance_seconds(60);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn publishing_what_is_live_and_unchanged_is_refused() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.published("T", &section).await;
    admin.publish(&id).await.problem(409, "nothing_to_publish");
    admin
        .take(&id, "publish", json!({"is_minor": true}))
        .await
        .problem(409, "nothing_to_publish");
    admin
        .take(&id, "publish", json!({"published_at": "2026-11-22T00:00:00Z"}))
        .await
        .expect(200);
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
}

#[actix_web::test]
async fn the_date_shown_is_set_once_and_changed_only_on_demand() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("A", &section).await;
    app.clock.advance_seconds(60);
    let other = admin.published("B", &section).await;
    assert_eq!(app.listed("").await, [other.clone(), id.clone()]);
    app.clock.advance_seconds(60);
    let times = |answer: Answer| {
        let time = |member: &str| answer.json[member].as_str().unwrap()[14..19].to_owned();
        [time("published_at"), time("updated_at"), time("first_published_at")]
    };
    admin.edit(&id, json!({"kicker": "1"})).await.expect(200);
    admin.take(&id, "publish", json!({"is_minor": true})).await.expect(200);
    assert_eq!(times(whole(&app, &id).await), ["00:00", "00:00", "00:00"], "is_minor");
    admin.edit(&id, json!({"kicker": "2"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(times(whole(&app, &id).await), ["00:00", "02:00", "00:00"], "an update");
    assert_eq!(
        app.listed("").await,
        [other.clone(), id.clone()],
        "an update moves nothing in the list by date"
    );
    assert_eq!(app.listed("sort=-updated_at").await, [id.clone(), other.clone()]);
    let late = json!({"published_at": "2026-11-23T08:01:30.000Z"});
    admin.take(&id, "publish", late).await.expect(200);
    assert_eq!(
        times(whole(&app, &id).await),
        ["01:30", "02:00", "00:00"],
        "another date"
    );
    assert_eq!(app.listed("").await, [id.clone(), other.clone()]);
    admin
        .take(&id, "publish", json!({"published_at": "2020-01-01T00:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(app.listed("").await, [other.clone(), id.clone()]);
    assert_eq!(app.listed("sort=published_at").await, [id.clone(), other.clone()]);
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    app.clock.advance_seconds(60);
    admin.publish(&id).await.expect(200);
    let article = whole(&app, &id).await;
    assert_eq!(
        article.json["published_at"], "2020-01-01T00:00:00.000Z",
        "a second first time keeps the date"
    );
    assert_eq!(article.json["first_published_at"], "2026-11-23T08:00:00.000Z");
    admin
        .take(&id, "publish", json!({"published_at": "2026-11-23T08:03:00.001Z"}))
        .await
        .invalid(&[("/published_at", "in_the_future")]);
}

#[actix_web::test]
async fn edits_of_a_live_article_are_invisible_until_it_is_published() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let tag = admin.tag("Mali").await;
    let id = admin.published("Titre", &section).await;
    let pages = [
        "/v1/articles",
        "/v1/articles/full",
        "/v1/articles?section=/news",
        "/v1/articles?tag=mali",
        "/v1/articles?section=/sport",
        "/v1/articles?type=opinion",
    ];
    let mut before = Vec::new();
    for page in pages {
        before.push(app.guest().get(page).await.expect(200).text);
    }
    admin
        .edit(
            &id,
            json!({"title": "Autre", "section_id": sport, "tag_ids": [tag], "type": "opinion", "comment_policy": {"mode": "closed"},
            "breaking_until": "2026-11-24T00:00:00Z", "is_featured": true, "blocks": []}),
        )
        .await
        .expect(200);
    for (page, before) in pages.iter().zip(before) {
        assert_eq!(app.guest().get(page).await.expect(200).text, before, "{page}");
    }
    admin.publish(&id).await.expect(200);
    for (query, count) in [
        ("section=/news", 0),
        ("section=/sport", 1),
        ("tag=mali", 1),
        ("type=opinion", 1),
        ("type=article", 0),
    ] {
        assert_eq!(app.listed(query).await.len(), count, "{query}");
    }
    let article = whole(&app, &id).await.json;
    assert_eq!(
        (&article["is_breaking"], &article["comment_policy"]["is_open"]),
        (&json!(true), &json!(false))
    );
    assert_links_are_sound(&app);
}

#[actix_web::test]
async fn an_interlink_has_a_card_while_its_target_is_live() {
    let (app, admin, section) = newsroom().await;
    let target = admin.draft("Cible", &section).await;
    let body = json!({"locale": "fr", "title": "Source", "section_id": section, "blocks": [
        {"type": "interlink", "article_id": target}, {"type": "interlink", "article_id": section}, {"type": "interlink", "article_id": target}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    let linked = || async { whole(&app, &id).await.expect(200).json["linked_articles"].clone() };
    assert_eq!(linked().await, json!([]));
    admin.publish(&target).await.expect(200);
    let cards = app.guest().get("/v1/articles").await.json["items"].clone();
    assert_eq!(
        linked().await,
        json!([cards
            .as_array()
            .unwrap()
            .iter()
            .find(|card| card["id"] == target.as_str())
            .unwrap()])
    );
    admin.take(&target, "unpublish", json!({})).await.expect(200);
    assert_eq!(linked().await, json!([]));
}

#[actix_web::test]
async fn advertisements_stand_beside_the_body_and_not_in_it() {
    let (app, admin, section) = newsroom().await;
    let ad = |slot: &str| json!({"type": "ad_slot", "slot": slot});
    let text = |id: &str| json!({"type": "paragraph", "id": id, "html": "x"});
    let blocks = json!([ad("top"), text("a"), ad("one"), ad("two"), text("b"), ad("end")]);
    let id = admin
        .make(json!({"locale": "fr", "title": "T", "section_id": section, "blocks": blocks}))
        .await;
    admin.publish(&id).await.expect(200);
    let place = |after: Option<&str>, slot: &str| json!({"after_block_id": after, "slot": slot});
    let article = whole(&app, &id).await.json;
    assert_eq!(
        article["ad_placements"],
        json!([
            place(None, "top"),
            place(Some("a"), "one"),
            place(Some("a"), "two"),
            place(Some("b"), "end")
        ])
    );
    assert_eq!(article["blocks"], json!([text("a"), text("b")]));
    admin.edit(&id, json!({"is_ad_free": true})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let article = whole(&app, &id).await.json;
    assert_eq!(
        (&article["ad_placements"], &article["is_ad_free"]),
        (&json!([]), &json!(true))
    );
}
