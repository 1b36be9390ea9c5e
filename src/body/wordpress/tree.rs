//! The source as a tree. Elements deeper than [`MAX_DEPTH`] have their content beside them, so that
//! whoever walks the tree may recurse. Block comments and shortcodes are nodes like elements.

use super::shortcodes::Shortcode;
use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};
use crate::body::html::{is_block_level, is_void};
use crate::body::wordpress::shortcodes::{ShortcodeFinder, ShortcodePiece};

/// Nodes are nested no deeper than this.
const MAX_DEPTH: usize = 64;

/// The node that holds all others.
pub const ROOT: usize = 0;

/// What a node is.
#[derive(Debug)]
pub enum NodeKind<'a> {
    /// The whole source.
    Root,
    /// Text, not decoded.
    Text(&'a str),
    /// An element.
    Element(ElementTag<'a>),
    /// A Gutenberg block.
    Block(WpBlock<'a>),
    /// A shortcode, with what is between it and its end tag.
    Shortcode(Shortcode<'a>),
}

/// A Gutenberg block: `<!-- wp:name {attributes} -->content<!-- /wp:name -->`.
#[derive(Debug)]
pub struct WpBlock<'a> {
    /// Its name, without `core/`.
    pub name: &'a str,
    /// Its attributes, a JSON object or nothing.
    pub attributes: &'a str,
    /// Its content as it is in the source; `None` for `<!-- wp:name /-->`.
    pub content: Option<&'a str>,
}

#[derive(Debug)]
struct HtmlNode<'a> {
    kind: NodeKind<'a>,
    first_child: usize,
    last_child: usize,
    next_sibling: usize,
}

/// A tree of nodes, each named by its number.
pub struct HtmlTree<'a> {
    nodes: Vec<HtmlNode<'a>>,
}

impl<'a> HtmlTree<'a> {
    /// The tree of `source`.
    pub fn parse(source: &'a str) -> Self {
        let mut parser = HtmlTreeParser {
            source,
            tree: Self {
                nodes: vec![HtmlNode::new(NodeKind::Root)],
            },
            open: vec![ROOT],
            finder: ShortcodeFinder::new(source),
        };
        let mut tokens = HtmlTokens::new(source);
        let mut start = 0;
        while let Some(token) = tokens.next() {
            let end = tokens.position();
            parser.take(token, start, end);
            start = end;
        }
        parser.tree
    }

    /// What the node is.
    pub fn kind(&self, node: usize) -> &NodeKind<'a> {
        &self.nodes[node].kind
    }

    /// The nodes in the node, in their order.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let known = |node: usize| (node != ROOT).then_some(node);
        std::iter::successors(known(self.nodes[node].first_child), move |node| {
            known(self.nodes[*node].next_sibling)
        })
    }

    /// The element that the node is.
    pub fn element(&self, node: usize) -> Option<&ElementTag<'a>> {
        match self.kind(node) {
            NodeKind::Element(tag) => Some(tag),
            _ => None,
        }
    }

    /// The name of the element that the node is; empty for all else.
    pub fn name(&self, node: usize) -> &str {
        self.element(node).map_or("", |tag| &*tag.name)
    }

    /// The first element below the node that satisfies `matches`.
    pub fn find(&self, node: usize, matches: &dyn Fn(&ElementTag<'a>) -> bool) -> Option<usize> {
        self.children(node).find_map(|child| match self.element(child) {
            Some(tag) if matches(tag) => Some(child),
            _ => self.find(child, matches),
        })
    }

    /// Whether the node is text of white space alone.
    pub fn is_blank(&self, node: usize) -> bool {
        matches!(self.kind(node), NodeKind::Text(text) if text.trim().is_empty())
    }

    fn add(&mut self, parent: usize, kind: NodeKind<'a>) -> usize {
        let id = self.nodes.len();
        self.nodes.push(HtmlNode::new(kind));
        match self.nodes[parent].last_child {
            ROOT => self.nodes[parent].first_child = id,
            last => self.nodes[last].next_sibling = id,
        }
        self.nodes[parent].last_child = id;
        id
    }
}

impl<'a> HtmlNode<'a> {
    fn new(kind: NodeKind<'a>) -> Self {
        Self {
            kind,
            first_child: ROOT,
            last_child: ROOT,
            next_sibling: ROOT,
        }
    }
}

struct HtmlTreeParser<'a> {
    source: &'a str,
    tree: HtmlTree<'a>,
    /// The nodes that are open, the root first.
    open: Vec<usize>,
    finder: ShortcodeFinder<'a>,
}

impl<'a> HtmlTreeParser<'a> {
    fn take(&mut self, token: HtmlToken<'a>, start: usize, end: usize) {
        match token {
            HtmlToken::Text(text) => self.text(text),
            HtmlToken::Raw(text) => {
                self.add(NodeKind::Text(text), false);
            }
            HtmlToken::Open(tag) => {
                self.close_implied(&tag.name);
                let has_content = !is_void(&tag.name);
                self.add(NodeKind::Element(tag), has_content);
            }
            HtmlToken::Close(name) => self.close_element(&name),
            HtmlToken::Comment(text) => self.comment(text.trim(), start, end),
        }
    }

    fn add(&mut self, kind: NodeKind<'a>, has_content: bool) {
        let parent = self.open.last().copied().unwrap_or(ROOT);
        let node = self.tree.add(parent, kind);
        if has_content && self.open.len() < MAX_DEPTH {
            self.open.push(node);
        }
    }

    fn text(&mut self, text: &'a str) {
        for piece in self.finder.pieces(text) {
            match piece {
                ShortcodePiece::Text(text) => self.add(NodeKind::Text(text), false),
                ShortcodePiece::Code(code) if code.closes => self.close_shortcode(code.name),
                ShortcodePiece::Code(code) => {
                    // One that names its file has nothing of use between it and its end tag.
                    let pairs = code.is_known() && code.address().is_none() && self.finder.closes_later(&code);
                    self.close_shortcode(code.name);
                    self.add(NodeKind::Shortcode(code), pairs);
                }
            }
        }
    }

    fn comment(&mut self, text: &'a str, start: usize, end: usize) {
        if let Some(name) = text.strip_prefix("/wp:") {
            return self.close_block(short_name(name.trim()), start);
        }
        let Some(block) = text.strip_prefix("wp:") else {
            return;
        };
        let (block, is_empty) = block.strip_suffix('/').map_or((block, false), |block| (block, true));
        let (name, attributes) = block.split_once(char::is_whitespace).unwrap_or((block, ""));
        // Too deep: its content is put beside it.
        let is_open = self.open.len() < MAX_DEPTH;
        let content = (!is_empty).then(|| if is_open { &self.source[end..] } else { "" });
        let block = WpBlock {
            name: short_name(name),
            attributes: attributes.trim(),
            content,
        };
        self.add(NodeKind::Block(block), !is_empty);
    }

    fn close_block(&mut self, name: &str, end: usize) {
        let is_it = |node: &usize| matches!(self.tree.kind(*node), NodeKind::Block(block) if block.name == name);
        let Some(at) = self.open.iter().rposition(is_it) else {
            return;
        };
        // Blocks in it that nobody closed end with it.
        for node in self.open.drain(at..) {
            if let NodeKind::Block(block) = &mut self.tree.nodes[node].kind {
                let length = |rest: &str| rest.len().saturating_sub(self.source.len() - end);
                block.content = block.content.map(|rest| &rest[..length(rest)]);
            }
        }
    }

    fn close_shortcode(&mut self, name: &str) {
        let is_it = |node: &usize| matches!(self.tree.kind(*node), NodeKind::Shortcode(code) if code.name == name);
        let is_wall = |node: &usize| matches!(self.tree.kind(*node), NodeKind::Block(_));
        if let Some(at) = self.open.iter().rposition(|node| is_it(node) || is_wall(node))
            && is_it(&self.open[at])
        {
            self.open.truncate(at);
        }
    }

    fn close_element(&mut self, name: &str) {
        let is_part = is_table_part(name);
        let stops = |open: &str| matches!(open, "td" | "th" | "table") && !is_part;
        self.close_innermost(|open| open == name, stops);
    }

    /// Closes what a start tag closes without saying so: `<li>` an open `li`, a block a paragraph.
    fn close_implied(&mut self, name: &str) {
        match name {
            "li" => self.close_innermost(
                |open| open == "li",
                |open| matches!(open, "ul" | "ol" | "menu" | "td" | "th"),
            ),
            "dt" | "dd" => self.close_innermost(
                |open| matches!(open, "dt" | "dd"),
                |open| matches!(open, "dl" | "td" | "th"),
            ),
            "td" | "th" => self.close_innermost(
                |open| matches!(open, "td" | "th"),
                |open| matches!(open, "tr" | "table"),
            ),
            "tr" => self.close_innermost(|open| matches!(open, "tr" | "caption"), |open| open == "table"),
            "tbody" | "tfoot" | "thead" => {
                let closes = |open: &str| matches!(open, "tbody" | "tfoot" | "thead" | "caption");
                self.close_innermost(closes, |open| open == "table");
            }
            name if is_block_level(name) => self.close_innermost(|open| open == "p", is_block_level),
            _ => {}
        }
    }

    /// Closes the innermost open element that `matches`, unless one that `stops` is in between.
    /// Gutenberg blocks and shortcodes stop always: what is in them does not reach out.
    fn close_innermost(&mut self, matches: impl Fn(&str) -> bool, stops: impl Fn(&str) -> bool) {
        for at in (1..self.open.len()).rev() {
            let Some(tag) = self.tree.element(self.open[at]) else {
                return;
            };
            if matches(&tag.name) {
                return self.open.truncate(at);
            }
            if stops(&tag.name) {
                return;
            }
        }
    }
}

fn short_name(name: &str) -> &str {
    name.strip_prefix("core/").unwrap_or(name)
}

fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" | "caption"
    )
}
