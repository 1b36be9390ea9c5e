//! `masthead backup` and `masthead restore`.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{gather_statistics, maintenance, name_database, open, open_migrated};
use crate::backup::rehearsal::{self, RestoreTarget};
use crate::backup::{self, BackupHeader, RestorableBackup, file};
use crate::base::db::PoolSizes;
use crate::base::db::migrations::{BinarySchema, MigrationLabel};
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
    /// The backup: of this kind of database, made by this release or an earlier one.
    file: PathBuf,
    /// Replace what the database holds. Without it only an empty database is filled.
    #[arg(long)]
    replace: bool,
    /// A ledger of takedowns from after the backup, as `backup` writes one: what is in it stays down. The ledger of
    /// the database itself always counts.
    #[arg(long, value_name = "FILE")]
    takedowns: Vec<PathBuf>,
    /// Check everything and say what would be done; write nothing.
    #[arg(long)]
    dry_run: bool,
}

const HOLDS_A_NEWSROOM: &str = "the database holds a newsroom already; stop every server on it and say --replace";

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
    let backup = RestorableBackup::open(&command.file, &config.database_url, &BinarySchema).map_err(text)?;
    name_database(config);
    if command.dry_run {
        return say_what_would_be_done(config, &command, &backup, &ledger);
    }
    let made_at = backup.header.created_at;
    let db = open_migrated(config, PoolSizes::default())?;
    if !command.replace && !db.read_blocking(backup::is_newsroom_empty).map_err(text)? {
        return Err(HOLDS_A_NEWSROOM.to_owned());
    }
    let now = db.clock().now();
    let restored = db
        .write_blocking(move |conn| backup::restore(conn, &backup, &BinarySchema, &ledger, now))
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
    gather_statistics(&db);
    print_line(
        "Every session has ended. What was scheduled is cancelled: the schedule lists it as such, to be scheduled anew.",
    );
    Ok(())
}

/// Says what a restore would do, and ends as it would.
fn say_what_would_be_done(
    config: &Config,
    command: &RestoreCommand,
    backup: &RestorableBackup,
    ledger: &[LedgerLine],
) -> Result<(), String> {
    let url = &config.database_url;
    let target = rehearsal::look_at_target(url, &BinarySchema)?;
    let tables = rehearsal::rehearse_restore(backup, &BinarySchema).map_err(text)?;
    let header = &backup.header;
    print_line(format_args!(
        "{}: a backup of {}, made at {} under migration {}",
        command.file.display(),
        header.database,
        header.created_at,
        header.migration
    ));
    let rows: u64 = tables.iter().map(|(_, count)| count).sum();
    print_line(format_args!("{rows} rows would be loaded:"));
    for (table, count) in &tables {
        print_line(format_args!("{count:>10} {table}"));
    }
    print_line(format_args!("after them would run: {}", joined_names(&backup.later)));
    print_line(format_args!(
        "{} lines of other ledgers would be held against them",
        ledger.len()
    ));
    print_line(format_args!("{url:?} {}", state_of_target(&target, command.replace)));
    print_line("Nothing was written.");
    match target {
        RestoreTarget::Migrated { is_empty: false, .. } if !command.replace => Err(HOLDS_A_NEWSROOM.to_owned()),
        _ => Ok(()),
    }
}

fn joined_names(migrations: &[MigrationLabel]) -> String {
    if migrations.is_empty() {
        return "no migration".to_owned();
    }
    let names: Vec<&str> = migrations.iter().map(|label| label.name.as_str()).collect();
    format!("migrations {}", names.join(", "))
}

fn state_of_target(target: &RestoreTarget, replace: bool) -> String {
    match target {
        RestoreTarget::Absent => "is not there yet and would be made".to_owned(),
        RestoreTarget::Bare => "is empty and would be migrated first".to_owned(),
        RestoreTarget::Migrated { is_empty, pending } => {
            let content = match (*is_empty, replace) {
                (true, _) => "is empty",
                (false, true) => "holds a newsroom, which would be replaced",
                (false, false) => "holds a newsroom",
            };
            format!("{content}; on it would run first: {}", joined_names(pending))
        }
    }
}
