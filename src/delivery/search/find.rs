//! Pages of what matches: by date along the index, or by relevance among the newest that match.
//!
//! Relevance is the same on both databases and depends on the article alone: for every clause 10 where it
//! matches in the title, else 3 where it matches in kicker or standfirst, else 1. So a rank does not change
//! when other articles come and go, and a cursor can name it.

use std::collections::HashMap;

use crate::base::db::Conn;
use crate::base::db::fulltext::{FulltextPage, FulltextPart, FulltextQuery};
use crate::base::error::Result;
use crate::base::limits;
use crate::published::press::position_base;
use crate::published::{self, ArticleFilter};
use crate::search::store;

crate::word_type! {
    /// How what was found is ordered.
    SearchSort {
        /// Newest first.
        NewestFirst = "-published_at",
        /// Oldest first.
        OldestFirst = "published_at",
        /// What has the words in the title first, then in the kicker or the standfirst; the newest first
        /// where that is the same.
        Relevance = "relevance",
    }
}

/// What is looked for.
pub struct ArticleSearch<'a> {
    /// The words.
    pub wanted: &'a FulltextQuery,
    /// Among which articles.
    pub filter: &'a ArticleFilter,
}

/// A page by date.
#[derive(Debug, PartialEq, Eq)]
pub struct DatedMatches {
    /// The positions found, one more than were asked for where there are more.
    pub positions: Vec<i64>,
    /// The position after which to go on, where the search ended before it had found enough.
    pub unfinished: Option<i64>,
}

/// Positions that are looked at in one step, at least.
const MIN_STEP: usize = 400;

impl ArticleSearch<'_> {
    /// The positions after `after` that match the words and pass the filter.
    pub fn by_date(&self, conn: &mut Conn, ascending: bool, after: Option<i64>, limit: usize) -> Result<DatedMatches> {
        let mut span = self.span(ascending, after);
        let (mut positions, mut examined) = (Vec::new(), 0);
        while examined < limits::SEARCH_EXAMINED {
            // In most searches all that is found passes the filter: the first step is no larger than the page.
            let step = if examined == 0 { limit } else { limit.max(MIN_STEP) };
            span.limit = i64::try_from(step).unwrap_or(i64::MAX);
            let found = store::hits(conn, self.wanted, span)?;
            let (count, last) = (found.len(), found.last().copied());
            positions.extend(published::passing(conn, self.filter, found)?);
            if positions.len() >= limit || count < step {
                positions.truncate(limit);
                return Ok(DatedMatches {
                    positions,
                    unfinished: None,
                });
            }
            examined += count;
            continue_after(&mut span, last);
        }
        let unfinished = Some(if ascending { span.from - 1 } else { span.below });
        Ok(DatedMatches { positions, unfinished })
    }

    /// The positions to search: by the dates of the filter, and after `after`.
    fn span(&self, ascending: bool, after: Option<i64>) -> FulltextPage {
        let mut span = FulltextPage {
            from: self.filter.published_after.map_or(i64::MIN, position_base),
            below: self.filter.published_before.map_or(i64::MAX, position_base),
            ascending,
            limit: 0,
        };
        if let Some(after) = after {
            if ascending {
                span.from = span.from.max(after.saturating_add(1));
            } else {
                span.below = span.below.min(after);
            }
        }
        span
    }

    /// The newest that match and pass, none newer than `top` where it is given, with their ranks: the best first.
    pub fn by_relevance(&self, conn: &mut Conn, top: Option<i64>) -> Result<Vec<RankedMatch>> {
        let after = top.map(|top| top.saturating_add(1));
        let candidates = self.by_date(conn, false, after, limits::SEARCH_CANDIDATES)?.positions;
        let mut ranks: HashMap<i64, i64> = candidates.iter().map(|position| (*position, 0)).collect();
        for clause in self.wanted.all.iter().take(RANKED_CLAUSES) {
            let mut holding = |part| store::matching_in_part(conn, self.wanted, (part, clause), &candidates);
            let (title, lead) = (holding(FulltextPart::Title)?, holding(FulltextPart::Lead)?);
            for (position, rank) in &mut ranks {
                *rank += match (title.contains(position), lead.contains(position)) {
                    (true, _) => IN_TITLE,
                    (_, true) => IN_LEAD,
                    _ => IN_BODY,
                };
            }
        }
        let ranked = ranks.into_iter().map(|(position, rank)| RankedMatch { rank, position });
        let mut ranked: Vec<RankedMatch> = ranked.collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ranked)
    }
}

fn continue_after(span: &mut FulltextPage, last: Option<i64>) {
    let Some(last) = last else { return };
    if span.ascending {
        span.from = last.saturating_add(1);
    } else {
        span.below = last;
    }
}

/// How many clauses count for a rank; the others must match too, but add nothing.
const RANKED_CLAUSES: usize = 8;
const IN_TITLE: i64 = 10;
const IN_LEAD: i64 = 3;
const IN_BODY: i64 = 1;

/// A candidate with its rank; a greater one is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankedMatch {
    /// How well it matches.
    pub rank: i64,
    /// Its position.
    pub position: i64,
}
