//! What a restore would do: everything is tried, and nothing is written.

use super::scratch::MigratedRows;
use super::{RestorableBackup, is_newsroom_empty};
use crate::base::db::migrations::{self, MigrationLabel, SchemaSource};
use crate::base::db::{self, DatabaseUrl};
use crate::base::error::Result;

/// The database that a backup would be restored into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreTarget {
    /// The file of an SQLite database is not there yet.
    Absent,
    /// No migration has run on it.
    Bare,
    /// It was migrated.
    Migrated {
        /// Whether it holds neither users nor articles.
        is_empty: bool,
        /// What would run on it first.
        pending: Vec<MigrationLabel>,
    },
}

/// Looks at the database as a restore would find it.
///
/// # Errors
/// A sentence for the operator, as opening it would end with.
pub fn look_at_target(url: &DatabaseUrl, source: &dyn SchemaSource) -> std::result::Result<RestoreTarget, String> {
    let Some(mut conn) = db::connect_to_read(url)? else {
        return Ok(RestoreTarget::Absent);
    };
    let Some(pending) = migrations::pending_migrations(&mut conn, url, source)? else {
        return Ok(RestoreTarget::Bare);
    };
    let is_empty = is_newsroom_empty(&mut conn).map_err(|error| format!("cannot read {url:?}: {error}"))?;
    Ok(RestoreTarget::Migrated { is_empty, pending })
}

/// Loads a backup into a scratch database and runs the later migrations there: the tables that it has rows of, and how
/// many rows each.
///
/// # Errors
/// When its rows do not fit its schema, or a migration fails on them.
pub fn rehearse_restore(backup: &RestorableBackup, source: &dyn SchemaSource) -> Result<Vec<(String, u64)>> {
    Ok(MigratedRows::load(backup, source)?.tables)
}
