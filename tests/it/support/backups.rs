//! Backups, written and restored as the commands do.
//!
//! ```ignore
//! let ledger = back_up(&app, &path);
//! restore(&app, &path, &ledger).unwrap();
//! ```

use std::path::Path;

use masthead::backup::{self, BackupHeader, RestorableBackup, RestoreOutcome, file};
use masthead::base::db::migrations::BinarySchema;
use masthead::base::error::Result;
use masthead::published::reindex;
use masthead::site::takedowns::LedgerLine;

use super::app::TestApp;

/// Writes a backup; the ledger that it holds.
pub fn back_up(app: &TestApp, path: &Path) -> Vec<LedgerLine> {
    let mut writer = file::BackupWriter::create(path).unwrap();
    let now = app.now();
    let (_, ledger) = app
        .db()
        .read_blocking(|conn| {
            let header = BackupHeader::of(conn, app.db().is_sqlite(), now)?;
            backup::write(conn, &header, &mut writer)
        })
        .unwrap();
    writer.finish().unwrap();
    ledger
}

/// Restores a backup over what is there.
pub fn restore(app: &TestApp, path: &Path, ledger: &[LedgerLine]) -> Result<RestoreOutcome> {
    let (now, ledger) = (app.now(), ledger.to_vec());
    let backup = RestorableBackup::open(path, app.database_url(), &BinarySchema)?;
    let restored = app
        .db()
        .write_blocking(move |conn| backup::restore(conn, &backup, &BinarySchema, &ledger, now))?;
    // As the command does.
    catch_up(app);
    Ok(restored)
}

/// Writes what the indexes lack, as the worker does.
pub fn catch_up(app: &TestApp) {
    for next in [reindex::index_next, reindex::index_next_for_desk] {
        while app.db().write_blocking(next).unwrap() > 0 {}
    }
}
