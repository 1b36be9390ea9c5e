//! What the desk sends to make or change an ad slot.

use std::collections::BTreeMap;

use crate::base::clock::Time;
use crate::base::http::value_reader::{boolean, line, time, word};
use crate::base::key::{Key, key};
use crate::base::limits;
use crate::body_type;
use crate::site::ads::model::{AdDefinition, AdRule, AdSize, AdSlot, AdSlotKind, position, rules, sizes, targeting};

body_type! {
    /// An ad slot to be made.
    pub struct NewAdSlot {
        /// What it will be known by; it never changes.
        pub key: Key = required(key()),
        /// What the desk calls it.
        pub label: String = required(line(limits::LABEL)),
        /// Where it stands.
        pub kind: AdSlotKind = required(word()),
        /// Its turn among the slots: the lowest is placed first; 0 where it is not given.
        pub position: i32 = optional(position()),
        /// What fits into it.
        pub sizes: Vec<AdSize> = optional(sizes()),
        /// What the advertisements' server is told, by name.
        pub targeting: BTreeMap<String, String> = optional(targeting()),
        /// Whether it is used; it is where this is not given.
        pub is_active: bool = optional(boolean()),
        /// Not used before.
        pub starts_at: Time = optional(time()),
        /// Not used from then on.
        pub ends_at: Time = optional(time()),
        /// With `body`: where in a body it stands.
        pub rules: Vec<AdRule> = optional(rules()),
    }
}

impl NewAdSlot {
    /// The ad slot that it asks for.
    pub fn into_ad_slot(self, now: Time) -> AdSlot {
        AdSlot {
            key: self.key,
            position: self.position.unwrap_or(0),
            definition: AdDefinition {
                label: self.label,
                kind: self.kind,
                sizes: self.sizes.unwrap_or_default(),
                targeting: self.targeting.unwrap_or_default(),
                is_active: self.is_active.unwrap_or(true),
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                rules: self.rules.unwrap_or_default(),
            },
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

body_type! {
    /// A change of an ad slot.
    pub struct AdSlotPatch of AdSlot {
        /// What the desk calls it.
        pub label: String = change(line(limits::LABEL)) of definition,
        /// Where it stands.
        pub kind: AdSlotKind = change(word()) of definition,
        /// Its turn among the slots.
        pub position: i32 = change(position()),
        /// What fits into it, in place of what did.
        pub sizes: Vec<AdSize> = change(sizes()) of definition,
        /// What the advertisements' server is told, in place of what it was.
        pub targeting: BTreeMap<String, String> = change(targeting()) of definition,
        /// Whether it is used.
        pub is_active: bool = change(boolean()) of definition,
        /// Not used before.
        pub starts_at: Time = patch(time()) of definition,
        /// Not used from then on.
        pub ends_at: Time = patch(time()) of definition,
        /// All its rules, in place of those there.
        pub rules: Vec<AdRule> = change(rules()) of definition,
    }
}
