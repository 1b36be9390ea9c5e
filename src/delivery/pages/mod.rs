//! Everything that a page of the site shows, in one answer.
//!
//! [`crate::site::page_lists`]: which lists a page carries, a setting of the site; [`lists`] finds what they hold.
//! [`endpoints`]: the pages, composed of pressed parts, in a number of statements that does not grow with
//! what they show.

pub mod endpoints;
mod lists;
