//! The two OpenAPI 3.1 documents, made from the handlers without a database.
//!
//! utoipa collects paths and schemas; what follows from a rule and not from a handler is written here
//! once for all operations: security, the errors that a kind of operation can meet, conditional
//! requests, limits, examples, closed request bodies.

use std::collections::BTreeSet;

use actix_web::App;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::app::routes;
use crate::articles::model::{ArticleReview, ArticleState};
use crate::base::clock::Time;
use crate::base::error::{Code, Error, FieldCode, Language, Result};
use crate::base::http::idempotency;
use crate::base::http::page::CountMode;
use crate::base::http::problem::{
    Change, ChangeAuthor, ChangeSummary, PROBLEM_JSON, Problem, ProblemField, ValidationProblem,
};
use crate::base::limits;
use crate::body::article_type::ArticleType;
use crate::comments::identity::{SanctionKind, SanctionTarget};
use crate::comments::lists::store::CommentSort;
use crate::comments::model::CommentState;
use crate::comments::moderation::model::{ClaimedBy, HoldReason, ModerationQueue, QueueSort};
use crate::delivery::extras::ArticleInclude;
use crate::delivery::feeds::FeedContent;
use crate::delivery::menus::PublicMenuItem;
use crate::delivery::search::find::SearchSort;
use crate::editorial::articles::desk::DeskSort;
use crate::editorial::notes::NoteState;
use crate::published::ArticleSort;
use crate::site::menus::{MenuItem, MenuItemKind};
use crate::site::paths::RedirectOrigin;
use crate::site::redirects::RedirectStatus;
use crate::site::tags::TagKind;

/// The documents, as they are committed.
#[derive(Clone)]
pub struct Documents {
    /// What readers' front ends use.
    pub delivery: String,
    /// What editors' and moderators' clients use.
    pub editorial: String,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Masthead", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    // Problems, what only query parameters refer to, and what refers to itself: utoipa does not collect these by
    // itself.
    components(schemas(
        Problem, ValidationProblem, ProblemField, Change, ChangeSummary, ChangeAuthor, Code, FieldCode, Time,
        MenuItem, MenuItemKind, PublicMenuItem,
        ArticleInclude, ArticleSort, SearchSort, ArticleReview, FeedContent, ArticleState, ArticleType, ClaimedBy, CountMode,
        CommentSort, CommentState, DeskSort, HoldReason, ModerationQueue,
        QueueSort, SanctionKind, SanctionTarget, NoteState, RedirectOrigin,
        RedirectStatus, TagKind,
    )),
)]
struct BaseDocument;

const TAGS: &[(&str, &str)] = &[
    ("accounts", "Logging in, one's own account, and users."),
    ("audit", "Who did what, when and from where."),
    ("articles", "Articles: what readers get, and the desk's working copies."),
    ("comments", "What readers write under articles."),
    ("contributors", "The people whose names stand above articles."),
    ("feeds", "What is new, for programs that ask now and then."),
    ("moderation", "Deciding on comments."),
    ("operations", "Running Masthead."),
    ("packages", "Stories that belong together."),
    ("pages", "Everything that a page shows, in one answer."),
    ("redirects", "Paths that lead elsewhere, or are gone."),
    ("search", "Finding articles by their words."),
    ("sections", "The tree in which articles stand."),
    ("site", "The site’s settings, menus and places for advertisements."),
    ("sitemaps", "What search engines may show, and where it is."),
    ("tags", "What articles are about."),
];

/// Where the paths begin that readers, or machines for them, read contents at.
const DELIVERY_PREFIXES: &[&str] = &["/v1/", "/feeds/", "/sitemap"];

/// Schemas some of whose members may be missing: problems have some that belong to one code, partial articles those that
/// were asked for, and in forms that others laid down what says nothing is left out.
const SCHEMAS_WITH_OPTIONAL_MEMBERS: &[&str] = &[
    "Problem",
    "ValidationProblem",
    "PartialArticle",
    "JsonFeed",
    "JsonFeedItem",
    "JsonLdArticle",
    "JsonLdImage",
    "JsonLdOrganisation",
    "JsonLdSite",
];

/// Reads of delivery that no cache may keep.
const UNCACHED_OPERATIONS: &[&str] = &["getCaptcha", "getPreview"];

/// Operations under `/v1/editorial` that need no token.
const TOKENLESS_OPERATIONS: &[&str] = &["login", "refreshTokens", "getJwks"];

/// Makes the documents.
///
/// # Errors
/// When a rule of theirs is broken: a name without a limit, a schema without a home.
pub fn documents() -> Result<Documents> {
    let (_, api) = App::new()
        .into_utoipa_app()
        .configure(routes::describe)
        .split_for_parts();
    let base = BaseDocument::openapi().merge_from(api);
    let mut document = serde_json::to_value(base).map_err(Error::internal)?;
    let paths = document.get_mut("paths").map(Value::take).unwrap_or_default();
    let schemas = document
        .pointer_mut("/components/schemas")
        .map(Value::take)
        .unwrap_or_default();
    let (Value::Object(paths), Value::Object(schemas)) = (paths, schemas) else {
        return Err(Error::internal("the document has no paths or schemas"));
    };
    let (mut delivery, mut editorial) = (Map::new(), Map::new());
    for (path, mut item) in paths {
        let is_editorial = path.starts_with("/v1/editorial") || path.starts_with("/.well-known");
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            finish_operation(&path, method, operation)?;
        }
        let document = if is_editorial { &mut editorial } else { &mut delivery };
        document.insert(path, item);
    }
    Ok(Documents {
        delivery: document_of("delivery", delivery, &schemas)?,
        editorial: document_of("editorial", editorial, &schemas)?,
    })
}

fn document_of(face: &str, mut paths: Map<String, Value>, schemas: &Map<String, Value>) -> Result<String> {
    let components = SchemaComponents::collect(&mut paths, schemas)?;
    for item in paths.values_mut() {
        for operation in item
            .as_object_mut()
            .into_iter()
            .flatten()
            .map(|(_, operation)| operation)
        {
            add_examples(operation, &components.0);
        }
    }
    let used: BTreeSet<String> = paths
        .values()
        .flat_map(|item| item.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation["tags"][0].as_str().map(str::to_owned))
        .collect();
    let tags: Vec<Value> = TAGS
        .iter()
        .filter(|(name, _)| used.contains(*name))
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect();
    let description = match face {
        "delivery" => "What a site's front end reads: published things only, cacheable, with predictable errors.",
        _ => "What editors', moderators' and administrators' clients use, behind an access token.",
    };
    let mut components = json!({"schemas": components.0});
    if face == "editorial" {
        components["securitySchemes"] = json!({"bearerAuth": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token: a JWT signed with Ed25519, good for 15 minutes.",
        }});
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Masthead {face} API"),
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A headless newsroom CMS.",
            "description": description,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that answers this document."}],
        "tags": tags,
        "paths": paths,
        "components": components,
    });
    let mut text = serde_json::to_string_pretty(&document).map_err(Error::internal)?;
    text.push('\n');
    Ok(text)
}

/// Lets a merge patch name members to empty: some generated clients cannot send null.
fn add_clear(schema: &mut Value) {
    let word = json!({"type": "string", "maxLength": 100});
    schema["properties"]["clear"] = json!({"type": "array", "maxItems": 100, "items": word,
        "description": "Names of members to empty: the same as sending null."});
}

/// Adds to an operation what follows from its path, method, parameters and body.
fn finish_operation(path: &str, method: &str, operation: &mut Value) -> Result<()> {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let is_editorial = path.starts_with("/v1/editorial");
    let needs_token = is_editorial && !TOKENLESS_OPERATIONS.contains(&id.as_str());
    operation["security"] = if needs_token {
        json!([{"bearerAuth": []}])
    } else {
        json!([])
    };
    let is_read = DELIVERY_PREFIXES.iter().any(|prefix| path.starts_with(prefix)) && !is_editorial;
    let is_cached = method == "get" && is_read && !UNCACHED_OPERATIONS.contains(&id.as_str());
    finish_parameters(path, is_cached, operation)?;
    finish_body(method, operation);
    let responses = finish_responses(path, needs_token, is_cached, operation);
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
            let thing = name.trim_end_matches("_id").replace('_', " ");
            let (schema, what) = match name {
                "number" => (
                    json!({"type": "integer", "format": "int32", "minimum": 1}),
                    "number within its article",
                ),
                "token" => (json!({"type": "string", "maxLength": 64}), "text"),
                name if name.ends_with("_id") => (json!({"type": "string", "format": "uuid", "maxLength": 36}), "id"),
                _ => (json!({"type": "string", "maxLength": 100}), "name"),
            };
            let thing = if name == "number" { "revision" } else { &thing };
            let description = format!("The {thing}’s {what}.");
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

fn finish_body(method: &str, operation: &mut Value) {
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
    if let Some(body) = operation.get_mut("requestBody") {
        body["description"] = json!("What is sent.");
    }
}

fn finish_responses(path: &str, needs_token: bool, is_cached: bool, operation: &Value) -> Map<String, Value> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
    let mut statuses: Vec<u16> = vec![400, 500, 503];
    if needs_token {
        statuses.extend([401, 403]);
    }
    if path.contains("{") {
        statuses.push(404);
    }
    if operation["operationId"] == "login" || operation["operationId"] == "refreshTokens" {
        statuses.push(401);
    }
    if operation["operationId"] == "resolvePath" {
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
        is_versioned: has("If-Match") || operation["operationId"].as_str().is_some_and(makes_version),
    };
    for (status, response) in &mut responses {
        let number: u16 = status.parse().unwrap_or(500);
        if number >= 400 {
            let schema = if number == 422 { "ValidationProblem" } else { "Problem" };
            response["description"] = json!(describe(number));
            response["content"] = json!({PROBLEM_JSON: {"schema": {"$ref": format!("#/components/schemas/{schema}")}}});
        }
        let headers = headers.of(number, response);
        if !headers.is_empty() {
            response["headers"] = Value::Object(headers);
        }
    }
    responses
}

/// Operations without `If-Match` whose answers carry an ETag of a version.
fn makes_version(operation_id: &str) -> bool {
    let editable = [
        "Article",
        "Section",
        "Tag",
        "Contributor",
        "User",
        "Redirect",
        "WordList",
        "Sanction",
        "Site",
        "Menu",
        "AdSlot",
        "Package",
    ];
    ["create", "get"].iter().any(|verb| {
        operation_id.strip_prefix(verb).is_some_and(|thing| {
            editable
                .iter()
                .any(|name| thing == *name && *verb == "create" || thing == format!("{name}ForEditing"))
                || ["User", "Redirect", "ArticleNote", "WordList", "Sanction"].contains(&thing)
        })
    })
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
        if status == 201 && self.is_versioned {
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

/// The schemas that a document uses, requests and responses told apart.
struct SchemaComponents(Map<String, Value>);

impl SchemaComponents {
    /// Walks from the operations to every schema they use. One that requests and responses both use
    /// is split: `…Input` is closed and has optional members; the other is open and always whole.
    fn collect(paths: &mut Map<String, Value>, schemas: &Map<String, Value>) -> Result<Self> {
        let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
        let operations = || paths.values().flat_map(|item| item.as_object().into_iter().flatten());
        for (_, operation) in operations() {
            reach(&operation["requestBody"], schemas, &mut requests)?;
            reach(&operation["responses"], schemas, &mut responses)?;
            reach(&operation["parameters"], schemas, &mut responses)?;
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

fn schema_name(reference: &str) -> Option<&str> {
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
        bound(member, value)?;
    }
    Ok(())
}

/// Gives a text its greatest length and a list its greatest number of items.
fn bound(name: &str, schema: &mut Value) -> Result<()> {
    let types = schema["type"].clone();
    let is = |kind: &str| {
        types == kind
            || types
                .as_array()
                .is_some_and(|types| types.iter().any(|known| known == kind))
    };
    if is("string")
        && schema.get("maxLength").is_none()
        && schema.get("enum").is_none()
        && schema.get("const").is_none()
    {
        let max = match schema["format"].as_str() {
            Some("uuid") => 36,
            Some("date-time") => limits::TIME,
            Some("uri") => limits::URL,
            _ => max_length(name).ok_or_else(|| Error::internal(format!("no limit is known for the text {name}")))?,
        };
        schema["maxLength"] = json!(max);
    }
    if is("array") {
        if schema.get("maxItems").is_none() {
            let max =
                max_items(name).ok_or_else(|| Error::internal(format!("no limit is known for the list {name}")))?;
            schema["maxItems"] = json!(max);
        }
        if let Some(items) = schema.get_mut("items") {
            // A row is a list of cells, as the header is.
            bound(if name == "rows" { "header" } else { name }, items)?;
        }
    }
    if let Some(values) = schema
        .get_mut("additionalProperties")
        .filter(|values| values.is_object())
    {
        bound(name, values)?;
        schema["maxProperties"] = json!(limits::LOCALES);
        schema.as_object_mut().map(|schema| schema.remove("propertyNames"));
    }
    Ok(())
}

/// Gives a text, or the texts of a list, this greatest length.
fn limit_text(schema: &mut Value, max: usize) {
    match schema.get_mut("items") {
        Some(items) => limit_text(items, max),
        None => schema["maxLength"] = json!(max),
    }
}

/// Characters of a text that is sent, where validation allows less than what may be answered: an
/// import brings longer names, and sanitised HTML grows.
fn max_length_sent(schema: &str, name: &str) -> Option<usize> {
    match (schema, name) {
        ("Source", "name") => None,
        ("CorrectRequest", "text") => Some(limits::NOTICE),
        ("TestWordListsRequest", "text") => Some(limits::COMMENT),
        (_, "name" | "author_name") => Some(limits::NAME),
        (_, "standfirst") | ("Seo", "description") => Some(limits::STANDFIRST),
        ("ListBlock", "items") | ("TableBlock", "header" | "rows") => Some(limits::BLOCK),
        _ => None,
    }
}

/// Characters of a text, by the name of its member or parameter.
fn max_length(name: &str) -> Option<usize> {
    Some(match name {
        "title" | "article_title" => limits::TITLE,
        "kicker" => limits::KICKER,
        "standfirst" | "description" => limits::DESCRIPTION,
        "label" | "labels" | "role" | "tags" | "root_label" | "root_labels" | "targeting" => limits::LABEL,
        "tagline" => limits::STANDFIRST,
        "embed_hosts" => limits::HOST,
        "slug" => limits::SLUG,
        "name" | "author_name" | "user_name" | "moderator_name" | "holder_name" => limits::CREDIT,
        "assignee_name" | "resolved_by_name" | "created_by_name" => limits::CREDIT,
        "old" | "new" | "added" | "removed" => limits::ID,
        "action" => limits::ACTION,
        "target_id" | "before_digest" | "after_digest" | "address" => limits::ID,
        "value" => limits::NOTE,
        "body_html" | "html" | "text" | "items" | "header" | "rows" => limits::BLOCK * 6,
        "body" => limits::COMMENT,
        "q" | "did_you_mean" => limits::SEARCH_QUERY,
        "form_token" => limits::FORM_TOKEN,
        "entry" | "entries" | "exceptions" => limits::WORD,
        "list_name" => limits::CREDIT,
        "path" | "path_prefix" | "article_path" | "section" | "instance" => limits::PATH,
        "url" | "canonical_url" | "location" | "chain" => limits::URL,
        "bio" => limits::DESCRIPTION,
        "note" | "detail" | "message" => limits::NOTE,
        "notice" => limits::NOTICE,
        "reason" => limits::NOTE,
        "found" | "suggestion" => limits::EXCERPT,
        "external_id" => limits::EXTERNAL_ID,
        "email" => limits::EMAIL,
        "password" | "current_password" | "new_password" => limits::PASSWORD,
        "token" | "access_token" | "refresh_token" | "reader_token" | "edit_token" | "verification_token" => {
            limits::TOKEN
        }
        "comment_id" | "comment_ids" => 36,
        "cursor" | "next_cursor" | "replies_cursor" => limits::CURSOR,
        "locale" | "locales" => 12,
        "local_time" => limits::LOCAL_TIME,
        "time_zone" => limits::TIME_ZONE,
        "colour" => 7,
        "id" | "user_id" | "holder_id" | "block_id" | "article_id" | "after_block_id" | "slot" | "translation_key" => {
            limits::BLOCK_ID
        }
        "user_agent" | "provider" | "attribution" => limits::CREDIT,
        "type" | "kind" | "pointer" | "request_id" | "current_etag" | "state" | "review" | "phase" | "verdict" => 200,
        "tag" | "contributor" | "required" | "fields" | "clear" | "members" | "permissions" | "allowed_actions"
        | "column" => 100,
        "challenge" | "salt" | "signature" | "site_key" | "cdata" => limits::CREDIT,
        "kty" | "crv" | "use" | "alg" | "kid" | "x" | "status" | "code" => 100,
        _ => return None,
    })
}

/// Items of a list, by the name of its member or parameter.
fn max_items(name: &str) -> Option<usize> {
    Some(match name {
        "items" | "keys" | "thread" | "log" => limits::SECTIONS,
        "corrections" => limits::CORRECTIONS,
        "highlights" => limits::HIGHLIGHTS,
        "ranges" => limits::SEARCH_EXCERPT,
        "counts" | "article_id" => limits::COUNTED_ARTICLES,
        "entries" | "exceptions" => limits::WORDS,
        "matches" => limits::WORD_MATCHES,
        "alternates" => limits::LOCALES,
        "spans" => limits::BLOCK * 6,
        "members" | "autosaves" | "versions" => 50,
        "lists" => 100,
        "users" => 1_000,
        "blocks" | "linked_articles" | "ad_placements" | "errors" => limits::BLOCKS,
        "tags" | "tag_ids" => limits::TAGS,
        "contributors" => limits::CONTRIBUTORS,
        "related_article_ids" => limits::RELATED,
        "secondary_section_ids" => limits::SECONDARY_SECTIONS,
        "breadcrumb" => limits::SECTION_DEPTH + 1,
        "grants" => limits::GRANTS,
        "warnings" => limits::TEXT_WARNINGS,
        "replies" | "changes" => 50,
        // What can be wrong with a row: each of its columns.
        "refused" => limits::REDIRECT_ROWS * 4,
        "chain" => limits::PATH_CHAIN,
        "schedules" | "cancelled_schedules" => limits::WAITING_SCHEDULES,
        "images" | "rows" => limits::BLOCK_ITEMS,
        "header" => limits::TABLE_CELLS,
        "section" | "tag" | "contributor" | "type" | "state" | "review" => limits::FILTER_VALUES,
        "permissions" | "allowed_actions" | "fields" | "clear" | "required" | "verdicts" | "matched" | "details"
        | "reports" | "sanctions" | "badges" => 100,
        _ => return None,
    })
}

fn add_examples(operation: &mut Value, schemas: &Map<String, Value>) {
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
        "holder_id",
        "holder_name",
        "until",
        "confirmable",
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
fn example_of(schema: &Value, name: &str, schemas: &Map<String, Value>, depth: usize) -> Value {
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
            let example = members.filter(|(name, _)| *name != "clear");
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
