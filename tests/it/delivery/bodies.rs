//! Bodies as HTML, as text and as Markdown, for clients that do not know blocks.

use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::requests::escaped;
use crate::support::{Client, TestApp};

const ALL: &str = "body_format=html,text,markdown";

/// Each form of the body, and what is expected of an article with every type of block.
const FORMS: [(&str, &str); 3] = [
    ("body_html", include_str!("../data/bodies/body.html")),
    ("body_text", include_str!("../data/bodies/body.txt")),
    ("body_markdown", include_str!("../data/bodies/body.md")),
];

/// A newsroom with an article that has every type of block, one that it links to, and one that is not live.
struct EveryBlock {
    app: TestApp,
    admin: Client,
    id: String,
    linked: String,
}

impl EveryBlock {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let elsewhere = admin.section("Ailleurs", None).await;
        let linked = admin.published("Le <phare>", &elsewhere).await;
        let hidden = admin.draft("Le secret", &elsewhere).await;
        let blocks = include_str!("../data/bodies/blocks.json").replace("LIVE", &linked);
        let blocks: Value = serde_json::from_str(&blocks.replace("HIDDEN", &hidden)).unwrap();
        let article = json!({"locale": "fr", "title": "La grue", "section_id": section, "blocks": blocks});
        let id = admin.make(article).await;
        admin.publish(&id).await.expect(200);
        Self { app, admin, id, linked }
    }

    /// The article where the answer at an address has it.
    async fn at(&self, address: &str) -> Value {
        let answer = self.app.guest().get(address).await.expect(200).json;
        let of_list = answer["items"].as_array().and_then(|items| items.first());
        match (of_list, &answer["article"]) {
            (Some(item), _) => item.clone(),
            (None, Value::Null) => answer,
            (None, article) => article.clone(),
        }
    }
}

#[actix_web::test]
async fn a_body_with_every_block_is_html_text_and_markdown_at_every_door() {
    let body = EveryBlock::new().await;
    let (id, path) = (&body.id, escaped("/news/la-grue"));
    let tokens = format!("/v1/editorial/articles/{id}/preview-tokens");
    let made = body.admin.post(&tokens, json!({})).await.expect(201);
    let preview = made.member("path");
    for address in [
        format!("/v1/articles/{id}?{ALL}"),
        format!("/v1/articles/{id}?body_format=markdown&body_format=text&body_format=html"),
        format!("/v1/articles/by-path?path={path}&{ALL}"),
        format!("/v1/articles/full?section=/news&{ALL}"),
        format!("/v1/pages?path={path}&{ALL}"),
        format!("/v1/pages/article?path={path}&{ALL}&cards=full"),
        format!("{preview}?{ALL}"),
    ] {
        let article = body.at(&address).await;
        for (name, expected) in FORMS {
            assert_eq!(
                article[name].as_str(),
                Some(expected.trim_end_matches('\n')),
                "{address} {name}"
            );
        }
    }
}

#[actix_web::test]
async fn a_form_that_is_not_asked_for_is_null() {
    let body = EveryBlock::new().await;
    for (asked, given) in [
        ("", ""),
        ("?body_format=text", "body_text"),
        ("?body_format=html,html", "body_html"),
    ] {
        let article = body.at(&format!("/v1/articles/{}{asked}", body.id)).await;
        for (name, _) in FORMS {
            assert_eq!(article[name].is_string(), name == given, "{asked} {name}");
            assert_eq!(article[name].is_null(), name != given, "{asked} {name}");
        }
    }
    let refused = body
        .app
        .guest()
        .get(&format!("/v1/articles/{}?body_format=pdf", body.id))
        .await;
    let said = refused.expect(400).text;
    assert!(said.contains("html, text, markdown"), "{said}");
}

#[actix_web::test]
async fn a_link_goes_when_its_article_is_no_longer_live() {
    let body = EveryBlock::new().await;
    let address = format!("/v1/articles/{}?{ALL}", body.id);
    for name in ["body_html", "body_text", "body_markdown"] {
        assert!(
            body.at(&address).await[name].as_str().unwrap().contains("phare"),
            "{name}"
        );
    }
    body.admin.take(&body.linked, "unpublish", json!({})).await.expect(200);
    for name in ["body_html", "body_text", "body_markdown"] {
        assert!(
            !body.at(&address).await[name].as_str().unwrap().contains("phare"),
            "{name}"
        );
    }
}

#[actix_web::test]
async fn advertisements_stand_where_the_placements_say() {
    let body = EveryBlock::new().await;
    let slot = json!({"key": "pave", "label": "Pavé", "kind": "body", "sizes": [],
        "rules": [{"kind": "after_block", "blocks": 3}]});
    body.admin.post("/v1/editorial/ad-slots", slot).await.expect(201);
    let article = body.at(&format!("/v1/articles/{}?{ALL}", body.id)).await;
    let html = article["body_html"].as_str().unwrap();
    let placements = article["ad_placements"].as_array().unwrap();
    assert_eq!(placements.len(), 2, "{placements:?}");
    let comments: Vec<&str> = html.match_indices("<!-- ad:").map(|(at, _)| &html[at..]).collect();
    for (placement, comment) in placements.iter().zip(&comments) {
        let expected = format!("<!-- ad:{} -->", placement["slot"].as_str().unwrap());
        assert!(comment.starts_with(&expected), "{placement} {comment}");
    }
    assert!(html.contains("</blockquote><!-- ad:pave --><blockquote>"), "{html}");
    for name in ["body_text", "body_markdown"] {
        assert!(!article[name].as_str().unwrap().contains("ad:"), "{name}");
    }
}
