//! What happened, for others.
//!
//! - [`changes`]: what readers see, in the order in which it changed, for whoever keeps a copy.
//! - [`outbox`]: what happened, written with the act itself, for whoever is to be told.
//! - [`webhooks`]: telling it to machines elsewhere.

pub mod changes;
pub mod outbox;
pub mod webhooks;
