//! Values that are valid by a schema.

use serde_json::{Map, Value, json};

use super::{Document, kind_of};
use crate::support::app::PASSWORD;
use crate::support::newsroom::UNKNOWN_ID;

impl Document {
    /// A value that is valid by a schema, every member filled; `name` is its member's.
    pub fn sample(&self, schema: &Value, name: &str) -> Value {
        let schema = self.resolve(schema);
        let words = schema["enum"].get(0).or_else(|| schema["x-extensible-enum"].get(0));
        if let Some(first) = words.or_else(|| schema.get("const")) {
            return first.clone();
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            let real = variants.iter().find(|variant| variant["type"] != "null").unwrap();
            return self.sample(real, name);
        }
        match kind_of(schema) {
            "string" => json!(sample_text(name, schema)),
            "integer" => json!(schema["minimum"].as_i64().unwrap_or(0).max(2)),
            "boolean" => json!(false),
            // An item that holds items of its own kind holds none here.
            "array" if name == "children" => json!([]),
            "array" => json!([self.sample(&schema["items"], name)]),
            "object" => {
                let members = schema["properties"].as_object().into_iter().flatten();
                // A schedule says when in one of two ways.
                let is_schedule = schema["properties"].get("fold").is_some();
                let members = members.filter(|(name, _)| !(is_schedule && *name == "at"));
                let filled: Map<String, Value> = members
                    .filter(|(name, _)| *name != "clear" && *name != "media_id")
                    .map(|(name, member)| (name.clone(), self.sample(member, name)))
                    .collect();
                Value::Object(filled)
            }
            other => panic!("{name} is of no known type: {other:?}"),
        }
    }
}

fn sample_text(name: &str, schema: &Value) -> &'static str {
    match (schema["format"].as_str(), name) {
        (Some("uuid"), _) => UNKNOWN_ID,
        (Some("date-time"), _) => "2026-11-01T08:30:00.000Z",
        (Some("uri"), _) | (_, "url") => "https://images.example/port.jpg",
        (_, "slug") => "un-slug",
        (_, "anchor") => "a-notes",
        (_, "path") => "/ancien",
        (_, "location") => "/nouveau",
        (_, "slot") => "inline-1",
        (_, "id" | "block_id") => "b1",
        (_, "locale" | "locales") => "fr",
        (_, "key" | "network") => "un-mot",
        (_, "embed_hosts") => "www.example.fr",
        (Some("date-time-local"), _) => "2026-12-24T18:00",
        (_, "time_zone") => "Africa/Porto-Novo",
        (_, "colour") => "#b3261e",
        (_, "email") => "awa@lefanal.test",
        (_, "code") => "492039",
        (_, "password" | "current_password" | "new_password") => PASSWORD,
        _ => "Un texte",
    }
}
