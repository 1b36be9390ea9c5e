//! How often somebody may try to log in: counted per network, per account from each network, and per account from all
//! networks from which nobody has logged into it, whether the account exists or not. Strangers thus use up what
//! strangers have, and not what its owner has at home. Held in memory, per instance; the algorithm is governor's GCRA.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::base::clock::{Clock, Time};
use crate::base::db::folded;
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::Network;
use crate::base::http::rate_limit::RateLimit;

/// Attempts per account from one network: a burst, then one each 30 seconds.
const ACCOUNT_BURST: u32 = 10;
const ACCOUNT_PERIOD: Duration = Duration::from_secs(30);
/// Attempts per account from all networks that are strange to it: a burst, then one each 10 seconds.
const STRANGERS_BURST: u32 = 100;
const STRANGERS_PERIOD: Duration = Duration::from_secs(10);
/// Attempts per network: a larger burst, then one each 2 seconds, as a whole newsroom may share one address.
const NETWORK_BURST: u32 = 60;
const NETWORK_PERIOD: Duration = Duration::from_secs(2);

/// Second factors per account, tried by who knows its password: of a million codes three are good at a time, so that
/// whoever guesses needs years.
const SECOND_FACTOR_BURST: u32 = 10;
const SECOND_FACTOR_PERIOD: Duration = Duration::from_secs(300);

type AttemptLimiter<K> = RateLimiter<K, DashMapStateStore<K>, ThrottleClock, NoOpMiddleware<ThrottleInstant>>;

/// Accounts and networks that are remembered at most; then the oldest is forgotten.
const KNOWN: usize = 10_000;

/// The counters of login attempts.
#[derive(Clone)]
pub struct LoginThrottle {
    accounts: Arc<AttemptLimiter<AccountAt>>,
    strangers: Arc<AttemptLimiter<String>>,
    networks: Arc<AttemptLimiter<Network>>,
    second_factors: Arc<AttemptLimiter<String>>,
    /// From where whom was logged in last, and when.
    known: Arc<Mutex<HashMap<AccountAt, Time>>>,
    clock: Clock,
}

/// An account, by its folded address, and a network from which it is tried.
type AccountAt = (String, Network);

impl LoginThrottle {
    /// Nobody has tried yet.
    pub fn new(clock: &Clock) -> Self {
        Self {
            accounts: Arc::new(limiter(ACCOUNT_PERIOD, ACCOUNT_BURST, clock)),
            strangers: Arc::new(limiter(STRANGERS_PERIOD, STRANGERS_BURST, clock)),
            networks: Arc::new(limiter(NETWORK_PERIOD, NETWORK_BURST, clock)),
            second_factors: Arc::new(limiter(SECOND_FACTOR_PERIOD, SECOND_FACTOR_BURST, clock)),
            known: Arc::default(),
            clock: clock.clone(),
        }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// 429 with `Retry-After` and the RateLimit headers once there were too many.
    pub fn attempt(&self, email: &str, network: Network) -> Result<()> {
        check(&self.networks, &network, NETWORK_BURST, NETWORK_PERIOD)?;
        let account = (folded(email), network);
        check(&self.accounts, &account, ACCOUNT_BURST, ACCOUNT_PERIOD)?;
        if self.known().contains_key(&account) {
            return Ok(());
        }
        check(&self.strangers, &account.0, STRANGERS_BURST, STRANGERS_PERIOD)
    }

    /// Counts a second factor that is tried for an account whose password is known. From where the account's owner was
    /// logged in, only as an attempt.
    ///
    /// # Errors
    /// As [`LoginThrottle::attempt`].
    pub fn second_factor(&self, email: &str, network: Network) -> Result<()> {
        let account = (folded(email), network);
        if self.known().contains_key(&account) {
            return Ok(());
        }
        check(
            &self.second_factors,
            &account.0,
            SECOND_FACTOR_BURST,
            SECOND_FACTOR_PERIOD,
        )
    }

    /// Notes that the account's owner is at this network: they logged in, or renewed a session.
    pub fn recognise(&self, email: &str, network: Network) {
        let mut known = self.known();
        if known.len() >= KNOWN {
            let oldest = known
                .iter()
                .min_by_key(|(_, at)| **at)
                .map(|(account, _)| account.clone());
            oldest.map(|oldest| known.remove(&oldest));
        }
        known.insert((folded(email), network), self.clock.now());
    }

    fn known(&self) -> MutexGuard<'_, HashMap<AccountAt, Time>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets those who have not tried for a long time; called now and then.
    pub fn forget_idle(&self) {
        self.accounts.retain_recent();
        self.strangers.retain_recent();
        self.networks.retain_recent();
        self.second_factors.retain_recent();
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
        let limit = RateLimit {
            name: "login",
            quota: burst,
            window_seconds: u64::from(burst) * period.as_secs(),
            left: 0,
            seconds,
        };
        limit.refuse(Error::new(Code::TooManyRequests).with("seconds", seconds))
    })
}

/// Our clock as governor reads it: milliseconds.
#[derive(Clone)]
pub(super) struct ThrottleClock(pub(super) Clock);

/// A reading of that clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ThrottleInstant(u64);

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

    fn network(number: u8) -> Network {
        Network::of(std::net::IpAddr::from([192, 0, 2, number]))
    }

    #[test]
    fn an_account_is_throttled_from_a_network_after_its_burst_and_free_again_later() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        for _ in 0..10 {
            throttle.attempt("A@demo.test", network(1)).unwrap();
        }
        let refused = throttle.attempt("a@demo.test", network(1)).unwrap_err();
        assert_eq!(refused.code(), Code::TooManyRequests);
        assert!(refused.headers().iter().any(|(name, _)| *name == "Retry-After"));
        throttle.attempt("b@demo.test", network(1)).unwrap();
        clock.advance_seconds(31);
        throttle.attempt("a@demo.test", network(1)).unwrap();
    }

    #[test]
    fn strangers_lock_nobody_out_from_where_they_log_in() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        throttle.recognise("Awa@demo.test", network(200));
        for stranger in 0..100 {
            throttle.attempt("awa@demo.test", network(stranger)).unwrap();
        }
        assert!(throttle.attempt("awa@demo.test", network(101)).is_err());
        throttle.attempt("awa@demo.test", network(200)).unwrap();
        // At home there is an end too.
        let refused = (1..100).find(|_| throttle.attempt("awa@demo.test", network(200)).is_err());
        assert_eq!(refused, Some(10));
        clock.advance_seconds(11);
        throttle.attempt("awa@demo.test", network(101)).unwrap();
    }

    #[test]
    fn only_so_many_networks_are_remembered() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        for number in 0..=KNOWN {
            throttle.recognise(&format!("user{number}@demo.test"), network(1));
            clock.advance_seconds(1);
        }
        let known = throttle.known();
        assert_eq!(known.len(), KNOWN);
        assert!(!known.contains_key(&("user0@demo.test".to_owned(), network(1))));
    }

    #[test]
    fn a_network_that_tries_many_accounts_is_throttled() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        let throttle = LoginThrottle::new(&clock);
        let network = Network::of(std::net::IpAddr::from([192, 0, 2, 1]));
        let refused = (0..100).find(|n| throttle.attempt(&format!("user{n}@demo.test"), network).is_err());
        assert_eq!(refused, Some(60));
    }

    #[test]
    fn each_limit_is_a_burst_and_then_one_attempt_a_period() {
        type Attempt = fn(&LoginThrottle, u8) -> Result<()>;
        let table: [(Attempt, u64, i64); 4] = [
            (|throttle, _| throttle.attempt("a@demo.test", network(1)), 10, 30),
            (|throttle, nth| throttle.attempt("a@demo.test", network(nth)), 100, 10),
            (
                |throttle, nth| throttle.attempt(&format!("a{nth}@demo.test"), network(1)),
                60,
                2,
            ),
            (|throttle, _| throttle.second_factor("a@demo.test", network(1)), 10, 300),
        ];
        for (attempt, burst, period) in table {
            let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
            let throttle = LoginThrottle::new(&clock);
            let mut numbers = 0_u8..;
            let mut again = || attempt(&throttle, numbers.next().unwrap());
            for nth in 0..burst {
                assert!(again().is_ok(), "{nth} of {burst}");
            }
            let window = burst * u64::try_from(period).unwrap();
            // A second more than is left, for the clock stands within one.
            for (passed, wait) in [(0, period + 1), (period - 1, 2)] {
                clock.advance_seconds(passed);
                let refused = again().unwrap_err();
                assert_eq!(refused.code(), Code::TooManyRequests);
                let expected = [
                    ("Retry-After", wait.to_string()),
                    ("RateLimit-Policy", format!("\"login\";q={burst};w={window}")),
                    ("RateLimit", format!("\"login\";r=0;t={wait}")),
                ];
                let headers = refused.headers().iter();
                let headers: Vec<_> = headers.map(|(name, value)| (*name, value.clone())).collect();
                assert_eq!(headers, expected, "{burst}");
            }
            clock.advance_seconds(1);
            assert!(again().is_ok(), "{burst}");
            assert!(again().is_err(), "{burst}");
        }
    }
}
