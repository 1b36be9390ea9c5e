//! What a package is.

use diesel::prelude::*;
use serde_json::Value;
use utoipa::ToSchema;

use super::PackageId;
use crate::base::clock::Time;
use crate::base::db::schema::packages;
use crate::base::http::body::{BodyMedia, FromBody};
use crate::base::http::fields::{At, Fields, Patch, line, list, one_of, parsed, text, without_duplicates};
use crate::base::ids::ArticleId;
use crate::base::limits;

crate::word_type! {
    /// How stories belong together.
    PackageKind {
        /// Several sides of one story.
        Package = "package",
        /// Parts that follow each other.
        Series = "series",
    }
}

/// A package's row.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = packages, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Package {
    /// The package's id.
    pub id: PackageId,
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// What it is sorted by: the title without case and accents.
    pub sort_key: String,
    /// What it is about.
    pub description: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

/// A package to be made.
#[derive(ToSchema)]
pub struct NewPackage {
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Its articles in their order; those that are not live are shown once they are.
    #[schema(max_items = 200)]
    pub article_ids: Option<Vec<ArticleId>>,
}

impl FromBody for NewPackage {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(PackageKind::WORDS, PackageKind::parse));
        let title = fields.required("title", line(limits::TITLE));
        let description = fields.optional("description", text(limits::DESCRIPTION));
        let article_ids = fields.optional("article_ids", read_articles);
        Some(Self {
            kind: kind?,
            title: title?,
            description,
            article_ids,
        })
    }
}

/// A change of a package.
#[derive(ToSchema)]
pub struct PackagePatch {
    /// How its stories belong together.
    #[schema(nullable = false)]
    pub kind: Option<PackageKind>,
    /// What it is called.
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    /// All its articles in their order, in place of those there.
    #[schema(nullable = false, max_items = 200)]
    pub article_ids: Option<Vec<ArticleId>>,
}

impl FromBody for PackagePatch {
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            kind: fields.change("kind", one_of(PackageKind::WORDS, PackageKind::parse)),
            title: fields.change("title", line(limits::TITLE)),
            description: fields.patch("description", text(limits::DESCRIPTION)),
            article_ids: fields.change("article_ids", read_articles),
        })
    }
}

fn read_articles(at: &mut At<'_>, value: Value) -> Option<Vec<ArticleId>> {
    let id = parsed(36, "a UUID", ArticleId::parse);
    let ids = list(limits::PACKAGE_ARTICLES, id)(at, value)?;
    without_duplicates(at, &ids, |id, other| id == other)?;
    Some(ids)
}
