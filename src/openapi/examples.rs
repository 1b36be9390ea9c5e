//! An example of every request and answer, valid by its schema.

use serde_json::{Map, Value, json};

use super::components::schema_name;
use crate::base::error::{Code, FieldCode, Language};

/// Adds an example to the body of a request and to every answer that is no error.
pub fn add_examples(operation: &mut Value, schemas: &Map<String, Value>) {
    let fill = |content: &mut Value| {
        for (_, media) in content.as_object_mut().into_iter().flatten() {
            media["example"] = example_of(&media["schema"], "", schemas, 0);
        }
    };
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        fill(content);
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (_, response) in responses.into_iter().flatten() {
        if let Some(content) = response.get_mut("content") {
            fill(content);
        }
    }
}

/// A problem of this status: of a code whose sentence stands for itself, where there is one.
pub fn problem_example(status: u16) -> Value {
    let of_status = || Code::ALL.iter().filter(|code| code.status() == status);
    let sentence = |code: &Code| code.detail().render(Language::English, &[]);
    let whole = of_status().find(|code| !sentence(code).contains('{'));
    let Some(code) = whole.or_else(|| of_status().next()) else {
        return Value::Null;
    };
    let mut example = json!({
        "type": format!("/problems/{}", code.as_str()),
        "title": code.title().render(Language::English, &[]),
        "status": status,
        "detail": sentence(code),
        "code": code.as_str(),
        "instance": "/v1/articles",
        "request_id": "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f",
    });
    if status == 412 {
        example["current_etag"] = json!("\"v3\"");
    }
    if status == 422 {
        let message = FieldCode::Required.message().render(Language::English, &[]);
        example["errors"] = json!([{"pointer": "/title", "code": FieldCode::Required.as_str(), "message": message}]);
    }
    example
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
    let words = schema["enum"].get(0).or_else(|| schema["x-extensible-enum"].get(0));
    if let Some(first) = words.or_else(|| schema.get("const")) {
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
        (_, "body_text" | "body_markdown") => "Le terminal est ouvert.",
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
        (_, "section") => "/news",
        (_, "state") => "published",
        (_, "role") => "journaliste",
        (_, "action") => "article.publish",
        (_, "against") => "working",
        _ => "exemple",
    }
}
