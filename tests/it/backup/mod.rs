//! Backups.

mod restoring;
mod takedowns;
