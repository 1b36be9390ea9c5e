//! Everything that a page of the site shows, in one answer.
//!
//! [`model`]: which lists a page carries, a setting of the site.

pub mod model;
