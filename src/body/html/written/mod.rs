//! A body's HTML written in another form: as Markdown, or as text that keeps its paragraphs, lists and tables.

mod inline;
#[cfg(test)]
mod tests;

use self::inline::{InlineText, TextStyle, longest_run};
use crate::base::text::entities;
use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};
use crate::body::html::{escape, is_block_level};

/// Sanitised HTML as Markdown: CommonMark, with tables.
pub fn markdown(html: &str) -> String {
    BlockWriter::new(TextStyle::Markdown).write(html)
}

/// Sanitised HTML as a reader sees it: paragraphs apart by an empty line, items behind `-` or their number, the cells of a
/// row between ` | `.
pub fn plain(html: &str) -> String {
    BlockWriter::new(TextStyle::Plain).write(html)
}

/// What a paragraph stands in.
enum Nest {
    Quote {
        is_begun: bool,
    },
    List {
        /// The number of the next item, where items are numbered.
        next: Option<u32>,
        has_items: bool,
        is_other: bool,
    },
    Item {
        marker: String,
        is_begun: bool,
        /// Whether no empty line is above it.
        is_tight: bool,
    },
}

#[derive(Default)]
struct TableRows {
    /// Tables in its cells are written as their text.
    inner: usize,
    rows: Vec<Vec<String>>,
    has_head: bool,
}

struct BlockWriter {
    style: TextStyle,
    written: String,
    inline: InlineText,
    nests: Vec<Nest>,
    heading: Option<usize>,
    table: Option<TableRows>,
    preformatted: Option<String>,
    /// Whether the list that just ended is numbered, and has the other marker: the next one of its kind takes the one
    /// that it has not, or both would be one list.
    ended_list: Option<(bool, bool)>,
}

impl BlockWriter {
    fn new(style: TextStyle) -> Self {
        Self {
            style,
            written: String::new(),
            inline: InlineText::new(style),
            nests: Vec::new(),
            heading: None,
            table: None,
            preformatted: None,
            ended_list: None,
        }
    }

    fn write(mut self, html: &str) -> String {
        let tokens: Vec<HtmlToken<'_>> = HtmlTokens::new(html).collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                HtmlToken::Text(source) => match &mut self.preformatted {
                    Some(text) => text.push_str(&entities::decode(source)),
                    None => self.inline.push_source(source),
                },
                HtmlToken::Open(tag) => self.open(tag),
                HtmlToken::Close(name) => self.close(name, &tokens[index + 1..]),
                HtmlToken::Raw(_) | HtmlToken::Comment(_) => {}
            }
        }
        self.end_table();
        self.end_preformatted();
        self.flush();
        self.written
    }

    fn open(&mut self, tag: &ElementTag<'_>) {
        let name = &*tag.name;
        if let Some(text) = &mut self.preformatted {
            if name == "br" {
                text.push('\n');
            }
            return;
        }
        if is_block_level(name) {
            self.flush();
        }
        if let Some(id) = tag.attribute("id").filter(|_| self.style == TextStyle::Markdown) {
            // So that links within the text go on leading somewhere.
            self.inline.push_written(&format!("<a id=\"{}\"></a>", escape(&id)));
        }
        match name {
            "br" => self.inline.push_break(),
            "img" => {
                let of = |name: &str| tag.attribute(name).unwrap_or_default();
                self.inline.push_image(&of("src"), &of("alt"));
            }
            "iframe" | "video" | "audio" | "source" => {
                if let Some(address) = tag.attribute("src") {
                    self.flush();
                    self.inline.push_address(&address);
                    self.flush();
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = name[1..].parse().ok(),
            "footer" if matches!(self.nests.last(), Some(Nest::Quote { .. })) => self.inline.push_written("— "),
            "table" | "tr" | "th" | "td" => self.open_in_table(name),
            _ if self.table.is_some() => self.inline.open(tag),
            "hr" if self.style == TextStyle::Markdown => self.push_block("---"),
            "pre" => self.preformatted = Some(String::new()),
            "blockquote" | "aside" => self.nests.push(Nest::Quote { is_begun: false }),
            "ul" => self.open_list(None),
            "ol" => self.open_list(Some(tag.attribute("start").and_then(|at| at.parse().ok()).unwrap_or(1))),
            "li" => self.open_item(),
            _ => self.inline.open(tag),
        }
    }

    fn close(&mut self, name: &str, rest: &[HtmlToken<'_>]) {
        if self.preformatted.is_some() {
            if name == "pre" {
                self.end_preformatted();
            }
            return;
        }
        if name == "caption" {
            let caption = self.inline.take();
            self.push_paragraph(&caption);
            return;
        }
        if is_block_level(name) {
            self.flush();
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = None,
            "table" => self.close_table(),
            "td" | "th" => self.end_cell(),
            _ if self.table.is_some() && is_block_level(name) => {}
            "blockquote" | "aside" => self.leave(|nest| matches!(nest, Nest::Quote { .. })),
            "li" => self.leave(|nest| matches!(nest, Nest::Item { .. })),
            "ul" | "ol" => {
                if let Some(Nest::List { next, is_other, .. }) = self.nests.last() {
                    self.ended_list = Some((next.is_some(), *is_other));
                }
                self.leave(|nest| matches!(nest, Nest::List { .. }));
            }
            name => self.inline.close(name, next_character(rest)),
        }
    }

    /// Ends the innermost nest, if it is the one.
    fn leave(&mut self, is_it: impl Fn(&Nest) -> bool) {
        if self.nests.last().is_some_and(is_it) {
            self.nests.pop();
        }
    }

    fn open_list(&mut self, next: Option<u32>) {
        self.nests.push(Nest::List {
            next,
            has_items: false,
            is_other: self.ended_list == Some((next.is_some(), false)) && self.style == TextStyle::Markdown,
        });
    }

    fn open_item(&mut self) {
        let within = self.nests.iter().any(|nest| matches!(nest, Nest::Item { .. }));
        let Some(Nest::List {
            next,
            has_items,
            is_other,
        }) = self.nests.last_mut()
        else {
            return;
        };
        let marker = match (*next, *is_other) {
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
            (Some(number), false) => format!("{number}. "),
            (Some(number), true) => format!("{number}) "),
        };
        let item = Nest::Item {
            marker,
            is_begun: false,
            is_tight: *has_items || within,
        };
        (*next, *has_items) = (next.map(|number| number.saturating_add(1)), true);
        self.nests.push(item);
    }

    fn open_in_table(&mut self, name: &str) {
        match (&mut self.table, name) {
            (Some(table), "table") => table.inner += 1,
            (Some(table), "tr") if table.inner == 0 => table.rows.push(Vec::new()),
            (Some(table), "th") if table.rows.len() == 1 => table.has_head = true,
            (Some(_), _) => {}
            (table, "table") => *table = Some(TableRows::default()),
            (None, _) => {}
        }
    }

    fn end_cell(&mut self) {
        let is_markdown = self.style == TextStyle::Markdown;
        if let Some(table) = self.table.as_mut().filter(|table| table.inner == 0)
            && let Some(row) = table.rows.last_mut()
        {
            let cell = self.inline.take();
            row.push(if is_markdown {
                markdown_cell(&cell)
            } else {
                cell.replace('\n', " ")
            });
        }
    }

    fn close_table(&mut self) {
        match &mut self.table {
            Some(table) if table.inner > 0 => table.inner -= 1,
            _ => self.end_table(),
        }
    }

    fn end_table(&mut self) {
        let Some(mut table) = self.table.take() else {
            return;
        };
        let width = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 {
            return;
        }
        table.rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        let lines: Vec<String> = match self.style {
            TextStyle::Plain => table.rows.iter().map(|row| row.join(" | ")).collect(),
            TextStyle::Markdown => {
                // There are no tables without a head.
                if !table.has_head {
                    table.rows.insert(0, vec![String::new(); width]);
                }
                table.rows.insert(1, vec!["---".to_owned(); width]);
                let line = |row: &Vec<String>| format!("| {} |", row.join(" | "));
                table.rows.iter().map(line).collect()
            }
        };
        self.push_block(&lines.join("\n"));
    }

    fn end_preformatted(&mut self) {
        let Some(text) = self.preformatted.take() else {
            return;
        };
        let text = text.trim_matches('\n');
        if text.trim().is_empty() {
            return;
        }
        match self.style {
            TextStyle::Plain => self.push_block(text),
            TextStyle::Markdown => {
                let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
                self.push_block(&format!("{fence}\n{text}\n{fence}"));
            }
        }
    }

    /// Ends a paragraph: writes what was collected.
    fn flush(&mut self) {
        if self.table.is_some() {
            self.inline.end_line();
            return;
        }
        let text = self.inline.take();
        self.push_paragraph(&text);
    }

    fn push_paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match (self.style, self.heading) {
            (TextStyle::Plain, _) => self.push_block(text),
            (TextStyle::Markdown, Some(level)) => {
                let text = text.replace('\n', " ");
                let end = if text.ends_with('#') { "\\#" } else { "" };
                let text = if end.is_empty() { &text } else { &text[..text.len() - 1] };
                self.push_block(&format!("{} {text}{end}", "#".repeat(level)));
            }
            (TextStyle::Markdown, None) => {
                let lines: Vec<String> = text.lines().map(|line| unlike_a_block(line.trim())).collect();
                self.push_block(&lines.join("\\\n"));
            }
        }
    }

    /// Writes lines, with what they stand in before each.
    fn push_block(&mut self, lines: &str) {
        self.ended_list = None;
        if !self.written.is_empty() {
            self.written.push('\n');
            if !self.is_tight() {
                let empty = self.begun_prefix();
                self.written.push_str(empty.trim_end());
                self.written.push('\n');
            }
        }
        for (index, line) in lines.lines().enumerate() {
            if index > 0 {
                self.written.push('\n');
            }
            let prefix = self.begin_nests();
            // An empty line within a text needs no space at its end.
            self.written
                .push_str(if line.is_empty() { prefix.trim_end() } else { &prefix });
            self.written.push_str(line);
        }
    }

    /// Whether what comes next follows without an empty line: an item after another.
    fn is_tight(&self) -> bool {
        let new = self.nests.iter().find_map(|nest| match nest {
            Nest::Quote { is_begun: false } => Some(false),
            Nest::Item {
                is_begun: false,
                is_tight,
                ..
            } => Some(*is_tight),
            _ => None,
        });
        new.unwrap_or(false)
    }

    fn quote_sign(&self) -> &'static str {
        match self.style {
            TextStyle::Markdown => "> ",
            TextStyle::Plain => "",
        }
    }

    /// What stands before an empty line of the nests that have begun.
    fn begun_prefix(&self) -> String {
        let mut prefix = String::new();
        for nest in &self.nests {
            match nest {
                Nest::Quote { is_begun: true } => prefix.push_str(self.quote_sign()),
                Nest::Item {
                    marker, is_begun: true, ..
                } => prefix.push_str(&" ".repeat(marker.len())),
                Nest::List { .. } => {}
                Nest::Quote { .. } | Nest::Item { .. } => break,
            }
        }
        prefix
    }

    /// What stands before a line; items that begin with it have their marker there.
    fn begin_nests(&mut self) -> String {
        let sign = self.quote_sign();
        let mut prefix = String::new();
        for nest in &mut self.nests {
            match nest {
                Nest::Quote { is_begun } => {
                    *is_begun = true;
                    prefix.push_str(sign);
                }
                Nest::Item { marker, is_begun, .. } => {
                    let begun = std::mem::replace(is_begun, true);
                    prefix.push_str(&if begun {
                        " ".repeat(marker.len())
                    } else {
                        marker.clone()
                    });
                }
                Nest::List { .. } => {}
            }
        }
        prefix
    }
}

/// The first character of what follows on the same line; a letter where that would take long to find out.
fn next_character(rest: &[HtmlToken<'_>]) -> Option<char> {
    for token in rest.iter().take(8) {
        let name = match token {
            HtmlToken::Text(source) => return entities::decode(source).chars().next(),
            HtmlToken::Open(tag) => &tag.name,
            HtmlToken::Close(name) => name,
            HtmlToken::Raw(_) | HtmlToken::Comment(_) => continue,
        };
        if matches!(&**name, "br" | "img") || is_block_level(name) {
            return None;
        }
    }
    (rest.len() > 8).then_some('a')
}

/// A cell on one line, in which no `|` ends it.
fn markdown_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' if !cell.ends_with('\\') => cell.push_str("\\|"),
            '\n' => cell.push_str("<br>"),
            c => cell.push(c),
        }
    }
    cell
}

/// A line of text that does not begin as a heading, a list or a quote does.
fn unlike_a_block(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_marked = line.starts_with(['#', '+', '-', '=', '>']) || line.starts_with(":-");
    if is_marked {
        format!("\\{line}")
    } else if digits > 0 && line[digits..].starts_with(['.', ')']) {
        format!("{}\\{}", &line[..digits], &line[digits..])
    } else {
        line.to_owned()
    }
}
