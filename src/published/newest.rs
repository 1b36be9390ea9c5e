//! The newest articles of several places at once: what the lists of a page and related articles are
//! made of. One statement, however many places there are.

use std::collections::HashMap;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::union_all::{UnionSelect, load_union_all};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId, TagId};
use crate::published::index_scans::{IndexScans, newest_term};

/// Where articles are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NewestOf {
    /// On the whole site.
    Site,
    /// In a section and those below it.
    Section(SectionId),
    /// With a tag.
    Tag(TagId),
    /// Among those that stand out.
    Featured,
    /// Among breaking news.
    Breaking,
}

/// Terms of one statement at most: SQLite takes 500.
const TERMS: usize = 200;

impl NewestOf {
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
            // From the inside out: there is little breaking news among very many articles, and only the inner order
            // keeps a planner from looking through all of these by their position.
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
        };
        select
    }
}

/// The newest articles of each place, newest first: at most as many as each is asked for. What is
/// retracted is in none.
pub fn newest_of_each(
    conn: &mut Conn,
    locale: &str,
    now: Time,
    asked: &[(NewestOf, i64)],
) -> Result<HashMap<NewestOf, Vec<(ArticleId, i64)>>> {
    // One place that is asked twice is walked once, as far as the longer of both.
    let mut limits: Vec<(NewestOf, i64)> = Vec::new();
    for (place, limit) in asked {
        match limits.iter_mut().find(|(known, _)| known == place) {
            Some((_, known)) => *known = (*known).max(*limit),
            None => limits.push((*place, *limit)),
        }
    }
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
