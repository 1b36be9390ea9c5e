//! How long texts and lists in answers may be, by the name of their member: a name means the same wherever it is. For
//! what clients send, the reader says how long it may be ([`crate::base::http::value_reader`]).
//!
//! An answer has no reader from which its limits could differ, and one row here serves all components that use the word;
//! a word without a row fails the making of the documents.

use serde_json::{Value, json};

use crate::base::error::{Error, Result};
use crate::base::limits;

/// Gives a text its greatest length and a list its greatest number of items.
pub fn bound(name: &str, schema: &mut Value) -> Result<()> {
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
        if schema.get("maxProperties").is_none() {
            schema["maxProperties"] = json!(limits::LOCALES);
        }
        schema.as_object_mut().map(|schema| schema.remove("propertyNames"));
    }
    Ok(())
}

/// Gives a text, or the texts of a list, this greatest length.
pub fn limit_text(schema: &mut Value, max: usize) {
    match schema.get_mut("items") {
        Some(items) => limit_text(items, max),
        None => schema["maxLength"] = json!(max),
    }
}

/// Characters of a text in a request's body without readers of its own, where fewer are allowed than in an answer: an
/// import brings longer names, and sanitised HTML grows.
pub fn max_length_sent(schema: &str, name: &str) -> Option<usize> {
    match (schema, name) {
        ("NewComment", "author_name") => Some(limits::NAME),
        ("ArticlePatch" | "AutosaveRequest" | "NewArticle", "standfirst") | ("Seo", "description") => {
            Some(limits::STANDFIRST)
        }
        ("ListBlock", "items") | ("TableBlock", "header" | "rows") => Some(limits::BLOCK),
        _ => None,
    }
}

/// Characters of a text, by the name of its member.
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
        "body_html" | "text" | "items" | "header" => limits::BLOCK * 6,
        "body" => limits::COMMENT,
        "did_you_mean" | "q" => limits::SEARCH_QUERY,
        "form_token" => limits::FORM_TOKEN,
        "entry" | "entries" | "exceptions" => limits::WORD,
        "list_name" => limits::CREDIT,
        "last_error" => limits::JOB_ERROR,
        "surrogate_keys" | "key" => limits::ID,
        "signing_secret" => limits::TOKEN,
        "prefix" => limits::TOKEN_PREFIX,
        "path" | "path_before" | "article_path" | "instance" => limits::PATH,
        "url" | "canonical_url" | "location" | "chain" => limits::URL,
        "bio" => limits::DESCRIPTION,
        "note" | "detail" | "message" => limits::NOTE,
        "notice" => limits::NOTICE,
        "reason" => limits::NOTE,
        "found" => limits::FOUND,
        "suggestion" => limits::EXCERPT,
        "external_id" => limits::EXTERNAL_ID,
        "email" => limits::EMAIL,
        "password" => limits::PASSWORD,
        "recovery_codes" | "secret" => limits::SECOND_FACTOR_CODE,
        "token" | "access_token" | "refresh_token" | "reader_token" | "edit_token" | "verification_token" => {
            limits::TOKEN
        }
        "next_cursor" | "replies_cursor" => limits::CURSOR,
        "locale" | "locales" => 12,
        "local_time" => limits::LOCAL_TIME,
        "time_zone" => limits::TIME_ZONE,
        "colour" => 7,
        "id" | "user_id" | "holder_id" | "article_id" | "after_block_id" | "slot" | "translation_key" => {
            limits::BLOCK_ID
        }
        "user_agent" => limits::CREDIT,
        "type" | "kind" | "pointer" | "request_id" | "current_etag" | "state" | "review" | "phase" | "verdict" => 200,
        "required" | "fields" | "members" | "permissions" | "allowed_actions" | "merged_over" | "column" => 100,
        "challenge" | "salt" | "signature" | "site_key" | "cdata" => limits::CREDIT,
        "kty" | "crv" | "use" | "alg" | "kid" | "x" => 100,
        _ => return None,
    })
}

/// Items of a list, by the name of its member.
fn max_items(name: &str) -> Option<usize> {
    Some(match name {
        "items" | "keys" | "thread" | "log" => limits::SECTIONS,
        "corrections" => limits::CORRECTIONS,
        "highlights" => limits::HIGHLIGHTS,
        "ranges" => limits::SEARCH_EXCERPT,
        "counts" => limits::COUNTED_ARTICLES,
        "entries" | "exceptions" => limits::WORDS,
        "matches" => limits::WORD_MATCHES,
        "alternates" => limits::LOCALES,
        "spans" => limits::BLOCK * 6,
        "members" | "autosaves" | "versions" => 50,
        "lists" => 100,
        "users" => 1_000,
        "blocks" | "linked_articles" | "ad_placements" => limits::BLOCKS,
        "errors" => limits::LISTED_ERRORS,
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
        "header" => limits::TABLE_CELLS,
        "permissions" | "allowed_actions" | "merged_over" | "fields" | "required" | "verdicts" | "matched"
        | "details" | "reports" | "sanctions" | "badges" => 100,
        _ => return None,
    })
}
