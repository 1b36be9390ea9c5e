//! One action on many articles: each as if it were asked for alone, in a transaction of its own, so
//! that others write in between.

use actix_web::post;
use actix_web::web::Json;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::table::Action;
use super::{publish, review, trash, withdraw};
use crate::access::auth::{Permission, may};
use crate::articles::model::ArticleState;
use crate::base::db::Conn;
use crate::base::error::{Error, FieldCode, Result};
use crate::base::http::body::Body;
use crate::base::http::problem::{self, Problem, ProblemContext};
use crate::base::http::value_reader::{ValueReader, boolean, component, filled_list, id, integer, word};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::editorial::workflow::run::{ActionCall, ActionFn};
use crate::site::framed_desk::{FramedContext, FramedDesk};

crate::word_type! {
    /// What can be done with many articles at once.
    BulkAction {
        /// Hand them in, to be read.
        Submit = "submit",
        /// Say that they are fit to print.
        Approve = "approve",
        /// Make them live.
        Publish = "publish",
        /// Take them off.
        Unpublish = "unpublish",
        /// Throw them away.
        Trash = "trash",
        /// Take them out of the trash.
        Restore = "restore",
    }
}

impl BulkAction {
    /// The action on one article, and what it does.
    fn on_one(self) -> (Action, ActionFn) {
        match self {
            Self::Submit => (Action::Submit, review::submit),
            Self::Approve => (Action::Approve, review::approve),
            Self::Publish => (Action::Publish, publish::publish_plainly),
            Self::Unpublish => (Action::Unpublish, withdraw::unpublish_plainly),
            Self::Trash => (Action::Trash, trash::trash),
            Self::Restore => (Action::Restore, trash::restore),
        }
    }
}

/// One of the articles.
#[derive(Clone, Copy, Debug, ToSchema)]
pub struct BulkItem {
    /// The article's id.
    pub id: ArticleId,
    /// The version that you read.
    #[schema(minimum = 1)]
    pub version: i64,
}

body_type! {
    /// What to do with which articles.
    #[derive(Clone, Debug)]
    pub struct BulkRequest {
        /// What to do.
        pub action: BulkAction = required(word()),
        /// The articles, each once.
        pub articles: Vec<BulkItem> = required(items()),
        /// Whether only to tell what would happen.
        pub dry_run: bool = defaulted(boolean()),
    }
}

fn items() -> impl ValueReader<Value = Vec<BulkItem>> {
    let item = component(|fields| {
        let id = fields.required("id", id());
        let version = fields.required("version", integer(1, i64::MAX));
        Some(BulkItem {
            id: id?,
            version: version?,
        })
    });
    filled_list(limits::BULK, item).then(|at, items| {
        let mut is_sound = true;
        for (index, item) in items.iter().enumerate() {
            if items.iter().take(index).any(|before| before.id == item.id) {
                let _: Option<()> = at.child(&index.to_string()).child("id").fail(FieldCode::Duplicate);
                is_sound = false;
            }
        }
        is_sound.then_some(items)
    })
}

/// What became of one of the articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// The article's id.
    pub id: ArticleId,
    /// The status with which the action alone would have been answered.
    pub http_status: u16,
    /// Its version now; null where it was refused.
    pub version: Option<i64>,
    /// Its state now; null where it was refused.
    pub state: Option<ArticleState>,
    /// Why it was refused; null where it was not.
    #[schema(value_type = Option<Problem>)]
    pub problem: Option<Value>,
}

/// What became of each of the articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResults {
    /// Whether nothing was done but to tell what would happen.
    pub dry_run: bool,
    /// The results, in the order of the request.
    #[schema(max_items = 200)]
    pub results: Vec<BulkResult>,
    /// How many were done.
    pub succeeded_count: i64,
    /// How many were refused.
    pub failed_count: i64,
}

/// Act on many articles.
///
/// Does the same with each of up to 200 articles, in their order, each as its own action would: with
/// its own permission, state, version, audit, and what it cancels. One that is refused stops no other;
/// its result says why. With `dry_run` nothing is changed, and each result is what the article alone
/// would be told: what those before it would have changed is not seen. To send it again does no harm,
/// since versions and states have moved on.
#[utoipa::path(tag = "articles", operation_id = "bulkUpdateArticles", request_body = BulkRequest,
    responses((status = 200, description = "A result for each article.", body = BulkResults)))]
#[post("/v1/editorial/articles/bulk")]
pub async fn bulk_update_articles(
    desk: FramedDesk<may::ReadArticles>,
    occasion: ProblemContext,
    body: Body<BulkRequest>,
) -> Result<Json<BulkResults>> {
    let request = body.value;
    let (action, action_fn) = request.action.on_one();
    let permission = action.rule()?.permission;
    let writes = desk.actor.may_somewhere(Permission::WriteArticles);
    // Who writes articles is told of each that it is not theirs to act on.
    if !writes {
        desk.actor.check_somewhere(permission)?;
    }
    let mut answer = BulkResults {
        dry_run: request.dry_run,
        results: Vec::new(),
        succeeded_count: 0,
        failed_count: 0,
    };
    for item in request.articles {
        let asked = ActionCall::one_of_many(&desk, action, item.id, item.version);
        let act = move |conn: &mut Conn, desk: &FramedContext<'_>| {
            let acted = asked.transact(conn, desk, &|conn, desk, locked, _| action_fn(conn, desk, locked))?;
            Ok((acted.status, acted.shown.article.version, acted.shown.article.state))
        };
        let outcome = if request.dry_run {
            desk.rehearse(act).await
        } else {
            desk.write(act).await
        };
        answer.results.push(match outcome {
            Ok((status, version, state)) => {
                answer.succeeded_count += 1;
                BulkResult {
                    id: item.id,
                    http_status: status.as_u16(),
                    version: Some(version),
                    state: Some(state),
                    problem: None,
                }
            }
            Err(error) => {
                answer.failed_count += 1;
                refused(item.id, &error, &occasion)
            }
        });
    }
    Ok(Json(answer))
}

fn refused(id: ArticleId, error: &Error, occasion: &ProblemContext) -> BulkResult {
    let status = error.code().status();
    if let Some(cause) = error.cause() {
        let request_id = occasion.request_id.as_str();
        log::error!(target: "masthead::error", request_id; "{status} for article {id}: {cause}");
    }
    BulkResult {
        id,
        http_status: status,
        version: None,
        state: None,
        problem: Some(problem::to_json(error, occasion)),
    }
}
