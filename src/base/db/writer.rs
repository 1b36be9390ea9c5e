//! SQLite's one writer: a thread that commits groups of jobs.
//!
//! A group is one `BEGIN IMMEDIATE … COMMIT` (`synchronous=FULL`, but for commands that write much) of up to [`GROUP_JOBS`] jobs or [`PoolSizes::group_time`], all
//! answered after COMMIT. The first job's failure undoes the transaction and ends the group; every other job has a
//! savepoint of its own. Where COMMIT fails, or a failing job took the whole transaction with it, nobody has had an
//! answer yet: the connection is replaced and every job of the group runs again alone, once.
//!
//! The first has no savepoint because one costs every later statement: SQLite keeps what pages were
//! before it, and looks through all of these pages after each statement.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::Connection;
use diesel::result::QueryResult;

use super::cache_deaths::{CacheDeaths, OutdatedKeys};
use super::erased::{Erased, ErasedWrite};
use super::watch::DatabaseWatch;
use super::{Conn, DatabaseUrl, PoolSizes, dialect, guarded, pool};
use crate::base::error::{Error, Result};

/// Jobs of one group at most.
const GROUP_JOBS: usize = 256;
/// A job that holds the writer longer is named in the log.
const SLOW_JOB: Duration = Duration::from_millis(20);

/// The queue to the writer thread. When it is dropped, what it holds is still done.
pub(super) struct WriteQueue {
    jobs: Option<SyncSender<QueuedWrite>>,
    thread: Option<JoinHandle<()>>,
    /// Held once by each job that has no answer yet.
    waiting: Arc<()>,
    url: DatabaseUrl,
    watch: Arc<DatabaseWatch>,
    deaths: Arc<CacheDeaths>,
}

impl Drop for WriteQueue {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let thread = self.thread.take();
        // A panic of the thread has been told.
        thread
            .filter(|thread| thread.thread().id() != std::thread::current().id())
            .map(JoinHandle::join);
    }
}

impl WriteQueue {
    pub(super) fn start(
        url: &DatabaseUrl,
        sizes: PoolSizes,
        watch: Arc<DatabaseWatch>,
        deaths: Arc<CacheDeaths>,
    ) -> std::result::Result<Self, String> {
        let (sender, receiver) = sync_channel(sizes.write_queue);
        let thread = WriterThread {
            url: url.clone(),
            conn: connect(url, sizes.writes_much)?,
            watch: watch.clone(),
            group_time: sizes.group_time,
            writes_much: sizes.writes_much,
        };
        let thread = std::thread::Builder::new()
            .name("masthead-writer".to_owned())
            .spawn(move || thread.run(&receiver))
            .map_err(|error| format!("cannot start the writer thread: {error}"))?;
        Ok(Self {
            jobs: Some(sender),
            thread: Some(thread),
            waiting: Arc::default(),
            url: url.clone(),
            watch,
            deaths,
        })
    }

    /// Moves the log into the file and empties it, on a connection of its own: the writer must have nothing to do.
    pub(super) fn checkpoint(&self) -> std::result::Result<(), String> {
        dialect::checkpoint(&mut pool::connect(&self.url)?)
            .map_err(|error| format!("cannot empty the log of {:?}: {error}", self.url))
    }

    /// How many jobs have no answer yet.
    pub(super) fn len(&self) -> usize {
        Arc::strong_count(&self.waiting) - 1
    }

    /// Queues a job, whose answer goes to `reply` on the writer's thread. A full queue, or a writer that hangs, is 503.
    pub(super) fn submit(&self, work: ErasedWrite, reply: impl FnOnce(Result<Erased>) + Send + 'static) -> Result<()> {
        if self.watch.is_writer_hung() {
            return Err(Error::unavailable("the writer waits for the disk"));
        }
        let job = QueuedWrite {
            work,
            result: None,
            took: Duration::ZERO,
            reply: Box::new(reply),
            deaths: self.deaths.clone(),
            outdated: OutdatedKeys::default(),
            _waiting: self.waiting.clone(),
        };
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Error::unavailable("the write queue is full")),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Error::unavailable("the writer thread has ended")),
        }
    }
}

/// What a job runs in.
#[derive(Clone, Copy)]
enum WriteScope {
    /// The transaction, in which nothing was written before.
    Transaction,
    /// A savepoint of its own.
    Savepoint,
}

/// One queued use case.
struct QueuedWrite {
    work: ErasedWrite,
    result: Option<Result<Erased>>,
    took: Duration,
    reply: Box<dyn FnOnce(Result<Erased>) + Send>,
    deaths: Arc<CacheDeaths>,
    /// What is out of date once this is committed.
    outdated: OutdatedKeys,
    _waiting: Arc<()>,
}

impl QueuedWrite {
    /// Runs and keeps the answer; whether it succeeded. After a failure in a savepoint of its own, what it wrote is
    /// undone; without a savepoint it is still there.
    fn run(&mut self, conn: &mut Conn, within: WriteScope) -> bool {
        let started = Instant::now();
        let collect = |conn: &mut Conn| guarded(|| self.deaths.collecting(conn, |conn| self.work.run(conn)));
        let result = match within {
            WriteScope::Transaction => collect(conn),
            WriteScope::Savepoint => conn.transaction(collect),
        };
        let result = result.map(|(value, outdated)| {
            self.outdated = outdated;
            value
        });
        self.took = started.elapsed();
        self.result.insert(result).is_ok()
    }

    /// Sends the kept answer.
    fn answer(self) {
        (self.reply)(
            self.result
                .unwrap_or_else(|| Err(Error::internal("a job was answered before it ran"))),
        );
    }

    /// Sends this error instead.
    fn refuse(self, error: Error) {
        (self.reply)(Err(error));
    }
}

struct WriterThread {
    url: DatabaseUrl,
    conn: Conn,
    watch: Arc<DatabaseWatch>,
    group_time: Duration,
    /// For a command: nobody waits for the single job.
    writes_much: bool,
}

fn connect(url: &DatabaseUrl, writes_much: bool) -> std::result::Result<Conn, String> {
    let mut conn = pool::connect(url)?;
    if writes_much {
        dialect::write_much(&mut conn).map_err(|error| error.to_string())?;
    }
    Ok(conn)
}

impl WriterThread {
    fn run(mut self, queue: &Receiver<QueuedWrite>) {
        while let Ok(first) = queue.recv() {
            self.watch.note_writer(true);
            self.run_group(first, queue);
            self.watch.note_writer(false);
        }
    }

    fn run_group(&mut self, first: QueuedWrite, queue: &Receiver<QueuedWrite>) {
        if let Err(error) = self.begin() {
            // Nobody waits in vain for as long as those before did.
            let waiting = std::iter::once(first).chain(queue.try_iter().take(GROUP_JOBS));
            waiting.for_each(|job| job.refuse(Error::unavailable(&error)));
            return;
        }
        let started = Instant::now();
        let mut group = Vec::new();
        let mut next = Some(first);
        let mut lives = true;
        while let Some(mut job) = next.take() {
            let within = if group.is_empty() {
                WriteScope::Transaction
            } else {
                WriteScope::Savepoint
            };
            let succeeded = self.run_job(&mut job, within);
            if !succeeded && !dialect::is_in_transaction(&mut self.conn) {
                group.push(job);
                lives = false;
                break;
            }
            if !succeeded && matches!(within, WriteScope::Transaction) {
                return self.undo(job);
            }
            group.push(job);
            if group.len() < GROUP_JOBS && started.elapsed() < self.group_time {
                next = queue.try_recv().ok();
            }
        }
        if lives && self.commit(&group).is_ok() {
            group.into_iter().for_each(QueuedWrite::answer);
            return;
        }
        self.reconnect();
        group.into_iter().for_each(|job| self.run_alone(job));
    }

    fn run_job(&mut self, job: &mut QueuedWrite, within: WriteScope) -> bool {
        let succeeded = job.run(&mut self.conn, within);
        if job.took > SLOW_JOB && !self.writes_much {
            let (name, ms) = (job.work.name(), job.took.as_millis());
            log::warn!("slow write: {name} held the writer for {ms} ms");
        }
        succeeded
    }

    /// Undoes what a job without a savepoint wrote before it failed, and answers it.
    fn undo(&mut self, job: QueuedWrite) {
        if dialect::rollback(&mut self.conn).is_err() {
            self.reconnect();
        }
        job.answer();
    }

    fn begin(&mut self) -> QueryResult<()> {
        dialect::begin_write(&mut self.conn).inspect_err(|error| {
            self.watch.note_write(Err(error));
            self.reconnect();
        })
    }

    /// Commits a group, and lets die what it puts out of date; where it fails, nothing is.
    fn commit(&mut self, group: &[QueuedWrite]) -> QueryResult<()> {
        let _committing = group.first().map(|job| job.deaths.committing());
        let committed = dialect::commit(&mut self.conn);
        self.watch.note_write(committed.as_ref().copied());
        if committed.is_ok() {
            group.iter().for_each(|job| job.deaths.bury(&job.outdated));
        }
        committed
    }

    /// The second and last try of a job whose group failed.
    fn run_alone(&mut self, mut job: QueuedWrite) {
        if let Err(error) = self.begin() {
            return job.refuse(Error::unavailable(error));
        }
        if !self.run_job(&mut job, WriteScope::Transaction) {
            return self.undo(job);
        }
        match self.commit(std::slice::from_ref(&job)) {
            Ok(()) => job.answer(),
            Err(error) => {
                self.reconnect();
                job.refuse(Error::unavailable(error));
            }
        }
    }

    /// A connection whose transaction state is in doubt is replaced; SQLite rolls the old one back
    /// as it closes.
    fn reconnect(&mut self) {
        match connect(&self.url, self.writes_much) {
            Ok(conn) => self.conn = conn,
            Err(error) => log::error!("{error}"),
        }
    }
}
