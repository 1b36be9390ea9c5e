//! Searching: what readers and editors find, and what they do not.

mod corpus;

use std::collections::BTreeSet;

use masthead::search::{find, reindex};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::newsroom::{escaped, query};
use crate::support::{Answer, Client, TestApp};

impl TestApp {
    /// What readers get for a query.
    async fn search(&self, q: &str, more: &str) -> Answer {
        let path = format!("/v1/search?q={}{more}", escaped(q));
        self.guest().get(&path).await
    }

    /// The titles of what readers find, in order.
    async fn found(&self, q: &str) -> Vec<String> {
        self.search(q, "").await.expect(200).items("title")
    }
}

/// A newsroom with a section.
async fn newsroom() -> (TestApp, Client, String) {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    (app, admin, section)
}

/// Publishes an article of these members.
async fn publish(admin: &Client, section: &str, mut body: Value) -> String {
    body["section_id"] = json!(section);
    body["locale"] = json!("fr");
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    id
}

fn paragraph(text: &str) -> Value {
    json!([{"type": "paragraph", "html": text}])
}

#[actix_web::test]
async fn words_are_found_in_any_form_without_case_and_accents() {
    let (app, admin, section) = newsroom().await;
    publish(
        &admin,
        &section,
        json!({"title": "Bénin : l’armée déjoue un putsch", "standfirst": "Les chefs-d’œuvre de Türkiye",
            "kicker": "Diplomatie", "blocks": paragraph("Des manifestations <em>agitent</em> le lan\u{ad}ceur.")}),
    )
    .await;
    for q in [
        "benin",
        "BÉNIN",
        "l'armée",
        "armee",
        "oeuvre",
        "œuvres",
        "turkiye",
        "diplomatie",
        "manifestation",
        "manifester ",
        "lanceurs",
        "diplo",
        "benin putsch",
        "\"déjoue un putsch\"",
        "« l'armee dejoue »",
        "benin -mali",
        "benin -\"putsch un\"",
    ] {
        assert_eq!(app.found(q).await.len(), 1, "{q}");
    }
    for q in [
        "mali",
        "benin mali",
        "dip",
        "diplo ",
        "\"un putsch déjoue\"",
        "\"putsch diplomatie\"",
        "\"manifestation\"",
        "benin -putschs",
        "benin -\"un putsch\"",
        "putsches",
    ] {
        assert_eq!(app.found(q).await, Vec::<String>::new(), "{q}");
    }
}
