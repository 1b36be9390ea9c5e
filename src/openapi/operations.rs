//! What follows for an operation from its path, method, parameters and body: security, the errors that it can meet,
//! conditional requests. An operation says itself what is special about it: `security(())` means that it needs no
//! token, `x-no-store` that no cache may keep its answers, a header `ETag` that its answers carry a version.

use serde_json::{Map, Value, json};

use super::components::schema_name;
use super::examples::{example_of, problem_example};
use super::text_limits::bound;
use crate::base::error::{Code, Result};
use crate::base::http::idempotency;
use crate::base::http::problem::PROBLEM_JSON;

/// How the paths begin at which readers, or machines for them, read content.
const DELIVERY_PREFIXES: &[&str] = &["/v1/", "/feeds/", "/sitemap", "/openapi/"];

/// Adds to an operation what follows from its path, method, parameters and body.
pub fn finish_operation(path: &str, method: &str, operation: &mut Value, schemas: &Map<String, Value>) -> Result<()> {
    let is_editorial = path.starts_with("/v1/editorial");
    let said = operation["security"].take();
    // So `security(())` reads, alone or before what may be sent all the same.
    let is_open = said[0] == json!({});
    let needs_token = is_editorial && !is_open;
    operation["security"] = match said.get(1) {
        _ if needs_token => json!([{"bearerAuth": []}]),
        Some(_) => said,
        None => json!([]),
    };
    let is_read = DELIVERY_PREFIXES.iter().any(|prefix| path.starts_with(prefix)) && !is_editorial;
    let is_kept = operation
        .as_object_mut()
        .is_some_and(|operation| operation.remove("x-no-store").is_none());
    let is_public_read = method == "get" && is_read;
    let is_cached = is_public_read && is_kept;
    finish_parameters(path, is_cached, operation)?;
    finish_body(method, operation, schemas);
    let responses = finish_responses(path, needs_token, (is_public_read, is_cached), operation);
    operation["responses"] = Value::Object(responses);
    Ok(())
}

fn finish_parameters(path: &str, is_cached: bool, operation: &mut Value) -> Result<()> {
    let given = operation["parameters"].as_array().cloned().unwrap_or_default();
    let in_path = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .filter(|name| given.iter().all(|parameter| parameter["name"] != *name))
        .map(|name| {
            let (schema, description) = match name {
                "revision_number" => (
                    json!({"type": "integer", "format": "int32", "minimum": 1}),
                    "The revision's number within its article.".to_owned(),
                ),
                "token" => (
                    json!({"type": "string", "maxLength": 64}),
                    "The preview token.".to_owned(),
                ),
                "sitemap" => (
                    json!({"type": "string", "maxLength": 100}),
                    "The sitemap's name.".to_owned(),
                ),
                name => match (name.strip_suffix("_id"), name.strip_suffix("_key")) {
                    (Some(thing), _) => (
                        json!({"type": "string", "format": "uuid", "maxLength": 36}),
                        format!("The {}'s id.", thing.replace('_', " ")),
                    ),
                    (None, key) => (
                        json!({"type": "string", "maxLength": 100}),
                        format!(
                            "The {}'s key, for example `principal`.",
                            key.unwrap_or(name).replace('_', " ")
                        ),
                    ),
                },
            };
            json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
        })
        .collect();
    parameters.extend(given);
    if is_cached {
        parameters.push(json!({"name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of the answer that the client has.",
            "schema": {"type": "string", "maxLength": 1000}}));
    }
    let order = |parameter: &Value| {
        ["path", "query", "header"]
            .iter()
            .position(|place| parameter["in"] == *place)
    };
    parameters.sort_by_key(order);
    for parameter in &mut parameters {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        // An absent parameter and a null one are the same to us, and generators dislike nullable ones.
        let schema = without_null(parameter["schema"].take());
        parameter["schema"] = schema;
        bound(&name, &mut parameter["schema"])?;
        if !parameter["schema"].to_string().contains("$ref") {
            parameter["example"] = example_of(&parameter["schema"], &name, &Map::new(), 0);
        }
    }
    operation["parameters"] = Value::Array(parameters);
    Ok(())
}

fn without_null(mut schema: Value) -> Value {
    let types = schema["type"].as_array();
    if let Some(kind) = types.and_then(|types| types.iter().find(|kind| *kind != "null").cloned()) {
        schema["type"] = kind;
    }
    let variants = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let real: Vec<&Value> = variants.iter().filter(|variant| variant["type"] != "null").collect();
    match real.as_slice() {
        [one] if variants.len() == 2 => (*one).clone(),
        _ => schema,
    }
}

fn finish_body(method: &str, operation: &mut Value, schemas: &Map<String, Value>) {
    let Some(content) = operation
        .pointer_mut("/requestBody/content")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    if method == "patch"
        && let Some(body) = content.remove("application/json")
    {
        content.insert("application/merge-patch+json".to_owned(), body);
    }
    let reference = content
        .get("application/json")
        .and_then(|body| body["schema"]["$ref"].as_str());
    let schema = reference.and_then(schema_name).and_then(|name| schemas.get(name));
    let is_optional = schema.is_some_and(|schema| {
        let required = schema["required"].as_array();
        schema["type"] == "object" && required.is_none_or(Vec::is_empty)
    });
    if let Some(body) = operation.get_mut("requestBody") {
        body["required"] = json!(!is_optional);
    }
}

fn finish_responses(
    path: &str,
    needs_token: bool,
    (is_public_read, is_cached): (bool, bool),
    operation: &Value,
) -> Map<String, Value> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
    let mut statuses: Vec<u16> = vec![400, 500, 503];
    if needs_token {
        // By an API token, 429 too.
        statuses.extend([401, 403, 429]);
    }
    if is_public_read {
        // Where an API token is shown that is good no more.
        statuses.push(401);
    }
    if path.contains("{") {
        statuses.push(404);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([408, 413, 415, 422]);
    }
    if has("If-Match") {
        statuses.extend([412, 428]);
    }
    if has(idempotency::HEADER) {
        // A repetition may come when the first one's result is no longer there for its sender.
        statuses.push(404);
    }
    let mut responses = operation["responses"].as_object().cloned().unwrap_or_default();
    for status in statuses {
        responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"description": ""}));
    }
    if is_cached {
        responses.insert(
            "304".to_owned(),
            json!({"description": "The client has this answer already."}),
        );
    }
    let headers = HeaderDescriptions {
        is_cached,
        is_versioned: has("If-Match")
            || responses
                .values()
                .any(|response| !response["headers"]["ETag"].is_null()),
    };
    for (status, response) in &mut responses {
        let number: u16 = status.parse().unwrap_or(500);
        if number >= 400 {
            *response = json!({"$ref": format!("#/components/responses/{}", error_name(number))});
            continue;
        }
        let headers = headers.of(number, response);
        if !headers.is_empty() {
            response["headers"] = Value::Object(headers);
        }
    }
    responses
}

/// The name of the response of an error: the status in words (RFC 9110).
fn error_name(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "ContentTooLarge",
        415 => "UnsupportedMediaType",
        422 => "UnprocessableContent",
        428 => "PreconditionRequired",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    }
}

/// The responses of the errors that these paths can meet, by name.
pub fn error_responses(paths: &Map<String, Value>) -> Map<String, Value> {
    let operations = paths.values().flat_map(|item| item.as_object().into_iter().flatten());
    let statuses = operations.flat_map(|(_, operation)| operation["responses"].as_object().into_iter().flatten());
    let errors = statuses.filter_map(|(status, _)| status.parse().ok().filter(|status| *status >= 400));
    errors
        .map(|status| (error_name(status).to_owned(), error_response(status)))
        .collect()
}

fn error_response(status: u16) -> Value {
    let schema = if status == 422 { "ValidationProblem" } else { "Problem" };
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    let mut response = json!({
        "description": describe(status),
        "content": {PROBLEM_JSON: {"schema": schema, "example": problem_example(status)}},
    });
    let headers = HeaderDescriptions {
        is_cached: false,
        is_versioned: false,
    };
    let headers = headers.of(status, &response);
    if !headers.is_empty() {
        response["headers"] = Value::Object(headers);
    }
    response
}

struct HeaderDescriptions {
    is_cached: bool,
    is_versioned: bool,
}

impl HeaderDescriptions {
    fn of(&self, status: u16, response: &Value) -> Map<String, Value> {
        let mut headers = Map::new();
        let mut add = |name: &str, description: &str| {
            let schema = json!({"type": "string", "maxLength": 1000});
            headers.insert(name.to_owned(), json!({"description": description, "schema": schema}));
        };
        let succeeds = (200..300).contains(&status) && response.get("content").is_some();
        if (self.is_versioned && succeeds) || status == 412 {
            add("ETag", "The version, for `If-Match`.");
        }
        if self.is_cached && (succeeds || status == 304) {
            add("ETag", "The identity of this answer, for `If-None-Match`.");
            add("Cache-Control", "How long it may be kept.");
        }
        if status == 201 && (self.is_versioned || !response["headers"]["Location"].is_null()) {
            add("Location", "Where the new thing is.");
        }
        if status == 307 || status == 308 {
            add("Location", "Where the article is now.");
        }
        if status == 429 || status == 503 {
            add("Retry-After", "Seconds to wait.");
        }
        if status == 429 {
            add("RateLimit", "What is left (draft-ietf-httpapi-ratelimit-headers).");
            add("RateLimit-Policy", "The limit.");
        }
        headers
    }
}

fn describe(status: u16) -> String {
    let codes = Code::ALL.iter().filter(|code| code.status() == status);
    let titles: Vec<String> = codes.map(|code| format!("`{}`", code.as_str())).collect();
    format!("One of: {}.", titles.join(", "))
}
