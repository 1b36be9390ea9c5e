//! The headers of a limit (draft-ietf-httpapi-ratelimit-headers), on answers and on refusals.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};

use crate::base::error::Error;

/// A limit, and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Whose or of what.
    pub name: &'static str,
    /// Requests that a window holds.
    pub quota: u32,
    /// The window.
    pub window_seconds: u64,
    /// Requests that are left now.
    pub left: u32,
    /// Seconds until the quota is whole again; of a refusal, until there is one more.
    pub seconds: u64,
}

impl RateLimit {
    fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota, self.window_seconds)
    }

    fn state(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.left, self.seconds)
    }

    /// An error that says when to come again.
    pub fn refuse(&self, error: Error) -> Error {
        error
            .header("Retry-After", self.seconds)
            .header("RateLimit-Policy", self.policy())
            .header("RateLimit", self.state())
    }

    /// Lets the answer to this request tell it.
    pub fn tell(self, request: &HttpRequest) {
        request.extensions_mut().insert(self);
    }

    /// Writes what [`RateLimit::tell`] left, where the answer does not say it already.
    pub(super) fn finish(request: &HttpRequest, headers: &mut HeaderMap) {
        let Some(limit) = request.extensions().get::<Self>().copied() else {
            return;
        };
        for (name, value) in [("ratelimit-policy", limit.policy()), ("ratelimit", limit.state())] {
            let name = HeaderName::from_static(name);
            if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(&value)) {
                headers.insert(name, value);
            }
        }
    }
}
