//! Packages and series: stories that belong together, in an order of their own. Readers get the live ones, and with an
//! article the one before and the one after.
//!
//! [`model`]: what a package is, and how one is read. [`crate::editorial::packages`]: the desk's side.
//! [`crate::delivery::packages`]: the readers'.

pub mod model;
pub mod of_article;
pub mod store;

pub use model::{Package, PackageKind};

crate::id_type! {
    /// A package's id.
    PackageId
}
