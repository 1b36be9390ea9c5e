//! The OpenAPI documents as tests read them: operations, a validator that knows every keyword which
//! the documents use, samples, and the check that an answer is what its operation promises.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use actix_web::dev::ResourceDef;
use serde_json::{Map, Value, json};

use super::{Answer, document};

/// A document and its operations.
pub struct Document {
    pub face: &'static str,
    pub json: Value,
}

/// One operation of a document.
pub struct Operation {
    pub document: &'static Document,
    pub method: String,
    pub path: String,
    pub id: String,
    pub spec: &'static Value,
    definition: ResourceDef,
}

/// Both documents.
pub fn both() -> &'static [Document; 2] {
    static BOTH: OnceLock<[Document; 2]> = OnceLock::new();
    BOTH.get_or_init(|| {
        ["delivery", "editorial"].map(|face| Document {
            face,
            json: document(face),
        })
    })
}

/// Every operation of both documents.
pub fn operations() -> &'static [Operation] {
    static ALL: OnceLock<Vec<Operation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for document in both() {
            for (path, item) in document.json["paths"].as_object().unwrap() {
                for (method, spec) in item.as_object().unwrap() {
                    all.push(Operation {
                        document,
                        method: method.to_ascii_uppercase(),
                        path: path.clone(),
                        id: spec["operationId"].as_str().unwrap_or_default().to_owned(),
                        spec,
                        definition: ResourceDef::new(path.as_str()),
                    });
                }
            }
        }
        all
    })
}

/// The operation of this id.
#[track_caller]
pub fn operation(id: &str) -> &'static Operation {
    let found = operations().iter().find(|operation| operation.id == id);
    found.unwrap_or_else(|| panic!("no operation {id}"))
}

/// The operation that a request goes to: a path without parameters comes first.
pub fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let method = if method == "HEAD" { "GET" } else { method };
    let of_method = || operations().iter().filter(|operation| operation.method == method);
    of_method()
        .find(|operation| operation.path == path)
        .or_else(|| of_method().find(|operation| operation.definition.is_match(path)))
}

impl Operation {
    pub fn needs_token(&self) -> bool {
        self.spec["security"].as_array().is_some_and(|all| !all.is_empty())
    }

    pub fn parameters(&self) -> &'static [Value] {
        self.spec["parameters"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.parameters().iter().any(|parameter| parameter["name"] == name)
    }

    /// The media type and the schema of the body, where it takes one.
    pub fn body(&self) -> Option<(&'static str, &'static Value)> {
        let content = self.spec["requestBody"]["content"].as_object()?;
        content
            .iter()
            .next()
            .map(|(media, body)| (media.as_str(), &body["schema"]))
    }

    /// Whether its body is JSON.
    pub fn takes_json(&self) -> bool {
        self.body().is_some_and(|(media, _)| media.ends_with("json"))
    }

    /// A body that is sound, with its media type.
    pub fn sample_body(&self) -> Option<(&'static str, String)> {
        let (media, schema) = self.body()?;
        let schema = self.document.resolve(schema);
        match schema["examples"][0].as_str().filter(|_| !self.takes_json()) {
            Some(text) => Some((media, text.to_owned())),
            None => Some((media, self.document.sample(schema, "").to_string())),
        }
    }

    /// The path with these values in place of its parameters, in order.
    pub fn path_with(&self, values: &[&str]) -> String {
        let mut values = values.iter();
        let segments: Vec<&str> = self
            .path
            .split('/')
            .map(|segment| {
                if segment.starts_with('{') {
                    values.next().unwrap()
                } else {
                    segment
                }
            })
            .collect();
        segments.join("/")
    }

    /// What an answer to it has that it does not promise.
    pub fn broken_promises(&self, answer: &Answer) -> Vec<String> {
        let response = &self.spec["responses"][answer.status.to_string()];
        if response.is_null() {
            return vec![format!("status {} is not declared", answer.status)];
        }
        let mut broken = Vec::new();
        for (name, _) in response["headers"].as_object().into_iter().flatten() {
            let optional = answer.status >= 400 && name.starts_with("RateLimit");
            if answer.header(name).is_empty() && !optional {
                broken.push(format!("header {name} is missing"));
            }
        }
        let content_type = answer.header("content-type");
        match response["content"]
            .as_object()
            .and_then(|content| content.iter().next())
        {
            None if answer.text.is_empty() => {}
            None => broken.push("it has a body".to_owned()),
            Some((media, _)) if media != content_type => {
                broken.push(format!("content type {content_type:?} is not {media}"));
            }
            Some((media, body)) if media == "application/x-ndjson" => {
                for line in answer.text.lines() {
                    let value = serde_json::from_str(line).unwrap_or(Value::Null);
                    broken.extend(self.document.check(&body["schema"], &value, true));
                }
            }
            // What is no JSON is parsed by the tests of it.
            Some((media, _)) if !media.ends_with("json") => {}
            Some((_, body)) => {
                // The documents themselves are described by one member.
                let is_strict = !self.id.ends_with("Document");
                broken.extend(self.document.check(&body["schema"], &answer.json, is_strict));
            }
        }
        broken
    }
}

/// Keywords that say nothing about what is valid, or that are checked elsewhere.
const SILENT: &[&str] = &[
    "description",
    "examples",
    "example",
    "default",
    "discriminator",
    "pattern",
    "title",
];

impl Document {
    /// A schema, or the component that it refers to.
    #[track_caller]
    pub fn resolve<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.target(reference),
            None => schema,
        }
    }

    /// The component that a reference leads to.
    #[track_caller]
    pub fn target(&self, reference: &str) -> &Value {
        let found = self.json.pointer(reference.trim_start_matches('#'));
        found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    /// What is wrong with a value by a schema. A strict check refuses members that an open schema
    /// does not name: what we answer stands in the document.
    pub fn check(&self, schema: &Value, value: &Value, strict: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        self.check_at("", schema, value, strict, &mut wrong);
        wrong
    }

    fn check_at(&self, at: &str, schema: &Value, value: &Value, strict: bool, wrong: &mut Vec<String>) {
        let keywords = schema.as_object().unwrap();
        for (keyword, rule) in keywords {
            let mut fail = |what: String| wrong.push(format!("{at}: {what}"));
            match keyword.as_str() {
                "$ref" => {
                    let target = self.resolve(schema);
                    self.check_at(at, target, value, strict, wrong);
                }
                "oneOf" => self.check_one_of(at, schema, value, strict, wrong),
                "type" if !has_type(rule, value) => fail(format!("{value} is not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(value) => fail(format!("{value} is none of {rule}")),
                "const" if rule != value => fail(format!("{value} is not {rule}")),
                "maxLength" if length(value) > rule.as_u64() => fail(format!("longer than {rule}")),
                "minLength" if length(value).is_some_and(|length| Some(length) < rule.as_u64()) => {
                    fail(format!("shorter than {rule}"));
                }
                "maxItems" if count(value) > rule.as_u64() => fail(format!("more than {rule}")),
                "minItems" if count(value).is_some_and(|count| Some(count) < rule.as_u64()) => {
                    fail(format!("fewer than {rule}"));
                }
                "maxProperties" if value.as_object().map(|all| all.len() as u64) > rule.as_u64() => {
                    fail(format!("more members than {rule}"));
                }
                "minimum" if value.as_f64().is_some_and(|number| Some(number) < rule.as_f64()) => {
                    fail(format!("{value} is under {rule}"));
                }
                "maximum" if value.as_f64() > rule.as_f64() => fail(format!("{value} is over {rule}")),
                "format" if !has_format(rule, value) => fail(format!("{value} is no {rule}")),
                "required" => {
                    let members = value.as_object();
                    let missing = |name: &&Value| members.is_some_and(|all| !all.contains_key(name.as_str().unwrap()));
                    for name in rule.as_array().unwrap().iter().filter(missing) {
                        fail(format!("{name} is missing"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check_at(&format!("{at}/{index}"), rule, item, strict, wrong);
                    }
                }
                "properties" => {
                    let is_closed = strict || keywords.get("additionalProperties") == Some(&json!(false));
                    for (name, member) in value.as_object().into_iter().flatten() {
                        match rule.get(name) {
                            Some(rule) => self.check_at(&format!("{at}/{name}"), rule, member, strict, wrong),
                            None if is_closed => wrong.push(format!("{at}/{name} is not in the schema")),
                            None => {}
                        }
                    }
                }
                "additionalProperties" if rule.is_object() => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        self.check_at(&format!("{at}/{name}"), rule, member, strict, wrong);
                    }
                }
                "additionalProperties"
                | "type"
                | "enum"
                | "const"
                | "maxLength"
                | "minLength"
                | "maxItems"
                | "minItems"
                | "maxProperties"
                | "minimum"
                | "maximum"
                | "format" => {}
                silent if SILENT.contains(&silent) => {}
                unknown => fail(format!("the validator does not know {unknown}")),
            }
        }
    }

    fn check_one_of(&self, at: &str, schema: &Value, value: &Value, strict: bool, wrong: &mut Vec<String>) {
        let tag = schema["discriminator"]["propertyName"].as_str();
        if let Some(tag) = tag {
            let word = value[tag].as_str().unwrap_or_default();
            return match schema["discriminator"]["mapping"].get(word) {
                Some(reference) => self.check_at(at, &json!({"$ref": reference}), value, strict, wrong),
                None => wrong.push(format!("{at}/{tag}: no mapping for {word:?}")),
            };
        }
        let variants = schema["oneOf"].as_array().unwrap();
        let all: Vec<Vec<String>> = variants
            .iter()
            .map(|variant| self.check(variant, value, strict))
            .collect();
        let matching = all.iter().filter(|wrong| wrong.is_empty()).count();
        if matching != 1 {
            wrong.push(format!("{at}: {matching} variants match: {all:?}"));
        }
    }

    /// A value that is valid by a schema, every member filled; `name` is its member's.
    pub fn sample(&self, schema: &Value, name: &str) -> Value {
        let schema = self.resolve(schema);
        if let Some(first) = schema["enum"].get(0).or_else(|| schema.get("const")) {
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

/// The type of a schema beside null.
pub fn kind_of(schema: &Value) -> &str {
    types_of(schema)
        .into_iter()
        .find(|kind| *kind != "null")
        .unwrap_or_default()
}

/// The types of a schema.
pub fn types_of(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether null is valid.
pub fn is_nullable(schema: &Value) -> bool {
    types_of(schema).contains(&"null")
        || schema["oneOf"]
            .as_array()
            .is_some_and(|variants| variants.iter().any(|variant| variant["type"] == "null"))
}

fn sample_text(name: &str, schema: &Value) -> &'static str {
    match (schema["format"].as_str(), name) {
        (Some("uuid"), _) => "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f",
        (Some("date-time"), _) => "2026-11-01T08:30:00.000Z",
        (Some("uri"), _) | (_, "url") => "https://images.example/port.jpg",
        (_, "slug") => "un-slug",
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
        (_, "password" | "current_password" | "new_password") => super::PASSWORD,
        _ => "Un texte",
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    match rule {
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    }
}

fn has_format(rule: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match rule.as_str().unwrap() {
        "uuid" => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        "date-time" => masthead::base::clock::Time::parse(text).is_some(),
        "uri" => text.starts_with("http"),
        "date-time-local" => masthead::base::zone::LocalTime::parse(text).is_some(),
        _ => true,
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn count(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}

/// Every component that something refers to, from a place of a document.
pub fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            let mapping = members.get("mapping").and_then(Value::as_object);
            let mapped = mapping.into_iter().flatten().filter_map(|(_, target)| target.as_str());
            found.extend(mapped.map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
