//! Sections: the tree that articles are in, with its labels, paths and breadcrumbs.
//!
//! A section is made, changed, moved (with all below it) and deleted by editors ([`crate::editorial::sections`]); its
//! path is public from the moment it is made. Readers get the tree ([`crate::delivery::sections`]), and every card
//! carries its section and breadcrumb from the tree in memory, so a rename shows at once and presses nothing. [`model`]
//! is the tree and its rules, [`store`] its statements.

pub mod model;
pub mod store;

pub use model::{Section, SectionTree};
