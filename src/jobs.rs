//! Work too large for the transaction that asked for it: rows of `jobs`, and the worker that runs
//! them in chunks, each a transaction of its own. A job that was cut short goes on where it was.

use std::time::Duration;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::articles::press::{self, Subject};
use crate::articles::revisions::thinning::Walk;
use crate::articles::{ArticleId, autosaves, leases, previews, suspects};
use crate::auth::throttle::LoginThrottle;
use crate::captcha;
use crate::clock::Time;
use crate::comments::privacy::retention::{self, RetentionDays};
use crate::contributors::ContributorId;
use crate::db::dialect::{Root, lock};
use crate::db::schema::jobs;
use crate::db::{Conn, Db};
use crate::error::{Error, Result};
use crate::http::idempotency;
use crate::search::reindex;
use crate::tags::TagId;

crate::id_type! {
    /// A job's id.
    JobId
}

crate::word_type! {
    /// What is to be done.
    JobKind {
        /// Press the live articles that carry a tag.
        RepressTag = "repress_tag",
        /// Press the live articles that a contributor signed.
        RepressContributor = "repress_contributor",
    }
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

/// A job: what to do, and how far it got.
#[derive(Clone, Debug)]
pub struct Job {
    kind: JobKind,
    progress: Progress,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Progress {
    subject_id: String,
    after: Option<ArticleId>,
}

impl Job {
    /// Pressing the live articles that show a subject, behind `after`.
    pub fn repress(subject: Subject, after: Option<ArticleId>) -> Self {
        let (kind, subject_id) = match subject {
            Subject::Tag(id) => (JobKind::RepressTag, id.to_string()),
            Subject::Contributor(id) => (JobKind::RepressContributor, id.to_string()),
        };
        Self {
            kind,
            progress: Progress { subject_id, after },
        }
    }

    fn subject(&self) -> Option<Subject> {
        let id = &self.progress.subject_id;
        match self.kind {
            JobKind::RepressTag => TagId::parse(id).map(Subject::Tag),
            JobKind::RepressContributor => ContributorId::parse(id).map(Subject::Contributor),
        }
    }
}

/// Puts a job in the queue.
///
/// # Errors
/// The database's.
pub fn enqueue(conn: &mut Conn, job: &Job, now: Time) -> Result<()> {
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(JobId::new()),
            jobs::kind.eq(job.kind),
            jobs::payload.eq(serde_json::to_string(&job.progress).map_err(Error::internal)?),
            jobs::state.eq(JobState::Waiting),
            jobs::attempts.eq(0),
            jobs::run_at.eq(now),
            jobs::created_at.eq(now),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A job is given up after this many failures in a row.
const ATTEMPTS: i32 = 5;
/// A failed job waits this long, times its failures, before it is tried again.
const RETRY_SECONDS: i64 = 30;
/// Done jobs are forgotten after this.
const KEPT_SECONDS: i64 = 7 * 24 * 3600;

/// Runs one chunk of the job that has waited longest; `false` when none is due.
///
/// # Errors
/// The database's.
pub async fn run_one(db: &Db) -> Result<bool> {
    let now = db.clock().now();
    let Some(id) = db.read(move |conn| next_due(conn, now)).await? else {
        return Ok(false);
    };
    if let Err(error) = db.write(move |conn| run_chunk(conn, id, now)).await {
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
fn run_chunk(conn: &mut Conn, id: JobId, now: Time) -> Result<()> {
    lock(conn, Root::Job, id.as_str())?;
    let (kind, payload, state): (JobKind, String, JobState) = jobs::table
        .find(id)
        .select((jobs::kind, jobs::payload, jobs::state))
        .first(conn)?;
    if state != JobState::Waiting {
        return Ok(());
    }
    let progress = serde_json::from_str(&payload).map_err(Error::internal)?;
    let job = Job { kind, progress };
    let subject = job
        .subject()
        .ok_or_else(|| Error::internal("a job without a subject"))?;
    let last = press::repress_chunk(conn, subject, job.progress.after)?;
    let state = if last.is_some() {
        JobState::Waiting
    } else {
        JobState::Done
    };
    let progress = Progress {
        after: last.or(job.progress.after),
        ..job.progress
    };
    diesel::update(jobs::table.find(id))
        .set((
            jobs::payload.eq(serde_json::to_string(&progress).map_err(Error::internal)?),
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
    let state = if attempts >= ATTEMPTS {
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

/// How often the worker looks for jobs.
const POLL: Duration = Duration::from_secs(1);
/// How often it sweeps up what is out of date.
const SWEEP_EVERY: u32 = 600;

/// What brings rows of an older release up to date, a chunk at a time, until it answers 0.
const CATCH_UP: [fn(&mut Conn) -> Result<usize>; 4] = [
    press::repress_outdated,
    reindex::index_next,
    reindex::index_next_for_desk,
    suspects::store::look_at_next,
];

/// The worker of one instance: runs jobs, brings rows of an older release up to date, forgets what is
/// out of date, thins revisions, erases comments whose time is up. It ends when its task is dropped; what it was doing is a transaction, done or not.
pub async fn work(db: Db, throttle: LoginThrottle, retention: RetentionDays) {
    let mut behind = CATCH_UP.iter().peekable();
    let mut revisions = Walk::default();
    let mut ticks = 0_u32;
    loop {
        let busy = match run_one(&db).await {
            Ok(true) => true,
            Ok(false) => match behind.peek() {
                Some(catch_up) => {
                    let is_done = db.write(**catch_up).await.map_or_else(given_up, |count| count == 0);
                    behind.next_if(|_| is_done);
                    true
                }
                None => false,
            },
            Err(error) => {
                log::warn!("the job worker could not look for jobs: {error}");
                false
            }
        };
        if ticks.is_multiple_of(SWEEP_EVERY) {
            throttle.forget_idle();
            if let Err(error) = revisions.step(&db).await {
                log::warn!("thinning revisions failed: {error}");
            }
            if let Err(error) = sweep(&db).await {
                log::warn!("sweeping failed: {error}");
            }
            if let Err(error) = retention::run(&db, retention).await {
                log::warn!("forgetting failed: {error}");
            }
        }
        ticks = ticks.wrapping_add(1);
        if !busy {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Until the next start.
fn given_up(error: Error) -> bool {
    log::error!("rows of an older release were not brought up to date: {error}");
    true
}

async fn sweep(db: &Db) -> Result<()> {
    let now = db.clock().now();
    db.write(move |conn| {
        idempotency::forget_old(conn, now)?;
        crate::auth::store::forget_sessions_before(conn, now)?;
        crate::paths::complete(conn)?;
        autosaves::store::forget_old(conn, now)?;
        leases::store::forget_ended(conn, now)?;
        previews::store::forget_ended(conn, now)?;
        captcha::store::forget_expired(conn, now)?;
        let done = jobs::table.filter(jobs::state.eq(JobState::Done));
        diesel::delete(done.filter(jobs::updated_at.lt(now.plus_seconds(-KEPT_SECONDS)))).execute(conn)?;
        Ok(())
    })
    .await
}
