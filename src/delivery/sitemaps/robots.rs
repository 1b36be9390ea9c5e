//! What robots may fetch here: everything that readers may, and where all of it is named.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::{NoParams, Params};

crate::file_type! {
    /// What robots may fetch (RFC 9309).
    RobotsFile, 4_096, "User-agent: *\nDisallow: /v1/editorial/\n"
}

/// Read what robots may fetch.
///
/// All but the desk, the documentation and previews; with the address of the index of sitemaps.
#[utoipa::path(tag = "sitemaps", operation_id = "getRobots",
    responses((status = 200, description = "The file.", body = RobotsFile, content_type = "text/plain")))]
#[get("/robots.txt")]
pub async fn get_robots(public_url: Data<PublicUrl>, _: Params<NoParams>) -> HttpResponse {
    let sitemap = public_url.of("/sitemap.xml");
    let body = format!(
        "User-agent: *\nDisallow: /v1/editorial/\nDisallow: /v1/preview/\nDisallow: /docs/\n\nSitemap: {sitemap}\n"
    );
    HttpResponse::Ok()
        .content_type("text/plain")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}
