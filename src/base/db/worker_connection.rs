//! A read-only connection to SQLite for each worker: a short read on it costs half of one on another thread.

use std::cell::RefCell;

use super::{Conn, DatabaseUrl, pool};
use crate::base::error::{Code, Error, Result};

thread_local! {
    /// Of the database that this thread read last.
    static CONNECTION: RefCell<Option<(DatabaseUrl, Conn)>> = const { RefCell::new(None) };
}

/// Runs `work` on this thread's connection to a database. One on which it fails for the database's sake is not used again.
pub(super) fn with<T>(url: &DatabaseUrl, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let kept = CONNECTION.take().filter(|(of, _)| of == url);
    let (url, mut conn) = match kept {
        Some(kept) => kept,
        None => (url.clone(), pool::connect_reader(url).map_err(Error::unavailable)?),
    };
    let result = work(&mut conn);
    let has_failed = |error: &Error| matches!(error.code(), Code::Internal | Code::Unavailable);
    if !result.as_ref().is_err_and(has_failed) {
        CONNECTION.set(Some((url, conn)));
    }
    result
}
