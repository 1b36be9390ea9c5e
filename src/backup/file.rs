//! The file: lines of JSON with a trailer, so that one that was cut short or changed is refused
//! before anything is touched.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::backup::{BACKUP_FORMAT, BackupHeader};
use crate::base::db::dump::BATCH;
use crate::base::error::{Error, Result};

#[derive(Serialize, Deserialize)]
struct BackupRow<'l> {
    table: &'l str,
    #[serde(borrow)]
    row: &'l RawValue,
}

#[derive(Serialize, Deserialize)]
struct BackupTrailer {
    rows: u64,
    sha256: String,
}

/// A backup being written: beside its place until it is whole.
pub struct BackupWriter {
    to: BufWriter<File>,
    path: PathBuf,
    partial: PathBuf,
    /// It has moved to its place.
    is_whole: bool,
    hash: Context,
    count: u64,
}

impl BackupWriter {
    /// Begins a file that is not there yet, readable by its owner alone.
    ///
    /// # Errors
    /// When the file is there already, or cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Err(Error::internal(format!("{} is there already", path.display())));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        Ok(Self {
            to: BufWriter::new(private_file(&partial)?),
            path: path.to_owned(),
            partial,
            is_whole: false,
            hash: Context::new(&SHA256),
            count: 0,
        })
    }

    pub(super) fn header(&mut self, header: &BackupHeader) -> Result<()> {
        let line = serde_json::to_string(header).map_err(Error::internal)?;
        self.line(&line)
    }

    pub(super) fn row(&mut self, table: &str, row: &str) -> Result<()> {
        self.count += 1;
        self.line(&format!("{{\"table\":\"{table}\",\"row\":{row}}}"))
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn line(&mut self, line: &str) -> Result<()> {
        for part in [line.as_bytes(), b"\n"] {
            self.hash.update(part);
            self.to
                .write_all(part)
                .map_err(|error| cannot_write(&self.partial, &error))?;
        }
        Ok(())
    }

    /// Ends the file, has it on the disk, and puts it in its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let trailer = BackupTrailer {
            rows: self.count,
            sha256: URL_SAFE_NO_PAD.encode(self.hash.clone().finish()),
        };
        let line = serde_json::to_string(&trailer).map_err(Error::internal)?;
        writeln!(self.to, "{line}")
            .and_then(|()| self.to.flush())
            .and_then(|()| self.to.get_ref().sync_all())
            .and_then(|()| std::fs::rename(&self.partial, &self.path))
            .map_err(|error| cannot_write(&self.partial, &error))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for BackupWriter {
    /// Half a backup is of no use to anybody, and may be what fills the disk.
    fn drop(&mut self) {
        if !self.is_whole
            && let Err(error) = std::fs::remove_file(&self.partial)
        {
            log::warn!("half a backup is left at {}: {error}", self.partial.display());
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("{}: {error}", path.display()))
}

/// A new file that its owner alone reads: a backup holds digests of passwords, and drafts.
///
/// # Errors
/// When it cannot be made.
pub fn private_file(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(path)
        .map_err(|error| Error::internal(format!("{}: {error}", path.display())))
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    Ok(BufReader::new(file))
}

fn header(line: &str) -> Result<BackupHeader> {
    let header: BackupHeader =
        serde_json::from_str(line).map_err(|_| Error::internal("this is no backup: its first line is no header"))?;
    if header.masthead_backup == BACKUP_FORMAT {
        Ok(header)
    } else {
        let form = header.masthead_backup;
        Err(Error::internal(format!(
            "a backup of the form {form} is not known here"
        )))
    }
}

/// Reads a whole backup through and checks it against its trailer.
///
/// # Errors
/// When it is no backup, was cut short, or was changed.
pub fn check(path: &Path) -> Result<BackupHeader> {
    let mut lines = open(path)?;
    let (mut hash, mut count, mut line) = (Context::new(&SHA256), 0_u64, String::new());
    lines.read_line(&mut line).map_err(Error::internal)?;
    let header = header(&line)?;
    loop {
        hash.update(line.as_bytes());
        line.clear();
        if lines.read_line(&mut line).map_err(Error::internal)? == 0 {
            return Err(Error::internal("the backup was cut short: it has no trailer"));
        }
        if let Ok(trailer) = serde_json::from_str::<BackupTrailer>(&line) {
            let is_whole = trailer.rows == count && trailer.sha256 == URL_SAFE_NO_PAD.encode(hash.finish());
            return if is_whole {
                Ok(header)
            } else {
                Err(Error::internal("the backup was changed: it does not match its trailer"))
            };
        }
        count += 1;
    }
}

/// Hands on the rows of a checked backup with the name of their table, up to [`BATCH`] rows of one table at once; how
/// many there are.
///
/// # Errors
/// When the file has changed since; what `each` returns.
pub(super) fn read_batches(path: &Path, mut each: impl FnMut(&str, &[String]) -> Result<()>) -> Result<u64> {
    let mut lines = open(path)?;
    let mut line = String::new();
    lines.read_line(&mut line).map_err(Error::internal)?;
    let (mut count, mut table, mut batch) = (0, String::new(), Vec::new());
    loop {
        line.clear();
        lines.read_line(&mut line).map_err(Error::internal)?;
        let is_over = serde_json::from_str::<BackupTrailer>(&line).is_ok();
        let row: Option<BackupRow<'_>> = if is_over {
            None
        } else {
            Some(serde_json::from_str(&line).map_err(Error::internal)?)
        };
        let goes_on = row.as_ref().is_some_and(|row| row.table == table) && batch.len() < BATCH;
        if !goes_on && !batch.is_empty() {
            each(&table, &batch)?;
            batch.clear();
        }
        let Some(row) = row else { return Ok(count) };
        row.table.clone_into(&mut table);
        batch.push(row.row.get().to_owned());
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_backup_goes_with_its_writer_and_a_whole_one_stays() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("b.json");
        let left = || std::fs::read_dir(dir.path()).unwrap().count();
        let mut writer = BackupWriter::create(&path).unwrap();
        writer.row("users", "{}").unwrap();
        assert_eq!(left(), 1);
        drop(writer);
        assert_eq!(left(), 0);
        BackupWriter::create(&path).unwrap().finish().unwrap();
        assert!(path.exists());
        assert_eq!(left(), 1);
    }
}
