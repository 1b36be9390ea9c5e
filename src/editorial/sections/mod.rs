//! Sections at the desk: make, change, move, delete.
//!
//! [`endpoints`]: list, make, read, change. [`moving`]: move and delete. [`view`]: what is sent and got.

pub mod endpoints;
pub mod moving;
pub mod view;
