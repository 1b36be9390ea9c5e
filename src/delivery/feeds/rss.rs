//! RSS 2.0, with Dublin Core for authors, the content module for bodies and Media RSS for pictures.

use super::model::{Feed, media_type};
use crate::base::error::Result;
use crate::base::http::conditional::http_date;
use crate::base::text::xml::XmlWriter;
use crate::body::image::Image;
use crate::delivery::feeds::model::FeedEntry;

/// The media type.
pub const MEDIA_TYPE: &str = "application/rss+xml";

const NAMESPACES: [(&str, &str); 5] = [
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:media", "http://search.yahoo.com/mrss/"),
];

/// The feed as RSS.
///
/// # Errors
/// 500, when memory cannot be written to.
pub fn write(feed: &Feed) -> Result<String> {
    let mut xml = XmlWriter::document()?;
    xml.open("rss", &NAMESPACES)?;
    xml.open("channel", &[])?;
    xml.text("title", &feed.title)?;
    xml.text("link", &feed.home_url)?;
    xml.text("description", &feed.description)?;
    if let Some(language) = &feed.language {
        xml.text("language", language)?;
    }
    if let Some(time) = feed.updated_at() {
        xml.text("lastBuildDate", &http_date(time))?;
    }
    let link = [("rel", "self"), ("type", MEDIA_TYPE), ("href", &feed.self_url)];
    xml.empty("atom:link", &link)?;
    if let Some(icon) = &feed.icon {
        xml.open("image", &[])?;
        xml.text("url", icon)?;
        xml.text("title", &feed.title)?;
        xml.text("link", &feed.home_url)?;
        xml.close("image")?;
    }
    for entry in &feed.entries {
        write_item(&mut xml, entry)?;
    }
    xml.close("channel")?;
    xml.close("rss")?;
    xml.into_text()
}

fn write_item(xml: &mut XmlWriter, entry: &FeedEntry) -> Result<()> {
    xml.open("item", &[])?;
    xml.text("title", &entry.title)?;
    xml.text("link", &entry.url)?;
    xml.text_with("guid", &[("isPermaLink", "false")], &entry.urn())?;
    xml.text("pubDate", &http_date(entry.published_at))?;
    // RSS itself has no other date; this one shows when a correction was made.
    xml.text("atom:updated", &entry.updated_at.to_string())?;
    for author in &entry.authors {
        xml.text("dc:creator", &author.name)?;
    }
    xml.text("dc:language", &entry.language)?;
    for category in &entry.categories {
        xml.text("category", &category.label)?;
    }
    if !entry.summary_html.is_empty() {
        xml.text("description", &entry.summary_html)?;
    }
    if let Some(html) = &entry.content_html {
        xml.text("content:encoded", html)?;
    }
    if let Some(image) = &entry.image {
        write_media(xml, image)?;
    }
    xml.close("item")
}

/// A picture. An enclosure would have to say its length, which nobody knows.
fn write_media(xml: &mut XmlWriter, image: &Image) -> Result<()> {
    let (width, height) = (
        image.width.map(|side| side.to_string()),
        image.height.map(|side| side.to_string()),
    );
    let attributes = [
        ("url", Some(image.url.as_str())),
        ("medium", Some("image")),
        ("type", media_type(image)),
        ("width", width.as_deref()),
        ("height", height.as_deref()),
    ];
    let attributes: Vec<(&str, &str)> = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    xml.open("media:content", &attributes)?;
    if let Some(text) = image.caption.as_ref().or(image.alt.as_ref()) {
        xml.text_with("media:description", &[("type", "plain")], text)?;
    }
    if let Some(credit) = &image.credit {
        xml.text("media:credit", credit)?;
    }
    xml.close("media:content")
}
