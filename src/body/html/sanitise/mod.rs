//! Leaves nothing in HTML but permitted markup. [`PermittedMarkup`] names the sets of elements for the fields
//! of the body; raw HTML takes the wider set of its site's [`EmbedPolicy`].
//!
//! ammonia decides. Before it, [`bounded`] makes sure that hostile nesting costs no more than linear time, and keeps
//! words of neighbouring blocks apart. What comes out goes in again until nothing changes, so that sanitising is
//! idempotent: what a client reads, it can send back unchanged.
//!
//! Links carry the `rel` that the editor gave, as far as it says something about the link
//! (`sponsored`, `nofollow`): search engines and the law ask for it. `target` is never kept, so no
//! page gets hold of its opener.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};
use unicode_normalization::UnicodeNormalization;

use super::{escape, is_block_level, is_void, text};
use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};

/// Deeper nesting than this is dropped; its text stays.
const MAX_DEPTH: usize = 50;
/// Longer tags than this are dropped: no permitted attributes need as much.
const MAX_TAG: usize = 8 * 1024;
/// How often HTML is cleaned before its text alone is kept. Two is the rule.
const MAX_PASSES: usize = 10;

const INLINE_TAGS: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp",
    "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];
const FLOW_TAGS: &[&str] = &[
    "blockquote",
    "dd",
    "dl",
    "dt",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "ul",
];
const RAW_TAGS: &[&str] = &[
    "article",
    "aside",
    "audio",
    "caption",
    "col",
    "colgroup",
    "details",
    "div",
    "figcaption",
    "figure",
    "footer",
    "h2",
    "header",
    "iframe",
    "img",
    "section",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "track",
    "video",
];
/// Elements that go with all that is in them.
const DROPPED_WHOLE: &[&str] = &[
    "applet", "frameset", "math", "noembed", "noframes", "object", "script", "select", "style", "svg", "template",
    "textarea", "title", "xmp",
];
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang", "rel", "title"]),
    ("abbr", &["title"]),
    ("audio", &["controls", "loop", "muted", "preload", "src"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("dfn", &["title"]),
    (
        "iframe",
        &["allowfullscreen", "height", "loading", "src", "title", "width"],
    ),
    ("img", &["alt", "height", "loading", "src", "title", "width"]),
    ("ins", &["datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("source", &["src", "type"]),
    ("td", &["colspan", "headers", "rowspan"]),
    ("th", &["abbr", "colspan", "headers", "rowspan", "scope"]),
    ("time", &["datetime"]),
    ("track", &["default", "kind", "label", "src", "srclang"]),
    (
        "video",
        &[
            "controls",
            "height",
            "loop",
            "muted",
            "playsinline",
            "poster",
            "preload",
            "src",
            "width",
        ],
    ),
];
const LINK_SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];
const LINK_RELATIONS: &[&str] = &[
    "author",
    "external",
    "license",
    "nofollow",
    "noopener",
    "noreferrer",
    "sponsored",
    "tag",
    "ugc",
];

/// A set of permitted elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermittedMarkup {
    /// What is within a line: links, emphasis, line breaks.
    Inline,
    /// Inline and paragraphs.
    Quote,
    /// Inline and nested lists.
    ListItem,
    /// Inline, paragraphs, lists, headings below the article's own.
    Flow,
}

impl PermittedMarkup {
    /// `html` with nothing but this set's elements.
    pub fn sanitise(self, html: &str) -> String {
        static INLINE: LazyLock<Builder<'static>> = LazyLock::new(|| builder(&[INLINE_TAGS], Vec::new()));
        static QUOTE: LazyLock<Builder<'static>> = LazyLock::new(|| builder(&[INLINE_TAGS, &["p"]], Vec::new()));
        static LIST_ITEM: LazyLock<Builder<'static>> =
            LazyLock::new(|| builder(&[INLINE_TAGS, &["li", "ol", "ul"]], Vec::new()));
        static FLOW: LazyLock<Builder<'static>> = LazyLock::new(|| builder(&[INLINE_TAGS, FLOW_TAGS], Vec::new()));
        let builder = match self {
            Self::Inline => &INLINE,
            Self::Quote => &QUOTE,
            Self::ListItem => &LIST_ITEM,
            Self::Flow => &FLOW,
        };
        to_fixed_point(html, builder, &[])
    }
}

/// What a site embeds: the hosts whose iframes raw HTML may hold.
#[derive(Debug)]
pub struct EmbedPolicy {
    hosts: Vec<String>,
    builder: Builder<'static>,
}

impl EmbedPolicy {
    /// The policy that permits iframes of exactly these hosts.
    pub fn new(hosts: &[String]) -> Self {
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let builder = builder(&[INLINE_TAGS, FLOW_TAGS, RAW_TAGS], hosts.clone());
        Self { hosts, builder }
    }

    /// Whether an iframe of this address is permitted.
    pub fn allows(&self, url: &str) -> bool {
        is_permitted_frame(url, &self.hosts)
    }

    /// `html` with nothing but what raw HTML may hold.
    pub fn sanitise(&self, html: &str) -> String {
        to_fixed_point(html, &self.builder, &self.hosts)
    }
}

fn builder(tags: &[&[&'static str]], frames: Vec<String>) -> Builder<'static> {
    let tags: HashSet<&str> = tags.iter().flat_map(|tags| tags.iter().copied()).collect();
    let attributes = ATTRIBUTES.iter().filter(|(tag, _)| tags.contains(tag));
    let attributes: HashMap<&str, HashSet<&str>> = attributes
        .map(|(tag, names)| (*tag, names.iter().copied().collect()))
        .collect();
    let whole = DROPPED_WHOLE
        .iter()
        .copied()
        .chain((!tags.contains("iframe")).then_some("iframe"))
        .collect();
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir", "lang"]))
        .clean_content_tags(whole)
        .url_schemes(LINK_SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::Custom(Box::new(relative_link)))
        .link_rel(None)
        .attribute_filter(move |tag, name, value| filter_attribute(tag, name, value, &frames));
    builder
}

fn filter_attribute<'v>(tag: &str, name: &str, value: &'v str, frames: &[String]) -> Option<Cow<'v, str>> {
    // A browser reads `\` as `/`; nobody means it so.
    let is_url = matches!(name, "href" | "src" | "poster");
    if is_url && value.contains('\\') {
        return None;
    }
    match (tag, name) {
        ("a", "rel") => known_relations(value).map(Cow::Owned),
        ("iframe", "src") => is_permitted_frame(value, frames).then_some(Cow::Borrowed(value)),
        (_, "src" | "poster") => is_https(value).then_some(Cow::Borrowed(value)),
        (_, "dir") => matches!(value, "auto" | "ltr" | "rtl").then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

fn known_relations(value: &str) -> Option<String> {
    let known: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(|rel| LINK_RELATIONS.contains(rel))
        .collect();
    (!known.is_empty()).then(|| known.join(" "))
}

/// A link to this site's own paths or to a place in the page. `//host` means another site: it becomes an `https` link.
fn relative_link(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim();
    let path: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    if path.starts_with("//") {
        return Url::parse(&format!("https:{path}"))
            .ok()
            .map(|url| Cow::Owned(url.into()));
    }
    path.starts_with(['/', '#']).then_some(Cow::Owned(path))
}

/// Whether it is an `https` address with a host.
pub fn is_https(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

fn is_permitted_frame(url: &str, hosts: &[String]) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https" && plain && hosts.iter().any(|permitted| permitted == host)
}

fn to_fixed_point(html: &str, builder: &Builder<'static>, frames: &[String]) -> String {
    let tags = builder.clone_tags();
    let pass = |html: &str| tidy(&builder.clean(&bounded(html, &tags, frames)).to_string());
    let mut current = pass(html);
    for _ in 1..MAX_PASSES {
        let next = pass(&current);
        if next == current {
            return current;
        }
        current = next;
    }
    pass(&escape(&text::of_html(&current)))
}

/// NFC, without the characters that a character reference can bring in but XML cannot hold.
fn tidy(html: &str) -> String {
    let fits = |c: &char| (!c.is_control() || matches!(c, '\t' | '\n')) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    html.nfc().filter(fits).collect::<String>().trim_ascii().to_owned()
}

/// The same HTML for the parser's sake: no deep nesting, no huge tags, no end tag without its start
/// tag, every element closed. A block-level element that `tags` lacks leaves white space.
fn bounded(html: &str, tags: &HashSet<&str>, frames: &[String]) -> String {
    let mut bounded = String::with_capacity(html.len());
    let mut open: Vec<Cow<'_, str>> = Vec::new();
    let mut dropped = false;
    for token in HtmlTokens::new(html) {
        match token {
            HtmlToken::Text(text) => bounded.push_str(&text.replace('<', "&lt;")),
            HtmlToken::Raw(text) if !dropped => bounded.push_str(text),
            HtmlToken::Raw(_) | HtmlToken::Comment(_) => {}
            HtmlToken::Open(tag) => {
                dropped = is_dropped(&tag, frames)
                    || is_foreign(&tag.name, tags)
                    || (!is_void(&tag.name) && open.len() >= MAX_DEPTH);
                separate(&mut bounded, &tag.name, tags);
                if !dropped {
                    bounded.push_str(tag.source);
                    if !is_void(&tag.name) {
                        open.push(tag.name);
                    }
                }
                // An iframe shows its document and nothing of its content.
                dropped |= open.last().is_some_and(|name| name == "iframe");
            }
            HtmlToken::Close(name) => {
                close(&mut bounded, &mut open, &name);
                separate(&mut bounded, &name, tags);
            }
        }
    }
    for name in open.iter().rev() {
        push_end_tag(&mut bounded, name);
    }
    bounded
}

fn is_dropped(tag: &ElementTag<'_>, frames: &[String]) -> bool {
    let source = || tag.attribute("src").unwrap_or_default();
    tag.source.len() > MAX_TAG
        || match &*tag.name {
            "iframe" => !is_permitted_frame(&source(), frames),
            "img" => !is_https(&source()),
            _ => false,
        }
}

/// Closes the innermost element of this name with all that is open in it.
fn close(html: &mut String, open: &mut Vec<Cow<'_, str>>, name: &str) {
    if let Some(at) = open.iter().rposition(|open| open == name) {
        for name in open.drain(at..).rev() {
            push_end_tag(html, &name);
        }
    }
}

fn push_end_tag(html: &mut String, name: &str) {
    html.push_str("</");
    html.push_str(name);
    html.push('>');
}

/// Leaves white space where the tag of a block-level element goes.
fn separate(html: &mut String, name: &str, tags: &HashSet<&str>) {
    if is_foreign(name, tags) && !html.is_empty() && !html.ends_with('\n') {
        html.push('\n');
    }
}

/// Whether it is a block-level element that `tags` lacks and whose content stays.
fn is_foreign(name: &str, tags: &HashSet<&str>) -> bool {
    is_block_level(name) && !tags.contains(name) && !DROPPED_WHOLE.contains(&name)
}

#[cfg(test)]
mod tests;
