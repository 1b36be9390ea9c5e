//! The documents keep the rules by which every generator makes a good client of them.

use std::collections::{BTreeMap, BTreeSet};

use masthead::base::error::Code;
use serde_json::{Value, json};

use crate::support::contract::{Document, both, documents, kind_of, operations, references, types_of};

/// Every schema of a document with the place where it stands: components, parameters, headers, bodies.
fn schemas(document: &Document) -> Vec<(String, &Value)> {
    fn below<'d>(at: String, schema: &'d Value, found: &mut Vec<(String, &'d Value)>) {
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            below(format!("{at}.{name}"), member, found);
        }
        for (index, variant) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
            below(format!("{at}|{index}"), variant, found);
        }
        for inner in ["items", "additionalProperties"] {
            if let Some(schema) = schema.get(inner).filter(|schema| schema.is_object()) {
                below(format!("{at}[{inner}]"), schema, found);
            }
        }
        found.push((at, schema));
    }
    let mut found = Vec::new();
    for (name, schema) in document.json["components"]["schemas"].as_object().unwrap() {
        below(name.clone(), schema, &mut found);
    }
    for operation in operations()
        .iter()
        .filter(|operation| operation.document.face == document.face)
    {
        let id = &operation.id;
        for parameter in operation.parameters() {
            below(format!("{id}({})", parameter["name"]), &parameter["schema"], &mut found);
        }
        if let Some((_, schema)) = operation.body() {
            below(format!("{id}.body"), schema, &mut found);
        }
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            for (media, body) in response["content"].as_object().into_iter().flatten() {
                below(format!("{id}.{status}.{media}"), &body["schema"], &mut found);
            }
            for (header, value) in response["headers"].as_object().into_iter().flatten() {
                below(format!("{id}.{status}.{header}"), &value["schema"], &mut found);
            }
        }
    }
    found
}

#[track_caller]
fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// The places of all schemas that break a rule.
fn offenders(breaks: impl Fn(&Value) -> bool) -> Vec<String> {
    let places = |document| {
        schemas(document)
            .into_iter()
            .filter(|(_, schema)| breaks(schema))
            .map(|(place, _)| place)
            .collect::<Vec<_>>()
    };
    both().iter().flat_map(places).collect()
}

#[test]
fn the_committed_documents_are_those_that_this_binary_makes() {
    for (face, made) in [
        ("delivery", &documents().delivery),
        ("editorial", &documents().editorial),
    ] {
        let committed = std::fs::read_to_string(format!("openapi/{face}.json")).unwrap();
        assert!(
            &committed == made,
            "openapi/{face}.json is out of date: run `masthead openapi`"
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
            "DELETE" => &["delete", "end", "release"],
            "PATCH" => &["update"],
            "PUT" => &["change", "save", "take"],
            _ => &[
                "create",
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
                "move",
                "import",
                "disable",
                "enable",
                "reset",
                "test",
                "refresh",
                "request",
                "verify",
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
fn every_reference_resolves_and_every_component_is_used() {
    for document in both() {
        let mut used = BTreeSet::new();
        references(&document.json["paths"], &mut used);
        let mut waiting: Vec<String> = used.iter().cloned().collect();
        while let Some(reference) = waiting.pop() {
            let schema = document.json.pointer(reference.trim_start_matches('#'));
            let schema = schema.unwrap_or_else(|| panic!("{}: {reference} leads nowhere", document.face));
            let mut below = BTreeSet::new();
            references(schema, &mut below);
            waiting.extend(below.into_iter().filter(|reference| used.insert(reference.clone())));
        }
        let components = document.json["components"]["schemas"].as_object().unwrap();
        let unused = components
            .keys()
            .filter(|name| !used.contains(&format!("#/components/schemas/{name}")));
        none("components that nothing refers to", unused.cloned().collect());
    }
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
fn everything_has_a_bound_or_a_format() {
    let has = |schema: &Value, names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
    none(
        "texts without a bound",
        offenders(|schema| {
            types_of(schema).contains(&"string") && !has(schema, &["maxLength", "enum", "const", "format", "pattern"])
        }),
    );
    none(
        "lists without a bound",
        offenders(|schema| types_of(schema).contains(&"array") && !has(schema, &["maxItems"])),
    );
    none(
        "numbers without a format",
        offenders(|schema| {
            let kind = kind_of(schema);
            (kind == "integer" || kind == "number") && !has(schema, &["format"])
        }),
    );
    none(
        "schemas that allow anything",
        offenders(|schema| types_of(schema).is_empty() && !has(schema, &["$ref", "oneOf", "enum", "const"])),
    );
}

/// A reference, or a list of references, or one or nothing.
fn is_named(schema: &Value) -> bool {
    schema.get("$ref").is_some()
}

#[test]
fn no_object_is_anonymous() {
    for operation in operations() {
        if let Some((_, schema)) = operation.body() {
            assert!(is_named(schema), "{}: {schema}", operation.id);
        }
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            for (_, body) in response["content"].as_object().into_iter().flatten() {
                let schema = &body["schema"];
                let listed = kind_of(schema) == "array" && is_named(&schema["items"]);
                assert!(is_named(schema) || listed, "{} {status}: {schema}", operation.id);
            }
        }
    }
    for document in both() {
        let components = document.json["components"]["schemas"].as_object().unwrap();
        let inner = schemas(document)
            .into_iter()
            .filter(|(place, schema)| schema.get("properties").is_some() && !components.contains_key(place));
        none("objects without a name", inner.map(|(place, _)| place).collect());
        for name in components.keys() {
            let pascal =
                name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(pascal, "{name}");
        }
    }
}

/// Names of the components that are reached from a place.
fn reached<'d>(document: &'d Document, starts: impl Iterator<Item = &'d Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    starts.for_each(|start| references(start, &mut found));
    let mut waiting: Vec<String> = found.iter().cloned().collect();
    while let Some(reference) = waiting.pop() {
        let mut below = BTreeSet::new();
        references(document.target(&reference), &mut below);
        waiting.extend(below.into_iter().filter(|reference| found.insert(reference.clone())));
    }
    found
        .iter()
        .map(|reference| reference.trim_start_matches("#/components/schemas/").to_owned())
        .collect()
}

/// Schemas some of whose members may be missing: problems, and forms that others laid down.
const MAY_BE_MISSING: &[&str] = &[
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

#[test]
fn what_is_sent_is_closed_and_what_is_answered_is_open_and_whole() {
    for document in both() {
        let of_face = || {
            operations()
                .iter()
                .filter(|operation| operation.document.face == document.face)
        };
        let sent = reached(document, of_face().filter_map(|operation| Some(operation.body()?.1)));
        let answered = reached(document, of_face().map(|operation| &operation.spec["responses"]));
        let components = document.json["components"]["schemas"].as_object().unwrap();
        for (name, schema) in components.iter().filter(|(_, schema)| kind_of(schema) == "object") {
            let closed = schema.get("additionalProperties") == Some(&json!(false));
            assert_eq!(closed, sent.contains(name), "{name}");
            assert_ne!(
                sent.contains(name),
                answered.contains(name),
                "{name} is sent and answered"
            );
            if answered.contains(name) && !MAY_BE_MISSING.contains(&name.as_str()) {
                let members: BTreeSet<&str> = schema["properties"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(String::as_str)
                    .collect();
                let required: BTreeSet<&str> = schema["required"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                assert_eq!(members, required, "{name}: a member that may be missing");
            }
        }
        for name in components.keys().filter(|name| name.ends_with("Input")) {
            let plain = components[name].get("properties").is_some() || components[name].get("oneOf").is_some();
            assert!(plain, "{name} is a twin without need");
        }
    }
}

#[test]
fn every_union_tells_its_members_apart_by_their_type() {
    for document in both() {
        for (place, schema) in schemas(document) {
            let Some(variants) = schema["oneOf"].as_array() else {
                continue;
            };
            let real: Vec<&Value> = variants.iter().filter(|variant| variant["type"] != "null").collect();
            if real.len() < 2 {
                assert_eq!(variants.len(), 2, "{place}: a union of one");
                continue;
            }
            let tag = schema["discriminator"]["propertyName"]
                .as_str()
                .unwrap_or_else(|| panic!("{place} has no discriminator"));
            let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
            let mapped: BTreeSet<&str> = mapping.values().filter_map(Value::as_str).collect();
            let members: BTreeSet<&str> = real.iter().filter_map(|variant| variant["$ref"].as_str()).collect();
            assert_eq!(mapped, members, "{place}: the mapping is not that of its members");
            assert_eq!(mapping.len(), real.len(), "{place}");
            for (word, reference) in mapping {
                let member = document.target(reference.as_str().unwrap());
                assert_eq!(member["properties"][tag]["enum"], json!([word]), "{place}: {reference}");
                assert!(
                    member["required"].as_array().unwrap().contains(&json!(tag)),
                    "{place}: {reference}"
                );
            }
        }
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
                let page = json!("#/components/schemas/PageInfo");
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

#[test]
fn a_patch_is_a_merge_patch_and_can_clear_without_null() {
    for operation in operations().iter().filter(|operation| operation.method == "PATCH") {
        let (media, schema) = operation.body().unwrap();
        assert_eq!(media, "application/merge-patch+json", "{}", operation.id);
        let clear = &operation.document.resolve(schema)["properties"]["clear"];
        assert_eq!(kind_of(clear), "array", "{}", operation.id);
    }
}
