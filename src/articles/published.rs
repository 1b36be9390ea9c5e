//! The only reader of the public tables. What it hands out is finished JSON: the pressed part as it
//! stands, and behind it what belongs to other tables, appended as top-level members.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Access, ArticleType, Seo, Source};
use super::press::{CardContributor, CardTag, Outline, OutlineItem};
use super::{ArticleId, Image, body};
use crate::clock::Time;
use crate::contributors::ContributorId;
use crate::db::Conn;
use crate::db::schema::{
    comment_counts, contributors, published_articles, published_contributors, published_sections, published_tags, tags,
};
use crate::error::{Error, Result};
use crate::limits;
use crate::sections::SectionId;
use crate::sections::model::SectionRef;
use crate::site::{CommentMode, Crumb, Frame};
use crate::tags::TagId;

/// An article in a list.
#[derive(Serialize, ToSchema)]
pub struct Card {
    /// The article's id.
    pub id: ArticleId,
    /// Its public path.
    pub path: String,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The picture above it.
    pub image: Option<Image>,
    /// Who signs it.
    pub contributors: Vec<CardContributor>,
    /// What it is about, most important first.
    pub tags: Vec<CardTag>,
    /// The date shown and sorted by.
    pub published_at: Time,
    /// When it was published last, minor changes aside.
    pub updated_at: Time,
    /// Who may read it all.
    pub access: Access,
    /// Whether it stands out on the home page.
    pub featured: bool,
    /// Whether readers are warned before they see it.
    pub sensitive: bool,
    /// The section in whose path it stands.
    pub section: SectionRef,
    /// The way from the site's root to its section.
    pub breadcrumb: Vec<Crumb>,
    /// Approved comments.
    pub comment_count: i64,
    /// Whether it is breaking news at this moment.
    pub breaking: bool,
}

/// A page of cards.
#[derive(Serialize, ToSchema)]
pub struct CardPage {
    /// The cards.
    pub items: Vec<Card>,
    /// Where the list goes on.
    pub page: crate::http::page::PageInfo,
}

/// An article with its body.
#[derive(Serialize, ToSchema)]
pub struct PublicArticle {
    /// The article's id.
    pub id: ArticleId,
    /// Its public path.
    pub path: String,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The picture above it.
    pub image: Option<Image>,
    /// Who signs it.
    pub contributors: Vec<CardContributor>,
    /// What it is about, most important first.
    pub tags: Vec<CardTag>,
    /// The date shown and sorted by.
    pub published_at: Time,
    /// When it was published last, minor changes aside.
    pub updated_at: Time,
    /// Who may read it all.
    pub access: Access,
    /// Whether it stands out on the home page.
    pub featured: bool,
    /// Whether readers are warned before they see it.
    pub sensitive: bool,
    /// What it shares with its translations.
    pub translation_key: String,
    /// When it was public first.
    pub first_published_at: Time,
    /// When it was corrected last.
    pub corrected_at: Option<Time>,
    /// The body. Advertisements stand in `ad_placements`.
    pub blocks: Vec<body::Block>,
    /// Where the story came from.
    pub source: Option<Source>,
    /// What search engines are told.
    pub seo: Seo,
    /// Whether it is shown without advertisements.
    pub hide_ads: bool,
    /// The section in whose path it stands.
    pub section: SectionRef,
    /// The way from the site's root to its section.
    pub breadcrumb: Vec<Crumb>,
    /// Approved comments.
    pub comment_count: i64,
    /// Whether it is breaking news at this moment.
    pub breaking: bool,
    /// Its address on the site.
    pub canonical_url: String,
    /// Cards of the live articles that interlink blocks point to. A block without a card here is not drawn.
    pub linked_articles: Vec<Card>,
    /// Where advertisements stand.
    pub ad_placements: Vec<AdPlacement>,
    /// What a comment form needs to know.
    pub comments: CommentForm,
}

/// A page of articles with their bodies.
#[derive(Serialize, ToSchema)]
pub struct PublicArticlePage {
    /// The articles.
    pub items: Vec<PublicArticle>,
    /// Where the list goes on.
    pub page: crate::http::page::PageInfo,
}

/// An advertisement between two blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdPlacement {
    /// The block behind which it stands; null above the first.
    pub after_block_id: Option<String>,
    /// The slot's key.
    pub slot: String,
}

/// What a comment form needs to know.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommentForm {
    /// Whether the article takes comments.
    pub is_open: bool,
    /// Members that must be sent.
    pub required: Vec<String>,
    /// Characters of a name at most.
    pub author_name_max_length: i32,
    /// Characters of a comment at most.
    pub body_max_length: i32,
}

/// A live article's row, as far as answers need it.
pub struct Live {
    /// The article's id.
    pub id: ArticleId,
    /// The key of lists.
    pub position: i64,
    /// When it was published last.
    pub updated_at: Time,
    locale: String,
    section_id: SectionId,
    json: String,
    breaking_until: Option<Time>,
    comment_mode: Option<CommentMode>,
    outline: Option<Outline>,
    approved: i64,
}

/// What a list shows of each article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Cards.
    Card,
    /// Articles with their bodies.
    Full,
}

crate::word_type! {
    /// How a list of articles is ordered.
    ArticleSort {
        /// Newest first.
        NewestFirst = "-published_at",
        /// Oldest first.
        OldestFirst = "published_at",
        /// Published last first, changes included.
        UpdatedFirst = "-updated_at",
    }
}

/// Which live articles. Several values of one filter mean any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// In which language; `None` for all.
    pub locale: Option<String>,
    /// In these sections or below.
    pub sections: Vec<SectionId>,
    /// Only in the sections themselves.
    pub exact_section: bool,
    /// With one of these tags.
    pub tags: Vec<TagId>,
    /// Signed by one of these.
    pub contributors: Vec<ContributorId>,
    /// Of one of these types.
    pub types: Vec<ArticleType>,
    /// Published at or after.
    pub published_after: Option<Time>,
    /// Published before.
    pub published_before: Option<Time>,
    /// Matches nothing: a filter named a thing that does not exist.
    pub nothing: bool,
}

/// Behind which key a page begins.
#[derive(Clone, Debug)]
pub enum After {
    /// A position.
    Position(i64),
    /// A moment and an id.
    Update(Time, ArticleId),
}

type Row = (
    ArticleId,
    i64,
    Time,
    String,
    SectionId,
    String,
    Option<Time>,
    Option<CommentMode>,
    Option<String>,
    Option<i64>,
);

/// The columns of [`Row`] in a shape: a list of cards reads no bodies.
macro_rules! columns {
    ($json:ident, $outline:expr) => {
        (
            published_articles::id,
            published_articles::position,
            published_articles::updated_at,
            published_articles::locale,
            published_articles::section_id,
            published_articles::$json,
            published_articles::breaking_until,
            published_articles::comment_mode,
            $outline,
            comment_counts::approved.nullable(),
        )
    };
}

fn live(row: Row) -> Live {
    let (id, position, updated_at, locale, section_id, json, breaking_until, comment_mode, outline, approved) = row;
    let outline = outline.map(|json| serde_json::from_str(&json).unwrap_or_default());
    let approved = approved.unwrap_or(0);
    Live {
        id,
        position,
        updated_at,
        locale,
        section_id,
        json,
        breaking_until,
        comment_mode,
        outline,
        approved,
    }
}

/// The live article of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: ArticleId) -> Result<Live> {
    let row: Row = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq(id))
        .select(columns!(article_json, published_articles::outline.nullable()))
        .first(conn)?;
    Ok(live(row))
}

/// Checks that an article is live.
///
/// # Errors
/// 404.
pub fn must_be_live(conn: &mut Conn, id: ArticleId) -> Result<()> {
    published_articles::table
        .find(id)
        .select(published_articles::id)
        .first::<ArticleId>(conn)?;
    Ok(())
}

/// The comment policy that holds for a live article.
///
/// # Errors
/// 404.
pub fn comment_mode(conn: &mut Conn, frame: &Frame, id: ArticleId) -> Result<CommentMode> {
    let (section, mode): (SectionId, Option<CommentMode>) = published_articles::table
        .find(id)
        .select((published_articles::section_id, published_articles::comment_mode))
        .first(conn)?;
    Ok(effective_mode(frame, section, mode))
}

/// The article's own policy, or the nearest section's, or the site's.
fn effective_mode(frame: &Frame, section: SectionId, own: Option<CommentMode>) -> CommentMode {
    own.or_else(|| frame.tree.comment_mode(section))
        .unwrap_or(frame.site.comment_mode)
}

/// A page of live articles.
///
/// # Errors
/// The database's.
pub fn list(
    conn: &mut Conn,
    shape: Shape,
    filter: &Filter,
    sort: ArticleSort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Live>> {
    if filter.nothing {
        return Ok(Vec::new());
    }
    // First the keys, which the index of the sort gives in order, then the rows themselves.
    let ids = page_ids(conn, filter, sort, after, limit)?;
    let query = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq_any(ids.clone()));
    let rows: Vec<Row> = match shape {
        Shape::Card => query.select(columns!(card_json, no_outline())).load(conn)?,
        Shape::Full => query
            .select(columns!(article_json, published_articles::outline.nullable()))
            .load(conn)?,
    };
    let mut by_id: HashMap<ArticleId, Row> = rows.into_iter().map(|row| (row.0, row)).collect();
    let rows: Vec<Row> = ids.iter().filter_map(|id| by_id.remove(id)).collect();
    Ok(rows.into_iter().map(live).collect())
}

fn no_outline() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Text>> {
    diesel::dsl::sql("NULL")
}

/// The ids of a page, in order. A single section, tag or contributor is walked along its own link
/// table, which holds the sort key; everything else along the articles themselves.
fn page_ids(
    conn: &mut Conn,
    filter: &Filter,
    sort: ArticleSort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<ArticleId>> {
    macro_rules! walk_links {
        ($links:ident, $target:ident, $value:expr $(, $direct:expr)?) => {{
            let mut query = $links::table
                .inner_join(published_articles::table)
                .filter($links::$target.eq($value))
                .filter(published_articles::retracted_at.is_null())
                .limit(limit)
                .select($links::article_id)
                .into_boxed();
            $(if $direct {
                query = query.filter($links::is_direct.eq(true));
            })?
            if let Some(locale) = &filter.locale {
                query = query.filter($links::locale.eq(locale.clone()));
            }
            if !filter.types.is_empty() {
                query = query.filter($links::type_.eq_any(filter.types.clone()));
            }
            let (from, below) = bounds(filter, sort, after);
            if let Some(from) = from {
                query = query.filter($links::position.ge(from));
            }
            if let Some(below) = below {
                query = query.filter($links::position.lt(below));
            }
            query = match sort {
                ArticleSort::OldestFirst => query.order($links::position.asc()),
                _ => query.order($links::position.desc()),
            };
            Ok(query.load(conn)?)
        }};
    }
    let exact = filter.exact_section;
    match (
        filter.sections.as_slice(),
        filter.tags.as_slice(),
        filter.contributors.as_slice(),
    ) {
        ([section], [], []) => walk_links!(published_sections, section_id, section, exact),
        ([], [tag], []) => walk_links!(published_tags, tag_id, tag),
        ([], [], [contributor]) => walk_links!(published_contributors, contributor_id, contributor),
        _ => walk_articles(conn, filter, sort, after, limit),
    }
}

fn walk_articles(
    conn: &mut Conn,
    filter: &Filter,
    sort: ArticleSort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<ArticleId>> {
    let mut query = published_articles::table
        .filter(published_articles::retracted_at.is_null())
        .limit(limit)
        .select(published_articles::id)
        .into_boxed();
    if let Some(locale) = &filter.locale {
        query = query.filter(published_articles::locale.eq(locale.clone()));
    }
    if !filter.types.is_empty() {
        query = query.filter(published_articles::type_.eq_any(filter.types.clone()));
    }
    if !filter.sections.is_empty() {
        let any = published_sections::is_direct
            .eq(true)
            .or(published_sections::is_direct.eq(filter.exact_section));
        query = query.filter(diesel::dsl::exists(
            published_sections::table
                .filter(published_sections::article_id.eq(published_articles::id))
                .filter(published_sections::section_id.eq_any(filter.sections.clone()))
                .filter(any),
        ));
    }
    if !filter.tags.is_empty() {
        query = query.filter(diesel::dsl::exists(
            published_tags::table
                .filter(published_tags::article_id.eq(published_articles::id))
                .filter(published_tags::tag_id.eq_any(filter.tags.clone())),
        ));
    }
    if !filter.contributors.is_empty() {
        query = query.filter(diesel::dsl::exists(
            published_contributors::table
                .filter(published_contributors::article_id.eq(published_articles::id))
                .filter(published_contributors::contributor_id.eq_any(filter.contributors.clone())),
        ));
    }
    let (from, below) = bounds(filter, sort, after);
    if let Some(from) = from {
        query = query.filter(published_articles::position.ge(from));
    }
    if let Some(below) = below {
        query = query.filter(published_articles::position.lt(below));
    }
    query = match sort {
        ArticleSort::NewestFirst => query.order(published_articles::position.desc()),
        ArticleSort::OldestFirst => query.order(published_articles::position.asc()),
        ArticleSort::UpdatedFirst => {
            if let Some(After::Update(time, id)) = after {
                query = query.filter(published_articles::updated_at.le(*time)).filter(
                    published_articles::updated_at
                        .lt(*time)
                        .or(published_articles::id.lt(*id)),
                );
            }
            query.order((published_articles::updated_at.desc(), published_articles::id.desc()))
        }
    };
    Ok(query.load(conn)?)
}

/// The positions that a page may show, `from` included and `below` not: from the dates of the filter
/// and from where the page before ended.
fn bounds(filter: &Filter, sort: ArticleSort, after: Option<&After>) -> (Option<i64>, Option<i64>) {
    let base = super::press::position_base;
    let (mut from, mut below) = (filter.published_after.map(base), filter.published_before.map(base));
    match (after, sort) {
        (Some(After::Position(position)), ArticleSort::OldestFirst) => {
            from = Some(from.map_or(position + 1, |from| from.max(position + 1)));
        }
        (Some(After::Position(position)), _) => {
            below = Some(below.map_or(*position, |below| below.min(*position)));
        }
        _ => {}
    }
    (from, below)
}

/// What answers are set in: the frame, the moment, the site's address.
pub struct Setting<'a> {
    /// Settings and tree.
    pub frame: &'a Frame,
    /// The base of canonical URLs.
    pub public_url: &'a str,
    /// The moment.
    pub now: Time,
}

/// A list's JSON under construction, and when time alone will change it.
#[derive(Default)]
pub struct Composed {
    /// The JSON.
    pub json: String,
    /// When something stops being breaking news.
    pub next_change: Option<Time>,
}

impl Composed {
    /// Appends the cards, joined by commas.
    pub fn push_cards(&mut self, setting: &Setting<'_>, lives: &[Live]) {
        for (index, live) in lives.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.open(setting, live);
            self.json.push('}');
        }
    }

    /// Appends the articles with their bodies, joined by commas.
    ///
    /// # Errors
    /// The database's.
    pub fn push_articles(&mut self, conn: &mut Conn, setting: &Setting<'_>, lives: &[Live]) -> Result<()> {
        let targets: Vec<ArticleId> = lives
            .iter()
            .filter_map(|live| live.outline.as_ref())
            .flat_map(|outline| outline.interlinks.clone())
            .collect();
        let linked = cards_of(conn, &targets)?;
        for (index, live) in lives.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.push_article(setting, live, &linked)?;
        }
        Ok(())
    }

    fn push_article(&mut self, setting: &Setting<'_>, live: &Live, linked: &HashMap<ArticleId, Live>) -> Result<()> {
        let outline = live.outline.clone().unwrap_or_default();
        self.open(setting, live);
        let path = own_path(&live.json);
        self.member("canonical_url", &format!("{}{path}", setting.public_url))?;
        self.json.push_str(",\"linked_articles\":[");
        let mut first = true;
        for card in outline.interlinks.iter().filter_map(|id| linked.get(id)) {
            if !std::mem::take(&mut first) {
                self.json.push(',');
            }
            self.open(setting, card);
            self.json.push('}');
        }
        self.json.push(']');
        self.member("ad_placements", &ad_placements(&outline))?;
        self.member("comments", &comment_form(setting.frame, live))?;
        self.json.push('}');
        Ok(())
    }

    /// The pressed part and what every card has of other tables.
    fn open(&mut self, setting: &Setting<'_>, live: &Live) {
        self.json.push_str(&live.json);
        self.json.push_str(setting.frame.spliced(live.section_id, &live.locale));
        let breaking = live.breaking_until.filter(|until| *until > setting.now);
        self.next_change = [self.next_change, breaking].into_iter().flatten().min();
        let members = format!(
            ",\"comment_count\":{},\"breaking\":{}",
            live.approved,
            breaking.is_some()
        );
        self.json.push_str(&members);
    }

    fn member(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_string(value).map_err(Error::internal)?;
        self.json.push_str(&format!(",\"{name}\":{value}"));
        Ok(())
    }
}

/// The article's own path, read back from its pressed JSON.
fn own_path(json: &str) -> String {
    let path = json.split_once("\"path\":").and_then(|(_, rest)| {
        serde_json::Deserializer::from_str(rest)
            .into_iter::<String>()
            .next()
            .and_then(std::result::Result::ok)
    });
    path.unwrap_or_default()
}

fn cards_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Live>> {
    let mut cards = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<Row> = published_articles::table
            .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
            .filter(published_articles::id.eq_any(chunk.to_vec()))
            .filter(published_articles::retracted_at.is_null())
            .select(columns!(card_json, no_outline()))
            .load(conn)?;
        cards.extend(rows.into_iter().map(|row| (row.0, live(row))));
    }
    Ok(cards)
}

fn ad_placements(outline: &Outline) -> Vec<AdPlacement> {
    let mut placements = Vec::new();
    let mut last = None;
    for item in &outline.items {
        match item {
            OutlineItem::Block { id, .. } => last = Some(id.clone()),
            OutlineItem::AdSlot { slot } if !outline.hide_ads => {
                placements.push(AdPlacement {
                    after_block_id: last.clone(),
                    slot: slot.clone(),
                });
            }
            OutlineItem::AdSlot { .. } => {}
        }
    }
    placements
}

fn comment_form(frame: &Frame, live: &Live) -> CommentForm {
    CommentForm {
        is_open: effective_mode(frame, live.section_id, live.comment_mode) != CommentMode::Closed,
        required: vec!["author_name".to_owned(), "body".to_owned()],
        author_name_max_length: i32::try_from(limits::NAME).unwrap_or(i32::MAX),
        body_max_length: i32::try_from(limits::COMMENT).unwrap_or(i32::MAX),
    }
}

/// The ids of tags named by id or slug; those that do not exist are left out.
///
/// # Errors
/// The database's.
pub fn tag_ids(conn: &mut Conn, names: &[String]) -> Result<Vec<TagId>> {
    let mut ids = Vec::new();
    for name in names {
        let found: Option<TagId> = match TagId::parse(name) {
            Some(id) => Some(id),
            None => tags::table
                .filter(tags::slug.eq(name))
                .select(tags::id)
                .first(conn)
                .optional()?,
        };
        ids.extend(found);
    }
    Ok(ids)
}

/// The ids of contributors named by id or slug; those that do not exist are left out.
///
/// # Errors
/// The database's.
pub fn contributor_ids(conn: &mut Conn, names: &[String]) -> Result<Vec<ContributorId>> {
    let mut ids = Vec::new();
    for name in names {
        let found: Option<ContributorId> = match ContributorId::parse(name) {
            Some(id) => Some(id),
            None => contributors::table
                .filter(contributors::slug.eq(name))
                .select(contributors::id)
                .first(conn)
                .optional()?,
        };
        ids.extend(found);
    }
    Ok(ids)
}

/// The path and the language of a live article.
///
/// # Errors
/// 404.
pub fn path_of(conn: &mut Conn, id: ArticleId) -> Result<(String, String)> {
    let columns = (published_articles::path, published_articles::locale);
    Ok(published_articles::table.find(id).select(columns).first(conn)?)
}
