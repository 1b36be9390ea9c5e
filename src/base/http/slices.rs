//! Long answers, handed over slice by slice: a connection copies what it is given to send, and keeps the copy for as long
//! as its client does not read. A client that reads too slowly loses its connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::web::Bytes;

/// Bytes of a slice.
const SLICE: usize = 32 * 1024;
/// How long a client is watched before its pace counts. From then on it must have taken a byte for each millisecond.
const PACE_TIME: Duration = Duration::from_secs(60);

/// Lets an answer that is longer than two slices be copied one slice at a time.
pub fn in_slices(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let is_long = |body: &BoxBody| matches!(body.size(), BodySize::Sized(length) if length > 2 * SLICE as u64);
    if !is_long(response.response().body()) {
        return response;
    }
    response.map_body(|_, body| {
        BoxBody::new(SlicedBody {
            body,
            rest: Bytes::new(),
            begun: Instant::now(),
            taken: 0,
        })
    })
}

struct SlicedBody {
    body: BoxBody,
    /// What of the last piece has not been handed over.
    rest: Bytes,
    /// Since when the pace is measured.
    begun: Instant,
    /// Bytes that were handed over since then: nothing more is asked for until most of them are read.
    taken: usize,
}

impl MessageBody for SlicedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let watched = self.begun.elapsed();
        if watched >= PACE_TIME {
            if (self.taken as u128) < watched.as_millis() {
                return Poll::Ready(Some(Err("the client reads too slowly".into())));
            }
            (self.begun, self.taken) = (Instant::now(), 0);
        }
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                other => return other,
            }
        }
        let length = self.rest.len().min(SLICE);
        self.taken += length;
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use actix_web::HttpResponse;
    use actix_web::test::TestRequest;

    use super::*;

    async fn pieces(body: Vec<u8>) -> Vec<Bytes> {
        let response = TestRequest::default().to_srv_response(HttpResponse::Ok().body(body));
        let mut body = in_slices(response).into_body();
        let mut pieces = Vec::new();
        while let Some(piece) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            pieces.push(piece.unwrap());
        }
        pieces
    }

    #[actix_web::test]
    async fn a_long_answer_is_handed_over_in_slices_and_whole() {
        for length in [0, 1, 2 * SLICE, 2 * SLICE + 1, 5 * SLICE, 5 * SLICE + 7] {
            let body: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let pieces = pieces(body.clone()).await;
            assert_eq!(pieces.concat(), body, "{length}");
            let longest = pieces.iter().map(Bytes::len).max().unwrap_or_default();
            assert!(
                longest <= if length > 2 * SLICE { SLICE } else { 2 * SLICE },
                "{length}: {longest}"
            );
        }
    }

    #[actix_web::test]
    async fn a_client_that_takes_too_little_in_a_minute_loses_its_answer() {
        for (seconds, taken, goes_on) in [
            (59, 0, true),
            (60, 59_999, false),
            (61, 65_000, true),
            (600, 65_000, false),
            (600, 700_000, true),
        ] {
            let mut body = Box::pin(SlicedBody {
                body: BoxBody::new("text"),
                rest: Bytes::new(),
                begun: Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap(),
                taken,
            });
            let piece = poll_fn(|context| body.as_mut().poll_next(context)).await.unwrap();
            assert_eq!(piece.is_ok(), goes_on, "{taken} bytes in {seconds} s");
        }
    }
}
