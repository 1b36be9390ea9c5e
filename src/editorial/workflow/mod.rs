//! An article's life: what can be done with it in which state ([`table`], the only place that decides), and the actions
//! themselves. Nothing else changes what readers see.
//!
//! Each action is a request that [`run`] takes through the same steps: who asks, is it the version they read, does the
//! table allow it, act, write the audit. [`review`]: submit, approve. [`mod@publish`]: publish; [`publication`] says
//! where it goes. [`mod@refusals`]: why a publish is refused. [`correct`]: publish with a notice. [`withdraw`]:
//! unpublish, retract. [`mod@kill`]: take down for good ([`withdrawal`] does both). [`trash`]: throw away and restore.
//! [`copy`]: duplicate, translate. [`bulk`]: one action on many. [`mod@arrivals`]: many that are made live as they are made. [`schedule`]: let publish or unpublish wait for its
//! moment, and take that back.

pub mod arrivals;
pub mod bulk;
pub mod copy;
pub mod correct;
pub mod kill;
pub mod publication;
pub mod publish;
mod refusals;
pub mod review;
mod run;
pub mod schedule;
pub mod table;
pub mod trash;
pub mod withdraw;
pub mod withdrawal;

pub use arrivals::{Arrival, ArrivalTimings, publish_arrivals};
pub use correct::CorrectRequest;
pub use kill::KillRequest;
pub use publication::{Publication, publish};
pub use publish::PublishRequest;
pub use refusals::refusals;
pub use run::ActionRequest;
pub use table::{Action, ActionFacts, allowed_to, check_permitted, check_possible};
pub use withdraw::RetractRequest;
pub use withdrawal::{kill, unpublish};
