//! Categories become sections. Where a section is at the same path already, the category becomes that one.

use std::collections::HashMap;
use std::slice;

use super::order::parents_first;
use super::repair;
use super::text::{label, percent_decoded};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db, folded};
use crate::base::error::Result;
use crate::base::ids::SectionId;
use crate::base::{limits, slug};
use crate::import::run::articles::redirect_old;
use crate::import::run::old_addresses::archive_path;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::retry::{error_text, write_with_retries};
use crate::import::run::survey::{CategorySeed, WxrSurvey};
use crate::import::run::terms::ArchiveBases;
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::sections::store::{insert, lock_tree};
use crate::site::sections::{Section, SectionTree};
use crate::site::settings::Site;

/// Sections that one transaction makes.
const SECTIONS_PER_TRANSACTION: usize = 50;
/// Room kept for the sections of posts and of pages without a category.
const DEFAULT_SECTION_COUNT: usize = 2;

/// Where items go.
#[derive(Clone, Debug, Default)]
pub(super) struct TargetSections {
    pub(super) by_category: HashMap<String, SectionId>,
    pub(super) posts: Option<SectionId>,
    pub(super) pages: Option<SectionId>,
}

/// The names of the sections for posts and pages without a category.
#[derive(Clone, Copy, Debug)]
pub(super) struct DefaultSections<'d> {
    pub(super) posts: &'d str,
    pub(super) pages: &'d str,
}

/// Makes the sections that the file needs and the site lacks.
pub(super) fn ensure_sections(
    db: &Db,
    survey: &WxrSurvey,
    defaults: DefaultSections<'_>,
    bases: &ArchiveBases,
    report: &mut ImportReport,
) -> std::result::Result<TargetSections, String> {
    let by_category = categories(db, survey, bases, report).map_err(error_text)?;
    let lacks_some = by_category.len() < survey.categories.len() || survey.too_many_categories > 0;
    let (needs_posts, needs_pages) = (survey.uncategorised.posts || lacks_some, survey.uncategorised.pages);
    let mut target_sections = TargetSections {
        by_category,
        ..TargetSections::default()
    };
    for (is_needed, name, place) in [
        (needs_posts, defaults.posts, &mut target_sections.posts),
        (needs_pages, defaults.pages, &mut target_sections.pages),
    ] {
        if is_needed {
            let (source, name) = (survey.source.clone(), name.to_owned());
            let now = db.clock().now();
            let (id, made) =
                write_with_retries(db, move |conn| default_section(conn, &source, &name, now)).map_err(error_text)?;
            report.add(made);
            *place = Some(id);
        }
    }
    Ok(target_sections)
}

/// A category, what it is under, and the slugs of its archive's address.
#[derive(Clone)]
struct PlacedCategory {
    seed: CategorySeed,
    above: Option<String>,
    slugs: Vec<String>,
}

fn categories(
    db: &Db,
    survey: &WxrSurvey,
    bases: &ArchiveBases,
    report: &mut ImportReport,
) -> Result<HashMap<String, SectionId>> {
    let all = &survey.categories;
    let index: HashMap<&str, usize> = all
        .iter()
        .enumerate()
        .map(|(at, category)| (category.nicename.as_str(), at))
        .collect();
    let parent = |at: usize| {
        all.get(at)
            .and_then(|category| index.get(category.parent.as_str()).copied())
    };
    let ordered = parents_first(all.len(), parent);
    let mut slugs: HashMap<usize, Vec<String>> = HashMap::new();
    let mut rows: Vec<PlacedCategory> = Vec::with_capacity(ordered.len());
    for (at, above) in ordered {
        let Some(seed) = all.get(at).cloned() else { continue };
        let mut own = above.and_then(|above| slugs.get(&above).cloned()).unwrap_or_default();
        own.push(seed.nicename.clone());
        slugs.insert(at, own.clone());
        rows.push(PlacedCategory {
            seed,
            above: above.and_then(|above| Some(all.get(above)?.nicename.clone())),
            slugs: own,
        });
    }
    let mut made: HashMap<String, SectionId> = HashMap::new();
    for chunk in rows.chunks(SECTIONS_PER_TRANSACTION) {
        let (bases, rows, known, now) = (bases.clone(), chunk.to_vec(), made.clone(), db.clock().now());
        let (found, counts) =
            write_with_retries(db, move |conn| make_sections(conn, &bases, &rows, known.clone(), now))?;
        made = found;
        report.add(counts);
    }
    if survey.too_many_categories > 0 {
        report.note(ReportList::Decided, TOO_MANY_CATEGORIES, survey.too_many_categories);
    }
    Ok(made)
}

const TOO_MANY_CATEGORIES: &str =
    "categories beyond the sections that a site can have: their posts go to the section for posts";

type MadeSections = (HashMap<String, SectionId>, ImportReport);

fn make_sections(
    conn: &mut Conn,
    bases: &ArchiveBases,
    rows: &[PlacedCategory],
    mut made: HashMap<String, SectionId>,
    now: Time,
) -> Result<MadeSections> {
    let (site, tree) = lock_tree(conn)?;
    let mut maker = SectionMaker {
        bases,
        site,
        tree,
        now,
        report: ImportReport::default(),
    };
    for row in rows {
        let above = row.above.as_ref().and_then(|above| made.get(above)).copied();
        if let Some(id) = maker.section_of(conn, row, above)? {
            made.insert(row.seed.nicename.clone(), id);
            maker.redirect_archives(conn, id, &row.slugs)?;
        }
    }
    Ok((made, maker.report))
}

/// Sections being made, under the lock of their tree.
struct SectionMaker<'m> {
    bases: &'m ArchiveBases,
    site: Site,
    tree: SectionTree,
    now: Time,
    report: ImportReport,
}

impl SectionMaker<'_> {
    /// The section of a category: the one of an earlier run, else one that is there, else a new one. None where it was
    /// deleted here, or the site is full.
    fn section_of(
        &mut self,
        conn: &mut Conn,
        row: &PlacedCategory,
        above: Option<SectionId>,
    ) -> Result<Option<SectionId>> {
        let (category, report) = (&row.seed, &mut self.report);
        if row.above.is_none() && !category.parent.is_empty() {
            report.note(
                ReportList::Decided,
                "categories whose parent is missing, or below themselves: put at the top",
                1,
            );
        }
        let key = SourceKey {
            source: &self.bases.source,
            source_id: &category.nicename,
        };
        if let Some(known) = imports::find(conn, key.source, SourceItemKind::Category, key.source_id)? {
            let id = SectionId::parse(&known.target_id).filter(|id| self.tree.get(*id).is_some());
            match id {
                Some(_) => report.count(CountedKind::Sections, ImportOutcome::Unchanged),
                None => report.skip(CountedKind::Sections, "sections that were deleted here"),
            }
            return Ok(id);
        }
        let parent = nearest_allowed_parent(&self.tree, above, report);
        let slug = slug_of(category);
        let found = section_at_path(conn, &self.tree, parent, &slug, key)?;
        if found.is_none() && self.tree.len() + DEFAULT_SECTION_COUNT >= limits::SECTIONS {
            report.skip(CountedKind::Sections, TOO_MANY_CATEGORIES);
            return Ok(None);
        }
        let id = match found {
            Some(id) => {
                report.count(CountedKind::Sections, ImportOutcome::Matched);
                id
            }
            None => {
                let name = label(&repair::html(&category.name, report), limits::LABEL);
                let description = label(&repair::html(&category.description, report), limits::DESCRIPTION);
                let section = new_section(&self.tree, parent, &slug, name, description, self.now);
                report.count(CountedKind::Sections, ImportOutcome::Imported);
                insert_with_free_slug(conn, &self.site, &mut self.tree, section, self.now)?
            }
        };
        record_imported(conn, key, id, self.now)?;
        Ok(Some(id))
    }

    /// Lets the archive of a category lead to its section: by all its slugs, as WordPress writes it, and by the last.
    fn redirect_archives(&mut self, conn: &mut Conn, id: SectionId, slugs: &[String]) -> Result<()> {
        let (bases, Some(section)) = (self.bases, self.tree.get(id)) else {
            return Ok(());
        };
        let path = self.site.localised(&bases.locale, &section.path);
        let target = PathTarget {
            kind: PathKind::Section,
            id: id.as_str(),
            locale: &bases.locale,
        };
        let last = slugs.last().map(slice::from_ref).filter(|_| slugs.len() > 1);
        for slugs in [Some(slugs), last].into_iter().flatten() {
            if let Some(old) = archive_path(&bases.source, &bases.category, slugs) {
                redirect_old(conn, &old, target, &path, self.now, &mut self.report)?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct SourceKey<'k> {
    source: &'k str,
    source_id: &'k str,
}

fn record_imported(conn: &mut Conn, key: SourceKey<'_>, id: SectionId, now: Time) -> Result<()> {
    let row = ImportedItem {
        target_id: id.to_string(),
        digest: String::new(),
        version: 1,
    };
    imports::put(conn, key.source, SourceItemKind::Category, key.source_id, &row, now)
}

/// The nearest section above that may still get a section below it.
fn nearest_allowed_parent(
    tree: &SectionTree,
    parent: Option<SectionId>,
    report: &mut ImportReport,
) -> Option<SectionId> {
    let lineage = tree.lineage(parent?);
    let too_many = (lineage.len() + 1).saturating_sub(limits::SECTION_DEPTH);
    if too_many > 0 {
        report.note(
            ReportList::Decided,
            "categories deeper than six levels: put on the sixth",
            1,
        );
    }
    lineage.get(too_many).map(|section| section.id)
}

fn slug_of(category: &CategorySeed) -> String {
    let slug = slug::from_title(&percent_decoded(&category.nicename));
    if slug.is_empty() {
        slug::from_title(&category.name)
    } else {
        slug
    }
}

fn path_below(tree: &SectionTree, parent: Option<SectionId>, slug: &str) -> String {
    format!(
        "{}/{slug}",
        parent.and_then(|id| tree.get(id)).map_or("", |parent| &parent.path)
    )
}

/// A section that is at the path already, unless another category of this source became it.
fn section_at_path(
    conn: &mut Conn,
    tree: &SectionTree,
    parent: Option<SectionId>,
    slug: &str,
    key: SourceKey<'_>,
) -> Result<Option<SectionId>> {
    let Some(found) = tree.at_path(&path_below(tree, parent, slug)).map(|section| section.id) else {
        return Ok(None);
    };
    let is_anothers = imports::is_target(conn, key.source, SourceItemKind::Category, found.as_str())?;
    Ok((!is_anothers).then_some(found))
}

fn new_section(
    tree: &SectionTree,
    parent: Option<SectionId>,
    slug: &str,
    name: Option<String>,
    description: Option<String>,
    now: Time,
) -> Section {
    let id = SectionId::new();
    let slug = slug::from_title_or_id(slug, id.as_str());
    Section {
        id,
        parent_id: parent,
        path: path_below(tree, parent, &slug),
        label: name.unwrap_or_else(|| slug.clone()),
        slug,
        labels: "{}".to_owned(),
        description,
        colour: None,
        position: 0,
        comment_policy: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Adds a section; one whose path is reserved or taken gets a number.
fn insert_with_free_slug(
    conn: &mut Conn,
    site: &Site,
    tree: &mut SectionTree,
    mut section: Section,
    now: Time,
) -> Result<SectionId> {
    let wished = section.slug.clone();
    let mut number = 1;
    while is_taken(conn, site, tree, &section)? {
        number += 1;
        section.slug = slug::numbered(&wished, number);
        section.path = path_below(tree, section.parent_id, &section.slug);
    }
    insert(conn, site, &section, now)?;
    let id = section.id;
    tree.push(section);
    Ok(id)
}

fn is_taken(conn: &mut Conn, site: &Site, tree: &SectionTree, section: &Section) -> Result<bool> {
    if (section.parent_id.is_none() && site.reserves(&section.slug)) || tree.at_path(&section.path).is_some() {
        return Ok(true);
    }
    for locale in &site.locales {
        if paths::find(conn, &site.localised(locale, &section.path))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The section with this name, or at this path: the one of an earlier run, else one that is there, else a new one.
fn default_section(conn: &mut Conn, source: &str, name: &str, now: Time) -> Result<(SectionId, ImportReport)> {
    let mut report = ImportReport::default();
    let (site, mut tree) = lock_tree(conn)?;
    let slug = slug::from_title(name);
    // A nicename has no colon.
    let source_id = format!("default:{name}");
    let key = SourceKey {
        source,
        source_id: &source_id,
    };
    let known = imports::find(conn, source, SourceItemKind::Category, &source_id)?
        .and_then(|row| SectionId::parse(&row.target_id));
    if let Some(id) = known.filter(|id| tree.get(*id).is_some()) {
        report.count(CountedKind::Sections, ImportOutcome::Unchanged);
        return Ok((id, report));
    }
    let path = if name.starts_with('/') {
        name.trim_end_matches('/').to_owned()
    } else {
        format!("/{slug}")
    };
    let same_name = |section: &&Section| section.parent_id.is_none() && folded(&section.label) == folded(name);
    let found = tree
        .at_path(&path)
        .or_else(|| tree.in_order().into_iter().find(same_name))
        .map(|section| section.id);
    let id = match found {
        Some(id) => {
            report.count(CountedKind::Sections, ImportOutcome::Matched);
            id
        }
        None => {
            report.count(CountedKind::Sections, ImportOutcome::Imported);
            let section = new_section(&tree, None, &slug, label(name, limits::LABEL), None, now);
            insert_with_free_slug(conn, &site, &mut tree, section, now)?
        }
    };
    record_imported(conn, key, id, now)?;
    Ok((id, report))
}
