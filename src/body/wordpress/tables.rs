//! Tables. Cells that span are written once and leave empty cells where they reach, so that columns
//! stay in line. What a cell cannot hold follows the table.

use super::convert::Converter;
use super::lists::fold;
use super::parts::{draft_id, paragraph, plain};
use crate::base::limits;
use crate::body::blocks::{Block, TableBlock};
use crate::body::html::escape;
use crate::body::wordpress::lists::NestedLists;
use crate::body::wordpress::tree::NodeKind;

#[derive(Default)]
struct TableDraft {
    caption: String,
    /// Whether a row is of the head, and its cells.
    rows: Vec<(bool, Vec<String>)>,
    /// For each column, how many more rows a cell from above reaches down.
    spans: Vec<usize>,
    rest: Vec<Block>,
}

impl Converter<'_, '_> {
    /// A table; one of a single cell is a frame and gives what is in it.
    pub(super) fn table(&mut self, node: usize) {
        let mut draft = TableDraft::default();
        self.parts(node, false, &mut draft);
        let TableDraft {
            caption, rows, rest, ..
        } = draft;
        if let [(_, cells)] = rows.as_slice()
            && let [cell] = cells.as_slice()
        {
            self.emit((!cell.is_empty()).then(|| paragraph(cell)));
            self.emit((!caption.is_empty()).then(|| paragraph(&escape(&caption))));
        } else {
            self.emit(tables(rows, &caption));
        }
        self.emit(rest);
    }

    fn parts(&mut self, node: usize, is_head: bool, draft: &mut TableDraft) {
        let tree = self.tree;
        for child in tree.children(node).filter(|child| !tree.is_blank(*child)) {
            match tree.name(child) {
                "thead" => self.parts(child, true, draft),
                "tbody" | "tfoot" => self.parts(child, false, draft),
                "tr" => self.row(child, is_head, draft),
                "caption" => {
                    let (text, rest) = plain(self.inside(|inner| inner.children(child)));
                    draft.caption = text;
                    draft.rest.extend(rest);
                }
                "col" | "colgroup" => {}
                _ => {
                    let stray = self.inside(|inner| inner.node(child));
                    draft.rest.extend(stray);
                }
            }
        }
    }

    fn row(&mut self, node: usize, is_head: bool, draft: &mut TableDraft) {
        let tree = self.tree;
        let mut cells: Vec<String> = Vec::new();
        let mut only_heads = true;
        for child in tree.children(node) {
            let NodeKind::Element(tag) = tree.kind(child) else {
                let stray = self.inside(|inner| inner.node(child));
                draft.rest.extend(stray);
                continue;
            };
            draft.skip_spanned(&mut cells);
            only_heads &= tag.name == "th";
            let span = |name| {
                tag.attribute(name)
                    .and_then(|span| span.parse().ok())
                    .unwrap_or(1_usize)
                    .clamp(1, limits::TABLE_CELLS)
            };
            let blocks = self.inside(|inner| {
                inner.place_target(tag);
                inner.children(child);
            });
            let html = match fold(blocks, NestedLists::Flat) {
                Ok((html, rest)) => {
                    draft.rest.extend(rest);
                    html
                }
                Err(blocks) => {
                    draft.rest.extend(blocks);
                    String::new()
                }
            };
            if span("colspan") > 1 || span("rowspan") > 1 {
                self.losses.count("table_cell_merged");
            }
            draft.put(&mut cells, html, span("colspan"), span("rowspan"));
        }
        draft.skip_spanned(&mut cells);
        if !cells.is_empty() {
            let is_first = draft.rows.is_empty();
            draft.rows.push((is_head || (only_heads && is_first), cells));
        }
    }
}

impl TableDraft {
    /// Leaves cells empty that one from above fills.
    fn skip_spanned(&mut self, cells: &mut Vec<String>) {
        while let Some(rows) = self.spans.get_mut(cells.len()).filter(|rows| **rows > 0) {
            *rows -= 1;
            cells.push(String::new());
        }
    }

    /// Adds a cell. What is beyond the last column joins the last cell.
    fn put(&mut self, cells: &mut Vec<String>, html: String, columns: usize, rows: usize) {
        if cells.len() >= limits::TABLE_CELLS {
            if let Some(last) = cells.last_mut().filter(|_| !html.is_empty()) {
                last.extend([" ", &html]);
            }
            return;
        }
        let columns = columns.min(limits::TABLE_CELLS - cells.len());
        for column in 0..columns {
            if self.spans.len() <= cells.len() {
                self.spans.resize(cells.len() + 1, 0);
            }
            self.spans[cells.len()] = rows - 1;
            cells.push(if column == 0 { html.clone() } else { String::new() });
        }
    }
}

/// Table blocks of the rows: as many as the limits ask for, each with the head.
fn tables(rows: Vec<(bool, Vec<String>)>, caption: &str) -> Vec<Block> {
    let is_seen = |cells: &[String]| cells.iter().any(|cell| !cell.is_empty());
    let mut rows: Vec<(bool, Vec<String>)> = rows.into_iter().filter(|(_, cells)| is_seen(cells)).collect();
    let has_head = rows.len() > 1 && rows.first().is_some_and(|(is_head, _)| *is_head);
    let header = if has_head { rows.remove(0).1 } else { Vec::new() };
    let mut out = Vec::new();
    let mut caption = Some(caption.to_owned()).filter(|caption| !caption.is_empty());
    if let Some(long) = caption.take_if(|caption| caption.chars().count() > limits::CAPTION) {
        out.push(paragraph(&escape(&long)));
    }
    let base = length(&header) + limits::CAPTION;
    let mut batch: Vec<Vec<String>> = Vec::new();
    let mut used = base;
    for (_, cells) in rows {
        let more = length(&cells);
        if base + more > limits::BLOCK {
            // No table can hold this row.
            out.extend(cells.iter().filter(|cell| !cell.is_empty()).map(|cell| paragraph(cell)));
            continue;
        }
        if used + more > limits::BLOCK || batch.len() == limits::BLOCK_ITEMS {
            out.push(table(&mut caption, &header, &mut batch));
            used = base;
        }
        used += more;
        batch.push(cells);
    }
    if !batch.is_empty() {
        out.push(table(&mut caption, &header, &mut batch));
    } else if out.is_empty() && caption.is_some() {
        out.extend(caption.map(|caption| paragraph(&escape(&caption))));
    }
    out
}

fn length(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.chars().count()).sum()
}

fn table(caption: &mut Option<String>, header: &[String], rows: &mut Vec<Vec<String>>) -> Block {
    let rows = std::mem::take(rows);
    Block::Table(TableBlock {
        id: draft_id(),
        caption: caption.take(),
        header: header.to_vec(),
        rows,
    })
}
