//! Atom (RFC 4287).

use super::model::{Feed, media_type};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::text::xml::XmlWriter;
use crate::delivery::feeds::model::{FeedEntry, NamedLink};

/// The media type.
pub const MEDIA_TYPE: &str = "application/atom+xml";

/// The feed as Atom.
///
/// # Errors
/// 500, when memory cannot be written to.
pub fn write(feed: &Feed) -> Result<String> {
    let mut xml = XmlWriter::document()?;
    let mut attributes = vec![("xmlns", "http://www.w3.org/2005/Atom")];
    if let Some(language) = &feed.language {
        attributes.push(("xml:lang", language));
    }
    xml.open("feed", &attributes)?;
    xml.text("id", &feed.id)?;
    xml.text("title", &feed.title)?;
    if feed.description != feed.title {
        xml.text("subtitle", &feed.description)?;
    }
    // Atom requires `updated` in every feed, so an empty one has the epoch.
    if let Some(time) = feed.updated_at().or_else(|| Time::from_millis(0)) {
        xml.text("updated", &time.to_string())?;
    }
    let link = [("rel", "self"), ("type", MEDIA_TYPE), ("href", &feed.self_url)];
    xml.empty("link", &link)?;
    write_page(&mut xml, &feed.home_url)?;
    if let Some(icon) = &feed.icon {
        xml.text("icon", icon)?;
    }
    write_person(&mut xml, &feed.publisher)?;
    for entry in &feed.entries {
        write_entry(&mut xml, entry)?;
    }
    xml.close("feed")?;
    xml.into_text()
}

fn write_entry(xml: &mut XmlWriter, entry: &FeedEntry) -> Result<()> {
    xml.open("entry", &[("xml:lang", &entry.language)])?;
    xml.text("id", &entry.urn())?;
    xml.text("title", &entry.title)?;
    write_page(xml, &entry.url)?;
    xml.text("published", &entry.published_at.to_string())?;
    xml.text("updated", &entry.updated_at.to_string())?;
    for author in &entry.authors {
        write_person(xml, author)?;
    }
    for category in &entry.categories {
        xml.empty("category", &[("term", &category.term), ("label", &category.label)])?;
    }
    if !entry.summary_html.is_empty() {
        xml.text_with("summary", &[("type", "html")], &entry.summary_html)?;
    }
    if let Some(html) = &entry.content_html {
        xml.text_with("content", &[("type", "html")], html)?;
    }
    if let Some(image) = &entry.image {
        let mut link = vec![("rel", "enclosure"), ("href", image.url.as_str())];
        link.extend(media_type(image).map(|media_type| ("type", media_type)));
        xml.empty("link", &link)?;
    }
    xml.close("entry")
}

fn write_page(xml: &mut XmlWriter, url: &str) -> Result<()> {
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", url)])
}

fn write_person(xml: &mut XmlWriter, person: &NamedLink) -> Result<()> {
    xml.open("author", &[])?;
    xml.text("name", &person.name)?;
    xml.text("uri", &person.url)?;
    xml.close("author")
}
