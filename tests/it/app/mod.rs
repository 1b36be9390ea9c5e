//! The server as a whole.

mod operations;
