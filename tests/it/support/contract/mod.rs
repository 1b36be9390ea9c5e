//! The OpenAPI documents as tests read them: their operations and schemas, [`samples`] that are valid by them, and
//! the check that an answer is what its operation promises ([`validator`]).
//!
//! ```ignore
//! for operation in operations().iter().filter(|operation| operation.needs_token()) {
//!     let path = operation.path_with(&[UNKNOWN_ID]);
//!     let (media, body) = operation.sample_body().unwrap();
//! }
//! ```

mod samples;
mod validator;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use actix_web::dev::ResourceDef;
use masthead::openapi::{self, Documents};
use serde_json::{Value, json};

use super::answer::Answer;

/// The documents are the same for every test and take a while to make.
pub fn documents() -> &'static Documents {
    static DOCUMENTS: OnceLock<Documents> = OnceLock::new();
    DOCUMENTS.get_or_init(|| openapi::documents().unwrap())
}

/// A document as JSON.
pub fn document(face: &str) -> Value {
    let text = if face == "delivery" {
        &documents().delivery
    } else {
        &documents().editorial
    };
    serde_json::from_str(text).unwrap()
}

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
            json: with_whole_errors(document(face)),
        })
    })
}

/// Puts each error in the place of the reference to it.
fn with_whole_errors(mut document: Value) -> Value {
    let errors = document["components"]["responses"].take();
    let items = document["paths"].as_object_mut().unwrap().values_mut();
    let operations = items.flat_map(|item| item.as_object_mut().unwrap().values_mut());
    for response in operations.flat_map(|operation| operation["responses"].as_object_mut().unwrap().values_mut()) {
        let name = response["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix("#/components/responses/"));
        if let Some(name) = name {
            *response = errors[name].clone();
        }
    }
    document
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
    /// Whether it is for those who are logged in.
    pub fn needs_token(&self) -> bool {
        let schemes = self.spec["security"].as_array();
        schemes.is_some_and(|all| !all.is_empty() && !all.contains(&json!({})))
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
