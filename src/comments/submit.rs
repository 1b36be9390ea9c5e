//! A guest writes a comment. It is read, passes the phases and waits for a moderator.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::markup;
use super::model::{Comment, CommentState};
use super::pipeline::{self, Submission};
use super::policy::MAX_DEPTH;
use super::{CommentId, store};
use crate::articles::{ArticleId, published};
use crate::auth::secrets::{opaque_token, sha256};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::error::{Code, Error, FieldCode, FieldError, Language, Result};
use crate::http::body::{Body, FromBody};
use crate::http::client::{MaybeReader, READER_TOKEN};
use crate::http::conditional::header_parameter;
use crate::http::fields::{self, At, Fields, parsed};
use crate::http::idempotency::{self, Done, IdempotencyKey};
use crate::http::path::PathId;
use crate::limits;
use crate::site::Frames;

/// A comment to be made.
#[derive(ToSchema)]
pub struct NewComment {
    /// The author's name.
    pub author_name: String,
    /// The comment: plain text; markup is taken out.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The comment that it answers.
    pub parent_id: Option<CommentId>,
}

impl FromBody for NewComment {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let author_name = read_or_missing(fields, "author_name", FieldCode::NameMissing, |at, value| {
            fields::line(limits::NAME)(at, value.into())
        });
        let body = read_or_missing(fields, "body", FieldCode::CommentMissing, |at, value| {
            fields::exact_text(limits::COMMENT)(at, value.into())
        });
        let parent_id = fields.optional("parent_id", parsed(36, "a UUID", CommentId::parse));
        Some(Self {
            author_name: author_name?,
            body: body?,
            parent_id,
        })
    }
}

/// Reads text whose absence has a message of its own: absent, null, blank, or nothing but markup.
fn read_or_missing(
    fields: &mut Fields<'_>,
    name: &str,
    missing: FieldCode,
    read: impl Fn(&mut At<'_>, String) -> Option<String>,
) -> Option<String> {
    let value = fields.optional(name, |at, value| {
        let text = fields::string(at, value)?;
        if text.trim().is_empty() {
            return Some(None);
        }
        let text = read(at, text)?;
        let clean = markup::author_name(&text);
        Some((!clean.is_empty()).then_some(clean))
    });
    match value {
        Some(Some(text)) => Some(text),
        Some(None) => fields.at().child(name).fail(missing),
        None if fields.at().has_error_at(name) => None,
        None => fields.at().child(name).fail(missing),
    }
}

/// What became of a comment that was sent.
#[derive(Serialize, ToSchema)]
pub struct SubmittedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// What it answers.
    pub parent_id: Option<CommentId>,
    /// Where it is in its life.
    pub state: CommentState,
    /// What to tell its author.
    pub message: String,
    /// The author's name as it will be shown.
    pub author_name: String,
    /// The comment as it will be shown.
    pub body: String,
    /// For changing it, as `X-Edit-Token`: shown this once; null in a repetition of the answer.
    pub edit_token: Option<String>,
    /// When it was taken.
    pub created_at: Time,
}

/// The headers of a guest.
pub struct GuestHeaders;

impl utoipa::IntoParams for GuestHeaders {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        vec![header_parameter(
            READER_TOKEN,
            false,
            "The token that `/v1/captcha` gave this reader.",
            200,
        )]
    }
}

/// Write a comment.
///
/// A guest's comment, held for a moderator: 202. What is missing is told as `comment_missing` and
/// `name_missing`.
#[utoipa::path(tag = "comments", operation_id = "createComment", params(GuestHeaders, IdempotencyKey), request_body = NewComment,
    responses((status = 201, description = "The comment is shown.", body = SubmittedComment),
              (status = 202, description = "The comment waits for a moderator.", body = SubmittedComment),
              CommentsClosed, crate::openapi::Conflict, crate::openapi::Withdrawn))]
#[post("/v1/articles/{article_id}/comments")]
async fn create_comment(
    db: Data<Db>,
    frames: Data<Frames>,
    article: PathId<ArticleId>,
    reader: MaybeReader,
    key: IdempotencyKey,
    language: Language,
    body: Body<NewComment>,
) -> Result<HttpResponse> {
    let article = article.0;
    let reader = reader.0;
    if key.is_present() && reader.is_none() {
        return Err(Error::new(Code::ReaderTokenRequired));
    }
    let scope = reader.as_ref().map_or("", |reader| reader.digest.as_str());
    let key = key.within(scope, &body.digest);
    let new = body.value;
    let now = db.clock().now();
    let edit_token = opaque_token()?;
    let edit_digest = sha256(edit_token.as_bytes());
    let id = CommentId::new();
    let (done, comment) = db
        .write(move |conn| {
            let done = idempotency::once(conn, key.as_ref(), now, |conn| {
                let frame = frames.within_write(conn)?;
                let mode = published::discussion(conn, &frame, article)?.policy.mode;
                let (state, verdicts) = pipeline::run(&Submission { mode })?;
                let (root_id, depth) = place(conn, article, id, new.parent_id)?;
                let comment = Comment {
                    id,
                    parent_id: new.parent_id,
                    root_id,
                    depth,
                    state,
                    verdicts: serde_json::to_string(&verdicts).map_err(Error::internal)?,
                    reader_digest: reader.as_ref().map(|reader| reader.digest.clone()),
                    edit_token_digest: Some(edit_digest.clone()),
                    ..Comment::new(article, new.author_name.clone(), new.body.clone(), now)
                };
                store::insert(conn, &comment)?;
                let status = if state == CommentState::Approved { 201 } else { 202 };
                Ok(Done {
                    status,
                    resource_id: id.to_string(),
                })
            })?;
            let id =
                CommentId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no comment"))?;
            Ok((done, store::get(conn, id)?))
        })
        .await?;
    let edit_token = (comment.id == id).then_some(edit_token);
    Ok(answer(&done, comment, edit_token, language))
}

/// Where a comment stands in its thread: below a comment that readers see.
fn place(conn: &mut Conn, article: ArticleId, id: CommentId, parent: Option<CommentId>) -> Result<(CommentId, i32)> {
    let Some(parent) = parent else { return Ok((id, 0)) };
    let refused = |code| Error::field(FieldError::new("/parent_id", code).with("max", MAX_DEPTH));
    let parent = match store::get(conn, parent) {
        Ok(parent) if parent.article_id == article && parent.is_visible => parent,
        Ok(_) => return Err(refused(FieldCode::UnknownReference)),
        Err(error) if error.code() == Code::NotFound => return Err(refused(FieldCode::UnknownReference)),
        Err(error) => return Err(error),
    };
    if parent.depth >= MAX_DEPTH {
        Err(refused(FieldCode::TooDeep))
    } else {
        Ok((parent.root_id, parent.depth + 1))
    }
}

fn answer(done: &Done, comment: Comment, edit_token: Option<String>, language: Language) -> HttpResponse {
    let message = match (comment.state, language) {
        (CommentState::Approved, Language::French) => "Votre commentaire est publié.",
        (CommentState::Approved, Language::English) => "Your comment is published.",
        (_, Language::French) => "Votre commentaire est en attente de modération.",
        (_, Language::English) => "Your comment is awaiting moderation.",
    };
    let status = actix_web::http::StatusCode::from_u16(done.status).unwrap_or(actix_web::http::StatusCode::ACCEPTED);
    HttpResponse::build(status)
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(SubmittedComment {
            id: comment.id,
            article_id: comment.article_id,
            parent_id: comment.parent_id,
            state: comment.state,
            message: message.to_owned(),
            author_name: comment.author_name,
            body: comment.body,
            edit_token,
            created_at: comment.created_at,
        })
}

/// 403: the article takes no comments.
pub struct CommentsClosed;

impl utoipa::IntoResponses for CommentsClosed {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        crate::openapi::problem_responses(&[403])
    }
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(create_comment);
}
