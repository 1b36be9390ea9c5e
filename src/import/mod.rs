//! Bringing a site over from elsewhere.
//!
//! [`wxr`] reads a WordPress export and [`disqus`] a Disqus export. [`run`] makes articles, sections, tags,
//! contributors and comments from the first, and comments from the second. [`store`] remembers what came from where,
//! so that an import can be resumed and repeated.

pub mod disqus;
pub mod run;
pub mod store;
pub mod wxr;
