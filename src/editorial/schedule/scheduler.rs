//! The scheduler. Each instance runs one, but only one instance acts on a schedule, once.
//!
//! What is due is done one by one, in the order in which it should have happened, each in a transaction of its own. In
//! it a conditional UPDATE decides who acts; the rest is in the same transaction. So a restart in the middle, a second
//! instance or a clock that steps back does nothing twice, and nothing happens before its moment. After a downtime
//! everything overdue is done late.

use std::time::Duration;

use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::schedules::model::{Schedule, ScheduleKind, ScheduleState};
use crate::articles::schedules::store::{self, DueSchedule};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SectionId;
use crate::base::metrics::Metrics;
use crate::editorial::announcing::{AnnouncedArticle, drafted_sections};
use crate::editorial::articles::input::without_missing;
use crate::editorial::workflow::{Action, Publication, publish, unpublish};
use crate::events::outbox::EventKind;
use crate::published::press;
use crate::site::frame::{Frame, FrameCache};

/// How often an instance looks for what is due: half of what a schedule may be late.
const POLL: Duration = Duration::from_millis(250);
/// Rows that are looked up at once.
const BATCH: i64 = 100;
/// Seconds to wait after each failed attempt; one more failure, and it is given up.
const RETRY_SECONDS: [i64; 4] = [5, 30, 120, 600];

/// Why a publish is cancelled whose article cannot go live.
const NOT_PUBLISHABLE: &str = "not_publishable";

/// How one due schedule ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScheduleOutcome {
    /// It happened.
    Done,
    /// An embargo holds it.
    Blocked,
    /// The article is not in a state for it.
    Cancelled,
    /// It failed and will be tried again.
    Retried,
    /// It was given up.
    Failed,
}

impl ScheduleOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
            Self::Retried => "retried",
            Self::Failed => "failed",
        }
    }
}

/// A schedule that was acted on, and how it ended.
type HandledSchedule = (Schedule, ScheduleOutcome);

/// Does what is due.
#[derive(Clone)]
pub struct Scheduler {
    db: Db,
    frames: FrameCache,
    metrics: Metrics,
}

impl Scheduler {
    /// The scheduler of one instance.
    pub fn new(db: Db, frames: FrameCache, metrics: Metrics) -> Self {
        Self { db, frames, metrics }
    }

    /// Does everything that is due now, oldest first; returns how many acts were done. One that fails is recorded, and
    /// the others go on.
    ///
    /// # Errors
    /// The database's, when it is out of reach.
    pub async fn run_due(&self) -> Result<usize> {
        let (mut after, mut done) = (None, 0);
        loop {
            let now = self.db.clock().now();
            let batch = self.db.read(move |conn| store::due(conn, now, after, BATCH)).await?;
            let Some(last) = batch.last() else { return Ok(done) };
            after = Some((last.at, last.id));
            for due in batch {
                done += usize::from(self.run(due).await? == Some(ScheduleOutcome::Done));
            }
        }
    }

    /// Acts on one; `None` where somebody else had it first.
    async fn run(&self, due: DueSchedule) -> Result<Option<ScheduleOutcome>> {
        let (now, frames) = (self.db.clock().now(), self.frames.clone());
        let acted = match self.db.write(move |conn| act_on_due(conn, &frames, due, now)).await {
            Ok(acted) => acted,
            Err(error) => {
                log::error!("schedule {} of article {}: {error}", due.id, due.article_id);
                let reason = reason(&error);
                let counts = error.code() != Code::Unavailable;
                let frames = self.frames.clone();
                self.db
                    .write(move |conn| record_failure(conn, &frames, due, (&reason, counts), now))
                    .await?
            }
        };
        let Some((schedule, outcome)) = acted else {
            return Ok(None);
        };
        let kind = schedule.kind.as_str();
        self.metrics.count_schedule(kind, outcome.as_str());
        // One that an embargo held is late on purpose, so it does not count.
        if outcome == ScheduleOutcome::Done && schedule.state == ScheduleState::Pending {
            let late_ms = u64::try_from(now.millis() - schedule.at.millis()).unwrap_or(0);
            self.metrics
                .observe_schedule_lateness(kind, Duration::from_millis(late_ms));
        }
        log::info!(
            "schedule {}: {kind} of article {}: {}",
            due.id,
            due.article_id,
            outcome.as_str()
        );
        Ok(Some(outcome))
    }

    /// Looks for what is due until its task is dropped. What it was doing then is a transaction: done whole or not at
    /// all.
    pub async fn work(self) {
        loop {
            if let Err(error) = self.run_due().await {
                log::warn!("the scheduler could not look for what is due: {error}");
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// The stable word for an error: what the schedule shows.
fn reason(error: &Error) -> String {
    let field = error
        .errors()
        .first()
        .filter(|_| error.code() == Code::ValidationFailed);
    field
        .map_or(error.code().as_str(), |field| field.code.as_str())
        .to_owned()
}

/// Acts on a due schedule: all or nothing. The presses' lock and the article's come before the row's,
/// as in every act by hand.
fn act_on_due(conn: &mut Conn, frames: &FrameCache, due: DueSchedule, now: Time) -> Result<Option<HandledSchedule>> {
    press::lock_presses(conn)?;
    let (mut article, content) = match articles::get_locked(conn, due.article_id) {
        Ok(found) => found,
        Err(error) if error.code() == Code::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(schedule) = store::take(conn, due.id, now)? else {
        return Ok(None);
    };
    let before = ArticleBefore {
        state: article.state,
        path: article.path.clone(),
        digest: article.digest(&content)?,
    };
    let live_before = live_sections(conn, &article)?;
    let (outcome, slug) = match schedule.kind {
        ScheduleKind::Publish => publish_frozen(conn, frames, &schedule, (&mut article, &content), now)?,
        ScheduleKind::Unpublish => (unpublish_due(conn, &schedule, &mut article, now)?, None),
    };
    let is_off_too_late = schedule.kind == ScheduleKind::Unpublish && outcome == ScheduleOutcome::Cancelled;
    // Even where there is nothing to take off, a publish that should have come earlier is cancelled: its time is over.
    let is_over = outcome == ScheduleOutcome::Done || is_off_too_late;
    let is_replanned = is_over && supersede(conn, &schedule, now)?;
    let frame = frames.within_write(conn)?;
    let mut told = Vec::new();
    if is_replanned || is_off_too_late {
        told.push(EventKind::ArticleUnscheduled);
    }
    if outcome == ScheduleOutcome::Done {
        let after = article.digest(&content)?;
        let kind = match (schedule.kind, before.state) {
            (ScheduleKind::Publish, ArticleState::Published) => EventKind::ArticleUpdated,
            (ScheduleKind::Publish, _) => EventKind::ArticlePublished,
            (ScheduleKind::Unpublish, _) => EventKind::ArticleUnpublished,
        };
        audit_change(conn, &schedule, before, (&article, after), slug, now)?;
        told.push(kind);
    } else {
        audit_outcome(conn, &schedule, outcome, now)?;
    }
    // What was frozen may be in other sections than the working copy.
    let sections = match (schedule.kind, outcome) {
        (ScheduleKind::Publish, ScheduleOutcome::Done) => live_sections(conn, &article)?,
        _ => drafted_sections(&article, &content),
    };
    let about = AnnouncedArticle::new(&article, sections, live_before);
    if (schedule.kind, outcome) == (ScheduleKind::Publish, ScheduleOutcome::Cancelled) {
        about.announce_failure(conn, &frame.tree, &schedule, NOT_PUBLISHABLE, now)?;
    }
    for kind in told {
        about.announce(conn, &frame.tree, kind, now)?;
    }
    Ok(Some((schedule, outcome)))
}

fn live_sections(conn: &mut Conn, article: &Article) -> Result<Vec<SectionId>> {
    let primary = press::live_section(conn, article.id)?;
    press::live_sections(conn, article.id, primary)
}

/// What the audit needs from the article as it was before a schedule acted on it.
struct ArticleBefore {
    state: ArticleState,
    path: Option<String>,
    digest: String,
}

/// Records in the audit what happened to an article that was `before`, and whether it got another path because its
/// `slug` was taken.
fn audit_change(
    conn: &mut Conn,
    schedule: &Schedule,
    before: ArticleBefore,
    (article, after): (&Article, String),
    slug: Option<String>,
    now: Time,
) -> Result<()> {
    let mut entry = AuditEvent::on(done_name(schedule.kind), TargetKind::Article, article.id.as_str())
        .before(before.digest)
        .after(after)
        .detail("schedule", schedule.audited())
        .detail("state_before", before.state.as_str())
        .detail("state", article.state.as_str());
    if let (ScheduleKind::Publish, Some(revision), Some(path)) =
        (schedule.kind, article.live_revision_number, &article.path)
    {
        entry = entry.detail("live_revision_number", revision);
        let is_moved = before.path.as_ref() != Some(path);
        if is_moved && slug.is_some_and(|slug| !path.ends_with(&format!("/{slug}"))) {
            entry = entry.detail("slug_taken", true);
        }
    }
    audit::record(conn, Who::server(Via::Scheduler, schedule.created_by), entry, now)
}

fn done_name(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Publish => "article.publish",
        ScheduleKind::Unpublish => "article.unpublish",
    }
}

/// Records in the audit that something planned did not happen.
fn audit_outcome(conn: &mut Conn, schedule: &Schedule, outcome: ScheduleOutcome, now: Time) -> Result<()> {
    let action = format!("schedule.{}", outcome.as_str());
    let entry = AuditEvent::on(&action, TargetKind::Article, schedule.article_id.as_str());
    let entry = entry.detail("schedule", schedule.audited());
    audit::record(conn, Who::server(Via::Scheduler, schedule.created_by), entry, now)
}

/// Publishes what was frozen; returns how it ended and, where it is live now, the slug that it asked for.
fn publish_frozen(
    conn: &mut Conn,
    frames: &FrameCache,
    schedule: &Schedule,
    (article, working): (&mut Article, &Content),
    now: Time,
) -> Result<(ScheduleOutcome, Option<String>)> {
    // Acts by hand cancel schedules, but other changes of the state may not: what cannot be published is cancelled
    // here.
    if !Action::Schedule.rule()?.states.contains(&article.state) {
        let (state, reason) = (ScheduleState::Cancelled, Some(NOT_PUBLISHABLE));
        store::decide(conn, schedule.clone(), state, reason, None, now)?;
        return Ok((ScheduleOutcome::Cancelled, None));
    }
    if article.embargo_until.is_some_and(|until| until > now) {
        store::block(conn, schedule.id, Code::Embargoed.as_str())?;
        return Ok((ScheduleOutcome::Blocked, None));
    }
    let number = schedule
        .revision_number
        .ok_or_else(|| Error::internal("a schedule without a revision"))?;
    let frame = frames.within_write(conn)?;
    let content = frozen_content(conn, &frame, schedule, number)?;
    // An article that has a date keeps it: the schedule sets the date only at the first publish.
    let is_first = article.published_at.is_none();
    let first = is_first.then(|| schedule.date(article.embargo_until, now));
    let publication = Publication {
        published_at: schedule.published_at.or(first),
        is_minor: schedule.is_minor,
        note: crate::articles::revisions::store::revision_note(conn, article.id, number)?,
        numbers_slug: true,
        leaves_changes: *working != content,
        ..Publication::new(RevisionKind::Publish, schedule.created_by, now)
    };
    publish(conn, &frame, article, &content, &publication)?;
    store::decide(conn, schedule.clone(), ScheduleState::Done, None, None, now)?;
    Ok((ScheduleOutcome::Done, Some(content.preferred_slug(article.id))))
}

/// Cancels what should have happened before; whether there was anything.
fn supersede(conn: &mut Conn, schedule: &Schedule, now: Time) -> Result<bool> {
    let missed = store::supersede(conn, schedule, now)?;
    for missed in &missed {
        audit_outcome(conn, missed, ScheduleOutcome::Cancelled, now)?;
    }
    Ok(!missed.is_empty())
}

/// The frozen content, ready to go live: what it refers to may have been deleted since.
fn frozen_content(conn: &mut Conn, frame: &Frame, schedule: &Schedule, number: i32) -> Result<Content> {
    let mut content = crate::articles::revisions::store::revision(conn, schedule.article_id, number)?;
    // Deleting a section updates this column, not the revision.
    content.section_id = schedule.section_id;
    without_missing(conn, frame, content)
}

/// Unpublishes, or says that there is nothing live.
fn unpublish_due(conn: &mut Conn, schedule: &Schedule, article: &mut Article, now: Time) -> Result<ScheduleOutcome> {
    if article.state != ArticleState::Published {
        let (state, reason) = (ScheduleState::Cancelled, Some("not_live"));
        store::decide(conn, schedule.clone(), state, reason, None, now)?;
        return Ok(ScheduleOutcome::Cancelled);
    }
    unpublish(conn, article)?;
    store::decide(conn, schedule.clone(), ScheduleState::Done, None, None, now)?;
    Ok(ScheduleOutcome::Done)
}

/// Lets a schedule that failed wait for its next try, or gives it up. A busy database does not count as an attempt.
fn record_failure(
    conn: &mut Conn,
    frames: &FrameCache,
    due: DueSchedule,
    (reason, counts): (&str, bool),
    now: Time,
) -> Result<Option<HandledSchedule>> {
    let Some(schedule) = store::find(conn, due.id)? else {
        return Ok(None);
    };
    let attempts = due.attempts + i32::from(counts);
    let wait = usize::try_from(attempts.max(1) - 1)
        .ok()
        .and_then(|index| RETRY_SECONDS.get(index));
    let (noted, outcome) = match wait {
        Some(seconds) => {
            let retry_at = now.plus_seconds(*seconds);
            (
                store::retry(conn, due, reason, attempts, retry_at)?,
                ScheduleOutcome::Retried,
            )
        }
        None => (
            store::give_up(conn, due, reason, attempts, now)?,
            ScheduleOutcome::Failed,
        ),
    };
    if noted && outcome == ScheduleOutcome::Failed {
        audit_outcome(conn, &schedule, outcome, now)?;
        let (article, content) = articles::get_locked(conn, due.article_id)?;
        let live = live_sections(conn, &article)?;
        let about = AnnouncedArticle::new(&article, drafted_sections(&article, &content), live);
        let frame = frames.within_write(conn)?;
        about.announce_failure(conn, &frame.tree, &schedule, reason, now)?;
    }
    Ok(noted.then_some((schedule, outcome)))
}
