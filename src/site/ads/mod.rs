//! Ad slots: what they are ([`model`]), and where they go in a body ([`placements`]). Placing reads
//! the stored outline of the body, so that changing a rule presses nothing. [`crate::editorial::ad_slots`]: the desk's
//! side. [`crate::delivery::ad_slots`]: the readers'.

pub mod input;
pub mod model;
pub mod placements;
pub mod store;

pub use model::AdSlot;
