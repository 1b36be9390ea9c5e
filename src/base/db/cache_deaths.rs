//! What writes put out of date, so that kept answers are never older than an acknowledged write.
//!
//! A write names what it changes ([`outdate`]). When it succeeds, the names are its last row, in the table of deaths;
//! after its COMMIT and before its answer they die in this instance ([`CacheDeaths`]). Other instances and processes read
//! the table four times a second ([`DeathsFollower`]). An answer is good as long as nothing died that it shows, since the
//! moment before its snapshot was opened: nothing is looked for and deleted, so a write costs the same however much is
//! kept.
//!
//! Nothing kept may be sent while it is not known what others wrote: before the first reading of the table, and once the
//! last is longer ago than [`TRUST_TIME`].
//!
//! Who tells others to read something anew must not tell too early, or they read a kept answer from before and keep it.
//! What a snapshot shows is known here after [`CacheDeaths::wait_for_burials`], in every instance [`SPREAD_TIME`] later.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::kept::kept;
use super::schema::cache_deaths;
use super::{Conn, DatabaseUrl, EitherConn, dialect, pool};
use crate::base::clock::{Clock, Time};
use crate::base::error::Result;
use crate::base::secrets;
use crate::base::surrogate_key::{SurrogateKey, joined};

/// How often other instances' deaths are read.
pub(super) const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// For how long after a reading it is known well enough what others wrote.
const TRUST_TIME: Duration = Duration::from_secs(1);
/// How long after it could be read a write is known in every instance; with a margin for clocks that differ.
const SPREAD_TIME: Duration = TRUST_TIME.saturating_add(Duration::from_millis(100));
/// Keys of one write at most; one that puts more out of date puts everything out of date.
const KEYS: usize = 1_000;
/// Dead keys that are remembered at most; beyond, everything dies.
const REMEMBERED_KEYS: usize = 100_000;
/// Deaths that one reading takes at most; where there are more, everything dies.
const READ_AT_ONCE: i64 = 20_000;
/// How long the table keeps deaths, in seconds.
const KEPT_SECONDS: i64 = 600;
/// Who has read nothing for so long may have missed deaths.
const MISSED_TIME: Duration = Duration::from_secs(300);
/// Trusted for ever: nobody else writes.
const FOR_EVER: u64 = u64::MAX;

thread_local! {
    /// What the write that runs on this thread puts out of date.
    static OUTDATED: RefCell<Vec<SurrogateKey>> = const { RefCell::new(Vec::new()) };
}

/// Says, within a write, that answers which show this are out of date once it is committed.
pub fn outdate(keys: impl IntoIterator<Item = SurrogateKey>) {
    OUTDATED.with_borrow_mut(|outdated| outdated.extend(keys));
}

/// Forgets deaths that everybody has read; returns how many.
///
/// # Errors
/// The database's.
pub fn forget_old(conn: &mut Conn, now: Time) -> Result<usize> {
    let old = cache_deaths::table.filter(cache_deaths::at.lt(now.plus_seconds(-KEPT_SECONDS)));
    Ok(diesel::delete(old).execute(conn)?)
}

/// What a write put out of date: its keys, as text with spaces between.
#[derive(Debug, Default)]
pub(super) struct OutdatedKeys(String);

/// Deaths in this instance: of its own writes, and of others' that were read.
pub struct CacheDeaths {
    instance: String,
    clock: Clock,
    begun: Instant,
    /// The number of the latest deaths.
    number: AtomicU64,
    dead: RwLock<DeadKeys>,
    /// Milliseconds after `begun`.
    trusted_until: AtomicU64,
    /// Held, by many, from before a COMMIT until what it put out of date has died.
    committing: RwLock<()>,
    /// Whether others' deaths are read now and then, not before each answer.
    is_followed: AtomicBool,
}

#[derive(Default)]
struct DeadKeys {
    /// When each key died last, by the number of its deaths.
    keys: HashMap<u64, u64>,
    /// When everything died last.
    everything: u64,
    /// When a comment count changed last.
    counts: u64,
}

/// What an answer shows, and of when it is.
#[derive(Debug)]
pub struct AnswerAge {
    keys: Box<[u64]>,
    /// The number of the latest deaths when its snapshot was about to be opened.
    made_after: u64,
    /// The number of deaths up to which it is known to live.
    checked: AtomicU64,
    are_counts_old: AtomicBool,
}

/// Whether an answer can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerLife {
    /// Nothing that it shows has changed.
    Fresh,
    /// Nothing but the numbers of comments, somewhere.
    CountsMoved,
    /// Something that it shows has changed.
    Dead,
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl CacheDeaths {
    pub(super) fn new(clock: Clock) -> Result<Self> {
        Ok(Self {
            instance: secrets::opaque_token()?.chars().take(16).collect(),
            clock,
            begun: Instant::now(),
            number: AtomicU64::new(0),
            dead: RwLock::default(),
            trusted_until: AtomicU64::new(0),
            committing: RwLock::default(),
            is_followed: AtomicBool::new(false),
        })
    }

    /// The number of the latest deaths: what is made of a snapshot opened after this is at least of then.
    pub fn latest(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// The same, where all deaths are known.
    pub fn trusted_latest(&self) -> Option<u64> {
        self.is_trusted().then(|| self.latest())
    }

    /// Whether it is known what other instances wrote.
    pub fn is_trusted(&self) -> bool {
        let until = self.trusted_until.load(Ordering::Relaxed);
        until == FOR_EVER || self.begun.elapsed().as_millis() < u128::from(until)
    }

    /// How long ago the table was read last, in milliseconds; 0 where nobody else writes.
    pub fn lag_milliseconds(&self) -> i64 {
        let until = self.trusted_until.load(Ordering::Relaxed);
        let read = Duration::from_millis(until).saturating_sub(TRUST_TIME);
        let lag = self.begun.elapsed().saturating_sub(read);
        i64::try_from(lag.as_millis()).unwrap_or(i64::MAX)
    }

    /// From now on nobody else writes to this database.
    pub fn trust_alone(&self) {
        self.trusted_until.store(FOR_EVER, Ordering::Relaxed);
    }

    /// From now on others' deaths are read now and then: others may know later than this instance, too.
    pub(super) fn follow_from_now(&self) {
        self.is_followed.store(true, Ordering::Relaxed);
    }

    /// For how long after a write could be read another instance may not know of it.
    pub(super) fn spread_time(&self) -> Duration {
        if self.is_followed.load(Ordering::Relaxed) {
            SPREAD_TIME
        } else {
            Duration::ZERO
        }
    }

    /// Says that a COMMIT begins: what is returned is dropped once what it puts out of date is buried.
    pub(super) fn committing(&self) -> RwLockReadGuard<'_, ()> {
        self.committing.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until what writes of this instance put out of date has died, of all that could be read before. It may
    /// take as long as a COMMIT.
    pub(super) fn wait_for_burials(&self) {
        drop(self.committing.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The age of an answer that shows what these keys name, made after the deaths of this number.
    pub fn age(&self, keys: &[SurrogateKey], made_after: u64) -> AnswerAge {
        let keys: HashSet<u64> = keys.iter().map(|key| hash(&key.to_string())).collect();
        AnswerAge {
            keys: keys.into_iter().collect(),
            made_after,
            checked: AtomicU64::new(made_after),
            are_counts_old: AtomicBool::new(false),
        }
    }

    /// Whether an answer of this age can be sent again.
    pub fn life(&self, age: &AnswerAge) -> AnswerLife {
        let latest = self.latest();
        if age.checked.load(Ordering::Relaxed) != latest {
            let dead = self.dead.read().unwrap_or_else(PoisonError::into_inner);
            let died = |key: &u64| dead.keys.get(key).is_some_and(|number| *number > age.made_after);
            if dead.everything > age.made_after || age.keys.iter().any(died) {
                return AnswerLife::Dead;
            }
            age.are_counts_old
                .store(dead.counts > age.made_after, Ordering::Relaxed);
            age.checked.store(latest, Ordering::Relaxed);
        }
        if age.are_counts_old.load(Ordering::Relaxed) {
            AnswerLife::CountsMoved
        } else {
            AnswerLife::Fresh
        }
    }

    /// Runs the whole of a write; what it puts out of date is its last row.
    pub(super) fn collecting<T>(
        &self,
        conn: &mut Conn,
        work: impl FnOnce(&mut Conn) -> Result<T>,
    ) -> Result<(T, OutdatedKeys)> {
        OUTDATED.take();
        let value = work(conn)?;
        let mut keys = OUTDATED.take();
        if keys.iter().any(|key| matches!(key, SurrogateKey::Comments(_))) {
            keys.push(SurrogateKey::AllComments);
        }
        // Of comments nobody is told.
        let is_of_comments = |key: &SurrogateKey| matches!(key, SurrogateKey::Comments(_) | SurrogateKey::AllComments);
        let shows_more = !keys.iter().all(is_of_comments);
        let keys = match keys.as_slice() {
            [] => return Ok((value, OutdatedKeys::default())),
            keys if keys.len() > KEYS => SurrogateKey::Everything.to_string(),
            keys => joined(keys),
        };
        dialect::insert_death(conn, &self.instance, &keys, self.clock.now(), shows_more)?;
        Ok((value, OutdatedKeys(keys)))
    }

    /// Lets die what a committed write put out of date.
    pub(super) fn bury(&self, keys: &OutdatedKeys) {
        if !keys.0.is_empty() {
            self.kill(std::iter::once(keys.0.as_str()));
        }
    }

    fn kill<'k>(&self, batches: impl Iterator<Item = &'k str>) {
        let mut dead = self.dead.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.number.load(Ordering::Relaxed) + 1;
        let everything = SurrogateKey::Everything.to_string();
        let counts = SurrogateKey::AllComments.to_string();
        for key in batches.flat_map(|keys| keys.split(' ')) {
            if key == everything {
                dead.everything = number;
            }
            if key == counts {
                dead.counts = number;
            }
            dead.keys.insert(hash(key), number);
        }
        if dead.keys.len() > REMEMBERED_KEYS {
            dead.keys.clear();
            dead.everything = number;
        }
        // Last: whoever sees the number sees the deaths.
        self.number.store(number, Ordering::Release);
    }

    /// Lets everything die.
    fn kill_everything(&self) {
        self.kill(std::iter::once(SurrogateKey::Everything.to_string().as_str()));
    }
}

/// Reads other instances' deaths, on a connection of its own.
#[derive(Default)]
pub(super) struct DeathsFollower {
    conn: Option<Conn>,
    /// On SQLite the last `seq` that was read; on PostgreSQL the first transaction that may not have ended then.
    position: Option<i64>,
    /// What was read of transactions from there on.
    read: HashSet<i64>,
    last: Option<Instant>,
}

#[derive(QueryableByName)]
struct DeathRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    keys: String,
    #[diesel(sql_type = Text)]
    instance: String,
}

impl DeathsFollower {
    /// Reads what has died since the last time; trusts nothing where it cannot.
    pub(super) fn follow(&mut self, url: &DatabaseUrl, deaths: &CacheDeaths) -> std::result::Result<(), String> {
        let begun = Instant::now();
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => pool::connect(url)?,
        };
        let rows = self.read_rows(&mut conn).map_err(|error| error.to_string())?;
        self.conn = Some(conn);
        let has_missed = self.last.is_none_or(|last| begun.duration_since(last) > MISSED_TIME);
        if has_missed || i64::try_from(rows.len()).is_ok_and(|count| count > READ_AT_ONCE) {
            deaths.kill_everything();
        } else {
            let others = rows.iter().filter(|row| row.instance != deaths.instance);
            let unread: Vec<&str> = others
                .filter(|row| !self.read.contains(&row.seq))
                .map(|row| row.keys.as_str())
                .collect();
            if !unread.is_empty() {
                deaths.kill(unread.into_iter());
            }
        }
        self.read = rows.into_iter().map(|row| row.seq).collect();
        self.last = Some(begun);
        let until = begun.duration_since(deaths.begun) + TRUST_TIME;
        let until = u64::try_from(until.as_millis()).unwrap_or(0);
        deaths.trusted_until.store(until, Ordering::Relaxed);
        Ok(())
    }

    fn read_rows(&mut self, conn: &mut Conn) -> QueryResult<Vec<DeathRow>> {
        const COLUMNS: &str = "SELECT seq, keys, instance FROM cache_deaths WHERE";
        let limit = READ_AT_ONCE + 1;
        match conn.either() {
            EitherConn::Sqlite(c) => {
                let position = match self.position {
                    Some(position) => position,
                    None => latest_death(c)?,
                };
                let next = diesel::sql_query(format!("{COLUMNS} seq > ? ORDER BY seq LIMIT {limit}"));
                let rows: Vec<DeathRow> = kept(next.bind::<BigInt, _>(position)).load(c)?;
                self.position = rows.last().map(|row| row.seq).or(Some(position));
                Ok(rows)
            }
            EitherConn::Postgres(c) => {
                // Before the rows are read: what had ended by then is seen by them.
                let horizon = first_unended(c)?;
                let position = self.position.unwrap_or(horizon);
                let next = diesel::sql_query(format!("{COLUMNS} transaction_id >= $1 LIMIT {limit}"));
                let rows = kept(next.bind::<BigInt, _>(position)).load(c)?;
                self.position = Some(horizon);
                Ok(rows)
            }
        }
    }
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
}

fn latest_death(conn: &mut diesel::sqlite::SqliteConnection) -> QueryResult<i64> {
    let latest = diesel::sql_query("SELECT COALESCE(MAX(seq), 0) AS position FROM cache_deaths");
    latest.get_result::<PositionRow>(conn).map(|row| row.position)
}

/// The first transaction that may not have ended.
fn first_unended(conn: &mut diesel::pg::PgConnection) -> QueryResult<i64> {
    let horizon = diesel::sql_query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS position");
    kept(horizon).get_result::<PositionRow>(conn).map(|row| row.position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::ArticleId;

    fn deaths() -> CacheDeaths {
        CacheDeaths::new(Clock::system()).unwrap()
    }

    fn written(keys: &[SurrogateKey]) -> OutdatedKeys {
        OutdatedKeys(joined(keys))
    }

    #[test]
    fn an_answer_dies_of_what_it_shows_and_of_nothing_else() {
        let (deaths, own, other) = (deaths(), ArticleId::new(), ArticleId::new());
        let age = deaths.age(&[SurrogateKey::Article(own), SurrogateKey::Articles], deaths.latest());
        for (dead, life) in [
            (SurrogateKey::Article(other), AnswerLife::Fresh),
            (SurrogateKey::Tags, AnswerLife::Fresh),
            (SurrogateKey::AllComments, AnswerLife::CountsMoved),
            (SurrogateKey::Tags, AnswerLife::CountsMoved),
            (SurrogateKey::Article(own), AnswerLife::Dead),
            (SurrogateKey::Tags, AnswerLife::Dead),
        ] {
            deaths.bury(&written(&[dead]));
            assert_eq!(deaths.life(&age), life, "{dead}");
            assert_eq!(deaths.life(&age), life, "{dead}, once more");
        }
    }

    #[test]
    fn what_was_made_before_a_death_and_arrives_after_it_is_dead() {
        let deaths = deaths();
        let before = deaths.latest();
        deaths.bury(&written(&[SurrogateKey::Articles]));
        let (late, new) = (
            deaths.age(&[SurrogateKey::Articles], before),
            deaths.age(&[SurrogateKey::Articles], deaths.latest()),
        );
        assert_eq!(
            (deaths.life(&late), deaths.life(&new)),
            (AnswerLife::Dead, AnswerLife::Fresh)
        );
        deaths.bury(&written(&[SurrogateKey::Everything]));
        assert_eq!(deaths.life(&new), AnswerLife::Dead);
    }

    #[test]
    fn more_deaths_than_are_remembered_are_the_death_of_everything() {
        let deaths = deaths();
        let age = deaths.age(&[SurrogateKey::Tags], deaths.latest());
        let many: Vec<String> = (0..=REMEMBERED_KEYS).map(|number| number.to_string()).collect();
        deaths.kill(many.iter().map(String::as_str));
        assert_eq!(deaths.life(&age), AnswerLife::Dead);
        let remembered = deaths.dead.read().unwrap().keys.len();
        assert_eq!(remembered, 0);
    }

    #[test]
    fn nothing_is_trusted_before_a_reading_and_long_after_the_last() {
        let deaths = deaths();
        assert!(!deaths.is_trusted());
        let now = u64::try_from(deaths.begun.elapsed().as_millis()).unwrap();
        deaths.trusted_until.store(now + 60_000, Ordering::Relaxed);
        assert!(deaths.is_trusted());
        deaths.trusted_until.store(now, Ordering::Relaxed);
        assert!(!deaths.is_trusted());
        deaths.trust_alone();
        assert!(deaths.is_trusted() && deaths.lag_milliseconds() == 0);
    }
}
