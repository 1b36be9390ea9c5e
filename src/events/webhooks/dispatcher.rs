//! The dispatcher. Each instance runs one: it has the relay look at new events, and sends to each webhook that it holds
//! what is due there. Each webhook has a task of its own, so many requests on their way and so many rounds a second, so
//! that a slow one delays no other and a long queue does not keep the server from its readers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::queue::{self, Attempt, DueDelivery, SectionsOf, WebhookHold};
use super::signing::{WebhookSecret, signed_headers};
use super::{DeliveryError, store};
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::ids::WebhookId;
use crate::base::limits;
use crate::base::metrics::Metrics;
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::outgoing::{OutgoingBounds, OutgoingClient, OutgoingError, OutgoingPost};
use crate::base::secrets::{self, Secrets, random_bytes};
use crate::events::outbox::{EventKind, store as outbox};

/// How often an instance looks for new events and for what is due.
const POLL: Duration = Duration::from_millis(250);
/// How long it waits where the database fails, so as not to fill the log.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
/// How long a receiver has for its answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read, so that its connection is used again.
const ANSWER_BYTES: u64 = 16 * 1024;
/// Requests on their way to one webhook.
const SENT_AT_ONCE: usize = 8;
/// A round of a webhook takes so long at least: what bounds how fast a long queue is sent.
const ROUND: Duration = Duration::from_millis(20);
/// While a receiver lets wait, its webhook's lease is renewed this often.
const RENEW: Duration = Duration::from_secs(1);
/// At the end it waits so long at most for the answers to what is on its way.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// The greatest jitter, in thousandths of what has to be waited.
const JITTER: u16 = 200;

/// Sends what is due. Clones share what it holds.
#[derive(Clone)]
pub struct WebhookDispatcher {
    db: Db,
    secrets: Secrets,
    client: OutgoingClient,
    metrics: Metrics,
    sections_of: SectionsOf,
    holder: String,
    /// The webhooks whose task runs.
    held: Arc<Mutex<HashSet<WebhookId>>>,
    /// Since when nothing more is sent.
    over_since: Arc<OnceLock<Instant>>,
}

impl WebhookDispatcher {
    /// The dispatcher of one instance, which may also ask these networks.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn of(
        db: &Db,
        secrets: &Secrets,
        metrics: &Metrics,
        allowed: &AllowedNetworks,
        sections_of: SectionsOf,
    ) -> Result<Self> {
        let bounds = OutgoingBounds {
            allowed: allowed.clone(),
            timeout: ANSWER_TIME,
            max_requests: limits::WEBHOOKS * SENT_AT_ONCE,
            needs_body: false,
            max_bytes: ANSWER_BYTES,
        };
        Ok(Self {
            db: db.clone(),
            secrets: secrets.clone(),
            client: OutgoingClient::new("webhook", bounds),
            metrics: metrics.clone(),
            sections_of,
            holder: secrets::opaque_token()?.chars().take(16).collect(),
            held: Arc::default(),
            over_since: Arc::default(),
        })
    }

    /// Looks for new events and for what is due until its task is dropped, or nothing more is to be sent.
    pub async fn work(self) {
        while !self.is_over() {
            if let Err(error) = self.look().await {
                log::warn!("the dispatcher could not look for what is due: {error}");
                sleep(FAILURE_PAUSE).await;
            }
            sleep(POLL).await;
        }
    }

    async fn look(&self) -> Result<()> {
        self.relay().await?;
        for webhook in self.due().await? {
            if self.held().insert(webhook) {
                let dispatcher = self.clone();
                actix_web::rt::spawn(async move { dispatcher.send_logged(webhook).await });
            }
        }
        Ok(())
    }

    async fn send_logged(self, webhook: WebhookId) {
        // Dropped with its task, too.
        let _place = HeldPlace {
            dispatcher: &self,
            webhook,
        };
        if let Err(error) = self.send_all(webhook).await {
            log::warn!("webhook {webhook}: {error}");
            sleep(FAILURE_PAUSE).await;
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<WebhookId>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn relay(&self) -> Result<()> {
        let (now, sections_of) = (self.db.clock().now(), self.sections_of);
        while self.db.read(outbox::has_unrelayed).await? {
            self.db.write(move |conn| queue::relay(conn, sections_of, now)).await?;
        }
        Ok(())
    }

    async fn due(&self) -> Result<Vec<WebhookId>> {
        let (now, holder) = (self.db.clock().now(), self.holder.clone());
        let known_until = self.known_until(now);
        let due = move |conn: &mut _| queue::due_webhooks(conn, &holder, now, known_until);
        self.db.read(due).await
    }

    /// What was put on its way until then may be told: whoever is told may ask any instance at once.
    fn known_until(&self, now: Time) -> Time {
        let spread = i64::try_from(self.db.spread_time().as_millis()).unwrap_or(i64::MAX);
        Time::from_millis(now.millis().saturating_sub(spread)).unwrap_or(now)
    }

    /// Sends everything that is due now; how many attempts it made.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_due(&self) -> Result<usize> {
        self.relay().await?;
        let webhooks = self.due().await?;
        let sent = join_all(webhooks.into_iter().map(|webhook| self.send_all(webhook))).await;
        sent.into_iter().sum()
    }

    /// Sends to a webhook what is due there until nothing is, or somebody else holds it; how many attempts it made.
    async fn send_all(&self, webhook: WebhookId) -> Result<usize> {
        let mut sending: FuturesUnordered<BoxFuture<'_, Attempt>> = FuturesUnordered::new();
        let mut on_their_way = Vec::new();
        let (mut ended, mut count): (Vec<Attempt>, usize) = (Vec::new(), 0);
        loop {
            let round = Instant::now();
            let most = if self.is_over() { 0 } else { SENT_AT_ONCE };
            let (noted, now) = (std::mem::take(&mut ended), self.db.clock().now());
            let hold = WebhookHold {
                webhook,
                known_until: self.known_until(now),
                holder: self.holder.clone(),
                sending: on_their_way.clone(),
                room: most.saturating_sub(on_their_way.len()),
            };
            let keys = self.secrets.clone();
            let turn = self.db.write(move |conn| {
                let Some(turn) = queue::take_turn(conn, &hold, &noted, now)? else {
                    return Ok(None);
                };
                let secrets = store::living_secrets(conn, &keys, webhook, now)?;
                Ok(Some((turn, secrets)))
            });
            let Some((turn, secrets)) = turn.await? else {
                return self.note_rest(webhook, sending).await.map(|()| count);
            };
            // While it fails one is tried now and then: at each look, not as fast as it fails.
            let has_tried = turn.is_failing && count > 0;
            for delivery in turn.due.into_iter().filter(|_| !has_tried) {
                on_their_way.push(delivery.id);
                count += 1;
                sending.push(Box::pin(self.attempt(turn.url.clone(), delivery, secrets.clone())));
            }
            if sending.is_empty() {
                return self.give_back(webhook).await.map(|()| count);
            }
            if let Ok(Some(attempt)) = timeout(RENEW, sending.next()).await {
                ended.push(attempt);
            }
            // What ends in the meantime is noted in the same round.
            sleep_until(round + ROUND).await;
            while let Some(Some(attempt)) = sending.next().now_or_never() {
                ended.push(attempt);
            }
            on_their_way.retain(|id| ended.iter().all(|attempt| attempt.delivery.id != *id));
        }
    }

    /// Waits for the answers to what is on its way to a webhook that was turned off, and notes them: what was taken is not
    /// sent again.
    async fn note_rest(&self, webhook: WebhookId, mut sending: FuturesUnordered<BoxFuture<'_, Attempt>>) -> Result<()> {
        while let Some(ended) = sending.next().await {
            let (holder, now) = (self.holder.clone(), self.db.clock().now());
            let note = move |conn: &mut _| queue::note_late(conn, webhook, &holder, ended.clone(), now);
            self.db.write(note).await?;
        }
        self.give_back(webhook).await
    }

    async fn give_back(&self, webhook: WebhookId) -> Result<()> {
        let holder = self.holder.clone();
        let released = move |conn: &mut _| queue::release(conn, Some(webhook), &holder);
        self.db.write(released).await
    }

    async fn attempt(&self, url: String, delivery: DueDelivery, secrets: Vec<WebhookSecret>) -> Attempt {
        let begun = Instant::now();
        let reply = self.post(url, &delivery, &secrets).await;
        let (error, status) = match reply {
            Ok(status) if (200..300).contains(&status) => (None, Some(status)),
            Ok(status) => (Some(DeliveryError::Status), Some(status)),
            Err(error) => (Some(error), None),
        };
        self.metrics
            .count_delivery(error.map_or("delivered", DeliveryError::as_str));
        Attempt {
            delivery,
            error,
            status,
            milliseconds: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
            jitter: jitter(),
        }
    }

    async fn post(
        &self,
        url: String,
        delivery: &DueDelivery,
        secrets: &[WebhookSecret],
    ) -> std::result::Result<u16, DeliveryError> {
        let body = message(delivery).map_err(|_| DeliveryError::Unreachable)?;
        let timestamp = self.db.clock().now().millis().div_euclid(1_000);
        let headers = signed_headers(secrets, delivery.event_id.as_str(), timestamp, &body);
        let headers = headers.map_err(|_| DeliveryError::NoSecret)?;
        let reply = self.client.post(OutgoingPost { url, headers, body }).await;
        reply.map(|reply| reply.status).map_err(|error| match error {
            OutgoingError::Refused(_) => DeliveryError::Refused,
            OutgoingError::Timeout => DeliveryError::Timeout,
            OutgoingError::Busy | OutgoingError::TooLong | OutgoingError::Unreachable => DeliveryError::Unreachable,
        })
    }

    /// From now on it sends nothing more; the answers to what is on its way are noted.
    pub fn send_no_more(&self) {
        self.over_since.get_or_init(Instant::now);
    }

    fn is_over(&self) -> bool {
        self.over_since.get().is_some()
    }

    /// Gives back all that it holds, before the end: once what is on its way has its answers, but not later than `patience`
    /// after the last was sent. What has none then is sent again.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(&self, patience: Duration) -> Result<()> {
        let until = *self.over_since.get_or_init(Instant::now) + patience.min(LAST_ANSWERS);
        while !self.held().is_empty() && Instant::now() < until {
            sleep(ROUND).await;
        }
        let holder = self.holder.clone();
        self.db.write(move |conn| queue::release(conn, None, &holder)).await
    }
}

/// A webhook whose task runs, until it is dropped.
struct HeldPlace<'d> {
    dispatcher: &'d WebhookDispatcher,
    webhook: WebhookId,
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        self.dispatcher.held().remove(&self.webhook);
    }
}

/// What is sent: the event's type, its moment and what it says.
///
/// # Errors
/// 500 when what is stored is no JSON.
pub fn message(delivery: &DueDelivery) -> Result<String> {
    #[derive(Serialize)]
    struct Message<'d> {
        #[serde(rename = "type")]
        kind: EventKind,
        timestamp: Time,
        data: &'d RawValue,
    }
    let data: &RawValue = serde_json::from_str(&delivery.data).map_err(Error::internal)?;
    let message = Message {
        kind: delivery.kind,
        timestamp: delivery.at,
        data,
    };
    serde_json::to_string(&message).map_err(Error::internal)
}

/// Thousandths between 0 and [`JITTER`]; none where the system gives no random bytes.
fn jitter() -> i64 {
    let random = random_bytes::<2>().map_or(0, u16::from_be_bytes);
    i64::from(random % (JITTER + 1))
}
