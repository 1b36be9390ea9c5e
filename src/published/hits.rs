//! What search reads of live articles: which of those that match pass a filter, and what it shows of each article.

use std::cmp::Reverse;
use std::collections::HashMap;

use diesel::prelude::*;

use super::compose::AnswerContext;
use super::rows::columns;
use crate::base::db::fulltext::{FIRST_LOOK, FulltextPage, FulltextQuery, FulltextTerm, HitSearch};
use crate::base::db::schema::{comment_counts, published_articles, published_tags, tags};
use crate::base::db::union_all::{UnionSelect, UnionValue, load_union_all};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::published::list::ArticleFilter;
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedCardRow};
use crate::search::store;
use crate::search::texts::SearchTexts;
use crate::site::tags::Tag;

/// A live article that was found.
pub struct ArticleHit {
    /// The article.
    pub live: PublishedArticle,
    /// What it says.
    pub texts: SearchTexts,
}

/// The positions of live articles that match the words and pass the filter, in order: of the first `span.limit` that
/// match, `limit` at most. Where `in_head` is given, of those that have one of its terms in the title, the kicker or the
/// standfirst. Dates are not checked: whoever chose the span has done so.
pub fn matching(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    in_head: Option<&[FulltextTerm]>,
    filter: &ArticleFilter,
    span: FulltextPage,
    limit: usize,
) -> Result<Vec<i64>> {
    if filter.nothing {
        return Ok(Vec::new());
    }
    if conn.is_sqlite() || in_head.is_some() {
        return found_by(conn, wanted, in_head, HitSearch::Planned, filter, span, limit);
    }
    // PostgreSQL looks for what many articles have among the newest: first among few, and among more where some of
    // those had it. What is in none of them, or in hardly any, is in so few that they can be gathered.
    let first = found_by(conn, wanted, None, HitSearch::Among(FIRST_LOOK), filter, span, limit)?;
    if first.len() >= limit {
        return Ok(first);
    }
    if first.len() >= FREQUENT {
        let more = found_by(conn, wanted, None, HitSearch::Among(SECOND_LOOK), filter, span, limit)?;
        if more.len() >= limit {
            return Ok(more);
        }
    }
    found_by(conn, wanted, None, HitSearch::Gathered, filter, span, limit)
}

/// Hits among those that are looked at first from which on more are looked at.
const FREQUENT: usize = 3;
/// Articles that are looked at then.
const SECOND_LOOK: i64 = 2_000;

fn found_by(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    in_head: Option<&[FulltextTerm]>,
    search: HitSearch,
    filter: &ArticleFilter,
    span: FulltextPage,
    limit: usize,
) -> Result<Vec<i64>> {
    let mut select = UnionSelect::default();
    select
        .sql("SELECT p.locale AS id, f.number FROM (")
        .select(store::select_hits(conn, wanted, in_head, search, span)?);
    if conn.is_sqlite() {
        select.sql(") AS f CROSS JOIN published_articles AS p");
    } else {
        select.sql(") AS f JOIN published_articles AS p");
    }
    select.sql(" ON p.position = f.number WHERE p.retracted_at IS NULL");
    push_filter(&mut select, filter);
    if !conn.is_sqlite() {
        // SQLite takes what it joins in the order of the first, and would sort it all again.
        select.sql(if span.ascending {
            " ORDER BY f.number"
        } else {
            " ORDER BY f.number DESC"
        });
    }
    select.sql(" LIMIT ").value(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = load_union_all(conn, vec![select])?.into_iter().flatten();
    let mut positions: Vec<i64> = rows.map(|row| row.number).collect();
    if span.ascending {
        positions.sort_unstable();
    } else {
        positions.sort_unstable_by_key(|position| Reverse(*position));
    }
    Ok(positions)
}

/// Appends the conditions of a filter on an article `p`.
fn push_filter(select: &mut UnionSelect, filter: &ArticleFilter) {
    if let Some(locale) = &filter.locale {
        select.sql(" AND p.locale = ").value(locale.as_str());
    }
    if !filter.types.is_empty() {
        let types = filter.types.iter().map(|type_| type_.as_str().into());
        select.sql(" AND p.type IN (").list(types).sql(")");
    }
    let mut linked = |table: &str, column: &str, ids: Vec<UnionValue>, and: &'static str| {
        if ids.is_empty() {
            return;
        }
        let exists = format!(
            " AND EXISTS (SELECT 1 FROM {table} l WHERE l.is_listed = TRUE AND l.position = p.position AND l.{column} IN ("
        );
        // With a limit of its own it is asked of each article in turn.
        select.sql(exists).list(ids).sql(")").sql(and).sql(" LIMIT 1 OFFSET 0)");
    };
    let is_direct = if filter.exact_section {
        " AND l.is_direct = TRUE"
    } else {
        ""
    };
    let sections = filter.sections.iter().map(|id| id.as_str().into());
    linked("published_sections", "section_id", sections.collect(), is_direct);
    let tags = filter.tags.iter().map(|id| id.as_str().into());
    linked("published_tags", "tag_id", tags.collect(), "");
    let contributors = filter.contributors.iter().map(|id| id.as_str().into());
    linked("published_contributors", "contributor_id", contributors.collect(), "");
}

/// The live articles at these positions, in their order, as cards, with what they say.
pub fn at_positions(conn: &mut Conn, positions: &[i64]) -> Result<Vec<ArticleHit>> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(PublishedCardRow, String)> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(among(published_articles::position, positions.to_vec()))
        .select((columns!(Card), published_articles::search_text))
        .load(conn)?;
    let mut hits = HashMap::new();
    for (row, text) in rows {
        let live = row.in_shape(ArticleShape::Card);
        let texts = SearchTexts::of_pressed(&live.json, &text)?;
        hits.insert(live.position, ArticleHit { live, texts });
    }
    Ok(positions.iter().filter_map(|position| hits.remove(position)).collect())
}

impl AnswerContext<'_> {
    /// As [`at_positions`], in a shape.
    ///
    /// # Errors
    /// The database's.
    pub fn hits(&self, conn: &mut Conn, positions: &[i64], shape: ArticleShape) -> Result<Vec<ArticleHit>> {
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, ArticleId, String)> = published_articles::table
            .filter(among(published_articles::position, positions.to_vec()))
            .select((
                published_articles::position,
                published_articles::id,
                published_articles::search_text,
            ))
            .load(conn)?;
        let ids: Vec<ArticleId> = rows.iter().map(|(_, id, _)| *id).collect();
        let cards = self.shown(conn, &ids, ArticleShape::Card)?;
        let mut shown = match shape {
            ArticleShape::Teaser => self.shown(conn, &ids, shape)?,
            _ => cards.clone(),
        };
        let mut hits = HashMap::new();
        for (position, id, text) in rows {
            if let (Some(card), Some(live)) = (cards.get(&id), shown.remove(&id)) {
                let texts = SearchTexts::of_pressed(&card.json, &text)?;
                hits.insert(position, ArticleHit { live, texts });
            }
        }
        Ok(positions.iter().filter_map(|position| hits.remove(position)).collect())
    }
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
