//! Jobs: work that a request left to be done in chunks, such as pressing a thousand articles that show a renamed tag.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::auth::{Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::base::jobs::{self, Job, JobId, JobState};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::{list_type, query_type};

/// A piece of work that is done in chunks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobView {
    /// The job's id.
    pub id: JobId,
    /// What it does, such as `repress_tag`.
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Failures in a row; after five it is given up.
    pub attempt_count: i32,
    /// When it was made.
    pub created_at: Time,
    /// When its last chunk was done, or failed.
    pub updated_at: Time,
    /// When it goes on, at the earliest.
    pub run_at: Time,
    /// Why its last chunk failed, for the log's reader; null where none did.
    pub last_error: Option<String>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            attempt_count: job.attempts,
            created_at: job.created_at,
            updated_at: job.updated_at,
            run_at: job.run_at,
            last_error: job
                .last_error
                .map(|error| error.chars().take(limits::JOB_ERROR).collect()),
        }
    }
}

list_type! {
    /// A page of jobs, the newest first.
    JobList {
        /// The jobs.
        items: Vec<JobView>,
    }
}

query_type! {
    /// Which jobs.
    #[derive(Debug)]
    pub struct ListJobs {
        /// Only those so far.
        state: JobState = optional(word_param()),
        page: PageRequest = part(),
    }
}

/// List jobs.
///
/// What waits to be done, was done within the last seven days, or was given up.
#[utoipa::path(tag = "operations", operation_id = "listJobs", params(ListJobs, PageRequest),
    responses((status = 200, description = "A page of jobs.", body = JobList)))]
#[get("/v1/editorial/jobs")]
pub async fn list_jobs(secrets: Data<Secrets>, desk: Desk<may::ReadJobs>, params: Params<ListJobs>) -> Result<JobList> {
    desk.actor.check_everywhere(Permission::ReadJobs)?;
    let ListJobs { state, page } = params.0;
    let binding = CursorBinding::new("jobs", &state);
    let after = page.after::<1>(&secrets, &binding)?;
    let (after, fetch) = (after.and_then(|[id]| JobId::parse(&id)), page.fetch());
    let rows = desk.read(move |conn, _| jobs::list(conn, state, after, fetch)).await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |job| [job.id.to_string()])?;
    Ok(JobList {
        items: rows.into_iter().map(JobView::from).collect(),
        page,
    })
}

/// Read a job.
///
/// How far it is.
#[utoipa::path(tag = "operations", operation_id = "getJob",
    responses((status = 200, description = "The job.", body = JobView)))]
#[get("/v1/editorial/jobs/{job_id}")]
pub async fn get_job(desk: Desk<may::ReadJobs>, id: PathId<JobId>, _: Params<NoParams>) -> Result<Json<JobView>> {
    desk.actor.check_everywhere(Permission::ReadJobs)?;
    let job = desk.read(move |conn, _| jobs::get(conn, id.0)).await?;
    Ok(Json(job.into()))
}
