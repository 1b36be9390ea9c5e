//! What stands in the HTML head of a page: where it is, whether search engines take it, its other languages, its feeds,
//! what search engines are told in their own terms.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::http::public_url::PublicUrl;
use crate::delivery::jsonld::{JsonLdArticle, JsonLdBreadcrumbs};
use crate::site::frame::Frame;

/// What stands in a page's HTML head.
#[derive(Serialize, ToSchema)]
pub struct PageHead {
    /// The page's address on the site; null where it has none that stays, as that of a search.
    #[schema(format = "uri", max_length = 2048)]
    pub canonical_url: Option<String>,
    /// What robots may do, for `<meta name="robots">`.
    #[schema(max_length = 100)]
    pub robots: String,
    /// The page in each language in which it is there, its own included; empty where that is the only one.
    #[schema(max_items = 20)]
    pub alternates: Vec<PageAlternate>,
    /// The feeds of what the page shows.
    #[schema(max_items = 3)]
    pub feeds: Vec<FeedLink>,
    /// What search engines are told (schema.org, as JSON-LD).
    pub jsonld: PageJsonLd,
}

/// A page in a language.
#[derive(Serialize, ToSchema)]
pub struct PageAlternate {
    /// The language.
    pub locale: String,
    /// The page's address on the site.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
}

/// A feed.
#[derive(Serialize, ToSchema)]
pub struct FeedLink {
    /// Its format, for `<link type>`.
    #[schema(max_length = 100)]
    pub media_type: String,
    /// What it is a feed of.
    #[schema(max_length = 300)]
    pub title: String,
    /// Where it is on the site.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
}

/// What search engines are told of a page: each member stands by itself.
#[derive(Default, Serialize, ToSchema)]
pub struct PageJsonLd {
    /// The article; null on other pages, and where `include` leaves it out.
    pub article: Option<JsonLdArticle>,
    /// The way to the page; null where there is none.
    pub breadcrumbs: Option<JsonLdBreadcrumbs>,
}

/// What robots may do with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RobotRule {
    /// Show it, with large pictures.
    Index,
    /// Follow its links, and show them instead.
    NoIndex,
    /// Forget it: it is for whoever has its address.
    Nothing,
}

impl RobotRule {
    /// As `<meta name="robots">` says it.
    pub fn content(self) -> String {
        let content = match self {
            Self::Index => "index, follow, max-image-preview:large",
            Self::NoIndex => "noindex, follow",
            Self::Nothing => "noindex, nofollow",
        };
        content.to_owned()
    }
}

/// The three feeds of a choice of articles: of the whole site where `filter` is empty, else of `name=value`.
pub fn feeds(frame: &Frame, public_url: &PublicUrl, of: Option<&str>, filter: &[(&str, &str)]) -> Vec<FeedLink> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(filter)
        .finish();
    let title = match of {
        Some(name) => format!("{} – {name}", frame.site.name),
        None => frame.site.name.clone(),
    };
    let formats = [
        ("/feeds/rss", "application/rss+xml"),
        ("/feeds/atom", "application/atom+xml"),
        ("/feeds/json", "application/feed+json"),
    ];
    let link = |(path, media_type): (&str, &str)| FeedLink {
        media_type: media_type.to_owned(),
        title: title.clone(),
        url: public_url.of(&match query.as_str() {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        }),
    };
    formats.map(link).into()
}

/// A page at each of these paths, by language; nothing where there is one only.
pub fn alternates(public_url: &PublicUrl, paths: Vec<(String, String)>) -> Vec<PageAlternate> {
    if paths.len() < 2 {
        return Vec::new();
    }
    let alternate = |(locale, path): (String, String)| PageAlternate {
        locale,
        url: public_url.of(&path),
    };
    paths.into_iter().map(alternate).collect()
}
