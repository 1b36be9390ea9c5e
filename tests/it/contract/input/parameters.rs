//! Parameters: ids that nothing has, bad values, unknown names.

use serde_json::Value;

use super::House;
use crate::support::contract::{Document, Operation, kind_of, operations};

#[actix_web::test]
async fn an_id_that_is_none_or_nobodys_is_404() {
    let house = House::new().await;
    let before = house.snapshot().await;
    let nobodys = masthead::base::ids::TagId::new().to_string();
    let bad = [
        "no-id",
        "0",
        "0197a3f2-5c1e-7b3a-9d2f",
        "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5fx",
        "0197a3f25c1e7b3a9d2f6a1b2c3d4e5f",
        "%00",
        "%F0%9F%98%80",
        "'%20OR%201=1",
        nobodys.as_str(),
    ];
    for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
        // A view is taken of whatever there may be.
        let takes_any = operation.id == "countArticleView";
        let is_taken = |id: &str| takes_any && masthead::base::ids::ArticleId::parse(id).is_some();
        for id in bad.into_iter().filter(|id| !is_taken(id)) {
            let asking = house.asking(operation, &operation.path_with(&[id, id]));
            let asking = match operation.sample_body() {
                Some((media, body)) => asking.bytes(media, body),
                None => asking,
            };
            let answer = asking.send().await;
            assert_eq!(answer.status, 404, "{} {id}: {}", operation.id, answer.text);
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(house.snapshot().await, before);
}

/// Values that a parameter must refuse, and the code of the refusal.
fn bad_values(document: &Document, parameter: &Value) -> Vec<(String, &'static str)> {
    let schema = document.resolve(&parameter["schema"]);
    let name = parameter["name"].as_str().unwrap();
    let invalid = |values: &[&str]| {
        values
            .iter()
            .map(|value| ((*value).to_owned(), "invalid_parameter"))
            .collect::<Vec<_>>()
    };
    if name == "cursor" {
        let long = "a".repeat(401);
        return ["forged", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
            .map(|value| (value.to_owned(), "invalid_cursor"))
            .into_iter()
            .chain([(long, "invalid_parameter")])
            .collect();
    }
    let mut values = match (kind_of(schema), schema["format"].as_str(), name) {
        ("integer", ..) => invalid(&["0", "101", "-1", "x", "1.5", "", "%2B5", "99999999999999999999"]),
        ("boolean", ..) => invalid(&["maybe", "1", ""]),
        (_, Some("uuid"), _) => invalid(&["x", "", "0197a3f2"]),
        (_, Some("date-time"), _) => invalid(&[
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-13-01",
            "",
        ]),
        (_, _, "locale") => invalid(&["!", "fran%C3%A7ais", ""]),
        (_, _, "path") => invalid(&["no-slash", ""]),
        (_, _, "section") => invalid(&["no-slash", ""]),
        (_, _, "tag" | "contributor" | "slug") => invalid(&["Pas+un+slug", ""]),
        // The beginning of a name may be any text; what is searched for holds a word.
        (_, _, "q") if parameter["required"] != true => invalid(&["", &"a".repeat(201)]),
        (_, _, "q") => invalid(&["", "%22", "-", "%F0%9F%98%80", &"a".repeat(201)]),
        _ => invalid(&["surprise", ""]),
    };
    values.extend(invalid(&["a%00b", "%FF"]));
    if kind_of(schema) == "array" {
        let eleven = ["a"; 11].join(",");
        values.extend(invalid(&[&eleven]));
    }
    values
}

#[actix_web::test]
async fn every_bad_value_of_every_parameter_is_told_by_name() {
    let house = House::new().await;
    let mut count = 0;
    for operation in operations() {
        let path = house.target(operation);
        for parameter in operation
            .parameters()
            .iter()
            .filter(|parameter| parameter["in"] == "query")
        {
            let name = parameter["name"].as_str().unwrap();
            // One of two is required: the path, where it is not about these.
            let by_path = operation.id.ends_with("Page") && !["path", "slug", "locale"].contains(&name);
            let required = |other: &&Value| {
                let is_needed = other["required"] == true
                    || by_path && other["name"] == "path"
                    || name == "locale" && other["name"] == "slug";
                other["in"] == "query" && is_needed && other["name"] != name
            };
            let others = operation.parameters().iter().filter(required);
            let others: String = others
                .map(|other| {
                    let value = sample_value(operation, other);
                    format!("&{}={value}", other["name"].as_str().unwrap())
                })
                .collect();
            for (value, code) in bad_values(operation.document, parameter) {
                count += 1;
                let answer = house
                    .asking(operation, &format!("{path}?{name}={value}{others}"))
                    .send()
                    .await;
                assert_eq!(
                    (answer.status, answer.json["code"].as_str()),
                    (400, Some(code)),
                    "{} {name}={value}: {}",
                    operation.id,
                    answer.text
                );
                let detail = answer.json["detail"].as_str().unwrap();
                assert!(
                    code == "invalid_cursor" || detail.contains(&format!("«\u{a0}{name}\u{a0}»")),
                    "{detail}"
                );
            }
            let is_list = kind_of(operation.document.resolve(&parameter["schema"])) == "array";
            if !is_list {
                let good = sample_value(operation, parameter);
                let twice = format!("{path}?{name}={good}&{name}={good}{others}");
                let answer = house.asking(operation, &twice).send().await;
                answer.problem(400, "invalid_parameter");
            }
        }
    }
    assert!(count > 150, "{count}");
}

fn sample_value(operation: &Operation, parameter: &Value) -> String {
    let sample = operation
        .document
        .sample(&parameter["schema"], parameter["name"].as_str().unwrap());
    match sample {
        // A cursor is looked at where there is something that lists.
        Value::String(_) if parameter["name"] == "path" => match operation.id.as_str() {
            "getTagPage" => "/tag/eau",
            "getContributorPage" => "/auteur/awa-bah",
            _ => "/news",
        }
        .to_owned(),
        _ if parameter["name"] == "fields" => "title".to_owned(),
        Value::String(text) => text.replace(' ', "+"),
        other => other.to_string(),
    }
}

#[actix_web::test]
async fn every_read_refuses_a_parameter_that_it_does_not_know() {
    let house = House::new().await;
    let reads = operations()
        .iter()
        .filter(|operation| operation.method == "GET" || operation.id == "deleteSection");
    for operation in reads {
        let path = house.target(operation);
        // Others add to the addresses of feeds: what no list knows is left out there.
        let is_feed = path.starts_with("/feeds/");
        for unknown in ["colour=red", "Limit=5", "limit%5B%5D=5", "=", "a"] {
            let answer = house.asking(operation, &format!("{path}?{unknown}")).send().await;
            if is_feed {
                answer.expect(200);
                continue;
            }
            assert_eq!(
                (answer.status, answer.json["code"].as_str()),
                (400, Some("unknown_parameter")),
                "{} {unknown}: {}",
                operation.id,
                answer.text
            );
        }
    }
}
