//! What readers get of tags.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{Tag, TagId, TagKind, store};
use crate::auth::secrets::Secrets;
use crate::db::Db;
use crate::error::Result;
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::{Binding, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query};
use crate::site::{Frames, Site};

/// A tag as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicTag {
    /// The tag's id.
    pub id: TagId,
    /// What kind of thing it names.
    pub kind: TagKind,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Its name.
    pub label: String,
    /// What it stands for.
    pub description: Option<String>,
}

impl PublicTag {
    fn new(site: &Site, tag: &Tag) -> Self {
        Self {
            id: tag.id,
            kind: tag.kind,
            slug: tag.slug.clone(),
            path: tag.path(site, site.first_locale()),
            label: tag.label.clone(),
            description: tag.description.clone(),
        }
    }
}

/// A page of tags, in the order of their names.
#[derive(Serialize, ToSchema)]
pub struct PublicTagPage {
    /// The tags.
    pub items: Vec<PublicTag>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Which tags.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTags {
    /// Only tags of this kind.
    pub kind: Option<TagKind>,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
}

impl FromQuery for ListTags {
    const NAMES: &'static [&'static str] = &["kind", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        let kind = query.word("kind", TagKind::WORDS, TagKind::parse)?;
        Ok(Self {
            kind,
            page: PageRequest::of(query)?,
        })
    }
}

/// List tags.
///
/// Every tag in the order of its name, accents and case aside.
#[utoipa::path(tag = "tags", operation_id = "listTags", params(ListTags, PageRequest),
    responses((status = 200, description = "A page of tags.", body = PublicTagPage)))]
#[get("/v1/tags")]
async fn list_tags(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListTags>,
) -> Result<HttpResponse> {
    let ListTags { kind, page, .. } = params.0;
    let binding = Binding::new("public tags", &kind);
    let after = page.after::<2>(&secrets, &binding)?;
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let tags = store::list(conn, kind, after, page.fetch())?;
            let (tags, page) = page.finish(tags, &secrets, &binding, |tag| {
                [tag.sort_key.clone(), tag.id.to_string()]
            })?;
            let items = tags.iter().map(|tag| PublicTag::new(&frame.site, tag)).collect();
            let list = PublicTagPage { items, page };
            Ok(Fresh::json(&list, vec!["tags".to_owned()])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// Read a tag.
///
/// One tag with its path.
#[utoipa::path(tag = "tags", operation_id = "getTag",
    responses((status = 200, description = "The tag.", body = PublicTag)))]
#[get("/v1/tags/{tag_id}")]
async fn get_tag(
    db: Data<Db>,
    frames: Data<Frames>,
    reader: Conditional,
    id: PathId<TagId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let tag = store::get(conn, id.0)?;
            Fresh::json(&PublicTag::new(&frame.site, &tag), vec![format!("tag-{}", tag.id)])
        })
        .await?;
    Ok(reader.respond(fresh))
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_tags).service(get_tag);
}
