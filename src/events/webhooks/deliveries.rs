//! Statements that read what became of what webhooks were sent.

use std::collections::HashMap;

use diesel::dsl::case_when;
use diesel::prelude::*;

use super::{DeliveryError, DeliveryId, DeliveryState};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{events, webhook_deliveries, webhooks};
use crate::base::error::{Error, Result};
use crate::base::ids::WebhookId;
use crate::events::outbox::{EventId, EventKind};

/// A delivery, as it is listed.
#[derive(Clone, Debug, Queryable)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// The event's place.
    pub event_seq: i64,
    /// The event's id.
    pub event_id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub at: Time,
    /// The thing in whose order it is told.
    pub subject: Option<String>,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts since it was sent on its way.
    pub attempts: i32,
    /// When the next attempt is due; null where it waits for another to end or for the webhook to be on, or has ended.
    pub due_at: Option<Time>,
    /// When the last attempt ended.
    pub attempted_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<DeliveryError>,
    /// How long it took.
    pub last_milliseconds: Option<i64>,
}

/// A delivery of a webhook, the columns of [`DeliveryRow`].
macro_rules! delivery_rows {
    ($id:expr) => {
        webhook_deliveries::table
            .inner_join(events::table)
            .inner_join(webhooks::table)
            .filter(webhook_deliveries::webhook_id.eq($id))
            .select((
                webhook_deliveries::id,
                webhook_deliveries::webhook_id,
                webhook_deliveries::event_seq,
                events::id,
                events::kind,
                events::at,
                webhook_deliveries::subject,
                webhook_deliveries::state,
                webhook_deliveries::attempts,
                case_when(webhooks::off_since.is_null(), webhook_deliveries::due_at),
                webhook_deliveries::attempted_at,
                webhook_deliveries::ended_at,
                webhook_deliveries::last_status,
                webhook_deliveries::last_error,
                webhook_deliveries::last_milliseconds,
            ))
    };
}

/// Deliveries of a webhook, the newest event first, after this place.
pub fn list(
    conn: &mut Conn,
    id: WebhookId,
    state: Option<DeliveryState>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<DeliveryRow>> {
    let mut query = delivery_rows!(id)
        .order(webhook_deliveries::event_seq.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(webhook_deliveries::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(webhook_deliveries::event_seq.lt(after));
    }
    Ok(query.load(conn)?)
}

/// A delivery of a webhook.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, webhook: WebhookId, id: DeliveryId) -> Result<DeliveryRow> {
    let row = delivery_rows!(webhook)
        .filter(webhook_deliveries::id.eq(id))
        .first(conn);
    row.optional()?.ok_or_else(Error::not_found)
}

/// How many deliveries of each of these webhooks are so far.
pub fn counts(conn: &mut Conn, ids: &[WebhookId], state: DeliveryState) -> Result<HashMap<WebhookId, i64>> {
    let counted: Vec<(WebhookId, i64)> = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq_any(ids))
        .filter(webhook_deliveries::state.eq(state))
        .group_by(webhook_deliveries::webhook_id)
        .select((webhook_deliveries::webhook_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counted.into_iter().collect())
}

/// How many deliveries wait that are sent in time: those of webhooks that are on.
pub fn count_waiting(conn: &mut Conn) -> Result<i64> {
    let on = webhook_deliveries::table.inner_join(webhooks::table);
    let waiting = on
        .filter(webhooks::off_since.is_null())
        .filter(webhook_deliveries::ended_at.is_null());
    Ok(waiting.count().get_result(conn)?)
}
