//! What an editor is told of the markup that they paste: what is kept, what was taken away, what the site does not know.

use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::newsroom::{ARTICLES, desk, newsroom};
use crate::support::{Client, TestApp};

/// Warnings as (pointer, code, found).
fn told(of: &Value) -> Vec<[String; 3]> {
    let member = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    let warnings = of["warnings"].as_array().unwrap().iter();
    warnings
        .map(|warning| ["pointer", "code", "found"].map(|name| member(warning, name)))
        .collect()
}

fn lines(expected: &[[&str; 3]]) -> Vec<[String; 3]> {
    expected.iter().map(|line| line.map(str::to_owned)).collect()
}

async fn validated(admin: &Client, id: &str) -> Vec<(String, String)> {
    let said = admin.get(&format!("{}/validate", desk(id))).await.expect(200).json;
    let member = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    let warnings = said["warnings"].as_array().unwrap().iter();
    warnings
        .map(|warning| (member(warning, "pointer"), member(warning, "code")))
        .collect()
}

#[actix_web::test]
async fn bold_that_is_pasted_as_style_stays_bold() {
    let (_app, admin, _) = newsroom().await;
    let case: Value = serde_json::from_str(include_str!("../../data/blocks/bold-as-style.json")).unwrap();
    let made = admin
        .post(ARTICLES, json!({"locale": "fr", "blocks": [case["block"]]}))
        .await
        .expect(201);
    assert_eq!(made.json["blocks"][0]["html"], case["expect"]);
    assert_eq!(made.json["warnings"], json!([]));
}

#[actix_web::test]
async fn links_within_a_text_lead_to_their_target() {
    let (app, admin, section) = newsroom().await;
    let blocks = json!([
        {"type": "paragraph", "html": "<a id=\"note-1\"></a>cible <a href=\"#note-2\">lien</a> <a href=\"#page\">page</a>"},
        {"type": "list", "is_ordered": true, "items": ["<a href=\"#note-1\" id=\"note-2\">retour</a>"]},
    ]);
    let made = admin
        .post(
            ARTICLES,
            json!({"locale": "fr", "title": "Ancres", "section_id": section, "blocks": blocks}),
        )
        .await
        .expect(201);
    assert_eq!(made.json["warnings"], json!([]));
    admin.publish(&made.id()).await.expect(200);
    let shown = app
        .guest()
        .get(&format!("/v1/articles/{}", made.id()))
        .await
        .expect(200);
    assert_eq!(
        shown.json["blocks"][0]["html"],
        "<a id=\"a-note-1\"></a>cible <a href=\"#a-note-2\">lien</a> <a href=\"#page\">page</a>"
    );
    assert_eq!(
        shown.json["blocks"][1]["items"][0],
        "<a href=\"#a-note-1\" id=\"a-note-2\">retour</a>"
    );
}

#[actix_web::test]
async fn what_sanitising_takes_away_is_told_where_it_stood() {
    let (_app, admin, _) = newsroom().await;
    let blocks = json!([
        {"type": "paragraph", "html": "rien"},
        {"type": "paragraph", "html": "<h2>Titre</h2><script>x</script><span style=\"color:red\">a</span>"},
        {"type": "list", "is_ordered": false, "items": ["a", "<a href=\"javascript:x\">b</a>"]},
        {"type": "table", "rows": [["a", "<img src=\"https://a.test/x.jpg\">"]]},
        {"type": "raw_html", "html": "<img src=\"https://a.test/x.jpg\" srcset=\"https://a.test/y.jpg 2x\">"},
    ]);
    let body = json!({"locale": "fr", "title": "BÃ©nin", "blocks": blocks});
    let made = admin.post(ARTICLES, body).await.expect(201);
    let mut found = told(&made.json);
    assert_eq!(found.remove(0)[1], "mojibake");
    let expected = lines(&[
        ["/blocks/1/html", "markup_removed", "<h2>, style (color), <script>"],
        ["/blocks/2/items/1", "markup_removed", "href=\"javascript:x\""],
        ["/blocks/3/rows/0/1", "markup_removed", "<img>"],
        ["/blocks/4/html", "markup_removed", "srcset"],
    ]);
    assert_eq!(found, expected);
    let warning = &made.json["warnings"][1];
    assert_eq!(warning["suggestion"], Value::Null);
    assert!(warning["message"].as_str().unwrap().contains("<h2>"), "{warning}");
    // What was read is sent back without a word.
    let again = admin
        .edit(&made.id(), json!({"blocks": made.json["blocks"]}))
        .await
        .expect(200);
    assert_eq!(again.json["warnings"], json!([]));
}

#[actix_web::test]
async fn embeds_and_ad_slots_that_the_site_does_not_know_are_told_on_saving_and_before_publishing() {
    let (_app, admin, section) = newsroom().await;
    let slot = json!({"key": "pave", "label": "Pavé", "kind": "body"});
    let slot = admin.post("/v1/editorial/ad-slots", slot).await;
    assert_eq!(slot.status, 201, "{}", slot.text);
    let blocks = json!([
        {"type": "embed", "url": "https://youtu.be/x"},
        {"type": "embed", "url": "https://x.com/a/status/1"},
        {"type": "ad_slot", "slot": "pave"},
        {"type": "ad_slot", "slot": "pavee"},
    ]);
    let body = json!({"locale": "fr", "title": "Titre", "section_id": section, "blocks": blocks});
    let made = admin.post(ARTICLES, body).await.expect(201);
    let expected = lines(&[
        ["/blocks/1/url", "embed_host_not_listed", "x.com"],
        ["/blocks/3/slot", "unknown_ad_slot", "pavee"],
    ]);
    assert_eq!(told(&made.json), expected);
    assert_eq!(made.json["blocks"][0]["provider"], "YouTube");
    let before_publishing = validated(&admin, &made.id()).await;
    for [pointer, code, _] in expected {
        assert!(before_publishing.contains(&(pointer, code)), "{before_publishing:?}");
    }
    admin.publish(&made.id()).await.expect(200);
}

#[actix_web::test]
async fn an_empty_body_is_a_warning_and_an_error_where_the_site_wants_a_body() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    admin
        .edit(&id, json!({"blocks": [{"type": "divider"}]}))
        .await
        .expect(200);
    assert!(
        validated(&admin, &id)
            .await
            .contains(&("/blocks".to_owned(), "empty".to_owned()))
    );
    admin.publish(&id).await.expect(200);
    let app = TestApp::with_site(&Site {
        requires_body: true,
        ..Site::default()
    })
    .await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let id = admin
        .make(json!({"locale": "fr", "title": "Titre", "section_id": section}))
        .await;
    admin.publish(&id).await.invalid(&[("/blocks", "missing")]);
    let said = admin.get(&format!("{}/validate", desk(&id))).await.expect(200).json;
    assert_eq!(said["errors"][0]["pointer"], "/blocks");
    let text = json!({"blocks": [{"type": "paragraph", "html": "Un mot."}]});
    admin.edit(&id, text).await.expect(200);
    admin.publish(&id).await.expect(200);
}
