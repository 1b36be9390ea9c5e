//! Everything that readers may ask for in a newsroom.

use super::plays::Play;
use crate::support::newsroom::desk;

/// What is there whatever was made.
const FIXED: &[&str] = &[
    "/v1/pages/home",
    "/v1/pages?path=/",
    "/v1/pages?path=/en",
    "/v1/articles",
    "/v1/articles?locale=*&count=exact",
    "/v1/articles?section=/news&view=teaser",
    "/v1/articles?section=/sport&limit=2",
    "/v1/articles?sort=-updated_at",
    "/v1/articles/full?locale=en",
    "/v1/articles/partial?fields=title,alternates,linked_articles",
    "/v1/articles?tag=mali",
    "/v1/articles?tag=sujet-9,port",
    "/v1/articles?contributor=awa-kossou",
    "/v1/breaking",
    "/v1/most-read",
    "/v1/most-read?window=24h&section=/news",
    "/v1/search?q=port",
    "/v1/search?q=nouveau&sort=relevance",
    "/v1/search?q=xyz",
    "/v1/search/suggest?q=ti",
    "/v1/pages/search?q=port",
    "/v1/site",
    "/v1/site?locale=en",
    "/v1/menus/main",
    "/v1/sections",
    "/v1/tags",
    "/v1/contributors",
    "/v1/ad-slots",
    "/v1/corrections",
    "/feeds/rss",
    "/feeds/atom?section=/news",
    "/feeds/json?tag=mali&content=full",
    "/sitemap.xml",
    "/sitemaps/sections.xml",
    "/sitemaps/archives.xml",
    "/sitemap-news.xml",
    "/robots.txt",
    "/v1/pages?path=/news",
    "/v1/pages?path=/sport&month=2026-11",
    "/v1/pages?path=/auteur/awa-kossou",
    "/v1/pages?path=/tag/mali",
];

impl Play {
    /// Everything that readers may ask for here.
    pub async fn addresses(&mut self) -> Vec<String> {
        let mut addresses: Vec<String> = FIXED.iter().map(|address| (*address).to_owned()).collect();
        for id in &self.sections {
            addresses.push(format!("/v1/sections/{id}"));
        }
        for id in &self.tags {
            addresses.push(format!("/v1/tags/{id}"));
        }
        for id in &self.packages {
            addresses.push(format!("/v1/packages/{id}"));
        }
        for id in &self.articles {
            let path = self.admin.renewed().get(&desk(id)).await.json["path"]
                .as_str()
                .map(str::to_owned);
            self.paths.extend(path);
            addresses.extend([
                format!("/v1/articles/{id}?include=related,translations,packages,comments,jsonld"),
                format!("/v1/articles/{id}"),
                format!("/v1/articles/{id}/related"),
                format!("/v1/articles/{id}/comments"),
                format!("/v1/articles/{id}/comments/flat"),
                format!("/v1/articles/{id}/corrections"),
                format!("/v1/comments/counts?article_id={id}"),
            ]);
        }
        self.paths.sort();
        self.paths.dedup();
        for path in &self.paths {
            addresses.extend([
                format!("/v1/pages?path={path}"),
                format!("/v1/pages/article?path={path}"),
                format!("/v1/articles/by-path?path={path}"),
                format!("/v1/resolve?path={path}"),
            ]);
        }
        addresses
    }
}
