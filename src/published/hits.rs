//! What search reads of live articles: which of the positions that it found pass a filter, and what it shows of each
//! article.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::rows::{columns, teaser_or_card};
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, published_articles, published_tags, tags};
use crate::base::error::Result;
use crate::published::links::linked_positions;
use crate::published::list::ArticleFilter;
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedCardRow};
use crate::search::texts::SearchTexts;
use crate::site::tags::Tag;

/// A live article that was found.
pub struct ArticleHit {
    /// The article.
    pub live: PublishedArticle,
    /// What it says.
    pub texts: SearchTexts,
}

/// Keeps the positions whose articles pass the filter, in their order. Dates are not checked: whoever chose the
/// positions has done so.
pub fn passing(conn: &mut Conn, filter: &ArticleFilter, positions: Vec<i64>) -> Result<Vec<i64>> {
    if filter.nothing || positions.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = published_articles::table
        .filter(published_articles::position.eq_any(positions.clone()))
        .filter(published_articles::retracted_at.is_null())
        .select((published_articles::position, published_articles::locale))
        .into_boxed();
    if !filter.types.is_empty() {
        query = query.filter(published_articles::type_.eq_any(filter.types.clone()));
    }
    // The language is checked below: if the query asked for it, SQLite would read every row; without it an index has
    // all that is needed.
    let rows: Vec<(i64, String)> = query.load(conn)?;
    let in_locale = |(position, locale): (i64, String)| {
        let passes = filter.locale.as_ref().is_none_or(|wanted| *wanted == locale);
        passes.then_some(position)
    };
    let passing: HashSet<i64> = rows.into_iter().filter_map(in_locale).collect();
    let kept = positions.into_iter().filter(|position| passing.contains(position));
    linked_positions(conn, filter, kept.collect())
}

/// The live articles at these positions, in their order, as cards or teasers, with what they say.
pub fn at_positions(conn: &mut Conn, positions: &[i64], shape: ArticleShape) -> Result<Vec<ArticleHit>> {
    let rows: Vec<(PublishedCardRow, String, String)> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::position.eq_any(positions.to_vec()))
        .select((columns!(Card), published_articles::search_text, teaser_or_card()))
        .load(conn)?;
    let mut hits = HashMap::new();
    for (row, search_text, teaser) in rows {
        let mut live = row.in_shape(shape);
        let texts = SearchTexts::of_pressed(&live.json, &search_text)?;
        if shape == ArticleShape::Teaser {
            live.json = teaser;
        }
        hits.insert(live.position, ArticleHit { live, texts });
    }
    Ok(positions.iter().filter_map(|position| hits.remove(position)).collect())
}

/// Tags that live articles carry and whose folded name begins with `start`, in the order of their names.
pub fn live_tags(conn: &mut Conn, start: &str, limit: i64) -> Result<Vec<Tag>> {
    let carried = published_tags::table
        .inner_join(published_articles::table)
        .filter(published_tags::tag_id.eq(tags::id))
        .filter(published_articles::retracted_at.is_null());
    Ok(tags::table
        .filter(tags::sort_key.ge(start))
        .filter(tags::sort_key.lt(format!("{start}\u{10ffff}")))
        .filter(diesel::dsl::exists(carried))
        .order((tags::sort_key, tags::id))
        .limit(limit)
        .select(Tag::as_select())
        .load(conn)?)
}
