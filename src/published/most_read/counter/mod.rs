//! Views, counted in memory until they are written.
//!
//! Of a network (an IPv4 address, an IPv6 /64) an article counts once in half an hour, and at most 20 articles in a
//! minute. What tells that somebody was here before is a hash under a random key that is nowhere but in this memory and
//! is another each day; it is dropped after half an hour. So nothing of a reader is stored, and nothing can be found out
//! afterwards. What is forgotten too early, at midnight, at a restart or because another instance was asked, at worst
//! counts somebody twice.
//!
//! Every table has a greatest size. What no longer fits is not counted: whoever sends views from very many networks
//! makes numbers stand still, and takes no memory.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::HourlyViews;
use super::store::add_views;
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::http::client::Network;
use crate::base::ids::ArticleId;
use crate::base::secrets::PassingKey;

/// For how long a further view of an article from one network is the same.
const SAME_MS: u64 = 30 * 60 * 1_000;
/// Views of one network that are counted in a minute.
const PER_MINUTE: u32 = 20;
/// How often views are written.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// How long the last views may take to be written when the server stops.
const LAST_WRITE_TIME: Duration = Duration::from_secs(5);
/// Articles of one write. There are hardly ever more in ten seconds.
const PER_WRITE: usize = 2_000;

/// How much is remembered at most.
#[derive(Clone, Copy, Debug)]
struct CounterBounds {
    /// Views of the last half hour, about 40 bytes each: 280 in each second.
    recent: usize,
    /// Networks of this minute.
    networks: usize,
    /// Articles, in each hour, that wait to be written.
    waiting: usize,
}

const BOUNDS: CounterBounds = CounterBounds {
    recent: 500_000,
    networks: 50_000,
    waiting: 20_000,
};

/// The counters of an instance. Clones share them.
#[derive(Clone)]
pub struct ViewCounter(Arc<SharedCounts>);

struct SharedCounts {
    counts: Mutex<ViewCounts>,
    /// Held by whoever writes.
    writing: tokio::sync::Mutex<()>,
}

impl Default for ViewCounter {
    fn default() -> Self {
        Self(Arc::new(SharedCounts {
            counts: Mutex::new(ViewCounts::new(BOUNDS)),
            writing: tokio::sync::Mutex::default(),
        }))
    }
}

impl ViewCounter {
    /// Counts a view, or does not: nobody is told.
    pub fn count(&self, network: Network, article: ArticleId, now: Time) {
        if let Err(error) = self.counts().count(network, article, now) {
            log::warn!("a view was not counted: {error}");
        }
    }

    fn counts(&self) -> MutexGuard<'_, ViewCounts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was counted. Where that fails it is kept, and written the next time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn write(&self, db: &Db) -> Result<()> {
        let _turn = self.0.writing.lock().await;
        let mut unwritten = self.counts().take();
        while !unwritten.is_empty() {
            let rest = unwritten.split_off(unwritten.len().min(PER_WRITE));
            let views: Arc<[HourlyViews]> = unwritten.as_slice().into();
            if let Err(error) = db.write(move |conn| add_views(conn, &views)).await {
                unwritten.extend(rest);
                self.counts().put_back(unwritten);
                return Err(error);
            }
            unwritten = rest;
        }
        self.counts().put_back(Vec::new());
        Ok(())
    }

    /// Writes now and then, and once more when it is told to stop.
    pub async fn work(self, db: Db, mut told: oneshot::Receiver<()>) {
        loop {
            let is_told = match select(std::pin::pin!(sleep(WRITE_EVERY)), &mut told).await {
                Either::Left(_) => false,
                Either::Right(_) => true,
            };
            let written = if is_told {
                let last = timeout(LAST_WRITE_TIME, self.write(&db)).await;
                last.unwrap_or_else(|_| Err(Error::unavailable("it took too long")))
            } else {
                self.write(&db).await
            };
            if let Err(error) = written {
                log::warn!("views could not be written: {error}");
            }
            if is_told {
                return;
            }
        }
    }
}

/// What is remembered.
struct ViewCounts {
    bounds: CounterBounds,
    /// The key of a day, which is given as its number.
    key: Option<(i64, PassingKey)>,
    /// Views of the last half hour.
    recent: HashSet<u64>,
    /// The same in the order of their time.
    in_order: VecDeque<(Time, u64)>,
    /// The minute of the counts of networks, as its number.
    minute: i64,
    /// Views of each network that were counted in that minute.
    of_network: HashMap<u64, u32>,
    waiting: HashMap<(ArticleId, Time), i64>,
    /// How many of `waiting` are being written, and come back where that fails.
    being_written: usize,
}

impl ViewCounts {
    fn new(bounds: CounterBounds) -> Self {
        Self {
            bounds,
            key: None,
            recent: HashSet::new(),
            in_order: VecDeque::new(),
            minute: 0,
            of_network: HashMap::new(),
            waiting: HashMap::new(),
            being_written: 0,
        }
    }

    /// Counts a view; whether it was new and had room.
    fn count(&mut self, network: Network, article: ArticleId, now: Time) -> Result<bool> {
        self.forget_past(now);
        let key = self.key_of(now)?;
        let reader = key.short_hash(&network.to_string());
        let view = key.short_hash(&format!("{network} {article}"));
        let place = (article, now.hour());
        let is_again = self.recent.contains(&view);
        let has_room = self.recent.len() < self.bounds.recent
            && (self.of_network.len() < self.bounds.networks || self.of_network.contains_key(&reader))
            && (self.waiting.len() + self.being_written < self.bounds.waiting || self.waiting.contains_key(&place));
        if is_again || !has_room {
            return Ok(false);
        }
        let counted = self.of_network.entry(reader).or_default();
        if *counted >= PER_MINUTE {
            return Ok(false);
        }
        *counted += 1;
        self.recent.insert(view);
        self.in_order.push_back((now, view));
        *self.waiting.entry(place).or_default() += 1;
        Ok(true)
    }

    /// Drops what is older than it may be. A clock that was put back makes nothing stay longer than twice that.
    fn forget_past(&mut self, now: Time) {
        let is_past = |at: Time| now.millis().abs_diff(at.millis()) >= SAME_MS;
        while let Some((_, view)) = self.in_order.front().copied().filter(|(at, _)| is_past(*at)) {
            self.in_order.pop_front();
            self.recent.remove(&view);
        }
        let minute = now.millis().div_euclid(60_000);
        if minute != self.minute {
            self.minute = minute;
            self.of_network.clear();
        }
    }

    /// The key of this day. With the one of the day before goes all that was known by it.
    fn key_of(&mut self, now: Time) -> Result<&PassingKey> {
        let today = now.millis().div_euclid(24 * 3_600 * 1_000);
        let known = self.key.take().filter(|(day, _)| *day == today);
        let (day, key) = match known {
            Some(known) => known,
            None => {
                self.recent.clear();
                self.in_order.clear();
                self.of_network.clear();
                (today, PassingKey::generate()?)
            }
        };
        Ok(&self.key.insert((day, key)).1)
    }

    /// Hands over what waits to be written, in the order in which every instance writes it: so none waits for another
    /// that waits for it.
    fn take(&mut self) -> Vec<HourlyViews> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let mut taken: Vec<HourlyViews> = waiting
            .map(|((article_id, hour), view_count)| HourlyViews {
                article_id,
                hour,
                view_count,
            })
            .collect();
        taken.sort_unstable();
        self.being_written = taken.len();
        taken
    }

    /// Takes back what could not be written: there was kept room for it.
    fn put_back(&mut self, unwritten: Vec<HourlyViews>) {
        self.being_written = 0;
        for views in unwritten {
            *self.waiting.entry((views.article_id, views.hour)).or_default() += views.view_count;
        }
    }
}

#[cfg(test)]
mod tests;
