//! The tests: one binary, the tree mirrors `src`. SQLite by default; on PostgreSQL where
//! `MASTHEAD_TEST_DATABASE_URL` names a server whose user may create databases.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli;
mod db;
mod operations;
mod support;
mod tidy;
