//! What sitemaps there are, and what they are called.

use std::fmt;

use chrono_tz::Tz;

use crate::base::ids::FromSegment;
use crate::base::month::Month;
use crate::published::press::position_base;

/// Addresses that a file of articles holds at most. The protocol allows 50,000 addresses and 50 MB; this number stays
/// far below both, however long the addresses are.
pub const ADDRESSES_PER_FILE: i64 = 10_000;

/// The positions of a month's articles, in UTC: the first included, the last not. `None` outside of time.
pub fn positions_of(month: Month) -> Option<(i64, i64)> {
    let (begin, end) = month.bounds(Tz::UTC)?;
    Some((position_base(begin), position_base(end)))
}

/// A file that the index names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sitemap {
    /// Home pages and sections.
    Sections,
    /// The months of sections.
    Archives,
    /// A part of a month's articles, counted from 1.
    Articles(Month, i64),
}

impl Sitemap {
    /// Reads a name, as [`fmt::Display`] writes it and no other way.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "sections.xml" => return Some(Self::Sections),
            "archives.xml" => return Some(Self::Archives),
            _ => {}
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
            Self::Archives => f.write_str("archives.xml"),
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
            "archives.xml",
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
        let time = |text: &str| crate::base::clock::Time::parse(text).unwrap();
        let month = Month::parse("2026-12").unwrap();
        let (from, below) = positions_of(month).unwrap();
        assert_eq!(from, position_base(time("2026-12-01T00:00:00Z")));
        assert_eq!(below, position_base(time("2027-01-01T00:00:00Z")));
        assert_eq!(positions_of(Month::parse("2027-01").unwrap()).unwrap().0, below);
        let last = Month::parse("9999-12").unwrap();
        assert_eq!(Sitemap::parse("articles-9999-12.xml"), Some(Sitemap::Articles(last, 1)));
        assert_eq!(positions_of(last), None, "outside of what a time can be");
    }
}
