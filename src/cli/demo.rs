//! `masthead demo`, and what `serve --demo` does first.

use super::{open, say};
use crate::auth::password::Passwords;
use crate::config::Config;
use crate::db::{Db, PoolSizes};
use crate::demo::{self, Filled};

pub(super) fn run(config: &Config) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let passwords = Passwords::strong().map_err(|error| error.to_string())?;
    fill(&db, &passwords)
}

/// Fills an empty database, is content with one that is the demo, refuses any other.
pub(super) fn fill(db: &Db, passwords: &Passwords) -> Result<(), String> {
    match demo::fill(db, passwords).map_err(|error| error.to_string())? {
        Filled::Now => say("The database was empty; it holds the demo newsroom « Le Fanal » now."),
        Filled::Before => {}
        Filled::Refused => {
            return Err("the database is not empty and not the demo: --demo leaves it alone. Name another one with --database-url".to_owned());
        }
    }
    Ok(())
}
