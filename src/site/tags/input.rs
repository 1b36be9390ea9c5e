//! What the desk sends to make or change a tag.

use crate::base::clock::Time;
use crate::base::db::folded;
use crate::base::http::value_reader::{exact_line, line, text, word};
use crate::base::ids::TagId;
use crate::base::{limits, slug};
use crate::body_type;
use crate::site::tags::{Tag, TagKind};

body_type! {
    /// A tag to be made.
    pub struct NewTag [text] {
        /// What kind of thing it names.
        pub kind: TagKind = required(word()),
        /// Its name.
        pub label: String = required(line(limits::LABEL)),
        /// The last segment of its path; made of the label where it is not given.
        pub slug: String = optional(slug::reader()),
        /// What it stands for.
        pub description: String = optional(text(limits::DESCRIPTION)),
        /// What another system calls it.
        pub external_id: String = optional(exact_line(limits::EXTERNAL_ID)),
    }
}

impl NewTag {
    /// The tag that it asks for.
    pub fn into_tag(self, now: Time) -> Tag {
        let id = TagId::new();
        Tag {
            id,
            kind: self.kind,
            slug: self
                .slug
                .unwrap_or_else(|| slug::from_title_or_id(&self.label, id.as_str())),
            sort_key: folded(&self.label),
            label: self.label,
            description: self.description,
            external_id: self.external_id,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

body_type! {
    /// A change of a tag.
    pub struct TagPatch of Tag [text] {
        /// Another kind.
        pub kind: TagKind = change(word()),
        /// Another name.
        pub label: String = change(line(limits::LABEL)),
        /// Another last segment of its path; the old path leads to the new.
        pub slug: String = change(slug::reader()),
        /// What it stands for.
        pub description: String = patch(text(limits::DESCRIPTION)),
        /// What another system calls it.
        pub external_id: String = patch(exact_line(limits::EXTERNAL_ID)),
    }
}
