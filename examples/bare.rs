//! A server that does nothing but answer: the ceiling that `scripts/bench` measures beside. It answers `/0`, `/1`… with
//! the status, the headers and the bytes of the answers that it is given: files that begin with a line of the status and
//! one for each header, and after an empty line have the body.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer, get};

/// An answer that is sent as it is.
struct GivenAnswer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl GivenAnswer {
    fn read(name: &str) -> std::io::Result<Self> {
        let bytes = Bytes::from(std::fs::read(name)?);
        let invalid = || std::io::Error::other(format!("{name} is no answer"));
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").ok_or_else(invalid)?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| invalid())?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.parse().ok()).ok_or_else(invalid)?;
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let headers: Option<Vec<_>> = lines.map(header).collect();
        Ok(Self {
            status,
            headers: headers.ok_or_else(invalid)?,
            body: bytes.slice(end + 2..),
        })
    }
}

#[get("/{number}")]
async fn answer(answers: Data<Vec<GivenAnswer>>, number: Path<usize>) -> HttpResponse {
    let Some(given) = answers.get(*number) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::build(given.status);
    for header in &given.headers {
        response.insert_header(header.clone());
    }
    response.body(given.body.clone())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let answers = arguments.map(|name| GivenAnswer::read(&name));
    let answers = Data::new(answers.collect::<std::io::Result<Vec<GivenAnswer>>>()?);
    HttpServer::new(move || App::new().app_data(answers.clone()).service(answer))
        .bind(address)?
        .run()
        .await
}
