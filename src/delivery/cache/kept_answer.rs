//! An answer that is kept: its head, its bytes, and the same bytes in other codings, made when they are first asked for.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use tokio::sync::OnceCell;

use crate::base::clock::Time;
use crate::base::db::{AnswerAge, AnswerLife, CacheDeaths, run_blocking};
use crate::base::error::Result;
use crate::base::http::coding::{CodingEffort, ContentCoding};
use crate::base::http::conditional::{CachePolicy, SURROGATE_KEY, none_match};

/// Shorter answers are not worth a coding.
pub const CODED_BYTES: usize = 1_024;
/// For how long the numbers of comments on cards may be older than the comments, in seconds.
const COUNTS_KEPT_SECONDS: i64 = 30;
/// For how long anything is kept, in seconds: also what is written past this program, or by a release that does not say
/// what it changes, shows some time.
const KEPT_SECONDS: i64 = 300;
/// What an answer takes in memory beside its bytes, about.
const OVERHEAD_BYTES: usize = 1_024;

/// What decides for how long an answer can be sent.
#[derive(Debug)]
pub struct AnswerTerms {
    /// What it shows, and of when it is.
    pub age: AnswerAge,
    /// When it was made.
    pub made_at: Time,
    /// When time alone changes it.
    pub next_change: Option<Time>,
    /// Whether it shows the numbers of comments on cards.
    pub shows_counts: bool,
}

/// An answer and what it is sent with.
#[derive(Debug)]
pub struct KeptAnswer {
    terms: AnswerTerms,
    /// What every form is sent with, but for what follows.
    head: Vec<(HeaderName, HeaderValue)>,
    content_type: Option<HeaderValue>,
    /// The ETag of each coding.
    etags: [HeaderValue; 4],
    /// The ETag of the identity, without its quotation marks.
    tag: String,
    /// What caches are told while no change is near.
    cache_control: HeaderValue,
    policy: CachePolicy,
    is_for_unentitled: bool,
    identity: Bytes,
    coded: [OnceCell<Bytes>; 3],
}

/// What is asked of a kept answer.
#[derive(Clone, Copy, Debug)]
pub struct AskedForm<'r> {
    /// `Accept-Encoding`.
    pub accepted: Option<&'r str>,
    /// `If-None-Match`.
    pub none_match: Option<&'r str>,
    /// The moment.
    pub now: Time,
}

impl KeptAnswer {
    /// From the head and the bytes of a good answer; `None` where it has no ETag.
    pub fn new(headers: &HeaderMap, identity: Bytes, policy: CachePolicy, terms: AnswerTerms) -> Option<Self> {
        let tag = headers.get(header::ETAG)?.to_str().ok()?.trim_matches('"').to_owned();
        let etag = |coding: ContentCoding| HeaderValue::try_from(format!("\"{tag}{}\"", coding.etag_suffix())).ok();
        let [identity_tag, gzip, zstd, brotli] = ContentCoding::ALL.map(etag);
        let kept = [
            header::VARY,
            HeaderName::from_static(SURROGATE_KEY),
            header::LINK,
            header::LAST_MODIFIED,
        ];
        let head = kept
            .into_iter()
            .filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)));
        let vary = headers.get(header::VARY).and_then(|value| value.to_str().ok());
        Some(Self {
            head: head.collect(),
            content_type: headers.get(header::CONTENT_TYPE).cloned(),
            etags: [identity_tag?, gzip?, zstd?, brotli?],
            tag,
            cache_control: HeaderValue::try_from(policy.header(terms.made_at, None)).ok()?,
            policy,
            is_for_unentitled: vary.is_some_and(|vary| vary.contains("Authorization")),
            identity,
            coded: Default::default(),
            terms,
        })
    }

    /// Whether it can be sent at this moment.
    pub fn is_good(&self, deaths: &CacheDeaths, now: Time) -> bool {
        let AnswerTerms {
            made_at, next_change, ..
        } = self.terms;
        let is_of_now = next_change.is_none_or(|change| now < change) && now < made_at.plus_seconds(KEPT_SECONDS);
        is_of_now
            && match deaths.life(&self.terms.age) {
                AnswerLife::Fresh => true,
                AnswerLife::CountsMoved => !self.terms.shows_counts || now < made_at.plus_seconds(COUNTS_KEPT_SECONDS),
                AnswerLife::Dead => false,
            }
    }

    /// Whether it is only for those whose token opens no more.
    pub fn is_for_unentitled(&self) -> bool {
        self.is_for_unentitled
    }

    /// The bytes that it takes in memory, about.
    pub fn weight(&self) -> usize {
        let coded = self.coded.iter().filter_map(OnceCell::get).map(Bytes::len);
        OVERHEAD_BYTES + self.identity.len() + coded.sum::<usize>()
    }

    /// Whether its bytes hold this text: for those who must be sure that something is gone.
    pub fn holds(&self, text: &str) -> bool {
        let needle = text.as_bytes();
        self.identity.windows(needle.len().max(1)).any(|part| part == needle)
    }

    /// The coding in which it is sent, and whether that is made already.
    pub fn form(&self, asked: &AskedForm<'_>) -> (ContentCoding, bool) {
        if self.identity.len() < CODED_BYTES {
            return (ContentCoding::Identity, true);
        }
        let coding = ContentCoding::chosen(asked.accepted, &ContentCoding::ALL);
        let cell = self.cell(coding);
        (coding, cell.is_none_or(OnceCell::initialized))
    }

    fn cell(&self, coding: ContentCoding) -> Option<&OnceCell<Bytes>> {
        let [gzip, zstd, brotli] = &self.coded;
        match coding {
            ContentCoding::Identity => None,
            ContentCoding::Gzip => Some(gzip),
            ContentCoding::Zstd => Some(zstd),
            ContentCoding::Brotli => Some(brotli),
        }
    }

    /// Makes the bytes in a coding, off the worker, once however many ask.
    ///
    /// # Errors
    /// 500 when a library fails.
    pub async fn encode(&self, coding: ContentCoding) -> Result<()> {
        let Some(cell) = self.cell(coding) else { return Ok(()) };
        let bytes = self.identity.clone();
        let encode = || {
            run_blocking(move || {
                let coded = coding.encode(&bytes, CodingEffort::Kept)?;
                // Encoders leave room behind; it would be kept too.
                Ok(Bytes::from(coded.into_boxed_slice()))
            })
        };
        cell.get_or_try_init(encode).await.map(drop)
    }

    /// The response, in a coding that is made already: 304 where the reader has it.
    pub fn respond(&self, asked: &AskedForm<'_>, coding: ContentCoding) -> HttpResponse {
        let matches = asked.none_match.is_some_and(|header| none_match(header, &self.tag));
        let mut response = HttpResponse::build(if matches {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        });
        self.begin(&mut response, asked.now);
        let [identity_tag, gzip, zstd, brotli] = &self.etags;
        let etag = match coding {
            ContentCoding::Identity => identity_tag,
            ContentCoding::Gzip => gzip,
            ContentCoding::Zstd => zstd,
            ContentCoding::Brotli => brotli,
        };
        response.insert_header((header::ETAG, etag.clone()));
        if matches {
            return response.finish();
        }
        if let Some(content_type) = &self.content_type {
            response.insert_header((header::CONTENT_TYPE, content_type.clone()));
        }
        match self.cell(coding).and_then(OnceCell::get) {
            Some(bytes) => {
                let name = HeaderValue::from_static(coding.name());
                response.insert_header((header::CONTENT_ENCODING, name));
                response.body(bytes.clone())
            }
            None => response.body(self.identity.clone()),
        }
    }

    fn begin(&self, response: &mut HttpResponseBuilder, now: Time) {
        for (name, value) in &self.head {
            response.insert_header((name.clone(), value.clone()));
        }
        let is_near = |change: Time| change < now.plus_seconds(self.policy.longest_seconds());
        let control = match self.terms.next_change {
            Some(change) if is_near(change) => {
                let control = self.policy.header(now, Some(change));
                HeaderValue::try_from(control).unwrap_or_else(|_| HeaderValue::from_static("no-cache"))
            }
            _ => self.cache_control.clone(),
        };
        response.insert_header((header::CACHE_CONTROL, control));
    }
}
