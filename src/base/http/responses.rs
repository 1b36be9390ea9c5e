//! Responses that many operations share, as the documents describe them.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response, ResponseBuilder};

/// 409: the state does not allow it.
pub struct Conflict;

impl IntoResponses for Conflict {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem_responses(&[409])
    }
}

/// 410: withdrawn for good.
pub struct Withdrawn;

impl IntoResponses for Withdrawn {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem_responses(&[404, 410])
    }
}

/// 408 and 413: a body that nobody reads was too slow or too long.
pub struct UnreadBodyRefused;

impl IntoResponses for UnreadBodyRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem_responses(&[408, 413])
    }
}

/// Declares a file that is answered and is no JSON: its bytes at most, and an example.
#[macro_export]
macro_rules! file_type {
    ($(#[doc = $doc:literal])* $name:ident, $bytes:expr, $example:expr) => {
        $(#[doc = $doc])*
        struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!($($doc),*).trim()))
                    .max_length(Some($bytes))
                    .examples([$example])
                    .build()
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    };
}

/// The problems of these statuses, as responses of an operation.
pub fn problem_responses(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    let response = |status: &u16| {
        (
            status.to_string(),
            ResponseBuilder::new().description("").build().into(),
        )
    };
    statuses.iter().map(response).collect()
}
