//! Searching: what readers find among live articles, and editors among working copies.
//!
//! - [`analyse`]: one analyser for texts and queries, on both databases.

pub mod analyse;
