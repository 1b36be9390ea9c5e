//! The outbox: what happened, written in the transaction of the act, so that an act and its event are both there or
//! neither. Nobody is told here; [`webhooks`](super::webhooks) takes events from the table once they are committed.
//!
//! An event says which thing, which version and where, and never what is written there: no names, texts, addresses or
//! titles. Who may read it fetches the rest.

pub mod data;
pub mod store;

use serde::Serialize;

use self::data::{
    ArticleEventData, CachePurgeEventData, CommentEventData, PublishFailedEventData, RedirectEventData,
    ScheduleEventData, SectionMovedEventData, SiteEventData, TagMergedEventData, WebhookEventData,
};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SectionId;

crate::id_type! {
    /// An event's id: the same at each attempt to tell it.
    EventId
}

crate::word_type! {
    /// What happened.
    EventKind [open] {
        /// An article went live that was not.
        ArticlePublished = "article.published",
        /// A live article was made live anew.
        ArticleUpdated = "article.updated",
        /// A live article was corrected, with a notice.
        ArticleCorrected = "article.corrected",
        /// An article was taken off.
        ArticleUnpublished = "article.unpublished",
        /// An article was withdrawn with a notice; its page stays.
        ArticleRetracted = "article.retracted",
        /// An article was taken down for good.
        ArticleKilled = "article.killed",
        /// An article is to go live or off at a time.
        ArticleScheduled = "article.scheduled",
        /// That was taken back.
        ArticleUnscheduled = "article.unscheduled",
        /// An article did not go live at its time.
        ArticlePublishFailed = "article.publish_failed",
        /// An article was handed in, to be read.
        ReviewRequested = "review.requested",
        /// A reader sent a comment.
        CommentSubmitted = "comment.submitted",
        /// A comment is shown.
        CommentApproved = "comment.approved",
        /// A comment is not shown, or not any more.
        CommentRejected = "comment.rejected",
        /// A decision was taken back: the comment waits to be decided on.
        CommentRestored = "comment.restored",
        /// A comment was deleted by its author, or erased.
        CommentDeleted = "comment.deleted",
        /// A section has another path.
        SectionMoved = "section.moved",
        /// A tag became another.
        TagMerged = "tag.merged",
        /// A path leads elsewhere, or nowhere any more.
        RedirectChanged = "redirect.changed",
        /// The settings, menus or ad slots changed.
        SiteChanged = "site.changed",
        /// Answers that show these are out of date.
        CachePurge = "cache.purge",
        /// A webhook was turned off, because it failed too long or asked for it.
        WebhookDisabled = "webhook.disabled",
        /// Somebody tries a webhook.
        WebhookTest = "webhook.test",
    }
}

impl EventKind {
    /// Whether it is about a comment. It concerns the sections of the comment's article, which the relay looks up: who
    /// comments does not wait for it.
    pub fn is_of_comment(self) -> bool {
        matches!(
            self,
            Self::CommentSubmitted
                | Self::CommentApproved
                | Self::CommentRejected
                | Self::CommentRestored
                | Self::CommentDeleted
        )
    }

    /// Whether a webhook can ask for it. A test is sent to the one that is tried.
    pub fn can_be_asked_for(self) -> bool {
        self != Self::WebhookTest
    }
}

/// What an event says.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum EventData {
    /// Of an article.
    Article(ArticleEventData),
    /// Of an article and its plan.
    Schedule(ScheduleEventData),
    /// Of an article that did not go live.
    PublishFailed(PublishFailedEventData),
    /// Of a comment.
    Comment(CommentEventData),
    /// Of a section.
    SectionMoved(SectionMovedEventData),
    /// Of a tag.
    TagMerged(TagMergedEventData),
    /// Of a redirect.
    Redirect(RedirectEventData),
    /// Of the site.
    Site(SiteEventData),
    /// Of kept answers.
    CachePurge(CachePurgeEventData),
    /// Of a webhook.
    Webhook(WebhookEventData),
}

impl EventData {
    /// The thing in whose order it is told; what has none may be told in any order. Comments stand in their article's.
    fn subject(&self) -> Option<String> {
        match self {
            Self::Article(data) => Some(data.article_id.to_string()),
            Self::Schedule(data) => Some(data.article_id.to_string()),
            Self::PublishFailed(data) => Some(data.article_id.to_string()),
            Self::Comment(data) => Some(data.article_id.to_string()),
            Self::SectionMoved(data) => Some(data.section_id.to_string()),
            Self::TagMerged(data) => Some(data.tag_id.to_string()),
            Self::Redirect(data) => Some(data.path.clone()),
            Self::Site(_) => Some("site".to_owned()),
            Self::CachePurge(_) | Self::Webhook(_) => None,
        }
    }
}

/// An event that is to be told.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The sections that it concerns, and those above them.
    pub sections: Vec<SectionId>,
    /// What it says.
    pub data: EventData,
}

impl Event {
    /// One that concerns no section.
    pub fn new(kind: EventKind, data: EventData) -> Self {
        Self {
            kind,
            sections: Vec::new(),
            data,
        }
    }

    /// The same, concerning these sections.
    #[must_use]
    pub fn within(mut self, sections: impl IntoIterator<Item = SectionId>) -> Self {
        for section in sections {
            if !self.sections.contains(&section) {
                self.sections.push(section);
            }
        }
        self
    }
}

/// Writes an event, in the transaction of what happened. Its order among those of the same thing is that of the acts:
/// whoever acts holds the thing's lock.
///
/// # Errors
/// The database's.
pub fn announce(conn: &mut Conn, event: &Event, now: Time) -> Result<()> {
    store::insert(conn, event, now)
}
