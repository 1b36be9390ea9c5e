//! Its author changes a comment, or takes it back: with the token that came when it was written, for a quarter
//! of an hour.
//!
//! What it said before is kept for moderators, and the phases see the new text: it may have to wait again. A
//! comment that waits is never freed by a change. One that was taken back leaves nothing but its place in the
//! thread.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, patch};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::articles::{ArticleId, published};
use crate::auth::secrets::sha256;
use crate::clock::Time;
use crate::comments::model::{Comment, CommentState, Decision, PhaseVerdict, body_digest};
use crate::comments::pipeline::{self, Submission};
use crate::comments::store::{self as comments, LogEntry};
use crate::comments::{CommentId, markup};
use crate::db::{Conn, Db};
use crate::error::{Code, Error, FieldCode, Language, Result};
use crate::http::body::{Body, FromBody, Media};
use crate::http::conditional::header_parameter;
use crate::http::fields::{self, Fields};
use crate::http::path::PathId;
use crate::limits;
use crate::site::Frames;

/// The header that carries the token by which a comment's author changes it.
const EDIT_TOKEN: &str = "X-Edit-Token";

/// The digest of the token that a request carries.
struct EditToken(Option<String>);

impl FromRequest for EditToken {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = request.headers().get(EDIT_TOKEN);
        ready(Ok(Self(token.map(|token| sha256(token.as_bytes())))))
    }
}

impl EditToken {
    fn required(self) -> Result<String> {
        self.0.ok_or_else(|| Error::new(Code::EditTokenRequired))
    }
}

impl utoipa::IntoParams for EditToken {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let description = "The `edit_token` that came when the comment was written; without it 400 `edit_token_required`.";
        vec![header_parameter(EDIT_TOKEN, false, description, 200)]
    }
}

/// A change of a comment by its author.
#[derive(Clone, Debug, ToSchema)]
pub struct CommentPatch {
    /// What it says from now on: limited Markdown.
    #[schema(nullable = false, min_length = 1, max_length = 5000)]
    pub body: Option<String>,
}

impl FromBody for CommentPatch {
    const MEDIA: Media = Media::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        let body = fields.change("body", |at, value| {
            let text = fields::string(at, value)?;
            if text.trim().is_empty() {
                return at.fail(FieldCode::CommentMissing);
            }
            fields::exact_text(limits::COMMENT)(at, text.into())
        });
        Some(Self { body })
    }
}

/// A comment as its author sees it after a change.
#[derive(Serialize, ToSchema)]
pub struct ChangedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    #[schema(value_type = String, format = "uuid")]
    pub article_id: ArticleId,
    /// What it answers.
    pub parent_id: Option<CommentId>,
    /// Where it is in its life: shown, or waiting for a moderator.
    pub state: CommentState,
    /// What to tell its author.
    pub message: String,
    /// The author's name.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The comment as safe HTML.
    pub body_html: String,
    /// When it was written.
    pub created_at: Time,
    /// When it was changed last; null where never.
    pub edited_at: Option<Time>,
    /// Until when it can be changed again or taken back.
    pub editable_until: Time,
}

fn view(comment: Comment, language: Language) -> ChangedComment {
    let message = match (comment.state, language) {
        (CommentState::Approved, Language::French) => "Votre commentaire est modifié.",
        (CommentState::Approved, Language::English) => "Your comment is changed.",
        (_, Language::French) => "Votre commentaire est modifié et en attente de modération.",
        (_, Language::English) => "Your comment is changed and awaiting moderation.",
    };
    ChangedComment {
        id: comment.id,
        article_id: comment.article_id,
        parent_id: comment.parent_id,
        state: comment.state,
        message: message.to_owned(),
        body_html: comment.html(),
        editable_until: editable_until(&comment),
        author_name: comment.author_name,
        body: comment.body,
        created_at: comment.created_at,
        edited_at: comment.edited_at,
    }
}

/// Until when its author may change a comment or take it back.
fn editable_until(comment: &Comment) -> Time {
    comment.created_at.plus_seconds(limits::COMMENT_EDIT_SECONDS)
}

/// The comment, if this is its token and it is still its author's to change. A wrong token is told so only where
/// readers see the comment: else it is not there.
fn owned(conn: &mut Conn, id: CommentId, token: &str, now: Time) -> Result<Comment> {
    let comment = comments::get_locked(conn, id)?;
    if comment.edit_token_digest.as_deref() != Some(token) {
        let is_known = comment.is_shown();
        return Err(Error::new(if is_known { Code::EditTokenWrong } else { Code::NotFound }));
    }
    match comment.state {
        CommentState::Deleted | CommentState::Erased => Ok(comment),
        CommentState::Rejected | CommentState::Spam => Err(Error::new(Code::CommentDecided)),
        _ if now >= editable_until(&comment) => Err(edit_window_closed()),
        _ => Ok(comment),
    }
}

fn edit_window_closed() -> Error {
    Error::new(Code::EditWindowClosed)
        .with("minutes", limits::COMMENT_EDIT_SECONDS / 60)
        .with("max", limits::COMMENT_EDITS)
}

/// Change one's comment.
///
/// Within 15 minutes, up to 20 times, with its edit token, until a moderator decides against it (409). What it
/// said before is kept for moderators. The new text passes the phases like a new comment, and may have to wait;
/// what waits already waits on. A wrong token is 403, or 404 where readers do not see the comment.
#[utoipa::path(tag = "comments", operation_id = "updateComment", params(EditToken), request_body = CommentPatch,
    responses((status = 200, description = "The comment, changed.", body = ChangedComment), NotYours,
              crate::openapi::Conflict, crate::openapi::Withdrawn))]
#[patch("/v1/comments/{comment_id}")]
async fn update_comment(
    db: Data<Db>,
    frames: Data<Frames>,
    id: PathId<CommentId>,
    token: EditToken,
    language: Language,
    body: Body<CommentPatch>,
) -> Result<HttpResponse> {
    let (id, token, now) = (id.0, token.required()?, db.clock().now());
    let text = body.value.body.map(|body| Text {
        html: markup::render(&body),
        digest: body_digest(&body),
        body,
    });
    let comment = db
        .write(move |conn| {
            let comment = owned(conn, id, &token, now)?;
            if [CommentState::Deleted, CommentState::Erased].contains(&comment.state) {
                return Err(Error::not_found());
            }
            published::must_be_live(conn, comment.article_id)?;
            match &text {
                Some(text) if text.body != comment.body => change(conn, &frames, &comment, text, now)?,
                _ => {}
            }
            comments::get(conn, id)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(view(comment, language)))
}

/// A new text, and what is made of it before the transaction.
struct Text {
    body: String,
    html: String,
    digest: String,
}

fn change(conn: &mut Conn, frames: &Frames, comment: &Comment, text: &Text, now: Time) -> Result<()> {
    if store::edit_count(conn, comment.id)? >= limits::COMMENT_EDITS {
        return Err(edit_window_closed());
    }
    let (state, verdicts) = passes(conn, frames, comment.article_id)?;
    let after = Comment {
        body: text.body.clone(),
        body_html: Some(text.html.clone()),
        body_digest: Some(text.digest.clone()),
        verdicts: serde_json::to_string(&verdicts).map_err(Error::internal)?,
        edited_at: Some(now),
        ..comment.clone()
    };
    store::replace_text(conn, comment, &after)?;
    if comment.state == CommentState::Approved && state != CommentState::Approved {
        let entry = LogEntry {
            moderator: None,
            decision: Decision::Restore,
            reason: Some("edited"),
            note: None,
            at: now,
        };
        comments::decide(conn, &after, CommentState::Pending, &entry)?;
    }
    Ok(())
}

/// What the phases say of a changed comment.
fn passes(conn: &mut Conn, frames: &Frames, article: ArticleId) -> Result<(CommentState, Vec<PhaseVerdict>)> {
    let frame = frames.within_write(conn)?;
    let mode = published::discussion(conn, &frame, article)?.policy.mode;
    pipeline::run(&Submission { mode })
}

/// Take one's comment back.
///
/// Within 15 minutes, with its edit token, until a moderator decides against it (409). Its text, its author's
/// name and what it said before are gone at once; answers to it stay, below its place. A repetition changes
/// nothing. A wrong token is 403, or 404 where readers do not see the comment.
#[utoipa::path(tag = "comments", operation_id = "deleteComment", params(EditToken),
    responses((status = 204, description = "It is gone."), NotYours, crate::openapi::Conflict))]
#[delete("/v1/comments/{comment_id}")]
async fn delete_comment(db: Data<Db>, id: PathId<CommentId>, token: EditToken) -> Result<HttpResponse> {
    let (id, token, now) = (id.0, token.required()?, db.clock().now());
    db.write(move |conn| {
        let comment = owned(conn, id, &token, now)?;
        match comment.state {
            CommentState::Deleted | CommentState::Erased => Ok(()),
            _ => store::empty(conn, &comment, CommentState::Deleted, now),
        }
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 403: another's comment.
struct NotYours;

impl utoipa::IntoResponses for NotYours {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        crate::openapi::problem_responses(&[403])
    }
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(update_comment).service(delete_comment);
}
