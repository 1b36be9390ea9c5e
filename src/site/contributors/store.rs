//! Statements on contributors.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::dialect::{Generation, LockableRow, lock, raise_generations};
use crate::base::db::schema::{article_contributors, contributors};
use crate::base::db::{Conn, OnReference, OnUnique, folded, folded_range, outdate};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::ids::ContributorId;
use crate::base::surrogate_key::SurrogateKey;
use crate::body::image::Image;
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::settings::Site;

/// A contributor's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contributors, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Contributor {
    /// The contributor's id.
    pub id: ContributorId,
    /// The last segment of its path.
    pub slug: String,
    /// Their name.
    pub name: String,
    /// Its name as lists sort it: no accents, no case.
    pub sort_key: String,
    /// What they are at the paper.
    pub role: Option<String>,
    /// Who they are.
    pub bio: Option<String>,
    /// Their picture, as JSON.
    pub image: Option<String>,
    /// Whether articles may still be signed by them.
    pub is_active: bool,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl Contributor {
    /// Their picture.
    pub fn image(&self) -> Option<Image> {
        self.image.as_deref().and_then(|json| serde_json::from_str(json).ok())
    }

    /// Its path in a language.
    pub fn path(&self, site: &Site, locale: &str) -> String {
        site.localised(locale, &format!("/{}/{}", site.contributor_prefix, self.slug))
    }
}

/// The contributor of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: ContributorId) -> Result<Contributor> {
    Ok(contributors::table
        .find(id)
        .select(Contributor::as_select())
        .first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: ContributorId) -> Result<Contributor> {
    lock(conn, LockableRow::Contributor, id.as_str())?;
    get(conn, id)
}

/// The contributors of these ids, in the order of the ids; unknown ids are left out.
pub fn get_many(conn: &mut Conn, ids: &[ContributorId]) -> Result<Vec<Contributor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Contributor> = contributors::table
        .filter(contributors::id.eq_any(ids.to_vec()))
        .select(Contributor::as_select())
        .load(conn)?;
    Ok(ids
        .iter()
        .filter_map(|id| found.iter().find(|contributor| contributor.id == *id).cloned())
        .collect())
}

/// The contributor of this slug.
pub fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Contributor>> {
    Ok(contributors::table
        .filter(contributors::slug.eq(slug))
        .select(Contributor::as_select())
        .first(conn)
        .optional()?)
}

/// The ids of contributors named by id or slug, in the order of the names; unknown names are left out.
pub fn ids_of(conn: &mut Conn, names: &[String]) -> Result<Vec<ContributorId>> {
    let slugs: Vec<&String> = names
        .iter()
        .filter(|name| ContributorId::parse(name).is_none())
        .collect();
    let found: Vec<(String, ContributorId)> = match slugs.is_empty() {
        true => Vec::new(),
        false => {
            let named = contributors::table.filter(contributors::slug.eq_any(slugs));
            named.select((contributors::slug, contributors::id)).load(conn)?
        }
    };
    let by_slug: HashMap<String, ContributorId> = found.into_iter().collect();
    let id = |name: &String| ContributorId::parse(name).or_else(|| by_slug.get(name).copied());
    Ok(names.iter().filter_map(id).collect())
}

/// Which contributors.
#[derive(Clone, Debug, Default)]
pub struct ContributorFilter {
    /// Active ones, or those that are not; `None` for both.
    pub active: Option<bool>,
    /// Whose name begins with this, accents and case aside.
    pub prefix: Option<String>,
}

/// The contributors of a filter, in the order of their names.
macro_rules! filtered {
    ($filter:expr, $columns:expr) => {{
        let filter: &ContributorFilter = $filter;
        let mut query = contributors::table
            .order((contributors::sort_key, contributors::id))
            .select($columns)
            .into_boxed();
        if let Some(active) = filter.active {
            query = query.filter(contributors::is_active.eq(active));
        }
        if let Some(prefix) = &filter.prefix {
            let (from, below) = folded_range(prefix);
            query = query
                .filter(contributors::sort_key.ge(from))
                .filter(contributors::sort_key.lt(below));
        }
        query
    }};
}

/// A page of contributors in the order of their names, starting after `after` (sort key, id).
pub fn list(
    conn: &mut Conn,
    filter: &ContributorFilter,
    after: Option<[String; 2]>,
    limit: i64,
) -> Result<Vec<Contributor>> {
    let mut query = filtered!(filter, Contributor::as_select()).limit(limit);
    if let Some([key, id]) = after {
        query = query
            .filter(contributors::sort_key.ge(key.clone()))
            .filter(contributors::sort_key.gt(key).or(contributors::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// How many contributors there are, up to `most`.
pub fn count(conn: &mut Conn, filter: &ContributorFilter, most: Option<i64>) -> Result<i64> {
    let ids: Vec<ContributorId> = filtered!(filter, contributors::id)
        .limit(most.unwrap_or(i64::MAX))
        .load(conn)?;
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// Adds a contributor and takes its path in every language.
///
/// # Errors
/// 422 `slug_taken`.
pub fn insert(conn: &mut Conn, site: &Site, contributor: &Contributor, now: Time) -> Result<()> {
    outdate([SurrogateKey::Contributors]);
    diesel::insert_into(contributors::table)
        .values(contributor)
        .execute(conn)
        .on_unique(|| taken(&contributor.slug))?;
    claim_paths(conn, site, contributor, now)?;
    Ok(raise_generations(conn, &mut [Generation::Names])?)
}

/// Writes a changed contributor; its old paths lead to the new ones.
///
/// # Errors
/// 422 `slug_taken`.
pub fn update(conn: &mut Conn, site: &Site, contributor: &Contributor, now: Time) -> Result<()> {
    let contributor = Contributor {
        sort_key: folded(&contributor.name),
        ..contributor.clone()
    };
    outdate([SurrogateKey::Contributors, SurrogateKey::Contributor(contributor.id)]);
    diesel::update(contributors::table.find(contributor.id))
        .set(&contributor)
        .execute(conn)
        .on_unique(|| taken(&contributor.slug))?;
    claim_paths(conn, site, &contributor, now)?;
    Ok(raise_generations(conn, &mut [Generation::Names])?)
}

/// The names of contributors, first of those who still sign, then the newest.
pub fn all_names(conn: &mut Conn, limit: i64) -> Result<Vec<String>> {
    Ok(contributors::table
        .order((contributors::is_active.desc(), contributors::id.desc()))
        .limit(limit)
        .select(contributors::name)
        .load(conn)?)
}

/// The ids of every contributor.
pub fn ids(conn: &mut Conn) -> Result<Vec<ContributorId>> {
    Ok(contributors::table
        .order(contributors::slug)
        .select(contributors::id)
        .load(conn)?)
}

/// Takes every contributor's paths in the languages of a site.
///
/// # Errors
/// 422 `slug_taken`.
pub fn claim_all_paths(conn: &mut Conn, site: &Site, now: Time) -> Result<()> {
    let all: Vec<Contributor> = contributors::table.select(Contributor::as_select()).load(conn)?;
    all.iter()
        .try_for_each(|contributor| claim_paths(conn, site, contributor, now))
}

fn claim_paths(conn: &mut Conn, site: &Site, contributor: &Contributor, now: Time) -> Result<()> {
    for locale in &site.locales {
        let path = contributor.path(site, locale);
        if !paths::claim(
            conn,
            &path,
            PathTarget {
                kind: PathKind::Contributor,
                id: contributor.id.as_str(),
                locale,
            },
            now,
        )? {
            return Err(taken(&path));
        }
    }
    Ok(())
}

fn taken(path: &str) -> Error {
    Error::field(FieldError::new("/slug", FieldCode::SlugTaken).with("path", path))
}

/// Deletes a contributor who signed no article; its paths answer that they are gone.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(conn: &mut Conn, site: &Site, contributor: &Contributor, live: i64, now: Time) -> Result<()> {
    let in_use = |count: i64| {
        Error::new(Code::InUse)
            .with("article_count", count)
            .extra("article_count", count)
    };
    let count: i64 = article_contributors::table
        .filter(article_contributors::contributor_id.eq(contributor.id))
        .count()
        .get_result(conn)?;
    if count > 0 || live > 0 {
        return Err(in_use(count.max(live)));
    }
    outdate([SurrogateKey::Contributors, SurrogateKey::Contributor(contributor.id)]);
    diesel::delete(contributors::table.find(contributor.id))
        .execute(conn)
        .on_reference(|| in_use(1))?;
    // After its row, so that the change feed tells the redirects behind the deletion.
    for locale in &site.locales {
        paths::retire(
            conn,
            PathTarget {
                kind: PathKind::Contributor,
                id: contributor.id.as_str(),
                locale,
            },
            None,
            now,
        )?;
    }
    Ok(raise_generations(conn, &mut [Generation::Names])?)
}
