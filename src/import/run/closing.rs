//! Threads that were closed elsewhere: the comments of their articles are closed here.

use crate::access::change_log;
use crate::articles::model::{ArticleState, RevisionKind};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::editorial::workflow::{Publication, publish};
use crate::import::store as imports;
use crate::published::{press, previews};
use crate::site::comment_policy::{CommentMode, CommentPolicy};
use crate::site::frame::FrameCache;

/// Closes the comments of an article in the transaction at hand. False where somebody here is at work on it, whose
/// changes would go live with it, or where it is off; one that has rules of its own keeps them.
pub(super) fn close_comments(conn: &mut Conn, frames: &FrameCache, id: ArticleId, now: Time) -> Result<bool> {
    press::lock_presses(conn)?;
    let frame = frames.within_write(conn)?;
    let (mut article, old) = store::get_locked(conn, id)?;
    if old.comment_policy.is_some() {
        return Ok(true);
    }
    let is_live = article.state == ArticleState::Published;
    if is_live && article.has_unpublished_changes || !is_live && article.state != ArticleState::Draft {
        return Ok(false);
    }
    let mut content = old.clone();
    content.comment_policy = Some(CommentPolicy::of_mode(CommentMode::Closed));
    let before = article.version;
    article.version += 1;
    article.edited_at = now;
    article.content = content.to_json()?;
    store::update(conn, &article, &content)?;
    previews::store::press_working_copy(conn, &frame, &article, &content, now)?;
    change_log::record(
        conn,
        change_log::EditableKind::Article,
        id.as_str(),
        article.version,
        None,
        &content.differences(&old),
        now,
    )?;
    // The import did this: an article that nobody edited may still be brought over again.
    imports::raise_version(conn, id, before, article.version)?;
    if is_live {
        let publication = Publication {
            published_at: article.published_at,
            is_minor: true,
            ..Publication::new(RevisionKind::Import, None, now)
        };
        publish(conn, &frame, &mut article, &content, &publication)?;
    } else {
        store::insert_revision(conn, &article, RevisionKind::Import, &content, None, None, now)?;
    }
    Ok(true)
}
