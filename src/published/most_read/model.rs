//! Windows and hours.

use crate::base::clock::Time;
use crate::base::ids::ArticleId;

crate::word_type! {
    /// How far back it counts what was read.
    MostReadWindow {
        /// An hour.
        Hour = "1h",
        /// A day.
        Day = "24h",
        /// A week.
        Week = "7d",
    }
}

/// Seconds of an hour.
pub(super) const HOUR: i64 = 3_600;

impl MostReadWindow {
    /// How long it is.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
        }
    }

    /// How long its ranks stand before they are counted again: a week changes slowly, and has most to sum up.
    pub(super) fn refresh_seconds(self) -> i64 {
        match self {
            Self::Hour | Self::Day => 60,
            Self::Week => 600,
        }
    }

    /// The hour in which the window begins at this moment, and how many of its seconds lie in the window: what was
    /// read in it counts by that part.
    pub(super) fn beginning(self, now: Time) -> (Time, i64) {
        let begins = now.plus_seconds(-self.seconds());
        let hour = begins.hour();
        (hour, HOUR - (begins.millis() - hour.millis()) / 1_000)
    }
}

/// How often an article was read in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourlyViews {
    /// The article, be there such a one or not.
    pub article_id: ArticleId,
    /// When the hour begins.
    pub hour: Time,
    /// How often.
    pub view_count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_within_an_hour_that_counts_by_its_part() {
        for (now, window, hour, seconds) in [
            (
                "2026-11-23T08:00:00.000Z",
                MostReadWindow::Hour,
                "2026-11-23T07:00:00.000Z",
                3_600,
            ),
            (
                "2026-11-23T08:15:00.000Z",
                MostReadWindow::Hour,
                "2026-11-23T07:00:00.000Z",
                2_700,
            ),
            (
                "2026-11-23T08:59:59.999Z",
                MostReadWindow::Hour,
                "2026-11-23T07:00:00.000Z",
                1,
            ),
            (
                "2026-11-23T08:15:00.000Z",
                MostReadWindow::Day,
                "2026-11-22T08:00:00.000Z",
                2_700,
            ),
            (
                "2026-11-23T08:15:00.000Z",
                MostReadWindow::Week,
                "2026-11-16T08:00:00.000Z",
                2_700,
            ),
        ] {
            let (begins, within) = window.beginning(Time::parse(now).unwrap());
            assert_eq!((begins.to_string().as_str(), within), (hour, seconds), "{now} {window}");
        }
    }
}
