//! What editors send: what is to happen, and when.

use chrono_tz::Tz;

use crate::articles::schedules::model::{ScheduleKind, ScheduledMoment};
use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::fields::Fields;
use crate::base::http::value_reader::{ValueReader, ValueSchema, boolean, exact_line, text, time, value_reader, word};
use crate::base::limits;
use crate::base::zone::{Fold, LocalTime};
use crate::base::zone_name::time_zone;
use crate::body_type;

body_type! {
    /// What is to happen, and when: `at`, or `local_time` on the clock of `time_zone`.
    #[derive(Clone, Debug)]
    pub struct ScheduleRequest [check(|fields| check(fields, kind?, is_minor, note.as_deref(), &MomentRequest { at, local_time, time_zone, fold }))] {
        /// What is to happen.
        pub kind: ScheduleKind = required(word()),
        /// When, with an offset; without `local_time`, `time_zone` and `fold`.
        pub at: Time = optional(time()),
        /// When, on the clock of `time_zone`: without an offset.
        pub local_time: LocalTime = optional(local_time()),
        /// The zone of `local_time`, by its IANA name; the site's where none is given.
        pub time_zone: Tz = optional(time_zone()),
        /// Which of two moments, where the clocks go back over `local_time`; elsewhere it says nothing.
        pub fold: Fold = optional(word()),
        /// Whether the change is too small for `updated_at`; only to publish.
        pub is_minor: bool = defaulted(boolean()),
        /// Why: kept with the revision; only to publish.
        pub note: String = optional(text(limits::NOTE)),
    }
}

impl ScheduleRequest {
    /// The moment, worked out, and the member that says it. `site_zone` is that of a local time without one.
    ///
    /// # Errors
    /// 422 where the clocks skip it, or `fold` must say which of two it is.
    pub fn moment(&self, site_zone: Tz) -> Result<(ScheduledMoment, &'static str)> {
        let asked = MomentRequest {
            at: self.at,
            local_time: self.local_time,
            time_zone: self.time_zone,
            fold: self.fold,
        };
        asked.resolve(site_zone).map_err(Error::field)
    }
}

/// The members that say when.
struct MomentRequest {
    at: Option<Time>,
    local_time: Option<LocalTime>,
    time_zone: Option<Tz>,
    fold: Option<Fold>,
}

impl MomentRequest {
    fn resolve(&self, site_zone: Tz) -> std::result::Result<(ScheduledMoment, &'static str), FieldError> {
        let zone = self.time_zone.unwrap_or(site_zone);
        match (self.at, self.local_time) {
            (Some(at), _) => Ok((ScheduledMoment::of(at, zone), "/at")),
            (None, Some(local)) => {
                ScheduledMoment::resolve(local, zone, self.fold).map(|moment| (moment, "/local_time"))
            }
            (None, None) => Err(FieldError::new("/local_time", FieldCode::MomentMissing)),
        }
    }

    /// The members that do not go with `at`.
    fn beside_at(&self) -> impl Iterator<Item = &'static str> {
        let members = [
            ("local_time", self.local_time.is_some()),
            ("time_zone", self.time_zone.is_some()),
            ("fold", self.fold.is_some()),
        ];
        members
            .into_iter()
            .filter(|(_, is_given)| *is_given)
            .map(|(name, _)| name)
    }
}

/// `is_minor` and `note` are for publishing, and the moment is one, said in one way.
fn check(
    fields: &mut Fields<'_>,
    kind: ScheduleKind,
    is_minor: bool,
    note: Option<&str>,
    when: &MomentRequest,
) -> Option<()> {
    for (name, is_said) in [("is_minor", is_minor), ("note", note.is_some())] {
        if is_said && kind == ScheduleKind::Unpublish {
            let _: Option<()> = fields.at().child(name).fail(FieldCode::UnknownField);
        }
    }
    let mut place = fields.at();
    if when.at.is_some() {
        for name in when.beside_at() {
            let error = FieldError::new(format!("/{name}"), FieldCode::NotBoth).with("other", "at");
            let _: Option<()> = place.fail_with(error);
        }
    }
    if ["at", "local_time", "time_zone", "fold"]
        .iter()
        .any(|name| place.has_error_at(name))
    {
        return None;
    }
    // Without a zone of its own it is resolved in the site's, which is not known here.
    let is_site_time = when.at.is_none() && when.local_time.is_some() && when.time_zone.is_none();
    match when.resolve(Tz::UTC) {
        Err(error) if !is_site_time => place.fail_with(error),
        _ => Some(()),
    }
}

fn local_time() -> impl ValueReader<Value = LocalTime> {
    let text = exact_line(limits::TIME).then(|at, text| match LocalTime::parse(&text) {
        Some(local) => Some(local),
        None if text.chars().count() > limits::LOCAL_TIME && Time::parse(&text).is_none() => {
            at.over(FieldCode::TooLong, limits::LOCAL_TIME)
        }
        None => at.expected(
            FieldCode::InvalidFormat,
            "a local date and time such as 2026-11-27T18:00; one with an offset goes into “at”",
        ),
    });
    value_reader(ValueSchema::component::<LocalTime>, move |at, value| {
        text.read(at, value)
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
