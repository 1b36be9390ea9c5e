//! The end of a server's life: it says that it will stop, goes on answering, and counts what it could not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether the server is about to stop, and how many requests it works on. Clones share it.
#[derive(Clone, Default)]
pub struct Drain(Arc<DrainState>);

#[derive(Default)]
struct DrainState {
    has_begun: AtomicBool,
    open: AtomicUsize,
    unanswered: AtomicUsize,
}

impl Drain {
    /// From now on `/readyz` is 503, and each answer closes its connection.
    pub fn begin(&self) {
        self.0.has_begun.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to stop.
    pub fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::Relaxed)
    }

    /// Counts a request, until what is returned is dropped.
    pub fn enter(&self) -> OpenRequest {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        OpenRequest {
            drain: self.clone(),
            is_answered: false,
        }
    }

    /// The requests that had no answer: those still open, and those that ended without one since [`Drain::begin`],
    /// because their clients left or time was over.
    pub fn unanswered(&self) -> usize {
        self.0.open.load(Ordering::Relaxed) + self.0.unanswered.load(Ordering::Relaxed)
    }
}

/// A request that the server works on.
pub struct OpenRequest {
    drain: Drain,
    is_answered: bool,
}

impl OpenRequest {
    /// It has its answer; whether that must close the connection.
    pub fn answered(mut self) -> bool {
        self.is_answered = true;
        self.drain.has_begun()
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if !self.is_answered && self.drain.has_begun() {
            self.drain.0.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        self.drain.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Drain;

    #[test]
    fn what_ends_without_an_answer_after_the_drain_began_is_counted() {
        let drain = Drain::default();
        drop(drain.enter());
        let (answered, open, gone) = (drain.enter(), drain.enter(), drain.enter());
        assert!(!drain.enter().answered());
        drain.begin();
        assert!(answered.answered());
        drop(gone);
        assert_eq!(drain.unanswered(), 2);
        drop(open);
        assert_eq!(drain.unanswered(), 2);
    }
}
