//! A server that does nothing but answer: the ceiling that `scripts/bench` measures beside. It answers
//! `/0`, `/1`… with the bytes of the files that it is given.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer, get};

#[get("/{number}")]
async fn answer(files: Data<Vec<Bytes>>, number: Path<usize>) -> HttpResponse {
    match files.get(*number) {
        Some(bytes) => HttpResponse::Ok().content_type("application/json").body(bytes.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let files = arguments.map(|name| std::fs::read(name).map(Bytes::from));
    let files = Data::new(files.collect::<std::io::Result<Vec<Bytes>>>()?);
    HttpServer::new(move || App::new().app_data(files.clone()).service(answer))
        .bind(address)?
        .run()
        .await
}
