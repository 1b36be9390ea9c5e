//! Passwords: Argon2id (RFC 9106), at most a few at a time, since each takes 19 MiB.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::base::db::run_blocking;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::value_reader::{ValueReader, ValueSchema, string, value_reader};
use crate::base::{limits, secrets};

/// The password of the demo's users.
pub const DEMO_PASSWORD: &str = "masthead-demo";

/// Hashes and verifies. Clones share the limit.
#[derive(Clone)]
pub struct Passwords {
    argon: Argon2<'static>,
    /// A digest that no password has. It is verified where there is no account, so that the response time does not show
    /// whether there is one.
    nobody: Arc<str>,
    slots: Arc<Semaphore>,
}

/// Hashes that run at a time; the others wait.
const MAX_PARALLEL_HASHES: usize = 2;

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
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = digest(&argon, &secrets::opaque_token()?)?;
        Ok(Self {
            argon,
            nobody: nobody.into(),
            slots: Arc::new(Semaphore::new(MAX_PARALLEL_HASHES)),
        })
    }

    /// The digest to store.
    ///
    /// # Errors
    /// 500 when Argon2 fails.
    pub async fn digest(&self, password: String) -> Result<String> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        let argon = self.argon.clone();
        run_blocking(move || digest(&argon, &password)).await
    }

    /// As [`Passwords::digest`], on this thread: for commands.
    ///
    /// # Errors
    /// 500 when Argon2 fails.
    pub fn digest_blocking(&self, password: &str) -> Result<String> {
        digest(&self.argon, password)
    }

    /// Whether the password has this digest; it takes as long where there is no digest.
    ///
    /// # Errors
    /// 500 when Argon2 fails.
    pub async fn verify(&self, password: String, digest: Option<String>) -> Result<bool> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        let passwords = self.clone();
        run_blocking(move || Ok(passwords.verify_blocking(&password, digest.as_deref()))).await
    }

    /// As [`Passwords::verify`], on this thread: for commands.
    pub fn verify_blocking(&self, password: &str, digest: Option<&str>) -> bool {
        let parsed = PasswordHash::new(digest.unwrap_or(&self.nobody));
        let matches = parsed.is_ok_and(|hash| self.argon.verify_password(password.as_bytes(), &hash).is_ok());
        matches && digest.is_some()
    }
}

fn digest(argon: &Argon2<'_>, password: &str) -> Result<String> {
    argon
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(Error::internal)
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
