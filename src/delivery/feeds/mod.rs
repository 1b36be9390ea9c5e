//! Feeds: the newest articles of the site, of a section, a tag, a contributor or any other filter of lists, as RSS 2.0,
//! Atom (RFC 4287) and JSON Feed 1.1.
//!
//! [`compose`] makes a [`model::Feed`] from live articles, the same for all three formats; [`rss`], [`atom`] and
//! [`json`] write it; [`endpoints`] answers. Rules for all three:
//!
//! - An article is known by `urn:uuid:` and its id, whatever becomes of its address.
//! - `content=full` holds the body where everybody may read it; of other articles no more than the summary.
//! - Corrections ([`phrases`]) come before the text, and move the date of the last change.
//! - A retracted article stays in its place, with the notice in place of everything else. One that was unpublished or
//!   killed is not there.

mod atom;
mod compose;
pub mod endpoints;
mod json;
mod model;
pub mod phrases;
mod rss;

pub use model::FeedContent;
