//! An article's life: what can be done with it in which state ([`table`], the only place that
//! decides), and the actions themselves. Nothing but these changes what readers see.
//!
//! Each action is a request that [`run`] takes through the same steps: who asks, is it the version
//! they read, does the table allow it, act, write the audit. [`review`]: submit, approve. [`mod@publish`]:
//! publish and where it goes. [`mod@refusals`]: what it is refused for. [`correct`]: publish with a notice.
//! [`withdraw`]: unpublish, retract. [`mod@kill`]: take down for good. [`trash`]: throw away and restore. [`copy`]: duplicate, translate.
//! [`bulk`]: one action on many. [`schedule`]: let publish or unpublish wait for its moment, and take that back.

mod bulk;
mod copy;
mod correct;
mod kill;
mod publish;
mod refusals;
mod review;
mod run;
mod schedule;
pub mod table;
mod trash;
mod withdraw;

pub use correct::CorrectRequest;
pub use kill::{KillRequest, kill};
pub use publish::{Publication, PublishRequest, publish};
pub use refusals::refusals;
pub use run::ActionRequest;
pub use table::{Action, Standing, allowed_to, check_permitted, check_possible};
pub use withdraw::{RetractRequest, unpublish};

/// Mounts the actions.
pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    review::routes(cfg);
    publish::routes(cfg);
    correct::routes(cfg);
    withdraw::routes(cfg);
    kill::routes(cfg);
    trash::routes(cfg);
    copy::routes(cfg);
    schedule::routes(cfg);
    bulk::routes(cfg);
}
