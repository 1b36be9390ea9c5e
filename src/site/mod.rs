//! What frames every article: the settings of the one site and the things that its pages are built from.
//!
//! - [`settings`]: the site's own. [`comment_policy`]: how articles take comments. [`page_lists`]: which lists its
//!   pages carry.
//! - [`sections`], [`tags`], [`contributors`]: where articles are, what they are about, who signs.
//! - [`menus`], [`ads`]: what else every page shows. [`frame`]: all of these in memory, never older than the database.
//!   [`framed_desk`]: the extractor of handlers whose work needs the frame.
//! - [`paths`]: every public path and where it leads. [`redirects`]: what editors make from it. [`takedowns`]: what was
//!   taken down for good. [`announcing`]: what machines elsewhere are told of the site.
//!
//! Their endpoints are in [`crate::editorial`] and [`crate::delivery`].

pub mod ads;
pub mod announcing;
pub mod comment_policy;
pub mod contributors;
pub mod frame;
pub mod framed_desk;
pub mod menus;
pub mod page_lists;
pub mod paths;
pub mod redirects;
pub mod sections;
pub mod settings;
pub mod tags;
pub mod takedowns;
