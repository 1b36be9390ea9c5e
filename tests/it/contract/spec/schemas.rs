//! Schemas: named, bounded, closed or open, and told apart.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::contract::{Document, both, kind_of, operations, references, types_of};

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
fn every_reference_resolves_and_every_component_is_used() {
    for document in both() {
        let mut used = BTreeSet::new();
        references(&document.json["paths"], &mut used);
        references(&document.json["webhooks"], &mut used);
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

#[test]
fn what_is_sent_is_closed_and_what_is_answered_is_open_and_whole() {
    for document in both() {
        let of_face = || {
            operations()
                .iter()
                .filter(|operation| operation.document.face == document.face)
        };
        let sent = reached(document, of_face().filter_map(|operation| Some(operation.body()?.1)));
        // What webhooks are sent is ours, as an answer is.
        let webhooks = [&document.json["webhooks"]];
        let answers = of_face().map(|operation| &operation.spec["responses"]);
        let answered = reached(document, answers.chain(webhooks));
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
fn a_patch_is_a_merge_patch_and_can_clear_without_null() {
    for operation in operations().iter().filter(|operation| operation.method == "PATCH") {
        let (media, schema) = operation.body().unwrap();
        assert_eq!(media, "application/merge-patch+json", "{}", operation.id);
        let clear = &operation.document.resolve(schema)["properties"]["clear"];
        assert_eq!(kind_of(clear), "array", "{}", operation.id);
    }
}

#[test]
fn every_member_is_described_in_more_than_a_word() {
    for document in both() {
        let components = document.json["components"]["schemas"].as_object().unwrap();
        let members = components.iter().flat_map(|(name, schema)| {
            let members = schema["properties"].as_object().into_iter().flatten();
            members.map(move |(member, schema)| (format!("{name}.{member}"), schema))
        });
        let silent = members.filter(|(_, schema)| {
            let said = schema["description"].as_str().unwrap_or_default();
            said.split_whitespace().count() < 2 && !said.starts_with('`')
        });
        none(
            "members without a description",
            silent.map(|(place, schema)| format!("{place}: {schema}")).collect(),
        );
    }
}
