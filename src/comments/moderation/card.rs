//! A comment as moderators see it.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId, UserId};
use crate::comments::model::{CommentState, PhaseVerdict};
use crate::comments::moderation::store::QueuedComment;

/// Who holds a card, and until when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModerationClaim {
    /// The moderator.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// From when on somebody else may be given it.
    pub until: Time,
}

/// A comment as moderators see it.
#[derive(Serialize, ToSchema)]
pub struct ModeratedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// The article's headline.
    pub article_title: String,
    /// The article's public path.
    pub article_path: Option<String>,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// Levels below the first comment of its thread.
    pub depth: i32,
    /// The name that its author gave.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The comment as safe HTML.
    pub body_html: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// Whether readers see it: it is approved, and so is everything it replies to.
    pub is_visible: bool,
    /// What each phase said when it was written.
    pub verdicts: Vec<PhaseVerdict>,
    /// How likely it is spam, from 0 to 1, when it was written; null while nothing is learned.
    pub spam_score: Option<f64>,
    /// Reports since the last decision.
    pub report_count: i64,
    /// Readers who like it.
    pub reaction_count: i64,
    /// Since when it is shown as one of the best.
    pub featured_at: Option<Time>,
    /// Since when it stands above the others.
    pub pinned_at: Option<Time>,
    /// Who holds the card; null for nobody.
    pub claim: Option<ModerationClaim>,
    /// When it was written.
    pub created_at: Time,
    /// When its author changed it last.
    pub edited_at: Option<Time>,
    /// When it was decided last.
    pub decided_at: Option<Time>,
    /// By whom.
    pub decided_by: Option<UserId>,
}

impl ModeratedComment {
    fn new((comment, article_title, article_path): QueuedComment, claim: Option<ModerationClaim>) -> Self {
        Self {
            id: comment.id,
            article_id: comment.article_id,
            article_title,
            article_path,
            parent_id: comment.parent_id,
            depth: comment.depth,
            body_html: comment.html(),
            author_name: comment.author_name,
            body: comment.body,
            state: comment.state,
            is_visible: comment.is_visible,
            verdicts: serde_json::from_str(&comment.verdicts).unwrap_or_default(),
            spam_score: comment.spam_score,
            report_count: comment.report_count,
            reaction_count: comment.reaction_count,
            featured_at: comment.featured_at,
            pinned_at: comment.pinned_at,
            claim,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            decided_at: comment.decided_at,
            decided_by: comment.decided_by,
        }
    }
}

/// The cards of these comments, with who holds them at this moment.
pub fn cards(conn: &mut Conn, queued: Vec<QueuedComment>, now: Time) -> Result<Vec<ModeratedComment>> {
    let ids: Vec<CommentId> = queued.iter().map(|(comment, ..)| comment.id).collect();
    let mut claims: HashMap<CommentId, ModerationClaim> = store::claims_of(conn, &ids, now)?
        .into_iter()
        .map(|(id, user_id, user_name, until)| {
            let claim = ModerationClaim {
                user_id,
                user_name,
                until,
            };
            (id, claim)
        })
        .collect();
    Ok(queued
        .into_iter()
        .map(|queued| {
            let claim = claims.remove(&queued.0.id);
            ModeratedComment::new(queued, claim)
        })
        .collect())
}

/// The card of one comment.
///
/// # Errors
/// 404.
pub fn card(conn: &mut Conn, id: CommentId, now: Time) -> Result<ModeratedComment> {
    let queued = store::get_queued(conn, id)?;
    let card = cards(conn, vec![queued], now)?.pop();
    card.ok_or_else(crate::base::error::Error::not_found)
}
