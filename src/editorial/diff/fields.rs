//! Members of a content that are not blocks: each value on its own, lists as lists.
//!
//! It reads the JSON of a content, so that a member which is added to contents is compared too.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Budget, FieldChange, ListChange, words};
use crate::articles::model::Content;

/// Members that people write: only these are compared word by word.
const TEXTS: &[&str] = &[
    "/title",
    "/kicker",
    "/standfirst",
    "/seo/title",
    "/seo/description",
    "/source/name",
    "/image/alt",
    "/image/caption",
    "/image/credit",
];

/// The members that differ: values and lists.
pub(super) fn diff(old: &Content, new: &Content, budget: &mut Budget) -> (Vec<FieldChange>, Vec<ListChange>) {
    let mut found = FieldDiff {
        fields: Vec::new(),
        lists: Vec::new(),
        budget,
    };
    found.compare("", &members(old), &members(new));
    (found.fields, found.lists)
}

fn members(content: &Content) -> Value {
    let without_blocks = Content {
        blocks: Vec::new(),
        ..content.clone()
    };
    serde_json::to_value(without_blocks).unwrap_or_default()
}

struct FieldDiff<'b> {
    fields: Vec<FieldChange>,
    lists: Vec<ListChange>,
    budget: &'b mut Budget,
}

impl FieldDiff<'_> {
    fn compare(&mut self, pointer: &str, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Object(_), _) | (_, Value::Object(_)) => {
                let names: BTreeSet<&String> = [old, new]
                    .into_iter()
                    .filter_map(Value::as_object)
                    .flatten()
                    .map(|(name, _)| name)
                    .collect();
                for name in names {
                    self.compare(&format!("{pointer}/{name}"), &old[name], &new[name]);
                }
            }
            (Value::Array(old), Value::Array(new)) => self.compare_lists(pointer, old, new),
            _ => self.compare_values(pointer, text(old), text(new)),
        }
    }

    fn compare_values(&mut self, pointer: &str, old: Option<String>, new: Option<String>) {
        let spans = if TEXTS.contains(&pointer) {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            words::spans(&text(&old), &text(&new), self.budget).0
        } else {
            Vec::new()
        };
        self.fields.push(FieldChange {
            pointer: pointer.to_owned(),
            old,
            new,
            spans,
        });
    }

    /// Compares ids in their order; what else a byline says, where the contributor stayed.
    fn compare_lists(&mut self, pointer: &str, old: &[Value], new: &[Value]) {
        let (before, after) = (ids(old), ids(new));
        for (index, id) in after.iter().enumerate() {
            let was = before.iter().position(|before| before == id);
            if let (Some(was), Some(is)) = (was.and_then(|was| old.get(was)), new.get(index)) {
                self.compare(&format!("{pointer}/{index}"), was, is);
            }
        }
        if before == after {
            return;
        }
        let without = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|id| !other.contains(id)).cloned().collect()
        };
        let (added, removed) = (without(&after, &before), without(&before, &after));
        self.lists.push(ListChange {
            pointer: pointer.to_owned(),
            is_reordered: without(&before, &removed) != without(&after, &added),
            old: before,
            new: after,
            added,
            removed,
        });
    }
}

/// The ids in a list; for a byline the contributor's.
fn ids(list: &[Value]) -> Vec<String> {
    let id = |item: &Value| text(item.get("contributor_id").unwrap_or(item)).unwrap_or_default();
    list.iter().map(id).collect()
}

/// A value as text; nothing for null.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
