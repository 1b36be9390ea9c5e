//! What a package is.

use diesel::prelude::*;

use super::PackageId;
use crate::base::clock::Time;
use crate::base::db::folded;
use crate::base::db::schema::packages;
use crate::base::http::value_reader::{ids, line, text, word};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;

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

body_type! {
    /// A package to be made.
    pub struct NewPackage {
        /// How its stories belong together.
        pub kind: PackageKind = required(word()),
        /// What it is called.
        pub title: String = required(line(limits::TITLE)),
        /// What it is about.
        pub description: String = optional(text(limits::DESCRIPTION)),
        /// Its articles in their order; those that are not live are shown once they are.
        pub article_ids: Vec<ArticleId> = optional(ids(limits::PACKAGE_ARTICLES)),
    }
}

impl NewPackage {
    /// The package that it asks for, and its articles in their order.
    pub fn into_package(self, now: Time) -> (Package, Vec<ArticleId>) {
        let package = Package {
            id: PackageId::new(),
            kind: self.kind,
            sort_key: folded(&self.title),
            title: self.title,
            description: self.description,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        (package, self.article_ids.unwrap_or_default())
    }
}

body_type! {
    /// A change of a package.
    pub struct PackagePatch of Package {
        /// How its stories belong together.
        pub kind: PackageKind = change(word()),
        /// What it is called.
        pub title: String = change(line(limits::TITLE)),
        /// What it is about.
        pub description: String = patch(text(limits::DESCRIPTION)),
        /// All its articles in their order, in place of those there.
        pub article_ids: Vec<ArticleId> = change_elsewhere(ids(limits::PACKAGE_ARTICLES)),
    }
}
