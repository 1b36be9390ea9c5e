//! Chunked bodies that nobody reads to their end: left alone, the connection would be read for as long as its client
//! sends. Their answer holds them, so that the connection is closed after it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::Stream;

/// The body of a request, for its handler and for its answer.
#[derive(Clone)]
pub struct SharedPayload(Rc<RefCell<PayloadState>>);

struct PayloadState {
    payload: Payload,
    has_ended: bool,
}

impl SharedPayload {
    /// Shares the body of a request that says nothing of its length; others have none, or an end.
    pub fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return None;
        }
        let shared = Self(Rc::new(RefCell::new(PayloadState {
            payload: request.take_payload(),
            has_ended: false,
        })));
        request.set_payload(Payload::Stream {
            payload: Box::pin(shared.clone()),
        });
        Some(shared)
    }

    /// Lets the answer hold what was not read to its end.
    pub fn close_after(self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        if self.0.borrow().has_ended {
            return response;
        }
        response.map_body(|_, body| BoxBody::new(BodyBeforeClose { body, _unread: self }))
    }
}

impl Stream for SharedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.borrow_mut();
        let polled = Pin::new(&mut state.payload).poll_next(context);
        state.has_ended |= matches!(polled, Poll::Ready(None));
        polled
    }
}

struct BodyBeforeClose {
    body: BoxBody,
    _unread: SharedPayload,
}

impl MessageBody for BodyBeforeClose {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
