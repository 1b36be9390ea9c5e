//! [`TestApp`]: the whole application in process, on a database of its own, with a clock that stands
//! still; [`Client`] speaks to it as somebody.

pub mod contract;
pub mod database;
pub mod newsroom;
pub mod statements;
pub mod xml;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::OnceLock;

use actix_http::Request;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use actix_web::{App, Error};
use masthead::access::auth::password::Passwords;
use masthead::access::auth::store::{self, Session};
use masthead::access::auth::throttle::LoginThrottle;
use masthead::access::auth::token::TokenKeys;
use masthead::access::auth::{Grant, Role, SessionId};
use masthead::app::{self, AppState};
use masthead::base::clock::{Clock, Time};
use masthead::base::db::dump::{TABLES, read_table};
use masthead::base::db::{Db, PoolSizes};
use masthead::base::http::client::TrustedProxies;
use masthead::base::http::conditional::CachePolicy;
use masthead::base::http::middleware::{EditorialOrigins, edge};
use masthead::base::http::public_url::PublicUrl;
use masthead::base::ids::{SectionId, UserId};
use masthead::base::metrics::Metrics;
use masthead::base::secrets::Secrets;
use masthead::comments::captcha::{Captcha, CaptchaSettings};
use masthead::comments::words::WordLists;
use masthead::openapi::{self, Documents};
use masthead::site::frame::FrameCache;
use masthead::site::settings::{self, Site};
use serde_json::{Value, json};

/// The moment at which every test begins.
pub const START: &str = "2026-11-23T08:00:00.000Z";
/// The password of every test user.
pub const PASSWORD: &str = "une phrase de passe";

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

/// The application under test.
#[derive(Clone)]
pub struct TestApp {
    call: Rc<dyn Fn(Request) -> Answering>,
    pub state: AppState,
    pub clock: Clock,
    /// The operations that were called and succeeded.
    pub called: Rc<RefCell<BTreeSet<String>>>,
    // Dropped last: the database goes when nobody uses it any more.
    _database: Rc<database::TestDatabase>,
}

/// The documents are the same for every test and take a while to make.
pub fn documents() -> &'static Documents {
    static DOCUMENTS: OnceLock<Documents> = OnceLock::new();
    DOCUMENTS.get_or_init(|| openapi::documents().unwrap())
}

/// A document as JSON.
pub fn document(face: &str) -> Value {
    let text = if face == "delivery" {
        &documents().delivery
    } else {
        &documents().editorial
    };
    serde_json::from_str(text).unwrap()
}

impl TestApp {
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

    /// A site without content.
    pub async fn new() -> Self {
        Self::with_site(&Site::default()).await
    }

    /// A site of these settings, without content.
    pub async fn with_site(settings: &Site) -> Self {
        let database = database::TestDatabase::new();
        let clock = Clock::pinned(Time::parse(START).unwrap());
        let db = Db::open(
            &database.url,
            PoolSizes {
                connections: 10,
                write_queue: 1024,
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
            captcha: Captcha::new(CaptchaSettings::None, &secrets).unwrap(),
            secrets,
            throttle: LoginThrottle::new(&clock),
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            cache_policy: CachePolicy {
                shared_seconds: 30,
                revalidate_seconds: 30,
                error_seconds: 300,
            },
            public_url: PublicUrl("https://www.lefanal.test".to_owned()),
            proxies: TrustedProxies::default(),
            origins: EditorialOrigins(vec!["https://desk.lefanal.test".to_owned()]),
            metrics: Metrics::new().unwrap(),
            routes: app::routes::table().unwrap(),
            db,
        };
        Self::from_state(state, clock, Rc::new(database)).await
    }

    async fn from_state(state: AppState, clock: Clock, database: Rc<database::TestDatabase>) -> Self {
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

    /// A second instance on the same database: its own caches, its own connections.
    pub async fn another_instance(&self) -> Self {
        let db = Db::open(
            &self._database.url,
            PoolSizes {
                connections: 4,
                write_queue: 64,
            },
            self.clock.clone(),
        )
        .unwrap();
        let state = AppState {
            db,
            frames: FrameCache::default(),
            word_lists: WordLists::default(),
            ..self.state.clone()
        };
        Self::from_state(state, self.clock.clone(), self._database.clone()).await
    }

    /// The bytes of an SQLite database and its log.
    pub fn database_bytes(&self) -> Option<Vec<u8>> {
        let masthead::base::db::DatabaseUrl::Sqlite(path) = &self._database.url else {
            return None;
        };
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
        Some(bytes)
    }

    /// Runs `work`, and says what the database was asked meanwhile.
    pub async fn statements_of<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let url = match &self._database.url {
            masthead::base::db::DatabaseUrl::Sqlite(path) => path.to_string_lossy().into_owned(),
            masthead::base::db::DatabaseUrl::Postgres(url) => url.clone(),
        };
        statements::statements_of(&url, work).await
    }

    pub fn db(&self) -> &Db {
        &self.state.db
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Somebody without a token.
    pub fn guest(&self) -> Client {
        Client {
            app: self.clone(),
            token: None,
            user_id: None,
        }
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
        Client {
            app: self.clone(),
            token: Some(token),
            user_id: Some(user_id),
        }
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

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    app: TestApp,
    pub token: Option<String>,
    pub user_id: Option<UserId>,
}

/// A request on its way.
pub struct Asking {
    client: Client,
    request: TestRequest,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Client {
    pub fn request(&self, method: Method, path: &str) -> Asking {
        let mut request = TestRequest::default().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        Asking {
            client: self.clone(),
            request,
        }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// The pieces in which an answer is sent.
    pub async fn pieces(&self, path: &str) -> Vec<Bytes> {
        let response = (self.app.call)(TestRequest::get().uri(path).to_request())
            .await
            .unwrap();
        let mut body = Box::pin(response.into_body());
        let mut pieces = Vec::new();
        while let Some(piece) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            pieces.push(piece.unwrap());
        }
        pieces
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path).json(body).send().await
    }

    /// PATCH with `If-Match: "v<version>"`.
    pub async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        self.request(Method::PATCH, path)
            .if_match(version)
            .json(body)
            .send()
            .await
    }

    /// POST of an action with `If-Match: "v<version>"`.
    pub async fn act(&self, path: &str, version: i64, body: Value) -> Answer {
        self.request(Method::POST, path)
            .if_match(version)
            .json(body)
            .send()
            .await
    }

    /// DELETE with `If-Match: "v<version>"`.
    pub async fn delete(&self, path: &str, version: i64) -> Answer {
        self.request(Method::DELETE, path).if_match(version).send().await
    }

    /// Makes a section; its id.
    pub async fn section(&self, label: &str, parent: Option<&str>) -> String {
        let body = json!({"label": label, "parent_id": parent});
        self.post("/v1/editorial/sections", body).await.expect(201).id()
    }

    /// Makes a tag; its id.
    pub async fn tag(&self, label: &str) -> String {
        self.post("/v1/editorial/tags", json!({"kind": "topic", "label": label}))
            .await
            .expect(201)
            .id()
    }

    /// Makes a contributor; the id.
    pub async fn contributor(&self, name: &str) -> String {
        self.post("/v1/editorial/contributors", json!({"name": name}))
            .await
            .expect(201)
            .id()
    }

    /// Makes a draft with a title in a section; its id.
    pub async fn draft(&self, title: &str, section: &str) -> String {
        let body = json!({"locale": "fr", "title": title, "section_id": section,
            "blocks": [{"type": "paragraph", "html": "Un paragraphe."}]});
        self.post("/v1/editorial/articles", body).await.expect(201).id()
    }

    /// Publishes an article as it stands; the answer.
    pub async fn publish(&self, id: &str) -> Answer {
        let version = self.version_of(&format!("/v1/editorial/articles/{id}")).await;
        self.act(
            &format!("/v1/editorial/articles/{id}/actions/publish"),
            version,
            json!({}),
        )
        .await
    }

    /// Makes an article and publishes it; its id.
    pub async fn published(&self, title: &str, section: &str) -> String {
        let id = self.draft(title, section).await;
        self.publish(&id).await.expect(200);
        id
    }

    /// The version of an editable thing.
    pub async fn version_of(&self, path: &str) -> i64 {
        self.get(path).await.expect(200).json["version"].as_i64().unwrap()
    }
}

impl Asking {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    /// The same from an address; without one, whoever asks is in the one network of requests made in process.
    pub fn at_address(mut self, address: [u8; 4]) -> Self {
        self.request = self.request.peer_addr((address, 1).into());
        self
    }

    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"v{version}\""))
    }

    pub fn json(self, body: Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    pub fn bytes(mut self, content_type: &str, body: impl Into<actix_web::web::Bytes>) -> Self {
        self.request = self
            .request
            .insert_header(("content-type", content_type))
            .set_payload(body.into());
        self
    }

    /// Sends it, reads the answer and holds it against the document.
    pub async fn send(self) -> Answer {
        let request = self.request.to_request();
        let (method, path) = (request.method().clone(), request.path().to_owned());
        let answer = Self::receive(&self.client.app, request).await;
        let operation = contract::find(method.as_str(), &path);
        let is_routed = ![405, 431, 500].contains(&answer.status) && method != Method::HEAD;
        if let Some(operation) = operation.filter(|_| is_routed) {
            let broken = operation.broken_promises(&answer);
            assert!(broken.is_empty(), "{}: {broken:#?}\n{}", operation.id, answer.text);
            if answer.status < 400 {
                self.client.app.called.borrow_mut().insert(operation.id.clone());
            }
        }
        answer
    }

    async fn receive(app: &TestApp, request: Request) -> Answer {
        let result = (app.call)(request).await;
        let response = match result {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            json,
        }
    }
}

impl Answer {
    /// The answer, if its status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Checks that it is a problem of this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.json["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        for member in ["type", "title", "status", "detail", "instance", "request_id"] {
            assert!(!self.json[member].is_null(), "{member} is missing: {}", self.text);
        }
        self
    }

    /// Checks that it is a 422 with exactly these pointers and field codes, in any order.
    #[track_caller]
    pub fn invalid(self, expected: &[(&str, &str)]) -> Self {
        assert_eq!(self.status, 422, "{}", self.text);
        let mut found: Vec<(String, String)> = self.json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                (
                    error["pointer"].as_str().unwrap().to_owned(),
                    error["code"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let mut expected: Vec<(String, String)> = expected
            .iter()
            .map(|(p, c)| ((*p).to_owned(), (*c).to_owned()))
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id: {}", self.text))
            .to_owned()
    }

    /// One member of each item of a list.
    #[track_caller]
    pub fn items(&self, member: &str) -> Vec<String> {
        let items = self.json["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items: {}", self.text));
        items
            .iter()
            .map(|item| item[member].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
