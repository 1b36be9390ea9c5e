//! Contributors: the people whose names are above articles. A byline is public and separate from the login of whoever
//! writes under it.
//!
//! A change re-presses the live articles that they signed. One who signed articles is deactivated, not deleted.
//! [`crate::editorial::contributors`] is the desk's side, [`crate::delivery::contributors`] the readers', [`store`] the
//! statements.

pub mod input;
pub mod listing;
pub mod store;

pub use store::Contributor;
