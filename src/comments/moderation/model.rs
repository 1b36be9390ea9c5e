//! The queues, and what moderators do.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::ids::UserId;
use crate::comments::model::{Comment, CommentState, Decision, DecisionOutcome};

crate::word_type! {
    /// A queue of the moderators' desk.
    ModerationQueue {
        /// Waits for a first decision.
        Pending = "pending",
        /// Readers reported it since the last decision.
        Reported = "reported",
        /// Shown to readers.
        Approved = "approved",
        /// Not shown to readers.
        Rejected = "rejected",
        /// Not shown, and not meant for readers.
        Spam = "spam",
    }
}

impl ModerationQueue {
    /// The state of its comments, where the queue is all the comments in one state.
    pub fn state(self) -> Option<CommentState> {
        match self {
            Self::Pending => Some(CommentState::Pending),
            Self::Reported => None,
            Self::Approved => Some(CommentState::Approved),
            Self::Rejected => Some(CommentState::Rejected),
            Self::Spam => Some(CommentState::Spam),
        }
    }

    /// Whether its comments wait for somebody to decide.
    pub fn waits(self) -> bool {
        matches!(self, Self::Pending | Self::Reported)
    }
}

crate::word_type! {
    /// How a queue is ordered.
    QueueSort {
        /// The longest waiting first.
        OldestFirst = "created_at",
        /// The newest first.
        NewestFirst = "-created_at",
    }
}

crate::word_type! {
    /// Who holds a card.
    ClaimedBy {
        /// You.
        Mine = "mine",
        /// Nobody.
        Nobody = "none",
    }
}

crate::word_type! {
    /// Why a phase held a comment.
    HoldReason {
        /// Every comment is read first.
        PreModerated = "pre_moderated",
        /// None of its author's was approved yet.
        FirstComment = "first_comment",
        /// Its author was rejected too often.
        History = "history",
        /// A sanction says so.
        PremoderatedAuthor = "premoderated_author",
        /// A sanction says so, and its author is not told.
        Shadow = "shadow",
        /// Its author's name is one of the house, or looks like one.
        BorrowedName = "borrowed_name",
        /// A word of a list stands in it.
        SuspectWord = "suspect_word",
        /// More links than the policy takes.
        TooManyLinks = "too_many_links",
        /// It reads like spam.
        SpamScore = "spam_score",
        /// The same text was sent before.
        Duplicate = "duplicate",
        /// Too many capitals.
        Shouting = "shouting",
        /// The trap for robots was filled in.
        Honeypot = "honeypot",
        /// Sent faster than anybody types.
        TooFast = "too_fast",
        /// Much came from its network.
        BusyNetwork = "busy_network",
        /// The captcha's provider did not answer.
        CaptchaUnavailable = "captcha_unavailable",
    }
}

crate::word_type! {
    /// What the moderation log notes.
    ModerationAction [open] {
        /// Shown.
        Approve = "approve",
        /// Not shown.
        Reject = "reject",
        /// Called spam.
        Spam = "spam",
        /// Put back into the queue.
        Restore = "restore",
        /// Shown as one of the best.
        Feature = "feature",
        /// Not shown as one of the best any more.
        Unfeature = "unfeature",
        /// Put above the others.
        Pin = "pin",
        /// Not above the others any more.
        Unpin = "unpin",
        /// The last decision was taken back.
        Undo = "undo",
    }
}

impl From<Decision> for ModerationAction {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approve => Self::Approve,
            Decision::Reject => Self::Reject,
            Decision::Spam => Self::Spam,
            Decision::Restore => Self::Restore,
        }
    }
}

impl ModerationAction {
    /// Whether it decides what becomes of a comment.
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Approve | Self::Reject | Self::Spam | Self::Restore)
    }
}

/// What a decision does to a comment. Reports since the last decision open it again: a reported comment is decided
/// anew, and approving it once more keeps it.
pub fn decision_outcome(comment: &Comment, decision: Decision) -> DecisionOutcome {
    match comment.state.after(decision) {
        DecisionOutcome::Unchanged | DecisionOutcome::Reverses(_)
            if comment.report_count > 0 && decision != Decision::Restore =>
        {
            DecisionOutcome::Becomes(decision.resulting_state())
        }
        outcome => outcome,
    }
}

/// An entry of a comment's log: what was done, from which state to which.
pub type LoggedAction = (ModerationAction, CommentState, CommentState);

/// The index, in a comment's log with the newest entry first, of the last decision that was not taken back.
pub fn last_valid_decision(steps: &[LoggedAction]) -> Option<usize> {
    let mut taken_back = 0_usize;
    for (index, (action, ..)) in steps.iter().enumerate() {
        if *action == ModerationAction::Undo {
            taken_back += 1;
        } else if action.is_decision() {
            if taken_back == 0 {
                return Some(index);
            }
            taken_back -= 1;
        }
    }
    None
}

/// What a moderator did.
#[derive(Queryable, Serialize, ToSchema)]
pub struct ModerationLogEntry {
    /// Who; null where it was the house.
    pub moderator_id: Option<UserId>,
    /// Their name.
    pub moderator_name: Option<String>,
    /// What they did.
    pub action: ModerationAction,
    /// The state before.
    pub from_state: CommentState,
    /// The state after.
    pub to_state: CommentState,
    /// Why, as a code.
    pub reason: Option<String>,
    /// Why, in words.
    pub note: Option<String>,
    /// When it was decided.
    pub at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Time;
    use crate::base::ids::ArticleId;

    /// A phase that holds for a new reason must be found by it.
    #[test]
    fn every_reason_of_a_phase_is_known() {
        let phases = include_str!("../pipeline/phases.rs");
        let mut found = 0;
        for call in ["hold(", "hold_as_spam(", "reason: "] {
            for rest in phases.split(call).skip(1) {
                let Some((word, _)) = rest
                    .trim_start()
                    .strip_prefix('"')
                    .and_then(|rest| rest.split_once('"'))
                else {
                    continue;
                };
                assert!(HoldReason::parse(word).is_some(), "{word}");
                found += 1;
            }
        }
        assert_eq!(found, HoldReason::ALL.len());
    }

    #[test]
    fn reports_open_what_was_decided() {
        use CommentState::{Approved, Pending, Rejected, Spam};
        use DecisionOutcome::{Becomes, Reverses, Unchanged};
        // approve, reject, spam, restore: decided, then reported since.
        let table = [
            (
                Approved,
                [Unchanged, Reverses(Rejected), Reverses(Spam), Becomes(Pending)],
                [Becomes(Approved), Becomes(Rejected), Becomes(Spam), Becomes(Pending)],
            ),
            (
                Pending,
                [Becomes(Approved), Becomes(Rejected), Becomes(Spam), Unchanged],
                [Becomes(Approved), Becomes(Rejected), Becomes(Spam), Unchanged],
            ),
        ];
        for (state, decided, reported) in table {
            for (report_count, expected) in [(0, decided), (3, reported)] {
                let now = Time::from_millis(0).unwrap();
                let comment = Comment {
                    state,
                    report_count,
                    ..Comment::new(ArticleId::new(), "A".to_owned(), "B".to_owned(), now)
                };
                for (decision, expected) in Decision::ALL.iter().zip(expected) {
                    assert_eq!(decision_outcome(&comment, *decision), expected, "{decision} on {state}");
                }
            }
        }
    }

    #[test]
    fn the_last_decision_that_stands_is_found_behind_those_taken_back() {
        use ModerationAction::{Approve, Pin, Reject, Restore, Undo};
        let at = |actions: &[ModerationAction]| {
            let step = |action: &ModerationAction| (*action, CommentState::Pending, CommentState::Approved);
            // Written here the oldest first.
            let steps: Vec<LoggedAction> = actions.iter().rev().map(step).collect();
            last_valid_decision(&steps).map(|index| actions.len() - 1 - index)
        };
        for (actions, expected) in [
            (&[][..], None),
            (&[Approve], Some(0)),
            (&[Approve, Pin], Some(0)),
            (&[Approve, Undo], None),
            (&[Approve, Undo, Undo], None),
            (&[Approve, Restore, Reject, Undo], Some(1)),
            (&[Approve, Restore, Undo, Undo], None),
            (&[Approve, Undo, Reject], Some(2)),
            (&[Approve, Restore, Reject, Undo, Pin, Undo], Some(0)),
        ] {
            assert_eq!(at(actions), expected, "{actions:?}");
        }
    }
}
