//! What anybody may know of moderation: how much was decided, how, and why; month by month and nothing else.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::ModerationAction;
use super::store;
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::query::Params;
use crate::base::http::query_type::count_param;
use crate::base::limits;
use crate::comments::pipeline::holds;
use crate::query_type;

/// How much was decided, month by month.
#[derive(Serialize, ToSchema)]
pub struct PublicModerationLog {
    /// The months, in UTC, this one first.
    #[schema(max_items = 24)]
    pub months: Vec<ModerationMonth>,
}

/// What was decided in a month.
#[derive(Serialize, ToSchema)]
pub struct ModerationMonth {
    /// The month: `2026-11`.
    #[schema(max_length = 7, example = "2026-11")]
    pub month: String,
    /// What was done, and how often for which reason; by action, then reason.
    #[schema(max_items = 100)]
    pub decisions: Vec<DecisionCount>,
    /// Which phases held comments before anybody had read them, and how often; by phase. One that several phases held
    /// counts for each, and a changed one anew. What is erased later stays in it.
    #[schema(max_items = 40)]
    pub holds: Vec<HoldCount>,
}

/// How often a phase held a comment.
#[derive(Serialize, ToSchema)]
pub struct HoldCount {
    /// The phase.
    pub phase: String,
    /// How often.
    pub count: i64,
}

/// How often something was done for a reason.
#[derive(Serialize, ToSchema)]
pub struct DecisionCount {
    /// What was done.
    pub action: ModerationAction,
    /// Why, as a code; null where nobody said.
    pub reason: Option<String>,
    /// How often.
    pub count: i64,
}

query_type! {
    /// How far back.
    #[derive(Debug)]
    pub struct GetModerationLog {
        /// Months, this one among them: 1 to 24, 12 where it is not given.
        months: i64 = defaulted(count_param(limits::LOG_MONTHS, "a number from 1 to 24")) or limits::LOG_MONTHS_DEFAULT,
    }
}

/// Read the moderation log.
///
/// How many comments were approved, rejected, called spam, restored, featured or pinned in each month, and why; and how
/// many each phase held before. Nothing about who wrote, and nothing about who decided.
#[utoipa::path(tag = "comments", operation_id = "getModerationLog", params(GetModerationLog),
    responses((status = 200, description = "Counts by month.", body = PublicModerationLog)))]
#[get("/v1/moderation-log")]
pub async fn get_moderation_log(
    db: Data<Db>,
    reply: PublicReply,
    params: Params<GetModerationLog>,
) -> Result<HttpResponse> {
    let (now, count) = (db.clock().now(), params.0.months);
    let fresh = db
        .read(move |conn| {
            let mut months = Vec::new();
            let (_, oldest, _) = month(now, count - 1)?;
            let held = holds::since(conn, oldest)?;
            for back in 0..count {
                let (month, from, before) = month(now, back)?;
                let mut decisions: Vec<DecisionCount> = store::log_counts(conn, from, before)?
                    .into_iter()
                    .map(|(action, reason, count)| DecisionCount { action, reason, count })
                    .collect();
                decisions.sort_by(|a, b| (a.action, &a.reason).cmp(&(b.action, &b.reason)));
                let of_month = held.iter().filter(|((held_in, _), _)| *held_in == month);
                let holds = of_month.map(|((_, phase), count)| HoldCount {
                    phase: phase.clone(),
                    count: *count,
                });
                months.push(ModerationMonth {
                    holds: holds.collect(),
                    month,
                    decisions,
                });
            }
            let (_, _, next_month) = month(now, 0)?;
            let mut fresh = CacheableAnswer::json(&PublicModerationLog { months }, Vec::new())?;
            fresh.next_change = Some(next_month);
            Ok(fresh)
        })
        .await?;
    // Each comment that is held changes it: keeping it would cost more than it is read.
    Ok(reply.respond_unkept(fresh))
}

/// The month `back` months ago: its name, its first moment, the first moment after it.
fn month(now: Time, back: i64) -> Result<(String, Time, Time)> {
    let today = now.naive().date();
    let number = i64::from(today.year()) * 12 + i64::from(today.month0()) - back;
    let begin = |number: i64| {
        let year = i32::try_from(number.div_euclid(12)).ok()?;
        let month = u32::try_from(number.rem_euclid(12)).ok()? + 1;
        let first = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?;
        Time::from_millis(first.and_utc().timestamp_millis())
    };
    let ends = begin(number).zip(begin(number + 1));
    let (from, before) = ends.ok_or_else(|| Error::internal("a month outside of time"))?;
    Ok((holds::month_of(from), from, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_turn_of_the_year() {
        let now = Time::parse("2026-02-28T23:59:59.999Z").unwrap();
        let at = |text: &str| Time::parse(text).unwrap();
        for (back, name, from, before) in [
            (0, "2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            (1, "2026-01", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            (2, "2025-12", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            (14, "2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ] {
            assert_eq!(month(now, back).unwrap(), (name.to_owned(), at(from), at(before)));
        }
    }
}
