//! Pages of live articles: which, in which order, after which key, and how many there are.
//!
//! Where several filters are given, one is walked: the one that reaches furthest back with the same number of articles
//! (see [`super::index_scans`]). Each of its articles is checked against the other filters. A page looks at
//! [`limits::EXAMINED`] articles at most; the next page goes on after the last one.

use std::cmp::Reverse;
use std::collections::HashMap;

use diesel::prelude::*;

use super::rows::{columns, load_in_shape, teaser_or_card};
use crate::base::clock::Time;
use crate::base::db::schema::{comment_counts, published_articles};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::http::page::CappedTotal;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::body::article_type::ArticleType;
use crate::published::index_scans::{IndexScans, PositionRange, counted, furthest_reaching, matching, scans_of};
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedArticleRow, PublishedCardRow};

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
pub struct ArticleFilter {
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

impl ArticleFilter {
    /// What a list of what it chooses shows. An article that comes, changes or goes is in all that it chooses by, so one
    /// of them is enough.
    pub fn surrogate_keys(&self) -> Vec<SurrogateKey> {
        let sections = self.sections.iter().copied().map(SurrogateKey::Section);
        let tags = self.tags.iter().copied().map(SurrogateKey::Tag);
        let contributors = self.contributors.iter().copied().map(SurrogateKey::Contributor);
        if !self.sections.is_empty() {
            sections.collect()
        } else if !self.tags.is_empty() {
            tags.collect()
        } else if !self.contributors.is_empty() {
            contributors.collect()
        } else {
            vec![SurrogateKey::Articles]
        }
    }
}

/// After which key a page begins.
#[derive(Clone, Debug)]
pub enum ListKey {
    /// A position.
    Position(i64),
    /// A moment and an id.
    Update(Time, ArticleId),
}

/// A page.
#[derive(Default)]
pub struct ListedArticles {
    /// The articles, in order.
    pub articles: Vec<PublishedArticle>,
    /// After which key the list goes on; `None` at its end. More may follow even a page that is not full, or is
    /// empty: it has looked at as many articles as a page may.
    pub rest: Option<ListKey>,
}

/// The keys of a page.
#[derive(Default)]
pub struct ListedKeys {
    /// The articles, in order.
    pub ids: Vec<ArticleId>,
    /// As in [`ListedArticles`].
    pub rest: Option<ListKey>,
}

/// A page of live articles.
pub fn list(
    conn: &mut Conn,
    shape: ArticleShape,
    filter: &ArticleFilter,
    sort: ArticleSort,
    after: Option<&ListKey>,
    limit: usize,
) -> Result<ListedArticles> {
    let ListedKeys { ids, rest } = list_keys(conn, filter, sort, after, limit)?;
    let articles = load(conn, shape, &ids)?;
    Ok(ListedArticles { articles, rest })
}

/// Which articles a page lists.
pub fn list_keys(
    conn: &mut Conn,
    filter: &ArticleFilter,
    sort: ArticleSort,
    after: Option<&ListKey>,
    limit: usize,
) -> Result<ListedKeys> {
    if filter.nothing {
        return Ok(ListedKeys::default());
    }
    // First the keys, which an index gives in order, then the rows themselves. One key more than the
    // page shows says that there is more.
    let (ids, rest) = match sort {
        ArticleSort::UpdatedFirst => {
            let mut keys = keys_by_update(conn, filter, after, limit + 1)?;
            let has_more = keys.len() > limit;
            keys.truncate(limit);
            let rest = keys.last().filter(|_| has_more);
            let rest = rest.map(|(time, id)| ListKey::Update(*time, *id));
            (keys.into_iter().map(|(_, id)| id).collect(), rest)
        }
        _ => {
            let (mut keys, mut rest) = keys_by_position(conn, filter, sort, after, limit + 1)?;
            if keys.len() > limit {
                keys.truncate(limit);
                rest = keys.last().map(|(position, _)| *position);
            }
            let ids: Vec<ArticleId> = keys.into_iter().map(|(_, id)| id).collect();
            (ids, rest.map(ListKey::Position))
        }
    };
    Ok(ListedKeys { ids, rest })
}

/// The rows of these articles, in their order.
fn load(conn: &mut Conn, shape: ArticleShape, ids: &[ArticleId]) -> Result<Vec<PublishedArticle>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(among(published_articles::id, ids.to_vec()));
    let articles = load_in_shape!(conn, query, shape);
    let mut by_id: HashMap<ArticleId, PublishedArticle> = articles.map(|live| (live.id, live)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// How many articles a page looks at: first a few, which are enough where the filters agree, then as many more as it
/// may.
const STEPS: [usize; 2] = [1_000, limits::EXAMINED - 1_000];

/// Positions and ids.
type PositionedIds = Vec<(i64, ArticleId)>;

/// Up to `want` positions and ids, in order. Where fewer were found and more articles follow: also the last position
/// that was looked at.
fn keys_by_position(
    conn: &mut Conn,
    filter: &ArticleFilter,
    sort: ArticleSort,
    after: Option<&ListKey>,
    want: usize,
) -> Result<(PositionedIds, Option<i64>)> {
    let choices = scans_of(filter);
    let mut range = PositionRange::of(filter, sort, after);
    if let [scans] = choices.as_slice()
        && scans.are_exact(filter)
    {
        return Ok((matching(conn, filter, scans, &range, want)?, None));
    }
    let mut found = Vec::new();
    for examined in STEPS {
        let (scans, window) = furthest_reaching(conn, filter, &choices, &range, examined)?;
        let more = matching(conn, filter, scans, &window, want - found.len())?;
        found.extend(more);
        match window.behind(&range) {
            Some(behind) if found.len() < want => range = behind,
            _ => return Ok((found, None)),
        }
    }
    let last = range.last_before();
    Ok((found, last))
}

/// Counts the articles of a filter, as far as a count goes: no further than a page looks, where
/// several filters choose together.
pub fn total(conn: &mut Conn, filter: &ArticleFilter) -> Result<CappedTotal> {
    if filter.nothing {
        return Ok(CappedTotal::default());
    }
    let choices = scans_of(filter);
    let range = PositionRange::of(filter, ArticleSort::NewestFirst, None);
    let (scans, window): (&IndexScans, PositionRange) = match choices.as_slice() {
        [scans] if scans.are_exact(filter) => (scans, range.clone()),
        _ => furthest_reaching(conn, filter, &choices, &range, limits::EXAMINED)?,
    };
    let counted = CappedTotal::of(counted(conn, filter, scans, &window, CappedTotal::FETCH)?);
    Ok(CappedTotal {
        is_capped: counted.is_capped || window.behind(&range).is_some(),
        ..counted
    })
}

/// Up to `want` articles in the order of their last publish. Each type has an index of its own, so each is asked
/// for by itself.
fn keys_by_update(
    conn: &mut Conn,
    filter: &ArticleFilter,
    after: Option<&ListKey>,
    want: usize,
) -> Result<Vec<(Time, ArticleId)>> {
    let types: Vec<Option<ArticleType>> = match filter.types.as_slice() {
        [] => vec![None],
        types => types.iter().copied().map(Some).collect(),
    };
    let mut found: Vec<(Time, ArticleId)> = Vec::new();
    for type_ in types {
        let mut query = published_articles::table
            .filter(published_articles::retracted_at.is_null())
            .order((published_articles::updated_at.desc(), published_articles::id.desc()))
            .limit(i64::try_from(want).unwrap_or(i64::MAX))
            .select((published_articles::updated_at, published_articles::id))
            .into_boxed();
        if let Some(locale) = &filter.locale {
            query = query.filter(published_articles::locale.eq(locale.clone()));
        }
        if let Some(type_) = type_ {
            query = query.filter(published_articles::type_.eq(type_));
        }
        if let Some(ListKey::Update(time, id)) = after {
            let behind = published_articles::updated_at
                .lt(*time)
                .or(published_articles::id.lt(*id));
            query = query.filter(published_articles::updated_at.le(*time)).filter(behind);
        }
        let rows: Vec<(Time, ArticleId)> = query.load(conn)?;
        found.extend(rows);
    }
    found.sort_unstable_by_key(|key| Reverse(*key));
    found.truncate(want);
    Ok(found)
}
