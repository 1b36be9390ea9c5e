//! Statements on tags.

use std::collections::HashMap;

use diesel::prelude::*;

use super::TagKind;
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{article_tags, tags};
use crate::base::db::{Conn, OnReference, OnUnique, folded, folded_range, outdate};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::ids::TagId;
use crate::base::surrogate_key::SurrogateKey;
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::settings::Site;

/// A tag's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Tag {
    /// The tag's id.
    pub id: TagId,
    /// What kind of thing it names.
    pub kind: TagKind,
    /// The last segment of its path.
    pub slug: String,
    /// Its name.
    pub label: String,
    /// Its name as lists sort it: no accents, no case.
    pub sort_key: String,
    /// What it stands for.
    pub description: Option<String>,
    /// What another system calls it.
    pub external_id: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl Tag {
    /// Its path in a language.
    pub fn path(&self, site: &Site, locale: &str) -> String {
        site.localised(locale, &format!("/{}/{}", site.tag_prefix, self.slug))
    }
}

/// The tag of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: TagId) -> Result<Tag> {
    Ok(tags::table.find(id).select(Tag::as_select()).first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: TagId) -> Result<Tag> {
    lock(conn, LockableRow::Tag, id.as_str())?;
    get(conn, id)
}

/// The tags of these ids, in the order of the ids; unknown ids are left out.
pub fn get_many(conn: &mut Conn, ids: &[TagId]) -> Result<Vec<Tag>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Tag> = tags::table
        .filter(tags::id.eq_any(ids.to_vec()))
        .select(Tag::as_select())
        .load(conn)?;
    Ok(ids
        .iter()
        .filter_map(|id| found.iter().find(|tag| tag.id == *id).cloned())
        .collect())
}

/// The tag of this slug.
pub fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Tag>> {
    Ok(tags::table
        .filter(tags::slug.eq(slug))
        .select(Tag::as_select())
        .first(conn)
        .optional()?)
}

/// The ids of tags named by id or slug, in the order of the names; unknown names are left out.
pub fn ids_of(conn: &mut Conn, names: &[String]) -> Result<Vec<TagId>> {
    let slugs: Vec<&String> = names.iter().filter(|name| TagId::parse(name).is_none()).collect();
    let found: Vec<(String, TagId)> = match slugs.is_empty() {
        true => Vec::new(),
        false => {
            let named = tags::table.filter(tags::slug.eq_any(slugs));
            named.select((tags::slug, tags::id)).load(conn)?
        }
    };
    let by_slug: HashMap<String, TagId> = found.into_iter().collect();
    let id = |name: &String| TagId::parse(name).or_else(|| by_slug.get(name).copied());
    Ok(names.iter().filter_map(id).collect())
}

/// Which tags.
#[derive(Clone, Debug, Default)]
pub struct TagFilter {
    /// Of one of these kinds; of any where there is none.
    pub kinds: Vec<TagKind>,
    /// Whose name begins with this, accents and case aside.
    pub prefix: Option<String>,
}

/// The tags of a filter, in the order of their names.
macro_rules! filtered {
    ($filter:expr, $columns:expr) => {{
        let filter: &TagFilter = $filter;
        let mut query = tags::table
            .order((tags::sort_key, tags::id))
            .select($columns)
            .into_boxed();
        if !filter.kinds.is_empty() {
            query = query.filter(tags::kind.eq_any(filter.kinds.clone()));
        }
        if let Some(prefix) = &filter.prefix {
            let (from, below) = folded_range(prefix);
            query = query.filter(tags::sort_key.ge(from)).filter(tags::sort_key.lt(below));
        }
        query
    }};
}

/// A page of tags in the order of their names, starting after `after` (sort key, id).
pub fn list(conn: &mut Conn, filter: &TagFilter, after: Option<[String; 2]>, limit: i64) -> Result<Vec<Tag>> {
    let mut query = filtered!(filter, Tag::as_select()).limit(limit);
    if let Some([key, id]) = after {
        query = query
            .filter(tags::sort_key.ge(key.clone()))
            .filter(tags::sort_key.gt(key).or(tags::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// How many tags there are, up to `most`.
pub fn count(conn: &mut Conn, filter: &TagFilter, most: Option<i64>) -> Result<i64> {
    let ids: Vec<TagId> = filtered!(filter, tags::id).limit(most.unwrap_or(i64::MAX)).load(conn)?;
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// Adds a tag and takes its path in every language.
///
/// # Errors
/// 422 `slug_taken`.
pub fn insert(conn: &mut Conn, site: &Site, tag: &Tag, now: Time) -> Result<()> {
    outdate([SurrogateKey::Tags]);
    diesel::insert_into(tags::table)
        .values(tag)
        .execute(conn)
        .on_unique(|| taken(&tag.slug))?;
    claim_paths(conn, site, tag, now)?;
    Ok(())
}

/// Writes a changed tag; its old paths lead to the new ones.
///
/// # Errors
/// 422 `slug_taken`.
pub fn update(conn: &mut Conn, site: &Site, tag: &Tag, now: Time) -> Result<()> {
    let tag = Tag {
        sort_key: folded(&tag.label),
        ..tag.clone()
    };
    outdate([SurrogateKey::Tags, SurrogateKey::Tag(tag.id)]);
    diesel::update(tags::table.find(tag.id))
        .set(&tag)
        .execute(conn)
        .on_unique(|| taken(&tag.slug))?;
    claim_paths(conn, site, &tag, now)?;
    Ok(())
}

/// The ids of every tag.
pub fn ids(conn: &mut Conn) -> Result<Vec<TagId>> {
    Ok(tags::table.order(tags::slug).select(tags::id).load(conn)?)
}

/// Takes every tag's paths in the languages of a site.
///
/// # Errors
/// 422 `slug_taken`.
pub fn claim_all_paths(conn: &mut Conn, site: &Site, now: Time) -> Result<()> {
    let all: Vec<Tag> = tags::table.select(Tag::as_select()).load(conn)?;
    all.iter().try_for_each(|tag| claim_paths(conn, site, tag, now))
}

fn claim_paths(conn: &mut Conn, site: &Site, tag: &Tag, now: Time) -> Result<()> {
    for locale in &site.locales {
        let path = tag.path(site, locale);
        if !paths::claim(
            conn,
            &path,
            PathTarget {
                kind: PathKind::Tag,
                id: tag.id.as_str(),
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

/// Deletes a tag that no article carries; its paths answer that they are gone.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(conn: &mut Conn, site: &Site, tag: &Tag, live: i64, now: Time) -> Result<()> {
    let in_use = |count: i64| {
        Error::new(Code::InUse)
            .with("article_count", count)
            .extra("article_count", count)
    };
    let count: i64 = article_tags::table
        .filter(article_tags::tag_id.eq(tag.id))
        .count()
        .get_result(conn)?;
    if count > 0 || live > 0 {
        return Err(in_use(count.max(live)));
    }
    outdate([SurrogateKey::Tags, SurrogateKey::Tag(tag.id)]);
    diesel::delete(tags::table.find(tag.id))
        .execute(conn)
        .on_reference(|| in_use(1))?;
    // After its row, so that the change feed tells the redirects behind the deletion.
    for locale in &site.locales {
        paths::retire(
            conn,
            PathTarget {
                kind: PathKind::Tag,
                id: tag.id.as_str(),
                locale,
            },
            None,
            now,
        )?;
    }
    Ok(())
}
