//! What waits, and how much.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::card::{self, ModeratedComment};
use super::input::QueueFilter;
use super::model::{ClaimedBy, HoldReason, ModerationQueue, QueueSort};
use super::search::{self, QueueMatches};
use super::store;
use crate::access::auth::{Permission, may};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::query::{NoParams, Params, invalid};
use crate::base::http::query_type::{id_param, word_param};
use crate::base::ids::{ArticleId, CommentId, SectionId};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::comments::lists::after;
use crate::search::query::{self, QueryReading, search_param};
use crate::site::framed_desk::FramedDesk;
use crate::{list_type, query_type};

list_type! {
    /// A page of a queue.
    ModeratedCommentList {
        /// The comments.
        items: Vec<ModeratedComment>,
    }
}

query_type! {
    /// Which comments.
    #[derive(Debug)]
    pub struct ListModerationQueue {
        /// The queue: `pending` where it is not given.
        queue: ModerationQueue = defaulted(word_param()) or ModerationQueue::Pending,
        /// Only on articles of this section or below: an id.
        section_id: SectionId = optional(id_param()),
        /// Only on this article.
        article_id: ArticleId = optional(id_param()),
        /// Only by the author of this comment: the same reader, e-mail address or account.
        same_author_as: CommentId = optional(id_param()),
        /// Only those that a phase held for this reason.
        reason: HoldReason = optional(word_param()),
        /// Only those that you hold, or that nobody holds.
        claimed: ClaimedBy = optional(word_param()),
        /// Only those that say this, or whose author's name does, in the words of `searchArticles`.
        q: String = optional(search_param()),
        /// The order: `created_at` where it is not given, the longest waiting first.
        sort: QueueSort = defaulted(word_param()) or QueueSort::OldestFirst,
        page: PageRequest = part(),
    }
}

impl ListModerationQueue {
    fn filter(&self) -> QueueFilter {
        QueueFilter {
            section_id: self.section_id,
            article_id: self.article_id,
            same_author_as: self.same_author_as,
            reason: self.reason,
            claimed: self.claimed,
            ..QueueFilter::of(self.queue)
        }
    }
}

/// List a moderation queue.
///
/// The comments of a queue, the longest waiting first. `reported` are those that readers reported since the last
/// decision. A grant in a section shows what was written there. With `q` a page looks at 10,000 comments at most; where
/// that is not enough it is short, and its cursor leads on.
#[utoipa::path(tag = "moderation", operation_id = "listModerationQueue", params(ListModerationQueue, PageRequest),
    responses((status = 200, description = "A page of comments.", body = ModeratedCommentList)))]
#[get("/v1/editorial/moderation/queue")]
pub async fn list_moderation_queue(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadComments>,
    params: Params<ListModerationQueue>,
) -> Result<ModeratedCommentList> {
    let list = params.0;
    let filter = list.filter();
    let binding = CursorBinding::new("moderation", &(&filter, list.sort, &list.q));
    let after = after(&list.page, &secrets, &binding)?;
    let page = list.page.clone();
    let (items, unfinished) = desk
        .read(move |conn, desk| {
            let who = (desk.frame, desk.actor, Permission::ReadComments);
            let unknown = || invalid("same_author_as", "the id of a comment");
            let narrowed = filter.narrowed(conn, who, desk.now, unknown)?;
            let reading = QueryReading::of(&desk.frame.site, None);
            let found = match list.q.as_deref().and_then(|q| query::parse(q, &reading)) {
                Some(wanted) => search::find(conn, &narrowed, (list.sort, after), &wanted, list.page.limit + 1)?,
                None => QueueMatches {
                    queued: store::queue(conn, &narrowed, list.sort, after, list.page.fetch())?,
                    unfinished: None,
                },
            };
            Ok((card::cards(conn, found.queued, desk.now)?, found.unfinished))
        })
        .await?;
    let key = |at: Time, id: CommentId| [at.to_string(), id.to_string()];
    let (items, mut page) = page.finish(items, &secrets, &binding, |card| key(card.created_at, card.id))?;
    if let Some((at, id)) = unfinished {
        page = PageRequest::goes_on(Some(key(at, id)), &secrets, &binding)?;
    }
    Ok(ModeratedCommentList { items, page })
}

/// How much waits in a queue.
#[derive(Serialize, ToSchema)]
pub struct QueueCount {
    /// How many comments; 10,000 where there are more.
    #[schema(minimum = 0, maximum = 10000)]
    pub count: i32,
    /// Whether there are more.
    pub is_capped: bool,
    /// When the oldest of them was written; null where there is none.
    pub oldest_at: Option<Time>,
}

/// How much is in each queue.
#[derive(Serialize, ToSchema)]
pub struct ModerationCounts {
    /// Waiting for a first decision.
    pub pending: QueueCount,
    /// Reported by readers since the last decision.
    pub reported: QueueCount,
    /// Shown to readers.
    pub approved: QueueCount,
    /// Not shown to readers.
    pub rejected: QueueCount,
    /// Not meant for readers.
    pub spam: QueueCount,
}

/// Count what is in the moderation queues.
///
/// Up to 10,000 in each, and since when the oldest is there. A grant in a section counts what was written there.
#[utoipa::path(tag = "moderation", operation_id = "getModerationCounts",
    responses((status = 200, description = "A count for each queue.", body = ModerationCounts)))]
#[get("/v1/editorial/moderation/counts")]
pub async fn get_moderation_counts(
    desk: FramedDesk<may::ReadComments>,
    _: Params<NoParams>,
) -> Result<Json<ModerationCounts>> {
    let counts = desk
        .read(move |conn, desk| {
            let mut of = |queue| {
                let who = (desk.frame, desk.actor, Permission::ReadComments);
                let narrowed =
                    QueueFilter::of(queue).narrowed(conn, who, desk.now, crate::base::error::Error::not_found)?;
                let (count, oldest_at) = store::count(conn, &narrowed)?;
                let capped = count.min(limits::CAPPED_COUNT);
                Ok::<_, crate::base::error::Error>(QueueCount {
                    count: i32::try_from(capped).unwrap_or(i32::MAX),
                    is_capped: count > limits::CAPPED_COUNT,
                    oldest_at,
                })
            };
            Ok(ModerationCounts {
                pending: of(ModerationQueue::Pending)?,
                reported: of(ModerationQueue::Reported)?,
                approved: of(ModerationQueue::Approved)?,
                rejected: of(ModerationQueue::Rejected)?,
                spam: of(ModerationQueue::Spam)?,
            })
        })
        .await?;
    Ok(Json(counts))
}
