//! [`TestApp`]: the whole application in process, on a database of its own, with a clock that stands still.
//!
//! ```ignore
//! let app = TestApp::new().await; // or with_site(&settings)
//! let (admin, guest) = (app.admin(), app.guest());
//! let editor = app.user_in(Role::SectionEditor, &section);
//! app.clock.advance_seconds(60);
//! let second = app.another_instance().await;
//! ```

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::test::init_service;
use actix_web::{App, Error};
use masthead::access::auth::password::Passwords;
use masthead::access::auth::store::{self, Session};
use masthead::access::auth::throttle::LoginThrottle;
use masthead::access::auth::token::TokenKeys;
use masthead::access::auth::{Grant, Role, SessionId};
use masthead::access::entitlements::keys::EntitlementKeys;
use masthead::app::{self, AppState};
use masthead::base::clock::{Clock, Time};
use masthead::base::db::dump::{TABLES, read_table};
use masthead::base::db::{DatabaseUrl, Db, PoolSizes};
use masthead::base::http::client::TrustedProxies;
use masthead::base::http::conditional::CachePolicy;
use masthead::base::http::drain::Drain;
use masthead::base::http::middleware::{EditorialOrigins, edge};
use masthead::base::http::public_url::PublicUrl;
use masthead::base::ids::{SectionId, UserId};
use masthead::base::metrics::Metrics;
use masthead::base::secrets::Secrets;
use masthead::comments::captcha::{Captcha, CaptchaSettings};
use masthead::comments::names::HouseNameCache;
use masthead::comments::words::WordLists;
use masthead::published::most_read::ViewCounter;
use masthead::site::frame::FrameCache;
use masthead::site::settings::{self, Site};
use serde_json::Value;

use super::client::Client;
use super::database::TestDatabase;
use super::newsroom::section_id;
use super::statements;

/// The moment at which every test begins.
pub const START: &str = "2026-11-23T08:00:00.000Z";
/// The password of every test user.
pub const PASSWORD: &str = "une phrase de passe";
/// Where readers find the site.
pub const PUBLIC_URL: &str = "https://www.lefanal.test";
/// Seconds of a day.
pub const DAY: i64 = 24 * 3_600;

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

/// The application under test.
#[derive(Clone)]
pub struct TestApp {
    pub(super) call: Rc<dyn Fn(Request) -> Answering>,
    pub state: AppState,
    pub clock: Clock,
    /// The operations that were called and succeeded.
    pub called: Rc<RefCell<BTreeSet<String>>>,
    // Dropped last: the database goes when nobody uses it any more.
    _database: Rc<TestDatabase>,
}

impl TestApp {
    /// A site without content.
    pub async fn new() -> Self {
        Self::with_site(&Site::default()).await
    }

    /// A site of these settings, without content.
    pub async fn with_site(settings: &Site) -> Self {
        let database = TestDatabase::new();
        let clock = Clock::pinned(Time::parse(START).unwrap());
        let db = Db::open(
            &database.url,
            PoolSizes {
                connections: 10,
                write_queue: 1024,
                ..PoolSizes::default()
            },
            clock.clone(),
        )
        .unwrap();
        if *settings != Site::default() {
            let settings = settings.clone();
            db.write_blocking(move |conn| settings::insert(conn, &settings))
                .unwrap();
        }
        let secrets = Secrets::generate().unwrap();
        let state = AppState {
            keys: TokenKeys::load(&db, secrets.clone(), "http://masthead.test".to_owned()).unwrap(),
            passwords: Passwords::weak_for_tests().unwrap(),
            entitlements: EntitlementKeys::default(),
            captcha: Captcha::new(CaptchaSettings::None, &secrets).unwrap(),
            secrets,
            throttle: LoginThrottle::new(&clock),
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            house_names: HouseNameCache::default(),
            views: ViewCounter::default(),
            cache_policy: CachePolicy {
                shared_seconds: 30,
                revalidate_seconds: 30,
                error_seconds: 300,
            },
            public_url: PublicUrl(PUBLIC_URL.to_owned()),
            proxies: TrustedProxies::default(),
            origins: EditorialOrigins(vec!["https://desk.lefanal.test".to_owned()]),
            metrics: Metrics::new().unwrap(),
            drain: Drain::default(),
            routes: app::routes::table(),
            db,
        };
        Self::from_state(state, clock, Rc::new(database)).await
    }

    async fn from_state(state: AppState, clock: Clock, database: Rc<TestDatabase>) -> Self {
        let mounted = state.clone();
        let app = App::new()
            .wrap(from_fn(edge))
            .configure(move |cfg| app::mount(cfg, &mounted));
        let service = Rc::new(init_service(app).await);
        let call = Rc::new(move |request: Request| -> Answering {
            let service = service.clone();
            Box::pin(async move { service.call(request).await })
        });
        Self {
            call,
            state,
            clock,
            called: Rc::default(),
            _database: database,
        }
    }

    /// The same site, asking for this captcha.
    pub async fn asking_for(&self, settings: CaptchaSettings) -> Self {
        let captcha = Captcha::new(settings, &self.state.secrets).unwrap();
        let state = AppState {
            captcha,
            ..self.state.clone()
        };
        Self::from_state(state, self.clock.clone(), self._database.clone()).await
    }

    /// The same site, knowing these keys of readers' entitlements.
    pub async fn trusting(&self, keys: &Value) -> Self {
        let state = AppState {
            entitlements: EntitlementKeys::load(&keys.to_string()).unwrap(),
            ..self.state.clone()
        };
        Self::from_state(state, self.clock.clone(), self._database.clone()).await
    }

    /// A second instance on the same database: its own caches, its own connections.
    pub async fn another_instance(&self) -> Self {
        let db = Db::open(
            &self._database.url,
            PoolSizes {
                connections: 4,
                write_queue: 64,
                ..PoolSizes::default()
            },
            self.clock.clone(),
        )
        .unwrap();
        let state = AppState {
            db,
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            house_names: HouseNameCache::default(),
            views: ViewCounter::default(),
            ..self.state.clone()
        };
        Self::from_state(state, self.clock.clone(), self._database.clone()).await
    }

    /// Every row of every table, with the table's name.
    pub fn rows(&self) -> Vec<(&'static str, Value)> {
        let mut rows = Vec::new();
        self.db()
            .read_blocking(|conn| {
                for table in TABLES {
                    read_table::<masthead::base::error::Error>(conn, table, |row| {
                        rows.push((table.name, serde_json::from_str(row).unwrap()));
                        Ok(())
                    })?;
                }
                Ok(())
            })
            .unwrap();
        rows
    }

    /// Where the database is.
    pub fn database_url(&self) -> &DatabaseUrl {
        &self._database.url
    }

    /// The bytes of an SQLite database and its log.
    pub fn database_bytes(&self) -> Option<Vec<u8>> {
        let DatabaseUrl::Sqlite(path) = &self._database.url else {
            return None;
        };
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
        Some(bytes)
    }

    /// Runs `work`, and says what the database was asked meanwhile.
    pub async fn statements_of<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let url = match &self._database.url {
            DatabaseUrl::Sqlite(path) => path.to_string_lossy().into_owned(),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        statements::statements_of(&url, work).await
    }

    /// The database, for what no request shows.
    pub fn db(&self) -> &Db {
        &self.state.db
    }

    /// What the clock says.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Somebody without a token.
    pub fn guest(&self) -> Client {
        Client::new(self, None, None)
    }

    /// A new user of this role, logged in.
    pub fn user(&self, role: Role) -> Client {
        self.user_with(vec![grant(role, None, None)])
    }

    /// A new admin, logged in.
    pub fn admin(&self) -> Client {
        self.user(Role::Admin)
    }

    /// A new user with these grants, logged in.
    pub fn user_with(&self, grants: Vec<Grant>) -> Client {
        let now = self.now();
        let digest = self.state.passwords.digest_blocking(PASSWORD).unwrap();
        let email = format!("user-{}@lefanal.test", UserId::new());
        let user = masthead::access::accounts::provisioning::new_user(&email, "Awa Kossou", digest, now);
        let (user_id, session_id) = (user.id, SessionId::new());
        self.db()
            .write_blocking(move |conn| {
                store::insert(conn, &user, &grants)?;
                let session = Session {
                    id: session_id,
                    user_id,
                    user_agent: None,
                    created_at: now,
                    last_used_at: now,
                    expires_at: now.plus_seconds(90 * 24 * 3600),
                    ended_at: None,
                    end_reason: None,
                    has_second_factor: false,
                };
                store::insert_session(
                    conn,
                    &session,
                    &format!("digest of {session_id}"),
                    now.plus_seconds(3600),
                )
            })
            .unwrap();
        let token = self.state.keys.issue(user_id, session_id, now).unwrap();
        Client::new(self, Some(token), Some(user_id))
    }

    /// A new user with one role in one section.
    pub fn user_in(&self, role: Role, section: &str) -> Client {
        self.user_with(vec![grant(role, Some(section_id(section)), None)])
    }
}

/// A grant of a role, in a section and a locale or everywhere.
pub fn grant(role: Role, section_id: Option<SectionId>, locale: Option<&str>) -> Grant {
    Grant {
        role,
        section_id,
        locale: locale.map(str::to_owned),
        section_path: None,
    }
}
