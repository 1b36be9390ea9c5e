//! What can be done with an article: one table of state × review × action × permission.
//! [`check_permitted`], [`check_possible`] and [`allowed_to`] are its only readers, and nothing else decides.

use crate::access::auth::{Actor, Permission, PermissionSubject};
use crate::articles::model::{Article, ArticleReview, ArticleState};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SectionId;
use crate::site::sections::SectionTree;

crate::word_type! {
    /// What can be done with an article.
    Action [open] {
        /// Change the working copy.
        Edit = "edit",
        /// Hand the working copy in, to be read.
        Submit = "submit",
        /// Say that it is fit to print.
        Approve = "approve",
        /// Let it go live, or off, at a time.
        Schedule = "schedule",
        /// Take that back.
        Unschedule = "unschedule",
        /// Make the working copy live.
        Publish = "publish",
        /// Make it live with a public notice of what was wrong.
        Correct = "correct",
        /// Take it off.
        Unpublish = "unpublish",
        /// Withdraw it with a notice; the page stays.
        Retract = "retract",
        /// Take it down for good and erase it.
        Kill = "kill",
        /// Throw it away.
        Trash = "trash",
        /// Take it out of the trash.
        Restore = "restore",
        /// Delete it for good.
        Delete = "delete",
        /// Make a draft of the same content.
        Duplicate = "duplicate",
        /// Make a linked draft in another language.
        Translate = "translate",
    }
}

/// One line of the table.
pub struct ActionRule {
    /// What is done.
    pub action: Action,
    /// The permission that the actor needs (on what: see [`PermissionTarget`]).
    pub permission: Permission,
    /// What the permission is needed on.
    pub on: PermissionTarget,
    /// In which states it is possible.
    pub states: &'static [ArticleState],
    /// At which reviews of the working copy.
    pub reviews: &'static [ArticleReview],
}

/// What a permission is needed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionTarget {
    /// On the article: in the section of the working copy, and in the one where it is live.
    Article,
    /// On a copy of the article, which the actor makes and so owns.
    Copy,
}

const ANY_REVIEW: &[ArticleReview] = ArticleReview::ALL;
/// Whatever is neither thrown away nor killed.
const AT_THE_DESK: &[ArticleState] = &[
    ArticleState::Draft,
    ArticleState::Published,
    ArticleState::Unpublished,
    ArticleState::Retracted,
];
/// States from which an article can go live without a note; a retracted one needs a note to come back.
const PUBLISHABLE: &[ArticleState] = &[ArticleState::Draft, ArticleState::Published, ArticleState::Unpublished];
const NOT_LIVE: &[ArticleState] = &[ArticleState::Draft, ArticleState::Unpublished];
const LIVE: &[ArticleState] = &[ArticleState::Published];
const TRASHED: &[ArticleState] = &[ArticleState::Trashed];
/// Everything except what is killed already: a draft may have to go for good too.
const NOT_KILLED: &[ArticleState] = &[
    ArticleState::Draft,
    ArticleState::Published,
    ArticleState::Unpublished,
    ArticleState::Retracted,
    ArticleState::Trashed,
];

const fn rule(
    action: Action,
    permission: Permission,
    states: &'static [ArticleState],
    reviews: &'static [ArticleReview],
) -> ActionRule {
    ActionRule {
        action,
        permission,
        on: PermissionTarget::Article,
        states,
        reviews,
    }
}

const fn copying(action: Action) -> ActionRule {
    ActionRule {
        action,
        permission: Permission::WriteArticles,
        on: PermissionTarget::Copy,
        states: AT_THE_DESK,
        reviews: ANY_REVIEW,
    }
}

/// The table, one line an action.
pub const RULES: &[ActionRule] = &[
    rule(Action::Edit, Permission::WriteArticles, AT_THE_DESK, ANY_REVIEW),
    rule(
        Action::Submit,
        Permission::WriteArticles,
        AT_THE_DESK,
        &[ArticleReview::NotSubmitted],
    ),
    rule(
        Action::Approve,
        Permission::PublishArticles,
        AT_THE_DESK,
        &[ArticleReview::InReview],
    ),
    rule(Action::Schedule, Permission::PublishArticles, PUBLISHABLE, ANY_REVIEW),
    rule(Action::Unschedule, Permission::PublishArticles, AT_THE_DESK, ANY_REVIEW),
    rule(Action::Publish, Permission::PublishArticles, AT_THE_DESK, ANY_REVIEW),
    rule(Action::Correct, Permission::PublishArticles, LIVE, ANY_REVIEW),
    rule(Action::Unpublish, Permission::PublishArticles, LIVE, ANY_REVIEW),
    rule(Action::Retract, Permission::PublishArticles, LIVE, ANY_REVIEW),
    rule(Action::Kill, Permission::KillArticles, NOT_KILLED, ANY_REVIEW),
    rule(Action::Trash, Permission::WriteArticles, NOT_LIVE, ANY_REVIEW),
    rule(Action::Restore, Permission::WriteArticles, TRASHED, ANY_REVIEW),
    rule(Action::Delete, Permission::PurgeArticles, TRASHED, ANY_REVIEW),
    copying(Action::Duplicate),
    copying(Action::Translate),
];

impl Action {
    /// The action's line.
    ///
    /// # Errors
    /// 500 when it has none; a test sees to it that each has.
    pub fn rule(self) -> Result<&'static ActionRule> {
        RULES
            .iter()
            .find(|rule| rule.action == self)
            .ok_or_else(|| Error::internal(format!("{self} stands in no line of the table")))
    }
}

impl ActionRule {
    /// Whether state and review let it happen.
    pub fn is_possible(&self, state: ArticleState, review: ArticleReview) -> bool {
        self.states.contains(&state) && self.reviews.contains(&review)
    }

    /// Whether the actor's grants let it happen.
    pub fn is_permitted(&self, actor: &Actor, action_facts: &ActionFacts<'_>) -> bool {
        action_facts
            .subjects(self, actor)
            .iter()
            .all(|subject| actor.may(self.permission, subject))
    }
}

/// An article as it is now: its row, and the sections of the working copy and of the live revision. An actor needs the
/// permission in the first of the working copy and in that where it is live; to make it public, in all.
pub struct ActionFacts<'s> {
    /// The row.
    pub article: &'s Article,
    /// The other sections of the working copy.
    pub secondary_sections: &'s [SectionId],
    /// The section where it is live, where it is.
    pub live_section: Option<SectionId>,
    /// The sections.
    pub tree: &'s SectionTree,
}

impl ActionFacts<'_> {
    fn subjects(&self, rule: &ActionRule, actor: &Actor) -> Vec<PermissionSubject<'_>> {
        let at = |section| self.article.subject(self.tree, section, actor);
        let working = at(self.article.section_id);
        match rule.on {
            PermissionTarget::Copy => vec![PermissionSubject {
                is_own: true,
                was_public: false,
                ..working
            }],
            PermissionTarget::Article => {
                let live = self.live_section.filter(|live| Some(*live) != self.article.section_id);
                let listing = match rule.action {
                    Action::Publish | Action::Correct | Action::Schedule => self.secondary_sections,
                    _ => &[],
                };
                let more = live.iter().chain(listing).map(|section| at(Some(*section)));
                std::iter::once(working).chain(more).collect()
            }
        }
    }
}

/// The actions that state, review and the actor's grants let happen.
pub fn allowed_to(actor: &Actor, action_facts: &ActionFacts<'_>) -> Vec<Action> {
    let (state, review) = (action_facts.article.state, action_facts.article.review);
    RULES
        .iter()
        .filter(|rule| rule.is_possible(state, review) && rule.is_permitted(actor, action_facts))
        .map(|rule| rule.action)
        .collect()
}

/// Checks that the actor may do it.
///
/// # Errors
/// 403.
pub fn check_permitted(actor: &Actor, action: Action, action_facts: &ActionFacts<'_>) -> Result<()> {
    let rule = action.rule()?;
    action_facts
        .subjects(rule, actor)
        .iter()
        .try_for_each(|subject| actor.check(rule.permission, subject))
}

/// Checks that state and review let it happen.
///
/// # Errors
/// 409 `invalid_state` with both and what the actor can do instead.
pub fn check_possible(actor: &Actor, action: Action, action_facts: &ActionFacts<'_>) -> Result<()> {
    let (state, review) = (action_facts.article.state, action_facts.article.review);
    if action.rule()?.is_possible(state, review) {
        return Ok(());
    }
    let names: Vec<&str> = allowed_to(actor, action_facts)
        .into_iter()
        .map(Action::as_str)
        .collect();
    Err(Error::new(Code::InvalidState)
        .with("action", action)
        .with("state", state)
        .with("review", review)
        .extra("state", state.as_str())
        .extra("review", review.as_str())
        .extra("allowed_actions", names))
}
