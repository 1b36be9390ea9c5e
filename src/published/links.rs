//! The links by which lists find live articles: a row for each section of an article and each section above, for each
//! tag and each contributor. The three tables are alike, so that what is done on all three is written once.

use std::collections::HashSet;
use std::hash::Hash;

use diesel::prelude::*;

use super::pressed::PressedRow;
use crate::articles::model::Content;
use crate::base::db::schema::{article_tags, published_contributors, published_sections, published_tags};
use crate::base::db::{Conn, outdate};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::surrogate_key::SurrogateKey;
use crate::insert_each;
use crate::published::list::ArticleFilter;
use crate::site::frame::Frame;

/// Links pressed articles to `$targets`, which are a row and a target each.
macro_rules! link_to {
    ($conn:expr, $table:ident, $targets:expr, |$target:pat_param| $($column:ident = $value:expr),+) => {{
        let targets: Vec<(&PressedRow, _)> = $targets;
        let link = |(row, $target): (&PressedRow, _)| {
            (
                $($table::$column.eq($value),)+
                $table::article_id.eq(row.id),
                $table::locale.eq(row.locale.clone()),
                $table::type_.eq(row.type_),
                $table::position.eq(row.position),
                $table::is_listed.eq(row.retracted_at.is_none()),
            )
        };
        let links: Vec<_> = targets.into_iter().map(link).collect();
        insert_each!($conn, $table::table, links)
    }};
}

/// Writes articles' links: their tags, their contributors, their sections and those above them.
pub(super) fn link(conn: &mut Conn, frame: &Frame, pressed: &[(&PressedRow, &Content)]) -> Result<()> {
    let (mut sections, mut tags, mut signed) = (Vec::new(), Vec::new(), Vec::new());
    for (row, content) in pressed {
        let row: &PressedRow = row;
        sections.extend(
            sections_of(frame, row, content)
                .into_iter()
                .map(|section| (row, section)),
        );
        tags.extend(content.tag_ids.iter().map(|tag| (row, *tag)));
        signed.extend(content.contributors.iter().map(|byline| (row, byline.contributor_id)));
    }
    outdate(sections.iter().map(|(_, (section, _))| SurrogateKey::Section(*section)));
    outdate(tags.iter().map(|(_, tag)| SurrogateKey::Tag(*tag)));
    outdate(signed.iter().map(|(_, person)| SurrogateKey::Contributor(*person)));
    link_to!(
        conn,
        published_sections,
        sections,
        |(section, is_direct)| section_id = section,
        is_direct = is_direct
    )?;
    link_to!(conn, published_tags, tags, |tag| tag_id = tag)?;
    link_to!(conn, published_contributors, signed, |person| contributor_id = person)?;
    Ok(())
}

/// The sections that list an article, each once, and whether the article is in the section itself.
fn sections_of(frame: &Frame, row: &PressedRow, content: &Content) -> Vec<(SectionId, bool)> {
    let direct: Vec<SectionId> = std::iter::once(row.section_id)
        .chain(content.secondary_section_ids.iter().copied())
        .collect();
    let mut linked: Vec<(SectionId, bool)> = Vec::new();
    for section in &direct {
        for above in frame.tree.lineage(*section) {
            if !linked.iter().any(|(id, _)| *id == above.id) {
                linked.push((above.id, direct.contains(&above.id)));
            }
        }
    }
    linked
}

/// Takes an article's links away: the lists that it stood in are out of date.
pub fn unlink(conn: &mut Conn, id: ArticleId) -> Result<()> {
    macro_rules! unlink_from {
        ($($table:ident.$target:ident => $key:path),+) => {
            $(
                let links = $table::table.filter($table::article_id.eq(id));
                let targets: Vec<_> = diesel::delete(links).returning($table::$target).get_results(conn)?;
                outdate(targets.into_iter().map($key));
            )+
        };
    }
    unlink_from!(
        published_sections.section_id => SurrogateKey::Section,
        published_tags.tag_id => SurrogateKey::Tag,
        published_contributors.contributor_id => SurrogateKey::Contributor
    );
    Ok(())
}

/// The sections that a live article is in itself, except the primary one.
pub fn secondary_sections(conn: &mut Conn, id: ArticleId, primary: SectionId) -> Result<Vec<SectionId>> {
    Ok(published_sections::table
        .filter(published_sections::article_id.eq(id))
        .filter(published_sections::is_direct.eq(true))
        .filter(published_sections::section_id.ne(primary))
        .order(published_sections::section_id)
        .select(published_sections::section_id)
        .load(conn)?)
}

/// How many live articles have a link to `$id`.
macro_rules! count_linked {
    ($conn:expr, $table:ident.$target:ident, $id:expr) => {
        $table::table
            .filter($table::$target.eq($id))
            .count()
            .get_result($conn)?
    };
}

/// How many live articles carry a tag.
pub fn count_live_with_tag(conn: &mut Conn, id: TagId) -> Result<i64> {
    Ok(count_linked!(conn, published_tags.tag_id, id))
}

/// How many live articles a contributor signed.
pub fn count_live_with_contributor(conn: &mut Conn, id: ContributorId) -> Result<i64> {
    Ok(count_linked!(conn, published_contributors.contributor_id, id))
}

/// The first live articles after `$after` that have a link to `$id`, by id.
macro_rules! linked_behind {
    ($conn:expr, $table:ident.$target:ident, $id:expr, $after:expr, $limit:expr) => {
        $table::table
            .filter($table::$target.eq($id))
            .filter($table::article_id.gt($after))
            .order($table::article_id)
            .limit($limit)
            .select($table::article_id)
            .load($conn)?
    };
}

/// The first articles that carry a tag, in their working copies or live, by id.
pub fn articles_with_tag(conn: &mut Conn, id: TagId, limit: i64) -> Result<Vec<ArticleId>> {
    let working = article_tags::table.filter(article_tags::tag_id.eq(id));
    let working = working.order(article_tags::article_id).limit(limit);
    let working: Vec<ArticleId> = working.select(article_tags::article_id).load(conn)?;
    let mut all = live_with_tag(conn, id, "", limit)?;
    all.extend(working);
    all.sort_unstable();
    all.dedup();
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

/// The first live articles with a tag, after `after`, by id.
pub fn live_with_tag(conn: &mut Conn, id: TagId, after: &str, limit: i64) -> Result<Vec<ArticleId>> {
    Ok(linked_behind!(conn, published_tags.tag_id, id, after, limit))
}

/// The first live articles of a contributor, after `after`, by id.
pub fn live_with_contributor(conn: &mut Conn, id: ContributorId, after: &str, limit: i64) -> Result<Vec<ArticleId>> {
    Ok(linked_behind!(
        conn,
        published_contributors.contributor_id,
        id,
        after,
        limit
    ))
}

/// Keeps in `$kept` only what the sections, tags and contributors of a filter link to; `$key` is the column with the
/// values of `$kept`.
macro_rules! keep_linked {
    ($conn:expr, $filter:expr, $kept:ident, $key:ident) => {{
        macro_rules! linked {
            ($table:ident, $condition:expr) => {
                $table::table
                    .filter($condition)
                    .filter($table::$key.eq_any($kept.clone()))
                    .select($table::$key)
                    .load($conn)?
            };
        }
        let filter: &ArticleFilter = $filter;
        if !filter.sections.is_empty() && !$kept.is_empty() {
            let is_direct = published_sections::is_direct.eq(true);
            let is_direct = is_direct.or(published_sections::is_direct.eq(filter.exact_section));
            let in_any = published_sections::section_id.eq_any(filter.sections.clone());
            let linked = linked!(published_sections, in_any.and(is_direct));
            retain(&mut $kept, linked);
        }
        if !filter.tags.is_empty() && !$kept.is_empty() {
            let linked = linked!(published_tags, published_tags::tag_id.eq_any(filter.tags.clone()));
            retain(&mut $kept, linked);
        }
        if !filter.contributors.is_empty() && !$kept.is_empty() {
            let by_any = published_contributors::contributor_id.eq_any(filter.contributors.clone());
            let linked = linked!(published_contributors, by_any);
            retain(&mut $kept, linked);
        }
    }};
}

/// Keeps the articles that the sections, tags and contributors of a filter link to.
pub fn linked_ids(conn: &mut Conn, filter: &ArticleFilter, mut kept: Vec<ArticleId>) -> Result<Vec<ArticleId>> {
    keep_linked!(conn, filter, kept, article_id);
    Ok(kept)
}

fn retain<K: Eq + Hash>(kept: &mut Vec<K>, linked: Vec<K>) {
    let linked: HashSet<K> = linked.into_iter().collect();
    kept.retain(|key| linked.contains(key));
}
