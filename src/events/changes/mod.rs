//! The change feed: everything that readers see, in the order in which it changed last, then what changes from now on.
//!
//! The table has one row for each thing that is live, and for a while one for each that is live no more. Triggers of the
//! database write it, so that no way of writing what readers see can forget to. A thing that changes moves to the end.
//! So whoever walks from the beginning meets all that is live, and then what changed meanwhile, without a gap: what was
//! changed behind their back stands before them again.
//!
//! Places are given out for what is committed, by one transaction at a time ([`store::place`]): on PostgreSQL transactions
//! end in another order than they begin, and a row that appeared behind a place that was given out would be missed.
//!
//! Deletions are kept for some days ([`ChangeRetention`]): a place that is older may have missed some, and leads nowhere.

pub mod store;
pub mod stream_places;

use crate::base::clock::Time;

crate::word_type! {
    /// What kind of thing changed.
    ChangedKind [open] {
        /// An article.
        Article = "article",
        /// A section.
        Section = "section",
        /// A tag.
        Tag = "tag",
        /// A contributor.
        Contributor = "contributor",
        /// A path that leads elsewhere, or nowhere any more.
        Redirect = "redirect",
        /// The settings, menus or ad slots.
        Site = "site",
    }
}

crate::word_type! {
    /// What became of it.
    ChangeOp {
        /// It is there, as new or otherwise than before.
        Upsert = "upsert",
        /// It is there no more.
        Delete = "delete",
    }
}

/// For how many days deletions are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRetention(pub u32);

impl Default for ChangeRetention {
    fn default() -> Self {
        Self(30)
    }
}

impl ChangeRetention {
    /// Places given out before this may have missed deletions.
    pub fn begins_at(self, now: Time) -> Time {
        now.plus_seconds(-i64::from(self.0) * 24 * 3_600)
    }
}
