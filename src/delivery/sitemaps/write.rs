//! The XML of sitemaps.

use std::collections::HashMap;

use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::public_url::PublicUrl;
use crate::base::text::xml::XmlWriter;
use crate::published::ParsedArticle;
use crate::published::addresses::ArticleAddress;
use crate::site::settings::Site;

const SITEMAP: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");
const XHTML: (&str, &str) = ("xmlns:xhtml", "http://www.w3.org/1999/xhtml");
const NEWS: (&str, &str) = ("xmlns:news", "http://www.google.com/schemas/sitemap-news/0.9");

/// A moment to the second (W3C date and time).
fn w3c(time: Time) -> String {
    time.naive().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The index: files with when the last thing in them changed, where that is known.
///
/// # Errors
/// As everything here: 500, when memory cannot be written to.
pub fn index(files: &[(String, Option<Time>)]) -> Result<String> {
    let mut xml = XmlWriter::document()?;
    xml.open("sitemapindex", &[SITEMAP])?;
    for (url, changed_at) in files {
        xml.open("sitemap", &[])?;
        xml.text("loc", url)?;
        if let Some(time) = changed_at {
            xml.text("lastmod", &w3c(*time))?;
        }
        xml.close("sitemap")?;
    }
    xml.close("sitemapindex")?;
    xml.into_text()
}

/// The beginning of a file.
///
/// # Errors
/// 500.
pub fn begin() -> Result<String> {
    let mut xml = XmlWriter::document()?;
    xml.open("urlset", &[SITEMAP, XHTML, NEWS])?;
    xml.into_text()
}

/// The end of a file.
///
/// # Errors
/// 500.
pub fn end() -> Result<String> {
    let mut xml = XmlWriter::default();
    xml.close("urlset")?;
    xml.into_text()
}

/// A page in one language, and its addresses in all languages, this one included.
pub struct SitemapPage<'p> {
    /// Where it is.
    pub url: String,
    /// When it changed last, where that is known.
    pub changed_at: Option<Time>,
    /// Language and address of the page in every language; written where there are several.
    pub alternates: &'p [(String, String)],
}

/// Appends a page.
///
/// # Errors
/// 500.
pub fn page(xml: &mut XmlWriter, page: &SitemapPage<'_>) -> Result<()> {
    xml.open("url", &[])?;
    xml.text("loc", &page.url)?;
    if let Some(time) = page.changed_at {
        xml.text("lastmod", &w3c(time))?;
    }
    if page.alternates.len() > 1 {
        for (locale, url) in page.alternates {
            let attributes = [("rel", "alternate"), ("hreflang", locale), ("href", url)];
            xml.empty("xhtml:link", &attributes)?;
        }
    }
    xml.close("url")
}

/// Articles, as a piece of a file; `stories` has, by translation key, the language and path of each translation.
///
/// # Errors
/// 500.
pub fn articles(
    public_url: &PublicUrl,
    addresses: &[ArticleAddress],
    stories: &HashMap<String, Vec<(String, String)>>,
) -> Result<String> {
    let mut xml = XmlWriter::default();
    for address in addresses {
        let story = address.translation_key.as_ref().and_then(|key| stories.get(key));
        let alternates: Vec<(String, String)> = story
            .into_iter()
            .flatten()
            .map(|(locale, path)| (locale.clone(), public_url.of(path)))
            .collect();
        let one = SitemapPage {
            url: public_url.of(&address.path),
            changed_at: Some(address.updated_at),
            alternates: &alternates,
        };
        page(&mut xml, &one)?;
    }
    xml.into_text()
}

/// A language as Google News knows it: without a region, except for its two forms of Chinese.
fn news_language(locale: &str) -> &str {
    let mut parts = locale.split('-');
    match parts.next() {
        Some("zh") if parts.any(|part| matches!(part, "Hant" | "TW" | "HK" | "MO")) => "zh-tw",
        Some("zh") => "zh-cn",
        language => language.unwrap_or(locale),
    }
}

/// News, as a piece of a file.
///
/// # Errors
/// 500.
pub fn news<'i>(public_url: &PublicUrl, site: &Site, items: impl Iterator<Item = &'i ParsedArticle>) -> Result<String> {
    let mut xml = XmlWriter::default();
    for item in items {
        xml.open("url", &[])?;
        xml.text("loc", &public_url.of(&item.path))?;
        xml.open("news:news", &[])?;
        xml.open("news:publication", &[])?;
        xml.text("news:name", &site.name)?;
        xml.text("news:language", news_language(&item.locale))?;
        xml.close("news:publication")?;
        xml.text("news:publication_date", &w3c(item.published_at))?;
        xml.text("news:title", &item.title)?;
        xml.close("news:news")?;
        xml.close("url")?;
    }
    xml.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_news_knows_languages_without_a_region_but_for_chinese() {
        let cases = [
            ("fr", "fr"),
            ("fr-BJ", "fr"),
            ("pt-BR", "pt"),
            ("es-419", "es"),
            ("fon", "fon"),
            ("zh", "zh-cn"),
            ("zh-CN", "zh-cn"),
            ("zh-Hant", "zh-tw"),
            ("zh-Hant-HK", "zh-tw"),
        ];
        for (locale, language) in cases {
            assert_eq!(news_language(locale), language, "{locale}");
        }
    }
}
