//! Connections: how one is opened on each database, and their pool. No ping at checkout (it costs a fifth of a read): a
//! connection that turns out dead is replaced when it begins.

use std::time::Duration;

use diesel::connection::{Connection, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::prelude::QueryResult;
use diesel::r2d2::{ManageConnection, PooledConnection};
use diesel::sqlite::SqliteConnection;

use super::{Conn, DatabaseUrl, EitherConn, PoolSizes, dialect};
use crate::base::error::{Error, Result};

pub(super) type Pool = diesel::r2d2::Pool<PoolManager>;

/// A connection that goes back to the pool.
pub(super) type PooledConn = PooledConnection<PoolManager>;

/// SQLite settings of every connection. `busy_timeout` first: the others may have to wait. Each of a dozen connections
/// keeps 2 MB of pages, which hold the upper parts of the indexes; the file itself is in the system's memory anyway.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY;";

/// Opens one connection.
///
/// # Errors
/// A sentence for the operator.
pub(super) fn connect(url: &DatabaseUrl) -> std::result::Result<Conn, String> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let shown = path.display();
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())
                .map_err(|error| format!("cannot open the SQLite database {shown}: {error}"))?;
            conn.batch_execute(PRAGMAS)
                .map_err(|error| format!("cannot use the SQLite database {shown}: {error}"))?;
            Ok(Conn::sqlite(conn))
        }
        DatabaseUrl::Postgres(address) => PgConnection::establish(&with_network_limits(address))
            .map(Conn::postgres)
            .map_err(|error| format!("cannot reach {url:?}: {}", error.to_string().trim())),
    }
}

/// Opens one connection for those who read: on SQLite writes belong to the writer thread, and a reader that tries is a bug
/// and fails.
///
/// # Errors
/// A sentence for the operator.
pub(super) fn connect_reader(url: &DatabaseUrl) -> std::result::Result<Conn, String> {
    let mut conn = connect(url)?;
    if let EitherConn::Sqlite(c) = conn.either() {
        c.batch_execute("PRAGMA query_only = ON")
            .map_err(|error| error.to_string())?;
    }
    Ok(conn)
}

/// The address with limits for a network that is gone, where it has none: seconds to connect, milliseconds until what
/// was sent must have arrived, and signs of life asked for in between.
fn with_network_limits(address: &str) -> String {
    const LIMITS: [(&str, &str); 5] = [
        ("connect_timeout", "3"),
        ("tcp_user_timeout", "10000"),
        ("keepalives_idle", "10"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
    ];
    let mut limited = address.to_owned();
    for (name, value) in LIMITS {
        if !address.contains(&format!("{name}=")) {
            let separator = if limited.contains('?') { '&' } else { '?' };
            limited.push_str(&format!("{separator}{name}={value}"));
        }
    }
    limited
}

/// Opens a connection that changes nothing; `None` where the file of an SQLite database is not there yet.
///
/// # Errors
/// A sentence for the operator.
pub fn connect_to_read(url: &DatabaseUrl) -> std::result::Result<Option<Conn>, String> {
    let mut conn = match url {
        DatabaseUrl::Sqlite(path) => {
            let shown = path.display();
            let failed = |error: &dyn std::fmt::Display| format!("cannot open the SQLite database {shown}: {error}");
            if !path.try_exists().map_err(|error| failed(&error))? {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                return match folder {
                    Some(folder) if !folder.is_dir() => Err(failed(&"its folder is not there")),
                    _ => Ok(None),
                };
            }
            // Without the journal's setting from above: it writes.
            let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| failed(&error))?;
            conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;")
                .map_err(|error| failed(&error))?;
            Conn::sqlite(conn)
        }
        DatabaseUrl::Postgres(_) => connect(url)?,
    };
    dialect::begin_read(&mut conn).map_err(|error| format!("cannot read {url:?}: {error}"))?;
    Ok(Some(conn))
}

/// Opens an empty database of the same kind that nobody else sees: a private file of SQLite, or temporary tables on
/// the server. It is in a transaction that is never committed, and gone when the connection is dropped.
///
/// # Errors
/// A sentence for the operator.
pub fn open_scratch(url: &DatabaseUrl) -> std::result::Result<Conn, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot make a scratch database beside {url:?}: {error}");
    let mut conn = match url {
        DatabaseUrl::Sqlite(_) => SqliteConnection::establish("")
            .map(Conn::sqlite)
            .map_err(|error| failed(&error))?,
        DatabaseUrl::Postgres(_) => connect(url)?,
    };
    if let EitherConn::Sqlite(c) = conn.either() {
        c.batch_execute("PRAGMA foreign_keys = ON")
            .map_err(|error| failed(&error))?;
    }
    dialect::begin_write(&mut conn).map_err(|error| failed(&error))?;
    if let EitherConn::Postgres(c) = conn.either() {
        // Tables that are made from here on are temporary, and no other is found.
        c.batch_execute("SET LOCAL search_path TO pg_temp")
            .map_err(|error| failed(&error))?;
    }
    Ok(conn)
}

/// What PostgreSQL ends by itself on a request's connection: a statement, a wait for a lock, a transaction in which
/// nothing is asked. Beyond what the slowest request may take, and far below what an operator would notice first.
const TIME_LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '60s'";

pub(super) struct PoolManager {
    url: DatabaseUrl,
    has_time_limits: bool,
}

#[derive(Debug)]
pub(super) struct ConnectError(String);

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConnectError {}

impl ManageConnection for PoolManager {
    type Connection = Conn;
    type Error = ConnectError;

    fn connect(&self) -> std::result::Result<Conn, ConnectError> {
        let mut conn = connect_reader(&self.url).map_err(ConnectError)?;
        if let EitherConn::Postgres(c) = conn.either()
            && self.has_time_limits
        {
            c.batch_execute(TIME_LIMITS)
                .map_err(|error| ConnectError(error.to_string()))?;
        }
        Ok(conn)
    }

    fn is_valid(&self, _conn: &mut Conn) -> std::result::Result<(), ConnectError> {
        Ok(())
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        conn.is_broken()
    }
}

/// How long a request waits for a connection before it gets 503, on a blocking thread. A database that was gone is
/// tried again after half of it at the latest.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn open(url: &DatabaseUrl, sizes: PoolSizes) -> std::result::Result<Pool, String> {
    let manager = PoolManager {
        url: url.clone(),
        has_time_limits: sizes.has_time_limits,
    };
    Pool::builder()
        .max_size(sizes.connections)
        .min_idle(Some(sizes.connections.min(2)))
        .test_on_check_out(false)
        .connection_timeout(CONNECTION_TIMEOUT)
        .build(manager)
        .map_err(|error| format!("cannot open a pool on {url:?}: {error}"))
}

/// Takes a connection and begins a transaction on it. One that died while it lay idle fails here,
/// before any work was done, and is replaced.
pub(super) fn begin(pool: &Pool, begin: fn(&mut Conn) -> QueryResult<()>) -> Result<PooledConn> {
    let mut last = None;
    for _ in 0..=pool.max_size() {
        let mut conn = pool.get().map_err(Error::unavailable)?;
        match begin(&mut conn) {
            Ok(()) => return Ok(conn),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| Error::unavailable("the pool is empty"), Error::unavailable))
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    #[derive(QueryableByName)]
    struct CompileOption {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }

    #[test]
    fn sqlite_is_compiled_as_it_should_be() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let options: Vec<CompileOption> = diesel::sql_query("PRAGMA compile_options").load(&mut conn).unwrap();
        let options: Vec<&str> = options.iter().map(|option| option.compile_options.as_str()).collect();
        for wanted in ["ENABLE_QPSG", "DEFAULT_MEMSTATUS=0", "THREADSAFE=2"] {
            assert!(options.contains(&wanted), "{wanted}: {options:?}");
        }
        for unwanted in ["ENABLE_MEMORY_MANAGEMENT", "ENABLE_API_ARMOR", "ENABLE_STAT4"] {
            assert!(!options.contains(&unwanted), "{unwanted}: {options:?}");
        }
    }
}
