//! The packages that contain an article, as readers see them.

use diesel::prelude::*;

use crate::base::db::Conn;
use crate::base::db::schema::{package_articles, packages, published_articles};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::published::packages::{PackageId, PackageKind};

/// A package that contains an article, with its live articles in their order.
pub struct PublishedPackage {
    /// The package's id.
    pub id: PackageId,
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// Its articles that are live and not retracted.
    pub article_ids: Vec<ArticleId>,
}

/// The packages that contain an article, by title: at most [`limits::ARTICLE_PACKAGES`]. One statement.
pub fn packages_of_article(conn: &mut Conn, article: ArticleId) -> Result<Vec<PublishedPackage>> {
    let own = diesel::alias!(package_articles as own);
    let own = own
        .filter(own.field(package_articles::article_id).eq(article))
        .select(own.field(package_articles::package_id));
    let rows: Vec<(PackageId, PackageKind, String, ArticleId)> = package_articles::table
        .inner_join(packages::table)
        .inner_join(published_articles::table.on(published_articles::id.eq(package_articles::article_id)))
        .filter(package_articles::package_id.eq_any(own))
        .filter(
            published_articles::retracted_at
                .is_null()
                .or(published_articles::id.eq(article)),
        )
        .order((packages::sort_key, packages::id, package_articles::ordinal))
        .select((
            packages::id,
            packages::kind,
            packages::title,
            package_articles::article_id,
        ))
        .load(conn)?;
    let mut around: Vec<PublishedPackage> = Vec::new();
    for (id, kind, title, article_id) in rows {
        if let Some(last) = around.last_mut().filter(|last| last.id == id) {
            last.article_ids.push(article_id);
            continue;
        }
        if around.len() == limits::ARTICLE_PACKAGES {
            break;
        }
        around.push(PublishedPackage {
            id,
            kind,
            title,
            article_ids: vec![article_id],
        });
    }
    Ok(around)
}
