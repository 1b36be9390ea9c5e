//! Conditional requests (RFC 9110, 13): `If-Match` for editors, ETags with the cache headers of delivery for readers.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::{Uri, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::Stream;
use serde::Serialize;
use twox_hash::XxHash3_128;

use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::PageInfo;
use crate::base::surrogate_key::{SurrogateKey, bounded, joined};

/// The ETag of a version of a working copy.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// What an ETag says of bytes: the same on every instance. Not SHA-256, which took half of what a list costs; nobody gains
/// by two answers of one tag.
pub(super) fn content_tag(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(XxHash3_128::oneshot(bytes).to_be_bytes())
}

/// An editable thing as it is now, with the ETag of its version.
pub fn versioned(version: i64, thing: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(version)))
        .json(thing)
}

/// An editable thing that was just made, or the repetition of that answer.
pub fn created(location: &str, version: i64, thing: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response
        .insert_header((header::LOCATION, location))
        .insert_header((header::ETAG, etag(version)));
    response.json(thing)
}

/// The version that the client read. A proxy that compresses makes the ETag weak, or adds its coding: both are understood,
/// for the version is the same.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch {
    /// The version; `None` where the tag is none of ours, which matches nothing.
    pub version: Option<i64>,
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get(header::IF_MATCH) else {
            return ready(Err(Error::new(Code::PreconditionRequired)));
        };
        let tag = header.to_str().unwrap_or_default().trim();
        let invalid = || {
            Error::new(Code::InvalidHeader)
                .with("name", "If-Match")
                .with("expected", "one ETag such as \"v3\"")
        };
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let Some(inner) = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
            return ready(Err(invalid()));
        };
        let inner = without_coding(inner);
        if inner.contains('"') {
            return ready(Err(invalid()));
        }
        ready(Ok(Self {
            version: inner.strip_prefix('v').and_then(|version| version.parse().ok()),
        }))
    }
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        vec![header_parameter(
            "If-Match",
            true,
            "The ETag of the version that you read, for example `\"v3\"`; never `*`.",
            64,
        )]
    }
}

/// A header as a parameter of an operation.
pub fn header_parameter(
    name: &str,
    required: bool,
    description: &str,
    max_length: usize,
) -> utoipa::openapi::path::Parameter {
    use utoipa::openapi::Required;
    use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(max_length)),
        ))
        .build()
}

/// How long shared caches may keep an answer of delivery, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct CachePolicy {
    /// `s-maxage`.
    pub shared_seconds: i64,
    /// `stale-while-revalidate`.
    pub revalidate_seconds: i64,
    /// `stale-if-error`.
    pub error_seconds: i64,
}

impl CachePolicy {
    /// For how long an answer may be kept and then shown while it is asked for again, in seconds: a change that is further
    /// away changes nothing in the header.
    pub fn longest_seconds(self) -> i64 {
        self.shared_seconds.saturating_add(self.revalidate_seconds)
    }

    /// The header; `s-maxage` is cut to the next moment at which time alone changes the answer.
    pub fn header(self, now: Time, next_change: Option<Time>) -> String {
        let until_change = next_change.map_or(i64::MAX, |next| (next.millis() - now.millis()).div_euclid(1000).max(0));
        let shared = self.shared_seconds.min(until_change);
        let revalidate = self.revalidate_seconds.min(until_change.saturating_sub(shared));
        let error = self.error_seconds;
        format!("public, max-age=0, s-maxage={shared}, stale-while-revalidate={revalidate}, stale-if-error={error}")
    }
}

/// What a delivery handler answers with: bytes, and what caches must know about them.
pub struct CacheableAnswer {
    /// The JSON.
    pub body: String,
    /// `Surrogate-Key`: the things that this answer shows.
    pub keys: Vec<SurrogateKey>,
    /// When time alone changes the answer.
    pub next_change: Option<Time>,
    /// Whether it shows how many comments articles have beside those whose comments it names: these numbers may be a
    /// little old.
    pub shows_counts: bool,
    /// The next page of a list, for `Link`.
    pub next_cursor: Option<String>,
}

impl CacheableAnswer {
    /// An answer that stays the same until something is changed.
    ///
    /// # Errors
    /// 500 when `value` cannot be written as JSON.
    pub fn json(value: &impl Serialize, keys: Vec<SurrogateKey>) -> Result<Self> {
        let body = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self::text(body, keys))
    }

    /// The same of a text that is written already.
    pub fn text(body: String, keys: Vec<SurrogateKey>) -> Self {
        Self {
            body,
            keys,
            next_change: None,
            shows_counts: false,
            next_cursor: None,
        }
    }

    /// The same, as a page of a list.
    #[must_use]
    pub fn page(mut self, page: &PageInfo) -> Self {
        self.next_cursor.clone_from(&page.next_cursor);
        self
    }
}

/// What a cache must know of an answer to keep it, attached to the response: nothing else in the request than its path
/// and query decides what it says.
#[derive(Clone, Debug)]
pub struct CacheTerms {
    /// What it shows.
    pub keys: Vec<SurrogateKey>,
    /// When time alone changes it.
    pub next_change: Option<Time>,
    /// As in [`CacheableAnswer`].
    pub shows_counts: bool,
}

/// What caches must know about an answer whose bytes are made while they are sent.
pub struct StreamedAnswer {
    /// What decides the bytes: answers with the same identity have the same bytes.
    pub identity: String,
    /// `Surrogate-Key`.
    pub keys: Vec<SurrogateKey>,
    /// When time alone changes the answer.
    pub next_change: Option<Time>,
}

/// The header by which caches know what an answer shows.
pub const SURROGATE_KEY: &str = "surrogate-key";

/// How an answer of delivery is sent.
pub struct PublicReply {
    uri: Uri,
    policy: CachePolicy,
    now: Time,
}

impl FromRequest for PublicReply {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request
            .app_data::<web::Data<CachePolicy>>()
            .zip(request.app_data::<web::Data<Db>>());
        let Some((policy, db)) = state else {
            return ready(Err(Error::internal("no cache policy")));
        };
        ready(Ok(Self {
            uri: request.uri().clone(),
            policy: ***policy,
            now: db.clock().now(),
        }))
    }
}

impl PublicReply {
    /// 200 with the JSON.
    pub fn respond(&self, fresh: CacheableAnswer) -> HttpResponse {
        self.respond_as("application/json", None, fresh)
    }

    /// 200 with the JSON, which this server does not keep.
    pub fn respond_unkept(&self, fresh: CacheableAnswer) -> HttpResponse {
        let mut response = self.respond(fresh);
        response.extensions_mut().remove::<CacheTerms>();
        response
    }

    /// 200 with the bytes as this media type. The time of the last change is for information: only the ETag decides.
    pub fn respond_as(&self, media_type: &str, changed_at: Option<Time>, mut fresh: CacheableAnswer) -> HttpResponse {
        // It may be kept for minutes: the room behind it is given back.
        fresh.body.shrink_to_fit();
        let tag = content_tag(fresh.body.as_bytes());
        let keys = bounded(fresh.keys.into_iter().chain([SurrogateKey::Frame]));
        let mut response = self.begin(&tag, "", &keys, fresh.next_change);
        if let Some(time) = changed_at {
            response.insert_header((header::LAST_MODIFIED, http_date(time)));
        }
        if let Some(cursor) = fresh.next_cursor {
            response.insert_header((header::LINK, next_link(&self.uri, &cursor)));
        }
        let mut response = response
            .insert_header((header::CONTENT_TYPE, media_type))
            .body(fresh.body);
        response.extensions_mut().insert(CacheTerms {
            keys,
            next_change: fresh.next_change,
            shows_counts: fresh.shows_counts,
        });
        response
    }

    /// As [`PublicReply::respond_as`], for an answer too long for the memory: 200 with the stream that `body` makes.
    pub fn stream<S>(&self, media_type: &str, streamed: &StreamedAnswer, body: impl FnOnce() -> S) -> HttpResponse
    where
        S: Stream<Item = Result<web::Bytes>> + 'static,
    {
        let tag = content_tag(streamed.identity.as_bytes());
        let keys = bounded(streamed.keys.iter().copied().chain([SurrogateKey::Frame]));
        self.begin(&tag, "W/", &keys, streamed.next_change)
            .insert_header((header::CONTENT_TYPE, media_type))
            .streaming(Box::pin(body()))
    }

    /// An answer with what caches must know.
    fn begin(&self, tag: &str, weak: &str, keys: &[SurrogateKey], next_change: Option<Time>) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::ETAG, format!("{weak}\"{tag}\"")))
            .insert_header((header::CACHE_CONTROL, self.policy.header(self.now, next_change)))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((SURROGATE_KEY, joined(keys)));
        response
    }
}

/// A moment as HTTP and RSS write it (RFC 9110, 5.6.7).
pub fn http_date(time: Time) -> String {
    time.naive().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The address that was asked for, with another cursor.
pub fn next_page(uri: &Uri, cursor: &str) -> String {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query.filter(|(name, _)| name != "cursor"))
        .append_pair("cursor", cursor)
        .finish();
    format!("{}?{query}", uri.path())
}

/// The header that leads there (RFC 8288).
pub fn next_link(uri: &Uri, cursor: &str) -> String {
    format!("<{}>; rel=\"next\"", next_page(uri, cursor))
}

/// Weak comparison (RFC 9110, 8.8.3.2) of each tag of the header, without the suffix of an encoding.
pub fn none_match(header: &str, tag: &str) -> bool {
    header.trim() == "*"
        || header.split(',').any(|candidate| {
            let candidate = candidate.trim().trim_start_matches("W/").trim_matches('"');
            candidate.strip_prefix(tag).is_some_and(is_coding_or_nothing)
        })
}

/// What proxies that compress add to an ETag, behind `-`, `--` or `;`.
const CODINGS: [&str; 6] = ["gzip", "gz", "br", "zstd", "zs", "deflate"];

/// Whether this is what a proxy may have added to an ETag. Ours may end in `-` themselves, and in `-br`.
fn is_coding_or_nothing(added: &str) -> bool {
    let coding = added.strip_prefix("--").or_else(|| added.strip_prefix(['-', ';']));
    added.is_empty() || coding.is_some_and(|coding| CODINGS.contains(&coding))
}

/// A version's ETag without what a proxy that compresses added to it.
fn without_coding(tag: &str) -> &str {
    let coded = tag.rsplit_once(['-', ';']);
    match coded.filter(|(_, coding)| CODINGS.contains(coding)) {
        Some((identity, _)) => identity.trim_end_matches('-'),
        None => tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_compares_weakly_and_without_encodings() {
        for header in [
            "\"abc\"",
            "W/\"abc\"",
            "\"x\", \"abc\"",
            "\"abc-gz\"",
            "\"abc-gzip\"",
            "\"abc--gzip\"",
            "\"abc;br\"",
            "W/\"abc-br\"",
            " \"abc\" ",
            "*",
            " * ",
        ] {
            assert!(none_match(header, "abc"), "{header}");
        }
        for header in ["\"abcd\"", "", "\"abc-xx\"", "\"abc-br-gzip\""] {
            assert!(!none_match(header, "abc"), "{header}");
        }
    }

    #[test]
    fn a_tag_that_ends_like_a_coding_is_known_with_and_without_one() {
        for tag in ["abc-", "abc--", "abc-gz", "abc-br", "abc;zs"] {
            for added in ["", "-gzip", "--gzip", ";br", "-br"] {
                let header = format!("W/\"{tag}{added}\"");
                assert!(none_match(&header, tag), "{header}");
            }
        }
        assert!(!none_match("\"abc\"", "abc-"));
    }

    #[test]
    fn shared_caches_keep_nothing_beyond_the_next_change() {
        let policy = CachePolicy {
            shared_seconds: 30,
            revalidate_seconds: 30,
            error_seconds: 300,
        };
        let now = Time::parse("2026-01-01T00:00:00Z").unwrap();
        let header = |seconds: Option<i64>| policy.header(now, seconds.map(|s| now.plus_seconds(s)));
        assert!(header(None).contains("s-maxage=30, stale-while-revalidate=30"));
        assert!(header(Some(40)).contains("s-maxage=30, stale-while-revalidate=10"));
        assert!(header(Some(7)).contains("s-maxage=7, stale-while-revalidate=0"));
    }

    #[test]
    fn shared_caches_keep_an_answer_for_the_whole_seconds_before_its_change() {
        let policy = CachePolicy {
            shared_seconds: 30,
            revalidate_seconds: 30,
            error_seconds: 300,
        };
        let now = Time::parse("2026-01-01T00:00:00Z").unwrap();
        for (change, shared) in [(-5_000, 0), (0, 0), (999, 0), (1_000, 1), (1_999, 1), (2_000, 2)] {
            let change = Time::from_millis(now.millis() + change).unwrap();
            let header = policy.header(now, Some(change));
            assert_eq!(
                header,
                format!("public, max-age=0, s-maxage={shared}, stale-while-revalidate=0, stale-if-error=300"),
                "{change}"
            );
        }
    }
}
