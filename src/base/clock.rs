//! The time, in one type and from one place: [`Clock`] gives it (and does not move where a test pins it), [`Time`] is
//! UTC cut to milliseconds, in columns as in JSON (RFC 3339).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in whole milliseconds, between the years 1700 and 2200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Time(NaiveDateTime);

impl Time {
    /// 1970-01-01T00:00Z.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH.naive_utc());

    /// The moment `ms` milliseconds after 1970-01-01T00:00Z; `None` outside 1700–2200.
    pub fn from_millis(ms: i64) -> Option<Self> {
        let time = DateTime::from_timestamp_millis(ms)?.naive_utc();
        (1700..2200).contains(&time.year()).then_some(Self(time))
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub fn millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }

    /// Reads RFC 3339; finer than milliseconds is cut.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_millis(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis())
    }

    /// This moment and `seconds` more (or less); stops at the ends of the range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let moved = self.0.checked_add_signed(TimeDelta::seconds(seconds)).unwrap_or(self.0);
        if (1700..2200).contains(&moved.year()) {
            Self(moved)
        } else {
            self
        }
    }

    /// The whole hour in which this moment lies: its beginning.
    #[must_use]
    pub fn hour(self) -> Self {
        const HOUR_MS: i64 = 3_600_000;
        Self::from_millis(self.millis() - self.millis().rem_euclid(HOUR_MS)).unwrap_or(self)
    }

    /// The date and time without a zone, in UTC.
    pub fn naive(self) -> NaiveDateTime {
        self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 date and time"))
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Time
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Time
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self)
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .build()
            .into()
    }
}
impl utoipa::ToSchema for Time {}

/// Where the time comes from. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stays at `time` until it is moved: for tests.
    pub fn pinned(time: Time) -> Self {
        Self(Some(Arc::new(AtomicI64::new(time.millis()))))
    }

    /// Moves a pinned clock on; the system's clock takes no orders.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Some(pinned) = &self.0 {
            pinned.fetch_add(seconds * 1000, Ordering::SeqCst);
        }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        let pinned = self.0.as_ref().map(|pinned| pinned.load(Ordering::SeqCst));
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that asks the system for the time"
        )]
        let ms = pinned.unwrap_or_else(|| Utc::now().timestamp_millis());
        Time::from_millis(ms).unwrap_or(Time::EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_begins_with_1700_and_ends_before_2200() {
        for (moment, is_time) in [
            ("1699-12-31T23:59:59.999Z", false),
            ("1700-01-01T00:00:00.000Z", true),
            ("2199-12-31T23:59:59.999Z", true),
            ("2200-01-01T00:00:00.000Z", false),
        ] {
            assert_eq!(Time::parse(moment).is_some(), is_time, "{moment}");
        }
        let (first, last) = (
            Time::parse("1700-01-01T00:00:01Z").unwrap(),
            Time::parse("2199-12-31T23:59:58Z").unwrap(),
        );
        assert_eq!(first.plus_seconds(-1).to_string(), "1700-01-01T00:00:00.000Z");
        assert_eq!(first.plus_seconds(-2), first);
        assert_eq!(last.plus_seconds(1).to_string(), "2199-12-31T23:59:59.000Z");
        assert_eq!(last.plus_seconds(2), last);
    }

    #[test]
    fn an_hour_begins_before_every_moment_in_it_be_it_before_1970() {
        for (moment, hour) in [
            ("2026-11-23T08:00:00.000Z", "2026-11-23T08:00:00.000Z"),
            ("2026-11-23T08:59:59.999Z", "2026-11-23T08:00:00.000Z"),
            ("1912-01-01T00:00:00.001Z", "1912-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Time::parse(moment).unwrap().hour().to_string(), hour);
        }
    }

    #[test]
    fn a_pinned_clock_moves_by_whole_seconds() {
        let clock = Clock::pinned(Time::parse("2026-01-01T00:00:00Z").unwrap());
        clock.advance_seconds(61);
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:01.000Z");
    }
}
