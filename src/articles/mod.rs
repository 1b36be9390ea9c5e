//! Articles: written at the desk, pressed when they are published, read as bytes.
//!
//! Editors work on a working copy ([`api`], [`input`], [`editing`]), of which [`revisions`] keep what
//! it was and [`diff`] tells what changed. [`desk`] lists the working copies; [`autosaves`], [`leases`]
//! and [`notes`] are what colleagues need of each other meanwhile; [`previews`] show others a copy. [`workflow`] says which action is
//! possible in which state and runs it ([`corrections`] are the notices that come with it); [`press`]
//! writes the finished JSON of a live article, and [`published`] is the only reader of it, for
//! [`delivery`] (one article) and [`listing`] (many, by any filter). [`model`] holds the types, [`store`] the statements on working copies, [`view`] what
//! the desk sees of them. [`body`] is the typed body, [`html`] its sanitiser, [`html_blocks`] what
//! turns foreign HTML into blocks; [`suspects`] lists working copies whose text is not as it should be; [`validate`]
//! tells what would stop one of them from being published. [`jsonld`] says of a page what search engines ask for.

pub mod api;
pub mod at_path;
pub mod autosaves;
pub mod beside;
pub mod body;
pub mod corrections;
pub mod delivery;
pub mod desk;
pub mod diff;
mod editing;
pub mod html;
pub mod html_blocks;
pub mod image;
pub mod indexing;
pub mod input;
pub mod jsonld;
pub mod leases;
pub mod listing;
pub mod model;
pub mod notes;
pub mod press;
pub mod previews;
pub mod public_article;
pub mod published;
pub mod reading;
pub mod related;
pub mod repress;
pub mod revisions;
pub mod scope;
pub mod store;
pub mod suspects;
pub mod usable;
pub mod validate;
pub mod view;
pub mod workflow;

pub use image::{Image, https_url, read_image};
