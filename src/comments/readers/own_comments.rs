//! An author changes their own comment, or takes it back: with the token that they got when they wrote it, for a
//! quarter of an hour.
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
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, FieldCode, Language, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::header_parameter;
use crate::base::http::path::PathId;
use crate::base::http::responses::{self, Conflict, Withdrawn};
use crate::base::http::value_reader::{ValueReader, ValueSchema, boolean, exact_text, string, value_reader};
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::base::secrets::sha256;
use crate::comments::identity::CommentAuthor;
use crate::comments::model::{Comment, CommentState, Decision};
use crate::comments::moderation::store::decide_by_rule;
use crate::comments::pipeline::examine::{CommentPlace, Examiner, PreparedText, SubmissionContext, examine};
use crate::comments::pipeline::{PipelineOutcome, holds};
use crate::comments::{markup, store as comments};
use crate::{body_type, published};

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
        let description =
            "The `edit_token` that came when the comment was written; without it 400 `edit_token_required`.";
        vec![header_parameter(EDIT_TOKEN, false, description, 200)]
    }
}

body_type! {
    /// A change of a comment by its author.
    #[derive(Clone, Debug)]
    pub struct CommentPatch [merge_patch] {
        /// What it says from now on: limited Markdown.
        pub body: String = change(comment_text()),
        /// Changes it though its author was asked to think again (422 with `is_confirmable`).
        pub is_confirmed: bool = change(boolean()),
    }
}

fn comment_text() -> impl ValueReader<Value = String> {
    let seen = value_reader(
        || ValueSchema::text(limits::COMMENT),
        |at, value| {
            let text = string(at, value)?;
            if markup::is_blank(&text) {
                return at.fail(FieldCode::CommentMissing);
            }
            exact_text(limits::COMMENT).read(at, text.into())
        },
    );
    seen.documented(|text| text.min_length = Some(1))
}

/// A comment as its author sees it after a change.
#[derive(Serialize, ToSchema)]
pub struct ChangedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    #[schema(value_type = String, format = "uuid")]
    pub article_id: ArticleId,
    /// What it replies to.
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
        state: comment.state_for_author(),
        message: message.to_owned(),
        body_html: comment.html(),
        editable_until: comment.editable_until(),
        author_name: comment.author_name,
        body: comment.body,
        created_at: comment.created_at,
        edited_at: comment.edited_at,
    }
}

/// Checks that this is the comment's token, and that its author may still change it. A wrong token is reported as such
/// only where readers see the comment; else the comment is not found.
fn check_owner(comment: &Comment, token: &str, now: Time) -> Result<()> {
    if comment.edit_token_digest.as_deref() != Some(token) {
        let is_known = comment.is_shown();
        return Err(Error::new(if is_known { Code::EditTokenWrong } else { Code::NotFound }));
    }
    match comment.state_for_author() {
        CommentState::Deleted | CommentState::Erased => Ok(()),
        CommentState::Rejected | CommentState::Spam => Err(Error::new(Code::CommentDecided)),
        _ if now >= comment.editable_until() => Err(edit_window_closed()),
        _ => Ok(()),
    }
}

/// The comment, locked, if it is its author's to change.
fn get_owned_locked(conn: &mut Conn, id: CommentId, token: &str, now: Time) -> Result<Comment> {
    let comment = comments::get_locked(conn, id)?;
    check_owner(&comment, token, now)?;
    Ok(comment)
}

fn edit_window_closed() -> Error {
    Error::new(Code::EditWindowClosed)
        .with("minutes", limits::COMMENT_EDIT_SECONDS / 60)
        .with("max", limits::COMMENT_EDITS)
}

/// Edit your comment.
///
/// Within 15 minutes, up to 20 times, with its edit token, until a moderator decides against it (409). What it
/// said before is kept for moderators. The new text passes the phases like a new comment, and may have to wait;
/// what waits already waits on. A wrong token is 403, or 404 where readers do not see the comment.
#[utoipa::path(tag = "comments", operation_id = "updateComment", params(EditToken), request_body = CommentPatch,
    responses((status = 200, description = "The comment, changed.", body = ChangedComment), EditTokenRefused,
              Conflict, Withdrawn))]
#[patch("/v1/comments/{comment_id}")]
pub async fn update_comment(
    db: Data<Db>,
    examiner: Data<Examiner>,
    id: PathId<CommentId>,
    token: EditToken,
    language: Language,
    body: Body<CommentPatch>,
) -> Result<HttpResponse> {
    let (id, token, now, patch) = (id.0, token.required()?, db.clock().now(), body.value);
    let examiner = examiner.as_ref().clone();
    let metrics = examiner.metrics.clone();
    let prepared = match patch.body {
        Some(body) => Some(prepared(&db, &examiner, (id, token.clone()), body, now).await?),
        None => None,
    };
    let comment = db
        .write(move |conn| {
            let comment = get_owned_locked(conn, id, &token, now)?;
            if [CommentState::Deleted, CommentState::Erased].contains(&comment.state) {
                return Err(Error::not_found());
            }
            published::must_be_live(conn, comment.article_id)?;
            match &prepared {
                Some(prepared) if prepared.body != comment.body => {
                    change(
                        conn,
                        &examiner,
                        &comment,
                        prepared,
                        patch.is_confirmed.unwrap_or(false),
                        now,
                    )?;
                }
                _ => {}
            }
            comments::get(conn, id)
        })
        .await
        .inspect_err(|error| metrics.count_rejected_comment(error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(view(comment, language)))
}

/// What can be found out about the new text before the write.
async fn prepared(
    db: &Db,
    examiner: &Examiner,
    (id, token): (CommentId, String),
    body: String,
    now: Time,
) -> Result<PreparedText> {
    let (examiner, text) = (examiner.clone(), body.clone());
    let (name, checks) = db
        .read(move |conn| {
            let comment = comments::get(conn, id)?;
            check_owner(&comment, &token, now)?;
            let frame = examiner.frames.current(conn)?;
            let locale = published::discussion(conn, &frame, comment.article_id)?.locale;
            let checks = examiner.text_checks(conn, &comment.author_name, &text, locale)?;
            Ok((comment.author_name, checks))
        })
        .await?;
    Ok(PreparedText::new(name, body, checks))
}

/// Keeps what the comment said, and lets the phases see what it says now.
fn change(
    conn: &mut Conn,
    examiner: &Examiner,
    comment: &Comment,
    prepared: &PreparedText,
    is_confirmed: bool,
    now: Time,
) -> Result<()> {
    if store::edit_count(conn, comment.id)? >= limits::COMMENT_EDITS {
        return Err(edit_window_closed());
    }
    let outcome = outcome(conn, examiner, comment, prepared, is_confirmed, now)?;
    let after = prepared.clone().into_comment(Comment {
        verdicts: serde_json::to_string(&outcome.verdicts).map_err(Error::internal)?,
        edited_at: Some(now),
        decided_by: None,
        ..comment.clone()
    });
    holds::count(conn, comment.id, &outcome, now)?;
    store::replace_text(conn, comment, &after)?;
    let decision = match (comment.state, outcome.state) {
        (CommentState::Approved, CommentState::Pending) => Decision::Restore,
        (CommentState::Approved, CommentState::Spam) => Decision::Spam,
        _ => return Ok(()),
    };
    decide_by_rule(conn, &after, decision, "edited", now)
}

/// What the phases say of a changed comment. Its author is the one in its row, whoever sends the change.
fn outcome(
    conn: &mut Conn,
    examiner: &Examiner,
    comment: &Comment,
    prepared: &PreparedText,
    is_confirmed: bool,
    now: Time,
) -> Result<PipelineOutcome> {
    let frame = examiner.frames.within_write(conn)?;
    let discussion = published::discussion(conn, &frame, comment.article_id)?;
    let author = CommentAuthor {
        reader: comment.reader_digest.clone(),
        emails: comment.email_hash.iter().cloned().collect(),
        networks: comment.network_hash.iter().cloned().collect(),
        account: comment.user_id,
    };
    let place = CommentPlace {
        article: comment.article_id,
        parent: comment.parent_id,
        discussion: &discussion,
        tree: &frame.tree,
        zone: frame.site.zone(),
    };
    let how = SubmissionContext::of_change(comment.id, is_confirmed);
    examine(conn, place, prepared, &how, &author, now)
}

/// Delete your comment.
///
/// Within 15 minutes, with its edit token, until a moderator decides against it (409). Its text, its author's
/// name and what it said before are gone at once; replies to it stay, below its place. A repetition changes
/// nothing. A wrong token is 403, or 404 where readers do not see the comment.
#[utoipa::path(tag = "comments", operation_id = "deleteComment", params(EditToken),
    responses((status = 204, description = "It is gone."), EditTokenRefused, Conflict))]
#[delete("/v1/comments/{comment_id}")]
pub async fn delete_comment(db: Data<Db>, id: PathId<CommentId>, token: EditToken) -> Result<HttpResponse> {
    let (id, token, now) = (id.0, token.required()?, db.clock().now());
    db.write(move |conn| {
        let comment = get_owned_locked(conn, id, &token, now)?;
        match comment.state {
            CommentState::Deleted | CommentState::Erased => Ok(()),
            _ => store::empty(conn, &comment, CommentState::Deleted, now),
        }
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 403: another's comment.
struct EditTokenRefused;

impl utoipa::IntoResponses for EditTokenRefused {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[403])
    }
}
