//! What readers get of the slots.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::PageInfo;
use crate::base::http::query::{NoParams, Params};
use crate::base::key::Key;
use crate::list_type;
use crate::site::ads::model::{AdSize, AdSlot, AdSlotKind};
use crate::site::frame::{Frame, FrameCache};

/// An ad slot that is used at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicAdSlot {
    /// What it is known by: `ad_placements` of an article name it.
    pub key: Key,
    /// Where it stands.
    pub kind: AdSlotKind,
    /// What fits into it.
    #[schema(max_items = 20)]
    pub sizes: Vec<AdSize>,
    /// What the advertisements' server is told, by name.
    pub targeting: BTreeMap<String, String>,
}

impl From<&AdSlot> for PublicAdSlot {
    fn from(slot: &AdSlot) -> Self {
        Self {
            key: slot.key.clone(),
            kind: slot.definition.kind,
            sizes: slot.definition.sizes.clone(),
            targeting: slot.definition.targeting.clone(),
        }
    }
}

list_type! {
    /// Every slot that is used at this moment.
    PublicAdSlotList [whole] {
        /// The slots, in the order in which they are placed.
        items: Vec<PublicAdSlot>,
    }
}

/// The slots that are used at a moment.
pub fn current_ad_slots(frame: &Frame, now: Time) -> Vec<PublicAdSlot> {
    let shown = frame.ad_slots.iter().filter(|slot| slot.is_shown(now));
    shown.map(PublicAdSlot::from).collect()
}

/// List ad slots.
///
/// Those that are used at this moment, with their sizes and targeting.
#[utoipa::path(tag = "site", operation_id = "listAdSlots",
    responses((status = 200, description = "The slots.", body = PublicAdSlotList)))]
#[get("/v1/ad-slots")]
pub async fn list_ad_slots(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let list = PublicAdSlotList {
                items: current_ad_slots(&frame, now),
                page: PageInfo::whole(),
            };
            let answer = CacheableAnswer::json(&list, Vec::new())?;
            Ok(CacheableAnswer {
                next_change: frame.next_ad_change(now),
                ..answer
            })
        })
        .await?;
    Ok(reply.respond(answer))
}
