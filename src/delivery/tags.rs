//! What readers get of tags.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::TagId;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::public_tag::PublicTag;
use crate::list_type;
use crate::site::frame::FrameCache;
use crate::site::tags::listing::{ListTags, ListTagsForEditing, TagSelection};
use crate::site::tags::store;

list_type! {
    /// A page of tags, in the order of their names.
    PublicTagList {
        /// The tags.
        items: Vec<PublicTag>,
    }
}

/// List tags.
///
/// Every tag in the order of its name, accents and case aside.
#[utoipa::path(tag = "tags", operation_id = "listTags", params(TagSelection, CountRequest, PageRequest),
    responses((status = 200, description = "A page of tags.", body = PublicTagList)))]
#[get("/v1/tags")]
pub async fn list_tags(
    db: Data<Db>,
    frames: Data<FrameCache>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListTags>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let (tags, page) = ListTagsForEditing::from(params.0).page_of(conn, &secrets, "public tags")?;
            let items = tags
                .iter()
                .map(|tag| PublicTag::new(&frame.site, tag, frame.site.first_locale()))
                .collect();
            let list = PublicTagList { items, page };
            Ok(CacheableAnswer::json(&list, vec![SurrogateKey::Tags])?.page(&list.page))
        })
        .await?;
    Ok(reply.respond(answer))
}

/// Read a tag.
///
/// One tag with its path.
#[utoipa::path(tag = "tags", operation_id = "getTag",
    responses((status = 200, description = "The tag.", body = PublicTag)))]
#[get("/v1/tags/{tag_id}")]
pub async fn get_tag(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    id: PathId<TagId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let tag = store::get(conn, id.0)?;
            CacheableAnswer::json(
                &PublicTag::new(&frame.site, &tag, frame.site.first_locale()),
                vec![SurrogateKey::Tag(tag.id)],
            )
        })
        .await?;
    Ok(reply.respond(answer))
}
