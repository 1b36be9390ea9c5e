//! Requests to other servers: the one client that makes them. It asks only addresses that everybody can reach, or that
//! the operator allows ([`guard`]), over TLS, follows no redirect, and has a bound on everything: time, bytes of an
//! answer, requests on their way.
//!
//! The client is ureq, which blocks: with rustls on the cryptography that is here anyway it brings five crates, where
//! reqwest brings more than twenty. Each request has a thread of its own, because a slow server must not hold the
//! threads on which the database is read.

pub mod guard;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use self::guard::{AllowedNetworks, GuardedResolver, RefusedTarget};

/// The bounds of a client.
#[derive(Clone, Debug)]
pub struct OutgoingBounds {
    /// Networks that may be asked although not everybody can reach them.
    pub allowed: AllowedNetworks,
    /// How long a server has, from looking up its name to the last byte of its answer.
    pub timeout: Duration,
    /// Requests on their way at once.
    pub max_requests: usize,
    /// Whether a request failed where its answer has no whole body: where only the status is asked for, it did not.
    pub needs_body: bool,
    /// Bytes of an answer at most.
    pub max_bytes: u64,
}

/// A request that is to be sent.
#[derive(Clone, Debug)]
pub struct OutgoingPost {
    /// Where.
    pub url: String,
    /// Headers, `content-type` among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// What a server answered, whatever it says.
#[derive(Debug)]
pub struct OutgoingReply {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingError {
    /// Too many requests are on their way.
    Busy,
    /// It may not be asked.
    Refused(RefusedTarget),
    /// It took too long.
    Timeout,
    /// No name, no connection, no TLS that is worth anything, not HTTP.
    Unreachable,
    /// The body has no end, or a far one.
    TooLong,
}

/// Asks other servers. Clones share its bounds.
#[derive(Clone, Debug)]
pub struct OutgoingClient {
    agent: Agent,
    permits: Arc<Semaphore>,
    purpose: &'static str,
    needs_body: bool,
    max_bytes: u64,
}

impl OutgoingClient {
    /// A client with these bounds; `purpose` names its threads and what the log says of it.
    pub fn new(purpose: &'static str, bounds: OutgoingBounds) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::WebPki)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(bounds.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // No proxy from the environment: settings come from `config` alone.
            .proxy(None)
            .user_agent("masthead")
            .build();
        let resolver = GuardedResolver::new(bounds.allowed);
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            permits: Arc::new(Semaphore::new(bounds.max_requests)),
            purpose,
            needs_body: bounds.needs_body,
            max_bytes: bounds.max_bytes,
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Why there is no answer; what the network said about it goes to the log, and never what was sent.
    pub async fn post(&self, post: OutgoingPost) -> Result<OutgoingReply, OutgoingError> {
        self.ask(move |agent| {
            let request = post
                .headers
                .iter()
                .fold(agent.post(&post.url), |request, (name, value)| {
                    request.header(*name, value)
                });
            request.send(&post.body)
        })
        .await
    }

    /// Asks for what stands at a URL.
    ///
    /// # Errors
    /// As [`post`](Self::post)'s.
    pub async fn get(&self, url: String) -> Result<OutgoingReply, OutgoingError> {
        self.ask(move |agent| agent.get(&url).call()).await
    }

    async fn ask(
        &self,
        send_to: impl FnOnce(&Agent) -> Result<Response<Body>, ureq::Error> + Send + 'static,
    ) -> Result<OutgoingReply, OutgoingError> {
        let place = self.permits.clone().try_acquire_owned();
        let place = place.map_err(|_| OutgoingError::Busy)?;
        let (client, purpose) = (self.clone(), self.purpose);
        let (send, receive) = oneshot::channel();
        let thread = std::thread::Builder::new().name(purpose.to_owned()).spawn(move || {
            let reply = send_to(&client.agent).and_then(|response| client.read(response));
            let reply = reply.map_err(|error| no_reply(purpose, &error));
            drop(place);
            // If whoever asked has gone, nobody receives it.
            drop(send.send(reply));
        });
        thread.map_err(|error| {
            log::error!("no thread for {purpose}: {error}");
            OutgoingError::Busy
        })?;
        receive.await.unwrap_or(Err(OutgoingError::Unreachable))
    }

    fn read(&self, mut response: Response<Body>) -> Result<OutgoingReply, ureq::Error> {
        let status = response.status().as_u16();
        // It is read either way: a connection whose answer was read is used again.
        let body = response.body_mut().with_config().limit(self.max_bytes).read_to_vec();
        match body {
            Err(_) if !self.needs_body => Ok(OutgoingReply {
                status,
                body: Vec::new(),
            }),
            body => Ok(OutgoingReply { status, body: body? }),
        }
    }
}

fn no_reply(purpose: &str, error: &ureq::Error) -> OutgoingError {
    let refused = match error {
        ureq::Error::Other(cause) => cause.downcast_ref::<RefusedTarget>().copied(),
        _ => None,
    };
    log::warn!("{purpose}: no answer: {error}");
    match error {
        _ if refused.is_some() => refused.map_or(OutgoingError::Unreachable, OutgoingError::Refused),
        ureq::Error::Timeout(_) => OutgoingError::Timeout,
        ureq::Error::BodyExceedsLimit(_) => OutgoingError::TooLong,
        _ => OutgoingError::Unreachable,
    }
}
