//! Letting an article go live, or off, at a moment to come; and taking that back.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};

use super::publish::PublishRequest;
use super::refusals::{Wanted, check_publishable};
use super::run::{Asked, DEFERRED, Doing, done};
use super::table::{Action, Standing, check_possible};
use crate::access::auth::{Permission, Require, may};
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::schedules::model::{Moment, Schedule, ScheduleKind, ScheduleState};
use crate::articles::schedules::{ScheduleId, store as schedules};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::{Done, IdempotencyKey};
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::ids::ArticleId;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::schedule::input::{ScheduleRequest, UnscheduleRequest};
use crate::editorial::workflow::publication::check_path;
use crate::published::press;
use crate::site::frame::Frames;

/// Schedule an article.
///
/// To publish: freezes the working copy as a revision, and exactly that goes live at its moment,
/// whatever is edited until then. It needs what a publish needs, and a moment after the embargo. To
/// unpublish: the article must be live then. One of each kind waits at most (409
/// `already_scheduled`). The moment is that of a clock in `time_zone`: one that the clocks skip is
/// 422, one that they show twice needs `fold`. It is fixed in UTC when this is answered.
#[utoipa::path(tag = "articles", operation_id = "scheduleArticle", params(IfMatch, IdempotencyKey),
    request_body = ScheduleRequest,
    responses((status = 200, description = "The article, and what waits for it.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/schedule")]
pub async fn schedule_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<ScheduleRequest>,
) -> Result<HttpResponse> {
    let actor = actor.into_actor();
    let asked = Asked::new(Action::Schedule, &db, frames, id.0, actor, if_match, key, &body.digest);
    let wanted = body.value;
    asked
        .run(&db, move |conn, doing, article, content| {
            wanted.moment.check("/local_time", doing.now).map_err(Error::field)?;
            let waiting = schedules::waiting(conn, article.id)?;
            check_none_waits(&waiting, wanted.kind)?;
            let plan = Plan {
                kind: wanted.kind,
                moment: wanted.moment,
                minor: wanted.minor,
                published_at: None,
                note: wanted.note.clone(),
            };
            match wanted.kind {
                ScheduleKind::Publish => {
                    let live = Wanted {
                        live_at: wanted.moment.at,
                        ..Wanted::at_once(doing.now)
                    };
                    check_publishable(doing.frame, &article, &content, &live)?;
                    check_worth_it(&article, &waiting, wanted.moment.at)?;
                    check_path(conn, doing.frame, &article, &content)?;
                }
                ScheduleKind::Unpublish => check_live_by_then(conn, doing, &article, &waiting, wanted.moment.at)?,
            }
            wait_for(conn, doing, &article, &content, plan)?;
            Ok(done(article.id))
        })
        .await
}

/// What is to wait.
struct Plan {
    kind: ScheduleKind,
    moment: Moment,
    minor: bool,
    published_at: Option<Time>,
    note: Option<String>,
}

fn check_none_waits(waiting: &[Schedule], kind: ScheduleKind) -> Result<()> {
    match waiting.iter().find(|schedule| schedule.kind == kind) {
        Some(existing) => Err(existing.in_the_way()),
        None => Ok(()),
    }
}

/// Checks that a publish will change something: not what is live already, unless it will be off.
fn check_worth_it(article: &Article, waiting: &[Schedule], at: Time) -> Result<()> {
    let is_live = article.state == ArticleState::Published && !article.has_unpublished_changes;
    let goes_off = waiting.iter().any(|schedule| schedule.at < at);
    if is_live && !goes_off {
        return Err(Error::new(Code::NothingToPublish));
    }
    Ok(())
}

/// Checks that there will be something to unpublish: what is live, or will go live before.
fn check_live_by_then(
    conn: &mut Conn,
    doing: &Doing<'_>,
    article: &Article,
    waiting: &[Schedule],
    at: Time,
) -> Result<()> {
    if waiting.iter().any(|schedule| schedule.at < at) {
        return Ok(());
    }
    check_possible(doing.actor, Action::Unpublish, &standing(conn, doing, article)?)
}

fn standing<'s>(conn: &mut Conn, doing: &'s Doing<'_>, article: &'s Article) -> Result<Standing<'s>> {
    Ok(Standing {
        article,
        live_section: press::live_section(conn, article.id)?,
        tree: &doing.frame.tree,
    })
}

/// Freezes what a publish needs, and writes the row.
fn wait_for(conn: &mut Conn, doing: &Doing<'_>, article: &Article, content: &Content, plan: Plan) -> Result<()> {
    let author = Some(doing.actor.user_id);
    let (local_time, zone) = (plan.moment.local_time.to_string(), plan.moment.zone.to_string());
    let (mut revision, mut section_id) = (None, None);
    if plan.kind == ScheduleKind::Publish {
        let note = plan.note.unwrap_or_else(|| format!("scheduled: {local_time} {zone}"));
        let kind = RevisionKind::Save;
        revision = Some(store::insert_revision(
            conn,
            article.id,
            kind,
            content,
            author,
            Some(&note),
            doing.now,
        )?);
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
        revision,
        article_version: article.version,
        section_id,
        minor: plan.minor,
        published_at: plan.published_at,
        attempts: 0,
        retry_at: None,
        created_at: doing.now,
        created_by: author,
        decided_at: None,
        decided_by: None,
    };
    schedules::insert(conn, &schedule)
}

/// Lets a publish that an embargo forbids now wait for its end: 202.
///
/// # Errors
/// 409 where one waits already, or where the state lets nothing wait; 422 where the end is too far.
pub(super) fn defer(
    conn: &mut Conn,
    doing: &Doing<'_>,
    article: &Article,
    content: &Content,
    how: &PublishRequest,
    until: Time,
) -> Result<Done> {
    check_possible(doing.actor, Action::Schedule, &standing(conn, doing, article)?)?;
    let moment = Moment::of(until, doing.frame.site.zone());
    moment.check("/defer", doing.now).map_err(Error::field)?;
    check_none_waits(&schedules::waiting(conn, article.id)?, ScheduleKind::Publish)?;
    check_path(conn, doing.frame, article, content)?;
    let plan = Plan {
        kind: ScheduleKind::Publish,
        moment,
        minor: how.minor,
        published_at: how.published_at,
        note: how.note.clone(),
    };
    wait_for(conn, doing, article, content, plan)?;
    Ok(Done {
        status: DEFERRED,
        ..done(article.id)
    })
}

/// Unschedule an article.
///
/// Takes back what waits for it. Nothing live changes, and the frozen revision stays a revision.
#[utoipa::path(tag = "articles", operation_id = "unscheduleArticle", params(IfMatch, IdempotencyKey),
    request_body = UnscheduleRequest,
    responses((status = 200, description = "The article; `cancelled_schedules` is what was taken back.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/unschedule")]
pub async fn unschedule_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<UnscheduleRequest>,
) -> Result<HttpResponse> {
    let actor = actor.into_actor();
    let kinds: &'static [ScheduleKind] = match body.value.kind {
        Some(ScheduleKind::Publish) => &[ScheduleKind::Publish],
        Some(ScheduleKind::Unpublish) => &[ScheduleKind::Unpublish],
        None => ScheduleKind::ALL,
    };
    let asked = Asked::new(
        Action::Unschedule,
        &db,
        frames,
        id.0,
        actor,
        if_match,
        key,
        &body.digest,
    );
    asked
        .cancelling(kinds)
        .run(&db, move |conn, doing, article, _| {
            let mut waiting = schedules::waiting(conn, article.id)?;
            waiting.retain(|schedule| kinds.contains(&schedule.kind));
            if waiting.is_empty() {
                return Err(Error::new(Code::NotScheduled));
            }
            for section in waiting.iter().filter_map(|schedule| schedule.section_id) {
                // The frozen revision may stand in another section than the working copy.
                let subject = article.subject(&doing.frame.tree, Some(section), doing.actor);
                doing.actor.check(Permission::PublishArticles, &subject)?;
            }
            Ok(done(article.id))
        })
        .await
}
