//! The clocks of places: from a local time and the name of its zone (IANA) to UTC. Pure.
//!
//! Where the clocks go forward a local time is skipped, and where they go back one occurs twice;
//! neither is guessed. `fold` says which of two is meant, in words for the 0 and 1 of PEP 495.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::base::clock::Time;
use crate::base::error::{FieldCode, FieldError};
use crate::base::limits;

crate::word_type! {
    /// Which of the two moments is meant where the clocks go back over a local time.
    Fold {
        /// Before they went back.
        Earlier = "earlier",
        /// After they went back.
        Later = "later",
    }
}

/// A date and time as a clock on the wall shows them, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(NaiveDateTime);

impl LocalTime {
    /// Reads `2026-10-25T02:30`, or the same with seconds.
    pub fn parse(text: &str) -> Option<Self> {
        const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
        let has_shape = |text: &str| {
            text.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                other => byte == *other,
            })
        };
        let format = match text.len() {
            16 => "%Y-%m-%dT%H:%M",
            19 => "%Y-%m-%dT%H:%M:%S",
            _ => return None,
        };
        // A leap second is on no wall clock, and chrono would take it.
        if !has_shape(text) || text.ends_with(":60") {
            return None;
        }
        NaiveDateTime::parse_from_str(text, format).ok().map(Self)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m-%dT%H:%M:%S").fmt(f)
    }
}

impl utoipa::PartialSchema for LocalTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("date-time-local".to_owned())))
            .max_length(Some(limits::LOCAL_TIME))
            .build()
            .into()
    }
}
impl utoipa::ToSchema for LocalTime {}

/// Why a local time is not exactly one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalTimeError {
    /// The clocks skip it.
    Skipped,
    /// It occurs twice, and nobody said which is meant.
    Twice(Time, Time),
    /// It lies outside the years that a [`Time`] holds.
    OutOfRange,
}

impl LocalTimeError {
    /// What to say to whoever sent it.
    pub fn to_error(self, zone: Tz) -> FieldError {
        match self {
            Self::Skipped => FieldError::new("/local_time", FieldCode::SkippedTime).with("zone", zone),
            Self::Twice(earlier, later) => FieldError::new("/fold", FieldCode::AmbiguousTime)
                .with("zone", zone)
                .with_moment("earlier", earlier, Tz::UTC)
                .with_moment("later", later, Tz::UTC),
            Self::OutOfRange => FieldError::new("/local_time", FieldCode::InvalidFormat)
                .with("expected", "a local date and time such as 2026-11-27T18:00"),
        }
    }
}

/// The moment at which a clock in `zone` shows `local`. `fold` counts only where it does so twice.
///
/// # Errors
/// Why there is no such moment, or more than one.
pub fn to_utc(local: LocalTime, zone: Tz, fold: Option<Fold>) -> Result<Time, LocalTimeError> {
    let time = |found: DateTime<Tz>| Time::from_millis(found.timestamp_millis()).ok_or(LocalTimeError::OutOfRange);
    let found = zone.from_local_datetime(&local.0);
    let (Some(one), Some(other)) = (found.earliest(), found.latest()) else {
        return Err(LocalTimeError::Skipped);
    };
    let (earlier, later) = (time(one.min(other))?, time(one.max(other))?);
    match fold {
        _ if earlier == later => Ok(earlier),
        Some(Fold::Earlier) => Ok(earlier),
        Some(Fold::Later) => Ok(later),
        None => Err(LocalTimeError::Twice(earlier, later)),
    }
}

/// What a clock in `zone` shows at `at`; where it shows that twice, also which of the two moments this is. Milliseconds
/// are cut.
pub fn to_local(at: Time, zone: Tz) -> (LocalTime, Option<Fold>) {
    let shown = zone.from_utc_datetime(&at.naive()).naive_local();
    let local = LocalTime(shown.with_nanosecond(0).unwrap_or(shown));
    let fold = match to_utc(local, zone, None) {
        Err(LocalTimeError::Twice(_, later)) if at >= later => Some(Fold::Later),
        Err(LocalTimeError::Twice(..)) => Some(Fold::Earlier),
        _ => None,
    };
    (local, fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(local: &str, zone: Tz, fold: Option<Fold>) -> Result<String, LocalTimeError> {
        to_utc(LocalTime::parse(local).unwrap(), zone, fold).map(|time| time.to_string().replace(":00.000Z", "Z"))
    }

    /// Each night: the zone, the local time, and the moments: one, two or none.
    const NIGHTS: &[(Tz, &str, &[&str])] = &[
        // Paris: 29 March 2026, 02:00 → 03:00; 25 October 2026, 03:00 → 02:00.
        (Tz::Europe__Paris, "2026-03-29T01:59", &["2026-03-29T00:59Z"]),
        (Tz::Europe__Paris, "2026-03-29T02:00", &[]),
        (Tz::Europe__Paris, "2026-03-29T02:30", &[]),
        (Tz::Europe__Paris, "2026-03-29T02:59:59", &[]),
        (Tz::Europe__Paris, "2026-03-29T03:00", &["2026-03-29T01:00Z"]),
        (Tz::Europe__Paris, "2026-10-25T01:59", &["2026-10-24T23:59Z"]),
        (
            Tz::Europe__Paris,
            "2026-10-25T02:00",
            &["2026-10-25T00:00Z", "2026-10-25T01:00Z"],
        ),
        (
            Tz::Europe__Paris,
            "2026-10-25T02:30",
            &["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
        ),
        (Tz::Europe__Paris, "2026-10-25T03:00", &["2026-10-25T02:00Z"]),
        // Casablanca goes back for Ramadan and forward after it: 15 February and 22 March 2026.
        (Tz::Africa__Casablanca, "2026-01-15T08:00", &["2026-01-15T07:00Z"]),
        (
            Tz::Africa__Casablanca,
            "2026-02-15T02:30",
            &["2026-02-15T01:30Z", "2026-02-15T02:30Z"],
        ),
        (Tz::Africa__Casablanca, "2026-03-01T08:00", &["2026-03-01T08:00Z"]),
        (Tz::Africa__Casablanca, "2026-03-22T02:30", &[]),
        (Tz::Africa__Casablanca, "2026-03-22T03:00", &["2026-03-22T02:00Z"]),
        (
            Tz::Africa__Casablanca,
            "2027-02-07T02:30",
            &["2027-02-07T01:30Z", "2027-02-07T02:30Z"],
        ),
        (Tz::Africa__Casablanca, "2027-03-14T02:30", &[]),
        // New York: 8 March 2026, 02:00 → 03:00; 1 November 2026, 02:00 → 01:00.
        (Tz::America__New_York, "2026-03-08T02:30", &[]),
        (Tz::America__New_York, "2026-03-08T03:00", &["2026-03-08T07:00Z"]),
        (
            Tz::America__New_York,
            "2026-11-01T01:30",
            &["2026-11-01T05:30Z", "2026-11-01T06:30Z"],
        ),
        (Tz::America__New_York, "2026-11-01T02:00", &["2026-11-01T07:00Z"]),
        // Half an hour forward and back on Lord Howe.
        (Tz::Australia__Lord_Howe, "2026-10-04T02:15", &[]),
        (
            Tz::Australia__Lord_Howe,
            "2026-04-05T01:45",
            &["2026-04-04T14:45Z", "2026-04-04T15:15Z"],
        ),
        // A whole day that Samoa never had.
        (Tz::Pacific__Apia, "2011-12-30T12:00", &[]),
        // Never a change.
        (Tz::Africa__PortoNovo, "2026-03-29T02:30", &["2026-03-29T01:30Z"]),
        (Tz::Africa__Abidjan, "2026-10-25T02:30", &["2026-10-25T02:30Z"]),
        (Tz::UTC, "2026-10-25T02:30", &["2026-10-25T02:30Z"]),
        (Tz::Asia__Kolkata, "2026-10-25T02:30", &["2026-10-24T21:00Z"]),
    ];

    #[test]
    fn a_local_time_is_one_moment_or_two_or_none() {
        for (zone, local, moments) in NIGHTS {
            let found = moment(local, *zone, None);
            let (earlier, later) = (
                moment(local, *zone, Some(Fold::Earlier)),
                moment(local, *zone, Some(Fold::Later)),
            );
            match moments {
                [] => {
                    for answer in [found, earlier, later] {
                        assert_eq!(answer, Err(LocalTimeError::Skipped), "{local} {zone}");
                    }
                }
                [only] => {
                    for answer in [found, earlier, later] {
                        assert_eq!(answer.as_deref(), Ok(*only), "{local} {zone}");
                    }
                }
                [first, second] => {
                    assert!(
                        matches!(found, Err(LocalTimeError::Twice(..))),
                        "{local} {zone}: {found:?}"
                    );
                    assert_eq!(
                        (earlier.as_deref(), later.as_deref()),
                        (Ok(*first), Ok(*second)),
                        "{local} {zone}"
                    );
                }
                more => panic!("{more:?}"),
            }
        }
    }

    #[test]
    fn every_moment_of_a_night_comes_back_from_the_clock_that_showed_it() {
        let nights = [
            (Tz::Europe__Paris, "2026-10-24T22:00:00Z"),
            (Tz::Europe__Paris, "2026-03-28T22:00:00Z"),
            (Tz::Africa__Casablanca, "2026-02-14T22:00:00Z"),
            (Tz::America__New_York, "2026-11-01T03:00:00Z"),
            (Tz::Australia__Lord_Howe, "2026-04-04T13:00:00Z"),
        ];
        for (zone, start) in nights {
            let start = Time::parse(start).unwrap();
            for minute in 0..480 {
                let at = start.plus_seconds(minute * 60);
                let (local, fold) = to_local(at, zone);
                assert_eq!(to_utc(local, zone, fold), Ok(at), "{at} {zone}");
                assert_eq!(LocalTime::parse(&local.to_string()), Some(local));
            }
        }
    }

    #[test]
    fn only_what_a_clock_on_the_wall_shows_is_a_local_time() {
        for (text, shown) in [
            ("2026-10-25T02:30", "2026-10-25T02:30:00"),
            ("2026-10-25T02:30:15", "2026-10-25T02:30:15"),
            ("2028-02-29T23:59:59", "2028-02-29T23:59:59"),
        ] {
            assert_eq!(LocalTime::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "",
            "2026-10-25",
            "2026-10-25 02:30",
            "2026-10-25t02:30",
            "2026-10-25T02:30Z",
            "2026-10-25T02:30+01",
            "2026-10-25T24:00",
            "2026-10-25T02:60",
            "2026-12-31T23:59:60",
            "2026-02-29T12:00",
            "2026-10-25T02:30:1",
            "2026-10-25T2:30:00",
            "+026-10-25T02:30",
            "26-10-25T02:30:00.0",
            "２026-10-25T02",
        ] {
            assert_eq!(LocalTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_outside_our_years_is_told() {
        assert_eq!(
            moment("9999-01-01T00:00", Tz::UTC, None),
            Err(LocalTimeError::OutOfRange)
        );
        assert_eq!(
            moment("0001-01-01T00:00", Tz::UTC, None),
            Err(LocalTimeError::OutOfRange)
        );
    }
}
