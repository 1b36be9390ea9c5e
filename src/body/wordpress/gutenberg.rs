//! Gutenberg blocks and shortcodes that HTML alone does not explain.

use serde_json::Value;

use super::convert::Converter;
use super::figures::galleries;
use super::media::{audio, picture, video};
use super::parts::{draft_id, paragraphs, usable_address};
use super::shortcodes::Shortcode;
use super::tree::WpBlock;
use crate::base::limits;
use crate::body::blocks::{Block, HeadingBlock, RawHtmlBlock};
use crate::body::html::tokens::ElementTag;
use crate::body::image::Image;
use crate::body::providers::page_of;

impl<'s> Converter<'_, 's> {
    /// A Gutenberg block. Most are their HTML, in which line ends mean nothing.
    pub(super) fn wp_block(&mut self, node: usize, block: &WpBlock<'s>) {
        let attributes: Value = serde_json::from_str(block.attributes).unwrap_or_default();
        match block.name {
            "spacer" | "more" | "nextpage" => {}
            "html" if block.content.is_some() => self.html_block(node, block.content.unwrap_or_default()),
            "freeform" | "classic" | "shortcode" => self.with_autop(true, |inner| inner.lines(node)),
            "embed" => self.embed_block(node, block, &attributes),
            name if name.starts_with("core-embed/") => self.embed_block(node, block, &attributes),
            "gallery" => self.with_autop(false, |inner| inner.gallery(node)),
            "cover" => self.with_autop(false, |inner| inner.cover(node, &attributes)),
            "file" => self.with_autop(false, |inner| inner.file(node)),
            "image" if block.content.is_none() => self.attachment(&attributes),
            "paragraph" | "heading" | "list" | "list-item" if block.content.is_none() => {}
            name if block.content.is_none() => {
                // The server writes it anew for each reader: latest posts, a form, a reusable block.
                self.losses.count(&format!("wp:{name}"));
            }
            _ => self.with_autop(false, |inner| inner.lines(node)),
        }
    }

    /// HTML as it is, unless there is something in it that raw HTML cannot hold and we can convert.
    fn html_block(&mut self, node: usize, content: &str) {
        let policy = self.policy;
        let must_convert = |tag: &ElementTag<'s>| match &*tag.name {
            "script" | "style" | "object" | "embed" | "form" | "svg" | "math" | "select" | "textarea" => true,
            "iframe" => !tag.attribute("src").is_some_and(|src| policy.allows(&src)),
            "img" => !tag.attribute("src").is_some_and(|src| src.starts_with("https://")),
            "blockquote" => tag
                .has_class(|class| class.ends_with("-tweet") || class.ends_with("-media") || class.ends_with("-embed")),
            _ => false,
        };
        let is_short = content.chars().count() + limits::CAPTION <= limits::BLOCK;
        if !is_short || self.tree.find(node, &must_convert).is_some() {
            return self.with_autop(false, |inner| inner.lines(node));
        }
        if !content.trim().is_empty() {
            self.emit([Block::RawHtml(RawHtmlBlock {
                id: draft_id(),
                html: content.trim().to_owned(),
            })]);
        }
    }

    fn embed_block(&mut self, node: usize, block: &WpBlock<'s>, attributes: &Value) {
        let tree = self.tree;
        let written = || {
            let wrapper = tree.find(node, &|tag| tag.has_class(|class| class == "wp-block-embed__wrapper"))?;
            self.plain_text_of(wrapper)
        };
        let url = attributes["url"].as_str().map(str::to_owned).or_else(written);
        let Some(url) = url.and_then(|url| usable_address(&url)) else {
            if block.content.is_none() {
                self.losses.count("wp:embed");
            }
            return self.with_autop(false, |inner| inner.lines(node));
        };
        let caption = tree.find(node, &|tag| tag.name == "figcaption");
        let (caption, rest) = caption.map(|caption| self.plain_inside(caption)).unwrap_or_default();
        let (caption, long) = match caption.chars().count() {
            0 => (None, Vec::new()),
            length if length <= limits::CAPTION => (Some(caption), Vec::new()),
            _ => (None, paragraphs(&caption)),
        };
        self.flush();
        self.place_embed(&url, caption);
        self.emit(long);
        self.emit(rest);
    }

    /// A picture with text on it. Older ones name the picture in a style, and here.
    fn cover(&mut self, node: usize, attributes: &Value) {
        let blocks = self.inside(|inner| inner.lines(node));
        let is_media = |block: &Block| matches!(block, Block::Image(_) | Block::Video(_));
        if !blocks.iter().any(is_media)
            && let Some(url) = attributes["url"].as_str()
        {
            if attributes["backgroundType"] == "video" {
                let url = usable_address(url);
                self.emit(url.map(|url| video(url, None)));
            } else if let Some(url) = self.image_address(url) {
                self.emit([picture(Image {
                    url,
                    ..Default::default()
                })]);
            }
        }
        self.emit(blocks);
    }

    /// A link to a file; the button beside it leads there too.
    fn file(&mut self, node: usize) {
        let tree = self.tree;
        self.flush();
        let inner = tree.find(node, &|tag| tag.name == "div").unwrap_or(node);
        for child in tree.children(inner) {
            let is_twice = tree
                .element(child)
                .is_some_and(|tag| tag.name == "object" || tag.has_class(|class| class == "wp-block-file__button"));
            match is_twice {
                true => self.losses.count("file_button"),
                false => self.node(child),
            }
        }
        self.flush();
    }

    fn attachment(&mut self, attributes: &Value) {
        match attributes["id"].as_u64().and_then(|id| (self.context.attachment)(id)) {
            Some(image) => self.emit([picture(image)]),
            None => self.losses.count("wp:image"),
        }
    }

    /// A shortcode and what is before its end tag.
    pub(super) fn shortcode(&mut self, node: usize, code: Shortcode<'s>) {
        match code.name {
            "caption" | "wp_caption" => self.captioned(node, code.attribute("caption")),
            "gallery" => self.gallery_shortcode(node, code),
            "audio" | "video" => self.media_shortcode(node, code),
            "playlist" => self.lose_shortcode(node, code),
            "vc_custom_heading" | "vc_single_image" | "vc_gallery" | "vc_images_carousel" | "vc_video"
            | "et_pb_image" => {
                self.page_builder(node, code);
            }
            _ if code.is_known() => self.embed_shortcode(node, code),
            _ => self.lose_shortcode(node, code),
        }
    }

    fn lose_shortcode(&mut self, node: usize, code: Shortcode<'s>) {
        self.losses.count(&format!("shortcode:{}", code.name));
        self.children(node);
    }

    /// A page builder's element that holds what it shows in its attributes.
    fn page_builder(&mut self, node: usize, code: Shortcode<'s>) {
        let context = self.context;
        let pictures = |name: &str| -> Vec<Block> {
            let ids = code.attribute(name).unwrap_or_default();
            let ids = ids.split(',').filter_map(|id| id.trim().parse().ok());
            ids.filter_map(|id| (context.attachment)(id).map(picture)).collect()
        };
        let blocks = match code.name {
            "vc_custom_heading" => {
                let text = code
                    .attribute("text")
                    .filter(|text| text.chars().count() <= limits::TITLE);
                let heading = |text| {
                    Block::Heading(HeadingBlock {
                        id: draft_id(),
                        level: 2,
                        text,
                        anchor: None,
                    })
                };
                text.map(heading).into_iter().collect()
            }
            "et_pb_image" => {
                let url = code.attribute("src").and_then(|src| self.image_address(&src));
                let image = |url| {
                    picture(Image {
                        url,
                        ..Image::default()
                    })
                };
                url.map(image).into_iter().collect()
            }
            "vc_video" => return self.embed_shortcode(node, code),
            "vc_single_image" => pictures("image"),
            _ => galleries(pictures("images")),
        };
        if blocks.is_empty() {
            return self.lose_shortcode(node, code);
        }
        self.emit(blocks);
        self.children(node);
    }

    fn gallery_shortcode(&mut self, node: usize, code: Shortcode<'s>) {
        let ids = code
            .attribute("ids")
            .or_else(|| code.attribute("include"))
            .unwrap_or_default();
        let mut images = Vec::new();
        for id in ids.split(',').filter_map(|id| id.trim().parse().ok()) {
            match (self.context.attachment)(id) {
                Some(image) => images.push(picture(image)),
                None => self.losses.count("gallery_image"),
            }
        }
        if ids.is_empty() {
            // All pictures of a post, which its HTML does not name.
            let post = code.attribute("id").and_then(|id| id.trim().parse().ok());
            images.extend((self.context.uploaded)(post).into_iter().map(picture));
            if images.is_empty() {
                self.losses.count("shortcode:gallery");
            }
        }
        self.emit(galleries(images));
        self.children(node);
    }

    fn media_shortcode(&mut self, node: usize, code: Shortcode<'s>) {
        let source = ["src", "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "wav"]
            .iter()
            .find_map(|name| code.attribute(name));
        let source = source.or_else(|| code.address()).or_else(|| self.plain_text_of(node));
        let Some(url) = source.and_then(|url| usable_address(&url)) else {
            return self.lose_shortcode(node, code);
        };
        if code.name == "audio" {
            return self.emit([audio(url)]);
        }
        let poster = code.attribute("poster").and_then(|poster| self.image_address(&poster));
        self.emit([video(url, poster)]);
    }

    fn embed_shortcode(&mut self, node: usize, code: Shortcode<'s>) {
        let id = || {
            code.attribute("id")
                .or_else(|| code.unnamed())
                .and_then(|id| page_of(code.name, &id))
        };
        let inside = || self.plain_text_of(node).filter(|text| !text.is_empty());
        let url = code.address().or_else(id).or_else(|| {
            let inside = inside()?;
            usable_address(&inside).or_else(|| page_of(code.name, &inside))
        });
        match url.and_then(|url| usable_address(&url)) {
            Some(url) => {
                self.flush();
                self.place_embed(&url, None);
            }
            None => self.lose_shortcode(node, code),
        }
    }
}
