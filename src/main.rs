//! The binary: reads `.env` and the command line, starts the log, runs a command.

use std::process::ExitCode;

use clap::Parser;
use masthead::cli::{Cli, run};

fn main() -> ExitCode {
    // A missing .env is no error; one that cannot be read says so when a setting is missed.
    let _loaded = dotenvy::dotenv();
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info,actix_server=warn"))
        // At `debug` it logs every text that it parses: what is taken down would stay in the log.
        .filter_module("html5ever", log::LevelFilter::Warn)
        .init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            log::error!("{reason}");
            ExitCode::FAILURE
        }
    }
}
