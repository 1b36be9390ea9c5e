//! Articles at the desk: drafts, changes, locking, rights, the list, the trash, repetitions.

mod text_hygiene;
mod validation;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::ArticleReview;
use masthead::base::db::schema::articles;
use masthead::base::ids::ArticleId;
use masthead::body::blocks::Block;
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, action, bilingual, desk, newsroom, section_id};
use crate::support::requests::escaped;
use crate::support::{TestApp, grant};

fn with_blocks(blocks: Value) -> Value {
    json!({"locale": "fr", "blocks": blocks})
}

#[actix_web::test]
async fn a_locale_is_enough_for_a_draft() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let made = admin.post(ARTICLES, json!({"locale": "fr"})).await.expect(201);
    assert_eq!(made.header("location"), desk(&made.id()));
    assert_eq!(made.header("etag"), "\"v1\"");
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.json["title"], "");
    assert_eq!(made.json["state"], "draft");
    assert_eq!(made.json["review"], "draft");
    assert_eq!(made.json["has_unpublished_changes"], true);
    let read = admin.get(&desk(&made.id())).await.expect(200);
    assert_eq!((read.header("etag"), &read.json), ("\"v1\"", &made.json));
}

#[actix_web::test]
async fn a_draft_without_a_known_locale_is_refused() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for (body, code) in [
        (json!({}), "required"),
        (json!({"locale": null}), "required"),
        (json!({"locale": "en"}), "invalid_format"),
        (json!({"locale": "FR"}), "invalid_format"),
        (json!({"locale": 1}), "wrong_type"),
    ] {
        admin.post(ARTICLES, body).await.invalid(&[("/locale", code)]);
    }
}

#[actix_web::test]
async fn text_is_plain_nfc_and_on_one_line() {
    let (_app, admin, _) = newsroom().await;
    let made = admin
        .post(
            ARTICLES,
            json!({"locale": "fr", "title": "  Un\n  e\u{301}te\u{301} &amp; <b>demi</b>\u{a0}! ", "kicker": " \t "}),
        )
        .await
        .expect(201);
    assert_eq!(made.json["title"], "Un été & <b>demi</b>\u{a0}!");
    assert_eq!(made.json["kicker"], Value::Null);
}

fn every_block() -> Value {
    let image = |url: &str| json!({"url": url, "alt": "Un port", "caption": "Le port", "credit": "AFP", "width": 640, "height": 480, "media_id": null});
    json!([
        {"type": "paragraph", "id": "b0", "html": "Un <strong>paragraphe</strong> &amp; <a href=\"https://a.test/\">un lien</a>."},
        {"type": "heading", "id": "b1", "level": 2, "text": "Un intertitre <b>"},
        {"type": "quote", "id": "b2", "html": "<p>Dit-il.</p><p>Deux fois.</p>", "attribution": "Lui"},
        {"type": "pullquote", "id": "b3", "text": "En grand", "attribution": null},
        {"type": "list", "id": "b4", "ordered": true, "items": ["un", "<em>deux</em><ul><li>trois</li></ul>"]},
        {"type": "image", "id": "b5", "image": image("https://a.test/1.jpg")},
        {"type": "gallery", "id": "b6", "images": [image("https://a.test/2.jpg"), image("https://a.test/3.jpg")]},
        {"type": "video", "id": "b7", "url": "https://a.test/f.mp4", "caption": "Film", "credit": "AFP", "poster": image("https://a.test/4.jpg")},
        {"type": "audio", "id": "b8", "url": "https://a.test/s.mp3", "caption": null, "credit": null},
        {"type": "embed", "id": "b9", "url": "https://b.test/1", "provider": "B", "caption": "Une page"},
        {"type": "table", "id": "b10", "caption": "Chiffres", "header": ["a", "b"], "rows": [["1", "<b>2</b>"], ["3", ""]]},
        {"type": "fact_box", "id": "b11", "title": "Repères", "html": "<p>1960</p><ul><li>Là</li></ul>"},
        {"type": "interlink", "id": "b12", "article_id": UNKNOWN_ID},
        {"type": "ad_slot", "id": "b13", "slot": "pave_1"},
        {"type": "divider", "id": "b14"},
        {"type": "raw_html", "id": "b15", "html": "<div>brut</div>"},
    ])
}

#[actix_web::test]
async fn every_type_of_block_comes_back_as_it_was_sent() {
    let (app, admin, section) = newsroom().await;
    let sent = every_block();
    let kinds: Vec<&str> = sent
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, Block::KINDS);
    let made = admin
        .post(
            ARTICLES,
            json!({"locale": "fr", "title": "T", "section_id": section, "blocks": sent}),
        )
        .await
        .expect(201);
    assert_eq!(made.json["blocks"], sent);
    // What was read can be sent back: nothing has changed.
    let again = admin
        .edit(&made.id(), json!({"blocks": made.json["blocks"]}))
        .await
        .expect(200);
    assert_eq!(again.json["version"], 1);
    admin.publish(&made.id()).await.expect(200);
    let shown = app
        .guest()
        .get(&format!("/v1/articles/{}", made.id()))
        .await
        .expect(200);
    let mut without_ads = sent.as_array().unwrap().clone();
    without_ads.retain(|block| block["type"] != "ad_slot");
    assert_eq!(shown.json["blocks"], Value::Array(without_ads));
}

#[actix_web::test]
async fn a_block_without_an_id_is_given_one_that_stays() {
    let (_app, admin, _) = newsroom().await;
    let blocks = json!([{"type": "divider"}, {"type": "divider", "id": null}, {"type": "divider", "id": "mine"}]);
    let made = admin.post(ARTICLES, with_blocks(blocks)).await.expect(201);
    let ids: Vec<&str> = made.json["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids[2], "mine");
    assert!(ids[0] != ids[1] && !ids[0].is_empty() && !ids[1].is_empty(), "{ids:?}");
    let edited = admin.edit(&made.id(), json!({"title": "T"})).await.expect(200);
    assert_eq!(edited.json["blocks"], made.json["blocks"]);
}

#[actix_web::test]
async fn what_is_wrong_with_a_block_is_told_at_its_place() {
    let (_app, admin, _) = newsroom().await;
    let long = "x".repeat(20_001);
    let table: Vec<(Value, &str, &str)> = vec![
        (json!({}), "/type", "required"),
        (json!({"type": "nonsense"}), "/type", "invalid_value"),
        (json!({"type": 5}), "/type", "wrong_type"),
        (json!(5), "", "wrong_type"),
        (json!({"type": "paragraph"}), "/html", "required"),
        (json!({"type": "paragraph", "html": null}), "/html", "required"),
        (json!({"type": "paragraph", "html": 5}), "/html", "wrong_type"),
        (
            json!({"type": "paragraph", "html": "a\u{0}b"}),
            "/html",
            "forbidden_character",
        ),
        (json!({"type": "paragraph", "html": long}), "/html", "too_long"),
        (
            json!({"type": "paragraph", "html": "", "text": ""}),
            "/text",
            "unknown_field",
        ),
        (
            json!({"type": "paragraph", "html": "", "id": "a b"}),
            "/id",
            "invalid_format",
        ),
        (
            json!({"type": "heading", "level": 1, "text": "x"}),
            "/level",
            "out_of_range",
        ),
        (json!({"type": "heading", "level": 2, "text": " "}), "/text", "blank"),
        (json!({"type": "list", "items": []}), "/ordered", "required"),
        (
            json!({"type": "image", "image": {"url": "http://a.test/x.jpg"}}),
            "/image/url",
            "invalid_format",
        ),
        (json!({"type": "gallery", "images": []}), "/images", "too_few"),
        (
            json!({"type": "gallery", "images": [{"url": "https://a.test/", "width": 0}]}),
            "/images/0/width",
            "out_of_range",
        ),
        (
            json!({"type": "video", "url": "javascript:alert(1)"}),
            "/url",
            "invalid_format",
        ),
        (json!({"type": "table", "rows": [vec!["x"; 51]]}), "/rows/0", "too_many"),
        (json!({"type": "table", "rows": [["x", 5]]}), "/rows/0/1", "wrong_type"),
        (
            json!({"type": "interlink", "article_id": "x"}),
            "/article_id",
            "invalid_format",
        ),
        (json!({"type": "ad_slot", "slot": "Pavé"}), "/slot", "invalid_format"),
    ];
    for (block, place, code) in table {
        let answer = admin
            .post(ARTICLES, with_blocks(json!([{"type": "divider"}, block])))
            .await;
        answer.invalid(&[(&format!("/blocks/1{place}"), code)]);
    }
    let doubled = json!([{"type": "divider", "id": "a"}, {"type": "divider", "id": "a"}]);
    admin
        .post(ARTICLES, with_blocks(doubled))
        .await
        .invalid(&[("/blocks/1/id", "duplicate")]);
    let many = vec![json!({"type": "divider"}); 1001];
    admin
        .post(ARTICLES, with_blocks(json!(many)))
        .await
        .invalid(&[("/blocks", "too_many")]);
}

#[actix_web::test]
async fn every_error_is_told_at_once() {
    let (_app, admin, _) = newsroom().await;
    let answer = admin
        .post(
            ARTICLES,
            json!({"locale": "xx", "title": "x".repeat(301), "slug": "Été", "tag_ids": [UNKNOWN_ID, UNKNOWN_ID],
                "blocks": [{"type": "heading", "level": 9, "text": "x"}, {"type": "x"}], "surprise": 1}),
        )
        .await;
    answer.problem(422, "validation_failed").invalid(&[
        ("/locale", "invalid_format"),
        ("/title", "too_long"),
        ("/slug", "invalid_format"),
        ("/tag_ids/1", "duplicate"),
        ("/blocks/0/level", "out_of_range"),
        ("/blocks/1/type", "invalid_value"),
        ("/surprise", "unknown_field"),
    ]);
}

#[actix_web::test]
async fn html_is_sanitised() {
    let (_app, admin, _) = newsroom().await;
    let dirty = "a<script>alert(1)</script><b onclick=\"x()\">b</b><a href=\"javascript:alert(1)\">c</a>\
                 <img src=x onerror=y()><style>p{}</style><iframe src=\"https://www.youtube.com/embed/1\"></iframe>";
    let raw = "<script>alert(1)</script><iframe src=\"https://www.youtube.com/embed/1\"></iframe>\
               <iframe src=\"https://evil.test/\"></iframe><div onload=\"x()\">d</div>";
    let made = admin
        .post(
            ARTICLES,
            with_blocks(json!([
            {"type": "paragraph", "html": dirty}, {"type": "list", "ordered": false, "items": [dirty]},
            {"type": "table", "rows": [[dirty]]}, {"type": "fact_box", "title": "T", "html": dirty},
            {"type": "quote", "html": dirty}, {"type": "raw_html", "html": raw}])),
        )
        .await
        .expect(201);
    let blocks = made.json["blocks"].to_string();
    for trace in [
        "script",
        "alert",
        "onclick",
        "onerror",
        "onload",
        "javascript",
        "<style",
        "evil.test",
    ] {
        assert!(!blocks.contains(trace), "{trace}: {blocks}");
    }
    assert!(!made.json["blocks"][0].to_string().contains("iframe"), "{blocks}");
    assert!(
        made.json["blocks"][5].to_string().contains("youtube.com/embed/1"),
        "{blocks}"
    );
    assert!(
        made.json["blocks"][0]["html"].as_str().unwrap().contains("<b>b</b>"),
        "{blocks}"
    );
}

#[actix_web::test]
async fn a_patch_keeps_what_it_does_not_name_and_clears_what_it_nulls() {
    let (_app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let full = json!({"locale": "fr", "title": "Titre", "kicker": "Surtitre", "standfirst": "Chapô", "slug": "titre",
        "section_id": section, "tag_ids": [tag], "source": {"name": "AFP", "url": null},
        "seo": {"title": "T", "description": null, "no_index": true}, "featured": true, "access": "subscribers",
        "embargo_until": "2026-11-25T00:00:00Z", "comment_policy": {"mode": "closed", "open_for_days": 7, "max_depth": 2, "max_length": 500, "max_links": 0, "history_days": 30, "history_decided": 5, "history_percent": 50}, "breaking_until": "2026-11-24T00:00:00Z",
        "lead_image": {"url": "https://a.test/1.jpg"}, "blocks": [{"type": "divider"}]});
    let made = admin.post(ARTICLES, full).await.expect(201).json;
    let id = made["id"].as_str().unwrap();
    let cleared: Vec<(Value, &str, Value)> = vec![
        (json!({"kicker": null}), "kicker", Value::Null),
        (json!({"clear": ["standfirst"]}), "standfirst", Value::Null),
        (json!({"title": null}), "title", json!("")),
        (json!({"slug": null}), "slug", Value::Null),
        (json!({"tag_ids": null}), "tag_ids", json!([])),
        (json!({"clear": ["blocks", "seo"]}), "blocks", json!([])),
        (json!({"source": null}), "source", Value::Null),
        (json!({"lead_image": null}), "lead_image", Value::Null),
        (json!({"comment_policy": null}), "comment_policy", Value::Null),
        (
            json!({"embargo_until": null, "clear": ["embargo_until"]}),
            "embargo_until",
            Value::Null,
        ),
        (json!({"clear": ["section_id"]}), "section_id", Value::Null),
    ];
    let mut expected = made.clone();
    let mut version = 1;
    for (patch, member, value) in cleared {
        let answer = admin.patch(&desk(id), version, patch).await.expect(200);
        assert_eq!(answer.json[member], value, "{member}");
        expected[member] = value;
        version += 1;
    }
    expected["seo"] = json!({"title": null, "description": null, "no_index": false});
    expected["version"] = json!(version);
    assert_eq!(admin.get(&desk(id)).await.json, expected);
}

#[actix_web::test]
async fn a_contradictory_patch_is_refused_by_pointer() {
    let (_app, admin, _) = newsroom().await;
    let id = admin.make(json!({"locale": "fr", "title": "T", "kicker": "K"})).await;
    for (patch, pointer, code) in [
        (
            json!({"kicker": "x", "clear": ["kicker"]}),
            "/kicker",
            "contradictory_clear",
        ),
        (json!({"clear": ["nonsense"]}), "/clear", "invalid_format"),
        (json!({"clear": "kicker"}), "/clear", "wrong_type"),
        (json!({"featured": null}), "/featured", "not_clearable"),
        (json!({"clear": ["type"]}), "/type", "not_clearable"),
        (json!({"type": "nonsense"}), "/type", "invalid_value"),
        (json!({"locale": "fr"}), "/locale", "unknown_field"),
        (json!({"state": "published"}), "/state", "unknown_field"),
        (
            json!({"published_at": "2026-01-01T00:00:00Z"}),
            "/published_at",
            "unknown_field",
        ),
    ] {
        admin.patch(&desk(&id), 1, patch).await.invalid(&[(pointer, code)]);
    }
    assert_eq!(admin.version_of(&desk(&id)).await, 1);
}

#[actix_web::test]
async fn a_patch_is_merge_patch_or_plain_json() {
    let (_app, admin, _) = newsroom().await;
    let id = admin.make(json!({"locale": "fr"})).await;
    let send = |media: &'static str, version| {
        admin
            .request(Method::PATCH, &desk(&id))
            .if_match(version)
            .bytes(media, json!({"title": format!("T{version}")}).to_string())
            .send()
    };
    send("application/merge-patch+json", 1).await.expect(200);
    send("application/json; charset=utf-8", 2).await.expect(200);
    send("text/plain", 3).await.problem(415, "unsupported_media_type");
}

#[actix_web::test]
async fn a_change_needs_the_version_that_was_read() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let send = |method: &Method, path: &str, tag: Option<&'static str>| {
        let asking = admin.request(method.clone(), path);
        let asking = match tag {
            Some(tag) => asking.header("if-match", tag),
            None => asking,
        };
        if *method == Method::DELETE {
            asking
        } else {
            asking.json(json!({}))
        }
        .send()
    };
    let routes = [
        (Method::PATCH, desk(&id)),
        (Method::DELETE, desk(&id)),
        (Method::POST, action(&id, "publish")),
        (Method::POST, action(&id, "unpublish")),
        (Method::POST, action(&id, "trash")),
        (Method::POST, action(&id, "restore")),
    ];
    for (method, path) in &routes {
        send(method, path, None).await.problem(428, "precondition_required");
        for bad in ["*", "v1", "\"v1\", \"v2\"", "1"] {
            send(method, path, Some(bad)).await.problem(400, "invalid_header");
        }
        for stale in ["\"v0\"", "\"v2\"", "\"nonsense\"", "\"\""] {
            send(method, path, Some(stale)).await.problem(412, "stale_version");
        }
    }
    assert_eq!(admin.get(&desk(&id)).await.json["state"], "draft");
}

#[actix_web::test]
async fn a_stale_version_is_told_what_changed_since_and_by_whom() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let other = app.user(Role::Publisher);
    let other_id = other.user_id.unwrap().to_string();
    other.patch(&desk(&id), 1, json!({"kicker": "K"})).await.expect(200);
    app.clock.advance_seconds(60);
    other
        .patch(
            &desk(&id),
            2,
            json!({"title": "T", "standfirst": "S", "embargo_until": "2026-11-25T00:00:00Z"}),
        )
        .await
        .expect(200);
    let refused = admin
        .patch(&desk(&id), 1, json!({"title": "Z"}))
        .await
        .problem(412, "stale_version");
    assert_eq!(refused.header("etag"), "\"v3\"");
    assert_eq!(refused.json["current_etag"], "\"v3\"");
    assert_eq!(
        refused.json["changes"],
        json!([
            {"version": 2, "fields": ["kicker"], "user_id": other_id, "user_name": "Awa Kossou", "at": "2026-11-23T08:00:00.000Z"},
            {"version": 3, "fields": ["title", "standfirst", "embargo_until"], "user_id": other_id, "user_name": "Awa Kossou", "at": "2026-11-23T08:01:00.000Z"},
        ])
    );
    let later = admin
        .act(&action(&id, "publish"), 2, json!({}))
        .await
        .problem(412, "stale_version");
    assert_eq!(later.json["changes"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get(&desk(&id)).await.json["title"], "T");
}

#[actix_web::test]
async fn a_patch_that_changes_nothing_keeps_the_version() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let before = admin.get(&desk(&id)).await.json;
    app.clock.advance_seconds(60);
    for patch in [
        json!({}),
        json!({"title": " Titre "}),
        json!({"kicker": null}),
        json!({"clear": ["slug"]}),
    ] {
        let answer = admin.patch(&desk(&id), 1, patch).await.expect(200);
        assert_eq!((answer.header("etag"), &answer.json), ("\"v1\"", &before));
    }
}

#[actix_web::test]
async fn any_change_sends_the_review_back_to_draft() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let key = ArticleId::parse(&id).unwrap();
    app.db()
        .write_blocking(move |conn| {
            diesel::update(articles::table.find(key))
                .set(articles::review.eq(ArticleReview::Ready))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
    let same = admin.edit(&id, json!({"title": "Titre"})).await.expect(200);
    assert_eq!(same.json["review"], "ready");
    let changed = admin
        .edit(&id, json!({"embargo_until": "2026-11-22T00:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(changed.json["review"], "draft");
}

#[actix_web::test]
async fn unpublished_changes_are_those_that_readers_would_see() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    let flag = |answer: &Value| answer["has_unpublished_changes"].as_bool().unwrap();
    assert!(!flag(&admin.get(&desk(&id)).await.json));
    for (patch, changes) in [
        (json!({"assignee_id": admin.user_id.unwrap().to_string()}), false),
        (json!({"embargo_until": "2026-11-22T00:00:00Z"}), false),
        (json!({"title": "Autre titre"}), true),
        (json!({"embargo_until": null}), true),
        (json!({"title": "Titre"}), false),
        (json!({"title": "Autre titre"}), true),
    ] {
        assert_eq!(
            flag(&admin.edit(&id, patch.clone()).await.expect(200).json),
            changes,
            "{patch}"
        );
    }
    assert!(!flag(&admin.publish(&id).await.expect(200).json));
}

#[actix_web::test]
async fn an_unknown_reference_is_told_at_its_place() {
    let (_app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let table: Vec<(Value, &str)> = vec![
        (json!({"section_id": UNKNOWN_ID}), "/section_id"),
        (
            json!({"section_id": section, "secondary_section_ids": [UNKNOWN_ID]}),
            "/secondary_section_ids/0",
        ),
        (json!({"tag_ids": [tag, UNKNOWN_ID]}), "/tag_ids/1"),
        (
            json!({"contributors": [{"contributor_id": UNKNOWN_ID}]}),
            "/contributors/0/contributor_id",
        ),
        (json!({"assignee_id": UNKNOWN_ID}), "/assignee_id"),
    ];
    let id = admin.make(json!({"locale": "fr"})).await;
    for (body, pointer) in table {
        admin
            .edit(&id, body.clone())
            .await
            .invalid(&[(pointer, "unknown_reference")]);
        let mut new = body;
        new["locale"] = json!("fr");
        admin
            .post(ARTICLES, new)
            .await
            .invalid(&[(pointer, "unknown_reference")]);
    }
    assert_eq!(admin.version_of(&desk(&id)).await, 1);
}

#[actix_web::test]
async fn the_primary_section_is_no_secondary_one() {
    let (_app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let body = json!({"locale": "fr", "section_id": section, "secondary_section_ids": [sport, section]});
    let made = admin.post(ARTICLES, body).await.expect(201);
    assert_eq!(made.json["secondary_section_ids"], json!([sport]));
}

#[actix_web::test]
async fn raw_html_is_for_publishers_and_admins() {
    let (app, admin, section) = newsroom().await;
    let raw = |html: &str| json!({"locale": "fr", "section_id": section, "blocks": [{"type": "raw_html", "id": "r", "html": html}]});
    for (role, status) in [
        (Role::Admin, 201),
        (Role::Publisher, 201),
        (Role::SectionEditor, 403),
        (Role::Journalist, 403),
    ] {
        let answer = app.user(role).post(ARTICLES, raw("<div>x</div>")).await;
        assert_eq!(answer.status, status, "{role:?}");
    }
    let journalist = app.user(Role::Journalist);
    let id = journalist.draft("Titre", &section).await;
    let block = |id: &str, html: &str| json!({"type": "raw_html", "id": id, "html": html});
    let set = |blocks: Value| json!({"blocks": blocks});
    admin
        .edit(&id, set(json!([block("r", "<div>x</div>")])))
        .await
        .expect(200);
    // Left as it stands, moved, with other changes around it.
    let kept = json!([{"type": "divider"}, block("r", "<div>x</div>")]);
    journalist.edit(&id, set(kept)).await.expect(200);
    for changed in [
        json!([block("r", "<div>y</div>")]),
        json!([block("s", "<div>x</div>")]),
        json!([block("r", "<div>x</div>"), block("s", "<div>x</div>")]),
    ] {
        journalist.edit(&id, set(changed)).await.problem(403, "forbidden");
    }
    journalist.edit(&id, set(json!([]))).await.expect(200);
}

#[actix_web::test]
async fn the_desk_list_filters() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    let sport = admin.section("Sport", None).await;
    let user = admin.user_id.unwrap().to_string();
    let a = admin.published("A", &news).await;
    app.clock.advance_seconds(10);
    let b = admin
        .make(json!({"locale": "en", "title": "B", "section_id": mali, "type": "opinion"}))
        .await;
    app.clock.advance_seconds(10);
    let c = admin
        .make(json!({"locale": "fr", "title": "C", "section_id": sport, "assignee_id": user}))
        .await;
    app.clock.advance_seconds(10);
    let d = admin
        .make(json!({"locale": "fr", "title": "D", "secondary_section_ids": [sport]}))
        .await;
    let e = admin.draft("E", &news).await;
    admin.take(&e, "trash", json!({})).await.expect(200);
    let since = escaped("2026-11-23T08:00:20Z");
    let table: Vec<(String, Vec<&String>)> = vec![
        (String::new(), vec![&d, &c, &b, &a]),
        ("state=published".into(), vec![&a]),
        ("state=draft".into(), vec![&d, &c, &b]),
        ("state=trashed".into(), vec![&e]),
        ("state=killed".into(), vec![]),
        (format!("section_id={news}"), vec![&b, &a]),
        (format!("section_id={sport}"), vec![&c]),
        (format!("section_id={UNKNOWN_ID}"), vec![]),
        ("locale=en".into(), vec![&b]),
        ("type=opinion".into(), vec![&b]),
        (format!("assignee_id={user}"), vec![&c]),
        (format!("changed_since={since}"), vec![&d, &c]),
        (format!("section_id={news}&locale=fr&state=published"), vec![&a]),
    ];
    for (query, expected) in table {
        let found = admin.get(&format!("{ARTICLES}?{query}")).await.expect(200).items("id");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for bad in [
        "state=nonsense",
        "section_id=news",
        "locale=!",
        "type=",
        "limit=0",
        "limit=101",
        "changed_since=hier",
        "cursor=x",
        "colour=red",
    ] {
        assert_eq!(admin.get(&format!("{ARTICLES}?{bad}")).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn the_desk_list_is_walked_without_a_gap() {
    let (app, admin, section) = newsroom().await;
    let mut made = Vec::new();
    for number in 0..11 {
        made.push(admin.draft(&format!("T{number}"), &section).await);
        app.clock.advance_seconds(i64::from(number % 3 == 0));
    }
    made.sort();
    for limit in [1, 2, 3, 7, 11, 12] {
        let mut walked = admin.walk(ARTICLES, limit).await;
        walked.sort();
        assert_eq!(walked, made, "limit {limit}");
    }
    let first = admin.get(&format!("{ARTICLES}?limit=2")).await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    admin
        .get(&format!("{ARTICLES}?limit=2&state=draft&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn a_grant_shows_what_it_covers_and_nothing_else() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let sport = admin.section("Sport", None).await;
    let football = admin.section("Football", Some(&sport)).await;
    let mut all = Vec::new();
    for section in [&news, &sport, &football] {
        for locale in ["fr", "en"] {
            let id = admin
                .make(json!({"locale": locale, "title": "T", "section_id": section}))
                .await;
            all.push((id, section.clone(), locale));
        }
    }
    let nowhere = admin.make(json!({"locale": "fr", "title": "Sans rubrique"})).await;
    let in_sport = |section: &String| *section == sport || *section == football;
    let table: Vec<(
        &str,
        Vec<masthead::access::auth::Grant>,
        Box<dyn Fn(&String, &str) -> bool>,
    )> = vec![
        ("analyst", vec![grant(Role::Analyst, None, None)], Box::new(|_, _| true)),
        (
            "editor in sport",
            vec![grant(Role::SectionEditor, Some(section_id(&sport)), None)],
            Box::new(move |s, _| in_sport(s)),
        ),
        (
            "publisher in English",
            vec![grant(Role::Publisher, None, Some("en"))],
            Box::new(|_, l| l == "en"),
        ),
        (
            "journalist",
            vec![grant(Role::Journalist, None, None)],
            Box::new(|_, _| false),
        ),
        (
            "moderator and editor in news",
            vec![
                grant(Role::Moderator, None, None),
                grant(Role::SectionEditor, Some(section_id(&news)), None),
            ],
            {
                let news = news.clone();
                Box::new(move |s, _| *s == news)
            },
        ),
        (
            "journalist and editor in news",
            vec![
                grant(Role::Journalist, None, None),
                grant(Role::SectionEditor, Some(section_id(&news)), None),
            ],
            {
                let news = news.clone();
                Box::new(move |s, _| *s == news)
            },
        ),
        (
            "French in news, English in football",
            vec![
                grant(Role::SectionEditor, Some(section_id(&news)), Some("fr")),
                grant(Role::SectionEditor, Some(section_id(&football)), Some("en")),
            ],
            {
                let (news, football) = (news.clone(), football.clone());
                Box::new(move |s, l| *s == news && l == "fr" || *s == football && l == "en")
            },
        ),
    ];
    for (who, grants, covers) in table {
        let reader = app.user_with(grants);
        let everywhere = who == "analyst";
        let mut expected: Vec<&String> = all.iter().filter(|(_, s, l)| covers(s, l)).map(|(id, ..)| id).collect();
        if everywhere {
            expected.push(&nowhere);
        }
        let mut found = reader.walk(ARTICLES, 2).await;
        found.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{who}");
        for (id, section, locale) in &all {
            let status = if covers(section, locale) { 200 } else { 404 };
            assert_eq!(reader.get(&desk(id)).await.status, status, "{who} {section} {locale}");
        }
        // Filters narrow, and never widen.
        for section in [&news, &sport, &football] {
            for locale in ["fr", "en"] {
                let path = format!("{ARTICLES}?section_id={section}&locale={locale}");
                let found = reader.get(&path).await.expect(200).items("id");
                let below = |s: &String| s == section || *section == sport && *s == football;
                let mut expected: Vec<&String> = all
                    .iter()
                    .filter(|(_, s, l)| below(s) && *l == locale && covers(s, l))
                    .map(|(id, ..)| id)
                    .collect();
                let mut found: Vec<&String> = found.iter().collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{who} {section} {locale}");
            }
        }
    }
}

#[actix_web::test]
async fn ones_own_draft_is_listed_wherever_it_can_be_read() {
    let (app, _admin, _section) = newsroom().await;
    let admin = app.admin();
    let sport = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    let journalist = app.user(Role::Journalist);
    for user in [&editor, &journalist] {
        let id = user.make(json!({"locale": "fr", "title": "Sans rubrique"})).await;
        user.get(&desk(&id)).await.expect(200);
        assert_eq!(user.walk(ARTICLES, 10).await, [id]);
    }
}

#[actix_web::test]
async fn an_editor_of_a_section_acts_in_it_only() {
    let (app, admin, news) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    editor
        .post(ARTICLES, json!({"locale": "fr", "section_id": news}))
        .await
        .problem(403, "forbidden");
    let own = editor.draft("Match", &sport).await;
    editor
        .edit(&own, json!({"section_id": news}))
        .await
        .problem(403, "forbidden");
    editor.publish(&own).await.expect(200);
    let others = admin.draft("Coup d’État", &news).await;
    editor.get(&desk(&others)).await.problem(404, "not_found");
    editor
        .patch(&desk(&others), 1, json!({"title": "X"}))
        .await
        .problem(404, "not_found");
    for name in ["publish", "unpublish", "trash", "restore"] {
        editor
            .act(&action(&others, name), 1, json!({}))
            .await
            .problem(404, "not_found");
    }
    editor.delete(&desk(&others), 1).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn a_journalist_works_on_their_own_drafts_until_they_are_public() {
    let (app, admin, section) = newsroom().await;
    let (journalist, colleague) = (app.user(Role::Journalist), app.user(Role::Journalist));
    let id = journalist.draft("Titre", &section).await;
    journalist.edit(&id, json!({"title": "Autre"})).await.expect(200);
    journalist
        .take(&id, "publish", json!({}))
        .await
        .problem(403, "forbidden");
    colleague.get(&desk(&id)).await.problem(404, "not_found");
    colleague
        .patch(&desk(&id), 2, json!({"title": "X"}))
        .await
        .problem(404, "not_found");
    colleague
        .act(&action(&id, "trash"), 2, json!({}))
        .await
        .problem(404, "not_found");
    journalist.take(&id, "trash", json!({})).await.expect(200);
    journalist.take(&id, "restore", json!({})).await.expect(200);
    admin.publish(&id).await.expect(200);
    journalist.get(&desk(&id)).await.expect(200);
    assert_eq!(journalist.walk(ARTICLES, 5).await, std::slice::from_ref(&id));
    journalist
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(403, "forbidden");
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    journalist
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(403, "forbidden");
    journalist.take(&id, "trash", json!({})).await.problem(403, "forbidden");
    for role in [Role::Moderator, Role::Analyst] {
        app.user(role)
            .post(ARTICLES, json!({"locale": "fr"}))
            .await
            .problem(403, "forbidden");
    }
    app.guest().get(ARTICLES).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn the_trash_gives_back_a_draft_until_an_admin_empties_it() {
    let (app, admin, section) = newsroom().await;
    let publisher = app.user(Role::Publisher);
    let id = publisher.draft("Titre", &section).await;
    publisher.delete(&desk(&id), 1).await.problem(403, "forbidden");
    admin.delete(&desk(&id), 1).await.problem(409, "invalid_state");
    let trashed = publisher.take(&id, "trash", json!({})).await.expect(200).json;
    assert_eq!(
        (&trashed["state"], &trashed["trashed_at"], &trashed["version"]),
        (&json!("trashed"), &json!("2026-11-23T08:00:00.000Z"), &json!(1))
    );
    publisher
        .edit(&id, json!({"title": "X"}))
        .await
        .problem(409, "invalid_state");
    let restored = publisher.take(&id, "restore", json!({})).await.expect(200).json;
    assert_eq!(
        (&restored["state"], &restored["trashed_at"], &restored["title"]),
        (&json!("draft"), &Value::Null, &json!("Titre"))
    );
    publisher.take(&id, "trash", json!({})).await.expect(200);
    admin.delete(&desk(&id), 1).await.expect(204);
    admin.get(&desk(&id)).await.problem(404, "not_found");
    admin.delete(&desk(&id), 1).await.problem(404, "not_found");
}

#[actix_web::test]
async fn what_was_public_and_is_deleted_keeps_its_path() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    admin.take(&id, "trash", json!({})).await.problem(409, "invalid_state");
    for name in ["unpublish", "trash"] {
        admin.take(&id, name, json!({})).await.expect(200);
    }
    admin.delete(&desk(&id), 1).await.expect(204);
    let other = admin.published("Titre", &section).await;
    assert_eq!(admin.get(&desk(&other)).await.json["path"], "/news/titre-2");
    let gone = app.guest().get("/v1/resolve?path=/news/titre").await.expect(200).json;
    assert_eq!((&gone["kind"], &gone["status"]), (&json!("gone"), &json!(410)));
    app.guest()
        .get("/v1/articles/by-path?path=/news/titre")
        .await
        .problem(410, "gone");
}

#[actix_web::test]
async fn a_repeated_creation_answers_the_first_with_the_article_as_it_is_now() {
    let (_app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr", "title": "Une fois"});
    let first = admin.once(ARTICLES, None, "key-1", body.clone()).await.expect(201);
    admin.edit(&first.id(), json!({"kicker": "depuis"})).await.expect(200);
    let second = admin.once(ARTICLES, None, "key-1", body.clone()).await.expect(201);
    assert_eq!(second.id(), first.id());
    assert_eq!(second.header("location"), first.header("location"));
    assert_eq!(
        (&second.json["kicker"], second.header("etag")),
        (&json!("depuis"), "\"v2\"")
    );
    assert_eq!(admin.walk(ARTICLES, 10).await.len(), 1);
    // Another key is another request.
    let third = admin.once(ARTICLES, None, "key-2", body).await.expect(201);
    assert_ne!(third.id(), first.id());
}

#[actix_web::test]
async fn a_key_is_bound_to_its_user_its_route_and_its_body() {
    let (app, admin, section) = newsroom().await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section});
    let id = admin.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    let other = json!({"locale": "fr", "title": "Autre"});
    admin
        .once(ARTICLES, None, "key", other)
        .await
        .problem(422, "idempotency_key_reused");
    admin
        .once(&action(&id, "publish"), Some(1), "key", body.clone())
        .await
        .expect(422);
    admin
        .once(&action(&id, "trash"), Some(1), "key", json!({}))
        .await
        .problem(422, "idempotency_key_reused");
    let colleague = app.user(Role::Publisher);
    let theirs = colleague.once(ARTICLES, None, "key", body).await.expect(201).id();
    assert_ne!(theirs, id);
}

#[actix_web::test]
async fn a_failure_is_not_remembered() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.make(json!({"locale": "fr", "section_id": section})).await;
    admin
        .once(&action(&id, "publish"), Some(1), "key", json!({}))
        .await
        .invalid(&[("/title", "missing")]);
    admin.edit(&id, json!({"title": "T"})).await.expect(200);
    admin
        .once(&action(&id, "publish"), Some(2), "key", json!({}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_repeated_action_is_not_asked_for_the_version_again() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let path = action(&id, "publish");
    let first = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    admin.edit(&id, json!({"title": "Depuis"})).await.expect(200);
    let second = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    assert_eq!(second.json["title"], "Depuis");
    assert_eq!(second.json["live_revision"], first.json["live_revision"]);
    assert_eq!(second.json["has_unpublished_changes"], true);
    // Every action takes a key; the state has moved on meanwhile.
    for name in ["unpublish", "trash", "restore"] {
        let path = action(&id, name);
        let key = format!("key-{name}");
        admin.once(&path, Some(2), &key, json!({})).await.expect(200);
        let state = admin.get(&desk(&id)).await.json["state"].clone();
        let again = admin.once(&path, Some(2), &key, json!({})).await.expect(200);
        assert_eq!(again.json["state"], state, "{name}");
    }
    let late = admin.once(&path, Some(1), "key", json!({})).await.expect(200);
    assert_eq!(late.json["state"], "draft");
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_day() {
    let (app, admin, _) = newsroom().await;
    let body = json!({"locale": "fr"});
    let first = admin.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    app.clock.advance_seconds(24 * 3600 - 1);
    let kept = admin
        .renewed()
        .once(ARTICLES, None, "key", body.clone())
        .await
        .expect(201)
        .id();
    assert_eq!(kept, first);
    app.clock.advance_seconds(1);
    let made = admin
        .renewed()
        .once(ARTICLES, None, "key", body.clone())
        .await
        .expect(201)
        .id();
    assert_ne!(made, first);
    let again = admin.renewed().once(ARTICLES, None, "key", body).await.expect(201).id();
    assert_eq!(again, made);
}

#[actix_web::test]
async fn a_repetition_needs_the_rights_of_the_first() {
    let (app, admin, section) = newsroom().await;
    let editor = app.user_in(Role::SectionEditor, &section);
    let body = json!({"locale": "fr", "title": "T", "section_id": section});
    let id = editor.once(ARTICLES, None, "key", body.clone()).await.expect(201).id();
    let sport = admin.section("Sport", None).await;
    admin
        .edit(&id, json!({"section_id": sport, "kicker": "secret"}))
        .await
        .expect(200);
    editor.get(&desk(&id)).await.problem(404, "not_found");
    editor.once(ARTICLES, None, "key", body).await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_key_is_refused_where_it_would_do_nothing() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let keyed = |method: Method, path: String, key: &'static str| {
        admin
            .request(method, &path)
            .header("idempotency-key", key)
            .if_match(1)
            .json(json!({"title": "x"}))
            .send()
    };
    keyed(Method::PATCH, desk(&id), "k")
        .await
        .problem(400, "idempotency_unsupported");
    keyed(Method::DELETE, desk(&id), "k")
        .await
        .problem(400, "idempotency_unsupported");
    keyed(Method::POST, "/v1/editorial/tags".into(), "k")
        .await
        .problem(400, "idempotency_unsupported");
    for bad in ["", "a b"] {
        keyed(Method::POST, action(&id, "publish"), bad)
            .await
            .problem(400, "invalid_header");
    }
    let long: &'static str = Box::leak("k".repeat(101).into_boxed_str());
    keyed(Method::POST, action(&id, "publish"), long)
        .await
        .problem(400, "invalid_header");
    assert_eq!(admin.get(&desk(&id)).await.json["state"], "draft");
}
