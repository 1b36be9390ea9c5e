//! The tests: one binary, the tree mirrors `src`. SQLite by default; on PostgreSQL where
//! `MASTHEAD_TEST_DATABASE_URL` names a server whose user may create databases.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::type_complexity,
    reason = "a table of cases says its types once, where it stands"
)]

mod accounts;
mod articles;
mod bulk;
mod captcha;
mod cli;
mod comments;
mod contributors;
mod coverage;
mod db;
mod delivery;
mod desk;
mod feeds;
mod guard;
mod input;
mod jobs;
mod leak;
mod moderation;
mod operations;
mod packages;
mod pages;
mod pipeline;
mod previews;
mod privacy;
mod queries;
mod races;
mod readers;
mod redirects;
mod revisions;
mod rights;
mod sanctions;
mod schedule;
mod search;
mod sections;
mod site;
mod sitemaps;
mod spam_model;
mod spec;
mod support;
mod tags;
mod takedown;
mod text;
mod tidy;
mod validation;
mod word_lists;
mod workflow;
