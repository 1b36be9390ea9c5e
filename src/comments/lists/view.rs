//! What a comment is to readers.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, ShownComment};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId, ContributorId, UserId};
use crate::published;

crate::word_type! {
    /// What readers see of a comment.
    ShownState {
        /// Its text.
        Approved = "approved",
        /// Only that it was there: its text is gone, and others have replied to it.
        Deleted = "deleted",
    }
}

crate::word_type! {
    /// What its author is to the paper.
    CommentBadge {
        /// Somebody of the newsroom.
        Staff = "staff",
        /// Who signed the article.
        Author = "author",
    }
}

/// A comment that readers see.
#[derive(Serialize, ToSchema)]
pub struct PublicComment {
    /// The comment's id.
    pub id: CommentId,
    /// What it replies to; null for the first of a thread.
    pub parent_id: Option<CommentId>,
    /// Levels below the first comment of its thread.
    pub depth: i32,
    /// Whether there is a text. What was taken back stays in its thread, without text and author, as
    /// long as a reply to it is shown.
    pub state: ShownState,
    /// The name that its author gave: plain text. Null where it was taken back.
    pub author_name: Option<String>,
    /// What its author is to the paper; empty for a reader.
    pub badges: Vec<CommentBadge>,
    /// The comment as it was written: limited Markdown. Null where it was taken back.
    #[schema(max_length = 5000)]
    pub body: Option<String>,
    /// The comment as HTML: safe to be put into a page, its links `nofollow ugc`. Null where it was
    /// taken back.
    pub body_html: Option<String>,
    /// Whether the newsroom shows it as one of the best.
    pub is_featured: bool,
    /// Whether it stands above the others.
    pub is_pinned: bool,
    /// Readers who like it.
    #[schema(minimum = 0)]
    pub reaction_count: i64,
    /// Replies directly below it that are shown.
    #[schema(minimum = 0)]
    pub reply_count: i64,
    /// When it was written.
    pub created_at: Time,
    /// When its author changed it last; null where never.
    pub edited_at: Option<Time>,
}

impl PublicComment {
    /// What readers see of a comment with so many replies, where these signed the article.
    pub fn new(mut comment: ShownComment, reply_count: i64, bylines: &[ContributorId]) -> Self {
        let has_text = comment.has_text();
        Self {
            id: comment.id,
            parent_id: comment.parent_id,
            depth: comment.depth,
            state: if has_text {
                ShownState::Approved
            } else {
                ShownState::Deleted
            },
            badges: if has_text {
                badges(comment.user_id, comment.contributor_id, bylines)
            } else {
                Vec::new()
            },
            body_html: has_text.then(|| comment.take_html()),
            author_name: has_text.then_some(comment.author_name),
            body: has_text.then_some(comment.body),
            is_featured: has_text && comment.featured_at.is_some(),
            is_pinned: has_text && comment.pinned_at.is_some(),
            reaction_count: if has_text { comment.reaction_count } else { 0 },
            reply_count,
            created_at: comment.created_at,
            edited_at: comment.edited_at.filter(|_| has_text),
        }
    }
}

/// Who signed the article, where one of these comments may be theirs.
pub fn bylines_among(conn: &mut Conn, article: ArticleId, comments: &[ShownComment]) -> Result<Vec<ContributorId>> {
    if comments.iter().any(|comment| comment.contributor_id.is_some()) {
        published::bylines(conn, article)
    } else {
        Ok(Vec::new())
    }
}

/// What readers see of these comments of an article, in this order.
pub fn views(conn: &mut Conn, article: ArticleId, comments: Vec<ShownComment>) -> Result<Vec<PublicComment>> {
    let bylines = bylines_among(conn, article, &comments)?;
    let ids: Vec<CommentId> = comments.iter().map(|comment| comment.id).collect();
    let replies = store::reply_counts(conn, &ids)?;
    let view = |comment: ShownComment| {
        let reply_count = replies.get(&comment.id).copied().unwrap_or(0);
        PublicComment::new(comment, reply_count, &bylines)
    };
    Ok(comments.into_iter().map(view).collect())
}

fn badges(
    user_id: Option<UserId>,
    contributor_id: Option<ContributorId>,
    bylines: &[ContributorId],
) -> Vec<CommentBadge> {
    let signed = contributor_id.is_some_and(|id| bylines.contains(&id));
    let staff = user_id.map(|_| CommentBadge::Staff);
    staff
        .into_iter()
        .chain(signed.then_some(CommentBadge::Author))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_says_what_its_author_is_to_the_paper() {
        use CommentBadge::{Author, Staff};
        let (signer, other, user) = (ContributorId::new(), ContributorId::new(), UserId::new());
        for (user_id, contributor_id, expected) in [
            (None, None, vec![]),
            (Some(user), None, vec![Staff]),
            (Some(user), Some(other), vec![Staff]),
            (Some(user), Some(signer), vec![Staff, Author]),
        ] {
            assert_eq!(badges(user_id, contributor_id, &[signer]), expected);
        }
    }
}
