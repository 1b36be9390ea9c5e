//! Working copies with text that is not as it should be. Writing one says so at once and stores
//! whether anything was found; the list shows what is left.
//!
//! A row whose column is null was written by a release that did not look: the job worker does.

pub mod endpoints;
pub mod store;
