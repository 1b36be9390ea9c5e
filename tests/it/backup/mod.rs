//! Backups, and what they must not bring back.

mod restoring;
mod takedowns;
