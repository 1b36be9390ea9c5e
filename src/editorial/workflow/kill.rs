//! Taking an article down for good: readers get 410 with a tombstone, and its text is erased everywhere except in the
//! revisions, which are sealed.

use actix_web::{HttpResponse, post};

use super::run::DONE;
use super::table::Action;
use super::withdrawal::kill;
use crate::access::auth::may;
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
use crate::site::framed_desk::FramedDesk;
use crate::site::takedowns::{self, Takedown, TakedownKind};

body_type! {
    /// Why an article is taken down.
    #[derive(Clone, Debug)]
    pub struct KillRequest {
        /// Why: kept in the ledger of takedowns, for the desk alone.
        pub reason: String = required(text(limits::NOTE)),
        /// What readers find on the tombstone; without it, only when it was taken down.
        pub notice: String = optional(text(limits::NOTICE)),
    }
}

/// Kill an article.
///
/// Takes it down for good; nothing brings it back. Its paths answer 410 with a tombstone. Its text is
/// erased from everything that readers get, from the working copy, from unsaved and previewed copies
/// and from notes; its comments are closed; its revisions are sealed, and only administrators read
/// them. The act stands in the ledger of takedowns, which outlives a restored backup.
#[utoipa::path(tag = "articles", operation_id = "killArticle", params(IfMatch, IdempotencyKey),
    request_body = KillRequest,
    responses((status = 200, description = "What is left of the article.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/kill")]
pub async fn kill_article(
    desk: FramedDesk<may::KillArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<KillRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Kill, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, why| {
        let takedown = Takedown {
            kind: TakedownKind::Kill,
            article_id: locked.article.id,
            notice: why.notice.clone(),
            reason: Some(why.reason.clone()),
            at: desk.now,
            actor_id: Some(desk.actor.user_id),
        };
        let (article, content) = (&mut locked.article, &mut locked.content);
        kill(conn, article, content, Some(desk.actor.user_id), desk.now)?;
        locked.live_section = None;
        takedowns::insert(conn, &takedown)?;
        Ok(DONE)
    })
    .await
}
