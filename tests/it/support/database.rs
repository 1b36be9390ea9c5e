//! A database per test: a copy of a migrated file on SQLite, a copy of a migrated template on PostgreSQL. `TestApp` has
//! one; a test of the binary, or of the database itself, makes its own.
//!
//! ```ignore
//! let database = TestDatabase::new(); // it goes when the value goes
//! let db = Db::open(&database.url, sizes, clock).unwrap();
//! let Some(server) = postgres_server() else { return }; // a test for PostgreSQL alone
//! ```

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use masthead::base::db::{DatabaseUrl, migrations};
use tempfile::TempDir;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A database that goes with its test.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    _dir: Option<TempDir>,
    name: Option<String>,
}

/// The server to test on, where there is one.
#[expect(clippy::disallowed_methods, reason = "a test has no config")]
pub fn postgres_server() -> Option<String> {
    std::env::var("MASTHEAD_TEST_DATABASE_URL").ok()
}

impl TestDatabase {
    /// A migrated database without content.
    pub fn new() -> Self {
        super::statements::hear();
        match postgres_server() {
            Some(server) => Self::postgres(&server),
            None => Self::sqlite(),
        }
    }

    /// A database without tables.
    pub fn without_schema() -> Self {
        match postgres_server() {
            Some(server) => Self::postgres_copy(&server, "template1"),
            None => Self::sqlite_file(&[]),
        }
    }

    fn sqlite() -> Self {
        static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let dir = TempDir::new().unwrap();
            let path = dir.path().join("template.db");
            migrations::run(&DatabaseUrl::Sqlite(path.clone())).unwrap();
            std::fs::read(path).unwrap()
        });
        Self::sqlite_file(template)
    }

    fn sqlite_file(content: &[u8]) -> Self {
        let dir = TempDir::new().unwrap();
        let path: PathBuf = dir.path().join("masthead.db");
        std::fs::write(&path, content).unwrap();
        Self {
            url: DatabaseUrl::Sqlite(path),
            _dir: Some(dir),
            name: None,
        }
    }

    fn postgres(server: &str) -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let name = format!("masthead_template_{}", std::process::id());
            run(server, &format!("CREATE DATABASE {name}"));
            migrations::run(&DatabaseUrl::Postgres(with_name(server, &name))).unwrap();
            name
        });
        Self::postgres_copy(server, template)
    }

    fn postgres_copy(server: &str, template: &str) -> Self {
        let name = format!(
            "masthead_test_{}_{}",
            std::process::id(),
            COUNTER.fetch_add(1, Ordering::SeqCst)
        );
        run(server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self {
            url: DatabaseUrl::Postgres(with_name(server, &name)),
            _dir: None,
            name: Some(name),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let (Some(name), Some(server)) = (&self.name, postgres_server()) {
            run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// The server's URL with another database.
pub fn with_name(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// Two copies of one template at once are refused: one at a time.
fn run(server: &str, sql: &str) {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    PgConnection::establish(server).unwrap().batch_execute(sql).unwrap();
}
