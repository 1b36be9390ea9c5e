//! The connection that use cases are given: either database behind one type.
//!
//! What diesel does with a statement is compiled for each type of statement, on each database: hundreds of times. So
//! [`Conn`] forgets the type first ([`AnyStatement`]), and everything below it is compiled once.

use diesel::backend::Backend;
use diesel::connection::{
    CacheSize, Connection, Instrumentation, LoadConnection, SimpleConnection, TransactionManager,
    TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::ConnectionSealed;
use diesel::pg::PgConnection;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::{ConnectionResult, QueryResult};
use diesel::sql_types::Untyped;
use diesel::sqlite::SqliteConnection;

/// A connection to one of the two databases.
#[derive(diesel::MultiConnection)]
pub enum EitherConn {
    /// SQLite, embedded.
    Sqlite(SqliteConnection),
    /// PostgreSQL, through the bundled libpq.
    Postgres(PgConnection),
}

/// A connection to either database.
pub struct Conn(EitherConn);

impl Conn {
    /// A connection to SQLite.
    pub fn sqlite(conn: SqliteConnection) -> Self {
        Self(EitherConn::Sqlite(conn))
    }

    /// A connection to PostgreSQL.
    pub fn postgres(conn: PgConnection) -> Self {
        Self(EitherConn::Postgres(conn))
    }

    /// The database's own connection, for what only one of the two can do or each does otherwise.
    pub fn either(&mut self) -> &mut EitherConn {
        &mut self.0
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, EitherConn::Sqlite(_))
    }

    /// Whether a transaction of this connection has an end that nobody knows.
    pub fn is_broken(&mut self) -> bool {
        diesel::r2d2::R2D2Connection::is_broken(&mut self.0)
    }

    /// The statement without its type; its SQL is written here, once for all that needs it.
    fn statement<'q>(&self, query: Box<dyn WalkedStatement + 'q>) -> QueryResult<AnyStatement<'q>> {
        type Builder = <MultiBackend as Backend>::QueryBuilder;
        let (backend, mut builder) = match self.0 {
            EitherConn::Sqlite(_) => (
                MultiBackend::Sqlite(Default::default()),
                Builder::Sqlite(Default::default()),
            ),
            EitherConn::Postgres(_) => (
                MultiBackend::Postgres(Default::default()),
                Builder::Postgres(Default::default()),
            ),
        };
        let walked = Walked(query);
        walked.to_sql(&mut builder, &backend)?;
        Ok(AnyStatement {
            sql: builder.finish(),
            is_kept: walked.is_safe_to_cache_prepared(&backend)?,
            walked,
        })
    }

    fn load_statement<'q>(&mut self, statement: AnyStatement<'q>) -> QueryResult<EitherCursor<'_, 'q>> {
        self.0.load(statement)
    }
}

type EitherCursor<'conn, 'query> = <EitherConn as LoadConnection>::Cursor<'conn, 'query>;

/// A statement of whatever type.
struct AnyStatement<'q> {
    sql: String,
    /// Whether the prepared statement may be kept for the next one with the same SQL.
    is_kept: bool,
    walked: Walked<'q>,
}

/// All that is compiled for each type of statement.
trait WalkedStatement {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()>;
}

impl<T: QueryFragment<MultiBackend>> WalkedStatement for T {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.walk_ast(pass)
    }
}

struct Walked<'q>(Box<dyn WalkedStatement + 'q>);

impl QueryFragment<MultiBackend> for Walked<'_> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk(pass)
    }
}

impl QueryFragment<MultiBackend> for AnyStatement<'_> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.walked.walk_ast(pass)
    }

    fn to_sql(&self, out: &mut <MultiBackend as Backend>::QueryBuilder, _: &MultiBackend) -> QueryResult<()> {
        out.push_sql(&self.sql);
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, _: &MultiBackend) -> QueryResult<bool> {
        Ok(self.is_kept)
    }
}

/// Prepared statements are found by their SQL.
impl QueryId for AnyStatement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// What it answers is known to who asks.
impl Query for AnyStatement<'_> {
    type SqlType = Untyped;
}

impl ConnectionSealed for Conn {}

impl SimpleConnection for Conn {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.0.batch_execute(query)
    }
}

impl Connection for Conn {
    type Backend = MultiBackend;
    type TransactionManager = Self;

    fn establish(database_url: &str) -> ConnectionResult<Self> {
        EitherConn::establish(database_url).map(Self)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<MultiBackend> + QueryId,
    {
        let statement = self.statement(Box::new(source))?;
        self.0.execute_returning_count(&statement)
    }

    fn transaction_state(&mut self) -> &mut Self {
        self
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.0.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.0.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.0.set_prepared_statement_cache_size(size);
    }
}

impl LoadConnection for Conn {
    type Cursor<'conn, 'query> = EitherCursor<'conn, 'query>;
    type Row<'conn, 'query> = <EitherConn as LoadConnection>::Row<'conn, 'query>;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<MultiBackend> + QueryId + 'query,
        MultiBackend: QueryMetadata<T::SqlType>,
    {
        let statement = self.statement(Box::new(source))?;
        self.load_statement(statement)
    }
}

impl TransactionManager<Self> for Conn {
    type TransactionStateData = Self;

    fn begin_transaction(conn: &mut Self) -> QueryResult<()> {
        <EitherConn as TransactionManager<EitherConn>>::begin_transaction(&mut conn.0)
    }

    fn rollback_transaction(conn: &mut Self) -> QueryResult<()> {
        <EitherConn as TransactionManager<EitherConn>>::rollback_transaction(&mut conn.0)
    }

    fn commit_transaction(conn: &mut Self) -> QueryResult<()> {
        <EitherConn as TransactionManager<EitherConn>>::commit_transaction(&mut conn.0)
    }

    fn transaction_manager_status_mut(conn: &mut Self) -> &mut TransactionManagerStatus {
        <EitherConn as TransactionManager<EitherConn>>::transaction_manager_status_mut(&mut conn.0)
    }
}
