//! What an article is: the working copy and what outlives it. How editors change one is in [`crate::editorial`], how it
//! becomes public in [`crate::published`].
//!
//! [`model`] holds the types, [`store`] the statements on working copies, [`scope`] the condition on which articles
//! somebody may see, [`indexing`] what search knows about an article. [`revisions`] keep its earlier contents,
//! [`corrections`] are the notices to its readers, [`schedules`] the acts that wait for their moment.

pub mod corrections;
pub mod indexing;
pub mod model;
pub mod revisions;
pub mod schedules;
pub mod scope;
pub mod store;
