//! Taking a live article off: without a trace for readers, or with a notice in its place.

use actix_web::{HttpResponse, post};

use super::run::{ActionRequest, DONE, LockedArticle};
use super::table::Action;
use super::withdrawal::unpublish;
use crate::access::auth::may;
use crate::articles::corrections::{self, CorrectionKind};
use crate::articles::model::ArticleState;
use crate::articles::store;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::error::Result;
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::text;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::workflow::run::ActionCall;
use crate::published::repress;
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Unpublish an article.
///
/// Takes it off at once: its pages answer 404, its path is kept for it, its comments stay.
#[utoipa::path(tag = "articles", operation_id = "unpublishArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, not live.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/unpublish")]
pub async fn unpublish_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Unpublish, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| unpublish_plainly(conn, desk, locked))
        .await
}

/// Takes it off.
pub(super) fn unpublish_plainly(conn: &mut Conn, _: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    unpublish(conn, &mut locked.article)?;
    locked.live_section = None;
    Ok(DONE)
}

body_type! {
    /// Why an article is withdrawn.
    #[derive(Clone, Debug)]
    pub struct RetractRequest {
        /// What readers are told in its place.
        pub notice: String = required(text(limits::NOTICE)),
    }
}

/// Retract an article.
///
/// Withdraws what was reported: the page stays with a notice, and the article is in no list, search
/// or feed any more. Unpublished changes stay unpublished. Only publishing it with a note ends this.
#[utoipa::path(tag = "articles", operation_id = "retractArticle", params(IfMatch, IdempotencyKey),
    request_body = RetractRequest,
    responses((status = 200, description = "The article, retracted.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/retract")]
pub async fn retract_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<RetractRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Retract, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, asked| {
        let article = &mut locked.article;
        let (id, author) = (article.id, Some(desk.actor.user_id));
        article.state = ArticleState::Retracted;
        store::set_row(conn, article)?;
        corrections::store::insert(conn, id, CorrectionKind::Retraction, &asked.notice, author, desk.now)?;
        repress::repress_as_live(conn, desk.frame, article, locked.live_section)?;
        raise_generations(conn, &mut [Generation::Articles])?;
        Ok(DONE)
    })
    .await
}
