//! The binary: reads `.env` and the command line, starts the log, runs a command.

use std::process::ExitCode;

use clap::Parser;
use masthead::cli::{self, Cli};

fn main() -> ExitCode {
    // A missing .env is no error; where it cannot be read, the settings that are missing then are reported.
    let _loaded = dotenvy::dotenv();
    cli::main(Cli::parse())
}
