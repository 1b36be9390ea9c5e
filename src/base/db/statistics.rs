//! What the databases know about the rows, by which they choose between indexes. PostgreSQL gathers it by itself, but
//! not at once after many rows were added; SQLite only when it is told to. Each table is a write of its own, so that
//! others get their turn in between.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::dump::TABLES;
use super::{Conn, EitherConn};
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::db::fulltext::FulltextIndex;
use crate::base::error::Result;
use crate::on_each;

/// Entries of an index that SQLite looks at.
const LIMIT: &str = "PRAGMA analysis_limit = 400";

/// The tables about which something is to be known. By how many articles have a word around their headlines, PostgreSQL
/// chooses whether it walks the newest until enough of them have it, or gathers those that do; SQLite's indexes of search
/// are no such tables.
fn known_tables(is_sqlite: bool) -> impl Iterator<Item = &'static str> {
    let indexes = FulltextIndex::ALL.into_iter().filter(move |_| !is_sqlite);
    TABLES
        .iter()
        .map(|table| table.name)
        .chain(indexes.map(FulltextIndex::table))
}

/// Gathers everything anew: for the end of a command that has added many rows.
pub fn gather(db: &Db) -> Result<()> {
    for table in known_tables(db.is_sqlite()) {
        db.write_blocking(|conn| look_at(conn, table))?;
    }
    Ok(())
}

/// When an instance looked last.
#[derive(Default)]
pub struct StatisticsAge(Option<Time>);

impl StatisticsAge {
    /// Seconds after which it looks again.
    const MAX_AGE: i64 = 24 * 3_600;

    /// At the start of an instance and once a day, gathers what is missing; on SQLite also what is out of date, because
    /// a table has grown or shrunk many times over.
    pub async fn step(&mut self, db: &Db) -> Result<()> {
        let now = db.clock().now();
        if self.0.is_some_and(|last| last.plus_seconds(Self::MAX_AGE) > now) {
            return Ok(());
        }
        self.0 = Some(now);
        for table in known_tables(db.is_sqlite()) {
            if db.read(move |conn| is_unknown(conn, table)).await? {
                db.write(move |conn| look_at(conn, table)).await?;
            }
        }
        db.write(|conn| match conn.either() {
            EitherConn::Sqlite(conn) => Ok(conn.batch_execute(&format!("{LIMIT}; PRAGMA optimize = 0x10002"))?),
            EitherConn::Postgres(_) => Ok(()),
        })
        .await
    }
}

fn look_at(conn: &mut Conn, table: &str) -> Result<()> {
    if let EitherConn::Sqlite(conn) = conn.either() {
        conn.batch_execute(LIMIT)?;
    }
    Ok(on_each!(conn, c => c.batch_execute(&format!("ANALYZE {table}")))?)
}

#[derive(QueryableByName)]
struct StatisticsCount {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Whether a table has rows, and nothing is known about them.
fn is_unknown(conn: &mut Conn, table: &'static str) -> Result<bool> {
    let known = match conn.is_sqlite() {
        // Its table of statistics is made with the first.
        true => {
            let has_any = "SELECT CAST(COUNT(*) AS BIGINT) AS count FROM sqlite_schema \
                           WHERE name = 'sqlite_stat1' AND ? IS NOT NULL";
            let of_table = "SELECT CAST(COUNT(*) AS BIGINT) AS count FROM sqlite_stat1 WHERE tbl = ?";
            count(conn, has_any, table)? > 0 && count(conn, of_table, table)? > 0
        }
        false => {
            let analyzed = "SELECT COUNT(*) AS count FROM pg_stat_user_tables \
                            WHERE schemaname = current_schema() AND relname = $1 \
                            AND (last_analyze IS NOT NULL OR last_autoanalyze IS NOT NULL)";
            count(conn, analyzed, table)? > 0
        }
    };
    if known {
        return Ok(false);
    }
    let has_rows =
        format!("SELECT CAST(COUNT(*) AS BIGINT) AS count FROM (SELECT 1 FROM {table} LIMIT 1) AS rows_there");
    let counted: StatisticsCount = on_each!(conn, c => diesel::sql_query(has_rows).get_result(c))?;
    Ok(counted.count > 0)
}

fn count(conn: &mut Conn, sql: &str, table: &str) -> QueryResult<i64> {
    let counted: StatisticsCount = on_each!(conn, c => diesel::sql_query(sql).bind::<Text, _>(table).get_result(c))?;
    Ok(counted.count)
}
