//! Publishing with a public notice of what was wrong before.

use actix_web::{HttpResponse, post};

use super::refusals::check_publishable;
use super::run::DONE;
use super::table::Action;
use crate::access::auth::may;
use crate::articles::corrections::{CorrectionKind, NoticeKind};
use crate::articles::model::RevisionKind;
use crate::base::error::Result;
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{text, word};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::workflow::publication::{Publication, publish};
use crate::editorial::workflow::refusals::PublishTiming;
use crate::editorial::workflow::run::ActionCall;
use crate::site::framed_desk::FramedDesk;

body_type! {
    /// What readers are told.
    #[derive(Clone, Debug)]
    pub struct CorrectRequest {
        /// What kind of notice it is.
        pub kind: NoticeKind = required(word()),
        /// What was wrong and what is right, or what is new.
        pub text: String = required(text(limits::NOTICE)),
    }
}

/// Correct an article.
///
/// Publishes the working copy of a live article together with a notice, which stands on the article
/// and in the list of corrections. The notice alone is enough: the text need not have changed.
#[utoipa::path(tag = "articles", operation_id = "correctArticle", params(IfMatch, IdempotencyKey),
    request_body = CorrectRequest,
    responses((status = 200, description = "The article, corrected.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/correct")]
pub async fn correct_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<CorrectRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Correct, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, notice| {
        let (article, content) = (&mut locked.article, &locked.content);
        check_publishable(desk.frame, article, content, &PublishTiming::at_once(desk.now))?;
        let publication = Publication {
            note: Some(notice.text.clone()),
            notice: Some((CorrectionKind::from(notice.kind), notice.text.clone())),
            ..Publication::new(RevisionKind::Correct, Some(desk.actor.user_id), desk.now)
        };
        publish(conn, desk.frame, article, content, &publication)?;
        locked.live_section = content.section_id;
        Ok(DONE)
    })
    .await
}
