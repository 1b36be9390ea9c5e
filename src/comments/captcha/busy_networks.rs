//! Networks from which much was sent lately: their readers' browsers work longer. It never refuses anybody, because
//! many readers may share one address. Held in memory, per instance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::base::clock::Time;
use crate::base::http::client::Network;

/// After this many milliseconds one submission is forgotten.
const FORGET_MS: f64 = 30_000.0;
/// Networks that are counted at once; beyond them nobody's work is raised.
const NETWORKS: usize = 10_000;
/// From so many remembered submissions on, the work is so many times as long; the highest first.
const FACTORS: [(f64, u32); 2] = [(40.0, 16), (10.0, 4)];

/// The counters. A bucket that leaks: each submission adds one, time takes them out.
#[derive(Default)]
pub struct BusyNetworks(Mutex<HashMap<Network, NetworkLoad>>);

#[derive(Clone, Copy)]
struct NetworkLoad {
    submissions: f64,
    at: Time,
}

impl NetworkLoad {
    fn now(self, now: Time) -> f64 {
        let passed = i32::try_from(now.millis() - self.at.millis()).unwrap_or(i32::MAX);
        (self.submissions - f64::from(passed.max(0)) / FORGET_MS).max(0.0)
    }
}

impl BusyNetworks {
    /// Counts a submission.
    pub fn count(&self, network: Network, now: Time) {
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.len() >= NETWORKS && !levels.contains_key(&network) {
            levels.retain(|_, level| level.now(now) > 0.0);
            if levels.len() >= NETWORKS {
                return;
            }
        }
        let submissions = levels.get(&network).map_or(0.0, |level| level.now(now)) + 1.0;
        levels.insert(network, NetworkLoad { submissions, at: now });
    }

    /// How much longer this network's readers work: 1, 4 or 16 times.
    pub fn factor(&self, network: Network, now: Time) -> u32 {
        let levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let level = levels.get(&network).map_or(0.0, |level| level.now(now));
        let reached = FACTORS.iter().find(|(from, _)| level >= *from);
        reached.map_or(1, |(_, factor)| *factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_sends_much_works_4_then_16_times_as_long_until_it_is_quiet() {
        let network = |n: u8| Network::of(std::net::IpAddr::from([192, 0, 2, n]));
        let (busy, now) = (BusyNetworks::default(), Time::parse("2026-01-01T00:00:00Z").unwrap());
        let mut factors = Vec::new();
        for _ in 0..41 {
            factors.push(busy.factor(network(1), now));
            busy.count(network(1), now);
        }
        assert_eq!((factors[9], factors[10], factors[39], factors[40]), (1, 4, 4, 16));
        assert_eq!(busy.factor(network(2), now), 1);
        assert_eq!(busy.factor(network(1), now.plus_seconds(60)), 4);
        assert_eq!(busy.factor(network(1), now.plus_seconds(16 * 60)), 1);
        // A clock that went back changes nothing.
        assert_eq!(busy.factor(network(1), now.plus_seconds(-60)), 16);
    }

    #[test]
    fn it_holds_a_bounded_number_of_networks() {
        let (busy, now) = (BusyNetworks::default(), Time::parse("2026-01-01T00:00:00Z").unwrap());
        let many = || (0..=u32::try_from(NETWORKS).unwrap()).map(|n| Network::of(std::net::Ipv4Addr::from(n).into()));
        many().for_each(|network| busy.count(network, now));
        assert_eq!(busy.0.lock().unwrap().len(), NETWORKS);
        many().for_each(|network| busy.count(network, now.plus_seconds(3600)));
        assert_eq!(busy.0.lock().unwrap().len(), NETWORKS);
    }
}
