//! How rows of an earlier schema become rows of today's: they are loaded into an empty database that nobody else sees,
//! made by the migrations up to their own, and the later ones run on them there.

use super::{RestorableBackup, file};
use crate::base::db::dump::{self, BATCH, BackupTable, TABLES};
use crate::base::db::migrations::{self, SchemaSource};
use crate::base::db::{self, Conn};
use crate::base::error::{Error, Result};

/// A scratch database that holds a backup's rows, in the schema of `source`.
pub(super) struct MigratedRows {
    scratch: Conn,
    /// How many rows the backup has.
    pub(super) count: u64,
    /// The tables of the backup, in its order, with the number of their rows.
    pub(super) tables: Vec<(String, u64)>,
}

impl MigratedRows {
    /// Loads a backup into a scratch database and migrates it there.
    ///
    /// # Errors
    /// When the rows do not fit the schema that the backup names, or a migration fails on them.
    pub(super) fn load(backup: &RestorableBackup, source: &dyn SchemaSource) -> Result<Self> {
        let mut scratch = db::open_scratch(&backup.url).map_err(Error::internal)?;
        let conn = &mut scratch;
        migrations::run_pending(conn, source, Some(&backup.header.migration)).map_err(Error::internal)?;
        dump::prepare_writing(conn)?;
        let known = dump::table_names(conn)?;
        // A row that a migration adds to an empty database is in the backup, or was deleted before it.
        dump::empty_all(conn, &known)?;
        let mut tables: Vec<(String, u64)> = Vec::new();
        let count = file::read_batches(&backup.path, |name, rows| {
            if !known.iter().any(|known| known == name) {
                return Err(Error::internal(format!(
                    "the backup has a table {name}, which its schema has not"
                )));
            }
            dump::write_rows_of_any_schema(conn, name, rows)?;
            let more = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            match tables.last_mut() {
                Some((last, count)) if last == name => *count += more,
                _ => tables.push((name.to_owned(), more)),
            }
            Ok(())
        })?;
        migrations::run_pending(conn, source, None).map_err(Error::internal)?;
        Ok(Self { scratch, count, tables })
    }

    /// Writes the rows into the tables of the newsroom, which have the same schema.
    pub(super) fn copy_to(&mut self, conn: &mut Conn) -> Result<()> {
        for table in TABLES.iter().filter(|table| table.held.is_in_backup()) {
            copy_table(&mut self.scratch, conn, table)?;
        }
        Ok(())
    }
}

fn copy_table(from: &mut Conn, to: &mut Conn, table: &BackupTable) -> Result<()> {
    let mut batch: Vec<String> = Vec::new();
    dump::read_table::<Error>(from, table, |row| {
        batch.push(row.to_owned());
        if batch.len() == BATCH {
            dump::write_rows(to, table, &batch)?;
            batch.clear();
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        dump::write_rows(to, table, &batch)?;
    }
    Ok(())
}
