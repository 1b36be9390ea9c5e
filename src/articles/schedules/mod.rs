//! Acts that wait for their moment: a publish or an unpublish of an article, at a local time in a named zone. Here are
//! their types ([`model`]) and statements ([`store`]); what editors send and see, and the scheduler, are in
//! [`crate::editorial::schedule`].
//!
//! Its life: an editor schedules it, which freezes the working copy as a revision; the UTC moment is fixed then
//! ([`crate::base::zone`]). When the moment has come, the first instance whose scheduler sees it acts, exactly once:
//! that revision goes live, whatever was edited since. If an embargo still holds, the act is blocked until it is over.
//!
//! At most one publish and one unpublish wait for an article. An editor who publishes, unpublishes or throws away by
//! hand cancels them ([`store::cancel`]); so does an import that takes the article off.

pub mod model;
pub mod store;

crate::id_type! {
    /// A schedule's id.
    ScheduleId
}
