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
//!
//! The ids of a text begin with [`ANCHOR_PREFIX`], so that they are never those of the page around it; links within the
//! text follow them (`blocks::anchors`). What goes is told by name: [`SanitisedHtml::lost`]. [`restyle`] reads emphasis
//! that is written as style, [`losses`] compares what went in with what came out.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};
use unicode_normalization::UnicodeNormalization;

use self::bounded::bounded;
use super::{escape, text};
use crate::base::limits;
use crate::body::providers::provider_of_host;

mod bounded;
mod losses;
mod restyle;

/// What the ids of a text begin with.
pub const ANCHOR_PREFIX: &str = "a-";
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
        &[
            "allow",
            "allowfullscreen",
            "height",
            "loading",
            "referrerpolicy",
            "src",
            "title",
            "width",
        ],
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
/// Addresses that a reader's browser or telephone opens and that run nothing.
pub const LINK_SCHEMES: &[&str] = &[
    "geo", "http", "https", "mailto", "sms", "tel", "tg", "viber", "whatsapp", "xmpp",
];
/// What a frame may be allowed to do.
const FRAME_RIGHTS: &[&str] = &[
    "autoplay",
    "encrypted-media",
    "fullscreen",
    "picture-in-picture",
    "web-share",
];
/// What a frame may be told of the page around it: some players want the site's name, none needs the page's.
const REFERRER_POLICIES: &[&str] = &[
    "no-referrer",
    "origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
];
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

/// HTML after sanitising, and what that took.
#[derive(Debug, Default)]
pub struct SanitisedHtml {
    /// What is left.
    pub html: String,
    /// The names of what is not: `<script>`, `onclick`, `style (color)`, `href="ftp://…"`; some ten at most.
    pub lost: Vec<String>,
    /// The hosts of frames that are not, for the site does not list them.
    pub unlisted_hosts: Vec<String>,
}

impl PermittedMarkup {
    /// `html` with nothing but this set's elements.
    pub fn sanitise(self, html: &str) -> String {
        self.reduce(html).html
    }

    /// As [`PermittedMarkup::sanitise`], saying what was taken away.
    pub fn reduce(self, html: &str) -> SanitisedHtml {
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

    /// Whether pages of this address are embedded: their host is listed, or another one of the same provider.
    pub fn embeds(&self, url: &str) -> bool {
        let name = provider_of_host(&host_of(url).unwrap_or_default());
        let is_listed = |listed: &String| {
            let same = |host: String| host.trim_start_matches("www.") == listed.trim_start_matches("www.");
            host_of(url).is_some_and(same) || (name.is_some() && provider_of_host(listed) == name)
        };
        self.hosts.iter().any(is_listed)
    }

    /// `html` with nothing but what raw HTML may hold.
    pub fn sanitise(&self, html: &str) -> String {
        self.reduce(html).html
    }

    /// As [`EmbedPolicy::sanitise`], saying what was taken away.
    pub fn reduce(&self, html: &str) -> SanitisedHtml {
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
        .generic_attributes(HashSet::from(["dir", "id", "lang"]))
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
        (_, "id") => anchor(value).map(Cow::Owned),
        (_, "headers") => Some(Cow::Owned(anchors(value))),
        ("a", "rel") => known_words(value, LINK_RELATIONS, " ").map(Cow::Owned),
        ("iframe", "allow") => known_words(value, FRAME_RIGHTS, "; ").map(Cow::Owned),
        ("iframe", "referrerpolicy") => REFERRER_POLICIES.contains(&value).then_some(Cow::Borrowed(value)),
        ("iframe", "src") => is_permitted_frame(value, frames).then_some(Cow::Borrowed(value)),
        (_, "src" | "poster") => is_https(value).then_some(Cow::Borrowed(value)),
        (_, "dir") => matches!(value, "auto" | "ltr" | "rtl").then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

fn known_words(value: &str, known: &[&str], separator: &str) -> Option<String> {
    let words = value.split([' ', '\t', '\n', ';']).filter(|word| known.contains(word));
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| words.join(separator))
}

/// An id as a text may have it, or `None` where it can be none.
pub fn anchor(id: &str) -> Option<String> {
    let id = id.trim();
    let id = id.strip_prefix(ANCHOR_PREFIX).unwrap_or(id);
    let length = 1..=limits::ANCHOR;
    let fits = length.contains(&id.chars().count()) && !id.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| format!("{ANCHOR_PREFIX}{id}"))
}

fn anchors(ids: &str) -> String {
    let ids: Vec<String> = ids.split_ascii_whitespace().filter_map(anchor).collect();
    ids.join(" ")
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
    parsed(url).is_some_and(|url| url.scheme() == "https" && url.has_host())
}

/// An address; one without a scheme means `https`.
fn parsed(url: &str) -> Option<Url> {
    match url.starts_with("//") {
        true => Url::parse(&format!("https:{url}")).ok(),
        false => Url::parse(url).ok(),
    }
}

fn host_of(url: &str) -> Option<String> {
    Some(parsed(url)?.host_str()?.to_owned())
}

fn is_permitted_frame(url: &str, hosts: &[String]) -> bool {
    let Some(url) = parsed(url) else {
        return false;
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https" && plain && hosts.iter().any(|permitted| permitted == host)
}

fn to_fixed_point(html: &str, builder: &Builder<'static>, frames: &[String]) -> SanitisedHtml {
    let tags = builder.clone_tags();
    let clean = |bounded: &str| tidy(&builder.clean(bounded).to_string());
    let mut told = SanitisedHtml::default();
    let first = bounded(html, &tags, frames, &mut told);
    let mut current = clean(&first);
    for _ in 1..MAX_PASSES {
        let next = clean(&bounded(&current, &tags, frames, &mut SanitisedHtml::default()));
        if next == current {
            for name in losses::lost_between(&first, &current) {
                losses::push_name(&mut told.lost, name);
            }
            told.html = current;
            return told;
        }
        current = next;
    }
    let plain = escape(&text::of_html(&current));
    told.html = clean(&bounded(&plain, &tags, frames, &mut SanitisedHtml::default()));
    losses::push_name(&mut told.lost, "…".to_owned());
    told
}

/// NFC, without the characters that a character reference can bring in but XML cannot hold.
fn tidy(html: &str) -> String {
    let fits = |c: &char| (!c.is_control() || matches!(c, '\t' | '\n')) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    html.nfc().filter(fits).collect::<String>().trim_ascii().to_owned()
}

#[cfg(test)]
mod tests;
