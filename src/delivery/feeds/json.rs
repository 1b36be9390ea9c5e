//! JSON Feed 1.1 (jsonfeed.org). A member without a value is left out, as the format requires.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::Feed;
use crate::base::clock::Time;
use crate::body::html::escape;
use crate::delivery::feeds::model::{FeedEntry, NamedLink};

/// The media type.
pub const MEDIA_TYPE: &str = "application/feed+json";

/// A feed (JSON Feed 1.1).
#[derive(Serialize, ToSchema)]
pub struct JsonFeed {
    /// Always `https://jsonfeed.org/version/1.1`.
    #[schema(format = "uri", example = "https://jsonfeed.org/version/1.1")]
    version: String,
    /// The paper, and what of it.
    title: String,
    /// The page of which this is the feed.
    #[schema(format = "uri")]
    home_page_url: String,
    /// Where this feed is.
    #[schema(format = "uri", max_length = 8192)]
    feed_url: String,
    /// What it is about.
    description: String,
    /// The paper's square logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    icon: Option<String>,
    /// The paper.
    #[schema(max_items = 1)]
    authors: Vec<JsonFeedAuthor>,
    /// The language, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 12)]
    language: Option<String>,
    /// The articles, the newest first.
    #[schema(max_items = 100)]
    items: Vec<JsonFeedItem>,
}

/// An article in a feed.
#[derive(Serialize, ToSchema)]
pub struct JsonFeedItem {
    /// `urn:uuid:` and the article's id.
    #[schema(max_length = 45)]
    id: String,
    /// Its page.
    #[schema(format = "uri")]
    url: String,
    /// The headline; of a retracted article, that it is.
    #[schema(max_length = 400)]
    title: String,
    /// The article with `content=full` where everybody may read it; else its summary.
    #[schema(max_length = 12_582_912)]
    content_html: String,
    /// The standfirst, or the first sentences, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    summary: Option<String>,
    /// The picture above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    image: Option<String>,
    /// The date that it shows.
    date_published: Time,
    /// When anything about it changed last.
    date_modified: Time,
    /// Who signs it.
    #[schema(max_items = 20)]
    authors: Vec<JsonFeedAuthor>,
    /// What it is filed under.
    #[schema(max_items = 51)]
    tags: Vec<String>,
    /// Its language.
    #[schema(max_length = 12)]
    language: String,
}

/// Who signs something.
#[derive(Serialize, ToSchema)]
pub struct JsonFeedAuthor {
    /// The name.
    name: String,
    /// Their page.
    url: String,
}

impl From<NamedLink> for JsonFeedAuthor {
    fn from(named: NamedLink) -> Self {
        Self {
            name: named.name,
            url: named.url,
        }
    }
}

impl From<Feed> for JsonFeed {
    fn from(feed: Feed) -> Self {
        Self {
            version: "https://jsonfeed.org/version/1.1".to_owned(),
            title: feed.title,
            home_page_url: feed.home_url,
            feed_url: feed.self_url,
            description: feed.description,
            icon: feed.icon,
            authors: vec![feed.publisher.into()],
            language: feed.language,
            items: feed.entries.into_iter().map(JsonFeedItem::from).collect(),
        }
    }
}

impl From<FeedEntry> for JsonFeedItem {
    fn from(entry: FeedEntry) -> Self {
        let summary = Some(entry.summary_html.clone()).filter(|html| !html.is_empty());
        // The format requires some content: the title, where an article has no other text.
        let content_html = entry.content_html.clone().or(summary);
        Self {
            id: entry.urn(),
            content_html: content_html.unwrap_or_else(|| format!("<p>{}</p>", escape(&entry.title))),
            url: entry.url,
            title: entry.title,
            summary: entry.summary,
            image: entry.image.map(|image| image.url),
            date_published: entry.published_at,
            date_modified: entry.updated_at,
            authors: entry.authors.into_iter().map(JsonFeedAuthor::from).collect(),
            tags: entry.categories.into_iter().map(|category| category.label).collect(),
            language: entry.language,
        }
    }
}
