//! The schemas that a document uses, those of requests apart from those of responses.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::text_limits::{bound, limit_text, max_length_sent};
use crate::base::error::{Error, Result};

/// Schemas with members that may be missing: problems have members that belong to one code, partial articles have those
/// that were asked for, and formats that others laid down leave out what is empty.
const SCHEMAS_WITH_OPTIONAL_MEMBERS: &[&str] = &[
    "Problem",
    "ValidationProblem",
    "PartialArticle",
    "ListedArticle",
    "FoundArticle",
    "ListedImage",
    "ListedSection",
    "JsonFeed",
    "JsonFeedItem",
    "JsonLdArticle",
    "JsonLdImage",
    "JsonLdOrganisation",
    "JsonLdSite",
];

/// The schemas that a document uses, those of requests apart from those of responses.
pub struct SchemaComponents(pub Map<String, Value>);

impl SchemaComponents {
    /// Walks from the operations to every schema they use. One that requests and responses both use
    /// is split: `…Input` is closed and has optional members; the other is open and always whole.
    pub fn collect(
        paths: &mut Map<String, Value>,
        webhooks: &Map<String, Value>,
        errors: &Map<String, Value>,
        schemas: &Map<String, Value>,
    ) -> Result<Self> {
        let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
        for error in errors.values() {
            reach(error, schemas, &mut responses)?;
        }
        let operations = || paths.values().flat_map(|item| item.as_object().into_iter().flatten());
        for (_, operation) in operations() {
            reach(&operation["requestBody"], schemas, &mut requests)?;
            reach(&operation["responses"], schemas, &mut responses)?;
            reach(&operation["parameters"], schemas, &mut responses)?;
        }
        // What we send is open and always whole, as an answer is.
        for item in webhooks.values() {
            reach(item, schemas, &mut responses)?;
        }
        let is_object = |name: &String| schemas.get(name).is_some_and(is_composed);
        let split: BTreeSet<String> = requests
            .intersection(&responses)
            .filter(|name| is_object(name))
            .cloned()
            .collect();
        let mut components = Map::new();
        for name in &responses {
            let mut schema = schemas.get(name).cloned().unwrap_or_default();
            finish_schema(name, &mut schema, false)?;
            components.insert(name.clone(), schema);
        }
        for name in requests
            .iter()
            .filter(|name| !responses.contains(*name) || split.contains(*name))
        {
            let mut schema = schemas.get(name).cloned().unwrap_or_default();
            finish_schema(name, &mut schema, true)?;
            if name.ends_with("Patch") {
                add_clear(&mut schema);
            }
            rename_refs(&mut schema, &split);
            components.insert(input_name(name, &split), schema);
        }
        for item in paths.values_mut() {
            for (_, operation) in item.as_object_mut().into_iter().flatten() {
                if let Some(body) = operation.get_mut("requestBody") {
                    rename_refs(body, &split);
                }
            }
        }
        Ok(Self(components))
    }
}

fn input_name(name: &str, split: &BTreeSet<String>) -> String {
    if split.contains(name) {
        format!("{name}Input")
    } else {
        name.to_owned()
    }
}

/// Whether a schema is an object or a union of objects: only these differ when they are sent.
fn is_composed(schema: &Value) -> bool {
    schema["type"] == "object" || schema.get("properties").is_some() || schema.get("oneOf").is_some()
}

fn reach(value: &Value, schemas: &Map<String, Value>, found: &mut BTreeSet<String>) -> Result<()> {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(schema_name);
            if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                let schema = schemas
                    .get(name)
                    .ok_or_else(|| Error::internal(format!("no schema {name}")))?;
                reach(schema, schemas, found)?;
            }
            members.values().try_for_each(|member| reach(member, schemas, found))
        }
        Value::Array(items) => items.iter().try_for_each(|item| reach(item, schemas, found)),
        _ => Ok(()),
    }
}

pub fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

fn rename_refs(value: &mut Value, split: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), &mut *member) {
                    ("$ref", reference) => rename_ref(reference, split),
                    // A discriminator's: word to reference.
                    ("mapping", Value::Object(mapping)) => {
                        mapping.values_mut().for_each(|reference| rename_ref(reference, split));
                    }
                    (_, member) => rename_refs(member, split),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_refs(item, split)),
        _ => {}
    }
}

fn rename_ref(reference: &mut Value, split: &BTreeSet<String>) {
    if let Some(name) = reference.as_str().and_then(schema_name) {
        *reference = json!(format!("#/components/schemas/{}", input_name(name, split)));
    }
}

/// Closes a request's object, makes a response's members required, bounds every text and list.
fn finish_schema(name: &str, schema: &mut Value, is_request: bool) -> Result<()> {
    if schema.get("properties").is_some() || schema["type"] == "object" {
        let members: Vec<String> = schema["properties"]
            .as_object()
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default();
        if is_request {
            schema["additionalProperties"] = json!(false);
        } else {
            schema
                .as_object_mut()
                .map(|schema| schema.remove("additionalProperties"));
            if !SCHEMAS_WITH_OPTIONAL_MEMBERS.contains(&name) && !members.is_empty() {
                schema["required"] = json!(members);
            }
        }
    }
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (member, value) in members.into_iter().flatten() {
        if let Some(max) = max_length_sent(name, member).filter(|_| is_request) {
            limit_text(value, max);
        }
        raise_description(value);
        if let (None, Some([word])) = (value.get("description"), value["enum"].as_array().map(Vec::as_slice)) {
            value["description"] = json!(format!(
                "Always `{}`: it tells the variant.",
                word.as_str().unwrap_or_default()
            ));
        }
        bound(member, value)?;
    }
    Ok(())
}

/// Puts what is said of a member that may be null above its variants, where generators read it.
fn raise_description(member: &mut Value) {
    let variants = member.get_mut("oneOf").and_then(Value::as_array_mut);
    let described = variants.into_iter().flatten().find_map(Value::as_object_mut);
    let Some(description) = described.and_then(|variant| variant.remove("description")) else {
        return;
    };
    member["description"] = description;
}

/// Lets a merge patch name members to empty: some generated clients cannot send null.
fn add_clear(schema: &mut Value) {
    let word = json!({"type": "string", "maxLength": 100});
    schema["properties"]["clear"] = json!({"type": "array", "maxItems": 100, "items": word,
        "description": "Names of members to empty: the same as sending null."});
}
