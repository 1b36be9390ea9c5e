//! The tests: one binary, the tree mirrors `src`. SQLite by default; on PostgreSQL where
//! `MASTHEAD_TEST_DATABASE_URL` names a server whose user may create databases.

#![expect(
    clippy::unwrap_used,
    clippy::type_complexity,
    reason = "a test that cannot go on fails; tables of cases are typed where they stand"
)]

mod articles;
mod comments;
mod db;
mod delivery;
mod jobs;
mod leak;
mod operations;
mod races;
mod support;
