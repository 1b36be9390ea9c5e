//! Live articles by id, and what depends on an article being live.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, paths, published_articles, published_contributors};
use crate::base::db::union_all::UnionSelect;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, ContributorId, SectionId};
use crate::body::outline::Outline;
use crate::published::{gated, press};
use crate::site::comment_policy::{self, CommentPolicy, EffectiveCommentPolicy};
use crate::site::frame::Frame;
use crate::site::paths::{PathKind, PathStatus};
use crate::site::takedowns;

/// How much of an article is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArticleShape {
    /// What a list inside something else shows of it.
    Teaser,
    /// A card.
    Card,
    /// All of it, with its body.
    Full,
}

/// A live article's row, as far as answers need it.
#[derive(Clone)]
pub struct PublishedArticle {
    /// The article's id.
    pub id: ArticleId,
    /// The key of lists.
    pub position: i64,
    /// The date that it shows; of a preview before the first publish the moment of pressing.
    pub(crate) published_at: Time,
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
}

/// A live article with its body.
#[derive(Queryable)]
pub(super) struct PublishedArticleRow {
    card: PublishedCardRow,
    article_json: String,
    comment_policy: Option<String>,
    outline: String,
    translation_key: Option<String>,
    press_format: i32,
}

/// A live article without its body: what lists read, as few columns as they need.
#[derive(Queryable)]
pub(super) struct PublishedCardRow {
    pub id: ArticleId,
    position: i64,
    path: String,
    locale: String,
    section_id: SectionId,
    json: String,
    breaking_until: Option<Time>,
    approved: Option<i64>,
}

/// The columns of a [`PublishedCardRow`] or of a [`PublishedArticleRow`], in their order.
macro_rules! columns {
    (Teaser) => { columns!(@ teaser_or_card()) };
    (Card) => { columns!(@ published_articles::card_json) };
    (Full) => {
        (
            columns!(@ published_articles::card_json),
            published_articles::article_json,
            published_articles::comment_policy,
            published_articles::outline,
            published_articles::translation_key,
            published_articles::press_format,
        )
    };
    (@ $json:expr) => {
        (
            published_articles::id,
            published_articles::position,
            published_articles::path,
            published_articles::locale,
            published_articles::section_id,
            $json,
            published_articles::breaking_until,
            comment_counts::approved.nullable(),
        )
    };
}

/// Loads the rows of a query in a shape.
macro_rules! load_in_shape {
    ($conn:expr, $query:expr, $shape:expr) => {{
        let (query, shape): (_, ArticleShape) = ($query, $shape);
        let articles: Vec<PublishedArticle> = match shape {
            ArticleShape::Teaser | ArticleShape::Card => {
                let rows: Vec<PublishedCardRow> = match shape {
                    ArticleShape::Teaser => query.select(columns!(Teaser)).load($conn)?,
                    _ => query.select(columns!(Card)).load($conn)?,
                };
                rows.into_iter().map(|row| row.in_shape(shape)).collect()
            }
            ArticleShape::Full => {
                let rows: Vec<PublishedArticleRow> = query.select(columns!(Full)).load($conn)?;
                rows.into_iter().map(PublishedArticleRow::whole).collect()
            }
        };
        articles.into_iter()
    }};
}

impl PublishedCardRow {
    /// The article, read in this shape.
    pub fn in_shape(self, shape: ArticleShape) -> PublishedArticle {
        PublishedArticle {
            id: self.id,
            position: self.position,
            published_at: press::moment_of(self.position).unwrap_or(Time::EPOCH),
            shape,
            path: self.path,
            locale: self.locale,
            section_id: self.section_id,
            json: self.json,
            breaking_until: self.breaking_until,
            comment_policy: None,
            outline: None,
            approved: self.approved.unwrap_or(0),
            translation_key: None,
        }
    }
}

impl PublishedArticleRow {
    /// The article with its body.
    pub fn whole(self) -> PublishedArticle {
        let mut live = self.card.in_shape(ArticleShape::Full);
        if self.article_json.starts_with(',') {
            live.json.push_str(&self.article_json);
        } else {
            // A release before this one pressed it: all of it is here.
            live.json = self.article_json;
        }
        let mut outline: Outline = serde_json::from_str(&self.outline).unwrap_or_default();
        if self.press_format < gated::FIRST_FORMAT {
            gated::hide_body(&mut live.json, &mut outline);
        }
        live.outline = Some(outline);
        live.comment_policy = comment_policy::from_column(self.comment_policy.as_deref());
        live.translation_key = self.translation_key;
        live
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
    Ok(row.whole())
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
    Ok(row.map(PublishedArticleRow::whole))
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

/// What finds an article where it is live.
pub fn live_term(id: ArticleId) -> UnionSelect {
    let mut select = UnionSelect::default();
    select
        .sql("SELECT id, position AS number FROM published_articles WHERE id = ")
        .value(id.as_str());
    select
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

/// The teaser, or where a release before this one pressed the article: its card, until it is pressed anew.
pub(super) fn teaser_or_card() -> diesel::expression::SqlLiteral<diesel::sql_types::Text> {
    diesel::dsl::sql("COALESCE(published_articles.teaser_json, published_articles.card_json)")
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
