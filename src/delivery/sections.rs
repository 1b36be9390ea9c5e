//! What readers get of sections: the whole tree at once, or one section.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::public_section::PublicSection;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::query_type::{ParamReader, flag_param, parsed_param};
use crate::base::ids::SectionId;
use crate::base::limits;
use crate::base::locale::LocaleQuery;
use crate::site::frame::{Frame, FrameCache};
use crate::site::sections::{Section, SectionTree};
use crate::{list_type, query_type};

list_type! {
    /// Sections, each before those below it.
    PublicSectionList [whole] {
        /// The sections.
        items: Vec<PublicSection>,
    }
}

query_type! {
    /// Which sections.
    #[derive(Debug)]
    pub struct ListSections {
        /// Only those below this section: a path or an id; `/` is above all of them.
        parent: String = optional(section_name()),
        /// Only those directly below `parent`, or at the top where that is not given.
        exact_parent: bool = defaulted(flag_param()),
        locale: LocaleQuery = part(),
    }
}

fn section_name() -> impl ParamReader<Value = String> {
    parsed_param(limits::PATH, "an id or a path", |name| {
        let sound = SectionTree::may_name(name) && name.chars().count() <= limits::PATH;
        sound.then(|| name.to_owned())
    })
}

impl ListSections {
    /// What it lists, in the order of the tree. A parent that is not there has nothing below it.
    fn of<'f>(&self, frame: &'f Frame) -> Vec<&'f Section> {
        let tree = &frame.tree;
        let parent = match self.parent.as_deref() {
            None | Some("/") => None,
            Some(name) => match tree.named(&frame.site, name) {
                Some(id) => Some(id),
                None => return Vec::new(),
            },
        };
        let is_below = |section: &&Section| match parent {
            _ if self.exact_parent => section.parent_id == parent,
            None => true,
            Some(parent) => section.id != parent && tree.lineage(section.id).iter().any(|above| above.id == parent),
        };
        tree.in_order().into_iter().filter(is_below).collect()
    }
}

/// List sections.
///
/// The whole tree in one answer, or what of it is below a section: each section before those below it
/// and siblings in their order.
#[utoipa::path(tag = "sections", operation_id = "listSections", params(ListSections, LocaleQuery),
    responses((status = 200, description = "The tree.", body = PublicSectionList)))]
#[get("/v1/sections")]
pub async fn list_sections(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    params: Params<ListSections>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.locale_of(&params.0.locale)?;
            let items = params
                .0
                .of(&frame)
                .into_iter()
                .map(|section| PublicSection::new(&frame, section, &locale))
                .collect();
            let page = PageInfo::whole();
            CacheableAnswer::json(&PublicSectionList { items, page }, Vec::new())
        })
        .await?;
    Ok(reply.respond(answer))
}

/// Read a section.
///
/// One section with its breadcrumb.
#[utoipa::path(tag = "sections", operation_id = "getSection", params(LocaleQuery),
    responses((status = 200, description = "The section.", body = PublicSection)))]
#[get("/v1/sections/{section_id}")]
pub async fn get_section(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    id: PathId<SectionId>,
    params: Params<LocaleQuery>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.locale_of(&params.0)?;
            let section = frame.tree.get(id.0).ok_or_else(Error::not_found)?;
            CacheableAnswer::json(&PublicSection::new(&frame, section, &locale), Vec::new())
        })
        .await?;
    Ok(reply.respond(answer))
}
