//! What readers get of tags.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::store::TagFilter;
use super::{Tag, TagId, TagKind, store};
use crate::auth::secrets::Secrets;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::{Binding, CountRequest, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query, one_of};
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
    /// Only tags of these kinds: repeat the name, or write them with commas.
    #[param(value_type = Option<Vec<TagKind>>, max_items = 10)]
    pub kind: Vec<TagKind>,
    /// Only tags whose name begins with this, accents and case aside.
    #[param(max_length = 100)]
    pub q: Option<String>,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
    /// Whether to count.
    #[param(ignore)]
    pub count: CountRequest,
}

impl FromQuery for ListTags {
    const NAMES: &'static [&'static str] = &["kind", "q", "count", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        let kinds = query.many("kind")?.into_iter();
        let kinds = kinds.map(|word| TagKind::parse(word).ok_or_else(|| one_of("kind", TagKind::WORDS)));
        let mut kind = kinds.collect::<Result<Vec<_>>>()?;
        kind.sort();
        kind.dedup();
        Ok(Self {
            kind,
            q: query.name_prefix()?,
            page: PageRequest::of(query)?,
            count: CountRequest::of(query)?,
        })
    }
}

impl ListTags {
    /// A page of a list of this name.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; the database's.
    pub fn page_of(self, conn: &mut Conn, secrets: &Secrets, list: &str) -> Result<(Vec<Tag>, PageInfo)> {
        let filter = TagFilter {
            kinds: self.kind,
            prefix: self.q,
        };
        let binding = Binding::new(list, &filter);
        let after = self.page.after::<2>(secrets, &binding)?;
        let tags = store::list(conn, &filter, after, self.page.fetch())?;
        let key = |tag: &Tag| [tag.sort_key.clone(), tag.id.to_string()];
        let (tags, page) = self.page.finish(tags, secrets, &binding, key)?;
        let total = self.count.total(|| store::total(conn, &filter))?;
        Ok((tags, page.counting(total)))
    }
}

/// List tags.
///
/// Every tag in the order of its name, accents and case aside.
#[utoipa::path(tag = "tags", operation_id = "listTags", params(ListTags, CountRequest, PageRequest),
    responses((status = 200, description = "A page of tags.", body = PublicTagPage)))]
#[get("/v1/tags")]
async fn list_tags(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListTags>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let (tags, page) = params.0.page_of(conn, &secrets, "public tags")?;
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
