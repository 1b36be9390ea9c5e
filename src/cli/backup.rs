//! `masthead backup` and `masthead restore`.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{maintenance, open};
use crate::access::auth::store;
use crate::articles::store as articles;
use crate::backup::{self, BackupHeader, file};
use crate::base::db::{Db, PoolSizes};
use crate::base::error::Error;
use crate::cli::print_line;
use crate::config::Config;
use crate::site::takedowns::LedgerLine;

/// Where the backup goes.
#[derive(Args, Debug)]
pub(super) struct BackupCommand {
    /// The file to write; it must not be there yet. Beside it the ledger of takedowns is written, as
    /// FILE.takedowns.
    file: PathBuf,
}

/// Which backup is restored.
#[derive(Args, Debug)]
pub(super) struct RestoreCommand {
    /// The backup.
    file: PathBuf,
    /// Replace what the database holds. Without it only an empty database is filled.
    #[arg(long)]
    replace: bool,
    /// A ledger of takedowns from after the backup, as `backup` writes one: what stands in it stays
    /// down. The ledger of the database itself always counts.
    #[arg(long, value_name = "FILE")]
    takedowns: Vec<PathBuf>,
}

fn text(error: Error) -> String {
    error.cause().map_or_else(|| error.to_string(), str::to_owned)
}

pub(super) fn back_up(config: &Config, command: &BackupCommand) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let mut writer = file::BackupWriter::create(&command.file).map_err(text)?;
    let now = db.clock().now();
    let (rows, ledger) = db
        .read_blocking(|conn| {
            let header = BackupHeader::of(conn, db.is_sqlite(), now)?;
            backup::write(conn, &header, &mut writer)
        })
        .map_err(text)?;
    writer.finish().map_err(text)?;
    let beside = ledger_path(&command.file);
    write_ledger(&beside, &ledger).map_err(text)?;
    print_line(format_args!("{rows} rows in {}", command.file.display()));
    print_line(format_args!("{} takedowns in {}", ledger.len(), beside.display()));
    Ok(())
}

fn ledger_path(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".takedowns");
    beside.into()
}

fn write_ledger(path: &Path, ledger: &[LedgerLine]) -> crate::base::error::Result<()> {
    let mut to = BufWriter::new(file::private_file(path)?);
    for line in ledger {
        let json = serde_json::to_string(line).map_err(Error::internal)?;
        writeln!(to, "{json}").map_err(Error::internal)?;
    }
    to.flush().map_err(Error::internal)
}

fn read_ledger(path: &Path) -> Result<Vec<LedgerLine>, String> {
    let place = path.display();
    let file = std::fs::File::open(path).map_err(|error| format!("{place}: {error}"))?;
    let lines = BufReader::new(file).lines().enumerate();
    let read = |(index, line): (usize, std::io::Result<String>)| {
        let line = line.map_err(|error| format!("{place}: {error}"))?;
        serde_json::from_str(&line).map_err(|error| format!("{place}, line {}: {error}", index + 1))
    };
    lines.map(read).collect()
}

pub(super) fn restore(config: &Config, command: RestoreCommand) -> Result<(), String> {
    let ledgers: Result<Vec<Vec<LedgerLine>>, String> =
        command.takedowns.iter().map(|path| read_ledger(path)).collect();
    let ledger = ledgers?.concat();
    let made_at = file::check(&command.file).map_err(text)?.created_at;
    let db = open(config, PoolSizes::default())?;
    if !command.replace && !is_empty(&db)? {
        let sentence = "the database holds a newsroom already; stop every server on it and say --replace";
        return Err(sentence.to_owned());
    }
    let (now, is_sqlite, path) = (db.clock().now(), db.is_sqlite(), command.file);
    let restored = db
        .write_blocking(move |conn| {
            let here = BackupHeader::of(conn, is_sqlite, now)?;
            backup::restore(conn, &path, &here, &ledger, now)
        })
        .map_err(text)?;
    print_line(format_args!("{} rows restored, as of {made_at}", restored.rows));
    print_line(format_args!(
        "{} articles taken down since are down again",
        restored.replayed
    ));
    print_line(format_args!(
        "{} comments erased since are erased again",
        restored.erased
    ));
    // Readers are answered meanwhile; what is not indexed yet is not found yet.
    let (live, copies) = maintenance::write_indexes(&db)?;
    print_line(format_args!(
        "{live} live articles and {copies} working copies indexed for search"
    ));
    print_line(
        "Every session has ended. What was scheduled is cancelled: the agenda lists it as such, to be scheduled anew.",
    );
    Ok(())
}

fn is_empty(db: &Db) -> Result<bool, String> {
    db.read_blocking(|conn| Ok(store::is_empty(conn)? && articles::is_empty(conn)?))
        .map_err(text)
}
