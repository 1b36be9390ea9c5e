//! What happened, for others.
//!
//! - [`changes`]: what readers see, in the order in which it changed, for whoever keeps a copy.

pub mod changes;
