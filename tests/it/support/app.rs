//! [`TestApp`]: the whole application in process, on a database of its own, with a clock that stands still.
//!
//! ```ignore
//! let app = TestApp::new().await; // or with_site(&settings)
//! let (admin, guest) = (app.admin(), app.guest());
//! let editor = app.user_in(Role::SectionEditor, &section);
//! app.clock.advance_seconds(60);
//! let second = app.another_instance().await;
//! ```

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request;
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::init_service;
use masthead::access::auth::password::Passwords;
use masthead::access::auth::store::{self, Session};
use masthead::access::auth::throttle::LoginThrottle;
use masthead::access::auth::token::TokenKeys;
use masthead::access::auth::token_uses::{REQUESTS_A_MINUTE, TokenUses};
use masthead::access::auth::{Grant, Role, SessionId};
use masthead::access::entitlements::keys::EntitlementKeys;
use masthead::app::{self, AppState};
use masthead::articles::revisions::packing::unpack;
use masthead::base::clock::{Clock, Time};
use masthead::base::db::dump::{TABLES, read_table};
use masthead::base::db::{DatabaseUrl, Db, PoolSizes};
use masthead::base::http::client::TrustedProxies;
use masthead::base::http::conditional::CachePolicy;
use masthead::base::http::drain::Drain;
use masthead::base::http::middleware::EditorialOrigins;
use masthead::base::http::public_url::PublicUrl;
use masthead::base::ids::{SectionId, UserId};
use masthead::base::jobs::{self, JobId};
use masthead::base::limits::FRAGMENT_BYTES;
use masthead::base::metrics::Metrics;
use masthead::base::outgoing::guard::AllowedNetworks;
use masthead::base::secrets::Secrets;
use masthead::comments::captcha::{Captcha, CaptchaSettings};
use masthead::comments::names::HouseNameCache;
use masthead::comments::words::WordLists;
use masthead::delivery::cache::ResponseCache;
use masthead::events::changes::ChangeRetention;
use masthead::events::changes::stream_places::StreamPlaces;
use masthead::published::FragmentCache;
use masthead::published::most_read::ViewCounter;
use masthead::site::frame::FrameCache;
use masthead::site::settings::{self, Site};
use serde_json::Value;

use super::client::Client;
use super::database::TestDatabase;
use super::newsroom::section_id;
use super::{statements, twin};

/// The moment at which every test begins.
pub const START: &str = "2026-11-23T08:00:00.000Z";
/// The password of every test user.
pub const PASSWORD: &str = "une phrase de passe";
/// Where readers find the site.
pub const PUBLIC_URL: &str = "https://www.lefanal.test";
/// The bytes of answers that an instance keeps.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// Seconds of a day.
pub const DAY: i64 = 24 * 3_600;

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

/// The application under test.
#[derive(Clone)]
pub struct TestApp {
    pub call: Rc<dyn Fn(Request) -> Answering>,
    pub state: AppState,
    pub clock: Clock,
    /// The operations that were called and succeeded.
    pub called: Rc<RefCell<BTreeSet<String>>>,
    /// Whether statements are counted: a twin's would count too.
    is_counted: Rc<Cell<bool>>,
    /// Whether another instance writes to the database.
    has_others: Rc<Cell<bool>>,
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
        db.deaths().trust_alone();
        let secrets = Secrets::generate().unwrap();
        let metrics = Metrics::new().unwrap();
        let cache_policy = CachePolicy {
            shared_seconds: 30,
            revalidate_seconds: 30,
            error_seconds: 300,
        };
        let drain = Drain::default();
        let state = AppState {
            keys: TokenKeys::load(&db, secrets.clone(), "http://masthead.test".to_owned()).unwrap(),
            passwords: Passwords::weak_for_tests().unwrap(),
            entitlements: EntitlementKeys::default(),
            captcha: Captcha::new(CaptchaSettings::None, &secrets).unwrap(),
            secrets,
            throttle: LoginThrottle::new(&clock),
            token_uses: TokenUses::new(REQUESTS_A_MINUTE, &clock),
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            house_names: HouseNameCache::default(),
            views: ViewCounter::default(),
            fragments: FragmentCache::new(FRAGMENT_BYTES),
            cache: ResponseCache::new(CACHE_BYTES, db.clone(), cache_policy, &metrics),
            cache_policy,
            stream_places: StreamPlaces::new(drain.clone()),
            change_retention: ChangeRetention::default(),
            outgoing_allow: AllowedNetworks::default(),
            public_url: PublicUrl::new(PUBLIC_URL.to_owned()),
            proxies: TrustedProxies::default(),
            origins: EditorialOrigins(vec!["https://desk.lefanal.test".to_owned()]),
            metrics,
            drain,
            routes: app::routes::table().unwrap(),
            db,
        };
        Self::from_state(state, clock, Rc::new(database), Rc::default()).await
    }

    async fn from_state(state: AppState, clock: Clock, database: Rc<TestDatabase>, has_others: Rc<Cell<bool>>) -> Self {
        let (followed, deaths) = (has_others.clone(), state.db.clone());
        let counted: Rc<Cell<bool>> = Rc::default();
        let is_counted = counted.clone();
        let twin = match std::env::var_os("MASTHEAD_TEST_TWIN") {
            Some(_) => Some(Rc::new(init_service(app::application(&uncached(&state))).await)),
            None => None,
        };
        let service = Rc::new(init_service(app::application(&state)).await);
        let call = Rc::new(move |request: Request| -> Answering {
            let (service, twin, is_counted) = (service.clone(), twin.clone(), is_counted.clone());
            let (followed, deaths) = (followed.clone(), deaths.clone());
            let follow = move || {
                if followed.get() {
                    deaths.follow_deaths().unwrap();
                }
            };
            follow();
            Box::pin(async move {
                let twin = twin
                    .as_ref()
                    .filter(|_| !is_counted.get() && twin::is_compared(&request));
                match twin {
                    Some(twin) => twin::compare(&*service, &**twin, request, follow).await,
                    None => service.call(request).await,
                }
            })
        });
        Self {
            call,
            state,
            clock,
            called: Rc::default(),
            has_others,
            is_counted: counted,
            _database: database,
        }
    }

    /// The same site, asking for this captcha.
    pub async fn asking_for(&self, settings: CaptchaSettings) -> Self {
        let captcha = Captcha::new(settings, &self.state.secrets).unwrap();
        let state = AppState {
            captcha,
            cache: self.new_cache(self.db()),
            ..self.state.clone()
        };
        self.with_state(state).await
    }

    /// The same site, knowing these keys of readers' entitlements.
    pub async fn trusting(&self, keys: &Value) -> Self {
        let state = AppState {
            entitlements: EntitlementKeys::load(&keys.to_string()).unwrap(),
            cache: self.new_cache(self.db()),
            ..self.state.clone()
        };
        self.with_state(state).await
    }

    /// The same site, letting API tokens send what these say.
    pub async fn limiting_tokens(&self, token_uses: TokenUses) -> Self {
        let state = AppState {
            token_uses,
            ..self.state.clone()
        };
        self.with_state(state).await
    }

    /// The same site, which may send webhooks into these networks.
    pub async fn reaching(&self, networks: &[&str]) -> Self {
        let state = AppState {
            outgoing_allow: AllowedNetworks(networks.iter().map(|network| network.parse().unwrap()).collect()),
            ..self.state.clone()
        };
        self.with_state(state).await
    }

    /// The same site on the same connections, keeping no answers.
    pub async fn without_cache(&self) -> Self {
        self.with_state(uncached(&self.state)).await
    }

    /// The same site on the same connections, keeping no answers, but what they show.
    pub async fn without_answers(&self) -> Self {
        let state = AppState {
            fragments: FragmentCache::new(FRAGMENT_BYTES),
            ..uncached(&self.state)
        };
        self.with_state(state).await
    }

    fn new_cache(&self, db: &Db) -> ResponseCache {
        ResponseCache::new(CACHE_BYTES, db.clone(), self.state.cache_policy, &self.state.metrics)
    }

    async fn with_state(&self, state: AppState) -> Self {
        let database = self._database.clone();
        Self::from_state(state, self.clock.clone(), database, self.has_others.clone()).await
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
        // From now on both read what the other wrote before they answer.
        self.has_others.set(true);
        let state = AppState {
            fragments: FragmentCache::new(FRAGMENT_BYTES),
            cache: self.new_cache(&db),
            db,
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            house_names: HouseNameCache::default(),
            views: ViewCounter::default(),
            ..self.state.clone()
        };
        self.with_state(state).await
    }

    /// Every row of every table, with the table's name.
    pub fn rows(&self) -> Vec<(&'static str, Value)> {
        let mut rows = Vec::new();
        self.db()
            .read_blocking(|conn| {
                // What caches, followers and webhooks are told is not content.
                let told = [
                    "cache_deaths",
                    "changes",
                    "change_feeds",
                    "events",
                    "webhook_deliveries",
                ];
                for table in TABLES.iter().filter(|table| !told.contains(&table.name)) {
                    read_table::<masthead::base::error::Error>(conn, table, |row| {
                        rows.push((table.name, unpacked(serde_json::from_str(row).unwrap())));
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

    /// Of the statements of `work`, those that no connection keeps prepared, without their values.
    pub async fn statements_not_kept<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let (value, asked) = self.statements_of(work).await;
        (value, statements::not_kept(&self.address(), &asked))
    }

    fn address(&self) -> String {
        match &self._database.url {
            DatabaseUrl::Sqlite(path) => path.to_string_lossy().into_owned(),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// Runs `work`, and says what the database was asked meanwhile.
    pub async fn statements_of<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        self.is_counted.set(true);
        let counted = statements::statements_of(&self.address(), work).await;
        self.is_counted.set(false);
        counted
    }

    /// A job that waits, and would do nothing.
    pub fn waiting_job(&self) -> JobId {
        let now = self.now();
        self.db()
            .write_blocking(move |conn| {
                jobs::enqueue(
                    conn,
                    "repress_gated",
                    &serde_json::json!({"subject_id": "", "after": null}),
                    now,
                )?;
                Ok(jobs::list(conn, None, None, 1)?.remove(0).id)
            })
            .unwrap()
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

/// The same site on the same connections, keeping neither answers nor what they show.
fn uncached(state: &AppState) -> AppState {
    AppState {
        fragments: FragmentCache::new(0),
        cache: ResponseCache::new(0, state.db.clone(), state.cache_policy, &state.metrics),
        ..state.clone()
    }
}

/// A revision's row with what is packed in it as its content, so that a text is found there.
fn unpacked(mut row: Value) -> Value {
    let packed = row["packed"].as_str().and_then(|hex| hex.strip_prefix("\\x"));
    if let Some(hex) = packed {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        row["content"] = Value::String(unpack(&bytes).unwrap());
    }
    row
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
