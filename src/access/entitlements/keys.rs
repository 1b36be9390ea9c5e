//! The public keys of those who may sign readers' entitlements, and what a token is worth by them.
//!
//! A list in JSON, given as it is or as the path of a file; an issuer that publishes its keys is named with their URL:
//!
//! ```json
//! [{"issuer": "https://shop.example.org", "kid": "2026-11", "algorithm": "EdDSA",
//!   "public_key_pem": "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n"},
//!  {"issuer": "https://account.example.org", "jwks_url": "https://account.example.org/.well-known/jwks.json"}]
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Notify;

use super::ReaderTier;
use super::jwks::PublishedKeys;
use crate::base::clock::Time;

/// Bytes of a token that is looked at at most.
const MAX_TOKEN_BYTES: usize = 4_096;
/// Seconds for which a token may be good at most.
const MAX_SECONDS: i64 = 24 * 3_600;
/// Seconds by which an issuer's clock may be ahead, where a token says from when on it is good.
const CLOCK_SKEW_SECONDS: i64 = 60;
/// Bytes of the modulus of the shortest RSA key that can verify anything.
pub(super) const MIN_RSA_BYTES: usize = 2_048 / 8;
/// Keys at most, of the list and of what an issuer publishes: those of one name are tried one after the other.
pub(super) const MAX_KEYS: usize = 20;

/// What is said of each.
const MEMBERS: &str = "issuer, kid, algorithm and public_key_pem, or issuer and jwks_url";

/// The keys that verify readers' entitlements. Clones share them.
#[derive(Clone, Default)]
pub struct EntitlementKeys(Arc<TrustedKeys>);

#[derive(Default)]
struct TrustedKeys {
    written: Vec<EntitlementKey>,
    published: Vec<PublishedKeys>,
    /// Told when a token names a key that is not here.
    unknown: Notify,
    /// Issuers whose keys could not be had the last time.
    failing: AtomicUsize,
}

/// A key of an issuer.
pub(super) struct EntitlementKey {
    /// Whose it is.
    pub(super) issuer: String,
    /// Its name.
    pub(super) kid: String,
    /// The one algorithm that it is good for.
    pub(super) algorithm: Algorithm,
    /// The key.
    pub(super) key: DecodingKey,
}

/// A key as operators write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    issuer: String,
    kid: String,
    algorithm: String,
    public_key_pem: String,
}

/// An issuer that publishes its keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIssuer {
    issuer: String,
    jwks_url: String,
}

/// What a token says.
#[derive(Deserialize)]
struct EntitlementClaims {
    exp: i64,
    nbf: Option<i64>,
    masthead_access: String,
}

impl EntitlementKeys {
    /// Reads the keys: `setting` is a list, or the path of a file that holds one.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn load(setting: &str) -> Result<Self, String> {
        if setting.trim_start().starts_with('[') {
            return Self::parse(setting);
        }
        let json = std::fs::read_to_string(setting).map_err(|error| format!("cannot read {setting}: {error}"))?;
        Self::parse(&json).map_err(|reason| format!("{setting}: {reason}"))
    }

    fn parse(json: &str) -> Result<Self, String> {
        let listed: Vec<Value> =
            serde_json::from_str(json).map_err(|error| format!("a list of keys with {MEMBERS}: {error}"))?;
        if listed.len() > MAX_KEYS {
            return Err(format!("at most {MAX_KEYS} keys"));
        }
        let mut trusted = TrustedKeys::default();
        for (number, listed) in (1..).zip(listed) {
            trusted
                .add(listed)
                .map_err(|reason| format!("key {number}: {reason}"))?;
        }
        Ok(Self(Arc::new(trusted)))
    }

    /// The issuers that publish their keys.
    pub(super) fn published(&self) -> &[PublishedKeys] {
        &self.0.published
    }

    /// Waits until a token has named a key that is not here.
    pub async fn unknown(&self) {
        self.0.unknown.notified().await;
    }

    pub(super) fn note_failing(&self, issuers: usize) {
        self.0.failing.store(issuers, Ordering::Relaxed);
    }

    /// Issuers whose published keys could not be had the last time.
    pub fn failing(&self) -> usize {
        self.0.failing.load(Ordering::Relaxed)
    }

    /// What a token says of its reader, where one of the keys signed it for this site, and it is good now.
    pub fn verify(&self, token: &str, audience: &str, now: Time) -> Option<ReaderTier> {
        let TrustedKeys { written, published, .. } = &*self.0;
        if (written.is_empty() && published.is_empty()) || token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        // Critical extensions (RFC 7515, 4.1.11) are to be understood, and none is.
        if header.crit.is_some() {
            return None;
        }
        let kid = header.kid?;
        let fetched: Vec<_> = published.iter().map(PublishedKeys::known).collect();
        let all = written.iter().chain(fetched.iter().flat_map(|keys| keys.iter()));
        let mut named = all.filter(|key| key.kid == kid).peekable();
        if named.peek().is_none() && !published.is_empty() {
            self.0.unknown.notify_one();
        }
        let claims = named.find_map(|key| key.claims(token, audience))?;
        let seconds = now.millis().div_euclid(1_000);
        let is_begun = claims.nbf.is_none_or(|begin| begin <= seconds + CLOCK_SKEW_SECONDS);
        let is_good = claims.exp > seconds && claims.exp - seconds <= MAX_SECONDS && is_begun;
        is_good.then(|| ReaderTier::parse(&claims.masthead_access)).flatten()
    }
}

fn misshapen(error: serde_json::Error) -> String {
    format!("{MEMBERS}: {error}")
}

impl TrustedKeys {
    fn add(&mut self, listed: Value) -> Result<(), String> {
        if listed.get("jwks_url").is_some() {
            let written: WrittenIssuer = serde_json::from_value(listed).map_err(misshapen)?;
            if written.issuer.is_empty() {
                return Err("issuer must not be empty".to_owned());
            }
            self.published
                .push(PublishedKeys::new(written.issuer, written.jwks_url));
            return Ok(());
        }
        let written = serde_json::from_value(listed).map_err(misshapen)?;
        let key = EntitlementKey::of(written)?;
        let is_known = |known: &EntitlementKey| (&known.issuer, &known.kid) == (&key.issuer, &key.kid);
        if self.written.iter().any(is_known) {
            return Err(format!("{} has a key {} already", key.issuer, key.kid));
        }
        self.written.push(key);
        Ok(())
    }
}

impl EntitlementKey {
    fn of(written: WrittenKey) -> Result<Self, String> {
        if written.issuer.is_empty() || written.kid.is_empty() {
            return Err("issuer and kid must not be empty".to_owned());
        }
        let der = der_of(&written.public_key_pem)
            .ok_or("public_key_pem must begin with -----BEGIN PUBLIC KEY----- and end with -----END PUBLIC KEY-----")?;
        type Make = fn(&[u8]) -> DecodingKey;
        let (algorithm, check, key): (_, &'static dyn VerificationAlgorithm, Make) = match written.algorithm.as_str() {
            "EdDSA" => (Algorithm::EdDSA, &signature::ED25519, DecodingKey::from_ed_der),
            "ES256" => (
                Algorithm::ES256,
                &signature::ECDSA_P256_SHA256_FIXED,
                DecodingKey::from_ec_der,
            ),
            "RS256" => (
                Algorithm::RS256,
                &signature::RSA_PKCS1_2048_8192_SHA256,
                DecodingKey::from_rsa_der,
            ),
            _ => return Err("algorithm must be one of: EdDSA, ES256, RS256".to_owned()),
        };
        ParsedPublicKey::new(check, &der)
            .map_err(|_| format!("public_key_pem is no public key for {}", written.algorithm))?;
        if algorithm == Algorithm::RS256 && der.len() < MIN_RSA_BYTES {
            return Err("an RSA key must have 2048 bits at least".to_owned());
        }
        Ok(Self {
            issuer: written.issuer,
            kid: written.kid,
            algorithm,
            key: key(&der),
        })
    }

    /// What a token says, where this key signed it for this site.
    fn claims(&self, token: &str, audience: &str) -> Option<EntitlementClaims> {
        let mut validation = Validation::new(self.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        // Our clock decides, and tests can pin it.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<EntitlementClaims>(token, &self.key, &validation);
        decoded.ok().map(|decoded| decoded.claims)
    }
}

/// The bytes of a public key (RFC 7468).
fn der_of(pem: &str) -> Option<Vec<u8>> {
    let text = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
    let text = text.strip_suffix("-----END PUBLIC KEY-----")?;
    let base64: String = text.split_whitespace().collect();
    STANDARD.decode(base64).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHORT_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAmxQD4PlZ4/UhaVC+79nbDVpV
fET4yW5uwMS4tmHsfvelDeV/JfzTJ3PdxA/2OHpMZRHnIKYEKBg4ZzLLTOqPrWoI
jEQaxztUqZ76ee4ufgsqEVcLCGIznK6aD0D4Mq4D5VxozXRr77IeKGtqAxIVwg2b
OdbImP4hDRgDOiltOwIDAQAB
-----END PUBLIC KEY-----
";
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAaNE4hfnPQnqCOBwXSd2U+r4F5gkJjmVMjJMZQpj0O9A=
-----END PUBLIC KEY-----
";

    #[test]
    fn what_is_wrong_with_a_key_is_said_with_its_number() {
        let key = |kid: &str, algorithm: &str, pem: &str| json!({"algorithm": algorithm, "issuer": "a", "kid": kid, "public_key_pem": pem});
        let good = || key("1", "EdDSA", ED25519);
        let no_pem = "public_key_pem must begin with -----BEGIN PUBLIC KEY-----";
        for (list, expected) in [
            (json!([good(), good()]), "key 2: a has a key 1 already"),
            (
                json!([key("", "EdDSA", ED25519)]),
                "key 1: issuer and kid must not be empty",
            ),
            (
                json!([good(), key("2", "HS256", ED25519)]),
                "key 2: algorithm must be one of: EdDSA, ES256, RS256",
            ),
            (json!([key("2", "none", ED25519)]), "key 1: algorithm must be one of"),
            (
                json!([key("2", "ES256", ED25519)]),
                "key 1: public_key_pem is no public key for ES256",
            ),
            (
                json!([key("2", "RS256", ED25519)]),
                "key 1: public_key_pem is no public key for RS256",
            ),
            (
                json!([key("2", "EdDSA", SHORT_RSA)]),
                "key 1: public_key_pem is no public key for EdDSA",
            ),
            (
                json!([key("2", "RS256", SHORT_RSA)]),
                "key 1: an RSA key must have 2048 bits at least",
            ),
            (json!([key("2", "EdDSA", "MCow")]), no_pem),
            (
                json!([key("2", "EdDSA", &ED25519.replace("PUBLIC", "PRIVATE"))]),
                no_pem,
            ),
            (
                json!([{"algorithm": "EdDSA", "issuer": "a", "kid": "1"}]),
                "missing field `public_key_pem`",
            ),
            (
                json!([{"algorithm": "EdDSA", "issuer": "a", "kid": "1", "secret": "x"}]),
                "unknown field `secret`",
            ),
            (
                json!({"keys": []}),
                "a list of keys with issuer, kid, algorithm and public_key_pem",
            ),
            (json!(vec![good(); 21]), "at most 20 keys"),
            (
                json!([{"issuer": "", "jwks_url": "https://a.test/jwks"}]),
                "key 1: issuer must not be empty",
            ),
            (
                json!([{"issuer": "a", "jwks_url": "https://a.test/jwks", "kid": "1"}]),
                "issuer and jwks_url: unknown field `kid`",
            ),
            (
                json!([good(), "a"]),
                "key 2: issuer, kid, algorithm and public_key_pem, or issuer and jwks_url: invalid type: string",
            ),
        ] {
            let refused = EntitlementKeys::parse(&list.to_string()).err();
            assert!(
                refused.as_ref().is_some_and(|reason| reason.contains(expected)),
                "{expected}: {refused:?}"
            );
        }
        let two = json!([good(), key("2", "EdDSA", ED25519)]).to_string();
        assert_eq!(EntitlementKeys::load(&two).unwrap().0.written.len(), 2);
        assert_eq!(EntitlementKeys::load("[]").unwrap().0.written.len(), 0);
    }
}
