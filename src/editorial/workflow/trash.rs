//! Throwing away and taking back.

use actix_web::{HttpResponse, post};

use super::run::{ActionRequest, DONE, LockedArticle};
use super::table::Action;
use crate::access::auth::may;
use crate::articles::model::{ArticleState, RevisionKind};
use crate::articles::store;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::ids::ArticleId;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::workflow::run::ActionCall;
use crate::published::previews;
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Move an article to the trash.
///
/// A live one must be unpublished first (409). It can be restored, or deleted for good. Its preview
/// tokens end.
#[utoipa::path(tag = "articles", operation_id = "trashArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, in the trash.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/trash")]
pub async fn trash_article(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Trash, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| trash(conn, desk, locked)).await
}

/// Throws it away.
pub(super) fn trash(conn: &mut Conn, desk: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    let article = &mut locked.article;
    article.state = ArticleState::Trashed;
    article.trashed_at = Some(desk.now);
    store::set_row(conn, article)?;
    previews::store::delete_all_of(conn, article.id)?;
    Ok(DONE)
}

/// Restore an article.
///
/// Takes it out of the trash, as a draft. Where another article has become the story's version in
/// its language meanwhile, it is 409 `translation_exists`.
#[utoipa::path(tag = "articles", operation_id = "restoreArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, a draft.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/restore")]
pub async fn restore_article(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Restore, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| restore(conn, desk, locked))
        .await
}

/// Takes it out of the trash.
pub(super) fn restore(conn: &mut Conn, desk: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    let (article, content) = (&mut locked.article, &locked.content);
    article.state = ArticleState::Draft;
    article.trashed_at = None;
    let (kind, author) = (RevisionKind::Restore, Some(desk.actor.user_id));
    store::insert_revision(conn, article, kind, content, author, None, desk.now)?;
    super::copy::check_language_is_free(conn, article)?;
    store::set_row(conn, article)?;
    Ok(DONE)
}
