//! The tests: one binary, the tree mirrors `src`. SQLite by default; on PostgreSQL where
//! `MASTHEAD_TEST_DATABASE_URL` names a server whose user may create databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod accounts;
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
