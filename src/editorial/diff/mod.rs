//! What differs between two contents: members ([`fields`]), blocks ([`blocks`]), and the words in both ([`words`]).
//! Pure, and bounded: see [`Budget`].
//!
//! Everything here reads as a change from the first content to the second: removing what is removed
//! and inserting what is inserted makes the one into the other.

mod blocks;
mod fields;
mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::model::Content;
use crate::body::blocks::{Block, BlockId};

crate::word_type! {
    /// What became of a piece of text.
    SpanKind {
        /// It stands in both.
        Equal = "equal",
        /// It stands in the new text only.
        Inserted = "inserted",
        /// It stood in the old text only.
        Removed = "removed",
    }
}

/// A piece of a text that changed. The equal and the removed ones in a row are the old text, the
/// equal and the inserted ones the new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextSpan {
    /// What became of it.
    pub kind: SpanKind,
    /// The piece: whole words, marks and white space.
    #[schema(max_length = 120000)]
    pub text: String,
}

/// A member of the content that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// Which one: a JSON pointer (RFC 6901) into the content, such as `/title` or `/seo/title`.
    pub pointer: String,
    /// What stood there, as text: `true` for a flag that was set; null where there was nothing.
    #[schema(max_length = 2048)]
    pub old: Option<String>,
    /// What stands there now.
    #[schema(max_length = 2048)]
    pub new: Option<String>,
    /// Word by word, where it is text that people write; else empty.
    pub spans: Vec<TextSpan>,
}

/// A list of the content that changed: tags, bylines, sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListChange {
    /// Which one: a JSON pointer into the content, such as `/tag_ids`.
    pub pointer: String,
    /// The ids that stood there, in order.
    #[schema(max_items = 1000)]
    pub old: Vec<String>,
    /// The ids that stand there now, in order.
    #[schema(max_items = 1000)]
    pub new: Vec<String>,
    /// Those of them that are new.
    #[schema(max_items = 1000)]
    pub added: Vec<String>,
    /// Those that are gone.
    #[schema(max_items = 1000)]
    pub removed: Vec<String>,
    /// Whether those that stayed stand in another order.
    pub is_reordered: bool,
}

crate::word_type! {
    /// What became of a block.
    BlockChangeKind {
        /// It is new.
        Added = "added",
        /// It is gone.
        Removed = "removed",
        /// It stands elsewhere, as it was.
        Moved = "moved",
        /// It is not as it was; it may also stand elsewhere.
        Changed = "changed",
    }
}

/// A block that changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BlockChange {
    /// What became of it.
    pub kind: BlockChangeKind,
    /// The block's id: the new one where it has another.
    pub block_id: BlockId,
    /// Where it stood, counted from 0; null where it is new.
    pub old_position: Option<i32>,
    /// Where it stands now; null where it is gone.
    pub new_position: Option<i32>,
    /// Whether it stands elsewhere among the blocks that stayed.
    pub is_moved: bool,
    /// The block's members that differ, where it is changed.
    pub members: Vec<String>,
    /// Its text word by word, a line for each paragraph, item, cell or caption; empty where the text
    /// is as it was.
    pub spans: Vec<TextSpan>,
    /// Whether the text was too much to be compared word by word: it is given as removed and inserted
    /// whole.
    pub is_coarse: bool,
    /// The block as it was; null where it is new.
    pub old: Option<Block>,
    /// The block as it is; null where it is gone.
    pub new: Option<Block>,
}

/// All that differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentDiff {
    /// Members that are no lists.
    pub fields: Vec<FieldChange>,
    /// Lists of ids.
    pub lists: Vec<ListChange>,
    /// Blocks, in the order in which a reader of both would meet them.
    pub blocks: Vec<BlockChange>,
}

impl ContentDiff {
    /// Whether the two are the same.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.lists.is_empty() && self.blocks.is_empty()
    }
}

/// How much is compared word by word, since comparing costs more than reading. Each text costs the bytes between its
/// first and its last difference; when too little is left for a text, it is shown as replaced whole. So the time for
/// two contents is bounded, and the same two always get the same answer.
struct Budget(usize);

impl Budget {
    /// Bytes of both texts: about 35,000 words of each that are not where they were.
    const BYTES: usize = 400_000;

    fn pay(&mut self, bytes: usize) -> bool {
        let rest = self.0.checked_sub(bytes);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

/// What makes `old` into `new`.
pub fn diff(old: &Content, new: &Content) -> ContentDiff {
    let mut budget = Budget(Budget::BYTES);
    let (fields, lists) = fields::diff(old, new, &mut budget);
    ContentDiff {
        fields,
        lists,
        blocks: blocks::diff(&old.blocks, &new.blocks, &mut budget),
    }
}
