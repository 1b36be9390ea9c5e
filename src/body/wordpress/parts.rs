//! The small parts that blocks are made of: paragraphs, quotes, start tags, addresses.

use crate::base::limits;
use crate::base::text::entities;
use crate::body::blocks::{Block, BlockId, HeadingBlock, ParagraphBlock, QuoteBlock};
use crate::body::html::sanitise::LINK_SCHEMES;
use crate::body::html::tokens::ElementTag;
use crate::body::html::{escape, text};
use crate::body::image::web_url;
use crate::body::wordpress::run::{InlineRun, RunPiece};

/// Inline elements that stay as they are, without attributes.
const PLAIN_INLINE: &[&str] = &[
    "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "strong", "sub", "sup", "u", "var",
];
/// Longer attributes of inline elements than this are left out.
const MAX_ATTRIBUTE: usize = 200;

/// A placeholder: blocks get their ids when all blocks are there.
pub(super) fn draft_id() -> BlockId {
    BlockId::numbered(0)
}

/// A paragraph of this inline HTML.
pub(super) fn paragraph(html: &str) -> Block {
    Block::Paragraph(ParagraphBlock {
        id: draft_id(),
        html: html.to_owned(),
    })
}

/// Paragraphs of plain text, of whatever length.
pub(super) fn paragraphs(text: &str) -> Vec<Block> {
    let mut run = InlineRun::default();
    run.text(text, true);
    drain(run)
}

/// Paragraphs of bold text, of whatever length.
pub(super) fn strong_paragraphs(text: &str) -> Vec<Block> {
    let mut run = InlineRun::default();
    run.open("strong", "<strong>".to_owned());
    run.text(text, false);
    run.close();
    drain(run)
}

fn drain(mut run: InlineRun) -> Vec<Block> {
    let blocks = run.flush().into_iter().map(|piece| match piece {
        RunPiece::Paragraph(html) => paragraph(&html),
        RunPiece::Block(block) => *block,
    });
    blocks.collect()
}

/// The text of the paragraphs among `blocks`, a line for each, and the other blocks.
pub(super) fn plain(blocks: Vec<Block>) -> (String, Vec<Block>) {
    let (paragraphs, rest): (Vec<Block>, Vec<Block>) = blocks
        .into_iter()
        .partition(|block| matches!(block, Block::Paragraph(_)));
    let lines = paragraphs.iter().filter_map(|block| match block {
        Block::Paragraph(block) => Some(text::of_html(&block.html)),
        _ => None,
    });
    (lines.collect::<Vec<_>>().join("\n").trim().to_owned(), rest)
}

/// The paragraphs as quotes; what a quote cannot hold comes between them. The last quote says who.
pub(super) fn quotes(blocks: Vec<Block>, attribution: Option<String>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    for block in blocks {
        let html = match block {
            Block::Paragraph(block) => format!("<p>{}</p>", block.html),
            Block::Heading(block) => format!("<p>{}</p>", strong_heading(&block)),
            Block::Quote(block) => block.html,
            other => {
                out.push(other);
                continue;
            }
        };
        match out.last_mut() {
            Some(Block::Quote(quote)) if fits(&quote.html, &html) => quote.html.push_str(&html),
            _ => out.push(Block::Quote(QuoteBlock {
                id: draft_id(),
                html,
                attribution: None,
            })),
        }
    }
    let last = out.iter_mut().rev().find_map(|block| match block {
        Block::Quote(quote) => Some(quote),
        _ => None,
    });
    match (last, attribution) {
        (Some(quote), attribution) => quote.attribution = attribution,
        (None, Some(name)) => out.push(paragraph(&format!("— {}", escape(&name)))),
        (None, None) => {}
    }
    out
}

/// A heading where only inline HTML can be.
pub(super) fn strong_heading(block: &HeadingBlock) -> String {
    let anchor = block.anchor.as_ref().map(|id| format!(" id=\"{}\"", escape(id)));
    format!("<strong{}>{}</strong>", anchor.unwrap_or_default(), escape(&block.text))
}

/// Whether both fit in one block together.
pub(super) fn fits(html: &str, more: &str) -> bool {
    html.chars().count() + more.chars().count() + limits::CAPTION < limits::BLOCK
}

/// The address, where the HTML is nothing else.
pub(super) fn bare_address(html: &str) -> Option<String> {
    let html = html.trim();
    if !html.starts_with("http") || html.contains(['<', ' ']) {
        return None;
    }
    web_url(&entities::decode(html)).filter(|url| url.len() <= limits::URL)
}

/// The address with its scheme, where the source leaves it to the page.
pub(super) fn absolute(url: &str) -> String {
    match url.trim() {
        url if url.starts_with("//") => format!("https:{url}"),
        url => url.to_owned(),
    }
}

/// Whether a link of this address is kept.
pub(super) fn is_link(href: &str) -> bool {
    let scheme = href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_known = scheme.is_some_and(|scheme| LINK_SCHEMES.contains(&scheme.as_str()));
    (is_known || href.starts_with(['/', '#'])) && href.chars().count() <= limits::URL
}

/// The start tag of a link.
pub(super) fn link_start(href: &str, tag: &ElementTag<'_>) -> String {
    let mut start = format!("<a href=\"{}\"", escape(href));
    for name in ["title", "hreflang", "rel"] {
        push_attribute(&mut start, tag, name);
    }
    start.push('>');
    start
}

/// The name and start tag by which an inline element is kept.
pub(super) fn inline_start(tag: &ElementTag<'_>) -> Option<(&'static str, String)> {
    let (name, attributes): (&'static str, &[&str]) = match &*tag.name {
        "strike" => ("s", &[]),
        "tt" => ("code", &[]),
        "abbr" | "acronym" => ("abbr", &["title"]),
        "time" => ("time", &["datetime"]),
        "bdo" => ("bdo", &["dir"]),
        "span" => ("span", &["lang", "dir"]),
        name => (PLAIN_INLINE.iter().copied().find(|known| *known == name)?, &[]),
    };
    let mut start = format!("<{name}");
    for attribute in attributes {
        push_attribute(&mut start, tag, attribute);
    }
    let says_nothing = name == "span" && start == "<span";
    start.push('>');
    (!says_nothing).then_some((name, start))
}

fn push_attribute(start: &mut String, tag: &ElementTag<'_>, name: &str) {
    if let Some(value) = tag
        .attribute(name)
        .filter(|value| !value.is_empty() && value.len() <= MAX_ATTRIBUTE)
    {
        start.extend([" ", name, "=\"", &escape(&value), "\""]);
    }
}

/// Whether the address is that of a picture.
pub(super) fn is_picture_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// A name without the dash before it.
pub(super) fn trim_dash(name: &str) -> String {
    name.trim_start_matches(['—', '–', '-', ' ', '\u{a0}']).to_owned()
}

/// An address as our fields take it: absolute, without white space or credentials.
pub(super) fn clean_address(source: &str) -> Option<String> {
    let url = absolute(source);
    web_url(&url).or_else(|| web_url(ammonia::Url::parse(&url).ok()?.as_str()))
}

/// The same, if it is short enough for a field.
pub(super) fn usable_address(source: &str) -> Option<String> {
    clean_address(source).filter(|url| url.chars().count() <= limits::URL)
}
