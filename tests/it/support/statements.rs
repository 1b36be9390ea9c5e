//! What the database is asked: every statement of the connections to a test's database, while somebody listens.
//!
//! ```ignore
//! let (page, statements) = app.statements_of(guest.get("/v1/pages/home")).await;
//! assert!(statements.len() <= 12, "{statements:#?}");
//! ```

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// What connections to one database tell.
#[derive(Default)]
struct Heard {
    /// The statements; `None` while nobody listens.
    statements: Option<Vec<String>>,
    /// Those that a connection keeps prepared, since the first.
    kept: HashSet<String>,
}

type Log = Arc<Mutex<Heard>>;

/// The log of the database at an address, whatever a connection adds to it.
fn log_of(url: &str) -> Log {
    let url = url.split('?').next().unwrap_or_default();
    static LOGS: OnceLock<Mutex<HashMap<String, Log>>> = OnceLock::new();
    let mut logs = LOGS.get_or_init(Mutex::default).lock().unwrap();
    logs.entry(url.to_owned()).or_default().clone()
}

#[derive(Default)]
struct Listener(Option<Log>);

impl Listener {
    fn heard(&self) -> Option<MutexGuard<'_, Heard>> {
        self.0.as_ref().map(|log| log.lock().unwrap())
    }
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => self.0 = Some(log_of(url)),
            InstrumentationEvent::StartQuery { query, .. } => {
                if let Some(statements) = self.heard().as_mut().and_then(|heard| heard.statements.as_mut()) {
                    statements.push(query.to_string());
                }
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                if let Some(mut heard) = self.heard() {
                    heard.kept.insert(sql.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// Makes connections that are opened from now on tell their statements.
pub fn hear() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_default_instrumentation(|| Some(Box::new(Listener::default()))).unwrap();
    });
}

fn begin(url: &str) -> Log {
    let log = log_of(url);
    log.lock().unwrap().statements = Some(Vec::new());
    log
}

/// What was asked, without the words that begin and end transactions.
fn end(log: &Log) -> Vec<String> {
    let statements = log.lock().unwrap().statements.take().unwrap_or_default();
    let is_work = |statement: &String| {
        let frames = ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "PRAGMA", "SAVEPOINT", "RELEASE"];
        !frames.iter().any(|frame| statement.starts_with(frame))
    };
    statements.into_iter().filter(is_work).collect()
}

/// Runs `work`, and says what the database at `url` was asked meanwhile, values included.
pub async fn statements_of<T>(url: &str, work: impl Future<Output = T>) -> (T, Vec<String>) {
    let log = begin(url);
    let value = work.await;
    (value, end(&log))
}

/// As [`statements_of`], of a plain function.
pub fn statements_within<T>(url: &str, work: impl FnOnce() -> T) -> (T, Vec<String>) {
    let log = begin(url);
    let value = work();
    (value, end(&log))
}

/// Of these statements of the database at `url`, those that no connection keeps prepared, without their values.
pub fn not_kept(url: &str, statements: &[String]) -> Vec<String> {
    let log = log_of(url);
    let heard = log.lock().unwrap();
    let texts = statements
        .iter()
        .map(|statement| statement.split(" -- binds:").next().unwrap_or_default());
    texts
        .filter(|text| !heard.kept.contains(*text))
        .map(str::to_owned)
        .collect()
}
