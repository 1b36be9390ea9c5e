//! Bringing a site over from elsewhere.
//!
//! [`wxr`] reads a WordPress export; [`store`] remembers what came from where, so that an import can
//! be resumed and repeated.

pub mod store;
pub mod wxr;
