//! What became of what a webhook was sent: list and read it, send it again, try the webhook.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::deliveries::{self, DeliveryRow};
use super::{DeliveryError, DeliveryId, DeliveryState, queue, replays, store};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::{PathId, PathPair};
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::time;
use crate::base::ids::WebhookId;
use crate::base::jobs::JobId;
use crate::base::secrets::Secrets;
use crate::events::outbox::data::WebhookEventData;
use crate::events::outbox::{Event, EventData, EventId, EventKind, store as outbox};
use crate::{body_type, list_type, query_type};

/// An event on its way to a webhook, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// The delivery's id.
    pub id: DeliveryId,
    /// The event's id: `webhook-id`, the same at each attempt.
    pub event_id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it happened.
    pub event_at: Time,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts since it was sent on its way; after eight it is given up.
    pub attempt_count: i32,
    /// When the next attempt is due; null where it has ended, or waits until what happened before is told, or until the
    /// webhook is on.
    pub due_at: Option<Time>,
    /// When the last attempt ended; null where there was none.
    pub attempted_at: Option<Time>,
    /// When it was taken or given up; null where it waits.
    pub ended_at: Option<Time>,
    /// The status of the last answer; null where there was none.
    pub last_status: Option<i32>,
    /// Why the last attempt failed; null where it did not.
    pub failure: Option<DeliveryError>,
    /// How long the last attempt took, in milliseconds.
    pub last_milliseconds: Option<i64>,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            event_id: row.event_id,
            kind: row.kind,
            event_at: row.at,
            state: row.state,
            attempt_count: row.attempts,
            due_at: row.due_at,
            attempted_at: row.attempted_at,
            ended_at: row.ended_at,
            last_status: row.last_status,
            failure: row.last_error,
            last_milliseconds: row.last_milliseconds,
        }
    }
}

list_type! {
    /// A page of deliveries, the newest event first.
    WebhookDeliveryList {
        /// The deliveries.
        items: Vec<WebhookDelivery>,
    }
}

query_type! {
    /// Which deliveries.
    #[derive(Debug)]
    pub struct ListWebhookDeliveries {
        /// Only those so far.
        state: DeliveryState = optional(word_param()),
        page: PageRequest = part(),
    }
}

body_type! {
    /// Which events are sent again.
    pub struct WebhookReplay {
        /// Those that happened since then. They are kept for 30 days, or as long as the operator says.
        pub since: Time = required(time()),
    }
}

/// A replay that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookReplayStarted {
    /// The job that sends the events on their way.
    pub job_id: JobId,
}

/// List a webhook's deliveries.
///
/// What it is to be told, was told, or was given up. They are kept as long as events are.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhookDeliveries", params(ListWebhookDeliveries, PageRequest),
    responses((status = 200, description = "A page of deliveries.", body = WebhookDeliveryList)))]
#[get("/v1/editorial/webhooks/{webhook_id}/deliveries")]
pub async fn list_webhook_deliveries(
    secrets: Data<Secrets>,
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    params: Params<ListWebhookDeliveries>,
) -> Result<WebhookDeliveryList> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let ListWebhookDeliveries { state, page } = params.0;
    let binding = CursorBinding::new("webhook-deliveries", &(id.0, state));
    let after = page.after::<1>(&secrets, &binding)?;
    let (after, fetch) = (after.and_then(|[seq]| seq.parse().ok()), page.fetch());
    let rows = desk
        .read(move |conn, _| {
            store::get(conn, id.0)?;
            deliveries::list(conn, id.0, state, after, fetch)
        })
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |row| [row.event_seq.to_string()])?;
    Ok(WebhookDeliveryList {
        items: rows.into_iter().map(WebhookDelivery::from).collect(),
        page,
    })
}

/// Read a webhook's delivery.
///
/// How far it is, and how its last attempt ended.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhookDelivery",
    responses((status = 200, description = "The delivery.", body = WebhookDelivery)))]
#[get("/v1/editorial/webhooks/{webhook_id}/deliveries/{delivery_id}")]
pub async fn get_webhook_delivery(
    desk: Desk<may::ManageWebhooks>,
    ids: PathPair<WebhookId, DeliveryId>,
    _: Params<NoParams>,
) -> Result<Json<WebhookDelivery>> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let row = desk.read(move |conn, _| deliveries::get(conn, ids.0, ids.1)).await?;
    Ok(Json(row.into()))
}

/// Replay a webhook's delivery.
///
/// Sends it again, as if for the first time; one that waits for its next attempt is sent at once. Its `webhook-id` stays
/// the same, so that a receiver that took it knows it again.
#[utoipa::path(tag = "webhooks", operation_id = "replayWebhookDelivery",
    responses((status = 202, description = "The delivery, waiting.", body = WebhookDelivery), Conflict))]
#[post("/v1/editorial/webhooks/{webhook_id}/deliveries/{delivery_id}/actions/replay")]
pub async fn replay_webhook_delivery(
    desk: Desk<may::ManageWebhooks>,
    ids: PathPair<WebhookId, DeliveryId>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let row = desk
        .write(move |conn, desk| {
            let (webhook, delivery) = (ids.0, ids.1);
            if !store::get(conn, webhook)?.is_enabled {
                return Err(Error::new(Code::WebhookOff));
            }
            let row = deliveries::get(conn, webhook, delivery)?;
            queue::resend(conn, &row, desk.now)?;
            let act = AuditEvent::on("webhook.replay", TargetKind::Webhook, webhook.as_str());
            audit::record(conn, desk.actor, act.detail("delivery_id", delivery.as_str()), desk.now)?;
            deliveries::get(conn, webhook, delivery)
        })
        .await?;
    Ok(HttpResponse::Accepted().json(WebhookDelivery::from(row)))
}

/// Replay what happened since a moment.
///
/// Sends a webhook every event since then that it asks for, told before or not, in the order in which they happened. A job
/// sends them on their way.
#[utoipa::path(tag = "webhooks", operation_id = "replayWebhook", request_body = WebhookReplay,
    responses((status = 202, description = "The job.", body = WebhookReplayStarted), Conflict))]
#[post("/v1/editorial/webhooks/{webhook_id}/actions/replay")]
pub async fn replay_webhook(
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    body: Body<WebhookReplay>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let since = body.value.since;
    let job_id = desk
        .write(move |conn, desk| {
            if !store::get(conn, id.0)?.is_enabled {
                return Err(Error::new(Code::WebhookOff));
            }
            if since > desk.now {
                return Err(Error::field(FieldError::new("/since", FieldCode::InTheFuture)));
            }
            let act = AuditEvent::on("webhook.replay", TargetKind::Webhook, id.0.as_str());
            audit::record(conn, desk.actor, act.detail("since", since.to_string()), desk.now)?;
            replays::enqueue(conn, id.0, since, desk.now)
        })
        .await?;
    Ok(HttpResponse::Accepted().json(WebhookReplayStarted { job_id }))
}

/// Try a webhook.
///
/// Sends it an event of the kind `webhook.test`, signed as all are. What became of it, its delivery says.
#[utoipa::path(tag = "webhooks", operation_id = "testWebhook",
    responses((status = 202, description = "The delivery, waiting.", body = WebhookDelivery), Conflict))]
#[post("/v1/editorial/webhooks/{webhook_id}/actions/test")]
pub async fn test_webhook(desk: Desk<may::ManageWebhooks>, id: PathId<WebhookId>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let row = desk
        .write(move |conn, desk| {
            if !store::get(conn, id.0)?.is_enabled {
                return Err(Error::new(Code::WebhookOff));
            }
            let data = EventData::Webhook(WebhookEventData { webhook_id: id.0 });
            let event = Event::new(EventKind::WebhookTest, data);
            let seq = outbox::insert_relayed(conn, &event, desk.now)?;
            let delivery = queue::send_alone(conn, id.0, seq, desk.now)?;
            let act = AuditEvent::on("webhook.test", TargetKind::Webhook, id.0.as_str());
            audit::record(conn, desk.actor, act, desk.now)?;
            deliveries::get(conn, id.0, delivery)
        })
        .await?;
    Ok(HttpResponse::Accepted().json(WebhookDelivery::from(row)))
}
