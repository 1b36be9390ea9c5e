//! The newest articles of several places at once: what the lists of a page and related articles are
//! made of. One statement, however many places there are.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::union_all::{UnionSelect, load_union_all};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId, TagId};
use crate::base::surrogate_key::SurrogateKey;
use crate::published::index_scans::{IndexScans, newest_term};
use crate::published::most_read::MostReadWindow;
use crate::published::most_read::store::most_read_term;

/// Where articles are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NewestOf {
    /// On the whole site.
    Site,
    /// In a section and those below it.
    Section(SectionId),
    /// With a tag.
    Tag(TagId),
    /// Among the featured ones.
    Featured,
    /// Among breaking news.
    Breaking,
    /// This one alone, in whatever language.
    Article(ArticleId),
    /// Among what is read most, on the whole site or in a section and those below it: the most read first.
    MostRead(MostReadWindow, Option<SectionId>),
}

/// Terms of one statement at most: SQLite takes up to 500.
const TERMS: usize = 200;

impl NewestOf {
    /// What a list of what is found here shows.
    pub fn surrogate_key(self) -> SurrogateKey {
        match self {
            Self::Site => SurrogateKey::Articles,
            Self::Section(id) => SurrogateKey::Section(id),
            Self::Tag(id) => SurrogateKey::Tag(id),
            Self::Featured => SurrogateKey::Featured,
            Self::Breaking => SurrogateKey::Breaking,
            Self::Article(id) => SurrogateKey::Article(id),
            Self::MostRead(..) => SurrogateKey::MostRead,
        }
    }

    /// Whether time alone changes what is found here.
    pub(super) fn ends_with_time(self) -> bool {
        matches!(self, Self::Breaking | Self::MostRead(..))
    }

    fn term(self, locale: &str, now: Time, limit: i64) -> UnionSelect {
        let mut select = UnionSelect::default();
        match self {
            Self::Site => return newest_term(locale, &IndexScans::Site, limit),
            Self::Section(id) => return newest_term(locale, &IndexScans::Sections(vec![id]), limit),
            Self::Tag(id) => return newest_term(locale, &IndexScans::Tags(vec![id]), limit),
            Self::Featured => select
                .sql("SELECT id, position AS number FROM published_articles WHERE locale = ")
                .value(locale)
                .sql(
                    " AND featured_position IS NOT NULL AND retracted_at IS NULL ORDER BY featured_position DESC LIMIT ",
                )
                .value(limit),
            Self::Article(id) => select
                .sql("SELECT id, position AS number FROM published_articles WHERE id = ")
                .value(id.as_str())
                .sql(" AND retracted_at IS NULL LIMIT ")
                .value(limit),
            // Breaking news first, in an inner query: it is little among very many articles. Only the inner `ORDER BY`
            // keeps a planner from walking all articles by position.
            Self::Breaking => select
                .sql(
                    "SELECT b.id, b.position AS number FROM (SELECT id, position, locale, retracted_at \
                     FROM published_articles WHERE breaking_until > ",
                )
                .value(now)
                .sql(" ORDER BY breaking_until LIMIT 1000) b WHERE b.locale = ")
                .value(locale)
                .sql(" AND b.retracted_at IS NULL ORDER BY b.position DESC LIMIT ")
                .value(limit),
            Self::MostRead(window, section) => return most_read_term(Some(locale), section, window, now, limit),
        };
        select
    }
}

/// Articles of a place, each with the number by which they are in order. Clones share them.
#[derive(Clone, Debug)]
pub struct PlacedIds {
    found: Arc<[(ArticleId, i64)]>,
    count: usize,
}

impl PlacedIds {
    /// The first of these, so many at most.
    pub(super) fn first(&self, limit: i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        Self {
            found: self.found.clone(),
            count: self.count.min(limit),
        }
    }
}

impl FromIterator<(ArticleId, i64)> for PlacedIds {
    fn from_iter<I: IntoIterator<Item = (ArticleId, i64)>>(found: I) -> Self {
        let found: Arc<[(ArticleId, i64)]> = found.into_iter().collect();
        Self {
            count: found.len(),
            found,
        }
    }
}

impl Deref for PlacedIds {
    type Target = [(ArticleId, i64)];

    fn deref(&self) -> &Self::Target {
        self.found.get(..self.count).unwrap_or_default()
    }
}

/// Each place once: one that is asked for twice is walked once, up to the larger limit.
pub(super) fn each_once(asked: &[(NewestOf, i64)]) -> Vec<(NewestOf, i64)> {
    let mut limits: Vec<(NewestOf, i64)> = Vec::with_capacity(asked.len());
    for (place, limit) in asked {
        match limits.iter_mut().find(|(known, _)| known == place) {
            Some((_, known)) => *known = (*known).max(*limit),
            None => limits.push((*place, *limit)),
        }
    }
    limits
}

/// The newest articles of each place, newest first, up to the limit of each, and with each a number by which they are
/// in order: their position, or where they are read most their rank. Retracted articles are left out.
pub fn newest_of_each(
    conn: &mut Conn,
    locale: &str,
    now: Time,
    asked: &[(NewestOf, i64)],
) -> Result<HashMap<NewestOf, PlacedIds>> {
    let limits = each_once(asked);
    let mut found = HashMap::new();
    for chunk in limits.chunks(TERMS) {
        let terms = chunk.iter().map(|(place, limit)| place.term(locale, now, *limit));
        let rows = load_union_all(conn, terms.collect())?;
        for ((place, _), rows) in chunk.iter().zip(rows) {
            let ids = rows
                .into_iter()
                .filter_map(|row| ArticleId::parse(&row.id).map(|id| (id, row.number)));
            found.insert(*place, ids.collect());
        }
    }
    Ok(found)
}
