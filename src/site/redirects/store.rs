//! Statements on redirects.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::{GONE, Redirect};
use crate::base::db::schema::paths;
use crate::base::db::{Conn, OnUnique};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::site::paths::{PathStatus, RedirectId, RedirectOrigin};

/// The columns of [`Redirect`]. Four may be null in a row that the release before wrote. Such a row has no id, and only
/// rows with an id are read, so the four are not null here.
macro_rules! columns {
    () => {
        (
            paths::id.assume_not_null(),
            paths::path,
            paths::kind,
            paths::target_id,
            paths::locale,
            paths::status,
            paths::location,
            paths::http_status,
            paths::origin.assume_not_null(),
            paths::note,
            paths::version.assume_not_null(),
            paths::created_by,
            paths::created_at,
            paths::updated_at.assume_not_null(),
        )
    };
}

/// The row at a path in the table's form, a redirect or not.
pub fn find_at(conn: &mut Conn, path: &str) -> Result<Option<Redirect>> {
    let row = paths::table.find(path).filter(paths::id.is_not_null());
    Ok(row.select(columns!()).first(conn).optional()?)
}

/// The redirect of this id.
///
/// # Errors
/// 404, also for a path that is no redirect.
pub fn get(conn: &mut Conn, id: RedirectId) -> Result<Redirect> {
    let row: Redirect = paths::table.filter(paths::id.eq(id)).select(columns!()).first(conn)?;
    if row.is_redirect() {
        Ok(row)
    } else {
        Err(Error::not_found())
    }
}

/// Which redirects a list shows.
#[derive(Clone, Debug, Default)]
pub struct RedirectFilter {
    /// Those whose path begins so.
    pub path_prefix: Option<String>,
    /// Those that answer with one of these; empty: with any.
    pub http_statuses: Vec<i32>,
    /// Only of this origin.
    pub origin: Option<RedirectOrigin>,
    /// Those that lead here: a path of the site, with any query and fragment, or a URL.
    pub location: Option<String>,
}

/// A page of redirects in the order of their paths, starting after `after`.
pub fn list(conn: &mut Conn, filter: &RedirectFilter, after: Option<&str>, limit: i64) -> Result<Vec<Redirect>> {
    let status_of = |http_status: i32| match http_status {
        GONE => PathStatus::Gone,
        _ => PathStatus::Moved,
    };
    let mut kinds = vec![(PathStatus::Moved, None), (PathStatus::Gone, None)];
    if !filter.http_statuses.is_empty() {
        let asked: BTreeSet<i32> = filter.http_statuses.iter().copied().collect();
        kinds = asked.into_iter().map(|asked| (status_of(asked), Some(asked))).collect();
    }
    let origins = RedirectOrigin::ALL.iter().copied();
    let origins = origins.filter(|origin| filter.origin.is_none_or(|wanted| wanted == *origin));
    let mut found = Vec::new();
    // One index scan for each kind and origin: a rare kind is not searched for among all the others.
    for kind in kinds {
        for origin in origins.clone() {
            found.extend(list_of(conn, filter, kind, origin, after, limit)?);
        }
    }
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn list_of(
    conn: &mut Conn,
    filter: &RedirectFilter,
    (status, http_status): (PathStatus, Option<i32>),
    origin: RedirectOrigin,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Redirect>> {
    let mut query = paths::table
        .filter(paths::status.eq(status))
        .filter(paths::origin.eq(origin))
        .filter(paths::id.is_not_null())
        .order(paths::path)
        .limit(limit)
        .select(columns!())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(paths::path.gt(after.to_owned()));
    }
    if let Some(prefix) = &filter.path_prefix {
        let end = format!("{prefix}{}", char::MAX);
        query = query.filter(paths::path.ge(prefix.clone())).filter(paths::path.lt(end));
    }
    if let Some(http_status) = http_status {
        query = query.filter(paths::http_status.eq(http_status));
    }
    if let Some(location) = &filter.location {
        query = query.filter(crate::site::paths::leads_to(location));
    }
    Ok(query.load(conn)?)
}

/// Adds a redirect.
///
/// # Errors
/// 422 `path_taken` where a thing took the path in this moment, without the lock that this release has.
pub fn insert(conn: &mut Conn, redirect: &Redirect) -> Result<()> {
    diesel::insert_into(paths::table)
        .values((
            paths::path.eq(&redirect.path),
            paths::kind.eq(redirect.kind),
            paths::target_id.eq(&redirect.target_id),
            paths::locale.eq(&redirect.locale),
            paths::status.eq(redirect.status),
            paths::location.eq(&redirect.location),
            paths::http_status.eq(redirect.http_status),
            paths::created_at.eq(redirect.created_at),
            paths::id.eq(redirect.id),
            paths::origin.eq(redirect.origin),
            paths::note.eq(&redirect.note),
            paths::version.eq(redirect.version),
            paths::created_by.eq(redirect.created_by),
            paths::updated_at.eq(redirect.updated_at),
        ))
        .execute(conn)
        .on_unique(|| Error::field(FieldError::new("/path", FieldCode::PathTaken).with("path", &redirect.path)))?;
    Ok(())
}

/// Writes a changed redirect.
pub fn update(conn: &mut Conn, redirect: &Redirect) -> Result<()> {
    diesel::update(paths::table.find(&redirect.path))
        .set((
            paths::kind.eq(redirect.kind),
            paths::target_id.eq(&redirect.target_id),
            paths::status.eq(redirect.status),
            paths::location.eq(&redirect.location),
            paths::http_status.eq(redirect.http_status),
            paths::origin.eq(redirect.origin),
            paths::note.eq(&redirect.note),
            paths::version.eq(redirect.version),
            paths::created_by.eq(redirect.created_by),
            paths::updated_at.eq(redirect.updated_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes a redirect: its path is free.
pub fn delete(conn: &mut Conn, redirect: &Redirect) -> Result<()> {
    diesel::delete(paths::table.find(&redirect.path)).execute(conn)?;
    Ok(())
}
