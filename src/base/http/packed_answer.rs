//! Answers with files that the build has packed into the binary.

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse};

use super::coding::ContentCoding;
use super::conditional::{content_tag, none_match};
use crate::base::error::Result;
use crate::base::packed::PackedFile;

/// 200 with the file, packed for who takes it so; 304 for who has it.
///
/// # Errors
/// 500 when it cannot be unpacked.
pub fn answer_packed(request: &HttpRequest, media_type: &'static str, file: PackedFile) -> Result<HttpResponse> {
    let given = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let tag = content_tag(file.0);
    let has_it = given(header::IF_NONE_MATCH).is_some_and(|held| none_match(held, &tag));
    let mut response = if has_it {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, format!("W/\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if has_it {
        return Ok(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, media_type));
    match ContentCoding::chosen(given(header::ACCEPT_ENCODING), &[ContentCoding::Gzip]) {
        ContentCoding::Identity => Ok(response.body(file.unpack()?)),
        coding => Ok(response
            .insert_header((header::CONTENT_ENCODING, coding.name()))
            .body(file.0)),
    }
}
