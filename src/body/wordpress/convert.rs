//! Walks the tree and makes blocks. Inline content goes into a [`InlineRun`]; a block-level element ends it. What is in
//! a list item, a cell, a quote or a figure is converted by itself ([`Converter::inside`]) and then put together by the
//! part that knows the element.

use std::collections::HashSet;
use std::mem;

use super::parts::{
    absolute, bare_address, draft_id, inline_start, is_link, is_picture_file, link_start, paragraph, plain, quotes,
    strong_paragraphs, trim_dash,
};
use crate::base::limits;
use crate::base::text::entities;
use crate::body::blocks::{Block, DividerBlock, EmbedBlock, HeadingBlock};
use crate::body::html::sanitise::EmbedPolicy;
use crate::body::html::tokens::ElementTag;
use crate::body::html::{escape, is_block_level};
use crate::body::providers::provider;
use crate::body::wordpress::run::{InlineRun, RunPiece};
use crate::body::wordpress::tree::{HtmlTree, NodeKind};
use crate::body::wordpress::{LossCounter, PostContext};

/// Converts one tree.
pub struct Converter<'c, 's> {
    pub(super) tree: &'c HtmlTree<'s>,
    pub(super) policy: &'c EmbedPolicy,
    pub(super) context: &'c PostContext<'c>,
    pub(super) losses: LossCounter,
    /// The ids that links in the source lead to.
    linked: HashSet<String>,
    pub(super) run: InlineRun,
    out: Vec<Block>,
    /// Whether line ends in text mean what they mean to WordPress' `wpautop`.
    pub(super) autop: bool,
    /// Whether spaces and line ends count as they are.
    preformatted: bool,
    /// How many elements deep we are in ones that hold no embeds of their own.
    nested: usize,
}

impl<'c, 's> Converter<'c, 's> {
    /// A converter that has done nothing yet, with the losses before it and the ids that links lead to.
    pub fn new(
        tree: &'c HtmlTree<'s>,
        policy: &'c EmbedPolicy,
        context: &'c PostContext<'c>,
        (losses, linked): (LossCounter, HashSet<String>),
    ) -> Self {
        Self {
            tree,
            policy,
            context,
            losses,
            linked,
            run: InlineRun::default(),
            out: Vec::new(),
            autop: true,
            preformatted: false,
            nested: 0,
        }
    }

    /// The blocks made so far and what was lost.
    pub fn finish(mut self) -> (Vec<Block>, LossCounter) {
        self.flush();
        (self.out, self.losses)
    }

    /// Converts what is in the node.
    pub fn children(&mut self, node: usize) {
        for child in self.tree.children(node) {
            self.node(child);
        }
    }

    /// Converts the node.
    pub(super) fn node(&mut self, node: usize) {
        let tree = self.tree;
        match tree.kind(node) {
            NodeKind::Root => {}
            NodeKind::Text(text) => self.text(text),
            NodeKind::Element(tag) => self.element(node, tag),
            NodeKind::Block(block) => self.wp_block(node, block),
            NodeKind::Shortcode(code) => self.shortcode(node, *code),
        }
    }

    /// Converts what is in the node, on lines of its own.
    pub(super) fn lines(&mut self, node: usize) {
        self.flush();
        self.children(node);
        self.flush();
    }

    /// The blocks that `convert` makes, which go nowhere else.
    pub(super) fn inside(&mut self, convert: impl FnOnce(&mut Self)) -> Vec<Block> {
        let out = mem::take(&mut self.out);
        let targets = self.run.take_targets();
        let run = mem::take(&mut self.run);
        targets.iter().for_each(|id| self.run.target(id));
        self.nested += 1;
        convert(self);
        self.flush();
        self.nested -= 1;
        let targets = mem::replace(&mut self.run, run).take_targets();
        targets.iter().for_each(|id| self.run.target(id));
        mem::replace(&mut self.out, out)
    }

    /// The same with line ends as HTML has them, or as WordPress has.
    pub(super) fn with_autop(&mut self, autop: bool, convert: impl FnOnce(&mut Self)) {
        let before = mem::replace(&mut self.autop, autop);
        convert(self);
        self.autop = before;
    }

    /// Ends the paragraph.
    pub(super) fn flush(&mut self) {
        for piece in self.run.flush() {
            match piece {
                RunPiece::Paragraph(html) => self.paragraph(&html),
                RunPiece::Block(block) => self.out.push(*block),
            }
        }
    }

    /// Adds a block, after the paragraph if it is in the middle of one.
    pub(super) fn place(&mut self, block: Block) {
        if self.run.is_visible() {
            return self.run.place_after(block);
        }
        self.flush();
        self.out.push(block);
    }

    /// Adds blocks on lines of their own.
    pub(super) fn emit(&mut self, blocks: impl IntoIterator<Item = Block>) {
        self.flush();
        self.out.extend(blocks);
    }

    fn text(&mut self, source: &str) {
        let text = entities::decode(source);
        let text: String = text
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect();
        match self.preformatted {
            true => self.run.preformatted(&text),
            false => self.run.text(&text, self.autop),
        }
    }

    /// Places the element's id, if a link leads to it.
    pub(super) fn place_target(&mut self, tag: &ElementTag<'s>) {
        if let Some(id) = self.target_of(tag) {
            self.run.target(&id);
        }
    }

    fn target_of(&self, tag: &ElementTag<'s>) -> Option<String> {
        let name = || tag.attribute("name").filter(|_| tag.name == "a");
        let id = tag.attribute("id").or_else(name)?;
        self.linked.contains(&id).then_some(id)
    }

    fn element(&mut self, node: usize, tag: &ElementTag<'s>) {
        if matches!(&*tag.name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
            return self.heading(node, tag);
        }
        self.place_target(tag);
        match &*tag.name {
            "br" => self.run.line_break(self.autop),
            "blockquote" => self.blockquote(node, tag),
            "ul" | "ol" | "menu" | "dir" => self.list(node, tag.name == "ol"),
            "dl" => self.definitions(node),
            "table" => self.table(node),
            "pre" | "listing" | "xmp" => self.pre(node, tag),
            "hr" => self.emit([Block::Divider(DividerBlock { id: draft_id() })]),
            "img" => self.img(tag),
            "figure" => self.figure(node, tag),
            "iframe" => self.iframe(tag),
            "video" | "audio" => self.player(node, tag),
            "object" | "embed" | "applet" => self.plugin(node, tag),
            "a" => self.link(node, tag),
            "summary" | "legend" => self.strong_line(node),
            "noscript" => self.noscript(node),
            "script" | "style" | "svg" | "math" | "canvas" | "template" => self.drop_hidden(tag),
            "form" | "select" | "input" | "textarea" => {
                self.losses.count("form");
                self.children(node);
            }
            name if is_block_level(name) => self.block_element(node, tag),
            _ => self.inline(node, tag),
        }
    }

    fn block_element(&mut self, node: usize, tag: &ElementTag<'s>) {
        let is_gallery = tag.name == "div" && tag.has_class(|class| class.contains("gallery"));
        match is_gallery {
            true => self.gallery(node),
            false => self.lines(node),
        }
    }

    fn inline(&mut self, node: usize, tag: &ElementTag<'s>) {
        let Some((name, start)) = inline_start(tag) else {
            return self.children(node);
        };
        self.run.open(name, start);
        self.children(node);
        self.run.close();
    }

    fn link(&mut self, node: usize, tag: &ElementTag<'s>) {
        let Some(start) = tag
            .attribute("href")
            .filter(|href| is_link(href))
            .map(|href| link_start(&href, tag))
        else {
            return self.children(node);
        };
        self.run.open("a", start);
        self.children(node);
        let is_kept = self.run.close();
        let href = tag.attribute("href").unwrap_or_default();
        // A picture that links to its own file or page has lost nothing.
        let leads_to_picture =
            is_picture_file(&href) || href.contains("attachment_id=") || href.contains("/attachment/");
        if !is_kept && !leads_to_picture && self.tree.find(node, &|tag| tag.name == "img").is_some() {
            self.losses.count("image_link");
        }
    }

    fn strong_line(&mut self, node: usize) {
        self.flush();
        self.run.open("strong", "<strong>".to_owned());
        self.children(node);
        self.run.close();
        self.flush();
    }

    fn drop_hidden(&mut self, tag: &ElementTag<'s>) {
        let is_widget = tag
            .attribute("src")
            .is_some_and(|url| provider(&absolute(&url)).is_some());
        if !is_widget {
            self.losses.count(&tag.name);
        }
    }

    fn heading(&mut self, node: usize, tag: &ElementTag<'s>) {
        let (text, rest) = self.plain_inside(node);
        let level = tag.name[1..].parse::<i32>().unwrap_or(2).clamp(2, 6);
        if text.is_empty() || text.chars().count() > limits::TITLE {
            self.place_target(tag);
            self.emit(strong_paragraphs(&text));
        } else {
            let anchor = self.target_of(tag);
            self.emit([Block::Heading(HeadingBlock {
                id: draft_id(),
                level,
                text,
                anchor,
            })]);
        }
        self.emit(rest);
    }

    fn pre(&mut self, node: usize, tag: &ElementTag<'s>) {
        self.flush();
        let is_verse = tag.has_class(|class| matches!(class, "wp-block-verse" | "wp-block-preformatted"));
        let has_code = self.tree.children(node).any(|child| self.tree.name(child) == "code");
        let before = mem::replace(&mut self.preformatted, true);
        if is_verse || has_code {
            self.children(node);
        } else {
            self.run.open("code", "<code>".to_owned());
            self.children(node);
            self.run.close();
        }
        self.preformatted = before;
        self.flush();
    }

    fn blockquote(&mut self, node: usize, tag: &ElementTag<'s>) {
        if let Some(url) = super::media::embedded_post(self.tree, node, tag) {
            // The text in it is for pages where the embed does not load.
            self.losses.count("embed_fallback_text");
            return self.place_embed(&url, None);
        }
        let source = self.attribution_node(node);
        let attribution = source.and_then(|source| self.attribution(source));
        let tree = self.tree;
        let content = tree
            .children(node)
            .filter(|child| attribution.is_none() || Some(*child) != source);
        let blocks = self.inside(|inner| content.for_each(|child| inner.node(child)));
        self.emit(quotes(blocks, attribution.filter(|name| !name.is_empty())));
    }

    /// Who is quoted, if the node says that and nothing else.
    fn attribution(&mut self, node: usize) -> Option<String> {
        let (name, rest) = self.plain_inside(node);
        let name = trim_dash(&name);
        (rest.is_empty() && name.chars().count() <= limits::CREDIT).then_some(name)
    }

    /// The `cite` or `footer` that ends a quote.
    fn attribution_node(&self, node: usize) -> Option<usize> {
        let tree = self.tree;
        let last = |node| tree.children(node).filter(|child| !tree.is_blank(*child)).last();
        let is_source = |node: &usize| matches!(tree.name(*node), "cite" | "footer");
        let end = last(node)?;
        if is_source(&end) {
            return Some(end);
        }
        // <p><cite>Name</cite></p>
        let only = tree.children(end).filter(|child| !tree.is_blank(*child)).count() == 1;
        (tree.name(end) == "p" && only && last(end).is_some_and(|node| is_source(&node))).then_some(end)
    }

    /// The address of the picture before this place.
    pub(super) fn last_picture(&self) -> Option<String> {
        match self.out.last() {
            Some(Block::Image(block)) => Some(block.image.url.clone()),
            _ => None,
        }
    }

    /// The text of the node itself and of its elements, as it is written.
    pub(super) fn plain_text_of(&self, node: usize) -> Option<String> {
        let texts = self
            .tree
            .children(node)
            .filter_map(|child| match self.tree.kind(child) {
                NodeKind::Text(text) => Some(entities::decode(text)),
                _ => self.plain_text_of(child),
            });
        let text: String = texts.collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The text in the node, on one line, and the blocks in it that are no text.
    pub(super) fn plain_inside(&mut self, node: usize) -> (String, Vec<Block>) {
        let blocks = self.inside(|inner| inner.with_autop(false, |inner| inner.children(node)));
        let (text, rest) = plain(blocks);
        (text.replace('\n', " "), rest)
    }

    /// A paragraph, in which an address on a line of its own becomes an embed or a link.
    fn paragraph(&mut self, html: &str) {
        let mut lines: Vec<String> = Vec::new();
        for line in html.split("<br>") {
            let Some(url) = bare_address(line) else {
                lines.push(line.to_owned());
                continue;
            };
            match (self.nested == 0)
                .then(|| super::media::block_of_address(&url))
                .flatten()
            {
                Some(block) => {
                    self.push_paragraph(&mem::take(&mut lines));
                    self.out.push(block);
                }
                None => lines.push(format!("<a href=\"{0}\">{0}</a>", escape(&url))),
            }
        }
        self.push_paragraph(&lines);
    }

    fn push_paragraph(&mut self, lines: &[String]) {
        let html = lines.join("<br>");
        let html = html.trim_start_matches("<br>").trim_end_matches("<br>");
        if !html.is_empty() {
            self.out.push(paragraph(html));
        }
    }

    /// An embed of the page, with the text below it.
    pub(super) fn place_embed(&mut self, url: &str, caption: Option<String>) {
        let provider = provider(url).map(str::to_owned);
        self.place(Block::Embed(EmbedBlock {
            id: draft_id(),
            url: url.to_owned(),
            provider,
            caption,
        }));
    }

    /// A paragraph that links to what cannot be shown.
    pub(super) fn place_link(&mut self, url: &str, label: &str) {
        let label = if label.trim().is_empty() { url } else { label.trim() };
        self.place(paragraph(&format!("<a href=\"{}\">{}</a>", escape(url), escape(label))));
    }
}
