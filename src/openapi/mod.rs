//! The two OpenAPI 3.1 documents, made from the handlers without a database.
//!
//! utoipa collects paths and schemas; what follows from a rule and not from a handler is added here once for all
//! operations: [`operations`] has security, errors and conditional requests, [`components`] the schemas,
//! [`text_limits`] the limits of answers, [`examples`] the examples, [`webhooks`] what is sent to others. No operation is known here by its name.

mod components;
mod examples;
mod operations;
mod text_limits;
mod webhooks;

use std::collections::BTreeSet;

use actix_web::App;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use self::components::SchemaComponents;
use self::examples::add_examples;
use self::operations::{error_responses, finish_operation};
use self::webhooks::{EventShapes, webhooks};
use crate::app::health::ReadinessPurpose;
use crate::app::routes;
use crate::articles::model::{ArticleReview, ArticleState};
use crate::base::clock::Time;
use crate::base::error::{Code, Error, FieldCode, Result};
use crate::base::http::page::{CountMode, DeskCountMode};
use crate::base::http::problem::{Change, ChangeAuthor, ChangeSummary, Problem, ProblemField, ValidationProblem};
use crate::body::article_type::ArticleType;
use crate::comments::identity::{SanctionKind, SanctionTarget};
use crate::comments::lists::store::CommentSort;
use crate::comments::model::CommentState;
use crate::comments::moderation::model::{ClaimedBy, HoldReason, ModerationQueue, QueueSort};
use crate::delivery::extras::ArticleInclude;
use crate::delivery::feeds::FeedContent;
use crate::delivery::lists::query::ArticleListView;
use crate::delivery::menus::PublicMenuItem;
use crate::delivery::pages::query::{PageCards, PageFrame};
use crate::delivery::search::find::SearchSort;
use crate::editorial::articles::desk::WorkingCopySort;
use crate::editorial::articles::saving::MergeMode;
use crate::editorial::notes::NoteState;
use crate::events::webhooks::DeliveryState;
use crate::published::most_read::MostReadWindow;
use crate::published::{ArticleSort, BodyFormat};
use crate::site::menus::{MenuItem, MenuItemKind};
use crate::site::paths::RedirectOrigin;
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
    // utoipa does not find these by itself: problems, what only query parameters refer to, and what refers to itself.
    components(schemas(
        Problem, ValidationProblem, ProblemField, Change, ChangeSummary, ChangeAuthor, Code, FieldCode, Time,
        MenuItem, MenuItemKind, PublicMenuItem,
        ArticleInclude, ArticleListView, PageCards, PageFrame, ArticleSort, SearchSort, ArticleReview, FeedContent, ArticleState, ArticleType, ClaimedBy, CountMode, DeskCountMode,
        CommentSort, CommentState, WorkingCopySort, HoldReason, MergeMode, ModerationQueue,
        QueueSort, ReadinessPurpose, SanctionKind, SanctionTarget, NoteState, RedirectOrigin,
        TagKind, MostReadWindow, BodyFormat, DeliveryState,
    )),
)]
struct BaseDocument;

const TAGS: &[(&str, &str)] = &[
    ("accounts", "Logging in, one's own account, and users."),
    ("audit", "Who did what, when and from where."),
    ("articles", "Articles: what readers get, and the desk's working copies."),
    ("changes", "What changed, for who keeps a copy."),
    ("comments", "What readers write under articles."),
    ("contributors", "The people whose names stand above articles."),
    ("feeds", "What is new, for programs that ask now and then."),
    ("moderation", "Deciding on comments."),
    ("operations", "Running Masthead."),
    ("packages", "Stories that belong together."),
    ("pages", "Everything that a page shows, in one answer."),
    ("privacy", "What readers may ask about their own data."),
    ("redirects", "Paths that lead elsewhere, or are gone."),
    ("search", "Finding articles by their words."),
    ("sections", "The tree in which articles stand."),
    ("site", "The site's settings, menus and ad slots."),
    ("sitemaps", "What search engines may show, and where it is."),
    ("tags", "What articles are about."),
    ("tokens", "What machines show in place of a person's password."),
    ("webhooks", "Telling machines elsewhere what happened."),
];

/// Makes the documents.
///
/// # Errors
/// When one of their rules is broken: a name without a limit, a schema without a home.
pub fn documents() -> Result<Documents> {
    let (_, api) = App::new()
        .into_utoipa_app()
        .configure(routes::describe)
        .split_for_parts();
    let base = BaseDocument::openapi()
        .merge_from(EventShapes::openapi())
        .merge_from(api);
    let mut document = serde_json::to_value(base).map_err(Error::internal)?;
    let paths = document.get_mut("paths").map(Value::take).unwrap_or_default();
    let schemas = document
        .pointer_mut("/components/schemas")
        .map(Value::take)
        .unwrap_or_default();
    let (Value::Object(paths), Value::Object(mut schemas)) = (paths, schemas) else {
        return Err(Error::internal("the document has no paths or schemas"));
    };
    let webhooks = webhooks(&mut schemas)?;
    let (mut delivery, mut editorial) = (Map::new(), Map::new());
    for (path, mut item) in paths {
        let is_editorial = path.starts_with("/v1/editorial") || path.starts_with("/.well-known");
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            finish_operation(&path, method, operation, &schemas)?;
        }
        let document = if is_editorial { &mut editorial } else { &mut delivery };
        document.insert(path, item);
    }
    Ok(Documents {
        delivery: document_of("delivery", delivery, Map::new(), &schemas)?,
        editorial: document_of("editorial", editorial, webhooks, &schemas)?,
    })
}

fn document_of(
    face: &str,
    mut paths: Map<String, Value>,
    mut webhooks: Map<String, Value>,
    schemas: &Map<String, Value>,
) -> Result<String> {
    let errors = error_responses(&paths);
    let components = SchemaComponents::collect(&mut paths, &webhooks, &errors, schemas)?;
    let items = paths.values_mut().chain(webhooks.values_mut());
    for (_, operation) in items.filter_map(Value::as_object_mut).flatten() {
        add_examples(operation, &components.0);
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
    let mut components = json!({"schemas": components.0, "responses": errors});
    let (scheme, token) = match face {
        "delivery" => (
            "readerEntitlement",
            "What somebody may read whole: a JWT of an issuer that the operator has named, with `iss`, `aud` (the site's \
             public URL), `exp` (24 hours away at most) and `masthead_access`: `registered`, or `subscribers`, which \
             includes the former. Without one, and with one that is expired, malformed or of nobody known, the answer is \
             everybody's, never 401. Or an API token (`mht_…`) with the scope `articles:read_full`; one that is good no \
             more is 401.",
        ),
        _ => (
            "bearerAuth",
            "An access token (a JWT signed with Ed25519, good for 15 minutes), or an API token (`mht_…`), which opens what \
             its scopes say.",
        ),
    };
    let described = json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": token});
    components["securitySchemes"] = json!({scheme: described});
    let mut document = json!({
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
    if !webhooks.is_empty() {
        document["webhooks"] = Value::Object(webhooks);
    }
    let mut text = serde_json::to_string_pretty(&document).map_err(Error::internal)?;
    text.push('\n');
    Ok(text)
}
