//! Work too large for the transaction that asked for it: rows of `jobs`, run in chunks, each in a transaction of its
//! own. A job that was cut short goes on where it was. [`JobRunner`]s say who runs which kind.

use diesel::prelude::*;
use serde::Serialize;

use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::jobs;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};

crate::id_type! {
    /// A job's id.
    JobId
}

crate::word_type! {
    /// How far a job is.
    JobState {
        /// To be done, or half done.
        Waiting = "waiting",
        /// Done.
        Done = "done",
        /// Given up.
        Failed = "failed",
    }
}

/// What runs the jobs of one kind.
#[derive(Clone, Copy)]
pub struct JobRunner {
    /// The kind, as rows name it.
    pub kind: &'static str,
    /// Runs a chunk: takes the job's progress (JSON) and answers the new progress, or `None` when the job is done.
    pub run: fn(&mut Conn, &str) -> Result<Option<String>>,
}

/// Puts a job in the queue.
pub fn enqueue(conn: &mut Conn, kind: &str, progress: &impl Serialize, now: Time) -> Result<JobId> {
    let id = JobId::new();
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(id),
            jobs::kind.eq(kind),
            jobs::payload.eq(serde_json::to_string(progress).map_err(Error::internal)?),
            jobs::state.eq(JobState::Waiting),
            jobs::attempts.eq(0),
            jobs::run_at.eq(now),
            jobs::created_at.eq(now),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(id)
}

/// A job is given up after this many failures in a row.
const MAX_ATTEMPTS: i32 = 5;
/// A failed job waits this long, times its failures, before it is tried again.
const RETRY_SECONDS: i64 = 30;
/// Done jobs are forgotten after this.
const DONE_KEPT_SECONDS: i64 = 7 * 24 * 3600;

/// Runs one chunk of the job that has waited longest; `false` when none is due.
pub async fn run_one(db: &Db, runners: &'static [JobRunner]) -> Result<bool> {
    let now = db.clock().now();
    let Some(id) = db.read(move |conn| next_due(conn, now)).await? else {
        return Ok(false);
    };
    if let Err(error) = db.write(move |conn| run_chunk(conn, runners, id, now)).await {
        log::error!("job {id}: {error}");
        let message = error.to_string();
        db.write(move |conn| note_failure(conn, id, &message, now)).await?;
    }
    Ok(true)
}

fn next_due(conn: &mut Conn, now: Time) -> Result<Option<JobId>> {
    let due = jobs::table
        .filter(jobs::state.eq(JobState::Waiting))
        .filter(jobs::run_at.le(now));
    Ok(due
        .order((jobs::run_at, jobs::id))
        .select(jobs::id)
        .first(conn)
        .optional()?)
}

/// One chunk under the job's lock: two instances take turns, and neither does a chunk twice.
fn run_chunk(conn: &mut Conn, runners: &[JobRunner], id: JobId, now: Time) -> Result<()> {
    lock(conn, LockableRow::Job, id.as_str())?;
    let (kind, progress, state): (String, String, JobState) = jobs::table
        .find(id)
        .select((jobs::kind, jobs::payload, jobs::state))
        .first(conn)?;
    if state != JobState::Waiting {
        return Ok(());
    }
    let runner = runners.iter().find(|runner| runner.kind == kind);
    let runner = runner.ok_or_else(|| Error::internal(format!("nothing runs jobs of the kind {kind}")))?;
    let left = (runner.run)(conn, &progress)?;
    let state = if left.is_some() {
        JobState::Waiting
    } else {
        JobState::Done
    };
    diesel::update(jobs::table.find(id))
        .set((
            jobs::payload.eq(left.unwrap_or(progress)),
            jobs::state.eq(state),
            jobs::attempts.eq(0),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

fn note_failure(conn: &mut Conn, id: JobId, message: &str, now: Time) -> Result<()> {
    let attempts: i32 = jobs::table.find(id).select(jobs::attempts).first(conn)?;
    let attempts = attempts + 1;
    let state = if attempts >= MAX_ATTEMPTS {
        JobState::Failed
    } else {
        JobState::Waiting
    };
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(state),
            jobs::attempts.eq(attempts),
            jobs::run_at.eq(now.plus_seconds(RETRY_SECONDS * i64::from(attempts))),
            jobs::last_error.eq(message),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A job's row, but for what its runner keeps.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Failures in a row.
    pub attempts: i32,
    /// When it goes on, at the earliest.
    pub run_at: Time,
    /// Why its last chunk failed.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When its last chunk ended.
    pub updated_at: Time,
}

/// Jobs, the newest first, after `after`.
pub fn list(conn: &mut Conn, state: Option<JobState>, after: Option<JobId>, limit: i64) -> Result<Vec<Job>> {
    let mut query = jobs::table
        .order(jobs::id.desc())
        .limit(limit)
        .select(Job::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(jobs::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(jobs::id.lt(after));
    }
    Ok(query.load(conn)?)
}

/// A job.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: JobId) -> Result<Job> {
    let job = jobs::table.find(id).select(Job::as_select()).first(conn);
    job.optional()?.ok_or_else(Error::not_found)
}

/// The progress (JSON) of each job of a kind that is to be done or half done.
///
/// # Errors
/// The database's.
pub fn waiting(conn: &mut Conn, kind: &str) -> Result<Vec<String>> {
    let waiting = jobs::table.filter(jobs::state.eq(JobState::Waiting));
    Ok(waiting.filter(jobs::kind.eq(kind)).select(jobs::payload).load(conn)?)
}

/// How many jobs are so far.
pub fn count(conn: &mut Conn, state: JobState) -> Result<i64> {
    Ok(jobs::table.filter(jobs::state.eq(state)).count().get_result(conn)?)
}

/// Forgets jobs that were done long ago.
pub fn forget_done(conn: &mut Conn, now: Time) -> Result<()> {
    let done = jobs::table.filter(jobs::state.eq(JobState::Done));
    diesel::delete(done.filter(jobs::updated_at.lt(now.plus_seconds(-DONE_KEPT_SECONDS)))).execute(conn)?;
    Ok(())
}
