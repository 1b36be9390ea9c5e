//! Cards handed out: each moderator takes the next ones, and nobody else is given them meanwhile. A claim is no lock:
//! anybody who knows a comment may decide on it.

use actix_web::post;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::card::{self, ModeratedComment};
use super::input::QueueFilter;
use super::model::{HoldReason, ModerationQueue};
use super::store;
use crate::access::auth::{Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::value_reader::{ValueReader, id, list, one_of, small_integer, word};
use crate::base::ids::{ArticleId, CommentId, SectionId};
use crate::base::limits;
use crate::body_type;
use crate::site::framed_desk::FramedDesk;

body_type! {
    /// Which cards to take.
    #[derive(Clone, Debug)]
    pub struct ClaimRequest [may_be_empty] {
        /// How many at most: 20 where it is not given.
        pub limit: i32 = optional(small_integer(1, limits::CLAIM as i32)),
        /// From which queue, `pending` or `reported`: `pending` where it is not given.
        pub queue: ModerationQueue = optional(waiting_queue()),
        /// Only on articles of this section or below.
        pub section_id: SectionId = optional(id()),
        /// Only on this article.
        pub article_id: ArticleId = optional(id()),
        /// Only by the author of this comment.
        pub same_author_as: CommentId = optional(id()),
        /// Only those that a phase held for this reason.
        pub reason: HoldReason = optional(word()),
        /// For how many seconds: 600 where it is not given.
        pub seconds: i32 = optional(claim_seconds()),
    }
}

fn waiting_queue() -> impl ValueReader<Value = ModerationQueue> {
    one_of(&["pending", "reported"], |word| {
        ModerationQueue::parse(word).filter(|queue| queue.waits())
    })
}

fn claim_seconds() -> impl ValueReader<Value = i32> {
    small_integer(limits::LEASE_SECONDS_MIN as i32, limits::LEASE_SECONDS_MAX as i32)
}

/// The cards that you hold now.
#[derive(Serialize, ToSchema)]
pub struct ClaimedComments {
    /// The comments, the longest waiting first, yours of before among them.
    #[schema(max_items = 50)]
    pub comments: Vec<ModeratedComment>,
    /// Until when you hold them.
    pub until: Time,
}

/// Claim comments.
///
/// Hands out the next comments of a queue, and to nobody else until the time is over, they are released or decided.
/// What you hold already comes first, and is yours anew. A claim is no lock: somebody else may decide on a comment
/// that you hold: send the `expected_state` with your decision, and you are told.
#[utoipa::path(tag = "moderation", operation_id = "claimComments", request_body = ClaimRequest,
    responses((status = 200, description = "The comments that you hold.", body = ClaimedComments)))]
#[post("/v1/editorial/moderation/claim")]
pub async fn claim_comments(
    desk: FramedDesk<may::ModerateComments>,
    body: Body<ClaimRequest>,
) -> Result<Json<ClaimedComments>> {
    let request = body.value;
    let until = desk
        .now()
        .plus_seconds(request.seconds.map_or(limits::CLAIM_SECONDS_DEFAULT, i64::from));
    let filter = QueueFilter {
        section_id: request.section_id,
        article_id: request.article_id,
        same_author_as: request.same_author_as,
        reason: request.reason,
        ..QueueFilter::of(request.queue.unwrap_or(ModerationQueue::Pending))
    };
    let limit = request.limit.map_or(limits::CLAIM_DEFAULT, i64::from);
    let comments = desk
        .write(move |conn, desk| {
            let who = (desk.frame, desk.actor, Permission::ModerateComments);
            let unknown = || Error::field(FieldError::new("/same_author_as", FieldCode::UnknownReference));
            let narrowed = filter.narrowed(conn, who, desk.now, unknown)?;
            let ids = store::claim(conn, &narrowed, limit, until)?;
            let queued = store::get_many_queued(conn, &ids)?;
            card::cards(conn, queued, desk.now)
        })
        .await?;
    Ok(Json(ClaimedComments { comments, until }))
}

body_type! {
    /// What to give back.
    #[derive(Clone, Debug)]
    pub struct ReleaseRequest [may_be_empty] {
        /// These; all that you hold where it is not given.
        pub comment_ids: Vec<CommentId> = optional(list(limits::BULK, id())),
    }
}

/// What was given back.
#[derive(Serialize, ToSchema)]
pub struct ReleasedComments {
    /// How many cards you held of those.
    pub released_count: i64,
}

/// Release claimed comments.
///
/// Gives cards back, to be handed out to others. What you do not hold is passed over.
#[utoipa::path(tag = "moderation", operation_id = "releaseComments", request_body = ReleaseRequest,
    responses((status = 200, description = "How many were released.", body = ReleasedComments)))]
#[post("/v1/editorial/moderation/release")]
pub async fn release_comments(
    desk: Desk<may::ModerateComments>,
    body: Body<ReleaseRequest>,
) -> Result<Json<ReleasedComments>> {
    let (moderator, ids) = (desk.actor.user_id, body.value.comment_ids);
    let released = desk
        .write(move |conn, _| store::release(conn, moderator, ids.as_deref()))
        .await?;
    Ok(Json(ReleasedComments {
        released_count: i64::try_from(released).unwrap_or(i64::MAX),
    }))
}
