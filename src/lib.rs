//! Masthead, a headless newsroom CMS: one binary with a JSON API.
//!
//! The way of a request: [`http::middleware::edge`] takes it in, an extractor list says what it must
//! bring ([`auth::Require`], [`http::body::Body`], [`http::query::Params`]), one hop leads off the
//! worker into one transaction ([`db::Db`]), one plain function does the work, one view answers.
//!
//! - [`articles`]: written at the desk, pressed when published, read as bytes.
//! - [`sections`], [`tags`], [`contributors`]: where articles stand, what they are about, who signs.
//! - [`comments`]: readers write, moderators decide. [`captcha`]: how readers prove that they are human.
//! - [`auth`]: users, grants, sessions, tokens. [`site`]: settings, menus, places for
//!   advertisements, and the frame of every answer. [`pages`]: everything that a page shows, in one
//!   answer. [`packages`]: stories that belong together.
//! - [`paths`]: every public path and where it leads. [`redirects`]: what editors make of it. [`edits`]: who changed what, for `If-Match`.
//!   [`jobs`]: work done in the background. [`import`]: sites brought over from elsewhere.
//! - [`feeds`]: what is new, for programs that ask now and then. [`sitemaps`]: where everything is, for search engines.
//! - [`audit`]: who did what, when and from where. [`takedowns`]: what was taken down for good.
//!   [`backup`]: everything in a file, and its way back.
//! - [`db`]: two databases behind one seam. [`http`]: bodies, queries, pages, problems.
//! - [`openapi`]: the two documents. [`metrics`]: counters.
//! - [`demo`]: a small French newsroom to try all of it on.
//! - [`app`]: all of it put together. [`cli`] and [`config`]: how it is started.

pub mod app;
pub mod articles;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod base;
pub mod captcha;
pub mod cli;
pub mod clock;
pub mod comments;
pub mod config;
pub mod contributors;
pub mod db;
pub mod demo;
pub mod edits;
pub mod error;
pub mod feeds;
pub mod http;
pub mod import;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod packages;
pub mod pages;
pub mod paths;
pub mod redirects;
pub mod schedule;
pub mod search;
pub mod sections;
pub mod site;
pub mod sitemaps;
pub mod slug;
pub mod tags;
pub mod takedowns;
pub mod text;
pub mod worker;
