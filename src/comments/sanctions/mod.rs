//! Sanctions: what a newsroom holds against an author beyond one comment, by account, e-mail, reader or
//! network, on the site or in a section, for a time or until it is lifted.
//!
//! [`model`] says what there is and how long it may last, [`store`] what holds against an author at a moment,
//! [`endpoints`] lets moderators impose, change and lift, as [`input`] reads it. Whom a sanction meets is known to
//! nobody but the database: a moderator names a comment, and its author's keys are taken from there.

pub mod endpoints;
mod input;
pub mod model;
pub mod store;
