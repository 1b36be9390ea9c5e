//! The blocks of a text: each type, what is wrong with one, and what HTML is left.

use masthead::access::auth::Role;
use masthead::body::blocks::Block;
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, newsroom};

fn with_blocks(blocks: Value) -> Value {
    json!({"locale": "fr", "blocks": blocks})
}

fn every_block() -> Value {
    let image = |url: &str| json!({"url": url, "alt": "Un port", "caption": "Le port", "credit": "AFP", "width": 640, "height": 480, "media_id": null});
    json!([
        {"type": "paragraph", "id": "b0", "html": "Un <strong>paragraphe</strong> &amp; <a href=\"https://a.test/\">un lien</a>."},
        {"type": "heading", "id": "b1", "level": 2, "text": "Un intertitre <b>", "anchor": "a-inter"},
        {"type": "quote", "id": "b2", "html": "<p>Dit-il.</p><p>Deux fois.</p>", "attribution": "Lui"},
        {"type": "pullquote", "id": "b3", "text": "En grand", "attribution": null},
        {"type": "list", "id": "b4", "is_ordered": true, "items": ["un", "<em>deux</em><ul><li>trois</li></ul>"]},
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
        (json!({"type": "list", "items": []}), "/is_ordered", "required"),
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
        (
            json!({"type": "heading", "level": 2, "text": "x", "anchor": "a b"}),
            "/anchor",
            "invalid_format",
        ),
        (
            json!({"type": "raw_html", "html": "<iframe src=\"https://evil.test/\"></iframe>"}),
            "/html",
            "embed_host_not_listed",
        ),
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
async fn html_is_sanitised() {
    let (_app, admin, _) = newsroom().await;
    let dirty = "a<script>alert(1)</script><b onclick=\"x()\">b</b><a href=\"javascript:alert(1)\">c</a>\
                 <img src=x onerror=y()><style>p{}</style><iframe src=\"https://www.youtube.com/embed/1\"></iframe>";
    let raw = "<script>alert(1)</script><iframe src=\"https://www.youtube.com/embed/1\"></iframe>\
               <iframe srcdoc=\"<i>evil.test</i>\"></iframe><div onload=\"x()\">d</div>";
    let made = admin
        .post(
            ARTICLES,
            with_blocks(json!([
            {"type": "paragraph", "html": dirty}, {"type": "list", "is_ordered": false, "items": [dirty]},
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
        let refused = journalist
            .edit(&id, set(changed.clone()))
            .await
            .problem(403, "forbidden");
        let last = changed.as_array().unwrap().len() - 1;
        let error = &refused.json["errors"][0];
        assert_eq!(error["pointer"], format!("/blocks/{last}"));
        assert_eq!(error["code"], "raw_html_not_permitted");
    }
    journalist.edit(&id, set(json!([]))).await.expect(200);
}
