//! What webhooks are sent: an operation of the receiver's for each kind of event, with a schema of its own.

use serde_json::{Map, Value, json};

use crate::base::error::{Error, Result};
use crate::events::outbox::EventKind;
use crate::events::outbox::data::{
    ArticleEventData, CachePurgeEventData, CommentEventData, PublishFailedEventData, RedirectEventData,
    ScheduleEventData, SectionMovedEventData, SiteEventData, TagMergedEventData, WebhookEventData,
};

/// The shapes of what events say.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    ArticleEventData,
    CachePurgeEventData,
    CommentEventData,
    PublishFailedEventData,
    RedirectEventData,
    ScheduleEventData,
    SectionMovedEventData,
    SiteEventData,
    TagMergedEventData,
    WebhookEventData,
)))]
pub struct EventShapes;

/// What happened, in a sentence, and the schema of what is said about it.
fn described(kind: EventKind) -> (&'static str, &'static str) {
    match kind {
        EventKind::ArticlePublished => ("An article went live that was not.", "ArticleEventData"),
        EventKind::ArticleUpdated => ("A live article was made live anew.", "ArticleEventData"),
        EventKind::ArticleCorrected => ("A live article was corrected, with a notice.", "ArticleEventData"),
        EventKind::ArticleUnpublished => ("An article was taken off.", "ArticleEventData"),
        EventKind::ArticleRetracted => (
            "An article was withdrawn with a notice; its page stays.",
            "ArticleEventData",
        ),
        EventKind::ArticleKilled => ("An article was taken down for good.", "ArticleEventData"),
        EventKind::ArticleScheduled => ("An article is to go live or off at a time.", "ScheduleEventData"),
        EventKind::ArticleUnscheduled => ("What was planned for an article was taken back.", "ScheduleEventData"),
        EventKind::ArticlePublishFailed => (
            "An article did not go live, or off, at its time, and nobody tries again.",
            "PublishFailedEventData",
        ),
        EventKind::ReviewRequested => ("An article was handed in, to be read.", "ArticleEventData"),
        EventKind::CommentSubmitted => ("A reader sent a comment.", "CommentEventData"),
        EventKind::CommentApproved => ("A comment is shown that was not.", "CommentEventData"),
        EventKind::CommentRejected => ("A comment is not shown, or not any more.", "CommentEventData"),
        EventKind::CommentRestored => ("A comment waits for a decision again.", "CommentEventData"),
        EventKind::CommentDeleted => ("A comment was deleted by its author, or erased.", "CommentEventData"),
        EventKind::SectionMoved => (
            "A section has another path, and so have those below it. Paths of articles stay.",
            "SectionMovedEventData",
        ),
        EventKind::TagMerged => ("A tag became another.", "TagMergedEventData"),
        EventKind::RedirectChanged => (
            "An editor made a path lead elsewhere, or nowhere any more.",
            "RedirectEventData",
        ),
        EventKind::SiteChanged => ("The settings, a menu or an ad slot changed.", "SiteEventData"),
        EventKind::CachePurge => (
            "Answers with one of these names in `Surrogate-Key` are out of date.",
            "CachePurgeEventData",
        ),
        EventKind::WebhookDisabled => (
            "Another webhook was turned off, because it failed for 72 hours or answered 410.",
            "WebhookEventData",
        ),
        EventKind::WebhookTest => ("Somebody tries the webhook.", "WebhookEventData"),
    }
}

/// `article.publish_failed` as `ArticlePublishFailed`.
fn camel_case(kind: EventKind) -> String {
    let words = kind.as_str().split(['.', '_']);
    words
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or_default();
            first.to_uppercase() + rest
        })
        .collect()
}

/// The operations by name; their schemas join the others.
///
/// # Errors
/// Where an event has no shape.
pub fn webhooks(schemas: &mut Map<String, Value>) -> Result<Map<String, Value>> {
    let mut operations = Map::new();
    for kind in EventKind::ALL {
        let (sentence, data) = described(*kind);
        if !schemas.contains_key(data) {
            return Err(Error::internal(format!("no schema {data}")));
        }
        let name = format!("{}Event", camel_case(*kind));
        let schema = json!({
            "type": "object",
            "description": sentence,
            "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"type": "string", "const": kind.as_str(), "description": "What happened."},
                "timestamp": {"$ref": "#/components/schemas/Time", "description": "When it happened."},
                "data": {"$ref": format!("#/components/schemas/{data}"), "description": "What is said about it."},
            },
        });
        schemas.insert(name.clone(), schema);
        operations.insert(
            kind.as_str().to_owned(),
            json!({"post": operation(*kind, &name, sentence)}),
        );
    }
    Ok(operations)
}

fn operation(kind: EventKind, name: &str, sentence: &str) -> Value {
    let header = |name: &str, description: &str| {
        json!({"name": name, "in": "header", "required": true, "description": description,
            "schema": {"type": "string", "maxLength": 200}})
    };
    json!({
        "operationId": format!("on{}", camel_case(kind)),
        "tags": ["webhooks"],
        "summary": sentence.trim_end_matches('.'),
        "description": "Sent at least once, of one article in the order of what happened. Check the signature before you \
            read it, by a library of Standard Webhooks.",
        "security": [],
        "parameters": [
            header("webhook-id", "The event's id: the same at each attempt."),
            header("webhook-timestamp", "The moment of the attempt, in seconds since 1970."),
            header("webhook-signature", "`v1,` and a signature, for each secret that is good, with spaces between."),
        ],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}},
        },
        "responses": {
            "204": {"description": "It is taken: any 2xx does. Whatever else is answered, it is sent again later."},
            "410": {"description": "The webhook is turned off."},
        },
    })
}
