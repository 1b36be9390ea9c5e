//! Every way to spoil a body that its schema knows, each with the error that must come of it.

use serde_json::{Value, json};

use crate::support::contract::{Document, Operation, is_nullable, kind_of};

/// Characters of a block, all its texts together.
const BLOCK: usize = masthead::base::limits::BLOCK;

/// One way to spoil a body.
pub struct Spoilt {
    pub what: String,
    pub body: Value,
    /// Where the error stands and its code; `None` where the spoilt body is good.
    pub expected: Option<(String, &'static str)>,
}

/// Walks a schema and spoils one place at a time in a sound body.
pub struct Spoiler<'d> {
    document: &'d Document,
    id: &'d str,
    is_patch: bool,
    found: Vec<Spoilt>,
}

impl Spoiler<'_> {
    pub fn of(operation: &'static Operation) -> Vec<Spoilt> {
        let (_, schema) = operation.body().unwrap();
        let schema = operation.document.resolve(schema);
        let mut spoiler = Spoiler {
            document: operation.document,
            id: &operation.id,
            // A new article is read as a patch of an empty one.
            is_patch: operation.method == "PATCH" || ["createArticle", "saveAutosave"].contains(&operation.id.as_str()),
            found: Vec::new(),
        };
        let sound = operation.document.sample(schema, "");
        spoiler.object("", schema, &sound, &sound);
        spoiler.found
    }

    /// Notes what the whole body is with `value` at a place, or without the place.
    fn note(&mut self, body: &Value, pointer: &str, what: &str, value: Option<Value>, code: Option<&'static str>) {
        let mut spoilt = body.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match (spoilt.pointer_mut(parent).unwrap(), value) {
            (Value::Object(members), Some(value)) => {
                members.insert(name.to_owned(), value);
            }
            (Value::Object(members), None) => {
                members.remove(name);
            }
            (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
            (other, _) => panic!("{pointer} in {other}"),
        }
        self.found.push(Spoilt {
            what: format!("{pointer} {what}"),
            body: spoilt,
            expected: code.map(|code| (pointer.to_owned(), code)),
        });
    }

    fn object(&mut self, at: &str, schema: &Value, value: &Value, body: &Value) {
        self.note(
            body,
            &format!("{at}/surprise"),
            "unknown",
            Some(json!(1)),
            Some("unknown_field"),
        );
        let required = |name: &str| {
            schema["required"]
                .as_array()
                .is_some_and(|all| all.iter().any(|known| known == name))
        };
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = format!("{at}/{name}");
            let is_top = at.is_empty();
            let missing = match (is_top, name.as_str(), schema["properties"].get("author_name").is_some()) {
                (true, "author_name", true) => "name_missing",
                (true, "body", true) => "comment_missing",
                _ => "required",
            };
            if required(name) {
                self.note(body, &pointer, "missing", None, Some(missing));
            }
            let is_ruled = is_nullable(member) || !is_nullable(self.document.resolve(member));
            assert!(is_ruled, "{pointer}");
            let null = match (
                is_nullable(member),
                required(name),
                self.is_patch && is_top && name != "clear",
            ) {
                (true, ..) => None,
                (false, true, _) => Some(missing),
                (false, false, true) => Some("not_clearable"),
                // Absent and null are the same to us.
                (false, false, false) => None,
            };
            self.note(body, &pointer, "null", Some(Value::Null), null);
            if name == "clear" {
                self.clear(&pointer, body);
            } else {
                self.member(&pointer, name, member, value.get(name), body);
            }
        }
    }

    fn clear(&mut self, pointer: &str, body: &Value) {
        self.note(body, pointer, "no list", Some(json!("label")), Some("wrong_type"));
        self.note(body, pointer, "too many", Some(json!(vec!["a"; 101])), Some("too_many"));
        self.note(
            body,
            pointer,
            "of nothing",
            Some(json!(["surprise"])),
            Some("invalid_format"),
        );
    }

    fn member(&mut self, pointer: &str, name: &str, member: &Value, value: Option<&Value>, body: &Value) {
        let mut schema = self.document.resolve(member);
        if let Some(variants) = schema["oneOf"].as_array() {
            if schema.get("discriminator").is_some() {
                return self.union(pointer, schema, body);
            }
            let real = variants.iter().find(|variant| variant["type"] != "null").unwrap();
            schema = self.document.resolve(real);
            if schema.get("discriminator").is_some() {
                return self.union(pointer, schema, body);
            }
        }
        let wrong = if kind_of(schema) == "string" {
            json!(12)
        } else {
            json!("oui")
        };
        self.note(body, pointer, "of another type", Some(wrong), Some("wrong_type"));
        for wrong in [json!({}), json!([])] {
            let fits =
                (wrong.is_object() && kind_of(schema) == "object") || (wrong.is_array() && kind_of(schema) == "array");
            if !fits {
                self.note(body, pointer, "of another shape", Some(wrong), Some("wrong_type"));
            }
        }
        match kind_of(schema) {
            "string" => self.text(pointer, name, schema, body),
            "integer" => self.integer(pointer, schema, body),
            "array" => self.list(pointer, name, schema, value, body),
            "object" if schema.get("properties").is_some() => {
                let empty = Value::Null;
                self.object(pointer, schema, value.unwrap_or(&empty), body);
            }
            _ => {}
        }
    }

    fn text(&mut self, pointer: &str, name: &str, schema: &Value, body: &Value) {
        let is_item = pointer.ends_with(|c: char| c.is_ascii_digit());
        for with_nul in ["\0", "a\0b"] {
            self.note(
                body,
                pointer,
                "U+0000",
                Some(json!(with_nul)),
                Some("forbidden_character"),
            );
        }
        if schema.get("enum").is_some() || schema.get("x-extensible-enum").is_some() {
            self.note(
                body,
                pointer,
                "no such word",
                Some(json!("surprise")),
                Some("invalid_value"),
            );
            return;
        }
        let is_formed = schema.get("format").is_some()
            || schema.get("pattern").is_some()
            || ["slug", "locale", "locales", "embed_hosts", "colour", "email", "url"].contains(&name)
                && self.id != "login";
        if is_formed {
            let code = if name == "email" {
                "invalid_email"
            } else {
                "invalid_format"
            };
            self.note(body, pointer, "malformed", Some(json!("Pas ça!")), Some(code));
        }
        if let Some(max) = schema["maxLength"].as_u64().and_then(|max| usize::try_from(max).ok()) {
            if schema.get("pattern").is_none() && schema["format"] != "uuid" {
                let head = if ["url"].contains(&name) { "https://a.test/" } else { "" };
                let long = format!("{head}{}", "a".repeat(max + 1 - head.len()));
                self.note(body, pointer, "too long", Some(json!(long)), Some("too_long"));
                if is_item && max >= BLOCK {
                    // The texts of a block are counted together, and the block is blamed.
                    self.blame(pointer.rsplit('/').count() - 3);
                }
            }
            if !is_formed {
                // The other texts of its block count too.
                let max = if max >= BLOCK { max - 100 } else { max };
                self.note(body, pointer, "as long as can be", Some(json!("é".repeat(max))), None);
            }
        }
        if let Some(min) = schema["minLength"].as_u64() {
            let short = "a".repeat(usize::try_from(min).unwrap() - 1);
            let code = match (short.is_empty(), self.id) {
                (true, "updateComment") => "comment_missing",
                (true, _) => "blank",
                (false, _) => "too_short",
            };
            self.note(body, pointer, "too short", Some(json!(short)), Some(code));
        }
    }

    /// Lets the error of what was noted last stand this many levels above.
    fn blame(&mut self, levels: usize) {
        let (pointer, _) = self.found.last_mut().unwrap().expected.as_mut().unwrap();
        for _ in 0..levels {
            pointer.truncate(pointer.rfind('/').unwrap());
        }
    }

    fn integer(&mut self, pointer: &str, schema: &Value, body: &Value) {
        for (bound, beyond) in [("minimum", -1), ("maximum", 1)] {
            if let Some(bound) = schema[bound].as_i64() {
                self.note(body, pointer, "at its bound", Some(json!(bound)), None);
                self.note(
                    body,
                    pointer,
                    "beyond its bound",
                    Some(json!(bound + beyond)),
                    Some("out_of_range"),
                );
            }
        }
        for wrong in [json!(2.5), json!(1e300), json!(u64::MAX)] {
            self.note(body, pointer, "no such number", Some(wrong), Some("out_of_range"));
        }
    }

    fn list(&mut self, pointer: &str, name: &str, schema: &Value, value: Option<&Value>, body: &Value) {
        let max = usize::try_from(schema["maxItems"].as_u64().unwrap()).unwrap();
        let item = self.document.sample(&schema["items"], name);
        let item = if item.is_object() { json!({}) } else { item };
        self.note(
            body,
            pointer,
            "too many",
            Some(json!(vec![item; max + 1])),
            Some("too_many"),
        );
        if schema["minItems"].as_u64().is_some_and(|min| min > 0) {
            self.note(body, pointer, "too few", Some(json!([])), Some("too_few"));
        }
        let first = value.and_then(|list| list.get(0));
        if first.is_some() {
            let at = format!("{pointer}/0");
            self.note(body, &at, "null", Some(Value::Null), Some("wrong_type"));
            self.member(&at, name, &schema["items"], first, body);
        }
    }

    /// Spoils each member of a union within a sound one of its kind.
    fn union(&mut self, pointer: &str, schema: &Value, body: &Value) {
        for wrong in [json!(12), json!("oui"), json!([])] {
            self.note(body, pointer, "no object", Some(wrong), Some("wrong_type"));
        }
        let tag = format!(
            "{pointer}/{}",
            schema["discriminator"]["propertyName"].as_str().unwrap()
        );
        self.note(
            body,
            &tag,
            "no such kind",
            Some(json!("surprise")),
            Some("invalid_value"),
        );
        for variant in schema["oneOf"].as_array().unwrap() {
            let variant = self.document.resolve(variant);
            let sound = self.document.sample(variant, "");
            let mut whole = body.clone();
            *whole.pointer_mut(pointer).unwrap() = sound.clone();
            self.object(pointer, variant, &sound, &whole);
        }
    }
}
