//! Live articles by id, and what hangs on their being live.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::articles::ArticleId;
use crate::articles::press::Outline;
use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::{comment_counts, published_articles};
use crate::error::Result;
use crate::sections::SectionId;
use crate::site::{CommentMode, Frame};
use crate::takedowns;

/// A live article's row, as far as answers need it.
pub struct Live {
    /// The article's id.
    pub id: ArticleId,
    /// The key of lists.
    pub position: i64,
    /// When it was published last.
    pub updated_at: Time,
    pub(in crate::articles) locale: String,
    pub(in crate::articles) section_id: SectionId,
    pub(in crate::articles) json: String,
    pub(in crate::articles) breaking_until: Option<Time>,
    pub(in crate::articles) comment_mode: Option<CommentMode>,
    pub(in crate::articles) outline: Option<Outline>,
    pub(in crate::articles) approved: i64,
    pub(in crate::articles) translation_key: Option<String>,
    pub(in crate::articles) press_format: i32,
}

pub(super) type Row = (
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
    Option<String>,
    i32,
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
            published_articles::translation_key,
            published_articles::press_format,
        )
    };
}

pub(super) fn live(row: Row) -> Live {
    let (
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
        translation_key,
        press_format,
    ) = row;
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
        translation_key,
        press_format,
    }
}

/// The live article of this id.
///
/// # Errors
/// 404, or 410 where it was killed.
pub fn get(conn: &mut Conn, id: ArticleId) -> Result<Live> {
    let row: Option<Row> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq(id))
        .select(columns!(article_json, published_articles::outline.nullable()))
        .first(conn)
        .optional()?;
    let row = row.ok_or_else(|| takedowns::absence(conn, id))?;
    Ok(live(row))
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
    found.map(drop).ok_or_else(|| takedowns::absence(conn, id))
}

/// Those of some articles that readers are shown a link to: live, and not retracted.
///
/// # Errors
/// The database's.
pub fn shown(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashSet<ArticleId>> {
    let shown = published_articles::table
        .filter(published_articles::id.eq_any(ids))
        .filter(published_articles::retracted_at.is_null());
    let ids: Vec<ArticleId> = shown.select(published_articles::id).load(conn)?;
    Ok(ids.into_iter().collect())
}

/// The comment policy that holds for a live article.
///
/// # Errors
/// 404, or 410 where it was killed.
pub fn comment_mode(conn: &mut Conn, frame: &Frame, id: ArticleId) -> Result<CommentMode> {
    let found: Option<(SectionId, Option<CommentMode>)> = published_articles::table
        .find(id)
        .select((published_articles::section_id, published_articles::comment_mode))
        .first(conn)
        .optional()?;
    let (section, mode) = found.ok_or_else(|| takedowns::absence(conn, id))?;
    Ok(effective_mode(frame, section, mode))
}

/// The article's own policy, or the nearest section's, or the site's.
pub(super) fn effective_mode(frame: &Frame, section: SectionId, own: Option<CommentMode>) -> CommentMode {
    own.or_else(|| frame.tree.comment_mode(section))
        .unwrap_or(frame.site.comment_mode)
}

/// In place of the outline, where bodies are not read.
pub(super) fn no_outline() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Text>> {
    diesel::dsl::sql("NULL")
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
