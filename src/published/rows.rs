//! Live articles by id, and what depends on an article being live.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, paths, published_articles, published_contributors};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, ContributorId, SectionId};
use crate::body::outline::Outline;
use crate::published::{gated, press};
use crate::site::comment_policy::{self, CommentPolicy, EffectiveCommentPolicy};
use crate::site::frame::Frame;
use crate::site::paths::{PathKind, PathStatus};
use crate::site::takedowns;

/// How much of an article is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleShape {
    /// What a list inside something else shows of it.
    Teaser,
    /// A card.
    Card,
    /// All of it, with its body.
    Full,
}

/// A live article's row, as far as answers need it.
pub struct PublishedArticle {
    /// The article's id.
    pub id: ArticleId,
    /// The key of lists.
    pub position: i64,
    /// When it was published last.
    pub updated_at: Time,
    pub(crate) shape: ArticleShape,
    pub(crate) path: String,
    pub(crate) locale: String,
    pub(crate) section_id: SectionId,
    pub(crate) json: String,
    pub(crate) breaking_until: Option<Time>,
    pub(crate) comment_policy: Option<CommentPolicy>,
    pub(crate) outline: Option<Outline>,
    pub(crate) approved: i64,
    pub(crate) translation_key: Option<String>,
}

impl PublishedArticle {
    /// The articles that its body points to.
    pub fn interlinks(&self) -> &[ArticleId] {
        self.outline.as_ref().map_or(&[], |outline| &outline.interlinks)
    }

    /// What is known about its body without reading it; nothing where only its card was read.
    pub fn outline(&self) -> Outline {
        self.outline.clone().unwrap_or_default()
    }

    /// Whether blocks of its body are left out.
    pub fn is_truncated(&self) -> bool {
        self.outline
            .as_ref()
            .is_some_and(|outline| outline.hidden_words.is_some())
    }

    /// Its primary section: the one in its path.
    pub fn section_id(&self) -> SectionId {
        self.section_id
    }

    /// Its public path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its language.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The date that it shows; a preview has none before its article's first publish: the moment of pressing.
    pub(crate) fn published_at(&self) -> Time {
        let moment = (self.position != 0).then(|| press::moment_of(self.position)).flatten();
        moment.unwrap_or(self.updated_at)
    }
}

#[derive(Queryable)]
pub(super) struct PublishedArticleRow {
    pub id: ArticleId,
    position: i64,
    updated_at: Time,
    path: String,
    locale: String,
    section_id: SectionId,
    json: String,
    breaking_until: Option<Time>,
    comment_policy: Option<String>,
    outline: Option<String>,
    approved: Option<i64>,
    translation_key: Option<String>,
    press_format: i32,
}

/// The columns of a [`PublishedArticleRow`], in its order, in a shape: a list of cards reads no bodies.
macro_rules! columns {
    (Teaser) => { columns!(@ teaser_or_card(), no_outline()) };
    (Card) => { columns!(@ published_articles::card_json, no_outline()) };
    (Full) => { columns!(@ $crate::published::rows::whole_article(), published_articles::outline.nullable()) };
    (@ $json:expr, $outline:expr) => {
        (
            published_articles::id,
            published_articles::position,
            published_articles::updated_at,
            published_articles::path,
            published_articles::locale,
            published_articles::section_id,
            $json,
            published_articles::breaking_until,
            published_articles::comment_policy,
            $outline,
            comment_counts::approved.nullable(),
            published_articles::translation_key,
            published_articles::press_format,
        )
    };
}

/// Loads the rows of a query in a shape.
macro_rules! load_in_shape {
    ($conn:expr, $query:expr, $shape:expr) => {{
        let (query, shape): (_, ArticleShape) = ($query, $shape);
        let rows: Vec<PublishedArticleRow> = match shape {
            ArticleShape::Teaser => query.select(columns!(Teaser)).load($conn)?,
            ArticleShape::Card => query.select(columns!(Card)).load($conn)?,
            ArticleShape::Full => query.select(columns!(Full)).load($conn)?,
        };
        rows.into_iter().map(move |row| row.in_shape(shape))
    }};
}

impl PublishedArticleRow {
    /// The article, read in this shape.
    pub fn in_shape(mut self, shape: ArticleShape) -> PublishedArticle {
        let mut outline = self.outline.map(|json| serde_json::from_str(&json).unwrap_or_default());
        if let Some(outline) = &mut outline
            && self.press_format < gated::FIRST_FORMAT
        {
            gated::hide_body(&mut self.json, outline);
        }
        PublishedArticle {
            id: self.id,
            position: self.position,
            updated_at: self.updated_at,
            shape,
            path: self.path,
            locale: self.locale,
            section_id: self.section_id,
            json: self.json,
            breaking_until: self.breaking_until,
            comment_policy: comment_policy::from_column(self.comment_policy.as_deref()),
            outline,
            approved: self.approved.unwrap_or(0),
            translation_key: self.translation_key,
        }
    }
}

/// The live article of this id.
///
/// # Errors
/// 404, or 410 where it was killed.
pub fn get(conn: &mut Conn, id: ArticleId) -> Result<PublishedArticle> {
    let row: Option<PublishedArticleRow> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq(id))
        .select(columns!(Full))
        .first(conn)
        .optional()?;
    let row = row.ok_or_else(|| takedowns::not_live_error(conn, id))?;
    Ok(row.in_shape(ArticleShape::Full))
}

/// The article that is live at a path, which must be written as in the table of paths. `None` for anything else.
pub fn find_at(conn: &mut Conn, path: &str) -> Result<Option<PublishedArticle>> {
    let row: Option<PublishedArticleRow> = paths::table
        .inner_join(published_articles::table.on(paths::target_id.eq(published_articles::id.nullable())))
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(paths::path.eq(path))
        .filter(paths::kind.eq(PathKind::Article))
        .filter(paths::status.eq(PathStatus::Live))
        .select(columns!(Full))
        .first(conn)
        .optional()?;
    Ok(row.map(|row| row.in_shape(ArticleShape::Full)))
}

/// Checks that an article is live.
///
/// # Errors
/// 404, or 410 where it was killed.
pub fn must_be_live(conn: &mut Conn, id: ArticleId) -> Result<()> {
    let found: Option<ArticleId> = published_articles::table
        .find(id)
        .select(published_articles::id)
        .first(conn)
        .optional()?;
    found.map(drop).ok_or_else(|| takedowns::not_live_error(conn, id))
}

/// Which of these articles a link may show: live, and not retracted.
pub fn shown(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashSet<ArticleId>> {
    let shown = published_articles::table
        .filter(published_articles::id.eq_any(ids))
        .filter(published_articles::retracted_at.is_null());
    let ids: Vec<ArticleId> = shown.select(published_articles::id).load(conn)?;
    Ok(ids.into_iter().collect())
}

/// What a comment is checked against: the place of its article, and the policy that holds there.
#[derive(Clone, Debug)]
pub struct Discussion {
    /// The article's section.
    pub section_id: SectionId,
    /// The article's language.
    pub locale: String,
    /// When it was published, by the date that it shows.
    pub published_at: Time,
    /// The policy that holds for it.
    pub policy: EffectiveCommentPolicy,
}

/// The discussion of a live article.
///
/// # Errors
/// 404, or 410 where it was killed.
pub fn discussion(conn: &mut Conn, frame: &Frame, id: ArticleId) -> Result<Discussion> {
    let found: Option<(SectionId, String, Time, Option<String>)> = published_articles::table
        .find(id)
        .select((
            published_articles::section_id,
            published_articles::locale,
            published_articles::published_at,
            published_articles::comment_policy,
        ))
        .first(conn)
        .optional()?;
    let (section_id, locale, published_at, own) = found.ok_or_else(|| takedowns::not_live_error(conn, id))?;
    Ok(Discussion {
        policy: comment_policy(frame, section_id, comment_policy::from_column(own.as_deref())),
        section_id,
        locale,
        published_at,
    })
}

/// The policy that holds for an article: its own word, its sections', the site's.
pub(super) fn comment_policy(frame: &Frame, section: SectionId, own: Option<CommentPolicy>) -> EffectiveCommentPolicy {
    let own = own.unwrap_or_default();
    own.or(frame.tree.comment_policy(section))
        .or(frame.site.comment_policy)
        .settled()
}

/// Who signed a live article.
pub fn bylines(conn: &mut Conn, id: ArticleId) -> Result<Vec<ContributorId>> {
    Ok(published_contributors::table
        .filter(published_contributors::article_id.eq(id))
        .select(published_contributors::contributor_id)
        .load(conn)?)
}

/// How many comments readers see on these articles; those that are not live are left out.
pub fn comment_counts_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<Vec<(ArticleId, i64)>> {
    let counts: Vec<(ArticleId, Option<i64>)> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq_any(ids.to_vec()))
        .select((published_articles::id, comment_counts::approved.nullable()))
        .load(conn)?;
    let counts = counts.into_iter().map(|(id, count)| (id, count.unwrap_or(0)));
    Ok(counts.collect())
}

/// In place of the outline, where bodies are not read.
pub(super) fn no_outline() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Text>> {
    diesel::dsl::sql("NULL")
}

/// The teaser, or where a release before this one pressed the article: its card, until it is pressed anew.
pub(super) fn teaser_or_card() -> diesel::expression::SqlLiteral<diesel::sql_types::Text> {
    diesel::dsl::sql("COALESCE(published_articles.teaser_json, published_articles.card_json)")
}

/// The article: its card and what goes on behind it, or where a release before this one pressed it, all of it.
pub(super) fn whole_article() -> diesel::expression::SqlLiteral<diesel::sql_types::Text> {
    diesel::dsl::sql(
        "CASE WHEN substr(published_articles.article_json, 1, 1) = ',' \
         THEN published_articles.card_json || published_articles.article_json \
         ELSE published_articles.article_json END",
    )
}

/// The path and the language of a live article.
///
/// # Errors
/// 404.
pub fn path_of(conn: &mut Conn, id: ArticleId) -> Result<(String, String)> {
    let columns = (published_articles::path, published_articles::locale);
    Ok(published_articles::table.find(id).select(columns).first(conn)?)
}

pub(super) use columns;
pub(super) use load_in_shape;
