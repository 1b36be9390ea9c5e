//! Redirects.
