//! What clients' authors read: what a problem's code means, the documents, and the page that shows them.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::documents::{DELIVERY_DOCUMENT, EDITORIAL_DOCUMENT};
use crate::base::error::{Code, Error, Language, Result};
use crate::base::http::packed_answer::answer_packed;
use crate::base::http::query::{NoParams, Params};
use crate::base::packed::PackedFile;
use crate::packed_file;

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
pub async fn get_delivery_document(request: HttpRequest, _: Params<NoParams>) -> Result<HttpResponse> {
    answer_packed(&request, "application/json", DELIVERY_DOCUMENT)
}

/// Read the editorial document.
///
/// The OpenAPI 3.1 document of what the desk uses.
#[utoipa::path(tag = "operations", operation_id = "getEditorialDocument",
    responses((status = 200, description = "The document.", body = OpenApiDocument)))]
#[get("/openapi/editorial.json")]
pub async fn get_editorial_document(request: HttpRequest, _: Params<NoParams>) -> Result<HttpResponse> {
    answer_packed(&request, "application/json", EDITORIAL_DOCUMENT)
}

/// The files of the page that shows both documents, with their media types. It asks no other machine for anything.
const PAGE_FILES: [(&str, &str, PackedFile); 8] = [
    ("index.html", "text/html; charset=utf-8", packed_file!("index.html")),
    ("index.css", "text/css", packed_file!("index.css")),
    ("favicon-16x16.png", "image/png", packed_file!("favicon-16x16.png")),
    ("favicon-32x32.png", "image/png", packed_file!("favicon-32x32.png")),
    (
        "swagger-initializer.js",
        "text/javascript",
        packed_file!("swagger-initializer.js"),
    ),
    ("swagger-ui.css", "text/css", packed_file!("swagger-ui.css")),
    (
        "swagger-ui-bundle.js",
        "text/javascript",
        packed_file!("swagger-ui-bundle.js"),
    ),
    (
        "swagger-ui-standalone-preset.js",
        "text/javascript",
        packed_file!("swagger-ui-standalone-preset.js"),
    ),
];

/// Mounts the page that shows both documents.
pub fn mount_docs(cfg: &mut web::ServiceConfig) {
    let to_page = || async {
        HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, "/docs/"))
            .finish()
    };
    cfg.route("/docs", web::get().to(to_page))
        .route("/docs/{file:.*}", web::get().to(get_page_file));
}

async fn get_page_file(request: HttpRequest, asked: web::Path<String>) -> Result<HttpResponse> {
    let asked = if asked.is_empty() { "index.html" } else { asked.as_str() };
    let file = PAGE_FILES.iter().find(|(name, ..)| *name == asked);
    let (_, media_type, file) = file.ok_or_else(Error::not_found)?;
    answer_packed(&request, media_type, *file)
}
