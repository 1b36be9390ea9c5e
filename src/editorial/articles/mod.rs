//! Working copies at the desk: [`working_copy`] makes, reads, changes and deletes one, [`desk`] lists and searches
//! them.
//!
//! [`input`] reads what editors send, [`sent_back`] what they only read, [`saving`] writes it, [`view`] is what they get back. [`validate`] says what
//! would stop a publish, [`unshown_blocks`] what the site may not show of a body, [`suspects`] lists copies whose text looks broken, [`stale_references`] says what can be taken
//! from an older content.

pub mod desk;
pub mod saving;
pub mod stale_references;

pub mod input;
pub mod sent_back;
pub mod suspects;
pub mod unshown_blocks;

pub mod validate;
pub mod view;
pub mod working_copy;
