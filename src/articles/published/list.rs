//! Pages of live articles: which, in which order, behind which key.

use std::collections::HashMap;

use diesel::prelude::*;

use super::rows::{Live, Row, columns, live, no_outline};
use crate::articles::ArticleId;
use crate::articles::model::ArticleType;
use crate::articles::press::position_base;
use crate::clock::Time;
use crate::contributors::ContributorId;
use crate::db::Conn;
use crate::db::schema::{
    comment_counts, contributors, published_articles, published_contributors, published_sections, published_tags, tags,
};
use crate::error::Result;
use crate::sections::SectionId;
use crate::tags::TagId;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    let (mut from, mut below) = (
        filter.published_after.map(position_base),
        filter.published_before.map(position_base),
    );
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
