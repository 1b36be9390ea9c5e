//! What readers get of contributors.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::ContributorId;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::public_contributor::PublicContributor;
use crate::list_type;
use crate::site::contributors::listing::{ListContributors, ListContributorsForEditing};
use crate::site::contributors::store;
use crate::site::frame::FrameCache;

list_type! {
    /// A page of contributors, in the order of their names.
    PublicContributorList {
        /// The contributors.
        items: Vec<PublicContributor>,
    }
}

/// List contributors.
///
/// Every active contributor in the order of their name, accents and case aside.
#[utoipa::path(tag = "contributors", operation_id = "listContributors", params(ListContributors, CountRequest, PageRequest),
    responses((status = 200, description = "A page of contributors.", body = PublicContributorList)))]
#[get("/v1/contributors")]
pub async fn list_contributors(
    db: Data<Db>,
    frames: Data<FrameCache>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    params: Params<ListContributors>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let (contributors, page) = ListContributorsForEditing::from(params.0).page_of(
                conn,
                &secrets,
                "public contributors",
                Some(true),
            )?;
            let items = contributors
                .iter()
                .map(|contributor| PublicContributor::new(&frame.site, contributor, frame.site.first_locale()))
                .collect();
            let list = PublicContributorList { items, page };
            Ok(CacheableAnswer::json(&list, vec![SurrogateKey::Contributors])?.page(&list.page))
        })
        .await?;
    Ok(reply.respond(answer))
}

/// Read a contributor.
///
/// One contributor, active or not, with their path.
#[utoipa::path(tag = "contributors", operation_id = "getContributor",
    responses((status = 200, description = "The contributor.", body = PublicContributor)))]
#[get("/v1/contributors/{contributor_id}")]
pub async fn get_contributor(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    id: PathId<ContributorId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let contributor = store::get(conn, id.0)?;
            CacheableAnswer::json(
                &PublicContributor::new(&frame.site, &contributor, frame.site.first_locale()),
                vec![SurrogateKey::Contributor(contributor.id)],
            )
        })
        .await?;
    Ok(reply.respond(answer))
}
