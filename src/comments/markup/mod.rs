//! What a reader writes, as HTML: limited Markdown, and nothing else.
//!
//! Emphasis, strong, code, quotes, lists, links and line ends are Markdown's; a line end breaks the line, because that
//! is what people mean by it. A heading reads as a paragraph in bold, an image as a link to it. HTML is no markup here:
//! it is shown as it was typed. Addresses (`https://…`, `www.…`) become links by themselves. A link may lead to `http`,
//! `https` or `mailto`. A web address must have no user name, which can hide the real host
//! (`https://bank.example@evil.example`). Of any other link only the words are shown.
//!
//! How: the Markdown parser cuts the source up, [`CommentHtmlWriter`] writes the few elements that it knows and escapes
//! everything else, and ammonia, which knows nothing of all that, lets only the same elements pass. The length of a
//! comment is limited before; time is linear in it and nesting is bounded, so a hostile comment costs what an honest
//! one does.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::base::limits;
use crate::body::html::text::of_html;
use crate::body::html::{escape, push_escaped};

#[cfg(test)]
mod tests;

/// Deeper nesting than this is flattened: its text stays.
const MAX_DEPTH: usize = 16;

/// The elements that a comment has.
const TAGS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
];
/// Where a link may lead.
const SCHEMES: &[&str] = &["http", "https", "mailto"];
/// The `rel` of every link, for search engines and browsers.
const REL: &str = "nofollow ugc noopener";

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .url_schemes(SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::Deny)
        .generic_attributes(HashSet::new())
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .link_rel(Some(REL));
    builder
});

/// A link of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, in the form that browsers turn it into.
    pub url: String,
    /// Its first character in the comment, counted in Unicode scalar values.
    pub start: usize,
    /// The position after its last character.
    pub end: usize,
}

/// A comment as HTML that is safe wherever HTML is.
pub fn render(body: &str) -> String {
    CLEANER.clean(&CommentHtmlWriter::of(body).html).to_string()
}

/// The links of a comment, in their order: those that [`render`] shows, and no others.
pub fn links(body: &str) -> Vec<Link> {
    let (mut at, mut chars) = (0, 0);
    let mut chars_before = |byte: usize| {
        // Links come in their order, so this walks the body once.
        let from = if byte < at { 0 } else { at };
        chars = if from == 0 { 0 } else { chars };
        chars += body.get(from..byte).map_or(0, |text| text.chars().count());
        at = byte;
        chars
    };
    let found = CommentHtmlWriter::of(body).links;
    let link = |(url, range): (String, Range<usize>)| Link {
        url,
        start: chars_before(range.start),
        end: chars_before(range.end),
    };
    found.into_iter().map(link).collect()
}

/// The web addresses that stand in a text, in characters: what [`render`] would make a link of, and where a link leads.
pub fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for span in address_finder().spans(text) {
        if let Some((shown, _)) = span.kind().and_then(|_| address(span.as_str())) {
            found.push(at..at + shown.chars().count());
        }
        at += span.as_str().chars().count();
    }
    found
}

/// A text in markup that shows it as it stands: with backslashes before what would be Markdown, if anything is.
pub fn literal(text: &str) -> String {
    if shows(text, text) {
        return text.to_owned();
    }
    let lines = text.split('\n').map(|line| {
        let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
        let (number, rest) = line.split_at(digits);
        let begins = rest.starts_with(['#', '>', '-', '+', '=', '~']) && number.is_empty()
            || rest.starts_with(['.', ')']) && !number.is_empty();
        let mut escaped = number.to_owned();
        for (at, c) in rest.char_indices() {
            if begins && at == 0 || matches!(c, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '&') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        escaped
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a comment shows this text, in paragraphs and with links alone.
fn shows(body: &str, text: &str) -> bool {
    let html = render(body);
    let is_plain = html.split('<').skip(1).all(|tag| {
        let name = tag.trim_start_matches('/').split([' ', '>']).next();
        matches!(name, Some("p" | "br" | "a"))
    });
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    is_plain && words(&of_html(&html)) == words(text)
}

/// Whether nothing of a text can be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_override(c) || is_invisible(c) || is_joiner(c))
}

/// The name of a comment's author, as text that holds no tag even where somebody forgets to escape it: angle brackets
/// become single guillemets, and what cannot be seen is removed.
pub fn author_name(name: &str) -> String {
    let shown = name
        .chars()
        .filter(|c| !is_override(*c) && !is_invisible(*c) && !c.is_control());
    let text: String = shown
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            c => c,
        })
        .collect();
    text.trim().to_owned()
}

/// Characters that reverse the order of those that follow: they make an address read as another. Marks of direction,
/// which right-to-left scripts need, are not among them.
fn is_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that join or part their neighbours, and are nothing alone.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{200e}' | '\u{200f}')
}

/// Characters that show nothing and join nothing. The joiners of Persian, Indic scripts and emoji stay.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a letter or a digit is at one side of this part of the source.
fn is_within_word(body: &str, part: &Range<usize>) -> bool {
    let before = body.get(..part.start).and_then(|text| text.chars().next_back());
    let after = body.get(part.end..).and_then(|text| text.chars().next());
    [before, after].into_iter().flatten().any(char::is_alphanumeric)
}

/// The address of a link; `None` where a link may not lead there.
fn safe_url(destination: &str) -> Option<String> {
    if destination.chars().count() > limits::URL {
        return None;
    }
    let url = Url::parse(destination).ok()?;
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    let leads = match url.scheme() {
        "mailto" => true,
        scheme => SCHEMES.contains(&scheme) && url.has_host() && is_anonymous,
    };
    (leads && url.as_str().len() <= limits::URL).then(|| url.to_string())
}

/// A character of running text, and the part of the source that it stands for.
struct MarkupGlyph {
    c: char,
    source: Range<usize>,
}

/// Writes HTML as the parser reads.
#[derive(Default)]
struct CommentHtmlWriter {
    html: String,
    links: Vec<(String, Range<usize>)>,
    /// How each open element is closed; empty for those that were not written.
    open: Vec<&'static str>,
    depth: usize,
    is_in_link: bool,
    is_in_code: bool,
    /// Running text that is not written yet: an address may span several events.
    run: Vec<MarkupGlyph>,
}

impl CommentHtmlWriter {
    fn of(body: &str) -> Self {
        let mut writer = Self::default();
        for (event, source) in Parser::new_ext(body, Options::empty()).into_offset_iter() {
            writer.take(body, event, source);
        }
        writer.flush();
        writer
    }

    fn take(&mut self, body: &str, event: Event<'_>, source: Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.flush();
                self.begin(body, tag, source);
            }
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_in_code => self.text(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.run_on(body, &text, source),
            Event::SoftBreak | Event::HardBreak => self.run.push(MarkupGlyph { c: '\n', source }),
            Event::Code(text) => {
                self.flush();
                self.html.push_str("<code>");
                self.text(&text);
                self.html.push_str("</code>");
            }
            Event::Rule => {
                self.flush();
                let dashes = body.get(source).unwrap_or_default().trim();
                self.html.push_str(&format!("<p>{}</p>", escape(dashes)));
            }
            // The parser's options leave these off.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn begin(&mut self, body: &str, tag: Tag<'_>, source: Range<usize>) {
        let (open, close): (Cow<'static, str>, &'static str) = match tag {
            Tag::Paragraph | Tag::HtmlBlock => ("<p>".into(), "</p>"),
            Tag::Heading { .. } => ("<p><strong>".into(), "</strong></p>"),
            Tag::BlockQuote(_) => ("<blockquote>".into(), "</blockquote>"),
            Tag::CodeBlock(_) => {
                self.is_in_code = true;
                ("<pre><code>".into(), "</code></pre>")
            }
            Tag::List(None) => ("<ul>".into(), "</ul>"),
            Tag::List(Some(1)) => ("<ol>".into(), "</ol>"),
            Tag::List(Some(first)) => (format!("<ol start=\"{first}\">").into(), "</ol>"),
            Tag::Item => ("<li>".into(), "</li>"),
            // Within a word stars are what they are: 2*3*4, c*n*ard.
            Tag::Emphasis if is_within_word(body, &source) => ("*".into(), "*"),
            Tag::Strong if is_within_word(body, &source) => ("**".into(), "**"),
            Tag::Emphasis => ("<em>".into(), "</em>"),
            Tag::Strong => ("<strong>".into(), "</strong>"),
            Tag::Link {
                link_type, dest_url, ..
            }
            | Tag::Image {
                link_type, dest_url, ..
            } => self.link(link_type, &dest_url, source),
            _ => ("".into(), ""),
        };
        let is_written = !close.is_empty() && self.depth < MAX_DEPTH;
        self.open.push(if is_written { close } else { "" });
        if is_written {
            self.depth += 1;
            self.html.push_str(&open);
        }
    }

    /// Opens a link, where one is allowed; of a link in a link only the words are written.
    fn link(&mut self, kind: LinkType, destination: &str, source: Range<usize>) -> (Cow<'static, str>, &'static str) {
        let url = match kind {
            LinkType::Email => safe_url(&format!("mailto:{destination}")),
            _ => safe_url(destination),
        };
        match url.filter(|_| !self.is_in_link && self.depth < MAX_DEPTH) {
            Some(url) => {
                self.is_in_link = true;
                let open = format!("<a href=\"{}\">", escape(&url));
                self.links.push((url, source));
                (open.into(), "</a>")
            }
            None => ("".into(), ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        // The last line of a block of HTML brings its line end, which would add a line break.
        if tag == TagEnd::HtmlBlock && self.run.last().is_some_and(|glyph| glyph.c == '\n') {
            self.run.pop();
        }
        self.flush();
        let close = self.open.pop().unwrap_or_default();
        self.depth -= usize::from(!close.is_empty());
        self.html.push_str(close);
        let is_inline = matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image);
        if close.is_empty() && !is_inline {
            // Words of blocks that were flattened stay apart.
            self.html.push(' ');
        }
        self.is_in_link &= close != "</a>";
        self.is_in_code &= tag != TagEnd::CodeBlock;
    }

    fn run_on(&mut self, body: &str, text: &str, source: Range<usize>) {
        let is_verbatim = body.get(source.clone()) == Some(text);
        let glyph = |(at, c): (usize, char)| {
            let from = source.start + at;
            let source = if is_verbatim {
                from..from + c.len_utf8()
            } else {
                source.clone()
            };
            MarkupGlyph { c, source }
        };
        self.run.extend(text.char_indices().map(glyph));
    }

    /// Writes the running text, its addresses as links.
    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        let text: String = run.iter().map(|glyph| glyph.c).collect();
        if self.is_in_link || text.is_empty() {
            return self.text(&text);
        }
        let mut glyphs = run.iter();
        for span in address_finder().spans(&text) {
            let address = span.kind().and_then(|_| address(span.as_str()));
            let (shown, url) = match address {
                Some((shown, url)) => (shown, Some(url)),
                None => (span.as_str(), None),
            };
            let ranges: Vec<&Range<usize>> = glyphs
                .by_ref()
                .take(span.as_str().chars().count())
                .map(|glyph| &glyph.source)
                .collect();
            if let (Some(url), [first, ..]) = (url, ranges.as_slice()) {
                let last = ranges.get(shown.chars().count().saturating_sub(1)).unwrap_or(first);
                self.html.push_str(&format!("<a href=\"{}\">", escape(&url)));
                self.text(shown);
                self.html.push_str("</a>");
                self.links.push((url, first.start..last.end));
                self.text(span.as_str().get(shown.len()..).unwrap_or_default());
            } else {
                self.text(shown);
            }
        }
    }

    /// Escaped text; a line end breaks the line.
    fn text(&mut self, text: &str) {
        let is_in_code = self.is_in_code;
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.html.push_str(if is_in_code { "\n" } else { "<br>" });
            }
            let shown: String = line.chars().filter(|c| !is_override(*c)).collect();
            push_escaped(&mut self.html, &shown);
        }
    }
}

fn address_finder() -> LinkFinder {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    finder
}

/// The part of a word that is an address, and where it leads. A name with dots alone is no address: people forget the
/// space after a full stop.
fn address(word: &str) -> Option<(&str, String)> {
    let starts = |prefix: &str| {
        word.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let ends = |c: char| c.is_whitespace() || is_override(c) || is_invisible(c);
    let shown = word.split(ends).next()?;
    let shown = shown.trim_end_matches(['»', '”', '’', '…', '«', '“', '›', '—', '–', '*', '_']);
    let url = if starts("http://") || starts("https://") {
        safe_url(shown)
    } else if starts("www.") {
        safe_url(&format!("https://{shown}"))
    } else {
        None
    };
    url.map(|url| (shown, url))
}
