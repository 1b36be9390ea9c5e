//! Pages of what matches: by date along the index, or by relevance.
//!
//! Relevance is the same on both databases and depends on the article alone: for every clause 10 where it
//! matches in the title, else 3 where it matches in kicker or standfirst, else 1. So a rank does not change
//! when other articles come and go, and a cursor can name it.
//!
//! Of articles that have something of what is looked for in one of the three, the newest
//! [`limits::SEARCH_CANDIDATES`] are ranked. All others have the least rank, as those have that match in the body
//! alone: they follow by date, along the index, as far as the reader goes. So neither order gathers all that matches.

use std::collections::HashSet;

use crate::base::db::Conn;
use crate::base::db::fulltext::{FulltextPage, FulltextPart, FulltextQuery, FulltextTerm};
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
        /// where that is the same. Among the newest 300 that have one there; all others follow by date.
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

impl ArticleSearch<'_> {
    /// The positions after `after` that match the words and pass the filter: of the [`limits::SEARCH_EXAMINED`] that
    /// match next, `limit` at most.
    pub fn by_date(&self, conn: &mut Conn, ascending: bool, after: Option<i64>, limit: usize) -> Result<DatedMatches> {
        let span = self.span(ascending, after);
        let positions = published::matching(conn, self.wanted, None, self.filter, span, limit)?;
        let unfinished = if positions.len() < limit && !self.filter.nothing {
            store::last_hit(conn, self.wanted, span)?
        } else {
            None
        };
        Ok(DatedMatches { positions, unfinished })
    }

    /// The positions to search: by the dates of the filter, and after `after`.
    fn span(&self, ascending: bool, after: Option<i64>) -> FulltextPage {
        let mut span = FulltextPage {
            from: self.filter.published_after.map_or(i64::MIN, position_base),
            below: self.filter.published_before.map_or(i64::MAX, position_base),
            ascending,
            limit: i64::try_from(limits::SEARCH_EXAMINED).unwrap_or(i64::MAX),
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

    /// What comes after `after`, or first, the best first: `limit` at most.
    pub fn by_relevance(&self, conn: &mut Conn, after: Option<RankedKey>, limit: usize) -> Result<RankedMatches> {
        let in_head = self.in_head(conn, after)?;
        let least = match after {
            Some(after) => after.least,
            None if in_head.len() < limits::SEARCH_CANDIDATES => i64::MIN,
            None => in_head.last().copied().unwrap_or(i64::MIN),
        };
        let known: HashSet<i64> = in_head.iter().copied().collect();
        let mut matches = self.ranked(conn, in_head)?;
        matches.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(after) = after {
            matches.retain(|one| *one < after.last);
        }
        let mut unfinished = None;
        if matches.len() < limit {
            let newest = after.map(|after| match after.last.rank {
                rank if rank == self.least_rank() => after.last.position,
                _ => after.top.saturating_add(1),
            });
            let others = self.by_date(conn, false, newest, limit - matches.len() + known.len())?;
            unfinished = others.unfinished;
            let others = others
                .positions
                .into_iter()
                .filter(|position| !known.contains(position));
            matches.extend(others.map(|position| RankedMatch {
                rank: self.least_rank(),
                position,
            }));
        }
        matches.truncate(limit);
        let top = match after {
            Some(after) => after.top,
            None if matches.len() < limit && unfinished.is_none() => 0,
            None => self.newest(conn)?,
        };
        let key = |last| RankedKey { top, least, last };
        Ok(RankedMatches {
            unfinished: unfinished.filter(|_| matches.len() < limit).map(|position| {
                key(RankedMatch {
                    rank: self.least_rank(),
                    position,
                })
            }),
            matches: matches.into_iter().map(key).collect(),
        })
    }

    /// The newest position that matches and passes.
    fn newest(&self, conn: &mut Conn) -> Result<i64> {
        let newest = published::matching(conn, self.wanted, None, self.filter, self.span(false, None), 1)?;
        Ok(newest.first().copied().unwrap_or(0))
    }

    /// The newest that match in title, kicker or standfirst too; later pages stay among those of the first.
    fn in_head(&self, conn: &mut Conn, after: Option<RankedKey>) -> Result<Vec<i64>> {
        let terms: Vec<FulltextTerm> = self.ranked_clauses().flatten().cloned().collect();
        let mut span = self.span(false, after.map(|after| after.top.saturating_add(1)));
        span.from = after.map_or(span.from, |after| span.from.max(after.least));
        published::matching(
            conn,
            self.wanted,
            Some(&terms),
            self.filter,
            span,
            limits::SEARCH_CANDIDATES,
        )
    }

    /// The ranks of articles that match in title, kicker or standfirst too.
    fn ranked(&self, conn: &mut Conn, in_head: Vec<i64>) -> Result<Vec<RankedMatch>> {
        let mut ranks = vec![0; in_head.len()];
        let has_one = self.wanted.all.len() == 1;
        for clause in self.ranked_clauses() {
            let mut holding = |part| store::matching_in_part(conn, self.wanted, (part, clause), &in_head);
            let mut title = InTurn::of(holding(FulltextPart::Title)?);
            // Where nothing else is looked for, it is in the lead if it is not in the title.
            let mut lead = InTurn::of(if has_one {
                in_head.clone()
            } else {
                holding(FulltextPart::Lead)?
            });
            for (position, rank) in in_head.iter().zip(&mut ranks) {
                *rank += match (title.has(*position), lead.has(*position)) {
                    (true, _) => IN_TITLE,
                    (_, true) => IN_LEAD,
                    _ => IN_BODY,
                };
            }
        }
        let ranked = ranks.into_iter().zip(in_head);
        Ok(ranked.map(|(rank, position)| RankedMatch { rank, position }).collect())
    }

    fn ranked_clauses(&self) -> impl Iterator<Item = &Vec<FulltextTerm>> {
        self.wanted.all.iter().take(RANKED_CLAUSES)
    }

    /// The rank of what matches in the body alone, and of whatever is not ranked.
    fn least_rank(&self) -> i64 {
        self.ranked_clauses().map(|_| IN_BODY).sum()
    }
}

/// Positions, the newest first, that are asked for in this order.
struct InTurn(std::iter::Peekable<std::vec::IntoIter<i64>>);

impl InTurn {
    fn of(positions: Vec<i64>) -> Self {
        Self(positions.into_iter().peekable())
    }

    /// Whether a position is among them; none newer is asked for after it.
    fn has(&mut self, position: i64) -> bool {
        while self.0.next_if(|next| *next > position).is_some() {}
        self.0.next_if_eq(&position).is_some()
    }
}

/// How many clauses count for a rank; the others must match too, but add nothing.
const RANKED_CLAUSES: usize = 8;
const IN_TITLE: i64 = 10;
const IN_LEAD: i64 = 3;
const IN_BODY: i64 = 1;

/// A page by relevance.
#[derive(Debug)]
pub struct RankedMatches {
    /// What was found, each as the key after which the next page begins.
    pub matches: Vec<RankedKey>,
    /// After which key to go on, where the search ended before it had found enough.
    pub unfinished: Option<RankedKey>,
}

/// After what a page by relevance begins.
#[derive(Clone, Copy, Debug)]
pub struct RankedKey {
    /// The newest position that matched at the first page: what is published since is not mixed in.
    pub top: i64,
    /// The oldest position that is ranked.
    pub least: i64,
    /// The last of the page before.
    pub last: RankedMatch,
}

/// A match with its rank; a greater one is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankedMatch {
    /// How well it matches.
    pub rank: i64,
    /// Its position.
    pub position: i64,
}
