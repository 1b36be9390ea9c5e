//! Which comments a moderator asks for, however they ask.

use super::model::{ClaimedBy, HoldReason, ModerationQueue};
use crate::access::auth::{Actor, Permission};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{ArticleId, CommentId, SectionId};
use crate::comments::model::CommentState;
use crate::comments::moderation::store::ScopedQueueFilter;
use crate::comments::store as comments;
use crate::site::frame::Frame;

/// A queue and what narrows it.
#[derive(Clone, Debug)]
pub(super) struct QueueFilter {
    pub queue: ModerationQueue,
    pub section_id: Option<SectionId>,
    pub article_id: Option<ArticleId>,
    pub same_author_as: Option<CommentId>,
    pub reason: Option<HoldReason>,
    pub among: Option<Vec<CommentId>>,
    pub state: Option<CommentState>,
    pub claimed: Option<ClaimedBy>,
    pub created_before: Option<Time>,
}

impl QueueFilter {
    /// All of a queue.
    pub fn of(queue: ModerationQueue) -> Self {
        Self {
            queue,
            section_id: None,
            article_id: None,
            same_author_as: None,
            reason: None,
            among: None,
            state: None,
            claimed: None,
            created_before: None,
        }
    }

    /// The filter, narrowed to what the actor may see; `unknown` makes the error for a comment in `same_author_as` that
    /// is not there for them.
    pub fn narrowed(
        &self,
        conn: &mut Conn,
        (frame, actor, permission): (&Frame, &Actor, Permission),
        now: Time,
        unknown: impl FnOnce() -> Error,
    ) -> Result<ScopedQueueFilter> {
        let author = match self.same_author_as {
            None => None,
            Some(id) => match author_of(conn, frame, actor, permission, id) {
                Err(error) if error.code() == Code::NotFound => return Err(unknown()),
                author => Some(author?),
            },
        };
        Ok(ScopedQueueFilter {
            queue: self.queue,
            sections: self.section_id.map(|id| frame.tree.subtree(id)),
            article: self.article_id,
            author,
            reason: self.reason,
            among: self.among.clone(),
            state: self.state,
            claimed: self.claimed,
            created_before: self.created_before,
            scopes: frame.tree.scopes_of(actor, permission),
            moderator: actor.user_id,
            now,
        })
    }
}

fn author_of(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    permission: Permission,
    id: CommentId,
) -> Result<super::store::AuthorKeys> {
    let comment = comments::get(conn, id)?;
    super::check_scope(conn, frame, actor, permission, comment.article_id)?;
    Ok((&comment).into())
}
