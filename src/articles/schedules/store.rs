//! Statements on schedules.

use diesel::prelude::*;

use super::ScheduleId;
use super::model::{Schedule, ScheduleKind, ScheduleState, ScheduledArticle, WAITING};
use crate::access::auth::GrantScope;
use crate::articles::scope::{covered_by, is_in_one_of};
use crate::base::clock::Time;
use crate::base::db::schema::{articles, schedules};
use crate::base::db::{Conn, OnUnique, among};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId, UserId};

/// The rows that may still happen, as a diesel query.
macro_rules! waiting {
    () => {
        schedules::table.filter(among(schedules::state, WAITING.to_vec()))
    };
}

/// Adds a schedule.
///
/// # Errors
/// 409 where one of its kind waits already.
pub fn insert(conn: &mut Conn, schedule: &Schedule) -> Result<()> {
    diesel::insert_into(schedules::table)
        .values(schedule)
        .execute(conn)
        .on_unique(|| schedule.already_scheduled())?;
    Ok(())
}

/// The schedule of this id.
pub fn find(conn: &mut Conn, id: ScheduleId) -> Result<Option<Schedule>> {
    Ok(schedules::table
        .find(id)
        .select(Schedule::as_select())
        .first(conn)
        .optional()?)
}

/// What waits for an article, soonest first.
pub fn waiting(conn: &mut Conn, article: ArticleId) -> Result<Vec<Schedule>> {
    Ok(waiting!()
        .filter(schedules::article_id.eq(article))
        .order((schedules::at, schedules::id))
        .select(Schedule::as_select())
        .load(conn)?)
}

/// Numbers of the article's revisions that are frozen for a publish that waits: they must stay.
pub fn protected_revisions(conn: &mut Conn, article: ArticleId) -> Result<Vec<i32>> {
    let frozen: Vec<Option<i32>> = waiting!()
        .filter(schedules::article_id.eq(article))
        .filter(schedules::revision_number.is_not_null())
        .select(schedules::revision_number)
        .load(conn)?;
    Ok(frozen.into_iter().flatten().collect())
}

/// Cancels what waits of these kinds for an article, by hand or for a reason of the server's; what it
/// cancelled, as it is now. The caller holds the article's lock.
pub fn cancel(
    conn: &mut Conn,
    article: ArticleId,
    kinds: &[ScheduleKind],
    by: Option<UserId>,
    reason: Option<&str>,
    now: Time,
) -> Result<Vec<Schedule>> {
    let mut found = waiting(conn, article)?;
    found.retain(|schedule| kinds.contains(&schedule.kind));
    let mut cancelled = Vec::new();
    for schedule in found {
        cancelled.push(decide(conn, schedule, ScheduleState::Cancelled, reason, by, now)?);
    }
    Ok(cancelled)
}

/// Cancels everything that waits, for this reason; how much.
pub fn cancel_all(conn: &mut Conn, reason: &str, now: Time) -> Result<usize> {
    Ok(diesel::update(waiting!())
        .set((
            schedules::state.eq(ScheduleState::Cancelled),
            schedules::reason.eq(reason),
            schedules::section_id.eq(None::<SectionId>),
            schedules::retry_at.eq(None::<Time>),
            schedules::decided_at.eq(now),
        ))
        .execute(conn)?)
}

/// Cancels what should have happened to an article before `later` and did not: its time is over.
pub fn supersede(conn: &mut Conn, later: &Schedule, now: Time) -> Result<Vec<Schedule>> {
    let mut found = waiting(conn, later.article_id)?;
    found.retain(|schedule| (schedule.at, schedule.id) < (later.at, later.id));
    let mut cancelled = Vec::new();
    for schedule in found {
        let reason = Some("superseded");
        cancelled.push(decide(conn, schedule, ScheduleState::Cancelled, reason, None, now)?);
    }
    Ok(cancelled)
}

/// Writes how a schedule ended; returns it as it is now.
pub fn decide(
    conn: &mut Conn,
    schedule: Schedule,
    state: ScheduleState,
    reason: Option<&str>,
    by: Option<UserId>,
    now: Time,
) -> Result<Schedule> {
    diesel::update(schedules::table.find(schedule.id))
        .set((
            schedules::state.eq(state),
            schedules::reason.eq(reason),
            schedules::section_id.eq(None::<SectionId>),
            schedules::retry_at.eq(None::<Time>),
            schedules::decided_at.eq(now),
            schedules::decided_by.eq(by),
        ))
        .execute(conn)?;
    Ok(Schedule {
        state,
        reason: reason.map(str::to_owned),
        section_id: None,
        retry_at: None,
        decided_at: Some(now),
        decided_by: by,
        ..schedule
    })
}

/// A due schedule: what the scheduler must know to run it.
#[derive(Clone, Copy, Debug, PartialEq, Queryable)]
pub struct DueSchedule {
    /// The moment.
    pub at: Time,
    /// The schedule.
    pub id: ScheduleId,
    /// Its article.
    pub article_id: ArticleId,
    /// How often it was tried in vain.
    pub attempts: i32,
}

/// How many schedules wait though their moment has passed.
pub fn count_overdue(conn: &mut Conn, now: Time) -> Result<i64> {
    let overdue = schedules::table
        .filter(schedules::state.eq(ScheduleState::Pending))
        .filter(schedules::at.le(now));
    Ok(overdue.count().get_result(conn)?)
}

/// What is due at `now`, in the order in which it should have happened, starting after `after`. A blocked one is due
/// again when its embargo is over.
pub fn due(conn: &mut Conn, now: Time, after: Option<(Time, ScheduleId)>, limit: i64) -> Result<Vec<DueSchedule>> {
    let embargo_is_over = articles::embargo_until.is_null().or(articles::embargo_until.le(now));
    let mut query = waiting!()
        .inner_join(articles::table)
        .filter(schedules::at.le(now))
        .filter(schedules::retry_at.is_null().or(schedules::retry_at.le(now)))
        .filter(
            schedules::state
                .eq(ScheduleState::Pending)
                .nullable()
                .or(embargo_is_over),
        )
        .order((schedules::at, schedules::id))
        .limit(limit)
        .select((schedules::at, schedules::id, schedules::article_id, schedules::attempts))
        .into_boxed();
    if let Some((at, id)) = after {
        query = query
            .filter(schedules::at.ge(at))
            .filter(schedules::at.gt(at).or(schedules::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// Takes a due schedule to act on it: of several instances one gets it. `None` where another had it
/// first, or it is not due any more. Nothing is taken unless the transaction ends well.
pub fn take(conn: &mut Conn, id: ScheduleId, now: Time) -> Result<Option<Schedule>> {
    let Some(schedule) = find(conn, id)? else {
        return Ok(None);
    };
    let due = schedules::table
        .filter(schedules::id.eq(id))
        .filter(schedules::state.eq(schedule.state))
        .filter(among(schedules::state, WAITING.to_vec()))
        .filter(schedules::at.le(now));
    let taken = diesel::update(due)
        .set((schedules::state.eq(ScheduleState::Done), schedules::decided_at.eq(now)))
        .execute(conn)?;
    Ok((taken == 1).then_some(schedule))
}

/// Lets a schedule that was taken wait for the end of an embargo.
pub fn block(conn: &mut Conn, id: ScheduleId, reason: &str) -> Result<()> {
    diesel::update(schedules::table.find(id))
        .set((
            schedules::state.eq(ScheduleState::Blocked),
            schedules::reason.eq(reason),
            schedules::retry_at.eq(None::<Time>),
            schedules::decided_at.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Lets a schedule that could not be done wait until `retry_at`, counting the attempt or not.
pub fn retry(conn: &mut Conn, due: DueSchedule, reason: &str, attempts: i32, retry_at: Time) -> Result<bool> {
    let waiting = waiting!()
        .filter(schedules::id.eq(due.id))
        .filter(schedules::attempts.eq(due.attempts));
    let noted = diesel::update(waiting)
        .set((
            schedules::reason.eq(reason),
            schedules::attempts.eq(attempts),
            schedules::retry_at.eq(retry_at),
        ))
        .execute(conn)?;
    Ok(noted == 1)
}

/// Gives a schedule up.
pub fn give_up(conn: &mut Conn, due: DueSchedule, reason: &str, attempts: i32, now: Time) -> Result<bool> {
    let waiting = waiting!()
        .filter(schedules::id.eq(due.id))
        .filter(schedules::attempts.eq(due.attempts));
    let noted = diesel::update(waiting)
        .set((
            schedules::state.eq(ScheduleState::Failed),
            schedules::reason.eq(reason),
            schedules::section_id.eq(None::<SectionId>),
            schedules::attempts.eq(attempts),
            schedules::retry_at.eq(None::<Time>),
            schedules::decided_at.eq(now),
        ))
        .execute(conn)?;
    Ok(noted == 1)
}

/// How many frozen revisions wait to go live in a section in which their working copies are not.
pub fn count_elsewhere(conn: &mut Conn, section: SectionId) -> Result<i64> {
    Ok(schedules::table
        .inner_join(articles::table)
        .filter(schedules::section_id.eq(section))
        .filter(articles::section_id.ne(section).or(articles::section_id.is_null()))
        .count()
        .get_result(conn)?)
}

/// Lets what is frozen in one section go live in another.
pub fn move_section(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    diesel::update(schedules::table.filter(schedules::section_id.eq(from)))
        .set(schedules::section_id.eq(to))
        .execute(conn)?;
    Ok(())
}

/// Which part of the schedule is wanted.
#[derive(Clone, Debug, Default)]
pub struct ScheduleFilter {
    /// Only in these states.
    pub states: Vec<ScheduleState>,
    /// Only of this kind.
    pub kind: Option<ScheduleKind>,
    /// Only of articles in these sections, as primary section of the working copy.
    pub sections: Option<Vec<SectionId>>,
    /// Only of this article.
    pub article: Option<ArticleId>,
    /// Only at or after this moment.
    pub planned_after: Option<Time>,
    /// Only before this moment.
    pub planned_before: Option<Time>,
    /// Only of articles that one of these covers; without, of all.
    pub scopes: Option<Vec<GrantScope>>,
}

/// A schedule and its article, with the version of its working copy.
pub type ScheduledRow = (Schedule, ScheduledArticle, i64);

/// A page of the schedule, soonest first, starting after `after`.
pub fn list(
    conn: &mut Conn,
    filter: &ScheduleFilter,
    after: Option<(Time, ScheduleId)>,
    limit: i64,
) -> Result<Vec<ScheduledRow>> {
    // One index scan for each state: few wait among all that were done.
    let mut found = Vec::new();
    for state in &filter.states {
        found.extend(list_in_state(conn, filter, *state, after, limit)?);
    }
    found.sort_by_key(|(schedule, ..)| (schedule.at, schedule.id));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn list_in_state(
    conn: &mut Conn,
    filter: &ScheduleFilter,
    state: ScheduleState,
    after: Option<(Time, ScheduleId)>,
    limit: i64,
) -> Result<Vec<ScheduledRow>> {
    let mut query = schedules::table
        .inner_join(articles::table)
        .filter(schedules::state.eq(state))
        .order((schedules::at, schedules::id))
        .limit(limit)
        .select((Schedule::as_select(), ScheduledArticle::as_select(), articles::version))
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(schedules::kind.eq(kind));
    }
    if let Some(sections) = &filter.sections {
        query = query.filter(is_in_one_of("schedules.article_id", sections));
    }
    if let Some(article) = filter.article {
        query = query.filter(schedules::article_id.eq(article));
    }
    if let Some(moment) = filter.planned_after {
        query = query.filter(schedules::at.ge(moment));
    }
    if let Some(moment) = filter.planned_before {
        query = query.filter(schedules::at.lt(moment));
    }
    if let Some(scopes) = &filter.scopes {
        query = query.filter(covered_by(scopes));
    }
    if let Some((at, id)) = after {
        query = query
            .filter(schedules::at.ge(at))
            .filter(schedules::at.gt(at).or(schedules::id.gt(id)));
    }
    Ok(query.load(conn)?)
}
