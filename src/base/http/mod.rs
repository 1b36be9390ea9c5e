//! What every feature needs of HTTP, and nothing of any feature.
//!
//! - [`body`], [`fields`]: a JSON body into a type, every error with its pointer.
//! - [`query`], [`path`]: query strings and path ids into types.
//! - [`page`]: keyset pages and their signed cursors.
//! - [`conditional`]: `If-Match`, ETags, 304 and the cache headers of delivery.
//! - [`idempotency`] has `Idempotency-Key`.
//! - [`problem`]: errors as `application/problem+json` in the reader's language.
//! - [`middleware`]: request ids, the access log, limits, HEAD and 405.
//! - [`client`]: who is calling: address behind trusted proxies, reader token.

pub mod body;
pub mod client;
pub mod conditional;
pub mod fields;
pub mod idempotency;
pub mod middleware;
pub mod origin;
pub mod page;
pub mod path;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod responses;
pub mod route_table;
