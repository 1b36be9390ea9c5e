//! What sitemaps there are, and what they are called.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::base::clock::Time;
use crate::base::ids::FromSegment;
use crate::published::press::position_base;

/// Addresses that a file of articles holds at most. The protocol allows 50,000 addresses and 50 MB; this number stays
/// far below both, however long the addresses are.
pub const ADDRESSES_PER_FILE: i64 = 10_000;

/// A month of publication, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i64);

impl Month {
    /// The month of a moment.
    pub fn of(time: Time) -> Self {
        let date = time.naive().date();
        Self(i64::from(date.year()) * 12 + i64::from(date.month0()))
    }

    fn begin(self) -> Option<Time> {
        let year = i32::try_from(self.0.div_euclid(12)).ok()?;
        let month = u32::try_from(self.0.rem_euclid(12)).ok()? + 1;
        let first = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?;
        Time::from_millis(first.and_utc().timestamp_millis())
    }

    /// The positions of its articles: the first included, the last not. `None` outside of time.
    pub fn bounds(self) -> Option<(i64, i64)> {
        Some((position_base(self.begin()?), position_base(Self(self.0 + 1).begin()?)))
    }

    /// Reads seven characters; what [`fmt::Display`] does not write in the same way is no month.
    fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i64, i64) = (year.parse().ok()?, month.parse().ok()?);
        Some(Self(year * 12 + month - 1))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

/// A file that the index names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sitemap {
    /// Home pages and sections.
    Sections,
    /// A part of a month's articles, counted from 1.
    Articles(Month, i64),
}

impl Sitemap {
    /// Reads a name, as [`fmt::Display`] writes it and no other way.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "sections.xml" {
            return Some(Self::Sections);
        }
        let rest = name.strip_prefix("articles-")?.strip_suffix(".xml")?;
        let (month, part) = (rest.get(..7)?, rest.get(7..)?);
        let part = match part.strip_prefix('-') {
            None if part.is_empty() => 1,
            None => return None,
            Some(digits) => digits.parse().ok().filter(|part| (2..=1_000_000).contains(part))?,
        };
        let sitemap = Self::Articles(Month::parse(month)?, part);
        (sitemap.to_string() == name).then_some(sitemap)
    }
}

impl FromSegment for Sitemap {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl fmt::Display for Sitemap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sections => f.write_str("sections.xml"),
            Self::Articles(month, 1) => write!(f, "articles-{month}.xml"),
            Self::Articles(month, part) => write!(f, "articles-{month}-{part}.xml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_no_other_way() {
        for name in [
            "sections.xml",
            "articles-2026-11.xml",
            "articles-1999-01-12.xml",
            "articles-2026-11-2.xml",
            "articles-2026-11-1000000.xml",
        ] {
            assert_eq!(
                Sitemap::parse(name).map(|sitemap| sitemap.to_string()).as_deref(),
                Some(name)
            );
        }
        for name in [
            "",
            "sections",
            "articles-2026-13.xml",
            "articles-2026-00.xml",
            "articles-2026-11-1.xml",
            "articles-2026-11-0.xml",
            "articles-2026-11-02.xml",
            "articles-2026-11-+2.xml",
            "articles-2026-11-1000001.xml",
            "articles-2026-11-99999999999999999999.xml",
            "articles-+026-11.xml",
            "articles-2026-+1.xml",
            "articles-2026--1.xml",
            "articles-20261-1.xml",
            "articles-226-11.xml",
            "articles-2026-11é.xml",
            "articles-2026-1é.xml",
        ] {
            assert_eq!(Sitemap::parse(name), None, "{name}");
        }
    }

    #[test]
    fn months_follow_each_other_without_a_gap() {
        let time = |text: &str| Time::parse(text).unwrap();
        let month = Month::of(time("2026-12-31T23:59:59.999Z"));
        assert_eq!(month.to_string(), "2026-12");
        let (from, below) = month.bounds().unwrap();
        assert_eq!(from, position_base(time("2026-12-01T00:00:00Z")));
        assert_eq!(below, position_base(time("2027-01-01T00:00:00Z")));
        assert_eq!(Month::of(time("2027-01-01T00:00:00Z")).bounds().unwrap().0, below);
        assert_eq!(
            Sitemap::parse("articles-9999-12.xml"),
            Some(Sitemap::Articles(Month(9999 * 12 + 11), 1))
        );
        assert_eq!(Month(9999 * 12 + 11).bounds(), None, "outside of what a time can be");
    }
}
