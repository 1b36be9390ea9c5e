//! What must hold of every answer, and of every database.
//!
//! ```ignore
//! assert_has_members_of("Article", &answer.json);
//! assert_links_are_sound(&app);
//! ```

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::base::db::schema::{published_articles, published_sections};
use masthead::base::ids::SectionId;
use masthead::site::sections::SectionTree;
use serde_json::{Value, json};

use super::app::TestApp;
use super::contract::document;

/// Checks that a value has exactly the members of a schema of the delivery document, at every depth.
#[track_caller]
pub fn assert_has_members_of(schema: &str, value: &Value) {
    let document = document("delivery");
    compare(&document, &document["components"]["schemas"][schema], value, schema);
}

#[track_caller]
fn compare(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return compare(document, document.pointer(pointer).unwrap(), value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let null = json!("null");
        if value.is_null() {
            assert!(choices.iter().any(|choice| choice["type"] == null), "{at} is null");
            return;
        }
        let chosen = match value["type"].as_str() {
            Some(kind) if schema["discriminator"].is_object() => {
                let reference = schema["discriminator"]["mapping"][kind].as_str().unwrap();
                document.pointer(reference.trim_start_matches('#')).unwrap()
            }
            _ => choices.iter().find(|choice| choice["type"] != null).unwrap(),
        };
        return compare(document, chosen, value, at);
    }
    match value {
        Value::Object(members) if schema["properties"].is_object() => {
            let documented: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
            let there: BTreeSet<&String> = members.keys().collect();
            assert_eq!(there, documented, "members of {at}");
            for (name, value) in members {
                compare(document, &schema["properties"][name], value, &format!("{at}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                compare(document, &schema["items"], item, &format!("{at}[]"));
            }
        }
        Value::Null => {
            let types = schema["type"].as_array();
            assert!(
                types.is_some_and(|types| types.contains(&json!("null"))),
                "{at} is null: {schema}"
            );
        }
        _ => {}
    }
}

type Link = (SectionId, String, bool, i64, bool);

/// Checks that every live article is linked to exactly its sections and what stands above them.
#[track_caller]
pub fn assert_links_are_sound(app: &TestApp) {
    let (tree, live, links) = app
        .db()
        .read_blocking(|conn| {
            let tree = SectionTree::load(conn)?;
            let live: Vec<(String, SectionId, i64, bool)> = published_articles::table
                .select((
                    published_articles::id,
                    published_articles::section_id,
                    published_articles::position,
                    published_articles::retracted_at.is_null(),
                ))
                .load(conn)?;
            let links: Vec<Link> = published_sections::table
                .select((
                    published_sections::section_id,
                    published_sections::article_id,
                    published_sections::is_direct,
                    published_sections::position,
                    published_sections::is_listed,
                ))
                .load(conn)?;
            Ok((tree, live, links))
        })
        .unwrap();
    for (id, section, position, is_listed) in &live {
        let own: Vec<&Link> = links.iter().filter(|(_, article, ..)| article == id).collect();
        let direct: Vec<SectionId> = own.iter().filter(|link| link.2).map(|link| link.0).collect();
        assert!(direct.contains(section), "{id} is not linked to its section");
        let expected: BTreeSet<SectionId> = direct
            .iter()
            .flat_map(|id| tree.lineage(*id))
            .map(|section| section.id)
            .collect();
        let found: BTreeSet<SectionId> = own.iter().map(|link| link.0).collect();
        assert_eq!(found, expected, "links of {id}");
        assert!(own.iter().all(|link| link.3 == *position), "positions of {id}");
        assert!(own.iter().all(|link| link.4 == *is_listed), "whether {id} is listed");
    }
    let known: BTreeSet<&String> = live.iter().map(|(id, ..)| id).collect();
    assert!(
        links.iter().all(|(_, article, ..)| known.contains(article)),
        "a link without an article"
    );
}
