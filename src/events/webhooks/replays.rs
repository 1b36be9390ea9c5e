//! Telling a webhook again what happened since a moment: in chunks, as a job.

use serde::{Deserialize, Serialize};

use super::queue::{self, RELAYED_AT_ONCE, SectionsOf, wants};
use super::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::WebhookId;
use crate::base::jobs::{self, JobId};
use crate::events::outbox::store::{self as outbox, EventHead};

/// The kind of the jobs that replay.
pub const REPLAY_WEBHOOK: &str = "replay_webhook";

/// How far a replay is.
#[derive(Debug, Serialize, Deserialize)]
struct ReplayProgress {
    webhook: WebhookId,
    /// The place of the last event that was looked at.
    after: i64,
    /// The place of the last event when it was asked for: later ones are told anyway.
    until: i64,
    since: Time,
    at: Time,
}

/// Asks for a replay; the job that does it.
pub fn enqueue(conn: &mut Conn, webhook: WebhookId, since: Time, now: Time) -> Result<JobId> {
    let progress = ReplayProgress {
        webhook,
        after: outbox::first_since(conn, since)? - 1,
        until: outbox::end(conn)?,
        since,
        at: now,
    };
    jobs::enqueue(conn, REPLAY_WEBHOOK, &progress, now)
}

/// Sends the next chunk on its way.
pub fn replay_chunk(conn: &mut Conn, progress: &str, sections_of: SectionsOf) -> Result<Option<String>> {
    let mut progress: ReplayProgress = serde_json::from_str(progress).map_err(Error::internal)?;
    let webhook = match store::get(conn, progress.webhook) {
        Ok(webhook) => webhook,
        // Deleted meanwhile.
        Err(error) if error.code() == Code::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let places = (progress.after, progress.until);
    let mut heads = outbox::between(conn, places, RELAYED_AT_ONCE)?;
    let Some(last) = heads.last() else { return Ok(None) };
    progress.after = last.seq;
    queue::place_comments(conn, std::slice::from_ref(&webhook), &mut heads, sections_of)?;
    let wanted = |event: &EventHead| event.at >= progress.since && wants(&webhook, event);
    let wanted: Vec<_> = heads.into_iter().filter(wanted).collect();
    queue::requeue(conn, webhook.id, &wanted, progress.at)?;
    serde_json::to_string(&progress).map(Some).map_err(Error::internal)
}
