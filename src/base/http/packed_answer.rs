//! Answers with files that the build has packed into the binary.

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::error::Result;
use crate::base::packed::PackedFile;
use crate::base::secrets::sha256;

/// 200 with the file, packed for who takes it so; 304 for who has it.
///
/// # Errors
/// 500 when it cannot be unpacked.
pub fn answer_packed(request: &HttpRequest, media_type: &'static str, file: PackedFile) -> Result<HttpResponse> {
    let tag = EntityTag::new_weak(sha256(file.0).chars().take(22).collect());
    let has_it = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(held)) => held.iter().any(|held| held.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if has_it {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if has_it {
        return Ok(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, media_type));
    let codings = [Encoding::identity(), Encoding::gzip()];
    let accepted = AcceptEncoding::parse(request).ok();
    let chosen = accepted.and_then(|accepted| accepted.negotiate(codings.iter()));
    if chosen == Some(Encoding::gzip()) {
        return Ok(response.insert_header(ContentEncoding::Gzip).body(file.0));
    }
    Ok(response.body(file.unpack()?))
}
