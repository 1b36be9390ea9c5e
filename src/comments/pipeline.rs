//! What every submission passes, in order: small pure phases that each say what they found. Length
//! and text are settled as the body is read; what stands here needs to know the article.

use super::model::{CommentState, PhaseVerdict};
use super::policy::CommentMode;
use crate::error::{Code, Error, Result};

/// What the phases look at.
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    /// The policy that holds for the article.
    pub mode: CommentMode,
}

/// What a phase says.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing against it.
    Pass,
    /// A moderator must see it, for this reason.
    Hold(&'static str),
    /// It is not taken, and the author is told why.
    Reject(Error),
}

struct Phase {
    name: &'static str,
    run: fn(&Submission) -> Verdict,
}

const PHASES: &[Phase] = &[
    Phase {
        name: "open",
        run: open,
    },
    Phase {
        name: "mode",
        run: mode,
    },
];

fn open(submission: &Submission) -> Verdict {
    match submission.mode {
        CommentMode::Closed => Verdict::Reject(Error::new(Code::CommentsClosed)),
        _ => Verdict::Pass,
    }
}

fn mode(submission: &Submission) -> Verdict {
    match submission.mode {
        CommentMode::PreModerated | CommentMode::FirstCommentHeld => Verdict::Hold("pre_moderated"),
        CommentMode::Closed | CommentMode::PostModerated => Verdict::Pass,
    }
}

/// Runs every phase: the state that the comment begins in, and what each phase said.
///
/// # Errors
/// What the first rejecting phase tells the author.
pub fn run(submission: &Submission) -> Result<(CommentState, Vec<PhaseVerdict>)> {
    let mut state = CommentState::Approved;
    let mut verdicts = Vec::new();
    for phase in PHASES {
        let (verdict, reason) = match (phase.run)(submission) {
            Verdict::Pass => ("pass", None),
            Verdict::Hold(reason) => {
                state = CommentState::Pending;
                ("hold", Some(reason.to_owned()))
            }
            Verdict::Reject(error) => return Err(error),
        };
        verdicts.push(PhaseVerdict {
            phase: phase.name.to_owned(),
            verdict: verdict.to_owned(),
            reason,
            matched: Vec::new(),
        });
    }
    Ok((state, verdicts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_moderated_article_holds_every_comment_and_says_why() {
        let (state, verdicts) = run(&Submission {
            mode: CommentMode::PreModerated,
        })
        .unwrap();
        assert_eq!(state, CommentState::Pending);
        assert_eq!(verdicts[1].reason.as_deref(), Some("pre_moderated"));
    }

    #[test]
    fn a_closed_article_takes_none() {
        let refused = run(&Submission {
            mode: CommentMode::Closed,
        })
        .unwrap_err();
        assert_eq!(refused.code(), Code::CommentsClosed);
    }
}
