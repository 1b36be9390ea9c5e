//! Who may do what, and who did what.
//!
//! - [`auth`]: roles, permissions, tokens, and [`Desk`](auth::Desk), which a handler names in its signature.
//! - [`accounts`]: logging in, one's own account, everybody's accounts.
//! - [`api_tokens`]: what machines show in place of a password, kept by its owners.
//! - [`audit`]: who did what, when and from where. [`change_log`]: who changed which member, for `If-Match`.
//!   [`editing`]: both together, for things that are edited as a whole.
//! - [`entitlements`]: what a reader may read whole, as the site's own login says it.

pub mod accounts;
pub mod api_tokens;
pub mod audit;
pub mod auth;
pub mod change_log;
pub mod editing;
pub mod entitlements;
