//! Word lists: words that a newsroom does not want in comments, or wants to see first.
//!
//! - [`fold`](fold()): text as it is meant to be read. [`model`]: the [`WordMatcher`](model::WordMatcher), pure.
//! - [`store`]: the statements, and [`WordLists`], which keeps the matcher of the active lists.
//! - [`endpoints`]: the moderators' side. [`input`]: what is sent.

pub mod endpoints;
mod fold;
pub mod input;
pub mod model;
pub mod store;
#[cfg(test)]
mod tests;

pub use fold::{fold, lookalike};
pub use store::WordLists;

crate::id_type! {
    /// A word list's id.
    WordListId
}
