//! Lists. An item of the block holds inline HTML and lists; whatever else is in it follows the list.

use super::convert::Converter;
use super::parts::{draft_id, fits, strong_heading};
use crate::base::limits;
use crate::body::blocks::{Block, ListBlock};
use crate::body::html::escape;
use crate::body::wordpress::tree::NodeKind;

/// What an item or a cell holds: its HTML, and the blocks that HTML cannot be. `Err` gives all the
/// blocks back where the HTML would be too long.
pub(super) type InlineContent = Result<(String, Vec<Block>), Vec<Block>>;

/// Whether the HTML may have lists in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NestedLists {
    Kept,
    Flat,
}

impl Converter<'_, '_> {
    /// A list.
    pub(super) fn list(&mut self, node: usize, is_ordered: bool) {
        let mut lists = ListDraft::new(is_ordered);
        self.items(node, &mut lists);
        self.emit(lists.finish());
    }

    fn items(&mut self, node: usize, lists: &mut ListDraft) {
        let tree = self.tree;
        for child in tree.children(node) {
            match tree.kind(child) {
                // <!-- wp:list-item -->
                NodeKind::Block(block) if block.content.is_some() => self.items(child, lists),
                NodeKind::Text(_) if tree.is_blank(child) => {}
                NodeKind::Element(tag) if tag.name == "li" => {
                    let blocks = self.inside(|inner| {
                        inner.place_target(tag);
                        inner.children(child);
                    });
                    lists.item(blocks);
                }
                NodeKind::Element(tag) if matches!(&*tag.name, "ul" | "ol") => {
                    let blocks = self.inside(|inner| inner.node(child));
                    lists.nested(blocks);
                }
                _ => {
                    let blocks = self.inside(|inner| inner.node(child));
                    lists.item(blocks);
                }
            }
        }
    }

    /// A list of terms: each term in bold, with its description below.
    pub(super) fn definitions(&mut self, node: usize) {
        let mut items: Vec<Vec<Block>> = Vec::new();
        self.terms(node, &mut items);
        let mut lists = ListDraft::new(false);
        items.into_iter().for_each(|item| lists.item(item));
        self.emit(lists.finish());
    }

    fn terms(&mut self, node: usize, items: &mut Vec<Vec<Block>>) {
        let tree = self.tree;
        for child in tree.children(node).filter(|child| !tree.is_blank(*child)) {
            match tree.name(child) {
                "div" => self.terms(child, items),
                "dt" => {
                    let term = self.inside(|inner| {
                        inner.run.open("strong", "<strong>".to_owned());
                        inner.children(child);
                        inner.run.close();
                    });
                    items.push(term);
                }
                _ => {
                    let said = self.inside(|inner| inner.node(child));
                    match items.last_mut() {
                        Some(item) => item.extend(said),
                        None => items.push(said),
                    }
                }
            }
        }
    }
}

/// Folds blocks into the HTML of an item or a cell.
pub(super) fn fold(blocks: Vec<Block>, lists: NestedLists) -> InlineContent {
    let mut html = String::new();
    for block in &blocks {
        let Some(part) = inline(block, lists) else {
            continue;
        };
        if !html.is_empty() && !part.starts_with("<ul>") && !part.starts_with("<ol>") && !html.ends_with("l>") {
            html.push_str("<br>");
        }
        html.push_str(&part);
    }
    if !fits(&html, "") {
        return Err(blocks);
    }
    Ok((
        html,
        blocks
            .into_iter()
            .filter(|block| inline(block, lists).is_none())
            .collect(),
    ))
}

fn inline(block: &Block, lists: NestedLists) -> Option<String> {
    match block {
        Block::Paragraph(block) => Some(block.html.clone()),
        Block::Heading(block) => Some(strong_heading(block)),
        Block::Quote(block) => {
            let html = block
                .html
                .replace("</p><p>", "<br>")
                .replace("<p>", "")
                .replace("</p>", "");
            let source = block.attribution.as_ref().map(|name| format!("<br>— {}", escape(name)));
            Some(html + &source.unwrap_or_default())
        }
        Block::Pullquote(block) => Some(escape(&block.text).replace('\n', "<br>")),
        Block::List(block) if lists == NestedLists::Kept => {
            let (start, end) = if block.is_ordered {
                ("<ol>", "</ol>")
            } else {
                ("<ul>", "</ul>")
            };
            let items: String = block.items.iter().map(|item| format!("<li>{item}</li>")).collect();
            Some(format!("{start}{items}{end}"))
        }
        Block::List(block) if !block.items.iter().any(|item| item.contains("<li>")) => {
            let items: Vec<String> = block.items.iter().map(|item| format!("• {item}")).collect();
            Some(items.join("<br>"))
        }
        _ => None,
    }
}

/// List blocks in the making: as many as the limits ask for.
struct ListDraft {
    is_ordered: bool,
    items: Vec<String>,
    length: usize,
    rest: Vec<Block>,
    done: Vec<Block>,
}

impl ListDraft {
    fn new(is_ordered: bool) -> Self {
        Self {
            is_ordered,
            items: Vec::new(),
            length: 0,
            rest: Vec::new(),
            done: Vec::new(),
        }
    }

    fn item(&mut self, blocks: Vec<Block>) {
        match fold(blocks, NestedLists::Kept) {
            Ok((html, rest)) => {
                if !html.is_empty() {
                    self.push(html);
                }
                self.rest.extend(rest);
            }
            Err(blocks) => {
                self.end();
                self.done.extend(blocks);
            }
        }
    }

    /// A list between two items belongs to the one before it.
    fn nested(&mut self, blocks: Vec<Block>) {
        match (fold(blocks, NestedLists::Kept), self.items.last_mut()) {
            (Ok((html, rest)), Some(item)) if fits(item, &html) => {
                self.length += html.chars().count();
                item.push_str(&html);
                self.rest.extend(rest);
            }
            (Ok((html, rest)), _) => {
                self.push(html);
                self.rest.extend(rest);
            }
            (Err(blocks), _) => {
                self.end();
                self.done.extend(blocks);
            }
        }
    }

    fn push(&mut self, html: String) {
        let length = html.chars().count();
        if self.length + length + limits::CAPTION > limits::BLOCK || self.items.len() == limits::BLOCK_ITEMS {
            self.end();
        }
        self.length += length;
        self.items.push(html);
    }

    fn end(&mut self) {
        self.length = 0;
        let items = std::mem::take(&mut self.items);
        if !items.is_empty() {
            self.done.push(Block::List(ListBlock {
                id: draft_id(),
                is_ordered: self.is_ordered,
                items,
            }));
        }
        self.done.append(&mut self.rest);
    }

    fn finish(mut self) -> Vec<Block> {
        self.end();
        self.done
    }
}
