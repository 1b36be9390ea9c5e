//! Moving and deleting sections: the paths below and the links of live articles follow.

use actix_web::{HttpResponse, delete, post};

use super::endpoints::{audit_change, check_scope, save};
use super::view::{SectionView, child_path, position};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, DeskContext, may};
use crate::access::change_log::{self, EditableKind};
use crate::access::editing::{Editable, check_version};
use crate::articles::schedules::store as schedules;
use crate::articles::store as articles;
use crate::base::db::Conn;
use crate::base::db::dialect::{self, Generation};
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, versioned};
use crate::base::http::path::PathId;
use crate::base::http::query::{self, Params};
use crate::base::http::query_type::id_param;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::id;
use crate::base::ids::SectionId;
use crate::events::webhooks::store as webhooks;
use crate::published::previews::store as previews;
use crate::published::section_links;
use crate::site::sections::{Section, SectionTree, store};
use crate::site::settings::Site;
use crate::{body_type, query_type};

body_type! {
    /// Where a section goes.
    pub struct SectionMove {
        /// The section above it from now on; null for the top. It must be given.
        pub parent_id: SectionId = given(id()),
        /// Its place among its new siblings.
        pub position: i32 = optional(position()),
    }
}

/// Move a section.
///
/// Puts it below another section, or at the top, with all below it. Old paths of sections lead to
/// the new; paths of articles stay. Moving a section below itself is 409 `section_cycle`.
#[utoipa::path(tag = "sections", operation_id = "moveSection", params(IfMatch), request_body = SectionMove,
    responses((status = 200, description = "The section.", body = SectionView), Conflict))]
#[post("/v1/editorial/sections/{section_id}/actions/move")]
pub async fn move_section(
    desk: Desk<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    body: Body<SectionMove>,
) -> Result<HttpResponse> {
    let to = body.value;
    let section = desk
        .write(move |conn, desk| {
            let (site, tree) = store::lock_tree(conn)?;
            let old = tree.get(id.0).ok_or_else(Error::not_found)?;
            check_scope(desk.actor, Some(&old.path))?;
            check_scope(
                desk.actor,
                to.parent_id
                    .and_then(|id| tree.get(id))
                    .map(|parent| parent.path.as_str()),
            )?;
            check_version(conn, if_match, old)?;
            tree.check_place(Some(id.0), to.parent_id)?;
            let section = relocate(conn, &site, &tree, old, to.parent_id, to.position, desk)?;
            let act = AuditEvent::on("section.move", TargetKind::Section, id.0.as_str());
            audit_change(conn, desk, act, old, &section)?;
            Ok(section)
        })
        .await?;
    Ok(versioned(section.version, &SectionView::from(&section)))
}

fn relocate(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    old: &Section,
    parent: Option<SectionId>,
    position: Option<i32>,
    desk: &DeskContext<'_>,
) -> Result<Section> {
    let path = child_path(site, tree, parent, &old.slug)?;
    let moved = Section {
        parent_id: parent,
        path,
        position: position.unwrap_or(old.position),
        ..old.clone()
    };
    let mut changed = Vec::new();
    if moved.parent_id != old.parent_id {
        changed.push("parent_id");
    }
    if moved.position != old.position {
        changed.push("position");
    }
    let parent_changed = moved.parent_id != old.parent_id;
    let moved = save(conn, site, tree, moved, &changed, desk)?;
    if parent_changed {
        relink_below(conn, tree, old)?;
        dialect::raise_generations(conn, &mut [Generation::Articles])?;
    }
    Ok(moved)
}

/// Rewrites the ancestor links of the live articles below a section that has just moved.
fn relink_below(conn: &mut Conn, old_tree: &SectionTree, old: &Section) -> Result<()> {
    let new_tree = SectionTree::load(conn)?;
    let above = |tree: &SectionTree| -> Vec<SectionId> {
        let parent = tree.get(old.id).and_then(|section| section.parent_id);
        parent
            .map(|id| tree.lineage(id).iter().map(|section| section.id).collect())
            .unwrap_or_default()
    };
    let affected: Vec<SectionId> = above(old_tree).into_iter().chain(above(&new_tree)).collect();
    let rebuilt: Vec<(SectionId, Vec<SectionId>)> = affected
        .iter()
        .map(|id| {
            (
                *id,
                new_tree.subtree(*id).into_iter().filter(|below| below != id).collect(),
            )
        })
        .collect();
    section_links::relink(conn, &old_tree.subtree(old.id), &affected, &rebuilt)
}

query_type! {
    /// Where the content of a deleted section goes.
    #[derive(Debug)]
    pub struct DeleteSection {
        /// The section that takes its subsections and articles.
        move_to: SectionId = optional(id_param()),
    }
}

/// Delete a section.
///
/// One with subsections or articles is 409 `section_not_empty` with their counts, unless `move_to`
/// names the section that takes them. Its paths lead there, or answer 410. Webhooks that are about it
/// are turned off.
#[utoipa::path(tag = "sections", operation_id = "deleteSection", params(IfMatch, DeleteSection),
    responses((status = 204, description = "The section is gone."), Conflict))]
#[delete("/v1/editorial/sections/{section_id}")]
pub async fn delete_section(
    desk: Desk<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    params: Params<DeleteSection>,
) -> Result<HttpResponse> {
    desk.write(move |conn, desk| {
        let (site, tree) = store::lock_tree(conn)?;
        let section = tree.get(id.0).ok_or_else(Error::not_found)?;
        check_scope(desk.actor, Some(&section.path))?;
        check_version(conn, if_match, section)?;
        let act = AuditEvent::on("section.delete", TargetKind::Section, id.0.as_str()).before(section.digest()?);
        let moved_to = params.0.move_to.map(|to| to.to_string());
        audit::record(conn, desk.actor, act.detail("move_to", moved_to), desk.now)?;
        webhooks::turn_off_of_section(conn, section.id, desk.now)?;
        let Some(to) = params.0.move_to else {
            refuse_unless_empty(conn, &tree, section)?;
            section_links::unlink(conn, section.id)?;
            store::delete(conn, &site, section, None, desk.now)?;
            return change_log::forget(conn, EditableKind::Section, id.0.as_str());
        };
        move_contents(conn, &site, &tree, section, to, desk)?;
        let successor = store::get(conn, to)?;
        section_links::unlink(conn, section.id)?;
        store::delete(conn, &site, section, Some(&successor), desk.now)?;
        change_log::forget(conn, EditableKind::Section, id.0.as_str())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How many articles have this section as primary or secondary, live, waiting to be, or not.
fn article_count(conn: &mut Conn, id: SectionId) -> Result<i64> {
    let working = articles::count_in_section(conn, id)?;
    let live = section_links::count_elsewhere(conn, id)?;
    Ok(working + live + schedules::count_elsewhere(conn, id)?)
}

fn refuse_unless_empty(conn: &mut Conn, tree: &SectionTree, section: &Section) -> Result<()> {
    let children = i64::try_from(tree.children_of(Some(section.id)).len()).unwrap_or(i64::MAX);
    let articles = article_count(conn, section.id)?;
    if children == 0 && articles == 0 {
        return Ok(());
    }
    let problem = Error::new(Code::SectionNotEmpty)
        .with("children_count", children)
        .with("article_count", articles);
    Err(problem
        .extra("children_count", children)
        .extra("article_count", articles))
}

/// Moves the content of a section into another one.
fn move_contents(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    from: &Section,
    to: SectionId,
    desk: &DeskContext<'_>,
) -> Result<()> {
    let unknown = || query::invalid("move_to", "another section that is not below this one");
    if tree.get(to).is_none() || tree.subtree(from.id).contains(&to) {
        return Err(unknown());
    }
    for child in tree.children_of(Some(from.id)) {
        // Each move changes paths below it, so the next one starts from the tree as it is now.
        let tree = SectionTree::load(conn)?;
        tree.check_place(Some(*child), Some(to)).map_err(|_| unknown())?;
        let child = tree.get(*child).ok_or_else(Error::not_found)?;
        relocate(conn, site, &tree, child, Some(to), None, desk)?;
    }
    articles::move_section(conn, from.id, to)?;
    section_links::move_section(conn, from.id, to)?;
    schedules::move_section(conn, from.id, to)?;
    previews::move_section(conn, from.id, to)?;
    let tree = SectionTree::load(conn)?;
    let above = |id: SectionId| {
        tree.lineage(id)
            .iter()
            .skip(1)
            .map(|section| section.id)
            .collect::<Vec<_>>()
    };
    let affected: Vec<SectionId> = above(from.id).into_iter().chain(above(to)).collect();
    let rebuilt: Vec<(SectionId, Vec<SectionId>)> = affected
        .iter()
        .map(|id| (*id, tree.subtree(*id).into_iter().filter(|below| below != id).collect()))
        .collect();
    section_links::relink(conn, &[to], &affected, &rebuilt)
}
