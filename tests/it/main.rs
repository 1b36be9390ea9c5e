//! The tests: one binary. SQLite by default; on PostgreSQL where `MASTHEAD_TEST_DATABASE_URL` names a server whose user
//! may create databases.
//!
//! The folders are those of `src`, and a file is named for the behaviour that it tests. Beside them: [`contract`] holds
//! the whole product to the documents, [`tidy`] holds `src` to the rules of the house, and [`support`] is what tests are
//! written with: begin there.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::type_complexity,
    reason = "a table of cases says its types once, where it stands"
)]

mod access;
mod app;
mod articles;
mod backup;
mod base;
mod cli;
mod comments;
mod contract;
mod delivery;
mod editorial;
mod events;
mod published;
mod search;
mod site;
mod support;
mod tidy;
