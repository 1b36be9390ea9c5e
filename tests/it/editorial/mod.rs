//! What editors do.

mod articles;
mod desk;
mod schedule;
pub mod workflow;
