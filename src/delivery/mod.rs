//! The readers' door: what sites, apps, feed readers and search engines get. It reads live articles only through
//! [`crate::published`], so a draft cannot leak. (Readers' comments are in [`crate::comments`].)
//!
//! - [`at_path`]: what stands at a path, which [`resolve`] says as data. [`articles`]: one article, by id or path;
//!   [`public_article`] is its shape, [`extras`] what `include` adds, [`jsonld`] what search engines get. [`lists`]: many,
//!   by any filter. [`related`], [`corrections`], [`packages`], [`previews`]: more about one. [`most_read`]: what is read,
//!   and what is read most.
//! - [`pages`]: everything that a page shows, in one answer. [`search`]: finding by words.
//! - [`site`], [`sections`], [`tags`], [`contributors`], [`menus`], [`ad_slots`]: what frames articles.
//! - [`changes`]: what changed, for who keeps a copy, page by page or as it happens ([`change_stream`]).
//! - [`feeds`], [`sitemaps`]: what is new, and where everything is, for programs.
//! - [`cache`]: finished answers, kept as long as nothing that they show has changed.
//! - [`reader_request`]: what every answer that shows articles takes. [`gate`]: who gets them whole.

pub mod ad_slots;
pub mod articles;
pub mod at_path;
pub mod cache;
pub mod extras;
pub mod gate;
pub mod reader_request;

pub mod change_stream;
pub mod changes;
pub mod contributors;
pub mod corrections;
pub mod feeds;
pub mod jsonld;
pub mod lists;
pub mod menus;
pub mod most_read;
pub mod packages;
pub mod pages;
pub mod previews;
pub mod public_article;
pub mod public_contributor;
pub mod public_section;
pub mod public_site;
pub mod public_tag;
pub mod resolve;

pub mod related;
pub mod search;
pub mod sections;
pub mod site;
pub mod sitemaps;
pub mod tags;
mod whole_list;
