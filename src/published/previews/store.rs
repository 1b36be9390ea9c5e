//! Statements on previews.

use diesel::prelude::*;
use serde::Deserialize;

use super::{Preview, PreviewTokenId};
use crate::articles::model::{Article, ArticleState, Content};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::preview_articles;
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, SectionId};
use crate::published::press::{self, PressedCopy};
use crate::published::previews::PressedPreview;
use crate::published::{ArticleShape, PublishedArticle};
use crate::site::comment_policy;
use crate::site::frame::Frame;

/// Adds a preview with its first copy.
pub fn insert(conn: &mut Conn, digest: &str, preview: &Preview, copy: PressedCopy, now: Time) -> Result<()> {
    let pressed = PressedPreview::new(Some(copy), now);
    diesel::insert_into(preview_articles::table)
        .values((preview_articles::digest.eq(digest), preview, pressed))
        .execute(conn)?;
    Ok(())
}

/// Brings an article's previews up to date after a save: all take its embargo, those of the working copy are pressed
/// again.
pub fn press_working_copy(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    now: Time,
) -> Result<()> {
    let mine = || preview_articles::table.filter(preview_articles::article_id.eq(article.id));
    let living: Vec<Option<i32>> = mine()
        .filter(preview_articles::expires_at.gt(now))
        .select(preview_articles::revision_number)
        .load(conn)?;
    if living.is_empty() {
        return Ok(());
    }
    diesel::update(mine())
        .set(preview_articles::embargo_until.eq(article.embargo_until))
        .execute(conn)?;
    if living.contains(&None) {
        let copy = press::press_copy(conn, frame, article, content, now)?;
        diesel::update(mine().filter(preview_articles::revision_number.is_null()))
            .set(&PressedPreview::new(copy, now))
            .execute(conn)?;
    }
    Ok(())
}

/// Living previews of an article, the oldest first, after `after`.
pub fn list(
    conn: &mut Conn,
    article: ArticleId,
    after: Option<PreviewTokenId>,
    limit: i64,
    now: Time,
) -> Result<Vec<Preview>> {
    let mut query = preview_articles::table
        .filter(preview_articles::article_id.eq(article))
        .filter(preview_articles::expires_at.gt(now))
        .order(preview_articles::id)
        .limit(limit)
        .select(Preview::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(preview_articles::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// How many living previews an article has.
pub fn count(conn: &mut Conn, article: ArticleId, now: Time) -> Result<i64> {
    Ok(preview_articles::table
        .filter(preview_articles::article_id.eq(article))
        .filter(preview_articles::expires_at.gt(now))
        .count()
        .get_result(conn)?)
}

/// Ends a preview.
///
/// # Errors
/// 404 where it is none of this article's, or has expired.
pub fn delete(conn: &mut Conn, article: ArticleId, id: PreviewTokenId, now: Time) -> Result<()> {
    let one = preview_articles::table
        .filter(preview_articles::id.eq(id))
        .filter(preview_articles::article_id.eq(article))
        .filter(preview_articles::expires_at.gt(now));
    match diesel::delete(one).execute(conn)? {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// Ends every preview of an article.
pub fn delete_all_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    diesel::delete(preview_articles::table.filter(preview_articles::article_id.eq(article))).execute(conn)?;
    Ok(())
}

/// Puts the previews in one section into another.
pub fn move_section(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    diesel::update(preview_articles::table.filter(preview_articles::section_id.eq(from)))
        .set(preview_articles::section_id.eq(to))
        .execute(conn)?;
    Ok(())
}

/// Forgets previews that have expired.
pub fn forget_ended(conn: &mut Conn, now: Time) -> Result<()> {
    diesel::delete(preview_articles::table.filter(preview_articles::expires_at.le(now))).execute(conn)?;
    Ok(())
}

/// What is pressed of a preview, with what readers get beside it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = preview_articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct OpenedPreview {
    article_id: ArticleId,
    locale: String,
    translation_key: String,
    section_id: Option<SectionId>,
    article_json: Option<String>,
    outline: Option<String>,
    comment_policy: Option<String>,
    breaking_until: Option<Time>,
    pressed_at: Time,
}

/// The path that the article will have: only the copy's JSON says it, no column does.
#[derive(Deserialize)]
struct PressedPath {
    path: String,
}

/// What the token with this digest opens now, and the article's state. Of the article itself only that is read.
///
/// # Errors
/// 404 where it opens nothing: unknown, expired, closed by the embargo, or nothing is pressed.
pub fn open(conn: &mut Conn, digest: &str, now: Time) -> Result<(PublishedArticle, ArticleState)> {
    let is_open = preview_articles::during_embargo
        .eq(true)
        .or(preview_articles::embargo_until.is_null())
        .or(preview_articles::embargo_until.assume_not_null().le(now));
    let opened: OpenedPreview = preview_articles::table
        .find(digest)
        .filter(preview_articles::expires_at.gt(now))
        .filter(is_open)
        .select(OpenedPreview::as_select())
        .first(conn)?;
    let (Some(section_id), Some(json)) = (opened.section_id, opened.article_json) else {
        return Err(Error::not_found());
    };
    let pressed: PressedPath = serde_json::from_str(&format!("{json}}}")).map_err(Error::internal)?;
    let outline = opened
        .outline
        .map(|json| serde_json::from_str(&json).unwrap_or_default());
    let state = articles::standing(conn, opened.article_id)?.state;
    let preview = PublishedArticle {
        id: opened.article_id,
        position: 0,
        published_at: opened.pressed_at,
        shape: ArticleShape::Full,
        path: pressed.path,
        locale: opened.locale,
        section_id,
        json,
        breaking_until: opened.breaking_until,
        comment_policy: comment_policy::from_column(opened.comment_policy.as_deref()),
        outline,
        approved: 0,
        translation_key: Some(opened.translation_key),
    };
    Ok((preview, state))
}
