//! Backups, and what they must not bring back.

mod later_schemas;
mod restoring;
mod takedowns;
