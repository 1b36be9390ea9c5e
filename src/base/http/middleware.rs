//! The edge: what every request passes on its way in and every answer on its way out.
//!
//! In: request id, bounds on headers and query, HEAD asked as GET, CORS preflight, an
//! `Idempotency-Key` where none is taken. Out: panics and errors as problems in the reader's
//! language, security and CORS headers, the end of the connection before the server stops, one line
//! in the log, the metrics.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use futures_util::stream::empty;

use super::drain::{Drain, OpenRequest};
use super::idempotency;
use super::problem::{self, PROBLEM_JSON};
use super::rate_limit::RateLimit;
use super::request_id::new_request_id;
use super::route_table::{Route, RouteTable};
use super::slices::in_slices;
use super::unread::SharedPayload;
use crate::base::error::{Code, Error, Result};
use crate::base::http::problem::ProblemContext;
use crate::base::limits;
use crate::base::metrics::Metrics;

/// The header by which a request belongs to a trace.
const TRACEPARENT: &str = "traceparent";

/// Origins whose pages may call the editorial API.
#[derive(Clone, Debug, Default)]
pub struct EditorialOrigins(pub Vec<String>);

/// Answers whatever no route took: 405 with `Allow` where the path is known, else 404.
pub async fn not_routed(request: HttpRequest, routes: web::Data<RouteTable>) -> Result<HttpResponse> {
    match routes.find(request.path()) {
        Some(route) => {
            let allow = route.allow();
            Err(Error::new(Code::MethodNotAllowed)
                .with("allowed", &allow)
                .header("Allow", allow))
        }
        None => Err(Error::not_found()),
    }
}

/// The edge itself.
///
/// # Errors
/// None: every error has become a problem.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let occasion = Rc::new(occasion(&request));
    let method = request.method().clone();
    request.extensions_mut().insert(occasion.clone());
    let cors = CorsRule::of(&request);
    let routes = request.app_data::<web::Data<RouteTable>>().cloned();
    let route = routes.as_ref().and_then(|routes| routes.find(request.path()));
    let trace = request
        .headers()
        .get(TRACEPARENT)
        .filter(|value| is_trace(value))
        .cloned();
    let open = request.app_data::<web::Data<Drain>>().map(|drain| drain.enter());
    let body = SharedPayload::of(&mut request);
    let mut response = match admit(&mut request, route) {
        Ok(EdgeDecision::ToHandler) => answer(request, next, &occasion).await?,
        Ok(EdgeDecision::Answered(early)) => request.into_response(early),
        Err(error) => request.into_response(problem::respond(&error, &occasion)),
    };
    if method == Method::HEAD && matches!(response.response().body().size(), BodySize::Stream) {
        // Nobody gets it, and one without an end would never give the connection back.
        response = response.map_body(|_, _| BoxBody::new(BodyStream::new(empty::<Result<web::Bytes>>())));
    }
    finish_headers(response.headers_mut(), &occasion, cors);
    let asked = response.request().clone();
    RateLimit::finish(&asked, response.headers_mut());
    if let Some(trace) = &trace {
        let name = HeaderName::from_static(TRACEPARENT);
        response.headers_mut().insert(name, trace.clone());
    }
    if let Some(body) = body {
        response = body.close_after(response);
    }
    if open.is_some_and(OpenRequest::answered) {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    log_and_count(&response, &method, route, started, &occasion, trace.as_ref());
    Ok(in_slices(response))
}

/// Runs the handler; its errors and panics become problems.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    occasion: &ProblemContext,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    match outcome {
        Ok(Ok(response)) => Ok(as_problem(response.map_into_boxed_body(), occasion)),
        Ok(Err(error)) => Err(unexpected_failure(&error.to_string(), occasion)),
        Err(_panic) => Err(unexpected_failure("a handler panicked", occasion)),
    }
}

/// A 500 where the handler's request is no longer at hand: actix answers what the error renders.
fn unexpected_failure(cause: &str, occasion: &ProblemContext) -> actix_web::Error {
    log::error!(target: "masthead::error", request_id = occasion.request_id.as_str(); "500: {cause}");
    UnexpectedFailure(occasion.clone()).into()
}

#[derive(Debug)]
struct UnexpectedFailure(ProblemContext);

impl std::fmt::Display for UnexpectedFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Code::Internal.as_str())
    }
}

impl ResponseError for UnexpectedFailure {
    fn error_response(&self) -> HttpResponse {
        let mut response = problem::respond(&Error::new(Code::Internal), &self.0);
        finish_headers(response.headers_mut(), &self.0, CorsRule::Nobody);
        response
    }
}

/// What becomes of a request at the edge.
enum EdgeDecision {
    ToHandler,
    Answered(HttpResponse),
}

fn occasion(request: &ServiceRequest) -> ProblemContext {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let given = header(HeaderName::from_static("x-request-id")).filter(|id| is_request_id(id));
    ProblemContext {
        language: problem::language_of(request.headers()),
        path: request.path().to_owned(),
        request_id: given.map_or_else(new_request_id, str::to_owned),
    }
}

/// Whether this names a trace as W3C's Trace Context does: version, trace, caller and flags in lower hexadecimal,
/// neither trace nor caller of zeros alone. A later version may say more.
fn is_trace(value: &HeaderValue) -> bool {
    let is_hex =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_name = |part: &str, length| is_hex(part, length) && part.bytes().any(|byte| byte != b'0');
    let parts: Vec<&str> = value.to_str().unwrap_or_default().split('-').collect();
    match parts.as_slice() {
        [version, trace, caller, flags, more @ ..] => {
            is_hex(version, 2)
                && *version != "ff"
                && is_name(trace, 32)
                && is_name(caller, 16)
                && is_hex(flags, 2)
                && (more.is_empty() || *version != "00")
        }
        _ => false,
    }
}

fn is_request_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Refuses what no handler should see, and answers what needs none.
fn admit(request: &mut ServiceRequest, route: Option<&Route>) -> Result<EdgeDecision> {
    let header_bytes: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if header_bytes > limits::HEADER_BYTES {
        return Err(Error::new(Code::HeadersTooLarge).with("max", limits::HEADER_BYTES));
    }
    if request.query_string().len() > limits::QUERY_BYTES {
        return Err(Error::new(Code::QueryTooLong).with("max", limits::QUERY_BYTES));
    }
    let host = request.headers().get(header::HOST);
    if host.is_some_and(|host| !is_host(host.as_bytes())) {
        return Err(Error::new(Code::InvalidHeader)
            .with("name", "Host")
            .with("expected", "a host name, and perhaps a port"));
    }
    if let (Some(route), &Method::OPTIONS) = (route, request.method()) {
        return Ok(EdgeDecision::Answered(preflight(request, route)));
    }
    let has_key = request.headers().contains_key(idempotency::HEADER) && *request.method() != Method::GET;
    if has_key && route.is_some_and(|route| !route.takes_idempotency_key(request.method())) {
        return Err(Error::new(Code::IdempotencyUnsupported));
    }
    if *request.method() == Method::HEAD {
        // The connection remembers that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
    }
    Ok(EdgeDecision::ToHandler)
}

/// Whether these can be a host and a port: what RFC 3986 lets stand there, without user names.
fn is_host(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+,;=".contains(byte))
}

fn preflight(request: &ServiceRequest, route: &Route) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, route.allow()));
    if request.headers().contains_key(header::ORIGIN) {
        response
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, route.allow()))
            .insert_header((
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Edit-Token, X-Reader-Token, X-Request-Id, traceparent",
            ))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "7200"));
    }
    response.finish()
}

/// Who may read an answer from a page of another origin.
enum CorsRule {
    /// Every page, without credentials: delivery.
    Everybody,
    /// A page of this origin: the editorial API.
    Origin(HeaderValue),
    /// Nobody.
    Nobody,
}

impl CorsRule {
    /// Delivery is open to every page; the editorial API to the configured origins.
    fn of(request: &ServiceRequest) -> Self {
        if !request.path().starts_with("/v1/editorial") {
            return Self::Everybody;
        }
        let origins = request.app_data::<web::Data<EditorialOrigins>>();
        let is_allowed = |origin: &&HeaderValue| {
            origins.is_some_and(|origins| origins.0.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()))
        };
        let origin = request.headers().get(header::ORIGIN).filter(is_allowed);
        origin.cloned().map_or(Self::Nobody, Self::Origin)
    }

    fn apply(self, headers: &mut HeaderMap) {
        const EXPOSED: HeaderValue =
            HeaderValue::from_static("ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id");
        let origin = match self {
            Self::Everybody => Some(HeaderValue::from_static("*")),
            Self::Origin(origin) => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                Some(origin)
            }
            Self::Nobody => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                None
            }
        };
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

/// Writes the problem of an answer that has none yet.
fn as_problem(response: ServiceResponse<BoxBody>, occasion: &ProblemContext) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if status.as_u16() < 400 || is_problem(response.headers()) {
        return response;
    }
    let error = response.response().error();
    let (mut answer, cause) = match error.and_then(|error| error.as_error::<Error>()) {
        Some(error) => (problem::respond(error, occasion), error.cause().map(str::to_owned)),
        None => {
            let cause = error.map(ToString::to_string);
            (problem::respond(&from_status(status), occasion), cause)
        }
    };
    if let Some(cause) = cause.filter(|_| status.is_server_error()) {
        let id = &occasion.request_id;
        log::error!(target: "masthead::error", request_id = id.as_str(); "{status}: {cause}");
    }
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH && !answer.headers().contains_key(name) {
            answer.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response.into_response(answer)
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == PROBLEM_JSON.as_bytes())
}

/// The code for a status that a library chose.
fn from_status(status: StatusCode) -> Error {
    let code = Code::ALL.iter().copied().find(|code| match status {
        StatusCode::BAD_REQUEST => *code == Code::MalformedJson,
        _ => code.status() == status.as_u16(),
    });
    Error::new(code.unwrap_or(Code::Internal)).with("reason", "unreadable request")
}

fn finish_headers(headers: &mut HeaderMap, occasion: &ProblemContext, cors: CorsRule) {
    cors.apply(headers);
    if let Ok(id) = HeaderValue::from_str(&occasion.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// One line of the access log and the metrics, both by route pattern: a path may hold a secret.
fn log_and_count(
    response: &ServiceResponse,
    method: &Method,
    route: Option<&Route>,
    started: Instant,
    occasion: &ProblemContext,
    trace: Option<&HeaderValue>,
) {
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let ms = elapsed.as_secs_f64() * 1e3;
    let id = occasion.request_id.as_str();
    let meters = route.map(Route::meters);
    let route = route.map_or("(none)", Route::pattern);
    match trace.and_then(|trace| trace.to_str().ok()?.split('-').nth(1)) {
        Some(trace) => log::info!(target: "masthead::access", request_id = id, trace_id = trace;
            "{method} {route} {status} {ms:.1}ms"),
        None => log::info!(target: "masthead::access", request_id = id; "{method} {route} {status} {ms:.1}ms"),
    }
    if let Some(metrics) = response.request().app_data::<web::Data<Metrics>>() {
        metrics.observe_request(meters, method.as_str(), route, status, elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_taken_only_in_the_form_of_the_standard() {
        for (header, is_good) in [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736", false),
            ("", false),
        ] {
            assert_eq!(is_trace(&HeaderValue::from_static(header)), is_good, "{header}");
        }
    }
}
