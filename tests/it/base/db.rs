//! The seam: group commit, failing commits, panics, retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead::base::clock::{Clock, Time};
use masthead::base::db::schema::generations;
use masthead::base::db::statistics::StatisticsAge;
use masthead::base::db::{Conn, DatabaseUrl, Db, PoolSizes, statistics};
use masthead::base::error::{Code, Error, Result};

use crate::support::database::{TestDatabase, postgres_server};

fn open(database: &TestDatabase) -> Db {
    Db::open(
        &database.url,
        PoolSizes {
            connections: 8,
            write_queue: 512,
            group_time: Duration::from_secs(60),
            ..PoolSizes::default()
        },
        Clock::system(),
    )
    .unwrap()
}

fn put(conn: &mut Conn, kind: &str) -> Result<()> {
    diesel::insert_into(generations::table)
        .values((generations::kind.eq(kind), generations::value.eq(1_i64)))
        .execute(conn)?;
    Ok(())
}

fn kinds(db: &Db) -> Vec<String> {
    db.read_blocking(|conn| {
        Ok(generations::table
            .order(generations::kind)
            .select(generations::kind)
            .load(conn)?)
    })
    .unwrap()
}

type Job = Box<dyn Fn(&mut Conn) -> Result<()> + Send>;

/// Writes so that on SQLite all of them form one group, however slow the machine: the group's first job waits until
/// the others are queued.
async fn together(db: &Db, jobs: Vec<Job>) -> Vec<Result<()>> {
    let all = jobs.len() + 1;
    let waiting = db.is_sqlite().then(|| db.clone());
    let first: Job = Box::new(move |_| {
        while waiting.as_ref().is_some_and(|db| db.waiting_writes() < all) {
            std::thread::yield_now();
        }
        Ok(())
    });
    let tasks: Vec<_> = std::iter::once(first)
        .chain(jobs)
        .map(|job| {
            let db = db.clone();
            actix_web::rt::spawn(async move { db.write(job).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results.remove(0).unwrap();
    results
}

#[actix_web::test]
async fn a_job_that_fails_leaves_its_neighbours_of_the_group() {
    let database = TestDatabase::new();
    let db = open(&database);
    let results = together(
        &db,
        vec![
            Box::new(|conn| put(conn, "a")),
            Box::new(|conn| {
                put(conn, "b")?;
                Err(Error::new(Code::NotFound))
            }),
            Box::new(|conn| put(conn, "a")),
            Box::new(|conn| put(conn, "c")),
        ],
    )
    .await;
    let succeeded: Vec<bool> = results.iter().map(Result::is_ok).collect();
    // On PostgreSQL they run side by side, and either of the two that put the same wins.
    let either = postgres_server().is_some() && succeeded == [false, false, true, true];
    assert!(either || succeeded == [true, false, false, true], "{succeeded:?}");
    assert_eq!(kinds(&db), ["a", "c"]);
}

#[actix_web::test]
async fn a_panic_is_one_jobs_500_and_the_writer_lives_on() {
    let database = TestDatabase::new();
    let db = open(&database);
    let results = together(
        &db,
        vec![
            Box::new(|conn| put(conn, "a")),
            Box::new(|conn| {
                put(conn, "b")?;
                panic!("a bug")
            }),
            Box::new(|conn| put(conn, "c")),
        ],
    )
    .await;
    assert_eq!(results[1].as_ref().unwrap_err().code(), Code::Internal);
    assert_eq!(kinds(&db), ["a", "c"]);
    db.write(|conn| put(conn, "d")).await.unwrap();
}

/// A row whose foreign key is checked at COMMIT, and fails there.
fn poison(conn: &mut Conn) -> Result<()> {
    conn.batch_execute("PRAGMA defer_foreign_keys = ON; INSERT INTO article_sections VALUES ('none', 'none')")?;
    Ok(())
}

#[actix_web::test]
async fn a_failing_commit_tells_nobody_yes_and_the_others_run_again_alone() {
    if postgres_server().is_some() {
        return; // Groups are SQLite's.
    }
    let database = TestDatabase::new();
    let db = open(&database);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let results = together(
        &db,
        vec![
            Box::new(move |conn| {
                counted.fetch_add(1, Ordering::SeqCst);
                put(conn, "a")
            }),
            Box::new(poison),
            Box::new(|conn| put(conn, "c")),
        ],
    )
    .await;
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(kinds(&db), ["a", "c"]);
    assert_eq!(
        runs.load(Ordering::SeqCst),
        2,
        "the job ran in its group and once more alone"
    );
    db.write(|conn| put(conn, "d")).await.unwrap();
}

#[actix_web::test]
async fn a_group_whose_transaction_was_rolled_back_under_it_loses_nothing() {
    if postgres_server().is_some() {
        return;
    }
    let database = TestDatabase::new();
    let db = open(&database);
    let results = together(
        &db,
        vec![
            Box::new(|conn| put(conn, "a")),
            // What SQLite does by itself after SQLITE_FULL or SQLITE_IOERR.
            Box::new(|conn| {
                conn.batch_execute("ROLLBACK")?;
                Err(Error::internal("disk full"))
            }),
            Box::new(|conn| put(conn, "c")),
        ],
    )
    .await;
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(kinds(&db), ["a", "c"]);
}

#[actix_web::test]
async fn a_full_queue_is_503_with_retry_after() {
    if postgres_server().is_some() {
        return;
    }
    let database = TestDatabase::new();
    let db = Db::open(
        &database.url,
        PoolSizes {
            connections: 2,
            write_queue: 1,
            ..PoolSizes::default()
        },
        Clock::system(),
    )
    .unwrap();
    let slow = |_: &mut Conn| {
        std::thread::sleep(Duration::from_millis(50));
        Ok(())
    };
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            actix_web::rt::spawn(async move { db.write(slow).await })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        if let Err(error) = task.await.unwrap() {
            assert_eq!(error.code(), Code::Unavailable);
            assert!(error.headers().iter().any(|(name, _)| *name == "Retry-After"));
            refused += 1;
        }
    }
    assert!(refused > 0, "a queue of one took eight");
}

#[actix_web::test]
async fn readers_cannot_write() {
    let database = TestDatabase::new();
    let db = open(&database);
    assert!(db.read(|conn| put(conn, "a")).await.is_err());
    assert!(kinds(&db).is_empty());
}

#[actix_web::test]
async fn a_deadlock_on_postgresql_is_run_again() {
    if postgres_server().is_none() {
        return; // SQLite has one writer.
    }
    let database = TestDatabase::new();
    let db = open(&database);
    for kind in ["a", "b"] {
        db.write(move |conn| put(conn, kind)).await.unwrap();
    }
    let raise = |first: &'static str, second: &'static str| {
        let db = db.clone();
        actix_web::rt::spawn(async move {
            db.write(move |conn| {
                for kind in [first, second] {
                    diesel::update(generations::table.find(kind))
                        .set(generations::value.eq(generations::value + 1))
                        .execute(conn)?;
                    std::thread::sleep(Duration::from_millis(100));
                }
                Ok(())
            })
            .await
        })
    };
    let (one, other) = (raise("a", "b"), raise("b", "a"));
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    let values: Vec<i64> = db
        .read_blocking(|conn| Ok(generations::table.select(generations::value).load(conn)?))
        .unwrap();
    assert_eq!(values, [3, 3]);
}

#[actix_web::test]
async fn connections_that_died_while_idle_are_replaced() {
    if postgres_server().is_none() {
        return; // A file does not hang up.
    }
    let database = TestDatabase::new();
    let db = open(&database);
    db.write(|conn| put(conn, "a")).await.unwrap();
    let masthead::base::db::DatabaseUrl::Postgres(url) = &database.url else {
        return;
    };
    let mut other = diesel::PgConnection::establish(url).unwrap();
    other
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
    db.write(|conn| put(conn, "b")).await.unwrap();
    assert_eq!(kinds(&db), ["a", "b"]);
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    place: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    nullable: bool,
}

/// `table.column` of `schema.rs`, and whether it may be null.
fn written_schema() -> Vec<(String, bool)> {
    let text = std::fs::read_to_string("src/base/db/schema.rs").unwrap();
    let mut columns = Vec::new();
    let (mut table, mut sql_name) = (String::new(), None);
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name.to_owned();
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            sql_name = Some(name.trim_end_matches("\"]").to_owned());
        } else if let Some((name, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let name = sql_name.take().unwrap_or_else(|| name.to_owned());
            columns.push((format!("{table}.{name}"), kind.starts_with("Nullable")));
        }
    }
    columns.sort();
    columns
}

/// The indexes of search aside: `db::fulltext` alone knows them, and they differ.
#[test]
fn the_schema_is_what_the_migrations_make() {
    let database = TestDatabase::new();
    let query = if postgres_server().is_some() {
        "SELECT table_name || '.' || column_name AS place, is_nullable = 'YES' AS nullable \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' \
         AND table_name NOT LIKE '%search\\_index%'"
    } else {
        "SELECT m.name || '.' || c.name AS place, c.\"notnull\" = 0 AND c.pk = 0 AS nullable \
         FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' \
         AND m.name NOT LIKE '%search\\_index%' ESCAPE '\\'"
    };
    let columns: Vec<Column> = open(&database)
        .read_blocking(|conn| Ok(diesel::sql_query(query).load(conn)?))
        .unwrap();
    let mut made: Vec<(String, bool)> = columns
        .into_iter()
        .map(|column| (column.place, column.nullable))
        .collect();
    made.sort();
    assert_eq!(made, written_schema());
}

#[derive(QueryableByName)]
struct KnownRows {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// As how many rows of a table the database has taken note of.
fn known_rows(db: &Db) -> i64 {
    let asked = if db.is_sqlite() {
        "SELECT CAST(stat AS BIGINT) AS count FROM sqlite_stat1 WHERE tbl = 'generations'"
    } else {
        "SELECT CAST(reltuples AS BIGINT) AS count FROM pg_class WHERE relname = 'generations'"
    };
    let known: Result<KnownRows> = db.read_blocking(|conn| Ok(diesel::sql_query(asked).get_result(conn)?));
    known.map_or(-1, |known| known.count)
}

fn put_many(db: &Db, kinds: std::ops::Range<i32>) {
    let put_all = move |conn: &mut Conn| kinds.clone().try_for_each(|kind| put(conn, &format!("kind {kind}")));
    db.write_blocking(put_all).unwrap();
}

#[actix_web::test]
async fn statistics_are_gathered_at_the_start_and_once_a_day() {
    let database = TestDatabase::new();
    let clock = Clock::pinned(Time::parse("2026-11-23T08:00:00Z").unwrap());
    let db = Db::open(&database.url, PoolSizes::default(), clock.clone()).unwrap();
    put_many(&db, 0..50);
    let mut age = StatisticsAge::default();
    age.step(&db).await.unwrap();
    assert_eq!(known_rows(&db), 50);
    put_many(&db, 50..1_000);
    age.step(&db).await.unwrap();
    assert_eq!(known_rows(&db), 50);
    if db.is_sqlite() {
        clock.advance_seconds(24 * 3_600);
        age.step(&db).await.unwrap();
        assert_eq!(known_rows(&db), 1_000);
    }
}

#[test]
fn a_command_that_added_many_rows_gathers_statistics() {
    let database = TestDatabase::new();
    let db = open(&database);
    put_many(&db, 0..50);
    statistics::gather(&db).unwrap();
    put_many(&db, 50..1_000);
    statistics::gather(&db).unwrap();
    assert_eq!(known_rows(&db), 1_000);
}

#[derive(QueryableByName)]
struct Safety {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    synchronous: i32,
}

#[test]
fn a_request_waits_for_the_disk_and_a_command_that_writes_much_at_its_end() {
    let database = TestDatabase::new();
    let DatabaseUrl::Sqlite(file) = &database.url else {
        return;
    };
    // 2: at each COMMIT. 1: when the log is written to the file.
    for (writes_much, expected) in [(false, 2), (true, 1)] {
        let sizes = PoolSizes {
            writes_much,
            ..PoolSizes::default()
        };
        let db = Db::open(&database.url, sizes, Clock::system()).unwrap();
        let safety: Safety = db
            .write_blocking(|conn| {
                put(conn, "written")?;
                Ok(diesel::sql_query("PRAGMA synchronous").get_result(conn)?)
            })
            .unwrap();
        assert_eq!(safety.synchronous, expected, "{writes_much}");
        db.settle().unwrap();
        let log = std::fs::metadata(format!("{}-wal", file.display())).map_or(0, |file| file.len());
        assert_eq!(log, 0);
        db.write_blocking(|conn| Ok(diesel::delete(generations::table).execute(conn)?))
            .unwrap();
    }
}
