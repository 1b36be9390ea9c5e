//! What can be taken up again of an older content: things that it refers to may be gone by now, and
//! its slug another's.

use crate::articles::input::check_references;
use crate::articles::model::{Article, Byline, Content};
use crate::contributors::{self, ContributorId};
use crate::db::Conn;
use crate::error::{Code, Result};
use crate::site::Frame;
use crate::tags;

/// The content without sections, tags and contributors that are gone, and without a slug that is
/// another thing's.
///
/// # Errors
/// The database's.
pub(super) fn usable(conn: &mut Conn, frame: &Frame, article: &Article, mut content: Content) -> Result<Content> {
    content.section_id = content.section_id.filter(|id| frame.tree.get(*id).is_some());
    content
        .secondary_section_ids
        .retain(|id| frame.tree.get(*id).is_some() && Some(*id) != content.section_id);
    let known = tags::store::get_many(conn, &content.tag_ids)?;
    content.tag_ids.retain(|id| known.iter().any(|tag| tag.id == *id));
    let ids: Vec<ContributorId> = content
        .contributors
        .iter()
        .map(|byline| byline.contributor_id)
        .collect();
    let known = contributors::store::get_many(conn, &ids)?;
    let is_known = |byline: &Byline| known.iter().any(|contributor| contributor.id == byline.contributor_id);
    content.contributors.retain(is_known);
    match check_references(conn, frame, article, &content, &["slug"]) {
        Err(error) if error.code() == Code::SlugTaken => content.slug = None,
        other => other?,
    }
    Ok(content)
}
