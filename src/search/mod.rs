//! How texts become words, and words find texts. The searches themselves are elsewhere: [`crate::delivery::search`]
//! among live articles, [`crate::editorial::articles::desk`] among working copies.
//!
//! An article enters the index when it is pressed, at its position, and leaves it when it is withdrawn
//! or retracted, in the same transaction; a working copy enters an index of its own when it is saved,
//! which no public route reads.
//!
//! [`analyse`]: one analyser for texts and queries, on both databases. [`stem`]: the stems of words; those of French by
//! the rules of [`french_stem`] and its [tables](french_words). [`former`]: what entries of the format before know.
//! [`texts`]: which texts of an article are indexed. [`query`]: what is typed, as what is looked for. [`matching`]:
//! whether a text holds it. [`highlight`]: where it was found. [`store`]: entries and words; what the databases do
//! differently is in [`crate::base::db::fulltext`].

pub mod analyse;
pub mod former;
pub mod french_stem;
pub mod french_words;
pub mod highlight;
pub mod matching;
pub mod query;
pub mod stem;
pub mod store;
pub mod texts;
