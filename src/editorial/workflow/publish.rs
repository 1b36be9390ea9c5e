//! Making an article live: what it needs, where it goes, and the revision that says so.

use actix_web::{HttpResponse, post};

use super::publication::{Publication, publish};
use super::refusals::check_publishable;
use super::run::{DONE, LockedArticle};
use super::table::Action;
use crate::access::auth::may;
use crate::articles::corrections::CorrectionKind;
use crate::articles::model::{ArticleState, RevisionKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{boolean, text, time};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::workflow::refusals::{PublishTiming, check_changes_something};
use crate::editorial::workflow::run::ActionCall;
use crate::editorial::workflow::schedule::{DeferredPublish, defer};
use crate::site::framed_desk::{FramedContext, FramedDesk};

body_type! {
    /// How to publish.
    #[derive(Clone, Debug, Default)]
    pub struct PublishRequest [may_be_empty] {
        /// Another date to show and sort by; never in the future. Without it the first publish sets it.
        pub published_at: Time = optional(time()),
        /// Whether the change is too small for `updated_at`.
        pub is_minor: bool = defaulted(boolean()),
        /// Why it is published: kept with the revision. A retracted article needs it, and shows it as an
        /// editor's note.
        pub note: String = optional(text(limits::NOTE)),
        /// Where an embargo forbids it now, lets it wait for the end of the embargo: the working copy as
        /// it is now is scheduled for that moment.
        pub defer: bool = defaulted(boolean()),
    }
}

/// Publish an article.
///
/// Makes the working copy live. It needs a title and a primary section, and the desk's approval where
/// the site asks for it. A live article without unpublished changes is 409 `nothing_to_publish`
/// unless the date is to change. Before the end of an embargo it is 409 `embargoed`, or waits for it
/// with `defer`. What was scheduled to be published is cancelled.
#[utoipa::path(tag = "articles", operation_id = "publishArticle", params(IfMatch, IdempotencyKey),
    request_body = PublishRequest,
    responses((status = 200, description = "The article, live.", body = ArticleView),
              (status = 202, description = "The article, to go live at the end of the embargo.", body = ArticleView),
              Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/publish")]
pub async fn publish_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<PublishRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Publish, id.0, if_match, key, body);
    call.run(&desk, publish_as_asked).await
}

/// Makes it live without options.
pub(super) fn publish_plainly(conn: &mut Conn, desk: &FramedContext<'_>, locked: &mut LockedArticle) -> Result<u16> {
    publish_as_asked(conn, desk, locked, &PublishRequest::default())
}

fn publish_as_asked(
    conn: &mut Conn,
    desk: &FramedContext<'_>,
    locked: &mut LockedArticle,
    how: &PublishRequest,
) -> Result<u16> {
    let (article, content) = (&locked.article, &locked.content);
    let held_until = article.embargo_until.filter(|until| how.defer && *until > desk.now);
    let live_at = held_until.unwrap_or(desk.now);
    let timing = PublishTiming {
        published_at: how.published_at,
        live_at,
        now: desk.now,
    };
    check_publishable(desk.frame, article, content, &timing)?;
    check_changes_something(article, &timing, how.note.as_deref())?;
    if let Some(until) = held_until {
        let deferred = DeferredPublish {
            until,
            is_minor: how.is_minor,
            published_at: how.published_at,
            note: how.note.clone(),
        };
        return defer(conn, desk, locked, deferred);
    }
    let notice = (article.state == ArticleState::Retracted)
        .then(|| how.note.clone())
        .flatten()
        .map(|text| (CorrectionKind::EditorsNote, text));
    let publication = Publication {
        published_at: how.published_at,
        is_minor: how.is_minor,
        note: how.note.clone(),
        notice,
        ..Publication::new(RevisionKind::Publish, Some(desk.actor.user_id), desk.now)
    };
    publish(conn, desk.frame, &mut locked.article, &locked.content, &publication)?;
    locked.live_section = locked.content.section_id;
    Ok(DONE)
}
