//! Packages at the desk: list, make, read, change, delete.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::db::{Conn, folded};
use crate::base::error::Result;
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::published::packages::model::{NewPackage, PackagePatch};
use crate::published::packages::{Package, PackageId, PackageKind, store};
use crate::{list_type, query_type};

/// A package as editors see it.
#[derive(Clone, Serialize, ToSchema)]
pub struct PackageView {
    /// The package's id.
    pub id: PackageId,
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Its articles in their order, those that are not live among them.
    #[schema(max_items = 200)]
    pub article_ids: Vec<ArticleId>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl PackageView {
    fn new(package: Package, article_ids: Vec<ArticleId>) -> Self {
        Self {
            id: package.id,
            kind: package.kind,
            title: package.title,
            description: package.description,
            article_ids,
            version: package.version,
            created_at: package.created_at,
            updated_at: package.updated_at,
        }
    }

    fn load(conn: &mut Conn, package: Package) -> Result<Self> {
        let ids = store::articles_of(conn, &[package.id])?;
        Ok(Self::new(
            package,
            ids.into_iter().map(|(_, article)| article).collect(),
        ))
    }
}

list_type! {
    /// A page of packages, in the order of their titles.
    PackageList {
        /// The packages.
        items: Vec<PackageView>,
    }
}

query_type! {
    /// Which packages.
    #[derive(Debug)]
    pub struct ListPackages {
        /// Only of this kind.
        kind: PackageKind = optional(word_param()),
        page: PageRequest = part(),
    }
}

impl Editable for PackageView {
    const KIND: EditableKind = EditableKind::Package;
    const TARGET: TargetKind = TargetKind::Package;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(self)
    }
}

/// List packages.
///
/// In the order of their titles, accents and case aside.
#[utoipa::path(tag = "packages", operation_id = "listPackages", params(ListPackages, PageRequest),
    responses((status = 200, description = "A page of packages.", body = PackageList)))]
#[get("/v1/editorial/packages")]
pub async fn list_packages(
    secrets: Data<Secrets>,
    desk: Desk<may::ReadTaxonomy>,
    params: Params<ListPackages>,
) -> Result<PackageList> {
    let ListPackages { kind, page } = params.0;
    let binding = CursorBinding::new("packages", &kind);
    let after = page.after::<2>(&secrets, &binding)?;
    let fetch = page.fetch();
    let (packages, articles) = desk
        .read(move |conn, _| {
            let packages = store::list(conn, kind, after, fetch)?;
            let ids: Vec<PackageId> = packages.iter().map(|package| package.id).collect();
            let articles = store::articles_of(conn, &ids)?;
            Ok((packages, articles))
        })
        .await?;
    let (packages, page) = page.finish(packages, &secrets, &binding, |package| {
        [package.sort_key.clone(), package.id.to_string()]
    })?;
    let mut by_package: HashMap<PackageId, Vec<ArticleId>> = HashMap::new();
    for (package, article) in articles {
        by_package.entry(package).or_default().push(article);
    }
    let view = |package: Package| {
        let ids = by_package.remove(&package.id).unwrap_or_default();
        PackageView::new(package, ids)
    };
    let items = packages.into_iter().map(view).collect();
    Ok(PackageList { items, page })
}

/// Create a package.
///
/// Readers get those of its articles that are live.
#[utoipa::path(tag = "packages", operation_id = "createPackage", request_body = NewPackage,
    responses((status = 201, description = "The package.", body = PackageView, headers(("ETag")))))]
#[post("/v1/editorial/packages")]
pub async fn create_package(desk: Desk<may::ManagePackages>, body: Body<NewPackage>) -> Result<HttpResponse> {
    let (package, article_ids) = body.value.into_package(desk.now());
    let view = PackageView::new(package.clone(), article_ids);
    let written = view.clone();
    desk.write(move |conn, desk| {
        record_new(conn, desk, &written, &["kind", "title", "article_ids"])?;
        store::insert(conn, &package, &written.article_ids)
    })
    .await?;
    Ok(created(&format!("/v1/editorial/packages/{}", view.id), 1, &view))
}

/// Read a package for editing.
///
/// The package with its ETag for changing it.
#[utoipa::path(tag = "packages", operation_id = "getPackageForEditing",
    responses((status = 200, description = "The package.", body = PackageView, headers(("ETag")))))]
#[get("/v1/editorial/packages/{package_id}")]
pub async fn get_package_for_editing(
    desk: Desk<may::ReadTaxonomy>,
    id: PathId<PackageId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let view = desk
        .read(move |conn, _| {
            let package = store::get(conn, id.0)?;
            PackageView::load(conn, package)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change a package.
///
/// Its articles are replaced whole.
#[utoipa::path(tag = "packages", operation_id = "updatePackage", params(IfMatch), request_body = PackagePatch,
    responses((status = 200, description = "The package.", body = PackageView)))]
#[patch("/v1/editorial/packages/{package_id}")]
pub async fn update_package(
    desk: Desk<may::ManagePackages>,
    id: PathId<PackageId>,
    if_match: IfMatch,
    body: Body<PackagePatch>,
) -> Result<HttpResponse> {
    let (patch, id) = (body.value, id.0);
    let view = desk
        .write(move |conn, desk| {
            let old = store::get_locked(conn, id)?;
            let before = PackageView::load(conn, old.clone())?;
            check_version(conn, if_match, &before)?;
            let (mut package, mut changed) = patch.apply(&old);
            package.sort_key = folded(&package.title);
            let article_ids = patch.article_ids.clone().unwrap_or(before.article_ids.clone());
            if article_ids != before.article_ids {
                changed.push("article_ids");
            }
            if changed.is_empty() {
                return Ok(before);
            }
            package.version += 1;
            package.updated_at = desk.now;
            let after = PackageView::new(package.clone(), article_ids);
            record_edit(conn, desk, &before, &after, &changed)?;
            let articles = changed.contains(&"article_ids").then_some(after.article_ids.as_slice());
            store::update(conn, &package, articles)?;
            Ok(after)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Delete a package.
///
/// Its articles stay as they are.
#[utoipa::path(tag = "packages", operation_id = "deletePackage", params(IfMatch),
    responses((status = 204, description = "The package is gone.")))]
#[delete("/v1/editorial/packages/{package_id}")]
pub async fn delete_package(
    desk: Desk<may::ManagePackages>,
    id: PathId<PackageId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let id = id.0;
    desk.write(move |conn, desk| {
        let package = store::get_locked(conn, id)?;
        let view = PackageView::load(conn, package)?;
        check_version(conn, if_match, &view)?;
        record_deletion(conn, desk, &view)?;
        store::delete(conn, id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
