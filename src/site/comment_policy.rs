//! How an article takes comments: the site says, a section may say otherwise, the article may say otherwise
//! again, each member by itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::http::value_reader::{ValueReader, boolean, component, small_integer, word};
use crate::base::limits;

crate::word_type! {
    /// Whether an article takes comments, and when they show.
    CommentMode {
        /// No new comments; those there are stay.
        Closed = "closed",
        /// A comment waits for a moderator.
        PreModerated = "pre_moderated",
        /// An author's comments wait until a moderator has approved one of theirs.
        FirstCommentHeld = "first_comment_held",
        /// A comment shows at once; moderators read it afterwards.
        PostModerated = "post_moderated",
    }
}

/// What a level says about comments. What it does not say, the level above does: the article's section, the
/// sections above it, the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommentPolicy {
    /// Whether comments are taken, and when they show.
    pub mode: Option<CommentMode>,
    /// Days after publication for which comments are taken; 0 for ever.
    #[schema(minimum = 0, maximum = 3650)]
    pub open_for_days: Option<i32>,
    /// Levels of replies below the first comment; 0 takes none.
    #[schema(minimum = 0, maximum = 10)]
    pub max_depth: Option<i32>,
    /// Characters of a comment at most.
    #[schema(minimum = 1, maximum = 5000)]
    pub max_length: Option<i32>,
    /// Links of a comment that is not held for them.
    #[schema(minimum = 0, maximum = 100)]
    pub max_links: Option<i32>,
    /// Days for which what moderators decided about an author's comments counts. Rejected comments and spam that the
    /// house has erased since count no more.
    #[schema(minimum = 1, maximum = 365)]
    pub history_days: Option<i32>,
    /// Decided comments of an author, within these days, from which on the share of rejected ones says something.
    #[schema(minimum = 1, maximum = 100)]
    pub history_decided: Option<i32>,
    /// The share of rejected ones, in per cent, from which on an author's next comments are held: 100 where all of them
    /// were; 0 never holds one for it.
    #[schema(minimum = 0, maximum = 100)]
    pub history_percent: Option<i32>,
    /// Whether a comment is held whose author's name is one of the site, of its staff or of its contributors, or looks
    /// like one.
    pub holds_borrowed_names: Option<bool>,
}

impl CommentPolicy {
    /// A policy that says nothing but the mode.
    pub fn of_mode(mode: CommentMode) -> Self {
        Self {
            mode: Some(mode),
            ..Self::default()
        }
    }

    /// Whether it leaves everything to the level above.
    pub fn is_silent(self) -> bool {
        self == Self::default()
    }

    /// This level's word, or else the one of the level above.
    pub fn or(self, above: Self) -> Self {
        Self {
            mode: self.mode.or(above.mode),
            open_for_days: self.open_for_days.or(above.open_for_days),
            max_depth: self.max_depth.or(above.max_depth),
            max_length: self.max_length.or(above.max_length),
            max_links: self.max_links.or(above.max_links),
            history_days: self.history_days.or(above.history_days),
            history_decided: self.history_decided.or(above.history_decided),
            history_percent: self.history_percent.or(above.history_percent),
            holds_borrowed_names: self.holds_borrowed_names.or(above.holds_borrowed_names),
        }
    }

    /// What holds where no level above is left.
    pub fn settled(self) -> EffectiveCommentPolicy {
        EffectiveCommentPolicy {
            mode: self.mode.unwrap_or(CommentMode::PreModerated),
            open_for_days: self.open_for_days.unwrap_or(0),
            max_depth: self.max_depth.unwrap_or(DEFAULT_DEPTH),
            max_length: self
                .max_length
                .unwrap_or(i32::try_from(limits::COMMENT).unwrap_or(i32::MAX)),
            max_links: self.max_links.unwrap_or(DEFAULT_LINKS),
            history_days: self.history_days.unwrap_or(DEFAULT_HISTORY_DAYS),
            history_decided: self.history_decided.unwrap_or(DEFAULT_HISTORY_DECIDED),
            history_percent: self.history_percent.unwrap_or(DEFAULT_HISTORY_PERCENT),
            holds_borrowed_names: self.holds_borrowed_names.unwrap_or(true),
        }
    }
}

/// Levels below the first comment where no policy says.
const DEFAULT_DEPTH: i32 = 4;

/// Links of a comment where no policy says.
const DEFAULT_LINKS: i32 = 2;

/// Days of an author's history that count where no policy says.
const DEFAULT_HISTORY_DAYS: i32 = 90;

/// How many decided comments an author needs before their share of rejected ones counts, where no policy says.
const DEFAULT_HISTORY_DECIDED: i32 = 3;

/// The share of rejected comments, in per cent, from which an author's next ones are held, where no policy says.
const DEFAULT_HISTORY_PERCENT: i32 = 30;

/// Levels below the first comment that any policy may ask for.
pub const MAX_DEPTH: i32 = 10;

/// The policy that holds for an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveCommentPolicy {
    /// Whether comments are taken, and when they show.
    pub mode: CommentMode,
    /// Days after publication; 0 for ever.
    pub open_for_days: i32,
    /// Levels below the first comment.
    pub max_depth: i32,
    /// Characters.
    pub max_length: i32,
    /// Links that a comment may have; with more it is held.
    pub max_links: i32,
    /// Days of an author's history that count.
    pub history_days: i32,
    /// How many decided comments within these days an author needs before the share of rejected ones counts.
    pub history_decided: i32,
    /// That share, in per cent, from which the next comments are held; 0 never.
    pub history_percent: i32,
    /// Whether a comment under a name of the house is held.
    pub holds_borrowed_names: bool,
}

impl EffectiveCommentPolicy {
    /// From when on an article of that date takes none, though its mode would; `None` where never.
    pub fn open_until(&self, published_at: Time) -> Option<Time> {
        let seconds = i64::from(self.open_for_days) * 24 * 3_600;
        (seconds > 0).then(|| published_at.plus_seconds(seconds))
    }

    /// Whether an article of that date takes comments at this moment.
    pub fn is_open(&self, published_at: Time, now: Time) -> bool {
        self.mode != CommentMode::Closed && self.open_until(published_at).is_none_or(|until| now < until)
    }
}

/// Reads a policy; one that says nothing is no policy.
pub fn reader() -> impl ValueReader<Value = CommentPolicy> {
    component(|fields| {
        Some(CommentPolicy {
            mode: fields.optional("mode", word()),
            open_for_days: fields.optional("open_for_days", small_integer(0, 3_650)),
            max_depth: fields.optional("max_depth", small_integer(0, MAX_DEPTH)),
            max_length: fields.optional("max_length", small_integer(1, limits::COMMENT as i32)),
            max_links: fields.optional("max_links", small_integer(0, 100)),
            history_days: fields.optional("history_days", small_integer(1, limits::HISTORY_DAYS)),
            history_decided: fields.optional("history_decided", small_integer(1, limits::HISTORY)),
            history_percent: fields.optional("history_percent", small_integer(0, 100)),
            holds_borrowed_names: fields.optional("holds_borrowed_names", boolean()),
        })
    })
}

/// A policy as a row holds it.
///
/// # Errors
/// 500 when it cannot be written as JSON.
pub fn to_column(policy: Option<&CommentPolicy>) -> crate::base::error::Result<Option<String>> {
    policy
        .filter(|policy| !policy.is_silent())
        .map(|policy| serde_json::to_string(policy).map_err(crate::base::error::Error::internal))
        .transpose()
}

/// The policy of a row's column.
pub fn from_column(json: Option<&str>) -> Option<CommentPolicy> {
    json.and_then(|json| serde_json::from_str(json).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_comes_from_the_nearest_level_that_says_it() {
        let site = CommentPolicy {
            mode: Some(CommentMode::PostModerated),
            open_for_days: Some(14),
            ..CommentPolicy::default()
        };
        let section = CommentPolicy {
            open_for_days: Some(0),
            max_links: Some(1),
            history_days: Some(7),
            ..CommentPolicy::default()
        };
        let article = CommentPolicy {
            history_percent: Some(0),
            ..CommentPolicy::of_mode(CommentMode::Closed)
        };
        let settled = article.or(section).or(site).settled();
        assert_eq!(
            (
                settled.mode,
                settled.open_for_days,
                settled.max_links,
                settled.max_depth,
                settled.max_length
            ),
            (CommentMode::Closed, 0, 1, 4, 5_000)
        );
        let history =
            |settled: EffectiveCommentPolicy| (settled.history_days, settled.history_decided, settled.history_percent);
        assert_eq!(history(settled), (7, 3, 0));
        assert_eq!(history(CommentPolicy::default().settled()), (90, 3, 30));
    }

    #[test]
    fn comments_close_at_the_end_of_their_last_day_and_not_before() {
        let published = Time::parse("2026-03-01T08:00:00Z").unwrap();
        let at = |text: &str| Time::parse(text).unwrap();
        let settled = |days| {
            CommentPolicy {
                mode: Some(CommentMode::PostModerated),
                open_for_days: Some(days),
                ..CommentPolicy::default()
            }
            .settled()
        };
        assert!(settled(7).is_open(published, at("2026-03-08T07:59:59.999Z")));
        assert!(!settled(7).is_open(published, at("2026-03-08T08:00:00Z")));
        assert!(settled(0).is_open(published, at("2036-03-08T08:00:00Z")));
        let closed = CommentPolicy::of_mode(CommentMode::Closed).settled();
        assert!(!closed.is_open(published, published));
    }

    #[test]
    fn what_a_stored_policy_leaves_out_it_does_not_say() {
        let read = |json: &str| serde_json::from_str::<CommentPolicy>(json).unwrap();
        assert_eq!(
            read("{\"mode\":\"closed\"}"),
            CommentPolicy::of_mode(CommentMode::Closed)
        );
        assert!(read("{}").is_silent());
    }
}
