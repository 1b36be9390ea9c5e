//! Figures, captions and galleries: blocks that belong to the text around them.

use super::convert::Converter;
use super::media::picture;
use super::parts::{draft_id, paragraph, paragraphs, plain};
use crate::base::limits;
use crate::body::blocks::{Block, GalleryBlock, PullquoteBlock};
use crate::body::html::tokens::ElementTag;
use crate::body::html::{escape, text};
use crate::body::image::Image;

impl<'s> Converter<'_, 's> {
    /// A figure: what is in it, with the caption on it.
    pub(super) fn figure(&mut self, node: usize, tag: &ElementTag<'s>) {
        let tree = self.tree;
        let is_caption = |child: &usize| tree.name(*child) == "figcaption";
        let content = tree.children(node).filter(|child| !is_caption(child));
        let mut blocks = self.inside(|inner| content.for_each(|child| inner.node(child)));
        let captions: Vec<usize> = tree.children(node).filter(is_caption).collect();
        let (caption, rest) = self.caption(&captions);
        if tag.has_class(|class| class == "wp-block-pullquote") {
            blocks = blocks.into_iter().map(pullquote).collect();
        }
        if tag.has_class(|class| class.contains("gallery")) {
            blocks = galleries(blocks);
        }
        let unplaced = attach(&mut blocks, caption);
        self.emit(blocks);
        self.emit(unplaced);
        self.emit(rest);
    }

    /// The text of captions; the blocks in them that are no text.
    fn caption(&mut self, captions: &[usize]) -> (String, Vec<Block>) {
        let mut lines = Vec::new();
        let mut others = Vec::new();
        for caption in captions {
            if self
                .tree
                .find(*caption, &|tag| tag.name == "a" && tag.attribute("href").is_some())
                .is_some()
            {
                self.losses.count("caption_link");
            }
            let (text, rest) = plain(self.inside(|inner| inner.with_autop(false, |inner| inner.children(*caption))));
            lines.push(text);
            others.extend(rest);
        }
        (lines.join("\n").trim().to_owned(), others)
    }

    /// `[caption]`: a picture, and text that is its caption.
    pub(super) fn captioned(&mut self, node: usize, attribute: Option<String>) {
        let blocks = self.inside(|inner| inner.children(node));
        let (text, mut rest) = plain(blocks);
        let caption = if text.is_empty() {
            attribute.unwrap_or_default()
        } else {
            text
        };
        let unplaced = attach(&mut rest, text::of_html(&caption));
        self.emit(rest);
        self.emit(unplaced);
    }

    /// What is in the node, its pictures as one gallery.
    pub(super) fn gallery(&mut self, node: usize) {
        let blocks = self.inside(|inner| inner.children(node));
        self.emit(galleries(blocks));
    }
}

/// The pictures as galleries, each within the limits, then the rest. One picture is no gallery.
pub(super) fn galleries(blocks: Vec<Block>) -> Vec<Block> {
    let mut images = Vec::new();
    let mut rest = Vec::new();
    for block in blocks {
        match block {
            Block::Image(block) => images.push(block.image),
            Block::Gallery(block) => images.extend(block.images),
            other => rest.push(other),
        }
    }
    let mut out: Vec<Block> = Vec::new();
    let mut used = 0;
    for image in images {
        let length = image_length(&image);
        used += length;
        match out.last_mut() {
            Some(Block::Gallery(gallery)) if used <= limits::BLOCK && gallery.images.len() < limits::BLOCK_ITEMS => {
                gallery.images.push(image);
            }
            _ => {
                used = length;
                out.push(Block::Gallery(GalleryBlock {
                    id: draft_id(),
                    images: vec![image],
                }));
            }
        }
    }
    out.into_iter().map(single).chain(rest).collect()
}

fn single(block: Block) -> Block {
    match block {
        Block::Gallery(mut gallery) if gallery.images.len() == 1 => match gallery.images.pop() {
            Some(image) => picture(image),
            None => Block::Gallery(gallery),
        },
        other => other,
    }
}

fn image_length(image: &Image) -> usize {
    [&image.alt, &image.caption, &image.credit]
        .into_iter()
        .flatten()
        .map(|text| text.chars().count())
        .sum()
}

/// Sets the caption on the one block that can have it; else it becomes paragraphs.
fn attach(blocks: &mut [Block], caption: String) -> Vec<Block> {
    if caption.is_empty() {
        return Vec::new();
    }
    let mut places = blocks.iter_mut().filter_map(caption_of);
    if let (Some(place), None) = (places.next(), places.next())
        && place.is_none()
        && caption.chars().count() <= limits::CAPTION
    {
        *place = Some(caption);
        return Vec::new();
    }
    paragraphs(&caption)
}

fn caption_of(block: &mut Block) -> Option<&mut Option<String>> {
    match block {
        Block::Image(block) => Some(&mut block.image.caption),
        Block::Video(block) => Some(&mut block.caption),
        Block::Audio(block) => Some(&mut block.caption),
        Block::Embed(block) => Some(&mut block.caption),
        Block::Table(block) => Some(&mut block.caption),
        _ => None,
    }
}

/// A quote as a pullquote; any other block stays.
fn pullquote(block: Block) -> Block {
    let Block::Quote(quote) = block else {
        return block;
    };
    let text = text::of_html(&quote.html);
    match text.is_empty() {
        true => paragraph(&escape(&quote.attribution.unwrap_or_default())),
        false => Block::Pullquote(PullquoteBlock {
            id: draft_id(),
            text,
            attribution: quote.attribution,
        }),
    }
}
