//! Moderators find what waits, see why, and decide. Every decision is in a log that only grows.
//!
//! - [`queue`]: what waits, page by page, and how much; [`search`]: what of it says something. [`claim`]: cards handed
//!   out, so that no two moderators hold the same one.
//! - [`context`]: all that one needs to decide. [`decide`]: decisions on one comment, and taking them back;
//!   [`bulk`]: on many.
//! - [`log`]: what anybody may know of moderation.
//! - [`model`]: the words; [`card`]: a comment as moderators see it; [`store`]: the statements.

pub mod bulk;
pub mod card;
pub mod claim;
pub mod context;
pub mod decide;
mod input;
pub mod log;
pub mod model;
pub mod queue;
mod search;
pub mod store;

use crate::access::auth::{Actor, Permission};
use crate::articles;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::site::frame::Frame;

/// A comment on an article that no grant covers is not there for the moderator.
///
/// # Errors
/// 404.
pub(super) fn check_scope(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    permission: Permission,
    article: ArticleId,
) -> Result<()> {
    if actor.may_everywhere(permission) {
        return Ok(());
    }
    let standing = articles::store::standing(conn, article)?;
    if actor.may(permission, &standing.subject(&frame.tree, actor)) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
