//! `MASTHEAD_SECRET` and what is derived from it: by HKDF (RFC 5869) one key per [`KeyPurpose`], to sign what we send
//! out (cursors, reader tokens) and to seal what is stored in rows. Losing it costs sessions and cursors, never
//! content.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::base::error::{Error, Result};

/// What a derived key is for. The text is part of the derivation and never changes.
#[derive(Clone, Copy, Debug)]
pub enum KeyPurpose {
    /// Signing the cursors of lists.
    Cursors,
    /// Signing the tokens of readers.
    ReaderTokens,
    /// Signing the challenges of captchas.
    Captchas,
    /// Sealing the private keys of access tokens.
    SigningKeys,
    /// Signing the moment at which a comment form was asked for.
    FormTokens,
    /// Hashing what would show who a reader is.
    PersonHashes,
    /// Naming the site in access tokens.
    Issuer,
    /// Making a refresh token of the one before.
    RefreshTokens,
    /// Sealing the secrets that authenticator apps hold too.
    SecondFactors,
    /// Sealing the secrets that sign what webhooks are sent.
    Webhooks,
}

impl KeyPurpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::Cursors => b"masthead cursors 1",
            Self::ReaderTokens => b"masthead reader tokens 1",
            Self::Captchas => b"masthead captchas 1",
            Self::SigningKeys => b"masthead signing keys 1",
            Self::FormTokens => b"masthead form tokens 1",
            Self::PersonHashes => b"masthead person hashes 1",
            Self::Issuer => b"masthead issuer 1",
            Self::RefreshTokens => b"masthead refresh tokens 1",
            Self::SecondFactors => b"masthead second factors 1",
            Self::Webhooks => b"masthead webhooks 1",
        }
    }
}

/// The master secret: 32 bytes that never print.
#[derive(Clone)]
pub struct Secrets([u8; 32]);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// A new secret.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self(random_bytes()?))
    }

    /// Reads 32 bytes written in hexadecimal or base64.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('=');
        let bytes = if text.len() == 64 {
            let digit = |range| u8::from_str_radix(text.get(range)?, 16).ok();
            (0..32).map(|i| digit(2 * i..2 * i + 2)).collect::<Option<Vec<u8>>>()
        } else {
            STANDARD_NO_PAD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text))
                .ok()
        };
        bytes?.try_into().ok().map(Self)
    }

    /// The secret as text, for its file.
    pub fn to_text(&self) -> String {
        STANDARD_NO_PAD.encode(self.0)
    }

    fn key(&self, purpose: KeyPurpose) -> Result<[u8; 32]> {
        self.numbered_key(purpose, &[])
    }

    fn numbered_key(&self, purpose: KeyPurpose, number: &[u8]) -> Result<[u8; 32]> {
        let failed = |_| Error::internal("HKDF failed");
        let mut key = [0; 32];
        let info = [purpose.info(), number];
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&self.0);
        derived
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(failed)?;
        Ok(key)
    }

    /// The HMAC-SHA-256 key of a purpose, for formats whose signature is not ours to choose.
    ///
    /// # Errors
    /// 500 when the key cannot be derived.
    pub fn hmac_key(&self, purpose: KeyPurpose) -> Result<hmac::Key> {
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &self.key(purpose)?))
    }

    /// `bytes` and their signature, as base64url.
    ///
    /// # Errors
    /// 500 when the key cannot be derived.
    pub fn sign(&self, purpose: KeyPurpose, bytes: &[u8]) -> Result<String> {
        let tag = hmac::sign(&self.hmac_key(purpose)?, bytes);
        let signed = [bytes, tag.as_ref().get(..TAG_BYTES).unwrap_or_default()].concat();
        Ok(URL_SAFE_NO_PAD.encode(signed))
    }

    /// The bytes of a text that [`Secrets::sign`] made for this purpose.
    pub fn verify(&self, purpose: KeyPurpose, text: &str) -> Option<Vec<u8>> {
        let mut signed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let tag = signed.split_off(signed.len().checked_sub(TAG_BYTES)?);
        let expected = hmac::sign(&self.hmac_key(purpose).ok()?, &signed);
        constant_time::verify_slices_are_equal(expected.as_ref().get(..TAG_BYTES)?, &tag).ok()?;
        Some(signed)
    }

    /// The bytes of a text that has the form of what [`Secrets::sign`] makes, whoever signed it: nothing says that they
    /// are true.
    pub fn unverified(text: &str) -> Option<Vec<u8>> {
        let mut signed = URL_SAFE_NO_PAD.decode(text).ok()?;
        signed.truncate(signed.len().checked_sub(TAG_BYTES)?);
        Some(signed)
    }

    /// A text's hash (HMAC-SHA-256, base64url) under the key of this number: without the secret nobody can find out
    /// which text it was, nor test a guess.
    ///
    /// # Errors
    /// 500 when the key cannot be derived.
    pub fn keyed_hash(&self, purpose: KeyPurpose, number: i32, text: &str) -> Result<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.numbered_key(purpose, &number.to_be_bytes())?);
        Ok(URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
    }

    /// A new signed token of 256 random bits.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn token(&self, purpose: KeyPurpose) -> Result<String> {
        self.sign(purpose, &random_bytes::<32>()?)
    }

    /// Whether [`Secrets::token`] made this token for this purpose.
    pub fn verify_token(&self, purpose: KeyPurpose, token: &str) -> bool {
        self.verify(purpose, token).is_some_and(|bytes| bytes.len() == 32)
    }

    /// Encrypts `bytes` (AES-256-GCM), bound to `context`.
    ///
    /// # Errors
    /// 500 when the cipher fails.
    pub fn seal(&self, purpose: KeyPurpose, context: &str, bytes: &[u8]) -> Result<String> {
        let key = self.cipher(purpose)?;
        let mut sealed = bytes.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed)
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), sealed.as_slice()].concat()))
    }

    /// Decrypts what [`Secrets::seal`] made; `None` under another secret or context.
    pub fn open(&self, purpose: KeyPurpose, context: &str, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(aws_lc_rs::aead::NONCE_LEN)?;
        let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let key = self.cipher(purpose).ok()?;
        let opened = key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut sealed)
            .ok()?;
        Some(opened.to_vec())
    }

    fn cipher(&self, purpose: KeyPurpose) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.key(purpose)?).map_err(|_| Error::internal("no cipher"))
    }
}

/// A random key that is nowhere but in memory: it tells whether something comes again without keeping what it was, and
/// once it is dropped nobody can test a guess any more.
pub struct PassingKey(hmac::Key);

impl PassingKey {
    /// A new key.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &random_bytes::<32>()?)))
    }

    /// The first 64 bits of a text's hash (HMAC-SHA-256).
    pub fn short_hash(&self, text: &str) -> u64 {
        let hash = hmac::sign(&self.0, text.as_bytes());
        let first = hash.as_ref().iter().take(8);
        first.fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

/// Bytes of a signature: 128 bits.
const TAG_BYTES: usize = 16;

/// Random bytes from the system.
///
/// # Errors
/// 500 when it gives none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::internal("no random bytes"))?;
    Ok(bytes)
}

/// A new opaque token: 256 random bits, base64url. Only its [`sha256`] is ever stored.
///
/// # Errors
/// 500 when the system gives no random bytes.
pub fn opaque_token() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// SHA-256 as base64url.
pub fn sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_for_one_purpose_is_nothing_for_another() {
        let secrets = Secrets::generate().unwrap();
        let signed = secrets.sign(KeyPurpose::Cursors, b"here").unwrap();
        assert_eq!(secrets.verify(KeyPurpose::Cursors, &signed).unwrap(), b"here");
        assert_eq!(secrets.verify(KeyPurpose::ReaderTokens, &signed), None);
        assert_eq!(Secrets::generate().unwrap().verify(KeyPurpose::Cursors, &signed), None);
        assert_eq!(secrets.verify(KeyPurpose::Cursors, "AAAA"), None);
    }

    #[test]
    fn what_is_sealed_opens_only_with_its_secret_and_context() {
        let secrets = Secrets::generate().unwrap();
        let sealed = secrets.seal(KeyPurpose::SigningKeys, "kid-1", b"private").unwrap();
        assert_eq!(
            secrets.open(KeyPurpose::SigningKeys, "kid-1", &sealed).unwrap(),
            b"private"
        );
        assert_eq!(secrets.open(KeyPurpose::SigningKeys, "kid-2", &sealed), None);
        assert_eq!(
            Secrets::generate()
                .unwrap()
                .open(KeyPurpose::SigningKeys, "kid-1", &sealed),
            None
        );
    }

    #[test]
    fn a_passing_key_knows_a_text_again_and_another_key_does_not() {
        let (key, other) = (PassingKey::generate().unwrap(), PassingKey::generate().unwrap());
        assert_eq!(key.short_hash("192.0.2.1"), key.short_hash("192.0.2.1"));
        assert_ne!(key.short_hash("192.0.2.1"), key.short_hash("192.0.2.2"));
        assert_ne!(key.short_hash("192.0.2.1"), other.short_hash("192.0.2.1"));
    }

    #[test]
    fn a_secret_is_read_as_hexadecimal_or_base64_and_only_32_bytes() {
        assert_eq!(Secrets::parse(&"ab".repeat(32)).unwrap().0, [0xab; 32]);
        let secret = Secrets::generate().unwrap();
        assert_eq!(Secrets::parse(&secret.to_text()).unwrap().0, secret.0);
        assert_eq!(
            Secrets::parse(&format!(" {}=\n", secret.to_text())).unwrap().0,
            secret.0
        );
        assert!(Secrets::parse("short").is_none());
        assert!(Secrets::parse(&"é".repeat(32)).is_none());
    }
}
