//! Changes: what a patch keeps, clears and refuses, under the version that was read.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::ArticleReview;
use masthead::base::db::schema::articles;
use masthead::base::ids::ArticleId;
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, action, desk, newsroom};

#[actix_web::test]
async fn a_patch_keeps_what_it_does_not_name_and_clears_what_it_nulls() {
    let (_app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let full = json!({"locale": "fr", "title": "Titre", "kicker": "Surtitre", "standfirst": "Chapô", "slug": "titre",
        "section_id": section, "tag_ids": [tag], "source": {"name": "AFP", "url": null},
        "seo": {"title": "T", "description": null, "no_index": true}, "is_featured": true, "access": "subscribers",
        "embargo_until": "2026-11-25T00:00:00Z", "comment_policy": {"mode": "closed", "open_for_days": 7, "max_depth": 2, "max_length": 500, "max_links": 0, "history_days": 30, "history_decided": 5, "history_percent": 50, "holds_borrowed_names": false}, "breaking_until": "2026-11-24T00:00:00Z",
        "image": {"url": "https://a.test/1.jpg"}, "blocks": [{"type": "divider"}]});
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
        (json!({"image": null}), "image", Value::Null),
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
        (json!({"is_featured": null}), "/is_featured", "not_clearable"),
        (json!({"clear": ["type"]}), "/type", "not_clearable"),
        (json!({"type": "nonsense"}), "/type", "invalid_value"),
        (json!({"locale": "en"}), "/locale", "read_only"),
        (json!({"state": "published"}), "/state", "read_only"),
        (
            json!({"published_at": "2026-01-01T00:00:00Z"}),
            "/published_at",
            "read_only",
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
    assert_eq!(changed.json["review"], "not_submitted");
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
