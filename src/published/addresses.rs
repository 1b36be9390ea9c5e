//! Where live articles are, for sitemaps: those that search engines may show, by position. One index holds all that a
//! sitemap says, so that the rows themselves, which are long, are not read.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::published_articles;
use crate::base::error::{Error, Result};
use crate::published::parsed::ParsedArticle;

/// A live article's address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = published_articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ArticleAddress {
    /// The key of lists.
    pub position: i64,
    /// Its language.
    pub locale: String,
    /// Its public path.
    pub path: String,
    /// When it was published last, minor changes aside.
    pub updated_at: Time,
    /// What it shares with its translations.
    pub translation_key: Option<String>,
}

/// Narrows a query to what search engines may show.
macro_rules! listed {
    ($query:expr) => {
        $query.filter(published_articles::retracted_at.is_null()).filter(
            published_articles::no_index
                .is_null()
                .or(published_articles::no_index.assume_not_null().eq(false)),
        )
    };
}

/// Narrows a query to the positions from the first, included, to the second, not included.
macro_rules! between {
    ($bounds:expr) => {
        listed!(published_articles::table)
            .filter(published_articles::position.ge($bounds.0))
            .filter(published_articles::position.lt($bounds.1))
    };
}

/// How many articles there are between two positions, and when one last changed.
pub fn count_and_last_change(conn: &mut Conn, bounds: (i64, i64)) -> Result<(i64, Option<Time>)> {
    let both = (
        diesel::dsl::count_star(),
        diesel::dsl::max(published_articles::updated_at),
    );
    Ok(between!(bounds).select(both).first(conn)?)
}

/// The first position at or after this one.
pub fn first_from(conn: &mut Conn, from: i64) -> Result<Option<i64>> {
    nth(conn, (from, i64::MAX), 0)
}

/// The position that comes after `number` others, between two positions.
pub fn nth(conn: &mut Conn, bounds: (i64, i64), number: i64) -> Result<Option<i64>> {
    Ok(between!(bounds)
        .order(published_articles::position)
        .offset(number)
        .limit(1)
        .select(published_articles::position)
        .first(conn)
        .optional()?)
}

/// The first addresses between two positions, the oldest first.
pub fn list(conn: &mut Conn, bounds: (i64, i64), limit: i64) -> Result<Vec<ArticleAddress>> {
    Ok(between!(bounds)
        .order(published_articles::position)
        .limit(limit)
        .select(ArticleAddress::as_select())
        .load(conn)?)
}

/// Language and path of the live articles of these stories, by translation key.
pub fn stories(conn: &mut Conn, keys: &[String]) -> Result<HashMap<String, Vec<(String, String)>>> {
    let mut stories: HashMap<String, Vec<(String, String)>> = HashMap::new();
    let rows: Vec<(Option<String>, String, String)> = listed!(published_articles::table)
        .filter(published_articles::translation_key.eq_any(keys.to_vec()))
        .order((published_articles::locale, published_articles::id))
        .select((
            published_articles::translation_key,
            published_articles::locale,
            published_articles::path,
        ))
        .load(conn)?;
    for (key, locale, path) in rows {
        stories.entry(key.unwrap_or_default()).or_default().push((locale, path));
    }
    Ok(stories)
}

/// The last items between two positions, the newest first, each with its position.
///
/// # Errors
/// The database's; 500 where the pressed JSON is not what this binary presses.
pub fn newest(conn: &mut Conn, bounds: (i64, i64), limit: i64) -> Result<Vec<(i64, ParsedArticle)>> {
    let rows: Vec<(i64, String)> = between!(bounds)
        .order(published_articles::position.desc())
        .limit(limit)
        .select((published_articles::position, published_articles::card_json))
        .load(conn)?;
    let item = |(position, json): (i64, String)| {
        let item = serde_json::from_str(&format!("{json}}}")).map_err(Error::internal)?;
        Ok((position, item))
    };
    rows.into_iter().map(item).collect()
}
