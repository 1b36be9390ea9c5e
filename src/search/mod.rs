//! Searching: what readers find among live articles, and editors among working copies.
//!
//! An article enters the index when it is pressed, at its position, and leaves it when it is withdrawn
//! or retracted, in the same transaction; a working copy enters an index of its own when it is saved,
//! which no public route reads.
//!
//! - [`analyse`]: one analyser for texts and queries, on both databases. [`texts`]: what of an article is
//!   indexed. [`query`]: what is typed, as what is looked for. [`highlight`]: where it was found.
//! - [`store`]: entries and words; [`reindex`]: all of them anew. What the databases do differently is in
//!   [`crate::db::fulltext`].
//! - [`find`]: pages by date and by relevance. [`suggest`]: what may be meant.
//!   [`delivery`]: what readers ask, [`views`]: what they get.

pub mod analyse;
pub mod delivery;
pub mod find;
pub mod highlight;
pub mod query;
pub mod reindex;
pub mod store;
pub mod suggest;
pub mod texts;
pub mod views;
