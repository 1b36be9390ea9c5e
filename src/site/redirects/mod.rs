//! Redirects: what editors see of the table of [`paths`](crate::site::paths), and what they change in it.
//!
//! A row of the table is a redirect while it is `moved` (it leads elsewhere) or `gone` (410). Most are made
//! automatically when things move or are deleted; editors make others, one by one or from a file. When an editor
//! changes an automatic one, it becomes a redirect on its own: it is no longer the path of the thing it belonged to.
//! Deleting one frees its path for other things. The paths of a killed article are sealed: nobody changes or deletes
//! them. Paths of unpublished articles are not redirects.
//!
//! - [`model`]: a redirect, and the rule ([`model::judge`]) that decides on every wish. [`input`]: what is sent.
//! - [`change`]: make, put, change, delete, each in its transaction. [`store`]: the statements.
//! - [`crate::editorial::redirects`]: the operations. [`mod@file`] reads a CSV file, whose [`columns`] may be another
//!   system's. [`import`] runs it, for the API and for `masthead import redirects`.

pub mod change;
mod columns;
pub mod file;
pub mod import;
pub mod input;
pub mod model;
pub mod store;

pub use model::Redirect;
