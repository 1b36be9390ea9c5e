//! What the house knows about people who comment, and how it forgets.
//!
//! - [`erase`]: a comment without its text and its author; the statements. [`retention`]: what is forgotten by itself.
//! - [`keys`]: the keys of the hashes come and go.

pub mod erase;
pub mod keys;
pub mod retention;

crate::word_type! {
    /// What becomes of somebody's comments.
    ErasureMode {
        /// Text and author are erased; the place in the thread stays.
        Erase = "erase",
        /// The text stays, and nobody can tell who wrote it.
        Anonymise = "anonymise",
    }
}
