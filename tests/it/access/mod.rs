//! Who comes in, and who may what.

mod accounts;
mod api_tokens;
