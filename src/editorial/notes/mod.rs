//! Internal notes: what colleagues tell each other about an article, or about one of its blocks.
//!
//! Whoever may read an article reads its notes; its author changes and deletes a note, anybody at the desk resolves it
//! and opens it again. A note stays when its block is deleted, and then says so. Notes are for the desk alone: nothing
//! that readers get comes from this table.

pub mod endpoints;
mod model;
pub mod store;

pub use model::{ArticleNote, Note};

crate::id_type! {
    /// A note's id.
    NoteId
}

crate::word_type! {
    /// Whether a note is settled.
    NoteState {
        /// Somebody has still to see to it.
        Open = "open",
        /// It is settled.
        Resolved = "resolved",
    }
}
