//! Whether a value is valid by a schema. It knows every keyword which the documents use, and refuses others.

use serde_json::{Value, json};

use super::Document;

/// Keywords that say nothing about what is valid, or that are checked elsewhere.
const SILENT: &[&str] = &[
    "description",
    "examples",
    "example",
    "default",
    "discriminator",
    "pattern",
    "title",
];

impl Document {
    /// What is wrong with a value by a schema. A strict check refuses members that an open schema
    /// does not name: what we answer stands in the document.
    pub fn check(&self, schema: &Value, value: &Value, strict: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        self.check_at("", schema, value, strict, &mut wrong);
        wrong
    }

    fn check_at(&self, at: &str, schema: &Value, value: &Value, strict: bool, wrong: &mut Vec<String>) {
        let keywords = schema.as_object().unwrap();
        for (keyword, rule) in keywords {
            let mut fail = |what: String| wrong.push(format!("{at}: {what}"));
            match keyword.as_str() {
                "$ref" => {
                    let target = self.resolve(schema);
                    self.check_at(at, target, value, strict, wrong);
                }
                "oneOf" => self.check_one_of(at, schema, value, strict, wrong),
                "type" if !has_type(rule, value) => fail(format!("{value} is not {rule}")),
                // What we answer today is one of the known words, even where clients are to take any.
                "enum" | "x-extensible-enum" if !rule.as_array().unwrap().contains(value) => {
                    fail(format!("{value} is none of {rule}"));
                }
                "const" if rule != value => fail(format!("{value} is not {rule}")),
                "maxLength" if length(value) > rule.as_u64() => fail(format!("longer than {rule}")),
                "minLength" if length(value).is_some_and(|length| Some(length) < rule.as_u64()) => {
                    fail(format!("shorter than {rule}"));
                }
                "maxItems" if count(value) > rule.as_u64() => fail(format!("more than {rule}")),
                "minItems" if count(value).is_some_and(|count| Some(count) < rule.as_u64()) => {
                    fail(format!("fewer than {rule}"));
                }
                "maxProperties" if value.as_object().map(|all| all.len() as u64) > rule.as_u64() => {
                    fail(format!("more members than {rule}"));
                }
                "minimum" if value.as_f64().is_some_and(|number| Some(number) < rule.as_f64()) => {
                    fail(format!("{value} is under {rule}"));
                }
                "maximum" if value.as_f64() > rule.as_f64() => fail(format!("{value} is over {rule}")),
                "format" if !has_format(rule, value) => fail(format!("{value} is no {rule}")),
                "required" => {
                    let members = value.as_object();
                    let missing = |name: &&Value| members.is_some_and(|all| !all.contains_key(name.as_str().unwrap()));
                    for name in rule.as_array().unwrap().iter().filter(missing) {
                        fail(format!("{name} is missing"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check_at(&format!("{at}/{index}"), rule, item, strict, wrong);
                    }
                }
                "properties" => {
                    let is_closed = strict || keywords.get("additionalProperties") == Some(&json!(false));
                    for (name, member) in value.as_object().into_iter().flatten() {
                        match rule.get(name) {
                            Some(rule) => self.check_at(&format!("{at}/{name}"), rule, member, strict, wrong),
                            None if is_closed => wrong.push(format!("{at}/{name} is not in the schema")),
                            None => {}
                        }
                    }
                }
                "additionalProperties" if rule.is_object() => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        self.check_at(&format!("{at}/{name}"), rule, member, strict, wrong);
                    }
                }
                "additionalProperties"
                | "type"
                | "enum"
                | "x-extensible-enum"
                | "const"
                | "maxLength"
                | "minLength"
                | "maxItems"
                | "minItems"
                | "maxProperties"
                | "minimum"
                | "maximum"
                | "format" => {}
                silent if SILENT.contains(&silent) => {}
                unknown => fail(format!("the validator does not know {unknown}")),
            }
        }
    }

    fn check_one_of(&self, at: &str, schema: &Value, value: &Value, strict: bool, wrong: &mut Vec<String>) {
        let tag = schema["discriminator"]["propertyName"].as_str();
        if let Some(tag) = tag {
            let word = value[tag].as_str().unwrap_or_default();
            return match schema["discriminator"]["mapping"].get(word) {
                Some(reference) => self.check_at(at, &json!({"$ref": reference}), value, strict, wrong),
                None => wrong.push(format!("{at}/{tag}: no mapping for {word:?}")),
            };
        }
        let variants = schema["oneOf"].as_array().unwrap();
        let all: Vec<Vec<String>> = variants
            .iter()
            .map(|variant| self.check(variant, value, strict))
            .collect();
        let matching = all.iter().filter(|wrong| wrong.is_empty()).count();
        if matching != 1 {
            wrong.push(format!("{at}: {matching} variants match: {all:?}"));
        }
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    match rule {
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    }
}

fn has_format(rule: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match rule.as_str().unwrap() {
        "uuid" => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        "date-time" => masthead::base::clock::Time::parse(text).is_some(),
        "uri" => text.starts_with("http"),
        "date-time-local" => masthead::base::zone::LocalTime::parse(text).is_some(),
        _ => true,
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn count(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}
