//! Whole tables as JSON, row by row, and back: what a backup is made of. Rows pass through as text and
//! are never parsed here, so that nothing is lost in between.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Conn, EitherConn};

/// A table of a backup, and an order in which each row comes after those that it refers to.
#[derive(Clone, Copy, Debug)]
pub struct BackupTable {
    /// Its name.
    pub name: &'static str,
    /// By what its rows are ordered, where rows refer to rows of the same table.
    order: &'static str,
    /// What becomes of rows that are there when a backup is restored.
    pub held: RestoreMode,
}

/// What becomes of a table when a backup is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreMode {
    /// The backup's rows replace those that are there.
    Replaced,
    /// Rows are only ever added: the backup's join those there.
    Joined,
    /// It is not in the backup, and empty after it is restored.
    Dropped,
    /// It is not in the backup, and what is there stays: it belongs to this database.
    Kept,
}

impl RestoreMode {
    /// Whether a backup holds the table.
    pub fn is_in_backup(self) -> bool {
        matches!(self, Self::Replaced | Self::Joined)
    }

    /// Whether the rows that are there go when a backup is restored.
    fn is_emptied(self) -> bool {
        matches!(self, Self::Replaced | Self::Dropped)
    }
}

const fn table(name: &'static str) -> BackupTable {
    ordered(name, "1")
}

const fn ordered(name: &'static str, order: &'static str) -> BackupTable {
    BackupTable {
        name,
        order,
        held: RestoreMode::Replaced,
    }
}

const fn held(name: &'static str, held: RestoreMode) -> BackupTable {
    BackupTable { name, order: "1", held }
}

/// Every table, each after those that it refers to, so that rows can be written in this order. A test checks it against
/// the schema.
pub const TABLES: &[BackupTable] = &[
    table("generations"),
    held("cache_deaths", RestoreMode::Dropped),
    // Restoring tells them what it changes.
    held("changes", RestoreMode::Kept),
    held("change_feeds", RestoreMode::Kept),
    // What happened is told by the database in which it happened. A copy would tell others' receivers a second time.
    held("events", RestoreMode::Dropped),
    table("webhooks"),
    table("webhook_event_kinds"),
    table("webhook_secrets"),
    held("webhook_deliveries", RestoreMode::Dropped),
    table("site"),
    table("paths"),
    table("edits"),
    table("idempotency_keys"),
    table("jobs"),
    table("users"),
    table("signing_keys"),
    table("second_factors"),
    table("recovery_codes"),
    ordered("sections", "length(path), path"),
    table("grants"),
    table("api_tokens"),
    table("api_token_secrets"),
    table("api_token_scopes"),
    held("sessions", RestoreMode::Dropped),
    held("refresh_tokens", RestoreMode::Dropped),
    table("tags"),
    table("merged_tags"),
    table("contributors"),
    table("articles"),
    table("article_sections"),
    table("article_tags"),
    table("article_contributors"),
    table("article_revisions"),
    table("schedules"),
    table("corrections"),
    table("autosaves"),
    table("leases"),
    table("article_notes"),
    held("desk_search", RestoreMode::Dropped),
    held("search_words", RestoreMode::Dropped),
    table("published_articles"),
    table("gated_articles"),
    // Triggers write it with the rows of the two before.
    held("published_interlinks", RestoreMode::Dropped),
    table("published_sections"),
    table("published_tags"),
    table("published_contributors"),
    table("published_corrections"),
    held("preview_articles", RestoreMode::Dropped),
    ordered("comments", "depth, id"),
    table("comment_holds"),
    table("moderation_log"),
    table("comment_counts"),
    table("comment_versions"),
    table("comment_reactions"),
    table("comment_reports"),
    table("comment_hold_counts"),
    table("comment_claims"),
    table("sanctions"),
    table("hash_keys"),
    table("word_lists"),
    table("spam_tokens"),
    table("menus"),
    table("ad_slots"),
    table("packages"),
    table("package_articles"),
    table("article_views"),
    table("most_read_windows"),
    table("most_read_ranks"),
    table("import_items"),
    held("captcha_solutions", RestoreMode::Joined),
    held("privacy_requests", RestoreMode::Dropped),
    held("takedowns", RestoreMode::Joined),
    held("erasures", RestoreMode::Joined),
    held("audit", RestoreMode::Joined),
];

/// Rows that are read or written at once: few enough for the longest articles to fit into memory.
pub const BATCH: usize = 100;

#[derive(QueryableByName)]
struct JsonRow {
    #[diesel(sql_type = Text)]
    json: String,
}

#[derive(QueryableByName)]
struct NumberedRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    json: String,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct DumpedColumn {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    type_: String,
}

/// Hands every row of a table on, as a JSON object. Call it within one reading transaction.
///
/// # Errors
/// The database's, or what `each` returns.
pub fn read_table<E: From<diesel::result::Error>>(
    conn: &mut Conn,
    table: &BackupTable,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    match conn.either() {
        EitherConn::Sqlite(c) => {
            // Bytes as PostgreSQL writes them: `\x` and hexadecimal digits.
            let pair = |DumpedColumn { name, type_ }: &DumpedColumn| match type_.as_str() {
                "BLOB" => {
                    format!("'{name}', '\\x' || CASE WHEN \"{name}\" IS NOT NULL THEN lower(hex(\"{name}\")) END")
                }
                _ => format!("'{name}', \"{name}\""),
            };
            let pairs: Vec<String> = sqlite_columns(c, table.name)?.iter().map(pair).collect();
            let select = format!(
                "SELECT rowid AS number, json_object({}) AS json FROM {} WHERE rowid > ? ORDER BY rowid LIMIT {BATCH}",
                pairs.join(", "),
                table.name
            );
            let mut last = i64::MIN;
            loop {
                let query = diesel::sql_query(&select).bind::<BigInt, _>(last);
                let rows: Vec<NumberedRow> = query.load(c)?;
                let Some(end) = rows.last() else { return Ok(()) };
                last = end.number;
                rows.iter().try_for_each(|row| each(&row.json))?;
            }
        }
        EitherConn::Postgres(c) => {
            let (name, order) = (table.name, table.order);
            let declare = format!(
                "DECLARE dump NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS json FROM {name} t ORDER BY {order}"
            );
            diesel::sql_query(declare).execute(c)?;
            loop {
                let rows: Vec<JsonRow> = diesel::sql_query(format!("FETCH {BATCH} FROM dump")).load(c)?;
                if rows.is_empty() {
                    break;
                }
                rows.iter().try_for_each(|row| each(&row.json))?;
            }
            diesel::sql_query("CLOSE dump").execute(c)?;
            Ok(())
        }
    }
}

fn sqlite_columns(conn: &mut SqliteConnection, table: &str) -> QueryResult<Vec<DumpedColumn>> {
    diesel::sql_query("SELECT name, type AS type_ FROM pragma_table_info(?)")
        .bind::<Text, _>(table)
        .load(conn)
}

/// Prepares a transaction for rows of which some refer to rows that come later.
pub fn prepare_writing(conn: &mut Conn) -> QueryResult<()> {
    match conn.either() {
        // Checked at COMMIT. On PostgreSQL the order of tables and rows is enough.
        EitherConn::Sqlite(c) => diesel::sql_query("PRAGMA defer_foreign_keys = ON").execute(c).map(drop),
        EitherConn::Postgres(_) => Ok(()),
    }
}

/// Adds rows, as [`read_table`] gave them. Into a [`RestoreMode::Joined`] table only those that are not there yet.
pub fn write_rows(conn: &mut Conn, table: &BackupTable, rows: &[String]) -> QueryResult<()> {
    insert_rows(conn, table.name, table.held == RestoreMode::Joined, rows)
}

/// Adds rows to a table of a schema that may be older than this list of tables: one that [`table_names`] gave.
pub fn write_rows_of_any_schema(conn: &mut Conn, table: &str, rows: &[String]) -> QueryResult<()> {
    insert_rows(conn, table, false, rows)
}

fn insert_rows(conn: &mut Conn, table: &str, keeps_what_is_there: bool, rows: &[String]) -> QueryResult<()> {
    let array = format!("[{}]", rows.join(","));
    match conn.either() {
        EitherConn::Sqlite(c) => {
            let columns = sqlite_columns(c, table)?;
            let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let value = |DumpedColumn { name, type_ }: &DumpedColumn| match type_.as_str() {
                "BLOB" => format!("unhex(substr(json_extract(value, '$.{name}'), 3))"),
                _ => format!("json_extract(value, '$.{name}')"),
            };
            let values: Vec<String> = columns.iter().map(value).collect();
            let or = if keeps_what_is_there { "OR IGNORE " } else { "" };
            let insert = format!(
                "INSERT {or}INTO {table} ({}) SELECT {} FROM json_each(?)",
                names.join(", "),
                values.join(", ")
            );
            diesel::sql_query(insert).bind::<Text, _>(array).execute(c)?;
        }
        EitherConn::Postgres(c) => {
            let or = if keeps_what_is_there {
                " ON CONFLICT DO NOTHING"
            } else {
                ""
            };
            let insert =
                format!("INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::json){or}");
            diesel::sql_query(insert).bind::<Text, _>(array).execute(c)?;
        }
    }
    Ok(())
}

/// The tables of a scratch database ([`super::open_scratch`]), of whatever schema it has.
pub fn table_names(scratch: &mut Conn) -> QueryResult<Vec<String>> {
    let query = match scratch.either() {
        // The indexes of search are tables of their own kind here.
        EitherConn::Sqlite(_) => {
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '__diesel_schema_migrations'"
        }
        EitherConn::Postgres(_) => {
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' \
             AND relname <> '__diesel_schema_migrations'"
        }
    };
    let rows: Vec<NameRow> = diesel::sql_query(query).load(scratch)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Deletes every row of these tables, which are all that refer to each other.
pub fn empty_all(conn: &mut Conn, tables: &[String]) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(c) => tables.iter().try_for_each(|table| {
            let delete = format!("DELETE FROM {table}");
            diesel::sql_query(delete).execute(c).map(drop)
        }),
        EitherConn::Postgres(c) => diesel::sql_query(format!("TRUNCATE {}", tables.join(", ")))
            .execute(c)
            .map(drop),
    }
}

/// Deletes every row of the tables that a backup replaces or drops.
pub fn empty_tables(conn: &mut Conn) -> QueryResult<()> {
    for table in TABLES.iter().rev().filter(|table| table.held.is_emptied()) {
        let delete = format!("DELETE FROM {}", table.name);
        crate::on_each!(conn, c => diesel::sql_query(delete).execute(c))?;
    }
    Ok(())
}
