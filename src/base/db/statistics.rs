//! What the databases know about the rows, by which they choose between indexes. PostgreSQL gathers it by itself, but
//! not at once after many rows were added; SQLite only when it is told to.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Conn;
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::Result;

/// Gathers what is missing or out of date. SQLite looks at a thousand rows of an index at most, and only at tables that
/// have grown or shrunk a lot since; PostgreSQL at tables of which nothing is known yet.
pub fn refresh(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute("PRAGMA analysis_limit = 1000; PRAGMA optimize = 0x10002")?,
        Conn::Postgres(conn) => {
            let unknown: Vec<UnknownTable> = diesel::sql_query(
                "SELECT CAST(quote_ident(relname) AS text) AS name FROM pg_stat_user_tables \
                 WHERE schemaname = current_schema() AND last_analyze IS NULL AND last_autoanalyze IS NULL \
                 ORDER BY relname",
            )
            .load(conn)?;
            let names: Vec<&str> = unknown.iter().map(|table| table.name.as_str()).collect();
            if !names.is_empty() {
                conn.batch_execute(&format!("ANALYZE {}", names.join(", ")))?;
            }
        }
    }
    Ok(())
}

/// Gathers everything anew: for the end of a command that has added many rows.
pub fn gather(db: &Db) -> Result<()> {
    db.write_blocking(|conn| match conn {
        Conn::Sqlite(_) => refresh(conn),
        Conn::Postgres(conn) => Ok(conn.batch_execute("ANALYZE")?),
    })
}

#[derive(QueryableByName)]
struct UnknownTable {
    #[diesel(sql_type = Text)]
    name: String,
}

/// When an instance gathered last.
#[derive(Default)]
pub struct StatisticsAge(Option<Time>);

impl StatisticsAge {
    /// Seconds after which what is known is looked at again.
    const MAX_AGE: i64 = 24 * 3_600;

    /// [`refresh`]es at the start of an instance, and once a day.
    pub async fn step(&mut self, db: &Db) -> Result<()> {
        let now = db.clock().now();
        if self.0.is_some_and(|last| last.plus_seconds(Self::MAX_AGE) > now) {
            return Ok(());
        }
        self.0 = Some(now);
        db.write(refresh).await
    }
}
