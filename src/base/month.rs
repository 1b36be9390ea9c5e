//! Months, as the clocks of a place count them.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::base::clock::Time;

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i64);

impl Month {
    /// The month of a moment in a zone.
    pub fn of(time: Time, zone: Tz) -> Self {
        let date = zone.from_utc_datetime(&time.naive()).date_naive();
        Self(i64::from(date.year()) * 12 + i64::from(date.month0()))
    }

    /// When it begins. `None` outside of time.
    pub fn begin(self, zone: Tz) -> Option<Time> {
        let year = i32::try_from(self.0.div_euclid(12)).ok()?;
        let month = u32::try_from(self.0.rem_euclid(12)).ok()? + 1;
        let midnight = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?;
        let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest();
        // Where the clocks go forward at midnight, the month begins an hour later.
        let first = at(midnight).or_else(|| at(midnight + TimeDelta::hours(1)))?;
        Time::from_millis(first.timestamp_millis())
    }

    /// When it begins, and when the next one does. `None` outside of time.
    pub fn bounds(self, zone: Tz) -> Option<(Time, Time)> {
        Some((self.begin(zone)?, Self(self.0 + 1).begin(zone)?))
    }

    /// Reads `2026-11`; what [`fmt::Display`] does not write in the same way is no month.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i64, i64) = (year.parse().ok()?, month.parse().ok()?);
        let parsed = Self(year * 12 + month - 1);
        (parsed.to_string() == text).then_some(parsed)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_month_begins_when_the_clocks_of_its_place_say_so() {
        for (month, zone, begin, end) in [
            ("2026-12", Tz::UTC, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            (
                "2026-11",
                Tz::Africa__PortoNovo,
                "2026-10-31T23:00:00Z",
                "2026-11-30T23:00:00Z",
            ),
            (
                "2026-03",
                Tz::Europe__Paris,
                "2026-02-28T23:00:00Z",
                "2026-03-31T22:00:00Z",
            ),
            // Asunción's clocks went forward at midnight of 1 October 2023.
            (
                "2023-10",
                Tz::America__Asuncion,
                "2023-10-01T04:00:00Z",
                "2023-11-01T03:00:00Z",
            ),
        ] {
            let parsed = Month::parse(month).unwrap();
            assert_eq!(parsed.bounds(zone), Some((time(begin), time(end))), "{month}");
            assert_eq!(Month::of(time(begin), zone), parsed);
            assert_eq!(Month::of(time(end), zone), Month(parsed.0 + 1));
            let last = Time::from_millis(time(end).millis() - 1).unwrap();
            assert_eq!(Month::of(last, zone), parsed);
        }
        assert_eq!(
            Month::parse("9999-12").and_then(|month| month.bounds(Tz::UTC)),
            None,
            "outside of time"
        );
    }

    #[test]
    fn a_month_is_read_as_it_is_written_and_no_other_way() {
        for text in ["2026-11", "1999-01", "0001-12"] {
            assert_eq!(Month::parse(text).map(|month| month.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "+026-11",
            "2026-+1",
            "20261-1",
            "2026-11-01",
            "99999999999999999999-01",
        ] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
