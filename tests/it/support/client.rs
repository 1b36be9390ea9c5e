//! [`Client`]: somebody who sends requests, an editor with a token or a reader without one.
//!
//! ```ignore
//! admin.post("/v1/editorial/tags", json!({"kind": "topic", "label": "Mali"})).await.expect(201);
//! admin.patch("/v1/editorial/site", 0, json!({"name": "Le Fanal"})).await; // If-Match: "v0"
//! let ids = guest.walk("/v1/articles?section=/news", 7).await; // page by page
//! guest.request(Method::GET, "/v1/articles").header("if-none-match", etag).send().await.expect(304);
//! ```
//!
//! Each answer is held against the contract as it arrives.

use std::future::poll_fn;
use std::io::Read;

use actix_http::Request;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use diesel::prelude::*;
use flate2::read::GzDecoder;
use masthead::access::auth::SessionId;
use masthead::base::db::schema::sessions;
use masthead::base::ids::UserId;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::contract;

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    pub(super) app: TestApp,
    pub token: Option<String>,
    pub user_id: Option<UserId>,
}

/// A request that is not sent yet.
pub struct Asking {
    client: Client,
    request: TestRequest,
}

/// Things that a walk meets at most: a cursor that leads round in a circle is told.
const LONGEST_WALK: usize = 100_000;

impl Client {
    pub(super) fn new(app: &TestApp, token: Option<String>, user_id: Option<UserId>) -> Self {
        Self {
            app: app.clone(),
            token,
            user_id,
        }
    }

    /// A request, to which headers and a body may be added before it is sent.
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

    /// A new API token of this user's with these scopes: its id, and who shows it.
    pub async fn api_token(&self, scopes: Value) -> (String, Self) {
        let body = json!({"name": "Robot", "scopes": scopes});
        let made = self.post("/v1/editorial/tokens", body).await.expect(201);
        let id = made.json["info"]["id"].as_str().unwrap().to_owned();
        (id, self.with_token(made.member("token")))
    }

    /// The same user with a new access token: for tests that move the clock.
    pub fn renewed(&self) -> Self {
        let user = self.user_id.unwrap();
        let session: SessionId = self
            .app
            .db()
            .read_blocking(|conn| {
                Ok(sessions::table
                    .filter(sessions::user_id.eq(user))
                    .select(sessions::id)
                    .first(conn)?)
            })
            .unwrap();
        Self {
            token: Some(self.app.state.keys.issue(user, session, self.app.now()).unwrap()),
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// What is told behind an event, one piece after the other, until it is dropped.
    pub async fn follow(&self, last_event_id: Option<&str>) -> (u16, std::pin::Pin<Box<BoxBody>>) {
        let mut request = TestRequest::get().uri("/v1/stream");
        if let Some(id) = last_event_id {
            request = request.insert_header(("last-event-id", id));
        }
        let response = (self.app.call)(request.to_request()).await.unwrap();
        (response.status().as_u16(), Box::pin(response.into_body()))
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

    /// A request with an `Idempotency-Key`.
    pub async fn once(&self, path: &str, version: Option<i64>, key: &str, body: Value) -> Answer {
        let asking = self.request(Method::POST, path).header("idempotency-key", key);
        let asking = match version {
            Some(version) => asking.if_match(version),
            None => asking,
        };
        asking.json(body).send().await
    }

    /// The version of an editable thing.
    pub async fn version_of(&self, path: &str) -> i64 {
        self.get(path).await.expect(200).json["version"].as_i64().unwrap()
    }

    /// Every id of a list, page by page.
    pub async fn walk(&self, path: &str, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self
                .get(&format!("{path}{joint}limit={limit}{cursor}"))
                .await
                .expect(200);
            ids.extend(page.items("id"));
            let next = page.json["page"]["next_cursor"].as_str();
            assert_eq!(page.json["page"]["has_more"], next.is_some());
            let Some(next) = next else { return ids };
            cursor = format!("&cursor={next}");
            assert!(ids.len() < LONGEST_WALK, "{path} has no end");
        }
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

    /// `If-Match: "v<version>"`.
    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"v{version}\""))
    }

    pub fn json(self, body: Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// A body of any media type.
    pub fn bytes(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
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
        // A stream of events has no end: its beginning is looked at.
        let is_endless = response
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind == "text/event-stream");
        let bytes = match is_endless {
            true => {
                let mut body = Box::pin(response.into_body());
                let first = poll_fn(|context| body.as_mut().poll_next(context)).await;
                // Of HEAD there is none.
                first.map(Result::unwrap).unwrap_or_default()
            }
            false => to_bytes(response.into_body()).await.unwrap(),
        };
        let mut text = String::new();
        if headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
            GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        } else {
            text.push_str(str::from_utf8(&bytes).unwrap());
        }
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            json,
        }
    }
}
