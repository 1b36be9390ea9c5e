//! `masthead keys`: the keys that sign access tokens, and those that hash who comments.

use clap::Subcommand;

use super::open;
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::access::auth::token;
use crate::base::db::PoolSizes;
use crate::cli::print_line;
use crate::comments::privacy::key_rotation as hash_keys;
use crate::config::Config;

#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Make a new signing key. It signs in ten minutes; tokens of the old one stay good until then and beyond.
    Rotate,
    /// Make a new key for the hashes of e-mail addresses and networks. The one before goes on comparing for 400
    /// days, so that sanctions hold; what was hashed under it is then forgotten.
    RotateHashes,
}

pub(super) fn run(config: &Config, command: &KeysCommand) -> Result<(), String> {
    match command {
        KeysCommand::Rotate => rotate(config),
        KeysCommand::RotateHashes => rotate_hashes(config),
    }
}

fn rotate_hashes(config: &Config) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let now = db.clock().now();
    let rotated = db.write_blocking(move |conn| {
        let number = hash_keys::rotate(conn, now)?;
        let act = AuditEvent::without_target("server.rotate_hash_keys", TargetKind::Server).detail("number", number);
        audit::record(conn, Who::server(Via::Command, None), act, now)?;
        Ok(number)
    });
    let number = rotated.map_err(|error| error.to_string())?;
    print_line(format_args!(
        "key {number} hashes from now on; the one before goes on comparing"
    ));
    Ok(())
}

fn rotate(config: &Config) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let secrets = config.secrets()?;
    let now = db.clock().now();
    let rotated = db.write_blocking(move |conn| {
        let act = AuditEvent::without_target("server.rotate_keys", TargetKind::Server);
        audit::record(conn, Who::server(Via::Command, None), act, now)?;
        token::rotate(conn, &secrets, now)
    });
    let signs_from = rotated.map_err(|error| error.to_string())?;
    print_line(format_args!("a new key was made; it signs from {signs_from}"));
    Ok(())
}
