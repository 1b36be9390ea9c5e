//! What clients' authors read: what a problem's code means, the documents, and the page that shows them.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use super::routes::{DELIVERY_DOCUMENT, EDITORIAL_DOCUMENT};
use crate::base::error::{Code, Error, Language, Result};
use crate::base::http::query::{NoParams, Params};

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
#[utoipa::path(tag = "operations", operation_id = "getProblem", params(("code" = String, Path, description = "The problem's code.", max_length = 100)),
    responses((status = 200, description = "What it means.", body = ProblemDescription)))]
#[get("/problems/{code}")]
pub async fn get_problem(language: Language, code: web::Path<String>, _: Params<NoParams>) -> Result<HttpResponse> {
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
pub async fn get_delivery_document(_: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DELIVERY_DOCUMENT)
}

/// Read the editorial document.
///
/// The OpenAPI 3.1 document of what the desk uses.
#[utoipa::path(tag = "operations", operation_id = "getEditorialDocument",
    responses((status = 200, description = "The document.", body = OpenApiDocument)))]
#[get("/openapi/editorial.json")]
pub async fn get_editorial_document(_: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(EDITORIAL_DOCUMENT)
}

/// Mounts the interactive page that shows both documents: its assets are in the binary, and it asks
/// no other machine for anything.
pub fn mount_docs(cfg: &mut web::ServiceConfig) {
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
