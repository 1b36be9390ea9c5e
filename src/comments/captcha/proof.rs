//! Proof of work: the browser looks for the number that was hashed. The scheme is ALTCHA's (its first,
//! <https://altcha.org>), so that its widget and its solvers work as they are:
//!
//! ```text
//! salt      = 12 random bytes in hexadecimal ?expires=UNIX_SECONDS&article=ID&
//! challenge = hex(SHA-256(salt ‖ number)), for a number from 0 to maxnumber that stays secret
//! signature = hex(HMAC-SHA-256(key, challenge))
//! solution  = base64({"algorithm", "challenge", "number", "salt", "signature"} as JSON)
//! ```
//!
//! Nothing is stored until a solution is taken. The signature shows that the challenge is ours; the hash shows that the
//! salt is ours too, and with it the article and the expiry that the salt names. The salt includes the `&` at its end:
//! without it, digits of the number could be moved into the salt's parameters. Every instance has the same key.
//!
//! It is written here and not taken from `altcha-lib-rs`: that asks the system for the time, compares
//! signatures byte by byte, and brings its own hashes; this is shorter than the glue would be.

use std::fmt::Write;
use std::net::IpAddr;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaptchaKind;
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::client::Network;
use crate::base::ids::ArticleId;
use crate::base::secrets::{KeyPurpose, Secrets, random_bytes};
use crate::comments::captcha::busy_networks::BusyNetworks;
use crate::comments::captcha::{CaptchaCheck, CaptchaCheckFuture, CaptchaMethod, CaptchaRequirements, SolvedCaptcha};

/// How long a reader has to solve a challenge and send the comment, in seconds.
pub const LIFE_SECONDS: i64 = 20 * 60;
/// Random bytes of a salt.
const SALT_BYTES: usize = 12;

crate::word_type! {
    /// The hash of a proof of work.
    ProofAlgorithm {
        /// SHA-256.
        Sha256 = "SHA-256",
    }
}

/// Work for the reader's browser. Give it to ALTCHA's widget as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofChallenge {
    /// The hash.
    pub algorithm: ProofAlgorithm,
    /// The hash of the salt and the number that is looked for, in hexadecimal.
    pub challenge: String,
    /// What stands before the number.
    pub salt: String,
    /// Our signature.
    pub signature: String,
    /// The number lies between 0 and this.
    #[schema(minimum = 0, maximum = 160_000_000)]
    pub maxnumber: i64,
}

/// A solution, as ALTCHA's widget sends it in base64.
#[derive(Deserialize)]
struct ProofSolution {
    algorithm: ProofAlgorithm,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

/// The captcha that asks for work.
pub struct Proof {
    key: hmac::Key,
    difficulty: u32,
    busy: BusyNetworks,
}

impl Proof {
    /// Work of this difficulty.
    ///
    /// # Errors
    /// 500 when the key cannot be derived.
    pub fn new(secrets: &Secrets, difficulty: u32) -> Result<Self> {
        Ok(Self {
            key: secrets.hmac_key(KeyPurpose::Captchas)?,
            difficulty,
            busy: BusyNetworks::default(),
        })
    }
}

impl CaptchaMethod for Proof {
    fn kind(&self) -> CaptchaKind {
        CaptchaKind::ProofOfWork
    }

    fn site_key(&self) -> Option<&str> {
        None
    }

    fn ask(&self, article: Option<ArticleId>, network: Network, now: Time) -> Result<CaptchaRequirements> {
        let Some(article) = article else {
            return Ok(CaptchaRequirements::default());
        };
        let difficulty = i64::from(self.difficulty) * i64::from(self.busy.factor(network, now));
        Ok(CaptchaRequirements {
            proof: Some(challenge(&self.key, article, difficulty, now)?),
            ..CaptchaRequirements::default()
        })
    }

    fn check<'a>(
        &'a self,
        solution: &'a str,
        article: ArticleId,
        remote: Option<IpAddr>,
        now: Time,
    ) -> CaptchaCheckFuture<'a> {
        if let Some(remote) = remote {
            self.busy.count(Network::of(remote), now);
        }
        let solved = verify(&self.key, solution, article, now);
        Box::pin(std::future::ready(
            solved.map_or(CaptchaCheck::Failed, CaptchaCheck::Passed),
        ))
    }
}

/// A challenge for the form of an article, whose number lies between 0 and `difficulty`.
///
/// # Errors
/// 500 when the system gives no random bytes.
pub fn challenge(key: &hmac::Key, article: ArticleId, difficulty: i64, now: Time) -> Result<ProofChallenge> {
    let expires = now.plus_seconds(LIFE_SECONDS).millis() / 1000;
    let random = hex(&random_bytes::<SALT_BYTES>()?);
    let salt = format!("{random}?expires={expires}&article={article}&");
    let count = u64::try_from(difficulty).unwrap_or(0).saturating_add(1);
    let number = u64::from_le_bytes(random_bytes()?) % count;
    let challenge = hash(&salt, number);
    Ok(ProofChallenge {
        algorithm: ProofAlgorithm::Sha256,
        signature: sign(key, &challenge),
        challenge,
        salt,
        maxnumber: difficulty,
    })
}

/// What a solution proves: work on a challenge of ours, for this article, that has not expired.
pub fn verify(key: &hmac::Key, solution: &str, article: ArticleId, now: Time) -> Option<SolvedCaptcha> {
    let json = STANDARD.decode(solution).ok()?;
    let solution: ProofSolution = serde_json::from_slice(&json).ok()?;
    let ProofAlgorithm::Sha256 = solution.algorithm;
    let signature = unhex(&solution.signature)?;
    hmac::verify(key, solution.challenge.as_bytes(), &signature).ok()?;
    if hash(&solution.salt, solution.number) != solution.challenge {
        return None;
    }
    let expires_at = expiry(&solution.salt, article)?;
    (now < expires_at).then(|| SolvedCaptcha::new(CaptchaKind::ProofOfWork, &solution.challenge, expires_at))
}

/// When a salt expires; `None` unless it has exactly the form of ours, to the last `&`, and names this article.
fn expiry(salt: &str, article: ArticleId) -> Option<Time> {
    let (random, parameters) = salt.split_once('?')?;
    let (expires, rest) = parameters.strip_prefix("expires=")?.split_once('&')?;
    let is_ours = random.len() == 2 * SALT_BYTES && rest == format!("article={article}&");
    let seconds: i64 = expires.parse().ok().filter(|_| is_ours)?;
    Time::from_millis(seconds.checked_mul(1000)?)
}

fn hash(salt: &str, number: u64) -> String {
    hex(digest::digest(&digest::SHA256, format!("{salt}{number}").as_bytes()).as_ref())
}

fn sign(key: &hmac::Key, challenge: &str) -> String {
    hex(hmac::sign(key, challenge.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of lower-case hexadecimal.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    bytes.filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn now() -> Time {
        Time::parse(NOW).unwrap()
    }

    fn key(text: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())
    }

    fn solve(challenge: &ProofChallenge) -> Value {
        let max = u64::try_from(challenge.maxnumber).unwrap();
        let number = (0..=max).find(|n| hash(&challenge.salt, *n) == challenge.challenge);
        let mut solution = serde_json::to_value(challenge).unwrap();
        solution.as_object_mut().unwrap().remove("maxnumber");
        solution["number"] = json!(number.unwrap());
        solution
    }

    fn encoded(solution: &Value) -> String {
        STANDARD.encode(solution.to_string())
    }

    #[test]
    fn it_hashes_and_signs_as_altcha_does() {
        // A challenge that ALTCHA's own libraries made and solved.
        let challenge = "aa9c8ec8057413dd8220e21e15ab54b095fb3c840601d44c39bece8d9df34529";
        let signature = "d6c436288f1979f298f6532cea31db9e84e6338f4f58a9e00cb4105abbd11397";
        assert_eq!(hash("3065d108b2314f5ecc7e1207", 971_813), challenge);
        assert_eq!(sign(&key("super-secret"), challenge), signature);
    }

    #[test]
    fn a_solved_challenge_is_right_for_its_article_its_time_and_its_key_alone() {
        let (ours, article) = (key("ours"), ArticleId::new());
        let challenge = challenge(&ours, article, 500, now()).unwrap();
        assert_eq!(challenge.maxnumber, 500);
        let solution = encoded(&solve(&challenge));
        let right = |key: &hmac::Key, article, now| verify(key, &solution, article, now).is_some();
        assert!(right(&ours, article, now()));
        assert!(right(&ours, article, now().plus_seconds(LIFE_SECONDS - 1)));
        assert!(!right(&ours, article, now().plus_seconds(LIFE_SECONDS)));
        assert!(!right(&ours, ArticleId::new(), now()));
        assert!(!right(&key("other"), article, now()));
    }

    #[test]
    fn what_the_widget_adds_changes_nothing_and_the_same_work_counts_once() {
        let (ours, article) = (key("ours"), ArticleId::new());
        let mut solution = solve(&challenge(&ours, article, 50, now()).unwrap());
        let plain = verify(&ours, &encoded(&solution), article, now()).unwrap();
        solution["took"] = json!(417);
        assert_eq!(verify(&ours, &encoded(&solution), article, now()).unwrap(), plain);
    }

    #[test]
    fn white_space_behind_a_solution_is_not_another_one() {
        let (ours, article) = (key("ours"), ArticleId::new());
        let solution = solve(&challenge(&ours, article, 50, now()).unwrap());
        let spaced = STANDARD.encode(format!("{solution}\n"));
        let solved = verify(&ours, &encoded(&solution), article, now());
        assert!(solved.is_some());
        assert_eq!(verify(&ours, &spaced, article, now()), solved);
    }

    #[test]
    fn what_is_forged_or_malformed_is_wrong() {
        let (ours, article) = (key("ours"), ArticleId::new());
        let solution = solve(&challenge(&ours, article, 500, now()).unwrap());
        let wrong = |member: &str, value: Value| {
            let mut solution = solution.clone();
            solution[member] = value;
            verify(&ours, &encoded(&solution), article, now()).is_none()
        };
        let text = |member: &str| solution[member].as_str().unwrap().to_owned();
        let number = solution["number"].as_u64().unwrap();
        assert!(wrong("number", json!(number + 1)));
        assert!(wrong("number", json!(number.to_string())));
        assert!(wrong("number", json!(-1)));
        assert!(wrong("algorithm", json!("SHA-1")));
        assert!(wrong("algorithm", json!("SHA-512")));
        assert!(wrong("signature", json!("")));
        assert!(wrong("signature", json!(text("signature").to_uppercase())));
        assert!(wrong("salt", json!(text("salt").replace("expires=1", "expires=9"))));
        // A challenge that somebody else's key signed, solved.
        let own = solve(&challenge(&key("mine"), article, 10, now()).unwrap());
        assert!(verify(&ours, &encoded(&own), article, now()).is_none());
        for nonsense in [
            "",
            "e30=",
            "bnVsbA==",
            "W10=",
            "not base64",
            "{}",
            &solution.to_string(),
        ] {
            assert!(verify(&ours, nonsense, article, now()).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn digits_cannot_be_moved_between_the_number_and_the_salt() {
        let (ours, article) = (key("ours"), ArticleId::new());
        let mut solution = solve(&challenge(&ours, article, 0, now()).unwrap());
        // Wherever the text of salt and number is cut in two, the hash is the same.
        let whole = format!("{}98765", solution["salt"].as_str().unwrap());
        let challenge = hash(&whole, 0);
        solution["signature"] = json!(sign(&ours, &challenge));
        solution["challenge"] = json!(challenge);
        let right = (0..whole.len()).filter(|at| {
            let (salt, number) = whole.split_at(*at);
            let Ok(number) = format!("{number}0").parse::<u64>() else {
                return false;
            };
            solution["salt"] = json!(salt);
            solution["number"] = json!(number);
            verify(&ours, &encoded(&solution), article, now()).is_some()
        });
        assert_eq!(right.count(), 1);
    }

    proptest! {
        // An altered end of the Base64 may decode to white space after the JSON: it is the same solution, and can be
        // spent only once.
        #[test]
        fn no_altered_byte_of_a_solution_makes_another_that_verifies(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
            let (ours, article) = (key("ours"), ArticleId::new());
            let solution = encoded(&solve(&challenge(&ours, article, 50, now()).unwrap()));
            let solved = verify(&ours, &solution, article, now());
            let mut bytes = solution.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            let altered = verify(&ours, &String::from_utf8_lossy(&bytes), article, now());
            prop_assert!(altered.is_none() || altered == solved);
        }

        #[test]
        fn no_altered_byte_below_the_base64_verifies(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let (ours, article) = (key("ours"), ArticleId::new());
            let solution = solve(&challenge(&ours, article, 50, now()).unwrap()).to_string();
            let mut bytes = solution.into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            prop_assert!(verify(&ours, &STANDARD.encode(bytes), article, now()).is_none());
        }
    }
}
