//! What readers' front ends get of the site as a whole.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::public_site::{PublicSite, public_site};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::Params;
use crate::base::locale::LocaleQuery;
use crate::site::frame::FrameCache;
use crate::site::menus;

/// Read the site.
///
/// What every page shows: the paper's name and logos, its menus, its ad slots.
#[utoipa::path(tag = "site", operation_id = "getSite", params(LocaleQuery),
    responses((status = 200, description = "The site.", body = PublicSite)))]
#[get("/v1/site")]
pub async fn get_site(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    params: Params<LocaleQuery>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.locale_of(&params.0)?;
            let site = public_site(conn, &frame, &public_url, &locale, now)?;
            let answer = CacheableAnswer::json(&site, menus::surrogate_keys(&frame.menus))?;
            Ok(CacheableAnswer {
                next_change: frame.next_ad_change(now),
                ..answer
            })
        })
        .await?;
    Ok(reply.respond(answer))
}
