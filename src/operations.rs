//! Running Masthead: whether it lives and is ready, what its errors mean, its documents and the page
//! that shows them.

use actix_web::http::header;
use actix_web::web::{self, Data, Json};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::db::{Db, migrations};
use crate::error::{Code, Error, Language, Result};
use crate::http::query::{NoParams, Params};
use crate::openapi::Documents;

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
async fn get_liveness(_: Params<NoParams>) -> Json<Health> {
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
async fn get_readiness(db: Data<Db>, _: Params<NoParams>) -> Result<Json<Health>> {
    let done = db.read(|conn| Ok(migrations::are_done(conn)?)).await?;
    if !done {
        return Err(Error::unavailable("migrations are pending"));
    }
    Ok(Json(Health {
        status: HealthStatus::Ok,
    }))
}

/// What a code of a problem means.
#[derive(Serialize, ToSchema)]
pub struct ProblemDescription {
    /// The code.
    pub code: Code,
    /// The HTTP status that it is answered with.
    pub status: u16,
    /// What it means in a few words.
    pub title: String,
    /// What a problem of this kind says; words in braces stand for what happened.
    pub detail: String,
}

/// Read what a problem means.
///
/// The page behind a problem's `type`, in the language asked for.
#[utoipa::path(tag = "operations", operation_id = "getProblem", params(("code" = String, Path, description = "The problem’s code.", max_length = 100)),
    responses((status = 200, description = "What it means.", body = ProblemDescription)))]
#[get("/problems/{code}")]
async fn get_problem(language: Language, code: web::Path<String>, _: Params<NoParams>) -> Result<HttpResponse> {
    let known = Code::ALL
        .iter()
        .find(|known| known.as_str() == code.as_str())
        .ok_or_else(Error::not_found)?;
    let description = ProblemDescription {
        code: *known,
        status: known.status(),
        title: known.title().render(language, &[]),
        detail: known.detail().render(language, &[]),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .json(description))
}

/// An OpenAPI document.
#[derive(Serialize, ToSchema)]
pub struct OpenApiDocument {
    /// The version of OpenAPI.
    #[schema(max_length = 20)]
    pub openapi: String,
}

/// Read the delivery document.
///
/// The OpenAPI 3.1 document of what front ends read.
#[utoipa::path(tag = "operations", operation_id = "getDeliveryDocument",
    responses((status = 200, description = "The document.", body = OpenApiDocument)))]
#[get("/openapi/delivery.json")]
async fn get_delivery_document(documents: Data<Documents>, _: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(documents.delivery.clone())
}

/// Read the editorial document.
///
/// The OpenAPI 3.1 document of what the desk uses.
#[utoipa::path(tag = "operations", operation_id = "getEditorialDocument",
    responses((status = 200, description = "The document.", body = OpenApiDocument)))]
#[get("/openapi/editorial.json")]
async fn get_editorial_document(documents: Data<Documents>, _: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(documents.editorial.clone())
}

/// Mounts the interactive page that shows both documents: its assets are in the binary, and it asks
/// no other machine for anything.
pub fn docs(cfg: &mut web::ServiceConfig) {
    let urls = [
        Url::with_primary("delivery", "/openapi/delivery.json", true),
        Url::new("editorial", "/openapi/editorial.json"),
    ];
    let page = Config::new(urls)
        .validator_url("none")
        .deep_linking(true)
        .display_operation_id(true);
    let to_page = || async {
        HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, "/docs/"))
            .finish()
    };
    cfg.route("/docs", web::get().to(to_page))
        .service(SwaggerUi::new("/docs/{file:.*}").config(page));
}

/// Mounts the routes.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(get_liveness)
        .service(get_readiness)
        .service(get_problem)
        .service(get_delivery_document)
        .service(get_editorial_document);
}
