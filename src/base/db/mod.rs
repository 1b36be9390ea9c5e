//! The database: [`Db`] runs a plain function in one transaction, off the async worker.
//!
//! - [`Db::read`]: several statements, one snapshot. [`Db::read_briefly`]: few, where they are asked for.
//! - [`Db::write`]: on SQLite one writer thread commits groups of jobs ([`writer`]); on PostgreSQL a
//!   pooled connection at READ COMMITTED, re-run when the server asks for it.
//! - [`Db::write_and_show`]: a write, then a reading of its result. [`Db::rehearse`]: a write that is rolled back.
//! - [`Db::condition`]: whether it answers and takes writes, as [`Db::watch`] finds it.
//! - [`outdate`], [`CacheDeaths`]: what writes put out of date, for answers that are kept ([`cache_deaths`]).
//! - [`GenerationCache`]: what is made of it and kept in memory until it changes.
//! - [`conn`]: the connection, and statements without their types; [`erased`]: work without its own.
//! - [`dialect`]: what differs between the two; [`schema`]: the tables;
//!   [`statistics`]: what the databases know about the rows; [`union_all`]: several SELECTs in one; [`among`]: one of many
//!   values; [`kept`]: statements that stay prepared; [`dump`]: whole tables, for backups; [`fulltext`]: what search looks
//!   words up in, [`begun_words`]: what a word may become that is not typed to its end, [`fulltext_queries`]: how they are
//!   asked for; [`migrations`]: embedded, run at start; [`url`]: which database, from `DATABASE_URL`.

mod among;
mod begun_words;
pub mod cache_deaths;
mod conn;
pub mod dialect;
pub mod dump;
mod erased;
mod errors;
pub mod fulltext;
mod fulltext_queries;
mod generation_cache;
mod kept;
pub mod migrations;
mod pool;
pub mod schema;
pub mod statistics;
pub mod union_all;

pub mod url;
mod watch;
mod worker_connection;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use among::{among, planned_for_its_values};
pub use cache_deaths::{AnswerAge, AnswerLife, CacheDeaths, outdate};
pub use conn::{Conn, EitherConn};
use erased::{Erased, ErasedRead, ErasedShow, ErasedWrite};
pub use errors::{OnReference, OnUnique, folded, folded_range};
pub use generation_cache::GenerationCache;
pub use kept::kept;
pub use pool::{connect_to_read, open_scratch};
use tokio::sync::{Semaphore, SemaphorePermit};
pub use url::DatabaseUrl;
pub use watch::DatabaseCondition;

use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};

/// How long a write waits for its turn on PostgreSQL before it gets 503. Publishes take turns and each holds a
/// connection while it waits for the one before, so a burst of hundreds needs this long to be through.
const TURN_TIME: Duration = Duration::from_secs(15);

/// How many connections the server holds.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    /// Read-only connections to SQLite, or all connections to PostgreSQL.
    pub connections: u32,
    /// Writes that may wait for SQLite's one writer; further ones get 503.
    pub write_queue: usize,
    /// After this a group of SQLite's writes takes no further job: whoever came first waits for the others' work.
    pub group_time: Duration,
    /// Whether PostgreSQL ends what takes too long: for requests, whose clients wait; not for commands.
    pub has_time_limits: bool,
    /// Whether tens of thousands of rows are about to be written: for commands (see [`dialect::write_much`]).
    pub writes_much: bool,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self {
            connections: 8,
            write_queue: 1024,
            group_time: Duration::from_millis(5),
            has_time_limits: false,
            writes_much: false,
        }
    }
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Db(Arc<DbInner>);

struct DbInner {
    url: DatabaseUrl,
    watch: Arc<watch::DatabaseWatch>,
    pool: pool::Pool,
    /// Present on SQLite.
    writer: Option<writer::WriteQueue>,
    /// The connections to PostgreSQL that writes may hold at once: the others are left to reads, which wait for
    /// nobody's lock.
    turns: Semaphore,
    clock: Clock,
    deaths: Arc<CacheDeaths>,
    follower: Mutex<cache_deaths::DeathsFollower>,
}

impl Db {
    /// Opens the database, migrated by [`migrations::run`] beforehand.
    ///
    /// # Errors
    /// A sentence for the operator when it cannot be reached.
    pub fn open(url: &DatabaseUrl, sizes: PoolSizes, clock: Clock) -> std::result::Result<Self, String> {
        let watch = Arc::new(watch::DatabaseWatch::default());
        let deaths = Arc::new(CacheDeaths::new(clock.clone()).map_err(|error| error.to_string())?);
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(writer::WriteQueue::start(url, sizes, watch.clone(), deaths.clone())?),
            DatabaseUrl::Postgres(_) => None,
        };
        let pool = pool::open(url, sizes)?;
        let kept_for_reads = (sizes.connections / 4).max(1);
        let turns = Semaphore::new(sizes.connections.saturating_sub(kept_for_reads).max(1) as usize);
        let inner = DbInner {
            url: url.clone(),
            watch,
            pool,
            writer,
            turns,
            clock,
            deaths,
            follower: Mutex::default(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The connections of the pool: how many, and how many of them nobody uses.
    pub fn connections(&self) -> (u32, u32) {
        let state = self.0.pool.state();
        (state.connections, state.idle_connections)
    }

    /// The writes that SQLite's one writer has not answered yet.
    pub fn waiting_writes(&self) -> usize {
        self.0.writer.as_ref().map_or(0, writer::WriteQueue::len)
    }

    /// What is out of date of what was read of this database.
    pub fn deaths(&self) -> &CacheDeaths {
        &self.0.deaths
    }

    /// As [`Db::read`], for who tells others what to read anew: they find nothing older in this instance, and in none once
    /// [`Db::spread_time`] is over.
    ///
    /// # Errors
    /// As [`Db::read`]'s.
    pub async fn read_to_tell<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let deaths = self.0.deaths.clone();
        self.read(move |conn| {
            let value = work(conn)?;
            deaths.wait_for_burials();
            Ok(value)
        })
        .await
    }

    /// For how long after it could be read another instance may not know of a write.
    pub fn spread_time(&self) -> Duration {
        self.0.deaths.spread_time()
    }

    /// Reads what other instances and processes have put out of date since the last time.
    ///
    /// # Errors
    /// A sentence for the operator; nothing that is kept may be sent then.
    pub fn follow_deaths(&self) -> std::result::Result<(), String> {
        let mut follower = self.0.follower.lock().unwrap_or_else(PoisonError::into_inner);
        follower.follow(&self.0.url, &self.0.deaths)
    }

    /// Goes on reading it, on a thread of its own, as long as the database is used.
    ///
    /// # Errors
    /// A sentence for the operator when no thread can be started.
    pub fn keep_following_deaths(&self) -> std::result::Result<(), String> {
        // SQLite's file has one server; what commands beside it write is waited for by nobody.
        if !self.is_sqlite() {
            self.0.deaths.follow_from_now();
        }
        let weak = Arc::downgrade(&self.0);
        let follow = move || {
            let mut is_failing = false;
            while let Some(inner) = weak.upgrade() {
                let followed = Self(inner).follow_deaths();
                if let Err(reason) = followed.as_ref()
                    && !is_failing
                {
                    log::warn!("no answer is kept until other instances' writes are known again: {reason}");
                }
                is_failing = followed.is_err();
                std::thread::sleep(cache_deaths::FOLLOW_EVERY);
            }
        };
        std::thread::Builder::new()
            .name("masthead-deaths".to_owned())
            .spawn(follow)
            .map(drop)
            .map_err(|error| format!("cannot start a thread: {error}"))
    }

    /// The clock by which rows are dated.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether this is SQLite, whose one writer takes all writes in turn.
    pub fn is_sqlite(&self) -> bool {
        self.0.writer.is_some()
    }

    /// Runs `work` on one snapshot, on a blocking thread.
    ///
    /// # Errors
    /// What `work` returns; 503 when the database is out of reach.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.read_erased(erased::read(work)).await.and_then(erased::unpack)
    }

    async fn read_erased(&self, work: ErasedRead) -> Result<Erased> {
        let db = self.clone();
        let reading = erased::hop(Box::new(move || db.read_blocking(work)));
        if self.is_sqlite() {
            return reading.await;
        }
        self.0.watch.unless_lost(reading).await
    }

    /// As [`Db::read`], for point reads and scans of an index that take far less than a millisecond: on SQLite they are made
    /// on this worker's own connection, without the way to another thread and back, which costs as much as they do.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_briefly<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        if !self.is_sqlite() {
            return self.read(work).await;
        }
        worker_connection::with(&self.0.url, |conn| {
            dialect::begin_read(conn).map_err(Error::unavailable)?;
            reading(conn, work)
        })
    }

    /// As [`Db::read`], on this thread.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = pool::begin(&self.0.pool, dialect::begin_read)?;
        reading(&mut conn, work)
    }

    /// Runs `work` in one transaction and answers after COMMIT. `work` may run again, so it must do
    /// nothing but SQL and arithmetic: no network, no Argon2, no HTML.
    ///
    /// # Errors
    /// What `work` returns (nothing is written then); 503 when the database is busy or out of reach.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.write_erased(Box::new(work)).await.and_then(erased::unpack)
    }

    async fn write_erased(&self, work: ErasedWrite) -> Result<Erased> {
        match &self.0.writer {
            Some(writer) => {
                let (reply, answer) = tokio::sync::oneshot::channel();
                // If the client has gone, nobody receives the answer; the write stays.
                writer.submit(work, move |result| drop(reply.send(result)))?;
                answer.await.map_err(Error::unavailable)?
            }
            None => {
                let writing = async {
                    let _turn = self.turn().await?;
                    let db = self.clone();
                    erased::hop(Box::new(move || db.write_postgres(work))).await
                };
                self.0.watch.unless_lost(writing).await
            }
        }
    }

    /// Waits for one's turn to write on PostgreSQL, without holding a thread or a connection.
    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let turn = tokio::time::timeout(TURN_TIME, self.0.turns.acquire()).await;
        turn.map_err(Error::unavailable)?.map_err(Error::unavailable)
    }

    /// As [`Db::write`]; after the commit `show` makes the answer, on a snapshot of its own. On PostgreSQL it keeps the
    /// connection, so that a write that is done does not end in 503 because no connection is free.
    ///
    /// # Errors
    /// As [`Db::write`]; what `show` returns, but then the write stays.
    pub async fn write_and_show<T, V, F, S>(&self, work: F, show: S) -> Result<V>
    where
        T: Send + 'static,
        V: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
        S: FnOnce(&mut Conn, T) -> Result<V> + Send + 'static,
    {
        let shown = self.write_and_show_erased(Box::new(work), erased::show(show));
        shown.await.and_then(erased::unpack)
    }

    async fn write_and_show_erased(&self, work: ErasedWrite, show: ErasedShow) -> Result<Erased> {
        if self.is_sqlite() {
            let value = self.write_erased(work).await?;
            return self.read_erased(Box::new(move |conn| show(conn, value))).await;
        }
        let writing = async {
            let _turn = self.turn().await?;
            let db = self.clone();
            erased::hop(Box::new(move || {
                let (value, mut conn) = db.commit_postgres(work)?;
                dialect::begin_read(&mut conn)?;
                reading(&mut conn, |conn| show(conn, value))
            }))
            .await
        };
        self.0.watch.unless_lost(writing).await
    }

    /// As [`Db::write`], but nothing stays written: what `work` would answer.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn rehearse<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let kept = Arc::new(Mutex::new(None));
        let keep = kept.clone();
        let outcome: Result<()> = self
            .write(move |conn| {
                let value = work(conn)?;
                // The last run counts, as it does for a write.
                *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                Err(Error::internal("a rehearsal is rolled back"))
            })
            .await;
        let value = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (value, outcome) {
            (Some(value), _) => Ok(value),
            (None, outcome) => Err(outcome
                .err()
                .unwrap_or_else(|| Error::internal("nothing was rehearsed"))),
        }
    }

    /// As [`Db::write`], on this thread: for commands.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.write_blocking_erased(Box::new(work)).and_then(erased::unpack)
    }

    fn write_blocking_erased(&self, work: ErasedWrite) -> Result<Erased> {
        match &self.0.writer {
            Some(writer) => {
                let (reply, answer) = std::sync::mpsc::sync_channel(1);
                writer.submit(work, move |result| drop(reply.send(result)))?;
                answer.recv().map_err(Error::unavailable)?
            }
            None => self.write_postgres(work),
        }
    }

    /// Waits for the writes that were submitted, and moves what SQLite's log (`-wal`) holds into the file, so that the
    /// file alone is the database: for the end of a process.
    ///
    /// # Errors
    /// A sentence for the operator; what was written is safe all the same.
    pub fn settle(&self) -> std::result::Result<(), String> {
        let Some(writer) = &self.0.writer else { return Ok(()) };
        // The queue is in order: after this job's answer nothing is under way.
        self.write_blocking(|_| Ok(())).map_err(|error| error.to_string())?;
        writer.checkpoint()
    }

    /// One transaction at READ COMMITTED; run again, up to three times, where the server found a
    /// deadlock or could not serialise.
    fn write_postgres(&self, work: ErasedWrite) -> Result<Erased> {
        self.commit_postgres(work).map(|(value, _)| value)
    }

    /// As [`Db::write_postgres`], with the connection, on which nothing runs any more.
    fn commit_postgres(&self, work: ErasedWrite) -> Result<(Erased, pool::PooledConn)> {
        const RETRIES: usize = 3;
        let mut attempt = 0;
        loop {
            let begun = pool::begin(&self.0.pool, dialect::begin_write);
            let mut conn = begun.inspect_err(|_| self.0.watch.doubt_writes())?;
            let deaths = &self.0.deaths;
            let result = guarded(|| deaths.collecting(&mut conn, |conn| work.run(conn))).and_then(|(value, keys)| {
                let _committing = deaths.committing();
                let committed = dialect::commit(&mut conn);
                // Also where it failed: the server may have committed, and the answer was lost.
                deaths.bury(&keys);
                committed?;
                Ok(value)
            });
            let error = match result {
                Ok(value) => {
                    self.0.watch.note_write::<Error>(Ok(()));
                    return Ok((value, conn));
                }
                Err(error) => error,
            };
            if error.cause().is_some_and(errors::is_disk_full) {
                self.0.watch.note_full_disk(&error);
            } else if error.code() == Code::Unavailable {
                self.0.watch.doubt_writes();
            }
            // A failed COMMIT has already ended the transaction; a second ROLLBACK says so and harms nothing.
            let _ended = dialect::rollback(&mut conn);
            if !error.is_retryable() {
                return Err(error);
            }
            if attempt == RETRIES {
                return Err(Error::unavailable(error));
            }
            attempt += 1;
        }
    }
}

/// Runs a blocking function on the worker's blocking pool: for Argon2 as for SQL.
///
/// # Errors
/// What `work` returns; 500 when it panicked.
pub async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let work = move || work().map(erased::pack);
    erased::hop(Box::new(work)).await.and_then(erased::unpack)
}

/// Runs `work` in the reading transaction that has begun, and ends it.
fn reading<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let result = guarded(|| work(&mut *conn));
    match dialect::rollback(conn) {
        Ok(()) => result,
        Err(error) => result.and(Err(error.into())),
    }
}

/// A panic in a use case is that request's 500, and no other's.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::internal("a use case panicked")))
}
