//! The newest articles of several places at once: what the lists of a page and related articles are
//! made of. One statement, however many places there are.

use std::collections::HashMap;

use super::lanes::{Lanes, newest};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::terms::{Term, Value, all_of};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId, TagId};

/// Where articles are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Walk {
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

impl Walk {
    fn term(self, locale: &str, now: Time, limit: i64) -> Term {
        let text = Value::Text(locale.to_owned());
        match self {
            Self::Site => newest(locale, &Lanes::Site, limit),
            Self::Section(id) => newest(locale, &Lanes::Sections(vec![id]), limit),
            Self::Tag(id) => newest(locale, &Lanes::Tags(vec![id]), limit),
            Self::Featured => Term {
                sql: "SELECT id, position AS number FROM published_articles \
                      WHERE locale = ? AND featured_position IS NOT NULL AND retracted_at IS NULL \
                      ORDER BY featured_position DESC LIMIT ?"
                    .into(),
                values: vec![text, Value::Number(limit)],
            },
            // From the inside out: there is little breaking news among very many articles, and only the inner order
            // keeps a planner from looking through all of these by their position.
            Self::Breaking => Term {
                sql: "SELECT b.id, b.position AS number FROM (SELECT id, position, locale, retracted_at \
                      FROM published_articles WHERE breaking_until > ? ORDER BY breaking_until LIMIT 1000) b \
                      WHERE b.locale = ? AND b.retracted_at IS NULL ORDER BY b.position DESC LIMIT ?"
                    .into(),
                values: vec![Value::Time(now), text, Value::Number(limit)],
            },
        }
    }
}

/// The newest articles of each place, newest first: at most as many as each is asked for. What is
/// retracted is in none.
///
/// # Errors
/// The database's.
pub fn newest_of_each(
    conn: &mut Conn,
    locale: &str,
    now: Time,
    asked: &[(Walk, i64)],
) -> Result<HashMap<Walk, Vec<(ArticleId, i64)>>> {
    // One place that is asked twice is walked once, as far as the longer of both.
    let mut limits: Vec<(Walk, i64)> = Vec::new();
    for (walk, limit) in asked {
        match limits.iter_mut().find(|(known, _)| known == walk) {
            Some((_, known)) => *known = (*known).max(*limit),
            None => limits.push((*walk, *limit)),
        }
    }
    let mut found = HashMap::new();
    for chunk in limits.chunks(TERMS) {
        let terms = chunk.iter().map(|(walk, limit)| walk.term(locale, now, *limit));
        let rows = all_of(conn, terms.collect())?;
        for ((walk, _), rows) in chunk.iter().zip(rows) {
            let ids = rows
                .into_iter()
                .filter_map(|row| ArticleId::parse(&row.id).map(|id| (id, row.number)));
            found.insert(*walk, ids.collect());
        }
    }
    Ok(found)
}
