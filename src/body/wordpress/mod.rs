//! Turns the HTML of a WordPress post into blocks: Gutenberg's block comments, the classic editor's
//! bare paragraphs, shortcodes. What a reader sees ends in a block; what cannot is counted in
//! [`ConvertedBody::lost`].
//!
//! - [`expand`] puts in place what stands elsewhere: reusable blocks, footnotes, encoded code;
//! - [`tree`] makes a tree of the source, of bounded depth, in linear time;
//! - [`shortcodes`] finds the shortcodes in its text;
//! - [`run`] collects inline content and cuts it into paragraphs;
//! - [`convert`] walks the tree; its parts know the single elements: [`lists`], [`tables`],
//!   [`media`], [`figures`], [`gutenberg`]; [`parts`] has what all of them use;
//! - [`finish`] sanitises, keeps the limits, and numbers the blocks.

use std::collections::{BTreeMap, HashSet};

use ammonia::Url;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::image::Image;
use crate::body::blocks::Block;
use crate::body::html::sanitise::EmbedPolicy;
use crate::body::html::tokens::{HtmlToken, HtmlTokens};

mod convert;
mod expand;
mod figures;
mod finish;
mod gutenberg;
mod lists;
mod media;
mod parts;
mod run;
mod shortcodes;
mod tables;
mod tree;

#[cfg(test)]
mod tests;

/// What became of a post's HTML.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertedBody {
    /// The blocks, numbered `b1`, `b2`, … so that a second import of the same post compares equal.
    pub blocks: Vec<Block>,
    /// What could not be kept, sorted by name.
    pub lost: Vec<ConversionLoss>,
}

/// One kind of thing that could not be kept as it was, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversionLoss {
    /// What: `script`, `wp:latest-posts`, `shortcode:toc`, `image_upgraded_to_https`, …
    pub what: String,
    /// How many times.
    pub count: usize,
}

/// What a post's HTML names and does not hold.
#[derive(Clone, Copy)]
pub struct PostContext<'a> {
    /// The address of the post, to which those of its pictures may be relative.
    pub address: Option<&'a Url>,
    /// Finds the picture that an attachment is.
    pub attachment: &'a dyn Fn(u64) -> Option<Image>,
    /// The pictures that were uploaded to a post, in its order; the post's own where no number is given.
    pub uploaded: &'a dyn Fn(Option<u64>) -> Vec<Image>,
    /// Finds the HTML of a reusable block.
    pub reusable: &'a dyn Fn(u64) -> Option<String>,
    /// Its footnotes.
    pub footnotes: &'a [PostFootnote],
}

/// A note that a post's text refers to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PostFootnote {
    /// What links in the text lead to; the reference itself has it with `-link` behind it.
    #[serde(default)]
    pub id: String,
    /// Its HTML.
    pub content: String,
}

impl PostContext<'_> {
    /// A post of which nothing else is known.
    pub const NONE: Self = PostContext {
        address: None,
        attachment: &|_| None,
        uploaded: &|_| Vec::new(),
        reusable: &|_| None,
        footnotes: &[],
    };
}

/// Blocks from a post's HTML, of which nothing else is known.
pub fn blocks_from_html(html: &str, policy: &EmbedPolicy) -> ConvertedBody {
    blocks_from_html_with(html, policy, &PostContext::NONE)
}

/// Blocks from a post's HTML; `context` knows what it names.
pub fn blocks_from_html_with(html: &str, policy: &EmbedPolicy, context: &PostContext<'_>) -> ConvertedBody {
    let mut expansion = LossCounter::default();
    let html = expand::expanded(html.to_owned(), context, &mut expansion);
    let source: String = html
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .nfc()
        .filter(|c| is_text(*c))
        .collect();
    let tree = tree::HtmlTree::parse(&source);
    let mut converter = convert::Converter::new(&tree, policy, context, (expansion, linked_ids(&source)));
    converter.children(tree::ROOT);
    let (drafts, mut losses) = converter.finish();
    let blocks = finish::finish(drafts, policy, &mut losses);
    ConvertedBody {
        blocks,
        lost: losses.into_list(),
    }
}

/// The ids that links of a source lead to.
fn linked_ids(source: &str) -> HashSet<String> {
    let targets = HtmlTokens::new(source).filter_map(|token| match token {
        HtmlToken::Open(tag) if tag.name == "a" => Some(tag.attribute("href")?.strip_prefix('#')?.to_owned()),
        _ => None,
    });
    targets.collect()
}

fn is_text(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\t')
}

/// Counts what is lost.
#[derive(Debug, Default)]
struct LossCounter(BTreeMap<String, usize>);

impl LossCounter {
    fn count(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    fn into_list(self) -> Vec<ConversionLoss> {
        self.0
            .into_iter()
            .map(|(what, count)| ConversionLoss { what, count })
            .collect()
    }
}
