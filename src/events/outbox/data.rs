//! What events say, by shape. Ids, versions, paths and words of ours.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::ids::{ArticleId, CommentId, SectionId, TagId, WebhookId};
use crate::body::article_type::ArticleType;

/// An article, as the act left it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleEventData {
    /// The article's id.
    pub article_id: ArticleId,
    /// What kind of article.
    #[serde(rename = "type")]
    pub article_type: ArticleType,
    /// Its language.
    pub locale: String,
    /// The version of its working copy.
    pub version: i64,
    /// The number of its live revision; null where it is not live.
    pub revision_number: Option<i32>,
    /// Where it is, or was last, live; null where it never was.
    pub path: Option<String>,
    /// Its sections, the primary one first.
    #[schema(max_items = 20)]
    pub section_ids: Vec<SectionId>,
}

/// An article and what is planned for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScheduleEventData {
    /// The article's id.
    pub article_id: ArticleId,
    /// When it goes live; null where that is not planned.
    pub publish_at: Option<Time>,
    /// When it goes off; null where that is not planned.
    pub unpublish_at: Option<Time>,
}

/// An article that did not go live, or off, at its time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublishFailedEventData {
    /// The article's id.
    pub article_id: ArticleId,
    /// When it should have happened.
    pub planned_at: Time,
    /// Why it did not: a code of the API.
    pub reason: String,
}

/// A comment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommentEventData {
    /// The comment's id.
    pub comment_id: CommentId,
    /// The article that it is about.
    pub article_id: ArticleId,
    /// Whether it may be shown.
    pub is_approved: bool,
}

/// A section that has another path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SectionMovedEventData {
    /// The section's id.
    pub section_id: SectionId,
    /// Where it was.
    pub path_before: String,
    /// Where it is.
    pub path: String,
}

/// A tag that became another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagMergedEventData {
    /// The tag that is no more.
    pub tag_id: TagId,
    /// The tag that it became.
    pub into_tag_id: TagId,
}

/// A path that leads elsewhere, or not any more.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RedirectEventData {
    /// The path.
    pub path: String,
}

crate::word_type! {
    /// A part of the site.
    SitePart [open] {
        /// The settings.
        Settings = "settings",
        /// A menu.
        Menu = "menu",
        /// An ad slot.
        AdSlot = "ad_slot",
    }
}

/// What of the site changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteEventData {
    /// Which part.
    pub part: SitePart,
    /// Its key; null for the settings.
    pub key: Option<String>,
}

/// Which kept answers are out of date: those with one of these names in `Surrogate-Key`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CachePurgeEventData {
    /// The names. `everything` stands for all there is.
    #[schema(max_items = 250)]
    pub surrogate_keys: Vec<String>,
}

/// A webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookEventData {
    /// The webhook's id.
    pub webhook_id: WebhookId,
}
