//! Contributors at the desk: make, change, delete.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Require, may};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::{Db, folded};
use crate::base::error::{Error, Language, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{boolean, line, text};
use crate::base::ids::ContributorId;
use crate::base::secrets::Secrets;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::base::{limits, slug};
use crate::body::image::{Image, image};
use crate::editorial::tags::answer;
use crate::published::links::count_live_with_contributor;
use crate::published::press::lock_presses;
use crate::published::repress::{RepressOutcome, RepressSubject as Pressed, repress_all_showing};
use crate::site::contributors::listing::ListContributors;
use crate::site::contributors::{Contributor, store};
use crate::site::settings;
use crate::{body_type, page_type};

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

page_type! {
    /// A page of contributors, in the order of their names.
    ContributorPage {
        /// The contributors.
        items: Vec<ContributorView>,
    }
}

body_type! {
    /// A contributor to be made.
    pub struct NewContributor [text] {
        /// Their name.
        pub name: String = required(line(limits::NAME)),
        /// The last segment of their path; made of the name where it is not given.
        pub slug: String = optional(slug::reader()),
        /// What they are at the paper.
        pub role: String = optional(line(limits::LABEL)),
        /// Who they are.
        pub bio: String = optional(text(limits::DESCRIPTION)),
        /// Their picture.
        pub image: Image = optional(image()),
    }
}

body_type! {
    /// A change of a contributor.
    pub struct ContributorPatch of Contributor [text] {
        /// Another name.
        pub name: String = change(line(limits::NAME)),
        /// Another last segment of their path; the old path leads to the new.
        pub slug: String = change(slug::reader()),
        /// What they are at the paper.
        pub role: String = patch(line(limits::LABEL)),
        /// Who they are.
        pub bio: String = patch(text(limits::DESCRIPTION)),
        /// Their picture.
        pub image: Image = patch_elsewhere(image()),
        /// Whether articles may still be signed by them.
        pub is_active: bool = change(boolean()),
    }
}

/// The contributor after the change, and the names of what changed: the picture is kept as JSON.
fn changed(patch: &ContributorPatch, old: &Contributor) -> Result<(Contributor, Vec<&'static str>)> {
    let (mut contributor, mut changed) = patch.apply(old);
    let mut image = old.image();
    patch.image.clone().apply(&mut image);
    contributor.image = image_json(image.as_ref())?;
    if contributor.image != old.image {
        changed.push("image");
    }
    Ok((contributor, changed))
}

fn image_json(image: Option<&Image>) -> Result<Option<String>> {
    image
        .map(|image| serde_json::to_string(image).map_err(Error::internal))
        .transpose()
}

/// List contributors.
///
/// Every contributor, active or not, in the order of their name, accents and case aside.
#[utoipa::path(tag = "contributors", operation_id = "listContributorsForEditing", params(ListContributors, CountRequest, PageRequest),
    responses((status = 200, description = "A page of contributors.", body = ContributorPage)))]
#[get("/v1/editorial/contributors")]
pub async fn list_contributors_for_editing(
    db: Data<Db>,
    secrets: Data<Secrets>,
    _: Require<may::ReadTaxonomy>,
    params: Params<ListContributors>,
) -> Result<Json<ContributorPage>> {
    let (contributors, page) = db
        .read(move |conn| params.0.page_of(conn, &secrets, "contributors", None))
        .await?;
    Ok(Json(ContributorPage {
        items: contributors.into_iter().map(ContributorView::from).collect(),
        page,
    }))
}

/// Create a contributor.
///
/// Their path is public at once.
#[utoipa::path(tag = "contributors", operation_id = "createContributor", request_body = NewContributor,
    responses((status = 201, description = "The contributor.", body = ContributorView, headers(("ETag")))))]
#[post("/v1/editorial/contributors")]
pub async fn create_contributor(
    db: Data<Db>,
    actor: Require<may::ManageTags>,
    language: Language,
    body: Body<NewContributor>,
) -> Result<HttpResponse> {
    let (actor, now, new) = (actor.into_actor(), db.clock().now(), body.value);
    let id = ContributorId::new();
    let contributor = Contributor {
        id,
        slug: new
            .slug
            .unwrap_or_else(|| slug::from_title_or_id(&new.name, id.as_str())),
        sort_key: folded(&new.name),
        name: new.name,
        role: new.role,
        bio: new.bio,
        image: image_json(new.image.as_ref())?,
        is_active: true,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let inserted = contributor.clone();
    db.write(move |conn| {
        let site = settings::load(conn)?;
        store::insert(conn, &site, &inserted, now)?;
        change_log::record(
            conn,
            EditableKind::Contributor,
            id.as_str(),
            1,
            Some(actor.user_id),
            &["name", "slug"],
            now,
        )?;
        let act = AuditEvent::on("contributor.create", TargetKind::Contributor, id.as_str());
        audit::record(conn, &actor, act.after(digest(&inserted)?), now)
    })
    .await?;
    Ok(created(
        &format!("/v1/editorial/contributors/{id}"),
        1,
        &ContributorView::from(contributor).with_warnings(body.findings, language),
    ))
}

/// Read a contributor.
///
/// The contributor with their ETag for changing them.
#[utoipa::path(tag = "contributors", operation_id = "getContributorForEditing",
    responses((status = 200, description = "The contributor.", body = ContributorView, headers(("ETag")))))]
#[get("/v1/editorial/contributors/{contributor_id}")]
pub async fn get_contributor_for_editing(
    db: Data<Db>,
    _: Require<may::ReadTaxonomy>,
    id: PathId<ContributorId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let contributor = db.read(move |conn| store::get(conn, id.0)).await?;
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
    db: Data<Db>,
    actor: Require<may::ManageTags>,
    id: PathId<ContributorId>,
    if_match: IfMatch,
    language: Language,
    body: Body<ContributorPatch>,
) -> Result<HttpResponse> {
    let (actor, now, patch, id) = (actor.into_actor(), db.clock().now(), body.value, id.0);
    let (contributor, repressed) = db
        .write(move |conn| {
            lock_presses(conn)?;
            let old = store::get_locked(conn, id)?;
            change_log::check(conn, if_match, EditableKind::Contributor, id.as_str(), old.version)?;
            let (mut contributor, changed) = changed(&patch, &old)?;
            if changed.is_empty() {
                return Ok((contributor, RepressOutcome::Now));
            }
            contributor.version += 1;
            contributor.updated_at = now;
            let site = settings::load(conn)?;
            store::update(conn, &site, &contributor, now)?;
            change_log::record(
                conn,
                EditableKind::Contributor,
                id.as_str(),
                contributor.version,
                Some(actor.user_id),
                &changed,
                now,
            )?;
            let act =
                AuditEvent::on("contributor.edit", TargetKind::Contributor, id.as_str()).detail("fields", changed);
            audit::record(
                conn,
                &actor,
                act.before(digest(&old)?).after(digest(&contributor)?),
                now,
            )?;
            let repressed = repress_all_showing(conn, Pressed::Contributor(id), now)?;
            Ok((contributor, repressed))
        })
        .await?;
    let view = ContributorView::from(contributor).with_warnings(body.findings, language);
    Ok(answer(repressed, view.version, &view))
}

/// Delete a contributor.
///
/// One who signed articles, live or not, is 409 `in_use`. Their path answers 410 from now on.
#[utoipa::path(tag = "contributors", operation_id = "deleteContributor", params(IfMatch),
    responses((status = 204, description = "The contributor is gone."), Conflict))]
#[delete("/v1/editorial/contributors/{contributor_id}")]
pub async fn delete_contributor(
    db: Data<Db>,
    actor: Require<may::ManageTags>,
    id: PathId<ContributorId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let (actor, id, now) = (actor.into_actor(), id.0, db.clock().now());
    db.write(move |conn| {
        let contributor = store::get_locked(conn, id)?;
        change_log::check(
            conn,
            if_match,
            EditableKind::Contributor,
            id.as_str(),
            contributor.version,
        )?;
        let site = settings::load(conn)?;
        let live = count_live_with_contributor(conn, id)?;
        store::delete(conn, &site, &contributor, live, now)?;
        let act =
            AuditEvent::on("contributor.delete", TargetKind::Contributor, id.as_str()).before(digest(&contributor)?);
        audit::record(conn, &actor, act, now)?;
        change_log::forget(conn, EditableKind::Contributor, id.as_str())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The digest of a contributor, for the audit.
fn digest(contributor: &Contributor) -> Result<String> {
    audit::digest(&ContributorView::from(contributor.clone()))
}
