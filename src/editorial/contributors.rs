//! Contributors at the desk: make, change, delete.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::error::{Language, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::{DeskCountRequest, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::ids::ContributorId;
use crate::base::secrets::Secrets;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::body::image::Image;
use crate::editorial::tags::answer;
use crate::list_type;
use crate::published::links::count_live_with_contributor;
use crate::published::press::lock_presses;
use crate::published::repress::{RepressOutcome, RepressSubject as Pressed, repress_all_showing};
use crate::site::contributors::input::{ContributorPatch, NewContributor, changed};
use crate::site::contributors::listing::ListContributorsForEditing;
use crate::site::contributors::{Contributor, store};
use crate::site::settings;

/// A contributor as editors see one.
#[derive(Serialize, ToSchema)]
pub struct ContributorView {
    /// The contributor's id.
    pub id: ContributorId,
    /// The last segment of their path.
    pub slug: String,
    /// Their name.
    pub name: String,
    /// What they are at the paper.
    pub role: Option<String>,
    /// Who they are.
    pub bio: Option<String>,
    /// Their picture.
    pub image: Option<Image>,
    /// Whether articles may still be signed by them.
    pub is_active: bool,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When the contributor was made.
    pub created_at: Time,
    /// When the contributor was changed last.
    pub updated_at: Time,
    /// What is wrong with the texts that this request wrote; empty where it wrote none.
    pub warnings: Vec<TextWarning>,
}

impl From<Contributor> for ContributorView {
    fn from(contributor: Contributor) -> Self {
        Self {
            image: contributor.image(),
            id: contributor.id,
            slug: contributor.slug,
            name: contributor.name,
            role: contributor.role,
            bio: contributor.bio,
            is_active: contributor.is_active,
            version: contributor.version,
            created_at: contributor.created_at,
            updated_at: contributor.updated_at,
            warnings: Vec::new(),
        }
    }
}

impl ContributorView {
    fn with_warnings(self, findings: Vec<TextFinding>, language: Language) -> Self {
        Self {
            warnings: in_language(findings, language),
            ..self
        }
    }
}

list_type! {
    /// A page of contributors, in the order of their names.
    ContributorList {
        /// The contributors.
        items: Vec<ContributorView>,
    }
}

impl Editable for Contributor {
    const KIND: EditableKind = EditableKind::Contributor;
    const TARGET: TargetKind = TargetKind::Contributor;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(ContributorView::from(self.clone()))
    }
}

/// List contributors.
///
/// Every contributor, active or not, in the order of their name, accents and case aside.
#[utoipa::path(tag = "contributors", operation_id = "listContributorsForEditing", params(ListContributorsForEditing, DeskCountRequest, PageRequest),
    responses((status = 200, description = "A page of contributors.", body = ContributorList)))]
#[get("/v1/editorial/contributors")]
pub async fn list_contributors_for_editing(
    secrets: Data<Secrets>,
    desk: Desk<may::ReadTaxonomy>,
    params: Params<ListContributorsForEditing>,
) -> Result<ContributorList> {
    let (contributors, page) = desk
        .read(move |conn, _| params.0.page_of(conn, &secrets, "contributors", None))
        .await?;
    Ok(ContributorList {
        items: contributors.into_iter().map(ContributorView::from).collect(),
        page,
    })
}

/// Create a contributor.
///
/// Their path is public at once.
#[utoipa::path(tag = "contributors", operation_id = "createContributor", request_body = NewContributor,
    responses((status = 201, description = "The contributor.", body = ContributorView, headers(("ETag")))))]
#[post("/v1/editorial/contributors")]
pub async fn create_contributor(desk: Desk<may::ManageTags>, body: Body<NewContributor>) -> Result<HttpResponse> {
    let contributor = body.value.into_contributor(desk.now())?;
    let inserted = contributor.clone();
    desk.write(move |conn, desk| {
        let site = settings::load(conn)?;
        store::insert(conn, &site, &inserted, desk.now)?;
        record_new(conn, desk, &inserted, &["name", "slug"])
    })
    .await?;
    let view = ContributorView::from(contributor).with_warnings(body.findings, desk.language);
    Ok(created(&format!("/v1/editorial/contributors/{}", view.id), 1, &view))
}

/// Read a contributor.
///
/// The contributor with their ETag for changing them.
#[utoipa::path(tag = "contributors", operation_id = "getContributorForEditing",
    responses((status = 200, description = "The contributor.", body = ContributorView, headers(("ETag")))))]
#[get("/v1/editorial/contributors/{contributor_id}")]
pub async fn get_contributor_for_editing(
    desk: Desk<may::ReadTaxonomy>,
    id: PathId<ContributorId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let contributor = desk.read(move |conn, _| store::get(conn, id.0)).await?;
    Ok(versioned(contributor.version, &ContributorView::from(contributor)))
}

/// Change a contributor.
///
/// Live articles that they signed show the change at once where they are 50 or fewer; else the answer
/// is 202 and they follow in the background. The old path leads to the new.
#[utoipa::path(tag = "contributors", operation_id = "updateContributor", params(IfMatch), request_body = ContributorPatch,
    responses((status = 200, description = "The contributor; every live article shows the change.", body = ContributorView),
              (status = 202, description = "The contributor; live articles follow shortly.", body = ContributorView)))]
#[patch("/v1/editorial/contributors/{contributor_id}")]
pub async fn update_contributor(
    desk: Desk<may::ManageTags>,
    id: PathId<ContributorId>,
    if_match: IfMatch,
    body: Body<ContributorPatch>,
) -> Result<HttpResponse> {
    let (patch, id) = (body.value, id.0);
    let (contributor, repressed) = desk
        .write(move |conn, desk| {
            lock_presses(conn)?;
            let old = store::get_locked(conn, id)?;
            check_version(conn, if_match, &old)?;
            let (mut contributor, changed) = changed(&patch, &old)?;
            if changed.is_empty() {
                return Ok((contributor, RepressOutcome::Now));
            }
            contributor.version += 1;
            contributor.updated_at = desk.now;
            let site = settings::load(conn)?;
            store::update(conn, &site, &contributor, desk.now)?;
            record_edit(conn, desk, &old, &contributor, &changed)?;
            let repressed = repress_all_showing(conn, Pressed::Contributor(id), desk.now)?;
            Ok((contributor, repressed))
        })
        .await?;
    let view = ContributorView::from(contributor).with_warnings(body.findings, desk.language);
    Ok(answer(repressed, view.version, &view))
}

/// Delete a contributor.
///
/// One who signed articles, live or not, is 409 `in_use`. Their path answers 410 from now on.
#[utoipa::path(tag = "contributors", operation_id = "deleteContributor", params(IfMatch),
    responses((status = 204, description = "The contributor is gone."), Conflict))]
#[delete("/v1/editorial/contributors/{contributor_id}")]
pub async fn delete_contributor(
    desk: Desk<may::ManageTags>,
    id: PathId<ContributorId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let id = id.0;
    desk.write(move |conn, desk| {
        let contributor = store::get_locked(conn, id)?;
        check_version(conn, if_match, &contributor)?;
        let site = settings::load(conn)?;
        let live = count_live_with_contributor(conn, id)?;
        store::delete(conn, &site, &contributor, live, desk.now)?;
        record_deletion(conn, desk, &contributor)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
