//! The demo.
use crate::auth::password::Passwords;
use crate::config::Config;
use crate::db::Db;

pub(super) fn run(_config: &Config) -> Result<(), String> {
    Ok(())
}
/// Fills.
///
/// # Errors
/// None.
pub fn fill(_db: &Db, _passwords: &Passwords) -> Result<(), String> {
    Ok(())
}
