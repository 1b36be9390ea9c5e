//! Whether the server lives, and whether it is ready.

use std::time::Duration;

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::base::db::{DatabaseCondition, Db, migrations};
use crate::base::error::{Code, Error, Result};
use crate::base::http::drain::Drain;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::query_type;

/// Whoever asks whether it is ready has an answer after this.
const ANSWER_TIME: Duration = Duration::from_millis(1500);

/// How the server is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`: anything else is a problem.
    pub status: HealthStatus,
}

/// That it is well.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Well.
    Ok,
}

/// Liveness check.
///
/// The process answers; nothing else is checked.
#[utoipa::path(tag = "operations", operation_id = "getLiveness",
    responses((status = 200, description = "It lives.", body = Health)))]
#[get("/livez")]
pub async fn get_liveness(_: Params<NoParams>) -> Json<Health> {
    Json(Health {
        status: HealthStatus::Ok,
    })
}

crate::word_type! {
    /// What a server is to be ready for.
    ReadinessPurpose {
        /// To read: also when writes fail.
        Reading = "reading",
        /// To read and to write.
        Writing = "writing",
    }
}

query_type! {
    /// Parameters of the question whether the server is ready.
    pub struct ReadinessParams {
        /// What it is to be ready for: without it, `writing`. A load balancer in front of readers asks for `reading`.
        pub purpose: ReadinessPurpose = defaulted(word_param()) or ReadinessPurpose::Writing,
    }
}

/// Readiness check.
///
/// The database answers, takes writes, and has every migration, and the server is not about to stop; else 503 within
/// two seconds, with the code `stopping`, `database_unreachable` or `writes_failing`.
#[utoipa::path(tag = "operations", operation_id = "getReadiness", params(ReadinessParams),
    responses((status = 200, description = "It is ready.", body = Health)))]
#[get("/readyz")]
pub async fn get_readiness(db: Data<Db>, drain: Data<Drain>, asked: Params<ReadinessParams>) -> Result<Json<Health>> {
    let unready = |code, seconds: &str| Error::new(code).header("Retry-After", seconds);
    if drain.has_begun() {
        return Err(unready(Code::Stopping, "10"));
    }
    match db.condition() {
        DatabaseCondition::OutOfReach => return Err(unready(Code::DatabaseUnreachable, "1")),
        DatabaseCondition::WritesFail if asked.0.purpose == ReadinessPurpose::Writing => {
            return Err(unready(Code::WritesFailing, "1"));
        }
        DatabaseCondition::WritesFail | DatabaseCondition::Well => {}
    }
    let are_done = timeout(ANSWER_TIME, db.read(|conn| Ok(migrations::are_done(conn)?))).await;
    match are_done {
        Ok(Ok(true)) => Ok(Json(Health {
            status: HealthStatus::Ok,
        })),
        Ok(Ok(false)) => Err(Error::unavailable("migrations are pending")),
        Ok(Err(_)) | Err(_) => Err(unready(Code::DatabaseUnreachable, "1")),
    }
}
