//! List, make, read and change sections.

use actix_web::{HttpResponse, get, patch, post};

use super::view::{NewSection, SectionList, SectionPatch, SectionView, child_path, labels_json, new_section};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, Desk, DeskContext, Permission, PermissionSubject, may};
use crate::access::change_log::{self, EditableKind};
use crate::access::editing::{Editable, check_version, record_new};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::SectionId;
use crate::events::outbox::data::SectionMovedEventData;
use crate::events::outbox::{Event, EventData, EventKind, announce};
use crate::site::comment_policy;
use crate::site::sections::{Section, SectionTree, store};
use crate::site::settings::Site;

/// List sections.
///
/// The whole tree, each section before those below it.
#[utoipa::path(tag = "sections", operation_id = "listSectionsForEditing",
    responses((status = 200, description = "The tree.", body = SectionList)))]
#[get("/v1/editorial/sections")]
pub async fn list_sections_for_editing(desk: Desk<may::ReadTaxonomy>, _: Params<NoParams>) -> Result<SectionList> {
    let tree = desk.read(|conn, _| SectionTree::load(conn)).await?;
    let items = tree.in_order().into_iter().map(SectionView::from).collect();
    Ok(SectionList {
        items,
        page: PageInfo::whole(),
    })
}

/// Create a section.
///
/// Its path is public at once. Slugs are unique among siblings.
#[utoipa::path(tag = "sections", operation_id = "createSection", request_body = NewSection,
    responses((status = 201, description = "The section.", body = SectionView, headers(("ETag")))))]
#[post("/v1/editorial/sections")]
pub async fn create_section(desk: Desk<may::ManageSections>, body: Body<NewSection>) -> Result<HttpResponse> {
    let new = body.value;
    let section = desk
        .write(move |conn, desk| {
            let (site, tree) = store::lock_tree(conn)?;
            let parent = new.parent_id.and_then(|id| tree.get(id));
            check_scope(desk.actor, parent.map(|parent| parent.path.as_str()))?;
            let section = new_section(&site, &tree, &new, desk.now)?;
            store::insert(conn, &site, &section, desk.now)?;
            record_new(conn, desk, &section, &["label", "slug", "parent_id"])?;
            Ok(section)
        })
        .await?;
    Ok(created(
        &format!("/v1/editorial/sections/{}", section.id),
        section.version,
        &SectionView::from(&section).with_warnings(body.findings, desk.language),
    ))
}

/// A grant in a section covers everything below it; the top level needs a grant without a section.
pub fn check_scope(actor: &Actor, path: Option<&str>) -> Result<()> {
    match path {
        None => actor.check_everywhere(Permission::ManageSections),
        Some(path) => {
            // A section is in every language: a grant for one language does not cover it.
            let subject = PermissionSubject {
                section_path: Some(path),
                ..Default::default()
            };
            actor.check(Permission::ManageSections, &subject)
        }
    }
}

/// Read a section.
///
/// The section with its ETag for changing it.
#[utoipa::path(tag = "sections", operation_id = "getSectionForEditing",
    responses((status = 200, description = "The section.", body = SectionView, headers(("ETag")))))]
#[get("/v1/editorial/sections/{section_id}")]
pub async fn get_section_for_editing(
    desk: Desk<may::ReadTaxonomy>,
    id: PathId<SectionId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let section = desk.read(move |conn, _| store::get(conn, id.0)).await?;
    Ok(versioned(section.version, &SectionView::from(&section)))
}

/// Change a section.
///
/// A new name shows in every list at once. A new slug moves the section and all below it; their old
/// paths lead to the new ones, and paths of articles stay.
#[utoipa::path(tag = "sections", operation_id = "updateSection", params(IfMatch), request_body = SectionPatch,
    responses((status = 200, description = "The section.", body = SectionView)))]
#[patch("/v1/editorial/sections/{section_id}")]
pub async fn update_section(
    desk: Desk<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    body: Body<SectionPatch>,
) -> Result<HttpResponse> {
    let patch = body.value;
    let section = desk
        .write(move |conn, desk| {
            let (site, tree) = store::lock_tree(conn)?;
            let old = tree.get(id.0).ok_or_else(Error::not_found)?;
            check_scope(desk.actor, Some(&old.path))?;
            check_version(conn, if_match, old)?;
            let (section, changed) = patched(&site, &tree, old, &patch)?;
            let section = save(conn, &site, &tree, section, &changed, desk)?;
            if !changed.is_empty() {
                let act = AuditEvent::on("section.edit", TargetKind::Section, id.0.as_str()).detail("fields", changed);
                audit_change(conn, desk, act, old, &section)?;
            }
            Ok(section)
        })
        .await?;
    let view = SectionView::from(&section).with_warnings(body.findings, desk.language);
    Ok(versioned(section.version, &view))
}

fn patched(
    site: &Site,
    tree: &SectionTree,
    old: &Section,
    patch: &SectionPatch,
) -> Result<(Section, Vec<&'static str>)> {
    let (mut section, mut changed) = patch.apply(old);
    if let Some(slug) = &patch.slug {
        section.path = child_path(site, tree, old.parent_id, slug)?;
    }
    let mut labels = old.labels();
    patch.labels.clone().apply_or_default(&mut labels);
    section.labels = labels_json(&labels)?;
    let mut policy = old.comment_policy();
    patch.comment_policy.clone().apply(&mut policy);
    section.comment_policy = comment_policy::to_column(policy.as_ref())?;
    let kept_as_json = [
        ("labels", section.labels != old.labels),
        ("comment_policy", section.comment_policy != old.comment_policy),
    ];
    changed.extend(
        kept_as_json
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name),
    );
    Ok((section, changed))
}

/// Writes what an act made of a section, `old`, into the audit.
pub fn audit_change(
    conn: &mut Conn,
    desk: &DeskContext<'_>,
    act: AuditEvent<'_>,
    old: &Section,
    new: &Section,
) -> Result<()> {
    audit::record(
        conn,
        desk.actor,
        act.before(old.digest()?).after(new.digest()?),
        desk.now,
    )
}

/// Tells others that a section has another path, and with it all below it.
fn announce_move(conn: &mut Conn, tree: &SectionTree, old: &Section, new: &Section, now: Time) -> Result<()> {
    let data = SectionMovedEventData {
        section_id: new.id,
        path_before: old.path.clone(),
        path: new.path.clone(),
    };
    let above = [Some(new.id), new.parent_id].into_iter().flatten();
    let concerned = above.flat_map(|id| tree.lineage(id)).map(|section| section.id);
    let event = Event::new(EventKind::SectionMoved, EventData::SectionMoved(data));
    announce(conn, &event.within(concerned), now)
}

/// Writes a section as its next version; nothing where nothing changed.
pub fn save(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    mut section: Section,
    changed: &[&str],
    desk: &DeskContext<'_>,
) -> Result<Section> {
    if !changed.is_empty() {
        section.version += 1;
        section.updated_at = desk.now;
        store::update(conn, site, tree, &section, desk.now)?;
        change_log::record(
            conn,
            EditableKind::Section,
            section.id.as_str(),
            section.version,
            Some(desk.actor.user_id),
            changed,
            desk.now,
        )?;
        if let Some(old) = tree.get(section.id).filter(|old| old.path != section.path) {
            announce_move(conn, tree, old, &section, desk.now)?;
        }
    }
    Ok(section)
}
