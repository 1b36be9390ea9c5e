//! Whether the database answers: asked each second, on a connection of its own, so that requests need not wait long to
//! learn that it does not. Whether it takes writes, the writes themselves show; where none was made for a while, one
//! is.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{Either, join, select};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::{Conn, DatabaseUrl, Db, dialect, pool, run_blocking};
use crate::base::error::{Error, Result};

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(1);
/// It is out of reach when it takes longer to answer `SELECT 1`.
const ANSWER_TIME: Duration = Duration::from_millis(1500);
/// It takes no writes when SQLite's writer has been at one group of them for longer: the disk hangs. Longer than it
/// waits for somebody else's lock.
const GROUP_ANSWER_TIME: Duration = Duration::from_secs(10);
/// For so long after a disk was full a write that found room does not say that it takes writes: a small one finds room
/// where an article does not.
const FULL_DISK_TIME: Duration = Duration::from_secs(10);
/// Whether it takes writes is tried when this has passed since the last one.
const WRITE_PROOF: Duration = Duration::from_secs(60);

/// How the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseCondition {
    /// It answers.
    Well,
    /// It can be read; the last write failed: a full disk, somebody else's lock.
    WritesFail,
    /// It does not answer.
    OutOfReach,
}

/// What is known of the database.
pub(super) struct DatabaseWatch {
    begun: Instant,
    is_reached: AtomicBool,
    takes_writes: AtomicBool,
    /// Milliseconds after `begun`.
    written_at: AtomicU64,
    /// A write failed, by its own fault or by the database's.
    is_doubted: AtomicBool,
    /// Milliseconds after `begun` at which SQLite's writer began what it is at; 0 where it waits for work.
    writing_since: AtomicU64,
    /// Milliseconds after `begun` at which the disk was full; 0 for never.
    full_at: AtomicU64,
    lost: Notify,
}

impl Default for DatabaseWatch {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            is_reached: AtomicBool::new(true),
            takes_writes: AtomicBool::new(true),
            written_at: AtomicU64::new(0),
            is_doubted: AtomicBool::new(false),
            writing_since: AtomicU64::new(0),
            full_at: AtomicU64::new(0),
            lost: Notify::new(),
        }
    }
}

impl DatabaseWatch {
    pub(super) fn condition(&self) -> DatabaseCondition {
        if !self.is_reached.load(Ordering::Relaxed) {
            DatabaseCondition::OutOfReach
        } else if !self.takes_writes.load(Ordering::Relaxed) {
            DatabaseCondition::WritesFail
        } else {
            DatabaseCondition::Well
        }
    }

    /// Awaits `work`, but not when the database is out of reach, or once it is found to be.
    pub(super) async fn unless_lost<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let lost = || Error::unavailable("the database does not answer");
        let mut gets_lost = pin!(self.lost.notified());
        gets_lost.as_mut().enable();
        if !self.is_reached.load(Ordering::Relaxed) {
            return Err(lost());
        }
        match select(pin!(work), gets_lost).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(lost()),
        }
    }

    /// Lets the watch try soon whether the database takes writes: one failed, perhaps for a reason of its own.
    pub(super) fn doubt_writes(&self) {
        self.is_doubted.store(true, Ordering::Relaxed);
    }

    /// Milliseconds since it began to watch, never 0.
    fn moment(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    /// Whether `moment` is there and not longer ago than this.
    fn is_within(&self, moment: u64, time: Duration) -> bool {
        moment > 0 && self.begun.elapsed().saturating_sub(Duration::from_millis(moment)) < time
    }

    /// SQLite's writer begins a group of writes, or has ended it.
    pub(super) fn note_writer(&self, is_at_work: bool) {
        let since = if is_at_work { self.moment() } else { 0 };
        self.writing_since.store(since, Ordering::Relaxed);
    }

    /// Whether SQLite's writer hangs: what is queued behind it would wait in vain.
    pub(super) fn is_writer_hung(&self) -> bool {
        // Read once: the writer may end its group meanwhile.
        let since = self.writing_since.load(Ordering::Relaxed);
        since > 0 && !self.is_within(since, GROUP_ANSWER_TIME)
    }

    /// Notes that a write found no room on the disk.
    pub(super) fn note_full_disk(&self, error: &Error) {
        self.full_at.store(self.moment(), Ordering::Relaxed);
        self.note_write(Err(error));
    }

    /// Notes what became of a write: only failures of the database's own count.
    pub(super) fn note_write<E: std::fmt::Display>(&self, outcome: std::result::Result<(), &E>) {
        if outcome.is_ok() && self.is_within(self.full_at.load(Ordering::Relaxed), FULL_DISK_TIME) {
            return;
        }
        let before = self.takes_writes.swap(outcome.is_ok(), Ordering::Relaxed);
        self.is_doubted.store(false, Ordering::Relaxed);
        match outcome {
            Ok(()) => {
                self.written_at.store(self.moment(), Ordering::Relaxed);
                if !before {
                    log::warn!("the database takes writes again");
                }
            }
            Err(error) if before => log::error!("the database takes no writes: {error}"),
            Err(_) => {}
        }
    }

    fn note_answer(&self, answer: std::result::Result<(), &Error>) {
        let before = self.is_reached.swap(answer.is_ok(), Ordering::Relaxed);
        match answer {
            Ok(()) if !before => log::warn!("the database answers again"),
            Err(error) if before => {
                log::error!("the database does not answer: {error}");
                self.lost.notify_waiters();
            }
            _ => {}
        }
    }

    fn needs_proof(&self) -> bool {
        let written = Duration::from_millis(self.written_at.load(Ordering::Relaxed));
        let is_old = self.begun.elapsed().saturating_sub(written) >= WRITE_PROOF;
        let is_doubted = self.is_doubted.load(Ordering::Relaxed) || !self.takes_writes.load(Ordering::Relaxed);
        self.is_reached.load(Ordering::Relaxed) && (is_old || is_doubted)
    }
}

impl Db {
    /// How the database is, as far as is known.
    pub fn condition(&self) -> DatabaseCondition {
        self.0.watch.condition()
    }

    /// Watches over the database, until it is dropped.
    pub async fn watch(self) {
        join(self.watch_reads(), self.watch_writes()).await;
    }

    async fn watch_reads(&self) {
        let mut kept = None;
        loop {
            sleep(EVERY).await;
            let (url, conn) = (self.0.url.clone(), kept.take());
            let mut asking = pin!(run_blocking(move || ask(&url, conn)));
            let answer = match timeout(ANSWER_TIME, &mut asking).await {
                Ok(answer) => answer,
                Err(_) => {
                    let late = Error::unavailable(format!("it said nothing for {} ms", ANSWER_TIME.as_millis()));
                    self.0.watch.note_answer(Err(&late));
                    asking.await
                }
            };
            self.0.watch.note_answer(answer.as_ref().map(|_| ()));
            kept = answer.ok();
            if self.0.watch.is_writer_hung() {
                self.0.watch.note_write(Err(&"the disk does not answer"));
            }
        }
    }

    async fn watch_writes(&self) {
        loop {
            sleep(EVERY).await;
            if self.0.watch.needs_proof() {
                let proved = self.write(|conn| Ok(dialect::prove_writing(conn)?)).await;
                self.0.watch.note_write(proved.as_ref().copied());
            }
        }
    }
}

/// Asks the database on this connection, or on a new one, and gives it back.
fn ask(url: &DatabaseUrl, conn: Option<Conn>) -> Result<Conn> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => pool::connect(url).map_err(Error::unavailable)?,
    };
    dialect::ask(&mut conn)?;
    Ok(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A watch that has watched for a minute.
    fn watch() -> DatabaseWatch {
        DatabaseWatch {
            begun: Instant::now().checked_sub(Duration::from_secs(60)).unwrap(),
            ..DatabaseWatch::default()
        }
    }

    #[test]
    fn a_writer_hangs_once_it_has_been_at_one_group_for_too_long() {
        let watch = watch();
        assert!(!watch.is_writer_hung());
        watch.note_writer(true);
        assert!(!watch.is_writer_hung());
        watch.writing_since.store(49_000, Ordering::Relaxed);
        assert!(watch.is_writer_hung());
        watch.note_writer(false);
        assert!(!watch.is_writer_hung());
    }

    #[test]
    fn a_small_write_that_finds_room_on_a_full_disk_proves_nothing_for_a_while() {
        let watch = watch();
        watch.note_full_disk(&Error::unavailable("No space left on device"));
        assert_eq!(watch.condition(), DatabaseCondition::WritesFail);
        watch.note_write::<Error>(Ok(()));
        assert_eq!(watch.condition(), DatabaseCondition::WritesFail);
        watch.full_at.store(49_000, Ordering::Relaxed);
        watch.note_write::<Error>(Ok(()));
        assert_eq!(watch.condition(), DatabaseCondition::Well);
    }
}
