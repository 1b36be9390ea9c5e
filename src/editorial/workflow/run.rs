//! The steps that every action takes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::table::{Action, check_permitted, check_possible};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::Actor;
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{Article, Content};
use crate::articles::schedules::model::{Schedule, ScheduleKind};
use crate::articles::schedules::store as schedules;
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey, RequestKey};
use crate::base::ids::ArticleId;
use crate::body_type;
use crate::editorial::articles::view::{self, ArticleView};
use crate::editorial::workflow::table::ActionFacts;
use crate::published::press;
use crate::site::frame::{Frame, FrameCache};

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

    /// What it cancels of what waits for the article: who acts by hand has thought again.
    fn cancels(self) -> &'static [ScheduleKind] {
        match self {
            Self::Publish | Self::Correct => &[ScheduleKind::Publish],
            Self::Unpublish | Self::Retract | Self::Kill | Self::Trash => ScheduleKind::ALL,
            _ => &[],
        }
    }

    /// Its name in the audit.
    fn audited(self) -> String {
        format!("article.{self}")
    }
}

/// The status of an action that waits for its moment.
pub(super) const DEFERRED: u16 = 202;

/// A request for an action on an article.
pub(super) struct ActionCall {
    action: Action,
    id: ArticleId,
    actor: Actor,
    if_match: IfMatch,
    key: Option<RequestKey>,
    frames: Data<FrameCache>,
    cancels: &'static [ScheduleKind],
    now: Time,
}

/// What an action does to a locked article whose state allows it; `completed` names the answer.
pub(super) type ActionFn = fn(&mut Conn, &ActionContext<'_>, Article, Content) -> Result<CompletedRequest>;

/// What an action is completed with.
pub(super) struct ActionContext<'d> {
    /// Who does it.
    pub actor: &'d Actor,
    /// Settings and sections, within the transaction.
    pub frame: &'d Frame,
    /// When.
    pub now: Time,
}

/// That the action is completed, with the article as the answer.
pub(super) fn completed(id: ArticleId) -> CompletedRequest {
    CompletedRequest {
        status: 200,
        resource_id: id.to_string(),
    }
}

/// What came of an action, or of its first time where it is repeated.
pub(super) struct ActionOutcome {
    /// The status of the answer.
    pub status: StatusCode,
    /// The article that the answer shows.
    pub id: ArticleId,
    cancelled: Vec<Schedule>,
}

impl ActionOutcome {
    /// The article as it is now: as the action left it, or as somebody has changed it since.
    fn into_view(self, conn: &mut Conn, frames: &FrameCache, actor: &Actor, now: Time) -> Result<ArticleView> {
        let frame = frames.current(conn)?;
        let (article, content) = store::get(conn, self.id)?;
        // In a repetition the article may be where the actor has no rights any more.
        view::check_may_read(&frame, actor, &article)?;
        let view = ArticleView::new(conn, &frame, actor, article, content, now)?;
        Ok(view.with_cancelled(self.cancelled))
    }
}

impl ActionCall {
    #[expect(clippy::too_many_arguments, reason = "one for each part of the request")]
    pub(super) fn new(
        action: Action,
        db: &Db,
        frames: Data<FrameCache>,
        id: ArticleId,
        actor: Actor,
        if_match: IfMatch,
        key: IdempotencyKey,
        digest: &str,
    ) -> Self {
        let key = key.within(actor.user_id.as_str(), digest);
        Self {
            action,
            id,
            actor,
            if_match,
            key,
            frames,
            cancels: action.cancels(),
            now: db.clock().now(),
        }
    }

    /// A request for one of many, which says by its version what was read: to send it again does no
    /// harm.
    pub(super) fn one_of_many(
        action: Action,
        frames: Data<FrameCache>,
        (id, version): (ArticleId, i64),
        actor: Actor,
        now: Time,
    ) -> Self {
        Self {
            action,
            id,
            actor,
            if_match: IfMatch { version: Some(version) },
            key: None,
            frames,
            cancels: action.cancels(),
            now,
        }
    }

    /// The same, cancelling what waits of these kinds.
    pub(super) fn cancelling(self, kinds: &'static [ScheduleKind]) -> Self {
        Self { cancels: kinds, ..self }
    }

    /// Runs `act` on the locked article once permission, version and state are checked, and answers
    /// with the article that `act` names.
    pub(super) async fn run(
        self,
        db: &Db,
        act: impl Fn(&mut Conn, &ActionContext<'_>, Article, Content) -> Result<CompletedRequest> + Send + 'static,
    ) -> Result<HttpResponse> {
        let (frames, actor, now) = (self.frames.clone(), self.actor.clone(), self.now);
        // Shown after COMMIT: who waits for the presses need not wait for an answer to be written.
        let (status, view) = db
            .write_and_show(
                move |conn| self.transact(conn, &act),
                move |conn, acted| Ok((acted.status, acted.into_view(conn, &frames, &actor, now)?)),
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

    /// All of it but the answer, within a transaction.
    pub(super) fn transact(
        &self,
        conn: &mut Conn,
        act: &impl Fn(&mut Conn, &ActionContext<'_>, Article, Content) -> Result<CompletedRequest>,
    ) -> Result<ActionOutcome> {
        let frame = self.frames.within_write(conn)?;
        let (article, _) = store::get(conn, self.id)?;
        view::check_may_read(&frame, &self.actor, &article)?;
        let mut cancelled = Vec::new();
        let completed = idempotency::once(conn, self.key.as_ref(), self.now, |conn| {
            if self.action.presses() {
                // Before the article's row, as whoever presses many of them does.
                press::lock_presses(conn)?;
            }
            let context = ActionContext {
                actor: &self.actor,
                // Read behind the lock: a section may have been moved while this waited for it.
                frame: &*self.frames.within_write(conn)?,
                now: self.now,
            };
            let completed;
            (completed, cancelled) = self.act_on_locked(conn, &context, act)?;
            Ok(completed)
        })?;
        let id =
            ArticleId::parse(&completed.resource_id).ok_or_else(|| Error::internal("a stored key names no article"))?;
        Ok(ActionOutcome {
            status: StatusCode::from_u16(completed.status).map_err(Error::internal)?,
            id,
            cancelled,
        })
    }

    fn act_on_locked(
        &self,
        conn: &mut Conn,
        context: &ActionContext<'_>,
        act: &impl Fn(&mut Conn, &ActionContext<'_>, Article, Content) -> Result<CompletedRequest>,
    ) -> Result<(CompletedRequest, Vec<Schedule>)> {
        let (article, content) = store::get_locked(conn, self.id)?;
        let action_facts = ActionFacts {
            article: &article,
            live_section: press::live_section(conn, self.id)?,
            tree: &context.frame.tree,
        };
        check_permitted(context.actor, self.action, &action_facts)?;
        change_log::check(
            conn,
            self.if_match,
            EditableKind::Article,
            self.id.as_str(),
            article.version,
        )?;
        check_possible(context.actor, self.action, &action_facts)?;
        let (was, before) = (article.state, article.digest(&content)?);
        let completed = act(conn, context, article, content)?;
        let cancelled = self.cancel(conn, &completed)?;
        let (article, content) = match ArticleId::parse(&completed.resource_id) {
            Some(id) => store::get(conn, id)?,
            None => return Err(Error::internal("an action names no article")),
        };
        let action = self.action.audited();
        let mut entry = AuditEvent::on(&action, TargetKind::Article, &completed.resource_id)
            .after(article.digest(&content)?)
            .detail("state", article.state.as_str());
        entry = if article.id == self.id {
            entry.before(before).detail("state_before", was.as_str())
        } else {
            entry.detail("copy_of", self.id.as_str())
        };
        if let Some(revision) = article.live_revision {
            entry = entry.detail("live_revision", revision);
        }
        if !cancelled.is_empty() {
            let ids: Vec<&str> = cancelled.iter().map(|schedule| schedule.id.as_str()).collect();
            entry = entry.detail("cancelled_schedules", ids);
        }
        if self.action == Action::Schedule || completed.status == DEFERRED {
            let waiting = schedules::waiting(conn, self.id)?;
            let lines: Vec<String> = waiting.iter().map(Schedule::audited).collect();
            entry = entry.detail("schedules", lines);
        }
        audit::record(conn, context.actor, entry, context.now)?;
        Ok((completed, cancelled))
    }

    fn cancel(&self, conn: &mut Conn, completed: &CompletedRequest) -> Result<Vec<Schedule>> {
        // What was deferred has not happened, and waits itself.
        if self.cancels.is_empty() || completed.status == DEFERRED {
            return Ok(Vec::new());
        }
        schedules::cancel(conn, self.id, self.cancels, Some(self.actor.user_id), None, self.now)
    }
}
