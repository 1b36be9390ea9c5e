//! What must be known of whoever asks before their body is read: extractors run side by side, so the one that reads the
//! body waits for the one that checks the permission.

use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::Semaphore;

/// Who asks is being checked.
#[derive(Clone)]
pub struct Admission(Rc<Semaphore>);

impl Admission {
    /// Lets those who read the body of this request wait from now on.
    pub fn pending(request: &HttpRequest) -> Self {
        let admission = Self(Rc::new(Semaphore::new(0)));
        request.extensions_mut().insert(admission.clone());
        admission
    }

    /// The body may be read.
    pub fn grant(&self) {
        self.0.close();
    }

    /// What is being checked of whoever sent this request, where anything is.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Waits until the body may be read. Where it may not, the request has its answer, and this is dropped.
    pub async fn granted(self) {
        let _closed = self.0.acquire().await;
    }
}
