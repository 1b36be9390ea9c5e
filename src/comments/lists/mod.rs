//! What readers get: an article's approved comments.
//!
//! [`threads`] shows them in threads and without, [`counts`] says how many there are on many articles
//! at once. [`view`] is what a comment is to readers, [`store`] finds the ones they see.

pub mod counts;
pub mod pages;
pub mod store;
pub mod threads;
pub mod view;

pub use pages::{CommentThreadList, first_thread_page};

use self::store::ShownComment;
use crate::base::clock::Time;
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::ids::CommentId;
use crate::base::secrets::Secrets;

/// The key of a comment in a list by date.
pub fn key(comment: &ShownComment) -> [String; 2] {
    [comment.created_at.to_string(), comment.id.to_string()]
}

/// The comment after which a page of a list by date begins.
///
/// # Errors
/// 400 `invalid_cursor`.
pub fn after(page: &PageRequest, secrets: &Secrets, binding: &CursorBinding) -> Result<Option<(Time, CommentId)>> {
    let Some([time, id]) = page.after::<2>(secrets, binding)? else {
        return Ok(None);
    };
    let key = Time::parse(&time).zip(CommentId::parse(&id));
    key.map(Some).ok_or_else(|| Error::new(Code::InvalidCursor))
}
