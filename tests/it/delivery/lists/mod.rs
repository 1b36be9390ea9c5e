//! Lists of articles by any filter: what they find, what they cost, what they promise while others
//! publish.

mod archive;
mod bounds;
mod combinations;
mod cursors;
mod filters;
mod grammar;
mod plans;
mod walking;

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::checks::assert_links_are_sound;
use crate::support::{Client, TestApp};

/// Articles with every combination that the filters tell apart.
struct Shelf {
    app: TestApp,
    admin: Client,
    sections: BTreeMap<&'static str, String>,
    tags: BTreeMap<&'static str, String>,
    people: BTreeMap<&'static str, String>,
    /// Newest first: id, sections (primary first), tags, people, type.
    articles: Vec<(
        String,
        Vec<&'static str>,
        Vec<&'static str>,
        Vec<&'static str>,
        &'static str,
        String,
    )>,
}

async fn shelf() -> Shelf {
    let app = TestApp::new().await;
    let admin = app.admin();
    let mut sections = BTreeMap::new();
    sections.insert("news", admin.section("News", None).await);
    sections.insert("mali", admin.section("Mali", Some(&sections["news"])).await);
    sections.insert("sport", admin.section("Sport", None).await);
    sections.insert("vide", admin.section("Vide", None).await);
    let mut tags = BTreeMap::new();
    for tag in ["a", "b", "c"] {
        tags.insert(tag, admin.tag(tag).await);
    }
    let mut people = BTreeMap::new();
    for person in ["awa", "koffi"] {
        people.insert(person, admin.contributor(person).await);
    }
    let mut articles = Vec::new();
    let plan: [(&[&str], &[&str], &[&str], &str); 7] = [
        (&["news"], &["a"], &["awa"], "article"),
        (&["mali"], &["a", "b"], &["koffi"], "opinion"),
        (&["sport"], &["b"], &["awa", "koffi"], "article"),
        (&["sport", "mali"], &[], &[], "video"),
        (&["news", "mali"], &["a"], &["koffi"], "article"),
        (&["mali", "news"], &["b"], &["awa"], "opinion"),
        (&["sport"], &["a", "b"], &["koffi"], "opinion"),
    ];
    for (number, (places, labels, signed, type_)) in plan.into_iter().enumerate() {
        let body = json!({
            "locale": "fr", "title": format!("Article {number}"), "type": type_, "section_id": sections[places[0]],
            "secondary_section_ids": places[1..].iter().map(|place| &sections[place]).collect::<Vec<_>>(),
            "tag_ids": labels.iter().map(|label| &tags[label]).collect::<Vec<_>>(),
            "contributors": signed.iter().map(|name| json!({"contributor_id": people[name]})).collect::<Vec<_>>(),
        });
        let id = admin.make(body).await;
        admin.publish(&id).await.expect(200);
        articles.insert(
            0,
            (
                id,
                places.to_vec(),
                labels.to_vec(),
                signed.to_vec(),
                type_,
                app.now().to_string(),
            ),
        );
        app.clock.advance_seconds(60);
    }
    assert_links_are_sound(&app);
    Shelf {
        app,
        admin,
        sections,
        tags,
        people,
        articles,
    }
}
