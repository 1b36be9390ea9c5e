//! How often somebody may try to log in: counted per account and per network, whether the account
//! exists or not. Held in memory, per instance; the algorithm is governor's GCRA.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::base::clock::Clock;
use crate::base::db::folded;
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::Network;

/// Attempts per account: a burst, then one each 30 seconds.
const ACCOUNT_BURST: u32 = 10;
const ACCOUNT_PERIOD: Duration = Duration::from_secs(30);
/// Attempts per network: a larger burst, then one each 2 seconds, as a whole newsroom may share one address.
const NETWORK_BURST: u32 = 60;
const NETWORK_PERIOD: Duration = Duration::from_secs(2);

type AttemptLimiter<K> = RateLimiter<K, DashMapStateStore<K>, ThrottleClock, NoOpMiddleware<ThrottleInstant>>;

/// The counters of login attempts.
#[derive(Clone)]
pub struct LoginThrottle {
    accounts: Arc<AttemptLimiter<String>>,
    networks: Arc<AttemptLimiter<Network>>,
}

impl LoginThrottle {
    /// Nobody has tried yet.
    pub fn new(clock: &Clock) -> Self {
        Self {
            accounts: Arc::new(limiter(ACCOUNT_PERIOD, ACCOUNT_BURST, clock)),
            networks: Arc::new(limiter(NETWORK_PERIOD, NETWORK_BURST, clock)),
        }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// 429 with `Retry-After` and the RateLimit headers once there were too many.
    pub fn attempt(&self, email: &str, network: Network) -> Result<()> {
        check(&self.networks, &network, NETWORK_BURST, NETWORK_PERIOD)?;
        check(&self.accounts, &folded(email), ACCOUNT_BURST, ACCOUNT_PERIOD)
    }

    /// Forgets those who have not tried for a long time; called now and then.
    pub fn forget_idle(&self) {
        self.accounts.retain_recent();
        self.networks.retain_recent();
    }
}

fn limiter<K: Hash + Eq + Clone>(period: Duration, burst: u32, clock: &Clock) -> AttemptLimiter<K> {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(period)
        .unwrap_or(Quota::per_minute(burst))
        .allow_burst(burst);
    RateLimiter::new(quota, DashMapStateStore::default(), ThrottleClock(clock.clone()))
}

fn check<K: Hash + Eq + Clone>(limiter: &AttemptLimiter<K>, key: &K, burst: u32, period: Duration) -> Result<()> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(limiter.clock().now());
        let seconds = wait.as_secs() + 1;
        let window = u64::from(burst) * period.as_secs();
        Error::new(Code::TooManyRequests)
            .with("seconds", seconds)
            .header("Retry-After", seconds)
            .header("RateLimit-Policy", format!("\"login\";q={burst};w={window}"))
            .header("RateLimit", format!("\"login\";r=0;t={seconds}"))
    })
}

/// Our clock as governor reads it: milliseconds.
#[derive(Clone)]
struct ThrottleClock(Clock);

/// A reading of that clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ThrottleInstant(u64);

impl Add<Nanos> for ThrottleInstant {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0.saturating_add(nanos.as_u64()))
    }
}

impl Reference for ThrottleInstant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.as_u64()))
    }
}

impl GovernorClock for ThrottleClock {
    type Instant = ThrottleInstant;

    fn now(&self) -> ThrottleInstant {
        ThrottleInstant(
            u64::try_from(self.0.now().millis())
                .unwrap_or(0)
                .saturating_mul(1_000_000),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Time;

    #[test]
    fn an_account_is_throttled_after_its_burst_and_free_again_later() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        let network = |n: u8| Network::of(std::net::IpAddr::from([192, 0, 2, n]));
        for attempt in 0..10 {
            throttle.attempt("A@demo.test", network(attempt)).unwrap();
        }
        let refused = throttle.attempt("a@demo.test", network(99)).unwrap_err();
        assert_eq!(refused.code(), Code::TooManyRequests);
        assert!(refused.headers().iter().any(|(name, _)| *name == "Retry-After"));
        throttle.attempt("b@demo.test", network(99)).unwrap();
        clock.advance_seconds(31);
        throttle.attempt("a@demo.test", network(99)).unwrap();
    }

    #[test]
    fn a_network_that_tries_many_accounts_is_throttled() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        let network = Network::of(std::net::IpAddr::from([192, 0, 2, 1]));
        let refused = (0..100).find(|n| throttle.attempt(&format!("user{n}@demo.test"), network).is_err());
        assert_eq!(refused, Some(60));
    }
}
