//! Make, list, read, change, delete and rotate webhooks.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use ammonia::Url;
use serde::Serialize;
use ureq::http::Uri;
use utoipa::ToSchema;

use super::signing::WebhookSecret;
use super::store::{self, Webhook, WebhookCondition};
use super::{DeliveryState, WebhookOffReason, deliveries};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, Permission, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, LockableRow, lock, take_advisory_lock};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::value_reader::{ValueReader, boolean, distinct, filled_list, id, integer, line, one_of, url};
use crate::base::ids::{SectionId, WebhookId};
use crate::base::limits;
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::secrets::Secrets;
use crate::body::image::web_url;
use crate::events::outbox::EventKind;
use crate::{body_type, list_type};

fn event_kinds() -> impl ValueReader<Value = Vec<EventKind>> {
    let kind = one_of(&ASKABLE, |word| {
        EventKind::parse(word).filter(|kind| kind.can_be_asked_for())
    });
    filled_list(limits::WEBHOOK_EVENTS, kind).then(distinct(EventKind::eq))
}

/// The kinds that a webhook can ask for.
static ASKABLE: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let kinds = EventKind::ALL.iter().filter(|kind| kind.can_be_asked_for());
    kinds.map(|kind| kind.as_str()).collect()
});

fn target() -> impl ValueReader<Value = String> {
    url("an https URL that names no user", sendable_url)
}

/// A URL as it is sent: what is not ASCII is encoded.
fn sendable_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    if url.is_ascii() {
        return Some(url);
    }
    let encoded = Url::parse(&url).ok()?.to_string();
    (encoded.len() <= limits::URL).then_some(encoded)
}

body_type! {
    /// A webhook to be made.
    pub struct NewWebhook {
        /// What you call it: what is there.
        pub name: String = required(line(limits::NAME)),
        /// Where events are sent: https, at an address that everybody can reach. The operator may allow others.
        pub url: String = required(target()),
        /// The kinds of events that are sent.
        pub events: Vec<EventKind> = required(event_kinds()),
        /// Only what concerns this section and those below it; what concerns no section is not sent then.
        pub section_id: SectionId = optional(id()),
    }
}

body_type! {
    /// A change of a webhook.
    pub struct WebhookPatch of Webhook {
        /// What you call it.
        pub name: String = change(line(limits::NAME)),
        /// Where events are sent.
        pub url: String = change(target()),
        /// The kinds of events that are sent, all of them.
        pub events: Vec<EventKind> = change(event_kinds()),
        /// Only what concerns this section and those below it.
        pub section_id: SectionId = patch(id()),
        /// Whether anything is sent. What happened while nothing was can be replayed.
        pub is_enabled: bool = change(boolean()),
    }
}

body_type! {
    /// How a webhook's secret is rotated.
    #[derive(Clone, Copy)]
    pub struct WebhookRotation [may_be_empty] {
        /// Seconds for which the secret told before still signs beside the new one: a day where it is not given, 7 days at
        /// most, 0 for none.
        pub overlap_seconds: i64 = defaulted(integer(0, limits::WEBHOOK_OVERLAP_SECONDS_MAX)) or limits::WEBHOOK_OVERLAP_SECONDS_DEFAULT,
    }
}

/// A webhook: where events are sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// The webhook's id.
    pub id: WebhookId,
    /// What the newsroom calls it.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// The kinds of events that are sent.
    #[schema(max_items = 50)]
    pub events: Vec<EventKind>,
    /// Only what concerns this section and those below it; null for everything.
    pub section_id: Option<SectionId>,
    /// Whether anything is sent.
    pub is_enabled: bool,
    /// Since when nothing is sent; null where it is.
    pub off_since: Option<Time>,
    /// Why nothing is sent; null where it is.
    pub off_reason: Option<WebhookOffReason>,
    /// Since when it has taken nothing, where its last answer was none or not 2xx; after 72 hours it is turned off.
    pub failing_since: Option<Time>,
    /// When it took something last; null where it never did.
    pub last_success_at: Option<Time>,
    /// Events that it is still to be told.
    pub waiting_count: i64,
    /// Events that were given up, and can be replayed.
    pub failed_count: i64,
    /// Until when the secret told before the last rotation signs too; null where there is none.
    pub previous_until: Option<Time>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

/// A webhook that was just made or whose secret was rotated: the only time that the secret is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToldWebhook {
    /// What signs: `whsec_` and base64, as libraries of Standard Webhooks take it.
    pub signing_secret: String,
    /// What is known of the webhook.
    pub info: WebhookView,
}

/// How many deliveries of each webhook wait and have failed.
struct DeliveryCounts {
    waiting: HashMap<WebhookId, i64>,
    failed: HashMap<WebhookId, i64>,
}

impl DeliveryCounts {
    fn load(conn: &mut Conn, ids: &[WebhookId]) -> Result<Self> {
        Ok(Self {
            waiting: deliveries::counts(conn, ids, DeliveryState::Waiting)?,
            failed: deliveries::counts(conn, ids, DeliveryState::Failed)?,
        })
    }
}

impl WebhookView {
    fn new(webhook: Webhook, counts: &DeliveryCounts, previous_until: Option<Time>) -> Self {
        let of = |counts: &HashMap<WebhookId, i64>| counts.get(&webhook.id).copied().unwrap_or(0);
        let WebhookCondition {
            off_since,
            off_reason,
            failing_since,
            last_success_at,
        } = webhook.condition;
        Self {
            waiting_count: of(&counts.waiting),
            failed_count: of(&counts.failed),
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            events: webhook.events,
            section_id: webhook.section_id,
            is_enabled: webhook.is_enabled,
            off_since,
            off_reason,
            failing_since,
            last_success_at,
            previous_until,
            version: webhook.version,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }

    fn load(conn: &mut Conn, webhook: Webhook, now: Time) -> Result<Self> {
        let counts = DeliveryCounts::load(conn, &[webhook.id])?;
        let until = store::replaced_until(conn, webhook.id, now)?;
        Ok(Self::new(webhook, &counts, until))
    }
}

/// What a change of a webhook is measured by: what people write of it.
#[derive(Serialize)]
struct WebhookDigest<'w> {
    name: &'w str,
    url: &'w str,
    events: &'w [EventKind],
    section_id: Option<SectionId>,
    is_enabled: bool,
}

impl Editable for Webhook {
    const KIND: EditableKind = EditableKind::Webhook;
    const TARGET: TargetKind = TargetKind::Webhook;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(WebhookDigest {
            name: &self.name,
            url: &self.url,
            events: &self.events,
            section_id: self.section_id,
            is_enabled: self.is_enabled,
        })
    }
}

list_type! {
    /// Every webhook.
    WebhookList [whole] {
        /// The webhooks, the oldest first.
        items: Vec<WebhookView>,
    }
}

/// Checks where events would be sent and what for, as far as that can be told now; what has not `changed` is left as it is,
/// whatever has become of it.
fn check(conn: &mut Conn, allowed: &AllowedNetworks, webhook: &Webhook, changed: &[&str]) -> Result<()> {
    let is_good = |url: &Uri| allowed.judge(url).is_ok();
    if changed.contains(&"url") && !webhook.url.parse().is_ok_and(|url| is_good(&url)) {
        return Err(Error::field(FieldError::new("/url", FieldCode::TargetRefused)));
    }
    // One whose section was deleted is not turned on without another.
    let is_looked_up = ["section_id", "is_enabled"].iter().any(|name| changed.contains(name));
    match webhook.section_id.filter(|_| is_looked_up && webhook.is_enabled) {
        Some(id) if !store::has_section(conn, id)? => Err(Error::field(FieldError::new(
            "/section_id",
            FieldCode::UnknownReference,
        ))),
        _ => Ok(()),
    }
}

/// List webhooks.
///
/// Where events are sent, and how that goes.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhooks",
    responses((status = 200, description = "The webhooks.", body = WebhookList)))]
#[get("/v1/editorial/webhooks")]
pub async fn list_webhooks(desk: Desk<may::ManageWebhooks>, _: Params<NoParams>) -> Result<WebhookList> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let items = desk
        .read(|conn, desk| {
            let webhooks = store::list(conn)?;
            let ids: Vec<WebhookId> = webhooks.iter().map(|webhook| webhook.id).collect();
            let counts = DeliveryCounts::load(conn, &ids)?;
            let view = |webhook: Webhook| {
                let until = store::replaced_until(conn, webhook.id, desk.now)?;
                Ok(WebhookView::new(webhook, &counts, until))
            };
            webhooks.into_iter().map(view).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(WebhookList {
        items,
        page: PageInfo::whole(),
    })
}

/// Create a webhook.
///
/// From now on it is told what it asks for. The secret that signs is told this once.
#[utoipa::path(tag = "webhooks", operation_id = "createWebhook", request_body = NewWebhook,
    responses((status = 201, description = "The webhook.", body = ToldWebhook, headers(("Location"), ("ETag")))))]
#[post("/v1/editorial/webhooks")]
pub async fn create_webhook(
    secrets: Data<Secrets>,
    allowed: Data<AllowedNetworks>,
    desk: Desk<may::ManageWebhooks>,
    body: Body<NewWebhook>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let NewWebhook {
        name,
        url,
        events,
        section_id,
    } = body.value;
    let now = desk.now();
    let webhook = Webhook {
        id: WebhookId::new(),
        name,
        url,
        events,
        section_id,
        is_enabled: true,
        condition: WebhookCondition::default(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let secret = WebhookSecret::generate()?;
    let sealed = secret.seal(&secrets, webhook.id)?;
    let info = desk
        .write(move |conn, desk| {
            take_advisory_lock(conn, AdvisoryLock::Webhooks)?;
            check(conn, &allowed, &webhook, &["url", "section_id"])?;
            let max = i64::try_from(limits::WEBHOOKS).unwrap_or(i64::MAX);
            if store::count(conn)? >= max {
                let too_many = FieldError::new("", FieldCode::TooManyWebhooks);
                return Err(Error::field(too_many.with("max", max)));
            }
            record_new(conn, desk, &webhook, &["name", "url", "events"])?;
            store::insert(conn, &webhook, &sealed)?;
            WebhookView::load(conn, webhook.clone(), desk.now)
        })
        .await?;
    let location = format!("/v1/editorial/webhooks/{}", info.id);
    let signing_secret = secret.reveal();
    Ok(created(&location, info.version, &ToldWebhook { signing_secret, info }))
}

/// Read a webhook.
///
/// Where events are sent, which, and how that goes.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhook",
    responses((status = 200, description = "The webhook.", body = WebhookView, headers(("ETag")))))]
#[get("/v1/editorial/webhooks/{webhook_id}")]
pub async fn get_webhook(
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let view = desk
        .read(move |conn, desk| {
            let webhook = store::get(conn, id.0)?;
            WebhookView::load(conn, webhook, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change a webhook.
///
/// What is on its way goes where it is now. Turned on again it is told what waits; what happened while it was off can be
/// replayed.
#[utoipa::path(tag = "webhooks", operation_id = "updateWebhook", params(IfMatch), request_body = WebhookPatch,
    responses((status = 200, description = "The webhook.", body = WebhookView, headers(("ETag")))))]
#[patch("/v1/editorial/webhooks/{webhook_id}")]
pub async fn update_webhook(
    allowed: Data<AllowedNetworks>,
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    if_match: IfMatch,
    body: Body<WebhookPatch>,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let patch = body.value;
    let view = desk
        .write(move |conn, desk| {
            lock(conn, LockableRow::Webhook, id.0.as_str())?;
            let old = store::get(conn, id.0)?;
            check_version(conn, if_match, &old)?;
            let (mut webhook, changed) = patch.apply(&old);
            if !changed.is_empty() {
                check(conn, &allowed, &webhook, &changed)?;
                if webhook.is_enabled != old.is_enabled || webhook.url != old.url {
                    // Its 72 hours begin anew.
                    webhook.condition.failing_since = None;
                }
                if webhook.is_enabled != old.is_enabled {
                    let off = !webhook.is_enabled;
                    webhook.condition.off_since = off.then_some(desk.now);
                    webhook.condition.off_reason = off.then_some(WebhookOffReason::ByHand);
                }
                webhook.version += 1;
                webhook.updated_at = desk.now;
                record_edit(conn, desk, &old, &webhook, &changed)?;
                store::update(conn, &webhook)?;
            }
            WebhookView::load(conn, webhook, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Delete a webhook.
///
/// It is told nothing any more, nor what is on its way.
#[utoipa::path(tag = "webhooks", operation_id = "deleteWebhook", params(IfMatch),
    responses((status = 204, description = "The webhook is gone.")))]
#[delete("/v1/editorial/webhooks/{webhook_id}")]
pub async fn delete_webhook(
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    desk.write(move |conn, desk| {
        lock(conn, LockableRow::Webhook, id.0.as_str())?;
        let webhook = store::get(conn, id.0)?;
        check_version(conn, if_match, &webhook)?;
        record_deletion(conn, desk, &webhook)?;
        store::delete(conn, webhook.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Rotate a webhook's secret.
///
/// Tells another secret. Until the overlap has passed what is sent is signed with both, so that a receiver can be given the
/// new one at any moment.
#[utoipa::path(tag = "webhooks", operation_id = "rotateWebhook", request_body = WebhookRotation,
    responses((status = 200, description = "The webhook.", body = ToldWebhook)))]
#[post("/v1/editorial/webhooks/{webhook_id}/actions/rotate")]
pub async fn rotate_webhook(
    secrets: Data<Secrets>,
    desk: Desk<may::ManageWebhooks>,
    id: PathId<WebhookId>,
    body: Body<WebhookRotation>,
) -> Result<Json<ToldWebhook>> {
    desk.actor.check_everywhere(Permission::ManageWebhooks)?;
    let (rotation, secret) = (body.value, WebhookSecret::generate()?);
    let sealed = secret.seal(&secrets, id.0)?;
    let info = desk
        .write(move |conn, desk| {
            lock(conn, LockableRow::Webhook, id.0.as_str())?;
            let webhook = store::get(conn, id.0)?;
            store::rotate(conn, id.0, &sealed, rotation.overlap_seconds, desk.now)?;
            let act = AuditEvent::on("webhook.rotate", TargetKind::Webhook, id.0.as_str());
            audit::record(conn, desk.actor, act, desk.now)?;
            WebhookView::load(conn, webhook, desk.now)
        })
        .await?;
    let signing_secret = secret.reveal();
    Ok(Json(ToldWebhook { signing_secret, info }))
}
