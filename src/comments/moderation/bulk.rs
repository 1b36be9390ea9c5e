//! One decision on many comments: each as if it were decided alone, in a transaction of its own, so that others
//! decide in between.

use actix_web::post;
use actix_web::web::Json;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::decide::{DecisionRequest, decide_one};
use super::input::QueueFilter;
use super::model::ModerationQueue;
use super::store;
use crate::access::auth::{Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::{Body, FromBody};
use crate::base::http::fields::Fields;
use crate::base::http::problem::{self, Problem, ProblemContext};
use crate::base::http::value_reader::{ValueReader, boolean, component, distinct, filled_list, id, one_of, time, word};
use crate::base::ids::{ArticleId, CommentId, SectionId};
use crate::base::limits;
use crate::comments::model::{CommentState, Decision, DecisionReason};
use crate::comments::moderation::decide::DecisionContext;
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Comments by what they have in common.
#[derive(Clone, Debug, ToSchema)]
pub struct BulkFilter {
    /// The queue; to approve, reject or call spam, `pending` or `reported`; to restore, any other.
    pub queue: ModerationQueue,
    /// Only on articles of this section or below.
    pub section_id: Option<SectionId>,
    /// Only on this article.
    pub article_id: Option<ArticleId>,
    /// Only by the author of this comment.
    pub same_author_as: Option<CommentId>,
    /// Only those written before this moment.
    pub created_before: Option<Time>,
}

/// What to decide on which comments.
#[derive(Clone, Debug, ToSchema)]
pub struct BulkModerationRequest {
    /// The decision.
    pub action: Decision,
    /// Why, if you say so.
    pub reason: Option<DecisionReason>,
    /// Why, in words; for colleagues.
    pub note: Option<String>,
    /// The state in which you saw them: one in another by now is 409 `already_decided`, and a `filter` finds only those in
    /// it. Without it, one that was decided otherwise is 409.
    pub expected_state: Option<CommentState>,
    /// The comments, each once; with a `filter` too, those of them that it finds.
    #[schema(min_items = 1, max_items = 200)]
    pub comment_ids: Option<Vec<CommentId>>,
    /// The comments by what they have in common: the longest waiting 200 of them.
    pub filter: Option<BulkFilter>,
    /// Whether only to tell what would happen.
    #[schema(required = false)]
    pub dry_run: bool,
}

impl FromBody for BulkModerationRequest {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let action = fields.required("action", word());
        let why = DecisionRequest::read(fields)?;
        let errors = fields.at().error_count();
        let ids = filled_list(limits::BULK, id()).then(distinct(|id, other| id == other));
        let comment_ids = fields.optional("comment_ids", ids);
        // Which queues are good depends on the action.
        let filter = action.and_then(|action| fields.optional("filter", filter(action)));
        if action.is_none() {
            fields.pass_over("filter");
        }
        let dry_run = fields.optional("dry_run", boolean()).unwrap_or(false);
        let is_refused = fields.at().error_count() > errors;
        if comment_ids.is_none() && filter.is_none() && !is_refused && action.is_some() {
            let _: Option<()> = fields.at().child("comment_ids").fail(FieldCode::Required);
        }
        Some(Self {
            action: action?,
            reason: why.reason,
            note: why.note,
            expected_state: why.expected_state,
            comment_ids,
            filter,
            dry_run,
        })
    }
}

/// A filter must find only comments that the decision changes: those that are refused would be found again and again.
fn filter(action: Decision) -> impl ValueReader<Value = BulkFilter> {
    let allowed: &[&str] = match action {
        Decision::Restore => &["approved", "rejected", "spam"],
        _ => &["pending", "reported"],
    };
    component(move |fields| {
        let queue = one_of(allowed, |word| {
            ModerationQueue::parse(word).filter(|_| allowed.contains(&word))
        });
        let queue = fields.required("queue", queue);
        let section_id = fields.optional("section_id", id());
        let article_id = fields.optional("article_id", id());
        let same_author_as = fields.optional("same_author_as", id());
        let created_before = fields.optional("created_before", time());
        Some(BulkFilter {
            queue: queue?,
            section_id,
            article_id,
            same_author_as,
            created_before,
        })
    })
}

/// What became of one of the comments.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkModerationResult {
    /// The comment's id.
    pub id: CommentId,
    /// The status with which the decision alone would have been answered.
    pub http_status: u16,
    /// Its state now; null where it was refused.
    pub state: Option<CommentState>,
    /// Why it was refused; null where it was not.
    #[schema(value_type = Option<Problem>)]
    pub problem: Option<Value>,
}

/// What became of each of the comments.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkModerationResults {
    /// Whether nothing was done but to tell what would happen.
    pub dry_run: bool,
    /// The results, in the order of the request, or the longest waiting first.
    #[schema(max_items = 200)]
    pub results: Vec<BulkModerationResult>,
    /// How many were decided, or were so already.
    #[schema(minimum = 0, maximum = 200)]
    pub succeeded_count: i32,
    /// How many were refused.
    #[schema(minimum = 0, maximum = 200)]
    pub failed_count: i32,
    /// Whether the filter finds more: ask again.
    pub has_more: bool,
}

/// Decide on many comments.
///
/// One decision on at most 200 comments, given by their ids or by a filter, each as if it were decided alone: a result
/// for each, 200 also where it was so already, 409 `already_decided` where a colleague decided otherwise; to turn what
/// was decided, send with their ids the `expected_state` in which you saw them. With `dry_run` nothing is written; what
/// one decision changes for the next is not seen then. To send it again does no harm.
#[utoipa::path(tag = "moderation", operation_id = "bulkDecideComments", request_body = BulkModerationRequest,
    responses((status = 200, description = "A result for each comment.", body = BulkModerationResults)))]
#[post("/v1/editorial/comments/bulk")]
pub async fn bulk_decide_comments(
    desk: FramedDesk<may::ModerateComments>,
    occasion: ProblemContext,
    body: Body<BulkModerationRequest>,
) -> Result<Json<BulkModerationResults>> {
    let request = body.value;
    let (ids, has_more) = match (request.comment_ids, request.filter) {
        (among, Some(filter)) => found(&desk, filter, among, request.expected_state).await?,
        (among, None) => (among.unwrap_or_default(), false),
    };
    let why = DecisionRequest {
        reason: request.reason,
        note: request.note,
        expected_state: request.expected_state,
    };
    let mut answer = BulkModerationResults {
        dry_run: request.dry_run,
        results: Vec::with_capacity(ids.len()),
        succeeded_count: 0,
        failed_count: 0,
        has_more,
    };
    for id in ids {
        let decision = request.action;
        let why = why.clone();
        let act = move |conn: &mut Conn, desk: &FramedContext<'_>| {
            decide_one(conn, &DecisionContext { desk, why: &why }, id, decision)
        };
        let outcome = if request.dry_run {
            desk.rehearse(act).await
        } else {
            desk.write(act).await
        };
        answer.add(id, outcome, &occasion);
    }
    Ok(Json(answer))
}

impl BulkModerationResults {
    fn add(&mut self, id: CommentId, outcome: Result<CommentState>, occasion: &ProblemContext) {
        let result = match outcome {
            Ok(state) => {
                self.succeeded_count += 1;
                BulkModerationResult {
                    id,
                    http_status: 200,
                    state: Some(state),
                    problem: None,
                }
            }
            Err(error) => {
                self.failed_count += 1;
                refused(id, &error, occasion)
            }
        };
        self.results.push(result);
    }
}

fn refused(id: CommentId, error: &Error, occasion: &ProblemContext) -> BulkModerationResult {
    let status = error.code().status();
    if let Some(cause) = error.cause() {
        let request_id = occasion.request_id.as_str();
        log::error!(target: "masthead::error", request_id; "{status} for comment {id}: {cause}");
    }
    BulkModerationResult {
        id,
        http_status: status,
        state: None,
        problem: Some(problem::to_json(error, occasion)),
    }
}

/// What a filter finds, and whether there is more.
async fn found(
    desk: &FramedDesk<may::ModerateComments>,
    filter: BulkFilter,
    among: Option<Vec<CommentId>>,
    state: Option<CommentState>,
) -> Result<(Vec<CommentId>, bool)> {
    let filter = QueueFilter {
        section_id: filter.section_id,
        article_id: filter.article_id,
        same_author_as: filter.same_author_as,
        created_before: filter.created_before,
        among,
        state,
        ..QueueFilter::of(filter.queue)
    };
    let mut ids = desk
        .read(move |conn, desk| {
            let who = (desk.frame, desk.actor, Permission::ModerateComments);
            let unknown = || Error::field(FieldError::new("/filter/same_author_as", FieldCode::UnknownReference));
            let narrowed = filter.narrowed(conn, who, desk.now, unknown)?;
            store::queue_ids(conn, &narrowed, i64::try_from(limits::BULK).unwrap_or(0) + 1)
        })
        .await?;
    let has_more = ids.len() > limits::BULK;
    ids.truncate(limits::BULK);
    Ok((ids, has_more))
}
