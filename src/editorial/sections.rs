//! Sections at the desk: make, change, move, delete.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::access::audit::{AuditEvent, TargetKind};
use crate::access::auth::{Actor, Permission, PermissionSubject, Require, may};
use crate::access::change_log::EditableKind;
use crate::access::{audit, change_log};
use crate::articles::schedules::store as schedules;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::dialect::Generation;
use crate::base::db::{Conn, Db, dialect};
use crate::base::error::{Code, Error, FieldCode, FieldError, Language, Result};
use crate::base::http::body::{Body, BodyMedia, FromBody};
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::fields::{At, Fields, Patch, line, parsed, small_integer, text};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query;
use crate::base::http::query::{FromQuery, NoParams, Params, Query};
use crate::base::http::responses::Conflict;
use crate::base::ids::{SectionId, UserId};
use crate::base::locale::read_labels;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::base::{limits, slug};
use crate::published::previews::store as previews;
use crate::published::section_links;
use crate::site::comment_policy;
use crate::site::comment_policy::CommentPolicy;
use crate::site::sections::{Section, SectionTree, store};
use crate::site::settings::Site;

/// A section as editors see it.
#[derive(Serialize, ToSchema)]
pub struct SectionView {
    /// The section's id.
    pub id: SectionId,
    /// The section above it; null at the top.
    pub parent_id: Option<SectionId>,
    /// The last segment of its path.
    pub slug: String,
    /// Its path, without the prefix of a language.
    pub path: String,
    /// Its name in the site's first language.
    pub label: String,
    /// Its names in other languages, by language.
    pub labels: BTreeMap<String, String>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings: the lowest first.
    pub position: i32,
    /// How its articles take comments; null to follow the section above, or the site.
    pub comment_policy: Option<CommentPolicy>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// What is wrong with the texts that this request wrote; empty where it wrote none.
    pub warnings: Vec<TextWarning>,
}

impl From<&Section> for SectionView {
    fn from(section: &Section) -> Self {
        Self {
            id: section.id,
            parent_id: section.parent_id,
            slug: section.slug.clone(),
            path: section.path.clone(),
            label: section.label.clone(),
            labels: section.labels(),
            description: section.description.clone(),
            colour: section.colour.clone(),
            position: section.position,
            comment_policy: section.comment_policy(),
            version: section.version,
            created_at: section.created_at,
            updated_at: section.updated_at,
            warnings: Vec::new(),
        }
    }
}

impl SectionView {
    fn with_warnings(self, findings: Vec<TextFinding>, language: Language) -> Self {
        Self {
            warnings: in_language(findings, language),
            ..self
        }
    }
}

/// Every section, each before those below it.
#[derive(Serialize, ToSchema)]
pub struct SectionList {
    /// The sections.
    pub items: Vec<SectionView>,
    /// The list is always whole.
    pub page: PageInfo,
}

/// A section to be made.
#[derive(ToSchema)]
pub struct NewSection {
    /// Its name in the site's first language.
    pub label: String,
    /// The last segment of its path; made of the label where it is not given.
    pub slug: Option<String>,
    /// The section above it.
    pub parent_id: Option<SectionId>,
    /// Its names in other languages, by language.
    pub labels: Option<BTreeMap<String, String>>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings: the lowest first.
    #[schema(minimum = 0, maximum = 100000)]
    pub position: Option<i32>,
    /// How its articles take comments.
    pub comment_policy: Option<CommentPolicy>,
}

impl FromBody for NewSection {
    const IS_TEXT: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let label = fields.required("label", line(limits::LABEL));
        Some(Self {
            slug: fields.optional("slug", slug::read),
            parent_id: fields.optional("parent_id", parsed(36, "a UUID", SectionId::parse)),
            labels: fields.optional("labels", read_labels),
            description: fields.optional("description", text(limits::DESCRIPTION)),
            colour: fields.optional("colour", read_colour),
            position: fields.optional("position", read_position),
            comment_policy: fields.optional("comment_policy", comment_policy::read),
            label: label?,
        })
    }
}

/// A change of a section. Its place in the tree changes by `move`.
#[derive(ToSchema)]
pub struct SectionPatch {
    /// Another name in the site's first language.
    #[schema(nullable = false)]
    pub label: Option<String>,
    /// Another last segment of its path; the old paths lead to the new.
    #[schema(nullable = false)]
    pub slug: Option<String>,
    /// Other names in other languages, in place of all it has.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub labels: Patch<BTreeMap<String, String>>,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    /// `#rrggbb`.
    #[schema(value_type = Option<String>)]
    pub colour: Patch<String>,
    /// Its place among its siblings: the lowest first.
    #[schema(minimum = 0, maximum = 100000, nullable = false)]
    pub position: Option<i32>,
    /// How its articles take comments.
    #[schema(value_type = Option<CommentPolicy>)]
    pub comment_policy: Patch<CommentPolicy>,
}

impl FromBody for SectionPatch {
    const IS_TEXT: bool = true;
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            label: fields.change("label", line(limits::LABEL)),
            slug: fields.change("slug", slug::read),
            labels: fields.patch("labels", read_labels),
            description: fields.patch("description", text(limits::DESCRIPTION)),
            colour: fields.patch("colour", read_colour),
            position: fields.change("position", read_position),
            comment_policy: fields.patch("comment_policy", comment_policy::read),
        })
    }
}

fn read_position(at: &mut At<'_>, value: serde_json::Value) -> Option<i32> {
    small_integer(0, 100_000)(at, value)
}

fn read_colour(at: &mut At<'_>, value: serde_json::Value) -> Option<String> {
    parsed(7, "a colour such as #b3261e", |text| {
        let digits = text.strip_prefix('#')?;
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
    })(at, value)
}

/// List sections.
///
/// The whole tree, each section before those below it.
#[utoipa::path(tag = "sections", operation_id = "listSectionsForEditing",
    responses((status = 200, description = "The tree.", body = SectionList)))]
#[get("/v1/editorial/sections")]
pub async fn list_sections_for_editing(
    db: Data<Db>,
    _: Require<may::ReadTaxonomy>,
    _: Params<NoParams>,
) -> Result<Json<SectionList>> {
    let tree = db.read(SectionTree::load).await?;
    let items = tree.in_order().into_iter().map(SectionView::from).collect();
    Ok(Json(SectionList {
        items,
        page: PageInfo::whole(),
    }))
}

/// Create a section.
///
/// Its path is public at once. Siblings differ by slug.
#[utoipa::path(tag = "sections", operation_id = "createSection", request_body = NewSection,
    responses((status = 201, description = "The section.", body = SectionView)))]
#[post("/v1/editorial/sections")]
pub async fn create_section(
    db: Data<Db>,
    actor: Require<may::ManageSections>,
    language: Language,
    body: Body<NewSection>,
) -> Result<HttpResponse> {
    let (actor, now) = (actor.into_actor(), db.clock().now());
    let new = body.value;
    let section = db
        .write(move |conn| {
            let (site, tree) = store::lock_tree(conn)?;
            let parent = new.parent_id.and_then(|id| tree.get(id));
            check_scope(&actor, parent.map(|parent| parent.path.as_str()))?;
            let section = build(&site, &tree, &new, now)?;
            store::insert(conn, &site, &section, now)?;
            let fields = ["label", "slug", "parent_id"];
            change_log::record(
                conn,
                EditableKind::Section,
                section.id.as_str(),
                1,
                Some(actor.user_id),
                &fields,
                now,
            )?;
            let act = AuditEvent::on("section.create", TargetKind::Section, section.id.as_str());
            audit::record(conn, &actor, act.after(digest(&section)?), now)?;
            Ok(section)
        })
        .await?;
    Ok(created(
        &format!("/v1/editorial/sections/{}", section.id),
        section.version,
        &SectionView::from(&section).with_warnings(body.findings, language),
    ))
}

/// A grant in a section reaches what stands below it; the top level needs one without a section.
fn check_scope(actor: &Actor, path: Option<&str>) -> Result<()> {
    match path {
        None => actor.check_everywhere(Permission::ManageSections),
        Some(path) => {
            // A section stands in every language: a grant in one of them does not reach it.
            let subject = PermissionSubject {
                section_path: Some(path),
                ..Default::default()
            };
            actor.check(Permission::ManageSections, &subject)
        }
    }
}

fn build(site: &Site, tree: &SectionTree, new: &NewSection, now: Time) -> Result<Section> {
    tree.check_place(None, new.parent_id)?;
    if tree.len() >= limits::SECTIONS {
        let error = FieldError::new("", FieldCode::TooManySections).with("max", limits::SECTIONS);
        return Err(Error::field(error));
    }
    let id = SectionId::new();
    let slug = new
        .slug
        .clone()
        .unwrap_or_else(|| slug::from_title_or_id(&new.label, id.as_str()));
    Ok(Section {
        id,
        parent_id: new.parent_id,
        path: child_path(site, tree, new.parent_id, &slug)?,
        slug,
        label: new.label.clone(),
        labels: labels_json(&new.labels.clone().unwrap_or_default())?,
        description: new.description.clone(),
        colour: new.colour.clone(),
        position: new.position.unwrap_or(0),
        comment_policy: comment_policy::to_column(new.comment_policy.as_ref())?,
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// The path below a parent; a top-level slug must not be reserved.
fn child_path(site: &Site, tree: &SectionTree, parent: Option<SectionId>, slug: &str) -> Result<String> {
    match parent.and_then(|id| tree.get(id)) {
        Some(parent) => Ok(format!("{}/{slug}", parent.path)),
        None if site.reserves(slug) => Err(Error::field(
            FieldError::new("/slug", FieldCode::SlugReserved).with("slug", slug),
        )),
        None => Ok(format!("/{slug}")),
    }
}

fn labels_json(labels: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(labels).map_err(Error::internal)
}

/// Read a section.
///
/// The section with its ETag for changing it.
#[utoipa::path(tag = "sections", operation_id = "getSectionForEditing",
    responses((status = 200, description = "The section.", body = SectionView)))]
#[get("/v1/editorial/sections/{section_id}")]
pub async fn get_section_for_editing(
    db: Data<Db>,
    _: Require<may::ReadTaxonomy>,
    id: PathId<SectionId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let section = db.read(move |conn| store::get(conn, id.0)).await?;
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
    db: Data<Db>,
    actor: Require<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    language: Language,
    body: Body<SectionPatch>,
) -> Result<HttpResponse> {
    let (actor, now, patch) = (actor.into_actor(), db.clock().now(), body.value);
    let section = db
        .write(move |conn| {
            let (site, tree) = store::lock_tree(conn)?;
            let old = tree.get(id.0).ok_or_else(Error::not_found)?;
            check_scope(&actor, Some(&old.path))?;
            change_log::check(conn, if_match, EditableKind::Section, id.0.as_str(), old.version)?;
            let (section, changed) = patched(&site, &tree, old, &patch)?;
            let section = save(conn, &site, &tree, section, &changed, actor.user_id, now)?;
            if !changed.is_empty() {
                let act = AuditEvent::on("section.edit", TargetKind::Section, id.0.as_str()).detail("fields", changed);
                audit::record(conn, &actor, act.before(digest(old)?).after(digest(&section)?), now)?;
            }
            Ok(section)
        })
        .await?;
    let view = SectionView::from(&section).with_warnings(body.findings, language);
    Ok(versioned(section.version, &view))
}

fn patched(
    site: &Site,
    tree: &SectionTree,
    old: &Section,
    patch: &SectionPatch,
) -> Result<(Section, Vec<&'static str>)> {
    let mut section = old.clone();
    if let Some(label) = &patch.label {
        section.label.clone_from(label);
    }
    if let Some(slug) = &patch.slug {
        section.slug.clone_from(slug);
        section.path = child_path(site, tree, old.parent_id, slug)?;
    }
    let mut labels = section.labels();
    patch.labels.clone().apply_or_default(&mut labels);
    section.labels = labels_json(&labels)?;
    patch.description.clone().apply(&mut section.description);
    patch.colour.clone().apply(&mut section.colour);
    let mut policy = section.comment_policy();
    patch.comment_policy.clone().apply(&mut policy);
    section.comment_policy = comment_policy::to_column(policy.as_ref())?;
    section.position = patch.position.unwrap_or(section.position);
    let differs = [
        ("label", section.label != old.label),
        ("slug", section.slug != old.slug),
        ("labels", section.labels != old.labels),
        ("description", section.description != old.description),
        ("colour", section.colour != old.colour),
        ("position", section.position != old.position),
        ("comment_policy", section.comment_policy != old.comment_policy),
    ];
    let changed = differs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect();
    Ok((section, changed))
}

/// Writes a section as its next version; nothing where nothing changed.
fn save(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    mut section: Section,
    changed: &[&str],
    editor: UserId,
    now: Time,
) -> Result<Section> {
    if !changed.is_empty() {
        section.version += 1;
        section.updated_at = now;
        store::update(conn, site, tree, &section, now)?;
        change_log::record(
            conn,
            EditableKind::Section,
            section.id.as_str(),
            section.version,
            Some(editor),
            changed,
            now,
        )?;
    }
    Ok(section)
}

/// Where a section goes.
#[derive(ToSchema)]
pub struct SectionMove {
    /// The section above it from now on; null for the top. It must be given.
    #[schema(required)]
    pub parent_id: Option<SectionId>,
    /// Its place among its new siblings.
    #[schema(minimum = 0, maximum = 100000)]
    pub position: Option<i32>,
}

impl FromBody for SectionMove {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let position = fields.optional("position", read_position);
        if !fields.has("parent_id") {
            return fields.at().child("parent_id").fail(FieldCode::Required);
        }
        Some(Self {
            parent_id: fields.optional("parent_id", parsed(36, "a UUID", SectionId::parse)),
            position,
        })
    }
}

/// Move a section.
///
/// Puts it below another section, or at the top, with all below it. Old paths of sections lead to
/// the new; paths of articles stay. Below itself is 409 `section_cycle`.
#[utoipa::path(tag = "sections", operation_id = "moveSection", params(IfMatch), request_body = SectionMove,
    responses((status = 200, description = "The section.", body = SectionView), Conflict))]
#[post("/v1/editorial/sections/{section_id}/actions/move")]
pub async fn move_section(
    db: Data<Db>,
    actor: Require<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    body: Body<SectionMove>,
) -> Result<HttpResponse> {
    let (actor, now, to) = (actor.into_actor(), db.clock().now(), body.value);
    let section = db
        .write(move |conn| {
            let (site, tree) = store::lock_tree(conn)?;
            let old = tree.get(id.0).ok_or_else(Error::not_found)?;
            check_scope(&actor, Some(&old.path))?;
            check_scope(
                &actor,
                to.parent_id
                    .and_then(|id| tree.get(id))
                    .map(|parent| parent.path.as_str()),
            )?;
            change_log::check(conn, if_match, EditableKind::Section, id.0.as_str(), old.version)?;
            tree.check_place(Some(id.0), to.parent_id)?;
            let section = relocate(conn, &site, &tree, old, to.parent_id, to.position, actor.user_id, now)?;
            let act = AuditEvent::on("section.move", TargetKind::Section, id.0.as_str());
            audit::record(conn, &actor, act.before(digest(old)?).after(digest(&section)?), now)?;
            Ok(section)
        })
        .await?;
    Ok(versioned(section.version, &SectionView::from(&section)))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the two callers hold exactly these, and a struct would only rename them"
)]
fn relocate(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    old: &Section,
    parent: Option<SectionId>,
    position: Option<i32>,
    editor: UserId,
    now: Time,
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
    let moved = save(conn, site, tree, moved, &changed, editor, now)?;
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

/// Where the content of a deleted section goes.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteSection {
    /// The section that takes its subsections and articles.
    #[param(value_type = Option<String>, format = "uuid")]
    move_to: Option<SectionId>,
}

impl FromQuery for DeleteSection {
    const NAMES: &'static [&'static str] = &["move_to"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            move_to: query.parsed("move_to", "a UUID", SectionId::parse)?,
        })
    }
}

/// Delete a section.
///
/// One with subsections or articles is 409 `section_not_empty` with their counts, unless `move_to`
/// names the section that takes them. Its paths lead there, or answer 410.
#[utoipa::path(tag = "sections", operation_id = "deleteSection", params(IfMatch, DeleteSection),
    responses((status = 204, description = "The section is gone."), Conflict))]
#[delete("/v1/editorial/sections/{section_id}")]
pub async fn delete_section(
    db: Data<Db>,
    actor: Require<may::ManageSections>,
    id: PathId<SectionId>,
    if_match: IfMatch,
    params: Params<DeleteSection>,
) -> Result<HttpResponse> {
    let (actor, now) = (actor.into_actor(), db.clock().now());
    db.write(move |conn| {
        let (site, tree) = store::lock_tree(conn)?;
        let section = tree.get(id.0).ok_or_else(Error::not_found)?;
        check_scope(&actor, Some(&section.path))?;
        change_log::check(conn, if_match, EditableKind::Section, id.0.as_str(), section.version)?;
        let act = AuditEvent::on("section.delete", TargetKind::Section, id.0.as_str()).before(digest(section)?);
        let moved_to = params.0.move_to.map(|to| to.to_string());
        audit::record(conn, &actor, act.detail("move_to", moved_to), now)?;
        let Some(to) = params.0.move_to else {
            refuse_unless_empty(conn, &tree, section)?;
            section_links::unlink(conn, section.id)?;
            store::delete(conn, &site, section, None, now)?;
            return change_log::forget(conn, EditableKind::Section, id.0.as_str());
        };
        move_contents(conn, &site, &tree, section, to, actor.user_id, now)?;
        let successor = store::get(conn, to)?;
        section_links::unlink(conn, section.id)?;
        store::delete(conn, &site, section, Some(&successor), now)?;
        change_log::forget(conn, EditableKind::Section, id.0.as_str())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The digest of a section, for the audit.
fn digest(section: &Section) -> Result<String> {
    audit::digest(&SectionView::from(section))
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

/// Moves what stands in a section into another one.
fn move_contents(
    conn: &mut Conn,
    site: &Site,
    tree: &SectionTree,
    from: &Section,
    to: SectionId,
    editor: UserId,
    now: Time,
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
        relocate(conn, site, &tree, child, Some(to), None, editor, now)?;
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
