//! A twin that keeps no answers: asked what the first was asked, it must say the same. With `MASTHEAD_TEST_TWIN` set every
//! public answer of every test is compared so.

use actix_http::Request;
use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};
use serde_json::Value;

/// Whether the answer to this request is compared.
pub fn is_compared(request: &Request) -> bool {
    let head = request.head();
    let path = head.uri.path();
    let is_own = [
        "/v1/editorial",
        "/v1/captcha",
        "/livez",
        "/readyz",
        "/docs",
        "/problems",
        "/openapi",
    ];
    head.method == Method::GET && !is_own.iter().any(|own| path.starts_with(own))
}

/// The same request again.
pub fn again(request: &Request) -> Request {
    let head = request.head();
    let mut same = TestRequest::with_uri(&head.uri.to_string()).method(head.method.clone());
    for (name, value) in head.headers() {
        same = same.append_header((name.clone(), value.clone()));
    }
    if let Some(peer) = head.peer_addr {
        same = same.peer_addr(peer);
    }
    same.to_request()
}

/// Others may write between the two questions; what is kept too long stays different.
const TRIES: usize = 20;

/// Asks both, and gives back what the first said; before each question it `follows` what others wrote.
pub async fn compare(
    first: &impl Service<Request, Response = ServiceResponse, Error = Error>,
    twin: &impl Service<Request, Response = ServiceResponse, Error = Error>,
    request: Request,
    follow: impl Fn(),
) -> Result<ServiceResponse, Error> {
    let asked = request.head().uri.to_string();
    let mut tries = 0;
    loop {
        tries += 1;
        follow();
        let answer = first.call(again(&request)).await?;
        if matches!(answer.response().body().size(), BodySize::Stream) {
            // It is made while it is sent, and never kept.
            return Ok(answer);
        }
        let (answer, body) = read(answer).await;
        let (expected, expected_body) = read(twin.call(again(&request)).await?).await;
        let said = (
            answer.status(),
            headers(answer.headers()),
            without_counts(&answer, &body),
        );
        let expected = (
            expected.status(),
            headers(expected.headers()),
            without_counts(&expected, &expected_body),
        );
        if said == expected || tries == TRIES {
            assert_eq!(said, expected, "{asked}");
            let (request, head) = answer.into_parts();
            return Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(body))));
        }
    }
}

async fn read(response: ServiceResponse) -> (ServiceResponse, Bytes) {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.unwrap_or_default();
    let head: HttpResponse = head.set_body(BoxBody::new(()));
    (ServiceResponse::new(request, head), bytes)
}

/// What both must say alike. An answer that is kept is coded better, and its ETag is of the bytes, in which the numbers
/// of comments may be a little old.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let own = ["x-request-id", "etag", "content-encoding", "content-length"];
    let mut all: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    all.sort();
    all
}

/// The answer without what may be a little old, and what is of one request alone; nothing where it is compressed.
fn without_counts(answer: &ServiceResponse, body: &[u8]) -> Value {
    if answer.headers().contains_key("content-encoding") {
        return Value::Null;
    }
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("comment_count");
                members.remove("request_id");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    match serde_json::from_slice(body) {
        Ok(mut value) => {
            strip(&mut value);
            value
        }
        Err(_) => Value::String(String::from_utf8_lossy(body).into_owned()),
    }
}
