//! Asking a provider: one POST, over TLS, with a limit on everything. It follows no redirect, reads no long answer,
//! takes at most [`TIMEOUT`] from looking up the name to the last byte, and sends no more requests while
//! [`MAX_REQUESTS`] are on their way.
//!
//! The client is ureq, which blocks: with rustls on the cryptography that is here anyway it brings five crates, where
//! reqwest brings more than twenty. Each request has a thread of its own, because a slow provider must not hold the
//! threads on which the database is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// How long a provider has, from looking up its name to the last byte of its answer.
pub const TIMEOUT: Duration = Duration::from_secs(3);
/// Requests on their way at once.
pub const MAX_REQUESTS: usize = 16;
/// Bytes of an answer at most; a provider's has a few hundred.
const ANSWER_BYTES: u64 = 16 * 1024;

/// A provider's answer, whatever it says.
#[derive(Debug)]
pub struct ProviderReply {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// Too many requests are on their way.
    Busy,
    /// It took too long.
    Timeout,
    /// No connection, no TLS, not HTTP.
    Unreachable,
    /// The body has no end, or a far one.
    TooLong,
}

/// Sends forms to one address.
#[derive(Clone)]
pub struct ProviderClient {
    agent: Agent,
    url: String,
    permits: Arc<Semaphore>,
}

impl ProviderClient {
    /// A client of this address.
    pub fn new(url: String, timeout: Duration, permits: usize) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::WebPki)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // No proxy from the environment: settings come from `config` alone.
            .proxy(None)
            .user_agent("masthead")
            .build()
            .new_agent();
        Self {
            agent,
            url,
            permits: Arc::new(Semaphore::new(permits)),
        }
    }

    /// Sends a form.
    ///
    /// # Errors
    /// Why there is no answer; what the network said about it goes to the log, and never the form.
    pub async fn post(&self, form: String) -> Result<ProviderReply, ProviderError> {
        let place = self
            .permits
            .clone()
            .try_acquire_owned()
            .map_err(|_| ProviderError::Busy)?;
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let (send, receive) = oneshot::channel();
        let thread = std::thread::Builder::new().name("captcha".to_owned()).spawn(move || {
            let reply = call(&agent, &url, &form);
            drop(place);
            // If the reader has gone, nobody receives it.
            drop(send.send(reply));
        });
        thread.map_err(|error| {
            log::error!("no thread to ask the captcha provider: {error}");
            ProviderError::Busy
        })?;
        receive.await.unwrap_or(Err(ProviderError::Unreachable))
    }
}

fn call(agent: &Agent, url: &str, form: &str) -> Result<ProviderReply, ProviderError> {
    let request = agent
        .post(url)
        .content_type("application/x-www-form-urlencoded")
        .header("accept", "application/json");
    let mut response = request.send(form).map_err(no_reply)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES);
    let body = body.read_to_vec().map_err(no_reply)?;
    Ok(ProviderReply { status, body })
}

fn no_reply(error: ureq::Error) -> ProviderError {
    log::warn!("the captcha provider gave no answer: {error}");
    match error {
        ureq::Error::Timeout(_) => ProviderError::Timeout,
        ureq::Error::BodyExceedsLimit(_) => ProviderError::TooLong,
        _ => ProviderError::Unreachable,
    }
}
