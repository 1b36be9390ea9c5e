//! Why a publish is refused, the permissions of who asks aside. An action stops at the first reason, a validation lists
//! all of them.

use super::table::{Action, check_possible};
use crate::access::auth::Actor;
use crate::articles::model::{Article, ArticleReview, ArticleState, Content};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::body::blocks::is_empty_body;
use crate::editorial::articles::view::action_facts;
use crate::editorial::workflow::publication::check_path;
use crate::site::frame::Frame;

/// Every reason for which a plain publish would be refused now, in the order in which the action checks them. Where the
/// state forbids publishing, that is the only reason given.
pub fn refusals(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    article: &Article,
    content: &Content,
    now: Time,
) -> Result<Vec<Error>> {
    let action_facts = action_facts(conn, frame, article, content)?;
    let possible = check_possible(actor, Action::Publish, &action_facts);
    if let Some(refusal) = refusal(possible, Code::InvalidState)? {
        return Ok(vec![refusal]);
    }
    let timing = PublishTiming::at_once(now);
    let mut refusals = obstacles(frame, article, content, &timing);
    refusals.extend(check_changes_something(article, &timing, None).err());
    if content.section_id.is_some() {
        let path = check_path(conn, frame, article, content);
        refusals.extend(refusal(path, Code::SlugTaken)?);
    }
    Ok(refusals)
}

/// The error of a check where it has this code.
///
/// # Errors
/// Any other.
fn refusal(checked: Result<()>, code: Code) -> Result<Option<Error>> {
    match checked {
        Ok(()) => Ok(None),
        Err(error) if error.code() == code => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// When something is to be live, and with which date.
pub(super) struct PublishTiming {
    /// The date to show, where another one is asked for.
    pub published_at: Option<Time>,
    /// When it is to go live.
    pub live_at: Time,
    /// The moment of asking.
    pub now: Time,
}

impl PublishTiming {
    /// To go live now, with no date of its own.
    pub(super) fn at_once(now: Time) -> Self {
        Self {
            published_at: None,
            live_at: now,
            now,
        }
    }
}

/// Checks that a content can go live at a moment, whatever is live now.
///
/// # Errors
/// 409 before the embargo's end or without approval; 422 for what is missing.
pub(super) fn check_publishable(
    frame: &Frame,
    article: &Article,
    content: &Content,
    timing: &PublishTiming,
) -> Result<()> {
    let first = obstacles(frame, article, content, timing).into_iter().next();
    first.map_or(Ok(()), Err)
}

fn obstacles(frame: &Frame, article: &Article, content: &Content, timing: &PublishTiming) -> Vec<Error> {
    let mut obstacles = Vec::new();
    if let Some(until) = article.embargo_until.filter(|until| *until > timing.live_at) {
        let problem = Error::new(Code::Embargoed).with_moment("embargo_until", until, frame.site.zone());
        obstacles.push(problem.extra("embargo_until", until.to_string()));
    }
    if frame.site.requires_approval && article.review != ArticleReview::Ready {
        obstacles.push(Error::new(Code::NotApproved));
    }
    let mut errors = Vec::new();
    if content.title.is_empty() {
        errors.push(FieldError::new("/title", FieldCode::Missing));
    }
    if content.section_id.is_none() {
        errors.push(FieldError::new("/section_id", FieldCode::Missing));
    }
    if frame.site.requires_body && is_empty_body(&content.blocks) {
        errors.push(FieldError::new("/blocks", FieldCode::Missing));
    }
    if timing.published_at.is_some_and(|at| at > timing.now) {
        errors.push(FieldError::new("/published_at", FieldCode::InTheFuture));
    }
    if !errors.is_empty() {
        obstacles.push(Error::validation(errors));
    }
    obstacles
}

/// Checks that a publish would change something, and that a retracted article says why it is back.
///
/// # Errors
/// 409 `nothing_to_publish`; 422 without the note.
pub(super) fn check_changes_something(article: &Article, timing: &PublishTiming, note: Option<&str>) -> Result<()> {
    let is_live = article.state == ArticleState::Published;
    if is_live && !article.has_unpublished_changes && timing.published_at.is_none() {
        return Err(Error::new(Code::NothingToPublish));
    }
    if article.state == ArticleState::Retracted && note.is_none() {
        return Err(Error::field(FieldError::new("/note", FieldCode::Missing)));
    }
    Ok(())
}
