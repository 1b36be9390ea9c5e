//! The last step: HTML is sanitised, what then is empty goes, the number of blocks is kept within
//! the limit, blocks are numbered, and links follow the ids that they lead to.
//!
//! An article of more blocks than the limit keeps its first half as it is. Of the rest, paragraphs
//! join until all fits; then what is not text is counted as lost; at last text is.

use super::parts::paragraphs;
use crate::base::limits;
use crate::body::blocks::{Block, BlockId, follow_anchors, plain_text};
use crate::body::html::sanitise::{EmbedPolicy, PermittedMarkup, anchor};
use crate::body::html::text;
use crate::body::wordpress::LossCounter;

/// Blocks that stay as they are in an article of too many.
const BLOCKS_LEFT_ALONE: usize = limits::BLOCKS / 2;

/// Finishes the drafts.
pub fn finish(drafts: Vec<Block>, policy: &EmbedPolicy, losses: &mut LossCounter) -> Vec<Block> {
    let mut blocks: Vec<Block> = drafts.into_iter().map(|block| sanitised(block, policy)).collect();
    blocks.retain(|block| !is_empty(block, losses));
    let mut blocks = within_limit(blocks, losses);
    for (index, block) in blocks.iter_mut().enumerate() {
        block.set_id(BlockId::numbered(index + 1));
    }
    follow_anchors(&mut blocks);
    blocks
}

fn sanitised(mut block: Block, policy: &EmbedPolicy) -> Block {
    let inline = |html: &mut String| *html = PermittedMarkup::Inline.sanitise(html);
    match &mut block {
        Block::Paragraph(block) => inline(&mut block.html),
        Block::Heading(block) => block.anchor = block.anchor.as_deref().and_then(anchor),
        Block::Quote(block) => block.html = PermittedMarkup::Quote.sanitise(&block.html),
        Block::List(block) => {
            block
                .items
                .iter_mut()
                .for_each(|item| *item = PermittedMarkup::ListItem.sanitise(item));
            block.items.retain(|item| !item.is_empty());
        }
        Block::Table(block) => block
            .header
            .iter_mut()
            .chain(block.rows.iter_mut().flatten())
            .for_each(inline),
        Block::RawHtml(block) => block.html = policy.sanitise(&block.html),
        _ => {}
    }
    block
}

fn is_empty(block: &Block, losses: &mut LossCounter) -> bool {
    match block {
        Block::Paragraph(block) => text::of_html(&block.html).trim().is_empty(),
        Block::Quote(block) => text::of_html(&block.html).trim().is_empty() && block.attribution.is_none(),
        Block::List(block) => block.items.is_empty(),
        Block::RawHtml(block) if block.html.is_empty() => {
            losses.count("wp:html");
            true
        }
        _ => false,
    }
}

fn within_limit(mut blocks: Vec<Block>, losses: &mut LossCounter) -> Vec<Block> {
    if blocks.len() <= limits::BLOCKS {
        return blocks;
    }
    losses.count("article_of_too_many_blocks");
    let tail = joined(blocks.split_off(BLOCKS_LEFT_ALONE));
    let tail = match BLOCKS_LEFT_ALONE + tail.len() <= limits::BLOCKS {
        true => tail,
        false => joined(text_alone(tail, losses)),
    };
    blocks.extend(tail);
    for block in blocks.drain(limits::BLOCKS.min(blocks.len())..) {
        losses.count(&format!("over_limit:{}", block.kind()));
    }
    blocks
}

/// Joins paragraphs that follow each other, as far as a block reaches.
fn joined(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut used = 0;
    for block in blocks {
        if let (Some(Block::Paragraph(before)), Block::Paragraph(next)) = (out.last_mut(), &block) {
            let length = next.html.chars().count();
            if used + length + limits::CAPTION < limits::BLOCK {
                used += length + 8;
                before.html.extend(["<br><br>", &next.html]);
                continue;
            }
        }
        used = match &block {
            Block::Paragraph(block) => block.html.chars().count(),
            _ => 0,
        };
        out.push(block);
    }
    out
}

/// The text of all blocks as paragraphs; blocks without text are counted.
fn text_alone(blocks: Vec<Block>, losses: &mut LossCounter) -> Vec<Block> {
    let mut out = Vec::new();
    for block in blocks {
        if matches!(block, Block::Paragraph(_)) {
            out.push(block);
            continue;
        }
        losses.count(&format!("over_limit:{}", block.kind()));
        out.extend(paragraphs(&plain_text(std::slice::from_ref(&block))));
    }
    out
}
