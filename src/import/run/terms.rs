//! Tags become tags, authors become contributors. One that is here already with the same slug or name is used.

use std::collections::HashMap;
use std::slice;

use diesel::prelude::*;

use super::prepare::TagSeed;
use super::repair;
use super::text::{label, percent_decoded};
use crate::base::clock::Time;
use crate::base::db::schema::contributors as contributor_rows;
use crate::base::db::{Conn, Db, folded};
use crate::base::error::Result;
use crate::base::ids::{ContributorId, TagId};
use crate::base::{limits, slug};
use crate::import::run::articles::redirect_old;
use crate::import::run::authors::{AuthorSeed, GUEST_KEY};
use crate::import::run::old_addresses::archive_path;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport};
use crate::import::run::retry::write_with_retries;
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::site::contributors::{self, Contributor};
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::settings::{self, Site};
use crate::site::tags::{self, Tag, TagKind};

/// Who signs where no author may be named.
const NEWSROOM_BYLINE: &str = "Rédaction";

/// What tags became; `None` for one that was deleted here.
pub(super) type ImportedTags = HashMap<String, Option<TagId>>;
/// What authors became; `None` for one that was deleted here.
pub(super) type ImportedContributors = HashMap<String, Option<ContributorId>>;

/// Where a site had the archives of its terms; its own address first.
#[derive(Clone, Debug)]
pub(super) struct ArchiveBases {
    pub(super) source: String,
    /// The language in which they lead on.
    pub(super) locale: String,
    pub(super) category: String,
    pub(super) tag: String,
}

/// Where WordPress has the archives of authors.
const AUTHOR_BASE: &str = "author";

/// Makes the tags that are new here. `counted` says whether those that are known are counted too.
pub(super) fn ensure_tags(
    db: &Db,
    bases: &ArchiveBases,
    seeds: Vec<TagSeed>,
    report: &mut ImportReport,
    counted: bool,
) -> Result<ImportedTags> {
    let (bases, now) = (bases.clone(), db.clock().now());
    let known = {
        let (source, slugs) = (
            bases.source.clone(),
            seeds.iter().map(|seed| seed.slug.clone()).collect::<Vec<_>>(),
        );
        db.read_blocking(move |conn| known_tags(conn, &source, &slugs))?
    };
    if counted {
        known.values().for_each(|tag| match tag {
            Some(_) => report.count(CountedKind::Tags, ImportOutcome::Unchanged),
            None => report.skip(CountedKind::Tags, "tags that were deleted here"),
        });
    }
    let new: Vec<TagSeed> = seeds
        .into_iter()
        .filter(|seed| !known.contains_key(&seed.slug))
        .collect();
    if new.is_empty() {
        return Ok(known);
    }
    let (made, counts) = write_with_retries(db, move |conn| make_tags(conn, &bases, &new, now))?;
    report.add(counts);
    Ok(known.into_iter().chain(made).collect())
}

fn known_tags(conn: &mut Conn, source: &str, slugs: &[String]) -> Result<ImportedTags> {
    let rows = imports::find_many(conn, source, SourceItemKind::Tag, slugs)?;
    let ids: Vec<TagId> = rows.values().filter_map(|row| TagId::parse(&row.target_id)).collect();
    let there = tags::store::get_many(conn, &ids)?;
    let id_of = |row: &ImportedItem| {
        there
            .iter()
            .find(|tag| tag.id.as_str() == row.target_id)
            .map(|tag| tag.id)
    };
    Ok(rows.into_iter().map(|(slug, row)| (slug, id_of(&row))).collect())
}

fn make_tags(
    conn: &mut Conn,
    bases: &ArchiveBases,
    seeds: &[TagSeed],
    now: Time,
) -> Result<(ImportedTags, ImportReport)> {
    let (mut made, mut report) = (ImportedTags::new(), ImportReport::default());
    let site = settings::load(conn)?;
    for seed in seeds {
        if made.contains_key(&seed.slug) {
            continue;
        }
        let id = match imports::find(conn, &bases.source, SourceItemKind::Tag, &seed.slug)? {
            Some(row) => TagId::parse(&row.target_id),
            None => Some(make_tag(conn, &site, bases, seed, now, &mut report)?),
        };
        made.insert(seed.slug.clone(), id);
    }
    Ok((made, report))
}

fn make_tag(
    conn: &mut Conn,
    site: &Site,
    bases: &ArchiveBases,
    seed: &TagSeed,
    now: Time,
    report: &mut ImportReport,
) -> Result<TagId> {
    let mut repairs = ImportReport::default();
    let name = label(&repair::html(&seed.name, &mut repairs), limits::LABEL);
    let mut tag = Tag {
        id: TagId::new(),
        kind: TagKind::Topic,
        slug: slug::from_title(&percent_decoded(&seed.slug)),
        sort_key: String::new(),
        label: name.clone().unwrap_or_default(),
        description: label(&repair::html(&seed.description, &mut repairs), limits::DESCRIPTION),
        external_id: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    if tag.slug.is_empty() {
        tag.slug = slug::from_title_or_id(&tag.label, tag.id.as_str());
    }
    let there = tags::store::find_by_slug(conn, &tag.slug)?;
    let matched = match there {
        Some(there) if !imports::is_target(conn, &bases.source, SourceItemKind::Tag, there.id.as_str())? => {
            Some(there.id)
        }
        _ => None,
    };
    if matched.is_none() {
        let wished = tag.slug.clone();
        tag.slug = free(&wished, |slug| {
            let taken = tags::store::find_by_slug(conn, slug)?.is_some();
            Ok(taken || is_path_taken(conn, site, &site.tag_prefix, slug)?)
        })?;
        tag.label = name.unwrap_or_else(|| tag.slug.clone());
        tag.sort_key = folded(&tag.label);
        tags::store::insert(conn, site, &tag, now)?;
        report.add(repairs);
    }
    report.count(
        CountedKind::Tags,
        if matched.is_some() {
            ImportOutcome::Matched
        } else {
            ImportOutcome::Imported
        },
    );
    let id = matched.unwrap_or(tag.id);
    let row = ImportedItem {
        target_id: id.to_string(),
        digest: String::new(),
        version: 1,
    };
    imports::put(conn, &bases.source, SourceItemKind::Tag, &seed.slug, &row, now)?;
    if let Some(old) = archive_path(&bases.source, &bases.tag, slice::from_ref(&seed.slug)) {
        let target = PathTarget {
            kind: PathKind::Tag,
            id: id.as_str(),
            locale: &bases.locale,
        };
        let path = site.localised(&bases.locale, &format!("/{}/{}", site.tag_prefix, tag.slug));
        redirect_old(conn, &old, target, &path, now, report)?;
    }
    Ok(id)
}

/// The slug; where it is taken, with the first number that is free.
fn free(wished: &str, mut is_taken: impl FnMut(&str) -> Result<bool>) -> Result<String> {
    let mut slug = wished.to_owned();
    let mut number = 1;
    while is_taken(&slug)? {
        number += 1;
        slug = slug::numbered(wished, number);
    }
    Ok(slug)
}

fn is_path_taken(conn: &mut Conn, site: &Site, prefix: &str, slug: &str) -> Result<bool> {
    for locale in &site.locales {
        if paths::find(conn, &site.localised(locale, &format!("/{prefix}/{slug}")))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the contributors that are new here.
pub(super) fn ensure_contributors(
    db: &Db,
    bases: &ArchiveBases,
    authors: Vec<AuthorSeed>,
    report: &mut ImportReport,
) -> Result<ImportedContributors> {
    let (bases, now) = (bases.clone(), db.clock().now());
    let known = {
        let (source, keys) = (
            bases.source.clone(),
            authors.iter().map(|author| author.key.clone()).collect::<Vec<_>>(),
        );
        db.read_blocking(move |conn| known_authors(conn, &source, &keys))?
    };
    let new: Vec<AuthorSeed> = authors
        .into_iter()
        .filter(|author| !known.contains_key(&author.key))
        .collect();
    if new.is_empty() {
        return Ok(known);
    }
    let (made, counts) = write_with_retries(db, move |conn| make_authors(conn, &bases, &new, now))?;
    report.add(counts);
    Ok(known.into_iter().chain(made).collect())
}

fn known_authors(conn: &mut Conn, source: &str, keys: &[String]) -> Result<ImportedContributors> {
    let rows = imports::find_many(conn, source, SourceItemKind::Author, keys)?;
    let ids: Vec<ContributorId> = rows
        .values()
        .filter_map(|row| ContributorId::parse(&row.target_id))
        .collect();
    let there = contributors::store::get_many(conn, &ids)?;
    let id_of = |row: &ImportedItem| {
        there
            .iter()
            .find(|person| person.id.as_str() == row.target_id)
            .map(|person| person.id)
    };
    Ok(rows.into_iter().map(|(key, row)| (key, id_of(&row))).collect())
}

fn make_authors(
    conn: &mut Conn,
    bases: &ArchiveBases,
    authors: &[AuthorSeed],
    now: Time,
) -> Result<(ImportedContributors, ImportReport)> {
    let (mut made, mut report) = (ImportedContributors::new(), ImportReport::default());
    let site = settings::load(conn)?;
    for author in authors {
        if made.contains_key(&author.key) {
            continue;
        }
        let id = match imports::find(conn, &bases.source, SourceItemKind::Author, &author.key)? {
            Some(row) => ContributorId::parse(&row.target_id),
            None => Some(make_author(conn, &site, bases, author, now, &mut report)?),
        };
        made.insert(author.key.clone(), id);
    }
    Ok((made, report))
}

fn make_author(
    conn: &mut Conn,
    site: &Site,
    bases: &ArchiveBases,
    author: &AuthorSeed,
    now: Time,
    report: &mut ImportReport,
) -> Result<ContributorId> {
    let name = author.name.as_deref().unwrap_or(NEWSROOM_BYLINE);
    let there: Option<ContributorId> = contributor_rows::table
        .filter(contributor_rows::name.eq(name))
        .order(contributor_rows::id)
        .select(contributor_rows::id)
        .first(conn)
        .optional()?;
    let id = match there {
        Some(id) => {
            report.count(CountedKind::Contributors, ImportOutcome::Matched);
            id
        }
        None => {
            report.count(CountedKind::Contributors, ImportOutcome::Imported);
            if let Some(shown) = &author.repaired {
                repair::note(shown, report);
            }
            insert_author(conn, site, name, author.bio.clone(), now)?
        }
    };
    if author.is_provisional {
        // Looked for again, once a file has the name.
        return Ok(id);
    }
    let row = ImportedItem {
        target_id: id.to_string(),
        digest: String::new(),
        version: 1,
    };
    imports::put(conn, &bases.source, SourceItemKind::Author, &author.key, &row, now)?;
    redirect_guest(conn, site, bases, (&author.key, id), now, report)?;
    Ok(id)
}

/// Lets the archive of a guest author lead here. Those of accounts have a login in their address, which is kept nowhere.
fn redirect_guest(
    conn: &mut Conn,
    site: &Site,
    bases: &ArchiveBases,
    (key, id): (&str, ContributorId),
    now: Time,
    report: &mut ImportReport,
) -> Result<()> {
    let nicename = key.strip_prefix(GUEST_KEY).map(str::to_owned);
    let Some(old) = nicename.and_then(|name| archive_path(&bases.source, AUTHOR_BASE, &[name])) else {
        return Ok(());
    };
    let person = contributors::store::get_many(conn, &[id])?.pop();
    let Some(person) = person else { return Ok(()) };
    let target = PathTarget {
        kind: PathKind::Contributor,
        id: id.as_str(),
        locale: &bases.locale,
    };
    let path = site.localised(&bases.locale, &format!("/{}/{}", site.contributor_prefix, person.slug));
    redirect_old(conn, &old, target, &path, now, report)
}

fn insert_author(conn: &mut Conn, site: &Site, name: &str, bio: Option<String>, now: Time) -> Result<ContributorId> {
    let id = ContributorId::new();
    let slug = free(&slug::from_title_or_id(name, id.as_str()), |slug| {
        let taken = contributors::store::find_by_slug(conn, slug)?.is_some();
        Ok(taken || is_path_taken(conn, site, &site.contributor_prefix, slug)?)
    })?;
    let person = Contributor {
        id,
        slug,
        name: name.to_owned(),
        sort_key: folded(name),
        role: None,
        bio,
        image: None,
        is_active: true,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    contributors::store::insert(conn, site, &person, now)?;
    Ok(id)
}
