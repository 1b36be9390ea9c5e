//! The secrets of webhooks and what they sign, as Standard Webhooks says: `v1,` and the base64 of HMAC-SHA-256 over the
//! id, the moment and the body.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::base::error::{Error, Result};
use crate::base::ids::WebhookId;
use crate::base::secrets::{KeyPurpose, Secrets, random_bytes};

/// How every secret begins where it is told.
const BEGINNING: &str = "whsec_";

/// A webhook's secret, which never prints.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// A new one of 256 bits.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self(random_bytes::<32>()?.to_vec()))
    }

    /// The secret as text, to be told once.
    pub fn reveal(&self) -> String {
        format!("{BEGINNING}{}", STANDARD.encode(&self.0))
    }

    /// What is stored of it: sealed, and good for this webhook alone.
    ///
    /// # Errors
    /// 500 when the cipher fails.
    pub fn seal(&self, secrets: &Secrets, webhook: WebhookId) -> Result<String> {
        secrets.seal(KeyPurpose::Webhooks, webhook.as_str(), &self.0)
    }

    /// Opens what was sealed; `None` under another `MASTHEAD_SECRET`.
    pub fn open(secrets: &Secrets, webhook: WebhookId, sealed: &str) -> Option<Self> {
        secrets.open(KeyPurpose::Webhooks, webhook.as_str(), sealed).map(Self)
    }

    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

/// The headers of a message, signed with each secret that is good: a receiver that knows one of them takes it.
///
/// # Errors
/// 500 where there is none.
pub fn signed_headers(
    living: &[WebhookSecret],
    id: &str,
    timestamp: i64,
    body: &str,
) -> Result<Vec<(&'static str, String)>> {
    if living.is_empty() {
        return Err(Error::internal("no secret signs for the webhook"));
    }
    let signatures: Vec<String> = living.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    Ok(vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ])
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;

    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_receiver_takes_what_any_of_its_secrets_signed_and_nothing_else() {
        let secrets = [(); 3].map(|()| WebhookSecret::generate().unwrap());
        let [old, new, other] = &secrets;
        let now = Clock::system().now().millis().div_euclid(1_000);
        let headers = signed_headers(&[old.clone(), new.clone()], "id", now, "{\"a\":\"é\"}").unwrap();
        let mut map = ureq::http::HeaderMap::new();
        for (name, value) in &headers {
            map.insert(*name, value.parse().unwrap());
        }
        let takes = |secret: &WebhookSecret, body: &str| {
            Webhook::new(&secret.reveal())
                .unwrap()
                .verify(body.as_bytes(), &map)
                .is_ok()
        };
        assert!(takes(old, "{\"a\":\"é\"}") && takes(new, "{\"a\":\"é\"}"));
        assert!(!takes(other, "{\"a\":\"é\"}") && !takes(old, "{\"a\":\"e\"}"));
        assert!(signed_headers(&[], "id", now, "{}").is_err());
    }

    #[test]
    fn a_secret_opens_for_its_own_webhook_alone() {
        let (keys, secret) = (Secrets::generate().unwrap(), WebhookSecret::generate().unwrap());
        let (own, other) = (WebhookId::new(), WebhookId::new());
        let sealed = secret.seal(&keys, own).unwrap();
        assert_eq!(
            WebhookSecret::open(&keys, own, &sealed).unwrap().reveal(),
            secret.reveal()
        );
        assert!(WebhookSecret::open(&keys, other, &sealed).is_none());
        assert!(WebhookSecret::open(&Secrets::generate().unwrap(), own, &sealed).is_none());
    }
}
