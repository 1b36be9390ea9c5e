//! The text between two block-level tags, as Markdown or plain. What a mark, such as `<b>`, must look like depends on the
//! characters on both its sides, so it is written when it closes.

use crate::base::text::entities;
use crate::body::html::escape;
use crate::body::html::tokens::ElementTag;

/// In which form a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextStyle {
    /// CommonMark, with tables and deletions as GitHub writes them.
    Markdown,
    /// As a reader sees it.
    Plain,
}

/// What a mark makes of the text in it.
#[derive(Clone, Debug, PartialEq)]
enum Mark {
    /// The same sign on both sides, and the element that says the same.
    Sign(&'static str, &'static str),
    Code,
    Link(String),
    /// What Markdown has no sign for.
    Element(&'static str),
}

impl Mark {
    fn of(tag: &ElementTag<'_>) -> Option<Self> {
        Some(match &*tag.name {
            "b" | "strong" => Self::Sign("**", "strong"),
            "cite" | "dfn" | "em" | "i" | "var" => Self::Sign("*", "em"),
            "del" | "s" => Self::Sign("~~", "del"),
            "code" | "kbd" | "samp" => Self::Code,
            "sup" => Self::Element("sup"),
            "sub" => Self::Element("sub"),
            "a" => Self::Link(tag.attribute("href").filter(|address| !address.is_empty())?),
            _ => return None,
        })
    }
}

struct OpenMark {
    name: String,
    mark: Mark,
    /// Where the text in it begins.
    start: usize,
}

/// A text under construction. Its line breaks are those that somebody wrote.
pub struct InlineText {
    style: TextStyle,
    text: String,
    open: Vec<OpenMark>,
}

impl InlineText {
    /// An empty text.
    pub fn new(style: TextStyle) -> Self {
        Self {
            style,
            text: String::new(),
            open: Vec::new(),
        }
    }

    /// Appends text of a source: references are decoded, white space is folded, no-break spaces stay.
    pub fn push_source(&mut self, source: &str) {
        let is_code = self.open.iter().any(|open| open.mark == Mark::Code);
        let decoded = entities::decode(source);
        let mut rest = decoded.chars().peekable();
        while let Some(c) = rest.next() {
            if c.is_ascii_whitespace() {
                if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                    self.text.push(' ');
                }
                continue;
            }
            let next = rest.peek().copied().unwrap_or(' ');
            if self.style == TextStyle::Markdown && !is_code && is_sign(c, next) {
                self.text.push('\\');
            }
            self.text.push(c);
        }
    }

    /// Appends a text that is in the form already.
    pub fn push_written(&mut self, written: &str) {
        self.text.push_str(written);
    }

    /// Appends a line break.
    pub fn push_break(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Begins a line, unless one has just begun.
    pub fn end_line(&mut self) {
        if !self.text.ends_with('\n') {
            self.push_break();
        }
    }

    /// Appends a picture; nothing of it is text.
    pub fn push_image(&mut self, source: &str, alt: &str) {
        if self.style == TextStyle::Markdown {
            self.push_written("![");
            self.push_source(&escape(alt));
            self.push_written(&format!("]({})", destination(source)));
        }
    }

    /// Appends a link that says where it leads.
    pub fn push_address(&mut self, address: &str) {
        match self.style {
            TextStyle::Markdown => self.text.push_str(&linked(address, &escaped(address))),
            TextStyle::Plain => self.text.push_str(address),
        }
    }

    /// Begins an element.
    pub fn open(&mut self, tag: &ElementTag<'_>) {
        if self.style == TextStyle::Markdown
            && let Some(mark) = Mark::of(tag)
        {
            self.open.push(OpenMark {
                name: tag.name.to_string(),
                mark,
                start: self.text.len(),
            });
        }
        if tag.name == "q" {
            self.text.push('“');
        }
    }

    /// Ends an element; `next` is the character after it.
    pub fn close(&mut self, name: &str, next: Option<char>) {
        if name == "q" {
            self.text.push('”');
        }
        if let Some(index) = self.open.iter().rposition(|open| open.name == name) {
            self.write_mark(index, next);
            self.open.truncate(index);
        }
    }

    /// The text, without white space at its ends. Marks that are open go on in what comes next.
    pub fn take(&mut self) -> String {
        for index in (0..self.open.len()).rev() {
            self.write_mark(index, None);
        }
        self.open.iter_mut().for_each(|open| open.start = 0);
        let text = std::mem::take(&mut self.text);
        text.trim_matches([' ', '\n']).to_owned()
    }

    /// Writes what a mark makes of the text in it, which is the text's end.
    fn write_mark(&mut self, index: usize, next: Option<char>) {
        let (start, mark) = (self.open[index].start, self.open[index].mark.clone());
        let inner = self.text.split_off(start.min(self.text.len()));
        let body = inner.trim();
        let around = &self.open[..index];
        let is_said = around
            .iter()
            .any(|outer| outer.mark == mark || outer.mark == Mark::Code);
        if body.is_empty() || is_said {
            self.text.push_str(&inner);
            return;
        }
        let (before, after) = inner.split_once(body).unwrap_or_default();
        self.text.push_str(before);
        let next = if after.is_empty() { next } else { Some(' ') };
        let written = match mark {
            Mark::Sign(sign, _) if self.takes_sign(body, next) => format!("{sign}{body}{sign}"),
            Mark::Sign(_, element) | Mark::Element(element) => format!("<{element}>{body}</{element}>"),
            Mark::Code => code(body),
            Mark::Link(address) => {
                // `![` would begin a picture.
                if self.text.ends_with('!') {
                    self.text.pop();
                    self.text.push_str("\\!");
                }
                linked(&address, body)
            }
        };
        self.text.push_str(&written);
        self.text.push_str(after);
    }

    /// Whether readers of Markdown take a sign here for one: not between a letter and punctuation, nor beside another.
    fn takes_sign(&self, body: &str, next: Option<char>) -> bool {
        let before = self.text.chars().next_back();
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let opens = is_letter(body.chars().next()) || !is_letter(before);
        let closes = is_letter(body.chars().next_back()) || !is_letter(next);
        let ends_with = |sign: &str, escaped: &str| self.text.ends_with(sign) && !self.text.ends_with(escaped);
        let follows_sign = ends_with("*", "\\*") || ends_with("~", "\\~");
        opens && closes && !follows_sign
    }
}

/// Whether a character of a text would be taken for markup.
fn is_sign(c: char, next: char) -> bool {
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '~' => true,
        '&' => next == '#' || next.is_ascii_alphabetic(),
        _ => false,
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if is_sign(c, rest.peek().copied().unwrap_or(' ')) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn linked(address: &str, body: &str) -> String {
    let is_bare = body == escaped(address) && address.starts_with("http") && destination(address) == address;
    if is_bare {
        format!("<{address}>")
    } else {
        format!("[{body}]({})", destination(address))
    }
}

/// An address as links write it.
fn destination(address: &str) -> String {
    let mut written = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '<' => written.push_str("%3C"),
            '>' => written.push_str("%3E"),
            '\\' => written.push_str("%5C"),
            '\n' | '\r' | '\t' => {}
            c => written.push(c),
        }
    }
    if entities::closed_references(&written).next().is_some() {
        written = written.replace('&', "&amp;");
    }
    if written.contains(['(', ')', ' ']) {
        format!("<{written}>")
    } else {
        written
    }
}

fn code(body: &str) -> String {
    let fence = "`".repeat(longest_run(body, '`') + 1);
    let pad = if body.starts_with('`') || body.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{}{pad}{fence}", body.replace('\n', " "))
}

/// How often a character follows itself at most.
pub fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}
