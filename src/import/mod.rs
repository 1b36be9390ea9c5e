//! Bringing a site over from elsewhere.
//!
//! [`wxr`] reads a WordPress export; [`run`] makes articles, sections, tags, contributors and comments
//! of it, and comments of a Disqus export ([`disqus`] reads it); [`store`] remembers what came from where, so that an import can be resumed and repeated.

pub mod disqus;
pub mod run;
pub mod store;
pub mod wxr;
