//! An authenticator app.

use masthead::base::clock::Time;
use totp_rs::{Builder, Secret, Totp};

/// An app that was given a secret.
pub struct Authenticator(Totp);

impl Authenticator {
    pub fn new(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    /// What it shows at a moment.
    pub fn code(&self, at: Time) -> String {
        let seconds = u64::try_from(at.millis() / 1000).unwrap();
        self.0.generate(seconds).to_string()
    }
}
