//! One builder for each answer: who asks for what is being made waits for it. Not the cache's own way to wait, by which the
//! next one builds where nothing came to be kept: of what is an error all would build in turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::kept_answer::KeptAnswer;

/// What came of building an answer.
#[derive(Clone)]
pub enum FlightOutcome {
    /// It can be sent to others too.
    Kept(Arc<KeptAnswer>),
    /// It is for who asked, or an error: everybody asks for themselves.
    NotKept,
    /// The builder's client left.
    Abandoned,
}

type Waiting = watch::Receiver<Option<FlightOutcome>>;

/// The answers that are being made.
#[derive(Default)]
pub struct Flights(Mutex<HashMap<Box<str>, Waiting>>);

/// How a request takes part.
pub enum Boarding<'f> {
    /// It builds the answer.
    Builder(Flight<'f>),
    /// It waits.
    Passenger(Waiting),
}

/// The building of an answer; where it is dropped, the next one builds.
pub struct Flight<'f> {
    flights: &'f Flights,
    key: Box<str>,
    outcome: watch::Sender<Option<FlightOutcome>>,
}

impl Flights {
    /// Takes part in making an answer.
    pub fn board(&self, key: &str) -> Boarding<'_> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = flights.get(key) {
            return Boarding::Passenger(waiting.clone());
        }
        let (outcome, waiting) = watch::channel(None);
        flights.insert(key.into(), waiting);
        Boarding::Builder(Flight {
            flights: self,
            key: key.into(),
            outcome,
        })
    }
}

impl Flight<'_> {
    /// Tells those who wait. The answer is kept already, if it is: who comes now finds it.
    pub fn land(self, outcome: FlightOutcome) {
        // Nobody may wait.
        self.outcome.send_replace(Some(outcome));
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.remove(&self.key);
    }
}

/// Waits for what the builder makes.
pub async fn arrival(mut waiting: Waiting) -> FlightOutcome {
    match waiting.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(FlightOutcome::Abandoned),
        Err(_) => FlightOutcome::Abandoned,
    }
}
