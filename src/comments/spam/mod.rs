//! How much a comment looks like those that moderators marked as spam: a naive Bayes that learns from
//! every decision, is off until it has seen enough, and says what weighed.
//!
//! Approving a comment teaches ham, marking it as spam teaches spam. Rejecting teaches nothing: an insult is no
//! advertisement, and its words are those of honest readers. A restored or erased comment is unlearned: the store only
//! adds and subtracts, so nothing of the comment stays. Tokens are stored as digests: the table names neither words nor
//! people, and the tokens that a score shows are those of the comment at hand.
//!
//! - [`model`]: tokens, weights, the score; pure. [`store`]: the counts. [`endpoints`]: what was learned so far.

pub mod endpoints;
pub mod model;
pub mod store;
#[cfg(test)]
mod tests;

pub use model::{BayesModel, SpamClass, SpamScore};
pub use store::{learn, load};
