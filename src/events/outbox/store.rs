//! Statements on events.

use std::collections::BTreeSet;

use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamp};

use super::data::CachePurgeEventData;
use super::{Event, EventData, EventId, EventKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{cache_deaths, events, webhook_event_kinds};
use crate::base::error::{Error, Result};
use crate::base::limits;

/// What decides who is told of an event.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct EventHead {
    /// Its place among events.
    pub seq: i64,
    /// What happened.
    pub kind: EventKind,
    /// The thing in whose order it is told.
    pub subject: Option<String>,
    /// The sections that it concerns, and those above them, with spaces between.
    pub section_ids: String,
    /// When it happened.
    pub at: Time,
}

impl EventHead {
    /// Whether it concerns this section.
    pub fn concerns(&self, section: &str) -> bool {
        self.section_ids.split(' ').any(|id| id == section)
    }
}

/// The columns that an event says itself.
#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct NewEvent {
    id: EventId,
    kind: EventKind,
    subject: Option<String>,
    section_ids: String,
    data: String,
    at: Time,
}

impl NewEvent {
    fn new(event: &Event, now: Time) -> Result<Self> {
        let sections: Vec<&str> = event.sections.iter().map(|id| id.as_str()).collect();
        Ok(Self {
            id: EventId::new(),
            kind: event.kind,
            subject: event.data.subject(),
            section_ids: sections.join(" "),
            data: serde_json::to_string(&event.data).map_err(Error::internal)?,
            at: now,
        })
    }
}

/// Writes an event. The relay has to look at it only where a webhook asks for its kind.
pub fn insert(conn: &mut Conn, event: &Event, now: Time) -> Result<()> {
    let asked = webhook_event_kinds::table.filter(webhook_event_kinds::kind.eq(event.kind));
    let (later, at_once) = (None::<Time>, Some(now));
    let later = later.into_sql::<Nullable<Timestamp>>();
    // No literal SQL: a statement with some is prepared anew each time.
    let relayed_at = case_when(exists(asked), later).otherwise(at_once.into_sql::<Nullable<Timestamp>>());
    diesel::insert_into(events::table)
        .values((NewEvent::new(event, now)?, events::relayed_at.eq(relayed_at)))
        .execute(conn)?;
    Ok(())
}

/// Writes an event that nobody is told of but whom the caller tells; its place.
pub fn insert_relayed(conn: &mut Conn, event: &Event, now: Time) -> Result<i64> {
    Ok(diesel::insert_into(events::table)
        .values((NewEvent::new(event, now)?, events::relayed_at.eq(now)))
        .returning(events::seq)
        .get_result(conn)?)
}

/// Whether there is something that nobody has looked at.
pub fn has_unrelayed(conn: &mut Conn) -> Result<bool> {
    let event: Option<i64> = events::table
        .filter(events::relayed_at.is_null())
        .order(events::seq)
        .select(events::seq)
        .first(conn)
        .optional()?;
    if event.is_some() {
        return Ok(true);
    }
    let death: Option<i64> = cache_deaths::table
        .filter(cache_deaths::purge_waits.is_not_null())
        .order(cache_deaths::seq)
        .select(cache_deaths::seq)
        .first(conn)
        .optional()?;
    Ok(death.is_some())
}

/// Events that nobody has looked at, in their order.
pub fn unrelayed(conn: &mut Conn, limit: i64) -> Result<Vec<EventHead>> {
    Ok(events::table
        .filter(events::relayed_at.is_null())
        .order(events::seq)
        .limit(limit)
        .select(EventHead::as_select())
        .load(conn)?)
}

/// Notes that these were looked at.
pub fn note_relayed(conn: &mut Conn, seqs: &[i64], now: Time) -> Result<()> {
    diesel::update(events::table.filter(events::seq.eq_any(seqs)))
        .set(events::relayed_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Events after a place and up to another, in their order: those that were looked at. An event's place can be that of
/// one that happened a little later.
pub fn between(conn: &mut Conn, (after, until): (i64, i64), limit: i64) -> Result<Vec<EventHead>> {
    Ok(events::table
        .filter(events::seq.gt(after).and(events::seq.le(until)))
        .filter(events::relayed_at.is_not_null())
        .filter(events::kind.ne(EventKind::WebhookTest))
        .order(events::seq)
        .limit(limit)
        .select(EventHead::as_select())
        .load(conn)?)
}

/// Seconds that events may stand out of the order of their moments: a transaction takes its place late, or ends late.
const DISORDER_SECONDS: i64 = 300;

/// A place before which there is no event since a moment; one beyond the last where there is none at all.
pub fn first_since(conn: &mut Conn, at: Time) -> Result<i64> {
    let at = at.plus_seconds(-DISORDER_SECONDS);
    let (mut low, mut high) = (0, end(conn)? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let next: Option<(i64, Time)> = events::table
            .filter(events::seq.ge(middle))
            .order(events::seq)
            .select((events::seq, events::at))
            .first(conn)
            .optional()?;
        match next {
            Some((seq, moment)) if moment < at => low = seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The place of the last event.
pub fn end(conn: &mut Conn) -> Result<i64> {
    let last: Option<i64> = events::table.select(diesel::dsl::max(events::seq)).first(conn)?;
    Ok(last.unwrap_or(0))
}

/// Deaths that are told at once.
const DEATHS_AT_ONCE: i64 = 1_000;

/// Makes events of what died since the last time, so few as there can be: each name once.
pub fn announce_purges(conn: &mut Conn, now: Time) -> Result<()> {
    let rows: Vec<(i64, String)> = cache_deaths::table
        .filter(cache_deaths::purge_waits.is_not_null())
        .order(cache_deaths::seq)
        .limit(DEATHS_AT_ONCE)
        .select((cache_deaths::seq, cache_deaths::keys))
        .load(conn)?;
    let keys: BTreeSet<&str> = rows.iter().flat_map(|(_, keys)| keys.split(' ')).collect();
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    for keys in keys.chunks(limits::PURGE_KEYS) {
        let data = CachePurgeEventData {
            surrogate_keys: keys.to_vec(),
        };
        let event = Event::new(EventKind::CachePurge, EventData::CachePurge(data));
        insert(conn, &event, now)?;
    }
    let told: Vec<i64> = rows.iter().map(|(seq, _)| *seq).collect();
    let gone: Option<i32> = None;
    diesel::update(cache_deaths::table.filter(cache_deaths::seq.eq_any(told)))
        .set(cache_deaths::purge_waits.eq(gone))
        .execute(conn)?;
    Ok(())
}

/// Events that one write forgets.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Some of the events from before a moment, the oldest first. Their moments are as good as in the order of their places.
pub fn old(conn: &mut Conn, before: Time) -> Result<Vec<i64>> {
    let first: Vec<(i64, Time, Option<Time>)> = events::table
        .order(events::seq)
        .select((events::seq, events::at, events::relayed_at))
        .limit(FORGOTTEN_AT_ONCE)
        .load(conn)?;
    let old = first.into_iter().take_while(|(_, at, _)| *at < before);
    Ok(old
        .filter(|(.., relayed)| relayed.is_some())
        .map(|(seq, ..)| seq)
        .collect())
}

/// Deletes all events.
pub fn forget_all(conn: &mut Conn) -> Result<()> {
    diesel::delete(events::table).execute(conn)?;
    Ok(())
}

/// Deletes events, and what is known of telling them.
pub fn delete(conn: &mut Conn, seqs: &[i64]) -> Result<usize> {
    Ok(diesel::delete(events::table.filter(events::seq.eq_any(seqs))).execute(conn)?)
}
