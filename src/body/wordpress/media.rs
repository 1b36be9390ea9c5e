//! Pictures, players, frames, and the figures around them.

use ammonia::Url;
use ammonia::url::ParseError;

use super::convert::Converter;
use super::parts::{clean_address, draft_id, usable_address};
use crate::base::limits;
use crate::body::blocks::{AudioBlock, Block, EmbedBlock, ImageBlock, VideoBlock};
use crate::body::html::tokens::ElementTag;
use crate::body::image::{Image, MAX_SIDE, https_url};
use crate::body::providers::provider;
use crate::body::wordpress::tree::HtmlTree;

/// Where plugins that load pictures late put the address.
const LATE_SOURCES: &[&str] = &[
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-orig-file",
    "data-large-file",
];

impl<'s> Converter<'_, 's> {
    /// A picture. A smiley is the text that it stands for.
    pub(super) fn img(&mut self, tag: &ElementTag<'s>) {
        let alt = tag.attribute("alt").unwrap_or_default();
        if tag.has_class(|class| matches!(class, "wp-smiley" | "emoji")) {
            return self.run.text(&alt, false);
        }
        let is_pixel = |side| tag.attribute(side).is_some_and(|pixels| matches!(&*pixels, "0" | "1"));
        if is_pixel("width") && is_pixel("height") {
            return self.losses.count("tracking_pixel");
        }
        if let Some(image) = self.image(tag, &alt) {
            self.place(picture(image));
        }
    }

    fn image(&mut self, tag: &ElementTag<'s>, alt: &str) -> Option<Image> {
        let is_usable = |url: &String| !url.is_empty() && !url.starts_with("data:");
        let source = tag.attribute("src").unwrap_or_default();
        let late = || {
            LATE_SOURCES
                .iter()
                .find_map(|name| tag.attribute(name).filter(is_usable))
        };
        let Some(source) = Some(source.clone()).filter(is_usable).or_else(late) else {
            self.losses.count(if source.starts_with("data:") {
                "image_data_uri"
            } else {
                "image_without_address"
            });
            return None;
        };
        let url = self.image_address(&source)?;
        let side = |name| {
            tag.attribute(name)?
                .trim_end_matches("px")
                .parse()
                .ok()
                .filter(|side| (1..=MAX_SIDE).contains(side))
        };
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        let alt = match alt.chars().count() {
            0 => None,
            length if length <= limits::ALT => Some(alt),
            _ => {
                self.losses.count("image_alt_shortened");
                Some(alt.chars().take(limits::ALT - 1).chain(['…']).collect())
            }
        };
        Some(Image {
            url,
            alt,
            width: side("width"),
            height: side("height"),
            ..Image::default()
        })
    }

    /// The address as an `https` one; pages served over https show no others.
    pub(super) fn image_address(&mut self, source: &str) -> Option<String> {
        let base = self.context.address.filter(|_| is_relative(source));
        let joined = base.and_then(|base| base.join(source.trim()).ok());
        let url = clean_address(joined.as_ref().map_or(source, Url::as_str));
        let url = match url {
            Some(url) if url.starts_with("http://") => {
                self.losses.count("image_upgraded_to_https");
                Some(url.replacen("http://", "https://", 1))
            }
            url => url,
        };
        let url = url
            .and_then(|url| https_url(&url))
            .filter(|url| url.chars().count() <= limits::URL);
        if url.is_none() {
            self.losses.count("image_address");
        }
        url
    }

    /// A frame: an embed where the site permits it, else a link.
    pub(super) fn iframe(&mut self, tag: &ElementTag<'s>) {
        let source = tag
            .attribute("src")
            .filter(|src| !src.is_empty() && !src.starts_with("about:"));
        let source = source.or_else(|| LATE_SOURCES.iter().find_map(|name| tag.attribute(name)));
        let Some(url) = source.and_then(|url| usable_address(&url)) else {
            return self.losses.count("iframe");
        };
        let secure = url.replacen("http://", "https://", 1);
        if self.policy.allows(&secure) {
            return self.place_embed(&secure, None);
        }
        self.losses.count("iframe");
        self.place_link(&url, &tag.attribute("title").unwrap_or_default());
    }

    /// `<video>` and `<audio>`.
    pub(super) fn player(&mut self, node: usize, tag: &ElementTag<'s>) {
        let tree = self.tree;
        let source = tag.attribute("src").filter(|src| !src.is_empty()).or_else(|| {
            let source = tree.find(node, &|tag| tag.name == "source" && tag.attribute("src").is_some())?;
            tree.element(source)?.attribute("src")
        });
        let Some(url) = source.and_then(|url| usable_address(&url)) else {
            return self.losses.count(&tag.name);
        };
        if tag.name == "audio" {
            return self.place(audio(url));
        }
        let poster = tag.attribute("poster").filter(|poster| !poster.is_empty());
        let poster = poster.and_then(|poster| self.image_address(&poster));
        self.place(video(url, poster));
    }

    /// `<object>` and `<embed>`, which browsers no longer show: a link, and the content that is there instead.
    pub(super) fn plugin(&mut self, node: usize, tag: &ElementTag<'s>) {
        self.losses.count(&tag.name);
        let tree = self.tree;
        let movie = || {
            let is_movie = |tag: &ElementTag<'s>| {
                tag.attribute("name")
                    .is_some_and(|name| name.eq_ignore_ascii_case("movie"))
            };
            let param = tree.find(node, &|tag| {
                (tag.name == "param" && is_movie(tag)) || tag.name == "embed"
            })?;
            let param = tree.element(param)?;
            param.attribute("value").or_else(|| param.attribute("src"))
        };
        let source = tag.attribute("data").or_else(|| tag.attribute("src")).or_else(movie);
        if let Some(url) = source.and_then(|url| usable_address(&url)) {
            self.place_link(&url, &tag.attribute("title").unwrap_or_default());
        }
        for child in tree
            .children(node)
            .filter(|child| !matches!(tree.name(*child), "param" | "embed"))
        {
            self.node(child);
        }
    }

    /// `<noscript>`: mostly the picture that a script loads late, which is then here twice.
    pub(super) fn noscript(&mut self, node: usize) {
        let blocks = self.inside(|inner| inner.children(node));
        let before = self.last_picture();
        let is_new =
            |block: &Block| !matches!((block, &before), (Block::Image(new), Some(old)) if new.image.url == *old);
        for block in blocks.into_iter().filter(is_new) {
            self.place(block);
        }
    }
}

fn is_relative(address: &str) -> bool {
    Url::parse(address.trim()) == Err(ParseError::RelativeUrlWithoutBase)
}

/// The page that a platform's `blockquote` stands for.
pub(super) fn embedded_post(tree: &HtmlTree<'_>, node: usize, tag: &ElementTag<'_>) -> Option<String> {
    let is = |name: &str| tag.has_class(|class| class == name);
    let url = if is("twitter-tweet") || is("twitter-video") {
        last_status(tree, node)?
    } else if is("instagram-media") {
        tag.attribute("data-instgrm-permalink")?
    } else if is("tiktok-embed") {
        tag.attribute("cite")?
    } else {
        return None;
    };
    usable_address(&url).filter(|url| provider(url).is_some())
}

fn last_status(tree: &HtmlTree<'_>, node: usize) -> Option<String> {
    let status = |child| {
        let url = tree.element(child).filter(|tag| tag.name == "a")?.attribute("href")?;
        url.contains("/status").then_some(url)
    };
    tree.children(node)
        .filter_map(|child| status(child).or_else(|| last_status(tree, child)))
        .last()
}

/// The block that an address alone on its line becomes.
pub(super) fn block_of_address(url: &str) -> Option<Block> {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    if ends(&[".mp3", ".m4a", ".ogg", ".oga", ".wav", ".flac"]) {
        return Some(audio(url.to_owned()));
    }
    if ends(&[".mp4", ".m4v", ".webm", ".ogv", ".mov"]) {
        return Some(video(url.to_owned(), None));
    }
    let provider = Some(provider(url)?.to_owned());
    Some(Block::Embed(EmbedBlock {
        id: draft_id(),
        url: url.to_owned(),
        provider,
        caption: None,
    }))
}

pub(super) fn picture(image: Image) -> Block {
    Block::Image(ImageBlock { id: draft_id(), image })
}

pub(super) fn audio(url: String) -> Block {
    Block::Audio(AudioBlock {
        id: draft_id(),
        url,
        caption: None,
        credit: None,
    })
}

pub(super) fn video(url: String, poster: Option<String>) -> Block {
    let poster = poster.map(|url| Image {
        url,
        ..Image::default()
    });
    Block::Video(VideoBlock {
        id: draft_id(),
        url,
        caption: None,
        credit: None,
        poster,
    })
}
