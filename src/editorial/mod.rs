//! The editors' door: every endpoint below `/v1/editorial` that is about articles and what frames them. Nothing here is
//! seen by readers. (Comments are moderated in [`crate::comments`], accounts kept in [`crate::access`].)
//!
//! - [`articles`]: working copies: make, change, list, search, check. [`workflow`]: what can be done with one in which
//!   state. [`schedule`]: acts that wait for their moment.
//! - [`revisions`], [`diff`]: what a working copy was, and what differs. [`autosaves`], [`leases`], [`notes`]: what
//!   colleagues need of each other meanwhile. [`previews`]: showing a copy to somebody outside.
//! - [`jobs`]: what is done in chunks. [`announcing`]: what machines elsewhere are told of articles.
//! - [`sections`], [`tags`], [`contributors`], [`packages`], [`menus`], [`ad_slots`], [`settings`], [`redirects`] (and
//!   [`redirect_import`], a file with many; [`tag_merge`], one tag for two): keeping what frames articles. [`most_read`]: saying what is read most.

pub mod ad_slots;
pub mod announcing;
pub mod articles;
pub mod autosaves;
pub mod contributors;
pub mod diff;
pub mod jobs;
pub mod leases;
pub mod menus;
pub mod most_read;
pub mod notes;
pub mod packages;
pub mod previews;
pub mod redirect_import;
pub mod redirects;
pub mod revisions;
pub mod schedule;
pub mod sections;
pub mod settings;
pub mod tag_merge;
pub mod tags;
pub mod workflow;
