//! What the server counts, for Prometheus, on an address of its own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::base::error::Error;

/// The counters. Labelled by route pattern, never by path: a path may hold a secret.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    schedules: IntCounterVec,
    schedule_lateness: HistogramVec,
    deliveries: IntCounterVec,
    rejected_comments: IntCounterVec,
    kept_answers: IntCounterVec,
    made_answers: IntCounterVec,
    /// Of what no route answers.
    unrouted: Arc<RouteMeters>,
    gauges: Vec<(ServerGauge, IntGauge)>,
}

macro_rules! server_gauges {
    ($($variant:ident = $name:literal $help:literal;)*) => {
        /// What is looked up whenever the metrics are asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ServerGauge { $(#[doc = $help] $variant),* }

        impl ServerGauge {
            const ALL: &'static [(Self, &'static str, &'static str)] = &[$((Self::$variant, $name, $help)),*];
        }
    };
}

server_gauges! {
    DatabaseReached = "masthead_database_reached" "1 while the database answers.";
    DatabaseTakesWrites = "masthead_database_takes_writes" "1 while the database takes writes.";
    WriteQueue = "masthead_write_queue" "Writes that SQLite's one writer has not answered yet.";
    Connections = "masthead_database_connections" "Connections of the pool.";
    IdleConnections = "masthead_database_connections_idle" "Connections of the pool that nobody uses.";
    WaitingJobs = "masthead_jobs_waiting" "Background jobs that are still to be done.";
    FailedJobs = "masthead_jobs_failed" "Background jobs that were given up.";
    WaitingDeliveries = "masthead_webhook_deliveries_waiting" "Events that are still to be told to webhooks that are on.";
    DisabledWebhooks = "masthead_webhooks_off" "Webhooks that are off.";
    OverdueSchedules = "masthead_schedules_overdue" "Schedules whose moment has passed and that still wait.";
    WaitingPasswords = "masthead_passwords_waiting" "Passwords that are being hashed, or wait for it.";
    DroppedLogLines = "masthead_log_lines_dropped" "Lines of the log that were dropped because nobody took them.";
    FailingIssuers = "masthead_reader_key_issuers_failing" "Issuers whose published keys could not be had the last time.";
    SigningKeyAge = "masthead_signing_key_age_seconds" "For how long the key that signs access tokens has been signing, in seconds.";
    CachedAnswers = "masthead_cache_answers" "Answers of delivery that are kept in memory.";
    CachedBytes = "masthead_cache_bytes" "Memory that kept answers take, in bytes.";
    CacheLag = "masthead_cache_lag_milliseconds" "Time since other instances' writes were read last: above 1000, nothing that is kept is sent.";
    ResidentMemory = "process_resident_memory_bytes" "Resident memory, in bytes.";
}

/// The counters of one route that nearly every answer needs, found once.
#[derive(Debug, Default)]
pub struct RouteMeters {
    answered: OnceLock<IntCounter>,
    not_modified: OnceLock<IntCounter>,
    seconds: OnceLock<Histogram>,
}

/// Where an answer that is kept came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// It was kept already.
    Hit,
    /// Another request made it meanwhile.
    Waited,
    /// It was made for this request.
    Made,
}

impl CacheOutcome {
    const ALL: [Self; 3] = [Self::Hit, Self::Waited, Self::Made];

    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Waited => "waited",
            Self::Made => "made",
        }
    }
}

/// The counters of the response cache, found once: it counts every request.
#[derive(Clone)]
pub struct CacheCounters {
    outcomes: [IntCounter; 3],
    made: IntCounterVec,
}

impl CacheCounters {
    /// Counts an answer.
    pub fn count(&self, outcome: CacheOutcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.inc();
        }
    }

    /// Counts an answer that was made, by route pattern too: what was sent from memory is the rest of the route's.
    pub fn count_made(&self, route: &str) {
        self.count(CacheOutcome::Made);
        self.made.with_label_values(&[route]).inc();
    }
}

impl Metrics {
    /// All counters at zero.
    ///
    /// # Errors
    /// When two counters have one name.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let histogram = |name: &str, help: &str, label: &str, buckets: &[f64]| -> prometheus::Result<HistogramVec> {
            let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            let histogram = HistogramVec::new(options, &[label])?;
            registry.register(Box::new(histogram.clone()))?;
            Ok(histogram)
        };
        let requests = counter(
            "masthead_http_requests_total",
            "Requests answered, by method, route pattern and status.",
            &["method", "route", "status"],
        )?;
        let seconds = histogram(
            "masthead_http_request_seconds",
            "Time to answer, by route pattern, in seconds.",
            "route",
            &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0],
        )?;
        let schedules = counter(
            "masthead_schedules_total",
            "Schedules that this instance acted on, by kind and by what came of it.",
            &["kind", "outcome"],
        )?;
        let schedule_lateness = histogram(
            "masthead_schedule_lateness_seconds",
            "Time between the planned moment of a schedule and the act, by kind, in seconds.",
            "kind",
            &[
                0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0,
            ],
        )?;
        let help = "Attempts of this instance to tell a webhook of an event, by what came of them.";
        let deliveries = counter("masthead_webhook_attempts_total", help, &["outcome"])?;
        let help = "Comments, new or changed, that were not taken, by the phase that rejected them.";
        let rejected_comments = counter("masthead_comments_rejected_total", help, &["phase"])?;
        let kept_answers = counter(
            "masthead_cache_answers_total",
            "Answers of delivery that were sent from memory (hit), waited for while they were made (waited), or made (made).",
            &["outcome"],
        )?;
        let help = "Answers of delivery that were made and kept, by route pattern.";
        let made_answers = counter("masthead_cache_made_total", help, &["route"])?;
        let mut gauges = Vec::new();
        for (gauge, name, help) in ServerGauge::ALL {
            let shown = IntGauge::new(*name, *help)?;
            registry.register(Box::new(shown.clone()))?;
            gauges.push((*gauge, shown));
        }
        Ok(Self {
            gauges,
            registry,
            requests,
            seconds,
            schedules,
            schedule_lateness,
            deliveries,
            rejected_comments,
            kept_answers,
            made_answers,
            unrouted: Arc::default(),
        })
    }

    /// Counts one answer of a route; `meters` are the route's own, where there is one.
    pub fn observe_request(
        &self,
        meters: Option<&RouteMeters>,
        method: &str,
        route: &str,
        status: u16,
        elapsed: Duration,
    ) {
        let meters = meters.unwrap_or(&self.unrouted);
        let seconds = || self.seconds.with_label_values(&[route]);
        meters.seconds.get_or_init(seconds).observe(elapsed.as_secs_f64());
        let usual = match (method, status) {
            ("GET", 200) => Some(&meters.answered),
            ("GET", 304) => Some(&meters.not_modified),
            _ => None,
        };
        if let Some(usual) = usual {
            usual.get_or_init(|| self.requests_of(method, route, status)).inc();
            return;
        }
        // A client may invent methods; labels must stay few.
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        self.requests_of(method, route, status).inc();
    }

    fn requests_of(&self, method: &str, route: &str, status: u16) -> IntCounter {
        self.requests.with_label_values(&[method, route, &status.to_string()])
    }

    /// What the response cache counts with.
    pub fn cache_counters(&self) -> CacheCounters {
        CacheCounters {
            outcomes: CacheOutcome::ALL.map(|outcome| self.kept_answers.with_label_values(&[outcome.name()])),
            made: self.made_answers.clone(),
        }
    }

    /// Shows what was looked up; what is not known any more stays.
    pub fn show(&self, readings: &[(ServerGauge, i64)]) {
        for (gauge, value) in readings {
            let shown = self.gauges.iter().find(|(known, _)| known == gauge);
            if let Some((_, shown)) = shown {
                shown.set(*value);
            }
        }
    }

    /// Counts one schedule that was due.
    pub fn count_schedule(&self, kind: &str, outcome: &str) {
        self.schedules.with_label_values(&[kind, outcome]).inc();
    }

    /// Counts an attempt to tell a webhook of an event: `delivered`, or why it failed.
    pub fn count_delivery(&self, outcome: &str) {
        self.deliveries.with_label_values(&[outcome]).inc();
    }

    /// Counts a comment that a phase rejected, where that is what the error says.
    pub fn count_rejected_comment(&self, error: &Error) {
        if let Some(phase) = error.refusing_phase() {
            self.rejected_comments.with_label_values(&[phase]).inc();
        }
    }

    /// Notes how late a schedule was done.
    pub fn observe_schedule_lateness(&self, kind: &str, late: Duration) {
        self.schedule_lateness
            .with_label_values(&[kind])
            .observe(late.as_secs_f64());
    }

    /// The counters in Prometheus' text format.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn to_text(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
