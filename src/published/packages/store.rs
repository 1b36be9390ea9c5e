//! Statements on packages.

use diesel::prelude::*;

use super::{Package, PackageId, PackageKind};
use crate::access::change_log::{self, EditableKind};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::dialect::{Generation, LockableRow, lock, raise_generations};
use crate::base::db::schema::{package_articles, packages};
use crate::base::db::{Conn, outdate};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;
use crate::on_each;

/// The package of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: PackageId) -> Result<Package> {
    Ok(packages::table.find(id).select(Package::as_select()).first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: PackageId) -> Result<Package> {
    lock(conn, LockableRow::Package, id.as_str())?;
    get(conn, id)
}

/// A page of packages in the order of their titles, after `after` (sort key, id).
pub fn list(
    conn: &mut Conn,
    kind: Option<PackageKind>,
    after: Option<[String; 2]>,
    limit: i64,
) -> Result<Vec<Package>> {
    let mut query = packages::table
        .order((packages::sort_key, packages::id))
        .limit(limit)
        .select(Package::as_select())
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(packages::kind.eq(kind));
    }
    if let Some([key, id]) = after {
        query = query
            .filter(packages::sort_key.ge(key.clone()))
            .filter(packages::sort_key.gt(key).or(packages::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// The articles of these packages, in the order of each package.
pub fn articles_of(conn: &mut Conn, ids: &[PackageId]) -> Result<Vec<(PackageId, ArticleId)>> {
    Ok(package_articles::table
        .filter(package_articles::package_id.eq_any(ids.to_vec()))
        .order((package_articles::package_id, package_articles::ordinal))
        .select((package_articles::package_id, package_articles::article_id))
        .load(conn)?)
}

/// Adds a package with its articles.
///
/// # Errors
/// 422 for an article that is not there.
pub fn insert(conn: &mut Conn, package: &Package, article_ids: &[ArticleId]) -> Result<()> {
    outdate([SurrogateKey::Packages]);
    diesel::insert_into(packages::table).values(package).execute(conn)?;
    set_articles(conn, package.id, article_ids)?;
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

/// Writes a changed package, and its articles where they are given.
///
/// # Errors
/// 422 for an article that is not there.
pub fn update(conn: &mut Conn, package: &Package, article_ids: Option<&[ArticleId]>) -> Result<()> {
    outdate([SurrogateKey::Packages]);
    diesel::update(packages::table.find(package.id))
        .set(package)
        .execute(conn)?;
    if let Some(ids) = article_ids {
        diesel::delete(package_articles::table.filter(package_articles::package_id.eq(package.id))).execute(conn)?;
        set_articles(conn, package.id, ids)?;
    }
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

fn set_articles(conn: &mut Conn, id: PackageId, article_ids: &[ArticleId]) -> Result<()> {
    let known = articles::known(conn, article_ids)?;
    let missing = article_ids.iter().enumerate().filter(|(_, id)| !known.contains(*id));
    let unknown = |index: usize| FieldError::new(format!("/article_ids/{index}"), FieldCode::UnknownReference);
    let errors: Vec<FieldError> = missing.map(|(index, _)| unknown(index)).collect();
    if !errors.is_empty() {
        return Err(Error::validation(errors));
    }
    let row = |(ordinal, article): (i32, &ArticleId)| {
        (
            package_articles::package_id.eq(id),
            package_articles::article_id.eq(*article),
            package_articles::ordinal.eq(ordinal),
        )
    };
    let rows: Vec<_> = (0..).zip(article_ids).map(row).collect();
    if !rows.is_empty() {
        on_each!(conn, c => diesel::insert_into(package_articles::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Deletes a package; its articles stay.
pub fn delete(conn: &mut Conn, id: PackageId) -> Result<()> {
    outdate([SurrogateKey::Packages]);
    diesel::delete(packages::table.find(id)).execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

/// Takes an article out of every package; a package that loses one has a new version.
pub fn forget_article(conn: &mut Conn, id: ArticleId, now: Time) -> Result<()> {
    let rows = package_articles::table.filter(package_articles::article_id.eq(id));
    let ids: Vec<PackageId> = rows.select(package_articles::package_id).load(conn)?;
    outdate([SurrogateKey::Packages]);
    diesel::delete(package_articles::table.filter(package_articles::article_id.eq(id))).execute(conn)?;
    for package in ids {
        let mut package = get_locked(conn, package)?;
        package.version += 1;
        package.updated_at = now;
        diesel::update(packages::table.find(package.id))
            .set(&package)
            .execute(conn)?;
        let (id, version) = (package.id.as_str(), package.version);
        change_log::record(conn, EditableKind::Package, id, version, None, &["article_ids"], now)?;
    }
    Ok(())
}
