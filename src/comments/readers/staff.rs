//! Somebody of the newsroom comments, under their own name or a byline: shown at once, and marked.

use actix_web::http::header;
use actix_web::{HttpResponse, post};

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{self, Actor, Permission, PermissionSubject, may};
use crate::articles::model::ArticleStanding;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::LateBody;
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, exact_text, id};
use crate::base::ids::{ArticleId, CommentId, ContributorId};
use crate::base::limits;
use crate::comments::announcing;
use crate::comments::model::{Comment, CommentState};
use crate::comments::moderation::card::{ModeratedComment, card};
use crate::comments::store as comments;
use crate::site::contributors;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::{articles, body_type, published};

body_type! {
    /// A comment of the newsroom to be made.
    #[derive(Clone, Debug)]
    pub struct NewStaffComment {
        /// What it says: limited Markdown.
        pub body: String = required(comment_text()),
        /// The comment that it replies to; without it, it begins a thread.
        pub parent_id: CommentId = optional(id()),
        /// The byline under which it stands; without it, the user's name.
        pub contributor_id: ContributorId = optional(id()),
    }
}

fn comment_text() -> impl ValueReader<Value = String> {
    exact_text(limits::COMMENT).documented(|text| text.min_length = Some(1))
}

/// Post a comment as the newsroom.
///
/// Shown at once below a live article, with the badge `staff`, and `author` where the byline signed it; also
/// where readers may not comment any more. A journalist may below their own articles. An article that no grant
/// covers is 404, one that is not live 409.
#[utoipa::path(tag = "moderation", operation_id = "createStaffComment", params(IdempotencyKey), request_body = NewStaffComment,
    responses((status = 201, description = "The comment.", body = ModeratedComment), Conflict))]
#[post("/v1/editorial/articles/{article_id}/comments")]
pub async fn create_staff_comment(
    desk: FramedDesk<may::WriteComments>,
    id: PathId<ArticleId>,
    key: IdempotencyKey,
    body: LateBody<NewStaffComment>,
) -> Result<HttpResponse> {
    let article_id = id.0;
    let key = key.within(desk.actor.user_id.as_str(), &body.digest);
    let written = desk
        .write(move |conn, desk| {
            let article = articles::store::standing(conn, article_id)?;
            check_may_comment(desk.frame, desk.actor, &article)?;
            let new = body.value()?;
            let comment = Comment {
                state: CommentState::Approved,
                user_id: Some(desk.actor.user_id),
                contributor_id: new.contributor_id,
                ..Comment::new(article_id, String::new(), new.body.clone(), desk.now)
            };
            let done = idempotency::once(conn, key.as_ref(), desk.now, |conn| {
                let comment = place_comment(conn, desk.frame, desk.actor, &article, comment.clone(), new.parent_id)?;
                announcing::announce_submission(conn, &comment, desk.now)?;
                let comment = comments::insert(conn, comment)?;
                let act = AuditEvent::on("comment.create", TargetKind::Comment, comment.id.as_str());
                audit::record(
                    conn,
                    desk.actor,
                    act.detail("article_id", article_id.as_str()),
                    desk.now,
                )?;
                Ok(CompletedRequest {
                    status: 201,
                    resource_id: comment.id.to_string(),
                })
            })?;
            let id =
                CommentId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no comment"))?;
            card(conn, id, desk.now)
        })
        .await?;
    let location = format!("/v1/editorial/comments/{}", written.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(written))
}

/// The comment with its author's name, at its place below a live article on which the actor may comment.
fn place_comment(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    article: &ArticleStanding,
    comment: Comment,
    parent: Option<CommentId>,
) -> Result<Comment> {
    let discussion = published::discussion(conn, frame, comment.article_id).map_err(|error| match error.code() {
        Code::NotFound | Code::Gone => Error::new(Code::InvalidState)
            .with("action", "comment")
            .with("state", article.state)
            .with("review", article.review)
            .extra("state", article.state.as_str()),
        _ => error,
    })?;
    let author_name = match comment.contributor_id {
        Some(id) => byline(conn, id)?,
        None => auth::store::get(conn, actor.user_id)?.name,
    };
    let comment = Comment { author_name, ..comment };
    match parent {
        Some(parent) => {
            let max_depth = discussion.policy.max_depth;
            let parent = comments::get_parent_locked(conn, comment.article_id, parent, max_depth)?;
            Ok(comment.below(&parent))
        }
        None => Ok(comment),
    }
}

/// An article on which an actor may not comment is not there for them. One's own stays in reach once it is public.
fn check_may_comment(frame: &Frame, actor: &Actor, article: &ArticleStanding) -> Result<()> {
    let subject = PermissionSubject {
        was_public: false,
        ..article.subject(&frame.tree, actor)
    };
    if actor.may(Permission::WriteComments, &subject) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

fn byline(conn: &mut Conn, id: ContributorId) -> Result<String> {
    let found = contributors::store::get_many(conn, &[id])?.pop();
    let active = found.filter(|contributor| contributor.is_active);
    active
        .map(|contributor| contributor.name)
        .ok_or_else(|| Error::field(FieldError::new("/contributor_id", FieldCode::UnknownReference)))
}
