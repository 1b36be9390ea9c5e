//! Answers that are kept: in which forms they are sent, and that none is older than what was written.

mod addresses;
mod forms;
mod life;
pub mod plays;

use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;

use crate::support::TestApp;

/// An answer as bytes, in whatever coding it has.
struct RawAnswer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl RawAnswer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn asking(path: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = TestRequest::get().uri(path);
    for (name, value) in headers {
        request = request.insert_header((*name, *value));
    }
    request.to_request()
}

async fn ask(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> RawAnswer {
    let response = (app.call)(asking(path, headers)).await.unwrap();
    let (_, response) = response.into_parts();
    RawAnswer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: to_bytes(response.into_body()).await.unwrap(),
    }
}

/// How many answers were made and kept so far.
fn made(app: &TestApp) -> u64 {
    counted(app, "masthead_cache_answers_total{outcome=\"made\"}")
}

/// What a counter of the metrics says.
fn counted(app: &TestApp, name: &str) -> u64 {
    let text = String::from_utf8(app.state.metrics.to_text().unwrap()).unwrap();
    let count = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    count.map_or(0, |count| count.parse().unwrap())
}
