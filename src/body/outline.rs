//! A body in outline: what an answer needs to know about it without its text.

use serde::{Deserialize, Serialize};

use super::article_type::ArticleType;
use crate::base::ids::{ArticleId, ContributorId, TagId};

/// The body in outline: from it advertisements are placed without touching a block.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outline {
    /// Whether there is to be no advertisement.
    pub is_ad_free: bool,
    /// The blocks, in order.
    pub items: Vec<OutlineItem>,
    /// Articles that the body points to.
    pub interlinks: Vec<ArticleId>,
    /// With a preview form from which blocks were cut: the words of these.
    #[serde(default)]
    pub hidden_words: Option<usize>,
    /// Articles that an editor chose to go with it.
    #[serde(default)]
    pub related: Vec<ArticleId>,
    /// What it is about: more articles are found by it.
    #[serde(default)]
    pub tag_ids: Vec<TagId>,
    /// Who signs it.
    #[serde(default)]
    pub contributor_ids: Vec<ContributorId>,
    /// What kind of article it is: the rules of advertisements ask for it.
    #[serde(default)]
    pub article_type: Option<ArticleType>,
}

/// One step of the outline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutlineItem {
    /// A block that is shown.
    Block {
        /// Its id.
        id: String,
        /// Its type.
        block_type: String,
        /// Its words.
        words: usize,
    },
    /// A slot that an editor placed by hand.
    AdSlot {
        /// The slot's key.
        slot: String,
    },
}
