//! What search engines get about a page, in their own terms: schema.org as JSON-LD, for a page's
//! `<script type="application/ld+json">`. An article ([`article`]), the way to it ([`breadcrumbs`]), the site
//! ([`site`]).
//!
//! Members have schema.org's names, and one without a value is left out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::model::Access;
use crate::base::clock::Time;
use crate::base::http::public_url::PublicUrl;
use crate::body::article_type::ArticleType;
use crate::body::image::Image;
use crate::body::outline::{Outline, OutlineItem};
use crate::published::{AnswerContext, ParsedHead, PublishedArticle};
use crate::site::settings::{Crumb, LogoRole, Site};

/// Characters of a headline that search engines show.
const MAX_HEADLINE_CHARACTERS: usize = 110;

const SCHEMA_ORG: &str = "https://schema.org";

crate::word_type! {
    /// What kind of article it is, in schema.org's words.
    JsonLdArticleType {
        /// A story.
        News = "NewsArticle",
        /// A comment piece.
        Opinion = "OpinionNewsArticle",
        /// Paid for by somebody.
        Sponsored = "AdvertiserContentArticle",
    }
}

crate::word_type! {
    /// Who signs: somebody, or the paper.
    JsonLdAuthorType {
        /// Somebody.
        Person = "Person",
        /// The paper.
        Organisation = "NewsMediaOrganization",
    }
}

/// What search engines are told of an article's page: each member stands by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleJsonLd {
    /// The article.
    pub article: JsonLdArticle,
    /// The way to it.
    pub breadcrumbs: JsonLdBreadcrumbs,
}

/// An article (schema.org/NewsArticle).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdArticle {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    #[schema(format = "uri")]
    context: String,
    /// What kind of article it is.
    #[serde(rename = "@type")]
    kind: JsonLdArticleType,
    /// The headline, cut to what search engines show.
    #[schema(max_length = 110)]
    headline: String,
    /// What it says in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    description: Option<String>,
    /// The date that it shows.
    date_published: Time,
    /// When it was changed last.
    date_modified: Time,
    /// Who signs it; the paper where nobody does.
    #[schema(max_items = 20)]
    author: Vec<JsonLdAuthor>,
    /// The paper.
    publisher: JsonLdOrganisation,
    /// The picture above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    image: Option<JsonLdImage>,
    /// The section's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 100)]
    article_section: Option<String>,
    /// What it is about.
    #[schema(max_items = 50, max_length = 100)]
    keywords: Vec<String>,
    /// Its language.
    #[schema(max_length = 12)]
    in_language: String,
    /// Whether everybody may read it all.
    is_accessible_for_free: bool,
    /// What of the page not everybody may read; left out where everybody may read it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    has_part: Option<JsonLdPart>,
    /// Its page.
    main_entity_of_page: JsonLdPage,
    /// Words of the body, those that not everybody may read included.
    #[schema(minimum = 0)]
    word_count: i64,
}

/// A part of a page (schema.org/WebPageElement).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdPart {
    /// Always `WebPageElement`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// Whether everybody may read it: no.
    is_accessible_for_free: bool,
    /// Which part: the class that the page gives to what stands behind the gate.
    #[schema(max_length = 100)]
    css_selector: String,
}

/// The class of the element in which a front end draws what not everybody may read.
const GATED_PART: &str = ".gated";

/// A page (schema.org/WebPage).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JsonLdPage {
    /// Always `WebPage`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// Where it is.
    #[serde(rename = "@id")]
    #[schema(format = "uri")]
    id: String,
}

/// Who signs something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JsonLdAuthor {
    /// Somebody, or the paper.
    #[serde(rename = "@type")]
    kind: JsonLdAuthorType,
    /// The name.
    name: String,
    /// Their page.
    url: String,
}

/// A paper (schema.org/NewsMediaOrganization).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdOrganisation {
    /// Always `NewsMediaOrganization`.
    #[serde(rename = "@type")]
    #[schema(max_length = 30)]
    kind: String,
    /// The name.
    name: String,
    /// Its home page.
    url: String,
    /// Its logo: the square one, or else the primary one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    logo: Option<JsonLdImage>,
    /// Where else it is found.
    #[schema(max_items = 30, max_length = 2048)]
    same_as: Vec<String>,
}

/// A picture (schema.org/ImageObject).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdImage {
    /// Always `ImageObject`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// Where it is.
    url: String,
    /// Its width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    width: Option<i32>,
    /// Its height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    height: Option<i32>,
    /// The text below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1000)]
    caption: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 200)]
    credit_text: Option<String>,
}

/// The way to a page (schema.org/BreadcrumbList).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdBreadcrumbs {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    #[schema(format = "uri")]
    context: String,
    /// Always `BreadcrumbList`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// The steps, from the home page on.
    #[schema(max_items = 10)]
    item_list_element: Vec<JsonLdStep>,
}

/// A step on the way to a page (schema.org/ListItem).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JsonLdStep {
    /// Always `ListItem`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// Its place, from 1.
    #[schema(minimum = 1)]
    position: i32,
    /// What to show.
    #[schema(max_length = 300)]
    name: String,
    /// Where it leads.
    #[schema(format = "uri")]
    item: String,
}

/// The site (schema.org/WebSite). There is no search in it, for only the front end knows the page of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonLdSite {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    #[schema(format = "uri")]
    context: String,
    /// Always `WebSite`.
    #[serde(rename = "@type")]
    #[schema(max_length = 20)]
    kind: String,
    /// The name.
    name: String,
    /// Its home page.
    url: String,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    description: Option<String>,
    /// Its languages.
    #[schema(max_items = 20, max_length = 12)]
    in_language: Vec<String>,
    /// Whose it is.
    publisher: JsonLdOrganisation,
}

/// What search engines get about a live article's page; `item` is the article taken apart.
pub fn of(setting: &AnswerContext<'_>, live: &PublishedArticle, item: &ParsedHead) -> ArticleJsonLd {
    let AnswerContext { frame, public_url, .. } = setting;
    let tree = &frame.tree;
    let section = tree.reference(&frame.site, live.section_id(), &item.locale);
    let crumbs = tree.breadcrumb(&frame.site, live.section_id(), &item.locale);
    let label = section.map(|section| section.label);
    ArticleJsonLd {
        article: article(&frame.site, public_url, item, label, words(&live.outline())),
        breadcrumbs: breadcrumbs(public_url, &crumbs),
    }
}

/// Words of a body, by its outline, with those that are hidden: how many they are tells nothing of them.
fn words(outline: &Outline) -> i64 {
    let count = |item: &OutlineItem| match item {
        OutlineItem::Block { words, .. } => *words,
        OutlineItem::AdSlot { .. } => 0,
    };
    let shown: usize = outline.items.iter().map(count).sum();
    i64::try_from(shown + outline.hidden_words.unwrap_or(0)).unwrap_or(i64::MAX)
}

/// An article, with its section's name and its number of words.
pub fn article(
    site: &Site,
    public_url: &PublicUrl,
    item: &ParsedHead,
    section: Option<String>,
    word_count: i64,
) -> JsonLdArticle {
    let publisher = organisation(site, public_url);
    let mut author: Vec<JsonLdAuthor> = item
        .contributors
        .iter()
        .map(|person| JsonLdAuthor {
            kind: JsonLdAuthorType::Person,
            name: person.name.clone(),
            url: public_url.of(&person.path),
        })
        .collect();
    if author.is_empty() {
        author.push(JsonLdAuthor {
            kind: JsonLdAuthorType::Organisation,
            name: publisher.name.clone(),
            url: publisher.url.clone(),
        });
    }
    let told = item.seo.as_ref().and_then(|seo| seo.description.clone());
    JsonLdArticle {
        context: SCHEMA_ORG.to_owned(),
        kind: match item.type_ {
            ArticleType::Opinion => JsonLdArticleType::Opinion,
            ArticleType::Sponsored => JsonLdArticleType::Sponsored,
            _ => JsonLdArticleType::News,
        },
        headline: headline(&item.title),
        description: told.or_else(|| item.standfirst.clone()),
        date_published: item.published_at,
        date_modified: item.updated_at,
        author,
        publisher,
        image: item.image.as_ref().map(picture),
        article_section: section,
        keywords: item.tags.iter().map(|tag| tag.label.clone()).collect(),
        in_language: item.locale.clone(),
        is_accessible_for_free: item.access == Access::Free,
        has_part: (item.access != Access::Free).then(|| JsonLdPart {
            kind: "WebPageElement".to_owned(),
            is_accessible_for_free: false,
            css_selector: GATED_PART.to_owned(),
        }),
        main_entity_of_page: JsonLdPage {
            kind: "WebPage".to_owned(),
            id: public_url.of(&item.path),
        },
        word_count,
    }
}

/// The way to a page.
pub fn breadcrumbs(public_url: &PublicUrl, crumbs: &[Crumb]) -> JsonLdBreadcrumbs {
    let step = |(position, crumb): (i32, &Crumb)| JsonLdStep {
        kind: "ListItem".to_owned(),
        position,
        name: crumb.label.clone(),
        item: public_url.of(&crumb.path),
    };
    JsonLdBreadcrumbs {
        context: SCHEMA_ORG.to_owned(),
        kind: "BreadcrumbList".to_owned(),
        item_list_element: (1..).zip(crumbs).map(step).collect(),
    }
}

/// The site.
pub fn site(site: &Site, public_url: &PublicUrl) -> JsonLdSite {
    JsonLdSite {
        context: SCHEMA_ORG.to_owned(),
        kind: "WebSite".to_owned(),
        name: site.name.clone(),
        url: public_url.of("/"),
        description: site.tagline.clone(),
        in_language: site.locales.clone(),
        publisher: organisation(site, public_url),
    }
}

fn organisation(site: &Site, public_url: &PublicUrl) -> JsonLdOrganisation {
    let of_role = |role| site.logos.iter().find(|logo| logo.role == role);
    let logo = of_role(LogoRole::Square).or_else(|| of_role(LogoRole::Primary));
    JsonLdOrganisation {
        kind: JsonLdAuthorType::Organisation.to_string(),
        name: site.name.clone(),
        url: public_url.of("/"),
        logo: logo.map(|logo| picture(&logo.image)),
        same_as: site.social_links.iter().map(|link| link.url.clone()).collect(),
    }
}

fn picture(image: &Image) -> JsonLdImage {
    JsonLdImage {
        kind: "ImageObject".to_owned(),
        url: image.url.clone(),
        width: image.width,
        height: image.height,
        caption: image.caption.clone(),
        credit_text: image.credit.clone(),
    }
}

/// A title as search engines show it: if it is too long, cut after a word and ended with an ellipsis.
fn headline(title: &str) -> String {
    if title.chars().count() <= MAX_HEADLINE_CHARACTERS {
        return title.to_owned();
    }
    let start: String = title.chars().take(MAX_HEADLINE_CHARACTERS - 1).collect();
    let end = start.rfind(char::is_whitespace).filter(|end| *end > start.len() / 2);
    let cut = start.get(..end.unwrap_or(start.len())).unwrap_or(&start);
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn public_url() -> PublicUrl {
        PublicUrl::new("https://f.test".to_owned())
    }

    fn written(change: Value) -> Value {
        let mut json = json!({"id": "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "path": "/news/à", "locale": "fr",
            "type": "article", "title": "Le port", "standfirst": "En bref", "image": null, "contributors": [],
            "tags": [], "published_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z",
            "access": "free"});
        for (name, value) in change.as_object().unwrap() {
            json[name] = value.clone();
        }
        let item: ParsedHead = serde_json::from_value(json).unwrap();
        json!(article(
            &Site::default(),
            &public_url(),
            &item,
            Some("News".to_owned()),
            12
        ))
    }

    #[test]
    fn an_article_says_what_search_engines_ask_for() {
        let organisation = json!({"@type": "NewsMediaOrganization", "name": "Masthead", "url": "https://f.test/",
            "sameAs": []});
        assert_eq!(
            written(json!({})),
            json!({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Le port",
                "description": "En bref", "datePublished": "2026-01-01T00:00:00.000Z",
                "dateModified": "2026-01-02T00:00:00.000Z",
                "author": [{"@type": "NewsMediaOrganization", "name": "Masthead", "url": "https://f.test/"}],
                "publisher": organisation, "articleSection": "News", "keywords": [], "inLanguage": "fr",
                "isAccessibleForFree": true, "wordCount": 12,
                "mainEntityOfPage": {"@type": "WebPage", "@id": "https://f.test/news/%C3%A0"}})
        );
    }

    #[test]
    fn each_member_follows_from_the_article() {
        let image = json!({"url": "https://i.test/a.jpg", "alt": "A", "caption": null, "credit": "AFP", "width": 8,
            "height": null, "media_id": null});
        let person = json!([{"id": "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "name": "Awa", "slug": "awa",
            "path": "/auteur/awa", "role": null, "image": null}]);
        let tag = json!([{"id": "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "label": "Paix", "slug": "paix",
            "path": "/tag/paix", "kind": "topic"}]);
        let seo = json!({"title": null, "description": "Pour eux", "no_index": false});
        for (change, member, expected) in [
            (json!({"type": "opinion"}), "@type", json!("OpinionNewsArticle")),
            (json!({"type": "sponsored"}), "@type", json!("AdvertiserContentArticle")),
            (json!({"type": "live"}), "@type", json!("NewsArticle")),
            (json!({"access": "subscribers"}), "isAccessibleForFree", json!(false)),
            (json!({"access": "registered"}), "isAccessibleForFree", json!(false)),
            (json!({"access": "free"}), "hasPart", Value::Null),
            (
                json!({"access": "subscribers"}),
                "hasPart",
                json!({"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".gated"}),
            ),
            (json!({"standfirst": null}), "description", Value::Null),
            (json!({"seo": seo}), "description", json!("Pour eux")),
            (json!({"image": null}), "image", Value::Null),
            (
                json!({"image": image}),
                "image",
                json!({"@type": "ImageObject", "url": "https://i.test/a.jpg", "width": 8, "creditText": "AFP"}),
            ),
            (
                json!({"contributors": person}),
                "author",
                json!([{"@type": "Person", "name": "Awa", "url": "https://f.test/auteur/awa"}]),
            ),
            (json!({"tags": tag}), "keywords", json!(["Paix"])),
        ] {
            assert_eq!(written(change)[member], expected, "{member}");
        }
        assert!(!written(json!({"standfirst": null})).to_string().contains("null"));
    }

    #[test]
    fn a_long_headline_is_cut_behind_a_word() {
        let words = "mot ".repeat(60);
        let exact = "é".repeat(110);
        for (title, expected) in [
            ("Court", "Court".to_owned()),
            (exact.as_str(), exact.clone()),
            (&"é".repeat(111), format!("{}…", "é".repeat(109))),
            (words.trim_end(), format!("{}…", "mot ".repeat(27).trim_end())),
        ] {
            let cut = headline(title);
            assert_eq!(cut, expected);
            assert!(cut.chars().count() <= MAX_HEADLINE_CHARACTERS);
        }
    }

    #[test]
    fn the_way_to_a_page_is_counted_from_the_home_page_on() {
        let crumb = |label: &str, path: &str| Crumb {
            label: label.to_owned(),
            path: path.to_owned(),
        };
        let way = breadcrumbs(&public_url(), &[crumb("Accueil", "/"), crumb("News", "/news")]);
        assert_eq!(
            json!(way),
            json!({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": [
                {"@type": "ListItem", "position": 1, "name": "Accueil", "item": "https://f.test/"},
                {"@type": "ListItem", "position": 2, "name": "News", "item": "https://f.test/news"}]})
        );
    }

    #[test]
    fn the_site_names_its_languages_its_logo_and_where_else_it_is_found() {
        let mut settings = json!(Site::default());
        let image = |url: &str| {
            json!({"url": url, "alt": null, "caption": null, "credit": null, "width": null,
            "height": null, "media_id": null})
        };
        settings["locales"] = json!(["fr", "en"]);
        settings["tagline"] = json!("Tout");
        settings["logos"] = json!([{"role": "primary", "image": image("https://i.test/p.png")},
            {"role": "square", "image": image("https://i.test/s.png")}]);
        settings["social_links"] = json!([{"network": "mastodon", "url": "https://m.test/@f"}]);
        let settings: Site = serde_json::from_value(settings).unwrap();
        assert_eq!(
            json!(site(&settings, &public_url())),
            json!({"@context": "https://schema.org", "@type": "WebSite", "name": "Masthead", "url": "https://f.test/",
                "description": "Tout", "inLanguage": ["fr", "en"],
                "publisher": {"@type": "NewsMediaOrganization", "name": "Masthead", "url": "https://f.test/",
                    "logo": {"@type": "ImageObject", "url": "https://i.test/s.png"}, "sameAs": ["https://m.test/@f"]}})
        );
    }

    #[test]
    fn a_long_headline_is_cut_after_a_word_where_that_keeps_half() {
        let title = |first: usize| format!("{} {}", "a".repeat(first), "b".repeat(109));
        let of = |first: usize| format!("{}…", "a".repeat(first));
        for (title, expected) in [
            ("a".repeat(110), "a".repeat(110)),
            ("a".repeat(111), of(109)),
            (title(54), format!("{} {}…", "a".repeat(54), "b".repeat(54))),
            (title(55), of(55)),
            (title(108), of(108)),
        ] {
            assert_eq!(headline(&title), expected);
        }
    }
}
