//! An example of every request and answer, valid by its schema.

use serde_json::{Map, Value, json};

use super::components::schema_name;
use crate::base::error::{Code, Language};

pub fn add_examples(operation: &mut Value, schemas: &Map<String, Value>) {
    let fill = |content: &mut Value, status: Option<u16>| {
        for (_, media) in content.as_object_mut().into_iter().flatten() {
            let mut example = example_of(&media["schema"], "", schemas, 0);
            if let Some(status) = status.filter(|status| *status >= 400) {
                problem_example(status, &mut example);
            }
            media["example"] = example;
        }
    };
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        fill(content, None);
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        if let Some(content) = response.get_mut("content") {
            fill(content, status.parse().ok());
        }
    }
}

/// Makes the example of a problem speak of its own status.
fn problem_example(status: u16, example: &mut Value) {
    let Some(code) = Code::ALL.iter().find(|code| code.status() == status) else {
        return;
    };
    example["type"] = json!(format!("/problems/{}", code.as_str()));
    example["title"] = json!(code.title().render(Language::English, &[]));
    example["status"] = json!(status);
    example["code"] = json!(code.as_str());
    if status != 422 {
        example.as_object_mut().map(|members| members.remove("errors"));
    }
    for extension in [
        "state",
        "allowed_actions",
        "current_etag",
        "changes",
        "change_summary",
        "current_values",
        "holder_id",
        "holder_name",
        "until",
        "confirmable",
        "omitted_error_count",
        "review",
        "article_id",
        "embargo_until",
        "schedule",
        "killed_at",
        "notice",
        "children_count",
        "article_count",
        "chain",
        "redirect_id",
    ] {
        example.as_object_mut().map(|members| members.remove(extension));
    }
}

/// An example that is valid by its schema.
pub fn example_of(schema: &Value, name: &str, schemas: &Map<String, Value>, depth: usize) -> Value {
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if let Some(reference) = schema["$ref"].as_str().and_then(schema_name) {
        return schemas
            .get(reference)
            .map_or(Value::Null, |schema| example_of(schema, name, schemas, depth));
    }
    if let Some(first) = schema["enum"].get(0).or_else(|| schema.get("const")) {
        return first.clone();
    }
    if let Some(variant) = schema["oneOf"]
        .as_array()
        .and_then(|all| all.iter().find(|variant| variant["type"] != "null"))
    {
        return if depth > 6 {
            Value::Null
        } else {
            example_of(variant, name, schemas, depth + 1)
        };
    }
    let kind = schema["type"].as_str().or_else(|| {
        schema["type"]
            .as_array()?
            .iter()
            .find_map(|kind| kind.as_str().filter(|kind| *kind != "null"))
    });
    match kind {
        Some("string") => json!(example_text(name, schema["format"].as_str())),
        Some("integer" | "number") => schema
            .get("minimum")
            .filter(|min| **min != json!(0))
            .cloned()
            .unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(false),
        Some("array") if depth > 6 => json!([]),
        Some("array") => json!([example_of(&schema["items"], name, schemas, depth + 1)]),
        Some("object") => {
            let members = schema["properties"].as_object().into_iter().flatten();
            // A schedule says when in one of two ways.
            let is_required = |name: &str| {
                schema["required"]
                    .as_array()
                    .is_some_and(|all| all.contains(&json!(name)))
            };
            let is_other_way =
                |name: &str| name == "at" && schema["properties"].get("fold").is_some() && !is_required(name);
            let example = members.filter(|(name, _)| *name != "clear" && !is_other_way(name));
            Value::Object(
                example
                    .map(|(name, member)| (name.clone(), example_of(member, name, schemas, depth + 1)))
                    .collect(),
            )
        }
        _ => Value::Null,
    }
}

fn example_text(name: &str, format: Option<&str>) -> &'static str {
    match (format, name) {
        (Some("uuid"), _) => "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f",
        (Some("date-time"), _) => "2026-11-23T08:30:00.000Z",
        (Some("uri"), _) => "https://images.example/port.jpg",
        (_, "title" | "article_title") => "Le port de Cotonou double sa capacité",
        (_, "kicker") => "Économie",
        (_, "standfirst") => "Le nouveau terminal entre en service après trois ans de travaux.",
        (_, "label") => "Diplomatie",
        (_, "slug") => "diplomatie",
        (_, "anchor") => "a-notes",
        (_, "path" | "path_prefix" | "article_path" | "location" | "instance" | "chain") => "/news/diplomatie",
        (_, "locale") => "fr",
        (_, "local_time") => "2026-11-27T18:00:00",
        (_, "time_zone") => "Africa/Porto-Novo",
        (_, "colour") => "#b3261e",
        (_, "email") => "redaction@example.org",
        (_, "password" | "current_password" | "new_password") => "une phrase de passe",
        (_, "name" | "author_name" | "user_name" | "moderator_name") => "Awa Kossou",
        (_, "html" | "body_html") => "<p>Le terminal est ouvert.</p>",
        (_, "body" | "text") => "Enfin une bonne nouvelle.",
        (_, "url" | "canonical_url") => "https://www.example.org/news/diplomatie",
        (_, "id" | "after_block_id") => "b1",
        (_, "slot") => "inline-1",
        (_, "If-Match" | "If-None-Match" | "current_etag") => "\"v3\"",
        (_, "Idempotency-Key") => "publication-4711",
        (_, "detail" | "message") => "Votre commentaire est en attente de modération.",
        (_, "pointer") => "/title",
        (_, "found") => "BÃ©nin",
        (_, "suggestion") => "Bénin",
        (_, "type") => "/problems/validation_failed",
        (_, "section") => "/news",
        (_, "state") => "published",
        (_, "role") => "journaliste",
        (_, "action") => "article.publish",
        (_, "code") => "validation_failed",
        (_, "against") => "working",
        _ => "exemple",
    }
}
