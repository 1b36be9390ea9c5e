//! Tags: what articles are about: topics, people, places, organisations, series, events.
//!
//! A tag's path is public from the moment it is made. A change re-presses the live articles that
//! carry it ([`crate::published::press`]); one that articles carry cannot be deleted. [`crate::editorial::tags`] is the
//! desk's side, [`crate::delivery::tags`] the readers', [`store`] the statements.

pub mod input;
pub mod listing;
pub mod merging;
pub mod store;

pub use store::Tag;

crate::word_type! {
    /// What kind of thing a tag names.
    TagKind {
        /// A subject.
        Topic = "topic",
        /// Somebody.
        Person = "person",
        /// Somewhere.
        Place = "place",
        /// An institution, a company, a party.
        Organisation = "organisation",
        /// A run of articles that belong together.
        Series = "series",
        /// Something that happens.
        Event = "event",
    }
}
