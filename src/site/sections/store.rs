//! Statements on sections, and on the paths that change with them.

use diesel::prelude::*;

use super::Section;
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, Generation, raise_generations, take_advisory_lock};
use crate::base::db::schema::{grants, sections};
use crate::base::db::{Conn, OnReference, OnUnique};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::ids::SectionId;
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::sections::SectionTree;
use crate::site::settings::{self, Site};

impl SectionTree {
    /// Reads the tree.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let ordered = sections::table.order((sections::position.asc(), sections::path.asc()));
        Ok(Self::new(ordered.select(Section::as_select()).load(conn)?))
    }
}

/// The tree under its lock: until the transaction ends nobody else changes it, and nobody presses an article with it.
pub fn lock_tree(conn: &mut Conn) -> Result<(Site, SectionTree)> {
    take_advisory_lock(conn, AdvisoryLock::Presses)?;
    take_advisory_lock(conn, AdvisoryLock::Sections)?;
    Ok((settings::load(conn)?, SectionTree::load(conn)?))
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
    Ok(raise_generations(conn, &mut [Generation::Sections])?)
}

/// Writes a changed section. Where its path changed, the paths of everything below it follow, and
/// the old ones lead to the new.
///
/// # Errors
/// 422 `slug_taken`.
pub fn update(conn: &mut Conn, site: &Site, tree: &SectionTree, section: &Section, now: Time) -> Result<()> {
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
    Ok(raise_generations(conn, &mut [Generation::Sections])?)
}

/// Takes every section's paths in the languages of a site.
///
/// # Errors
/// 422 `slug_taken`.
pub fn claim_all_paths(conn: &mut Conn, site: &Site, tree: &SectionTree, now: Time) -> Result<()> {
    let sections = tree.in_order();
    sections
        .into_iter()
        .try_for_each(|section| claim_paths(conn, site, section, now))
}

fn claim_paths(conn: &mut Conn, site: &Site, section: &Section, now: Time) -> Result<()> {
    for locale in &site.locales {
        let path = site.localised(locale, &section.path);
        let target = PathTarget {
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

/// Deletes an empty section; its paths lead to `successor` or answer that they are gone. Grants in
/// it cover nothing from now on.
///
/// # Errors
/// 409 when an article came in between.
pub fn delete(conn: &mut Conn, site: &Site, section: &Section, successor: Option<&Section>, now: Time) -> Result<()> {
    diesel::delete(grants::table.filter(grants::section_id.eq(section.id))).execute(conn)?;
    diesel::delete(sections::table.find(section.id))
        .execute(conn)
        .on_reference(|| {
            Error::new(Code::SectionNotEmpty)
                .with("children_count", 0)
                .with("article_count", 1)
        })?;
    // After its row, so that the change feed tells the redirects behind the deletion.
    for locale in &site.locales {
        let target = PathTarget {
            kind: PathKind::Section,
            id: section.id.as_str(),
            locale,
        };
        let location = successor.map(|successor| site.localised(locale, &successor.path));
        paths::retire(conn, target, location.as_deref(), now)?;
    }
    Ok(raise_generations(
        conn,
        &mut [Generation::Sections, Generation::Articles],
    )?)
}
