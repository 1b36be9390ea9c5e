//! A comment, its states, and the pure rules on its text and its thread.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::markup;
use crate::base::clock::Time;
use crate::base::db::schema::comments;
use crate::base::ids::{ArticleId, CommentId, ContributorId, UserId};
use crate::base::limits;
use crate::base::secrets::sha256;

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
    pub fn resulting_state(self) -> CommentState {
        match self {
            Self::Approve => CommentState::Approved,
            Self::Reject => CommentState::Rejected,
            Self::Spam => CommentState::Spam,
            Self::Restore => CommentState::Pending,
        }
    }
}

crate::word_type! {
    /// Why a moderator decided so.
    DecisionReason {
        /// Insults somebody.
        Abuse = "abuse",
        /// Incites to hatred.
        Hate = "hate",
        /// Sells something.
        Advertising = "advertising",
        /// Not about the article.
        OffTopic = "off_topic",
        /// Says about somebody what must not be said.
        Privacy = "privacy",
        /// Against the law.
        Illegal = "illegal",
        /// Something else: see the note.
        Other = "other",
    }
}

/// What a decision does to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// It changes its state.
    Becomes(CommentState),
    /// It was so already.
    Unchanged,
    /// It was decided otherwise, and becomes this all the same.
    Reverses(CommentState),
    /// It was deleted or erased.
    TooLate,
}

impl CommentState {
    /// What a decision does to a comment in this state.
    pub fn after(self, decision: Decision) -> DecisionOutcome {
        let to = decision.resulting_state();
        match self {
            Self::Deleted | Self::Erased => DecisionOutcome::TooLate,
            from if from == to => DecisionOutcome::Unchanged,
            Self::Pending => DecisionOutcome::Becomes(to),
            _ if decision == Decision::Restore => DecisionOutcome::Becomes(to),
            _ => DecisionOutcome::Reverses(to),
        }
    }
}

/// A comment's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
#[diesel(treat_none_as_default_value = false)]
pub struct Comment {
    /// The comment's id.
    pub id: CommentId,
    /// What it is about.
    pub article_id: ArticleId,
    /// What it replies to.
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
    /// Whether readers see it, or, where it was taken back, that it was there: see [`thread_visibility`].
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
    /// The body as safe HTML; null where it is older than this column.
    pub body_html: Option<String>,
    /// The digest of the folded body, by which repetitions are found.
    pub body_digest: Option<String>,
    /// Its author's e-mail address, as a keyed hash.
    pub email_hash: Option<String>,
    /// The network that it came from, as a keyed hash.
    pub network_hash: Option<String>,
    /// The number of the key of both hashes.
    pub hash_key: Option<i32>,
    /// Who of the newsroom wrote it; null for a reader's.
    pub user_id: Option<UserId>,
    /// The byline under which they wrote it.
    pub contributor_id: Option<ContributorId>,
    /// How likely it is spam, from 0 to 1, when it was written; null while nothing is learned.
    pub spam_score: Option<f64>,
    /// When its author changed it last.
    pub edited_at: Option<Time>,
    /// Since when it is shown as one of the best.
    pub featured_at: Option<Time>,
    /// Since when it is pinned above the others.
    pub pinned_at: Option<Time>,
    /// Readers who like it.
    pub reaction_count: i64,
    /// Reports since the last decision.
    pub report_count: i64,
}

impl Comment {
    /// A comment that begins a thread and waits for a moderator; of its author only the name is known.
    pub fn new(article_id: ArticleId, author_name: String, body: String, created_at: Time) -> Self {
        let id = CommentId::new();
        Self {
            id,
            article_id,
            parent_id: None,
            root_id: id,
            depth: 0,
            author_name,
            body_html: Some(markup::render(&body)),
            body_digest: Some(body_digest(&body)),
            body,
            state: CommentState::Pending,
            is_visible: false,
            verdicts: "[]".to_owned(),
            reader_digest: None,
            edit_token_digest: None,
            created_at,
            decided_at: None,
            decided_by: None,
            email_hash: None,
            network_hash: None,
            hash_key: None,
            user_id: None,
            contributor_id: None,
            spam_score: None,
            edited_at: None,
            featured_at: None,
            pinned_at: None,
            reaction_count: 0,
            report_count: 0,
        }
    }

    /// The reasons for which phases held it.
    pub fn hold_reasons(&self) -> BTreeSet<String> {
        let verdicts: Vec<PhaseVerdict> = serde_json::from_str(&self.verdicts).unwrap_or_default();
        let holds = verdicts.into_iter().filter(|verdict| verdict.verdict == "hold");
        holds.filter_map(|verdict| verdict.reason).collect()
    }

    /// Puts it below another one.
    #[must_use]
    pub fn below(self, parent: &Self) -> Self {
        Self {
            parent_id: Some(parent.id),
            root_id: parent.root_id,
            depth: parent.depth + 1,
            ..self
        }
    }

    /// Whether readers see its text, and may answer, like and report it.
    pub fn is_shown(&self) -> bool {
        self.is_visible && self.state == CommentState::Approved
    }

    /// The state that its author sees. What the phases put to the spam looks as if it waits, so that a robot, or an
    /// author who is shadowed, does not notice.
    pub fn state_for_author(&self) -> CommentState {
        match self.state {
            CommentState::Spam if self.decided_by.is_none() => CommentState::Pending,
            state => state,
        }
    }

    /// Until when its author may change it, or take it back.
    pub fn editable_until(&self) -> Time {
        self.created_at.plus_seconds(limits::COMMENT_EDIT_SECONDS)
    }

    /// The body as safe HTML.
    pub fn html(&self) -> String {
        self.body_html.clone().unwrap_or_else(|| markup::render(&self.body))
    }
}

/// The digest of a text's words, without case, accents, spaces and signs: the same for what reads the same.
pub fn body_digest(body: &str) -> String {
    let words: String = deunicode::deunicode(body)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // Nothing but signs: then the signs are what it says.
    let said = if words.is_empty() { body.trim() } else { &words };
    sha256(said.as_bytes())
}

/// What one phase of the pipeline said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PhaseVerdict {
    /// The phase.
    pub phase: String,
    /// `pass` or `hold`; a comment that a phase rejects is not kept.
    pub verdict: String,
    /// Why, as a code; null where it passed.
    pub reason: Option<String>,
    /// What it found.
    #[serde(default)]
    pub matched: Vec<Matched>,
}

crate::word_type! {
    /// A text that an author gives.
    CommentText {
        /// The comment.
        Body = "body",
        /// The author's name.
        AuthorName = "author_name",
    }
}

/// What a phase found in a comment, or about its author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Matched {
    /// The rule: the entry of a word list, a limit, a sanction.
    #[schema(max_length = 300)]
    pub rule: String,
    /// In which text it stands; null where it is not about the text.
    pub field: Option<CommentText>,
    /// Where it begins, in characters (Unicode scalar values); null where it is not about a place.
    #[schema(minimum = 0, maximum = 5000)]
    pub start: Option<i32>,
    /// Behind its last character.
    #[schema(minimum = 0, maximum = 5000)]
    pub end: Option<i32>,
    /// What stands there, or the value that was measured.
    #[schema(max_length = 300)]
    pub text: Option<String>,
}

/// Which comments of a thread readers see: those that are approved, unless they answer, directly or not, one that waits
/// or was decided against; and, without their texts, those that their authors took back or that were erased, if
/// something below them is seen.
pub fn thread_visibility(thread: &[(CommentId, Option<CommentId>, CommentState)]) -> HashMap<CommentId, bool> {
    use CommentState::{Approved, Deleted, Erased};
    let by_id: HashMap<_, _> = thread
        .iter()
        .map(|(id, parent, state)| (*id, (*parent, *state)))
        .collect();
    // A comment and all that it replies to, up to the first of the thread; `None` where one of them hides it.
    let way_up = |id: CommentId| {
        let (mut way, mut next) = (Vec::new(), Some(id));
        // A thread is a tree of few levels; the bound keeps damaged rows from making this a circle.
        while let Some(id) = next.filter(|_| way.len() <= thread.len()) {
            let (parent, state) = by_id.get(&id).copied()?;
            [Approved, Deleted, Erased].contains(&state).then(|| way.push(id))?;
            next = parent;
        }
        next.is_none().then_some(way)
    };
    let mut seen: HashMap<_, _> = thread.iter().map(|(id, ..)| (*id, false)).collect();
    for (id, ..) in thread.iter().filter(|(.., state)| *state == Approved) {
        seen.extend(way_up(*id).into_iter().flatten().map(|id| (id, true)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_decision_has_its_outcome() {
        use CommentState::{Approved, Deleted, Erased, Pending, Rejected, Spam};
        use DecisionOutcome::{Becomes, Reverses, TooLate, Unchanged};
        // approve, reject, spam, restore
        let table = [
            (
                Pending,
                [Becomes(Approved), Becomes(Rejected), Becomes(Spam), Unchanged],
            ),
            (
                Approved,
                [Unchanged, Reverses(Rejected), Reverses(Spam), Becomes(Pending)],
            ),
            (
                Rejected,
                [Reverses(Approved), Unchanged, Reverses(Spam), Becomes(Pending)],
            ),
            (
                Spam,
                [Reverses(Approved), Reverses(Rejected), Unchanged, Becomes(Pending)],
            ),
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
    fn what_reads_the_same_has_one_digest() {
        assert_eq!(body_digest("Bravo, l’équipe !"), body_digest("  bravo l'EQUIPE"));
        assert_ne!(body_digest("Bravo"), body_digest("Bravos"));
        assert_ne!(body_digest("!"), body_digest("?"));
    }

    #[test]
    fn what_is_hidden_hides_its_answers_and_what_was_taken_back_does_not() {
        use CommentState::{Approved, Deleted, Erased, Pending, Rejected, Spam};
        let [a, b, c] = [CommentId::new(), CommentId::new(), CommentId::new()];
        // The states of a comment, its answer, and the answer to that; then which of the three are seen.
        for (states, expected) in [
            ([Approved, Approved, Approved], [true, true, true]),
            ([Approved, Rejected, Approved], [true, false, false]),
            ([Approved, Pending, Approved], [true, false, false]),
            ([Approved, Spam, Approved], [true, false, false]),
            ([Approved, Deleted, Approved], [true, true, true]),
            ([Approved, Erased, Approved], [true, true, true]),
            ([Approved, Deleted, Pending], [true, false, false]),
            ([Approved, Approved, Deleted], [true, true, false]),
            ([Deleted, Approved, Rejected], [true, true, false]),
            ([Deleted, Erased, Approved], [true, true, true]),
            ([Deleted, Rejected, Approved], [false, false, false]),
            ([Deleted, Deleted, Deleted], [false, false, false]),
            ([Rejected, Deleted, Approved], [false, false, false]),
            ([Pending, Approved, Approved], [false, false, false]),
        ] {
            let [first, second, third] = states;
            let seen = thread_visibility(&[(a, None, first), (b, Some(a), second), (c, Some(b), third)]);
            assert_eq!([seen[&a], seen[&b], seen[&c]], expected, "{states:?}");
        }
    }

    #[test]
    fn damaged_threads_are_hidden_and_end() {
        use CommentState::Approved;
        let [a, b] = [CommentId::new(), CommentId::new()];
        let circle = thread_visibility(&[(a, Some(b), Approved), (b, Some(a), Approved)]);
        let orphan = thread_visibility(&[(a, Some(b), Approved)]);
        assert!(!circle[&a] && !circle[&b] && !orphan[&a]);
    }
}
