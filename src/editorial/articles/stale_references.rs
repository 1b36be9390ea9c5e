//! What can be taken from an older content: things that it refers to may be gone by now, and its slug may be another
//! thing's.

use crate::articles::model::{Article, Content};
use crate::base::db::Conn;
use crate::base::error::{Code, Result};
use crate::editorial::articles::input::{check_references, without_missing};
use crate::site::frame::Frame;

/// The content without sections, tags and contributors that are gone, and without a slug that is
/// another thing's.
pub fn without_stale_references(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: Content,
) -> Result<Content> {
    let mut content = without_missing(conn, frame, content)?;
    match check_references(conn, frame, article, &content, &["slug"]) {
        Err(error) if error.code() == Code::SlugTaken => content.slug = None,
        other => other?,
    }
    Ok(content)
}
