//! Collects inline content and cuts it into paragraphs: where the source says so, and where one
//! would be longer than a block may be. Elements that are open at a cut are closed and opened again.

use std::mem;

use crate::base::limits;
use crate::body::blocks::Block;
use crate::body::html::{escape, push_escaped};

/// From here on the end of a sentence ends the paragraph.
const LONG_PARAGRAPH: usize = limits::BLOCK - 2_000;
/// Nothing is longer than this; the rest of the block's limit is for end tags.
const MAX_PARAGRAPH: usize = limits::BLOCK - 500;
/// Elements open at once; further ones are left out. Their tags must fit in a block.
const MAX_OPEN: usize = 16;

/// What a run ends in, in order.
#[derive(Debug)]
pub enum RunPiece {
    /// A paragraph's inline HTML.
    Paragraph(String),
    /// A block from the middle of a paragraph.
    Block(Box<Block>),
}

#[derive(Clone, Debug)]
struct OpenElement {
    name: &'static str,
    tag: String,
}

/// White space since the last word.
#[derive(Debug, Default)]
struct WhiteSpace {
    space: bool,
    /// Line ends of the source since the last word or `br`.
    lines: usize,
    /// `br` elements.
    breaks: usize,
}

/// Inline content on its way into paragraphs.
#[derive(Debug, Default)]
pub struct InlineRun {
    html: String,
    /// The characters of `html`.
    length: usize,
    visible: bool,
    gap: WhiteSpace,
    open: Vec<OpenElement>,
    /// Ids that links lead to, to stand before the next word.
    targets: Vec<String>,
    /// Elements that were left out, to be left out at their end.
    skipped: usize,
    done: Vec<RunPiece>,
    after: Vec<Block>,
}

impl InlineRun {
    /// Whether the paragraph has something to see.
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Adds text, decoded. With `autop` a line end is a line break and an empty line ends the
    /// paragraph, as WordPress has it; else both are spaces.
    pub fn text(&mut self, text: &str, autop: bool) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.gap.space = true;
                self.gap.lines += usize::from(autop);
            }
            self.gap.space |= line.starts_with(|c: char| c.is_ascii_whitespace());
            for word in line.split_ascii_whitespace() {
                self.word(word);
                self.gap.space = true;
            }
            self.gap.space = match line.is_empty() {
                true => self.gap.space,
                false => line.ends_with(|c: char| c.is_ascii_whitespace()),
            };
        }
    }

    /// Adds text whose spaces and line ends count.
    pub fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_break(false);
            }
            let line = line.replace('\t', "    ").replace("  ", "\u{a0} ");
            let indented = line.strip_prefix(' ').map(|rest| format!("\u{a0}{rest}"));
            self.text(&indented.unwrap_or(line), false);
        }
    }

    /// Adds a line break. With `autop` two line breaks end the paragraph.
    pub fn line_break(&mut self, autop: bool) {
        self.gap.lines = 0;
        self.gap.breaks += 1;
        if autop && self.gap.breaks > 1 {
            self.gap.lines = 2;
        }
    }

    /// Opens an element; `tag` is its start tag.
    pub fn open(&mut self, name: &'static str, tag: String) {
        let nested_link = name == "a" && self.open.iter().any(|open| open.name == "a");
        if self.open.len() >= MAX_OPEN || self.skipped > 0 || nested_link {
            self.skipped += 1;
            return;
        }
        self.settle();
        if name == "a" {
            self.push_targets();
        }
        self.push(&tag);
        self.open.push(OpenElement { name, tag });
    }

    /// Places what a link leads to; it waits for the next word, if need be in another paragraph.
    pub fn target(&mut self, id: &str) {
        self.targets.push(id.to_owned());
    }

    /// The targets that no word has come after yet.
    pub fn take_targets(&mut self) -> Vec<String> {
        mem::take(&mut self.targets)
    }

    fn push_targets(&mut self) {
        if self.open.iter().all(|open| open.name != "a") {
            for id in self.take_targets() {
                self.push(&format!("<a id=\"{}\"></a>", escape(&id)));
            }
        }
    }

    /// Closes the element that was opened last; whether there was something in it.
    pub fn close(&mut self) -> bool {
        if self.skipped > 0 {
            self.skipped -= 1;
            return true;
        }
        let Some(open) = self.open.pop() else {
            return true;
        };
        if let Some(before) = self.html.strip_suffix(open.tag.as_str()) {
            self.html.truncate(before.len());
            self.length -= open.tag.chars().count();
            return false;
        }
        self.push(&format!("</{}>", open.name));
        true
    }

    /// Places a block: after the paragraph if that has begun.
    pub fn place_after(&mut self, block: Block) {
        self.after.push(block);
    }

    /// Ends the paragraph and hands out all there is. What is open stays open.
    pub fn flush(&mut self) -> Vec<RunPiece> {
        self.end_paragraph();
        mem::take(&mut self.done)
    }

    fn word(&mut self, word: &str) {
        if !self.visible && word.chars().all(is_invisible) {
            return;
        }
        self.settle();
        let length: usize = word.chars().map(escaped_length).sum();
        if self.length + length <= MAX_PARAGRAPH {
            return self.push_word(word, length);
        }
        self.end_paragraph();
        let mut part = String::new();
        let mut part_length = 0;
        for c in word.chars() {
            if self.length + part_length + escaped_length(c) > MAX_PARAGRAPH {
                self.push_word(&mem::take(&mut part), mem::take(&mut part_length));
                self.end_paragraph();
            }
            part.push(c);
            part_length += escaped_length(c);
        }
        self.push_word(&part, part_length);
    }

    fn push_word(&mut self, word: &str, length: usize) {
        self.push_targets();
        push_escaped(&mut self.html, word);
        self.length += length;
        self.visible |= !word.chars().all(is_invisible);
    }

    fn push(&mut self, html: &str) {
        self.html.push_str(html);
        self.length += html.chars().count();
    }

    /// Writes the white space since the last word; none at the start of a paragraph.
    fn settle(&mut self) {
        let gap = mem::take(&mut self.gap);
        if !self.visible {
            return;
        }
        let is_long = self.length > LONG_PARAGRAPH && self.html.ends_with(['.', '!', '?', '…', '»']);
        if gap.lines > 1 || (is_long && (gap.space || gap.breaks > 0)) || self.length > MAX_PARAGRAPH {
            self.end_paragraph();
        } else if gap.breaks + gap.lines > 0 {
            (0..gap.breaks.clamp(1, 2)).for_each(|_| self.push("<br>"));
        } else if gap.space {
            self.push(" ");
        }
    }

    fn end_paragraph(&mut self) {
        self.gap = WhiteSpace::default();
        let mut html = mem::take(&mut self.html);
        for open in self.open.iter().rev() {
            match html.strip_suffix(open.tag.as_str()) {
                Some(before) => html.truncate(before.len()),
                None => html.extend(["</", open.name, ">"]),
            }
        }
        if mem::take(&mut self.visible) {
            let html = html.trim_matches(|c: char| c.is_ascii_whitespace());
            let html = html.strip_suffix("&nbsp;").unwrap_or(html);
            self.done.push(RunPiece::Paragraph(html.trim_ascii().to_owned()));
        }
        self.done.extend(
            mem::take(&mut self.after)
                .into_iter()
                .map(|block| RunPiece::Block(Box::new(block))),
        );
        self.html = self.open.iter().map(|open| open.tag.as_str()).collect();
        self.length = self.html.chars().count();
    }
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

fn escaped_length(c: char) -> usize {
    match c {
        '&' => 5,
        '<' | '>' => 4,
        '"' | '\u{a0}' => 6,
        _ => 1,
    }
}
