//! The commands, one file each.

mod backup;
mod demo;
mod import;
mod keys;
mod logging;
mod maintenance;
mod openapi;
mod serve;
mod stopping;
mod user;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::base::clock::Clock;
use crate::base::db::{Db, PoolSizes, connect_to_read, dialect, migrations, statistics};
use crate::base::error::{Error, Language};
use crate::config::{Config, ServeConfig};

/// A headless newsroom CMS: one binary with a JSON API.
#[derive(Parser, Debug)]
#[command(name = "masthead", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Migrate the database and answer requests.
    Serve {
        /// Fill an empty database with a small French newsroom, and serve that.
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        config: Box<ServeConfig>,
    },
    /// Fill an empty database with a small French newsroom, and add as many articles as a trial needs.
    Demo(demo::DemoCommand),
    /// Bring the database up to this binary's schema.
    Migrate,
    /// Rebuild the published copies of all live articles, from what was published.
    Repress,
    /// Rebuild the search indexes, for readers and for the desk.
    Reindex,
    /// Write the whole newsroom, as it is at one moment, into a file.
    Backup(backup::BackupCommand),
    /// Put a newsroom back to the moment of a backup; what was taken down since stays down.
    Restore(backup::RestoreCommand),
    /// Make users, and give them passwords.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Change the keys that sign access tokens, or those that hash who comments.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Import a site from elsewhere: articles, comments, redirects.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write the OpenAPI documents.
    Openapi(openapi::OpenapiCommand),
    /// Ask a running server whether it is ready: exit code 0 if it is.
    Healthcheck(maintenance::HealthcheckCommand),
}

/// Runs the command of these arguments, as the process that it is. What goes wrong is one sentence on the standard error.
pub fn main(cli: Cli) -> ExitCode {
    let log = match logging::start(cli.config.log_format) {
        Ok(log) => log,
        Err(error) => return failed(&format!("cannot start the log: {error}")),
    };
    let result = run(cli);
    log.finish();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => failed(&reason),
    }
}

fn failed(reason: &str) -> ExitCode {
    tell(format_args!("masthead: {reason}"));
    ExitCode::FAILURE
}

fn run(cli: Cli) -> Result<(), String> {
    let config = &cli.config;
    match cli.command {
        Command::Serve {
            demo,
            config: serve_config,
        } => serve::run(config, &serve_config, demo),
        Command::Demo(command) => demo::run(config, &command),
        Command::Migrate => maintenance::migrate(config),
        Command::Repress => maintenance::repress(config),
        Command::Reindex => maintenance::reindex(config),
        Command::Backup(command) => backup::back_up(config, &command),
        Command::Restore(command) => backup::restore(config, command),
        Command::User(command) => user::run(config, command),
        Command::Keys(command) => keys::run(config, &command),
        Command::Import(command) => import::run(config, &command),
        Command::Openapi(command) => openapi::run(&command),
        Command::Healthcheck(command) => maintenance::healthcheck(&command),
    }
}

/// Runs what writes tens of thousands of rows.
fn writing_much<T>(db: &Db, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let told = |error: Error| error.to_string();
    db.write_blocking(|conn| Ok(dialect::expect_many_writes(conn)?))
        .map_err(told)?;
    let result = work();
    db.write_blocking(|conn| Ok(dialect::end_many_writes(conn)?))
        .map_err(told)?;
    if let Err(reason) = db.settle() {
        log::warn!("{reason}");
    }
    result
}

/// Opens the database, brought up to this binary's schema, for a command that may make one, and says which one it is.
fn open_or_make(config: &Config, sizes: PoolSizes) -> Result<Db, String> {
    name_database(config);
    open_migrated(config, sizes)
}

/// Says which database a command works on.
fn name_database(config: &Config) {
    tell(format_args!("database: {}", config.database_url.in_full()));
}

/// Opens the database, brought up to this binary's schema.
fn open_migrated(config: &Config, sizes: PoolSizes) -> Result<Db, String> {
    let url = &config.database_url;
    let ran = migrations::run(url)?;
    if ran > 0 {
        log::info!("{}: {ran} migrations ran", url.in_full());
    }
    Db::open(url, sizes, Clock::system())
}

/// The same, for a command that works on what is there: a file of this name, or an empty database, is made by mistake.
fn open(config: &Config, sizes: PoolSizes) -> Result<Db, String> {
    let url = &config.database_url;
    let has_newsroom = match connect_to_read(url)? {
        Some(mut conn) => migrations::pending_migrations(&mut conn, url, &migrations::BinarySchema)?.is_some(),
        None => false,
    };
    if !has_newsroom {
        return Err(format!(
            "there is no newsroom in {}. Name the right one with --database-url, or make a new one with \
             `masthead migrate`",
            url.in_full()
        ));
    }
    open_or_make(config, sizes)
}

/// Gathers what the database knows about its rows, after a command has added many.
fn gather_statistics(db: &Db) {
    if let Err(error) = statistics::gather(db) {
        log::warn!("what the database knows about its rows was not gathered: {error}");
    }
}

/// Says on the standard error what is no result of a command.
fn tell(text: impl std::fmt::Display) {
    // Where nobody can be told, nothing is lost but this line.
    let _told = writeln!(std::io::stderr(), "{text}");
}

/// What is wrong with the options of a command, each by its name.
fn refused_options(error: &Error) -> String {
    let said = error.errors().iter().map(|error| {
        let option = error.pointer.trim_start_matches('/').replace('_', "-");
        let message = error.message(Language::English);
        format!("--{option}: {message}")
    });
    match said.collect::<Vec<_>>().join("\n") {
        said if said.is_empty() => error.to_string(),
        said => said,
    }
}

/// Says something to the person at the terminal.
fn print_line(text: impl std::fmt::Display) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        log::warn!("the standard output does not take what it is told: {error}");
    }
}
