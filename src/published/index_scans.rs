//! Index scans: each value of a filter has an index with its articles in the order of their positions. What one filter
//! chooses is its scans, merged. What several filters choose together is the scans of one, with each article checked
//! against the other filters.
//!
//! A statement has one term per scan, however many articles there are. The subqueries that check an article against a
//! filter end in `LIMIT 1 OFFSET 0`, which keeps PostgreSQL from turning them into a join over all that the other
//! filter chooses: they run per article, so a statement looks at no more than the scan holds.

use super::list::ArticleSort;
use crate::base::db::Conn;
use crate::base::db::union_all::{UnionSelect, UnionValue, load_union_all};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::body::article_type::ArticleType;
use crate::published::list::{ArticleFilter, ListKey};
use crate::published::press::position_base;

/// The scans of one filter: it chooses the articles that are in any scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexScans {
    /// Everything live.
    Site,
    /// Of these types.
    Types(Vec<ArticleType>),
    /// In these sections.
    Sections(Vec<SectionId>),
    /// With these tags.
    Tags(Vec<TagId>),
    /// Signed by these contributors.
    Contributors(Vec<ContributorId>),
}

/// The positions that a statement looks at, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionRange {
    /// From this one on.
    from: Option<i64>,
    /// Up to this one, itself not included.
    below: Option<i64>,
    oldest_first: bool,
}

impl PositionRange {
    /// The positions that a page may show: by the dates of the filter, and after the end of the page before.
    pub fn of(filter: &ArticleFilter, sort: ArticleSort, after: Option<&ListKey>) -> Self {
        let range = Self {
            from: filter.published_after.map(position_base),
            below: filter.published_before.map(position_base),
            oldest_first: sort == ArticleSort::OldestFirst,
        };
        match after {
            Some(ListKey::Position(position)) => range.after(*position),
            _ => range,
        }
    }

    /// The part of this range after a position.
    fn after(&self, position: i64) -> Self {
        let mut range = self.clone();
        if self.oldest_first {
            range.from = Some(range.from.map_or(position + 1, |from| from.max(position + 1)));
        } else {
            range.below = Some(range.below.map_or(position, |below| below.min(position)));
        }
        range
    }

    /// The part of this range up to a position, which is included.
    fn until(&self, position: i64) -> Self {
        let mut range = self.clone();
        if self.oldest_first {
            range.below = Some(position + 1);
        } else {
            range.from = Some(position);
        }
        range
    }

    /// The rest of `whole` after this range, which is its beginning; `None` where nothing is left.
    pub fn behind(&self, whole: &Self) -> Option<Self> {
        let last = self.last()?;
        (self != whole).then(|| whole.after(last))
    }

    fn last(&self) -> Option<i64> {
        if self.oldest_first {
            self.below.map(|below| below - 1)
        } else {
            self.from
        }
    }

    /// The position after which this range begins.
    pub fn last_before(&self) -> Option<i64> {
        if self.oldest_first {
            self.from.map(|from| from - 1)
        } else {
            self.below
        }
    }

    fn order(&self) -> &'static str {
        if self.oldest_first { "ASC" } else { "DESC" }
    }
}

/// The scans of each filter that is given, or the whole site's where none is. Those of link tables come first: of two
/// that reach equally far, they are cheaper.
pub fn scans_of(filter: &ArticleFilter) -> Vec<IndexScans> {
    let mut choices = Vec::new();
    if !filter.contributors.is_empty() {
        choices.push(IndexScans::Contributors(filter.contributors.clone()));
    }
    if !filter.tags.is_empty() {
        choices.push(IndexScans::Tags(filter.tags.clone()));
    }
    if !filter.sections.is_empty() {
        choices.push(IndexScans::Sections(filter.sections.clone()));
    }
    if !filter.types.is_empty() {
        choices.push(IndexScans::Types(filter.types.clone()));
    }
    if choices.is_empty() {
        choices.push(IndexScans::Site);
    }
    choices
}

impl IndexScans {
    /// Whether the scans hold exactly what this filter chooses, if it is the only one. They do not for the articles
    /// directly in a section when no language is given: their index has the language before the position.
    pub fn are_exact(&self, filter: &ArticleFilter) -> bool {
        !(matches!(self, Self::Sections(_)) && filter.exact_section && filter.locale.is_none())
    }

    /// The table, the column of the article's id in it and the column of the scan.
    fn columns(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Site => ("published_articles", "id", ""),
            Self::Types(_) => ("published_articles", "id", "type"),
            Self::Sections(_) => ("published_sections", "article_id", "section_id"),
            Self::Tags(_) => ("published_tags", "article_id", "tag_id"),
            Self::Contributors(_) => ("published_contributors", "article_id", "contributor_id"),
        }
    }

    fn are_of_links(&self) -> bool {
        !matches!(self, Self::Site | Self::Types(_))
    }

    fn values(&self) -> Vec<UnionValue> {
        match self {
            Self::Site => Vec::new(),
            Self::Types(types) => types.iter().map(|type_| type_.as_str().into()).collect(),
            Self::Sections(ids) => ids.iter().map(|id| id.as_str().into()).collect(),
            Self::Tags(ids) => ids.iter().map(|id| id.as_str().into()).collect(),
            Self::Contributors(ids) => ids.iter().map(|id| id.as_str().into()).collect(),
        }
    }

    /// Each scan: its value, none for the whole site's.
    fn each(&self) -> Vec<Option<UnionValue>> {
        match self {
            Self::Site => vec![None],
            _ => self.values().into_iter().map(Some).collect(),
        }
    }
}

/// Appends `FROM … WHERE …` of one scan within a range.
fn push_scan(
    select: &mut UnionSelect,
    filter: &ArticleFilter,
    scans: &IndexScans,
    value: Option<UnionValue>,
    range: &PositionRange,
) {
    let (table, _, column) = scans.columns();
    select.sql(format!(" FROM {table} l WHERE TRUE"));
    if let Some(value) = value {
        select.sql(format!(" AND l.{column} = ")).value(value);
    }
    if let Some(locale) = &filter.locale {
        select.sql(" AND l.locale = ").value(locale.as_str());
        if filter.exact_section && matches!(scans, IndexScans::Sections(_)) {
            select.sql(" AND l.is_direct = TRUE");
        }
    }
    if let Some(from) = range.from {
        select.sql(" AND l.position >= ").value(from);
    }
    if let Some(below) = range.below {
        select.sql(" AND l.position < ").value(below);
    }
    if scans.are_of_links() {
        // A retracted article keeps its links, but is in no list.
        select.sql(" AND l.is_listed = TRUE");
    }
}

/// Appends the conditions of the other filters on an article in a scan.
fn push_others(select: &mut UnionSelect, filter: &ArticleFilter, scans: &IndexScans) {
    let (_, id, _) = scans.columns();
    for other in scans_of(filter) {
        match &other {
            IndexScans::Site => {}
            other if other == scans => {
                if !scans.are_exact(filter) {
                    select.sql(" AND l.is_direct = TRUE");
                }
            }
            IndexScans::Types(_) => {
                select.sql(" AND l.type IN (").list(other.values()).sql(")");
            }
            _ => {
                let (table, _, column) = other.columns();
                let exists =
                    format!(" AND EXISTS (SELECT 1 FROM {table} o WHERE o.article_id = l.{id} AND o.{column} IN (");
                select.sql(exists).list(other.values()).sql(")");
                if filter.exact_section && matches!(other, IndexScans::Sections(_)) {
                    select.sql(" AND o.is_direct = TRUE");
                }
                select.sql(" LIMIT 1 OFFSET 0)");
            }
        }
    }
}

/// The query for the first articles of a scan, within a range, that the filter chooses.
fn term(
    filter: &ArticleFilter,
    scans: &IndexScans,
    value: Option<UnionValue>,
    range: &PositionRange,
    limit: i64,
) -> UnionSelect {
    let (_, id, _) = scans.columns();
    let mut select = UnionSelect::default();
    select.sql(format!("SELECT l.{id} AS id, l.position AS number"));
    push_scan(&mut select, filter, scans, value, range);
    push_others(&mut select, filter, scans);
    if !scans.are_of_links() {
        select.sql(" AND l.retracted_at IS NULL");
    }
    let order = format!(" ORDER BY l.position {} LIMIT ", range.order());
    select.sql(order).value(limit);
    select
}

/// The query for the newest articles of the first of these scans, in a language.
pub fn newest_term(locale: &str, scans: &IndexScans, limit: i64) -> UnionSelect {
    let filter = ArticleFilter {
        locale: Some(locale.to_owned()),
        ..ArticleFilter::default()
    };
    let range = PositionRange::of(&filter, ArticleSort::NewestFirst, None);
    let value = scans.each().into_iter().next().flatten();
    term(&filter, scans, value, &range, limit)
}

/// The first position of each of these lists, in one statement. Each filter chooses by one thing at most, beside its
/// language and dates.
pub fn first_positions(conn: &mut Conn, lists: &[(ArticleFilter, ArticleSort)]) -> Result<Vec<Option<i64>>> {
    let first = |(filter, sort): &(ArticleFilter, ArticleSort)| {
        let scans = scans_of(filter).into_iter().next().unwrap_or(IndexScans::Site);
        let value = scans.each().into_iter().next().flatten();
        term(filter, &scans, value, &PositionRange::of(filter, *sort, None), 1)
    };
    let mut positions = Vec::new();
    for chunk in lists.chunks(LISTS_PER_STATEMENT) {
        let rows = load_union_all(conn, chunk.iter().map(first).collect())?;
        positions.extend(rows.into_iter().map(|rows| rows.first().map(|row| row.number)));
    }
    Ok(positions)
}

/// Lists of which one statement looks for the first position at most: SQLite takes up to 500 terms.
const LISTS_PER_STATEMENT: usize = 200;

/// The first articles of a range that the filter chooses, found along some scans: positions and ids.
pub fn matching(
    conn: &mut Conn,
    filter: &ArticleFilter,
    scans: &IndexScans,
    range: &PositionRange,
    want: usize,
) -> Result<Vec<(i64, ArticleId)>> {
    let limit = i64::try_from(want).unwrap_or(i64::MAX);
    let each = scans.each().into_iter();
    let terms = each.map(|value| term(filter, scans, value, range, limit));
    let rows = load_union_all(conn, terms.collect())?.into_iter().flatten();
    let mut found: Vec<(i64, ArticleId)> = rows
        .filter_map(|row| ArticleId::parse(&row.id).map(|id| (row.number, id)))
        .collect();
    // An article may be in several scans, always at the same position.
    found.sort_unstable();
    found.dedup();
    if !range.oldest_first {
        found.reverse();
    }
    found.truncate(want);
    Ok(found)
}

/// The filter whose scans reach furthest with `examined` articles, and how far that is: the beginning of the range in
/// which its scans hold at most so many.
pub fn furthest_reaching<'c>(
    conn: &mut Conn,
    filter: &ArticleFilter,
    choices: &'c [IndexScans],
    range: &PositionRange,
    examined: usize,
) -> Result<(&'c IndexScans, PositionRange)> {
    let mut terms = Vec::new();
    let mut of_choice = Vec::new();
    for (index, scans) in choices.iter().enumerate() {
        let each = scans.each();
        let share = i64::try_from(examined / each.len().max(1)).unwrap_or(i64::MAX);
        for value in each {
            let mut select = UnionSelect::default();
            select.sql("SELECT '' AS id, l.position AS number");
            push_scan(&mut select, filter, scans, value, range);
            let order = format!(" ORDER BY l.position {} LIMIT 1 OFFSET ", range.order());
            select.sql(order).value(share - 1);
            terms.push(select);
            of_choice.push(index);
        }
    }
    let mut windows: Vec<PositionRange> = choices.iter().map(|_| range.clone()).collect();
    for (index, rows) in of_choice.into_iter().zip(load_union_all(conn, terms)?) {
        if let (Some(row), Some(window)) = (rows.first(), windows.get_mut(index)) {
            // The nearest end of the filter's scans: up to there, no scan holds more than its share.
            let end = match window.last().filter(|_| *window != *range) {
                Some(end) if range.oldest_first => end.min(row.number),
                Some(end) => end.max(row.number),
                None => row.number,
            };
            *window = range.until(end);
        }
    }
    let furthest = |window: &PositionRange| match window.last().filter(|_| window != range) {
        None => i64::MIN,
        Some(end) if range.oldest_first => -end,
        Some(end) => end,
    };
    let best = choices.iter().zip(windows).min_by_key(|(_, window)| furthest(window));
    Ok(best.unwrap_or((&IndexScans::Site, range.clone())))
}

/// How many articles of a range the filter chooses, found along some scans; up to `cap`.
pub fn counted(
    conn: &mut Conn,
    filter: &ArticleFilter,
    scans: &IndexScans,
    range: &PositionRange,
    cap: i64,
) -> Result<i64> {
    if reaches(conn, filter, scans, range, cap)? {
        return Ok(cap);
    }
    let mut select = UnionSelect::default();
    select.sql("SELECT '' AS id, COUNT(*) AS number FROM (");
    for (index, value) in scans.each().into_iter().enumerate() {
        let union = if index == 0 { "" } else { " UNION " };
        select.sql(format!("{union}SELECT * FROM (SELECT l.position"));
        push_scan(&mut select, filter, scans, value, range);
        push_others(&mut select, filter, scans);
        if !scans.are_of_links() {
            select
                .sql(" AND l.position NOT IN (SELECT position FROM published_articles WHERE retracted_at IS NOT NULL)");
        }
        select.sql(" LIMIT ").value(cap).sql(format!(") AS u{index}"));
    }
    select.sql(") AS u");
    let rows = load_union_all(conn, vec![select])?;
    Ok(rows.into_iter().flatten().next().map_or(0, |row| row.number))
}

/// Whether one scan alone has so many articles, retracted ones left out: the database passes over that many entries of
/// an index and reads nothing of them, which takes a quarter of what counting them takes. What is not known so is `false`.
fn reaches(
    conn: &mut Conn,
    filter: &ArticleFilter,
    scans: &IndexScans,
    range: &PositionRange,
    count: i64,
) -> Result<bool> {
    let [value] = &mut scans.each()[..] else {
        return Ok(false);
    };
    if scans_of(filter).len() > 1 || !scans.are_exact(filter) {
        return Ok(false);
    }
    let mut retracted = 0;
    if !scans.are_of_links() {
        let mut select = UnionSelect::default();
        select.sql("SELECT '' AS id, COUNT(*) AS number FROM published_articles WHERE retracted_at IS NOT NULL");
        let rows = load_union_all(conn, vec![select])?;
        // So many of those that are passed over may be retracted, wherever they are.
        retracted = rows.into_iter().flatten().next().map_or(0, |row| row.number);
    }
    let mut last = UnionSelect::default();
    last.sql("SELECT '' AS id, l.position AS number");
    push_scan(&mut last, filter, scans, value.take(), range);
    last.sql(" ORDER BY l.position DESC LIMIT 1 OFFSET ")
        .value(count - 1 + retracted);
    let last = load_union_all(conn, vec![last])?;
    Ok(last.into_iter().flatten().next().is_some())
}
