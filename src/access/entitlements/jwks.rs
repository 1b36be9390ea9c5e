//! Keys that an issuer publishes itself, as a set of JWKs (RFC 7517) at an https URL: fetched before the first request
//! is answered, then every hour, and when a token names a key that nobody has seen. So a login that changes its keys
//! needs nobody here.
//!
//! Where an issuer does not answer, or with nothing that is of use, its keys stay what they were.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::{join_all, select};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::keys::{EntitlementKey, EntitlementKeys, MAX_KEYS, MIN_RSA_BYTES};
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::outgoing::{OutgoingBounds, OutgoingClient};

/// Time between two fetches.
const FETCH_TIME: Duration = Duration::from_secs(3_600);
/// Time after a fetch in which there is no other, however many tokens name keys that nobody has seen.
const PAUSE: Duration = Duration::from_secs(60);
/// Time for an issuer to answer.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Bytes of a set at most: some carry a chain of certificates with each key.
const SET_BYTES: u64 = 256 * 1024;

/// The keys that an issuer publishes.
pub(super) struct PublishedKeys {
    issuer: String,
    url: String,
    keys: RwLock<Arc<Vec<EntitlementKey>>>,
}

impl PublishedKeys {
    /// Those of an issuer at a URL, none of which are known yet.
    pub(super) fn new(issuer: String, url: String) -> Self {
        Self {
            issuer,
            url,
            keys: RwLock::default(),
        }
    }

    /// The keys of the last fetch that found some.
    pub(super) fn known(&self) -> Arc<Vec<EntitlementKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch(&self, client: &OutgoingClient) -> Result<(), String> {
        let reply = client.get(self.url.clone()).await;
        let reply = reply.map_err(|error| format!("no answer: {error:?}"))?;
        if reply.status != 200 {
            return Err(format!("the answer was {}", reply.status));
        }
        let keys = self.read(&reply.body)?;
        let names = |keys: &[EntitlementKey]| keys.iter().map(|key| key.kid.clone()).collect::<Vec<_>>();
        let (before, after) = (names(&self.known()), names(&keys));
        if before != after {
            log::info!("keys of {}: {}", self.issuer, after.join(", "));
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    /// The keys of a set that can verify a signature; others are left out.
    fn read(&self, set: &[u8]) -> Result<Vec<EntitlementKey>, String> {
        #[derive(Deserialize)]
        struct PublishedSet {
            keys: Vec<Value>,
        }
        let set: PublishedSet =
            serde_json::from_slice(set).map_err(|error| format!("that is no set of keys: {error}"))?;
        // One by one: what another kind of key says must not cost those that are of use.
        let read = set.keys.into_iter().filter_map(|key| self.key(key));
        let keys: Vec<EntitlementKey> = read.take(MAX_KEYS).collect();
        if keys.is_empty() {
            return Err("none of its keys is for EdDSA (Ed25519), ES256 or RS256, with a kid".to_owned());
        }
        Ok(keys)
    }

    fn key(&self, key: Value) -> Option<EntitlementKey> {
        let key: Jwk = serde_json::from_value(key).ok()?;
        let algorithm = match &key.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::RSA(rsa) if URL_SAFE_NO_PAD.decode(&rsa.n).ok()?.len() >= MIN_RSA_BYTES => {
                Algorithm::RS256
            }
            _ => return None,
        };
        let is_to_sign = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let said = key.common.key_algorithm.map(|said| said.to_string());
        let is_meant = said.is_none_or(|said| said == format!("{algorithm:?}"));
        let kid = key.common.key_id.clone().filter(|kid| !kid.is_empty())?;
        let decoding = DecodingKey::from_jwk(&key).ok()?;
        (is_to_sign && is_meant).then(|| EntitlementKey {
            issuer: self.issuer.clone(),
            kid,
            algorithm,
            key: decoding,
        })
    }
}

/// Fetches what issuers publish.
pub struct KeyFetcher {
    keys: EntitlementKeys,
    client: OutgoingClient,
}

impl KeyFetcher {
    /// One that may also ask these networks; `None` where no issuer publishes keys.
    ///
    /// # Errors
    /// A sentence for the operator, where a URL may not be asked.
    pub fn new(keys: EntitlementKeys, allowed: &AllowedNetworks) -> Result<Option<Self>, String> {
        for published in keys.published() {
            // Not the URL itself: it may name a user with a password.
            let issuer = &published.issuer;
            let url = published.url.parse();
            let url = url.map_err(|error| format!("the jwks_url of {issuer}: {error}"))?;
            allowed
                .judge(&url)
                .map_err(|why| format!("the jwks_url of {issuer}: {why}"))?;
        }
        let bounds = OutgoingBounds {
            allowed: allowed.clone(),
            timeout: ANSWER_TIME,
            max_requests: MAX_KEYS,
            needs_body: true,
            max_bytes: SET_BYTES,
        };
        let is_needed = !keys.published().is_empty();
        Ok(is_needed.then(|| Self {
            keys,
            client: OutgoingClient::new("jwks", bounds),
        }))
    }

    /// Fetches every set once; whether all could be had.
    pub async fn fetch(&self) -> bool {
        let fetched = self.keys.published().iter().map(async |published| {
            let fetched = published.fetch(&self.client).await;
            if let Err(reason) = &fetched {
                log::warn!("the keys of {} stay as they were: {reason}", published.issuer);
            }
            fetched.is_ok()
        });
        let fetched = join_all(fetched).await;
        self.keys
            .note_failing(fetched.iter().filter(|is_good| !**is_good).count());
        fetched.into_iter().all(|is_good| is_good)
    }

    /// Goes on fetching, after a first [`fetch`](Self::fetch).
    pub async fn work(self, mut is_fresh: bool) {
        loop {
            tokio::time::sleep(PAUSE).await;
            if is_fresh {
                let (unknown, late) = (self.keys.unknown(), tokio::time::sleep(FETCH_TIME));
                select(std::pin::pin!(unknown), std::pin::pin!(late)).await;
            }
            is_fresh = self.fetch().await;
        }
    }
}
