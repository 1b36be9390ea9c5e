//! What WordPress keeps as HTML and Masthead as text: titles, excerpts, names, comments.

use ammonia::Url;
use unicode_normalization::UnicodeNormalization;

use crate::base::limits;
use crate::base::secrets::sha256;
use crate::base::text::{entities, plain};
use crate::body::html::is_block_level;
use crate::body::html::text::of_html;
use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};
use crate::comments::markup;

/// One line of plain text from HTML.
pub(super) fn line(html: &str) -> String {
    plain::one_line(&of_html(html).nfc().collect::<String>())
}

/// The text within `max` characters, cut between words if at least half of that remains; and whether it was cut.
pub(super) fn cut(text: &str, max: usize) -> (String, bool) {
    let Some((end, _)) = text.char_indices().nth(max.saturating_sub(1)) else {
        return (text.to_owned(), false);
    };
    if text.chars().nth(max).is_none() {
        return (text.to_owned(), false);
    }
    let head = text.get(..end).unwrap_or_default();
    let between = head
        .rfind(char::is_whitespace)
        .filter(|at| *at >= end / 2)
        .unwrap_or(end);
    let head = head.get(..between).unwrap_or(head).trim_end();
    (format!("{head}…"), true)
}

/// One line from HTML, within a limit; none where nothing is left.
pub(super) fn label(html: &str, max: usize) -> Option<String> {
    let (text, _) = cut(&line(html), max);
    (!text.is_empty()).then_some(text)
}

/// The key of a thing of the source, for an indexed column: one that is too long for it becomes its digest.
pub(super) fn key(text: String) -> String {
    /// WordPress has 200.
    const BYTES: usize = 400;
    if text.len() <= BYTES {
        text
    } else {
        sha256(text.as_bytes())
    }
}

/// Whether a name gives an e-mail address away.
pub(super) fn has_email(name: &str) -> bool {
    let is_email = |word: &str| {
        word.split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    name.split_whitespace().any(is_email)
}

/// A name that readers may see; none where it is empty, an e-mail address or the login.
pub(super) fn public_name(name: &str, login: &str) -> Option<String> {
    let name = label(name, limits::NAME)?;
    let is_login = name.to_lowercase() == login.trim().to_lowercase();
    (!is_login && !has_email(&name)).then_some(name)
}

/// The name of a person of whom both names are known; they were given as names, whatever the login is.
pub(super) fn person_name(first: &str, last: &str) -> Option<String> {
    let both = label(first, limits::NAME).zip(label(last, limits::NAME));
    let name = both.and_then(|(first, last)| label(&format!("{first} {last}"), limits::NAME));
    name.filter(|name| !has_email(name))
}

/// Decodes `%C3%A9`; what is no UTF-8 then stays as it was.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|hex| *byte == b'%' && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

/// A comment as its readers saw it, within the limit, and whether it was cut: what would be Markdown here is escaped.
pub(super) fn comment_body(html: &str) -> (String, bool) {
    let (text, is_cut) = cut(&comment(html), limits::COMMENT);
    let body = markup::literal(&text);
    let over = body.chars().count().saturating_sub(limits::COMMENT);
    if over == 0 {
        return (body, is_cut);
    }
    let (text, _) = cut(&text, limits::COMMENT.saturating_sub(over));
    (markup::literal(&text), true)
}

/// A comment as plain text: line ends and paragraphs stay, a link keeps its address in parentheses.
fn comment(html: &str) -> String {
    let source = plain::with_unix_line_ends(html);
    let mut writer = CommentTextWriter::default();
    for token in HtmlTokens::new(&source) {
        match token {
            HtmlToken::Text(text) => writer.text(text),
            HtmlToken::Raw(text) if !writer.is_hidden => writer.text(text),
            HtmlToken::Raw(_) | HtmlToken::Comment(_) => {}
            HtmlToken::Open(tag) => writer.open(&tag),
            HtmlToken::Close(name) => writer.close(&name),
        }
    }
    let text: String = writer
        .out
        .nfc()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    paragraphs(text.trim())
}

#[derive(Default)]
struct CommentTextWriter {
    out: String,
    is_hidden: bool,
    /// A `<br>` came last: a line end right after it is the same break.
    after_break: bool,
    /// The address of the open link, and where its text begins.
    link: Option<(String, usize)>,
}

impl CommentTextWriter {
    fn text(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.after_break) {
            text.strip_prefix('\n').unwrap_or(text)
        } else {
            text
        };
        self.out.push_str(&entities::decode(text));
    }

    fn open(&mut self, tag: &ElementTag<'_>) {
        self.is_hidden = matches!(&*tag.name, "script" | "style" | "iframe" | "noembed" | "noframes");
        match &*tag.name {
            "br" => {
                self.out.push('\n');
                self.after_break = true;
            }
            "a" => {
                let href = tag
                    .attribute("href")
                    .filter(|href| href.starts_with("http://") || href.starts_with("https://"));
                self.link = href.map(|href| (untracked(href), self.out.len()));
            }
            "img" => self.picture(tag),
            name => self.edge(name),
        }
    }

    /// A picture is its address; a smiley the text that it stands for, and a tracker nothing.
    fn picture(&mut self, tag: &ElementTag<'_>) {
        let is_pixel = |side| tag.attribute(side).is_some_and(|pixels| matches!(&*pixels, "0" | "1"));
        if is_pixel("width") || is_pixel("height") {
            return;
        }
        let is_smiley = tag.has_class(|class| matches!(class, "wp-smiley" | "emoji"));
        let source = tag.attribute("src").filter(|src| !is_smiley && src.starts_with("http"));
        let shown = source.or_else(|| tag.attribute("alt")).unwrap_or_default();
        self.out.push_str(&shown);
    }

    fn close(&mut self, name: &str) {
        if name != "a" {
            return self.edge(name);
        }
        let Some((href, start)) = self.link.take() else { return };
        let bare = |text: &str| {
            let text = text.trim().trim_start_matches("https://").trim_start_matches("http://");
            text.trim_end_matches('/').to_lowercase()
        };
        let shown = bare(self.out.get(start..).unwrap_or_default());
        let shortened = shown.strip_suffix("...").or_else(|| shown.strip_suffix('…'));
        if shortened.is_some_and(|start| !start.is_empty() && bare(&href).starts_with(start)) {
            // Disqus shortens the addresses that it shows.
            self.out.truncate(start);
            self.out.push_str(&href);
        } else if shown != bare(&href) {
            self.out.push_str(&format!(" ({href})"));
        }
    }

    fn edge(&mut self, name: &str) {
        match name {
            "li" | "tr" => self.out.push('\n'),
            name if is_block_level(name) => self.out.push_str("\n\n"),
            _ => {}
        }
    }
}

/// The address that a link leads to by way of Disqus, which counts who follows it:
/// `https://disq.us/url?url=https%3A%2F%2Fx.fr%3Asignature&cuid=1`.
fn untracked(href: String) -> String {
    let own = Url::parse(&href).ok().filter(|url| url.host_str() == Some("disq.us"));
    let led_to = own.and_then(|url| {
        let found = url.query_pairs().find(|(name, _)| name == "url");
        found.map(|(_, value)| value.into_owned())
    });
    let Some(led_to) = led_to.filter(|url| url.starts_with("http")) else {
        return href;
    };
    let signed = led_to
        .rsplit_once(':')
        .filter(|(url, signature)| url.contains("://") && !signature.contains('/'));
    signed.map_or(led_to.clone(), |(url, _)| url.to_owned())
}

/// Trims lines, and leaves one empty line between paragraphs at most.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_words() {
        assert_eq!(cut("un deux trois", 13), ("un deux trois".to_owned(), false));
        assert_eq!(cut("un deux trois", 12), ("un deux…".to_owned(), true));
        assert_eq!(cut("éééééé", 4), ("ééé…".to_owned(), true));
    }

    #[test]
    fn a_comment_keeps_its_paragraphs_and_links() {
        let table = [
            ("Bravo<br />\nencore\n\n\n<b>toi</b>", "Bravo\nencore\n\ntoi"),
            ("<p>a</p><p>b &amp; c</p>", "a\n\nb & c"),
            ("voir <a href=\"https://x.fr/y\">ici</a>.", "voir ici (https://x.fr/y)."),
            ("<a href='http://x.fr/'>x.fr</a>", "x.fr"),
            (
                "<a href='https://x.fr/rapport/2024'>https://x.fr/ra...</a>",
                "https://x.fr/rapport/2024",
            ),
            (
                "<a href='https://x.fr/rapport/2024'>x.fr/rapp…</a>",
                "https://x.fr/rapport/2024",
            ),
            ("<a href='https://x.fr/a'>lire...</a>", "lire... (https://x.fr/a)"),
            ("<a href='https://x.fr/a'>...</a>", "... (https://x.fr/a)"),
            (
                "<a href='https://disq.us/url?url=https%3A%2F%2Fx.fr%2Fa%3Ag7xQ_2&amp;cuid=1'>https://x.fr/a</a>",
                "https://x.fr/a",
            ),
            (
                "<a href='https://disq.us/p/1abc'>ici</a>",
                "ici (https://disq.us/p/1abc)",
            ),
            ("Vu : <img src='https://x.fr/a.jpg' alt='b'>", "Vu : https://x.fr/a.jpg"),
            (
                "Bien <img class='wp-smiley' src='https://x.fr/s.gif' alt=':)'>",
                "Bien :)",
            ),
            ("Rien<img src='https://x.fr/p.gif' width='1' height='1'>", "Rien"),
            ("<script>alert(1)</script>ok", "ok"),
            ("<a href=\"javascript:x\">non</a>", "non"),
        ];
        for (html, expected) in table {
            assert_eq!(comment(html), expected, "{html}");
        }
    }

    #[test]
    fn logins_and_addresses_are_no_names() {
        assert_eq!(public_name("Awa Diop", "awa").as_deref(), Some("Awa Diop"));
        for (name, login) in [("AWA", "awa"), ("awa@x.fr", "a"), ("Awa awa@x.fr", "a"), (" ", "a")] {
            assert_eq!(public_name(name, login), None, "{name}");
        }
    }

    #[test]
    fn percent_encoding_is_decoded_where_it_is_utf8() {
        assert_eq!(percent_decoded("caf%C3%A9"), "café");
        assert_eq!(percent_decoded("100%-%e9-%zz"), "100%-%e9-%zz");
    }
}
