//! The migrations, embedded and run at start by one process at a time. What both databases take alike is in
//! `migrations/shared`, what each says in its own words in `migrations/sqlite` and `migrations/postgres`.
//!
//! A database that knows a migration which this binary does not know is refused: it is newer, or of a development
//! version from before the first migration.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{self, Migration, MigrationMetadata, MigrationName, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, DatabaseUrl, EitherConn, dialect, pool};

const SHARED: EmbeddedMigrations = embed_migrations!("migrations/shared");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Held while migrating PostgreSQL, so that two instances may start at once.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(1296584753, 0)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(1296584753, 0)";

/// Migrations for either database, in their order.
pub trait SchemaSource: MigrationSource<Sqlite> + MigrationSource<Pg> {}

impl<S: MigrationSource<Sqlite> + MigrationSource<Pg>> SchemaSource for S {}

/// The migrations of this binary.
#[derive(Clone, Copy, Debug)]
pub struct BinarySchema;

impl MigrationSource<Sqlite> for BinarySchema {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        with_shared(&SQLITE)
    }
}

impl MigrationSource<Pg> for BinarySchema {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Pg>>>> {
        with_shared(&POSTGRES)
    }
}

/// A migration in a database's own words, in those that both take, or in the one and then the other.
struct TwoPartMigration<DB: Backend> {
    first: Box<dyn Migration<DB>>,
    second: Option<Box<dyn Migration<DB>>>,
}

impl<DB: Backend> Migration<DB> for TwoPartMigration<DB> {
    fn run(&self, conn: &mut dyn diesel::connection::BoxableConnection<DB>) -> migration::Result<()> {
        self.first.run(conn)?;
        self.second.iter().try_for_each(|second| second.run(conn))
    }

    fn revert(&self, conn: &mut dyn diesel::connection::BoxableConnection<DB>) -> migration::Result<()> {
        self.second.iter().try_for_each(|second| second.revert(conn))?;
        self.first.revert(conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.first.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        self.first.name()
    }
}

/// One database's migrations and the shared ones, by their names; where both have a name, the database's own runs
/// first.
fn with_shared<DB: Backend + 'static>(own: &EmbeddedMigrations) -> migration::Result<Vec<Box<dyn Migration<DB>>>> {
    let mut parts: Vec<Box<dyn Migration<DB>>> = own.migrations()?;
    parts.extend(MigrationSource::<DB>::migrations(&SHARED)?);
    // The sort is stable: of two with one name, the database's own stays first.
    parts.sort_by_cached_key(|part| part.name().to_string());
    let mut parts = parts.into_iter().peekable();
    let mut joined: Vec<Box<dyn Migration<DB>>> = Vec::new();
    while let Some(first) = parts.next() {
        let name = first.name().to_string();
        let second = parts.next_if(|next| next.name().to_string() == name);
        joined.push(Box::new(TwoPartMigration { first, second }));
    }
    Ok(joined)
}

/// A migration, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationLabel {
    /// Its number, by which databases remember it.
    pub version: String,
    /// Number and topic.
    pub name: String,
}

fn migration_labels<DB: Backend>(migrations: &[Box<dyn Migration<DB>>]) -> Vec<MigrationLabel> {
    let label = |name: &dyn MigrationName| MigrationLabel {
        version: name.version().to_string(),
        name: name.to_string(),
    };
    migrations.iter().map(|migration| label(migration.name())).collect()
}

/// The migrations for the kind of database that this is.
///
/// # Errors
/// When the source has none to give.
pub fn known_migrations(url: &DatabaseUrl, source: &dyn SchemaSource) -> Result<Vec<MigrationLabel>, String> {
    let listed = match url {
        DatabaseUrl::Sqlite(_) => MigrationSource::<Sqlite>::migrations(source).map(|found| migration_labels(&found)),
        DatabaseUrl::Postgres(_) => MigrationSource::<Pg>::migrations(source).map(|found| migration_labels(&found)),
    };
    listed.map_err(|error| error.to_string())
}

/// Brings the database up to this binary's schema; how many migrations ran.
///
/// # Errors
/// A sentence for the operator: out of reach, newer than this binary, or a migration that failed
/// (its transaction is rolled back).
pub fn run(url: &DatabaseUrl) -> Result<usize, String> {
    run_all(url, &BinarySchema)
}

/// As [`run`], up to the schema of `source`.
///
/// # Errors
/// As [`run`].
pub fn run_all(url: &DatabaseUrl, source: &dyn SchemaSource) -> Result<usize, String> {
    let mut conn = pool::connect(url)?;
    if let EitherConn::Postgres(c) = conn.either() {
        c.batch_execute(MIGRATION_LOCK).map_err(|error| error.to_string())?;
        let result = run_pending(&mut conn, source, None);
        conn.batch_execute(MIGRATION_UNLOCK)
            .map_err(|error| error.to_string())?;
        return result;
    }
    // All in one transaction: it is the lock, and a failure leaves no change.
    dialect::begin_write(&mut conn).map_err(|error| format!("cannot write to {url:?}: {error}"))?;
    let result = run_pending(&mut conn, source, None);
    let ended = if result.is_ok() {
        dialect::commit(&mut conn)
    } else {
        dialect::rollback(&mut conn)
    };
    let count = result?;
    ended.map_err(|error| format!("cannot write to {url:?}: {error}"))?;
    Ok(count)
}

/// Runs what has not run yet, up to the version `last` where it is given; how many.
///
/// # Errors
/// As [`run`].
pub fn run_pending(conn: &mut Conn, source: &dyn SchemaSource, last: Option<&str>) -> Result<usize, String> {
    match conn.either() {
        EitherConn::Sqlite(c) => run_pending_on(c, MigrationSource::<Sqlite>::migrations(source), last),
        EitherConn::Postgres(c) => run_pending_on(c, MigrationSource::<Pg>::migrations(source), last),
    }
}

fn run_pending_on<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    known: migration::Result<Vec<Box<dyn Migration<DB>>>>,
    last: Option<&str>,
) -> Result<usize, String> {
    let known = known.map_err(|error| error.to_string())?;
    let applied = conn.applied_migrations().map_err(|error| error.to_string())?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    check_applied(&migration_labels(&known), &applied)?;
    let mut count = 0;
    for migration in &known {
        let version = migration.name().version().to_string();
        if applied.contains(&version) || last.is_some_and(|last| version.as_str() > last) {
            continue;
        }
        conn.run_migration(&**migration)
            .map_err(|error| format!("a migration failed: {error}"))?;
        count += 1;
    }
    Ok(count)
}

/// Refuses a database on which something has run that is not known here.
fn check_applied(known: &[MigrationLabel], applied: &[String]) -> Result<(), String> {
    let is_known = |version: &&String| known.iter().any(|label| label.version == **version);
    let Some(unknown) = applied.iter().filter(|version| !is_known(version)).max() else {
        return Ok(());
    };
    let has_the_first = known.first().is_some_and(|first| applied.contains(&first.version));
    Err(if has_the_first {
        format!(
            "the database is newer than this binary: it has migration {unknown}, which this binary does not know. \
             Start the release that made it, or a later one"
        )
    } else {
        format!(
            "the database was made by an earlier development version, of migration {unknown}, and cannot be opened: \
             begin with an empty one"
        )
    })
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

fn applied(conn: &mut Conn) -> QueryResult<Vec<String>> {
    __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(conn)
}

/// Whether every migration of this binary has run: what `/readyz` asks. It only reads.
///
/// # Errors
/// The database's own error when it is out of reach.
pub fn are_done(conn: &mut Conn) -> QueryResult<bool> {
    let applied = applied(conn)?;
    let known = match conn.either() {
        EitherConn::Sqlite(_) => with_shared::<Sqlite>(&SQLITE).map(|known| migration_labels(&known)),
        EitherConn::Postgres(_) => with_shared::<Pg>(&POSTGRES).map(|known| migration_labels(&known)),
    };
    let known = known.map_err(diesel::result::Error::QueryBuilderError)?;
    Ok(known.iter().all(|label| applied.contains(&label.version)))
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

/// What would run on a database if it were opened; `None` where nothing ever has. It only reads.
///
/// # Errors
/// As [`run`].
pub fn pending_migrations(
    conn: &mut Conn,
    url: &DatabaseUrl,
    source: &dyn SchemaSource,
) -> Result<Option<Vec<MigrationLabel>>, String> {
    let record = match conn.either() {
        EitherConn::Sqlite(_) => {
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '__diesel_schema_migrations') AS is_there"
        }
        EitherConn::Postgres(_) => "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS is_there",
    };
    let text = |error: diesel::result::Error| format!("cannot read {url:?}: {error}");
    let record: RecordRow = diesel::sql_query(record).get_result(conn).map_err(text)?;
    let applied = if record.is_there {
        applied(conn).map_err(text)?
    } else {
        Vec::new()
    };
    let mut known = known_migrations(url, source)?;
    check_applied(&known, &applied)?;
    known.retain(|label| !applied.contains(&label.version));
    Ok((!applied.is_empty()).then_some(known))
}
