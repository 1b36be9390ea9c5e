//! `masthead keys`: the keys that sign access tokens.

use clap::Subcommand;

use super::{open, say};
use crate::audit::{self, Act, TargetKind, Via, Who};
use crate::auth::token;
use crate::config::Config;
use crate::db::PoolSizes;

#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Make a new signing key. It signs in ten minutes; tokens of the old one stay good until then and beyond.
    Rotate,
}

pub(super) fn run(config: &Config, command: &KeysCommand) -> Result<(), String> {
    let KeysCommand::Rotate = command;
    let secrets = config.secrets()?;
    let db = open(config, PoolSizes::default())?;
    let now = db.clock().now();
    let rotated = db.write_blocking(move |conn| {
        let act = Act::at_large("server.rotate_keys", TargetKind::Server);
        audit::record(conn, Who::server(Via::Command, None), act, now)?;
        token::rotate(conn, &secrets, now)
    });
    let signs_from = rotated.map_err(|error| error.to_string())?;
    say(format_args!("a new key was made; it signs from {signs_from}"));
    Ok(())
}
