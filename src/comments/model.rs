//! A comment, its states, and the pure rules on its text and its thread.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CommentId;
use crate::articles::ArticleId;
use crate::articles::html::escape;
use crate::auth::UserId;
use crate::clock::Time;
use crate::db::schema::comments;

crate::word_type! {
    /// Where a comment is in its life.
    CommentState {
        /// Waiting for a moderator.
        Pending = "pending",
        /// Shown.
        Approved = "approved",
        /// Not shown.
        Rejected = "rejected",
        /// Not shown, and not meant for readers.
        Spam = "spam",
        /// Taken back by its author.
        Deleted = "deleted",
        /// Its text and author are erased.
        Erased = "erased",
    }
}

crate::word_type! {
    /// What a moderator does.
    Decision {
        /// Show it.
        Approve = "approve",
        /// Do not show it.
        Reject = "reject",
        /// It is spam.
        Spam = "spam",
        /// Back to the queue.
        Restore = "restore",
    }
}

impl Decision {
    /// The state that it leads to.
    pub fn leads_to(self) -> CommentState {
        match self {
            Self::Approve => CommentState::Approved,
            Self::Reject => CommentState::Rejected,
            Self::Spam => CommentState::Spam,
            Self::Restore => CommentState::Pending,
        }
    }
}

/// What a decision does to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It changes its state.
    Becomes(CommentState),
    /// It was so already.
    Already,
    /// It was decided otherwise: it must be restored first.
    Contrary,
    /// It was deleted or erased.
    TooLate,
}

impl CommentState {
    /// What a decision does to a comment in this state.
    pub fn after(self, decision: Decision) -> Outcome {
        let to = decision.leads_to();
        match self {
            Self::Deleted | Self::Erased => Outcome::TooLate,
            from if from == to => Outcome::Already,
            Self::Pending => Outcome::Becomes(to),
            _ if decision == Decision::Restore => Outcome::Becomes(to),
            _ => Outcome::Contrary,
        }
    }
}

/// Levels of a thread below the first.
pub const MAX_DEPTH: i32 = 4;

/// A comment's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Comment {
    /// The comment's id.
    pub id: CommentId,
    /// What it is about.
    pub article_id: ArticleId,
    /// What it answers.
    pub parent_id: Option<CommentId>,
    /// The first comment of its thread.
    pub root_id: CommentId,
    /// Levels below the first comment.
    pub depth: i32,
    /// The name that its author gave.
    pub author_name: String,
    /// Plain text.
    pub body: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// Whether readers see it: it and everything it answers is approved.
    pub is_visible: bool,
    /// What the phases said, as JSON.
    pub verdicts: String,
    /// The digest of its author's reader token.
    pub reader_digest: Option<String>,
    /// The digest of the token by which its author may change it.
    pub edit_token_digest: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// When it was decided last.
    pub decided_at: Option<Time>,
    /// By whom.
    pub decided_by: Option<UserId>,
}

/// What one phase of the pipeline said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhaseVerdict {
    /// The phase.
    pub phase: String,
    /// `pass` or `hold`.
    pub verdict: String,
    /// Why, as a code; null where it passed.
    pub reason: Option<String>,
}

/// Text without markup: what looks like a tag is taken out, and a `<` that would begin one is moved
/// away from the letter behind it. Everything a reader would have seen stays.
pub fn without_markup(text: &str) -> String {
    let mut clean = text.to_owned();
    loop {
        let stripped = strip_tags(&clean);
        if stripped == clean {
            return stripped;
        }
        clean = stripped;
    }
}

fn strip_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let behind = from.get(1..).unwrap_or_default();
        let begins_tag = behind.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        match behind.find(['<', '>']) {
            Some(end) if begins_tag && behind.as_bytes().get(end) == Some(&b'>') => {
                rest = behind.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push_str(if begins_tag { "< " } else { "<" });
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Plain text as HTML: escaped, a blank line between paragraphs, a line end as a break.
pub fn to_html(text: &str) -> String {
    let paragraphs = text
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty());
    paragraphs
        .map(|paragraph| format!("<p>{}</p>", escape(paragraph).replace('\n', "<br>")))
        .collect()
}

/// Which comments of a thread readers see: those that are approved, as is everything they answer.
pub fn visible(thread: &[(CommentId, Option<CommentId>, CommentState)]) -> HashMap<CommentId, bool> {
    let by_id: HashMap<_, _> = thread
        .iter()
        .map(|(id, parent, state)| (*id, (*parent, *state)))
        .collect();
    let is_visible = |id: CommentId| {
        let mut next = Some(id);
        // A thread is a tree of few levels; the bound keeps damaged rows from making this a circle.
        for _ in 0..=thread.len() {
            let Some(id) = next else { return true };
            match by_id.get(&id) {
                Some((parent, CommentState::Approved)) => next = *parent,
                _ => return false,
            }
        }
        false
    };
    thread.iter().map(|(id, ..)| (*id, is_visible(*id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_state_and_decision_has_its_outcome() {
        use CommentState::{Approved, Deleted, Erased, Pending, Rejected, Spam};
        use Outcome::{Already, Becomes, Contrary, TooLate};
        // approve, reject, spam, restore
        let table = [
            (Pending, [Becomes(Approved), Becomes(Rejected), Becomes(Spam), Already]),
            (Approved, [Already, Contrary, Contrary, Becomes(Pending)]),
            (Rejected, [Contrary, Already, Contrary, Becomes(Pending)]),
            (Spam, [Contrary, Contrary, Already, Becomes(Pending)]),
            (Deleted, [TooLate; 4]),
            (Erased, [TooLate; 4]),
        ];
        assert_eq!(table.len(), CommentState::ALL.len());
        for (state, outcomes) in table {
            for (decision, outcome) in Decision::ALL.iter().zip(outcomes) {
                assert_eq!(state.after(*decision), outcome, "{decision} on {state}");
            }
        }
    }

    #[test]
    fn markup_goes_and_words_stay() {
        let table = [
            ("Bravo !", "Bravo !"),
            ("a < b et 1<2, I <3 you", "a < b et 1<2, I <3 you"),
            ("<b>Bravo</b> <script>alert(1)</script>", "Bravo alert(1)"),
            (
                "<scr<script>ipt>alert(1)</scr</script>ipt>",
                "< script>alert(1)< /script>",
            ),
            ("x <img src=x onerror=alert(1)", "x < img src=x onerror=alert(1)"),
            ("<!-- rien -->", ""),
            ("&lt;script&gt;", "&lt;script&gt;"),
        ];
        for (text, expected) in table {
            assert_eq!(without_markup(text), expected, "{text}");
        }
    }

    #[test]
    fn html_is_escaped_in_paragraphs() {
        assert_eq!(
            to_html("a < b\nc\n\nd & \"e\""),
            "<p>a &lt; b<br>c</p><p>d &amp; &quot;e&quot;</p>"
        );
    }

    #[test]
    fn a_reply_to_a_hidden_comment_is_hidden() {
        let [a, b, c] = [CommentId::new(), CommentId::new(), CommentId::new()];
        let thread = |second| {
            visible(&[
                (a, None, CommentState::Approved),
                (b, Some(a), second),
                (c, Some(b), CommentState::Approved),
            ])
        };
        assert!(thread(CommentState::Approved).values().all(|visible| *visible));
        let hidden = thread(CommentState::Rejected);
        assert_eq!((hidden[&a], hidden[&b], hidden[&c]), (true, false, false));
    }

    proptest! {
        #[test]
        fn no_text_keeps_the_beginning_of_a_tag(text in "[<>/!a-c\" =]{0,60}") {
            let clean = without_markup(&text);
            let begins = |pair: &[u8]| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || b"/!?".contains(&pair[1]));
            prop_assert!(!clean.as_bytes().windows(2).any(begins), "{clean}");
        }
    }
}
