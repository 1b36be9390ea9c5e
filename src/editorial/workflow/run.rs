//! The steps that every action takes. The article is read once, under its lock, and handed on until it is shown.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::table::{Action, ActionFacts, check_permitted, check_possible};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::articles::model::{Article, ArticleState, Content};
use crate::articles::schedules::model::{Schedule, ScheduleKind};
use crate::articles::schedules::store as schedules;
use crate::articles::store;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::body::LateBody;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey, RequestKey};
use crate::base::ids::{ArticleId, SectionId};
use crate::body_type;
use crate::editorial::announcing::{AnnouncedArticle, drafted_sections};
use crate::editorial::articles::saving::check_version;
use crate::editorial::articles::view::{self, ArticleView};
use crate::events::outbox::EventKind;
use crate::published::press;
use crate::site::frame::{Frame, FrameCache};
use crate::site::framed_desk::{FramedContext, FramedDesk};
use crate::site::sections::SectionTree;

body_type! {
    /// An action that takes no members.
    #[derive(Clone, Copy, Debug)]
    pub struct ActionRequest [may_be_empty] {}
}

impl Action {
    /// Whether it changes what is live, so that it needs the presses' lock.
    fn presses(self) -> bool {
        matches!(
            self,
            Self::Publish | Self::Correct | Self::Unpublish | Self::Retract | Self::Kill
        )
    }

    /// Which waiting schedules of the article it cancels: who acts by hand has changed the plan.
    fn cancels(self) -> &'static [ScheduleKind] {
        match self {
            Self::Publish | Self::Correct => &[ScheduleKind::Publish],
            Self::Unpublish | Self::Retract | Self::Kill | Self::Trash => ScheduleKind::ALL,
            _ => &[],
        }
    }

    /// What others are told, where it was in this state before and its answer has this status.
    fn announced(self, was: ArticleState, status: u16) -> Option<EventKind> {
        match self {
            Self::Publish | Self::Unpublish if status == DEFERRED => Some(EventKind::ArticleScheduled),
            Self::Publish if was == ArticleState::Published => Some(EventKind::ArticleUpdated),
            Self::Publish => Some(EventKind::ArticlePublished),
            Self::Correct => Some(EventKind::ArticleCorrected),
            Self::Unpublish => Some(EventKind::ArticleUnpublished),
            Self::Retract => Some(EventKind::ArticleRetracted),
            Self::Kill => Some(EventKind::ArticleKilled),
            Self::Schedule => Some(EventKind::ArticleScheduled),
            Self::Unschedule => Some(EventKind::ArticleUnscheduled),
            Self::Submit => Some(EventKind::ReviewRequested),
            Self::Edit
            | Self::Approve
            | Self::Trash
            | Self::Restore
            | Self::Delete
            | Self::Duplicate
            | Self::Translate => None,
        }
    }

    /// Its name in the audit.
    fn audited(self) -> String {
        format!("article.{self}")
    }
}

/// The status of an action that is done.
pub(super) const DONE: u16 = 200;
/// The status of an action that made an article.
pub(super) const MADE: u16 = 201;
/// The status of an action that waits for its moment.
pub(super) const DEFERRED: u16 = 202;

/// A request for an action on an article.
pub(super) struct ActionCall<T> {
    action: Action,
    id: ArticleId,
    if_match: IfMatch,
    key: Option<RequestKey>,
    body: LateBody<T>,
    frames: Data<FrameCache>,
    cancels: &'static [ScheduleKind],
}

/// What an action does to a locked article whose state allows it; returns the status of the answer. The answer shows
/// what the action leaves in `LockedArticle`, as it was written.
pub(super) type ActionFn = fn(&mut Conn, &FramedContext<'_>, &mut LockedArticle) -> Result<u16>;

/// An article as it is under its lock.
pub(super) struct LockedArticle {
    /// The row.
    pub article: Article,
    /// The working copy.
    pub content: Content,
    /// The section where it is live, where it is.
    pub live_section: Option<SectionId>,
}

impl LockedArticle {
    fn of(conn: &mut Conn, (article, content): (Article, Content)) -> Result<Self> {
        Ok(Self {
            live_section: press::live_section(conn, article.id)?,
            article,
            content,
        })
    }

    fn live_sections(&self, conn: &mut Conn) -> Result<Vec<SectionId>> {
        press::live_sections(conn, self.article.id, self.live_section)
    }

    /// What the table of actions must know about it.
    pub fn facts<'s>(&'s self, tree: &'s SectionTree) -> ActionFacts<'s> {
        ActionFacts {
            article: &self.article,
            secondary_sections: &self.content.secondary_section_ids,
            live_section: self.live_section,
            tree,
        }
    }
}

/// How an action ended; where it is repeated, how it ended the first time.
pub(super) struct ActionOutcome {
    /// The status of the answer.
    pub status: StatusCode,
    /// The article that the answer shows.
    pub shown: LockedArticle,
    /// The frame that the action read anew.
    frame: Option<Arc<Frame>>,
    cancelled: Vec<Schedule>,
}

impl ActionOutcome {
    /// The article as the action left it, or, where it is repeated, as it is now.
    fn into_view(self, conn: &mut Conn, desk: &FramedContext<'_>) -> Result<ArticleView> {
        let desk = desk.with_frame(self.frame.as_deref().unwrap_or(desk.frame));
        // When the request is a repeat, the article may by now be where the actor has no rights.
        view::check_may_read(desk.frame, desk.actor, &self.shown.article)?;
        let LockedArticle {
            article,
            content,
            live_section,
        } = self.shown;
        let shown = (article, content, live_section);
        let view = ArticleView::with_live_section(conn, desk.frame, desk.actor, shown, desk.now)?;
        Ok(view.with_cancelled(self.cancelled))
    }
}

impl ActionCall<ActionRequest> {
    /// A request for one of many articles. It needs no idempotency key: its version says what was read, so that sending
    /// it again does no harm.
    pub(super) fn one_of_many<P>(desk: &FramedDesk<P>, action: Action, id: ArticleId, version: i64) -> Self {
        Self {
            action,
            id,
            if_match: IfMatch { version: Some(version) },
            key: None,
            body: LateBody::of(ActionRequest {}),
            frames: desk.frames.clone(),
            cancels: action.cancels(),
        }
    }
}

impl<T: Send + Sync + 'static> ActionCall<T> {
    pub(super) fn new<P>(
        desk: &FramedDesk<P>,
        action: Action,
        id: ArticleId,
        if_match: IfMatch,
        key: IdempotencyKey,
        body: LateBody<T>,
    ) -> Self {
        Self {
            action,
            id,
            if_match,
            key: key.within(desk.actor.user_id.as_str(), &body.digest),
            body,
            frames: desk.frames.clone(),
            cancels: action.cancels(),
        }
    }

    /// The same; it also cancels waiting schedules of these kinds.
    pub(super) fn cancelling(self, kinds: &'static [ScheduleKind]) -> Self {
        Self { cancels: kinds, ..self }
    }

    /// Runs `act` on the locked article once permission, body, version and state are checked, and answers
    /// with the article that `act` names.
    pub(super) async fn run<P>(
        self,
        desk: &FramedDesk<P>,
        act: impl Fn(&mut Conn, &FramedContext<'_>, &mut LockedArticle, &T) -> Result<u16> + Send + 'static,
    ) -> Result<HttpResponse> {
        // The answer is written after COMMIT, so that nobody who waits for the presses' lock waits for it too.
        let (status, view) = desk
            .write_and_show(
                move |conn, desk| self.transact(conn, desk, &act),
                |conn, desk, acted| Ok((acted.status, acted.into_view(conn, desk)?)),
            )
            .await?;
        if status == StatusCode::CREATED {
            return Ok(created(
                &format!("/v1/editorial/articles/{}", view.id),
                view.version,
                &view,
            ));
        }
        let mut response = versioned(view.version, &view);
        *response.status_mut() = status;
        Ok(response)
    }

    /// The whole action without the answer, within a transaction.
    pub(super) fn transact(
        &self,
        conn: &mut Conn,
        desk: &FramedContext<'_>,
        act: &impl Fn(&mut Conn, &FramedContext<'_>, &mut LockedArticle, &T) -> Result<u16>,
    ) -> Result<ActionOutcome> {
        // Before any lock, which somebody without rights must not hold, and before the stored answer of a repeated key.
        let standing = store::standing(conn, self.id)?;
        view::check_readable(desk.actor, standing.subject(&desk.frame.tree, desk.actor))?;
        let (mut acted, mut anew) = (None, None);
        let completed = idempotency::once(conn, self.key.as_ref(), desk.now, |conn| {
            if self.action.presses() {
                // Before the article's row: who presses many articles locks in this order too, so there is no deadlock.
                press::lock_presses(conn)?;
                // Read anew: a section may have been moved while this waited for the lock.
                anew = Some(self.frames.within_write(conn)?);
            }
            let desk = desk.with_frame(anew.as_deref().unwrap_or(desk.frame));
            let (status, left, cancelled) = self.act_on_locked(conn, &desk, act)?;
            let resource_id = left.article.id.to_string();
            acted = Some((left, cancelled));
            Ok(CompletedRequest { status, resource_id })
        })?;
        let (shown, cancelled) = match acted {
            Some(acted) => acted,
            None => {
                let id = ArticleId::parse(&completed.resource_id);
                let id = id.ok_or_else(|| Error::internal("a stored key names no article"))?;
                let found = store::get(conn, id)?;
                (LockedArticle::of(conn, found)?, Vec::new())
            }
        };
        Ok(ActionOutcome {
            status: StatusCode::from_u16(completed.status).map_err(Error::internal)?,
            shown,
            frame: anew,
            cancelled,
        })
    }

    fn act_on_locked(
        &self,
        conn: &mut Conn,
        desk: &FramedContext<'_>,
        act: &impl Fn(&mut Conn, &FramedContext<'_>, &mut LockedArticle, &T) -> Result<u16>,
    ) -> Result<(u16, LockedArticle, Vec<Schedule>)> {
        let found = store::get_locked(conn, self.id)?;
        let mut locked = LockedArticle::of(conn, found)?;
        let action_facts = locked.facts(&desk.frame.tree);
        check_permitted(desk.actor, self.action, &action_facts)?;
        let asked = self.body.value()?;
        check_version(conn, self.if_match, &locked.article, &locked.content)?;
        check_possible(desk.actor, self.action, &action_facts)?;
        let (was, before) = (locked.article.state, locked.article.digest(&locked.content)?);
        // A kill empties the working copy.
        let drafted = drafted_sections(&locked.article, &locked.content);
        let (live_before, path_before) = (locked.live_sections(conn)?, locked.article.path.clone());
        let status = act(conn, desk, &mut locked, asked)?;
        let cancelled = self.cancel(conn, desk, status)?;
        let (action, article) = (self.action.audited(), &locked.article);
        let mut entry = AuditEvent::on(&action, TargetKind::Article, article.id.as_str())
            .after(article.digest(&locked.content)?)
            .detail("state", article.state.as_str());
        entry = if article.id == self.id {
            entry.before(before).detail("state_before", was.as_str())
        } else {
            entry.detail("copy_of", self.id.as_str())
        };
        if let Some(revision) = article.live_revision_number {
            entry = entry.detail("live_revision_number", revision);
        }
        if !cancelled.is_empty() {
            let ids: Vec<&str> = cancelled.iter().map(|schedule| schedule.id.as_str()).collect();
            entry = entry.detail("cancelled_schedules", ids);
        }
        if self.action == Action::Schedule || status == DEFERRED {
            let waiting = schedules::waiting(conn, self.id)?;
            let lines: Vec<String> = waiting.iter().map(Schedule::audited).collect();
            entry = entry.detail("schedules", lines);
        }
        audit::record(conn, desk.actor, entry, desk.now)?;
        let about = AnnouncedArticle::new(&locked.article, drafted, live_before).from_path(path_before);
        let done = self.action.announced(was, status);
        let unscheduled = (!cancelled.is_empty()).then_some(EventKind::ArticleUnscheduled);
        for kind in unscheduled.filter(|kind| done != Some(*kind)).into_iter().chain(done) {
            about.announce(conn, &desk.frame.tree, kind, desk.now)?;
        }
        Ok((status, locked, cancelled))
    }

    fn cancel(&self, conn: &mut Conn, desk: &FramedContext<'_>, status: u16) -> Result<Vec<Schedule>> {
        // A deferred act has not happened: it is itself what waits now.
        if self.cancels.is_empty() || status == DEFERRED {
            return Ok(Vec::new());
        }
        schedules::cancel(conn, self.id, self.cancels, Some(desk.actor.user_id), None, desk.now)
    }
}
