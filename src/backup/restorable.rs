//! Whether a backup can be restored here: it is whole, of this kind of database, and of a schema that is known.

use std::path::{Path, PathBuf};

use super::{BackupHeader, file};
use crate::base::db::DatabaseUrl;
use crate::base::db::migrations::{self, MigrationLabel, SchemaSource};
use crate::base::error::{Error, Result};

/// A backup that is whole and can be restored into a database of this kind.
#[derive(Clone, Debug)]
pub struct RestorableBackup {
    pub(super) path: PathBuf,
    pub(super) url: DatabaseUrl,
    /// Its first line.
    pub header: BackupHeader,
    /// The migrations that its rows lack: they run once these are loaded.
    pub later: Vec<MigrationLabel>,
}

impl RestorableBackup {
    /// Reads a backup through, without a look at the database.
    ///
    /// # Errors
    /// When it is not whole, of another kind of database, or of a schema that `source` does not make.
    pub fn open(path: &Path, url: &DatabaseUrl, source: &dyn SchemaSource) -> Result<Self> {
        let header = file::check(path)?;
        let here = match url {
            DatabaseUrl::Sqlite(_) => "sqlite",
            DatabaseUrl::Postgres(_) => "postgres",
        };
        let theirs = &header.database;
        if theirs != here {
            let text = format!("this is a backup of {theirs}; it cannot be restored on {here}");
            return Err(Error::internal(text));
        }
        let known = migrations::known_migrations(url, source).map_err(Error::internal)?;
        check_schema_is_known(&header.migration, &known)?;
        let later = known.into_iter().filter(|label| label.version > header.migration);
        Ok(Self {
            path: path.to_owned(),
            url: url.clone(),
            later: later.collect(),
            header,
        })
    }
}

fn check_schema_is_known(version: &str, known: &[MigrationLabel]) -> Result<()> {
    if known.iter().any(|label| label.version == version) {
        return Ok(());
    }
    let is_earlier = known.first().is_some_and(|first| version < first.version.as_str());
    Err(Error::internal(if is_earlier {
        format!("the backup was made by an earlier development version, of migration {version}, and cannot be restored")
    } else {
        format!(
            "the backup is newer than this binary: it was made under migration {version}, which this binary does not \
             know. Restore it with the release that made it, or a later one"
        )
    }))
}
