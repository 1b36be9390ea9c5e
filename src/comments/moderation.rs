//! Moderators find what waits, see why, and decide. Every decision is in a log that only grows.

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::CommentId;
use super::delivery::{after, key};
use super::model::{Comment, CommentState, Decision, DecisionReason, Outcome, PhaseVerdict};
use super::store::{self, LogEntry, Queued};
use crate::articles::{self, ArticleId};
use crate::audit::{self, Act, TargetKind};
use crate::auth::secrets::Secrets;
use crate::auth::{Actor, Permission, Require, UserId, may};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};
use crate::http::body::{Body, FromBody};
use crate::http::fields::{Fields, one_of, text};
use crate::http::page::{Binding, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query};
use crate::limits;
use crate::site::{Frame, Frames};

/// A comment as moderators see it.
#[derive(Serialize, ToSchema)]
pub struct ModeratedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// The article's headline.
    pub article_title: String,
    /// The article's public path.
    pub article_path: Option<String>,
    /// What it answers.
    pub parent_id: Option<CommentId>,
    /// Levels below the first comment of its thread.
    pub depth: i32,
    /// The name that its author gave.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The comment as safe HTML.
    pub body_html: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// Whether readers see it: it is approved, and so is everything it answers.
    pub is_visible: bool,
    /// What each phase said when it was written.
    pub verdicts: Vec<PhaseVerdict>,
    /// When it was written.
    pub created_at: Time,
    /// When it was decided last.
    pub decided_at: Option<Time>,
    /// By whom.
    pub decided_by: Option<UserId>,
}

impl From<Queued> for ModeratedComment {
    fn from((comment, article_title, article_path): Queued) -> Self {
        Self {
            id: comment.id,
            article_id: comment.article_id,
            article_title,
            article_path,
            parent_id: comment.parent_id,
            depth: comment.depth,
            body_html: comment.html(),
            author_name: comment.author_name,
            body: comment.body,
            state: comment.state,
            is_visible: comment.is_visible,
            verdicts: serde_json::from_str(&comment.verdicts).unwrap_or_default(),
            created_at: comment.created_at,
            decided_at: comment.decided_at,
            decided_by: comment.decided_by,
        }
    }
}

/// A page of the queue.
#[derive(Serialize, ToSchema)]
pub struct ModerationPage {
    /// The comments.
    pub items: Vec<ModeratedComment>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Which comments.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQueue {
    /// In this state: `pending` where it is not given.
    #[param(value_type = Option<CommentState>)]
    state: CommentState,
    /// Only on this article.
    #[param(value_type = Option<String>, format = "uuid")]
    article_id: Option<ArticleId>,
    #[param(ignore)]
    page: PageRequest,
}

impl FromQuery for ListQueue {
    const NAMES: &'static [&'static str] = &["state", "article_id", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            state: query
                .word("state", CommentState::WORDS, CommentState::parse)?
                .unwrap_or(CommentState::Pending),
            article_id: query.parsed("article_id", "a UUID", ArticleId::parse)?,
            page: PageRequest::of(query)?,
        })
    }
}

/// List the moderation queue.
///
/// Comments in a state, the longest waiting first. A grant in a section shows what was written there.
#[utoipa::path(tag = "moderation", operation_id = "listModerationQueue", params(ListQueue, PageRequest),
    responses((status = 200, description = "A page of comments.", body = ModerationPage)))]
#[get("/v1/editorial/moderation/queue")]
async fn list_moderation_queue(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    actor: Require<may::ReadComments>,
    params: Params<ListQueue>,
) -> Result<Json<ModerationPage>> {
    let (list, actor) = (params.0, actor.into_actor());
    let binding = Binding::new("moderation", &(list.state, list.article_id));
    let after = after(&list.page, &secrets, &binding)?;
    let page = list.page.clone();
    let rows = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let scopes = actor.scopes(Permission::ReadComments, &frame.tree);
            store::queue(
                conn,
                list.state,
                list.article_id,
                scopes.as_deref(),
                after,
                list.page.fetch(),
            )
        })
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |(comment, ..)| key(comment))?;
    Ok(Json(ModerationPage {
        items: rows.into_iter().map(ModeratedComment::from).collect(),
        page,
    }))
}

/// A comment with all that a moderator needs to decide.
#[derive(Serialize, ToSchema)]
pub struct CommentContext {
    /// The comment.
    pub comment: ModeratedComment,
    /// Its thread, oldest first, itself included.
    pub thread: Vec<ThreadComment>,
    /// Every decision on it, oldest first.
    pub log: Vec<ModerationLogEntry>,
}

/// A comment of the thread around.
#[derive(Serialize, ToSchema)]
pub struct ThreadComment {
    /// The comment's id.
    pub id: CommentId,
    /// What it answers.
    pub parent_id: Option<CommentId>,
    /// The name that its author gave.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// When it was written.
    pub created_at: Time,
}

impl From<Comment> for ThreadComment {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            parent_id: comment.parent_id,
            author_name: comment.author_name,
            body: comment.body,
            state: comment.state,
            created_at: comment.created_at,
        }
    }
}

/// One decision.
#[derive(Serialize, ToSchema)]
pub struct ModerationLogEntry {
    /// Who decided; null where it was the house.
    pub moderator_id: Option<UserId>,
    /// Their name.
    pub moderator_name: Option<String>,
    /// What they did.
    pub action: Decision,
    /// The state before.
    pub from_state: CommentState,
    /// The state after.
    pub to_state: CommentState,
    /// Why, as a code.
    pub reason: Option<String>,
    /// Why, in words.
    pub note: Option<String>,
    /// When.
    pub at: Time,
}

impl From<store::LogRow> for ModerationLogEntry {
    fn from((moderator_id, moderator_name, action, from_state, to_state, reason, note, at): store::LogRow) -> Self {
        Self {
            moderator_id,
            moderator_name,
            action,
            from_state,
            to_state,
            reason,
            note,
            at,
        }
    }
}

/// Read a comment for moderation.
///
/// The comment with its thread, what the phases said and every decision so far.
#[utoipa::path(tag = "moderation", operation_id = "getCommentForModeration",
    responses((status = 200, description = "The comment and its context.", body = CommentContext)))]
#[get("/v1/editorial/comments/{comment_id}")]
async fn get_comment_for_moderation(
    db: Data<Db>,
    actor: Require<may::ReadComments>,
    id: PathId<CommentId>,
    _: Params<NoParams>,
) -> Result<Json<CommentContext>> {
    let actor = actor.into_actor();
    let context = db
        .read(move |conn| {
            let queued = store::get_queued(conn, id.0)?;
            check_scope(conn, &actor, Permission::ReadComments, queued.0.article_id)?;
            let thread = store::thread(conn, queued.0.root_id)?
                .into_iter()
                .map(ThreadComment::from)
                .collect();
            let log = store::log_of(conn, id.0)?
                .into_iter()
                .map(ModerationLogEntry::from)
                .collect();
            Ok(CommentContext {
                comment: queued.into(),
                thread,
                log,
            })
        })
        .await?;
    Ok(Json(context))
}

/// A comment on an article that no grant covers is not there for the moderator.
fn check_scope(conn: &mut Conn, actor: &Actor, permission: Permission, article: ArticleId) -> Result<()> {
    if actor.may_everywhere(permission) {
        return Ok(());
    }
    let frame = Frame::load(conn)?;
    let (article, _) = articles::store::get(conn, article)?;
    let subject = article.subject(&frame.tree, article.section_id, actor);
    if actor.may(permission, &subject) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Why, if the moderator says so.
#[derive(Clone, Debug, ToSchema)]
pub struct DecisionRequest {
    /// Why, as a code.
    pub reason: Option<DecisionReason>,
    /// Why, in words; for colleagues.
    pub note: Option<String>,
}

impl FromBody for DecisionRequest {
    const MAY_BE_EMPTY: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reason = fields.optional("reason", one_of(DecisionReason::WORDS, DecisionReason::parse));
        Some(Self {
            reason,
            note: fields.optional("note", text(limits::NOTE)),
        })
    }
}

/// Decides on behalf of a handler.
async fn run(
    db: &Db,
    actor: Require<may::ModerateComments>,
    id: PathId<CommentId>,
    decision: Decision,
    body: Body<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let (actor, now, why) = (actor.into_actor(), db.clock().now(), body.value);
    let queued = db
        .write(move |conn| {
            decide(conn, &actor, id.0, decision, &why, now)?;
            store::get_queued(conn, id.0)
        })
        .await?;
    Ok(Json(queued.into()))
}

/// Moves the comment, writes the log, settles thread and count: all or nothing.
fn decide(
    conn: &mut Conn,
    actor: &Actor,
    id: CommentId,
    decision: Decision,
    why: &DecisionRequest,
    now: Time,
) -> Result<()> {
    let comment = store::get_locked(conn, id)?;
    check_scope(conn, actor, Permission::ModerateComments, comment.article_id)?;
    match comment.state.after(decision) {
        Outcome::Already => Ok(()),
        Outcome::Becomes(to) => {
            let reason = why.reason.map(DecisionReason::as_str);
            let entry = LogEntry {
                moderator: Some(actor.user_id),
                decision,
                reason,
                note: why.note.as_deref(),
                at: now,
            };
            store::decide(conn, &comment, to, &entry)?;
            let action = format!("comment.{decision}");
            let act = Act::on(&action, TargetKind::Comment, id.as_str())
                .detail("state_before", comment.state.as_str())
                .detail("state", to.as_str())
                .detail("reason", reason);
            audit::record(conn, actor, act, now)
        }
        Outcome::Contrary => Err(Error::new(Code::AlreadyDecided)
            .with("state", comment.state)
            .extra("state", comment.state.as_str())),
        Outcome::TooLate => Err(Error::new(Code::CommentDeleted).extra("state", comment.state.as_str())),
    }
}

/// Approve a comment.
///
/// Readers see it from now on, if they see what it answers. One that was rejected must be restored
/// first (409).
#[utoipa::path(tag = "moderation", operation_id = "approveComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, approved.", body = ModeratedComment), crate::openapi::Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/approve")]
async fn approve_comment(
    db: Data<Db>,
    moderator: Require<may::ModerateComments>,
    id: PathId<CommentId>,
    body: Body<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    run(&db, moderator, id, Decision::Approve, body).await
}

/// Reject a comment.
///
/// Readers never see it. One that was approved must be restored first (409).
#[utoipa::path(tag = "moderation", operation_id = "rejectComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, rejected.", body = ModeratedComment), crate::openapi::Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/reject")]
async fn reject_comment(
    db: Data<Db>,
    moderator: Require<may::ModerateComments>,
    id: PathId<CommentId>,
    body: Body<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    run(&db, moderator, id, Decision::Reject, body).await
}

/// Mark a comment as spam.
///
/// Readers never see it, and it counts as not meant for them.
#[utoipa::path(tag = "moderation", operation_id = "markCommentAsSpam", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, spam.", body = ModeratedComment), crate::openapi::Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/spam")]
async fn mark_comment_as_spam(
    db: Data<Db>,
    moderator: Require<may::ModerateComments>,
    id: PathId<CommentId>,
    body: Body<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    run(&db, moderator, id, Decision::Spam, body).await
}

/// Restore a comment.
///
/// Puts it back into the queue, whatever was decided; readers do not see it meanwhile.
#[utoipa::path(tag = "moderation", operation_id = "restoreComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, pending.", body = ModeratedComment), crate::openapi::Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/restore")]
async fn restore_comment(
    db: Data<Db>,
    moderator: Require<may::ModerateComments>,
    id: PathId<CommentId>,
    body: Body<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    run(&db, moderator, id, Decision::Restore, body).await
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_moderation_queue)
        .service(get_comment_for_moderation)
        .service(approve_comment)
        .service(reject_comment)
        .service(mark_comment_as_spam)
        .service(restore_comment);
}
