//! Statements on the settings.

use diesel::prelude::*;

use super::Site;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::schema::{articles, paths, site};
use crate::base::db::{Conn, OnUnique};
use crate::base::error::{Error, Result};

/// Reads the settings.
///
/// # Errors
/// 500 when the row does not hold settings.
pub fn load(conn: &mut Conn) -> Result<Site> {
    load_versioned(conn).map(|(site, _)| site)
}

/// Reads the settings and their version: 0 where nobody has set any.
///
/// # Errors
/// 500 when the row does not hold settings.
pub fn load_versioned(conn: &mut Conn) -> Result<(Site, i64)> {
    let columns = (site::settings, site::version);
    let row: Option<(String, i64)> = site::table.find(1).select(columns).first(conn).optional()?;
    let Some((json, version)) = row else {
        return Ok((Site::default(), 0));
    };
    let settings = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok((settings, version))
}

/// Writes the settings of a site that has none yet.
///
/// # Errors
/// 500 when it has some.
pub fn insert(conn: &mut Conn, settings: &Site) -> Result<()> {
    let json = serde_json::to_string(settings).map_err(Error::internal)?;
    diesel::insert_into(site::table)
        .values((site::id.eq(1), site::settings.eq(json), site::version.eq(1_i64)))
        .execute(conn)
        .on_unique(|| Error::internal("the site has settings already"))?;
    Ok(raise_generations(conn, &mut [Generation::Site, Generation::Names])?)
}

/// Writes changed settings. The caller holds the site's lock.
pub fn update(conn: &mut Conn, settings: &Site, version: i64) -> Result<()> {
    if version == 1 {
        return insert(conn, settings);
    }
    let json = serde_json::to_string(settings).map_err(Error::internal)?;
    diesel::update(site::table.find(1))
        .set((site::settings.eq(json), site::version.eq(version)))
        .execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site, Generation::Names])?)
}

/// How many articles, of whatever state, are in a language.
pub fn count_articles_in(conn: &mut Conn, locale: &str) -> Result<i64> {
    let count = articles::table.filter(articles::locale.eq(locale)).count();
    Ok(count.get_result(conn)?)
}

/// Whether nothing was ever public.
pub fn has_no_paths(conn: &mut Conn) -> Result<bool> {
    let any: Option<String> = paths::table.select(paths::path).first(conn).optional()?;
    Ok(any.is_none())
}
