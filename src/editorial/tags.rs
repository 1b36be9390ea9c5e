//! Tags at the desk: make, change, delete.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::tag_merge;
use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, DeskContext, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Language, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, etag, versioned};
use crate::base::http::page::{DeskCountRequest, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::id;
use crate::base::ids::TagId;
use crate::base::secrets::Secrets;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::published::links::count_live_with_tag;
use crate::published::press::lock_presses;
use crate::published::repress::{RepressOutcome, RepressSubject as Pressed, repress_all_showing};
use crate::site::settings;
use crate::site::tags::input::{NewTag, TagPatch};
use crate::site::tags::listing::{ListTagsForEditing, TagSelection};
use crate::site::tags::{Tag, TagKind, store};
use crate::{body_type, list_type};

/// A tag as editors see it.
#[derive(Serialize, ToSchema)]
pub struct TagView {
    /// The tag's id.
    pub id: TagId,
    /// What kind of thing it names.
    pub kind: TagKind,
    /// The last segment of its path.
    pub slug: String,
    /// Its name.
    pub label: String,
    /// What it stands for.
    pub description: Option<String>,
    /// What another system calls it.
    pub external_id: Option<String>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// What is wrong with the texts that this request wrote; empty where it wrote none.
    pub warnings: Vec<TextWarning>,
}

impl From<Tag> for TagView {
    fn from(tag: Tag) -> Self {
        Self {
            id: tag.id,
            kind: tag.kind,
            slug: tag.slug,
            label: tag.label,
            description: tag.description,
            external_id: tag.external_id,
            version: tag.version,
            created_at: tag.created_at,
            updated_at: tag.updated_at,
            warnings: Vec::new(),
        }
    }
}

impl TagView {
    fn with_warnings(self, findings: Vec<TextFinding>, language: Language) -> Self {
        Self {
            warnings: in_language(findings, language),
            ..self
        }
    }
}

list_type! {
    /// A page of tags, in the order of their names.
    TagList {
        /// The tags.
        items: Vec<TagView>,
    }
}

/// List tags.
///
/// Every tag in the order of its name, accents and case aside.
#[utoipa::path(tag = "tags", operation_id = "listTagsForEditing", params(TagSelection, DeskCountRequest, PageRequest),
    responses((status = 200, description = "A page of tags.", body = TagList)))]
#[get("/v1/editorial/tags")]
pub async fn list_tags_for_editing(
    secrets: Data<Secrets>,
    desk: Desk<may::ReadTaxonomy>,
    params: Params<ListTagsForEditing>,
) -> Result<TagList> {
    let (tags, page) = desk
        .read(move |conn, _| params.0.page_of(conn, &secrets, "tags"))
        .await?;
    Ok(TagList {
        items: tags.into_iter().map(TagView::from).collect(),
        page,
    })
}

/// Create a tag.
///
/// Its path is public at once.
#[utoipa::path(tag = "tags", operation_id = "createTag", request_body = NewTag,
    responses((status = 201, description = "The tag.", body = TagView, headers(("ETag")))))]
#[post("/v1/editorial/tags")]
pub async fn create_tag(desk: Desk<may::ManageTags>, body: Body<NewTag>) -> Result<HttpResponse> {
    let tag = body.value.into_tag(desk.now());
    let inserted = tag.clone();
    desk.write(move |conn, desk| {
        let site = settings::load(conn)?;
        store::insert(conn, &site, &inserted, desk.now)?;
        record_new(conn, desk, &inserted, &["kind", "label", "slug"])
    })
    .await?;
    let view = TagView::from(tag).with_warnings(body.findings, desk.language);
    Ok(created(&format!("/v1/editorial/tags/{}", view.id), 1, &view))
}

/// Read a tag.
///
/// The tag with its ETag for changing it.
#[utoipa::path(tag = "tags", operation_id = "getTagForEditing",
    responses((status = 200, description = "The tag.", body = TagView, headers(("ETag")))))]
#[get("/v1/editorial/tags/{tag_id}")]
pub async fn get_tag_for_editing(
    desk: Desk<may::ReadTaxonomy>,
    id: PathId<TagId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let tag = desk.read(move |conn, _| store::get(conn, id.0)).await?;
    Ok(versioned(tag.version, &TagView::from(tag)))
}

/// Change a tag.
///
/// Live articles that carry it show the change at once where they are 50 or fewer; else the answer
/// is 202 and they follow in the background. The old path leads to the new.
#[utoipa::path(tag = "tags", operation_id = "updateTag", params(IfMatch), request_body = TagPatch,
    responses((status = 200, description = "The tag; every live article shows the change.", body = TagView),
              (status = 202, description = "The tag; live articles follow shortly.", body = TagView)))]
#[patch("/v1/editorial/tags/{tag_id}")]
pub async fn update_tag(
    desk: Desk<may::ManageTags>,
    id: PathId<TagId>,
    if_match: IfMatch,
    body: Body<TagPatch>,
) -> Result<HttpResponse> {
    let (patch, id) = (body.value, id.0);
    let (tag, repressed) = desk
        .write(move |conn, desk| {
            lock_presses(conn)?;
            let old = store::get_locked(conn, id)?;
            check_version(conn, if_match, &old)?;
            let (mut tag, changed) = patch.apply(&old);
            if changed.is_empty() {
                return Ok((tag, RepressOutcome::Now));
            }
            tag.version += 1;
            tag.updated_at = desk.now;
            let site = settings::load(conn)?;
            store::update(conn, &site, &tag, desk.now)?;
            record_edit(conn, desk, &old, &tag, &changed)?;
            let repressed = repress_all_showing(conn, Pressed::Tag(id), desk.now)?;
            Ok((tag, repressed))
        })
        .await?;
    let view = TagView::from(tag).with_warnings(body.findings, desk.language);
    Ok(answer(repressed, view.version, &view))
}

impl Editable for Tag {
    const KIND: EditableKind = EditableKind::Tag;
    const TARGET: TargetKind = TargetKind::Tag;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(TagView::from(self.clone()))
    }
}

/// 200 where every live article follows already, 202 where a job does it.
pub fn answer(repressed: RepressOutcome, version: i64, view: &impl Serialize) -> HttpResponse {
    let status = match repressed {
        RepressOutcome::Now => StatusCode::OK,
        RepressOutcome::Later => StatusCode::ACCEPTED,
    };
    HttpResponse::build(status)
        .insert_header(("ETag", etag(version)))
        .json(view)
}

/// Delete a tag.
///
/// One that articles carry, live or not, is 409 `in_use`. Its path answers 410 from now on.
#[utoipa::path(tag = "tags", operation_id = "deleteTag", params(IfMatch),
    responses((status = 204, description = "The tag is gone."), Conflict))]
#[delete("/v1/editorial/tags/{tag_id}")]
pub async fn delete_tag(desk: Desk<may::ManageTags>, id: PathId<TagId>, if_match: IfMatch) -> Result<HttpResponse> {
    let id = id.0;
    desk.write(move |conn, desk| {
        let tag = store::get_locked(conn, id)?;
        check_version(conn, if_match, &tag)?;
        let site = settings::load(conn)?;
        let live = count_live_with_tag(conn, id)?;
        store::delete(conn, &site, &tag, live, desk.now)?;
        record_deletion(conn, desk, &tag)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

body_type! {
    /// Which tag takes a tag's place.
    pub struct TagMerge {
        /// The other tag.
        pub into_tag_id: TagId = required(id()),
    }
}

/// Merge a tag into another.
///
/// Articles that carry it, live or not, carry the other one in its place, and say so in their history; its paths lead to the
/// other's, and so do menus and lists of pages. Where articles are 50 or fewer all of it is done at once; else the answer is
/// 202, and it keeps its page until the last one is done. It does not come back.
#[utoipa::path(tag = "tags", operation_id = "mergeTag", params(IfMatch), request_body = TagMerge,
    responses((status = 200, description = "The other tag; the first is gone.", body = TagView),
              (status = 202, description = "The other tag; articles follow shortly.", body = TagView), Conflict))]
#[post("/v1/editorial/tags/{tag_id}/actions/merge")]
pub async fn merge_tag(
    desk: Desk<may::ManageTags>,
    id: PathId<TagId>,
    if_match: IfMatch,
    body: Body<TagMerge>,
) -> Result<HttpResponse> {
    let ids = (id.0, body.value.into_tag_id);
    let merge = move |conn: &mut Conn, desk: &DeskContext<'_>| tag_merge::merge(conn, desk, if_match, ids);
    let (tag, outcome) = desk.write(merge).await?;
    Ok(answer(outcome, tag.version, &TagView::from(tag)))
}
