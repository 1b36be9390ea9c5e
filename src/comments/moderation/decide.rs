//! Decisions on one comment, featuring and pinning it, and taking a decision back.

use actix_web::post;
use actix_web::web::Json;

use super::card::{self, ModeratedComment};
use super::model::ModerationAction;
use super::store;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Permission, may};
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::LateBody;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{text, word};
use crate::base::ids::CommentId;
use crate::base::limits;
use crate::body_type;
use crate::comments::model::{Comment, CommentState, Decision, DecisionOutcome, DecisionReason};
use crate::comments::moderation::model::decision_outcome;
use crate::comments::moderation::store::{CommentMark, NewModerationLogEntry};
use crate::comments::store as comments;
use crate::site::framed_desk::{FramedContext, FramedDesk};

body_type! {
    /// Why, if the moderator says so.
    #[derive(Clone, Debug)]
    pub struct DecisionRequest [may_be_empty] {
        /// Why, as a code.
        pub reason: DecisionReason = optional(word()),
        /// Why, in words; for colleagues.
        pub note: String = optional(text(limits::NOTE)),
        /// The state in which the moderator saw it: in another one by now, it is 409 `already_decided`.
        pub expected_state: CommentState = optional(word()),
    }
}

/// What a moderator does with one comment.
type ModerationDecision = fn(&mut Conn, &DecisionContext<'_>, &Comment) -> Result<()>;

/// Who does it, when and why.
pub(super) struct DecisionContext<'d> {
    pub desk: &'d FramedContext<'d>,
    pub why: &'d DecisionRequest,
}

impl DecisionContext<'_> {
    fn entry(&self, action: ModerationAction) -> NewModerationLogEntry<'_> {
        NewModerationLogEntry {
            moderator: Some(self.desk.actor.user_id),
            action,
            reason: self.why.reason.map(DecisionReason::as_str),
            note: self.why.note.as_deref(),
            at: self.desk.now,
        }
    }

    /// The comment, its thread locked, if a grant covers it and it is still as the moderator saw it.
    fn locked(&self, conn: &mut Conn, id: CommentId) -> Result<Comment> {
        let comment = get_in_reach(conn, self.desk, id)?;
        let is_expected = self.why.expected_state.is_none_or(|expected| expected == comment.state);
        match comment.state {
            // That it is gone says more than that it changed.
            CommentState::Deleted | CommentState::Erased => Ok(comment),
            _ if is_expected => Ok(comment),
            _ => Err(already_decided(&comment)),
        }
    }

    fn audited(&self, conn: &mut Conn, action: ModerationAction, comment: &Comment, to: CommentState) -> Result<()> {
        let action = format!("comment.{action}");
        let act = AuditEvent::on(&action, TargetKind::Comment, comment.id.as_str())
            .detail("state_before", comment.state.as_str())
            .detail("state", to.as_str())
            .detail("reason", self.why.reason.map(DecisionReason::as_str));
        audit::record(conn, self.desk.actor, act, self.desk.now)
    }
}

/// The comment, its thread locked, if a grant covers it.
fn get_in_reach(conn: &mut Conn, desk: &FramedContext<'_>, id: CommentId) -> Result<Comment> {
    let comment = comments::get_locked(conn, id)?;
    let permission = Permission::ModerateComments;
    super::check_scope(conn, desk.frame, desk.actor, permission, comment.article_id)?;
    Ok(comment)
}

/// Acts on behalf of a handler.
async fn run(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
    decision: ModerationDecision,
) -> Result<Json<ModeratedComment>> {
    let card = desk
        .write(move |conn, desk| {
            let why = match body.value() {
                Ok(why) => why,
                // What is wrong with it is told to those who may decide on the comment.
                Err(wrong) => {
                    get_in_reach(conn, desk, id.0)?;
                    return Err(wrong);
                }
            };
            let context = DecisionContext { desk, why };
            let comment = context.locked(conn, id.0)?;
            decision(conn, &context, &comment)?;
            card::card(conn, id.0, desk.now)
        })
        .await?;
    Ok(Json(card))
}

/// Decides on one of many; returns the state that it has now. Whoever decides on many has not looked at each, so what a
/// colleague decided otherwise is turned only where the moderator said in which state they saw it.
pub(super) fn decide_one(
    conn: &mut Conn,
    by: &DecisionContext<'_>,
    id: CommentId,
    decision: Decision,
) -> Result<CommentState> {
    let comment = by.locked(conn, id)?;
    if by.why.expected_state.is_none()
        && let DecisionOutcome::Reverses(_) = decision_outcome(&comment, decision)
    {
        return Err(already_decided(&comment));
    }
    decide(conn, by, &comment, decision)?;
    Ok(decision.resulting_state())
}

/// Moves the comment, writes the log, settles reports, thread and count: all or nothing.
fn decide(conn: &mut Conn, by: &DecisionContext<'_>, comment: &Comment, decision: Decision) -> Result<()> {
    match decision_outcome(comment, decision) {
        DecisionOutcome::Unchanged => Ok(()),
        DecisionOutcome::Becomes(to) | DecisionOutcome::Reverses(to) => {
            let action = decision.into();
            store::decide(conn, comment, to, &by.entry(action))?;
            by.audited(conn, action, comment, to)
        }
        DecisionOutcome::TooLate => Err(too_late(comment)),
    }
}

fn already_decided(comment: &Comment) -> Error {
    Error::new(Code::AlreadyDecided)
        .with("state", comment.state)
        .extra("state", comment.state.as_str())
}

fn too_late(comment: &Comment) -> Error {
    Error::new(Code::CommentDeleted).extra("state", comment.state.as_str())
}

/// Takes the last decision back, if the comment is still in the state that this decision gave it.
fn undo(conn: &mut Conn, by: &DecisionContext<'_>, comment: &Comment) -> Result<()> {
    if matches!(comment.state, CommentState::Deleted | CommentState::Erased) {
        return Err(too_late(comment));
    }
    let last = store::last_decision(conn, comment.id)?;
    let Some((before, _, at)) = last.filter(|(_, after, _)| *after == comment.state) else {
        return Err(Error::new(Code::NothingToUndo).extra("state", comment.state.as_str()));
    };
    store::undo(conn, comment, before, at, &by.entry(ModerationAction::Undo))?;
    by.audited(conn, ModerationAction::Undo, comment, before)
}

/// Gives an approved comment a mark; a second time changes nothing.
fn add_mark(
    conn: &mut Conn,
    by: &DecisionContext<'_>,
    comment: &Comment,
    mark: CommentMark,
    action: ModerationAction,
) -> Result<()> {
    if comment.state != CommentState::Approved {
        return Err(Error::new(Code::CommentNotApproved)
            .with("state", comment.state)
            .extra("state", comment.state.as_str()));
    }
    if mark.since(comment).is_some() {
        return Ok(());
    }
    store::mark(conn, comment, mark, Some(by.desk.now), &by.entry(action))?;
    by.audited(conn, action, comment, comment.state)
}

/// Takes a mark away; a second time changes nothing.
fn remove_mark(
    conn: &mut Conn,
    by: &DecisionContext<'_>,
    comment: &Comment,
    mark: CommentMark,
    action: ModerationAction,
) -> Result<()> {
    if mark.since(comment).is_none() {
        return Ok(());
    }
    store::mark(conn, comment, mark, None, &by.entry(action))?;
    by.audited(conn, action, comment, comment.state)
}

/// Approve a comment.
///
/// Readers see it from now on, if they see what it replies to, whatever was decided before. Reports are settled: to approve
/// a reported comment once more keeps it. With `expected_state`, 409 where a colleague decided meanwhile.
#[utoipa::path(tag = "moderation", operation_id = "approveComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, approved.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/approve")]
pub async fn approve_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision = |conn, by, comment| decide(conn, by, comment, Decision::Approve);
    run(desk, id, body, decision).await
}

/// Reject a comment.
///
/// Readers do not see it, or see it no more: it may have been approved. With `expected_state`, 409 where a colleague
/// decided meanwhile.
#[utoipa::path(tag = "moderation", operation_id = "rejectComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, rejected.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/reject")]
pub async fn reject_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision = |conn, by, comment| decide(conn, by, comment, Decision::Reject);
    run(desk, id, body, decision).await
}

/// Mark a comment as spam.
///
/// As when it is rejected, and it counts as not meant for readers.
#[utoipa::path(tag = "moderation", operation_id = "markCommentAsSpam", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, spam.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/spam")]
pub async fn mark_comment_as_spam(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision = |conn, by, comment| decide(conn, by, comment, Decision::Spam);
    run(desk, id, body, decision).await
}

/// Restore a comment.
///
/// Puts it back into the queue, whatever was decided; readers do not see it meanwhile.
#[utoipa::path(tag = "moderation", operation_id = "restoreComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, pending.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/restore")]
pub async fn restore_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision = |conn, by, comment| decide(conn, by, comment, Decision::Restore);
    run(desk, id, body, decision).await
}

/// Feature a comment.
///
/// Shows an approved one as one of the best; any other is 409 `comment_not_approved`. It stays so until it is
/// unfeatured or not approved any more. A second time changes nothing.
#[utoipa::path(tag = "moderation", operation_id = "featureComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, featured.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/feature")]
pub async fn feature_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision =
        |conn, by, comment| add_mark(conn, by, comment, CommentMark::Featured, ModerationAction::Feature);
    run(desk, id, body, decision).await
}

/// Unfeature a comment.
///
/// The comment loses its mark. A second time changes nothing.
#[utoipa::path(tag = "moderation", operation_id = "unfeatureComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, not featured.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/unfeature")]
pub async fn unfeature_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision =
        |conn, by, comment| remove_mark(conn, by, comment, CommentMark::Featured, ModerationAction::Unfeature);
    run(desk, id, body, decision).await
}

/// Pin a comment.
///
/// Puts an approved one above the others; any other is 409 `comment_not_approved`. It stays there until it is unpinned
/// or not approved any more. A second time changes nothing.
#[utoipa::path(tag = "moderation", operation_id = "pinComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, pinned.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/pin")]
pub async fn pin_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision =
        |conn, by, comment| add_mark(conn, by, comment, CommentMark::Pinned, ModerationAction::Pin);
    run(desk, id, body, decision).await
}

/// Unpin a comment.
///
/// The comment returns to its place in the order. A second time changes nothing.
#[utoipa::path(tag = "moderation", operation_id = "unpinComment", request_body = DecisionRequest,
    responses((status = 200, description = "The comment, not pinned.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/unpin")]
pub async fn unpin_comment(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision =
        |conn, by, comment| remove_mark(conn, by, comment, CommentMark::Pinned, ModerationAction::Unpin);
    run(desk, id, body, decision).await
}

/// Undo the last decision on a comment.
///
/// The state before it, and the reports that it settled are open again; the log notes both. Again takes back the
/// decision before that. Where nothing is left, or the comment became what it is by its author, 409 `nothing_to_undo`.
/// Marks that the decision took away do not come back.
#[utoipa::path(tag = "moderation", operation_id = "undoDecision", request_body = DecisionRequest,
    responses((status = 200, description = "The comment as it was.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/comments/{comment_id}/actions/undo")]
pub async fn undo_decision(
    desk: FramedDesk<may::ModerateComments>,
    id: PathId<CommentId>,
    body: LateBody<DecisionRequest>,
) -> Result<Json<ModeratedComment>> {
    let decision: ModerationDecision = |conn, by, comment| undo(conn, by, comment);
    run(desk, id, body, decision).await
}
