//! What is public, beside the articles themselves.

mod packages;
mod previews;
mod repress;
