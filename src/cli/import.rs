//! `masthead import`: brings a site over.

use clap::Subcommand;

use crate::config::Config;

#[derive(Subcommand, Debug)]
pub(super) enum ImportCommand {}

pub(super) fn run(_: &Config, command: &ImportCommand) -> Result<(), String> {
    match *command {}
}
