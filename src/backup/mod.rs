//! Backups: everything in one file that either database reads, and its way back.
//!
//! A backup is lines of JSON: a [`BackupHeader`], one line a row, and a trailer that counts and hashes what comes
//! before it ([`mod@file`]). Restoring one ([`mod@restore`]) puts the newsroom back to that moment, but for what must
//! not come back: what was taken down or erased since stays so, sessions end, what was scheduled is cancelled until
//! somebody schedules it again, and no line of the audit is lost.
//!
//! The schema may have gone on since: [`RestorableBackup`] knows which migrations the rows lack, and [`mod@scratch`]
//! runs them. [`rehearsal`] says what a restore would do.

pub mod file;
pub mod rehearsal;
mod restorable;
mod restore;
mod scratch;

pub use restorable::RestorableBackup;
pub use restore::{RestoreOutcome, restore};
use serde::{Deserialize, Serialize};

use crate::access::auth::store as users;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::dump::{self, TABLES};
use crate::base::db::{Conn, migrations};
use crate::base::error::{Error, Result};
use crate::site::takedowns::{self, LedgerLine};

/// The first line of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHeader {
    /// The form of the file.
    pub masthead_backup: u32,
    /// `sqlite` or `postgres`: rows are written as that database writes them.
    pub database: String,
    /// The last migration of the schema that its rows are of.
    pub migration: String,
    /// The moment whose state it holds.
    pub created_at: Time,
}

/// The form of the file that this binary writes and reads.
pub const BACKUP_FORMAT: u32 = 1;

impl BackupHeader {
    /// The header of a backup made now, of this database.
    pub fn of(conn: &mut Conn, is_sqlite: bool, now: Time) -> Result<Self> {
        Ok(Self {
            masthead_backup: BACKUP_FORMAT,
            database: if is_sqlite { "sqlite" } else { "postgres" }.to_owned(),
            migration: migrations::latest(conn)?,
            created_at: now,
        })
    }
}

/// Writes every row of one moment; how many, and the ledger of takedowns at that moment.
///
/// # Errors
/// The database's; what the file says.
pub fn write(conn: &mut Conn, header: &BackupHeader, to: &mut file::BackupWriter) -> Result<(u64, Vec<LedgerLine>)> {
    to.header(header)?;
    for table in TABLES.iter().filter(|table| table.held.is_in_backup()) {
        dump::read_table::<Error>(conn, table, |row| to.row(table.name, row))?;
    }
    Ok((to.count(), takedowns::ledger(conn)?))
}

/// Whether a database holds neither users nor articles: then a backup may fill it.
pub fn is_newsroom_empty(conn: &mut Conn) -> Result<bool> {
    Ok(users::is_empty(conn)? && articles::is_empty(conn)?)
}
