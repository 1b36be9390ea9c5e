//! Statements on webhooks and their secrets.

use diesel::prelude::*;

use super::WebhookOffReason;
use super::signing::WebhookSecret;
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{sections, webhook_event_kinds, webhook_secrets, webhooks};
use crate::base::error::{Error, Result};
use crate::base::ids::{SectionId, WebhookId};
use crate::base::secrets::Secrets;
use crate::events::outbox::data::WebhookEventData;
use crate::events::outbox::{Event, EventData, EventKind, announce};
use crate::insert_each;

/// Where events are sent, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// What the newsroom calls it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The kinds that it asks for, in their order.
    pub events: Vec<EventKind>,
    /// Only what concerns this section and those below it.
    pub section_id: Option<SectionId>,
    /// Whether it is sent anything.
    pub is_enabled: bool,
    /// How it is.
    pub condition: WebhookCondition,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

/// How a webhook is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebhookCondition {
    /// Since when it is off.
    pub off_since: Option<Time>,
    /// Why.
    pub off_reason: Option<WebhookOffReason>,
    /// Since when nothing was taken, where the last attempt failed.
    pub failing_since: Option<Time>,
    /// When something was taken last.
    pub last_success_at: Option<Time>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
struct WebhookRow {
    id: WebhookId,
    name: String,
    url: String,
    section_id: Option<SectionId>,
    version: i64,
    created_at: Time,
    updated_at: Time,
    off_since: Option<Time>,
    off_reason: Option<WebhookOffReason>,
    failing_since: Option<Time>,
    last_success_at: Option<Time>,
}

impl From<&Webhook> for WebhookRow {
    fn from(webhook: &Webhook) -> Self {
        let Webhook { condition, .. } = webhook.clone();
        Self {
            id: webhook.id,
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            section_id: webhook.section_id,
            version: webhook.version,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            off_since: condition.off_since,
            off_reason: condition.off_reason,
            failing_since: condition.failing_since,
            last_success_at: condition.last_success_at,
        }
    }
}

impl WebhookRow {
    fn asking_for(self, events: Vec<EventKind>) -> Webhook {
        Webhook {
            id: self.id,
            name: self.name,
            url: self.url,
            events,
            section_id: self.section_id,
            is_enabled: self.off_since.is_none(),
            condition: WebhookCondition {
                off_since: self.off_since,
                off_reason: self.off_reason,
                failing_since: self.failing_since,
                last_success_at: self.last_success_at,
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

fn with_events(conn: &mut Conn, rows: Vec<WebhookRow>) -> Result<Vec<Webhook>> {
    let ids: Vec<WebhookId> = rows.iter().map(|row| row.id).collect();
    let kinds: Vec<(WebhookId, EventKind)> = webhook_event_kinds::table
        .filter(webhook_event_kinds::webhook_id.eq_any(ids))
        .order((webhook_event_kinds::webhook_id, webhook_event_kinds::kind))
        .select((webhook_event_kinds::webhook_id, webhook_event_kinds::kind))
        .load(conn)?;
    let of = |id: WebhookId| kinds.iter().filter(move |(of, _)| *of == id).map(|(_, kind)| *kind);
    Ok(rows
        .into_iter()
        .map(|row| {
            let events = of(row.id).collect();
            row.asking_for(events)
        })
        .collect())
}

/// All of them, the oldest first: there are few.
pub fn list(conn: &mut Conn) -> Result<Vec<Webhook>> {
    let rows = webhooks::table
        .order(webhooks::id)
        .select(WebhookRow::as_select())
        .load(conn)?;
    with_events(conn, rows)
}

/// One.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: WebhookId) -> Result<Webhook> {
    let row = webhooks::table.find(id).select(WebhookRow::as_select()).first(conn);
    let row = row.optional()?.ok_or_else(Error::not_found)?;
    with_events(conn, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// How many there are.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(webhooks::table.count().get_result(conn)?)
}

/// How many are off.
pub fn count_off(conn: &mut Conn) -> Result<i64> {
    let off = webhooks::table.filter(webhooks::off_since.is_not_null());
    Ok(off.count().get_result(conn)?)
}

/// Whether a section is there.
pub fn has_section(conn: &mut Conn, id: SectionId) -> Result<bool> {
    let found: Option<SectionId> = sections::table.find(id).select(sections::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Adds one with its first secret, sealed.
pub fn insert(conn: &mut Conn, webhook: &Webhook, sealed: &str) -> Result<()> {
    diesel::insert_into(webhooks::table)
        .values(WebhookRow::from(webhook))
        .execute(conn)?;
    insert_events(conn, webhook)?;
    insert_secret(conn, webhook.id, 1, sealed, webhook.created_at)
}

fn insert_events(conn: &mut Conn, webhook: &Webhook) -> Result<()> {
    let row = |kind: &EventKind| {
        (
            webhook_event_kinds::webhook_id.eq(webhook.id),
            webhook_event_kinds::kind.eq(*kind),
        )
    };
    let rows: Vec<_> = webhook.events.iter().map(row).collect();
    insert_each!(conn, webhook_event_kinds::table, rows)?;
    Ok(())
}

/// Writes what it is now.
pub fn update(conn: &mut Conn, webhook: &Webhook) -> Result<()> {
    diesel::update(webhooks::table.find(webhook.id))
        .set(WebhookRow::from(webhook))
        .execute(conn)?;
    let kinds = webhook_event_kinds::table.filter(webhook_event_kinds::webhook_id.eq(webhook.id));
    diesel::delete(kinds).execute(conn)?;
    insert_events(conn, webhook)
}

/// Deletes it, with what is on its way there.
pub fn delete(conn: &mut Conn, id: WebhookId) -> Result<()> {
    diesel::delete(webhooks::table.find(id)).execute(conn)?;
    Ok(())
}

fn insert_secret(conn: &mut Conn, id: WebhookId, number: i32, sealed: &str, now: Time) -> Result<()> {
    diesel::insert_into(webhook_secrets::table)
        .values((
            webhook_secrets::webhook_id.eq(id),
            webhook_secrets::number.eq(number),
            webhook_secrets::sealed.eq(sealed),
            webhook_secrets::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Puts a secret in the place of the one that was told last, which signs beside it until then; those before it end.
pub fn rotate(conn: &mut Conn, id: WebhookId, sealed: &str, overlap: i64, now: Time) -> Result<()> {
    let own = || webhook_secrets::table.filter(webhook_secrets::webhook_id.eq(id));
    let last: Option<i32> = own().select(diesel::dsl::max(webhook_secrets::number)).first(conn)?;
    let last = last.unwrap_or(0);
    let ending = own().filter(
        webhook_secrets::number
            .ne(last)
            .or(webhook_secrets::replaced_until.is_not_null()),
    );
    diesel::delete(ending).execute(conn)?;
    diesel::update(own().filter(webhook_secrets::number.eq(last)))
        .set(webhook_secrets::replaced_until.eq(now.plus_seconds(overlap)))
        .execute(conn)?;
    insert_secret(conn, id, last + 1, sealed, now)
}

/// The secrets that sign at a moment, the newest first. What was sealed under another `MASTHEAD_SECRET` is left out.
pub fn living_secrets(conn: &mut Conn, secrets: &Secrets, id: WebhookId, now: Time) -> Result<Vec<WebhookSecret>> {
    let sealed: Vec<String> = webhook_secrets::table
        .filter(webhook_secrets::webhook_id.eq(id))
        .filter(
            webhook_secrets::replaced_until
                .is_null()
                .or(webhook_secrets::replaced_until.gt(now)),
        )
        .order(webhook_secrets::number.desc())
        .select(webhook_secrets::sealed)
        .load(conn)?;
    let open = |sealed: &String| WebhookSecret::open(secrets, id, sealed);
    Ok(sealed.iter().filter_map(open).collect())
}

/// Until when the secret that was replaced last signs too.
pub fn replaced_until(conn: &mut Conn, id: WebhookId, now: Time) -> Result<Option<Time>> {
    let until: Option<Time> = webhook_secrets::table
        .filter(webhook_secrets::webhook_id.eq(id))
        .select(diesel::dsl::max(webhook_secrets::replaced_until))
        .first(conn)?;
    Ok(until.filter(|until| *until > now))
}

/// How many days it may fail before it is turned off.
const FAILING_SECONDS: i64 = 72 * 3_600;

/// Notes that something was taken.
pub fn note_success(conn: &mut Conn, id: WebhookId, now: Time) -> Result<()> {
    let healed: Option<Time> = None;
    diesel::update(webhooks::table.find(id))
        .set((webhooks::last_success_at.eq(now), webhooks::failing_since.eq(healed)))
        .execute(conn)?;
    Ok(())
}

/// Notes that nothing was taken. One that has failed for 72 hours, or answered 410, is turned off, and the other
/// webhooks are told.
pub fn note_failure(conn: &mut Conn, id: WebhookId, is_gone: bool, now: Time) -> Result<()> {
    let (since, off): (Option<Time>, Option<Time>) = webhooks::table
        .find(id)
        .select((webhooks::failing_since, webhooks::off_since))
        .first(conn)?;
    if since.is_none() {
        diesel::update(webhooks::table.find(id))
            .set(webhooks::failing_since.eq(now))
            .execute(conn)?;
    }
    let is_over = since.is_some_and(|since| since.plus_seconds(FAILING_SECONDS) <= now);
    if off.is_some() || !(is_gone || is_over) {
        return Ok(());
    }
    let reason = if is_gone {
        WebhookOffReason::Gone
    } else {
        WebhookOffReason::Failing
    };
    turn_off(conn, id, reason, now)
}

/// Turns off those that are about a section which is deleted: they would be told nothing, and nobody would know why.
pub fn turn_off_of_section(conn: &mut Conn, section: SectionId, now: Time) -> Result<()> {
    let on = webhooks::table
        .filter(webhooks::section_id.eq(section))
        .filter(webhooks::off_since.is_null());
    let ids: Vec<WebhookId> = on.order(webhooks::id).select(webhooks::id).load(conn)?;
    for id in ids {
        lock(conn, LockableRow::Webhook, id.as_str())?;
        turn_off(conn, id, WebhookOffReason::SectionGone, now)?;
    }
    Ok(())
}

/// Turns one off by itself; the audit, the log and the other webhooks are told.
fn turn_off(conn: &mut Conn, id: WebhookId, reason: WebhookOffReason, now: Time) -> Result<()> {
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::off_since.eq(now),
            webhooks::off_reason.eq(reason),
            webhooks::version.eq(webhooks::version + 1),
            webhooks::updated_at.eq(now),
        ))
        .execute(conn)?;
    log::warn!("webhook {id} is off: {reason}");
    let act = AuditEvent::on("webhook.disable", TargetKind::Webhook, id.as_str()).detail("reason", reason.as_str());
    audit::record(conn, Who::server(Via::Webhooks, None), act, now)?;
    let data = EventData::Webhook(WebhookEventData { webhook_id: id });
    announce(conn, &Event::new(EventKind::WebhookDisabled, data), now)
}

/// Turns off all that came with a restored backup: a copy of the site must not speak in its place. How many.
pub fn turn_off_restored(conn: &mut Conn, now: Time) -> Result<usize> {
    let nobody: Option<String> = None;
    Ok(diesel::update(webhooks::table.filter(webhooks::off_since.is_null()))
        .set((
            webhooks::off_since.eq(now),
            webhooks::off_reason.eq(WebhookOffReason::Restored),
            webhooks::holder.eq(nobody),
        ))
        .execute(conn)?)
}
