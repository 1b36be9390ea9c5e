//! What stands before every route: answers are sent from memory where they are kept, and kept where they may be.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};

use super::flights::{Boarding, Flight, FlightOutcome, arrival};
use super::kept_answer::{AskedForm, CODED_BYTES, KeptAnswer};
use super::request_key::request_key;
use super::{MadeAnswer, ResponseCache, is_of_delivery};
use crate::access::entitlements::admit_api_token;
use crate::base::clock::Time;
use crate::base::db::run_blocking;
use crate::base::http::coding::{CodingEffort, ContentCoding};
use crate::base::http::conditional::none_match;
use crate::base::http::route_table::RouteTable;
use crate::base::metrics::CacheOutcome;

/// How often a request waits for somebody else's answer before it asks for itself.
const WAITS: usize = 2;

type Answered = Result<ServiceResponse<BoxBody>, actix_web::Error>;

/// What decides how an answer is sent.
struct SendingTerms {
    accepted: Option<HeaderValue>,
    none_match: Option<HeaderValue>,
    has_token: bool,
    now: Time,
}

impl SendingTerms {
    fn of(request: &ServiceRequest, now: Time) -> Self {
        let headers = request.headers();
        Self {
            accepted: headers.get(header::ACCEPT_ENCODING).cloned(),
            none_match: headers.get(header::IF_NONE_MATCH).cloned(),
            has_token: headers.contains_key(header::AUTHORIZATION),
            now,
        }
    }

    fn asked(&self) -> AskedForm<'_> {
        AskedForm {
            accepted: self.accepted.as_ref().and_then(|value| value.to_str().ok()),
            none_match: self.none_match.as_ref().and_then(|value| value.to_str().ok()),
            now: self.now,
        }
    }
}

/// Answers from the cache, or lets the handler answer and keeps what it may.
///
/// # Errors
/// The handler's.
pub async fn answer_kept(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Answered {
    let is_public = *request.method() == Method::GET && is_of_delivery(request.path());
    if is_public {
        // What is kept must not hide that a token is good no more.
        if let Err(refused) = admit_api_token(request.request()).await {
            return Ok(request.error_response(refused));
        }
    }
    let cache = request.app_data::<Data<ResponseCache>>().filter(|_| is_public);
    let Some(cache) = cache.map(|cache| ResponseCache::clone(cache)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let terms = SendingTerms::of(&request, cache.now());
    let uri = request.uri().clone();
    let key = request_key(&uri);
    for _ in 0..WAITS {
        let answer = cache.good(&key, terms.now);
        if let Some(answer) = answer.filter(|answer| !(terms.has_token && answer.is_for_unentitled())) {
            cache.count(CacheOutcome::Hit);
            return Ok(request.into_response(send(&cache, &key, &answer, &terms).await));
        }
        if terms.has_token || !cache.may_keep(&key) {
            break;
        }
        match cache.flights().board(&key) {
            Boarding::Builder(flight) => return build(&cache, &key, request, next, &terms, Some(flight)).await,
            Boarding::Passenger(waiting) => match arrival(waiting).await {
                // Not where something has changed since its builder began: perhaps before this request came.
                FlightOutcome::Kept(answer) if cache.is_good(&answer, terms.now) => {
                    cache.count(CacheOutcome::Waited);
                    return Ok(request.into_response(send(&cache, &key, &answer, &terms).await));
                }
                FlightOutcome::Kept(_) | FlightOutcome::Abandoned => {}
                FlightOutcome::NotKept => break,
            },
        }
    }
    build(&cache, &key, request, next, &terms, None).await
}

/// Lets the handler answer.
async fn build(
    cache: &ResponseCache,
    key: &str,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    terms: &SendingTerms,
    flight: Option<Flight<'_>>,
) -> Answered {
    let made_after = cache.trusted_deaths();
    let response = next.call(request).await?.map_into_boxed_body();
    let (request, response) = response.into_parts();
    let kept = match made_after {
        Some(made_after) => cache.keep_response(key, response, made_after, terms.now),
        None => MadeAnswer::Unkept(response),
    };
    let response = match kept {
        MadeAnswer::Kept(answer) => {
            let routes = request.app_data::<Data<RouteTable>>();
            cache.count_made(routes.and_then(|routes| routes.find(request.path())));
            if let Some(flight) = flight {
                flight.land(FlightOutcome::Kept(answer.clone()));
            }
            send(cache, key, &answer, terms).await
        }
        MadeAnswer::Unkept(response) => {
            if let Some(flight) = flight {
                flight.land(FlightOutcome::NotKept);
            }
            send_once(response, terms).await
        }
    };
    Ok(ServiceResponse::new(request, response))
}

/// Sends a kept answer, in the coding that the reader likes.
async fn send(cache: &ResponseCache, key: &str, answer: &Arc<KeptAnswer>, terms: &SendingTerms) -> HttpResponse {
    let asked = terms.asked();
    let (mut coding, is_made) = answer.form(&asked);
    if !is_made {
        match answer.encode(coding).await {
            Ok(()) => cache.keep(key, answer),
            Err(error) => {
                log::warn!("an answer could not be compressed: {error}");
                coding = ContentCoding::Identity;
            }
        }
    }
    answer.respond(&asked, coding)
}

/// Sends what is not kept: 304 where the reader has it, and compressed where that pays.
async fn send_once(response: HttpResponse, terms: &SendingTerms) -> HttpResponse {
    let (asked, headers) = (terms.asked(), response.headers());
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let Some(tag) = tag.filter(|_| response.status() == StatusCode::OK).map(str::to_owned) else {
        return response;
    };
    let (weak, bare) = match tag.strip_prefix("W/") {
        Some(bare) => ("W/", bare.trim_matches('"')),
        None => ("", tag.trim_matches('"')),
    };
    let has_it = asked.none_match.is_some_and(|header| none_match(header, bare));
    let coding = ContentCoding::chosen(asked.accepted, &ContentCoding::QUICK);
    let (head, body) = response.into_parts();
    if has_it {
        let mut head = head.set_body(BoxBody::new(()));
        *head.status_mut() = StatusCode::NOT_MODIFIED;
        head.headers_mut().remove(header::CONTENT_TYPE);
        return head;
    }
    // What is made while it is sent has no bytes yet.
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return head.set_body(body),
    };
    match coded(&bytes, coding).await {
        Some(coded) => {
            let mut head = head.set_body(BoxBody::new(coded));
            let etag = HeaderValue::try_from(format!("{weak}\"{bare}{}\"", coding.etag_suffix()));
            let headers = head.headers_mut();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            if let Ok(etag) = etag {
                headers.insert(header::ETAG, etag);
            }
            head
        }
        None => head.set_body(BoxBody::new(bytes)),
    }
}

/// The bytes in a coding, where it pays.
async fn coded(bytes: &Bytes, coding: ContentCoding) -> Option<Bytes> {
    if coding == ContentCoding::Identity || bytes.len() < CODED_BYTES {
        return None;
    }
    let bytes = bytes.clone();
    let coded = run_blocking(move || coding.encode(&bytes, CodingEffort::Once)).await;
    match coded {
        Ok(coded) => Some(Bytes::from(coded)),
        Err(error) => {
            log::warn!("an answer could not be compressed: {error}");
            None
        }
    }
}
