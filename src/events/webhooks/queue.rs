//! What is on its way to webhooks: who is told of which event, what is due, and what became of it.

use std::collections::HashSet;

use diesel::prelude::*;

use super::deliveries::DeliveryRow;
use super::store::{self, Webhook};
use super::{DeliveryError, DeliveryId, DeliveryState};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, LockableRow, lock, take_advisory_lock};
use crate::base::db::schema::{events, webhook_deliveries, webhooks};
use crate::base::db::{Conn, kept};
use crate::base::error::Result;
use crate::base::ids::WebhookId;
use crate::events::outbox::store::EventHead;
use crate::events::outbox::{EventId, EventKind, store as outbox};
use crate::insert_each;

/// Events that one write looks at.
pub const RELAYED_AT_ONCE: i64 = 500;
/// How long a webhook's lease is good, in seconds.
pub const LEASE_SECONDS: i64 = 5;
/// Seconds after each failed attempt until the next; one more failure, and it is given up.
pub const RETRY_SECONDS: [i64; 7] = [5, 60, 300, 1_800, 7_200, 21_600, 43_200];

/// An event that is on its way to a webhook.
#[derive(Insertable)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false)]
struct NewDelivery<'e> {
    id: DeliveryId,
    webhook_id: WebhookId,
    event_seq: i64,
    subject: Option<&'e str>,
    state: DeliveryState,
    attempts: i32,
    due_at: Option<Time>,
    created_at: Time,
}

/// Says in which sections articles are live, and which are above those: article, section.
pub type SectionsOf = fn(&mut Conn, &[String]) -> Result<Vec<(String, String)>>;

/// Says of comments which sections they concern, where some webhook asks for one alone.
pub fn place_comments(
    conn: &mut Conn,
    webhooks: &[Webhook],
    heads: &mut [EventHead],
    sections_of: SectionsOf,
) -> Result<()> {
    if webhooks.iter().all(|webhook| webhook.section_id.is_none()) {
        return Ok(());
    }
    let comments = heads.iter().filter(|head| head.kind.is_of_comment());
    let articles: HashSet<String> = comments.filter_map(|head| head.subject.clone()).collect();
    let articles: Vec<String> = articles.into_iter().collect();
    let links = sections_of(conn, &articles)?;
    for head in heads.iter_mut().filter(|head| head.kind.is_of_comment()) {
        let own = links
            .iter()
            .filter(|(article, _)| head.subject.as_ref() == Some(article));
        let sections: Vec<&str> = own.map(|(_, section)| section.as_str()).collect();
        head.section_ids = sections.join(" ");
    }
    Ok(())
}

/// Whether a webhook is told of this event.
pub fn wants(webhook: &Webhook, event: &EventHead) -> bool {
    let concerned = webhook.section_id.is_none_or(|id| event.concerns(id.as_str()));
    concerned && webhook.events.contains(&event.kind)
}

/// Looks who is to be told of the events that nobody has looked at, so many at a time; how many those were. One at a
/// time does it, so that what is on its way to a webhook stands there in the order of events.
pub fn relay(conn: &mut Conn, sections_of: SectionsOf, now: Time) -> Result<usize> {
    take_advisory_lock(conn, AdvisoryLock::EventRelay)?;
    outbox::announce_purges(conn, now)?;
    let mut heads = outbox::unrelayed(conn, RELAYED_AT_ONCE)?;
    if heads.is_empty() {
        return Ok(0);
    }
    let webhooks = store::list(conn)?;
    place_comments(conn, &webhooks, &mut heads, sections_of)?;
    for webhook in webhooks {
        let mut wanted: Vec<&EventHead> = heads.iter().filter(|event| wants(&webhook, event)).collect();
        if wanted.is_empty() {
            continue;
        }
        // Whoever ends a delivery of its has this lock too, and so sees what waits behind it.
        lock(conn, LockableRow::Webhook, webhook.id.as_str())?;
        leave_to_replays(conn, webhook.id, &mut wanted)?;
        append(conn, webhook.id, &wanted, now)?;
    }
    let seqs: Vec<i64> = heads.iter().map(|event| event.seq).collect();
    outbox::note_relayed(conn, &seqs, now)?;
    Ok(heads.len())
}

/// Leaves out what happened since the webhook was turned off. What happened before waits there, however late it is looked
/// at: a replay since then begins behind it. The webhook is locked.
fn leave_to_replays(conn: &mut Conn, id: WebhookId, wanted: &mut Vec<&EventHead>) -> Result<()> {
    let off_since = webhooks::table.find(id).select(webhooks::off_since);
    match off_since.first::<Option<Time>>(conn).optional()? {
        Some(Some(off)) => wanted.retain(|event| event.at < off),
        Some(None) => {}
        // Deleted meanwhile.
        None => wanted.clear(),
    }
    Ok(())
}

/// Sends events on their way, behind all that are. The webhook is locked.
fn append(conn: &mut Conn, id: WebhookId, wanted: &[&EventHead], now: Time) -> Result<()> {
    let mut waiting = waiting_subjects(conn, id, wanted)?;
    let delivery = |event: &&'_ EventHead| {
        let subject = event.subject.as_deref();
        let is_first = subject.is_none_or(|subject| waiting.insert(subject.to_owned()));
        (event.seq, is_first.then_some(now))
    };
    let due: Vec<(i64, Option<Time>)> = wanted.iter().map(delivery).collect();
    let rows: Vec<NewDelivery<'_>> = wanted
        .iter()
        .zip(due)
        .map(|(event, (event_seq, due_at))| NewDelivery {
            id: DeliveryId::new(),
            webhook_id: id,
            event_seq,
            subject: event.subject.as_deref(),
            state: DeliveryState::Waiting,
            attempts: 0,
            due_at,
            created_at: now,
        })
        .collect();
    insert_each!(conn, webhook_deliveries::table, rows)?;
    Ok(())
}

fn waiting_subjects(conn: &mut Conn, id: WebhookId, wanted: &[&EventHead]) -> Result<HashSet<String>> {
    let subjects: HashSet<&str> = wanted.iter().filter_map(|event| event.subject.as_deref()).collect();
    let waiting: Vec<Option<String>> = waiting_of(id)
        .filter(webhook_deliveries::subject.eq_any(subjects))
        .select(webhook_deliveries::subject)
        .distinct()
        .load(conn)?;
    Ok(waiting.into_iter().flatten().collect())
}

type OfWebhook = diesel::dsl::Filter<
    diesel::dsl::Filter<webhook_deliveries::table, diesel::dsl::Eq<webhook_deliveries::webhook_id, WebhookId>>,
    diesel::dsl::IsNull<webhook_deliveries::ended_at>,
>;

/// What is on its way to a webhook.
fn waiting_of(id: WebhookId) -> OfWebhook {
    webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(id))
        .filter(webhook_deliveries::ended_at.is_null())
}

/// Sends events, that may have been told before, on their way again: as if for the first time. Of one thing they are told
/// in their order, before what is on its way of it and happened later.
pub fn requeue(conn: &mut Conn, id: WebhookId, replayed: &[EventHead], now: Time) -> Result<()> {
    lock(conn, LockableRow::Webhook, id.as_str())?;
    let seqs: Vec<i64> = replayed.iter().map(|event| event.seq).collect();
    let ended = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(id))
        .filter(webhook_deliveries::event_seq.eq_any(&seqs))
        .filter(webhook_deliveries::ended_at.is_not_null());
    diesel::delete(ended).execute(conn)?;
    let waiting: HashSet<i64> = waiting_of(id)
        .filter(webhook_deliveries::event_seq.eq_any(&seqs))
        .select(webhook_deliveries::event_seq)
        .load(conn)?
        .into_iter()
        .collect();
    let wanted: Vec<&EventHead> = replayed.iter().filter(|event| !waiting.contains(&event.seq)).collect();
    append(conn, id, &wanted, now)?;
    let mut seen = HashSet::new();
    let subjects = wanted.iter().filter_map(|event| event.subject.as_deref());
    for subject in subjects.filter(|subject| seen.insert(*subject)) {
        put_first(conn, id, subject, now)?;
    }
    Ok(())
}

/// Lets a delivery that has ended begin anew, or one that waits for its next attempt be due at once.
pub fn resend(conn: &mut Conn, delivery: &DeliveryRow, now: Time) -> Result<()> {
    lock(conn, LockableRow::Webhook, delivery.webhook_id.as_str())?;
    let (none, due): (Option<Time>, Option<Time>) = (None, delivery.subject.is_none().then_some(now));
    diesel::update(webhook_deliveries::table.find(delivery.id))
        .set((
            webhook_deliveries::state.eq(DeliveryState::Waiting),
            webhook_deliveries::attempts.eq(0),
            webhook_deliveries::ended_at.eq(none),
            webhook_deliveries::due_at.eq(due),
        ))
        .execute(conn)?;
    match &delivery.subject {
        Some(subject) => put_first(conn, delivery.webhook_id, subject, now),
        None => Ok(()),
    }
}

/// Of what is on its way of a thing the first is due, and nothing else is.
fn put_first(conn: &mut Conn, id: WebhookId, subject: &str, now: Time) -> Result<()> {
    let waiting = || waiting_of(id).filter(webhook_deliveries::subject.eq(subject));
    let Some((first, due)) = waiting()
        .order(webhook_deliveries::event_seq)
        .select((webhook_deliveries::id, webhook_deliveries::due_at))
        .first::<(DeliveryId, Option<Time>)>(conn)
        .optional()?
    else {
        return Ok(());
    };
    let none: Option<Time> = None;
    let others = waiting().filter(webhook_deliveries::id.ne(first));
    let others = diesel::update(others.filter(webhook_deliveries::due_at.is_not_null()));
    kept(others.set(webhook_deliveries::due_at.eq(none))).execute(conn)?;
    let due = webhook_deliveries::due_at.eq(due.unwrap_or(now).min(now));
    kept(diesel::update(webhook_deliveries::table.find(first)).set(due)).execute(conn)?;
    Ok(())
}

/// Forgets some of the events from before a moment, with what is known of telling them; how many. What waited behind one
/// that was still on its way is due in its place.
pub fn forget_old(conn: &mut Conn, before: Time, now: Time) -> Result<usize> {
    let old = outbox::old(conn, before)?;
    let blocking: Vec<(WebhookId, Option<String>)> = webhook_deliveries::table
        .filter(webhook_deliveries::event_seq.eq_any(&old))
        .filter(webhook_deliveries::due_at.is_not_null())
        .order((webhook_deliveries::webhook_id, webhook_deliveries::event_seq))
        .select((webhook_deliveries::webhook_id, webhook_deliveries::subject))
        .load(conn)?;
    for (webhook, _) in &blocking {
        lock(conn, LockableRow::Webhook, webhook.as_str())?;
    }
    let count = outbox::delete(conn, &old)?;
    for (webhook, subject) in blocking {
        if let Some(subject) = subject {
            put_first(conn, webhook, &subject, now)?;
        }
    }
    Ok(count)
}

/// Which webhooks this holder should send to: those that are on, to which something is due that every instance knows of,
/// and that nobody else holds.
pub fn due_webhooks(conn: &mut Conn, holder: &str, now: Time, known_until: Time) -> Result<Vec<WebhookId>> {
    let due = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhooks::id))
        .filter(webhook_deliveries::due_at.le(now))
        .filter(webhook_deliveries::created_at.le(known_until));
    Ok(webhooks::table
        .filter(webhooks::off_since.is_null())
        .filter(
            webhooks::leased_until
                .is_null()
                .or(webhooks::leased_until.le(now))
                .or(webhooks::holder.eq(holder)),
        )
        .filter(diesel::dsl::exists(due))
        .order(webhooks::id)
        .select(webhooks::id)
        .load(conn)?)
}

/// A delivery that is due, with what is to be sent.
#[derive(Clone, Debug, Queryable)]
pub struct DueDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The thing in whose order it is told.
    pub subject: Option<String>,
    /// Attempts that failed.
    pub attempts: i32,
    /// The event's id.
    pub event_id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// What it says, as JSON.
    pub data: String,
    /// When it happened.
    pub at: Time,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: DueDelivery,
    /// How it failed; `None` where it was taken.
    pub error: Option<DeliveryError>,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub milliseconds: i64,
    /// How much later the next is than it need be, in thousandths of the time that it has to wait.
    pub jitter: i64,
}

/// What a holder sends next.
#[derive(Clone, Debug)]
pub struct WebhookTurn {
    /// Where.
    pub url: String,
    /// Whether the last attempts failed: then one is made at a time, to see whether the receiver is back.
    pub is_failing: bool,
    /// What.
    pub due: Vec<DueDelivery>,
}

/// A webhook at its holder's.
#[derive(Clone, Debug)]
pub struct WebhookHold {
    /// Which.
    pub webhook: WebhookId,
    /// Whose.
    pub holder: String,
    /// What is being sent.
    pub sending: Vec<DeliveryId>,
    /// How much more may be.
    pub room: usize,
    /// What was put on its way until then is known in every instance.
    pub known_until: Time,
}

/// Notes how attempts ended, takes the lease or renews it, and says what is to be sent next; `None` where somebody else
/// has the lease, or it is off.
pub fn take_turn(conn: &mut Conn, hold: &WebhookHold, ended: &[Attempt], now: Time) -> Result<Option<WebhookTurn>> {
    lock(conn, LockableRow::Webhook, hold.webhook.as_str())?;
    note_attempts(conn, hold.webhook, ended, now)?;
    let free = webhooks::leased_until
        .is_null()
        .or(webhooks::leased_until.le(now))
        .or(webhooks::holder.eq(&hold.holder));
    let on = webhooks::table.find(hold.webhook).filter(webhooks::off_since.is_null());
    let leased = (
        webhooks::holder.eq(&hold.holder),
        webhooks::leased_until.eq(now.plus_seconds(LEASE_SECONDS)),
    );
    let take = diesel::update(on.filter(free)).set(leased);
    let taken: Option<(String, Option<Time>)> = kept(take.returning((webhooks::url, webhooks::failing_since)))
        .get_result(conn)
        .optional()?;
    let Some((url, failing_since)) = taken else {
        return Ok(None);
    };
    let is_failing = failing_since.is_some();
    let room = match is_failing {
        true => usize::from(hold.sending.is_empty() && hold.room > 0),
        false => hold.room,
    };
    let due = webhook_deliveries::table
        .inner_join(events::table)
        .filter(webhook_deliveries::webhook_id.eq(hold.webhook))
        .filter(webhook_deliveries::due_at.le(now))
        .filter(webhook_deliveries::created_at.le(hold.known_until))
        .filter(webhook_deliveries::id.ne_all(&hold.sending))
        .order((webhook_deliveries::due_at, webhook_deliveries::event_seq))
        .limit(i64::try_from(room).unwrap_or(0))
        .select((
            webhook_deliveries::id,
            webhook_deliveries::subject,
            webhook_deliveries::attempts,
            events::id,
            events::kind,
            events::data,
            events::at,
        ))
        .load(conn)?;
    Ok(Some(WebhookTurn { url, is_failing, due }))
}

/// Notes how an attempt ended that was on its way when the webhook was turned off; nothing where somebody else has taken
/// it since, who sends the same.
pub fn note_late(conn: &mut Conn, id: WebhookId, holder: &str, ended: Attempt, now: Time) -> Result<()> {
    lock(conn, LockableRow::Webhook, id.as_str())?;
    let held = webhooks::table.find(id).filter(webhooks::holder.eq(holder));
    let held: Option<WebhookId> = held.select(webhooks::id).first(conn).optional()?;
    match held {
        Some(id) => note_attempts(conn, id, &[ended], now),
        None => Ok(()),
    }
}

fn note_attempts(conn: &mut Conn, id: WebhookId, ended: &[Attempt], now: Time) -> Result<()> {
    let exists: Option<WebhookId> = webhooks::table.find(id).select(webhooks::id).first(conn).optional()?;
    if ended.is_empty() || exists.is_none() {
        return Ok(());
    }
    for attempt in ended {
        note_attempt(conn, id, attempt, now)?;
    }
    if ended.iter().any(|attempt| attempt.error.is_none()) {
        store::note_success(conn, id, now)
    } else {
        let is_gone = ended.iter().any(|attempt| attempt.status == Some(410));
        store::note_failure(conn, id, is_gone, now)
    }
}

fn note_attempt(conn: &mut Conn, id: WebhookId, attempt: &Attempt, now: Time) -> Result<()> {
    let DueDelivery { subject, attempts, .. } = &attempt.delivery;
    let retry = usize::try_from(*attempts)
        .ok()
        .and_then(|failed| RETRY_SECONDS.get(failed));
    let retry = retry.filter(|_| attempt.error.is_some());
    let (state, due_at) = match (attempt.error, retry) {
        (None, _) => (DeliveryState::Delivered, None),
        (Some(_), None) => (DeliveryState::Failed, None),
        // One that was replayed meanwhile and happened before goes first; it is due again once that has ended.
        (Some(_), Some(_)) if is_behind_another(conn, id, attempt.delivery.id, subject.as_deref())? => {
            (DeliveryState::Waiting, None)
        }
        (Some(_), Some(seconds)) => {
            let later = seconds * attempt.jitter / 1_000;
            (DeliveryState::Waiting, Some(now.plus_seconds(seconds + later)))
        }
    };
    // What was sent anew meanwhile has other attempts behind it, and is left to them.
    let own = webhook_deliveries::table
        .find(attempt.delivery.id)
        .filter(webhook_deliveries::ended_at.is_null())
        .filter(webhook_deliveries::attempts.eq(attempts));
    let attempted = (
        webhook_deliveries::state.eq(state),
        webhook_deliveries::attempts.eq(attempts + 1),
        webhook_deliveries::due_at.eq(due_at),
        webhook_deliveries::attempted_at.eq(now),
        webhook_deliveries::ended_at.eq((state != DeliveryState::Waiting).then_some(now)),
        webhook_deliveries::last_status.eq(attempt.status.map(i32::from)),
        webhook_deliveries::last_error.eq(attempt.error),
        webhook_deliveries::last_milliseconds.eq(attempt.milliseconds),
    );
    let written = kept(diesel::update(own).set(attempted)).execute(conn)?;
    match subject {
        Some(subject) if written > 0 && state != DeliveryState::Waiting => put_first(conn, id, subject, now),
        _ => Ok(()),
    }
}

fn is_behind_another(conn: &mut Conn, id: WebhookId, delivery: DeliveryId, subject: Option<&str>) -> Result<bool> {
    let Some(subject) = subject else { return Ok(false) };
    let waiting = waiting_of(id).filter(webhook_deliveries::subject.eq(subject));
    let first: Option<DeliveryId> = waiting
        .order(webhook_deliveries::event_seq)
        .select(webhook_deliveries::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some_and(|first| first != delivery))
}

/// Gives a webhook back, so that somebody else need not wait for the end of the lease.
pub fn release(conn: &mut Conn, webhook: Option<WebhookId>, holder: &str) -> Result<()> {
    let (nobody, never): (Option<String>, Option<Time>) = (None, None);
    let held = webhooks::table.filter(webhooks::holder.eq(holder));
    let given = (webhooks::holder.eq(nobody), webhooks::leased_until.eq(never));
    match webhook {
        Some(id) => diesel::update(held.filter(webhooks::id.eq(id)))
            .set(given)
            .execute(conn)?,
        None => diesel::update(held).set(given).execute(conn)?,
    };
    Ok(())
}

/// Sends one event on its way to one webhook, whatever it asks for; the delivery.
pub fn send_alone(conn: &mut Conn, id: WebhookId, event_seq: i64, now: Time) -> Result<DeliveryId> {
    let delivery = DeliveryId::new();
    diesel::insert_into(webhook_deliveries::table)
        .values(NewDelivery {
            id: delivery,
            webhook_id: id,
            event_seq,
            subject: None,
            state: DeliveryState::Waiting,
            attempts: 0,
            due_at: Some(now),
            created_at: now,
        })
        .execute(conn)?;
    Ok(delivery)
}
