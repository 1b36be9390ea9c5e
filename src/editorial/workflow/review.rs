//! Handing in and approving: the way of a working copy through the desk. The review says how far the desk is and
//! changes nothing that readers see. Any edit starts it again, except one that only changes who works on it.

use actix_web::{HttpResponse, post};

use super::run::{ActionRequest, DONE, LockedArticle};
use super::table::Action;
use crate::access::auth::may;
use crate::articles::model::ArticleReview;
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
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Submit an article.
///
/// Hands the working copy in, to be read by somebody who may approve it. An edit takes it back to
/// `draft`; another assignee alone does not.
#[utoipa::path(tag = "articles", operation_id = "submitArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, in review.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/submit")]
pub async fn submit_article(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Submit, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| submit(conn, desk, locked))
        .await
}

/// Approve an article.
///
/// Says that the working copy, as it was handed in, is fit to print. It does not publish.
#[utoipa::path(tag = "articles", operation_id = "approveArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, ready.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/approve")]
pub async fn approve_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Approve, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| approve(conn, desk, locked))
        .await
}

/// Hands it in.
pub(super) fn submit(conn: &mut Conn, _: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    set_review(conn, locked, ArticleReview::InReview)
}

/// Says that it is fit to print.
pub(super) fn approve(conn: &mut Conn, _: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    set_review(conn, locked, ArticleReview::Ready)
}

fn set_review(conn: &mut Conn, locked: &mut LockedArticle, review: ArticleReview) -> Result<u16> {
    locked.article.review = review;
    store::set_row(conn, &locked.article)?;
    Ok(DONE)
}
