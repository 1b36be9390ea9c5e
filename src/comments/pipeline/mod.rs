//! What every comment passes, in order: small pure phases, each of which says pass, hold, reject or nudge, and
//! what it found ([`phases`]). They look at a [`Submission`] and decide by it alone: what needs the database, the
//! network or much time was found out before ([`facts`]).
//!
//! All phases run, so that a moderator sees everything that there is to see, unless one rejects or nudges: that ends
//! the run, and the comment is not kept. A comment that no phase holds is shown at once. How often each phase holds one
//! is counted month by month ([`holds`]).

pub mod examine;
pub mod facts;
pub mod holds;
mod phases;
#[cfg(test)]
mod tests;

use chrono_tz::Tz;

use super::markup::Link;
use super::model::{CommentState, Matched, PhaseVerdict};
use super::sanctions::model::Sanction;
use crate::base::clock::Time;
use crate::base::error::{Error, Result};
use crate::comments::captcha::CaptchaCheck;
use crate::comments::spam::model::SpamScore;
use crate::comments::words::model::MatchedWord;
use crate::site::comment_policy::EffectiveCommentPolicy;

/// What the phases look at.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The author's name, without markup.
    pub author_name: String,
    /// The comment.
    pub body: String,
    /// The name of the house that the author's is, or looks like.
    pub borrowed_name: Option<String>,
    /// The links in it.
    pub links: Vec<Link>,
    /// Words of the newsroom's lists that are in the comment.
    pub words_in_body: Vec<MatchedWord>,
    /// Those that are in the name.
    pub words_in_name: Vec<MatchedWord>,
    /// What came of the captcha.
    pub captcha: CaptchaCheck,
    /// What was in the trap for robots; empty for a person.
    pub honeypot: String,
    /// When the form was asked for, by its token; null where none was sent.
    pub form_opened_at: Option<Time>,
    /// Whether its author was nudged and sends it all the same.
    pub is_confirmed: bool,
    /// Whether an author changes a comment that was taken: what concerns only sending one is not checked again.
    pub is_edit: bool,
    /// The policy that holds for the article.
    pub policy: EffectiveCommentPolicy,
    /// The newsroom's time zone.
    pub zone: Tz,
    /// The date that the article shows.
    pub published_at: Time,
    /// What holds against its author.
    pub sanctions: Vec<Sanction>,
    /// What was sent before: by its author, from their network, and with the same text.
    pub past: PastComments,
    /// How likely it is spam.
    pub spam: Option<SpamScore>,
    /// Now.
    pub now: Time,
}

/// What was sent before.
#[derive(Clone, Debug, Default)]
pub struct PastComments {
    /// When the author sent their last comments, the newest first.
    pub sent_at: Vec<Time>,
    /// Comments from the same network within the last minutes.
    pub from_network: i64,
    /// The same text: by the same author on this article, and by anybody anywhere.
    pub repeated: Repetition,
    /// Comments of the author that moderators decided on within the window.
    pub decided: i64,
    /// How many of these were rejected, or spam.
    pub rejected: i64,
    /// Comments of the reader that a moderator approved, ever.
    pub approved: i64,
}

/// Where the same text already is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repetition {
    /// Nowhere.
    #[default]
    No,
    /// Somebody else's, or on another article.
    Elsewhere,
    /// The author's own, at this place.
    Here,
}

/// Where a held comment waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldQueue {
    /// With those that a moderator reads.
    Pending,
    /// With the spam: nobody has to read it.
    Spam,
}

/// What a phase says.
#[derive(Debug)]
pub enum PhaseOutcome {
    /// Nothing against it.
    Pass,
    /// It is not shown before a moderator has seen it.
    Hold {
        /// Why, as a code.
        reason: &'static str,
        /// What was found.
        matched: Vec<Matched>,
        /// Where it waits.
        queue: HoldQueue,
    },
    /// It is not taken, and its author gets the reason.
    Reject(Error),
    /// Its author is asked to think again; sent once more with `is_confirmed`, it is held.
    Nudge(Error),
}

impl PhaseOutcome {
    fn hold(reason: &'static str, matched: Vec<Matched>) -> Self {
        Self::Hold {
            reason,
            matched,
            queue: HoldQueue::Pending,
        }
    }

    fn hold_as_spam(reason: &'static str, matched: Vec<Matched>) -> Self {
        Self::Hold {
            reason,
            matched,
            queue: HoldQueue::Spam,
        }
    }
}

/// What the phases made of a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineOutcome {
    /// The state that it begins in.
    pub state: CommentState,
    /// What each phase said.
    pub verdicts: Vec<PhaseVerdict>,
}

impl PipelineOutcome {
    /// The phases that held it.
    pub fn holding_phases(&self) -> impl Iterator<Item = &str> {
        let held = self.verdicts.iter().filter(|verdict| verdict.verdict == "hold");
        held.map(|verdict| verdict.phase.as_str())
    }
}

/// Runs every phase.
///
/// # Errors
/// The answer to the author, from the first phase that rejects or nudges.
pub fn run(submission: &Submission) -> Result<PipelineOutcome> {
    let mut state = CommentState::Approved;
    let mut verdicts = Vec::with_capacity(phases::PHASES.len());
    for phase in phases::PHASES {
        let (verdict, reason, matched) = match (phase.run)(submission) {
            PhaseOutcome::Pass => ("pass", None, Vec::new()),
            PhaseOutcome::Hold { reason, matched, queue } => {
                state = match (state, queue) {
                    (CommentState::Spam, _) | (_, HoldQueue::Spam) => CommentState::Spam,
                    _ => CommentState::Pending,
                };
                ("hold", Some(reason.to_owned()), matched)
            }
            PhaseOutcome::Reject(error) => return Err(error.refused_by(phase.name)),
            PhaseOutcome::Nudge(error) => return Err(error),
        };
        verdicts.push(PhaseVerdict {
            phase: phase.name.to_owned(),
            verdict: verdict.to_owned(),
            reason,
            matched,
        });
    }
    Ok(PipelineOutcome { state, verdicts })
}
