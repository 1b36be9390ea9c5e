//! Masthead, a headless newsroom CMS: one binary with a JSON API.
//!
//! The code has floors. Each uses those above it in this list and imports nothing from those below; a test
//! (`tests/it/tidy`) checks that.
//!
//! - [`base`]: what every floor uses: ids, errors, texts, the two databases, HTTP.
//! - [`body`]: what a text is made of: blocks, HTML, images.
//! - [`access`]: who may do what, and who did what.
//! - [`events`]: what happened, for others.
//! - [`site`]: what frames every article: settings, sections, tags, contributors, menus, paths.
//! - [`search`]: how texts become words, index entries and highlights.
//! - [`articles`]: what an article is: working copy, revisions, corrections, schedules.
//! - [`published`]: what is public, pressed: the only module that knows readers' tables.
//! - [`editorial`]: the editors' door: endpoints, workflow, schedule.
//! - [`comments`]: readers write, moderators decide.
//! - [`import`]: sites brought over from elsewhere.
//! - [`delivery`]: the readers' door: articles, lists, pages, search, feeds.
//! - [`demo`]: a small French newsroom to try everything on. [`backup`]: everything in a file, and its way back.
//! - [`app`]: the routes, and the state that handlers share. [`worker`]: what is done in the background.
//!   [`openapi`]: the two documents. [`config`] and [`cli`]: how it is started.
//!
//! The way of a request: [`base::http::middleware::edge`] takes it in, an extractor list says what it must bring
//! ([`access::auth::Desk`], [`base::http::body::Body`], [`base::http::query::Params`]), one hop leads off the worker
//! into one transaction ([`base::db::Db`]), one plain function does the work, one view answers.

pub mod access;
pub mod app;
pub mod articles;
pub mod backup;
pub mod base;
pub mod body;
pub mod cli;
pub mod comments;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod editorial;
pub mod events;
pub mod import;
pub mod openapi;
pub mod published;
pub mod search;
pub mod site;
pub mod worker;
