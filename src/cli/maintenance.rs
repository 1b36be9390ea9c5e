//! `masthead migrate`, `repress`, `reindex` and `healthcheck`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::open;
use crate::base::db::{Conn, Db, PoolSizes, migrations};
use crate::cli::print_line;
use crate::config::Config;
use crate::published::{reindex, repress};

pub(super) fn migrate(config: &Config) -> Result<(), String> {
    let ran = migrations::run(&config.database_url)?;
    print_line(format_args!("{}: {ran} migrations ran", config.database_url.in_full()));
    Ok(())
}

pub(super) fn repress(config: &Config) -> Result<(), String> {
    let text = |error: crate::base::error::Error| error.to_string();
    let db = open(config, PoolSizes::default())?;
    let total = db.write_blocking(repress::outdate_all).map_err(text)?;
    let mut pressed = 0;
    loop {
        let chunk = db.write_blocking(repress::repress_outdated).map_err(text)?;
        if chunk == 0 {
            break;
        }
        pressed += chunk;
        log::info!("{pressed} of {total} articles pressed");
    }
    print_line(format_args!("{pressed} published copies rebuilt"));
    Ok(())
}

pub(super) fn reindex(config: &Config) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    db.write_blocking(reindex::start_over)
        .map_err(|error| error.to_string())?;
    let (live, copies) = write_indexes(&db)?;
    print_line(format_args!(
        "search indexes rebuilt: {live} live articles, {copies} working copies"
    ));
    Ok(())
}

/// Writes what the indexes of search lack: how many live articles, and how many working copies.
pub(super) fn write_indexes(db: &Db) -> Result<(usize, usize), String> {
    let all = |what: &str, next: fn(&mut Conn) -> crate::base::error::Result<usize>| {
        let mut written = 0;
        loop {
            let chunk = db.write_blocking(next).map_err(|error| error.to_string())?;
            if chunk == 0 {
                return Ok::<usize, String>(written);
            }
            written += chunk;
            log::info!("{written} {what} indexed");
        }
    };
    Ok((
        all("live articles", reindex::index_next)?,
        all("working copies", reindex::index_next_for_desk)?,
    ))
}

/// Whom to ask.
#[derive(Args, Debug)]
pub(super) struct HealthcheckCommand {
    /// The address of the server.
    #[arg(long, env = "MASTHEAD_BIND", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
}

pub(super) fn healthcheck(command: &HealthcheckCommand) -> Result<(), String> {
    let mut address = command.bind;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let failed = |error: std::io::Error| format!("{address}: {error}");
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience).map_err(failed)?;
    stream.set_read_timeout(Some(patience)).map_err(failed)?;
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .map_err(failed)?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).map_err(failed)?;
    if head.ends_with(b"200") {
        Ok(())
    } else {
        Err(format!("{address} is not ready"))
    }
}
