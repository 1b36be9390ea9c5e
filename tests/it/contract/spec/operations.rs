//! Operations: what each says, answers and refuses.

use std::collections::BTreeMap;

use masthead::base::error::Code;
use serde_json::{Value, json};

use crate::support::contract::{both, document, documents, kind_of, operations};

#[test]
fn the_committed_documents_are_those_that_the_code_makes() {
    for (face, made) in [
        ("delivery", &documents().delivery),
        ("editorial", &documents().editorial),
    ] {
        let committed = std::fs::read_to_string(format!("openapi/{face}.json")).unwrap();
        assert!(
            &committed == made,
            "openapi/{face}.json is out of date: run `cargo run --example openapi`"
        );
    }
}

#[test]
fn every_operation_says_what_it_does_and_who_may() {
    let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
    for operation in operations() {
        let (id, spec) = (operation.id.as_str(), operation.spec);
        *ids.entry(id).or_default() += 1;
        for member in ["summary", "description"] {
            assert!(
                spec[member].as_str().is_some_and(|text| !text.trim().is_empty()),
                "{id}: {member}"
            );
        }
        let tags = spec["tags"].as_array().unwrap();
        assert_eq!(tags.len(), 1, "{id}");
        let described = operation.document.json["tags"].as_array().unwrap();
        assert!(
            described
                .iter()
                .any(|tag| tag["name"] == tags[0] && tag["description"].as_str().is_some_and(|text| !text.is_empty())),
            "{id}: its tag is not described"
        );
        assert!(spec["security"].is_array(), "{id}: security");
        let (method, is_editorial) = (operation.method.as_str(), operation.path.starts_with("/v1/editorial"));
        let is_open = ["login", "refreshTokens"].contains(&id);
        assert_eq!(operation.needs_token(), is_editorial && !is_open, "{id}: security");
        let verbs: &[&str] = match method {
            "GET" => &[
                "get", "list", "search", "suggest", "resolve", "export", "diff", "validate",
            ],
            "DELETE" => &["delete", "end", "revoke", "release"],
            "PATCH" => &["update"],
            "PUT" => &["change", "replace", "save", "take"],
            _ => &[
                "confirm",
                "count",
                "create",
                "renew",
                "set",
                "submit",
                "perform",
                "publish",
                "correct",
                "unpublish",
                "schedule",
                "unschedule",
                "retract",
                "kill",
                "duplicate",
                "translate",
                "restore",
                "revert",
                "resolve",
                "reopen",
                "trash",
                "approve",
                "reject",
                "mark",
                "claim",
                "release",
                "feature",
                "unfeature",
                "pin",
                "unpin",
                "undo",
                "lift",
                "rotate",
                "replay",
                "merge",
                "move",
                "import",
                "disable",
                "enable",
                "reset",
                "test",
                "refresh",
                "request",
                "verify",
                "bulkUpdate",
                "bulkDecide",
                "login",
                "logout",
            ],
        };
        let verb = verbs.iter().find(|verb| id.starts_with(**verb));
        let noun = verb.map_or("", |verb| &id[verb.len()..]);
        let sound = noun.chars().next().is_none_or(char::is_uppercase) && id.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(verb.is_some() && sound, "{method} {id} is no verb + noun");
        assert!(!noun.is_empty() || id.starts_with("log"), "{id} has no noun");
    }
    assert!(ids.values().all(|count| *count == 1), "{ids:?}");
}

#[test]
fn every_response_is_described_and_every_problem_is_a_problem() {
    for operation in operations() {
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            let place = format!("{} {status}", operation.id);
            let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{place}: description");
            let status: u16 = status.parse().unwrap_or_else(|_| panic!("{place}: no status"));
            if status >= 400 {
                let name = if status == 422 { "ValidationProblem" } else { "Problem" };
                let content = response["content"].as_object().unwrap();
                assert_eq!(
                    content.keys().collect::<Vec<_>>(),
                    ["application/problem+json"],
                    "{place}"
                );
                let expected = json!({"$ref": format!("#/components/schemas/{name}")});
                assert_eq!(content["application/problem+json"]["schema"], expected, "{place}");
                assert!(Code::ALL.iter().any(|code| code.status() == status), "{place}: no code");
            }
        }
    }
}

#[test]
fn an_error_is_described_once() {
    for face in ["delivery", "editorial"] {
        let document = document(face);
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let is_shared = response["$ref"].is_string();
                    assert_eq!(
                        is_shared,
                        status.as_str() >= "400",
                        "{} {status}",
                        operation["operationId"]
                    );
                }
            }
        }
    }
}

#[test]
fn a_body_may_be_left_out_where_nothing_in_it_is_required() {
    for operation in operations() {
        let spec = &operation.spec["requestBody"];
        let Some((media, schema)) = operation.body() else {
            continue;
        };
        let name = schema["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
        let required = operation.document.json["components"]["schemas"][name]["required"].as_array();
        let needs_none = media == "application/json" && required.is_none_or(Vec::is_empty);
        assert_eq!(spec["required"], !needs_none, "{}", operation.id);
    }
}

#[test]
fn the_errors_that_a_kind_of_operation_can_meet_are_listed() {
    for operation in operations() {
        let mut expected = vec![400, 500, 503];
        if operation.needs_token() {
            expected.extend([401, 403]);
        }
        if operation.path.contains('{') {
            expected.push(404);
        }
        if operation.body().is_some() {
            expected.extend([408, 413, 415, 422]);
        }
        if operation.has_header("If-Match") {
            expected.extend([412, 428]);
        }
        if operation.has_header("Idempotency-Key") {
            expected.push(409);
        }
        let responses = &operation.spec["responses"];
        let missing: Vec<u16> = expected
            .into_iter()
            .filter(|status| responses.get(status.to_string()).is_none())
            .collect();
        assert!(missing.is_empty(), "{} does not list {missing:?}", operation.id);
    }
}

#[test]
fn every_list_is_items_and_page() {
    for document in both() {
        for (name, schema) in document.json["components"]["schemas"].as_object().unwrap() {
            let members = &schema["properties"];
            // What has a name of its own is a thing that holds items, and no list.
            let is_thing = ["type", "id", "key"].iter().any(|name| members.get(name).is_some());
            let is_list =
                kind_of(&members["items"]) == "array" && !is_thing && !name.ends_with("Patch") && name != "JsonFeed";
            if is_list {
                // A page's own list says also which page follows.
                let page = if name.starts_with("Paged") {
                    "PageContinuation"
                } else {
                    "PageInfo"
                };
                let page = json!(format!("#/components/schemas/{page}"));
                assert_eq!(schema["properties"]["page"]["$ref"], page, "{name}");
            }
        }
    }
}

#[test]
fn every_body_has_an_example_that_is_valid() {
    for operation in operations() {
        let content = &operation.spec["requestBody"]["content"];
        let mut bodies: Vec<(String, &Value)> = content
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, body)| ("body".to_owned(), body))
            .collect();
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            let content = response["content"].as_object().into_iter().flatten();
            bodies.extend(content.map(|(_, body)| (status.clone(), body)));
        }
        for (place, body) in bodies {
            let wrong = match body.get("example") {
                None => vec!["missing".to_owned()],
                Some(example) => operation.document.check(&body["schema"], example, false),
            };
            assert!(wrong.is_empty(), "{} {place}: {wrong:#?}", operation.id);
        }
    }
}

#[test]
fn parameters_come_path_first_described_and_without_defaults() {
    for operation in operations() {
        let rank = |parameter: &Value| {
            ["path", "query", "header"]
                .iter()
                .position(|place| parameter["in"] == *place)
        };
        let ranks: Vec<_> = operation.parameters().iter().map(rank).collect();
        assert!(
            ranks.iter().all(Option::is_some) && ranks.is_sorted(),
            "{}",
            operation.id
        );
        for parameter in operation.parameters() {
            let place = format!("{} {}", operation.id, parameter["name"]);
            assert!(
                parameter["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{place}"
            );
            assert!(parameter["schema"].get("default").is_none(), "{place}: a default");
            assert_ne!(parameter["style"], "deepObject", "{place}");
        }
    }
}
