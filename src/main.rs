//! The binary: reads `.env` and the command line, starts the log, runs a command.

use std::process::ExitCode;

use clap::Parser;
use masthead::cli::{Cli, logger, run};

fn main() -> ExitCode {
    // A missing .env is no error; where it cannot be read, the settings that are missing then are reported.
    let _loaded = dotenvy::dotenv();
    let cli = Cli::parse();
    logger(env_logger::Env::default().default_filter_or("info,actix_server=warn")).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            log::error!("{reason}");
            ExitCode::FAILURE
        }
    }
}
