//! Ids in paths. A segment that is no id names nothing: 404, as for an id that nothing has.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::base::error::{Error, Result};
use crate::base::ids::FromSegment;

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

/// The two `{…}` of the route's pattern, in their order.
pub struct PathPair<A, B>(pub A, pub B);

impl<A: FromSegment, B: FromSegment> FromRequest for PathPair<A, B> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut segments = request.match_info().iter().map(|(_, value)| value);
        let first = segments.next().and_then(A::from_segment);
        let second = segments.next().and_then(B::from_segment);
        let both = first.zip(second).map(|(first, second)| Self(first, second));
        ready(both.ok_or_else(Error::not_found))
    }
}
