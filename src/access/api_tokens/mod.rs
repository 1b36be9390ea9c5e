//! API tokens, kept: made by their owners, listed, rotated, revoked. What one is worth when it comes with a request is
//! said in [`crate::access::auth::api_token`].
//!
//! A token is told once, when it is made or rotated; only its digest is stored. Its scopes never change: whoever needs
//! others makes another. It ends when it expires, is revoked, or its owner is disabled, and never lives again.
//!
//! - [`endpoints`]: everybody's own tokens, and for admins all. [`acts`]: what the audit is told. [`store`]: the statements.

pub mod acts;
pub mod endpoints;
pub mod store;
