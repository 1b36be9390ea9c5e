//! What a text is made of, whoever writes or reads it.
//!
//! - [`blocks`]: the typed body of an article. [`outline`]: the same without its text. [`article_type`]: what kind of
//!   article it makes.
//! - [`html`]: HTML sanitised, rendered, read as text. [`wordpress`]: foreign HTML turned into blocks.
//! - [`image`]: a picture, in a block or above an article. [`providers`]: the sites whose pages are embedded.

pub mod article_type;
pub mod blocks;
pub mod html;
pub mod image;
pub mod outline;
pub mod providers;
pub mod wordpress;
