//! A feed and its entries, whatever the format.

use ammonia::Url;

use crate::articles::corrections::{Correction, CorrectionKind};
use crate::articles::model::Access;
use crate::base::clock::Time;
use crate::base::ids::ArticleId;
use crate::body::blocks::Block;
use crate::body::html::escape;
use crate::body::html::render::{self, RenderContext};
use crate::body::image::Image;
use crate::delivery::feeds::phrases;
use crate::published::ParsedArticle;

crate::word_type! {
    /// How much a feed holds of each article.
    FeedContent {
        /// The standfirst.
        Summary = "summary",
        /// The body too, where everybody may read it.
        Full = "full",
    }
}

/// Something with a name and a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLink {
    /// The name.
    pub name: String,
    /// The page.
    pub url: String,
}

/// What an article is filed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCategory {
    /// As machines tell it apart.
    pub term: String,
    /// As readers see it.
    pub label: String,
}

/// A feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The paper's name; with the section, tag or contributor where the feed is of one.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// The paper.
    pub publisher: NamedLink,
    /// The page that this feed belongs to.
    pub home_url: String,
    /// Where this feed is.
    pub self_url: String,
    /// What it is known by: its address without `limit` and `content`.
    pub id: String,
    /// The paper's square logo.
    pub icon: Option<String>,
    /// The language, where it is one.
    pub language: Option<String>,
    /// The entries, the newest first.
    pub entries: Vec<FeedEntry>,
}

impl Feed {
    /// When something in it changed last; `None` for one that is empty.
    pub fn updated_at(&self) -> Option<Time> {
        self.entries.iter().map(|entry| entry.updated_at).max()
    }
}

/// An article in a feed.
#[derive(Clone, Debug)]
pub struct FeedEntry {
    /// The article's id.
    pub id: ArticleId,
    /// The headline; of a retracted article, with a label that says so.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its language.
    pub language: String,
    /// The date that it shows.
    pub published_at: Time,
    /// When anything about it changed last.
    pub updated_at: Time,
    /// Who signs it.
    pub authors: Vec<NamedLink>,
    /// What it is filed under.
    pub categories: Vec<FeedCategory>,
    /// The picture above it.
    pub image: Option<Image>,
    /// The paragraph below its headline, or its first sentences, as text.
    pub summary: Option<String>,
    /// The corrections and the summary, as HTML.
    pub summary_html: String,
    /// The whole article as HTML, where the feed has it.
    pub content_html: Option<String>,
}

impl FeedEntry {
    /// What it is known by, for ever.
    pub fn urn(&self) -> String {
        format!("urn:uuid:{}", self.id)
    }
}

/// What an entry is made of beside the article's own words.
pub struct EntryContext<'a> {
    /// Its address.
    pub url: String,
    /// Who signs it.
    pub authors: Vec<NamedLink>,
    /// What it is filed under.
    pub categories: Vec<FeedCategory>,
    /// The corrections, the oldest first.
    pub notices: &'a [Correction],
    /// Since when it is retracted.
    pub retracted_at: Option<Time>,
    /// Its first sentences, for one without a standfirst that everybody may read.
    pub opening: Option<String>,
    /// What is needed to write the body as HTML; `None` where the feed leaves it out.
    pub body: Option<RenderContext<'a>>,
}

/// An article as an entry.
pub fn entry(item: ParsedArticle, around: EntryContext<'_>) -> FeedEntry {
    let changes = around.notices.iter().map(|notice| notice.at).chain(around.retracted_at);
    let base = FeedEntry {
        id: item.id,
        title: item.title.clone(),
        url: around.url,
        published_at: item.published_at,
        updated_at: changes.fold(item.updated_at, Time::max),
        authors: around.authors,
        categories: around.categories,
        image: None,
        summary: None,
        summary_html: String::new(),
        content_html: None,
        language: item.locale.clone(),
    };
    if around.retracted_at.is_some() {
        let label = phrases::notice(CorrectionKind::Retraction, &item.locale);
        let why = around
            .notices
            .iter()
            .rfind(|notice| notice.kind == CorrectionKind::Retraction);
        let html = why.map_or_else(|| paragraph(&escape(label)), |notice| told(notice, &item.locale));
        return FeedEntry {
            title: phrases::with_label(label, &item.title, &item.locale),
            content_html: around.body.map(|_| html.clone()),
            summary_html: html,
            ..base
        };
    }
    let notices: String = around.notices.iter().map(|notice| told(notice, &item.locale)).collect();
    let as_html = |text: Option<&String>| text.map(|text| paragraph(&escape(text))).unwrap_or_default();
    let head_html = format!("{notices}{}", as_html(item.standfirst.as_ref()));
    let summary = item.standfirst.or(around.opening);
    let summary_html = notices + &as_html(summary.as_ref());
    let is_open = item.access == Access::Free;
    let content_html = around.body.filter(|_| is_open).map(|around| {
        let lead = item.image.as_ref().filter(|image| !holds(&item.blocks, image));
        let lead = lead.map(|image| format!("<figure>{}</figure>", render::figure(image)));
        format!(
            "{head_html}{}{}",
            lead.unwrap_or_default(),
            render::blocks(&item.blocks, &around)
        )
    });
    FeedEntry {
        image: item.image.map(with_ascii_url),
        summary,
        summary_html,
        content_html,
        ..base
    }
}

/// A picture whose address is a URI: what only an IRI may hold is percent-encoded.
fn with_ascii_url(image: Image) -> Image {
    match Url::parse(&image.url) {
        Ok(url) if !image.url.is_ascii() => Image {
            url: url.into(),
            ..image
        },
        _ => image,
    }
}

/// Whether the body shows a picture by itself.
fn holds(blocks: &[Block], image: &Image) -> bool {
    let shows = |block: &Block| matches!(block, Block::Image(block) if block.image.url == image.url);
    blocks.iter().any(shows)
}

fn paragraph(inner: &str) -> String {
    format!("<p>{inner}</p>")
}

/// A notice as HTML.
fn told(notice: &Correction, locale: &str) -> String {
    let label = format!("<strong>{}</strong>", escape(phrases::notice(notice.kind, locale)));
    paragraph(&phrases::with_label(&label, &escape(&notice.text), locale))
}

/// The media type of a picture, where its address shows it.
pub fn media_type(image: &Image) -> Option<&'static str> {
    let path = image.url.split(['?', '#']).next().unwrap_or_default();
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "avif" => "image/avif",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::articles::corrections::CorrectionId;

    fn item(change: Value) -> ParsedArticle {
        let mut json = json!({"id": "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f", "path": "/news/a", "locale": "fr",
            "type": "article", "title": "Le <port>", "standfirst": "Un & deux", "image": null, "contributors": [],
            "tags": [], "published_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z", "access": "free",
            "blocks": [{"id": "a", "type": "paragraph", "html": "Corps"}]});
        for (name, value) in change.as_object().unwrap() {
            json[name] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    fn notice(kind: CorrectionKind, text: &str, at: &str) -> Correction {
        Correction {
            id: CorrectionId::new(),
            kind,
            text: text.to_owned(),
            at: Time::parse(at).unwrap(),
        }
    }

    fn made(item: ParsedArticle, notices: &[Correction], retracted_at: Option<&str>, full: bool) -> FeedEntry {
        let linked = HashMap::new();
        let body = RenderContext {
            public_url: "https://f.test",
            linked: &linked,
            ads: &[],
        };
        let around = EntryContext {
            url: "https://f.test/news/a".to_owned(),
            authors: Vec::new(),
            categories: Vec::new(),
            notices,
            retracted_at: retracted_at.map(|text| Time::parse(text).unwrap()),
            opening: None,
            body: full.then_some(body),
        };
        entry(item, around)
    }

    #[test]
    fn the_body_is_told_where_everybody_may_read_it_and_it_is_wanted() {
        for (access, full, expected) in [
            ("free", true, Some("<p>Un &amp; deux</p><p>Corps</p>")),
            ("free", false, None),
            ("registered", true, None),
            ("subscribers", true, None),
        ] {
            let entry = made(item(json!({"access": access})), &[], None, full);
            assert_eq!(entry.content_html.as_deref(), expected, "{access} {full}");
            assert_eq!(entry.summary_html, "<p>Un &amp; deux</p>");
        }
    }

    #[test]
    fn the_lead_image_stands_above_the_body_unless_it_is_in_it() {
        let image = json!({"url": "https://i.test/a.JPG?w=1", "alt": null, "caption": null, "credit": null,
            "width": null, "height": null, "media_id": null});
        let figure = "<figure><img src=\"https://i.test/a.JPG?w=1\" alt=\"\"></figure>";
        let above = made(item(json!({"image": image})), &[], None, true);
        assert_eq!(above.content_html.unwrap().matches(figure).count(), 1);
        let blocks = json!([{"id": "a", "type": "image", "image": image}]);
        let within = made(item(json!({"image": image, "blocks": blocks})), &[], None, true);
        assert_eq!(within.content_html.unwrap().matches(figure).count(), 1);
        assert_eq!(media_type(&within.image.unwrap()), Some("image/jpeg"));
    }

    #[test]
    fn the_address_of_a_picture_is_a_uri() {
        for (written, told) in [
            (
                "https://i.test/été.png?n=é",
                "https://i.test/%C3%A9t%C3%A9.png?n=%C3%A9",
            ),
            ("https://i.test/a|b.png", "https://i.test/a|b.png"),
        ] {
            let image = json!({"url": written, "alt": null, "caption": null, "credit": null,
                "width": null, "height": null, "media_id": null});
            let entry = made(item(json!({"image": image})), &[], None, false);
            assert_eq!(entry.image.unwrap().url, told);
        }
    }

    #[test]
    fn a_notice_stands_before_the_text_and_moves_the_date() {
        let notices = [notice(CorrectionKind::Correction, "1 < 2", "2026-01-03T00:00:00Z")];
        let entry = made(item(json!({})), &notices, None, false);
        let expected = "<p><strong>Correction</strong>\u{a0}: 1 &lt; 2</p><p>Un &amp; deux</p>";
        assert_eq!(entry.summary_html, expected);
        assert_eq!(entry.updated_at, notices[0].at);
    }

    #[test]
    fn of_a_retracted_article_nothing_is_told_but_why() {
        let notices = [
            notice(CorrectionKind::Correction, "Avant.", "2026-01-03T00:00:00Z"),
            notice(CorrectionKind::Retraction, "Tout est faux.", "2026-01-04T00:00:00Z"),
        ];
        let entry = made(item(json!({})), &notices, Some("2026-01-04T00:00:00Z"), true);
        assert_eq!(entry.title, "Article retiré\u{a0}: Le <port>");
        let expected = "<p><strong>Article retiré</strong>\u{a0}: Tout est faux.</p>";
        assert_eq!(
            (entry.summary_html.as_str(), entry.content_html.as_deref()),
            (expected, Some(expected))
        );
        assert_eq!(
            (entry.summary, entry.image, entry.updated_at),
            (None, None, notices[1].at)
        );
    }
}
