//! What the house knows about people who comment, and how it forgets.
//!
//! - [`erase`]: a comment without its text and its author; the statements. [`retention`]: what is forgotten by itself.
//! - [`key_rotation`]: the keys of the hashes come and go.
//! - [`data_subject`]: whom a request is about, what is known about them, and how that is erased.
//! - [`requests`]: a reader asks by their token, or somebody by the token that the newsroom sent them. [`staff`]: the
//!   newsroom makes such a token, and sees what [`waiting`] does. [`store`]: requests that wait.

pub mod data_subject;
pub mod erase;
pub mod key_rotation;

pub mod requests;
pub mod retention;
pub mod staff;
pub mod store;
pub mod waiting;

crate::id_type! {
    /// The id of a request that waits.
    PrivacyRequestId
}

crate::word_type! {
    /// What somebody asks of the house about their data.
    PrivacyRequestKind {
        /// To be given all of it.
        Export = "export",
        /// That it is erased.
        Erase = "erase",
    }
}
