//! What the spam model has learned so far.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::access::auth::{Desk, may};
use crate::base::error::Result;
use crate::base::http::query::{NoParams, Params};
use crate::comments::spam::model::{HOLD_PROBABILITY, MIN_LEARNED};

/// What the spam model has seen, and when it speaks.
#[derive(Serialize, ToSchema)]
pub struct SpamModel {
    /// Whether it says anything: it has seen enough of both.
    pub is_active: bool,
    /// Approved comments that it learned from.
    pub ham_count: i64,
    /// Comments marked as spam that it learned from.
    pub spam_count: i64,
    /// How many of each it needs.
    pub needed_of_each: i64,
    /// From this probability on, a comment waits for a moderator.
    #[schema(minimum = 0, maximum = 1)]
    pub hold_from: f64,
}

/// Read the spam model.
///
/// What it has learned from moderators' decisions, and whether it has seen enough to say anything. What it
/// said of a comment stands among the comment's verdicts.
#[utoipa::path(tag = "moderation", operation_id = "getSpamModel",
    responses((status = 200, description = "How it stands.", body = SpamModel)))]
#[get("/v1/editorial/spam-model")]
pub async fn get_spam_model(desk: Desk<may::ReadComments>, _: Params<NoParams>) -> Result<Json<SpamModel>> {
    let totals = desk.read(|conn, _| store::totals(conn)).await?;
    Ok(Json(SpamModel {
        is_active: totals.suffice(),
        ham_count: totals.ham,
        spam_count: totals.spam,
        needed_of_each: MIN_LEARNED,
        hold_from: HOLD_PROBABILITY,
    }))
}
