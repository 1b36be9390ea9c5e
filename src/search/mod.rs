//! How texts become words, and words find texts. The searches themselves are elsewhere: [`crate::delivery::search`]
//! among live articles, [`crate::editorial::articles::desk`] among working copies.
//!
//! An article enters the index when it is pressed, at its position, and leaves it when it is withdrawn
//! or retracted, in the same transaction; a working copy enters an index of its own when it is saved,
//! which no public route reads.
//!
//! [`analyse`]: one analyser for texts and queries, on both databases. [`texts`]: which texts of an article are
//! indexed. [`query`]: what is typed, as what is looked for. [`highlight`]: where it was found. [`store`]: entries and
//! words; what the databases do differently is in [`crate::base::db::fulltext`].

pub mod analyse;
pub mod highlight;
pub mod query;
pub mod store;
pub mod texts;
