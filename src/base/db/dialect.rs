//! Where the two databases differ: the only `match` on the connection. Everything else is one query
//! code for both.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};

use super::cache_deaths::outdate;
use super::kept::kept;
use super::schema::{cache_deaths, changes, generations, webhook_event_kinds};
use super::{Conn, EitherConn};
use crate::base::clock::Time;
use crate::base::surrogate_key::SurrogateKey;

/// Repeats one diesel statement for both variants: for upserts and batch inserts, which the common
/// connection lacks.
#[macro_export]
macro_rules! on_each {
    ($conn:expr, $inner:ident => $statement:expr) => {
        match $conn.either() {
            $crate::base::db::EitherConn::Sqlite($inner) => $statement,
            $crate::base::db::EitherConn::Postgres($inner) => $statement,
        }
    };
}

/// Inserts rows in one statement, and none where there are none.
#[macro_export]
macro_rules! insert_many {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows: Vec<_> = $rows.collect();
        match rows.as_slice() {
            [] => Ok(0),
            rows => $crate::on_each!($conn, c => diesel::insert_into($table).values(rows).execute(c)),
        }
    }};
}

/// Inserts many rows: one by one on SQLite, where a statement that is prepared already costs nothing but what it does;
/// some hundreds in a statement on PostgreSQL, where each is a way there and back. Their statement must not depend on
/// which of their values are null.
#[macro_export]
macro_rules! insert_each {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn.either() {
            $crate::base::db::EitherConn::Sqlite(c) => $rows
                .iter()
                .try_for_each(|row| diesel::insert_into($table).values(row).execute(c).map(drop)),
            $crate::base::db::EitherConn::Postgres(c) => $rows
                .chunks($crate::base::db::dialect::ROWS_PER_INSERT)
                .try_for_each(|rows| diesel::insert_into($table).values(rows).execute(c).map(drop)),
        }
    };
}

/// Rows that one statement of [`insert_each`](crate::insert_each) adds at most: 65,535 values are a statement's bound.
pub const ROWS_PER_INSERT: usize = 500;

/// Begins a transaction that will write: on SQLite it takes the write lock at once, so that no
/// later statement finds it taken.
pub fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        EitherConn::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

/// Begins a transaction whose reads all see one moment.
pub fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(c) => AnsiTransactionManager::begin_transaction(c),
        EitherConn::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

/// Commits what [`begin_write`] or [`begin_read`] began.
pub fn commit(conn: &mut Conn) -> QueryResult<()> {
    on_each!(conn, c => AnsiTransactionManager::commit_transaction(c))
}

/// Gives up what [`begin_write`] or [`begin_read`] began.
pub fn rollback(conn: &mut Conn) -> QueryResult<()> {
    on_each!(conn, c => AnsiTransactionManager::rollback_transaction(c))
}

/// Whether the transaction that [`begin_write`] began on SQLite still lives: SQLite may roll all of
/// it back by itself (SQLITE_FULL, IOERR, NOMEM). A BEGIN inside a living transaction is refused.
pub fn is_in_transaction(conn: &mut Conn) -> bool {
    conn.batch_execute("BEGIN").is_err()
}

/// Writes what a transaction has put out of date: on PostgreSQL with the transaction's number, by which it is read. Where
/// it `shows_more` than comments, it also says the moment of what triggers noted as changed, and on SQLite, where
/// transactions end in their order, its place.
pub(super) fn insert_death(conn: &mut Conn, instance: &str, keys: &str, at: Time, shows_more: bool) -> QueryResult<()> {
    if shows_more {
        match conn.either() {
            EitherConn::Sqlite(c) => {
                let unplaced = diesel::update(changes::table.filter(changes::position.is_null()));
                let place = (changes::at.eq(at), changes::position.eq(changes::seq.nullable()));
                kept(unplaced.set(place)).execute(c)
            }
            EitherConn::Postgres(c) => {
                let undated = diesel::update(changes::table.filter(changes::at.is_null()));
                kept(undated.set(changes::at.eq(at))).execute(c)
            }
        }?;
    }
    // 1 where a webhook is told which answers are out of date. Not as literal SQL, which would be prepared anew each time.
    let asked = webhook_event_kinds::table.filter(webhook_event_kinds::kind.eq("cache.purge"));
    let asked = asked.select(1_i32.into_sql::<Integer>()).limit(1).single_value();
    let row = (
        cache_deaths::instance.eq(instance),
        cache_deaths::keys.eq(keys),
        cache_deaths::at.eq(at),
        cache_deaths::purge_waits.eq(asked),
    );
    match conn.either() {
        EitherConn::Sqlite(c) => diesel::insert_into(cache_deaths::table).values(row).execute(c),
        EitherConn::Postgres(c) => {
            let own = diesel::dsl::sql::<diesel::sql_types::BigInt>("pg_current_xact_id()::text::bigint");
            let row = (row, cache_deaths::transaction_id.eq(own.nullable()));
            kept(diesel::insert_into(cache_deaths::table).values(row)).execute(c)
        }
    }
    .map(drop)
}

/// Gives what triggers noted as changed its place in the order of changes: behind all that have one. What somebody is
/// changing again at this moment is left to them. On PostgreSQL places become visible in their order, for one
/// transaction at a time gives them out.
pub fn place_changes(conn: &mut Conn) -> QueryResult<usize> {
    take_advisory_lock(conn, AdvisoryLock::ChangePlaces)?;
    match conn.either() {
        EitherConn::Sqlite(c) => diesel::update(changes::table.filter(changes::position.is_null()))
            .set(changes::position.eq(changes::seq.nullable()))
            .execute(c),
        // What an import has left is given its places little by little.
        EitherConn::Postgres(c) => diesel::sql_query(
            "UPDATE changes SET position = nextval('change_positions') WHERE seq IN \
             (SELECT seq FROM changes WHERE position IS NULL ORDER BY seq LIMIT 10000 FOR UPDATE SKIP LOCKED)",
        )
        .execute(c),
    }
}

/// Moves what SQLite's log holds into the database's file and empties the log; PostgreSQL does so by itself.
///
/// # Errors
/// When somebody still reads or writes there.
pub fn checkpoint(conn: &mut Conn) -> std::result::Result<(), String> {
    let EitherConn::Sqlite(conn) = conn.either() else {
        return Ok(());
    };
    let outcome: CheckpointOutcome = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)")
        .get_result(conn)
        .map_err(|error| error.to_string())?;
    match outcome.busy {
        0 => Ok(()),
        _ => Err("another connection is using it".to_owned()),
    }
}

/// The indexes in which PostgreSQL looks words up.
const WORD_INDEXES: [&str; 3] = [
    "search_index_by_word",
    "search_index_by_head_word",
    "desk_search_index_by_word",
];

/// Prepares a connection to SQLite for a command that writes tens of thousands of rows: pages stay in its memory for
/// longer and the log grows longer, so that a page of an index that changes again and again is written to the file now
/// and then, not each time; and it is waited for the disk then, not at each COMMIT. When the power fails, the last of what
/// was written may be missing, and the command is run again.
pub fn write_much(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("PRAGMA cache_size = -128000; PRAGMA wal_autocheckpoint = 32000; PRAGMA synchronous = NORMAL;")
}

/// Prepares PostgreSQL for such a command; [`end_many_writes`] takes it back. It gathers what its indexes of words are to
/// hold, and sorts it in: one by one, each of the hundreds of words of an article is looked up on its own, which takes
/// longer than everything else together. What is gathered is found meanwhile.
pub fn expect_many_writes(conn: &mut Conn) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => WORD_INDEXES
            .iter()
            .try_for_each(|index| c.batch_execute(&format!("ALTER INDEX IF EXISTS {index} SET (fastupdate = on)"))),
    }
}

/// Ends what [`expect_many_writes`] began. Until then readers' search looks through what is gathered too.
pub fn end_many_writes(conn: &mut Conn) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => WORD_INDEXES.iter().try_for_each(|index| {
            c.batch_execute(&format!(
                "ALTER INDEX IF EXISTS {index} SET (fastupdate = off); \
                 SELECT gin_clean_pending_list(oid::regclass) FROM pg_class WHERE oid = to_regclass('{index}')"
            ))
        }),
    }
}

/// Asks for nothing, to see whether it answers.
pub fn ask(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("SELECT 1")
}

/// Writes what nobody reads, to see whether it can.
pub fn prove_writing(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(
        "INSERT INTO generations (kind, value) VALUES ('probe', 1) \
         ON CONFLICT (kind) DO UPDATE SET value = generations.value + 1",
    )
}

#[derive(QueryableByName)]
struct CheckpointOutcome {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// A root that a use case locks before it reads and writes.
#[derive(Clone, Copy, Debug)]
pub enum LockableRow {
    /// A row of `articles`.
    Article,
    /// A row of `comments`.
    Comment,
    /// A row of `users`.
    User,
    /// A row of `sessions`.
    Session,
    /// A row of `api_tokens`.
    ApiToken,
    /// A row of `tags`.
    Tag,
    /// A row of `contributors`.
    Contributor,
    /// A row of `jobs`.
    Job,
    /// A row of `article_notes`.
    ArticleNote,
    /// A row of `word_lists`.
    WordList,
    /// A row of `sanctions`.
    Sanction,
    /// A row of `packages`.
    Package,
    /// A row of `webhooks`.
    Webhook,
}

impl LockableRow {
    fn table(self) -> &'static str {
        match self {
            Self::Article => "articles",
            Self::Comment => "comments",
            Self::User => "users",
            Self::Session => "sessions",
            Self::ApiToken => "api_tokens",
            Self::Tag => "tags",
            Self::Contributor => "contributors",
            Self::Job => "jobs",
            Self::ArticleNote => "article_notes",
            Self::WordList => "word_lists",
            Self::Sanction => "sanctions",
            Self::Package => "packages",
            Self::Webhook => "webhooks",
        }
    }
}

/// Locks one row until the transaction ends. SQLite has one writer: nothing to do. Others may refer
/// to the row meanwhile: a rename does not wait for an edit that keeps the tag, nor the edit for it.
pub fn lock(conn: &mut Conn, root: LockableRow, id: &str) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => {
            let sql = format!("SELECT id FROM {} WHERE id = $1 FOR NO KEY UPDATE", root.table());
            kept(diesel::sql_query(sql).bind::<Text, _>(id)).execute(c).map(drop)
        }
    }
}

/// As [`lock`], for many rows in the order of their ids, in which two transactions never wait for each other.
pub fn lock_all(conn: &mut Conn, root: LockableRow, ids: &[String]) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => {
            let table = root.table();
            let sql = format!("SELECT id FROM {table} WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE");
            kept(diesel::sql_query(sql).bind::<Array<Text>, _>(ids))
                .execute(c)
                .map(drop)
        }
    }
}

/// Things of which there is only one, each locked by its number.
#[derive(Clone, Copy, Debug)]
pub enum AdvisoryLock {
    /// Every press: positions are given out one at a time.
    Presses = 1,
    /// The section tree.
    Sections = 2,
    /// The set of administrators: the last one stays.
    Admins = 3,
    /// The signing keys.
    SigningKeys = 4,
    /// The set of word lists: there are few.
    WordLists = 5,
    /// Cards handed out to moderators: one at a time.
    Claims = 6,
    /// The site's settings, menus and ad slots.
    Site = 7,
    /// Which path leads where. Taken after the others.
    Paths = 9,
    /// What is read most.
    MostRead = 10,
    /// Places in the order of changes.
    ChangePlaces = 11,
    /// Looking who is to be told of events.
    EventRelay = 12,
    /// The set of webhooks: there are few.
    Webhooks = 13,
}

/// A namespace for our advisory locks, so that other programs' numbers do not meet ours.
const ADVISORY_LOCK_NAMESPACE: i32 = 0x4d48_4431;

/// Takes one of these locks until the transaction ends. SQLite has one writer: nothing to do.
pub fn take_advisory_lock(conn: &mut Conn, whole: AdvisoryLock) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => {
            let take = diesel::sql_query("SELECT pg_advisory_xact_lock($1, $2)")
                .bind::<Integer, _>(ADVISORY_LOCK_NAMESPACE)
                .bind::<Integer, _>(whole as i32);
            kept(take).execute(c).map(drop)
        }
    }
}

#[derive(QueryableByName)]
struct TryLockRow {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    taken: bool,
}

/// Tries to lock a name until the transaction ends; `false` when another transaction holds it.
pub fn try_lock_name(conn: &mut Conn, name: &str) -> QueryResult<bool> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(true),
        EitherConn::Postgres(c) => {
            let take = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken");
            let tried: TryLockRow = kept(take.bind::<Text, _>(name)).get_result(c)?;
            Ok(tried.taken)
        }
    }
}

/// Waits for a name and locks it until the transaction ends. SQLite has one writer: nothing to do.
pub fn lock_name(conn: &mut Conn, name: &str) -> QueryResult<()> {
    match conn.either() {
        EitherConn::Sqlite(_) => Ok(()),
        EitherConn::Postgres(c) => {
            let take = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
            kept(take.bind::<Text, _>(name)).execute(c).map(drop)
        }
    }
}

/// Kinds of content that caches depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// What is live, and how it reads.
    Articles,
    /// The names of the site, of users and of contributors.
    Names,
    /// The section tree.
    Sections,
    /// The site's settings.
    Site,
    /// Moderators' word lists.
    WordLists,
}

impl Generation {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Articles, Self::Names, Self::Sections, Self::Site, Self::WordLists];

    /// The kind's key in the table.
    pub fn key(self) -> &'static str {
        match self {
            Self::Articles => "articles",
            Self::Names => "names",
            Self::Sections => "sections",
            Self::Site => "site",
            Self::WordLists => "word_lists",
        }
    }
}

/// Raises the counters of these kinds, in alphabetical order so that two transactions never wait
/// for each other. Call it last in a transaction: the rows stay locked until it ends.
pub fn raise_generations(conn: &mut Conn, kinds: &mut [Generation]) -> QueryResult<()> {
    kinds.sort_unstable();
    for kind in kinds {
        outdate(match kind {
            Generation::Sections | Generation::Site => Some(SurrogateKey::Frame),
            Generation::Articles => Some(SurrogateKey::Articles),
            Generation::Names | Generation::WordLists => None,
        });
        on_each!(conn, c => kept(diesel::insert_into(generations::table)
            .values((generations::kind.eq(kind.key()), generations::value.eq(1_i64)))
            .on_conflict(generations::kind)
            .do_update()
            .set(generations::value.eq(generations::value + 1)))
            .execute(c))?;
    }
    Ok(())
}

/// Sets a counter above both its own value and `other`: for a restore, which replaces the rows that caches have seen.
pub fn raise_generation_beyond(conn: &mut Conn, kind: Generation, other: i64) -> QueryResult<()> {
    let beyond = generation(conn, kind)?.max(other) + 1;
    on_each!(conn, c => diesel::insert_into(generations::table)
        .values((generations::kind.eq(kind.key()), generations::value.eq(beyond)))
        .on_conflict(generations::kind)
        .do_update()
        .set(generations::value.eq(beyond))
        .execute(c))
    .map(drop)
}

/// How often this kind of content has changed.
pub fn generation(conn: &mut Conn, kind: Generation) -> QueryResult<i64> {
    let value = generations::table
        .find(kind.key())
        .select(generations::value)
        .first(conn)
        .optional()?;
    Ok(value.unwrap_or(0))
}
