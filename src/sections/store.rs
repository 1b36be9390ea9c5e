//! Statements on sections, and on what changes with them: paths below, links of live articles.

use diesel::prelude::*;

use super::{Section, SectionId, Tree};
use crate::articles::previews::store as previews;
use crate::clock::Time;
use crate::db::dialect::{Generation, Whole, lock_whole, raise};
use crate::db::schema::{article_sections, articles, grants, published_articles, published_sections, sections};
use crate::db::{Conn, OnReference, OnUnique};
use crate::error::{Code, Error, FieldCode, FieldError, Result};
use crate::on_each;
use crate::paths::{self, PathKind, Target};
use crate::schedule::store as schedules;
use crate::site::{self, Site};

impl Tree {
    /// Reads the tree.
    ///
    /// # Errors
    /// The database's.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let ordered = sections::table.order((sections::position.asc(), sections::path.asc()));
        Ok(Self::new(ordered.select(Section::as_select()).load(conn)?))
    }
}

/// The tree under its lock: until the transaction ends nobody else changes it, and nobody presses an
/// article by it.
///
/// # Errors
/// The database's.
pub fn lock_tree(conn: &mut Conn) -> Result<(Site, Tree)> {
    lock_whole(conn, Whole::Presses)?;
    lock_whole(conn, Whole::Sections)?;
    Ok((site::load(conn)?, Tree::load(conn)?))
}

/// The section of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: SectionId) -> Result<Section> {
    Ok(sections::table.find(id).select(Section::as_select()).first(conn)?)
}

/// Adds a section and takes its path in every language.
///
/// # Errors
/// 422 `slug_taken`.
pub fn insert(conn: &mut Conn, site: &Site, section: &Section, now: Time) -> Result<()> {
    diesel::insert_into(sections::table)
        .values(section)
        .execute(conn)
        .on_unique(|| taken(&section.path))?;
    claim_paths(conn, site, section, now)?;
    Ok(raise(conn, &mut [Generation::Sections])?)
}

/// Writes a changed section. Where its path changed, the paths of everything below it follow, and
/// the old ones lead to the new.
///
/// # Errors
/// 422 `slug_taken`.
pub fn update(conn: &mut Conn, site: &Site, tree: &Tree, section: &Section, now: Time) -> Result<()> {
    let old_path = tree.get(section.id).map(|old| old.path.clone()).unwrap_or_default();
    diesel::update(sections::table.find(section.id))
        .set(section)
        .execute(conn)
        .on_unique(|| taken(&section.path))?;
    if old_path != section.path {
        for id in tree.subtree(section.id) {
            let Some(below) = tree.get(id) else { continue };
            let rest = below.path.strip_prefix(&old_path).unwrap_or_default();
            let moved = Section {
                path: format!("{}{rest}", section.path),
                ..below.clone()
            };
            diesel::update(sections::table.find(id))
                .set(sections::path.eq(&moved.path))
                .execute(conn)
                .on_unique(|| taken(&moved.path))?;
            claim_paths(conn, site, &moved, now)?;
        }
    }
    Ok(raise(conn, &mut [Generation::Sections])?)
}

/// Takes every section's paths in the languages of a site.
///
/// # Errors
/// 422 `slug_taken`.
pub fn claim_all_paths(conn: &mut Conn, site: &Site, tree: &Tree, now: Time) -> Result<()> {
    let sections = tree.in_order();
    sections
        .into_iter()
        .try_for_each(|section| claim_paths(conn, site, section, now))
}

fn claim_paths(conn: &mut Conn, site: &Site, section: &Section, now: Time) -> Result<()> {
    for locale in &site.locales {
        let path = site.localised(locale, &section.path);
        let target = Target {
            kind: PathKind::Section,
            id: section.id.as_str(),
            locale,
        };
        if !paths::claim(conn, &path, target, now)? {
            return Err(taken(&path));
        }
    }
    Ok(())
}

fn taken(path: &str) -> Error {
    Error::field(FieldError::new("/slug", FieldCode::SlugTaken).with("path", path))
}

/// Rewrites the links of live articles in a subtree that moved from below `old_above` to below
/// `new_above`: set statements, no article is pressed.
///
/// # Errors
/// The database's.
pub fn relink(
    conn: &mut Conn,
    subtree: &[SectionId],
    old_above: &[SectionId],
    new_above: &[(SectionId, Vec<SectionId>)],
) -> Result<()> {
    for above in old_above {
        let moved = published_sections::table
            .filter(published_sections::section_id.eq_any(subtree.to_vec()))
            .select(published_sections::article_id);
        let ids: Vec<String> = moved.distinct().load(conn)?;
        for chunk in ids.chunks(500) {
            let stale = published_sections::table
                .filter(published_sections::section_id.eq(above))
                .filter(published_sections::is_direct.eq(false))
                .filter(published_sections::article_id.eq_any(chunk.to_vec()));
            diesel::delete(stale).execute(conn)?;
        }
    }
    for (above, below) in new_above {
        link_descendants(conn, *above, below)?;
    }
    Ok(())
}

/// Links every live article that stands directly in one of `below` to the section above them.
fn link_descendants(conn: &mut Conn, above: SectionId, below: &[SectionId]) -> Result<()> {
    use published_sections as links;
    for section in below {
        on_each!(conn, c => {
            let rows = links::table
                .filter(links::section_id.eq(section))
                .filter(links::is_direct.eq(true))
                .select((
                    above.into_sql::<diesel::sql_types::Text>(),
                    links::article_id,
                    links::locale,
                    links::type_,
                    false.into_sql::<diesel::sql_types::Bool>(),
                    links::position,
                ));
            diesel::insert_into(links::table)
                .values(rows)
                .into_columns((
                    links::section_id,
                    links::article_id,
                    links::locale,
                    links::type_,
                    links::is_direct,
                    links::position,
                ))
                .on_conflict_do_nothing()
                .execute(c)
        })?;
    }
    Ok(())
}

/// How many articles have this section as primary or secondary, live, waiting to be, or not.
///
/// # Errors
/// The database's.
pub fn article_count(conn: &mut Conn, id: SectionId) -> Result<i64> {
    let primary: i64 = articles::table
        .filter(articles::section_id.eq(id))
        .count()
        .get_result(conn)?;
    let secondary: i64 = article_sections::table
        .filter(article_sections::section_id.eq(id))
        .count()
        .get_result(conn)?;
    let live: i64 = published_articles::table
        .inner_join(articles::table.on(articles::id.eq(published_articles::id)))
        .filter(published_articles::section_id.eq(id))
        .filter(articles::section_id.ne(id).or(articles::section_id.is_null()))
        .count()
        .get_result(conn)?;
    let scheduled = schedules::count_elsewhere(conn, id)?;
    Ok(primary + secondary + live + scheduled)
}

/// Puts every article of one section into another: working copies and live ones. The links of the
/// live ones to sections above are written by [`relink`].
///
/// # Errors
/// The database's.
pub fn move_articles(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    diesel::update(articles::table.filter(articles::section_id.eq(from)))
        .set(articles::section_id.eq(to))
        .execute(conn)?;
    diesel::update(published_articles::table.filter(published_articles::section_id.eq(from)))
        .set(published_articles::section_id.eq(to))
        .execute(conn)?;
    schedules::move_section(conn, from, to)?;
    previews::move_section(conn, from, to)?;
    on_each!(conn, c => {
        let rows = article_sections::table
            .filter(article_sections::section_id.eq(from))
            .select((article_sections::article_id, to.into_sql::<diesel::sql_types::Text>()));
        diesel::insert_into(article_sections::table)
            .values(rows)
            .into_columns((article_sections::article_id, article_sections::section_id))
            .on_conflict_do_nothing()
            .execute(c)
    })?;
    diesel::delete(article_sections::table.filter(article_sections::section_id.eq(from))).execute(conn)?;
    // A secondary section that equals the primary one says nothing.
    let doubled = article_sections::table
        .inner_join(articles::table)
        .filter(articles::section_id.eq(to))
        .filter(article_sections::section_id.eq(to))
        .select(article_sections::article_id);
    let doubled: Vec<String> = doubled.load(conn)?;
    for chunk in doubled.chunks(500) {
        let rows = article_sections::table
            .filter(article_sections::section_id.eq(to))
            .filter(article_sections::article_id.eq_any(chunk.to_vec()));
        diesel::delete(rows).execute(conn)?;
    }
    move_direct_links(conn, from, to)
}

fn move_direct_links(conn: &mut Conn, from: SectionId, to: SectionId) -> Result<()> {
    use published_sections as links;
    let direct = links::table
        .filter(links::section_id.eq(from))
        .filter(links::is_direct.eq(true));
    let ids: Vec<String> = direct.select(links::article_id).load(conn)?;
    link_descendants(conn, to, &[from])?;
    for chunk in ids.chunks(500) {
        let rows = links::table
            .filter(links::section_id.eq(to))
            .filter(links::article_id.eq_any(chunk.to_vec()));
        diesel::update(rows).set(links::is_direct.eq(true)).execute(conn)?;
    }
    diesel::delete(links::table.filter(links::section_id.eq(from))).execute(conn)?;
    Ok(())
}

/// Deletes an empty section; its paths lead to `successor` or answer that they are gone. Grants in
/// it cover nothing from now on.
///
/// # Errors
/// 409 when an article came in between.
pub fn delete(conn: &mut Conn, site: &Site, section: &Section, successor: Option<&Section>, now: Time) -> Result<()> {
    for locale in &site.locales {
        let target = Target {
            kind: PathKind::Section,
            id: section.id.as_str(),
            locale,
        };
        let location = successor.map(|successor| site.localised(locale, &successor.path));
        paths::retire(conn, target, location.as_deref(), now)?;
    }
    diesel::delete(published_sections::table.filter(published_sections::section_id.eq(section.id))).execute(conn)?;
    diesel::delete(grants::table.filter(grants::section_id.eq(section.id))).execute(conn)?;
    diesel::delete(sections::table.find(section.id))
        .execute(conn)
        .on_reference(|| {
            Error::new(Code::SectionNotEmpty)
                .with("children_count", 0)
                .with("article_count", 1)
        })?;
    Ok(raise(conn, &mut [Generation::Sections, Generation::Articles])?)
}
