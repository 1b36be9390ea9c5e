//! Menus: trees of items that lead to things of the site or elsewhere. They name what they lead to by
//! its id and find its path when they are read; an item whose target is not there is left out, with
//! what hangs below it.
//!
//! [`model`]: what a menu is, and how one is read. [`crate::editorial::menus`]: the desk's side.
//! [`crate::delivery::menus`]: the readers'.

pub mod input;
pub mod model;
pub mod store;

pub use model::{Menu, MenuItem, MenuItemKind, surrogate_keys};
