//! What every feature needs of HTTP, and nothing of any feature.
//!
//! - [`body`], [`fields`], [`value_reader`]: a JSON body into a type, every error with its pointer.
//! - [`body_type`], [`query_type`], [`list_type`], [`variants`]: bodies, parameters, pages and unions, declared member by
//!   member.
//! - [`query`], [`path`]: query strings and path ids into types.
//! - [`page`]: keyset pages and their signed cursors.
//! - [`conditional`]: `If-Match`, ETags and the cache headers of delivery.
//! - [`coding`]: which content coding a client gets. [`packed_answer`]: answers with files that are in the binary.
//! - [`idempotency`] has `Idempotency-Key`.
//! - [`problem`]: errors as `application/problem+json` in the reader's language.
//! - [`middleware`]: request ids (`request_id` makes them), the access log, limits, HEAD and 405.
//! - [`admission`]: the permission comes before the body.
//! - [`drain`]: whether the server is about to stop. [`unread`]: bodies that nobody reads to their end. [`slices`]: long
//!   answers, and clients that do not read them.
//! - [`rate_limit`]: the headers of a limit.
//! - [`client`]: who is calling: address behind trusted proxies, reader token.

pub mod admission;
pub mod body;
pub mod body_type;
pub mod client;
pub mod coding;
pub mod conditional;
pub mod drain;
pub mod fields;
pub mod idempotency;
pub mod list_type;
pub mod middleware;
pub mod origin;
pub mod packed_answer;
pub mod page;
pub mod path;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod query_type;
pub mod rate_limit;
mod request_id;
pub mod responses;
pub mod route_table;
pub mod slices;
pub mod unread;
pub mod value_reader;
pub mod variants;
