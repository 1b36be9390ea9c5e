//! Passwords: Argon2id (RFC 9106). Each hash takes 19 MiB while it runs, so one runs at a time and few wait.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::db::run_blocking;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::value_reader::{ValueReader, ValueSchema, string, value_reader};
use crate::base::{limits, secrets};

/// The password of the demo's users.
pub const DEMO_PASSWORD: &str = "masthead-demo";

/// Hashes and verifies. Clones share the limit.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    /// A digest that no password has. It is verified where there is no account, so that the response time does not show
    /// whether there is one.
    nobody: Arc<str>,
    queue: Arc<Semaphore>,
    slots: Arc<Semaphore>,
}

/// Hashes that run at a time: a second would be 19 MiB more for whoever tries passwords.
const MAX_PARALLEL_HASHES: usize = 1;
/// Hashes that wait for their turn; one more is refused.
const MAX_WAITING_HASHES: usize = 32;
/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// The right to run a hash, until it is done: also where the client has gone meanwhile.
struct HashTurn {
    _queue: OwnedSemaphorePermit,
    _slot: OwnedSemaphorePermit,
}

impl Passwords {
    /// OWASP's parameters for Argon2id: 19 MiB, two passes, one lane.
    ///
    /// # Errors
    /// When Argon2 refuses its parameters.
    pub fn strong() -> Result<Self> {
        Self::with(Params::new(19_456, 2, 1, None).map_err(Error::internal)?)
    }

    /// The cheapest parameters there are, for tests that log in a thousand times.
    ///
    /// # Errors
    /// When Argon2 refuses its parameters.
    pub fn weak_for_tests() -> Result<Self> {
        Self::with(Params::new(Params::MIN_M_COST, 1, 1, None).map_err(Error::internal)?)
    }

    fn with(params: Params) -> Result<Self> {
        let nobody = digest(&params, &secrets::opaque_token()?)?;
        Ok(Self {
            params,
            nobody: nobody.into(),
            queue: Arc::new(Semaphore::new(MAX_PARALLEL_HASHES + MAX_WAITING_HASHES)),
            slots: Arc::new(Semaphore::new(MAX_PARALLEL_HASHES)),
        })
    }

    /// Hashes that run or wait.
    pub fn waiting(&self) -> usize {
        (MAX_PARALLEL_HASHES + MAX_WAITING_HASHES).saturating_sub(self.queue.available_permits())
    }

    async fn turn(&self) -> Result<HashTurn> {
        let queue = self.queue.clone().try_acquire_owned();
        let queue = queue.map_err(|_| Error::unavailable("too many passwords wait to be checked"))?;
        let slot = tokio::time::timeout(PATIENCE, self.slots.clone().acquire_owned()).await;
        let slot = slot.map_err(|_| Error::unavailable("a password waited too long to be checked"))?;
        Ok(HashTurn {
            _queue: queue,
            _slot: slot.map_err(Error::internal)?,
        })
    }

    /// The digest to store.
    ///
    /// # Errors
    /// 503 when too many wait; 500 when Argon2 fails.
    pub async fn digest(&self, password: String) -> Result<String> {
        let (turn, params) = (self.turn().await?, self.params.clone());
        run_blocking(move || {
            let digest = digest(&params, &password);
            drop(turn);
            digest
        })
        .await
    }

    /// As [`Passwords::digest`], on this thread: for commands.
    ///
    /// # Errors
    /// 500 when Argon2 fails.
    pub fn digest_blocking(&self, password: &str) -> Result<String> {
        digest(&self.params, password)
    }

    /// Whether the password has this digest; it takes as long where there is no digest.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn verify(&self, password: String, digest: Option<String>) -> Result<bool> {
        let (turn, passwords) = (self.turn().await?, self.clone());
        run_blocking(move || {
            let matches = passwords.verify_blocking(&password, digest.as_deref());
            drop(turn);
            Ok(matches)
        })
        .await
    }

    /// As [`Passwords::verify`], on this thread: for commands.
    pub fn verify_blocking(&self, password: &str, digest: Option<&str>) -> bool {
        let stored = PasswordHash::new(digest.unwrap_or(&self.nobody));
        stored.is_ok_and(|stored| is_digest_of(&stored, password)) && digest.is_some()
    }
}

fn digest(params: &Params, password: &str) -> Result<String> {
    let salt = Salt::generate();
    let digest = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(Error::internal)?,
        salt: Some(salt),
        hash: Some(hash(params, password, &salt)?),
    };
    Ok(digest.to_string())
}

/// Whether a stored digest is this password's, by the parameters of its time.
fn is_digest_of(stored: &PasswordHash, password: &str) -> bool {
    let is_ours = stored.algorithm == Algorithm::Argon2id.ident() && stored.version == Some(Version::V0x13.into());
    let (Some(salt), Some(expected), Ok(params)) = (&stored.salt, &stored.hash, Params::try_from(stored)) else {
        return false;
    };
    // Outputs are compared in constant time.
    is_ours && hash(&params, password, salt).is_ok_and(|output| output == *expected)
}

/// The blocks that are asked for at least: glibc's `malloc` maps what is larger than 32 MiB apart and unmaps it as
/// soon as it is dropped. Of less it keeps what a hash has used, for each thread that ever ran one; and what is never
/// written takes no memory.
const MAPPED_BLOCKS: usize = 33 * 1024 * 1024 / Block::SIZE;

fn hash(params: &Params, password: &str, salt: &Salt) -> Result<Output> {
    let mut memory = Vec::with_capacity(params.block_count().max(MAPPED_BLOCKS));
    memory.resize(params.block_count(), Block::new());
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let filled = argon.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory);
    filled.map_err(Error::internal)?;
    Output::new(&output).map_err(Error::internal)
}

/// Reads a new password: 12 to 256 characters, white space and all.
pub fn new_password() -> impl ValueReader<Value = String> {
    given_password()
        .then(|at, password| {
            if password.chars().count() < limits::PASSWORD_MIN {
                let error = FieldError::new(at.pointer(), FieldCode::TooShort);
                return at.fail_with(error.with("min", limits::PASSWORD_MIN));
            }
            Some(password)
        })
        .documented(|text| text.min_length = Some(limits::PASSWORD_MIN))
}

/// Reads a password that is to be checked: any that could exist.
pub fn given_password() -> impl ValueReader<Value = String> {
    value_reader(
        || ValueSchema::text(limits::PASSWORD),
        |at, value| {
            let password = string(at, value)?;
            if password.chars().count() > limits::PASSWORD {
                return at.over(FieldCode::TooLong, limits::PASSWORD);
            }
            Some(password)
        },
    )
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::base::error::Code;

    /// Of "correct horse", as the reference implementation in C writes it.
    const STORED: &str =
        "$argon2id$v=19$m=64,t=1,p=1$UP8c2bZIDSQ0yaKQ1P86jw$csKEa7dsPsWWCFK0LybO7eTyZLcyNMnL3IOGq6mhYz8";

    #[test]
    fn a_digest_is_of_its_password_alone() {
        let passwords = Passwords::weak_for_tests().unwrap();
        let digest = passwords.digest_blocking("correct horse").unwrap();
        assert_ne!(
            digest,
            passwords.digest_blocking("correct horse").unwrap(),
            "a salt of its own"
        );
        for (password, digest, expected) in [
            ("correct horse", Some(digest.as_str()), true),
            ("correct horsf", Some(&digest), false),
            ("correct horse", None, false),
            ("correct horse", Some("no digest"), false),
            ("correct horse", Some(STORED), true),
            ("correct horsf", Some(STORED), false),
            ("correct horse", Some(&STORED.replace("argon2id", "argon2i")), false),
            ("correct horse", Some(&STORED.replace("v=19", "v=16")), false),
        ] {
            assert_eq!(
                passwords.verify_blocking(password, digest),
                expected,
                "{password} {digest:?}"
            );
        }
    }

    #[actix_web::test]
    async fn who_comes_when_too_many_wait_is_asked_to_come_again() {
        let passwords = Passwords::weak_for_tests().unwrap();
        let waiting = u32::try_from(MAX_PARALLEL_HASHES + MAX_WAITING_HASHES).unwrap();
        let queue = passwords.queue.clone().try_acquire_many_owned(waiting).unwrap();
        let refused = passwords.verify("a password".to_owned(), None).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable);
        assert!(refused.headers().iter().any(|(name, _)| *name == "Retry-After"));
        drop(queue);
        assert!(!passwords.verify("a password".to_owned(), None).await.unwrap());
    }

    #[actix_web::test]
    async fn a_hash_keeps_its_turn_when_its_client_goes_away() {
        let passwords = Passwords::strong().unwrap();
        assert!(passwords.digest("a password".to_owned()).now_or_never().is_none());
        assert_eq!(passwords.slots.available_permits(), MAX_PARALLEL_HASHES - 1);
        let turns = u32::try_from(MAX_PARALLEL_HASHES).unwrap();
        let _all = passwords.slots.acquire_many(turns).await.unwrap();
    }
}
