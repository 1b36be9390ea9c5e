//! How often API tokens are used: no more than so many requests a minute each, per instance; and how many there were,
//! which the worker writes once a minute, so that reading writes nothing.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::api_token::ApiTokenId;
use super::throttle::ThrottleClock;
use crate::base::clock::{Clock, Time};
use crate::base::db::schema::api_tokens;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::rate_limit::RateLimit;

/// Requests that a token may send a minute where the operator says nothing else, all at once if it likes.
pub const REQUESTS_A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
/// How often uses are written, in seconds.
const SAVE_SECONDS: i64 = 60;
/// Tokens at most whose uses wait to be written; beyond, they are written at once.
const WAITING: usize = 10_000;

type TokenLimiter = RateLimiter<ApiTokenId, DashMapStateStore<ApiTokenId>, ThrottleClock, StateInformationMiddleware>;

/// The uses of tokens in this instance. Clones share them.
#[derive(Clone)]
pub struct TokenUses {
    limiter: Arc<TokenLimiter>,
    a_minute: NonZeroU32,
    unsaved: Arc<Mutex<UnsavedUses>>,
    clock: Clock,
}

#[derive(Default)]
struct UnsavedUses {
    tokens: HashMap<ApiTokenId, (i64, Time)>,
    saved_at: Option<Time>,
}

impl TokenUses {
    /// None yet.
    pub fn new(a_minute: NonZeroU32, clock: &Clock) -> Self {
        let store = DashMapStateStore::default();
        let limiter = TokenLimiter::new(Quota::per_minute(a_minute), store, ThrottleClock(clock.clone()));
        Self {
            limiter: Arc::new(limiter),
            a_minute,
            unsaved: Arc::default(),
            clock: clock.clone(),
        }
    }

    /// Counts a request of a token; says what is left.
    ///
    /// # Errors
    /// 429 with `Retry-After` and the RateLimit headers once there were too many.
    pub fn count(&self, id: ApiTokenId) -> Result<RateLimit> {
        let policy = |left, seconds| RateLimit {
            name: "token",
            quota: self.a_minute.get(),
            window_seconds: 60,
            left,
            seconds,
        };
        let allowed = self.limiter.check_key(&id).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.limiter.clock().now());
            let seconds = wait.as_secs() + 1;
            let refused = Error::new(Code::TooManyRequests).with("seconds", seconds);
            policy(0, seconds).refuse(refused)
        })?;
        self.note(id);
        let left = allowed.remaining_burst_capacity();
        let missing = u64::from(self.a_minute.get().saturating_sub(left));
        let refill = Duration::from_secs(60) / self.a_minute.get();
        let seconds = (refill.as_millis() * u128::from(missing)).div_ceil(1_000);
        Ok(policy(left, u64::try_from(seconds).unwrap_or(60)))
    }

    /// Notes a request of a token.
    pub fn note(&self, id: ApiTokenId) {
        let now = self.clock.now();
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = unsaved.tokens.entry(id).or_insert((0, now));
        (*count, *last) = (*count + 1, now.max(*last));
    }

    /// Writes the uses of the last minute, if that is over: called every second.
    ///
    /// # Errors
    /// The database's; then they wait for the next time.
    pub async fn step(&self, db: &Db) -> Result<()> {
        let now = self.clock.now();
        let is_due = {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            let saved_at = *unsaved.saved_at.get_or_insert(now);
            saved_at.plus_seconds(SAVE_SECONDS) <= now || unsaved.tokens.len() > WAITING
        };
        if is_due { self.save(db).await } else { Ok(()) }
    }

    /// Writes all uses that are not written, and forgets who has not come for a minute.
    ///
    /// # Errors
    /// As [`TokenUses::step`].
    pub async fn save(&self, db: &Db) -> Result<()> {
        self.limiter.retain_recent();
        let taken = {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            unsaved.saved_at = Some(self.clock.now());
            std::mem::take(&mut unsaved.tokens)
        };
        if taken.is_empty() {
            return Ok(());
        }
        // In one order everywhere, in which two instances never wait for each other.
        let mut uses: Vec<(ApiTokenId, i64, Time)> = taken.iter().map(|(id, (count, at))| (*id, *count, *at)).collect();
        uses.sort_by_key(|(id, ..)| *id);
        let saved = db.write(move |conn| save_uses(conn, &uses)).await;
        if saved.is_err() {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, (count, at)) in taken {
                let (total, last) = unsaved.tokens.entry(id).or_insert((0, at));
                (*total, *last) = (*total + count, at.max(*last));
            }
        }
        saved
    }
}

fn save_uses(conn: &mut Conn, uses: &[(ApiTokenId, i64, Time)]) -> Result<()> {
    for (id, count, at) in uses {
        diesel::update(api_tokens::table.find(id))
            .set((
                api_tokens::request_count.eq(api_tokens::request_count + count),
                api_tokens::last_used_at.eq(at),
            ))
            .execute(conn)?;
    }
    Ok(())
}
