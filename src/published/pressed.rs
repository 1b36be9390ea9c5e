//! The form of a pressed article: what its card and its whole JSON hold, and the row that keeps both.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::press::PRESS_FORMAT;
use crate::articles::corrections::{Correction, CorrectionKind, Retraction};
use crate::articles::model::{Access, Article, ArticleState, Byline, Content, Seo, Source};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::published_articles;
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::body::article_type::ArticleType;
use crate::body::blocks::{self, Block};
use crate::body::image::{Image, PublicImage};
use crate::body::outline::{Outline, OutlineItem};
use crate::search::store as search;
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;
use crate::site::settings::Site;
use crate::site::{comment_policy, contributors, tags};

/// What a card stores itself; the rest is added when it is sent.
#[derive(Serialize)]
struct PressedCard<'a> {
    id: ArticleId,
    path: &'a str,
    locale: &'a str,
    #[serde(rename = "type")]
    type_: ArticleType,
    title: &'a str,
    kicker: &'a Option<String>,
    standfirst: &'a Option<String>,
    image: Option<&'a PublicImage>,
    contributors: &'a [CardContributor],
    tags: &'a [CardTag],
    published_at: Time,
    updated_at: Time,
    access: Access,
    is_featured: bool,
    is_sensitive: bool,
}

/// What a teaser stores itself; the rest is added when it is sent.
#[derive(Serialize)]
struct PressedTeaser<'a> {
    id: ArticleId,
    path: &'a str,
    #[serde(rename = "type")]
    type_: ArticleType,
    title: &'a str,
    kicker: &'a Option<String>,
    image: Option<TeaserImage<'a>>,
    published_at: Time,
    access: Access,
}

impl<'a> PressedTeaser<'a> {
    fn of(card: &PressedCard<'a>) -> Self {
        Self {
            id: card.id,
            path: card.path,
            type_: card.type_,
            title: card.title,
            kicker: card.kicker,
            image: card.image.map(TeaserImage::of),
            published_at: card.published_at,
            access: card.access,
        }
    }
}

/// A picture without its text: a list shows none below it.
#[derive(Serialize)]
struct TeaserImage<'a> {
    url: &'a str,
    alt: &'a Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    media_id: &'a Option<String>,
    widths: &'a [i32],
    template: &'a Option<String>,
    thumbhash: &'a Option<String>,
}

impl<'a> TeaserImage<'a> {
    fn of(image: &'a PublicImage) -> Self {
        Self {
            url: &image.url,
            alt: &image.alt,
            width: image.width,
            height: image.height,
            media_id: &image.media_id,
            widths: &image.widths,
            template: &image.template,
            thumbhash: &image.thumbhash,
        }
    }
}

/// What an article stores itself beside its card.
#[derive(Serialize)]
struct PressedArticle<'a> {
    #[serde(flatten)]
    card: PressedCard<'a>,
    translation_key: &'a str,
    first_published_at: Time,
    corrected_at: Option<Time>,
    corrections: &'a [Correction],
    retraction: Option<Retraction>,
    blocks: Vec<&'a Block>,
    source: &'a Option<Source>,
    seo: &'a Seo,
    is_ad_free: bool,
}

impl<'a> PressedArticle<'a> {
    fn new(
        card: PressedCard<'a>,
        article: &'a Article,
        content: &'a Content,
        notices: &'a [Correction],
        retraction: Option<Retraction>,
    ) -> Self {
        let shown = |block: &&Block| !matches!(block, Block::AdSlot(_));
        Self {
            translation_key: &article.translation_key,
            first_published_at: article.first_published_at.unwrap_or(card.published_at),
            corrected_at: article.corrected_at,
            corrections: notices,
            retraction,
            blocks: content.blocks.iter().filter(shown).collect(),
            source: &content.source,
            seo: &content.seo,
            is_ad_free: content.is_ad_free,
            card,
        }
    }
}

/// A tag on a card.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardTag {
    /// The tag's id.
    pub id: TagId,
    /// Its name.
    pub label: String,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// What kind of thing it names.
    pub kind: tags::TagKind,
}

impl CardTag {
    /// A tag as cards of a language show it.
    pub fn new(tag: &tags::Tag, site: &Site, locale: &str) -> Self {
        Self {
            id: tag.id,
            label: tag.label.clone(),
            slug: tag.slug.clone(),
            path: tag.path(site, locale),
            kind: tag.kind,
        }
    }
}

/// A contributor on a card.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardContributor {
    /// The contributor's id.
    pub id: ContributorId,
    /// Their name.
    pub name: String,
    /// The last segment of their path.
    pub slug: String,
    /// Their path.
    pub path: String,
    /// What they did for this article, or what they are at the paper.
    pub role: Option<String>,
    /// Their picture.
    pub image: Option<Image>,
}

/// Why a retracted article is withdrawn: the last notice of that kind.
fn retraction(article: &Article, notices: &[Correction]) -> Option<Retraction> {
    let last = notices
        .iter()
        .rfind(|notice| notice.kind == CorrectionKind::Retraction)?;
    (article.state == ArticleState::Retracted).then(|| Retraction {
        notice: last.text.clone(),
        at: last.at,
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = published_articles, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PressedRow {
    pub(super) id: ArticleId,
    pub(super) position: i64,
    pub(super) locale: String,
    pub(super) type_: ArticleType,
    pub(super) path: String,
    pub(super) section_id: SectionId,
    pub(super) teaser_json: String,
    pub(super) card_json: String,
    pub(super) article_json: String,
    pub(super) outline: String,
    pub(super) search_text: String,
    pub(super) search_format: Option<i32>,
    pub(super) comment_policy: Option<String>,
    pub(super) breaking_until: Option<Time>,
    pub(super) featured_position: Option<i64>,
    pub(super) published_at: Time,
    pub(super) updated_at: Time,
    pub(super) corrected_at: Option<Time>,
    pub(super) retracted_at: Option<Time>,
    pub(super) translation_key: String,
    pub(super) revision_number: i32,
    pub(super) press_format: i32,
    pub(super) no_index: bool,
}

impl PressedRow {
    /// The row as it is stored: its article goes on where its card ends.
    pub(super) fn continuing_card(mut self) -> Result<Self> {
        let rest = self.article_json.strip_prefix(&self.card_json).map(str::to_owned);
        self.article_json = rest.ok_or_else(|| Error::internal("an article does not begin with its card"))?;
        Ok(self)
    }
}

/// The tags and contributors of articles that are pressed together.
#[derive(Default)]
pub(super) struct CardSources {
    tags: HashMap<TagId, tags::Tag>,
    contributors: HashMap<ContributorId, contributors::Contributor>,
}

impl CardSources {
    /// Those that these contents name.
    pub(super) fn load<'c>(conn: &mut Conn, contents: impl Iterator<Item = &'c Content> + Clone) -> Result<Self> {
        let tag_ids: BTreeSet<TagId> = contents
            .clone()
            .flat_map(|content| content.tag_ids.iter().copied())
            .collect();
        let signed = contents.flat_map(|content| content.contributors.iter().map(|byline| byline.contributor_id));
        let signed: BTreeSet<ContributorId> = signed.collect();
        let mut sources = Self::default();
        for ids in tag_ids.into_iter().collect::<Vec<_>>().chunks(IDS_PER_STATEMENT) {
            let found = tags::store::get_many(conn, ids)?;
            sources.tags.extend(found.into_iter().map(|tag| (tag.id, tag)));
        }
        for ids in signed.into_iter().collect::<Vec<_>>().chunks(IDS_PER_STATEMENT) {
            let found = contributors::store::get_many(conn, ids)?;
            sources
                .contributors
                .extend(found.into_iter().map(|person| (person.id, person)));
        }
        Ok(sources)
    }

    fn tags(&self, frame: &Frame, article: &Article, content: &Content) -> Vec<CardTag> {
        let tags = content.tag_ids.iter().filter_map(|id| self.tags.get(id));
        tags.map(|tag| CardTag::new(tag, &frame.site, &article.locale))
            .collect()
    }

    fn contributors(&self, frame: &Frame, article: &Article, content: &Content) -> Vec<CardContributor> {
        let card = |byline: &Byline| {
            let person = self.contributors.get(&byline.contributor_id)?;
            Some(CardContributor {
                path: person.path(&frame.site, &article.locale),
                image: person.image(),
                role: byline.role.clone().or_else(|| person.role.clone()),
                id: person.id,
                name: person.name.clone(),
                slug: person.slug.clone(),
            })
        };
        content.contributors.iter().filter_map(card).collect()
    }
}

/// Tags, or contributors, that one statement names at most.
const IDS_PER_STATEMENT: usize = 500;

/// An article with its content as its row: what is written when it is pressed.
///
/// # Errors
/// 500 when its row says no path, position or time.
pub fn pressed_row(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    texts: &SearchTexts,
    notices: &[Correction],
) -> Result<PressedRow> {
    let sources = CardSources::load(conn, std::iter::once(content))?;
    pressed_row_of(&sources, frame, article, content, texts, notices)
}

/// As [`pressed_row`], with what the contents name at hand.
pub(super) fn pressed_row_of(
    sources: &CardSources,
    frame: &Frame,
    article: &Article,
    content: &Content,
    texts: &SearchTexts,
    notices: &[Correction],
) -> Result<PressedRow> {
    let missing = || Error::internal(format!("article {} is not ready to be pressed", article.id));
    let path = article.path.clone().ok_or_else(missing)?;
    let published_at = article.published_at.ok_or_else(missing)?;
    let updated_at = article.updated_at.unwrap_or(published_at);
    let contributors = sources.contributors(frame, article, content);
    let tags = sources.tags(frame, article, content);
    let retraction = retraction(article, notices);
    let retracted_at = retraction.as_ref().map(|retraction| retraction.at);
    let image = content.image.as_ref().map(PublicImage::from);
    let card = || PressedCard {
        id: article.id,
        path: &path,
        locale: &article.locale,
        type_: content.type_,
        title: &content.title,
        kicker: &content.kicker,
        standfirst: &content.standfirst,
        image: image.as_ref(),
        contributors: &contributors,
        tags: &tags,
        published_at,
        updated_at,
        access: content.access,
        is_featured: content.is_featured,
        is_sensitive: content.is_sensitive,
    };
    let full = PressedArticle::new(card(), article, content, notices, retraction);
    let position = article.position.ok_or_else(missing)?;
    Ok(PressedRow {
        teaser_json: unclosed_json(&PressedTeaser::of(&card()))?,
        card_json: unclosed_json(&card())?,
        article_json: unclosed_json(&full)?,
        outline: serde_json::to_string(&outline(content)).map_err(Error::internal)?,
        search_text: texts.joined(),
        search_format: Some(search::SEARCH_FORMAT),
        id: article.id,
        position,
        locale: article.locale.clone(),
        type_: content.type_,
        section_id: content.section_id.ok_or_else(missing)?,
        comment_policy: comment_policy::to_column(content.comment_policy.as_ref())?,
        breaking_until: content.breaking_until,
        featured_position: content.is_featured.then_some(position),
        published_at,
        updated_at,
        corrected_at: article.corrected_at,
        retracted_at,
        translation_key: article.translation_key.clone(),
        revision_number: article.live_revision_number.ok_or_else(missing)?,
        press_format: PRESS_FORMAT,
        no_index: content.seo.no_index,
        path,
    })
}

/// An object without its closing brace, for members to be appended.
fn unclosed_json(value: &impl Serialize) -> Result<String> {
    let mut json = serde_json::to_string(value).map_err(Error::internal)?;
    json.pop();
    Ok(json)
}

pub(super) fn outline(content: &Content) -> Outline {
    let item = |block: &Block| match block {
        Block::AdSlot(ad) => OutlineItem::AdSlot { slot: ad.slot.clone() },
        block => OutlineItem::Block {
            id: block.id().to_string(),
            block_type: block.kind().to_owned(),
            words: blocks::word_count(block),
        },
    };
    Outline {
        is_ad_free: content.is_ad_free,
        items: content.blocks.iter().map(item).collect(),
        interlinks: blocks::interlinks(&content.blocks),
        hidden_words: None,
        related: content.related_article_ids.clone(),
        tag_ids: content.tag_ids.clone(),
        contributor_ids: content
            .contributors
            .iter()
            .map(|byline| byline.contributor_id)
            .collect(),
        article_type: Some(content.type_),
    }
}
