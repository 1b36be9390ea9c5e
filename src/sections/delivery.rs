//! What readers get of sections: the whole tree at once, or one section.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Section, SectionId};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::PageInfo;
use crate::http::path::PathId;
use crate::http::query::Params;
use crate::site::{Crumb, Frame, Frames, InLocale};

/// A section as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicSection {
    /// The section's id.
    pub id: SectionId,
    /// The section above it; null at the top.
    pub parent_id: Option<SectionId>,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Its name in the language asked for.
    pub label: String,
    /// Its names in other languages, by language.
    pub labels: BTreeMap<String, String>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings.
    pub position: i32,
    /// Levels above it.
    pub depth: i32,
    /// The way from the site's root to it.
    pub breadcrumb: Vec<Crumb>,
}

impl PublicSection {
    /// A section in a language.
    pub fn new(frame: &Frame, section: &Section, locale: &str) -> Self {
        let breadcrumb = frame.tree.breadcrumb(&frame.site, section.id, locale);
        Self {
            id: section.id,
            parent_id: section.parent_id,
            slug: section.slug.clone(),
            path: frame.site.localised(locale, &section.path),
            label: section.label_in(locale),
            labels: section.labels(),
            description: section.description.clone(),
            colour: section.colour.clone(),
            position: section.position,
            depth: i32::try_from(breadcrumb.len()).unwrap_or(0) - 2,
            breadcrumb,
        }
    }
}

/// Every section, each before those below it.
#[derive(Serialize, ToSchema)]
pub struct PublicSectionList {
    /// The sections.
    pub items: Vec<PublicSection>,
    /// The list is always whole.
    pub page: PageInfo,
}

/// List sections.
///
/// The whole tree in one answer, each section before those below it and siblings in their order.
#[utoipa::path(tag = "sections", operation_id = "listSections", params(InLocale),
    responses((status = 200, description = "The tree.", body = PublicSectionList)))]
#[get("/v1/sections")]
async fn list_sections(
    db: Data<Db>,
    frames: Data<Frames>,
    reader: Conditional,
    params: Params<InLocale>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = params.0.of(&frame)?;
            let items = frame
                .tree
                .in_order()
                .into_iter()
                .map(|section| PublicSection::new(&frame, section, &locale))
                .collect();
            let page = PageInfo {
                next_cursor: None,
                has_more: false,
            };
            Fresh::json(&PublicSectionList { items, page }, vec!["sections".to_owned()])
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// Read a section.
///
/// One section with its breadcrumb.
#[utoipa::path(tag = "sections", operation_id = "getSection", params(InLocale),
    responses((status = 200, description = "The section.", body = PublicSection)))]
#[get("/v1/sections/{section_id}")]
async fn get_section(
    db: Data<Db>,
    frames: Data<Frames>,
    reader: Conditional,
    id: PathId<SectionId>,
    params: Params<InLocale>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = params.0.of(&frame)?;
            let section = frame.tree.get(id.0).ok_or_else(Error::not_found)?;
            Fresh::json(
                &PublicSection::new(&frame, section, &locale),
                vec!["sections".to_owned()],
            )
        })
        .await?;
    Ok(reader.respond(fresh))
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_sections).service(get_section);
}
