//! Writes that wait their turn: an import runs beside a server, and gives way.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};

/// Tries of one transaction, each after a longer pause.
const MAX_TRIES: u32 = 6;

/// Runs a transaction, again where the database was busy or another writer took a name in the same moment.
pub(super) fn write_with_retries<T, F>(db: &Db, work: F) -> Result<T>
where
    T: Send + 'static,
    F: Fn(&mut Conn) -> Result<T> + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let mut attempt = 1;
    loop {
        let again = work.clone();
        match db.write_blocking(move |conn| again(conn)) {
            Err(error) if attempt < MAX_TRIES && is_transient(&error) => {
                log::warn!("a transaction is tried again: {error}");
                sleep(Duration::from_millis(100) * attempt * attempt);
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn is_transient(error: &Error) -> bool {
    matches!(error.code().status(), 409 | 422 | 503)
}

/// An error as a sentence for the operator.
pub(super) fn error_text(error: Error) -> String {
    error.to_string()
}
