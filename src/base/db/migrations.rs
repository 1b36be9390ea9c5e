//! The migrations, embedded: twins in SQL for the two databases, run at start by one process at a
//! time. A database that knows a migration which this binary does not is newer: refused.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, DatabaseUrl, dialect, pool};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Held while migrating PostgreSQL, so that two instances may start at once.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(1296584753, 0)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(1296584753, 0)";

/// Brings the database up to this binary's schema; how many migrations ran.
///
/// # Errors
/// A sentence for the operator: out of reach, newer than this binary, or a migration that failed
/// (its transaction is rolled back).
pub fn run(url: &DatabaseUrl) -> Result<usize, String> {
    let mut conn = pool::connect(url)?;
    match &mut conn {
        Conn::Sqlite(_) => {
            // One transaction around all of them: it is the lock, and a failure leaves nothing behind.
            dialect::begin_write(&mut conn).map_err(|error| format!("cannot write to {url:?}: {error}"))?;
            let Conn::Sqlite(c) = &mut conn else {
                return Err("the connection changed its kind".to_owned());
            };
            let result = run_pending::<Sqlite>(c, SQLITE);
            let ended = if result.is_ok() {
                dialect::commit(&mut conn)
            } else {
                dialect::rollback(&mut conn)
            };
            let count = result?;
            ended.map_err(|error| format!("cannot write to {url:?}: {error}"))?;
            Ok(count)
        }
        Conn::Postgres(c) => {
            c.batch_execute(MIGRATION_LOCK).map_err(|error| error.to_string())?;
            let result = run_pending::<Pg>(c, POSTGRES);
            c.batch_execute(MIGRATION_UNLOCK).map_err(|error| error.to_string())?;
            result
        }
    }
}

fn run_pending<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    embedded: EmbeddedMigrations,
) -> Result<usize, String> {
    let known = versions::<DB>(&embedded)?;
    let applied = conn.applied_migrations().map_err(|error| error.to_string())?;
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(format!(
            "the database is newer than this binary: it has migration {newer}, which this binary does not know. \
             Start the release that made it, or a later one"
        ));
    }
    let ran = conn
        .run_pending_migrations(embedded)
        .map_err(|error| format!("a migration failed: {error}"))?;
    Ok(ran.len())
}

fn versions<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> Result<Vec<MigrationVersion<'static>>, String> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(|error| error.to_string())?;
    Ok(migrations
        .iter()
        .map(|migration| migration.name().version().as_owned())
        .collect())
}

diesel::table! {
    /// diesel's own record of what has run.
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}

/// The version of the last migration that has run.
pub fn latest(conn: &mut Conn) -> QueryResult<String> {
    __diesel_schema_migrations::table
        .order(__diesel_schema_migrations::version.desc())
        .select(__diesel_schema_migrations::version)
        .first(conn)
}

/// Whether every migration of this binary has run: what `/readyz` asks. It only reads.
///
/// # Errors
/// The database's own error when it is out of reach.
pub fn are_done(conn: &mut Conn) -> QueryResult<bool> {
    let applied: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(conn)?;
    let known = match conn {
        Conn::Sqlite(_) => versions::<Sqlite>(&SQLITE),
        Conn::Postgres(_) => versions::<Pg>(&POSTGRES),
    };
    let known = known.map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))?;
    Ok(known.iter().all(|version| applied.contains(&version.to_string())))
}
