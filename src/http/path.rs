//! Ids in paths. One that is no id names nothing: 404, as for an id that nothing has.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::error::{Error, Result};

/// A type that is read from a path segment.
pub trait FromSegment: Sized {
    /// The value, or nothing.
    fn from_segment(segment: &str) -> Option<Self>;
}

/// The one `{…_id}` of the route's pattern.
pub struct PathId<T>(pub T);

impl<T: FromSegment> FromRequest for PathId<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().iter().next().map(|(_, value)| value);
        ready(segment.and_then(T::from_segment).map(Self).ok_or_else(Error::not_found))
    }
}
