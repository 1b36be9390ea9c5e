//! The moments of an export, on our clock.

use chrono::{Datelike, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::base::clock::Time;
use crate::import::wxr::WxrDate;

/// A moment of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImportedDate {
    /// Given in UTC.
    Exact(Time),
    /// Worked out from the site's clock.
    Local(Time),
    /// Given, but outside the years 1700 to 2200.
    OutOfRange,
    /// Not given.
    Unknown,
}

impl ImportedDate {
    /// The moment of a date, whose local time is that of `zone`.
    pub(super) fn of(when: WxrDate, zone: Tz) -> Self {
        match when {
            WxrDate::Gmt(utc) => time(utc).map_or(Self::OutOfRange, Self::Exact),
            WxrDate::Local(local) => from_local(local, zone).map_or(Self::OutOfRange, Self::Local),
            WxrDate::None => Self::Unknown,
        }
    }

    /// The time, where there is one.
    pub(super) fn time(self) -> Option<Time> {
        match self {
            Self::Exact(time) | Self::Local(time) => Some(time),
            Self::OutOfRange | Self::Unknown => None,
        }
    }
}

/// A date and time in UTC, within the years that we know.
pub(super) fn time(utc: NaiveDateTime) -> Option<Time> {
    Time::from_millis(utc.and_utc().timestamp_millis())
}

/// A local time in UTC: the earlier moment where the clock showed the time twice; where a change of the clock skipped
/// it, the offset before the change.
fn from_local(local: NaiveDateTime, zone: Tz) -> Option<Time> {
    if !(1600..2300).contains(&local.year()) {
        return None;
    }
    let utc = match zone.from_local_datetime(&local).earliest() {
        Some(found) => found.naive_utc(),
        None => local.checked_sub_offset(zone.offset_from_utc_datetime(&local).fix())?,
    };
    time(utc)
}

/// A moment as a French note shows it, on the newsroom's clock.
pub(super) fn in_french(time: Time, zone: Tz) -> String {
    let local = zone.from_utc_datetime(&time.naive());
    local.format("%d/%m/%Y à %H h %M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> ImportedDate {
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        ImportedDate::of(WxrDate::Local(naive), Tz::Europe__Paris)
    }

    #[test]
    fn local_times_follow_the_zone_through_its_changes() {
        let at = |text| ImportedDate::Local(Time::parse(text).unwrap());
        assert_eq!(local("2024-07-14 12:00"), at("2024-07-14T10:00:00Z"));
        assert_eq!(local("2024-10-27 02:30"), at("2024-10-27T00:30:00Z"));
        assert_eq!(local("2024-03-31 02:30"), at("2024-03-31T00:30:00Z"));
        assert_eq!(local("1066-10-14 09:00"), ImportedDate::OutOfRange);
        assert_eq!(ImportedDate::of(WxrDate::None, Tz::UTC), ImportedDate::Unknown);
    }

    #[test]
    fn a_note_tells_the_newsrooms_time() {
        assert_eq!(
            in_french(Time::parse("2030-03-05T13:00:00Z").unwrap(), Tz::Europe__Paris),
            "05/03/2030 à 14 h 00"
        );
    }
}
