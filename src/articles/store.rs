//! Statements on working copies and revisions.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::indexing::desk_entry;
use super::model::{Article, ArticleStanding, ArticleState, Byline, Content, RevisionKind};
use super::revisions::store::{NewRevision, revision};
use super::revisions::{self};
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{
    article_contributors, article_revisions, article_sections, article_tags, articles, comment_counts,
};
use crate::base::db::{Conn, OnUnique, kept};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{ArticleId, SectionId, TagId, UserId};
use crate::base::text::warnings::is_suspect;
use crate::search::store as search;
use crate::site::paths::{self, PathKind};
use crate::{insert_each, on_each};

/// The article of this id and its content.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: ArticleId) -> Result<(Article, Content)> {
    let mut article: Article = articles::table.find(id).select(Article::as_select()).first(conn)?;
    if let Some(number) = article.live_revision_number.filter(|_| article.content.is_empty()) {
        article.content = revisions::store::content_json(conn, id, number)?;
    }
    let mut content = Content::from_json(&article.content)?;
    // Sections are in columns of their own, which deleting a section rewrites; the JSON may be out of date.
    content.section_id = article.section_id;
    content.secondary_section_ids = secondary_sections(conn, id, &content.secondary_section_ids)?;
    Ok((article, content))
}

/// The contents of these working copies, as JSON.
pub fn working_copies(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, String>> {
    let rows: Vec<(ArticleId, String)> = articles::table
        .filter(articles::id.eq_any(ids.to_vec()))
        .select((articles::id, articles::content))
        .load(conn)?;
    let as_live = rows.iter().filter(|(_, json)| json.is_empty()).map(|(id, _)| *id);
    let as_live: Vec<ArticleId> = as_live.collect();
    let mut copies: HashMap<ArticleId, String> = rows.into_iter().collect();
    copies.extend(revisions::store::live_contents(conn, &as_live)?);
    Ok(copies)
}

/// Where the article of this id is, and in which state.
///
/// # Errors
/// 404.
pub fn standing(conn: &mut Conn, id: ArticleId) -> Result<ArticleStanding> {
    let standing = ArticleStanding::as_select();
    Ok(articles::table.find(id).select(standing).first(conn)?)
}

/// Which of these ids belong to an article, whatever its state.
pub fn known(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashSet<ArticleId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let known = articles::table.filter(articles::id.eq_any(ids.to_vec()));
    let ids: Vec<ArticleId> = known.select(articles::id).load(conn)?;
    Ok(ids.into_iter().collect())
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: ArticleId) -> Result<(Article, Content)> {
    lock(conn, LockableRow::Article, id.as_str())?;
    get(conn, id)
}

/// The secondary sections, those that the editor ordered first.
fn secondary_sections(conn: &mut Conn, id: ArticleId, order: &[SectionId]) -> Result<Vec<SectionId>> {
    let mut ids: Vec<SectionId> = article_sections::table
        .filter(article_sections::article_id.eq(id))
        .order(article_sections::section_id)
        .select(article_sections::section_id)
        .load(conn)?;
    ids.sort_by_key(|id| order.iter().position(|ordered| ordered == id).unwrap_or(usize::MAX));
    Ok(ids)
}

/// Adds an article and what it refers to.
///
/// # Errors
/// 409 `translation_exists`.
pub fn insert(conn: &mut Conn, article: &Article, content: &Content) -> Result<()> {
    insert_row(conn, article, content)?;
    search::index_working_copies(conn, &[desk_entry(article, content)])
}

/// A new article's row, which says what its content says already.
#[derive(Insertable)]
#[diesel(table_name = articles)]
struct NewArticleRow {
    #[diesel(embed)]
    article: Article,
    has_suspect_text: bool,
}

/// As [`insert`], for many at once, which the desk does not find by their words yet: their rows say already what their
/// contents say.
///
/// # Errors
/// As [`insert`].
pub fn insert_all(conn: &mut Conn, many: &[(&Article, &Content)]) -> Result<()> {
    let row = |(article, _): &(&Article, &Content)| {
        Ok(NewArticleRow {
            has_suspect_text: is_suspect(&article.content)?,
            article: without_what_is_live((*article).clone()),
        })
    };
    let rows: Vec<NewArticleRow> = many.iter().map(row).collect::<Result<_>>()?;
    insert_each!(conn, articles::table, rows).on_unique(|| Error::new(Code::TranslationExists))?;
    let contents: Vec<(ArticleId, &Content)> = many.iter().map(|(article, content)| (article.id, *content)).collect();
    insert_references(conn, &contents)
}

fn insert_row(conn: &mut Conn, article: &Article, content: &Content) -> Result<()> {
    let row = row(article, content)?;
    let has_suspect_text = articles::has_suspect_text.eq(is_suspect(&row.content)?);
    diesel::insert_into(articles::table)
        .values((without_what_is_live(row), has_suspect_text))
        .execute(conn)
        // A new row has no position yet, so this is the one unique rule that it can break.
        .on_unique(|| Error::new(Code::TranslationExists).with("locale", &article.locale))?;
    insert_references(conn, &[(article.id, content)])
}

/// Writes the working copy, in full: what somebody wrote is never left to a flag.
pub fn update(conn: &mut Conn, article: &Article, content: &Content) -> Result<()> {
    let (id, row) = (article.id, row(article, content)?);
    let has_suspect_text = articles::has_suspect_text.eq(is_suspect(&row.content)?);
    kept(diesel::update(articles::table.find(id)).set((row, has_suspect_text))).execute(conn)?;
    search::index_working_copies(conn, &[desk_entry(article, content)])?;
    diesel::delete(article_sections::table.filter(article_sections::article_id.eq(id))).execute(conn)?;
    diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(conn)?;
    diesel::delete(article_contributors::table.filter(article_contributors::article_id.eq(id))).execute(conn)?;
    insert_references(conn, &[(id, content)])
}

/// Writes the row alone: for actions, which do not change the working copy.
pub fn set_row(conn: &mut Conn, article: &Article) -> Result<()> {
    let row = without_what_is_live(article.clone());
    kept(diesel::update(articles::table.find(article.id)).set(row)).execute(conn)?;
    Ok(())
}

/// The row as it is stored: without the content where it is that of the live revision, as of most articles.
fn without_what_is_live(mut article: Article) -> Article {
    if article.live_revision_number.is_some() && !article.has_unpublished_changes {
        article.content.clear();
    }
    article
}

/// The row with the columns that repeat the content.
fn row(article: &Article, content: &Content) -> Result<Article> {
    Ok(Article {
        type_: content.type_,
        title: content.title.clone(),
        section_id: content.section_id,
        content: content.to_json()?,
        ..article.clone()
    })
}

fn insert_references(conn: &mut Conn, many: &[(ArticleId, &Content)]) -> Result<()> {
    let section = |id: ArticleId, section: &SectionId| {
        (
            article_sections::article_id.eq(id),
            article_sections::section_id.eq(*section),
        )
    };
    let tag = |id: ArticleId, tag: &TagId| (article_tags::article_id.eq(id), article_tags::tag_id.eq(*tag));
    let byline = |id: ArticleId, byline: &Byline| {
        (
            article_contributors::article_id.eq(id),
            article_contributors::contributor_id.eq(byline.contributor_id),
        )
    };
    let (mut sections, mut tags, mut bylines) = (Vec::new(), Vec::new(), Vec::new());
    for (id, content) in many {
        sections.extend(content.secondary_section_ids.iter().map(|to| section(*id, to)));
        tags.extend(content.tag_ids.iter().map(|to| tag(*id, to)));
        bylines.extend(content.contributors.iter().map(|by| byline(*id, by)));
    }
    insert_each!(conn, article_sections::table, sections)?;
    insert_each!(conn, article_tags::table, tags)?;
    insert_each!(conn, article_contributors::table, bylines)?;
    Ok(())
}

/// Freezes a content as the article's next revision; its number.
pub fn insert_revision(
    conn: &mut Conn,
    article: &Article,
    kind: RevisionKind,
    content: &Content,
    author: Option<UserId>,
    note: Option<&str>,
    now: Time,
) -> Result<i32> {
    let new = NewRevision {
        kind,
        version: article.version,
        author,
        note,
        reverted_to: None,
        now,
    };
    revisions::store::insert(conn, article.id, content, &new)
}

/// Whether a content leaves an article at the path of what is, or was last, live.
pub fn keeps_path(conn: &mut Conn, article: &Article, content: &Content) -> Result<bool> {
    let Some(number) = article.live_revision_number else {
        return Ok(false);
    };
    let live = revision(conn, article.id, number)?;
    // The section may have another path by now; the article keeps its own.
    Ok(live.section_id == content.section_id && live.slug == content.slug)
}

/// Seals every revision of an article: from now on only a permission of its own reads them.
pub fn seal_revisions(conn: &mut Conn, id: ArticleId, now: Time) -> Result<()> {
    diesel::update(article_revisions::table.filter(article_revisions::article_id.eq(id)))
        .set(article_revisions::sealed_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The article of a story in a language; what is thrown away or killed does not count.
pub fn find_translation(conn: &mut Conn, translation_key: &str, locale: &str) -> Result<Option<ArticleId>> {
    Ok(articles::table
        .filter(articles::translation_key.eq(translation_key))
        .filter(articles::locale.eq(locale))
        .filter(articles::state.ne_all([ArticleState::Trashed, ArticleState::Killed]))
        .select(articles::id)
        .first(conn)
        .optional()?)
}

/// The greatest position between two, over all articles that have one.
pub fn greatest_position(conn: &mut Conn, from: i64, below: i64) -> Result<Option<i64>> {
    Ok(articles::table
        .filter(articles::position.ge(from))
        .filter(articles::position.lt(below))
        .order(articles::position.desc())
        .select(articles::position)
        .first::<Option<i64>>(conn)
        .optional()?
        .flatten())
}

/// The positions between two, at most `limit`.
pub fn positions_between(conn: &mut Conn, from: i64, below: i64, limit: i64) -> Result<Vec<i64>> {
    let positions: Vec<Option<i64>> = articles::table
        .filter(articles::position.ge(from))
        .filter(articles::position.lt(below))
        .order(articles::position)
        .limit(limit)
        .select(articles::position)
        .load(conn)?;
    Ok(positions.into_iter().flatten().collect())
}

/// Whether there is no article at all.
pub fn is_empty(conn: &mut Conn) -> Result<bool> {
    let first: Option<ArticleId> = articles::table.select(articles::id).first(conn).optional()?;
    Ok(first.is_none())
}

/// How many working copies have this section as primary or secondary.
pub fn count_in_section(conn: &mut Conn, id: SectionId) -> Result<i64> {
    let primary: i64 = articles::table
        .filter(articles::section_id.eq(id))
        .count()
        .get_result(conn)?;
    let secondary: i64 = article_sections::table
        .filter(article_sections::section_id.eq(id))
        .count()
        .get_result(conn)?;
    Ok(primary + secondary)
}

/// Puts the working copies of one section into another.
pub fn move_section(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    diesel::update(articles::table.filter(articles::section_id.eq(from)))
        .set(articles::section_id.eq(to))
        .execute(conn)?;
    on_each!(conn, c => {
        let rows = article_sections::table
            .filter(article_sections::section_id.eq(from))
            .select((article_sections::article_id, to.into_sql::<diesel::sql_types::Text>()));
        diesel::insert_into(article_sections::table)
            .values(rows)
            .into_columns((article_sections::article_id, article_sections::section_id))
            .on_conflict_do_nothing()
            .execute(c)
    })?;
    diesel::delete(article_sections::table.filter(article_sections::section_id.eq(from))).execute(conn)?;
    // A secondary section that equals the primary one says nothing.
    let doubled = article_sections::table
        .inner_join(articles::table)
        .filter(articles::section_id.eq(to))
        .filter(article_sections::section_id.eq(to))
        .select(article_sections::article_id);
    let doubled: Vec<String> = doubled.load(conn)?;
    for chunk in doubled.chunks(500) {
        let rows = article_sections::table
            .filter(article_sections::section_id.eq(to))
            .filter(article_sections::article_id.eq_any(chunk.to_vec()));
        diesel::delete(rows).execute(conn)?;
    }
    Ok(())
}

/// Deletes a trashed article with everything that belongs to it. Its paths stay and answer 410: what was public is
/// never given to another thing, unless an editor frees it.
pub fn delete(conn: &mut Conn, id: ArticleId, now: Time) -> Result<()> {
    paths::disown(conn, PathKind::Article, id.as_str(), now)?;
    search::unindex_working_copy(conn, id)?;
    diesel::delete(comment_counts::table.filter(comment_counts::article_id.eq(id))).execute(conn)?;
    diesel::delete(articles::table.find(id)).execute(conn)?;
    Ok(())
}
