//! The commands, one file each.

mod backup;
mod demo;
mod import;
mod keys;
mod maintenance;
mod openapi;
mod serve;
mod user;

use clap::{Parser, Subcommand};

use crate::base::clock::Clock;
use crate::base::db::{Db, PoolSizes, migrations};
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
    /// Press every live article anew.
    Repress,
    /// Write the indexes of search anew.
    Reindex,
    /// Write everything of one moment into a file.
    Backup(backup::BackupCommand),
    /// Put a newsroom back to the moment of a backup; what was taken down since stays down.
    Restore(backup::RestoreCommand),
    /// Make users, and give them passwords.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Keep the keys that sign access tokens, and those that hash who comments.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Bring a site over from elsewhere.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write the OpenAPI documents.
    Openapi(openapi::OpenapiCommand),
    /// Ask a running server whether it is ready: exit code 0 if it is.
    Healthcheck(maintenance::HealthcheckCommand),
}

/// Runs the command of these arguments.
///
/// # Errors
/// One sentence for the operator.
pub fn run(cli: Cli) -> Result<(), String> {
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

/// The log, as the environment asks for it. Two modules stay silent whatever it asks: there the HTTP client writes
/// down every byte that it sends, a provider's secret among them, and the HTML parser every text that it reads,
/// which would outlive what is taken down.
pub fn logger<'a>(env: impl Into<env_logger::Env<'a>>) -> env_logger::Builder {
    let mut builder = env_logger::Builder::from_env(env);
    builder.filter_module("ureq_proto::util", log::LevelFilter::Off);
    builder.filter_module("html5ever", log::LevelFilter::Warn);
    builder
}

/// Migrates and opens the database for a command.
fn open(config: &Config, sizes: PoolSizes) -> Result<Db, String> {
    let ran = migrations::run(&config.database_url)?;
    if ran > 0 {
        log::info!("{:?}: {ran} migrations ran", config.database_url);
    }
    Db::open(&config.database_url, sizes, Clock::system())
}

/// Says something to the person at the terminal.
#[expect(clippy::print_stdout, reason = "the one place where commands speak to the terminal")]
fn print_line(text: impl std::fmt::Display) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use log::{Level, Log, Metadata};

    use super::*;

    #[test]
    fn the_bytes_that_are_sent_to_a_provider_are_never_logged() {
        for asked in [
            "trace",
            "ureq_proto=trace",
            "ureq_proto::util=trace",
            "trace,ureq_proto::util=trace",
        ] {
            let log = logger(env_logger::Env::new().filter_or("NO_SUCH_VARIABLE", asked)).build();
            let hears = |target| log.enabled(&Metadata::builder().level(Level::Trace).target(target).build());
            assert!(!hears("ureq_proto::util"), "{asked}");
        }
        let log = logger(env_logger::Env::new().filter_or("NO_SUCH_VARIABLE", "trace")).build();
        assert!(
            log.enabled(
                &Metadata::builder()
                    .level(Level::Trace)
                    .target("ureq_proto::client")
                    .build()
            )
        );
    }
}
