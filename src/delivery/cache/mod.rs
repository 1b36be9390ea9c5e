//! The response cache: finished answers of delivery with their ETags and codings, kept as long as nothing that they show
//! has changed.
//!
//! [`answer_kept`] stands before every route. An answer that says what it shows
//! ([`CacheTerms`](crate::base::http::conditional::CacheTerms)) is kept under its [`request_key`] as a [`kept_answer`];
//! while it is made, others who ask for it wait ([`flights`]). Whether it may be sent again is asked of
//! [`CacheDeaths`](crate::base::db::CacheDeaths) each time. Here too it is decided who gets 304, and in which [coding](crate::base::http::coding)
//! an answer is sent, also where it is not kept: previews, and what only who asked may read.

mod flights;
pub mod kept_answer;
mod layer;
pub mod request_key;

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use self::flights::Flights;
use self::kept_answer::{AnswerTerms, KeptAnswer};
pub use self::layer::answer_kept;
use crate::base::clock::Time;
use crate::base::db::{Db, run_blocking};
use crate::base::http::conditional::{CachePolicy, CacheTerms};
use crate::base::http::route_table::Route;
use crate::base::metrics::{CacheCounters, CacheOutcome, Metrics};
use crate::published::FragmentCache;

/// The bytes of an answer of usual length: how many answers there may be is guessed from it.
const USUAL_BYTES: u64 = 8_192;
/// An answer that would take more than this part of the cache is not kept.
const LARGEST_PART: u64 = 32;
/// How often what may not be sent any more is forgotten, where something has changed.
const SWEEP_EVERY: Duration = Duration::from_millis(500);

/// The answers that are kept. Clones share them.
#[derive(Clone)]
pub struct ResponseCache(Arc<CacheInner>);

struct CacheInner {
    kept: Cache<Box<str>, WeighedAnswer, AnswerWeight>,
    flights: Flights,
    bytes: u64,
    db: Db,
    policy: CachePolicy,
    counters: CacheCounters,
}

/// An answer with what it weighed when it was put here: it grows by its codings, and the cache takes away what it has
/// added.
#[derive(Clone)]
struct WeighedAnswer {
    answer: Arc<KeptAnswer>,
    weight: u64,
}

#[derive(Clone)]
struct AnswerWeight;

impl Weighter<Box<str>, WeighedAnswer> for AnswerWeight {
    fn weight(&self, _: &Box<str>, kept: &WeighedAnswer) -> u64 {
        kept.weight
    }
}

/// What a handler made.
enum MadeAnswer {
    /// Others may have it too.
    Kept(Arc<KeptAnswer>),
    /// It is for who asked.
    Unkept(HttpResponse),
}

impl ResponseCache {
    /// A cache of answers made of this database, of so many bytes at most; with 0 it keeps nothing.
    pub fn new(bytes: u64, db: Db, policy: CachePolicy, metrics: &Metrics) -> Self {
        let answers = usize::try_from(bytes / USUAL_BYTES).unwrap_or(0).max(16);
        Self(Arc::new(CacheInner {
            kept: Cache::with_weighter(answers, bytes, AnswerWeight),
            flights: Flights::default(),
            bytes,
            db,
            policy,
            counters: metrics.cache_counters(),
        }))
    }

    /// How many answers are kept, and their bytes.
    pub fn size(&self) -> (usize, u64) {
        (self.0.kept.len(), self.0.kept.weight())
    }

    /// Whether any kept answer holds this text.
    pub fn holds(&self, text: &str) -> bool {
        self.0.kept.iter().any(|(_, kept)| kept.answer.holds(text))
    }

    /// Forgets what may not be sent any more.
    pub fn sweep(&self) {
        let now = self.now();
        self.0.kept.retain(|_, kept| self.is_good(&kept.answer, now));
    }

    /// Forgets it again and again, and such fragments, until it is dropped: the bytes of what was withdrawn do not stay. Once more after the
    /// last deaths, for what was put here beside the sweep.
    pub async fn keep_sweeping(self, fragments: FragmentCache) {
        let mut swept = [self.0.db.deaths().latest(); 2];
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            let latest = self.0.db.deaths().latest();
            if swept == [latest; 2] {
                continue;
            }
            swept = [swept[1], latest];
            let (cache, fragments) = (self.clone(), fragments.clone());
            let sweep = move || {
                cache.sweep();
                fragments.sweep(cache.0.db.deaths(), cache.now());
                Ok(())
            };
            if let Err(error) = run_blocking(sweep).await {
                log::warn!("sweeping the response cache failed: {error}");
            }
        }
    }

    fn now(&self) -> Time {
        self.0.db.clock().now()
    }

    fn flights(&self) -> &Flights {
        &self.0.flights
    }

    fn count(&self, outcome: CacheOutcome) {
        self.0.counters.count(outcome);
    }

    fn count_made(&self, route: Option<&Route>) {
        self.0.counters.count_made(route.map_or("(none)", Route::pattern));
    }

    fn is_good(&self, answer: &KeptAnswer, now: Time) -> bool {
        answer.is_good(self.0.db.deaths(), now)
    }

    /// The number of the latest deaths, where all are known.
    fn trusted_deaths(&self) -> Option<u64> {
        self.0.db.deaths().trusted_latest().filter(|_| self.0.bytes > 0)
    }

    /// Whether an answer may be kept under this key, so that others wait for it.
    fn may_keep(&self, key: &str) -> bool {
        self.trusted_deaths().is_some() && !UNKEPT.iter().any(|path| key.starts_with(path))
    }

    /// The answer of this key, where it may be sent.
    fn good(&self, key: &str, now: Time) -> Option<Arc<KeptAnswer>> {
        self.trusted_deaths()?;
        let answer = self.0.kept.get(key)?.answer;
        if self.is_good(&answer, now) {
            return Some(answer);
        }
        // Not one that another request put there meanwhile.
        self.0.kept.remove_if(key, |kept| Arc::ptr_eq(&kept.answer, &answer));
        None
    }

    /// Keeps a response that says what it shows; gives back one that is for nobody else.
    fn keep_response(&self, key: &str, response: HttpResponse, made_after: u64, now: Time) -> MadeAnswer {
        let terms = response.extensions().get::<CacheTerms>().cloned();
        let Some(terms) = terms.filter(|_| response.status() == StatusCode::OK) else {
            return MadeAnswer::Unkept(response);
        };
        let (head, body) = response.into_parts();
        let bytes = match body.try_into_bytes() {
            Ok(bytes) => bytes,
            Err(body) => return MadeAnswer::Unkept(head.set_body(body)),
        };
        let terms = AnswerTerms {
            age: self.0.db.deaths().age(&terms.keys, made_after),
            made_at: now,
            next_change: terms.next_change,
            shows_counts: terms.shows_counts,
        };
        match KeptAnswer::new(head.headers(), bytes.clone(), self.0.policy, terms) {
            Some(answer) => {
                let answer = Arc::new(answer);
                self.keep(key, &answer);
                MadeAnswer::Kept(answer)
            }
            None => MadeAnswer::Unkept(head.set_body(actix_web::body::BoxBody::new(bytes))),
        }
    }

    /// Keeps an answer, with the weight that it has now; not one that has died while it was made or compressed.
    fn keep(&self, key: &str, answer: &Arc<KeptAnswer>) {
        let weight = u64::try_from(key.len() + answer.weight()).unwrap_or(u64::MAX);
        if weight <= self.0.bytes / LARGEST_PART && self.is_good(answer, self.now()) {
            let answer = answer.clone();
            self.0.kept.insert(key.into(), WeighedAnswer { answer, weight });
        }
    }
}

/// Where nothing is ever kept, so that nobody waits for another's answer.
const UNKEPT: [&str; 2] = ["/v1/captcha", "/v1/preview/"];

/// What is not delivery: it is answered as its handlers say.
const NOT_DELIVERY: [&str; 6] = ["/v1/editorial", "/livez", "/readyz", "/docs", "/openapi/", "/problems/"];

/// Whether a path is one of delivery's.
fn is_of_delivery(path: &str) -> bool {
    !NOT_DELIVERY.iter().any(|other| path.starts_with(other))
}
