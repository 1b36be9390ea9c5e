//! Whether the server lives, and whether it is ready.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::db::{Db, migrations};
use crate::base::error::{Error, Result};
use crate::base::http::query::{NoParams, Params};

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

/// Ask whether it lives.
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

/// Ask whether it is ready.
///
/// The database is reached and every migration has run; else 503.
#[utoipa::path(tag = "operations", operation_id = "getReadiness",
    responses((status = 200, description = "It is ready.", body = Health)))]
#[get("/readyz")]
pub async fn get_readiness(db: Data<Db>, _: Params<NoParams>) -> Result<Json<Health>> {
    let done = db.read(|conn| Ok(migrations::are_done(conn)?)).await?;
    if !done {
        return Err(Error::unavailable("migrations are pending"));
    }
    Ok(Json(Health {
        status: HealthStatus::Ok,
    }))
}
