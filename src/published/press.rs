//! Pressing: a live article as finished JSON, with its place in every list.
//!
//! A press writes one row of `published_articles` and its links. The JSON holds only what belongs to
//! the article, its tags and its contributors, and is stored without its closing brace: section,
//! breadcrumb, counts and the like are appended when it is sent ([`super::published`]). A changed tag
//! or contributor presses the live articles that show it again ([`repress_all_with`]); so does a
//! binary with a newer [`PRESS_FORMAT`].

use crate::body::outline::{Outline, OutlineItem};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::articles::corrections::{Correction, CorrectionKind, Retraction};
use crate::articles::model::{Access, Article, ArticleState, Content, Seo, Source};
use crate::articles::{corrections, store};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::{
    comment_counts, published_articles, published_contributors, published_corrections, published_sections,
    published_tags,
};
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::body::article_type::ArticleType;
use crate::body::blocks;
use crate::body::blocks::Block;
use crate::body::image::Image;
use crate::on_each;
use crate::search::analyse::SearchLanguage;
use crate::search::store as search;
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;
use crate::site::settings::Site;
use crate::site::{comment_policy, contributors, tags};

/// The form of the pressed JSON. Raise it when the form changes: older rows are pressed anew after
/// the start of a newer binary.
pub const PRESS_FORMAT: i32 = 3;

/// What a card holds of itself.
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
    image: &'a Option<Image>,
    contributors: &'a [CardContributor],
    tags: &'a [CardTag],
    published_at: Time,
    updated_at: Time,
    access: Access,
    featured: bool,
    sensitive: bool,
}

/// What an article holds of itself beside its card.
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
    hide_ads: bool,
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

/// The first position of a millisecond: `published_at` in ms, shifted by 20 bits for the articles of
/// that millisecond.
pub fn position_base(published_at: Time) -> i64 {
    published_at.millis() << 20
}

/// The moment that a position was made of.
pub fn moment_of(position: i64) -> Option<Time> {
    Time::from_millis(position >> 20)
}

/// Takes the lock that every press holds, so that positions are given out one at a time and no
/// section moves meanwhile. Take it before the lock of any row: the other way round two of them wait
/// for each other.
///
/// # Errors
/// The database's.
pub fn lock_presses(conn: &mut Conn) -> Result<()> {
    Ok(take_advisory_lock(conn, AdvisoryLock::Presses)?)
}

/// The position of an article published at this moment: its own where the moment has not changed.
///
/// # Errors
/// The database's.
pub fn position(conn: &mut Conn, article: &Article, published_at: Time) -> Result<i64> {
    let base = position_base(published_at);
    let end = base + (1 << 20);
    if let Some(own) = article.position.filter(|own| (base..end).contains(own)) {
        return Ok(own);
    }
    let greatest = store::greatest_position(conn, base, end)?;
    let next = greatest.unwrap_or(base) + 1;
    if next < end {
        Ok(next)
    } else {
        Err(Error::unavailable("a million articles in one millisecond"))
    }
}

/// When readers find a pressed article by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexTiming {
    /// As soon as it is pressed.
    Now,
    /// When [`index_next`](crate::published::reindex::index_next) comes to it: many at once take less.
    Later,
}

/// Writes the live row of an article whose row already says path, position and times, from the
/// content of its live revision.
///
/// # Errors
/// 500 when the row does not say them; the database's.
pub fn press(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    indexing: IndexTiming,
) -> Result<()> {
    let notices = corrections::store::list_of(conn, article.id)?;
    let mut row = pressed_row(conn, frame, article, content, &notices)?;
    if indexing == IndexTiming::Later {
        row.search_format = None;
    }
    if unindex(conn, article.id)? {
        unlink(conn, article.id)?;
    }
    on_each!(conn, c => diesel::insert_into(published_articles::table)
        .values(&row)
        .on_conflict(published_articles::id)
        .do_update()
        .set(&row)
        .execute(c))?;
    if row.retracted_at.is_none() && indexing == IndexTiming::Now {
        let texts = SearchTexts::of_pressed(&row.card_json, &row.search_text)?;
        let entry = texts.entry(SearchLanguage::of(&row.locale));
        search::put(conn, &[(row.position, &entry)])?;
    }
    on_each!(conn, c => diesel::insert_into(comment_counts::table)
        .values((comment_counts::article_id.eq(article.id), comment_counts::approved.eq(0_i64)))
        .on_conflict_do_nothing()
        .execute(c))?;
    for notice in &notices {
        publish_notice(conn, &row, notice)?;
    }
    link(conn, frame, &row, content)
}

/// Takes an article out of what search finds, as it was pressed last; whether it was pressed at all.
fn unindex(conn: &mut Conn, id: ArticleId) -> Result<bool> {
    type IndexedEntry = (i64, String, Option<i32>, Option<Time>);
    let row: Option<IndexedEntry> = published_articles::table
        .find(id)
        .select((
            published_articles::position,
            published_articles::card_json,
            published_articles::search_format,
            published_articles::retracted_at,
        ))
        .first(conn)
        .optional()?;
    if let Some((position, card, Some(_), None)) = &row {
        search::remove(conn, *position, &SearchTexts::of_pressed(card, "")?)?;
    }
    Ok(row.is_some())
}

/// Takes away the links by which lists find an article, and its notices.
fn unlink(conn: &mut Conn, id: ArticleId) -> Result<()> {
    diesel::delete(published_sections::table.filter(published_sections::article_id.eq(id))).execute(conn)?;
    diesel::delete(published_tags::table.filter(published_tags::article_id.eq(id))).execute(conn)?;
    diesel::delete(published_contributors::table.filter(published_contributors::article_id.eq(id))).execute(conn)?;
    diesel::delete(published_corrections::table.filter(published_corrections::article_id.eq(id))).execute(conn)?;
    Ok(())
}

fn publish_notice(conn: &mut Conn, row: &PressedRow, notice: &Correction) -> Result<()> {
    diesel::insert_into(published_corrections::table)
        .values((
            published_corrections::id.eq(notice.id),
            published_corrections::article_id.eq(row.id),
            published_corrections::locale.eq(&row.locale),
            published_corrections::kind.eq(notice.kind),
            published_corrections::text.eq(&notice.text),
            published_corrections::at.eq(notice.at),
        ))
        .execute(conn)?;
    Ok(())
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
#[diesel(table_name = published_articles, treat_none_as_null = true)]
struct PressedRow {
    id: ArticleId,
    position: i64,
    locale: String,
    type_: ArticleType,
    path: String,
    section_id: SectionId,
    card_json: String,
    article_json: String,
    outline: String,
    search_text: String,
    search_format: Option<i32>,
    comment_policy: Option<String>,
    breaking_until: Option<Time>,
    featured_position: Option<i64>,
    published_at: Time,
    updated_at: Time,
    corrected_at: Option<Time>,
    retracted_at: Option<Time>,
    translation_key: String,
    revision: i32,
    press_format: i32,
    no_index: bool,
}

fn pressed_row(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    notices: &[Correction],
) -> Result<PressedRow> {
    let missing = || Error::internal(format!("article {} is not ready to be pressed", article.id));
    let path = article.path.clone().ok_or_else(missing)?;
    let published_at = article.published_at.ok_or_else(missing)?;
    let updated_at = article.updated_at.unwrap_or(published_at);
    let (contributors, tags) = (
        card_contributors(conn, frame, article, content)?,
        card_tags(conn, frame, article, content)?,
    );
    let retraction = retraction(article, notices);
    let retracted_at = retraction.as_ref().map(|retraction| retraction.at);
    let card = || PressedCard {
        id: article.id,
        path: &path,
        locale: &article.locale,
        type_: content.type_,
        title: &content.title,
        kicker: &content.kicker,
        standfirst: &content.standfirst,
        image: &content.lead_image,
        contributors: &contributors,
        tags: &tags,
        published_at,
        updated_at,
        access: content.access,
        featured: content.featured,
        sensitive: content.sensitive,
    };
    let full = PressedArticle {
        card: card(),
        translation_key: &article.translation_key,
        first_published_at: article.first_published_at.unwrap_or(published_at),
        corrected_at: article.corrected_at,
        corrections: notices,
        retraction,
        blocks: content
            .blocks
            .iter()
            .filter(|block| !matches!(block, Block::AdSlot(_)))
            .collect(),
        source: &content.source,
        seo: &content.seo,
        hide_ads: content.hide_ads,
    };
    let position = article.position.ok_or_else(missing)?;
    Ok(PressedRow {
        card_json: unclosed_json(&card())?,
        article_json: unclosed_json(&full)?,
        outline: serde_json::to_string(&outline(content)).map_err(Error::internal)?,
        search_text: content.texts().joined(),
        search_format: Some(search::SEARCH_FORMAT),
        id: article.id,
        position,
        locale: article.locale.clone(),
        type_: content.type_,
        section_id: content.section_id.ok_or_else(missing)?,
        comment_policy: comment_policy::to_column(content.comment_policy.as_ref())?,
        breaking_until: content.breaking_until,
        featured_position: content.featured.then_some(position),
        published_at,
        updated_at,
        corrected_at: article.corrected_at,
        retracted_at,
        translation_key: article.translation_key.clone(),
        revision: article.live_revision.ok_or_else(missing)?,
        press_format: PRESS_FORMAT,
        no_index: content.seo.no_index,
        path,
    })
}

/// An article as it would be live, pressed for nobody's list.
pub struct PressedCopy {
    /// The section in whose path it stands.
    pub section_id: SectionId,
    /// The article without its closing brace.
    pub article_json: String,
    /// The body in outline.
    pub outline: String,
    /// How it takes comments, as JSON; `None` where its section decides.
    pub comment_policy: Option<String>,
    /// Until when it is breaking news.
    pub breaking_until: Option<Time>,
}

/// Presses a content as it would be live if it were published now, and writes nothing. `None` where
/// it has no section. A path that is taken meanwhile gets its number at publish.
///
/// # Errors
/// The database's.
pub fn press_copy(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    now: Time,
) -> Result<Option<PressedCopy>> {
    let Some(section) = content.section_id.and_then(|id| frame.tree.get(id)) else {
        return Ok(None);
    };
    let own = match store::keeps_path(conn, article, content)? {
        true => article.path.clone(),
        false => None,
    };
    let wanted = || format!("{}/{}", section.path, content.preferred_slug(article.id));
    let as_live = Article {
        state: ArticleState::Published,
        path: own.or_else(|| Some(frame.site.localised(&article.locale, &wanted()))),
        published_at: article.published_at.or(Some(now)),
        position: Some(0),
        live_revision: Some(0),
        ..article.clone()
    };
    let notices = corrections::store::list_of(conn, article.id)?;
    let row = pressed_row(conn, frame, &as_live, content, &notices)?;
    Ok(Some(PressedCopy {
        section_id: row.section_id,
        article_json: row.article_json,
        outline: row.outline,
        comment_policy: row.comment_policy,
        breaking_until: row.breaking_until,
    }))
}

/// An object without its closing brace, for members to be appended.
fn unclosed_json(value: &impl Serialize) -> Result<String> {
    let mut json = serde_json::to_string(value).map_err(Error::internal)?;
    json.pop();
    Ok(json)
}

fn card_tags(conn: &mut Conn, frame: &Frame, article: &Article, content: &Content) -> Result<Vec<CardTag>> {
    let tags = tags::store::get_many(conn, &content.tag_ids)?;
    let card = |tag| CardTag::new(tag, &frame.site, &article.locale);
    Ok(tags.iter().map(card).collect())
}

fn card_contributors(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
) -> Result<Vec<CardContributor>> {
    let ids: Vec<ContributorId> = content
        .contributors
        .iter()
        .map(|byline| byline.contributor_id)
        .collect();
    let people = contributors::store::get_many(conn, &ids)?;
    let card = |person: contributors::Contributor| {
        let byline = content
            .contributors
            .iter()
            .find(|byline| byline.contributor_id == person.id);
        CardContributor {
            path: person.path(&frame.site, &article.locale),
            image: person.image(),
            role: byline.and_then(|byline| byline.role.clone()).or(person.role),
            id: person.id,
            name: person.name,
            slug: person.slug,
        }
    };
    Ok(people.into_iter().map(card).collect())
}

fn outline(content: &Content) -> Outline {
    let item = |block: &Block| match block {
        Block::AdSlot(ad) => OutlineItem::AdSlot { slot: ad.slot.clone() },
        block => OutlineItem::Block {
            id: block.id().to_string(),
            block_type: block.kind().to_owned(),
            words: blocks::word_count(block),
        },
    };
    Outline {
        hide_ads: content.hide_ads,
        items: content.blocks.iter().map(item).collect(),
        interlinks: blocks::interlinks(&content.blocks),
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

/// Writes the links by which lists find an article: one per section and ancestor, tag, contributor.
fn link(conn: &mut Conn, frame: &Frame, row: &PressedRow, content: &Content) -> Result<()> {
    let direct: Vec<SectionId> = std::iter::once(row.section_id)
        .chain(content.secondary_section_ids.iter().copied())
        .collect();
    let mut linked: Vec<(SectionId, bool)> = Vec::new();
    for section in &direct {
        for above in frame.tree.lineage(*section) {
            if !linked.iter().any(|(id, _)| *id == above.id) {
                linked.push((above.id, direct.contains(&above.id)));
            }
        }
    }
    for (section, is_direct) in linked {
        diesel::insert_into(published_sections::table)
            .values((
                published_sections::section_id.eq(section),
                published_sections::article_id.eq(row.id),
                published_sections::locale.eq(&row.locale),
                published_sections::type_.eq(row.type_),
                published_sections::is_direct.eq(is_direct),
                published_sections::position.eq(row.position),
            ))
            .execute(conn)?;
    }
    for tag in &content.tag_ids {
        diesel::insert_into(published_tags::table)
            .values((
                published_tags::tag_id.eq(tag),
                published_tags::article_id.eq(row.id),
                published_tags::locale.eq(&row.locale),
                published_tags::type_.eq(row.type_),
                published_tags::position.eq(row.position),
            ))
            .execute(conn)?;
    }
    for byline in &content.contributors {
        diesel::insert_into(published_contributors::table)
            .values((
                published_contributors::contributor_id.eq(byline.contributor_id),
                published_contributors::article_id.eq(row.id),
                published_contributors::locale.eq(&row.locale),
                published_contributors::type_.eq(row.type_),
                published_contributors::position.eq(row.position),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The primary section of an article where it is live: not always the working copy's.
///
/// # Errors
/// The database's.
pub fn live_section(conn: &mut Conn, id: ArticleId) -> Result<Option<SectionId>> {
    Ok(published_articles::table
        .find(id)
        .select(published_articles::section_id)
        .first(conn)
        .optional()?)
}

/// Takes an article out of everything that readers see.
///
/// # Errors
/// The database's.
pub fn withdraw(conn: &mut Conn, id: ArticleId) -> Result<()> {
    unindex(conn, id)?;
    diesel::delete(published_articles::table.find(id)).execute(conn)?;
    Ok(())
}

/// How many live articles carry a tag.
///
/// # Errors
/// The database's.
pub fn count_live_with_tag(conn: &mut Conn, id: TagId) -> Result<i64> {
    Ok(published_tags::table
        .filter(published_tags::tag_id.eq(id))
        .count()
        .get_result(conn)?)
}

/// How many live articles a contributor signed.
///
/// # Errors
/// The database's.
pub fn count_live_with_contributor(conn: &mut Conn, id: ContributorId) -> Result<i64> {
    Ok(published_contributors::table
        .filter(published_contributors::contributor_id.eq(id))
        .count()
        .get_result(conn)?)
}
