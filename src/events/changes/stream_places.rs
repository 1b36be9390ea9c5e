//! Who follows the feed as it happens: so many at a time, and so many of them from one network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::error::{Code, Error, Result};
use crate::base::http::client::Network;
use crate::base::http::drain::Drain;
use crate::base::limits;

/// Who follows at this moment, until the server stops. Clones share it.
#[derive(Clone, Default)]
pub struct StreamPlaces {
    followers: Arc<Mutex<HashMap<Network, usize>>>,
    drain: Drain,
}

/// A place, until it is dropped.
pub struct StreamPlace {
    places: StreamPlaces,
    network: Network,
}

impl StreamPlaces {
    /// Nobody follows yet; everybody is let go once this drain has begun.
    pub fn new(drain: Drain) -> Self {
        Self {
            followers: Arc::default(),
            drain,
        }
    }

    fn followers(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one from this network.
    ///
    /// # Errors
    /// 503 where all are taken, or the server is about to stop.
    pub fn take(&self, network: Network) -> Result<StreamPlace> {
        if self.drain.has_begun() {
            return Err(Error::new(Code::Stopping).header("Retry-After", 1));
        }
        let mut followers = self.followers();
        let all: usize = followers.values().sum();
        let own = followers.entry(network).or_insert(0);
        let full = |code, max: usize| Err(Error::new(code).with("max", max).header("Retry-After", 10));
        if all >= limits::STREAM_CLIENTS {
            return full(Code::TooManyFollowers, limits::STREAM_CLIENTS);
        }
        if *own >= limits::STREAM_CLIENTS_PER_NETWORK {
            return full(Code::TooManyFollowersOfNetwork, limits::STREAM_CLIENTS_PER_NETWORK);
        }
        *own += 1;
        Ok(StreamPlace {
            places: self.clone(),
            network,
        })
    }
}

impl StreamPlace {
    /// Whether whoever has it must go, because the server is about to stop.
    pub fn is_over(&self) -> bool {
        self.places.drain.has_begun()
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut followers = self.places.followers();
        if let Some(own) = followers.get_mut(&self.network) {
            *own = own.saturating_sub(1);
        }
        followers.retain(|_, count| *count > 0);
    }
}
