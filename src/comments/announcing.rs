//! What machines elsewhere are told of comments.

use super::model::{Comment, CommentState};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::events::outbox::data::CommentEventData;
use crate::events::outbox::{Event, EventData, EventKind, announce};

/// Tells that a comment was sent.
pub fn announce_submission(conn: &mut Conn, comment: &Comment, now: Time) -> Result<()> {
    write(conn, EventKind::CommentSubmitted, comment, comment.state, now)
}

/// Tells what a comment is now, where it was something else.
pub fn announce_state(conn: &mut Conn, comment: &Comment, to: CommentState, now: Time) -> Result<()> {
    if to == comment.state {
        return Ok(());
    }
    let kind = match to {
        CommentState::Approved => EventKind::CommentApproved,
        CommentState::Rejected | CommentState::Spam => EventKind::CommentRejected,
        CommentState::Pending => EventKind::CommentRestored,
        CommentState::Deleted | CommentState::Erased => EventKind::CommentDeleted,
    };
    write(conn, kind, comment, to, now)
}

fn write(conn: &mut Conn, kind: EventKind, comment: &Comment, state: CommentState, now: Time) -> Result<()> {
    let data = CommentEventData {
        comment_id: comment.id,
        article_id: comment.article_id,
        is_approved: state == CommentState::Approved,
    };
    announce(conn, &Event::new(kind, EventData::Comment(data)), now)
}
