//! What an ad slot is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::error::{FieldCode, FieldError};
use crate::base::http::value_reader::{ValueReader, component, exact_line, id, list, map, small_integer, word};
use crate::base::ids::SectionId;
use crate::base::key::Key;
use crate::base::limits;
use crate::body::article_type::ArticleType;

crate::word_type! {
    /// Where a slot stands.
    AdSlotKind {
        /// Inside the bodies of articles, by its rules.
        Body = "body",
        /// At a place of the page that the front end knows by the slot's key.
        Page = "page",
    }
}

crate::word_type! {
    /// How a rule counts the blocks of a body.
    AdRuleKind {
        /// Once, after that many blocks.
        AfterBlock = "after_block",
        /// Again and again, after each that many blocks.
        EveryBlocks = "every_blocks",
    }
}

/// A size that fits into a slot, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdSize {
    /// Its width.
    #[schema(minimum = 1, maximum = 10000)]
    pub width: i32,
    /// Its height.
    #[schema(minimum = 1, maximum = 10000)]
    pub height: i32,
}

/// Where in a body a slot stands. It stands between two blocks, never right behind a heading; where it would be
/// too near to another one, `after_block` gives up and `every_blocks` goes on to its next place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdRule {
    /// How blocks are counted.
    pub kind: AdRuleKind,
    /// After how many of them.
    #[schema(minimum = 1, maximum = 1000)]
    pub blocks: i32,
    /// With `every_blocks`: how often at most; 100 where it is not given.
    #[serde(default = "AdRule::default_count")]
    #[schema(minimum = 1, maximum = 100)]
    pub max_count: i32,
    /// Words of the body that stand between this slot and any other, at least.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10000)]
    pub min_words_between: i32,
    /// Only in articles of these sections and those below them; empty for all.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub section_ids: Vec<SectionId>,
    /// Only in articles of these types; empty for all.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub types: Vec<ArticleType>,
}

impl AdRule {
    fn default_count() -> i32 {
        100
    }
}

/// What a slot is, but for its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdDefinition {
    /// What the desk calls it.
    pub label: String,
    /// Where it is.
    pub kind: AdSlotKind,
    /// What fits into it.
    pub sizes: Vec<AdSize>,
    /// What is sent to the advertisements' server, by name.
    pub targeting: BTreeMap<String, String>,
    /// Whether it is used.
    pub is_active: bool,
    /// Not used before.
    pub starts_at: Option<Time>,
    /// Not used from then on.
    pub ends_at: Option<Time>,
    /// With `body`: where it goes in a body.
    pub rules: Vec<AdRule>,
}

/// An ad slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdSlot {
    /// What front ends and editors know it by.
    pub key: Key,
    /// Its turn among the slots: the lowest is placed first.
    pub position: i32,
    /// What it is.
    pub definition: AdDefinition,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl AdSlot {
    /// Whether it is used at this moment.
    pub fn is_shown(&self, now: Time) -> bool {
        let definition = &self.definition;
        let has_begun = definition.starts_at.is_none_or(|start| start <= now);
        let has_ended = definition.ends_at.is_some_and(|end| end <= now);
        definition.is_active && has_begun && !has_ended
    }

    /// When time alone changes whether it is used.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let definition = &self.definition;
        let moments = [definition.starts_at, definition.ends_at].into_iter().flatten();
        moments.filter(|moment| definition.is_active && *moment > now).min()
    }
}

/// Reads the sizes of a slot.
pub fn sizes() -> impl ValueReader<Value = Vec<AdSize>> {
    let size = component(|fields| {
        let width = fields.required("width", small_integer(1, 10_000));
        let height = fields.required("height", small_integer(1, 10_000));
        Some(AdSize {
            width: width?,
            height: height?,
        })
    });
    list(limits::AD_SIZES, size)
}

/// Reads what is sent to an advertisements' server: names and words.
pub fn targeting() -> impl ValueReader<Value = BTreeMap<String, String>> {
    let name = |name: &str| Key::parse(name).is_some();
    let expected = "1 to 40 lower-case letters, digits, _ or -";
    map(limits::AD_TARGETING, expected, name, exact_line(limits::LABEL))
}

/// Reads the rules of a slot.
pub fn rules() -> impl ValueReader<Value = Vec<AdRule>> {
    let rule = component(|fields| {
        let kind = fields.required("kind", word());
        let blocks = fields.required("blocks", small_integer(1, 1_000));
        let max_count = fields.optional("max_count", small_integer(1, 100));
        let min_words_between = fields.optional("min_words_between", small_integer(0, 10_000));
        let section_ids = fields.optional("section_ids", list(100, id())).unwrap_or_default();
        let types = fields.optional("types", list(10, word())).unwrap_or_default();
        Some(AdRule {
            kind: kind?,
            blocks: blocks?,
            max_count: max_count.unwrap_or_else(AdRule::default_count),
            min_words_between: min_words_between.unwrap_or(0),
            section_ids,
            types,
        })
    });
    list(limits::AD_RULES, rule)
}

/// Reads a turn among the slots.
pub fn position() -> impl ValueReader<Value = i32> {
    small_integer(0, 100_000)
}

/// What is wrong with a slot as a whole: rules for bodies on one outside bodies, an end before its beginning.
pub fn faults(definition: &AdDefinition) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if definition.kind == AdSlotKind::Page && !definition.rules.is_empty() {
        faults.push(FieldError::new("/rules", FieldCode::TooMany).with("max", 0));
    }
    let ends_early = definition
        .starts_at
        .zip(definition.ends_at)
        .is_some_and(|(start, end)| end <= start);
    if ends_early {
        faults.push(FieldError::new("/ends_at", FieldCode::EndsBeforeStart));
    }
    faults
}
