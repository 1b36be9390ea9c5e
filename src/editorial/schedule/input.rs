//! What editors send: what is to happen, and when.

use chrono_tz::Tz;

use crate::articles::schedules::model::{ScheduleKind, ScheduledMoment};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::fields::Fields;
use crate::base::http::value_reader::{ValueReader, boolean, line, parsed_component, text, word};
use crate::base::limits;
use crate::base::zone::{Fold, LocalTime};
use crate::body_type;

body_type! {
    /// What is to happen, and when.
    #[derive(Clone, Debug)]
    pub struct ScheduleRequest [check(|fields| check(fields, kind?, minor, note.as_deref(), (local_time?, time_zone?, fold)))] {
        /// What is to happen.
        pub kind: ScheduleKind = required(word()),
        /// When, on the clock of `time_zone`: without an offset.
        pub local_time: LocalTime = required(local_time()),
        /// The zone, by its IANA name.
        pub time_zone: Tz = required(zone()),
        /// Which of two moments, where the clocks go back over `local_time`; elsewhere it says nothing.
        pub fold: Fold = optional(word()),
        /// Whether the change is too small for `updated_at`; only to publish.
        pub minor: bool = defaulted(boolean()),
        /// Why: kept with the revision; only to publish.
        pub note: String = optional(text(limits::NOTE)),
    }
}

impl ScheduleRequest {
    /// The moment, worked out.
    ///
    /// # Errors
    /// 422 where the clocks skip it, or `fold` must say which of two it is.
    pub fn moment(&self) -> Result<ScheduledMoment> {
        ScheduledMoment::resolve(self.local_time, self.time_zone, self.fold).map_err(Error::field)
    }
}

/// `minor` and `note` are for publishing, and the moment is one.
fn check(
    fields: &mut Fields<'_>,
    kind: ScheduleKind,
    minor: bool,
    note: Option<&str>,
    (local_time, time_zone, fold): (LocalTime, Tz, Option<Fold>),
) -> Option<()> {
    for (name, is_said) in [("minor", minor), ("note", note.is_some())] {
        if is_said && kind == ScheduleKind::Unpublish {
            let _: Option<()> = fields.at().child(name).fail(FieldCode::UnknownField);
        }
    }
    match ScheduledMoment::resolve(local_time, time_zone, fold) {
        Ok(_) => Some(()),
        Err(error) => fields.at().fail_with(error),
    }
}

fn local_time() -> impl ValueReader<Value = LocalTime> {
    let expected = "a local date and time such as 2026-11-27T18:00";
    parsed_component(limits::LOCAL_TIME, expected, LocalTime::parse)
}

fn zone() -> impl ValueReader<Value = Tz> {
    line(limits::TIME_ZONE).then(|at, name| match name.parse() {
        Ok(zone) => Some(zone),
        Err(_) => at.fail_with(FieldError::new(at.pointer(), FieldCode::UnknownTimeZone).with("zone", name)),
    })
}

body_type! {
    /// What is to be taken back.
    #[derive(Clone, Copy, Debug)]
    pub struct UnscheduleRequest [may_be_empty] {
        /// Only this; without it everything that waits for the article.
        pub kind: ScheduleKind = optional(word()),
    }
}
