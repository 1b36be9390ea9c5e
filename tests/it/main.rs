//! The tests: one binary, the tree mirrors `src`. SQLite by default; on PostgreSQL where
//! `MASTHEAD_TEST_DATABASE_URL` names a server whose user may create databases.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod accounts;
mod cli;
mod contributors;
mod coverage;
mod db;
mod guard;
mod input;
mod operations;
mod sections;
mod spec;
mod support;
mod tags;
mod tidy;
