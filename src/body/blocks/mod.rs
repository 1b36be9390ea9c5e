//! The body of an article: a list of typed blocks.
//!
//! - [`model`] has the types;
//! - [`read`] takes them out of a JSON body, saying what is wrong with it;
//! - [`text`] answers questions about them: their text, their words, their links;
//! - [`anchors`] has the links that lead to a place in the same body;
//! - [`ids`] has the identifiers.

mod anchors;
mod ids;
mod model;
mod read;
mod text;

#[cfg(test)]
mod tests;

pub use anchors::follow_anchors;
pub use ids::BlockId;
pub use model::{
    AdSlotBlock, AudioBlock, Block, DividerBlock, EmbedBlock, FactBoxBlock, GalleryBlock, HeadingBlock, ImageBlock,
    InterlinkBlock, ListBlock, ParagraphBlock, PullquoteBlock, QuoteBlock, RawHtmlBlock, TableBlock, VideoBlock,
};
pub use read::block_list;
pub use text::{interlinks, is_empty_body, plain_text, raw_html_changes, word_count};

pub use super::html::sanitise::EmbedPolicy;
