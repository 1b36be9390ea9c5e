//! Letting an article go live, or off, at a moment to come; and taking that back.

use actix_web::{HttpResponse, post};

use super::refusals::check_publishable;
use super::run::{DEFERRED, DONE, LockedArticle};
use super::table::{Action, check_possible};
use crate::access::auth::{Permission, may};
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::schedules::model::{Schedule, ScheduleKind, ScheduleState, ScheduledMoment};
use crate::articles::schedules::{ScheduleId, store as schedules};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::ids::ArticleId;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::schedule::input::{ScheduleRequest, UnscheduleRequest};
use crate::editorial::workflow::publication::check_path;
use crate::editorial::workflow::refusals::PublishTiming;
use crate::editorial::workflow::run::ActionCall;
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Schedule an article.
///
/// To publish: freezes the working copy as a revision, and exactly that goes live at its moment,
/// whatever is edited until then. It needs what a publish needs, and a moment after the embargo. To
/// unpublish: the article must be live then. One of each kind waits at most (409
/// `already_scheduled`). The moment is `at`, with its offset, or that of a clock in `time_zone`, which
/// is the site's where you name none: one that the clocks skip is 422, one that they show twice needs
/// `fold`. It is fixed in UTC when this is answered.
#[utoipa::path(tag = "articles", operation_id = "scheduleArticle", params(IfMatch, IdempotencyKey),
    request_body = ScheduleRequest,
    responses((status = 200, description = "The article, and what waits for it.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/schedule")]
pub async fn schedule_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ScheduleRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Schedule, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, wanted| {
        let (article, content) = (&locked.article, &locked.content);
        let (moment, pointer) = wanted.moment(desk.frame.site.zone())?;
        moment.check(pointer, desk.now).map_err(Error::field)?;
        let waiting = schedules::waiting(conn, article.id)?;
        check_none_waits(&waiting, wanted.kind)?;
        let plan = SchedulePlan {
            kind: wanted.kind,
            moment,
            is_minor: wanted.is_minor,
            published_at: None,
            note: wanted.note.clone(),
        };
        match wanted.kind {
            ScheduleKind::Publish => {
                let live = PublishTiming {
                    live_at: moment.at,
                    ..PublishTiming::at_once(desk.now)
                };
                check_publishable(desk.frame, article, content, &live)?;
                check_will_change_something(article, &waiting, moment.at)?;
                check_path(conn, desk.frame, article, content)?;
            }
            ScheduleKind::Unpublish => check_live_by_then(desk, locked, &waiting, moment.at)?,
        }
        insert_schedule(conn, desk, article, content, plan)?;
        Ok(DONE)
    })
    .await
}

/// What is to wait.
struct SchedulePlan {
    kind: ScheduleKind,
    moment: ScheduledMoment,
    is_minor: bool,
    published_at: Option<Time>,
    note: Option<String>,
}

fn check_none_waits(waiting: &[Schedule], kind: ScheduleKind) -> Result<()> {
    match waiting.iter().find(|schedule| schedule.kind == kind) {
        Some(existing) => Err(existing.already_scheduled()),
        None => Ok(()),
    }
}

/// Checks that a publish will change something: not what is live already, unless it will be off.
fn check_will_change_something(article: &Article, waiting: &[Schedule], at: Time) -> Result<()> {
    let is_live = article.state == ArticleState::Published && !article.has_unpublished_changes;
    let goes_off = waiting.iter().any(|schedule| schedule.at < at);
    if is_live && !goes_off {
        return Err(Error::new(Code::NothingToPublish));
    }
    Ok(())
}

/// Checks that there will be something to unpublish: what is live, or will go live before.
fn check_live_by_then(desk: &FramedContext<'_>, locked: &LockedArticle, waiting: &[Schedule], at: Time) -> Result<()> {
    if waiting.iter().any(|schedule| schedule.at < at) {
        return Ok(());
    }
    check_possible(desk.actor, Action::Unpublish, &locked.facts(&desk.frame.tree))
}

/// Freezes what a publish needs, and writes the row.
fn insert_schedule(
    conn: &mut Conn,
    desk: &FramedContext<'_>,
    article: &Article,
    content: &Content,
    plan: SchedulePlan,
) -> Result<()> {
    let author = Some(desk.actor.user_id);
    let (local_time, zone) = (plan.moment.local_time.to_string(), plan.moment.zone.to_string());
    let (mut revision_number, mut section_id) = (None, None);
    if plan.kind == ScheduleKind::Publish {
        let note = plan.note.unwrap_or_else(|| format!("scheduled: {local_time} {zone}"));
        let kind = RevisionKind::Save;
        let number = store::insert_revision(conn, article, kind, content, author, Some(&note), desk.now)?;
        revision_number = Some(number);
        section_id = content.section_id;
    }
    let schedule = Schedule {
        id: ScheduleId::new(),
        article_id: article.id,
        kind: plan.kind,
        state: ScheduleState::Pending,
        reason: None,
        at: plan.moment.at,
        local_time,
        time_zone: zone,
        fold: plan.moment.fold,
        revision_number,
        article_version: article.version,
        section_id,
        is_minor: plan.is_minor,
        published_at: plan.published_at,
        attempts: 0,
        retry_at: None,
        created_at: desk.now,
        created_by: author,
        decided_at: None,
        decided_by: None,
    };
    schedules::insert(conn, &schedule)
}

/// A publish that waits for the end of an embargo.
pub(super) struct DeferredPublish {
    /// When the embargo ends.
    pub until: Time,
    /// Whether the change is too small for `updated_at`.
    pub is_minor: bool,
    /// Another date to show and sort by.
    pub published_at: Option<Time>,
    /// Why it is published.
    pub note: Option<String>,
}

/// Lets a publish that an embargo forbids now wait for its end: 202.
///
/// # Errors
/// 409 where one waits already, or where the state lets nothing wait; 422 where the end is too far.
pub(super) fn defer(
    conn: &mut Conn,
    desk: &FramedContext<'_>,
    locked: &LockedArticle,
    deferred: DeferredPublish,
) -> Result<u16> {
    let (article, content) = (&locked.article, &locked.content);
    check_possible(desk.actor, Action::Schedule, &locked.facts(&desk.frame.tree))?;
    let moment = ScheduledMoment::of(deferred.until, desk.frame.site.zone());
    moment.check("/defer", desk.now).map_err(Error::field)?;
    check_none_waits(&schedules::waiting(conn, article.id)?, ScheduleKind::Publish)?;
    check_path(conn, desk.frame, article, content)?;
    let plan = SchedulePlan {
        kind: ScheduleKind::Publish,
        moment,
        is_minor: deferred.is_minor,
        published_at: deferred.published_at,
        note: deferred.note,
    };
    insert_schedule(conn, desk, article, content, plan)?;
    Ok(DEFERRED)
}

/// Unschedule an article.
///
/// Takes back what waits for it. Nothing live changes, and the frozen revision stays a revision.
#[utoipa::path(tag = "articles", operation_id = "unscheduleArticle", params(IfMatch, IdempotencyKey),
    request_body = UnscheduleRequest,
    responses((status = 200, description = "The article; `cancelled_schedules` is what was taken back.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/unschedule")]
pub async fn unschedule_article(
    desk: FramedDesk<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<UnscheduleRequest>,
) -> Result<HttpResponse> {
    let kinds: &'static [ScheduleKind] = match body.value().ok().and_then(|asked| asked.kind) {
        Some(ScheduleKind::Publish) => &[ScheduleKind::Publish],
        Some(ScheduleKind::Unpublish) => &[ScheduleKind::Unpublish],
        None => ScheduleKind::ALL,
    };
    let call = ActionCall::new(&desk, Action::Unschedule, id.0, if_match, key, body);
    call.cancelling(kinds)
        .run(&desk, move |conn, desk, locked, _| {
            let article = &locked.article;
            let mut waiting = schedules::waiting(conn, article.id)?;
            waiting.retain(|schedule| kinds.contains(&schedule.kind));
            if waiting.is_empty() {
                return Err(Error::new(Code::NotScheduled));
            }
            for section in waiting.iter().filter_map(|schedule| schedule.section_id) {
                // The frozen revision may be in another section than the working copy.
                let subject = article.subject(&desk.frame.tree, Some(section), desk.actor);
                desk.actor.check(Permission::PublishArticles, &subject)?;
            }
            Ok(DONE)
        })
        .await
}
