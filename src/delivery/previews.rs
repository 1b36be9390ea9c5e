//! What a preview token opens.

use actix_web::http::header;
use actix_web::{HttpResponse, get};

use crate::base::error::{Error, Result};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::delivery::public_article::PublicArticle;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::AnswerJson;
use crate::published::previews::{PreviewToken, store};

/// What goes with a preview, and with the answer that there is none: the address is a secret, which
/// no other site, index or cache is to learn.
const PREVIEW_HEADERS: [(&str, &str); 2] = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex")];

/// Read a preview.
///
/// The article as it would be live, of the same form as `getArticle`, for whoever has the token. Not
/// for caches or search engines. 404 where the token is unknown or has expired, during an embargo
/// unless the token opens then, and while the article has no section.
#[utoipa::path(tag = "articles", operation_id = "getPreview", extensions(("x-no-store" = json!(true))),
    responses((status = 200, description = "The article as it would be live.", body = PublicArticle)))]
#[get("/v1/preview/{token}")]
pub async fn get_preview(
    reading: ReaderRequest,
    token: PathId<PreviewToken>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let digest = token.0.digest();
    let json = reading
        .read(move |conn, setting| {
            let preview = store::open(conn, &digest, setting.now)?;
            let mut composed = AnswerJson::default();
            composed.push_articles(conn, setting, &[preview])?;
            Ok(composed.json)
        })
        .await
        .map_err(with_preview_headers)?;
    let mut response = HttpResponse::Ok();
    for header in PREVIEW_HEADERS {
        response.insert_header(header);
    }
    Ok(response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(json))
}

fn with_preview_headers(error: Error) -> Error {
    PREVIEW_HEADERS
        .into_iter()
        .fold(error, |error, (name, value)| error.header(name, value))
}
