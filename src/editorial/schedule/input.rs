//! What editors send: what is to happen, and when.

use chrono_tz::Tz;
use serde_json::Value;
use utoipa::ToSchema;

use crate::articles::schedules::model::{ScheduleKind, ScheduledMoment};
use crate::base::error::{FieldCode, FieldError};
use crate::base::http::body::FromBody;
use crate::base::http::fields::{At, Fields, boolean, line, one_of, parsed, text};
use crate::base::limits;
use crate::base::zone::{Fold, LocalTime};

/// What is to happen, and when.
#[derive(Clone, Debug, ToSchema)]
pub struct ScheduleRequest {
    /// What is to happen.
    pub kind: ScheduleKind,
    /// When, on the clock of `time_zone`: without an offset.
    pub local_time: LocalTime,
    /// The zone, by its IANA name.
    #[schema(value_type = String)]
    pub time_zone: Tz,
    /// Which of two moments, where the clocks go back over `local_time`; elsewhere it says nothing.
    pub fold: Option<Fold>,
    /// Whether the change is too small for `updated_at`; only to publish.
    #[schema(required = false)]
    pub minor: bool,
    /// Why: kept with the revision; only to publish.
    pub note: Option<String>,
    /// The moment, worked out.
    #[schema(ignore)]
    pub moment: ScheduledMoment,
}

impl FromBody for ScheduleRequest {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(ScheduleKind::WORDS, ScheduleKind::parse));
        let expected = "a local date and time such as 2026-11-27T18:00";
        let local_time = fields.required("local_time", parsed(limits::LOCAL_TIME, expected, LocalTime::parse));
        let time_zone = fields.required("time_zone", read_zone);
        let fold = fields.optional("fold", one_of(Fold::WORDS, Fold::parse));
        let minor = fields.optional("minor", boolean).unwrap_or(false);
        let note = fields.optional("note", text(limits::NOTE));
        let (kind, local_time, time_zone) = (kind?, local_time?, time_zone?);
        for (name, is_said) in [("minor", minor), ("note", note.is_some())] {
            if is_said && kind == ScheduleKind::Unpublish {
                let _: Option<()> = fields.at().child(name).fail(FieldCode::UnknownField);
            }
        }
        match ScheduledMoment::resolve(local_time, time_zone, fold) {
            Ok(moment) => Some(Self {
                kind,
                local_time,
                time_zone,
                fold,
                minor,
                note,
                moment,
            }),
            Err(error) => fields.at().fail_with(error),
        }
    }
}

/// Reads the IANA name of a time zone.
fn read_zone(at: &mut At<'_>, value: Value) -> Option<Tz> {
    let name = line(limits::TIME_ZONE)(at, value)?;
    match name.parse() {
        Ok(zone) => Some(zone),
        Err(_) => {
            let error = FieldError::new(at.pointer(), FieldCode::UnknownTimeZone).with("zone", name);
            at.fail_with(error)
        }
    }
}

/// What is to be taken back.
#[derive(Clone, Copy, Debug, ToSchema)]
pub struct UnscheduleRequest {
    /// Only this; without it everything that waits for the article.
    pub kind: Option<ScheduleKind>,
}

impl FromBody for UnscheduleRequest {
    const MAY_BE_EMPTY: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            kind: fields.optional("kind", one_of(ScheduleKind::WORDS, ScheduleKind::parse)),
        })
    }
}
