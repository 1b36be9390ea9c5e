//! A schedule: what is to happen to an article, when, and how it ended.

use chrono_tz::Tz;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::ScheduleId;
use crate::articles::model::ArticleState;
use crate::base::clock::Time;
use crate::base::db::schema::{articles, schedules};
use crate::base::error::{Code, Error, FieldCode, FieldError};
use crate::base::ids::{ArticleId, SectionId, UserId};
use crate::base::limits;
use crate::base::zone::{self, Fold, LocalTime};

crate::word_type! {
    /// What is to happen.
    ScheduleKind {
        /// A frozen revision goes live.
        Publish = "publish",
        /// The article is taken off.
        Unpublish = "unpublish",
    }
}

crate::word_type! {
    /// How far it is.
    ScheduleState {
        /// It waits for its moment.
        Pending = "pending",
        /// Its moment has come, and an embargo holds it; it goes on when the embargo is over.
        Blocked = "blocked",
        /// It has happened.
        Done = "done",
        /// It will not happen.
        Cancelled = "cancelled",
        /// It was tried several times and could not be done.
        Failed = "failed",
    }
}

/// The states in which it may still happen.
pub const WAITING: [ScheduleState; 2] = [ScheduleState::Pending, ScheduleState::Blocked];

/// A schedule's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schedules, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Schedule {
    /// The schedule's id.
    pub id: ScheduleId,
    /// The article.
    pub article_id: ArticleId,
    /// What is to happen.
    pub kind: ScheduleKind,
    /// How far it is.
    pub state: ScheduleState,
    /// Why it is blocked, cancelled by the server, tried again or failed, as a word.
    pub reason: Option<String>,
    /// The moment, fixed when it was accepted.
    pub at: Time,
    /// The same as a clock in `time_zone` shows it.
    pub local_time: String,
    /// The zone, by its IANA name.
    pub time_zone: String,
    /// Which of two moments, where the clock shows that time twice.
    pub fold: Option<Fold>,
    /// The frozen revision; null to unpublish.
    pub revision_number: Option<i32>,
    /// The version of the working copy when it was frozen.
    pub article_version: i64,
    /// The primary section of the frozen revision while it waits. It is here and not only in the revision, since
    /// deleting a section changes it.
    pub section_id: Option<SectionId>,
    /// Whether the change is too small for `updated_at`.
    pub is_minor: bool,
    /// The date to show, where another than the moment was asked for.
    pub published_at: Option<Time>,
    /// How often it was tried in vain.
    pub attempts: i32,
    /// Not to be tried again before.
    pub retry_at: Option<Time>,
    /// When it was accepted.
    pub created_at: Time,
    /// By whom it was asked for.
    pub created_by: Option<UserId>,
    /// When it happened, was cancelled or given up.
    pub decided_at: Option<Time>,
    /// By whom it was cancelled; null where it was the scheduler.
    pub decided_by: Option<UserId>,
}

impl Schedule {
    /// The date that its publish shows: the planned moment; where an embargo held it, the moment
    /// from which it may be public.
    pub fn date(&self, embargo_until: Option<Time>, now: Time) -> Time {
        match (self.state, embargo_until) {
            (_, Some(until)) => self.at.max(until),
            (ScheduleState::Blocked, None) => now,
            (_, None) => self.at,
        }
    }

    /// How the audit shows it.
    pub fn audited(&self) -> String {
        let revision = self.revision_number.map(|number| format!(", revision {number}"));
        format!(
            "{} {} at {}{}",
            self.id,
            self.kind,
            self.at,
            revision.unwrap_or_default()
        )
    }

    /// The error for somebody who wants to schedule another one of this kind.
    pub fn already_scheduled(&self) -> Error {
        let existing = json!({"id": self.id, "kind": self.kind, "state": self.state, "at": self.at,
            "local_time": self.local_time, "time_zone": self.time_zone, "revision_number": self.revision_number});
        Error::new(Code::AlreadyScheduled)
            .with("kind", self.kind)
            .extra("schedule", existing)
    }

    /// Whole seconds by which it is late, or was when it was decided; 0 before its moment.
    pub fn late_seconds(&self, now: Time) -> i64 {
        let until = self.decided_at.unwrap_or(now);
        ((until.millis() - self.at.millis()) / 1000).max(0)
    }
}

/// When something is to happen, fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScheduledMoment {
    /// In UTC.
    pub at: Time,
    /// On the clock of the zone.
    pub local_time: LocalTime,
    /// The zone.
    pub zone: Tz,
    /// Which of two, where the clock shows it twice.
    pub fold: Option<Fold>,
}

impl ScheduledMoment {
    /// The moment at which a clock in `zone` shows `local_time`.
    ///
    /// # Errors
    /// The error for the sender: there is no such moment, or there are two.
    pub fn resolve(local_time: LocalTime, zone: Tz, fold: Option<Fold>) -> Result<Self, FieldError> {
        let at = zone::to_utc(local_time, zone, fold).map_err(|none| none.to_error(zone))?;
        // Where there is one moment only, `fold` says nothing, and is not kept.
        let fold = fold.filter(|_| zone::to_utc(local_time, zone, None).is_err());
        Ok(Self {
            at,
            local_time,
            zone,
            fold,
        })
    }

    /// A moment in UTC, as a clock in `zone` shows it.
    pub fn of(at: Time, zone: Tz) -> Self {
        let (local_time, fold) = zone::to_local(at, zone);
        Self {
            at,
            local_time,
            zone,
            fold,
        }
    }

    /// Checks that it lies ahead, and not too far.
    ///
    /// # Errors
    /// The error for the sender, at `pointer`.
    pub fn check(&self, pointer: &str, now: Time) -> Result<(), FieldError> {
        if self.at <= now {
            return Err(FieldError::new(pointer, FieldCode::InThePast));
        }
        if self.at > now.plus_seconds(limits::SCHEDULE_DAYS * 24 * 3600) {
            let error = FieldError::new(pointer, FieldCode::TooFarAhead);
            return Err(error.with("max", limits::SCHEDULE_DAYS));
        }
        Ok(())
    }
}

/// A schedule as editors see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    /// The schedule's id.
    pub id: ScheduleId,
    /// What is to happen.
    pub kind: ScheduleKind,
    /// How far it is.
    pub state: ScheduleState,
    /// Why it is blocked (`embargoed`), was cancelled by the server (`not_live`: there was nothing to
    /// unpublish; `not_publishable`: the article's state forbids it; `superseded`: a later one came
    /// first; `imported`: an import took the article off; `restored`: a backup brought it back) or failed (the code of the problem).
    pub reason: Option<String>,
    /// The moment, in UTC. It was fixed when it was accepted.
    pub at: Time,
    /// The same as a clock in `time_zone` shows it.
    #[schema(value_type = LocalTime)]
    pub local_time: String,
    /// The zone, by its IANA name.
    pub time_zone: String,
    /// Which of two moments, where the clock shows that time twice.
    pub fold: Option<Fold>,
    /// The frozen revision that goes live; null to unpublish.
    pub revision_number: Option<i32>,
    /// Whether the working copy differs from the frozen revision.
    pub has_later_changes: bool,
    /// Whether `updated_at` is left alone.
    pub is_minor: bool,
    /// When it was accepted.
    pub created_at: Time,
    /// By whom it was asked for.
    pub created_by: Option<UserId>,
    /// When it happened, was cancelled or given up.
    pub decided_at: Option<Time>,
    /// By whom it was cancelled; null where it was the scheduler.
    pub decided_by: Option<UserId>,
}

impl ScheduleView {
    /// The view of a row.
    pub fn new(schedule: Schedule, has_later_changes: bool) -> Self {
        Self {
            id: schedule.id,
            kind: schedule.kind,
            state: schedule.state,
            reason: schedule.reason,
            at: schedule.at,
            local_time: schedule.local_time,
            time_zone: schedule.time_zone,
            fold: schedule.fold,
            revision_number: schedule.revision_number,
            has_later_changes,
            is_minor: schedule.is_minor,
            created_at: schedule.created_at,
            created_by: schedule.created_by,
            decided_at: schedule.decided_at,
            decided_by: schedule.decided_by,
        }
    }
}

/// The article of an entry of the schedule.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ScheduledArticle {
    /// The article's id.
    pub id: ArticleId,
    /// The headline of the working copy.
    pub title: String,
    /// Its language.
    pub locale: String,
    /// The primary section of the working copy.
    pub section_id: Option<SectionId>,
    /// Where it is in its life.
    pub state: ArticleState,
    /// Not to be public before.
    pub embargo_until: Option<Time>,
}
