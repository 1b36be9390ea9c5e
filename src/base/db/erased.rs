//! Work whose types are forgotten, so that what carries it (hops, queues, retries) is compiled once and not for each of
//! hundreds of use cases.

use std::any::Any;

use super::Conn;
use crate::base::error::{Error, Result};

/// What some work returned.
pub(super) type Erased = Box<dyn Any + Send>;
/// Work that reads.
pub(super) type ErasedRead = Box<dyn FnOnce(&mut Conn) -> Result<Erased> + Send>;
/// Work that writes, and may have to run again.
pub(super) type ErasedWrite = Box<dyn RepeatableWork>;
/// Work that reads what other work has written.
pub(super) type ErasedShow = Box<dyn FnOnce(&mut Conn, Erased) -> Result<Erased> + Send>;

/// Forgets the type.
pub(super) fn pack(value: impl Send + 'static) -> Erased {
    Box::new(value)
}

/// Remembers the type.
pub(super) fn unpack<T: 'static>(value: Erased) -> Result<T> {
    let value = value
        .downcast()
        .map_err(|_| Error::internal("work returned another type"));
    value.map(|value| *value)
}

pub(super) fn read<T: Send + 'static>(work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> ErasedRead {
    Box::new(move |conn| work(conn).map(pack))
}

/// A trait of its own: a `dyn Fn` would bring every work along twice, once for who calls it and gives it away.
pub(super) trait RepeatableWork: Send {
    fn run(&self, conn: &mut Conn) -> Result<Erased>;
    /// The use case, for the log.
    fn name(&self) -> &'static str;
}

impl<T: Send + 'static, F: Fn(&mut Conn) -> Result<T> + Send> RepeatableWork for F {
    fn run(&self, conn: &mut Conn) -> Result<Erased> {
        self(conn).map(pack)
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>().trim_end_matches("::{{closure}}")
    }
}

pub(super) fn show<T: Send + 'static, V: Send + 'static>(
    work: impl FnOnce(&mut Conn, T) -> Result<V> + Send + 'static,
) -> ErasedShow {
    Box::new(move |conn, value| work(conn, unpack(value)?).map(pack))
}

/// Runs blocking work on the worker's blocking pool.
///
/// # Errors
/// What the work returns; 500 when it panicked.
pub(super) async fn hop(work: Box<dyn FnOnce() -> Result<Erased> + Send>) -> Result<Erased> {
    #[expect(clippy::disallowed_methods, reason = "the one hop off the worker")]
    let result = actix_web::web::block(work).await;
    result.map_err(Error::internal)?
}
