//! What all the rest builds on; no feature is named here.
//!
//! - [`ids`], [`words`]: the types of ids and of closed sets of words. [`error`], [`codes`], [`phrases`]: every error
//!   that a client can see, in both languages.
//! - [`limits`]: every limit on input. [`clock`]: the time, from one place. [`zone`]: the clocks of places, by their
//!   names ([`zone_name`]). [`month`]: months as they count them.
//! - [`text`]: plain text, French, broken encodings. [`slug`], [`key`], [`locale`], [`email`]: short names and how they
//!   are read. [`surrogate_key`]: what answers show, by name.
//! - [`db`]: two databases with one interface. [`http`]: bodies, queries, pages, problems. [`secrets`]: keys and
//!   digests.
//! - [`outgoing`]: the one client that asks other servers.
//! - [`jobs`]: a queue of work. [`metrics`]: counters. [`log_queue`]: where lines of the log wait.
//!   [`packed`]: files in the binary.

pub mod clock;
pub mod codes;
pub mod db;
pub mod email;
pub mod error;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod key;
pub mod limits;
pub mod locale;
pub mod log_queue;
pub mod metrics;
pub mod month;
pub mod outgoing;
pub mod packed;
pub mod phrases;
pub mod secrets;
pub mod slug;
pub mod surrogate_key;
pub mod text;
pub mod words;
pub mod zone;
pub mod zone_name;
